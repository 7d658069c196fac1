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
const BASH: &str = include_str!("../../../templates/shell/completion.bash");

/// The same for zsh, whose git calls the function of `git-pm` itself.
const ZSH: &str = include_str!("../../../templates/shell/completion.zsh");

/// The same for fish, whose git knows nothing of other programs.
const FISH: &str = include_str!("../../../templates/shell/completion.fish");

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
            script = asking_first(&script, "_git__pm() {") + "\n" + BASH;
        }
        Shell::Zsh => {
            let (first, rest) = script.split_once('\n').unwrap_or_default();
            script = format!("{first}\n\n{ZSH}{}", asking_first(rest, "_git-pm() {"));
        }
        Shell::Fish => script = script + "\n" + FISH,
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
