//! Items and issues go both ways, and what both sides changed is written to neither.

use super::project::Project;
use super::server::{Fault, Reason};

#[test]
fn in_14_cm_05_items_become_issues_with_their_relations_and_comments() {
    let project = Project::new();
    let repo = &project.repo;
    let epic = repo.data(&["epic", "create", "Sign in"])["id"]
        .as_str()
        .unwrap()
        .to_string();
    let first = repo.task(
        "Hash passwords",
        &[
            "--epic",
            &epic,
            "--label",
            "auth",
            "--body",
            "With argon2.\n",
        ],
    );
    let second = repo.task(
        "Reset passwords",
        &["--epic", &epic, "--depends-on", &first],
    );
    repo.pm(&["task", "comment", &first, "See RFC 9106."]).ok();
    let other = repo.task("Something else", &[]);

    // The first time nothing is made before a human has seen what would be.
    let report = repo.data(&["github", "sync", &epic]);
    assert_eq!(
        (&report["needs_yes"], &report["created_there"]),
        (&true.into(), &3.into())
    );
    assert!(
        report["left_out"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["field"] == "priority")
    );
    assert_eq!(project.count(), 0);

    let report = repo.data(&["github", "sync", &epic, "--yes"]);
    assert_eq!(report["created_there"], 3, "{report}");
    assert_eq!(report["comments_there"], 1, "{report}");
    assert_eq!(project.count(), 3);
    let (title, body, closed) = project.there(2);
    assert_eq!((title.as_str(), closed), ("Hash passwords", false));
    assert!(body.starts_with("With argon2.\n\n<!-- git-pm "), "{body}");
    project.github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        assert_eq!(page.issue(2).labels(), ["auth"]);
        let comments = page.issue(2).comments();
        assert!(
            comments[0].body.contains("See RFC 9106."),
            "{}",
            comments[0].body
        );
        let parent = page.issue(1).view().id;
        assert_eq!(page.issue(3).view().parent, Some(parent));
        let blocker = page.issue(2).view().id;
        assert!(page.issue(3).view().blocked_by.contains(&blocker));
    });
    // A second exchange finds nothing to do, and needs few requests.
    project.github.clear_requests();
    let report = repo.data(&["github", "sync", &epic]);
    for key in [
        "created_there",
        "changed_there",
        "comments_there",
        "created_here",
        "changed_here",
        "comments_here",
    ] {
        assert_eq!(report[key], 0, "{key} in {report}");
    }
    assert!(
        project.github.requests().len() < 10,
        "{:?}",
        project.github.requests()
    );
    assert_eq!(repo.data(&["show", &other])["id"], other.as_str());
    let _ = second;
}

#[test]
fn in_14_changes_go_to_the_other_side_and_conflicts_to_neither() {
    let project = Project::new();
    let repo = &project.repo;
    let task = repo.task("One", &["--body", "Text"]);
    project.sync();
    project.github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.issue(1).title("One at GitHub").label("web");
    });
    repo.pm(&[
        "task",
        "edit",
        &task,
        "--body",
        "Other text",
        "--label",
        "here",
    ])
    .ok();
    let report = project.sync();
    assert_eq!(report["conflicts"].as_array().unwrap().len(), 0, "{report}");
    let item = repo.data(&["show", &task]);
    assert_eq!(item["title"], "One at GitHub");
    assert_eq!(item["labels"], serde_json::json!(["here", "web"]));
    assert!(project.there(1).1.starts_with("Other text"));
    project.github.edit(|web| {
        let mut labels = web.repository("acme", "widget").issue(1).labels();
        labels.sort();
        assert_eq!(labels, ["here", "web"]);
    });

    // Both change the title: neither is overwritten.
    project.github.edit(|web| {
        web.repository("acme", "widget").issue(1).title("Theirs");
    });
    repo.pm(&["task", "edit", &task, "--title", "Ours"]).ok();
    let report = project.sync();
    let conflict = &report["conflicts"][0];
    assert_eq!(
        (&conflict["ours"], &conflict["theirs"]),
        (&"Ours".into(), &"Theirs".into()),
        "{report}"
    );
    assert_eq!(repo.data(&["show", &task])["title"], "Ours");
    assert_eq!(project.there(1).0, "Theirs");
    assert_eq!(
        repo.data(&["github", "status"])["conflicts"][0]["field"],
        "title"
    );
    repo.pm(&["github", "resolve", &task, "theirs"]).ok();
    assert_eq!(repo.data(&["show", &task])["title"], "Theirs");
    repo.pm(&["github", "resolve", &task, "ours"]).exits(4);
    project.sync();
    assert_eq!(project.there(1).0, "Theirs");
}

#[test]
fn in_14_a_closed_state_goes_both_ways_with_its_reason() {
    let project = Project::new();
    let repo = &project.repo;
    let [a, b, c] = ["A", "B", "C"].map(|title| repo.task(title, &[]));
    repo.pm(&["task", "done", &c, "--force"]).ok();
    // Closed before the first exchange: it does not land open.
    let report = repo.data(&["github", "sync", "--yes", "--all"]);
    assert_eq!(report["created_there"], 3);
    assert!(project.there(3).2, "closed before it was made there");
    repo.pm(&["task", "cancel", &a, "--reason", "no"]).ok();
    project.github.edit(|web| {
        web.repository("acme", "widget")
            .issue(2)
            .close(Reason::Completed);
    });
    project.sync();
    project.github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        assert_eq!(page.issue(1).view().reason, Some(Reason::NotPlanned));
    });
    let item = repo.data(&["show", &b]);
    assert_eq!(item["status"], "done", "{item}");
    project.github.edit(|web| {
        web.repository("acme", "widget").issue(2).reopen();
    });
    project.sync();
    assert_eq!(repo.data(&["show", &b])["status"], "queued");
}

#[test]
fn in_14_two_clones_make_one_issue_and_one_item() {
    let project = Project::new();
    project.repo.task("One", &[]);
    project.repo.pm(&["sync"]).ok();
    let other = project.clone("other");
    let children =
        [&project.repo, &other].map(|repo| repo.spawn(&["github", "sync", "--yes", "--json"]));
    crate::support::wait_all(children.into());
    for repo in [&project.repo, &other, &project.repo, &other] {
        repo.pm(&["github", "sync", "--yes"]).ok();
    }
    assert_eq!(project.count(), 1);
    project.github.edit(|web| {
        web.repository("acme", "widget").create_issue("Two", "");
    });
    for repo in [&project.repo, &other, &project.repo] {
        repo.pm(&["github", "sync"]).ok();
        repo.pm(&["sync"]).ok();
    }
    assert_eq!(project.count(), 2);
    assert_eq!(
        project.repo.data(&["show", "gh-2"])["uid"],
        other.data(&["show", "gh-2"])["uid"]
    );
    assert_eq!(project.repo.state_tree(), other.state_tree());
}

#[test]
fn in_14_a_lost_answer_makes_no_second_issue() {
    let project = Project::new();
    for title in ["One", "Two", "Three"] {
        project.repo.task(title, &[]);
    }
    project
        .github
        .faults()
        .add("POST", "/issues", 2, Fault::CloseAfter);
    project.repo.pm(&["github", "sync", "--yes"]).exits(6);
    assert_eq!(project.count(), 2);
    project.sync();
    project.sync();
    assert_eq!(project.count(), 3);
    let status = project.repo.data(&["github", "status"]);
    assert_eq!(status["mirrors"].as_array().unwrap().len(), 3);
}

#[test]
fn rc_11_limits_and_faults_are_waited_for() {
    let project = Project::new();
    let repo = &project.repo;
    repo.task("One", &[]);
    {
        let mut faults = project.github.faults();
        faults.add("GET", "/issues", 1, Fault::BadGateway);
        faults.add("POST", "/issues", 1, Fault::SecondaryLimit(Some(1)));
    }
    project.sync();
    assert_eq!(project.count(), 1);
    // A limit that lasts long ends the command, which says when it is over.
    repo.task("Two", &[]);
    project
        .github
        .faults()
        .add("POST", "/issues", 1, Fault::PrimaryLimit);
    let error = repo.pm(&["github", "sync", "--json"]).exits(6).error();
    assert_eq!(error["reason"], "forge.limited", "{error}");
    project.sync();
    assert_eq!(project.count(), 2);
}

#[test]
fn in_14_a_deleted_issue_leaves_its_item() {
    let project = Project::new();
    let task = project.repo.task("One", &[]);
    project.sync();
    project
        .github
        .edit(|web| web.repository("acme", "widget").issue(1).delete());
    project
        .repo
        .pm(&["task", "edit", &task, "--title", "Two"])
        .ok();
    let report = project.sync();
    assert_eq!(report["notes"][0]["id"], task.as_str(), "{report}");
    assert_eq!(project.repo.data(&["show", &task])["title"], "Two");
    assert_eq!(project.sync()["created_there"], 0);
}

#[test]
fn mr_15_many_issues_need_few_requests() {
    let project = Project::new();
    let count = crate::support::size(5000, 150);
    project.github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        for n in 0..count {
            page.create_issue(&format!("Issue {n}"), "Text");
        }
    });
    let requests = |report: &serde_json::Value| report["requests"].as_u64().unwrap();
    let report = project.sync();
    assert_eq!(report["created_here"], count, "{report}");
    let pages = u64::try_from(count / 100 + 1).unwrap();
    assert!(requests(&report) < pages + 10, "{report}");
    let left = report["remaining"].as_u64().unwrap();
    assert_eq!(
        left,
        5000 - project.github.requests().len() as u64,
        "{report}"
    );
    // What changed in the second of the last change is listed again: here that may be all.
    let report = project.sync();
    assert!(requests(&report) < pages + 10, "{report}");
    assert_eq!(report["changed_here"], 0, "{report}");
    // The answer is the one of before, and costs nothing.
    let report = project.sync();
    let listed = project.github.requests();
    let listed: Vec<_> = listed
        .iter()
        .filter(|one| one.path.contains("/issues"))
        .collect();
    assert_eq!(listed.last().unwrap().status, 304, "{listed:?}");
    assert_eq!(report["changed_here"], 0);
}

#[test]
fn mr_15_many_items_need_few_requests_each() {
    let project = Project::new();
    let repo = &project.repo;
    let count = crate::support::size(5000, 60);
    let lines: String = (0..count)
        .map(|n| format!("{{\"op\":\"task.create\",\"title\":\"Task {n}\"}}\n"))
        .collect();
    repo.feed(crate::support::binary(), &["batch"], &lines).ok();
    repo.pm(&["sync"]).ok();
    let shown = repo.data(&["github", "sync", "--dry-run"]);
    assert_eq!(shown["created_there"], count, "{shown}");
    let report = project.sync();
    let requests = report["requests"].as_u64().unwrap() as usize;
    // One that makes it; the others read, a hundred at a time.
    assert!(requests < count + 2 * (count / 100) + 20, "{report}");
    assert_eq!(project.count(), count);
    let report = project.sync();
    let requests = report["requests"].as_u64().unwrap() as usize;
    assert!(requests < count / 100 + 10, "{report}");
    assert_eq!(report["changed_there"], 0, "{report}");
}

#[test]
fn in_14_a_pull_makes_items_and_sends_nothing() {
    let project = Project::new();
    let repo = &project.repo;
    project.github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        let epic = page.create_issue("All", "");
        let part = page.create_issue("Part", "");
        let id = page.issue(part).view().id;
        page.issue(epic).add_sub_issue(id).comment("Soon?");
        let other = page.create_issue("Before", "");
        let id = page.issue(other).view().id;
        page.issue(part).add_blocker(id);
    });
    repo.task("Stays here", &[]);
    let report = repo.data(&["github", "pull", "--dry-run"]);
    assert_eq!(
        (&report["created_here"], &report["dry_run"]),
        (&3.into(), &true.into())
    );
    project.github.clear_requests();
    let report = repo.data(&["github", "pull"]);
    let asks = repo.data(&["github", "sync"]);
    assert_eq!(
        (&asks["needs_yes"], &asks["created_there"]),
        (&true.into(), &1.into()),
        "{asks}"
    );
    assert_eq!(
        (&report["created_here"], &report["comments_here"]),
        (&3.into(), &1.into()),
        "{report}"
    );
    let requests = project.github.requests();
    assert!(
        requests.iter().all(|one| one.method == "GET"),
        "{requests:?}"
    );
    let part = repo.data(&["issue", "show", "gh-2"]).to_string();
    assert!(part.contains("gh-1") && part.contains("gh-3"), "{part}");
    assert!(repo.pm(&["show", "gh-1"]).ok().text().contains("Soon?"));
    assert!(!repo.data(&["ready"]).to_string().contains("gh-2"));
}

#[test]
fn in_14_a_change_on_a_later_page_is_seen() {
    let project = Project::new();
    project.github.edit(|web| {
        for n in 0..130 {
            web.repository("acme", "widget")
                .create_issue(&format!("Issue {n}"), "");
        }
    });
    for _ in 0..3 {
        project.sync();
    }
    project.github.edit(|web| {
        web.repository("acme", "widget").issue(130).title("New");
    });
    assert_eq!(project.sync()["changed_here"], 1);
    assert_eq!(project.repo.data(&["show", "gh-130"])["title"], "New");
}
