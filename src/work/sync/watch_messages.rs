//! Waiting for mail: polls the state's ref, one small file, and on request also the remote.

use std::time::{Duration, Instant};

use crate::coordinate::message::{Inbox, InboxOptions};
use crate::error::{Error, Hint, Reason, Result};
use crate::pm::handles::Messages;
use crate::work::sync::bring_news;

/// The interval between reads of the state's ref.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The longest wait; it keeps sums of times within bounds.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);

impl Messages<'_> {
    /// Waits until there is unread mail, and returns it; mail that is unread already is returned at
    /// once. With `sync`, the remote is polled at this interval.
    ///
    /// # Errors
    /// Kind `Refused` when none arrived in time or `stops` returned true. A remote that cannot be
    /// reached is reported and polled again.
    pub fn watch(
        &self,
        limit: Option<Duration>,
        sync: Option<Duration>,
        stops: &dyn Fn() -> bool,
    ) -> Result<Inbox> {
        let end = Instant::now() + limit.unwrap_or(LONGEST).min(LONGEST);
        let main = self.pm.store.main_ref();
        let tip = || self.pm.store.repo().ref_target(main);
        let mut asked: Option<Instant> = None;
        loop {
            if let Some(every) = sync
                && asked.is_none_or(|asked| asked.elapsed() >= every)
            {
                bring_news::bring_news(self.pm)?;
                asked = Some(Instant::now());
            }
            let seen = tip()?;
            let inbox = self.inbox(&InboxOptions::default())?;
            if !inbox.items.is_empty() {
                return Ok(inbox);
            }
            loop {
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() || stops() {
                    return Err(Error::refused("no message arrived in time")
                        .because(Reason::MsgNone)
                        .hint(Hint::run(["sync"], "fetches messages from the remote")));
                }
                let due = sync
                    .zip(asked)
                    .map(|(every, at)| every.saturating_sub(at.elapsed()));
                if due.is_some_and(|due| due.is_zero()) {
                    break;
                }
                std::thread::sleep(POLL_INTERVAL.min(left).min(due.unwrap_or(POLL_INTERVAL)));
                if tip()? != seen {
                    break;
                }
            }
        }
    }
}
