//! The mark of a number that may still change, in everything that people read and type.

use crate::support::Scene;

// TM-05: it is marked wherever a person reads it, not in data and in commands to copy, and taken with the mark.
#[test]
fn tm_05_the_mark_is_in_every_list_and_every_verb_takes_it() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    a.task("Published", &[]);
    a.pm(&["sync"]).ok();
    a.task("Of Ana", &["--accept", "it is clean"]);
    a.task("Waits", &["--depends-on", "T-2?"]);
    let commands: [(&[&str], &[&str]); 10] = [
        (
            &["list"],
            &["T-0001  ", "T-0002?  ", "T-0003?  ", "waits for T-0002?"],
        ),
        (&["ready"], &["T-0001  ", "T-0002?  "]),
        (
            &["status"],
            &["T-0001  ", "T-0002?  ", "next: git pm start T-0001"],
        ),
        (
            &["board", "--once"],
            &["T-0001 ", "T-0002? ", "after T-0002?"],
        ),
        (&["board", "--once", "--md"], &["**T-0001**", "**T-0002?**"]),
        (&["search", "Ana"], &["T-0002?"]),
        (&["order"], &["T-0002?", "T-0003?"]),
        (&["why", "T-0003?"], &["T-0003?  ", "T-0002?"]),
        (&["log", "T-0002?"], &["Of Ana"]),
        (&["list", "blocks:T-0003?"], &["T-0002?"]),
    ];
    for (command, wanted) in commands {
        let shown = a.pm(command).ok().out;
        for part in wanted {
            assert!(shown.contains(part), "{command:?}: {part}: {shown}");
        }
        assert!(!shown.contains("T-0001?"), "{command:?}: {shown}");
        assert!(
            !shown.contains("git pm start T-0002?"),
            "{command:?}: {shown}"
        );
        if !command.contains(&"--md") {
            let json = a.pm(&[&["--json"], command].concat()).ok().out;
            assert!(!json.contains("T-0002?"), "{command:?}: {json}");
        }
    }
    // Scripts choose their columns.
    let ids = a.pm(&["list", "--columns", "id"]).ok().out;
    assert!(!ids.contains('?'), "{ids}");
    for verb in [
        &["edit", "T-0002?", "-p", "1"][..],
        &["comment", "T-0002?", "Seen"],
        &["task", "accept", "#T-2?", "1"],
        &["dep", "rm", "T-0003?", "2?"],
        &["task", "cancel", "T-0003?"],
        &["start", "T-0002?", "--no-worktree"],
    ] {
        a.pm(verb).ok();
    }
    // The claim was confirmed, and with it the number.
    let shown = a.pm(&["list", "--all"]).ok().out;
    assert!(!shown.contains('?'), "{shown}");
}
