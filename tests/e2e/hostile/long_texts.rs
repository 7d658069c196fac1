//! Texts of any length in the state: what is shown of them is bounded, and so is the work for it.

use crate::support::{forge, set_up};

// Each of these lists shows a line of every item.
const LISTS: [&[&str]; 7] = [
    &["list"],
    &["status"],
    &["triage"],
    &["standup"],
    &["ready"],
    &["why", "T-0002"],
    &["log"],
];

#[test]
fn lists_show_the_beginning_of_a_title_of_any_length() {
    let (_scene, repo) = set_up();
    let first = repo.task("First", &[]);
    repo.task("Second", &["--depends-on", &first]);
    let path = forge::path_of(&repo, &first);
    let text = forge::read(&repo, &path);
    for title in [
        " ".repeat(70_000),
        "\\t".repeat(300_000),
        "x".repeat(2_000_000),
    ] {
        let title = format!("title: \"{title}\"");
        forge::put(
            &repo,
            &path,
            text.replace("title: First", &title).as_bytes(),
        );
        for args in LISTS {
            let shown = repo.pm(args).ok().out;
            let longest = shown.lines().map(str::len).max();
            assert!(longest < Some(25_000), "{args:?}: {longest:?}");
        }
    }
}

#[test]
fn the_history_shows_the_beginning_of_a_subject_of_any_length() {
    let (_scene, repo) = set_up();
    let file = repo.path.join("../message");
    std::fs::write(&file, "x".repeat(2_000_000)).unwrap();
    let (tree, tip) = (repo.state_tree(), repo.tip("refs/pm/main"));
    let args = [
        "commit-tree",
        &tree,
        "-p",
        &tip,
        "-F",
        file.to_str().unwrap(),
    ];
    let made = repo.git(&args).ok().text();
    forge::move_to(&repo, &made);
    let shown = repo.pm(&["log"]).ok().out;
    assert!(
        shown.contains("xxx") && shown.len() < 5_000,
        "{}",
        shown.len()
    );
}
