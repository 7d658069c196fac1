//! `next --claim --wait`: waits for work. It looks again when the state moves in this clone, and
//! asks the remote now and then; claiming itself is that of `next --claim`, so of any number that
//! wait, in one clone or in several, one gets the item.

use std::time::{Duration, Instant};

use crate::error::{Kind, Result};
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::work::task::query::Tried;
use crate::work::task::start::options::{StartOptions, Started};

/// How often the state's ref is looked at: reading one small file.
const LOOK: Duration = Duration::from_millis(250);

/// How soon the remote is asked after something new came in.
const SOON: Duration = Duration::from_secs(3);

/// How seldom it is asked at last. What is ready by the clock alone is found as seldom.
const SELDOM: Duration = Duration::from_secs(30);

/// How long the remote may take to say what it has, in seconds.
const ANSWER_SECONDS: u64 = 15;

/// Nobody waits longer: it keeps sums of times within bounds.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);

/// Items that could not be started. Each try may claim one and take that back, here and at the
/// remote, so they are left alone for a time, whatever else is written meanwhile.
#[derive(Default)]
struct Failed {
    items: Vec<String>,
    /// Whether there are others that were not tried yet.
    more: bool,
    /// When it is tried again.
    again: Option<Instant>,
    /// How long they are left alone.
    pause: Duration,
}

impl Failed {
    /// Forgets them once their time has come and there are no others; how many are left.
    fn forget_old(&mut self) -> usize {
        if self.again.is_some_and(|again| Instant::now() >= again) {
            self.again = None;
            if !self.more {
                self.items.clear();
            }
        }
        self.items.len()
    }

    /// Notes what came of a try, before which there were `known` ones. Whether another one failed.
    fn note(&mut self, known: usize, tried: &Tried) -> bool {
        self.more = matches!(tried, Tried::Enough);
        let fresh = self.items.len() > known;
        if self.items.is_empty() {
            self.pause = Duration::ZERO;
        } else if fresh || self.again.is_none() {
            // The same ones, for another time.
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
    /// As `Tasks::claim_next`; while there is nothing to start, waits up to `limit` for it. Ends
    /// without a claim as soon as `stops` says so.
    ///
    /// # Errors
    /// As `Tasks::claim_next`: kind `Refused` when there was nothing all the time. A remote that
    /// cannot be reached while nothing is to be claimed is told, and asked again.
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
        loop {
            let mut seen = self.pm.items().state_id()?;
            let known = failed.forget_old();
            let tried = self.pm.try_next(options, &mut failed.items)?;
            if let Tried::Started(started) = tried {
                return Ok(*started);
            }
            if failed.note(known, &tried) {
                // A start that failed after its claim wrote that and took it back: no news.
                seen = self.pm.items().state_id()?;
            }
            let wake = (asked + pace).min(end).min(failed.again.unwrap_or(end));
            loop {
                std::thread::sleep(LOOK.min(wake.saturating_duration_since(Instant::now())));
                if Instant::now() >= wake || stops() || self.pm.items().state_id()? != seen {
                    break;
                }
            }
            if stops() || Instant::now() >= end {
                return Err(self.pm.nothing_started(&tried)?);
            }
            // What moved here may be what is waited for; it need not come by way of the remote. Others
            // who write here all the time are no reason never to ask it.
            if self.pm.items().state_id()? != seen {
                pace = SOON;
            }
            if Instant::now() < asked + pace {
                continue;
            }
            pace = match self.pm.bring_news()? {
                true => SOON,
                false => (pace * 3 / 2).min(SELDOM),
            };
            asked = Instant::now();
        }
    }
}

impl Pm {
    /// Joins what the remote has that this clone does not know; whether there was something.
    fn bring_news(&self) -> Result<bool> {
        let Some(remote) = self.main_remote() else {
            return Ok(false);
        };
        if !self.is_online() {
            return Ok(false);
        }
        let known = self.known_tip(&remote)?;
        // A `git fetch` of the user's may have brought it, and nobody joined it.
        let joined = match known {
            Some(known) => {
                let tip = self.store.require_tip()?;
                self.store.repo().is_ancestor(known, tip)?
            }
            None => false,
        };
        let news = match remote.tip_there(&self.store, ANSWER_SECONDS) {
            Ok(None) => Ok(false),
            Ok(there) if there == known && joined => Ok(false),
            Ok(_) => self.state().pull(&[]).map(|_| true),
            Err(error) => Err(error),
        };
        match news {
            Err(error) if error.kind() == Kind::Remote => {
                self.notice(format!("{}; still waiting", error.message()));
                Ok(false)
            }
            other => other,
        }
    }
}
