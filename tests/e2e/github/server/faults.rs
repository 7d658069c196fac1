//! What goes wrong on request: refusals, lost answers, closed connections, expired tokens, clocks off.

use std::time::Duration;

use super::clock::Clock;
use super::failure::Failure;
use super::limits::secondary;

/// What goes wrong with one request.
#[derive(Clone, Debug)]
pub enum Fault {
    /// 500 with JSON.
    InternalError,
    /// 502 with a page in HTML.
    BadGateway,
    /// 403 without a reason.
    Forbidden,
    /// 403 with `retry-after`, in seconds.
    ForbiddenRetryAfter(u64),
    /// 429 with `retry-after`, in seconds.
    TooManyRequests(u64),
    /// 403 of the secondary limit, with or without `retry-after`.
    SecondaryLimit(Option<u64>),
    /// 403 with no requests left until the hour is over.
    PrimaryLimit,
    /// The connection is closed; nothing was applied.
    CloseBefore,
    /// The connection is closed after the request was applied.
    CloseAfter,
    /// 502 with a page in HTML, after the request was applied.
    BadGatewayAfter,
    /// The answer takes this long.
    Slow(Duration),
    /// The request's token is valid no longer.
    TokenExpires,
    /// The header `Date` of the answer is off by so many seconds.
    DateOff(i64),
}

/// Faults that wait for their request.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    method: Option<String>,
    path: String,
    /// Requests until then.
    left: usize,
    fault: Fault,
}

impl Faults {
    /// The `nth` request from now, counted from 1, of this method (any if empty) whose path
    /// contains this text.
    pub fn add(&mut self, method: &str, path: &str, nth: usize, fault: Fault) {
        assert!(nth > 0, "requests are counted from 1");
        self.rules.push(Rule {
            method: (!method.is_empty()).then(|| method.to_string()),
            path: path.to_string(),
            left: nth,
            fault,
        });
    }

    /// Faults that no request has met.
    pub fn waiting(&self) -> usize {
        self.rules.len()
    }

    /// The fault of a request, of those that wait the first.
    pub fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let mut due = None;
        for (index, rule) in self.rules.iter_mut().enumerate() {
            let is_method = rule.method.as_deref().is_none_or(|one| one == method);
            if is_method && path.contains(&rule.path) {
                rule.left = rule.left.saturating_sub(1);
                if rule.left == 0 && due.is_none() {
                    due = Some(index);
                }
            }
        }
        due.map(|index| self.rules.remove(index).fault)
    }
}

impl Fault {
    /// The refusal in place of the request, if it is one.
    pub fn refusal(&self, clock: &Clock) -> Option<Failure> {
        Some(match self {
            Fault::InternalError => Failure::new(500, "Server Error"),
            Fault::BadGateway => Failure::new(502, ""),
            Fault::Forbidden => Failure::new(403, "Forbidden"),
            Fault::ForbiddenRetryAfter(seconds) => {
                Failure::new(403, "Forbidden").with("retry-after", seconds)
            }
            Fault::TooManyRequests(seconds) => {
                Failure::new(429, "Too many requests").with("retry-after", seconds)
            }
            Fault::SecondaryLimit(seconds) => secondary(*seconds),
            Fault::PrimaryLimit => Failure::new(403, "API rate limit exceeded for the user.")
                .with("x-ratelimit-remaining", 0)
                .with("x-ratelimit-reset", clock.now() + 600),
            _ => return None,
        })
    }
}

/// The page that a broken gateway sends.
pub const BAD_GATEWAY: &str = "<!DOCTYPE html><html><head><title>Unicorn! &middot; GitHub</title></head>\
     <body><p>We had issues producing the response to your request.</p></body></html>";
