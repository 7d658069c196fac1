//! `git pm help`.

use git_pm::{Error, Result};

use crate::arguments::meant;
use crate::commands::help_groups::{self, GROUPS, group_of};
use crate::commands::help_tree;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render::style::Label;

/// Show help for git pm or a command
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm help task create
  git pm help --all             all commands, one line each
  git pm help --all --json      all commands with their arguments and flags, for programs
  git pm help --all task --json")]
pub struct HelpArgs {
    /// Command to show help for.
    pub command: Vec<String>,
    /// List all commands, or those of a group; --json adds arguments, flags and examples.
    #[arg(long, conflicts_with = "verbs")]
    pub all: bool,
    /// List all commands, one per line.
    #[arg(long, hide = true)]
    pub verbs: bool,
}

/// Prints the help of a command or of git pm.
pub fn run(context: &Context, args: &HelpArgs, tree: &clap::Command) -> Outcome {
    if args.verbs {
        let verbs = help_groups::verbs(tree);
        return context.list(&verbs, |page, verbs| {
            for verb in verbs {
                page.line(verb);
            }
        });
    }
    if args.all {
        return all(context, &args.command, tree);
    }
    let whole = args.command.first().and_then(|word| meant::short(word));
    let whole: Vec<String> = match whole {
        Some(whole) => whole.split(' ').map(str::to_string).collect(),
        None => args.command.clone(),
    };
    let mut command = named(tree, &whole)?.clone();
    let help = if args.command.is_empty() {
        command.render_help()
    } else {
        command.render_long_help()
    };
    let data = serde_json::json!({ "help": help.to_string() });
    context.raw(&data, &help.ansi().to_string())
}

/// Lists all commands, or those of a group.
fn all(context: &Context, words: &[String], tree: &clap::Command) -> Outcome {
    let listed = help_tree::of(tree, named(tree, words)?, &words.join(" "));
    context.paged(&listed, |page, listed| {
        for (at, (heading, _)) in GROUPS.iter().enumerate() {
            let verbs = listed.commands.iter();
            let verbs: Vec<_> = verbs
                .filter(|verb| group_of(&verb.name) == Some(at))
                .collect();
            page.section(heading, 1, &verbs, |_, verb| {
                [Label::Command.of(&verb.name), Label::Text.of(&verb.summary)]
            });
        }
        if words.is_empty() {
            page.gap().hints(&[meant::ISSUES]);
        }
    })
}

/// The command of these words.
fn named<'t>(tree: &'t clap::Command, words: &[String]) -> Result<&'t clap::Command> {
    let (mut command, mut typed) = (tree, String::new());
    for word in words {
        let group = typed.clone();
        typed = format!("{typed} {word}");
        command = command.find_subcommand(word).ok_or_else(|| {
            Error::usage(format!("unknown command `git pm{typed}`"))
                .hint(format!("`git pm help{group}` lists the commands"))
        })?;
    }
    Ok(command)
}
