//! Other clients of GitHub with the fake, by hand.

use std::process::Command;

use serde_json::json;

use super::{Client, widget};

/// Runs `tests/github/octokit.mjs`, whose head says how: first as a client, and then as a reader of
/// the payloads that the webhooks had for it.
#[test]
#[ignore = "needs node and Octokit"]
fn octokit_works_with_it() {
    let github = widget();
    github.user("bob");
    github.webhook("http://127.0.0.1:9/", "secret");
    github.edit(|web| {
        web.add_type("acme", "Bug");
        web.repository("acme", "widget").push("topic");
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/github/octokit.mjs");
    let node = |arguments: &[&str]| {
        let status = Command::new("node").arg(script).args(arguments).status();
        assert!(status.expect("node runs").success());
    };
    node(&["client", &github.url(), "ghp_alice"]);
    github.edit(|web| {
        let mut widget = web.repository("acme", "widget");
        widget.push("topic");
    });
    let client = Client::new(&github.url(), Some("ghp_alice"));
    let pulls = client.get("/repos/acme/widget/pulls").expect(200);
    let merge = format!("/repos/acme/widget/pulls/{}/merge", pulls[0]["number"]);
    client.send("PUT", &merge, &[], "{}").expect(200);
    let file = tempfile::NamedTempFile::new().expect("a file");
    let deliveries: Vec<_> = github
        .queued()
        .into_iter()
        .map(|one| json!({"event": one.event, "action": one.action, "payload": one.payload}))
        .collect();
    std::fs::write(file.path(), json!(deliveries).to_string()).expect("a file");
    node(&["webhooks", &file.path().to_string_lossy()]);
}

/// Serves for as long as standard input is open, for `gh` and the like.
#[test]
#[ignore = "serves until standard input ends"]
fn it_serves_whoever_comes() {
    let github = widget();
    eprintln!("{} with the token ghp_alice", github.url());
    let _ = std::io::stdin().read_line(&mut String::new());
    eprintln!("{:#?}", github.requests());
}
