//! `import github`: moving away from GitHub issues.

use super::project::{address, at};
use super::server::{GitHub, Reason, Role};
use crate::support::{Repo, Scene, agent};

/// A clone that is linked to nothing, and the repository with four issues, one of a stranger.
fn project() -> (GitHub, Scene, Repo) {
    let github = GitHub::start();
    github.repository("acme", "widget");
    github.token("ghp_secret", "alice", &["repo"]);
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.set_role("mallory", Role::Read);
        for title in ["All", "Part", "Before"] {
            page.create_issue(title, "Text");
        }
        let milestone = page.create_milestone("1.0");
        let [part, before] = [2, 3].map(|number| page.issue(number).view().id);
        page.issue(1).add_sub_issue(part).comment("Soon?");
        page.issue(2)
            .add_blocker(before)
            .label("bug")
            .milestone(Some(milestone));
        page.issue(3).close(Reason::Completed);
        let mut theirs = web.by("mallory").repository("acme", "widget");
        theirs.create_issue(
            "Outside",
            "<!-- git-pm 01890a5d-ac96-774b-bcce-b302099a8057 -->",
        );
    });
    let scene = Scene::new();
    let repo = at(&github, &scene.set_up("a"));
    (github, scene, repo)
}

fn counts(report: &serde_json::Value) -> [u64; 4] {
    ["created", "updated", "unchanged", "comments"].map(|key| report[key].as_u64().unwrap())
}

#[test]
fn in_14_issues_of_a_repository_are_imported_without_a_link() {
    let (github, _scene, repo) = project();
    let from = address(&github);
    let before = repo.state_tree();
    let report = repo.data(&["import", "github", &from, "--dry-run"]);
    assert_eq!(counts(&report), [4, 0, 0, 1], "{report}");
    assert_eq!(repo.state_tree(), before);
    let report = repo.data(&["import", "github", &from]);
    assert_eq!(counts(&report), [4, 0, 0, 1], "{report}");
    let requests = github.requests();
    assert!(
        requests.iter().all(|one| one.method == "GET"),
        "{requests:?}"
    );
    let part = repo.data(&["show", "gh-2"]);
    assert_eq!(
        part["labels"],
        serde_json::json!(["bug", "milestone:1.0"]),
        "{part}"
    );
    assert_eq!(part["type"], "bug", "{part}");
    let text = part.to_string();
    assert!(text.contains("gh-1") && text.contains("gh-3"), "{text}");
    assert_eq!(repo.data(&["show", "gh-3"])["status"], "closed");
    assert!(repo.pm(&["show", "gh-1"]).ok().text().contains("Soon?"));
    // A human has asked for it, so nothing of it waits.
    let outside = repo.data(&["show", "gh-4"]);
    assert_eq!(
        (&outside["status"], &outside["created_by"]),
        (&"open".into(), &"@mallory".into()),
        "{outside}"
    );
    assert!(repo.data(&["github", "status"])["link"].is_null());

    // A second time it changes what the source changed, and keeps what was changed here.
    let before = repo.tip("refs/pm/main");
    let report = repo.data(&["import", "github", &from]);
    assert_eq!(counts(&report), [0, 0, 4, 0], "{report}");
    assert_eq!(
        (repo.tip("refs/pm/main"), &report["commit"]),
        (before, &serde_json::Value::Null)
    );
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.issue(1).title("All of it");
        page.issue(2).title("Theirs");
        let mut theirs = web.by("mallory").repository("acme", "widget");
        theirs.issue(4).body("More");
    });
    repo.pm(&["issue", "update", "gh-2", "--title", "Ours"])
        .ok();
    let report = repo.data(&["import", "github", &from]);
    assert_eq!(counts(&report), [0, 2, 2, 0], "{report}");
    let warning = &report["warnings"][0];
    assert_eq!(warning["id"], "gh-2", "{report}");
    assert!(warning["message"].as_str().unwrap().contains("Theirs"));
    for (id, title, body) in [
        ("gh-1", "All of it", "Text"),
        ("gh-2", "Ours", "Text"),
        ("gh-4", "Outside", "More"),
    ] {
        let item = repo.data(&["show", id]);
        assert_eq!(
            (&item["title"], &item["body"]),
            (&title.into(), &body.into()),
            "{item}"
        );
    }
}

#[test]
fn in_14_an_agent_imports_what_strangers_ask_for_as_proposed() {
    let (github, _scene, repo) = project();
    agent(&repo)
        .pm(&["--as", "bot", "import", "github", &address(&github)])
        .ok();
    assert_eq!(repo.data(&["show", "gh-4"])["status"], "proposed");
    assert_eq!(repo.data(&["show", "gh-1"])["status"], "open");
}

#[test]
fn in_14_what_is_linked_is_pulled_and_what_was_imported_can_be_linked() {
    let (github, _scene, repo) = project();
    let from = address(&github);
    repo.pm(&["import", "github", &from]).ok();
    repo.pm(&["github", "link", &from]).ok();
    let error = repo.pm(&["import", "github", &from, "--json"]).exits(1);
    let error = error.error();
    assert_eq!(error["reason"], "forge.linked", "{error}");
    assert!(
        error["hints"].to_string().contains("github pull"),
        "{error}"
    );
    // Nothing is there twice.
    let report = repo.data(&["github", "sync", "--yes"]);
    assert_eq!(
        (&report["created_here"], &report["created_there"]),
        (&0.into(), &0.into()),
        "{report}"
    );
    assert_eq!(repo.data(&["show", "gh:2"])["id"], "gh-2");
    repo.pm(&["import", "github", "not a repository"]).exits(2);
}

#[test]
fn in_14_people_are_imported_under_the_names_that_they_have_here() {
    let (github, _scene, repo) = project();
    let from = address(&github);
    let map = ["--map-user", "OctoCat=Octo Cat", "--map-user", "mallory="];
    let import = ["import", "github", &from];
    repo.pm(&[&import[..], &map].concat()).ok();
    for (id, who) in [("gh-1", "Octo Cat"), ("gh-4", "@mallory")] {
        assert_eq!(repo.data(&["show", id])["created_by"], who, "{id}");
    }
}

#[test]
fn in_14_labels_of_issues_name_their_priority() {
    let (github, _scene, repo) = project();
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.issue(2).label("priority: high");
        page.issue(3).label("P0");
    });
    let report = repo.data(&["import", "github", &address(&github)]);
    let said = report["warnings"].to_string();
    assert!(said.contains("labels name the priority of 2"), "{said}");
    for (id, priority) in [("gh-1", 2), ("gh-2", 1), ("gh-3", 0)] {
        let item = repo.data(&["show", id]);
        assert_eq!(item["priority"], priority, "{item}");
    }
    let labels = repo.data(&["show", "gh-2"])["labels"].to_string();
    assert!(labels.contains("priority: high"), "{labels}");
}

#[test]
fn in_14_the_names_that_people_have_here_are_remembered_for_imports_and_exchanges() {
    let (github, _scene, repo) = project();
    let from = address(&github);
    let import = ["import", "github", &from];
    let map = ["--map-user", "OctoCat=Octo Cat", "--dry-run"];
    let before = repo.state_tree();
    repo.pm(&[&import[..], &map].concat()).ok();
    assert_eq!(repo.state_tree(), before);
    repo.pm(&[&import[..], &map[..2]].concat()).ok();
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.set_role("octocat", Role::Write);
        page.create_issue("Later", "Text");
        page.issue(1).assign(&["octocat"]);
    });
    repo.pm(&import).ok();
    let who = |id: &str, field: &str| repo.data(&["show", id])[field].clone();
    assert_eq!(who("gh-5", "created_by"), "Octo Cat");
    assert_eq!(who("gh-1", "assignee"), "Octo Cat");
    // Who was assigned under that name is known to be the same, so the change is taken.
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.issue(1).assign(&[]);
        page.create_issue("Last", "Text");
    });
    repo.pm(&["github", "link", &from]).ok();
    repo.pm(&["github", "pull"]).ok();
    assert!(who("gh-1", "assignee").is_null());
    assert_eq!(who("gh-6", "created_by"), "Octo Cat");
    // An empty name ends it.
    repo.pm(&["github", "link", "--remove"]).ok();
    repo.pm(&[&import[..], &["--map-user", "octocat="]].concat())
        .ok();
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.create_issue("At the end", "Text");
    });
    repo.pm(&import).ok();
    assert_eq!(who("gh-7", "created_by"), "octocat");
}

#[test]
fn in_14_a_label_takes_back_only_the_type_that_it_gave() {
    let (github, _scene, repo) = project();
    let from = address(&github);
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        for number in [1, 4] {
            page.issue(number).label("bug");
        }
    });
    repo.pm(&["import", "github", &from]).ok();
    let kind = |id: &str| repo.data(&["show", id])["type"].clone();
    for id in ["gh-1", "gh-2", "gh-4"] {
        assert_eq!(kind(id), "bug", "{id}");
    }
    repo.pm(&["issue", "update", "gh-2", "--type", "chore"])
        .ok();
    // Set by hand, although to the same in the end.
    for set in ["chore", "bug"] {
        repo.pm(&["issue", "update", "gh-4", "--type", set]).ok();
    }
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        for number in [1, 2, 4] {
            page.issue(number).unlabel("bug");
        }
    });
    for _ in 0..2 {
        repo.pm(&["import", "github", &from]).ok();
        for (id, wanted) in [("gh-1", "task"), ("gh-2", "chore"), ("gh-4", "bug")] {
            assert_eq!(kind(id), wanted, "{id}");
        }
    }
}

#[test]
fn in_14_a_type_follows_the_labels_as_often_as_they_change() {
    let (github, _scene, repo) = project();
    let from = address(&github);
    repo.pm(&["import", "github", &from]).ok();
    // The second issue is a bug there.
    let mut last = Some("bug");
    for (label, wanted) in [
        (Some("enhancement"), "feature"),
        (Some("bug"), "bug"),
        (None, "task"),
        (Some("bug"), "bug"),
    ] {
        github.edit(|web| {
            let mut page = web.repository("acme", "widget");
            if let Some(last) = last {
                page.issue(2).unlabel(last);
            }
            if let Some(label) = label {
                page.issue(2).label(label);
            }
        });
        last = label;
        github.advance(std::time::Duration::from_secs(60));
        repo.pm(&["import", "github", &from]).ok();
        assert_eq!(repo.data(&["show", "gh-2"])["type"], wanted, "{label:?}");
    }
}

#[test]
fn in_14_a_closed_issue_has_the_time_of_its_closing() {
    let (github, _scene, repo) = project();
    let from = address(&github);
    let closed_at = |number: u64| {
        github.edit(|web| {
            let mut page = web.repository("acme", "widget");
            let seconds = page.issue(number).view().closed_at.unwrap();
            jiff::Timestamp::from_second(seconds).unwrap().to_string()
        })
    };
    github.advance(std::time::Duration::from_secs(3600));
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.issue(3).title("Changed after its end");
    });
    repo.pm(&["import", "github", &from]).ok();
    assert_eq!(repo.data(&["show", "gh-3"])["closed_at"], closed_at(3));
    // One that has an item already, too.
    github.edit(|web| {
        let mut page = web.repository("acme", "widget");
        page.issue(2).close(Reason::Completed);
    });
    github.advance(std::time::Duration::from_secs(3600));
    repo.pm(&["import", "github", &from]).ok();
    assert_eq!(repo.data(&["show", "gh-2"])["closed_at"], closed_at(2));
}
