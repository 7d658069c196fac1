//! What to do next: picks, recommendations, alerts, counts.

use serde_json::Value;

use crate::support::{Dice, campaign, ids, set_up};

fn alert<'a>(view: &'a Value, kind: &str) -> Option<&'a Value> {
    let alerts = view["alerts"].as_array().unwrap();
    alerts.iter().find(|a| a["kind"] == kind)
}

#[test]
fn triage_ranks_open_items_with_reasons_and_commands() {
    let (_scene, repo) = set_up();
    repo.task("Root", &["-p", "1", "--estimate", "S", "--label", "core"]);
    repo.task("Middle", &["--depends-on", "T-1"]);
    repo.task("Other", &["--depends-on", "T-1"]);
    repo.task("Leaf", &["--depends-on", "T-2", "--depends-on", "T-3"]);
    repo.task("Alone", &["-p", "4", "--estimate", "XL"]);
    let at = repo.when("2026-11-20T12:00:00Z");
    let view = at.data(&["triage"]);
    let quick = &view["quick_ref"];
    assert_eq!(ids(&quick["top_picks"]), ["T-0001", "T-0005"]);
    assert_eq!(quick["top_picks"][0]["unblocks"], 2);
    assert!(
        quick["top_picks"][0]["reasons"]
            .to_string()
            .contains("unblocks T-0002, T-0003"),
        "{quick}"
    );
    let top = &view["recommendations"][0];
    assert_eq!(top["id"], "T-0001");
    assert_eq!(top["action"], "start");
    assert_eq!(top["command"], "git pm start T-0001");
    assert_eq!(top["labels"], serde_json::json!(["core"]));
    assert_eq!(top["unblocks_ids"], serde_json::json!(["T-0002", "T-0003"]));
    assert_eq!(top["blocked_by"], serde_json::json!([]));
    let parts = top["breakdown"].as_object().unwrap();
    let part = |p: &Value, key: &str| p[key].as_f64().unwrap();
    let sum: f64 = parts
        .values()
        .map(|p| part(p, "value") * part(p, "weight"))
        .sum();
    assert!(
        (sum - top["score"].as_f64().unwrap()).abs() < 0.006,
        "{top}"
    );
    let weights: f64 = parts.values().map(|p| part(p, "weight")).sum();
    assert!((weights - 1.0).abs() < 1e-9, "{top}");
    let leaf = view["recommendations"].as_array().unwrap();
    let leaf = leaf.iter().find(|r| r["id"] == "T-0004").unwrap();
    assert_eq!(leaf["action"], "wait");
    assert_eq!(leaf["blocked_by"], serde_json::json!(["T-0002", "T-0003"]));
    assert_eq!(ids(&view["quick_wins"]), ["T-0001"]);
    let blockers = &view["blockers_to_clear"];
    assert_eq!(blockers[0]["id"], "T-0001");
    assert_eq!(blockers[0]["unblocks_count"], 2);
    assert_eq!(blockers[0]["actionable"], true);
    assert_eq!(view.get("partial"), None);
    assert_eq!(view["commands"]["claim_top"], "git pm start T-0001");
    assert_eq!(view["commands"]["show_top"], "git pm show T-0001");
    // No line is broken by the terminal, and nothing is cut.
    let narrow = at.with("COLUMNS", "64").pm(&["triage"]).ok().out;
    let fits = |line: &str| line.chars().count() <= 64;
    assert!(narrow.lines().all(fits), "{narrow}");
    let words = narrow.split_whitespace().collect::<Vec<_>>().join(" ");
    let reasons = top["reasons"].as_array().unwrap();
    for reason in reasons.iter().filter_map(Value::as_str) {
        assert!(words.contains(reason), "{reason}: {narrow}");
    }
    // The commands that it names can be run.
    let next = "next: git pm start T-0001 · git pm show T-0001 · git pm blocked";
    let shown = at.pm(&["triage"]).ok().out;
    assert!(shown.lines().any(|line| line == next), "{shown}");
    at.pm(&["show", "T-0001"]).ok();
    at.pm(&["blocked"]).ok();
    assert_eq!(
        at.data(&["triage"]),
        view,
        "the answer differs between runs"
    );
    assert_eq!(
        at.data(&["triage", "--limit", "1"])["recommendations"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let text = at.pm(&["triage"]).ok().out;
    for part in [
        "best picks",
        "most important",
        "quick wins",
        "git pm start T-0001",
    ] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
}

// beads viewer #146 and #147: there are picks even if the most important items are all blocked.
#[test]
fn picks_are_never_blocked_even_if_the_most_important_items_are() {
    let (_scene, repo) = set_up();
    repo.task("Slow root", &["-p", "4"]);
    for (title, on) in [
        ("First", "T-1"),
        ("Second", "T-2"),
        ("a", "T-2"),
        ("b", "T-2"),
    ] {
        repo.task(title, &["-p", "0", "--depends-on", on]);
    }
    for title in ["c", "d"] {
        repo.task(title, &["-p", "0", "--depends-on", "T-3"]);
    }
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.task("Small", &["-p", "4"]);
    let bea = repo.by("bea");
    let view = bea.data(&["triage", "--limit", "2"]);
    let actions: Vec<&Value> = view["recommendations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["action"])
        .collect();
    assert_eq!(
        actions,
        ["wait", "wait"],
        "the test wants a list of blocked items only"
    );
    assert_eq!(ids(&view["quick_ref"]["top_picks"]), ["T-0008"]);
    assert_eq!(view["commands"]["claim_top"], "git pm start T-0008");
    assert_eq!(bea.data(&["next"])["id"], "T-0008");
    assert_eq!(
        alert(&view, "urgent-blocked").unwrap()["ids"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

// beads viewer #149: claimed items are never offered, and never shown as unclaimed.
#[test]
fn picks_are_never_claimed_by_others() {
    let (_scene, repo) = set_up();
    repo.task("Held", &["-p", "0"]);
    repo.task("Carl's", &["-p", "0", "--assignee", "carl"]);
    repo.task("Free", &["-p", "4"]);
    repo.by("bea").pm(&["start", "T-1", "--no-worktree"]).ok();
    let view = repo.data(&["triage"]);
    assert_eq!(ids(&view["quick_ref"]["top_picks"]), ["T-0003"]);
    let of = |id: &str| {
        let all = view["recommendations"].as_array().unwrap();
        all.iter().find(|r| r["id"] == id).unwrap()
    };
    assert_eq!(of("T-0001")["action"], "ask");
    assert_eq!(of("T-0001")["owner"], "bea");
    assert!(
        of("T-0001")["reasons"]
            .to_string()
            .contains("bea is working on it")
    );
    assert_eq!(of("T-0002")["action"], "ask");
    assert_eq!(of("T-0002")["assignee"], "carl");
    assert_eq!(
        repo.by("bea").data(&["triage"])["recommendations"][0]["action"],
        "continue"
    );
    assert_eq!(
        ids(&repo.by("carl").data(&["triage"])["quick_ref"]["top_picks"]),
        ["T-0002", "T-0003"]
    );
}

// beads viewer #165: the counts are consistent, and the same in all commands.
#[test]
fn triage_counts_are_consistent() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Not work"]).ok();
    repo.task("ready", &[]);
    repo.task("waits", &["--depends-on", "T-1"]);
    repo.task("stopped", &[]);
    repo.task("put off", &[]);
    repo.task("begun", &[]);
    repo.task("over", &[]);
    repo.task("part", &["--parent", "T-1"]);
    repo.pm(&["task", "block", "T-3", "for the bank"]).ok();
    repo.pm(&["task", "defer", "T-4"]).ok();
    repo.pm(&["start", "T-5", "--no-worktree"]).ok();
    repo.pm(&["task", "done", "T-6", "--force"]).ok();
    let view = repo.data(&["triage"]);
    let counted = &view["project_health"]["counts"];
    let n = |key: &str| counted[key].as_u64().unwrap();
    assert_eq!(n("not_closed_count"), 6);
    assert_eq!(n("in_progress_count"), 1);
    assert_eq!(n("open_count"), 3, "T-1, T-2 and T-7 are queued");
    assert_eq!(n("actionable_count"), 1, "T-1 has an open part");
    assert_eq!(n("blocked_count"), 2);
    assert_eq!(n("not_actionable_count"), 5);
    let ready = repo.data(&["ready"])["items"].as_array().unwrap().len() as u64;
    let blocked = repo.data(&["blocked"])["items"].as_array().unwrap().len() as u64;
    assert_eq!(
        (n("actionable_count"), n("blocked_count")),
        (ready, blocked)
    );
    let stats = repo.data(&["stats"]);
    let counts = &stats["counts"];
    for key in [
        "open_count",
        "actionable_count",
        "blocked_count",
        "not_closed_count",
    ] {
        assert_eq!(counts[key], counted[key], "{key}");
    }
    assert_eq!(counts["total"], 8);
    assert_eq!(counts["closed"], 1);
    // A container is not recommended, its children are.
    assert!(!ids(&view["recommendations"]).contains(&"T-0001"), "{view}");
}

// beads viewer #191: deferred items are not offered.
#[test]
fn deferred_items_are_not_picked() {
    let (_scene, repo) = set_up();
    repo.task("Later", &["-p", "0"]);
    repo.pm(&["task", "defer", "T-1"]).ok();
    let view = repo.data(&["triage"]);
    assert_eq!(view["quick_ref"]["top_picks"], serde_json::json!([]));
    assert_eq!(view["recommendations"], serde_json::json!([]));
    assert_eq!(view["commands"]["claim_top"], Value::Null);
    assert!(alert(&view, "nothing-ready").is_some(), "{view}");
    repo.pm(&["next"]).exits(1);
    repo.pm(&["triage"]).ok();
}

#[test]
fn alerts_report_problems_of_the_project() {
    let (_scene, repo) = set_up();
    let then = repo.when("2026-11-01T12:00:00Z");
    then.task("Left lying", &[]);
    then.pm(&["start", "T-1", "--no-worktree"]).ok();
    let view = repo.when("2026-11-20T12:00:00Z").data(&["triage"]);
    assert_eq!(
        alert(&view, "stale-work").unwrap()["ids"],
        serde_json::json!(["T-0001"])
    );
    assert_eq!(alert(&view, "claim-lapsed").unwrap()["severity"], "warning");
    assert_eq!(view["project_health"]["staleness"]["items"][0]["days"], 19);
    let fresh = then.data(&["triage"]);
    assert_eq!(
        fresh["alerts"],
        serde_json::json!([]),
        "an alert without a reason"
    );
    let text = repo.when("2026-11-20T12:00:00Z").pm(&["triage"]).ok().out;
    assert!(text.contains("on T-0001 expired 18d ago"), "{text}");
}

#[test]
fn stats_show_throughput_and_cycle_times() {
    let (_scene, repo) = set_up();
    let made = repo.when("2026-11-01T12:00:00Z");
    for n in 0..4 {
        made.task(&format!("task {n}"), &[]);
    }
    repo.when("2026-11-03T12:00:00Z")
        .pm(&["task", "done", "T-1", "--force"])
        .ok();
    repo.when("2026-11-18T12:00:00Z")
        .pm(&["task", "done", "T-2", "--force"])
        .ok();
    repo.when("2026-11-18T12:00:00Z")
        .pm(&["task", "cancel", "T-3"])
        .ok();
    let stats = repo.when("2026-11-20T12:00:00Z").data(&["stats"]);
    let velocity = &stats["velocity"];
    assert_eq!(
        velocity["closed_last_7_days"], 1,
        "cancelled items are counted as closed"
    );
    assert_eq!(velocity["closed_last_30_days"], 2);
    assert_eq!(velocity["avg_days_to_close"], 9.5);
    assert_eq!(velocity["median_days_to_close"], 9.5);
    let text = repo.when("2026-11-20T12:00:00Z").pm(&["stats"]).ok().out;
    assert!(text.contains("9.5 days on average"), "{text}");
}

// TM-10, and beads viewer #146 and #149 with random graphs: the actor can start every pick, and
// there is a pick whenever an item can be started.
#[test]
fn tm_10_picks_can_always_be_started() {
    campaign(20, |seed| {
        let (_scene, repo) = set_up();
        let mut dice = Dice::new(seed);
        let mut lines = String::new();
        for n in 1..=30 {
            let mut task = serde_json::json!({
                "op": "task.create", "title": format!("task {n}"), "priority": dice.below(5),
            });
            if n > 1 && dice.below(3) > 0 {
                task["depends-on"] = serde_json::json!([format!("T-{}", dice.below(n - 1) + 1)]);
            }
            if dice.below(6) == 0 {
                task["assignee"] = ["carl", "bea"][dice.below(2)].into();
            }
            lines += &format!("{task}\n");
        }
        for n in 1..=30 {
            let verb = match dice.below(8) {
                0 => "task.cancel",
                1 => "task.defer",
                _ => continue,
            };
            lines += &format!(
                "{}\n",
                serde_json::json!({"op": verb, "id": format!("T-{n}")})
            );
        }
        repo.feed(crate::support::binary(), &["batch"], &lines).ok();
        let _ = repo.pm(&["next", "--claim", "--no-worktree"]);
        let bea = repo.by("bea");
        let ready = bea.data(&["ready"]);
        let free: Vec<&str> = ready["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|i| i["assignee"].is_null() || i["assignee"] == "bea")
            .map(|i| i["id"].as_str().unwrap())
            .collect();
        let view = bea.data(&["triage", "--limit", "1"]);
        let picks = ids(&view["quick_ref"]["top_picks"]);
        assert_eq!(picks.len(), free.len().min(3), "{picks:?} of {free:?}");
        assert!(
            picks.iter().all(|pick| free.contains(pick)),
            "{picks:?} of {free:?}"
        );
        // Of equally urgent ones her own is first.
        let items = || ready["items"].as_array().unwrap().iter();
        let urgency = |id: &str| items().find(|i| i["id"] == id).unwrap()["priority"].clone();
        let own = |id: &&&str| {
            let is_own = items().any(|i| i["id"] == **id && i["assignee"] == "bea");
            is_own && urgency(id) == urgency(free[0])
        };
        match free.iter().find(own).or(free.first()) {
            Some(first) => assert_eq!(bea.data(&["next"])["id"], *first),
            None => {
                bea.pm(&["next"]).exits(1);
            }
        }
    });
}

// TM-10 for issues: by priority and age, with the same rule as for tasks.
#[test]
fn issues_are_picked_by_the_same_rule() {
    let (_scene, repo) = set_up();
    let pm = repo.library().unwrap();
    let issue = |title: &str, item_type: &str, priority: u8, depends_on: &[&str]| {
        let new = git_pm::tasks::NewItem {
            title: title.into(),
            fields: git_pm::tasks::Fields {
                item_type: Some(item_type.into()),
                priority: Some(priority),
                depends_on: Some(depends_on.iter().map(ToString::to_string).collect()),
                ..Default::default()
            },
            ..Default::default()
        };
        pm.tasks()
            .create(git_pm::values::ItemKind::Issue, &new)
            .unwrap()
            .id
    };
    repo.task("A task", &["-p", "1"]);
    let root = issue("Root", "bug", 1, &[]);
    let waits = issue("Waits", "bug", 0, &[&root]);
    let view = repo.data(&["triage"]);
    let picks = ids(&view["quick_ref"]["top_picks"]);
    assert_eq!(
        picks,
        [root.as_str(), "T-0001"],
        "the item that unblocks others is not first"
    );
    assert_eq!(
        view["commands"]["claim_top"],
        format!("git pm start {root}")
    );
    assert_eq!(repo.data(&["next"])["id"], "T-0001");
    repo.pm(&["next", "--claim", "--no-worktree"]).ok();
    let next = repo.data(&["next"]);
    assert_eq!(next["id"], root.as_str(), "{waits} is blocked");
    assert_eq!(next["commands"]["claim"], format!("git pm start {root}"));
    let order = repo.data(&["order"]);
    assert_eq!(ids(&order["items"])[0], root);
    repo.pm(&["start", &root, "--no-worktree"]).ok();
    repo.pm(&["next"]).exits(1);
    assert_eq!(
        repo.data(&["triage"])["quick_ref"]["top_picks"],
        serde_json::json!([])
    );
}

// TM-10: one answer to what is next: priority, what is due, the order of the plan.
#[test]
fn tm_10_next_ready_and_triage_begin_with_what_is_due() {
    let (_scene, repo) = set_up();
    let at = repo.when("2026-11-27T12:00:00Z");
    for title in ["First", "Second", "Third", "Fourth"] {
        at.task(title, &[]);
    }
    let first = || {
        [
            at.data(&["next"])["id"].clone(),
            at.data(&["ready"])["items"][0]["id"].clone(),
            at.data(&["status"])["ready"][0]["id"].clone(),
            at.data(&["triage"])["quick_ref"]["top_picks"][0]["id"].clone(),
        ]
    };
    assert_eq!(first(), ["T-0001"; 4], "in the order of the plan");
    at.task("Late", &["--due", "2026-11-20T12:00:00Z"]);
    at.task("Soon", &["--due", "2026-11-28T12:00:00Z"]);
    at.task("Some day", &["--due", "2027-11-28T12:00:00Z"]);
    assert_eq!(first(), ["T-0005"; 4], "it is overdue");
    let ready = at.data(&["ready"]);
    let ready = ids(&ready["items"]);
    assert_eq!(
        ready,
        [
            "T-0005", "T-0006", "T-0001", "T-0002", "T-0003", "T-0004", "T-0007"
        ]
    );
    let triage = at.data(&["triage"]);
    let picks = &triage["quick_ref"]["top_picks"];
    assert_eq!(ids(picks), ready[..3]);
    assert!(
        picks[0]["reasons"].to_string().contains("7d overdue"),
        "{picks}"
    );
    assert_eq!(ids(&at.data(&["list", "is:overdue"])["items"]), ["T-0005"]);
    // Without an index, too.
    std::fs::remove_file(repo.path.join(".git/pm/index.sqlite")).unwrap();
    assert_eq!(ids(&at.data(&["ready"])["items"]), ready);
    // A more urgent item comes first, whatever is due.
    at.task("Urgent", &["-p", "0"]);
    assert_eq!(first(), ["T-0008"; 4]);
    let status = at.pm(&["status"]).ok().out;
    assert!(status.contains("and 3 more"), "{status}");
}
