_git_pm_values() {
    local line
    local -a values shown more
    for line in "${(@f)$(git-pm __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ -n $line ]] || continue
        values+=("${line%%$'\t'*}")
        shown+=("${line%%$'\t'*}  ${line#*$'\t'}")
    done
    (( $#values )) || return 1
    [[ $values[1] == *: ]] && more=(-S '')
    compadd -l -V git-pm "${more[@]}" -d shown -a values
}
