//! Issues, comments, labels and milestones of the fake.

use std::time::Duration;

use serde_json::json;

use super::super::server::{Reason, Role};
use super::{Client, alice, widget};

const ISSUES: &str = "/repos/acme/widget/issues";

#[test]
fn an_issue_is_created_with_labels_that_did_not_exist() {
    let github = widget();
    github.user("bob");
    let client = alice(&github);
    let made = client.post(
        ISSUES,
        &json!({
            "title": "Fix <b> & co", "body": "text", "labels": ["Bug", "bug", "ui"],
            "assignees": ["alice", "bob", "nobody-here"],
        }),
    );
    assert!(
        made.text.contains("\\u003cb\\u003e \\u0026 co"),
        "{}",
        made.text
    );
    let issue = made.expect(201);
    assert_eq!(issue["number"], 1);
    assert_ne!(issue["id"], 1);
    assert_eq!(issue["labels"][0]["name"], "Bug");
    assert_eq!(issue["labels"].as_array().map(Vec::len), Some(2));
    let logins = issue["assignees"].as_array().expect("a list").iter();
    let logins: Vec<_> = logins.map(|user| user["login"].clone()).collect();
    assert_eq!(logins, ["alice", "bob"]);
    let labels = client.get("/repos/acme/widget/labels").expect(200);
    assert_eq!(labels.as_array().map(Vec::len), Some(2));
}

#[test]
fn only_real_changes_change_the_time() {
    let github = widget();
    let client = alice(&github);
    let made = client
        .post(ISSUES, &json!({"title": "One", "labels": ["a"]}))
        .expect(201);
    github.advance(Duration::from_secs(60));
    let path = format!("{ISSUES}/1");
    let same = client
        .patch(&path, &json!({"title": "One", "labels": ["A"]}))
        .expect(200);
    assert_eq!(same["updated_at"], made["updated_at"]);
    let other = client.patch(&path, &json!({"title": "Two"})).expect(200);
    assert_ne!(other["updated_at"], made["updated_at"]);
    assert_eq!(other["created_at"], made["created_at"]);
}

#[test]
fn states_have_reasons() {
    let github = widget();
    let client = alice(&github);
    client.post(ISSUES, &json!({"title": "One"})).expect(201);
    let path = format!("{ISSUES}/1");
    let closed = client.patch(&path, &json!({"state": "closed"})).expect(200);
    assert_eq!(closed["state_reason"], "completed");
    assert_eq!(closed["closed_by"]["login"], "alice");
    // The reason counts with another state only.
    let same = client.patch(
        &path,
        &json!({"state": "closed", "state_reason": "not_planned"}),
    );
    assert_eq!(same.expect(200)["state_reason"], "completed");
    let open = client.patch(&path, &json!({"state": "open"})).expect(200);
    assert_eq!(open["state_reason"], "reopened");
    assert!(open["closed_at"].is_null());
    let reason = json!({"state": "closed", "state_reason": "duplicate"});
    assert_eq!(
        client.patch(&path, &reason).expect(200)["state_reason"],
        "duplicate"
    );
}

#[test]
fn texts_have_limits() {
    let github = widget();
    let client = alice(&github);
    let body = "ä".repeat(65_536);
    client
        .post(ISSUES, &json!({"title": "t".repeat(256), "body": body}))
        .expect(201);
    let long = client.post(ISSUES, &json!({"title": "t", "body": format!("{body}x")}));
    assert_eq!(long.expect(422)["errors"][0]["field"], "body");
    let long = client
        .post(ISSUES, &json!({"title": "t".repeat(257)}))
        .expect(422);
    assert_eq!(long["errors"][0]["field"], "title");
    let empty = client.post(ISSUES, &json!({"title": " "})).expect(422);
    assert_eq!(empty["errors"][0]["code"], "missing_field");
    let path = format!("{ISSUES}/1/comments");
    client
        .post(&path, &json!({"body": format!("{body}x")}))
        .expect(422);
    client.post(&path, &json!({"body": ""})).expect(422);
}

#[test]
fn comments_are_listed_since() {
    let github = widget();
    let client = alice(&github);
    client.post(ISSUES, &json!({"title": "One"})).expect(201);
    let path = format!("{ISSUES}/1/comments");
    let first = client.post(&path, &json!({"body": "first"})).expect(201);
    github.advance(Duration::from_secs(100));
    let second = client.post(&path, &json!({"body": "second"})).expect(201);
    let since = format!("?since={}", second["created_at"].as_str().expect("a time"));
    let found = client.get(&format!("{path}{since}")).expect(200);
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    github.advance(Duration::from_secs(100));
    let one = format!("{ISSUES}/comments/{}", first["id"]);
    client.patch(&one, &json!({"body": "edited"})).expect(200);
    let all = client
        .get(&format!("{ISSUES}/comments?sort=updated&direction=desc"))
        .expect(200);
    assert_eq!(all[0]["body"], "edited");
    assert_eq!(
        client.get(&format!("{ISSUES}/1")).expect(200)["comments"],
        2
    );
    client.delete(&one).expect(204);
    client.get(&one).expect(404);
    assert_eq!(
        client.get(&format!("{ISSUES}/1")).expect(200)["comments"],
        1
    );
}

#[test]
fn labels_and_milestones_are_managed() {
    let github = widget();
    let client = alice(&github);
    let labels = "/repos/acme/widget/labels";
    client
        .post(labels, &json!({"name": "a b", "color": "FF0000"}))
        .expect(201);
    let taken = client.post(labels, &json!({"name": "A B"})).expect(422);
    assert_eq!(taken["errors"][0]["code"], "already_exists");
    client
        .post(labels, &json!({"name": "c", "color": "red"}))
        .expect(422);
    let renamed = client.patch(&format!("{labels}/a%20b"), &json!({"new_name": "c/d"}));
    assert_eq!(renamed.expect(200)["color"], "ff0000");
    let milestones = "/repos/acme/widget/milestones";
    client
        .post(
            milestones,
            &json!({"title": "v1", "due_on": "2026-12-24T15:00:00Z"}),
        )
        .expect(201);
    client.post(milestones, &json!({"title": "v1"})).expect(422);
    let made = client.post(
        ISSUES,
        &json!({"title": "One", "milestone": 1, "labels": ["c/d"]}),
    );
    assert_eq!(made.expect(201)["milestone"]["open_issues"], 1);
    client.delete(&format!("{labels}/c%2Fd")).expect(204);
    client.delete(&format!("{milestones}/1")).expect(204);
    let issue = client.get(&format!("{ISSUES}/1")).expect(200);
    assert!(issue["milestone"].is_null() && issue["labels"] == json!([]));
    let gone = client
        .patch(&format!("{ISSUES}/1"), &json!({"milestone": 1}))
        .expect(422);
    assert_eq!(gone["errors"][0]["field"], "milestone");
}

#[test]
fn people_edit_at_the_web_interface() {
    let github = widget();
    let client = alice(&github);
    client.post(ISSUES, &json!({"title": "One"})).expect(201);
    let comment = github.edit(|web| {
        web.add_type("acme", "Bug");
        let mut widget = web.by("bob").repository("acme", "widget");
        let mut issue = widget.issue(1);
        issue
            .title("Two")
            .body("by hand")
            .label("ui")
            .assign(&["carol"])
            .kind(Some("bug"));
        issue.close(Reason::NotPlanned);
        issue.comment("done")
    });
    let issue = client.get(&format!("{ISSUES}/1")).expect(200);
    assert_eq!(issue["title"], "Two");
    assert_eq!(issue["type"]["name"], "Bug");
    assert_eq!(issue["closed_by"]["login"], "bob");
    assert_eq!(issue["assignee"]["login"], "carol");
    let types = client.get("/orgs/acme/issue-types").expect(200);
    assert_eq!(types[0]["name"], "Bug");
    let shown = client
        .get(&format!("{ISSUES}/comments/{comment}"))
        .expect(200);
    assert_eq!(shown["user"]["login"], "bob");
}

#[test]
fn people_tidy_up() {
    let github = widget();
    github.relations_touch(false);
    let client = alice(&github);
    let made = client.post(ISSUES, &json!({"title": "One"})).expect(201);
    github.advance(Duration::from_secs(60));
    github.edit(|web| {
        let mut widget = web.repository("acme", "widget");
        let other = widget.create_issue("Two", "");
        let id = widget.issue(other).view().id;
        widget.issue(1).add_sub_issue(id).add_blocker(id);
    });
    let issue = client.get(&format!("{ISSUES}/1")).expect(200);
    assert_eq!(issue["updated_at"], made["updated_at"]);
    assert_eq!(issue["sub_issues_summary"]["total"], 1);
    github.edit(|web| {
        let mut widget = web.repository("acme", "widget");
        widget.create_label("ui", "00ff00");
        let milestone = widget.create_milestone("v1");
        let (kept, lost) = (
            widget.issue(1).comment("kept"),
            widget.issue(1).comment("lost"),
        );
        widget.edit_comment(kept, "edited");
        widget.delete_comment(lost);
        widget
            .issue(1)
            .label("UI")
            .milestone(Some(milestone))
            .reopen();
        assert_eq!(widget.issue(1).labels(), ["ui"]);
        let bodies: Vec<String> = widget
            .issue(1)
            .comments()
            .into_iter()
            .map(|one| one.body)
            .collect();
        assert_eq!(bodies, ["edited"]);
        widget.delete_label("ui");
        widget.delete_milestone(milestone);
        assert!(widget.issue(1).labels().is_empty() && widget.issue(1).view().milestone.is_none());
    });
    let seen = github.requests();
    assert_eq!(
        (seen[0].method.as_str(), seen[0].path.as_str()),
        ("POST", ISSUES)
    );
    assert_eq!(seen[0].login.as_deref(), Some("alice"));
    github.clear_requests();
    assert!(github.requests().is_empty());
}

#[test]
fn what_went_away_says_where() {
    let github = widget();
    github.repository("acme", "gadget");
    let client = alice(&github);
    for title in ["One", "Two", "Three"] {
        client.post(ISSUES, &json!({"title": title})).expect(201);
    }
    github.edit(|web| {
        let mut widget = web.repository("acme", "widget");
        widget.issue(1).delete();
        assert_eq!(widget.issue(2).transfer("acme", "gadget"), 1);
    });
    client.get(&format!("{ISSUES}/1")).expect(410);
    client
        .patch(&format!("{ISSUES}/1"), &json!({"title": "x"}))
        .expect(410);
    let moved = client.get(&format!("{ISSUES}/2"));
    moved.expect(301);
    let there = client
        .get(moved.header("location").expect("a place"))
        .expect(200);
    assert_eq!(there["title"], "Two");
    assert_eq!(
        there["repository_url"],
        format!("{}/repos/acme/gadget", github.url())
    );
    client.get(&format!("{ISSUES}/9")).expect(404);
    github.edit(|web| web.repository("acme", "widget").rename("device"));
    let moved = client.get(&format!("{ISSUES}?state=all&per_page=1"));
    moved.expect(301);
    let there = client
        .get(moved.header("location").expect("a place"))
        .expect(200);
    assert_eq!(there[0]["title"], "Three");
    let moved = client.post(ISSUES, &json!({"title": "Four"}));
    moved.expect(307);
    let place = moved.header("location").expect("a place");
    client.post(place, &json!({"title": "Four"})).expect(201);
    github.has_issues("acme", "device", false);
    client.get("/repos/acme/device/issues").expect(410);
}

#[test]
fn readers_open_issues_without_what_needs_write_access() {
    let github = widget();
    github.token("ghp_mallory", "mallory", &["public_repo"]);
    github.edit(|web| {
        web.repository("acme", "widget")
            .set_role("mallory", Role::Read)
    });
    let client = Client::new(&github.url(), Some("ghp_mallory"));
    let made = client.post(
        ISSUES,
        &json!({"title": "One", "labels": ["a"], "assignees": ["alice"]}),
    );
    let made = made.expect(201);
    assert_eq!(
        (&made["labels"], &made["assignees"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(made["author_association"], "NONE");
    client
        .patch(&format!("{ISSUES}/1"), &json!({"state": "closed"}))
        .expect(200);
    alice(&github)
        .post(ISSUES, &json!({"title": "Two"}))
        .expect(201);
    client
        .patch(&format!("{ISSUES}/2"), &json!({"title": "x"}))
        .expect(403);
    let refused = {
        github.refuse_assignees(true);
        let body = json!({"title": "Three", "assignees": ["mallory"]});
        alice(&github).post(ISSUES, &body).expect(422)
    };
    assert_eq!(refused["errors"][0]["field"], "assignees");
}
