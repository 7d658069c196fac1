//! Rate limits, by arithmetic on the server's clock.

use std::collections::{BTreeMap, VecDeque};

use super::clock::Seconds;
use super::failure::Failure;

/// Requests an hour of a user.
const PRIMARY: u64 = 5000;
/// Requests an hour without a token.
const PRIMARY_ANONYMOUS: u64 = 60;
const HOUR: Seconds = 3600;
const MINUTE: Seconds = 60;

/// The limits and what was used of them.
#[derive(Debug)]
pub struct Limits {
    /// Refuse what goes beyond them; the headers are always there.
    pub enforced: bool,
    /// Requests an hour of a user.
    pub primary: u64,
    /// Created contents a minute of a user.
    pub contents_a_minute: usize,
    /// Created contents an hour of a user.
    pub contents_an_hour: usize,
    windows: BTreeMap<String, Window>,
    contents: BTreeMap<String, VecDeque<Seconds>>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            enforced: false,
            primary: PRIMARY,
            contents_a_minute: 80,
            contents_an_hour: 500,
            windows: BTreeMap::new(),
            contents: BTreeMap::new(),
        }
    }
}

/// An hour, from the first request.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub limit: u64,
    pub used: u64,
    pub reset: Seconds,
}

impl Window {
    pub fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

impl Limits {
    /// The hour of a user, or of those without a token.
    pub fn window(&mut self, login: Option<&str>, now: Seconds) -> Window {
        let limit = match login {
            Some(_) => self.primary,
            None => PRIMARY_ANONYMOUS.min(self.primary),
        };
        let fresh = Window {
            limit,
            used: 0,
            reset: now + HOUR,
        };
        let window = self.windows.entry(login.unwrap_or_default().to_string());
        let window = window.or_insert(fresh);
        if window.reset <= now {
            *window = fresh;
        }
        window.limit = limit;
        *window
    }

    /// Counts a request.
    ///
    /// # Errors
    /// 403 if the hour's requests are used up.
    pub fn count(&mut self, login: Option<&str>, now: Seconds) -> Result<(), Failure> {
        let window = self.window(login, now);
        if self.enforced && window.remaining() == 0 {
            let who = login.unwrap_or("an address");
            return Err(Failure::new(
                403,
                &format!("API rate limit exceeded for {who}."),
            ));
        }
        self.add(login, 1);
        Ok(())
    }

    /// Takes a counted request back: an answer 304 costs nothing.
    pub fn take_back(&mut self, login: Option<&str>) {
        if let Some(window) = self.windows.get_mut(login.unwrap_or_default()) {
            window.used = window.used.saturating_sub(1);
        }
    }

    fn add(&mut self, login: Option<&str>, requests: u64) {
        if let Some(window) = self.windows.get_mut(login.unwrap_or_default()) {
            window.used += requests;
        }
    }

    /// Uses up the hour of a user.
    pub fn exhaust(&mut self, login: Option<&str>, now: Seconds) -> Window {
        let remaining = self.window(login, now).remaining();
        self.add(login, remaining);
        self.window(login, now)
    }

    /// Counts created content.
    ///
    /// # Errors
    /// 403 with `retry-after` beyond the secondary limits.
    pub fn count_content(&mut self, login: &str, now: Seconds) -> Result<(), Failure> {
        let times = self.contents.entry(login.to_string()).or_default();
        while times.front().is_some_and(|time| *time <= now - HOUR) {
            times.pop_front();
        }
        if self.enforced {
            let in_minute = times.iter().filter(|time| **time > now - MINUTE).count();
            if in_minute >= self.contents_a_minute || times.len() >= self.contents_an_hour {
                return Err(secondary(Some(60)));
            }
        }
        times.push_back(now);
        Ok(())
    }
}

/// The answer beyond a secondary limit.
pub fn secondary(retry_after: Option<u64>) -> Failure {
    let failure = Failure::new(
        403,
        "You have exceeded a secondary rate limit and have been temporarily blocked from content \
         creation. Please retry your request again later.",
    );
    match retry_after {
        Some(seconds) => failure.with("retry-after", seconds),
        None => failure,
    }
}
