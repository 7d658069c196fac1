//! Pull requests of items: opened from here, merged there, and never called done before.

use super::project::Project;
use super::server::{Method, Reason};
use crate::support::Repo;

/// A linked project with a gate, and a task whose work is committed in its worktree.
fn with_work(labels: &[&str]) -> (Project, String, Repo) {
    let project = Project::bound();
    let repo = &project.repo;
    let mut arguments = vec!["--accept", "Logins are limited"];
    for label in labels {
        arguments.extend(["--label", label]);
    }
    let id = repo.task("Limit login attempts", &arguments);
    let started = repo.data(&["start", &id]);
    let place = repo.other(started["worktree"].as_str().unwrap());
    place.write("src/login.rs", "fn limit() {}\n");
    place.commit_all("Limit login attempts");
    (project, id, place)
}

#[test]
fn in_08_in_11_wt_06_a_pull_request_says_what_it_is_and_is_ready_once_gates_pass() {
    let (project, id, place) = with_work(&["auth"]);
    let repo = &project.repo;
    repo.pm(&["config", "pm.gate", "unit=true"]).ok();
    let shown = place.pm(&["github", "pr", "--dry-run"]).ok().out;
    assert!(
        shown.contains("would open a pull request as a draft"),
        "{shown}"
    );
    assert_eq!(project.pulls(), 0);

    let pull = place.data(&["github", "pr"]);
    assert_eq!(
        (&pull["number"], &pull["action"]),
        (&1.into(), &"opened".into())
    );
    assert_eq!(pull["draft"], true);
    let (body, draft, labels) = project.pull(1);
    assert!(draft);
    assert_eq!(labels, ["auth"]);
    for heading in [
        "## Linked Task ID",
        "## What Changed",
        "## Validation",
        "## Risk",
    ] {
        assert!(body.contains(heading), "{body}");
    }
    let commit = place.git(&["rev-parse", "HEAD"]).ok().out;
    let commit = commit.trim();
    assert!(
        body.contains("[ ] Logins are limited: no commit or line is named"),
        "{body}"
    );
    // People write around it.
    project.github.edit(|web| {
        let mut page = web.by("alice").repository("acme", "widget");
        page.issue(1)
            .body(&format!("Please look.\n\n{body}\n\nThanks"));
    });
    place
        .pm(&[
            "finish",
            "--accept",
            "1",
            "--evidence",
            "see src/login.rs:1",
            "--pr",
        ])
        .ok();
    let (body, draft, _) = project.pull(1);
    assert!(!draft);
    assert!(
        body.starts_with("Please look.\n\n<!-- git-pm pull ") && body.ends_with("Thanks"),
        "{body}"
    );
    assert!(body.contains("[x] Logins are limited"), "{body}");
    assert!(
        body.contains(&format!("/blob/{commit}/src/login.rs#L1")),
        "{body}"
    );
    assert!(body.contains("Gates passed: `unit`"), "{body}");
    assert_eq!(repo.data(&["show", &id])["status"], "in_review");

    // IN-10: again changes nothing.
    project.github.clear_requests();
    let again = repo.data(&["github", "pr", &id]);
    assert_eq!(again["action"], "unchanged", "{again}");
    assert_eq!(project.pulls(), 1);
    let writes = project.github.requests();
    let writes: Vec<_> = writes.iter().filter(|seen| seen.method != "GET").collect();
    assert!(writes.is_empty(), "{writes:?}");
    assert_eq!(project.github.take_violations(), Vec::<String>::new());
}

#[test]
fn in_09_work_that_was_merged_there_ends_the_task_whatever_the_branch_has() {
    for method in [Method::Squash, Method::Rebase, Method::Merge] {
        let (project, id, place) = with_work(&[]);
        place.pm(&["finish", "--accept", "1", "--pr"]).ok();
        // The branch here goes on.
        place.write("src/more.rs", "\n");
        place.commit_all("More");
        let merged = project.github.edit(|web| {
            web.by("alice")
                .repository("acme", "widget")
                .issue(1)
                .merge(method)
        });
        let report = project.repo.data(&["github", "pull"]);
        assert_eq!(report["merged"], serde_json::json!([id]), "{report}");
        let item = project.repo.data(&["show", &id]);
        assert_eq!(item["status"], "done");
        assert_eq!(item["work"]["merged_commit"], merged.as_str(), "{item}");
        let log = project
            .repo
            .git(&["log", "--format=%s", "refs/pm/main"])
            .ok()
            .out;
        let marks = log
            .lines()
            .filter(|line| *line == format!("{id}: mark task done"));
        assert_eq!(marks.count(), 1, "{log}");
        let again = project.repo.data(&["github", "pull"]);
        assert_eq!(again["merged"], serde_json::json!([]));
        assert!(place.path.is_dir(), "its newer commits are only there");
    }
}

#[test]
fn a_target_that_moves_only_by_pull_requests_is_merged_there() {
    let project = Project::bound();
    project
        .github
        .edit(|web| web.repository("acme", "widget").rule("main"));
    let repo = &project.repo;
    let linked = repo.pm(&["github", "link"]).ok();
    assert!(
        linked.err.contains("main moves only through pull requests"),
        "{}",
        linked.err
    );
    let id = repo.task("One", &[]);
    let started = repo.data(&["start", &id]);
    let place = repo.other(started["worktree"].as_str().unwrap());
    place.write("one", "1\n");
    place.commit_all("One");
    place.pm(&["finish", "--pr"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let before = repo.git(&["rev-parse", "main"]).ok().out;
    let refused = repo.pm(&["merge", &id]).exits(1);
    assert!(refused.err.contains("--pr"), "{}", refused.err);
    assert_eq!(repo.git(&["rev-parse", "main"]).ok().out, before);
    assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");

    let merged = repo.data(&["merge", &id, "--pr"]);
    assert_eq!(merged["status"], "done", "{merged}");
    assert!(!place.path.exists(), "its worktree is gone");
    let here = repo.git(&["rev-parse", "main"]).ok().out;
    let there = repo.git(&["rev-parse", "origin/main"]).ok().out;
    assert_eq!(here, there);
    assert_ne!(here, before);
    let subject = repo.git(&["log", "-1", "--format=%s", "main"]).ok().out;
    assert!(subject.contains("One"), "{subject}");
    assert_eq!(project.github.take_violations(), Vec::<String>::new());
}

#[test]
fn a_target_that_the_remote_refuses_is_not_merged_here() {
    let (project, id, place) = with_work(&[]);
    let repo = &project.repo;
    repo.pm(&["config", "pm.pushTarget", "always"]).ok();
    place.pm(&["finish", "--accept", "1"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    project.refuse_pushes_to("main");
    let before = repo.git(&["rev-parse", "main"]).ok().out;
    let refused = repo.pm(&["merge", &id]).exits(1);
    assert!(refused.err.contains("--pr"), "{}", refused.err);
    assert_eq!(repo.git(&["rev-parse", "main"]).ok().out, before);
    assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");
}

#[test]
fn checks_are_waited_for_and_a_failed_one_is_named() {
    let (project, id, place) = with_work(&[]);
    place.pm(&["finish", "--accept", "1", "--pr"]).ok();
    let commit = place
        .git(&["rev-parse", "HEAD"])
        .ok()
        .out
        .trim()
        .to_string();
    project.github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.set_check(&commit, "build", Some("success"));
        page.set_status(&commit, "ci/lint", "pending");
    });
    let (repo, other) = (project.repo.clone(), id.clone());
    let waits = std::thread::spawn(move || repo.data(&["github", "pr", &other, "--wait"]));
    std::thread::sleep(std::time::Duration::from_millis(700));
    project.github.edit(|web| {
        web.repository("acme", "widget")
            .set_status(&commit, "ci/lint", "success");
    });
    let pull = waits.join().unwrap();
    assert_eq!(pull["checks"].as_array().unwrap().len(), 2, "{pull}");
    project.github.edit(|web| {
        web.repository("acme", "widget")
            .set_check(&commit, "build", Some("failure"));
    });
    let failed = project.repo.pm(&["github", "pr", &id, "--wait"]).exits(1);
    assert!(
        failed
            .err
            .contains("checks of pull request #1 failed: build"),
        "{}",
        failed.err
    );
}

#[test]
fn rv_07_one_comment_says_how_the_work_stands() {
    let (project, id, place) = with_work(&[]);
    place.pm(&["finish", "--accept", "1", "--pr"]).ok();
    let made = project.repo.data(&["github", "comment", &id]);
    assert_eq!(made["changed"], true, "{made}");
    let again = project.repo.data(&["github", "comment", &id]);
    assert_eq!(again["changed"], false);
    project
        .repo
        .pm(&["task", "return", &id, "--note", "More tests"])
        .ok();
    project.repo.pm(&["github", "comment", &id]).ok();
    let comments = project
        .github
        .edit(|web| web.repository("acme", "widget").issue(1).comments());
    assert_eq!(comments.len(), 1);
    assert!(
        comments[0].body.contains("Acceptance"),
        "{}",
        comments[0].body
    );
    assert_eq!(project.github.take_violations(), Vec::<String>::new());
}

#[test]
fn two_clones_open_one_pull_request_and_a_closed_one_stays_closed() {
    let (project, id, place) = with_work(&[]);
    place.pm(&["github", "pr"]).ok();
    // As if the answer had been lost: the item of another clone names none.
    let other = project.clone("other");
    other.git(&["fetch", "origin"]).ok();
    let pull = other.data(&["github", "pr", &id]);
    assert_eq!(pull["number"], 1, "{pull}");
    assert_eq!(project.pulls(), 1);
    project.github.edit(|web| {
        web.by("alice")
            .repository("acme", "widget")
            .issue(1)
            .close(Reason::NotPlanned);
    });
    let refused = place.pm(&["github", "pr"]).exits(1);
    assert!(
        refused.err.contains("was closed at GitHub"),
        "{}",
        refused.err
    );
    assert_eq!(project.pulls(), 1);
    place.write("src/more.rs", "\n");
    place.commit_all("More");
    let opened = place.data(&["github", "pr"]);
    assert_eq!(
        (&opened["number"], &opened["action"]),
        (&2.into(), &"opened".into())
    );
}

#[test]
fn rv_08_owners_are_shown_and_asked() {
    let project = Project::bound();
    let repo = &project.repo;
    project.github.user("bob");
    repo.write(
        ".github/CODEOWNERS",
        "src/ @bob\ndocs/ writer@example.org\n",
    );
    repo.commit_all("Owners");
    repo.git(&["push", "origin", "main"]).ok();
    let id = repo.task("One", &[]);
    let started = repo.data(&["start", &id]);
    let place = repo.other(started["worktree"].as_str().unwrap());
    place.write("src/a", "1\n");
    place.write("docs/a", "1\n");
    place.commit_all("One");
    let pull = place.data(&["github", "pr"]);
    assert_eq!(
        pull["owners"],
        serde_json::json!(["@bob", "writer@example.org"])
    );
    assert!(
        pull["notes"][0]
            .as_str()
            .unwrap()
            .contains("writer@example.org"),
        "{pull}"
    );
    let asked = project.github.edit(|web| {
        let page = web.repository("acme", "widget");
        page.view().issues[&1]
            .pull
            .as_ref()
            .unwrap()
            .reviewers
            .clone()
    });
    assert_eq!(asked, ["bob"]);
}

#[test]
fn a_public_repository_needs_a_human_who_has_seen_the_text() {
    let project = Project::bound_to(true);
    let repo = &project.repo;
    let id = repo.task("One", &[]);
    let started = repo.data(&["start", &id]);
    let place = repo.other(started["worktree"].as_str().unwrap());
    place.write("one", "1\n");
    place.commit_all("One");
    let refused = place.pm(&["github", "pr"]).exits(1);
    assert!(refused.err.contains("is public"), "{}", refused.err);
    let agent = crate::support::agent(&place);
    agent.pm(&["github", "pr", &id, "--yes"]).exits(1);
    assert_eq!(project.pulls(), 0);
    place.pm(&["github", "pr", "--yes"]).ok();
    assert_eq!(project.pulls(), 1);
    let secret = concat!("ghp_16C7e42F292c6912E", "7710c838347Ae178B4a");
    let second = repo.task(&format!("Use {secret}"), &[]);
    let started = repo.data(&["start", &second]);
    let place = repo.other(started["worktree"].as_str().unwrap());
    place.write("two", "2\n");
    place.commit_all("Two");
    let refused = place.pm(&["github", "pr"]).exits(1);
    assert!(
        refused.err.contains("seems to have a secret"),
        "{}",
        refused.err
    );
    assert!(!refused.err.contains(secret));
}

#[test]
fn a_gate_opens_once_its_pull_request_was_merged() {
    let (project, id, place) = with_work(&[]);
    let repo = &project.repo;
    place.pm(&["github", "pr"]).ok();
    let later = repo.task("Later", &[]);
    let gate = repo.data(&[
        "issue",
        "gate",
        "create",
        "gh:pr",
        "--await-id",
        "1",
        "--blocks",
        &later,
    ]);
    let gate = gate["id"].as_str().unwrap().to_string();
    repo.pm(&["github", "pull"]).ok();
    assert_eq!(repo.data(&["show", &gate])["status"], "open");
    project.github.edit(|web| {
        let mut page = web.by("alice").repository("acme", "widget");
        page.issue(1).set_draft(false);
        page.issue(1).merge(Method::Merge);
    });
    let report = repo.data(&["github", "pull"]);
    assert_eq!(report["merged"], serde_json::json!([gate, id]), "{report}");
    let ready = repo.data(&["ready"]);
    assert_eq!(ready["items"][0]["id"], later.as_str(), "{ready}");
}

#[test]
fn in_12_the_environment_of_an_orchestrator_fills_what_is_not_set() {
    let project = Project::bound();
    let repo = &project.repo;
    repo.git(&["branch", "develop"]).ok();
    repo.git(&["push", "-q", "origin", "develop"]).ok();
    let root = repo.path.join("../work");
    let there = repo
        .with("DEFAULT_BRANCH", "develop")
        .with("WORKDIR_ROOT", root.to_str().unwrap());
    let id = there.task("One", &[]);
    let started = there.data(&["start", &id]);
    let place = started["worktree"].as_str().unwrap();
    assert!(place.ends_with("/work/T-0001-one"), "{place}");
    let place = there.other(place);
    place.write("one", "1\n");
    place.commit_all("One");
    let pull = place.data(&["github", "pr"]);
    assert_eq!(pull["base"], "develop", "{pull}");
    // What is set counts.
    repo.pm(&["config", "pm.target", "main"]).ok();
    assert_eq!(place.data(&["github", "pr", "--dry-run"])["base"], "main");
}

#[test]
fn a_task_that_was_opened_again_is_not_ended_by_its_old_pull_request() {
    let (project, id, place) = with_work(&[]);
    let repo = &project.repo;
    place.pm(&["finish", "--accept", "1", "--pr"]).ok();
    project.github.edit(|web| {
        let mut page = web.by("alice").repository("acme", "widget");
        page.issue(1).merge(Method::Squash)
    });
    repo.pm(&["github", "pull"]).ok();
    assert_eq!(repo.data(&["show", &id])["status"], "done");
    repo.pm(&["task", "reopen", &id]).ok();
    let report = repo.data(&["github", "pull"]);
    assert_eq!(report["merged"], serde_json::json!([]), "{report}");
    assert_ne!(repo.data(&["show", &id])["status"], "done");
}

#[test]
fn an_agent_does_not_end_what_was_merged_past_an_approval() {
    let (project, id, place) = with_work(&[]);
    place.pm(&["finish", "--accept", "1", "--pr"]).ok();
    project.github.edit(|web| {
        let mut page = web.by("alice").repository("acme", "widget");
        page.issue(1).merge(Method::Squash)
    });
    let agent = crate::support::agent(&project.repo);
    let report = agent.data(&["github", "pull"]);
    assert_eq!(report["merged"], serde_json::json!([]), "{report}");
    let note = report["notes"][0]["message"].as_str().unwrap();
    assert!(note.contains("a human ends"), "{report}");
    assert_eq!(project.repo.data(&["show", &id])["status"], "in_review");
    project.repo.pm(&["github", "pull"]).ok();
    assert_eq!(project.repo.data(&["show", &id])["status"], "done");
}

#[test]
fn work_that_stays_on_this_machine_is_not_sent() {
    let (project, _, place) = with_work(&["privacy:local"]);
    let error = place.pm(&["github", "pr", "--json"]).exits(1).error();
    assert_eq!(error["reason"], "forge.private", "{error}");
    assert_eq!(project.pulls(), 0);
    let there = project
        .repo
        .git(&["ls-remote", "--heads", "origin", "task/*"])
        .ok()
        .out;
    assert_eq!(there, "", "nor is its branch pushed");
}
