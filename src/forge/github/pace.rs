//! How long to wait by the limits that an answer states. Pure.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The longest time that one request waits for a limit to end.
pub(super) const WAIT_MAX: Duration = Duration::from_secs(120);

/// The wait for a secondary limit whose end is not stated, as GitHub's documentation asks for.
const UNSTATED: Duration = Duration::from_secs(60);

/// What a status 403 or 429 means.
#[derive(Debug, PartialEq)]
pub(super) enum Pace {
    /// It is a refusal.
    Refused,
    /// A limit is reached until then.
    Wait(Duration),
}

/// The text of a header.
pub(super) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// When an answer was made, by the server's clock.
pub(super) fn date(headers: &HeaderMap) -> Option<jiff::Timestamp> {
    let date = jiff::fmt::rfc2822::parse(header(headers, DATE.as_str())?);
    Some(date.ok()?.timestamp())
}

/// Reads an answer of status 403 or 429. Times are compared with the server's own clock, as ours may differ.
pub(super) fn pace(status: u16, headers: &HeaderMap, body: &[u8]) -> Pace {
    let number = |name: &str| header(headers, name)?.trim().parse::<u64>().ok();
    if let Some(seconds) = number(RETRY_AFTER.as_str()) {
        return Pace::Wait(Duration::from_secs(seconds.max(1)));
    }
    if number("x-ratelimit-remaining") == Some(0)
        && let Some(reset) = number("x-ratelimit-reset")
    {
        let now = date(headers).and_then(|date| u64::try_from(date.as_second()).ok());
        let wait = reset.saturating_sub(now.unwrap_or(reset)) + 1;
        return Pace::Wait(Duration::from_secs(wait));
    }
    let body = String::from_utf8_lossy(body).to_lowercase();
    match status == 429 || body.contains("secondary rate limit") || body.contains("abuse detection")
    {
        true => Pace::Wait(UNSTATED),
        false => Pace::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, pairs: &[(&'static str, &'static str)], body: &str) -> Pace {
        let pairs = pairs.iter();
        let headers = pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        pace(status, &headers.collect(), body.as_bytes())
    }

    #[test]
    fn limits_are_told_from_refusals() {
        let wait = |seconds| Pace::Wait(Duration::from_secs(seconds));
        assert_eq!(
            read(403, &[], "{\"message\":\"Must have admin rights\"}"),
            Pace::Refused
        );
        assert_eq!(read(403, &[("retry-after", "7")], ""), wait(7));
        assert_eq!(read(429, &[("retry-after", "0")], ""), wait(1));
        assert_eq!(read(429, &[], ""), wait(60));
        let secondary = "{\"message\":\"You have exceeded a secondary rate limit.\"}";
        assert_eq!(read(403, &[], secondary), wait(60));
        // The server's clock counts, whatever ours says.
        let primary = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "784111800"),
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ];
        assert_eq!(read(403, &primary, ""), wait(24));
        assert_eq!(read(403, &primary[..2], ""), wait(1));
    }
}
