//! `git pm notify`: news that reach people outside of the repository.

use std::time::{Duration, Instant};

use git_pm::error::Kind;
use git_pm::notifications::{Delivery, DeliveryStatus, NewRule};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;
use crate::render;

/// The longest pause between two looks at the reader of standard output.
const LOOK: Duration = Duration::from_millis(400);

group! {
    /// Send news to Slack, Discord, ntfy, a webhook, mail or the desktop
    ///
    /// A rule says which news go where. Rules are in the git configuration of this clone, never in a file of
    /// the project or in its state, as an address often is a secret; only a human can add one. `git pm serve`
    /// sends news while it runs.
    #[command(defer = true, disable_help_subcommand = true)]
    NotifyCommand, run(context):
    Add(rule: NewRule) =>
        context.answer(&context.pm()?.notifications().add(&rule)?, render::notify::added),
    /// List the rules of this clone
    ///
    /// Of an address, only the host is shown.
    List => context.answer(&context.pm()?.notifications().list()?, render::notify::rules),
    /// Remove a rule
    #[command(visible_alias = "rm")]
    Remove {
        /// Name of the rule.
        name: String,
    } => context.answer(&context.pm()?.notifications().remove(&name)?, |page, rule| {
        page.line(format!("Removed the rule {}.", rule.name));
    }),
    /// Send what is pending, one message for each rule
    ///
    /// News that are not accepted are sent again the next time. If the process is killed after a message
    /// was accepted and before that is recorded, that message is sent once more.
    #[command(after_help = "\
Examples:
  git pm notify send --dry-run
  git pm notify send --watch
  */5 * * * * git -C ~/project pm notify send      in a crontab")]
    Send {
        /// Show what would be sent.
        #[arg(long)]
        dry_run: bool,
        /// Keep running, and send every so many seconds.
        #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "15",
            value_parser = clap::value_parser!(u64).range(1..=86_400), conflicts_with = "dry_run")]
        watch: Option<u64>,
    } => {
        let all = context.pm()?.notifications().send(dry_run)?;
        context.list(&all, render::notify::deliveries)?;
        match watch {
            None => Ok(Exit::of_if(all.iter().any(has_failed), Kind::Partial)),
            Some(seconds) => follow(context, Duration::from_secs(seconds)),
        }
    },
}

fn has_failed(one: &Delivery) -> bool {
    one.status == DeliveryStatus::Failed
}

/// Sends news until the reader of standard output is gone.
fn follow(context: &Context, interval: Duration) -> Outcome {
    loop {
        let begun = Instant::now();
        while let Some(left) = interval.checked_sub(begun.elapsed()) {
            if stdout::reader_leaves_within(left.min(LOOK)) {
                return Ok(Exit::DONE);
            }
        }
        // The settings may have changed.
        let pm = context.reopened(None)?;
        pm.state().follow_remote()?;
        let all = pm.notifications().send(false)?;
        if all.iter().any(|one| one.count > 0) {
            context.list(&all, render::notify::deliveries)?;
        }
    }
}
