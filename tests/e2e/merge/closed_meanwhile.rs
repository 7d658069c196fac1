//! A merge and concurrent writes: the merge is recorded in any case.

use crate::merge::with_agents_approved_work;
use crate::support::{Repo, agent, wait_all};

fn sync_all(clones: &[&Repo]) {
    for clone in clones.iter().chain(clones) {
        clone.pm(&["sync"]).ok();
    }
}

#[test]
fn a_merge_is_recorded_although_its_task_was_closed_meanwhile() {
    for (close, status) in [
        (
            &["task", "cancel", "T-0001", "--reason", "no"][..],
            "cancelled",
        ),
        (
            &["task", "done", "T-0001", "--evidence", "seen", "--force"],
            "done",
        ),
    ] {
        let (_scene, _hub, ana, bot) = with_agents_approved_work();
        let slow = agent(&bot).with("GIT_PM_FAULT", "merge-moved:1:sleep:2000");
        let before = bot.tip("main");
        let merging = slow.spawn(&["merge", "T-0001"]);
        while bot.tip("main") == before {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let offline = [&["--offline"], close].concat();
        bot.pm(&offline).ok();
        let done = wait_all(vec![merging]).remove(0).ok();
        assert!(!done.err.contains("error"), "{}", done.err);
        sync_all(&[&bot, &ana]);
        for clone in [&bot, &ana] {
            let item = clone.data(&["show", "T-0001"]);
            assert_eq!(item["status"], status);
            let work = &item["work"];
            assert_eq!(work["merged_commit"], bot.tip("main").as_str(), "{work}");
            assert_eq!(work["merged_into"], "main");
        }
    }
}
