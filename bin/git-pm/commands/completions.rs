//! `git pm completions`.

use clap_complete::Shell;

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

/// Makes git's own completion use this script for `git pm …`, as if `git-pm` had been typed.
const BASH_BRIDGE: &str = r#"
_git_pm() {
    local at=1
    while [[ $at -lt $COMP_CWORD && "${COMP_WORDS[at]}" != pm ]]; do at=$((at + 1)); done
    local COMP_WORDS=(git-pm "${COMP_WORDS[@]:at+1}") COMP_CWORD=$((COMP_CWORD - at))
    _git__pm git-pm "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
}
"#;

/// Prints the script.
pub fn run(context: &Context, args: &CompletionsArgs, mut tree: clap::Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut tree, "git-pm", &mut script);
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if args.shell == Shell::Bash {
        // clap_complete 4.6 escapes the hyphen of a program in two ways and then does not find the
        // verbs.
        script = script.replace("git__subcmd__pm__", "git__pm__");
        script += BASH_BRIDGE;
    }
    let data = serde_json::json!({ "shell": args.shell.to_string(), "script": script });
    context.raw(&data, &script)
}
