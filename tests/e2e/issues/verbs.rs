//! Refusals and messages of the verbs of issues, as users of beads see them.

use crate::support::{Ran, Repo, Scene, ids, set_up};

fn bd(repo: &Repo, args: &[&str]) -> Ran {
    repo.pm(&[&["issue"], args].concat())
}

/// Creates an issue and returns its id.
#[track_caller]
fn q(repo: &Repo, args: &[&str]) -> String {
    bd(repo, &[&["q"], args].concat()).ok().text()
}

#[test]
fn no_verb_ends_the_claim_of_another_actor_without_force() {
    let (_scene, repo) = set_up();
    let bob = repo.by("Bob");
    let issue = q(&repo, &["Bob's"]);
    bob.pm(&["issue", "claim", &issue]).ok();
    repo.task("Bob's, too", &[]);
    bob.pm(&["start", "T-1", "--no-worktree"]).ok();
    let claimed = repo.tip("refs/pm/main");
    let endings: &[&[&str]] = &[
        &["issue", "delete", &issue],
        &["issue", "delete", &issue, "--reason", "mine"],
        &["issue", "defer", &issue],
        &["issue", "defer", &issue, "--reason", "later"],
        &["issue", "defer", &issue, "--until", "+2d"],
        &["issue", "defer", "T-1", "--until", "+2d"],
        &["issue", "defer", "T-1"],
        &["task", "delete", "T-1"],
        &["task", "defer", "T-1"],
        &["task", "cancel", "T-1"],
    ];
    for args in endings {
        let refused = repo.pm(args).exits(3).err;
        assert!(refused.contains("held by Bob"), "{args:?}: {refused}");
    }
    for id in [&issue, "T-1"] {
        let line = format!(r#"{{"op":"issue.defer","id":"{id}","until":"+2d"}}"#);
        repo.feed(crate::support::binary(), &["batch"], &line)
            .exits(3);
        let line = format!(r#"{{"op":"issue.delete","id":"{id}"}}"#);
        repo.feed(crate::support::binary(), &["batch"], &line)
            .exits(3);
    }
    assert_eq!(repo.tip("refs/pm/main"), claimed, "nothing was written");
    // The holder may, and so may others with `--force`.
    bob.pm(&["issue", "defer", &issue, "--until", "+2d"]).ok();
    bob.pm(&["issue", "undefer", &issue]).ok();
    bob.pm(&["issue", "claim", &issue]).ok();
    bd(&repo, &["defer", &issue, "--force"]).ok();
    assert!(repo.data(&["show", &issue])["claim"].is_null());
    repo.pm(&["issue", "defer", "T-1", "--until", "+2d", "--force"])
        .ok();
    let other = q(&repo, &["Another one"]);
    bob.pm(&["issue", "claim", &other]).ok();
    bd(&repo, &["delete", &other, "--force"]).ok();
}

#[test]
fn synonyms_of_blocking_edge_types_block_and_mistyped_types_are_refused() {
    let (_scene, repo) = set_up();
    let a = q(&repo, &["A"]);
    for word in ["blocked-by", "depends-on", "blocked_by"] {
        let deps = format!("{word}:{a}");
        let made = repo.data(&["issue", "create", "Waits", "--deps", &deps]);
        let id = made["id"].as_str().unwrap();
        assert_eq!(made["edges"][0]["type"], "blocks", "{made}");
        assert!(!ids(&repo.data(&["ready"])["items"]).contains(&id));
        bd(&repo, &["dep", "remove", id, &a, "--type", word]).ok();
        let said = bd(&repo, &["dep", "add", id, &a, "--type", word]).ok().out;
        assert!(said.contains(&format!("{id} waits for {a}")), "{said}");
        bd(&repo, &["delete", id]).ok();
    }
    let before = repo.tip("refs/pm/main");
    let deps = format!("discoverd-from:{a}");
    let refused = bd(&repo, &["create", "x", "--deps", &deps]).exits(2).err;
    assert!(refused.contains("discoverd-from"), "{refused}");
    assert!(refused.contains("discovered-from, "), "{refused}");
    let b = q(&repo, &["B"]);
    let add = ["dep", "add", &b, &a, "--type", "odd"];
    bd(&repo, &add).exits(2);
    assert_ne!(repo.tip("refs/pm/main"), before);
    bd(&repo, &[&add[..], &["--force"]].concat()).ok();
    // A type that the store already uses is known.
    let c = q(&repo, &["C"]);
    bd(&repo, &["dep", "add", &c, &a, "--type", "odd"]).ok();
    bd(&repo, &["create", "x", "--deps", &format!("odd:{a}")]).ok();
}

#[test]
fn a_mistyped_type_of_an_issue_is_refused_unless_it_is_used_or_forced() {
    let (_scene, repo) = set_up();
    let refused = bd(&repo, &["create", "x", "-t", "nonsense"]).exits(2).err;
    assert!(refused.contains("`nonsense`"), "{refused}");
    assert!(refused.contains("bug, feature, task"), "{refused}");
    assert!(refused.contains("--force"), "{refused}");
    let id = q(&repo, &["y", "-t", "Bug"]);
    assert_eq!(repo.data(&["show", &id])["type"], "bug");
    bd(&repo, &["update", &id, "-t", "nonsense"]).exits(2);
    bd(&repo, &["edit", &id, "--type", "nonsense"]).exits(2);
    let line = r#"{"op":"issue.create","title":"z","type":"nonsense"}"#;
    repo.feed(crate::support::binary(), &["batch"], line)
        .exits(2);
    for known in ["user-story", "merge-request", "molecule", "docs"] {
        q(&repo, &["known", "-t", known]);
    }
    bd(&repo, &["update", &id, "-t", "nonsense", "--force"]).ok();
    bd(&repo, &["create", "z", "-t", "Nonsense"]).ok();
    let own = r#"{"op":"issue.create","title":"z","type":"own","force":true}"#;
    repo.feed(crate::support::binary(), &["batch"], own).ok();
    let more = ["create", "w", "-t", "other", "--force"];
    assert_eq!(
        repo.data(&[&["issue"], &more[..]].concat())["type"],
        "other"
    );
    let types = repo.data(&["issue", "list", "-t", "nonsense"]);
    assert_eq!(types["items"].as_array().unwrap().len(), 2, "{types}");
}

#[test]
fn issues_created_within_one_second_are_listed_in_order_of_creation() {
    let (_scene, repo) = set_up();
    let at = repo.when("2026-11-20T10:00:00Z");
    let mut made: Vec<String> = (1..=8)
        .map(|n| q(&at, &[&format!("One {n}"), "-p", "0"]))
        .collect();
    let lines: String = (1..=12)
        .map(|n| {
            format!("{{\"op\":\"issue.create\",\"title\":\"Of a batch {n}\",\"priority\":0}}\n")
        })
        .collect();
    at.feed(crate::support::binary(), &["batch"], &lines).ok();
    let all = at.data(&["issue", "list"]);
    let all = all["items"].as_array().unwrap();
    made.extend((1..=12).map(|n| {
        let title = format!("Of a batch {n}");
        let one = all.iter().find(|item| item["title"] == title.as_str());
        one.unwrap()["id"].as_str().unwrap().to_string()
    }));
    let orders: &[&[&str]] = &[
        &["ready", "--limit", "0"],
        &["issue", "ready"],
        &["issue", "list", "--sort", "priority"],
        &["issue", "list", "--sort", "created"],
        &["order"],
    ];
    for args in orders {
        assert_eq!(ids(&at.data(args)["items"]), made, "{args:?}");
    }
    let tip = at.data(&["next"]);
    assert_eq!(tip["id"], made[0].as_str());
    // And after a rebuild of the index.
    std::fs::remove_file(repo.path.join(".git/pm/index.sqlite")).unwrap();
    assert_eq!(ids(&at.data(orders[0])["items"]), made);
}

#[test]
fn closing_skips_and_reports_issues_that_are_already_closed() {
    let (_scene, repo) = set_up();
    let (a, b) = (q(&repo, &["A"]), q(&repo, &["B"]));
    bd(&repo, &["close", &a]).ok();
    let ran = bd(&repo, &["close", &a, &b]).ok();
    assert!(ran.out.contains(&format!("Closed {b}")), "{}", ran.out);
    assert!(!ran.out.contains(&format!("Closed {a}")), "{}", ran.out);
    let said = format!("{a} is already closed");
    assert!(ran.err.contains(&said), "{}", ran.err);
    assert_eq!(repo.data(&["show", &b])["status"], "closed");
    // A repeated close is no error.
    let tip = repo.tip("refs/pm/main");
    let none = bd(&repo, &["close", &a, &b]).ok();
    assert!(none.err.contains(&said), "{}", none.err);
    assert_eq!((none.out.as_str(), repo.tip("refs/pm/main")), ("", tip));
    repo.pm(&["epic", "create", "One"]).ok();
    repo.pm(&["epic", "create", "Two"]).ok();
    repo.pm(&["epic", "close", "E-1"]).ok();
    repo.pm(&["epic", "close", "E-1", "E-2"]).ok();
}

#[test]
fn an_update_without_changes_is_refused() {
    let (_scene, repo) = set_up();
    let id = q(&repo, &["A"]);
    repo.task("T", &[]);
    let before = repo.tip("refs/pm/main");
    for args in [
        &["issue", "update", &id][..],
        &["issue", "update", &id, "--force"],
        &["issue", "edit", &id],
        &["task", "edit", "T-1"],
    ] {
        let err = repo.pm(args).exits(2).err;
        assert!(err.contains("nothing to change"), "{args:?}: {err}");
        assert!(err.contains("hint"), "{err}");
    }
    assert_eq!(repo.tip("refs/pm/main"), before);
    bd(&repo, &["update", &id, "--claim"]).ok();
}

#[test]
fn adding_and_removing_an_edge_report_the_same_direction() {
    let (_scene, repo) = set_up();
    let (a, b) = (q(&repo, &["A"]), q(&repo, &["B"]));
    let added = bd(&repo, &["dep", "add", &a, &b]).ok().text();
    assert_eq!(added, format!("{a} waits for {b}"));
    let removed = bd(&repo, &["dep", "remove", &a, &b]).ok().text();
    assert_eq!(removed, format!("{a} no longer waits for {b}"));
    let log = repo
        .git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text();
    assert!(log.contains(&removed), "{log}");
    bd(&repo, &["dep", "add", &a, &b, "--type", "related"]).ok();
    let removed = bd(&repo, &["dep", "rm", &a, &b, "-t", "related"]).ok();
    assert_eq!(removed.text(), format!("{a} no longer related {b}"));
}

#[test]
fn the_tree_of_an_epic_shows_its_children() {
    let (_scene, repo) = set_up();
    let epic = q(&repo, &["Whole", "-t", "epic"]);
    let first = q(&repo, &["First", "--parent", &epic]);
    let second = q(&repo, &["Second", "--parent", &epic]);
    bd(&repo, &["dep", "add", &second, &first]).ok();
    let tree = repo.data(&["issue", "dep", "tree", &epic]);
    let nodes = tree["items"].as_array().unwrap();
    let depth = |id: &str| {
        let node = nodes.iter().find(|node| node["id"] == id);
        node.map(|node| node["depth"].as_u64().unwrap())
    };
    assert_eq!(depth(&epic), Some(0), "{tree}");
    assert!(depth(&first) >= Some(1), "{tree}");
    assert!(depth(&second) >= Some(1), "{tree}");
    assert_eq!(nodes.len(), 3, "each once: {tree}");
}

#[test]
fn editing_an_issue_prints_its_record_in_the_format_of_beads() {
    let (_scene, repo) = set_up();
    let id = q(&repo, &["A"]);
    let args = ["--format", "beads", "edit", &id, "--title", "B"];
    let record = bd(&repo, &args).ok().json();
    assert_eq!(
        (record["id"].as_str(), record["title"].as_str()),
        (Some(&id[..]), Some("B"))
    );
}

#[test]
fn a_number_with_a_hash_sign_finds_the_same_item_as_without() {
    let (_scene, repo) = set_up();
    let one = q(&repo, &["A", "--external-ref", "gh:17"]);
    let two = q(&repo, &["B", "--external-ref", "#18"]);
    for name in ["17", "#17"] {
        assert_eq!(repo.data(&["show", name])["id"], one.as_str(), "{name}");
    }
    for name in ["18", "#18"] {
        assert_eq!(repo.data(&["show", name])["id"], two.as_str(), "{name}");
    }
    repo.pm(&["show", "#"]).exits(4);
}

#[test]
fn verbs_of_a_group_are_suggested_for_unknown_commands() {
    let (_scene, repo) = set_up();
    for (args, hint) in [
        (&["claim", "T-1"][..], "`git pm start ID`"),
        (&["close", "T-1"], "`git pm issue close ID`"),
        (&["issue", "prime"], "`git pm prime`"),
        (&["issue", "onboard"], "`git pm install agents`"),
        (&["issue", "quickstart"], "`git pm help issue`"),
        (&["issue", "setup", "claude"], "`git pm install hooks`"),
        (&["issue", "hooks", "install"], "`git pm hook`"),
        (&["issue", "stats"], "`git pm stats`"),
        (&["issue", "mail"], "`git pm msg`"),
    ] {
        let err = repo.pm(args).exits(2).err;
        assert!(err.contains(hint), "{args:?}: {err}");
    }
    // An unknown verb is still a usage error.
    repo.pm(&["nothing-like-it"]).exits(2);
}

#[test]
fn undoing_the_creation_of_many_items_names_the_first_and_counts_the_rest() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let lines: String = (0..60)
        .map(|n| format!("{{\"op\":\"issue.create\",\"title\":\"Number {n}\"}}\n"))
        .collect();
    repo.feed(crate::support::binary(), &["batch"], &lines).ok();
    let out = repo.pm(&["undo", "--dry-run"]).ok().out;
    assert!(out.contains(" and 59 more"), "{out}");
    assert!(out.lines().all(|line| line.len() < 200), "{out}");
}

#[test]
fn an_export_without_issues_tells_how_to_include_them() {
    let (_scene, repo) = set_up();
    q(&repo, &["A"]);
    let out = repo.pm(&["export", "md", "out"]).ok().out;
    assert!(out.contains("0 files"), "{out}");
    assert!(out.contains("1 issue was not exported"), "{out}");
    for command in [
        "git pm export md FOLDER --layout tasks",
        "git pm export beads FILE",
    ] {
        assert!(out.contains(command), "{out}");
    }
    let all = repo.data(&["export", "md", "all", "--layout", "tasks"]);
    assert_eq!(all["files"], 1, "{all}");
}

// TM-10: `ready --claim` takes what `next` would: not what is assigned to another.
#[test]
fn tm_10_ready_claim_leaves_what_is_assigned_to_others() {
    let (_scene, repo) = set_up();
    let hers = q(&repo, &["Hers", "-p", "0", "--assignee", "eva"]);
    let free = q(&repo, &["Free", "-p", "2"]);
    let claude = repo.with("AI_AGENT", "claude");
    let claimed = claude.data(&["issue", "ready", "--claim"]);
    assert_eq!(claimed["id"], free.as_str());
    bd(&claude, &["ready", "--claim"]).exits(1);
    let listed = repo.data(&["issue", "ready"]);
    assert_eq!(listed["items"][0]["id"], hers.as_str());
    let claimed = repo.by("eva").data(&["issue", "ready", "--claim"]);
    assert_eq!(claimed["id"], hers.as_str());
    // Nor does `close --continue`.
    let epic = q(&repo, &["Whole", "-t", "epic"]);
    let parts = ["Done", "Hers, too"].map(|title| q(&repo, &[title, "--parent", &epic]));
    bd(&repo, &["update", &parts[1], "--assignee", "eva"]).ok();
    let closed = claude.data(&["issue", "close", &parts[0], "--continue"]);
    assert!(closed["claimed"].is_null(), "{closed}");
}

#[test]
fn closing_as_not_planned_cancels_and_says_what_it_releases() {
    let (_scene, repo) = set_up();
    repo.task("SSO", &[]);
    repo.task("Rollout", &["--depends-on", "T-1"]);
    let said = bd(&repo, &["close", "1", "--reason", "not planned"]).ok();
    assert_eq!(said.out, "Cancelled T-0001 SSO\n");
    assert!(
        said.err.contains("(T-0001), and ready now: T-0002"),
        "{}",
        said.err
    );
    let shown = repo.data(&["show", "T-1"]);
    assert_eq!(
        (&shown["status"], &shown["reason"]),
        (&"cancelled".into(), &"not planned".into())
    );
    for (reason, status) in [
        ("WONT_FIX", "cancelled"),
        ("Won't do", "cancelled"),
        ("duplicate", "cancelled"),
        ("Fixed in abc", "done"),
        ("completed", "done"),
        ("not planned, but done", "done"),
    ] {
        let issue = q(&repo, &[reason]);
        let task = repo.data(&["add", reason])["id"].clone();
        for id in [issue.as_str(), task.as_str().unwrap()] {
            let before = serde_json::json!(reason);
            bd(&repo, &["close", id, "--force", "--reason", reason]).ok();
            let after = repo.data(&["show", id]);
            let ours = after["status"].as_str().unwrap().replace("closed", "done");
            assert_eq!((ours.as_str(), &after["reason"]), (status, &before), "{id}");
        }
    }
}

#[test]
fn who_knows_gh_is_told_the_words_of_git_pm() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    let said = bd(&repo, &["list"]).ok().out;
    assert!(
        said.contains("No issues, but 1 task: `git pm list`."),
        "{said}"
    );
    for (typed, meant) in [
        ("issue create -t title", "`git pm issue create \"TITLE\"`"),
        ("pr list --state open", "`git pm list status:in_review`"),
        ("pr create", "`git pm finish`"),
        ("pr diff 1", "`git pm task diff ID`"),
        ("review approve 1", "`git pm task approve ID`"),
        ("inbox", "`git pm msg inbox`"),
        ("label list", "`git pm issue label list-all`"),
        ("list --search x", "`git pm search WORD`"),
        ("issue list -L 5", "`--limit`"),
        ("comment 1 --body x", "`git pm comment ID \"TEXT\"`"),
        // Not another name of `--as`.
        ("comment 1 --actor Priya x", "`--as ACTOR`"),
        ("standup --actor Omar", "`--by`"),
    ] {
        let words: Vec<&str> = typed.split(' ').collect();
        let said = repo.pm(&words).exits(2).err;
        assert!(said.contains(meant), "{typed}: {said}");
    }
}

#[test]
fn ready_claims_what_is_ready_now_and_not_when_it_was_listed() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let all: Vec<String> = ["One", "Two", "Three", "Four"]
        .map(|title| q(&a, &[title]))
        .into();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let first = a.data(&["issue", "ready", "--claim"]);
    let first = first["id"].as_str().unwrap();
    let second = a.data(&["issue", "close", first, "--claim-next"]);
    let second = second["claimed"]["id"].as_str().unwrap().to_string();
    a.pm(&["sync"]).ok();
    let claimed = b.data(&["issue", "ready", "--claim"]);
    let claimed = claimed["id"].as_str().unwrap();
    assert!(all.contains(&claimed.to_string()) && claimed != first && claimed != second);
}

#[test]
fn an_issue_of_type_epic_is_an_epic_in_queries_too() {
    let (_scene, repo) = set_up();
    let issue = q(&repo, &["Of beads", "-t", "epic"]);
    let epic = repo.data(&["epic", "create", "Whole"])["id"].clone();
    let task = repo.task("One", &[]);
    let found = |query: &str| {
        let listed = repo.data(&["list", query]);
        let mut all: Vec<String> = Vec::new();
        all.extend(ids(&listed["items"]).into_iter().map(str::to_string));
        all.sort();
        all
    };
    assert_eq!(found("is:epic"), [epic.as_str().unwrap(), &issue]);
    assert_eq!(found("-is:epic"), [task]);
    assert_eq!(found("is:epic is:issue"), [issue]);
}

/// `--cascade` is named only where it works.
#[test]
fn a_refused_delete_names_what_deletes_it() {
    let (_scene, repo) = set_up();
    let parent = q(&repo, &["Parent"]);
    let part = q(&repo, &["Part", "--parent", &parent]);
    let delete = ["issue", "delete", &parent];
    let said = repo.pm(&delete).exits(1).err;
    assert!(said.contains("`--cascade`"), "{said}");
    let waiter = q(&repo, &["Waits"]);
    repo.pm(&["dep", "add", &waiter, &part]).ok();
    let said = repo.pm(&delete).exits(1).err;
    assert!(!said.contains("`--cascade`"), "{said}");
    assert!(said.contains("`--force`"), "{said}");
    repo.pm(&["dep", "rm", &waiter, &part]).ok();
    repo.pm(&["issue", "delete", &parent, "--cascade"]).ok();
}
