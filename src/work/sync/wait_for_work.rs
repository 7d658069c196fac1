//! `next --claim --wait`: when it looks for work again.
//!
//! It checks again when the state of this clone changes, and polls the remote at intervals; the claim
//! is that of `next --claim`, so of any number of waiting processes, in one clone or in several, one
//! gets the item.

use std::time::{Duration, Instant};

use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::handles::Tasks;
use crate::work::nothing_to_start;
use crate::work::sync::bring_news;
use crate::work::task::next;
use crate::work::task::next::StartTry;
use crate::work::task::start::options::{StartOptions, Started};

/// The interval between reads of the state's ref, one small file.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The first interval between polls of the remote after something new arrived.
const SOON: Duration = Duration::from_secs(3);

/// The longest such interval. Work that becomes ready only by the clock is found at this rate too.
const SELDOM: Duration = Duration::from_secs(30);

/// The longest wait; it keeps sums of times within bounds.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);

/// Items that could not be started. Each try may claim one and roll that back, here and at the
/// remote, so they are skipped for a time, even if the state changes meanwhile.
#[derive(Default)]
struct Failed {
    items: Vec<Uid>,
    /// True if there are others that were not tried yet.
    more: bool,
    /// The time of the next try.
    again: Option<Instant>,
    /// The time for which they are skipped.
    pause: Duration,
}

impl Failed {
    /// Forgets them once their time has come and there are no others; returns how many are left.
    fn forget_old(&mut self) -> usize {
        if self.again.is_some_and(|again| Instant::now() >= again) {
            self.again = None;
            if !self.more {
                self.items.clear();
            }
        }
        self.items.len()
    }

    /// Records the result of a try, before which there were `known` ones. Returns true if another
    /// one failed.
    fn note(&mut self, known: usize, tried: &StartTry) -> bool {
        self.more = matches!(tried, StartTry::Enough);
        let fresh = self.items.len() > known;
        if self.items.is_empty() {
            self.pause = Duration::ZERO;
        } else if fresh || self.again.is_none() {
            // The same items, for another period.
            if known == 0 {
                self.pause = self.pause * 3 / 2;
            }
            self.pause = self.pause.clamp(SOON, SELDOM);
            self.again = Some(Instant::now() + self.pause);
        }
        fresh
    }
}

impl Tasks<'_> {
    /// As `Tasks::claim_next`; while there is nothing to start, waits for work up to `limit`. Ends
    /// without a claim as soon as `stops` returns true.
    ///
    /// # Errors
    /// As `Tasks::claim_next`: kind `Refused` when there was nothing during all that time. A remote
    /// that cannot be reached meanwhile is reported and polled again.
    pub fn claim_next_within(
        &self,
        options: &StartOptions,
        limit: Duration,
        stops: &dyn Fn() -> bool,
    ) -> Result<Started> {
        let end = Instant::now() + limit.min(LONGEST);
        let mut pace = SOON;
        let mut failed = Failed::default();
        let mut asked = Instant::now();
        let mut is_last = false;
        loop {
            let mut seen = self.pm.items().state_id()?;
            let known = failed.forget_old();
            let tried = next::try_next(self.pm, options, &mut failed.items)?;
            if let StartTry::Started(started) = tried {
                return Ok(*started);
            }
            if failed.note(known, &tried) {
                // A start that failed after its claim wrote the claim and its rollback: nothing
                // new.
                seen = self.pm.items().state_id()?;
            }
            if matches!(tried, StartTry::None) && !nothing_to_start::has_open_work(self.pm)? {
                // What is to be done may not be known here yet.
                if bring_news::bring_news(self.pm)? {
                    continue;
                }
                return Err(next::nothing_started(self.pm, &tried)?);
            }
            let wake = (asked + pace).min(end).min(failed.again.unwrap_or(end));
            loop {
                std::thread::sleep(
                    POLL_INTERVAL.min(wake.saturating_duration_since(Instant::now())),
                );
                if Instant::now() >= wake || stops() || self.pm.items().state_id()? != seen {
                    break;
                }
            }
            if stops() || Instant::now() >= end {
                // After a wait without news, too: a lease may have ended since the last look.
                if !is_last && !stops() && (bring_news::bring_news(self.pm)? || !limit.is_zero()) {
                    is_last = true;
                    continue;
                }
                return Err(next::nothing_started(self.pm, &tried)?);
            }
            // A change here may be the awaited one, so the remote need not be polled; constant
            // writes here must not keep it from being polled forever.
            if self.pm.items().state_id()? != seen {
                pace = SOON;
            }
            if Instant::now() < asked + pace {
                continue;
            }
            pace = match bring_news::bring_news(self.pm)? {
                true => SOON,
                false => (pace * 3 / 2).min(SELDOM),
            };
            asked = Instant::now();
        }
    }
}
