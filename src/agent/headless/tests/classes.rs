//! Classes of failures, and waits.

use std::time::Duration;

use super::super::{Class, Wait};
use crate::agent::headless::failure::{Failure, duration};

fn class(message: &str) -> Class {
    Failure::from_message(message, None).class
}

/// RC-10, MR-13: messages as the agents and providers word them.
#[test]
fn messages_have_classes() {
    let limited = Class::RateLimited { retry_after: None };
    for (message, expected) in [
        (
            "unexpected status 401 Unauthorized: fake 401, url: http://x/v1/responses",
            Class::Authentication,
        ),
        (
            "exceeded retry limit, last status: 429 Too Many Requests",
            limited,
        ),
        (
            "We’re currently experiencing high demand, which may cause temporary errors.",
            Class::Transient,
        ),
        (
            "stream disconnected before completion: error sending request",
            Class::Transient,
        ),
        (
            "Missing environment variable: `FAKE_KEY`.",
            Class::Authentication,
        ),
        ("API Error: 529 {\"type\":\"error\"}", Class::Transient),
        (
            "API Error: Repeated 529 Overloaded errors",
            Class::Transient,
        ),
        ("Credit balance is too low", Class::Permanent),
        (
            "[API Error: {\"error\":{\"code\":503,\"message\":\"x\"}}]",
            Class::Transient,
        ),
        (
            "429 You exceeded your current quota, please check your plan and billing details",
            Class::Permanent,
        ),
        (
            "litellm.BadRequestError: Error code: 400 - x",
            Class::Permanent,
        ),
        ("read ECONNRESET", Class::Transient),
        (
            "This model's maximum context length is 8192 tokens",
            Class::Permanent,
        ),
        ("it is cloudy", Class::Unknown),
        ("", Class::Unknown),
        ("line 4290 of status 4290", Class::Unknown),
    ] {
        assert_eq!(class(message), expected, "{message}");
    }
    assert_eq!(
        Failure::from_message("it is cloudy", Some(502)).class,
        Class::Transient
    );
}

#[test]
fn times_to_wait_are_read_and_bounded() {
    let seconds = |s: f64| Some(Wait::For(Duration::from_secs_f64(s)));
    for (message, expected) in [
        ("rate limit reached, please try again in 1.5s", seconds(1.5)),
        (
            "You've hit your usage limit. Try again in 3 days 4 hours 2 minutes.",
            seconds(273_720.0),
        ),
        ("429 retry-after: 30", seconds(30.0)),
        ("429 {\"retryDelay\":\"12s\"}", seconds(12.0)),
        ("429 retry in 20ms", seconds(0.02)),
        (
            "429 try again in 999999999999999999999 days",
            seconds(7.0 * 86400.0),
        ),
        ("429 try again in a while", None),
        (
            "Claude AI usage limit reached|1795340000",
            Some(Wait::Until(1_795_340_000)),
        ),
    ] {
        assert_eq!(
            class(message),
            Class::RateLimited {
                retry_after: expected
            },
            "{message}"
        );
    }
    assert_eq!(duration("Wed, 21 Oct 2026 07:28:00 GMT"), None);
    assert_eq!(Wait::Until(1000).from(990), Duration::from_secs(10));
    assert_eq!(Wait::Until(1000).from(2000), Duration::ZERO);
    assert_eq!(
        Wait::Until(u64::MAX).from(0),
        Duration::from_secs(7 * 86400)
    );
}
