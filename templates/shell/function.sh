function git {
    case "${1-} ${2-}" in
        'pm cd' | 'pm start' | 'pm next' | 'pm finish' | 'pm merge' | 'pm task') ;;
        *) command git "$@"; return ;;
    esac
    local file to code=0
    file=$(command mktemp) || { command git "$@"; return; }
    GIT_PM_CD_FILE=$file command git "$@" || code=$?
    to=$(command cat -- "$file")
    command rm -f -- "$file"
    [ -z "$to" ] || cd -- "$to" || return
    return "$code"
}
