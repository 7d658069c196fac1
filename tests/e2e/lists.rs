//! Lists: queries, order, columns, trees, saved views, `--watch`.

use std::io::{BufRead, BufReader};

use crate::serve::Server;
use crate::support::{Repo, Scene, at_terminal, set_up};

/// The ids of a list, in order.
#[track_caller]
fn ids(repo: &Repo, args: &[&str]) -> Vec<String> {
    let data = repo.data(args);
    let items = data["items"].as_array().expect("a list has items");
    let id = |item: &serde_json::Value| item["id"].as_str().unwrap().to_string();
    items.iter().map(id).collect()
}

/// Some different items.
fn plan(repo: &Repo) {
    repo.pm(&["epic", "create", "Logging in", "--label", "auth"])
        .ok();
    for (title, more) in [
        (
            "Fix the race",
            &[
                "--label",
                "auth",
                "-p",
                "0",
                "--epic",
                "E-1",
                "--estimate",
                "L",
            ][..],
        ),
        (
            "Draw the login page",
            &["--label", "auth", "--label", "ui", "--estimate", "S"],
        ),
        (
            "Write it down",
            &["--assignee", "Ana", "--depends-on", "T-1", "-p", "1"],
        ),
        ("Old", &["--type", "chore"]),
    ] {
        repo.task(title, more);
    }
    repo.pm(&["task", "cancel", "T-4"]).ok();
    repo.pm(&["task", "comment", "T-2", "-m", "It may race, too"])
        .ok();
}

#[test]
fn due_and_deferral_times_count_forward() {
    let (_scene, repo) = set_up();
    // Not in the evening: a deferral of two hours ends on the same day.
    let repo = repo.when("2026-11-20T10:00:00Z");
    repo.task("Late", &["--due", "2020-01-01"]);
    repo.task("Soon", &["--due", "tomorrow", "--defer", "2h"]);
    repo.task("Far", &["--due", "12d", "--defer", "5d"]);
    repo.task("Never", &[]);
    for (query, expected) in [
        ("due:<3d", &["T-0001", "T-0002"][..]),
        ("due:<=3d", &["T-0001", "T-0002"]),
        ("due:3d", &["T-0001", "T-0002"]),
        ("due:<+3d", &["T-0001", "T-0002"]),
        ("due:>3d", &["T-0003"]),
        ("due:<now", &["T-0001"]),
        ("due:<today", &["T-0001"]),
        ("due:tomorrow", &["T-0002"]),
        ("due:<=tomorrow", &["T-0001", "T-0002"]),
        ("due:1h..30d", &["T-0002", "T-0003"]),
        ("due:>\"1 year ago\"", &["T-0002", "T-0003"]),
        ("due:<yesterday", &["T-0001"]),
        ("defer:<1d", &["T-0002"]),
        ("defer:>1d", &["T-0003"]),
        ("updated:<1d has:due", &["T-0001", "T-0002", "T-0003"]),
        ("created:>1d", &[]),
    ] {
        assert_eq!(ids(&repo, &["list", query]), expected, "{query}");
    }
}

#[test]
fn a_condition_without_a_colon_is_refused_and_quoted_text_is_searched() {
    let (_scene, repo) = set_up();
    repo.task("Set DEBUG=1 in the tests", &["-p", "1"]);
    for (query, right) in [
        ("priority<=1", "priority:<=1"),
        ("due<7d", "due:<7d"),
        ("status=done", "status:done"),
        ("priority!=2", "-priority:2"),
    ] {
        let said = repo.pm(&["list", query]).exits(2).err;
        assert!(said.contains(&format!("did you mean `{right}`?")), "{said}");
        repo.pm(&["list", right]).ok();
    }
    let said = repo.pm(&["ls", "DEBUG=1"]).exits(2).err;
    assert!(said.contains("\"DEBUG=1\""), "{said}");
    assert_eq!(ids(&repo, &["ls", "\"DEBUG=1\""]), ["T-0001"]);
}

#[test]
fn ob_02_list_answers_queries_over_every_kind() {
    let (_scene, repo) = set_up();
    plan(&repo);
    for (query, expected) in [
        (&[][..], &["E-0001", "T-0001", "T-0002", "T-0003"][..]),
        (
            &["status:open", "label:auth", "-owner:me", "race"],
            &["T-0001", "T-0002"],
        ),
        (
            &["status:open label:auth -owner:me \"the race\""],
            &["T-0001"],
        ),
        (&["is:closed or owner:me"], &["T-0003", "T-0004"]),
        (&["kind:task", "priority:<=1"], &["T-0001", "T-0003"]),
        (&["is:ready", "has:estimate"], &["T-0001", "T-0002"]),
        (&["is:blocked"], &["T-0003"]),
        (&["epic:E-1"], &["T-0001"]),
        (&["depends-on:T-1"], &["T-0003"]),
        (&["blocks:T-3"], &["T-0001"]),
        (&["(label:ui or label:nothing) updated:<1d"], &["T-0002"]),
        (&["updated:>7d"], &[]),
        (&["not has:label", "kind:task"], &["T-0003"]),
        (&["--kind", "epic", "label:a*"], &["E-0001"]),
        (&["estimate:>=M", "--all"], &["T-0001"]),
    ] {
        let mut args = vec!["list"];
        args.extend(query);
        assert_eq!(ids(&repo, &args), expected, "git pm list {query:?}");
    }
    assert_eq!(ids(&repo, &["epic", "list", "auth"]), ["E-0001"]);
    assert_eq!(
        ids(&repo, &["task", "list", "-label:ui", "--limit", "1"]),
        ["T-0001"]
    );
    let table = repo.pm(&["list", "label:ui"]).ok();
    assert!(table.out.contains("Draw the login page"), "{}", table.out);
    assert!(!table.out.contains("Fix"), "{}", table.out);
}

#[test]
fn a_bad_query_is_refused_with_position_and_hint() {
    let (_scene, repo) = set_up();
    plan(&repo);
    for (query, message, hint) in [
        ("label:ui priorty:1", "character 10", "priority"),
        ("(label:ui", "character 1)", ")"),
        ("status:>x", "cannot be compared", "status:VALUE"),
    ] {
        let error = repo.pm(&["--json", "list", query]).exits(2).error();
        let said = error["message"].as_str().unwrap();
        assert!(said.contains(message), "{said}");
        assert!(error["hints"].to_string().contains(hint), "{error}");
    }
    let error = repo.pm(&["--json", "list", "epic:E-9"]).exits(4).error();
    assert!(error["message"].as_str().unwrap().contains("E-9"));
    repo.pm(&["task", "list", "status:quued"]).exits(2);
    repo.pm(&["list", "--sort", "nonsense"]).exits(2);
    repo.pm(&["list", "--kind", "thing"]).exits(2);
}

#[test]
fn a_list_has_the_requested_order_and_columns() {
    let (_scene, repo) = set_up();
    plan(&repo);
    let sorted = |sort: &str| ids(&repo, &["task", "list", "--all", "--sort", sort]);
    assert_eq!(sorted("priority"), ["T-0001", "T-0003", "T-0002", "T-0004"]);
    assert_eq!(
        sorted("-priority,-id"),
        ["T-0004", "T-0002", "T-0003", "T-0001"]
    );
    // Items without a value come last in either order.
    assert_eq!(sorted("estimate"), ["T-0002", "T-0001", "T-0003", "T-0004"]);
    assert_eq!(sorted("-estimate")[..2], ["T-0001", "T-0002"]);
    assert_eq!(
        ids(&repo, &["list", "--sort=-title", "--limit", "1"]),
        ["T-0003"]
    );
    let table = repo
        .pm(&["list", "label:ui", "--columns", "title,id,estimate"])
        .ok();
    assert_eq!(table.text(), "Draw the login page  T-0002  S");
    let data = repo.data(&["list", "label:ui", "--columns", "id,label"]);
    assert_eq!(
        data["items"][0],
        serde_json::json!({"id": "T-0002", "labels": ["auth", "ui"]})
    );
    repo.pm(&["list", "--columns", "nonsense"]).exits(2);
}

#[test]
fn columns_have_names_at_a_terminal_only() {
    let (_scene, repo) = set_up();
    repo.task("Draw", &["--label", "ui"]);
    let first = |args: &[&str]| {
        let out = at_terminal(&repo.with("GIT_PAGER", "cat"), args, "")
            .ok()
            .out;
        out.lines()
            .next()
            .unwrap_or_default()
            .trim_end()
            .to_string()
    };
    let names = "ID      PRIO  TYPE     STATUS  TITLE  LABELS";
    assert_eq!(first(&["--no-color", "ls"]), names);
    assert_eq!(
        first(&["--no-color", "list", "--columns", "title,id"]),
        "TITLE  ID"
    );
    assert_eq!(first(&["ls", "label:none"]), "No items.");
    assert!(repo.pm(&["ls"]).ok().out.starts_with("T-0001"));
}

#[test]
fn a_tree_shows_the_ancestors_of_the_items() {
    let (_scene, repo) = set_up();
    plan(&repo);
    repo.task("A part", &["--parent", "T-1"]);
    let data = repo.data(&["list", "\"a part\"", "--tree"]);
    let nodes: Vec<(String, u64, bool)> = data["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| {
            (
                n["id"].as_str().unwrap().to_string(),
                n["depth"].as_u64().unwrap(),
                n["fits"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        nodes,
        [
            ("E-0001".into(), 0, false),
            ("T-0001".into(), 1, false),
            ("T-0005".into(), 2, true)
        ]
    );
    let text = repo.pm(&["list", "\"a part\"", "--tree"]).ok().out;
    assert!(text.contains("    T-0005  A part"), "{text}");
    assert!(!text.contains("T-0002"), "{text}");
}

#[test]
fn a_saved_view_is_shared_and_joins_field_by_field() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    plan(&a);
    let saved = a.data(&[
        "view",
        "save",
        "mine",
        "owner:me",
        "-is:closed",
        "--sort",
        "priority",
        "--columns",
        "id",
    ]);
    assert_eq!(saved["query"], "owner:me !is:closed");
    assert_eq!(a.pm(&["list", "--view", "mine"]).ok().text(), "T-0003");
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    assert_eq!(b.pm(&["list", "--view", "mine"]).ok().text(), "No items.");
    // Both clones change it concurrently, each another field.
    a.pm(&[
        "view",
        "save",
        "mine",
        "owner:me -is:closed",
        "--sort=-id",
        "--columns",
        "id",
    ])
    .ok();
    b.pm(&[
        "view",
        "save",
        "mine",
        "owner:me !is:closed",
        "--sort=priority",
        "--columns",
        "id",
        "--all",
    ])
    .ok();
    b.pm(&["view", "save", "ui", "label:ui", "--kind", "task"])
        .ok();
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    let view = b.data(&["view", "show", "mine"]);
    assert_eq!(view["query"], "owner:me -is:closed");
    assert_eq!((&view["sort"], &view["all"]), (&"-id".into(), &true.into()));
    let views = a.data(&["view", "list"]);
    assert_eq!(views["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_view_can_be_narrowed_replaced_and_removed() {
    let (_scene, repo) = set_up();
    plan(&repo);
    repo.pm(&["view", "save", "auth", "label:auth", "--sort=-id"])
        .ok();
    assert_eq!(
        ids(&repo, &["list", "--view", "auth"]),
        ["T-0002", "T-0001", "E-0001"]
    );
    assert_eq!(
        ids(&repo, &["list", "--view", "auth", "label:ui"]),
        ["T-0002"]
    );
    assert_eq!(
        ids(&repo, &["task", "list", "--view", "auth", "--sort", "id"]),
        ["T-0001", "T-0002"]
    );
    let before = repo.tip("refs/pm/main");
    repo.pm(&["view", "save", "auth", "label:auth", "--sort=-id"])
        .ok();
    assert_eq!(
        repo.tip("refs/pm/main"),
        before,
        "saving the same view made a commit"
    );
    repo.pm(&["view", "save", "auth", "label:ui"]).ok();
    let list = repo.data(&["view", "list"]);
    assert_eq!(list["items"][0]["query"], "label:ui");
    assert_eq!(list["items"][0]["sort"], serde_json::Value::Null);
    repo.pm(&["view", "rm", "auth"]).ok();
    repo.pm(&["view", "rm", "auth"]).exits(4);
    repo.pm(&["list", "--view", "auth"]).exits(4);
    repo.pm(&["view", "save", "auth", "label:auth"]).ok();
    assert_eq!(ids(&repo, &["list", "--view", "auth"]).len(), 3);
    for (name, query) in [("../x", "a"), ("x", "nonsense:1"), ("-x", "a"), ("", "a")] {
        repo.pm(&["view", "save", "--", name, query]).exits(2);
    }
    repo.pm(&["fsck"]).ok();
}

#[test]
fn watch_prints_the_list_again_when_the_state_changes() {
    let (_scene, repo) = set_up();
    plan(&repo);
    let mut child = repo.spawn(&["list", "label:auth", "--watch", "--json"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut count = || {
        let line = lines.next().expect("the watch ended").unwrap();
        let json: serde_json::Value = serde_json::from_str(&line).unwrap();
        json["data"]["items"].as_array().unwrap().len()
    };
    assert_eq!(count(), 3);
    repo.task("One more", &["--label", "auth"]);
    assert_eq!(count(), 4, "the new task was not shown");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn issue_list_accepts_queries_beside_the_flags_of_beads() {
    let (_scene, repo) = set_up();
    let make = |title: &str, more: &[&str]| {
        let args = [&["issue", "create", title], more].concat();
        repo.data(&args)["id"].as_str().unwrap().to_string()
    };
    let race = make(
        "Fix the race",
        &["-p", "0", "-l", "auth", "--due", "2030-01-01"],
    );
    let later = make(
        "Later",
        &["--defer", "2030-01-01T00:00:00Z", "--due", "2029-01-01"],
    );
    let part = make("A part", &["--parent", &race]);
    let below = format!("under:{race}");
    for (args, expected) in [
        (&["is:ready"][..], &[&part][..]),
        (&["is:deferred"], &[&later]),
        (&["has:due", "--sort", "due"], &[&later, &race]),
        (&["due:>2029-06-01"], &[&race]),
        (&["-p", "0", "label:auth"], &[&race]),
        (&["-p", "0", "label:ui"], &[]),
        (&["-l", "auth", "-p0"], &[&race]),
        (&["-label:auth", "has:due"], &[&later]),
        (&["--parent", &race], &[&part]),
        (&[&below], &[&part]),
        (&["--id", &later, "--status", "open"], &[&later]),
        (&["--title", "THE R"], &[&race]),
        (&["is:pinned or is:template"], &[]),
    ] {
        let args = [&["issue", "list"], args].concat();
        assert_eq!(
            ids(&repo, &args).iter().collect::<Vec<_>>(),
            expected,
            "{args:?}"
        );
    }
    assert_eq!(ids(&repo, &["list", "kind:issue", &below]), [part.as_str()]);

    // Deferred items are found by queries again, too, without a write.
    let after = repo.when("2031-01-01T00:00:00Z");
    let mut ready = ids(&after, &["issue", "list", "is:ready"]);
    ready.sort();
    let mut expected = [later.clone(), part];
    expected.sort();
    assert_eq!(ready, expected);
    assert!(ids(&after, &["list", "is:deferred"]).is_empty());

    let shown = repo.data(&["issue", "list", "is:deferred", "--columns", "id,due"]);
    assert_eq!(shown["items"][0].as_object().unwrap().len(), 2, "{shown}");
    let out = repo.pm(&["issue", "list", "is:deferred", "--format", "beads"]);
    let records: serde_json::Value = serde_json::from_str(&out.ok().out).unwrap();
    assert_eq!(records[0]["id"], later.as_str());
    repo.pm(&["issue", "list", "--tree", "--format", "beads"])
        .exits(2);
}

#[test]
fn a_negative_limit_is_refused_with_the_option_and_what_it_accepts() {
    let (_scene, repo) = set_up();
    for list in [
        &["list"][..],
        &["task", "list"],
        &["issue", "list"],
        &["log"],
        &["events"],
        &["search", "word"],
    ] {
        let refused = repo.pm(&[list, &["--limit", "-1"]].concat()).exits(2).err;
        let said = "invalid value '-1' for '--limit <N>': expected a whole number, 0 for all";
        assert!(refused.contains(said), "{list:?}: {refused}");
        assert!(!refused.contains("'-- -1'"), "{list:?}: {refused}");
    }
}

#[test]
fn short_options_of_a_list_are_no_words_to_exclude() {
    let (_scene, repo) = set_up();
    for (title, priority) in [("one", "0"), ("two", "2"), ("three", "2")] {
        repo.task(title, &["-p", priority, "-l", title]);
    }
    repo.pm(&["cancel", "3"]).ok();
    for (args, expected) in [
        (&["-a"][..], &["T-0001", "T-0002", "T-0003"][..]),
        (&["-p0"], &["T-0001"]),
        (&["-p", "2", "-a"], &["T-0002", "T-0003"]),
        (&["-l", "two"], &["T-0002"]),
        (&["-ltwo"], &["T-0002"]),
        (&["-s", "cancelled"], &["T-0003"]),
        (&["-scancelled"], &["T-0003"]),
        (&["-n1"], &["T-0001"]),
        (&["is:open", "-one"], &["T-0002"]),
    ] {
        assert_eq!(
            ids(&repo, &[&["ls"][..], args].concat()),
            expected,
            "{args:?}"
        );
    }
    for (typed, hint) in [("-x", "!WORD"), ("-foo", "!WORD"), ("-w", "`--watch`")] {
        let said = repo.pm(&["ls", typed]).exits(2).err;
        assert!(said.contains(hint), "{typed}: {said}");
    }
}

#[test]
fn me_may_be_written_as_on_forges() {
    let (_scene, repo) = set_up();
    repo.task("Mine", &["--assignee", "@me"]);
    repo.task("Given", &["--assignee", "ben"]);
    repo.pm(&["assign", "T-2", "me"]).ok();
    repo.task("Other", &["--assignee", "ben"]);
    for query in ["owner:@me", "owner:me", "assignee:@me"] {
        assert_eq!(
            ids(&repo, &["list", query]),
            ["T-0001", "T-0002"],
            "{query}"
        );
    }
    for name in ["@me", "me"] {
        assert_eq!(ids(&repo, &["list", "--owner", name]).len(), 2);
        assert_eq!(ids(&repo, &["issue", "list", "-a", name]).len(), 0);
    }
    repo.pm(&["issue", "q", "Bug", "-a", "@me"]).ok();
    assert_eq!(ids(&repo, &["issue", "list", "-a", "@me"]).len(), 1);
}

#[test]
fn a_word_that_is_a_state_leads_to_its_condition() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    for (word, condition) in [
        ("deferred", "is:deferred"),
        ("mine", "is:mine"),
        ("done", "status:done"),
    ] {
        let out = repo.pm(&["list", word]).ok().out;
        assert!(out.contains(&format!("git pm list {condition}")), "{out}");
        repo.pm(&["list", condition]).ok();
    }
    let none = repo.pm(&["list", "zebra"]).ok().text();
    assert!(
        none.starts_with("No items; `git pm search zebra`"),
        "{none}"
    );
    assert_eq!(repo.pm(&["list", "label:zebra"]).ok().text(), "No items.");
}

/// The last word may not be typed to its end.
#[test]
fn the_last_word_of_a_filter_is_a_prefix() {
    let (_scene, repo) = set_up();
    repo.task("Show statistics of memory", &[]);
    for (query, count) in [
        ("statis", 1),
        ("memory statis", 1),
        ("statis memory", 0),
        ("\"statis\"", 0),
        ("statis ", 0),
        ("statistics ", 1),
    ] {
        assert_eq!(ids(&repo, &["list", query]).len(), count, "{query}");
        let board = repo.data(&["board", query]);
        assert_eq!(board["total"], count, "{query}");
    }
    let none = repo.pm(&["list", "statis", "memory"]).ok().out;
    assert!(none.contains("`git pm search statis memory`"), "{none}");
}

/// JSON keeps the stored word, and has one word for what tasks, issues and epics have in common.
#[test]
fn json_has_one_word_for_a_state_of_all_kinds() {
    let (_scene, repo) = set_up();
    repo.task("Task", &[]);
    let issue = repo.data(&["issue", "create", "Issue"]);
    for (command, common) in [("create", "queued"), ("close", "done")] {
        let id = issue["id"].as_str().unwrap();
        if command == "close" {
            repo.pm(&["task", "done", "T-1", "--force"]).ok();
            repo.pm(&["issue", "close", id, "--force"]).ok();
        }
        let (task, issue) = (repo.data(&["show", "T-1"]), repo.data(&["show", id]));
        assert_ne!(task["status"], issue["status"]);
        for item in [task, issue] {
            assert_eq!(item["common_status"], common, "{item}");
        }
    }
}

// A list that is empty because nobody is called so would look like an answer.
#[test]
fn nobody_is_no_owner_in_a_list() {
    let (_scene, repo) = set_up();
    repo.pm(&["issue", "create", "Free"]).ok();
    for args in [
        &["list", "owner:none"][..],
        &["list", "assignee:ana,null"],
        &["list", "--owner", "none"],
        &["issue", "list", "--assignee", "none"],
        &["board", "--once", "owner:none"],
    ] {
        let said = repo.pm(args).exits(2).err;
        assert!(said.contains("finds items without a"), "{args:?}: {said}");
    }
    let free = repo.data(&["list", "-has:owner"])["items"].clone();
    assert_eq!(free.as_array().unwrap().len(), 1, "{free}");
    // In quotes it is a name, also in a saved view.
    repo.pm(&["view", "save", "named", "owner:\"none\""]).ok();
    let named = repo.data(&["list", "--view", "named"])["items"].clone();
    assert_eq!(named.as_array().unwrap().len(), 0, "{named}");
}

#[test]
fn ready_takes_the_short_option_of_a_list() {
    let (_scene, repo) = set_up();
    for title in ["One", "Two", "Three"] {
        repo.task(title, &[]);
    }
    let first = repo.data(&["ready", "-n", "2"])["items"].clone();
    assert_eq!(crate::support::ids(&first), ["T-0001", "T-0002"]);
}

/// A list of a hundred thousand without need takes seconds, and one that is cut has to say so.
#[test]
fn a_list_that_a_limit_cuts_says_so_on_the_command_line() {
    let (_scene, repo) = set_up();
    let first = repo.pm(&["issue", "q", "Wash plate 0"]).ok();
    let first = first.text();
    let line = |n| match n {
        1..25 => format!(r#"{{"op":"issue.create","title":"Wash plate {n}"}}"#),
        n => format!(r#"{{"op":"issue.create","title":"Dry cup {n}","deps":["{first}"]}}"#),
    };
    let lines: Vec<String> = (1..50).map(line).collect();
    repo.feed(crate::support::binary(), &["batch"], &lines.join("\n"))
        .ok();
    for args in [
        &["issue", "ready"][..],
        &["issue", "blocked"],
        &["blocked"],
        &["search", "plate"],
        &["issue", "search", "plate"],
        &["list", "--limit", "20"],
        &["list", "--tree", "--limit", "20"],
        &["list", "--at", "now", "--limit", "20"],
        &["issue", "list", "--limit", "20"],
    ] {
        let first = repo.data(args);
        assert_eq!(first["items"].as_array().unwrap().len(), 20, "{args:?}");
        assert_eq!(first["more"], true, "{args:?}");
        let text = repo.pm(args).ok().out;
        assert!(text.contains("and more: `--limit 0`"), "{args:?}: {text}");
        let all = repo.data(&[args, &["--limit", "0"]].concat());
        assert!(all["more"].is_null(), "{args:?}: {}", all["more"]);
        assert!(all["items"].as_array().unwrap().len() >= 25, "{args:?}");
    }
    // Those that are shown are all.
    let few = repo.data(&["list", "--limit", "50"]);
    assert!(few["more"].is_null(), "{}", few["more"]);
    // beads' JSON is a bare list: it is said beside it.
    let beads = repo.pm(&["issue", "ready", "--format", "beads"]).ok();
    assert!(beads.err.contains("`--limit 0` lists all"), "{}", beads.err);
}

/// A list is read in parts, whatever its order: the last item of one says where the next begins.
#[test]
fn a_list_goes_on_after_the_last_item_that_was_shown() {
    let (_scene, repo) = set_up();
    plan(&repo);
    repo.pm(&["issue", "q", "Wash the plate"]).ok();
    repo.pm(&["issue", "q", "Dry the cup", "-p", "0"]).ok();
    let server = Server::start(&repo, &[]);
    for order in [
        &[][..],
        &["--sort", "priority,-title"],
        &["--sort", "-status"],
        &["label:auth", "--sort", "due,title"],
        &["is:ready"],
        &["--kind", "task", "the"],
    ] {
        let all = ids(&repo, &[&["list"], order].concat());
        assert!(all.len() > 1, "{order:?}: {all:?}");
        let (mut found, mut last) = (Vec::new(), None::<String>);
        loop {
            let mut args = [&["list"], order, &["--limit", "1"]].concat();
            args.extend(last.iter().flat_map(|last| ["--after", last.as_str()]));
            let page = repo.data(&args);
            found.extend(ids(&repo, &args));
            last = found.last().cloned();
            if page["more"].is_null() {
                break;
            }
        }
        assert_eq!(found, all, "{order:?}");
    }
    let all = ids(&repo, &["list"]);
    let path = format!("/api/v1/list?limit=2&after={}", all[0]);
    let page = server.get(&path).data();
    let shown = page["items"].as_array().unwrap().iter();
    let shown: Vec<&str> = shown.map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(shown, all[1..3]);
    // An item that was deleted meanwhile keeps its place.
    repo.pm(&["task", "delete", &all[1], "--force"]).ok();
    assert_eq!(ids(&repo, &["list", "--after", &all[1]]), all[2..]);
    repo.pm(&["list", "--after", "T-0999"]).exits(4);
}

/// The ids of a query are these items, whatever their state is.
#[test]
fn the_items_of_some_ids_are_listed() {
    let (_scene, repo) = set_up();
    for title in ["Fix the race", "Draw the page", "Write it down"] {
        repo.task(title, &[]);
    }
    repo.pm(&["task", "done", "T-2", "--force"]).ok();
    for query in [&["T-1", "T-2"][..], &["t-1,T-0002"], &["id:T-1,T-2"]] {
        let found = ids(&repo, &[&["list"], query].concat());
        assert_eq!(found, ["T-0001", "T-0002"], "{query:?}");
    }
    assert_eq!(ids(&repo, &["list", "T-1"]), ["T-0001"]);
    assert!(ids(&repo, &["list", "-id:T-1", "-id:T-3"]).is_empty());
}
