//! `git pm help`.

use git_pm::Error;

use crate::commands::help_groups;
use crate::context::Context;
use crate::failure::Outcome;

/// Show help for git pm or a command
#[derive(clap::Args, Debug)]
pub struct HelpArgs {
    /// Command to show help for.
    pub command: Vec<String>,
    /// List all commands, one per line.
    #[arg(long, hide = true)]
    pub verbs: bool,
}

/// Prints the help of a command or of git pm.
pub fn run(context: &Context, args: &HelpArgs, mut tree: clap::Command) -> Outcome {
    if args.verbs {
        let verbs = help_groups::verbs(&tree);
        return context.list(&verbs, |page, verbs| {
            for verb in verbs {
                page.line(verb);
            }
        });
    }
    let mut command = &mut tree;
    let mut typed = String::from("git pm");
    for word in &args.command {
        let group = typed.replacen("git pm", "git pm help", 1);
        typed = format!("{typed} {word}");
        command = command.find_subcommand_mut(word).ok_or_else(|| {
            Error::usage(format!("unknown command `{typed}`"))
                .hint(format!("`{group}` lists the commands"))
        })?;
    }
    let help = if args.command.is_empty() {
        command.render_help()
    } else {
        command.render_long_help()
    };
    let data = serde_json::json!({ "help": help.to_string() });
    context.raw(&data, &help.ansi().to_string())
}
