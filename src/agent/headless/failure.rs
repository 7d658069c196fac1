//! Whether an agent or a provider failed for a moment, at a rate limit, without a login, or for good.
//!
//! An HTTP status or the words of a message decide it. The agents report nothing more precise: their
//! errors are free text that differs by provider and version.

use std::time::Duration;

use super::clean_text;
use super::report::{Class, Wait};
use crate::model::text;

/// A failure as reported by an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::agent) struct Failure {
    pub class: Class,
    pub message: String,
}

impl Failure {
    /// A failure of a known class.
    pub(in crate::agent) fn new(class: Class, message: &str) -> Failure {
        let message = clean_text::error(message);
        Failure {
            class,
            message: match message.is_empty() {
                true => "it failed".into(),
                false => message,
            },
        }
    }

    /// The failure that a message describes; `status` is the HTTP status, if given separately.
    pub(in crate::agent) fn from_message(message: &str, status: Option<u64>) -> Failure {
        let lower = text::head(message, 4096).to_ascii_lowercase();
        let status = status.or_else(|| status_in(&lower));
        let class = by_words(&lower, OVER_STATUS)
            .or_else(|| status.and_then(by_status))
            .or_else(|| by_words(&lower, WORDS));
        let class = match class {
            Some(Kind::Transient) => Class::Transient,
            Some(Kind::RateLimited) => Class::RateLimited {
                retry_after: wait_in(&lower),
            },
            Some(Kind::Authentication) => Class::Authentication,
            Some(Kind::Permanent) => Class::Permanent,
            None => Class::Unknown,
        };
        Failure::new(class, message)
    }

    /// The same failure, with a wait that was given separately from the message.
    pub(in crate::agent) fn waiting(mut self, wait: Option<Wait>) -> Failure {
        if let (Class::RateLimited { retry_after }, Some(_)) = (&mut self.class, wait) {
            *retry_after = wait;
        }
        self
    }

    /// The same failure, with this class if its own is unknown.
    pub(in crate::agent) fn or(mut self, class: Class) -> Failure {
        if self.class == Class::Unknown {
            self.class = class;
        }
        self
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Transient,
    RateLimited,
    Authentication,
    Permanent,
}
use Kind::{Authentication, Permanent, RateLimited, Transient};

/// The kind of an HTTP status; 529 is Anthropic's status for an overload.
fn by_status(status: u64) -> Option<Kind> {
    Some(match status {
        401 | 403 => Authentication,
        408 | 409 | 425 => Transient,
        429 => RateLimited,
        400..=499 => Permanent,
        500..=599 => Transient,
        _ => return None,
    })
}

/// Phrases that take precedence over the status: an empty account is also reported as 429.
const OVER_STATUS: &[(&str, Kind)] = &[
    ("insufficient_quota", Permanent),
    ("check your plan and billing", Permanent),
    ("credit balance", Permanent),
    ("billing_error", Permanent),
    ("insufficient credits", Permanent),
];

/// Phrases for a message without a status; the first match decides.
const WORDS: &[(&str, Kind)] = &[
    ("context length", Permanent),
    ("context_length", Permanent),
    ("context window", Permanent),
    ("prompt is too long", Permanent),
    ("rate limit", RateLimited),
    ("rate_limit", RateLimited),
    ("ratelimit", RateLimited),
    ("too many requests", RateLimited),
    ("usage limit", RateLimited),
    ("session limit", RateLimited),
    ("weekly limit", RateLimited),
    ("hit your limit", RateLimited),
    ("resource_exhausted", RateLimited),
    ("exhausted your capacity", RateLimited),
    ("quota", RateLimited),
    ("authenticat", Authentication),
    ("unauthorized", Authentication),
    ("not logged in", Authentication),
    ("login required", Authentication),
    ("please run /login", Authentication),
    ("invalid auth method", Authentication),
    ("set an auth method", Authentication),
    ("missing environment variable", Authentication),
    ("api key", Authentication),
    ("api_key", Authentication),
    ("apikey", Authentication),
    ("overloaded", Transient),
    ("high demand", Transient),
    ("stream disconnected", Transient),
    ("stream ended", Transient),
    ("stream closed", Transient),
    ("internal server error", Transient),
    ("internalservererror", Transient),
    ("service unavailable", Transient),
    ("serviceunavailable", Transient),
    ("bad gateway", Transient),
    ("gateway timeout", Transient),
    ("connection error", Transient),
    ("connection refused", Transient),
    ("connection reset", Transient),
    ("econnre", Transient),
    ("etimedout", Transient),
    ("enotfound", Transient),
    ("eai_again", Transient),
    ("timed out", Transient),
    ("timeout", Transient),
    ("socket hang up", Transient),
    ("fetch failed", Transient),
    ("network error", Transient),
    ("error sending request", Transient),
    ("premature close", Transient),
    ("temporar", Transient),
    ("model not found", Permanent),
    ("model_not_found", Permanent),
    ("unknown model", Permanent),
    ("invalid_request", Permanent),
    ("invalid request", Permanent),
    ("unexpected argument", Permanent),
    ("unknown argument", Permanent),
    ("unknown option", Permanent),
];

fn by_words(lower: &str, words: &[(&str, Kind)]) -> Option<Kind> {
    let found = words.iter().find(|(word, _)| lower.contains(word));
    found.map(|(_, kind)| *kind)
}

/// The status in `unexpected status 401`, `status: 429`, `API Error: 529`, `"code":500`, `429 …`.
fn status_in(lower: &str) -> Option<u64> {
    if let Some(status) = status_at_start(lower) {
        return Some(status);
    }
    ["status", "error", "code", "http"].iter().find_map(|word| {
        lower.match_indices(word).find_map(|(at, word)| {
            let rest = &lower[at + word.len()..];
            let rest = rest.strip_prefix(" code").unwrap_or(rest);
            let rest = rest.trim_start_matches([' ', ':', '"', '=', '(', '\\']);
            status_at_start(rest)
        })
    })
}

/// The error status at the beginning of a text.
fn status_at_start(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let status = text[..digits].parse().ok()?;
    (400..600).contains(&status).then_some(status)
}

/// The wait that a lower-case message gives: `try again in 1m 20s`, `retry after 30`,
/// `limit reached|1735689600`.
pub(super) fn wait_in(lower: &str) -> Option<Wait> {
    if let Some((_, rest)) = lower.split_once("limit reached|") {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Ok(time) = rest[..digits].parse() {
            return Some(Wait::Until(time));
        }
    }
    let phrases = [
        "again in ",
        "retry in ",
        "retrying in ",
        "retry after ",
        "retry-after",
        "retrydelay",
        "reset after ",
        "resets in ",
    ];
    phrases.iter().find_map(|phrase| {
        let (_, rest) = lower.split_once(phrase)?;
        let rest = rest.trim_start_matches([' ', ':', '"', '=', '\\']);
        duration(rest).map(Wait::For)
    })
}

/// The duration at the beginning of a text: `1.5s`, `90`, `2 minutes 30 seconds`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut seconds = 0.0;
    let mut rest = text;
    let mut parts = 0;
    loop {
        let digits = rest
            .bytes()
            .take_while(|c| c.is_ascii_digit() || *c == b'.')
            .count();
        let Ok(number) = rest[..digits].trim_end_matches('.').parse::<f64>() else {
            break;
        };
        let after = rest[digits..].trim_start_matches(' ');
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match &after[..letters] {
            "ms" | "millisecond" | "milliseconds" => 0.001,
            "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
            "d" | "day" | "days" => 86400.0,
            _ if parts == 0 => 1.0,
            _ => break,
        };
        seconds += number * unit;
        parts += 1;
        rest = after[letters..].trim_start_matches([' ', ',']);
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    if parts == 0 {
        return None;
    }
    // The longest wait is a week.
    Duration::try_from_secs_f64(seconds.min(7.0 * 86400.0)).ok()
}
