//! `git pm board`, printed once.

mod live;
mod palette;

use crate::hostile::assert_no_terminal_escapes;
use crate::support::{Dice, Repo, Scene, binary, seed, set_up};

/// Creates tasks with one batch.
fn many(repo: &Repo, count: usize) {
    let line = |n: usize| format!(r#"{{"op":"task.create","title":"Task {n}"}}"#);
    let lines: Vec<String> = (0..count).map(line).collect();
    repo.feed(binary(), &["batch"], &lines.join("\n")).ok();
}

/// A project with one task in each state.
fn project(repo: &Repo) {
    repo.pm(&["epic", "create", "Logging in"]).ok();
    repo.task("Draw the page", &["--epic", "E-1", "-p", "1"]);
    repo.task(
        "修复登录时的竞争条件",
        &["--epic", "E-1", "--accept", "passes"],
    );
    repo.task("Wait for the page", &["--depends-on", "T-1"]);
    repo.task("Abandoned", &[]);
    repo.task("Not today", &[]);
    repo.pm(&["start", "T-2", "--no-worktree"]).ok();
    repo.pm(&["task", "cancel", "T-4"]).ok();
    repo.pm(&["task", "defer", "T-5", "--reason", "later"]).ok();
}

#[test]
fn ob_02_board_prints_the_work_by_state_as_text_markdown_and_json() {
    let (_scene, repo) = set_up();
    project(&repo);
    let printed = repo.pm(&["board", "--once"]).ok();
    insta::assert_snapshot!("board_text", printed.out);
    // Standard output is a pipe: the board is printed once in any case.
    assert_eq!(repo.pm(&["board"]).ok().out, printed.out);
    let narrow = repo.with("COLUMNS", "30").pm(&["board"]).ok();
    assert!(narrow.out.lines().all(|line| line.chars().count() <= 30));
    let lanes = repo
        .pm(&["board", "--once", "--md", "--lanes", "epic"])
        .ok();
    insta::assert_snapshot!("board_markdown_lanes", lanes.out);

    let view = repo.data(&["board"]);
    let counts: Vec<(&str, u64)> = view["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["value"].as_str().unwrap(), c["count"].as_u64().unwrap()))
        .collect();
    let expected = [
        ("queued", 1),
        ("in_progress", 1),
        ("in_review", 0),
        ("blocked", 2),
        ("done", 0),
        ("cancelled", 1),
    ];
    assert_eq!(counts, expected);
    // Other views count what was deferred apart from what is blocked.
    assert_eq!(view["columns"][3]["title"], "blocked or deferred");
    let by_status = repo.data(&["board", "--by", "status"])["columns"].clone();
    let titles = by_status.as_array().unwrap().iter();
    assert!(titles.clone().any(|one| one["title"] == "deferred"));
}

/// The cards and counts of a board. Items that are alike are only counted, unless a query reads each.
fn cells(repo: &Repo, by: &str, lanes: &[&str], query: &[&str]) -> serde_json::Value {
    let args = [&["board", "--cards", "2", "--by", by], lanes, query].concat();
    let view = repo.data(&args);
    let mut cells = Vec::new();
    for lane in view["lanes"].as_array().unwrap() {
        for cell in lane["cells"].as_array().unwrap() {
            let ids: Vec<_> = cell["cards"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| &c["id"])
                .collect();
            cells.push(serde_json::json!([cell["count"], ids]));
        }
    }
    serde_json::json!([view["columns"], cells])
}

#[test]
fn ob_02_a_board_that_counts_agrees_with_one_that_reads_every_item() {
    let (_scene, repo) = set_up();
    many(&repo, 40);
    repo.pm(&["issue", "create", "Beside the tasks"]).ok();
    let mut dice = Dice::new(seed());
    let verbs: [&[&str]; 9] = [
        &["edit", "ID", "-p", "0"],
        &["task", "cancel", "ID"],
        &["task", "reopen", "ID"],
        &["task", "block", "ID", "a reason"],
        &["task", "defer", "ID", "2026-12-01"],
        &["task", "defer", "ID", "--reason", "later"],
        &["task", "claim", "ID"],
        &["dep", "add", "ID", "T-40"],
        &["done", "ID", "--evidence", "seen"],
    ];
    // Before and behind the end of the deferrals.
    for now in ["2026-11-20T12:00:00Z", "2026-12-20T12:00:00Z"] {
        let at = repo.when(now);
        for verb in verbs {
            for _ in 0..2 {
                let id = format!("T-{}", 1 + dice.below(39));
                let args: Vec<&str> = verb
                    .iter()
                    .map(|w| if *w == "ID" { &id } else { *w })
                    .collect();
                // Some are refused in the state of their item.
                at.pm(&args);
            }
        }
        for (by, lanes) in [
            ("state", &[][..]),
            ("state", &["--lanes", "priority"]),
            ("status", &[]),
            ("priority", &["--lanes", "status"]),
            ("kind", &[]),
        ] {
            let counted = cells(&at, by, lanes, &[]);
            let read = cells(&at, by, lanes, &["NOT label:none"]);
            assert_eq!(counted, read, "{by} {lanes:?}");
        }
    }
}

// OB-10: work of humans and agents side by side, and what waits for whom.
#[test]
fn ob_10_humans_and_agents_are_on_one_board() {
    let (_scene, repo) = set_up();
    repo.task("By hand", &[]);
    repo.task("By an agent", &[]);
    repo.task("Waits", &["--depends-on", "T-2"]);
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    crate::support::agent(&repo).pm(&["start", "T-2"]).ok();
    let view = repo.data(&["board", "--by", "owner", "is:open"]);
    let cards = |n: usize| view["lanes"][0]["cells"][n]["cards"].as_array().unwrap();
    let columns = view["columns"].as_array().unwrap();
    let all: Vec<&serde_json::Value> = (0..columns.len()).flat_map(cards).collect();
    let of = |id: &str| *all.iter().find(|card| card["id"] == id).unwrap();
    assert_eq!(of("T-0001")["agent"], serde_json::Value::Null);
    assert!(of("T-0002")["agent"].is_string(), "{view}");
    assert_eq!(of("T-0003")["state"], "blocked");
}

#[test]
fn ob_02_all_lanes_have_the_same_columns() {
    let (_scene, repo) = set_up();
    project(&repo);
    let wide = repo.with("COLUMNS", "100");
    let printed = wide.pm(&["board", "--once", "--lanes", "epic"]).ok().out;
    let headings = |printed: &str| -> Vec<Vec<usize>> {
        let lines = printed.lines().filter(|line| line.contains("queued "));
        let words = ["queued", "in progress", "blocked", "cancelled"];
        let at = |line: &str| words.iter().filter_map(|word| line.find(word)).collect();
        lines.map(at).collect()
    };
    let found = headings(&printed);
    assert_eq!(found.len(), 2, "{printed}");
    assert_eq!(found[0].len(), 4, "{printed}");
    assert_eq!(found[0], found[1], "{printed}");
    assert!(printed.contains("after T-0001"), "{printed}");
}

#[test]
fn ob_10_a_due_day_is_that_of_the_reader() {
    let (_scene, repo) = set_up();
    let here = repo.with("TZ", "America/Los_Angeles");
    here.task("Pay", &["--due", "2036-12-04"]);
    let printed = here.pm(&["board", "--once"]).ok().out;
    assert!(printed.contains("due 2036-12-04"), "{printed}");
    // The day ends there when the next one has begun in Berlin.
    let printed = repo
        .with("TZ", "Europe/Berlin")
        .pm(&["board", "--once"])
        .ok()
        .out;
    assert!(printed.contains("due 2036-12-05"), "{printed}");
}

#[test]
fn queries_and_saved_views_limit_the_board() {
    let (_scene, repo) = set_up();
    project(&repo);
    repo.pm(&["view", "save", "mine", "epic:E-1"]).ok();
    assert_eq!(repo.data(&["board", "--view", "mine"])["total"], 2);
    assert_eq!(
        repo.data(&["board", "--view", "mine", "is:claimed"])["total"],
        1
    );
    assert_eq!(repo.data(&["board", "--by", "priority"])["total"], 4);
    assert_eq!(
        repo.data(&["board", "--by", "priority", "--all"])["total"],
        5
    );
    let bad = repo.pm(&["--json", "board", "status:)("]).exits(2);
    assert!(
        bad.error()["message"]
            .as_str()
            .unwrap()
            .contains("character"),
        "{bad:?}"
    );
    repo.pm(&["board", "--by", "moon"]).exits(2);
    // An issue is `open` and a task `queued`, which people read as the same word.
    repo.pm(&["issue", "create", "Of beads"]).ok();
    let by = repo.data(&["board", "--by", "status"]);
    let columns = by["columns"].as_array().unwrap().iter();
    let mut titles: Vec<&str> = columns.map(|one| one["title"].as_str().unwrap()).collect();
    let all = titles.len();
    titles.sort_unstable();
    titles.dedup();
    assert!(titles.contains(&"queued") && titles.len() == all, "{by}");
    repo.pm(&["board", "--lanes", "state"]).exits(2);
    repo.pm(&["board", "--view", "none"]).exits(4);
}

#[test]
fn an_empty_repository_has_an_empty_board() {
    let (_scene, repo) = set_up();
    assert_eq!(repo.pm(&["board"]).ok().text(), "The board is empty.");
    assert_eq!(
        repo.data(&["board"])["columns"].as_array().unwrap().len(),
        6
    );
    assert_eq!(
        repo.pm(&["board", "--md"]).ok().text(),
        "The board is empty."
    );
    let scene = Scene::new();
    scene.repo("b").pm(&["board"]).exits(5);
}

#[test]
fn a_hostile_title_neither_fills_the_board_nor_steers_the_terminal() {
    let (_scene, repo) = set_up();
    let evil = "\u{1b}[2J\u{9b}31m修复\u{202e}<b>".repeat(700);
    let line = serde_json::json!({ "op": "task.create", "title": evil });
    repo.feed(binary(), &["batch"], &line.to_string());
    repo.task("fine", &[]);
    for width in ["20", "1", "80", "100000"] {
        for args in [&["board"][..], &["board", "--md"], &["board", "--json"]] {
            let ran = repo.with("COLUMNS", width).pm(args);
            assert_no_terminal_escapes(&ran);
            let ran = ran.ok();
            assert!(ran.out.contains("fine"), "{width}: {}", ran.out);
            if args == ["board"] {
                assert!(ran.out.lines().count() < 20, "{}", ran.out);
            }
        }
    }
}

#[test]
fn ten_thousand_items_in_one_column_are_counted_and_not_listed() {
    let (_scene, repo) = set_up();
    many(&repo, 10_000);
    let ran = repo.pm(&["board"]).ok();
    assert!(ran.out.contains("and 9980 more"), "{}", ran.out);
    assert!(ran.out.len() < 5_000, "{} bytes", ran.out.len());
    let view = repo.data(&["board", "--cards", "3"]);
    assert_eq!(view["lanes"][0]["cells"][0]["left_out"], 9_997);
    assert_eq!(view["total"], 10_000);
}

/// A parent that waits only for its parts is queued and not blocked, wherever that is asked, and the figures add up.
#[test]
fn ob_02_a_parent_with_open_parts_is_not_blocked_in_any_view() {
    let (_scene, repo) = set_up();
    repo.task("Parent", &[]);
    repo.task("Child", &["--parent", "T-1"]);
    let view = repo.data(&["board", "--once"]);
    let column = |name: &str| {
        let mut columns = view["columns"].as_array().unwrap().iter();
        columns.find(|one| one["value"] == name).unwrap()["count"].clone()
    };
    assert_eq!((column("queued"), column("blocked")), (2.into(), 0.into()));
    let cards = view["lanes"][0]["cells"][0]["cards"].as_array().unwrap();
    let parent = cards.iter().find(|card| card["id"] == "T-0001").unwrap();
    assert_eq!(parent["waits_for"], "T-0002", "{parent}");
    assert!(parent["blocked"] == false && parent["ready"] == false);
    for asked in [&["list", "is:blocked"][..], &["blocked"]] {
        assert_eq!(repo.data(asked)["items"].as_array().unwrap().len(), 0);
    }
    let why = repo.data(&["why", "T-1"]);
    assert!(why["ready"] == false && why["blocked_by"] == serde_json::json!([]));
    let status = repo.data(&["status"]);
    let of = |name: &str| status[name].as_u64().unwrap();
    assert_eq!(
        [of("ready_count"), of("blocked"), of("containers")],
        [1, 0, 1]
    );
    let said = repo.pm(&["status"]).ok().out;
    assert!(
        said.contains("2 queued (of these 1 ready, 1 with open parts)"),
        "{said}"
    );
}
