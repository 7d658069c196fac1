//! `start gh:12`: from an issue to a worktree in one command.

use super::project::{NAME, Project, address};
use super::server::{Page, Reason, Role};
use crate::support::agent;

/// Changes the linked repository as somebody.
fn edit<T>(project: &Project, login: &str, edit: impl FnOnce(&mut Page<'_>) -> T) -> T {
    let github = &project.github;
    github.edit(|web| edit(&mut web.by(login).repository("acme", "widget")))
}

/// The reason of an error.
fn refused(repo: &crate::support::Repo, id: &str) -> String {
    let error = repo.pm(&["start", id, "--json"]).exits(1).error();
    error["reason"].as_str().unwrap().to_string()
}

/// The number of items.
fn count(repo: &crate::support::Repo) -> usize {
    let all = repo.data(&["list", "--all"]);
    all["items"].as_array().unwrap().len()
}

#[test]
fn in_14_an_issue_is_started_in_one_command() {
    let project = Project::new();
    let repo = &project.repo;
    edit(&project, "alice", |page| {
        page.create_issue("Sign in", "With a code.");
        page.create_issue("Before", "");
        page.create_issue("Not read", "");
        let before = page.issue(2).view().id;
        page.issue(1).add_blocker(before);
    });
    let started = repo.data(&["start", "gh:1"]);
    assert_eq!(
        (&started["id"], &started["status"], &started["body"]),
        (
            &"gh-1".into(),
            &"in_progress".into(),
            &"With a code.".into()
        ),
        "{started}"
    );
    // What it waits for is not read, but named.
    let warnings = started["warnings"].to_string();
    assert!(warnings.contains("#2"), "{warnings}");
    assert!(repo.worktree("gh-1").read("README.md").len() > 1);
    repo.pm(&["show", "gh-2"]).exits(4);
    // A second time it is the same item, whatever it is called.
    let url = format!("http://{}/issues/1", address(&project.github));
    for name in ["gh:1", "gh:acme/widget#1", &url] {
        let again = repo.data(&["start", name]);
        assert_eq!(
            (&again["uid"], &again["again"]),
            (&started["uid"], &true.into())
        );
        let item = repo.data(&["task", "start", name, "--resume"]);
        assert_eq!(item["uid"], started["uid"], "{item}");
    }
    assert_eq!(count(repo), 1);
    // The rest comes with the next exchange, and with it the dependency.
    let report = repo.data(&["github", "pull"]);
    assert_eq!(report["created_here"], 2, "{report}");
    let item = repo.data(&["show", "gh-1"]);
    assert!(item["depends_on"].to_string().contains("gh-2"), "{item}");
}

#[test]
fn in_14_a_mirrored_item_is_named_by_its_issue_without_network() {
    let project = Project::new();
    let repo = &project.repo;
    let task = repo.task("One", &[]);
    project.sync();
    project.github.clear_requests();
    let url = format!("https://{}/issues/1", address(&project.github));
    for name in ["gh:1", "gh:Acme/Widget#1", &url] {
        assert_eq!(repo.data(&["show", name])["id"], task.as_str());
    }
    // It can be the number of an issue there.
    repo.task("Two", &[]);
    repo.pm(&["show", "#2"]).exits(4);
    repo.pm(&["task", "comment", "gh:1", "Soon."]).ok();
    for name in [
        "gh:2",
        "gh:acme/other#1",
        "https://github.com/acme/widget/issues/1",
    ] {
        let ran = repo.pm(&["show", name]).exits(4);
        assert!(ran.err.contains("reads the issue"), "{}", ran.err);
    }
    repo.pm(&["--offline", "start", "gh:1"]).ok();
    repo.pm(&["--offline", "task", "drop", "gh:1"]).ok();
    repo.pm(&["start", &task]).ok();
    let requests = project.github.requests();
    assert!(requests.is_empty(), "{requests:?}");
}

#[test]
fn in_14_what_cannot_be_started_is_refused_with_the_reason() {
    let project = Project::new();
    let repo = &project.repo;
    project.github.repository("acme", "other");
    edit(&project, "alice", |page| {
        for title in ["Closed", "Deleted"] {
            page.create_issue(title, "");
        }
        page.issue(1).close(Reason::Completed);
        page.issue(2).delete();
        page.push("topic");
        assert_eq!(page.create_pull("Change", "topic", "main"), 3);
    });
    for (id, says) in [
        ("gh:1", "is closed"),
        ("gh:2", "is not there"),
        ("gh:3", "is a pull request"),
        ("gh:99", "is not there"),
    ] {
        let error = repo.pm(&["start", id, "--json"]).exits(1).error();
        assert_eq!(error["reason"], "forge.issue", "{id} {error}");
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    project.github.clear_requests();
    let elsewhere = repo.pm(&["start", "gh:acme/other#1", "--json"]).exits(1);
    let error = elsewhere.error();
    assert_eq!(error["reason"], "forge.elsewhere", "{error}");
    assert!(error["message"].as_str().unwrap().contains(NAME), "{error}");
    assert!(project.github.requests().is_empty());
    assert_eq!(count(repo), 0);

    repo.pm(&["github", "link", "--remove"]).ok();
    assert_eq!(refused(repo, "gh:1"), "forge.unlinked");
}

#[test]
fn in_14_an_issue_from_outside_is_started_by_a_human_only() {
    let project = Project::new();
    let repo = &project.repo;
    edit(&project, "alice", |page| {
        page.set_role("mallory", Role::Read)
    });
    edit(&project, "mallory", |page| {
        page.create_issue("From outside", "rm -rf /");
        page.create_issue("Another", "");
    });
    let bot = agent(repo);
    let ran = bot.pm(&["start", "gh:1", "--json"]).exits(1);
    let error = ran.error();
    assert!(
        error["hints"].to_string().contains("git pm start gh:1"),
        "{error}"
    );
    // It has arrived, and waits.
    assert_eq!(repo.data(&["show", "gh:1"])["status"], "proposed");
    let started = repo.data(&["start", "gh:1"]);
    assert_eq!(
        (&started["status"], &started["created_by"]),
        (&"in_progress".into(), &"@mallory".into()),
        "{started}"
    );
    // The same where issues become tasks, which wait as deferred ones.
    repo.write(".pm.toml", "[github]\nincoming = \"task\"\n");
    repo.commit_all("chore: tasks");
    bot.pm(&["start", "gh:2"]).exits(1);
    assert_eq!(repo.data(&["show", "gh:2"])["status"], "deferred");
    let started = repo.data(&["start", "gh:2"]);
    assert_eq!(
        (&started["kind"], &started["status"]),
        (&"task".into(), &"in_progress".into()),
        "{started}"
    );
    // What somebody of the project asks for is for agents too.
    edit(&project, "alice", |page| {
        page.create_issue("Ours", "");
    });
    bot.pm(&["--as", "bot", "start", "gh:3"]).ok();
}
