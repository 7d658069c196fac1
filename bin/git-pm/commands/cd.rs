//! `git pm cd`, and the shell function with which it and others change the shell's folder.
//!
//! A program cannot change the folder of its shell: the function reads it from a file that it made,
//! as one text that the shell does not evaluate.

use std::path::Path;

use git_pm::verbs::clone::WorktreePath;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::{shell_folder, stderr};

/// Change to the worktree of an item
///
/// That takes `eval "$(git pm shell bash)"` in the configuration of the shell; else prints the
/// path.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm cd T-0001
  git pm cd              the main worktree")]
pub struct CdArgs {
    /// Item ID; the main worktree without one.
    pub id: Option<String>,
}

/// Print the function with which the shell changes to worktrees
///
/// It is named `git`, and passes everything on to git. After `git pm cd`, `start` and `next --claim`,
/// and after `finish` and `merge` if the folder is gone, it changes the shell's folder. Scripts do
/// not see it.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  eval \"$(git pm shell bash)\"          in ~/.bashrc
  eval \"$(git pm shell zsh)\"           in ~/.zshrc
  git pm shell fish | source           in ~/.config/fish/config.fish")]
pub struct ShellArgs {
    /// The shell.
    pub shell: Shell,
}

/// The shells with a function.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// The function in bash and zsh. `function` keeps an alias of that name from being expanded.
const POSIX: &str = include_str!("../../../templates/shell/function.sh");

/// The function in fish.
const FISH: &str = include_str!("../../../templates/shell/function.fish");

/// Prints the function.
pub fn shell(context: &Context, args: &ShellArgs) -> Outcome {
    let (name, script) = match args.shell {
        Shell::Bash => ("bash", POSIX),
        Shell::Zsh => ("zsh", POSIX),
        Shell::Fish => ("fish", FISH),
    };
    let data = serde_json::json!({ "shell": name, "script": script });
    context.raw(&data, script)
}

/// Changes to a worktree.
pub fn run(context: &Context, args: &CdArgs) -> Outcome {
    let path = match &args.id {
        Some(id) => context.verb(WorktreePath { id: id.clone() })?.path,
        None => context.main_worktree()?,
    };
    let entered = shell_folder::enter(Path::new(&path));
    if context.globals.json || !entered {
        let data = serde_json::json!({ "path": path });
        let printed = context.raw(&data, &format!("{path}\n"));
        if !entered && !context.globals.json && !context.globals.quiet {
            stderr::note(
                "`eval \"$(git pm shell bash)\"`, or zsh or fish, has the shell change to it",
            );
        }
        return printed;
    }
    Ok(Exit::DONE)
}
