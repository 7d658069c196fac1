_git_pm() {
    local at=1
    while [[ $at -lt $COMP_CWORD && "${COMP_WORDS[at]}" != pm ]]; do at=$((at + 1)); done
    local COMP_WORDS=(git-pm "${COMP_WORDS[@]:at+1}") COMP_CWORD=$((COMP_CWORD - at))
    # git's own completion adds no space after a word, and leaves that to its functions.
    compopt +o nospace 2>/dev/null
    _git__pm git-pm "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
    [[ ${#COMPREPLY[@]} -eq 1 ]] || return 0
    if [[ ${COMP_WORDS[COMP_CWORD-1]} == -* && -d ${COMPREPLY[0]} ]]; then
        compopt -o nospace 2>/dev/null
    elif [[ ${BASH_VERSINFO[0]} -lt 4 && ${COMPREPLY[0]} != *: ]]; then
        COMPREPLY[0]+=" "
    fi
    return 0
}
_git_pm_values() {
    [[ -n ${COMP_LINE-} ]] || return 1
    local line=${COMP_LINE:0:COMP_POINT} at=0 word value title
    local -a words titles=()
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    while [[ $at -lt ${#words[@]} && ${words[at]} != pm && ${words[at]} != *git-pm ]]; do at=$((at + 1)); done
    word=${words[${#words[@]} - 1]}
    [[ $COMP_WORDBREAKS == *:* ]] && word=${word%"${word##*[:=]}"} || word=
    COMPREPLY=()
    while IFS=$'\t' read -r value title; do
        COMPREPLY+=("${value#"$word"}")
        titles+=("${value#"$word"}${title:+  $title}")
    done < <(git-pm __complete -- "${words[@]:at+1}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -gt 0 ]] || return 1
    # A list that is only shown, after the second tabulator, has the titles.
    [[ ${COMP_TYPE-} == 63 && ${#COMPREPLY[@]} -gt 1 ]] && COMPREPLY=("${titles[@]}")
    [[ ${COMPREPLY[0]} == *: ]] && compopt -o nospace 2>/dev/null
    return 0
}
