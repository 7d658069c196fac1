//! Full-text search over items and comments; search words are never executed as query syntax.

use crate::support::{Repo, Scene};

fn set_up() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.set_up("repo");
    (scene, repo)
}

fn found(repo: &Repo, args: &[&str]) -> Vec<String> {
    let mut all = vec!["search", "--json"];
    all.extend(args);
    let data = repo.pm(&all).ok().data();
    let items = data["items"].as_array().expect("a list");
    let ids = items.iter().map(|item| item["id"].as_str().expect("an id"));
    ids.map(str::to_string).collect()
}

#[test]
fn search_finds_words_in_titles_bodies_comments_and_criteria() {
    let (_scene, repo) = set_up();
    repo.task("Cold cache", &["--body", "Requests take the slow path."]);
    repo.task("Slow login", &["--accept", "p95 under 20 ms"]);
    repo.task("Unrelated", &["--label", "backend"]);
    assert_eq!(
        found(&repo, &["slow"]),
        ["T-0002", "T-0001"],
        "a match in the title is not first"
    );
    assert_eq!(
        found(&repo, &["slow", "path"]),
        ["T-0001", "T-0002"],
        "a match of all words is not first"
    );
    assert_eq!(found(&repo, &["p95"]), ["T-0002"]);
    assert_eq!(found(&repo, &["backend"]), ["T-0003"]);
    repo.pm(&["task", "comment", "T-3", "-m", "see the zanzibar notes"])
        .ok();
    let data = repo.pm(&["search", "--json", "zanzibar"]).ok().data();
    let hit = &data["items"][0];
    assert_eq!(hit["id"], "T-0003");
    assert!(hit["comment"].is_string(), "{hit}");
    assert_eq!(hit["snippet"], "see the zanzibar notes");
    assert!(
        repo.pm(&["search", "nowhere"])
            .ok()
            .out
            .contains("No open item")
    );
}

#[test]
fn search_finds_every_local_and_synced_write() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.task("First draft", &[]);
    assert_eq!(found(&ana, &["draft"]), ["T-0001"]);
    ana.pm(&["task", "edit", "T-1", "--title", "Second version"])
        .ok();
    assert!(
        found(&ana, &["draft"]).is_empty(),
        "an old title is still found"
    );
    assert_eq!(found(&ana, &["version"]), ["T-0001"]);
    ana.pm(&["task", "cancel", "T-1"]).ok();
    assert!(
        found(&ana, &["version"]).is_empty(),
        "closed items are not omitted"
    );
    assert_eq!(found(&ana, &["version", "--all"]), ["T-0001"]);
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "ben", "Ben");
    ben.task("Third wheel", &[]);
    ben.pm(&["sync"]).ok();
    ana.pm(&["sync"]).ok();
    assert_eq!(found(&ana, &["wheel"]), ["T-0002"]);
}

#[test]
fn search_accepts_phrases_prefixes_and_excluded_words() {
    let (_scene, repo) = set_up();
    repo.task("Authenticate by token", &[]);
    repo.task("Token refresh by authority", &[]);
    assert_eq!(found(&repo, &["\"by token\""]), ["T-0001"]);
    assert_eq!(found(&repo, &["authent*"]), ["T-0001"]);
    assert_eq!(found(&repo, &["token", "--", "-refresh"]), ["T-0001"]);
    for odd in [
        "title:token OR",
        "NEAR(token)",
        "\"",
        "token\" OR \"x",
        "a\u{0}b",
        "*",
    ] {
        let ran = repo.pm(&["search", &odd.replace('\0', "")]);
        assert!(ran.code == 0 || ran.code == 2, "{odd}: {ran:?}");
    }
    repo.pm(&["search", "--", "-only"]).exits(2);
}

#[test]
fn search_matches_prefixes_parts_and_some_of_the_words() {
    let (_scene, repo) = set_up();
    repo.task("Waiter leaves early", &[]);
    repo.task("YAMLLoader drops keys", &["--body", "It crashes on start."]);
    repo.task("Deadlock in the daemon", &[]);
    repo.task("Sync is stale after a lock", &[]);
    assert_eq!(found(&repo, &["wait"]), ["T-0001"]);
    assert_eq!(found(&repo, &["yaml"]), ["T-0002"]);
    assert_eq!(found(&repo, &["yaml", "crash"]), ["T-0002"]);
    assert_eq!(found(&repo, &["yaml", "crashed"]), ["T-0002"]);
    // Whole words come before parts of others.
    assert_eq!(found(&repo, &["lock"]), ["T-0004", "T-0003"]);
    // Items with all words come before items with some of them, those with more of them first.
    let data = repo.data(&["search", "stale", "daemon", "lock"]);
    let hits = data["items"].as_array().unwrap();
    let ids: Vec<_> = hits.iter().map(|hit| hit["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["T-0004", "T-0003"]);
    assert_eq!(hits[0]["all_words"], false);
    let shown = repo.pm(&["search", "stale", "daemon", "lock"]).ok().out;
    assert!(
        shown.starts_with("containing some of the words:"),
        "{shown}"
    );
    assert_eq!(found(&repo, &["keys", "one", "two", "three"]), ["T-0002"]);
    // Quoted words are matched exactly, and excluded words stay excluded.
    assert!(found(&repo, &["\"dead\""]).is_empty());
    assert_eq!(found(&repo, &["lock", "--", "-daemon"]), ["T-0004"]);
}

#[test]
fn issue_search_applies_its_limit_to_issues_only() {
    let (_scene, repo) = set_up();
    for n in 0..8 {
        repo.task(&format!("Parser task {n}"), &[]);
    }
    repo.pm(&["issue", "create", "Parser issue"]).ok();
    let data = repo.data(&["issue", "search", "parser", "-n", "3"]);
    assert_eq!(data["items"].as_array().unwrap().len(), 1, "{data}");
}

#[test]
fn an_excluded_word_excludes_items_that_contain_it_in_any_field() {
    let (_scene, repo) = set_up();
    repo.task("Deadlocks in the pool", &[]);
    repo.task("A deadlock", &["--body", "Only with postgres."]);
    repo.task("Deadlock, too", &[]);
    repo.pm(&["task", "comment", "T-3", "-m", "seen with Postgres"])
        .ok();
    repo.task("Old lock", &["--label", "postgres"]);
    repo.pm(&["task", "comment", "T-4", "-m", "a deadlock"])
        .ok();
    for word in ["deadlock", "lock", "dead*", "deadlock pool"] {
        let query = format!("{word} -postgres");
        assert_eq!(found(&repo, &[&query]), ["T-0001"], "{query}");
    }
    let at = found(&repo, &["deadlock -pool -\"seen with\""]);
    assert_eq!(at, ["T-0002", "T-0004"]);
}

#[test]
fn a_conflicting_version_of_a_text_is_found() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.data(&["issue", "create", "One"])["id"].to_string();
    let id = id.trim_matches('"');
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    a.pm(&["--offline", "issue", "update", id, "--notes", "aardvark"])
        .ok();
    b.pm(&["--offline", "issue", "update", id, "--notes", "zanzibar"])
        .ok();
    for place in [&a, &b, &a] {
        place.pm(&["sync"]).ok();
    }
    for place in [&a, &b] {
        for word in ["aardvark", "zanzibar"] {
            let data = place.pm(&["search", "--json", word]).ok().data();
            assert_eq!(data["items"][0]["snippet"], word, "{data}");
        }
    }
}

#[test]
fn closed_items_that_match_as_well_are_reported() {
    let (_scene, repo) = set_up();
    let exact = repo.data(&["issue", "create", "Stale daemon lock delays the start"]);
    let exact = exact["id"].as_str().unwrap();
    repo.pm(&["issue", "close", exact]).ok();
    let search = ["issue", "search", "stale", "daemon", "lock", "delay"];
    let told = "`git pm issue search --all …` shows them";
    // First no open item matches, then one that has only some of the words.
    let none = repo.pm(&search).ok();
    assert!(none.err.contains(told), "{}", none.err);
    repo.pm(&["issue", "create", "Epic: the daemon and its stale lock"])
        .ok();
    let some = repo.pm(&search).ok();
    assert!(
        some.out.contains("containing some of the words"),
        "{}",
        some.out
    );
    assert!(some.err.contains("all of these words"), "{}", some.err);
    let json = repo.pm(&[&["--json"], &search[..]].concat()).ok().json();
    assert!(json.to_string().contains(told), "{json}");
    let beads = repo.pm(&[&search[..], &["--format", "beads"]].concat());
    assert!(beads.ok().err.contains(told));
    let all = repo.pm(&[&search[..], &["--all"]].concat()).ok();
    assert!(all.out.starts_with(exact), "{}", all.out);
    assert!(!all.err.contains("--all"), "{}", all.err);
    // Closed items that match less well than the shown ones are not reported.
    let fits = ["search", "epic", "daemon", "stale", "lock"];
    let fits = repo.pm(&fits).ok();
    assert!(!fits.err.contains("--all"), "{}", fits.err);
    let plain = repo.pm(&["search", "daemon"]).ok();
    assert!(
        plain.err.contains("`git pm search --all …`"),
        "{}",
        plain.err
    );
}
