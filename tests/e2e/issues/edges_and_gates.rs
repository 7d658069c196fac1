//! Edges of all types, and gates.

use super::{bd, beads, ids, q};
use crate::support::{Repo, set_up};

#[test]
fn edges_of_all_types_are_added_shown_and_removed() {
    let (_scene, repo) = set_up();
    let (a, b, c) = (q(&repo, &["A"]), q(&repo, &["B"]), q(&repo, &["C"]));
    bd(&repo, &["dep", "add", &a, &b]).ok();
    bd(&repo, &["dep", "add", &b, &c, "-t", "conditional-blocks"]).ok();
    bd(
        &repo,
        &["dep", "add", &a, &c, "--type", "made-up", "--force"],
    )
    .ok();
    bd(&repo, &["dep", "add", &c, &a]).exits(1);
    let list = repo.data(&["issue", "dep", "list", &a]);
    assert_eq!(list["depends_on"].as_array().unwrap().len(), 2, "{list}");
    let tree = bd(&repo, &["dep", "tree", &a]).ok().out;
    let depth = |id: &str| {
        tree.lines()
            .find(|l| l.contains(id))
            .unwrap()
            .find(id)
            .unwrap()
    };
    assert!(depth(&a) < depth(&b) && depth(&b) < depth(&c), "{tree}");
    let none = bd(&repo, &["dep", "cycles"]).ok().out;
    assert!(none.contains("no cycles"), "{none}");
    assert_eq!(ids(&beads(&repo, &["ready"])), [c.as_str()]);
    bd(
        &repo,
        &["dep", "remove", &b, &c, "--type", "conditional-blocks"],
    )
    .ok();
    let ready = beads(&repo, &["ready"]);
    let (mut ready, mut free) = (ids(&ready), [b.as_str(), c.as_str()]);
    ready.sort_unstable();
    free.sort_unstable();
    assert_eq!(ready, free);
    bd(&repo, &["dep", "add", &a, &c, "--gate", "all-children"]).exits(2);
}

// Fan-out and fan-in: an item that waits for the children of another.
#[test]
fn a_gate_on_an_edge_waits_for_children() {
    let (_scene, repo) = set_up();
    let whole = q(&repo, &["Whole"]);
    let (one, two) = (
        q(&repo, &["One", "--parent", &whole]),
        q(&repo, &["Two", "--parent", &whole]),
    );
    let (all, any) = (q(&repo, &["All"]), q(&repo, &["Any"]));
    let gate = |id: &str, gate: &str| {
        bd(
            &repo,
            &["dep", "add", id, &whole, "-t", "waits-for", "--gate", gate],
        )
        .ok();
    };
    gate(&all, "all-children");
    gate(&any, "any-children");
    let shown = bd(&repo, &["show", &all]).ok().out;
    assert!(shown.contains("(all-children)"), "{shown}");
    let is_ready = |id: &str| ids(&beads(&repo, &["ready"])).contains(&id.to_string());
    assert!(!is_ready(&all) && !is_ready(&any));
    bd(&repo, &["close", &one]).ok();
    assert!(is_ready(&any), "one part is closed");
    assert!(!is_ready(&all), "another one is open");
    bd(&repo, &["close", &two]).ok();
    assert!(
        is_ready(&all),
        "all parts are closed, though the whole is not"
    );
    assert_eq!(
        beads(&repo, &["list", "--all", "--id", &any])[0]["dependencies"][0]["metadata"],
        "{\"gate\":\"any-children\"}"
    );
}

// The drawing says the same as `why` does.
#[test]
fn a_graph_draws_a_gate_as_waits_for_the_open_children() {
    let (_scene, repo) = set_up();
    let whole = q(&repo, &["Whole"]);
    let one = q(&repo, &["One", "--parent", &whole]);
    let all = q(&repo, &["All"]);
    let edge = ["-t", "waits-for", "--gate", "all-children"];
    let ends = ["dep", "add", all.as_str(), whole.as_str()];
    bd(&repo, &[&ends[..], &edge[..]].concat()).ok();
    let waits = |id: &str| -> Vec<(String, bool)> {
        let graph = repo.data(&["graph", id]);
        let edges = graph["edges"].as_array().unwrap().iter();
        let hard = edges.filter(|edge| edge["class"] == "hard" && edge["from"] == all.as_str());
        hard.map(|edge| {
            let to = edge["to"].as_str().unwrap().to_string();
            (to, edge["counts"].as_bool().unwrap())
        })
        .collect()
    };
    assert_eq!(waits(&all), [(one.clone(), true)]);
    let text = repo.pm(&["graph"]).ok().out;
    assert!(!text.contains("does not block now"), "{text}");
    let why = repo.pm(&["why", &all]).out;
    assert!(why.contains(&format!("waits for {one}")), "{why}");
    bd(&repo, &["close", &one]).ok();
    assert_eq!(waits(&all), [(whole.clone(), false)]);
    assert!(repo.pm(&["graph"]).ok().out.contains("does not block now"));
}

#[test]
fn gates_open_only_by_time_by_an_item_or_by_hand() {
    let (_scene, repo) = set_up();
    let at = repo.when("2026-11-20T10:00:00Z");
    let gated: Vec<String> = (0..4).map(|n| q(&at, &[&format!("Work {n}")])).collect();
    let other = q(&at, &["Other"]);
    let gate = |args: &[&str], blocks: &str| {
        let mut all = vec!["gate", "create"];
        all.extend(args);
        all.extend(["--blocks", blocks]);
        beads(&at, &all)["id"].as_str().unwrap().to_string()
    };
    let timer = gate(&["timer", "--timeout", "4h"], &gated[0]);
    let bead = gate(&["bead", "--await-id", &other], &gated[1]);
    let human = gate(&["human", "--title", "Legal agrees"], &gated[2]);
    let run = gate(
        &["gh:run", "--await-id", "release.yml", "--timeout", "30m"],
        &gated[3],
    );
    assert_eq!(
        beads(&at, &["show", &timer])[0]["timeout"],
        14_400_000_000_000_i64
    );
    assert_eq!(
        ids(&beads(&at, &["ready"])),
        [other.as_str()],
        "gates are no work and hold work up"
    );
    assert_eq!(ids(&beads(&at, &["gate", "list"])).len(), 4);
    let outcomes = |repo: &Repo| -> Vec<(String, String)> {
        let checks = beads(repo, &["gate", "check"]);
        let mut all: Vec<_> = checks
            .as_array()
            .unwrap()
            .iter()
            .map(|c| {
                (
                    c["id"].as_str().unwrap().into(),
                    c["outcome"].as_str().unwrap().into(),
                )
            })
            .collect();
        all.sort();
        all
    };
    let mut want = [
        (timer.clone(), "waiting".to_string()),
        (bead.clone(), "waiting".into()),
        (human.clone(), "waiting".into()),
        (run.clone(), "unknown".into()),
    ];
    want.sort();
    assert_eq!(
        outcomes(&at),
        want,
        "nothing is satisfied yet, and a run cannot be seen from here"
    );
    bd(&at, &["close", &other]).ok();
    let later = repo.when("2026-11-20T15:00:00Z");
    let mut want = [
        (timer.clone(), "satisfied".to_string()),
        (bead.clone(), "satisfied".into()),
        (human.clone(), "waiting".into()),
        (run.clone(), "expired".into()),
    ];
    want.sort();
    let told = bd(&later, &["gate", "check", "--dry-run"]).ok().out;
    assert!(
        told.contains(" satisfied ") && !told.contains(" closed "),
        "{told}"
    );
    assert_eq!(outcomes(&later), want);
    let mut free = vec![gated[0].clone(), gated[1].clone()];
    free.sort();
    let mut ready = ids(&beads(&later, &["ready"]));
    ready.sort();
    assert_eq!(ready, free);
    bd(&later, &["gate", "resolve", &other]).exits(2);
    let told = bd(&later, &["gate", "resolve", &human, "--reason", "they did"]).ok();
    assert!(told.out.contains("Resolved"), "{told:?}");
    assert!(ids(&beads(&later, &["ready"])).contains(&gated[2]));
    assert_eq!(
        beads(&later, &["gate", "show", &human])["close_reason"],
        "they did"
    );
    bd(&later, &["gate", "create", "timer", "--timeout", "1h"]).ok();
    let evening = repo.when("2026-11-20T20:00:00Z");
    let told = bd(&evening, &["gate", "check"]).ok().out;
    assert!(told.contains(" closed "), "{told}");
    bd(&repo, &["gate", "create", "weather"]).exits(2);
    bd(&repo, &["gate", "create", "timer"]).exits(2);
}
