//! `git pm help`.

use git_pm::Error;

use crate::commands::help_groups;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;

/// Explain git pm or one of its commands
#[derive(clap::Args, Debug)]
pub struct HelpArgs {
    /// The command, as one types it.
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
    /// Lists every verb, one on a line.
    #[arg(long, hide = true)]
    pub verbs: bool,
}

/// Prints the help of a command, or of the whole.
///
/// # Errors
/// When there is no such command.
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
            Error::usage(format!("there is no command `{typed}`"))
                .hint(format!("`{group}` lists what there is"))
        })?;
    }
    let help = if args.command.is_empty() {
        command.render_help()
    } else {
        command.render_long_help()
    };
    if context.globals.json {
        let data = serde_json::json!({ "help": help.to_string() });
        return context.answer(&data, |_, _| {});
    }
    stdout::write(&help.ansi().to_string())?;
    Ok(Exit::DONE)
}
