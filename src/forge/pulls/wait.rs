//! Waiting for the checks of a pull request.

use std::time::{Duration, Instant};

use super::remote::PullCheckState;
use super::{PullAction, PullRequestView, RemotePull};
use crate::error::{Error, Reason, Result};
use crate::forge::Linked;
use crate::forge::local_files::{self, PATIENCE};
use crate::model::text::first_of;
use crate::model::uid::Uid;

/// The waits between two looks: from the first to the longest.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(15);

/// The time in which the first check of a new commit appears.
const APPEARS: Duration = Duration::from_secs(20);

/// The number of checks that an error names.
const NAMED: usize = 5;

impl Linked<'_> {
    /// Waits until the checks of the commit have ended, or it was merged; at most so many minutes.
    ///
    /// # Errors
    /// When one failed, the time is over, or GitHub cannot be reached.
    pub(super) fn wait(
        &mut self,
        uid: &Uid,
        view: &mut PullRequestView,
        minutes: u64,
    ) -> Result<()> {
        let Some(number) = view.number else {
            return Ok(());
        };
        // Others may exchange meanwhile.
        self.exclusive = None;
        let began = Instant::now();
        let mut pause = FIRST;
        loop {
            let pull = self.forge.pull(number)?;
            let pull = pull.ok_or_else(|| crate::forge::unexpected("pull request"))?;
            if pull.merged.is_some() && self.ended(uid, &pull, &mut view.notes)? {
                view.action = PullAction::Merged;
                return Ok(());
            }
            // Somebody may have pushed.
            view.commit = pull.commit;
            view.checks = self.forge.checks(&view.commit)?;
            let named = |state: PullCheckState| {
                let checks = view.checks.iter().filter(move |one| one.state == state);
                checks.map(|one| one.name.clone()).collect::<Vec<_>>()
            };
            let failed = named(PullCheckState::Failed);
            let waiting = named(PullCheckState::Waiting);
            if !failed.is_empty() {
                let failed = first_of(&failed, NAMED);
                let text = format!("checks of pull request #{number} failed: {failed}");
                return Err(Error::refused(text)
                    .because(Reason::ForgeChecksFailed)
                    .about(&view.id)
                    .hint(format!("{} has their output", self.url(number))));
            }
            let is_none = view.checks.is_empty();
            if is_none && began.elapsed() > APPEARS {
                let text = "no check has appeared for its commit";
                view.notes.push(text.into());
                return Ok(());
            }
            if waiting.is_empty() && !is_none {
                return Ok(());
            }
            if began.elapsed() > Duration::from_secs(60 * minutes) {
                let waiting = first_of(&waiting, NAMED);
                let text = format!(
                    "checks of pull request #{number} have not ended after {minutes} minutes: {waiting}"
                );
                return Err(Error::remote(text)
                    .because(Reason::ForgeWaiting)
                    .about(&view.id)
                    .hint("run the command again, or give it more time with `--timeout`"));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST);
        }
    }

    fn ended(&mut self, uid: &Uid, pull: &RemotePull, notes: &mut Vec<String>) -> Result<bool> {
        self.exclusive = Some(local_files::exclusive(self.pm, PATIENCE)?);
        let done = self.follow(uid, pull, None, notes)?.is_done();
        self.exclusive = None;
        Ok(done)
    }
}
