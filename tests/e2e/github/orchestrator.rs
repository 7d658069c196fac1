//! The loop of an orchestrator over HTTP: roles, webhooks, a merge at GitHub. No model takes part.

use std::time::{Duration, Instant};

use super::project::Project;
use super::server::{Fault, Method, Order};
use crate::serve::{Server, token};
use crate::support::Repo;

const SECRET: &str = "It's a Secret to Everybody";

/// A server of the project that GitHub sends its webhooks to, and a token for its roles.
fn served(project: &Project) -> (Server, String) {
    let repo = &project.repo;
    // The first push of the state is a human's decision.
    repo.pm(&["sync"]).ok();
    repo.pm(&["config", "pm.webhookSecret", SECRET]).ok();
    let server = Server::start(repo, &[]);
    let token = token(repo, "orchestrator", &["--scope", "write"]);
    project
        .github
        .webhook(&format!("http://{}/webhook", server.address), SECRET);
    (server, token)
}

/// Waits until something holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The lines of the log of actions.
fn actions(repo: &Repo) -> Vec<serde_json::Value> {
    let folder = repo.git(&["rev-parse", "--git-common-dir"]).ok().out;
    let path = repo.path.join(folder.trim()).join("pm/actions.jsonl");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn comments(project: &Project) -> usize {
    project
        .github
        .edit(|web| web.repository("acme", "widget").issue(1).comments().len())
}

/// IN-02 to IN-10 (IN-03, IN-04, IN-05: the roles over HTTP), CM-13.
#[test]
fn in_02_to_10_cm_13_the_loop_makes_one_task_one_branch_one_pull_request_one_comment_and_ends_once()
{
    let project = Project::bound();
    let repo = &project.repo;
    let (server, token) = served(&project);
    let role = |role: &str| {
        server
            .with(&token, "POST", &format!("/run/{role}"), "")
            .data()
    };
    // IN-07: the second call makes none.
    let made = role("taskmaster");
    assert_eq!(made["steps"][0]["action"], "created", "{made}");
    assert_eq!(role("taskmaster")["steps"], serde_json::json!([]));
    // IN-08: a pull request with the workflow and a smoke test.
    let worked = role("developer");
    assert_eq!(worked["pull_request"]["number"], 1, "{worked}");
    assert_eq!(role("developer")["steps"], serde_json::json!([]));
    let tasks = repo.data(&["list", "--all"]);
    assert_eq!(tasks["items"].as_array().unwrap().len(), 1, "{tasks}");
    let id = tasks["items"][0]["id"].as_str().unwrap().to_string();
    assert_eq!(tasks["items"][0]["status"], "in_review");
    let branches = repo
        .git(&["ls-remote", "--heads", "origin", "task/*"])
        .ok()
        .out;
    assert_eq!(branches.lines().count(), 1, "{branches}");
    let branch = branches.split("refs/heads/").nth(1).unwrap().trim();
    repo.git(&["fetch", "-q"]).ok();
    let files = repo
        .git(&["ls-tree", "-r", "--name-only", &format!("origin/{branch}")])
        .ok()
        .out;
    assert!(
        files.contains(".github/workflows/pm.yml") && files.contains("tests/test_smoke.py"),
        "{files}"
    );

    // IN-09: opened, and everything thrice and shuffled.
    for (round, order) in [Order::Thrice, Order::Shuffled(7), Order::Doubled]
        .into_iter()
        .enumerate()
    {
        if round > 0 {
            // Something to deliver: people push and talk.
            project.github.edit(|web| {
                web.by("alice")
                    .repository("acme", "widget")
                    .issue(1)
                    .label(&format!("l{round}"));
            });
        }
        for one in project.github.deliver(order) {
            assert_eq!(one.status, 202, "{one:?}");
        }
    }
    until("the comment is there", || comments(&project) == 1);
    // IN-06: by hand it finds nothing new.
    let reviewed = server.with(&token, "POST", "/run/reviewer?pr=1", "").data();
    assert_eq!(reviewed["steps"], serde_json::json!([]), "{reviewed}");
    // Synchronize: a new commit is reviewed, in the same comment.
    let place = repo.worktree(&id);
    place.write("src/new.py", "# TODO later\n");
    place.commit_all("Add a module");
    repo.git(&["push", "-q", "origin", branch]).ok();
    project
        .github
        .edit(|web| web.by("alice").repository("acme", "widget").pushed());
    project.github.deliver(Order::Thrice);
    let commit = place.tip("HEAD");
    until("the new commit is reviewed", || {
        repo.data(&["show", &id])["findings"]["last_review"]["commit"] == commit.as_str()
    });
    // Closed and merged: done exactly once, whatever comes when.
    project.github.edit(|web| {
        let mut page = web.by("alice").repository("acme", "widget");
        page.issue(1).set_draft(false);
        page.issue(1).merge(Method::Squash);
    });
    project.github.deliver(Order::Late(1));
    project.github.deliver(Order::Thrice);
    project.github.deliver(Order::Shuffled(3));
    until("the task is done", || {
        repo.data(&["show", &id])["status"] == "done"
    });
    let log = repo.git(&["log", "--format=%s", "refs/pm/main"]).ok().out;
    let done = log
        .lines()
        .filter(|line| *line == format!("{id}: mark task done"));
    assert_eq!(done.count(), 1, "{log}");
    assert_eq!((comments(&project), project.pulls()), (1, 1));
    assert_eq!(
        repo.data(&["list", "--all"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );

    // OB-05, IN-25: what was done, with delivery, task and pull request.
    let lines = actions(repo);
    let of = |action: &str| lines.iter().filter(|line| line["action"] == action).count();
    assert_eq!(of("done"), 1, "{lines:?}");
    assert!(of("reviewed") >= 1 && of("failed") == 0, "{lines:?}");
    let done = lines.iter().find(|line| line["action"] == "done").unwrap();
    assert_eq!(
        (&done["task"], &done["pull_request"]),
        (&id.as_str().into(), &1.into())
    );
    assert!(!done["deliveries"].as_array().unwrap().is_empty(), "{done}");
    assert_eq!(project.github.take_violations(), Vec::<String>::new());
}

#[test]
fn in_11_deliveries_that_come_before_the_answer_make_nothing_twice() {
    let project = Project::bound();
    let repo = &project.repo;
    let (server, token) = served(&project);
    // The issue and the pull request are made there, and what would have said so here is lost.
    let id = repo.task("One", &[]);
    let lost = |path: &str| {
        let mut faults = project.github.faults();
        faults.add("POST", path, 1, Fault::CloseAfter);
    };
    lost("/issues");
    // The server may be looking at the same moment.
    until("the answer is lost", || {
        repo.pm(&["github", "sync", "--yes"]).code == 6
    });
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("one", "1\n");
    place.commit_all("One");
    lost("/pulls");
    until("the answer is lost", || {
        place.pm(&["github", "pr"]).code == 6
    });
    assert_eq!(project.count(), 2);
    let named = || repo.data(&["github", "status"])["mirrors"][0]["number"].clone();
    assert!(named().is_null());

    for order in [Order::Thrice, Order::Shuffled(1)] {
        project.github.edit(|web| {
            let mut page = web.by("alice").repository("acme", "widget");
            page.issue(1).label(&format!("{order:?}"));
        });
        project.github.deliver(order);
    }
    until("the issue is known", || named() == 1);
    until("the pull request is known", || {
        actions(repo).iter().any(|line| line["pull_request"] == 2)
    });
    until("the pull request is written", || {
        place.pm(&["github", "pr"]).code == 0
    });
    until("the issues are exchanged", || {
        repo.pm(&["github", "sync", "--yes"]).code == 0
    });
    server.with(&token, "POST", "/run/reviewer?pr=2", "").data();
    assert_eq!((project.count(), project.pulls()), (2, 1));
    let items = repo.data(&["list", "--all"]);
    assert_eq!(items["items"].as_array().unwrap().len(), 1, "{items}");
}

#[test]
fn se_13_forged_foreign_and_broken_deliveries_change_nothing() {
    let project = Project::bound();
    let repo = &project.repo;
    let (server, _) = served(&project);
    let sent = |event: &str, signed: bool, body: &str| {
        let signature = super::server::signature(SECRET, body.as_bytes());
        let mut headers = vec![("x-github-event", event), ("x-github-delivery", "d-1")];
        if signed {
            headers.push(("x-hub-signature-256", &signature));
        }
        server.ask("POST", "/webhook", &headers, body)
    };
    let own = project
        .github
        .edit(|web| web.repository("acme", "widget").view().id);
    let body =
        |id: u64| format!("{{\"repository\":{{\"id\":{id}}},\"pull_request\":{{\"number\":1}}}}");
    assert_eq!(sent("pull_request", false, &body(own)).status, 401);
    assert_eq!(sent("pull_request", true, "not JSON").status, 400);
    assert_eq!(
        sent("pull_request", true, &body(own + 1)).reason(409),
        "forge.moved"
    );
    let large = format!("{{\"x\":\"{}\"}}", "a".repeat(5 << 20));
    assert_eq!(sent("pull_request", true, &large).status, 413);
    assert_eq!(
        sent("star", true, &body(own)).data()["looks_at"],
        serde_json::Value::Null
    );
    let again = sent("pull_request", true, &body(own)).data();
    assert_eq!(again["duplicate"], true, "the id was seen: {again}");
    let before = repo.tip("refs/pm/main");
    repo.task("One", &[]);
    for one in project.github.deliver(Order::Forged) {
        assert_eq!(one.status, 401);
    }
    assert_ne!(repo.tip("refs/pm/main"), before);
    // Without a secret nothing is taken.
    repo.git(&["config", "--unset", "pm.webhookSecret"]).ok();
    assert_eq!(sent("pull_request", true, &body(own)).status, 403);
}

#[test]
fn in_19_without_a_webhook_the_server_asks_at_an_interval() {
    let project = Project::bound();
    let repo = &project.repo;
    let id = repo.task("One", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("one", "1\n");
    place.commit_all("One");
    place.pm(&["finish", "--pr"]).ok();
    let _server = Server::start(repo, &["--poll", "10s"]);
    until("the comment is there", || comments(&project) == 1);
    project.github.edit(|web| {
        web.by("alice")
            .repository("acme", "widget")
            .issue(1)
            .merge(Method::Squash);
    });
    until("the task is done", || {
        repo.data(&["show", &id])["status"] == "done"
    });
}

#[test]
fn a_role_that_only_looks_changes_nothing_and_a_developer_needs_an_agent() {
    let project = Project::bound();
    let repo = &project.repo;
    repo.write("docs/PRD.md", "# Log in\n\n## Requirements\n\n- A user must log in with a password.\n- A wrong password must be refused.\n");
    repo.commit_all("Document");
    let before = repo.tip("refs/pm/main");
    for role in [
        &["planner", "--dry-run"][..],
        &["taskmaster", "--dry-run"],
        &["reviewer", "--dry-run"],
    ] {
        let report = repo.data(role);
        assert_eq!(report["dry_run"], true, "{report}");
    }
    assert_eq!(repo.tip("refs/pm/main"), before);
    let planned = repo.data(&["planner"]);
    assert!(
        planned["steps"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("tasks"),
        "{planned}"
    );
    let id = repo.task("Write the login", &[]);
    let error = repo.pm(&["develop", &id, "--json"]).exits(1).error();
    assert_eq!(error["reason"], "run.no_agent", "{error}");
}
