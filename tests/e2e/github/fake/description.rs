//! The fake checks requests against GitHub's description.

use serde_json::{Value, json};

use super::super::server::GitHub;
use super::{alice, widget};

const ISSUES: &str = "/repos/acme/widget/issues";

/// The one violation of a request that was refused.
fn violation(github: &GitHub) -> String {
    let found = github.take_violations();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn wrong_bodies_are_refused() {
    let github = widget();
    let client = alice(&github);
    client.post(ISSUES, &json!({"title": "One"})).expect(201);
    assert!(github.violations().is_empty());
    let wrong: &[(&str, &str, Value)] = &[
        // The description allows integers as titles.
        ("POST", ISSUES, json!({"title": 4.2})),
        ("POST", ISSUES, json!({"title": ["One"]})),
        ("POST", ISSUES, json!({"body": "no title"})),
        ("POST", ISSUES, json!({"title": "One", "body": null})),
        ("POST", ISSUES, json!({"title": "One", "labels": "bug"})),
        ("POST", ISSUES, json!({"title": "One", "label": ["bug"]})),
        ("POST", ISSUES, json!({"title": "One", "state": "closed"})),
        (
            "PATCH",
            "/repos/acme/widget/issues/1",
            json!({"state": "done"}),
        ),
        (
            "PATCH",
            "/repos/acme/widget/issues/1",
            json!({"state_reason": "wontfix"}),
        ),
        (
            "PATCH",
            "/repos/acme/widget/issues/1",
            json!({"title": true}),
        ),
        (
            "PATCH",
            "/repos/acme/widget/issues/1",
            json!({"assignees": "alice"}),
        ),
        ("POST", "/repos/acme/widget/issues/1/comments", json!({})),
        (
            "POST",
            "/repos/acme/widget/issues/1/sub_issues",
            json!({"sub_issue_id": "1"}),
        ),
        (
            "POST",
            "/repos/acme/widget/pulls",
            json!({"title": "One", "base": "main"}),
        ),
        (
            "PATCH",
            "/repos/acme/widget/pulls/1",
            json!({"draft": false}),
        ),
        (
            "PUT",
            "/repos/acme/widget/pulls/1/merge",
            json!({"merge_method": "fast"}),
        ),
        ("POST", "/repos/acme/widget/labels", json!({"name": null})),
    ];
    for (method, path, body) in wrong {
        let answer = client.send(method, path, &[], &body.to_string());
        assert_eq!(
            answer.status, 422,
            "{method} {path} {body}: {}",
            answer.text
        );
        assert!(violation(&github).starts_with(method));
    }
    assert_eq!(
        client.get(&format!("{ISSUES}/1")).expect(200)["title"],
        "One"
    );
}

#[test]
fn wrong_paths_and_queries_are_refused() {
    let github = widget();
    let client = alice(&github);
    for query in ["state=done", "per_page=many", "status=open", "sort=name"] {
        client.get(&format!("{ISSUES}?{query}")).expect(422);
        violation(&github);
    }
    client.get(&format!("{ISSUES}/one")).expect(422);
    violation(&github);
    client.get("/repos/acme/widget/issue").expect(404);
    violation(&github);
    client.delete(&format!("{ISSUES}/1")).expect(405);
    violation(&github);
    client.send("POST", ISSUES, &[], "{").expect(400);
    violation(&github);
    client.send("POST", ISSUES, &[], "[]").expect(400);
    violation(&github);
}

#[test]
fn a_test_with_a_violation_fails() {
    let dropped = std::thread::spawn(|| {
        let github = widget();
        alice(&github)
            .post(ISSUES, &json!({"title": {}}))
            .expect(422);
    });
    let panic = dropped.join().expect_err("a panic");
    let text = panic.downcast_ref::<String>().expect("a text");
    assert!(
        text.contains("POST /api/v3/repos/acme/widget/issues"),
        "{text}"
    );
}

#[test]
fn requests_have_a_user_agent_and_a_known_version() {
    let github = widget();
    let client = alice(&github);
    client
        .send("GET", ISSUES, &[("User-Agent", "")], "")
        .expect(403);
    let version = |text| [("X-GitHub-Api-Version", text)];
    client
        .send("GET", ISSUES, &version("2022-11-28"), "")
        .expect(200);
    client
        .send("GET", ISSUES, &version("1999-01-01"), "")
        .expect(400);
}
