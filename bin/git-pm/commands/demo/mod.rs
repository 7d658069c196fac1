//! `git pm demo`: a day of two people and two agents, run with the real commands in a temporary folder.
//!
//! Each command is shown with its output, and each outcome is checked, so the demo is also a test on
//! the user's machine.

mod agents;
mod folder;
mod script;
mod stage;

use serde::Serialize;

use crate::context::Context;
use crate::failure::{Failure, Outcome};
use crate::render::style::Label;
use stage::{Stage, Step};

/// Run a scripted demo in throwaway repositories
///
/// Two people and two agents share a bare remote, with two clones and three worktrees in a new
/// temporary folder. Every command is real, shown with its output, and checked. Your repositories,
/// your git configuration and the network are not used. With `--agents`, `git pm run` starts agents
/// that replay a transcript, in one clone.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm demo            run it and keep the folder
  git pm demo --web      the same, then show the page of its project in a browser
  git pm demo --agents   let agents work that replay a transcript
  git pm demo --clean    run it and remove the folder")]
pub struct DemoArgs {
    /// Play the work of agents, from a transcript: no model is called.
    #[arg(long)]
    pub agents: bool,
    /// Show the board of the project afterwards.
    #[arg(long, conflicts_with = "web")]
    pub tui: bool,
    /// Show the page of the project in a browser afterwards, until it is interrupted.
    #[arg(long)]
    pub web: bool,
    /// Remove the folder at the end, unless a check failed.
    #[arg(long)]
    pub clean: bool,
}

/// The result as JSON.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Played<'a> {
    folder: String,
    kept: bool,
    checks: usize,
    steps: &'a [Step],
}

/// Runs the demo.
pub fn run(context: &Context, args: &DemoArgs) -> Outcome {
    let mut stage = Stage::new(context)?;
    let (played, places) = match args.agents {
        true => (agents::play(&mut stage), &["ana"][..]),
        false => (script::play(&mut stage), &["ana", "ben", "hub.git"][..]),
    };
    if let Err(failure) = played {
        return Err(match failure {
            Failure::Error(error) => {
                let look = format!("the repositories are in {}", stage.shown(""));
                error.hint(look).into()
            }
            closed @ Failure::ClosedPipe => {
                // The reader is gone, so the folder is not needed.
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
    let outcome = context.answer(&played, |page, played| {
        page.end().put(Label::Good, "All checks passed: ");
        page.line(format!(
            "{} commands, {} checks.",
            played.steps.len(),
            played.checks
        ));
        if played.kept {
            page.line("Explore the repositories:");
            for name in places {
                page.field(name, Label::Path, stage.shown(name));
            }
            let clone = crate::render::format::shell_quoted(&stage.shown("ana"));
            page.next(&[
                &format!("git -C {clone} log --stat"),
                &format!("git pm -C {clone} log"),
                &format!("git pm -C {clone} show T-0001"),
            ]);
            let folder = crate::render::format::shell_quoted(&played.folder);
            page.put(Label::Dim, "remove it: ");
            page.put(Label::Command, format!("rm -rf {folder}")).end();
        }
    })?;
    if args.tui {
        stage.look(places[0], &["board"])?;
    }
    if args.web {
        stage.look(places[0], &["serve", "--open"])?;
    }
    if args.clean {
        stage.remove()?;
    }
    Ok(outcome)
}
