
# The guard. Its exit code 1 or 2 stops git; if the guard itself fails, it only prints a warning.
if [ "$name" = reference-transaction ] && [ "$1" != prepared ]; then
	exit 0 # only a prepared transaction can still be stopped
fi
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
	echo "git pm: warning: the $name hook failed with exit code $code, so nothing was checked." >&2
	echo "git pm: run \`git pm doctor\` to see what is wrong." >&2
	return 0
}
guard "$@" || exit 1
