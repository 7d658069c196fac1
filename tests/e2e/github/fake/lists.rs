//! Lists of the fake: pages, filters, orders, and answers that did not change.

use std::time::Duration;

use serde_json::{Value, json};

use super::{alice, widget};

const ISSUES: &str = "/repos/acme/widget/issues";

fn numbers(list: &Value) -> Vec<u64> {
    let items = list.as_array().expect("a list").iter();
    items.filter_map(|item| item["number"].as_u64()).collect()
}

#[test]
fn pages_are_linked() {
    let github = widget();
    let client = alice(&github);
    github.edit(|web| {
        for index in 1..=7 {
            web.repository("acme", "widget")
                .create_issue(&format!("Issue {index}"), "");
        }
    });
    let first = client.get(&format!("{ISSUES}?per_page=3&sort=created&direction=asc"));
    assert_eq!(numbers(&first.expect(200)), [1, 2, 3]);
    let link = first.header("link").expect("links");
    assert!(
        link.contains("rel=\"last\"") && !link.contains("rel=\"prev\""),
        "{link}"
    );
    assert!(link.contains("/api/v3/repositories/"), "{link}");
    let second = client.get(&first.next().expect("a page"));
    assert_eq!(numbers(&second.expect(200)), [4, 5, 6]);
    let last = client.get(&second.next().expect("a page"));
    assert_eq!(numbers(&last.expect(200)), [7]);
    assert!(last.next().is_none());
    let all = client.get(&format!("{ISSUES}?per_page=1000"));
    assert!(all.header("link").is_none());
    assert_eq!(numbers(&all.expect(200)), [7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn issues_are_filtered_and_sorted() {
    let github = widget();
    let client = alice(&github);
    client
        .post(ISSUES, &json!({"title": "One", "labels": ["a", "b"]}))
        .expect(201);
    github.advance(Duration::from_secs(10));
    let body = json!({"title": "Two", "labels": ["b"], "assignees": ["alice"]});
    client.post(ISSUES, &body).expect(201);
    github.advance(Duration::from_secs(10));
    let closed = json!({"state": "closed"});
    let time = client.patch(&format!("{ISSUES}/1"), &closed).expect(200)["updated_at"].clone();
    let found = |query: &str| numbers(&client.get(&format!("{ISSUES}?{query}")).expect(200));
    assert_eq!(found(""), [2]);
    assert_eq!(found("state=closed"), [1]);
    assert_eq!(found("state=all"), [2, 1]);
    assert_eq!(found("state=all&sort=updated"), [1, 2]);
    assert_eq!(found("state=all&labels=B,A"), [1]);
    assert_eq!(found("state=all&assignee=none"), [1]);
    assert_eq!(found("state=all&assignee=alice"), [2]);
    let since = time.as_str().expect("a time");
    assert_eq!(found(&format!("state=all&since={since}")), [1]);
}

#[test]
fn what_did_not_change_costs_nothing() {
    let github = widget();
    let client = alice(&github);
    client.post(ISSUES, &json!({"title": "One"})).expect(201);
    let first = client.get(ISSUES);
    let etag = first.header("etag").expect("a tag").to_string();
    assert!(etag.starts_with("W/\""), "{etag}");
    let left = first
        .header("x-ratelimit-remaining")
        .expect("a number")
        .to_string();
    let same = client.send("GET", ISSUES, &[("If-None-Match", &etag)], "");
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    assert_eq!(same.header("x-ratelimit-remaining"), Some(left.as_str()));
    client
        .patch(&format!("{ISSUES}/1"), &json!({"title": "Two"}))
        .expect(200);
    let other = client.send("GET", ISSUES, &[("If-None-Match", &etag)], "");
    assert_eq!(other.expect(200)[0]["title"], "Two");
}
