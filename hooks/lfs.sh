
# git-lfs uploads its files in the pre-push hook, but does not replace a hook of another tool. So if
# the pushed commits have such files, and no earlier hook uploads them, this one does.
sent() {
	for hook in "$before" "$configured"; do
		[ -n "$hook" ] || continue
		while IFS= read -r line || [ -n "$line" ]; do
			case $line in *lfs*) return 0 ;; esac
		done <"$hook"
	done
	return 1
}
wanted() {
	while IFS= read -r line; do
		line=${line% *}
		case ${line##* } in refs/pm/*) continue ;; esac
		line=${line% *}
		tip=${line##* }
		case $tip in *[!0]*) ;; *) continue ;; esac
		GIT_NO_LAZY_FETCH=1 git grep -q -F filter=lfs "$tip" -- ':(glob)**/.gitattributes' </dev/null 2>/dev/null && return 0
	done
	return 1
}
if ! sent && run wanted; then
	if ! git lfs version </dev/null >/dev/null 2>&1; then
		echo "git pm: push rejected: .gitattributes assigns files to git-lfs, which is not installed, so their content would not be pushed." >&2
		echo "hint: install git-lfs, then run \`git pm init\`; or, if no such file was changed, use \`git push --no-verify\`" >&2
		exit 1
	fi
	run git lfs pre-push "$@" || exit $?
fi
