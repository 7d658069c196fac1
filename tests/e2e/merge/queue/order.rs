//! What is merged, and in which order.

use super::{alone, approved, ids, left_out, pair, queue, records, subjects};
use crate::merge::stacked::on_top;
use crate::merge::{status, worked};
use crate::support::Scene;

/// ST-02, TM-15: dependencies come first, then the critical path, priority and id; each merge is
/// recorded once, with task, commit and actor.
#[test]
fn everything_approved_is_merged_in_the_order_of_the_graph() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let before = repo.tip("main");
    let (one, _) = approved(&repo, "One", "1.txt", "1\n");
    let (two, _) = approved(&repo, "Two", "2.txt", "2\n");
    let (three, _) = approved(&repo, "Three", "3.txt", "3\n");
    let (four, _) = approved(&repo, "Four", "4.txt", "4\n");
    repo.pm(&["dep", "add", &one, &two]).ok();
    repo.pm(&["task", "edit", &four, "-p", "0"]).ok();
    let report = queue(&repo, &[], 0);
    let order = [two.as_str(), four.as_str(), one.as_str(), three.as_str()];
    assert_eq!(ids(&report, "order"), order);
    assert_eq!(ids(&report, "merged"), order);
    assert_eq!(left_out(&report), []);
    assert_eq!(subjects(&repo, &before), ["Two", "Four", "One", "Three"]);
    for (n, id) in order.into_iter().enumerate() {
        assert_eq!(status(&repo, id), "done");
        assert_eq!(records(&repo, id), 1);
        let commit = repo.tip(&format!("main~{}", 3 - n));
        assert_eq!(report["merged"][n]["commit"], commit);
        let work = repo.data(&["show", id])["work"].clone();
        assert_eq!(work["merged_commit"], commit);
        let log = repo.data(&["log", id]);
        let merges = log["items"].as_array().unwrap().iter();
        let merges: Vec<_> = merges.filter(|entry| entry["op"] == "merge").collect();
        assert_eq!(merges.len(), 1, "{log}");
        assert_eq!(merges[0]["actor"], "Ana");
        assert!(!repo.path.with_file_name("a.worktrees").join(id).exists());
    }
    assert_eq!(repo.git(&["status", "--porcelain"]).ok().out, "");
    assert_eq!(repo.read("4.txt"), "4\n", "the checkout follows");
}

#[test]
fn an_empty_queue_says_so() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.task("Not started", &[]);
    let said = repo.pm(&["merge", "--queue"]).exits(0);
    assert!(
        said.out.contains("The merge queue is empty"),
        "{}",
        said.out
    );
    for more in [&[][..], &["--plan"]] {
        let report = queue(&repo, more, 0);
        assert_eq!(report["order"].as_array().unwrap().len(), 0);
        assert_eq!(report["plan"], !more.is_empty());
    }
}

/// What is merged does not depend on the clone that looks.
#[test]
fn two_clones_show_the_same_plan() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    for (title, file) in [("One", "same.txt"), ("Two", "same.txt"), ("Three", "3.txt")] {
        approved(&ana, title, file, &format!("{title}\n"));
    }
    ana.pm(&["dep", "add", "T-0001", "T-0003"]).ok();
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "b", "Ben");
    ben.pm(&["sync"]).ok();
    ben.git(&["fetch", "-q", "origin"]).ok();
    let (mine, theirs) = (queue(&ana, &["--plan"], 0), queue(&ben, &["--plan"], 0));
    assert_eq!(ids(&mine, "order"), ["T-0003", "T-0001", "T-0002"]);
    assert_eq!(mine["order"], theirs["order"]);
}

/// ST-03: branches on top of each other, which change the same line.
#[test]
fn stacked_branches_are_merged_from_below() {
    for batch in ["1", "8"] {
        let scene = Scene::new();
        let repo = alone(&scene);
        repo.write("list.txt", "zero\n");
        repo.commit_all("List");
        let before = repo.tip("main");
        repo.git(&["config", "pm.stacked", "true"]).ok();
        let one = on_top(&repo, "One", None, "one\n");
        let two = on_top(&repo, "Two", Some(&one), "two\n");
        let three = on_top(&repo, "Three", Some(&two), "three\n");
        repo.pm(&["task", "edit", &three, "-p", "0"]).ok();
        let report = queue(&repo, &["--batch", batch], 0);
        assert_eq!(ids(&report, "merged"), [one, two, three]);
        assert_eq!(subjects(&repo, &before), ["One", "Two", "Three"]);
        assert_eq!(repo.read("list.txt"), "three\n");
    }
}

/// Work that no human approved is not merged because other work contains it.
#[test]
fn work_on_top_of_unapproved_work_waits() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.git(&["config", "pm.stacked", "true"]).ok();
    let (one, _) = worked(&repo, "One", "1.txt", "1\n");
    let two = repo.task("Two", &[]);
    repo.pm(&["dep", "add", &two, &one, "--soft"]).ok();
    repo.pm(&["start", &two]).ok();
    let place = repo.worktree(&two);
    place.write("2.txt", "2\n");
    place.commit_all("Two");
    for id in [&one, &two] {
        repo.pm(&["finish", id]).ok();
    }
    repo.pm(&["task", "approve", &two]).ok();
    let main = repo.tip("main");
    let report = queue(&repo, &[], 1);
    let expected = [pair(&one, "approval.missing"), pair(&two, "merge.stacked")];
    assert_eq!(left_out(&report), expected);
    assert_eq!(repo.tip("main"), main);
    repo.pm(&["task", "approve", &one]).ok();
    let report = queue(&repo, &[], 0);
    assert_eq!(ids(&report, "merged"), [one, two]);
}

/// Tasks go into the branch of their epic; the epic itself then needs another approval.
#[test]
fn each_item_goes_to_its_own_target() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Epic"]).ok();
    repo.pm(&["epic", "start", "E-0001"]).ok();
    let place = repo.worktree("E-0001");
    place.write("epic.txt", "epic\n");
    place.commit_all("Epic");
    let id = repo.task("Part", &["--epic", "E-0001"]);
    repo.pm(&["start", &id]).ok();
    let part = repo.worktree(&id);
    part.write("part.txt", "part\n");
    part.commit_all("Part");
    let (other, _) = approved(&repo, "Other", "other.txt", "other\n");
    for id in [id.as_str(), "E-0001"] {
        repo.pm(&["finish", id, "--force"]).ok();
        repo.pm(&["task", "approve", id]).ok();
    }
    let plan = queue(&repo, &["--plan"], 0);
    let report = queue(&repo, &["--batch", "5"], 1);
    let outdated = [pair("E-0001", "approval.outdated")];
    for report in [&plan, &report] {
        assert_eq!(left_out(report), outdated);
    }
    assert_eq!(ids(&report, "merged").len(), 2);
    let of = |id: &str| {
        let merged = report["merged"].as_array().unwrap().iter();
        let mut found = merged.filter(|one| one["id"] == id);
        found.next().unwrap()["target"].clone()
    };
    assert_eq!(of(&id), "epic/epic");
    assert_eq!(of(&other), "main");
    let now = repo.tip("epic/epic");
    repo.pm(&["task", "approve", "E-0001", "--commit", &now])
        .ok();
    assert_eq!(ids(&queue(&repo, &[], 0), "merged"), ["E-0001"]);
    assert_eq!(repo.read("part.txt"), "part\n");
}

/// The strategy is that of `merge`.
#[test]
fn the_strategy_is_chosen_by_flag_or_setting() {
    let scene = Scene::new();
    let repo = alone(&scene);
    approved(&repo, "One", "1.txt", "1\n");
    approved(&repo, "Two", "2.txt", "2\n");
    let queued = ["--strategy", "merge", "--batch", "2", "--keep-branch"];
    queue(&repo, &queued, 0);
    assert_eq!(repo.tip("main^2"), repo.tip("task/T-0002-two"));
    assert_eq!(repo.tip("main^^2"), repo.tip("task/T-0001-one"));
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = approved(&repo, "One", "1.txt", "1\n");
    let main = repo.tip("main");
    for args in [
        &["merge"][..],
        &["merge", &id, "--queue"],
        &["merge", &id, "--plan"],
        &["merge", &id, "--batch", "2"],
        &["merge", "--queue", "--target", "main"],
        &["merge", "--queue", "--gates"],
        &["merge", "--queue", "--batch", "0"],
        &["merge", "--queue", "--batch", "101"],
        &["merge", "--queue", "--idempotency-key", "k"],
        &["merge", "--queue", "--if-version", "1"],
    ] {
        repo.pm(args).exits(2);
        assert_eq!(repo.tip("main"), main, "{args:?}");
    }
}
