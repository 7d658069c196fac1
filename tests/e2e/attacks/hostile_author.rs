//! Agents that do random hostile acts in real runs, with a scripted human between: the generator in
//! `tests/hostile_author`. Its acts are written from the interface, and its checks from what every
//! user may expect.

use std::process::Command;

use crate::support::{binary, thorough};

/// Seeds 1 to 200 with `GIT_PM_TEST_FULL=1`, else the first three.
#[test]
fn a_hostile_author_gains_nothing() {
    let (seeds, jobs) = match thorough() {
        true => ("1..200", "4"),
        false => ("1..3", "2"),
    };
    let generator = "tests/hostile_author/hostile_author.py";
    let args = ["--binary", binary(), "--seeds", seeds, "--jobs", jobs];
    let mut command = Command::new("python3");
    command.arg(generator).args(args);
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let bad = told
        .lines()
        .filter(|line| !line.contains("\"findings\": []"));
    let bad: Vec<&str> = bad.collect();
    assert!(bad.is_empty(), "{bad:#?}");
    let wanted = if thorough() { 200 } else { 3 };
    assert_eq!(told.lines().count(), wanted, "{output:?}");
    // Honest work of these tasks is merged, so the walls are not that nothing works.
    assert!(told.contains("\"merged\": true"), "{told}");
}
