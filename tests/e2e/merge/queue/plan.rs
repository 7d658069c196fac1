//! `git pm merge --queue --plan`: the expected order and risks.

use serde_json::Value;

use super::{alone, approved, ids, left_out, pair, queue};
use crate::merge::worked;
use crate::support::{Repo, Scene};

/// Refs, worktrees and files.
fn everything(repo: &Repo) -> Vec<String> {
    [
        &["for-each-ref"][..],
        &["worktree", "list", "--porcelain"],
        &["status", "--porcelain"],
        &["reflog", "main"],
    ]
    .map(|args| repo.git(args).ok().out)
    .to_vec()
}

fn risk<'r>(report: &'r Value, id: &str) -> &'r Value {
    let order = report["order"].as_array().unwrap();
    order.iter().find(|one| one["id"] == id).unwrap()
}

const LINES: &str = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";

/// ST-02: the order with the risk of each merge, from the files that the branches change.
#[test]
fn the_plan_names_risky_paths_and_changes_nothing() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.write("shared.txt", LINES);
    repo.write("moved.txt", LINES);
    repo.commit_all("Lines");
    let first = LINES.replacen('1', "first", 1);
    let last = LINES.replacen('9', "last", 1);
    let (one, _) = approved(&repo, "First line", "shared.txt", &first);
    let (two, _) = approved(&repo, "Last line", "shared.txt", &last);
    let (three, _) = approved(
        &repo,
        "First line, too",
        "shared.txt",
        &LINES.replacen('1', "other", 1),
    );
    let (four, _) = approved(&repo, "Apart", "apart.txt", "apart\n");
    let (five, _) = approved(&repo, "After the target", "moved.txt", &first);
    let (six, _) = approved(
        &repo,
        "Middle line",
        "shared.txt",
        &LINES.replacen('5', "mid", 1),
    );
    let (seven, _) = worked(&repo, "In review", "review.txt", "review\n");
    repo.pm(&["finish", &seven]).ok();
    repo.write("moved.txt", &last);
    repo.commit_all("The target moves");

    let before = everything(&repo);
    let report = queue(&repo, &["--plan"], 0);
    let text = repo.pm(&["merge", "--queue", "--plan"]).ok().out;
    assert_eq!(everything(&repo), before, "the plan changed something");

    assert_eq!(report["plan"], true);
    assert_eq!(report["merged"].as_array().unwrap().len(), 0);
    let order = [
        one.as_str(),
        two.as_str(),
        three.as_str(),
        four.as_str(),
        five.as_str(),
        six.as_str(),
    ];
    assert_eq!(ids(&report, "order"), order);
    let expected = [
        (&one, "none", "", vec![]),
        (&two, "low", "shared.txt", vec![one.as_str()]),
        (&three, "conflicts", "shared.txt", vec![&one, &two]),
        (&four, "none", "", vec![]),
        (&five, "low", "moved.txt", vec!["main"]),
        // One that it shares a file with conflicts.
        (&six, "high", "shared.txt", vec![&one, &two, &three]),
    ];
    for (id, level, path, with) in expected {
        let found = risk(&report, id);
        assert_eq!(found["risk"], level, "{found}");
        let paths: Vec<&str> = Some(path)
            .filter(|path| !path.is_empty())
            .into_iter()
            .collect();
        assert_eq!(found["paths"], serde_json::json!(paths));
        assert_eq!(found["with"], serde_json::json!(with));
    }
    let waiting = [
        pair(&seven, "approval.missing"),
        pair(&three, "merge.conflict"),
    ];
    assert_eq!(left_out(&report), waiting);
    assert_eq!(
        report["left_out"][1]["paths"],
        serde_json::json!(["shared.txt"])
    );
    for part in [
        "conflict risk low",
        "conflict risk high",
        "conflict risk conflicts",
        "shared.txt",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// The plan is what the queue then does.
#[test]
fn the_queue_does_what_the_plan_says() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.write("shared.txt", LINES);
    repo.commit_all("Lines");
    for n in 1..6 {
        let text = LINES.replacen(&(n % 3 + 1).to_string(), &format!("by {n}"), 1);
        approved(&repo, &format!("Number {n}"), "shared.txt", &text);
    }
    repo.pm(&["dep", "add", "T-0003", "T-0005"]).ok();
    let plan = queue(&repo, &["--plan"], 0);
    let report = queue(&repo, &[], 1);
    let expected: Vec<String> = (ids(&plan, "order").into_iter())
        .filter(|id| risk(&plan, id)["risk"] != "conflicts")
        .collect();
    assert_eq!(ids(&report, "merged"), expected);
    assert_eq!(left_out(&report), left_out(&plan));
}
