#!/bin/sh
# git-pm hook shim, version 2: @NAME@
# Written by `git pm init`. If another tool needs this hook, let it overwrite this file
# (`git lfs update --force`) and run `git pm init` again: then both run.
name=@NAME@
folder=@FOLDER@

# The earlier hook is in a sibling folder under its own name: at the same depth, so that paths it
# derives from $0 stay valid. Nothing here needs a program from PATH: a GUI may have none.
here=${0%/*}
case $here in
*/*) parent=${here%/*} ;;
*) parent=. ;;
esac
before=$parent/hooks-before-git-pm/$name
{ [ -f "$before" ] && [ -x "$before" ]; } || before=
configured=
# A relative folder that is not tracked (.husky/_) exists in the main worktree only: from there its
# hooks run in linked worktrees, too. The same holds for the part of it that is not tracked (husky 8).
# A sandbox that hides the main worktree lets nothing of it be opened.
case $folder in
'' | /*) ;;
*)
	main=${parent%/.git/pm}/$folder
	if [ "${parent%/.git/pm}" != "$parent" ] && [ -f .git ] && (: <"$main/$name") 2>/dev/null; then
		{ [ -e "$folder" ] && { [ -e "$folder/_" ] || [ ! -e "$main/_" ]; }; } || folder=$main
	fi
	;;
esac
if [ -n "$folder" ] && [ -f "$folder/$name" ] && [ -x "$folder/$name" ]; then
	configured=$folder/$name
fi

# Standard input can be read once, and each hook below needs all of it.
buffered=
input=
case $name in
pre-push | reference-transaction | post-rewrite | pre-receive | post-receive)
	if [ -n "$before$configured" ] || [ "$name" = pre-push ]; then
		buffered=yes
		if [ -x /bin/cat ]; then
			input=$(/bin/cat)
		else
			while IFS= read -r line || [ -n "$line" ]; do
				input="${input:+$input
}$line"
			done
		fi
	fi
	;;
esac

run() {
	if [ -z "$buffered" ]; then
		"$@"
	elif [ -z "$input" ]; then
		"$@" </dev/null
	else
		"$@" <<GIT_PM_INPUT
$input
GIT_PM_INPUT
	fi
}

if [ -n "$before" ]; then run "$before" "$@" || exit $?; fi
if [ -n "$configured" ]; then run "$configured" "$@" || exit $?; fi
