//! A killed write is complete or absent. TM-14.

use crate::support::{Dice, rounds, seed, set_up};

// TM-14: a write killed at any point is complete or absent, and needs no manual repair.
#[test]
fn tm_14_a_killed_write_is_complete_or_absent() {
    let (_scene, repo) = set_up();
    let mut dice = Dice::new(seed());
    let mut acknowledged = Vec::new();
    for n in 0..rounds(200) {
        let title = format!("Write {n}");
        let mut child = repo.spawn(&["--json", "task", "create", &title]);
        // At any time during the process.
        std::thread::sleep(std::time::Duration::from_micros(dice.next() % 30_000));
        let _ = child.kill();
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            acknowledged.push(title);
        }
    }
    let list = repo.data(&["task", "list", "--limit", "1000"]);
    let titles: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["title"].as_str().unwrap())
        .collect();
    for title in &acknowledged {
        assert!(
            titles.contains(&title.as_str()),
            "`{title}` was acknowledged and is lost"
        );
    }
    repo.git(&["fsck", "--strict"]).ok();
    repo.pm(&["doctor"]).ok();
    repo.task("After", &[]);
    assert!(!repo.path.join(".git/refs/pm/main.lock").exists());
}
