//! Two clones edit one plan offline.

use super::{Pair, sound, with_more};
use crate::plan::{
    LOGIN, criteria, list, number, own, planned, require_tests_for_strategies, task, text, texts,
    tip, titles,
};
use crate::support::{Dice, Repo, Scene, campaign};

/// Concurrent edits of different fields or different tasks are both kept.
#[test]
fn concurrent_edits_of_different_fields_are_both_kept() {
    let pair = Pair::new();
    let (keys, revoke) = (pair.n("Store public keys"), pair.n("Revoke a key"));
    pair.a
        .pm(&["plan", "set", &keys, "estimate=L", "title=Keep public keys"])
        .ok();
    pair.b
        .pm(&["plan", "set", &keys, "risk=high", "paths=src/keys.rs"])
        .ok();
    pair.a
        .pm(&[
            "plan",
            "set",
            &revoke,
            "acceptance=It is off\nThe owner is told by mail",
        ])
        .ok();
    pair.b.pm(&["plan", "set", "title=Keys"]).ok();
    pair.b
        .pm(&["plan", "set", "branches=stacked-branches"])
        .ok();
    let plan = pair.sync_both();
    let task_ = task(&plan, "Keep public keys");
    assert_eq!(task_["estimate"], "L");
    assert_eq!(task_["risk"], "high");
    assert_eq!(texts(task_, "paths"), ["src/keys.rs"]);
    assert_eq!(
        criteria(task(&plan, "Revoke a key")),
        ["It is off", "The owner is told by mail"]
    );
    assert_eq!(plan["title"], "Keys");
    assert_eq!(plan["branches"], "stacked-branches");
}

/// Of two values of one field the later wins, in both clones.
#[test]
fn the_same_of_two_concurrent_values_of_a_field_wins_in_both_clones() {
    let pair = Pair::new();
    let keys = pair.n("Store public keys");
    pair.a.pm(&["plan", "set", &keys, "estimate=L"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(20));
    pair.b.pm(&["plan", "set", &keys, "estimate=XS"]).ok();
    let plan = pair.sync_both();
    let size = &task(&plan, "Store public keys")["estimate"];
    assert_eq!(size, "XS", "the later one did not win");
    let hours = task(&plan, "Store public keys")["hours"].as_u64().unwrap();
    assert_eq!(hours, 1, "the hours are those of the other estimate");
}

/// PL-26: of two concurrently chosen strategies one wins, with its test task and edge.
#[test]
fn pl_26_one_of_two_concurrent_strategies_wins_with_its_test_task() {
    for (of_a, of_b) in [
        ("none", "test-first"),
        ("test-first", "none"),
        ("test-first", "test-parallel"),
        ("test-parallel", "test-first"),
    ] {
        let pair = Pair::new();
        let keys = pair.n("Store public keys");
        let set = |repo: &Repo, strategy: &str| {
            let field = format!("validation={strategy}");
            repo.pm(&["plan", "set", &keys, &field]).ok();
        };
        set(&pair.a, of_a);
        std::thread::sleep(std::time::Duration::from_millis(20));
        set(&pair.b, of_b);
        let plan = pair.sync_both();
        assert_eq!(task(&plan, "Store public keys")["validation"], of_b);
        require_tests_for_strategies(&plan, &format!("{of_a} and {of_b}"));
    }
}

/// Concurrent additions and removals all count, and additions get different numbers.
#[test]
fn concurrent_additions_and_removals_all_count() {
    let pair = Pair::new();
    let add = |repo: &Repo, title: &str| {
        let waits = pair.n("Log in with a key");
        repo.data(&[
            "plan",
            "add",
            title,
            "--accept",
            "It holds",
            "--waits-for",
            &waits,
        ])
    };
    let of_a = number(&add(&pair.a, "Rotate keys"), "Rotate keys");
    let of_b = number(&add(&pair.b, "List keys"), "List keys");
    assert_eq!(of_a, of_b, "the fixture needs equal numbers");
    pair.b.pm(&["plan", "rm", &pair.n("Revoke a key")]).ok();
    let plan = pair.sync_both();
    let all = titles(&plan);
    for title in ["Rotate keys", "List keys"] {
        assert!(all.contains(&title), "{title} is lost: {all:?}");
        let waits = texts(task(&plan, title), "depends_on");
        assert_eq!(waits, [text(task(&plan, "Log in with a key"), "key")]);
    }
    assert!(
        !all.contains(&"Revoke a key"),
        "a removed task was restored: {all:?}"
    );
    // The same title added in two clones makes two tasks, as they may differ.
    add(&pair.a, "Check keys");
    add(&pair.b, "Check keys");
    let plan = pair.sync_both();
    assert_eq!(
        titles(&plan).iter().filter(|t| **t == "Check keys").count(),
        2
    );
}

/// A task removed in one clone and edited or depended on in the other is removed with its edges.
#[test]
fn a_task_removed_in_one_clone_and_edited_in_another_is_removed_completely() {
    let pair = Pair::new();
    let (revoke, guide) = (pair.n("Revoke a key"), pair.n("Write the guide"));
    pair.a.pm(&["plan", "rm", &revoke]).ok();
    pair.b.pm(&["plan", "set", &revoke, "estimate=L"]).ok();
    pair.b.pm(&["plan", "dep", &guide, &revoke]).ok();
    let plan = pair.sync_both();
    assert!(!titles(&plan).contains(&"Revoke a key"));
    let made = pair.a.data(&["plan", "approve", "--accept-uncovered"]);
    assert_eq!(texts(&made, "created").len(), list(&plan, "tasks").len());
}

/// Both clones regenerate the plan for a changed document; the result is the same plan.
#[test]
fn two_clones_that_regenerate_a_changed_document_have_one_plan() {
    let pair = Pair::new();
    let keys = pair.n("Store public keys");
    pair.a.pm(&["plan", "set", &keys, "estimate=L"]).ok();
    pair.b
        .pm(&["plan", "dep", &pair.n("Revoke a key"), &keys])
        .ok();
    let rotate = "### FR-6: Rotate keys\n\n- An old key is refused after 30 days\n";
    let changed = with_more(&LOGIN.replace("by mail", "by letter"), rotate);
    for repo in [&pair.a, &pair.b] {
        repo.write("login.md", &changed);
        repo.pm(&["plan", "update", "login.md", "--write"]).ok();
        repo.pm(&["plan", "regenerate"]).ok();
    }
    let plan = pair.sync_both();
    assert_eq!(plan["outdated"], false);
    assert_eq!(
        titles(&plan)
            .iter()
            .filter(|t| **t == "Rotate keys")
            .count(),
        1
    );
    assert_eq!(task(&plan, "Store public keys")["estimate"], "L");
    let waits = texts(task(&plan, "Revoke a key"), "depends_on");
    assert!(waits.contains(&text(task(&plan, "Store public keys"), "key")));
    assert_eq!(
        criteria(task(&plan, "Revoke a key")),
        [
            "A revoked key opens no session",
            "The owner is told by letter"
        ]
    );
}

/// PL-18: concurrent merges and reorderings converge, and lose no criterion.
#[test]
fn concurrent_merges_and_reorderings_converge() {
    let pair = Pair::new();
    let n = |title: &str| pair.n(title);
    pair.a
        .pm(&["plan", "merge", &n("Revoke a key"), &n("Write the guide")])
        .ok();
    pair.b
        .pm(&[
            "plan",
            "merge",
            &n("Store public keys"),
            &n("Log in with a key"),
        ])
        .ok();
    pair.a
        .pm(&[
            "plan",
            "order",
            &n("Draw the page"),
            &n("Log in with a key"),
        ])
        .ok();
    pair.b
        .pm(&["plan", "order", &n("Revoke a key"), &n("Store public keys")])
        .ok();
    let plan = pair.sync_both();
    let all: Vec<&str> = own(&plan).into_iter().flat_map(criteria).collect();
    for line in LOGIN.split("## Acceptance").next().unwrap().lines() {
        if let Some(criterion) = line.strip_prefix("- ") {
            assert!(all.contains(&criterion), "\"{criterion}\" is lost: {all:?}");
        }
    }
}

/// Makes one random change; it may be refused, but not fail otherwise.
fn random_edit(repo: &Repo, dice: &mut Dice, step: usize) {
    let plan = repo.data(&["plan", "show"]);
    let numbers: Vec<String> = own(&plan).iter().map(|t| t["number"].to_string()).collect();
    if numbers.is_empty() {
        return;
    }
    let (one, two) = (dice.below(numbers.len()), dice.below(numbers.len()));
    let (one, two) = (numbers[one].as_str(), numbers[two].as_str());
    let value = |dice: &mut Dice| match dice.below(7) {
        0 => format!("estimate={}", dice.pick(&["XS", "S", "M", "L"]).unwrap()),
        1 => format!("risk={}", dice.pick(&["low", "medium", "high"]).unwrap()),
        2 => format!(
            "validation={}",
            dice.pick(&["test-first", "test-after", "test-parallel", "none"])
                .unwrap()
        ),
        3 => format!("title=Title {step}"),
        4 => format!("acceptance=It holds {step}\nIt opens"),
        5 => format!("paths=src/file{}.rs", dice.below(4)),
        _ => format!("description=Words {step}"),
    };
    let (set, add) = (value(dice), format!("Another task {step}"));
    let document = LOGIN.replace("by mail", &format!("by letter {}", step % 3));
    let args: Vec<&str> = match dice.below(13) {
        0..=4 => vec!["plan", "set", one, &set],
        5 => vec![
            "plan",
            "add",
            &add,
            "--accept",
            "It holds",
            "--waits-for",
            one,
        ],
        6 => vec!["plan", "rm", one],
        7 => vec!["plan", "rm", one, "--force"],
        8 => vec!["plan", "dep", one, two],
        9 => vec!["plan", "dep", one, two, "--soft"],
        10 => vec!["plan", "order", one, two],
        11 => vec!["plan", "merge", one, two],
        _ => {
            repo.pm(&["prd", "edit", "P-1", "--body", &document]).ok();
            vec!["plan", "regenerate"]
        }
    };
    let ran = repo.pm(&args);
    assert!([0, 1, 2, 4].contains(&ran.code), "{ran:?}");
    assert!(!ran.err.contains("panicked"), "{ran:?}");
}

/// Random offline edits of one draft in three clones, synced in any order, converge to one valid
/// state and plan.
#[test]
fn random_edits_in_three_clones_converge_to_one_plan() {
    campaign(40, |seed| {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        planned(&a, "login.md", LOGIN);
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Ben");
        let c = scene.clone_of(&hub, "c", "Cleo");
        let all = [a, b, c];
        let mut dice = Dice::new(seed);
        for step in 0..24 {
            let repo = &all[dice.below(3)];
            match dice.below(6) {
                0 => drop(repo.pm(&["sync"]).ok()),
                _ => random_edit(repo, &mut dice, step),
            }
        }
        for repo in all.iter().chain(all.iter()) {
            repo.pm(&["sync"]).ok();
        }
        // Only one of them has the file of the document.
        let shown = |repo: &Repo| {
            let mut plan = repo.data(&["plan", "show"]);
            plan["file_changed"].take();
            plan["file_is_older"].take();
            plan["file_warning"].take();
            plan
        };
        let plan = shown(&all[0]);
        for repo in &all {
            assert_eq!(repo.state_tree(), all[0].state_tree(), "two states");
            assert_eq!(shown(repo), plan, "two plans");
            repo.pm(&["fsck"]).ok();
        }
        sound(&plan);
        // A regenerated plan is synced to all, too.
        all[0].pm(&["plan", "regenerate"]).ok();
        let before = tip(&all[0]);
        all[0].pm(&["plan", "regenerate"]).ok();
        assert_eq!(
            tip(&all[0]),
            before,
            "regenerating it twice changes it again"
        );
        let shown = all[0].pm(&["plan", "show"]).ok().out;
        // Removals win, and may leave no task.
        let empty = list(&plan, "tasks").is_empty();
        let circle = shown.contains("wait for each other");
        assert!(
            empty || circle || shown.contains("First: no known prerequisite"),
            "{shown}"
        );
    });
}

/// PL-19, DP-06: a cycle made by edges of two clones is reported by check and approval with its
/// path, and ends when one edge is removed.
#[test]
fn pl_19_a_cycle_made_by_two_clones_is_reported_with_its_path_and_not_approved() {
    let pair = Pair::new();
    let (guide, page, revoke) = (
        pair.n("Write the guide"),
        pair.n("Draw the page"),
        pair.n("Revoke a key"),
    );
    pair.a.pm(&["plan", "dep", &guide, &page]).ok();
    pair.a.pm(&["plan", "dep", &page, &revoke]).ok();
    pair.b.pm(&["plan", "dep", &revoke, &guide]).ok();
    let plan = pair.sync_both();
    let path = |text: &str| {
        [
            format!("{guide} → {page} → {revoke} → {guide}"),
            format!("{page} → {revoke} → {guide} → {page}"),
            format!("{revoke} → {guide} → {page} → {revoke}"),
        ]
        .iter()
        .any(|path| text.contains(path.as_str()))
    };
    let found = list(&plan, "checks")
        .iter()
        .find(|c| c["rule"] == "cycle")
        .unwrap();
    assert_eq!(found["severity"], "error");
    for repo in [&pair.a, &pair.b] {
        let said = repo.pm(&["plan", "check"]).exits(1).out;
        assert!(path(&said), "{said}");
        let before = tip(repo);
        let error = repo
            .pm(&["--json", "plan", "approve", "--yes"])
            .exits(1)
            .error();
        assert!(path(text(&error, "message")), "{error}");
        assert_eq!(tip(repo), before, "a cycle was approved");
    }
    let shown = pair.a.pm(&["plan", "show"]).ok().out;
    assert!(path(&shown), "{shown}");
    pair.b.pm(&["plan", "dep", &revoke, &guide, "--rm"]).ok();
    pair.b.pm(&["plan", "check"]).ok();
    pair.b.pm(&["plan", "approve"]).ok();
    assert_eq!(pair.sync_both()["status"], "approved");
}

#[test]
fn an_overridden_edit_of_a_plan_is_listed() {
    let pair = Pair::new();
    let keys = pair.n("Store public keys");
    pair.a.pm(&["plan", "set", &keys, "title=Of a"]).ok();
    pair.b.pm(&["plan", "set", &keys, "title=Of b"]).ok();
    pair.sync_both();
    let rows = pair.a.data(&["log", "--conflicts"]);
    let rows = rows["items"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["item"], "plan:P-0001");
    assert_eq!(rows[0]["field"], format!("task {keys} title"));
    let values = [rows[0]["kept"].clone(), rows[0]["lost"].clone()];
    assert!(values.contains(&"Of a".into()) && values.contains(&"Of b".into()));
}

/// PL-29: a clone whose file is behind is not told to undo the plan of who changed it.
#[test]
fn pl_29_an_older_file_of_a_document_is_no_change_of_it() {
    let pair = Pair::new();
    pair.a.data(&["plan", "approve"]);
    pair.sync_both();
    let newer = with_more(LOGIN, "### FR-6: Export the log\n\n- It is a CSV file\n");
    pair.a.write("login.md", &newer);
    pair.a.pm(&["plan", "update", "login.md", "--write"]).ok();
    pair.a.data(&["plan", "approve"]);
    for repo in [&pair.a, &pair.b] {
        repo.pm(&["sync"]).ok();
    }
    // The file of b is the one that was planned first.
    let b = &pair.b;
    let plan = b.data(&["plan", "show"]);
    assert_eq!(plan["file_is_older"], true, "{plan}");
    assert_eq!(plan["file_changed"], false, "{plan}");
    let status = b.pm(&["status"]).ok().out;
    assert!(!status.contains("plan update"), "{status}");
    for verb in ["show", "diff"] {
        let said = b.pm(&["plan", verb]).ok();
        let said = format!("{}{}", said.out, said.err);
        assert!(said.contains("older version that P-0001 had"), "{said}");
        assert!(!said.contains("plan update"), "{said}");
    }
    let traced = b.pm(&["trace", "login.md:11"]).err;
    assert!(traced.contains("older version that P-0001 had"), "{traced}");
    let said = b.pm(&["plan", "update", "login.md"]).ok();
    let said = format!("{}{}", said.out, said.err);
    assert!(said.contains("older version"), "{said}");
    assert!(
        !said.contains("gone") && !said.contains("--write"),
        "{said}"
    );
    let before = b.state_tree();
    for args in [
        &["plan", "update", "login.md", "--write"][..],
        &["plan", "new", "login.md"],
    ] {
        let refused = b.pm(args).code;
        assert_ne!(refused, 0, "{args:?}");
        assert_eq!(b.state_tree(), before, "{args:?}");
    }
    let forced = ["plan", "update", "login.md", "--write", "--force"];
    let bot = b.by("bot").with("CLAUDECODE", "1");
    bot.pm(&forced).exits(1);
    assert_eq!(b.state_tree(), before);
    // A file with another text is a change.
    b.write("login.md", &newer.replace("CSV", "JSON"));
    assert_eq!(b.data(&["plan", "show"])["file_changed"], true);
    b.write("login.md", &newer);
    let plan = b.data(&["plan", "show"]);
    assert_eq!(plan["file_is_older"], false, "{plan}");
    // A human may mean the older one.
    b.write("login.md", LOGIN);
    b.pm(&forced).ok();
    assert_ne!(b.state_tree(), before);
}

/// PL-29: an edit of a file that is behind does not take away what others planned since; the merged file is a change.
#[test]
fn pl_29_an_edit_of_an_older_file_takes_nothing_back() {
    let scene = crate::support::Scene::new();
    let (hub, a) = scene.with_hub();
    crate::plan::planned(&a, "login.md", LOGIN);
    a.commit_all("plan");
    a.git(&["push", "-q", "origin", "main"]).ok();
    a.data(&["plan", "approve"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    let export = "### FR-6: Export the log\n\n- It is a CSV file\n";
    a.write("login.md", &with_more(LOGIN, export));
    a.commit_all("export");
    a.git(&["push", "-q", "origin", "main"]).ok();
    a.pm(&["plan", "update", "login.md", "--write"]).ok();
    a.data(&["plan", "approve"]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let own = LOGIN.replacen(
        "## Acceptance",
        "### FR-7: Print the log\n\n- It has pages\n\n## Acceptance",
        1,
    );
    b.write("login.md", &own);
    let before = b.state_tree();
    for is_committed in [false, true] {
        if is_committed {
            b.commit_all("print");
        }
        let shown = b.data(&["plan", "update", "login.md"]);
        assert_eq!(shown["is_older"], true, "{shown}");
        let refused = b.pm(&["plan", "update", "login.md", "--write"]).exits(1);
        assert!(
            refused.err.contains("older version that P-0001 had"),
            "{refused:?}"
        );
        assert!(refused.err.contains("git pull"), "{refused:?}");
        assert_eq!(b.state_tree(), before);
    }
    b.git(&["pull", "-q", "--no-rebase", "--no-edit", "-X", "ours"]);
    let both = with_more(
        LOGIN,
        &format!("{export}\n### FR-7: Print the log\n\n- It has pages\n"),
    );
    b.write("login.md", &both);
    b.commit_all("both");
    let shown = b.data(&["plan", "update", "login.md", "--write"]);
    assert_eq!(
        (&shown["is_older"], &shown["gone"], &shown["written"]),
        (&false.into(), &serde_json::json!([]), &true.into()),
        "{shown}"
    );
}
