//! The fake is fast enough for many issues, and for several clients at once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{alice, widget};

const ISSUES: &str = "/repos/acme/widget/issues";

#[test]
fn thousands_of_issues_take_seconds() {
    const COUNT: usize = 5000;
    let github = widget();
    let client = alice(&github);
    let began = Instant::now();
    for index in 0..COUNT {
        let body = json!({"title": format!("Issue {index}"), "body": "text", "labels": ["a"]});
        client.post(ISSUES, &body).expect(201);
    }
    let created = began.elapsed();
    let mut found = BTreeSet::new();
    let mut page = Some(format!("{ISSUES}?per_page=100&state=all"));
    while let Some(path) = page {
        let answer = client.get(&path);
        let items = answer.expect(200);
        found.extend(
            items
                .as_array()
                .expect("a list")
                .iter()
                .map(|item| item["number"].as_u64()),
        );
        page = answer.next();
    }
    let listed = began.elapsed() - created;
    eprintln!("created in {created:?}, listed in {listed:?}");
    assert_eq!(found.len(), COUNT);
    // Far more than it takes: the machine may have other work.
    assert!(
        began.elapsed() < Duration::from_secs(120),
        "{created:?} {listed:?}"
    );
}

#[test]
fn clients_at_once_get_numbers_of_their_own() {
    let github = widget();
    let numbers: Vec<u64> = std::thread::scope(|scope| {
        let create = || {
            let client = alice(&github);
            let number = |index: usize| {
                let made = client.post(ISSUES, &json!({"title": format!("Issue {index}")}));
                made.expect(201)["number"].as_u64().expect("a number")
            };
            (0..25).map(number).collect::<Vec<u64>>()
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(create)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a client"))
            .collect()
    });
    let different: BTreeSet<u64> = numbers.into_iter().collect();
    assert_eq!(different, (1..=100).collect());
}
