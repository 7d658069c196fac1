//! Work to whose commit the target was moved forward: the branch and its target are one commit, as those of a
//! branch without work are, too.

use super::{status, worked};
use crate::support::Scene;

/// Whoever moved main forward, an approval ends the task, and so does a sync.
#[test]
fn submitted_work_to_which_main_was_moved_forward_is_done() {
    for by_host in [false, true] {
        for command in [&["task", "approve"][..], &["sync"]] {
            let scene = Scene::new();
            let (_hub, a) = scene.with_hub();
            let (id, place) = worked(&a, "One", "one.txt", "1\n");
            place.pm(&["finish"]).ok();
            let branch = place.git(&["branch", "--show-current"]).ok().text();
            let work = place.tip("HEAD");
            if by_host {
                let to_main = format!("{branch}:main");
                a.git(&["push", "-q", "origin", &to_main]).ok();
                a.git(&["fetch", "-q"]).ok();
            } else {
                a.git(&["merge", "-q", "--ff-only", &branch]).ok();
                a.git(&["push", "-q", "origin", "main"]).ok();
            }
            assert_eq!(a.tip("origin/main"), work);
            let case = format!("{command:?}, by the host: {by_host}");
            let next = a.pm(&["status"]).ok().out;
            assert!(
                next.contains(&format!("git pm task approve {id}")),
                "{case}: {next}"
            );
            match command {
                ["sync"] => a.pm(command).ok(),
                _ => a.pm(&[command, &[id.as_str()]].concat()).ok(),
            };
            let item = a.data(&["show", &id]);
            assert_eq!(item["status"], "done", "{case}: {item}");
            assert_eq!(
                item["work"]["merged_commit"],
                work.as_str(),
                "{case}: {item}"
            );
            let main = a.tip("origin/main");
            a.pm(&["merge", &id]).ok();
            assert_eq!((a.tip("main"), a.tip("origin/main")), (main.clone(), main));
        }
    }
}

/// A branch at the commit of its target is no proof: one may have been put back there, another never had work.
#[test]
fn a_branch_without_work_at_its_target_is_not_done() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    let (id, place) = worked(&a, "One", "one.txt", "1\n");
    place.pm(&["finish"]).ok();
    place.git(&["reset", "-q", "--hard", "main"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(status(&a, &id), "in_review");
    a.pm(&["task", "approve", &id]).ok();
    assert_eq!(status(&a, &id), "ready_for_integration");

    let created = a.data(&["issue", "create", "Look into it"]);
    let issue = created["id"].as_str().unwrap();
    a.pm(&["start", issue]).ok();
    a.pm(&["issue", "update", issue, "--status", "in_review"])
        .ok();
    a.pm(&["sync"]).ok();
    assert_eq!(status(&a, issue), "in_review");
    // What refuses it names a command that works.
    let refused = a.pm(&["--json", "task", "approve", issue]).exits(1).error();
    assert_eq!(refused["reason"], "finish.no_commits", "{refused}");
    assert!(refused.to_string().contains("task done"), "{refused}");
    a.pm(&["task", "done", issue, "--evidence", "seen"]).ok();
    assert_eq!(status(&a, issue), "closed");
}
