function git --wraps git
    if not test "$argv[1]" = pm; or not contains -- "$argv[2]" cd start next finish merge task
        command git $argv
        return
    end
    set -l file (command mktemp); or return
    env GIT_PM_CD_FILE=$file git $argv
    set -l code $status
    set -l to (command cat -- $file)
    command rm -f -- $file
    if test -n "$to"
        cd -- "$to"; or return
    end
    return $code
end
