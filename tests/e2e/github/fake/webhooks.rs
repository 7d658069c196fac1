//! Webhooks of the fake: what is sent, and how it goes wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::super::server::{GitHub, Method, Order, Reason, signature};
use super::{alice, widget};

const ISSUES: &str = "/repos/acme/widget/issues";
const SECRET: &str = "It's a Secret to Everybody";

/// A delivery as it arrived.
struct Got {
    headers: Vec<(String, String)>,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// `issues.opened`.
    fn name(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).expect("JSON");
        match body["action"].as_str() {
            Some(action) => format!("{}.{action}", self.header("x-github-event")),
            None => self.header("x-github-event").to_string(),
        }
    }
}

/// A receiver that accepts everything; the thread ends with the test.
fn receiver() -> (String, Receiver<Got>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let mut headers = Vec::new();
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
                if let Some((name, value)) = line.trim_end().split_once(": ") {
                    headers.push((name.to_lowercase(), value.to_string()));
                }
                line.clear();
            }
            let got = Got {
                headers,
                body: String::new(),
            };
            let mut body = vec![0; got.header("content-length").parse().unwrap_or_default()];
            let _ = reader.read_exact(&mut body);
            let _ = stream.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
            let body = String::from_utf8_lossy(&body).into_owned();
            if sender.send(Got { body, ..got }).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

fn names(github: &GitHub, got: &Receiver<Got>, order: Order) -> Vec<String> {
    let sent = github.deliver(order);
    assert!(sent.iter().all(|one| one.status == 202), "{sent:?}");
    got.try_iter().map(|got| got.name()).collect()
}

#[test]
fn every_event_has_the_payload_of_the_description() {
    let github = widget();
    github.user("bob");
    github.repository("acme", "gadget");
    let client = alice(&github);
    let (url, got) = receiver();
    github.webhook(&url, SECRET);
    client
        .post(
            ISSUES,
            &json!({"title": "One", "body": "text", "labels": ["a"]}),
        )
        .expect(201);
    assert_eq!(
        names(&github, &got, Order::Once),
        ["ping", "issues.opened", "issues.labeled"]
    );
    let edit = json!({"title": "Two", "body": "x", "assignees": ["bob"], "labels": []});
    client.patch(&format!("{ISSUES}/1"), &edit).expect(200);
    client
        .patch(&format!("{ISSUES}/1"), &json!({"state": "closed"}))
        .expect(200);
    client
        .patch(&format!("{ISSUES}/1"), &json!({"state": "open"}))
        .expect(200);
    client
        .patch(&format!("{ISSUES}/1"), &json!({"state": "open"}))
        .expect(200);
    let comment = client
        .post(&format!("{ISSUES}/1/comments"), &json!({"body": "c"}))
        .expect(201);
    let comment = format!("{ISSUES}/comments/{}", comment["id"]);
    client.patch(&comment, &json!({"body": "d"})).expect(200);
    client.delete(&comment).expect(204);
    let expected = [
        "issues.edited",
        "issues.unlabeled",
        "issues.assigned",
        "issues.closed",
        "issues.reopened",
        "issue_comment.created",
        "issue_comment.edited",
        "issue_comment.deleted",
    ];
    assert_eq!(names(&github, &got, Order::Once), expected);
    github.edit(|web| {
        web.add_type("acme", "Bug");
        let mut widget = web.by("bob").repository("acme", "widget");
        let milestone = widget.create_milestone("v1");
        let other = widget.create_issue("Other", "");
        let id = widget.issue(other).view().id;
        let mut issue = widget.issue(1);
        issue
            .milestone(Some(milestone))
            .milestone(None)
            .kind(Some("Bug"))
            .kind(None);
        issue
            .assign(&[])
            .add_sub_issue(id)
            .add_blocker(id)
            .remove_blocker(id)
            .remove_sub_issue(id);
        issue.close(Reason::Duplicate);
        widget.issue(other).transfer("acme", "gadget");
        widget.issue(1).delete();
    });
    let expected = [
        "issues.opened",
        "issues.milestoned",
        "issues.demilestoned",
        "issues.typed",
        "issues.untyped",
        "issues.unassigned",
        "sub_issues.sub_issue_added",
        "sub_issues.parent_issue_added",
        "issue_dependencies.blocked_by_added",
        "issue_dependencies.blocking_added",
        "issue_dependencies.blocked_by_removed",
        "issue_dependencies.blocking_removed",
        "sub_issues.sub_issue_removed",
        "sub_issues.parent_issue_removed",
        "issues.closed",
        "issues.transferred",
        "issues.opened",
        "issues.deleted",
    ];
    assert_eq!(names(&github, &got, Order::Once), expected);
    github.edit(|web| {
        let mut widget = web.by("bob").repository("acme", "widget");
        widget.push("topic");
        let number = widget.create_pull("Pull", "topic", "main");
        widget.push("topic");
        let milestone = widget.create_milestone("v2");
        let mut pull = widget.issue(number);
        pull.set_draft(true)
            .set_draft(false)
            .title("Other")
            .body("text");
        pull.label("b")
            .label("a")
            .unlabel("a")
            .assign(&["bob"])
            .assign(&[]);
        pull.milestone(Some(milestone)).milestone(None);
        widget.issue(number).close(Reason::Completed).reopen();
    });
    let reviewers = "/repos/acme/widget/pulls/3/requested_reviewers";
    github.user("carol");
    client
        .post(reviewers, &json!({"reviewers": ["carol"]}))
        .expect(201);
    github.edit(|web| {
        let mut widget = web.by("carol").repository("acme", "widget");
        widget.issue(3).review("APPROVED", "fine");
        widget.issue(3).merge(Method::Merge);
    });
    let expected = [
        "pull_request.opened",
        "pull_request.synchronize",
        "pull_request.converted_to_draft",
        "pull_request.ready_for_review",
        "pull_request.edited",
        "pull_request.edited",
        "pull_request.labeled",
        "pull_request.labeled",
        "pull_request.unlabeled",
        "pull_request.assigned",
        "pull_request.unassigned",
        "pull_request.milestoned",
        "pull_request.demilestoned",
        "pull_request.closed",
        "pull_request.reopened",
        "pull_request.review_requested",
        "pull_request_review.submitted",
        "pull_request.closed",
    ];
    assert_eq!(names(&github, &got, Order::Once), expected);
    assert_eq!(github.violations(), Vec::<String>::new());
}

#[test]
fn deliveries_come_often_late_shuffled_and_forged() {
    let github = widget();
    let (url, got) = receiver();
    let hook = github.webhook(&url, SECRET);
    github.lose_deliveries();
    let open = |title: &str| {
        github.edit(|web| web.repository("acme", "widget").create_issue(title, ""));
    };
    for title in ["One", "Two", "Three", "Four"] {
        open(title);
    }
    let waiting = github.queued();
    assert_eq!(waiting[0].payload["issue"]["title"], "One");
    let guids = |order: Order| -> Vec<String> {
        github.deliver(order);
        let all = got.iter().take(got_count(order));
        all.map(|got| got.header("x-github-delivery").to_string())
            .collect()
    };
    let first: Vec<String> = waiting.iter().map(|one| one.guid.clone()).collect();
    let late = guids(Order::Late(2));
    assert_eq!(late, first[2..]);
    open("Five");
    let rest = guids(Order::Doubled);
    assert_eq!(
        (&rest[0], &rest[1], &rest[2]),
        (&first[0], &first[0], &first[1])
    );
    for title in ["Six", "Seven", "Eight", "Nine"] {
        open(title);
    }
    let before: Vec<String> = github.queued().iter().map(|one| one.guid.clone()).collect();
    let shuffled = guids(Order::Shuffled(7));
    let mut sorted = shuffled.clone();
    sorted.sort();
    assert!(shuffled != before && sorted == before);
    open("Ten");
    assert_eq!(github.deliver(Order::Thrice).len(), 3);
    for _ in 0..3 {
        let delivery = got
            .recv_timeout(Duration::from_secs(5))
            .expect("a delivery");
        assert_eq!(
            delivery.header("x-hub-signature-256"),
            signature(SECRET, delivery.body.as_bytes())
        );
        assert_eq!(delivery.header("x-github-hook-id"), hook.to_string());
    }
    open("Eleven");
    github.deliver(Order::Forged);
    let forged = got
        .recv_timeout(Duration::from_secs(5))
        .expect("a delivery");
    assert_ne!(
        forged.header("x-hub-signature-256"),
        signature(SECRET, forged.body.as_bytes())
    );
}

/// How many deliveries the orders of the test above make.
fn got_count(order: Order) -> usize {
    match order {
        Order::Late(_) => 2,
        Order::Doubled => 6,
        _ => 4,
    }
}
