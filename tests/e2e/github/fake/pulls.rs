//! Pull requests of the fake, with and without a git repository behind it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::super::server::{Change, Method};
use super::{Client, alice, widget};

const PULLS: &str = "/repos/acme/widget/pulls";

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=Dora", "-c", "user.email=dora@example.org"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .expect("git runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

/// A bare repository with a clone, in which `main` has a commit.
fn clone(folder: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let (bare, clone) = (folder.join("bare"), folder.join("clone"));
    git(
        folder,
        &["init", "--quiet", "--bare", "--initial-branch=main", "bare"],
    );
    git(
        folder,
        &["init", "--quiet", "--initial-branch=main", "clone"],
    );
    git(&clone, &["remote", "add", "origin", "../bare"]);
    commit(&clone, "README", "one\n", "Begin");
    git(&clone, &["push", "--quiet", "origin", "main"]);
    (bare, clone)
}

fn commit(clone: &Path, file: &str, text: &str, message: &str) {
    std::fs::write(clone.join(file), text).expect("a file");
    git(clone, &["add", "."]);
    git(clone, &["commit", "--quiet", "--message", message]);
}

/// Pushes a branch with two commits, and opens a pull request for it.
fn open(clone: &Path, client: &Client, branch: &str, body: &str) -> Value {
    git(clone, &["fetch", "--quiet", "origin"]);
    git(
        clone,
        &["switch", "--quiet", "--create", branch, "origin/main"],
    );
    commit(clone, branch, "1\n", "First");
    commit(clone, branch, "1\n2\n", "Second");
    git(clone, &["push", "--quiet", "origin", branch]);
    let new =
        json!({"title": format!("Add {branch}"), "head": branch, "base": "main", "body": body});
    client.post(PULLS, &new).expect(201)
}

#[test]
fn pulls_share_numbers_and_lists_with_issues() {
    let github = widget();
    let client = alice(&github);
    client
        .post("/repos/acme/widget/issues", &json!({"title": "One"}))
        .expect(201);
    let new = json!({"title": "Two", "head": "topic", "base": "main", "draft": true});
    let missing = client.post(PULLS, &new).expect(422);
    assert_eq!(missing["errors"][0]["field"], "head");
    let sha = github.edit(|web| web.repository("acme", "widget").push("topic"));
    let pull = client.post(PULLS, &new).expect(201);
    assert_eq!((&pull["number"], &pull["draft"]), (&json!(2), &json!(true)));
    assert_eq!(
        (&pull["mergeable"], &pull["head"]["sha"]),
        (&Value::Null, &json!(sha))
    );
    let again = client.post(PULLS, &new).expect(422);
    let text = again["errors"][0]["message"].as_str().expect("a text");
    assert_eq!(text, "A pull request already exists for acme:topic.");
    let issues = client.get("/repos/acme/widget/issues").expect(200);
    assert_eq!(issues[0]["number"], 2);
    assert!(issues[0]["pull_request"].is_object() && issues[1].get("pull_request").is_none());
    assert_ne!(issues[0]["id"], pull["id"]);
    let found = |query: &str| {
        let list = client.get(&format!("{PULLS}?{query}")).expect(200);
        list.as_array().map(Vec::len)
    };
    assert_eq!(found("head=acme:topic&state=open"), Some(1));
    assert_eq!(found("head=acme:other"), Some(0));
    // Without an owner, the branch is not looked at.
    assert_eq!(found("head=other"), Some(1));
    assert_eq!(
        client
            .patch(&format!("{PULLS}/2"), &json!({"state": "closed"}))
            .expect(200)["state"],
        "closed"
    );
    assert_eq!(found("head=acme:topic"), Some(0));
    client.get(&format!("{PULLS}/1")).expect(404);
}

#[test]
fn pulls_are_labeled_moved_and_closed_with_their_branch() {
    let github = widget();
    let client = alice(&github);
    github.edit(|web| {
        let mut widget = web.repository("acme", "widget");
        widget.push("topic");
        widget.push("next");
        let number = widget.create_pull("One", "topic", "main");
        widget.issue(number).label("a").assign(&["bob"]);
    });
    let list = client.get(PULLS).expect(200);
    assert_eq!(list[0]["labels"][0]["name"], "a");
    let path = format!("{PULLS}/1");
    let reviewers = json!({"reviewers": ["bob"]});
    client
        .post(&format!("{path}/requested_reviewers"), &reviewers)
        .expect(201);
    client.patch(&path, &json!({"base": "none"})).expect(422);
    let moved = client.patch(&path, &json!({"base": "next"})).expect(200);
    assert_eq!(moved["base"]["ref"], "next");
    github.edit(|web| web.repository("acme", "widget").delete_branch("topic"));
    assert_eq!(client.get(&path).expect(200)["state"], "closed");
}

#[test]
fn drafts_become_ready_by_graphql() {
    let github = widget();
    let client = alice(&github);
    github.edit(|web| web.repository("acme", "widget").push("topic"));
    let new = json!({"title": "One", "head": "topic", "base": "main", "draft": true});
    let pull = client.post(PULLS, &new).expect(201);
    client
        .send("PUT", &format!("{PULLS}/1/merge"), &[], "{}")
        .expect(405);
    let root = format!("{}/api/graphql", github.web_url());
    let query = "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) \
                 { pullRequest { isDraft } } }";
    let body = json!({"query": query, "variables": {"id": pull["node_id"]}});
    let answer = client.post(&root, &body).expect(200);
    let shown = &answer["data"]["markPullRequestReadyForReview"]["pullRequest"];
    assert_eq!(shown["isDraft"], false);
    assert_eq!(
        client.get(&format!("{PULLS}/1")).expect(200)["draft"],
        false
    );
    let wrong = json!({"query": query, "variables": {"id": "PR_none"}});
    assert_eq!(
        client.post(&root, &wrong).expect(200)["errors"][0]["type"],
        "NOT_FOUND"
    );
    client
        .post(&root, &json!({"query": "{ viewer { login } }"}))
        .expect(200);
    assert_eq!(github.take_violations().len(), 1);
}

#[test]
fn reviews_statuses_and_checks_are_set_by_tests() {
    let github = widget();
    github.user("bob");
    let client = alice(&github);
    let sha = github.edit(|web| web.repository("acme", "widget").push("topic"));
    let new = json!({"title": "One", "head": "topic", "base": "main"});
    client.post(PULLS, &new).expect(201);
    let path = format!("{PULLS}/1");
    let reviewers = format!("{path}/requested_reviewers");
    client
        .post(&reviewers, &json!({"reviewers": ["alice"]}))
        .expect(422);
    client
        .post(&reviewers, &json!({"reviewers": ["bob"]}))
        .expect(201);
    assert_eq!(
        client.get(&reviewers).expect(200)["users"][0]["login"],
        "bob"
    );
    let status = format!("/repos/acme/widget/commits/{sha}/status");
    assert_eq!(client.get(&status).expect(200)["state"], "pending");
    github.edit(|web| {
        let mut widget = web.by("bob").repository("acme", "widget");
        widget.issue(1).review("APPROVED", "fine");
        let file = Change {
            path: "a/b.rs".to_string(),
            status: "added".to_string(),
            additions: 3,
            ..Change::default()
        };
        widget.issue(1).changes(vec![file], false);
        widget.set_status(&sha, "ci", "failure");
        widget.set_status(&sha, "ci", "success");
        widget.set_check(&sha, "build", None);
        widget.set_check(&sha, "build", Some("success"));
    });
    assert_eq!(client.get(&reviewers).expect(200)["users"], json!([]));
    let reviews = client.get(&format!("{path}/reviews")).expect(200);
    assert_eq!(reviews[0]["state"], "APPROVED");
    assert_eq!(client.get(&status).expect(200)["state"], "success");
    let checks = client
        .get("/repos/acme/widget/commits/topic/check-runs")
        .expect(200);
    assert_eq!(
        (
            &checks["total_count"],
            &checks["check_runs"][0]["conclusion"]
        ),
        (&json!(1), &json!("success"))
    );
    assert_eq!(
        client.get(&format!("{path}/files")).expect(200)[0]["filename"],
        "a/b.rs"
    );
    assert_eq!(client.get(&path).expect(200)["mergeable"], Value::Null);
    assert_eq!(client.get(&path).expect(200)["mergeable"], true);
}

#[test]
fn merges_are_made_in_git() {
    let github = widget();
    let client = alice(&github);
    let folder = tempfile::tempdir().expect("a folder");
    let (bare, clone) = clone(folder.path());
    github.bind("acme", "widget", &bare);
    client
        .post("/repos/acme/widget/issues", &json!({"title": "Wish"}))
        .expect(201);
    let same = json!({"title": "One", "head": "main", "base": "main"});
    let same = client.post(PULLS, &same).expect(422);
    assert_eq!(
        same["errors"][0]["message"],
        "No commits between main and main"
    );

    let pull = open(&clone, &client, "squashed", "Fixes #1.");
    assert_eq!(
        (&pull["commits"], &pull["additions"]),
        (&json!(2), &json!(2))
    );
    let path = format!("{PULLS}/2");
    let files = client.get(&format!("{path}/files")).expect(200);
    assert_eq!(
        (&files[0]["filename"], &files[0]["status"]),
        (&json!("squashed"), &json!("added"))
    );
    let merge = json!({"merge_method": "squash", "sha": "0".repeat(40)}).to_string();
    client
        .send("PUT", &format!("{path}/merge"), &[], &merge)
        .expect(409);
    let merge = json!({"merge_method": "squash", "sha": pull["head"]["sha"]}).to_string();
    let merged = client
        .send("PUT", &format!("{path}/merge"), &[], &merge)
        .expect(200);
    let sha = merged["sha"].as_str().expect("a commit");
    assert_eq!(git(&bare, &["rev-parse", "main"]), sha);
    assert_eq!(
        git(&bare, &["show", "-s", "--format=%s", sha]),
        "Add squashed (#2)"
    );
    assert_eq!(git(&bare, &["rev-list", "--count", "main"]), "2");
    assert_eq!(
        client.get("/repos/acme/widget/issues/1").expect(200)["state"],
        "closed"
    );
    let shown = client.get(&path).expect(200);
    assert_eq!(
        (&shown["merged"], &shown["merge_commit_sha"]),
        (&json!(true), &json!(sha))
    );
    client
        .send("PUT", &format!("{path}/merge"), &[], "{}")
        .expect(405);

    open(&clone, &client, "rebased", "");
    github.edit(|web| {
        web.repository("acme", "widget")
            .issue(3)
            .merge(Method::Rebase)
    });
    let log = git(&bare, &["log", "-2", "--format=%s %an %cn", "main"]);
    assert_eq!(log, "Second Dora GitHub\nFirst Dora GitHub");

    open(&clone, &client, "merged", "");
    client
        .send("PUT", &format!("{PULLS}/4/merge"), &[], "{}")
        .expect(200);
    assert_eq!(
        git(&bare, &["log", "-1", "--format=%s", "main"]),
        "Merge pull request #4 from acme/merged"
    );
    assert_eq!(git(&bare, &["show", "main:merged"]), "1\n2");
}

#[test]
fn pushes_and_conflicts_are_seen() {
    let github = widget();
    let client = alice(&github);
    let folder = tempfile::tempdir().expect("a folder");
    let (bare, clone) = clone(folder.path());
    github.bind("acme", "widget", &bare);
    let pull = open(&clone, &client, "topic", "");
    commit(&clone, "README", "topic\n", "Third");
    git(&clone, &["push", "--quiet", "origin", "topic"]);
    let path = format!("{PULLS}/1");
    let shown = client.get(&path).expect(200);
    assert_ne!(shown["head"]["sha"], pull["head"]["sha"]);
    assert_eq!(client.get(&path).expect(200)["mergeable"], true);
    git(&clone, &["switch", "--quiet", "main"]);
    commit(&clone, "README", "main\n", "Other");
    git(&clone, &["push", "--quiet", "origin", "main"]);
    client.get(&path).expect(200);
    let shown = client.get(&path).expect(200);
    assert_eq!(
        (&shown["mergeable"], &shown["mergeable_state"]),
        (&json!(false), &json!("dirty"))
    );
    client
        .send("PUT", &format!("{path}/merge"), &[], "{}")
        .expect(405);
}
