//! A killed batch is written completely or not at all.

use serde_json::{Value, json};

use super::{batch, counted, many, sound};
use crate::support::{Dice, binary, rounds, seed, set_up};

/// TM-14: kill -9 while thousands of objects are written.
#[test]
fn a_killed_batch_is_written_completely_or_leaves_only_files_that_git_gc_removes() {
    use std::io::Write;
    let (_scene, repo) = set_up();
    let n = 260;
    let input = many(n);
    let began = std::time::Instant::now();
    batch(&repo, &[], &input).ok();
    let whole = began.elapsed();
    let mut there = n;
    let mut dice = Dice::new(seed());
    for _ in 0..rounds(30) {
        let mut child = repo
            .command(binary())
            .arg("batch")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // This batch gets other ids: without edges and moves it can be repeated.
        let creates: String = input
            .lines()
            .take(n)
            .map(|line| {
                let mut line: Value = serde_json::from_str(line).unwrap();
                line.as_object_mut().unwrap().remove("depends-on");
                format!("{line}\n")
            })
            .collect();
        let _ = child.stdin.take().unwrap().write_all(creates.as_bytes());
        // The last third is where objects are written and the ref is swapped.
        std::thread::sleep(whole.mul_f64(0.4 + dice.below(900) as f64 / 1000.0));
        let _ = child.kill();
        let done = child.wait().unwrap().success();
        let now = repo.data(&["task", "list", "--all", "--limit", "100000"]);
        let now = now["items"].as_array().unwrap().len();
        assert!(
            now == there || now == there + n,
            "a part of the batch was written: {there} -> {now}"
        );
        assert!(!done || now == there + n, "an acknowledged batch is lost");
        there = now;
    }
    // The next large write removes the files that git does not remove.
    let creates: String = (0..260)
        .map(|i| {
            format!(
                "{}\n",
                json!({"op": "task.create", "title": format!("More {i}")})
            )
        })
        .collect();
    batch(&repo, &[], &creates).ok();
    repo.git(&["gc", "-q", "--prune=now"]).ok();
    assert_eq!(counted(&repo, "garbage"), 0, "temporary files were left");
    sound(&repo);
}

/// A `git gc` in the middle of a large write removes nothing of it.
#[test]
fn a_gc_between_writing_a_pack_and_the_swap_loses_nothing() {
    let (_scene, repo) = set_up();
    let lock = repo.path.join(".git/refs/pm/main.lock");
    std::fs::write(&lock, "0123456789012345678901234567890123456789\n").unwrap();
    std::thread::scope(|scope| {
        let write = scope.spawn(|| batch(&repo, &[], &many(258)));
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while counted(&repo, "packs") == 0 && std::time::Instant::now() < end {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        repo.git(&["gc", "-q", "--prune=now"]);
        repo.git(&["repack", "-a", "-d", "-q"]);
        repo.git(&["prune", "--expire=now"]).ok();
        std::fs::remove_file(&lock).unwrap();
        write.join().unwrap().ok();
    });
    assert_eq!(repo.data(&["show", "T-0258"])["title"], "Task 258");
    sound(&repo);
}
