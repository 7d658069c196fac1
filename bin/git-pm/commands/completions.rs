//! `git pm completions`.

use clap_complete::Shell;

use crate::arguments::meant;
use crate::context::Context;
use crate::failure::Outcome;

/// Print a shell completion script
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm completions bash > ~/.local/share/bash-completion/completions/git-pm
  git pm completions zsh > ~/.zfunc/_git-pm
  git pm completions fish > ~/.config/fish/completions/git-pm.fish")]
pub struct CompletionsArgs {
    /// Shell to complete for.
    pub shell: Shell,
}

/// Makes git's own completion use this script for `git pm …`, as if `git-pm` had been typed, and asks
/// git pm for what the state knows. It takes the line as it is, as bash splits words at colons.
const BASH: &str = r#"
_git_pm() {
    local at=1
    while [[ $at -lt $COMP_CWORD && "${COMP_WORDS[at]}" != pm ]]; do at=$((at + 1)); done
    local COMP_WORDS=(git-pm "${COMP_WORDS[@]:at+1}") COMP_CWORD=$((COMP_CWORD - at))
    _git__pm git-pm "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
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
"#;

/// The same for zsh, whose git calls the function of `git-pm` itself.
const ZSH: &str = r#"
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
"#;

/// The same for fish, whose git knows nothing of other programs.
const FISH: &str = r#"
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
"#;

/// Prints the script.
pub fn run(context: &Context, args: &CompletionsArgs, mut tree: clap::Command) -> Outcome {
    for (short, whole) in meant::all_short() {
        let named = whole
            .split(' ')
            .try_fold(&tree, |at, word| at.find_subcommand(word));
        if let Some(named) = named.cloned() {
            tree = tree.subcommand(named.name(short));
        }
    }
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut tree, "git-pm", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    match args.shell {
        Shell::Bash => {
            // clap_complete 4.6 escapes the hyphen of a program in two ways and then does not find the
            // verbs.
            script = script.replace("git__subcmd__pm__", "git__pm__");
            script = asking_first(&script, "_git__pm() {");
            script += BASH;
        }
        Shell::Zsh => {
            let (first, rest) = script.split_once('\n').unwrap_or_default();
            script = format!("{first}\n{ZSH}{}", asking_first(rest, "_git-pm() {"));
        }
        Shell::Fish => script += FISH,
        _ => {}
    }
    let data = serde_json::json!({ "shell": args.shell.to_string(), "script": script });
    context.raw(&data, &script)
}

/// The script, whose function asks git pm before it offers what is in the script.
fn asking_first(script: &str, function: &str) -> String {
    script.replacen(
        function,
        &format!("{function}\n    _git_pm_values && return"),
        1,
    )
}
