function __git_pm_values
    set -l words (commandline -opc)
    set -e words[1]
    git-pm __complete -- $words (commandline -ct) 2>/dev/null
end
complete -c git-pm -k -a '(__git_pm_values)'
function __git_pm_of_git
    set -l line git-pm
    set -l after
    for word in (commandline -opc)
        if set -q after[1]
            set -a line (string escape -- $word)
        else if test "$word" = pm
            set after yes
        end
    end
    complete -C "$line "(commandline -ct)
end
complete -c git -n '__fish_git_using_command pm' -a '(__git_pm_of_git)'
