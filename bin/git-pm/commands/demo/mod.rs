//! `git pm demo`: a day of two people and two agents, played with the real commands in a folder
//! made for it. Each command is shown with what it printed, and each outcome is checked, so the
//! demo is also a test that runs on the user's machine.

mod folder;
mod script;
mod stage;

use serde::Serialize;

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::render::style::Label;
use stage::{Stage, Step};

/// Show a day with git pm in throw-away repositories
///
/// Two people and two agents share one bare remote, with two clones and three worktrees in a new
/// folder for temporary files. Every command is real, shown with what it printed, and its outcome
/// is checked. Neither your repositories nor your git configuration nor the network are used.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm demo            play it, and leave the folder to look around in
  git pm demo --clean    play it and remove the folder")]
pub struct DemoArgs {
    /// Removes the folder at the end, unless something was off.
    #[arg(long)]
    pub clean: bool,
}

/// What was played, as JSON shows it.
#[derive(Serialize)]
struct Played<'a> {
    folder: String,
    kept: bool,
    checks: usize,
    steps: &'a [Step],
}

/// Plays the demo.
///
/// # Errors
/// When something is off; the folder then stays, and a hint says where it is.
pub fn run(context: &Context, args: &DemoArgs) -> Outcome {
    let mut stage = Stage::new(context)?;
    if let Err(failure) = script::play(&mut stage) {
        return Err(match failure {
            Failure::Error(error) => {
                let look = format!("everything is left as it was in {}", stage.shown(""));
                error.hint(look).into()
            }
            closed @ Failure::ClosedPipe => {
                // Nobody reads on, so nobody looks around either.
                stage.remove()?;
                closed
            }
        });
    }
    let played = Played {
        folder: stage.shown(""),
        kept: !args.clean,
        checks: stage.checks(),
        steps: stage.steps(),
    };
    if args.clean {
        stage.remove()?;
    }
    context.answer(&played, |page, played| {
        page.end().put(Label::Good, "All went as it should: ");
        page.line(&format!(
            "{} commands, {} checks.",
            played.steps.len(),
            played.checks
        ));
        if played.kept {
            page.line("Look around in the two clones and the remote:");
            for name in ["ana", "ben", "hub.git"] {
                page.field(name, Label::Path, &stage.shown(name));
            }
            let clone = crate::render::format::shell_quoted(&stage.shown("ana"));
            page.next(&[
                &format!("git -C {clone} log --stat"),
                &format!("git pm -C {clone} log"),
                &format!("git pm -C {clone} show T-0003"),
            ]);
            let folder = crate::render::format::shell_quoted(&played.folder);
            page.put(Label::Dim, "remove it: ");
            page.put(Label::Command, &format!("rm -rf {folder}")).end();
        }
    })
}
