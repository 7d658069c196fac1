
# The guard. Its exit code 1 or 2 stops git, and so does a guard that fails where it judges a change.
# Without the program there is no guard: outside of a sandbox, that only prints a warning.
if [ "$name" = reference-transaction ] && [ "$1" != prepared ]; then
	exit 0 # only a prepared transaction can still be stopped
fi
sandboxed() {
	[ -n "$GIT_PM_RUN" ] && return 0
	# A sandbox hides the root folder.
	for entry in /*; do
		[ -e "$entry" ] && return 1
	done
	return 0
}
# Says what the guard could not do, and stops git, except in hooks that judge nothing.
failed() {
	case $name in
	prepare-commit-msg | commit-msg)
		echo "git pm: warning: $1" >&2
		return 0
		;;
	pre-push) past='git push --no-verify' ;;
	pre-merge-commit) past='git merge --no-verify' ;;
	reference-transaction) past='git -c core.hooksPath=/dev/null …' ;;
	*) past='git commit --no-verify' ;;
	esac
	echo "git pm: rejected: $1" >&2
	echo "hint: \`git pm doctor\` shows what is wrong" >&2
	sandboxed || echo "hint: without the check: \`$past\`" >&2
	return 1
}
guard() {
	binary=@BINARY@
	if ! { [ -f "$binary" ] && [ -x "$binary" ]; }; then
		binary=$(command -v git-pm 2>/dev/null)
		# With an empty PATH a shell looks in the current folder, which is repository content.
		case $binary in
		/*) ;;
		*) binary= ;;
		esac
	fi
	if [ -z "$binary" ]; then
		if sandboxed; then
			failed "the $name hook cannot find git-pm in this sandbox."
			return
		fi
		echo "git pm: warning: git-pm is no longer at the path where it was when this hook was installed, so the $name hook checked nothing." >&2
		echo "git pm: run \`git pm doctor\` to see what is wrong." >&2
		return 0
	fi
	run "$binary" hook run "$name" -- "$@"
	code=$?
	case $code in
	0) return 0 ;;
	1 | 2) return 1 ;; # 2: a setting of the caller cannot be read
	esac
	failed "the $name hook failed with exit code $code."
}
guard "$@" || exit 1
