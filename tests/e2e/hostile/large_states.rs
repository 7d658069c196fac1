//! States above the size limit: a large team's own work, and what others push.

use super::fetched::{count, folder_of, push_tree, shared, with_folder};
use crate::support::{Dice, binary, forge, set_up};

/// As much as compression cannot reduce: 8 MiB.
fn noise(seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    (0..1024 * 1024)
        .flat_map(|_| dice.next().to_le_bytes())
        .collect()
}

#[test]
fn a_large_team_is_joined_at_first_sight_and_sudden_growth_is_refused() {
    let (scene, hub, a, b) = shared(1);
    let [one, two] = [1, 2].map(|seed| forge::blob(&a, &noise(seed)));
    let tree = with_folder(&a, &a.state_tree(), "01", &folder_of(&a, 35, &one));
    push_tree(
        &a,
        &with_folder(&a, &tree, "02", &folder_of(&a, 35, &two)),
        "much",
    );
    let refused = b.pm(&["sync"]).exits(5);
    assert!(refused.err.contains("pm.stateLimit"), "{refused:?}");
    let late = scene.clone_of(&hub, "late", "Lou");
    assert_eq!(count(&late), 1);
    let accepted = late.git(&["config", "pm.stateLimit"]).ok().out;
    assert!(accepted.trim().parse::<u64>().unwrap() > 560, "{accepted}");
    late.pm(&["task", "create", "Still works"]).ok();
    late.pm(&["sync"]).ok();
}

#[test]
fn a_humans_own_import_is_not_limited_and_an_agents_is() {
    let (_scene, _hub, a, _b) = shared(1);
    let heavy = forge::blob(&a, &vec![b'x'; 8 * 1024 * 1024]);
    forge::commit(
        &a,
        &with_folder(&a, &a.state_tree(), "01", &folder_of(&a, 63, &heavy)),
    );
    let body = "long ".repeat(20_000);
    let line =
        |n: usize| format!(r#"{{"id":"bd-{n}","title":"Large {n}","description":"{body}"}}"#);
    a.write(
        "large.jsonl",
        &(0..40).map(|n| line(n) + "\n").collect::<String>(),
    );
    let agent = crate::support::agent(&a);
    let refused = agent.pm(&["import", "beads", "large.jsonl"]).exits(1);
    assert!(refused.err.contains("ask a human"), "{refused:?}");
    let imported = a.pm(&["import", "beads", "large.jsonl"]).ok();
    assert!(imported.err.contains("pm.stateLimit"), "{imported:?}");
    a.pm(&["show", "bd-39"]).ok();
}

// The name of each item is looked up once, not once for each that depends on it.
#[test]
fn changes_of_densely_linked_items_read_each_item_once() {
    let (_scene, repo) = set_up();
    let before = repo.tip("refs/pm/main");
    let line = |n: usize| {
        let waits: Vec<String> = (1..n).map(|m| format!("\"T-{m:04}\"")).collect();
        format!(
            r#"{{"op":"task.create","title":"Task {n}","depends-on":[{}]}}"#,
            waits.join(",")
        )
    };
    let lines: Vec<String> = (1..=40).map(line).collect();
    repo.feed(binary(), &["batch"], &lines.join("\n")).ok();
    let range = format!("{before}..{}", repo.tip("refs/pm/main"));
    for args in [&["events"][..], &["diff", &range]] {
        let file = repo.path.join("../costs.json");
        let _ = std::fs::remove_file(&file);
        let counted = repo.with("GIT_PM_COSTS", file.to_str().unwrap());
        let shown = counted.pm(args).ok();
        assert!(shown.out.contains("T-0039"), "{shown:?}");
        let costs = std::fs::read_to_string(&file).unwrap();
        let cost: serde_json::Value = serde_json::from_str(costs.trim()).unwrap();
        let read = cost["objects_read"].as_u64().unwrap();
        assert!(read < 1_500, "{args:?}: {read} objects were read");
    }
}
