//! What goes wrong with the fake on request.

use std::time::{Duration, Instant};

use serde_json::json;

use super::super::server::Fault;
use super::{alice, widget};

const ISSUES: &str = "/repos/acme/widget/issues";

#[test]
fn refusals_apply_nothing() {
    let github = widget();
    let client = alice(&github);
    let create = || client.post(ISSUES, &json!({"title": "One"}));
    let faults = [
        (Fault::InternalError, 500, None),
        (Fault::BadGateway, 502, None),
        (Fault::Forbidden, 403, None),
        (Fault::ForbiddenRetryAfter(7), 403, Some("7")),
        (Fault::TooManyRequests(8), 429, Some("8")),
        (Fault::SecondaryLimit(None), 403, None),
        (Fault::SecondaryLimit(Some(9)), 403, Some("9")),
        (Fault::PrimaryLimit, 403, None),
        (Fault::CloseBefore, 0, None),
    ];
    for (fault, status, retry) in faults {
        github.faults().add("POST", "/issues", 1, fault.clone());
        let answer = create();
        assert_eq!(answer.status, status, "{fault:?}");
        assert_eq!(answer.header("retry-after"), retry, "{fault:?}");
    }
    assert_eq!(client.get(ISSUES).expect(200), json!([]));
    let statuses: Vec<u16> = github.requests().iter().map(|seen| seen.status).collect();
    assert_eq!(statuses, [500, 502, 403, 403, 429, 403, 403, 403, 0, 200]);
}

#[test]
fn some_answers_are_lost_after_the_change() {
    let github = widget();
    let client = alice(&github);
    github.faults().add("POST", "", 2, Fault::CloseAfter);
    github.faults().add("POST", "", 3, Fault::BadGatewayAfter);
    let create = || client.post(ISSUES, &json!({"title": "One"})).status;
    assert_eq!((create(), create(), create(), create()), (201, 0, 502, 201));
    let all = client.get(ISSUES).expect(200);
    assert_eq!(all.as_array().map(Vec::len), Some(4));
    assert_eq!(github.faults().waiting(), 0);
    assert_eq!(github.count("issues/create"), 4);
}

#[test]
fn tokens_expire_clocks_are_off_and_answers_are_slow() {
    let github = widget();
    let client = alice(&github);
    let date = client
        .get(ISSUES)
        .header("date")
        .expect("a date")
        .to_string();
    github.faults().add("", "", 1, Fault::DateOff(300));
    let off = client
        .get(ISSUES)
        .header("date")
        .expect("a date")
        .to_string();
    assert_ne!(date[..22], off[..22]);
    let slow = Duration::from_millis(300);
    github.faults().add("GET", "", 1, Fault::Slow(slow));
    let began = Instant::now();
    client.get(ISSUES).expect(200);
    assert!(began.elapsed() >= slow);
    github.faults().add("", "", 2, Fault::TokenExpires);
    client.get(ISSUES).expect(200);
    client.get(ISSUES).expect(401);
    client.get(ISSUES).expect(401);
}
