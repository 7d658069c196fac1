//! Gates, stops, deletions and deferrals of a human hold against concurrent writes of an agent that
//! had not seen them, and against cycles through a gate and softened edges.

use crate::merge::{finished, refused_unmoved, with_agents_approved_work};
use crate::support::*;

/// As [`crate::merge::with_agents_approved_work`], with items made by `prepare` first.
fn approved_after(prepare: &dyn Fn(&Repo), more: &[&str]) -> (Scene, Repo, Repo, String) {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bot = scene.clone_of(&hub, "b", "Bot");
    prepare(&ana);
    let id = ana.task("Work", more);
    sync(&[&ana, &bot]);
    finished(&bot, &id);
    ana.pm(&["sync"]).ok();
    ana.pm(&["task", "approve", &id]).ok();
    sync(&[&ana, &bot]);
    (scene, ana, bot, id)
}

fn below_an_epic() -> (Scene, Repo, Repo) {
    let epic = |ana: &Repo| drop(ana.pm(&["epic", "create", "Whole"]).ok());
    let (scene, ana, bot, _) = approved_after(&epic, &["--epic", "E-0001"]);
    (scene, ana, bot)
}

fn sync(clones: &[&Repo]) {
    for clone in clones {
        clone.pm(&["sync"]).ok();
    }
}

fn gate(repo: &Repo, more: &[&str]) -> String {
    let create = ["issue", "gate", "create", "human", "--title", "Legal"];
    let gate = repo.data(&[&create[..], more].concat())["id"].clone();
    gate.as_str().unwrap().to_string()
}

const FOR_A_HUMAN: &str = "a gate that waits for a human, so only a human may ";

#[test]
fn a_dependency_cycle_does_not_let_an_agents_merge_bypass_a_humans_gate() {
    let helper = |ana: &Repo| drop((ana.task("Helper", &[]), gate(ana, &[])));
    let (_scene, ana, bot, id) = approved_after(&helper, &[]);
    let bot = agent(&bot);
    let gate = bot.data(&["issue", "gate", "list"])["items"][0]["id"].clone();
    let gate = gate.as_str().unwrap();
    ana.pm(&["dep", "add", &id, gate]).ok();
    sync(&[&ana, &bot]);
    refused_unmoved(&bot, &["merge", &id], FOR_A_HUMAN);
    bot.pm(&["dep", "add", gate, "T-0001"]).ok();
    bot.pm(&["export", "md", "md"]).ok();
    let found = bot.run("grep", &["-rl", "T-0001", "md"]).ok().out;
    let file = found.lines().next().unwrap();
    let text = bot.read(file);
    let (head, rest) = text.split_once("depends_on: ").unwrap();
    let (_, rest) = rest.split_once('\n').unwrap();
    bot.write(file, &format!("{head}depends_on: [2]\n{rest}"));
    let said = bot.pm(&["import", "ccpm", "md"]).ok().out;
    assert!(said.contains("creates a cycle"), "{said}");
    refused_unmoved(&bot, &["merge", &id], FOR_A_HUMAN);
    sync(&[&bot, &ana]);
    let merged = ana.pm(&["merge", &id]).ok();
    let told = format!("waits for the gate {gate}, which a human has to resolve");
    assert!(merged.err.contains(&told), "{}", merged.err);
}

#[test]
fn a_cycle_made_by_edges_of_two_clones_does_not_bypass_a_humans_gate() {
    for gate_first in [true, false] {
        let prepare = |ana: &Repo| {
            if gate_first {
                gate(ana, &[]);
            }
        };
        let (_scene, ana, bot, id) = approved_after(&prepare, &[]);
        if !gate_first {
            gate(&ana, &[]);
            sync(&[&ana, &bot]);
        }
        let gate = ana.data(&["issue", "gate", "list"])["items"][0]["id"].clone();
        let gate = gate.as_str().unwrap();
        let bot = agent(&bot);
        bot.pm(&["--offline", "dep", "add", gate, &id]).ok();
        ana.pm(&["dep", "add", &id, gate]).ok();
        ana.pm(&["sync"]).ok();
        refused_unmoved(&bot, &["merge", &id], FOR_A_HUMAN);
    }
}

#[test]
fn an_agent_cannot_merge_work_below_an_item_that_a_human_stopped() {
    let update = ["issue", "update", "E-0001", "--status", "blocked"];
    for (stop, go) in [
        (
            &["issue", "defer", "E-0001", "--reason", "later"][..],
            &["issue", "undefer", "E-0001"][..],
        ),
        (
            &["issue", "defer", "E-0001", "--until", "2099-01-01"],
            &["issue", "undefer", "E-0001"],
        ),
        (
            &["task", "block", "E-0001", "legal has to look"],
            &["task", "unblock", "E-0001"],
        ),
        (&update, &["task", "unblock", "E-0001"]),
    ] {
        let (_scene, ana, bot) = below_an_epic();
        ana.pm(stop).ok();
        ana.pm(&["sync"]).ok();
        let refused = "a human (Ana) stopped E-0001";
        let ran = refused_unmoved(&agent(&bot), &["merge", "T-0001"], refused);
        assert!(ran.err.contains("may not merge T-0001"), "{}", ran.err);
        ana.pm(go).ok();
        ana.pm(&["sync"]).ok();
        agent(&bot).pm(&["merge", "T-0001"]).ok();
    }
    let (_scene, ana, bot) = below_an_epic();
    ana.pm(&["prd", "create", "Above"]).ok();
    ana.pm(&["issue", "update", "E-0001", "--parent", "P-0001"])
        .ok();
    ana.pm(&["task", "block", "P-0001", "no"]).ok();
    ana.pm(&["sync"]).ok();
    let refused = "a human (Ana) stopped P-0001";
    refused_unmoved(&agent(&bot), &["merge", "T-0001"], refused);
    bot.pm(&["sync"]).ok();
    let merged = bot.pm(&["merge", "T-0001"]).ok();
    let told = "T-0001 is part of P-0001, which Ana stopped (blocked)";
    assert!(merged.err.contains(told), "{}", merged.err);
}

#[test]
fn an_agent_cannot_merge_work_whose_parent_waits_for_a_humans_gate() {
    let (_scene, ana, bot) = below_an_epic();
    let gate = gate(&ana, &[]);
    ana.pm(&["dep", "add", "E-0001", &gate]).ok();
    ana.pm(&["sync"]).ok();
    refused_unmoved(&agent(&bot), &["merge", "T-0001"], FOR_A_HUMAN);
}

#[test]
fn an_undo_by_an_agent_cannot_restore_an_item_that_a_human_deleted() {
    for undone_before in [false, true] {
        let (_scene, _hub, ana, bot) = with_agents_approved_work();
        ana.pm(&["task", "delete", "T-0001", "--force"]).ok();
        let by_ana = ana.tip("refs/pm/main");
        ana.pm(&["sync"]).ok();
        let bot = agent(&bot);
        let delete = ["--offline", "task", "delete", "T-0001", "--force"];
        bot.pm(&delete).ok();
        let by_bot = bot.tip("refs/pm/main");
        let main = bot.tip("main");
        if undone_before {
            bot.pm(&["--offline", "undo", &by_bot, "--force"]).ok();
        } else {
            bot.pm(&["sync"]).ok();
            let ran = bot.pm(&["undo", &by_bot, "--force"]).exits(1);
            let said = "a human (Ana) stopped T-0001 (deleted)";
            assert!(ran.err.contains(said), "{}", ran.err);
        }
        assert_ne!(bot.pm(&["merge", "T-0001"]).code, 0);
        sync(&[&bot, &ana, &bot]);
        assert_eq!(bot.tip("main"), main);
        for clone in [&ana, &bot] {
            assert_eq!(clone.pm(&["show", "T-0001"]).code, 4, "{undone_before}");
        }
        // A human can restore it by undoing their own deletion, or the agent's later one.
        let op = if undone_before { &by_ana } else { &by_bot };
        ana.pm(&["undo", op, "--force"]).ok();
        sync(&[&ana, &bot, &ana]);
        assert_eq!(bot.data(&["show", "T-0001"])["status"], "in_review");
    }
}

#[test]
fn a_restored_item_has_lost_its_approval() {
    let (_scene, _hub, ana, bot) = with_agents_approved_work();
    let bot = agent(&bot);
    bot.pm(&["task", "delete", "T-0001", "--force"]).ok();
    let undone = bot.pm(&["undo", "--force"]).ok();
    let said = "the approval of T-0001 is not restored";
    assert!((undone.out + &undone.err).contains(said));
    let item = bot.data(&["show", "T-0001"]);
    assert_eq!(item["status"], "in_review");
    assert!(item["approval"].is_null(), "{item}");
    refused_unmoved(&bot, &["merge", "T-0001"], "only approved items");
    sync(&[&bot, &ana]);
    ana.pm(&["task", "approve", "T-0001"]).ok();
    ana.pm(&["sync"]).ok();
    bot.pm(&["merge", "T-0001"]).ok();
}

#[test]
fn a_deferral_until_a_time_survives_a_concurrent_write_by_an_agent() {
    for other in [&["2028-01-01", ""][..], &["2028-01-01"]] {
        let (_scene, _hub, ana, bot) = with_agents_approved_work();
        ana.pm(&["task", "edit", "T-0001", "--defer", "2099-01-01"])
            .ok();
        ana.pm(&["sync"]).ok();
        let bot = agent(&bot);
        for until in other {
            let edit = ["--offline", "task", "edit", "T-0001", "--defer", until];
            bot.pm(&edit).ok();
        }
        let stopped = "a human (Ana) stopped T-0001 (deferred until 2099-01-01";
        refused_unmoved(&bot, &["merge", "T-0001"], stopped);
        sync(&[&bot, &ana, &bot]);
        for clone in [&ana, &bot] {
            let item = clone.data(&["show", "T-0001"]);
            assert_eq!(item["defer_until"], "2099-01-01T00:00:00Z");
        }
        refused_unmoved(&bot, &["merge", "T-0001"], stopped);
        let told = ana.data(&["status"])["notices"].to_string();
        assert_eq!(told.matches("stop-unheard").count(), 1, "{told}");
        // A later command of a human counts.
        ana.pm(&["task", "edit", "T-0001", "--defer", ""]).ok();
        sync(&[&ana, &bot]);
        assert!(bot.data(&["show", "T-0001"])["defer_until"].is_null());
        bot.pm(&["merge", "T-0001"]).ok();
    }
}

#[test]
fn a_human_is_notified_if_deferred_work_was_merged_meanwhile() {
    let (_scene, _hub, ana, bot) = with_agents_approved_work();
    ana.pm(&["task", "edit", "T-0001", "--defer", "2099-01-01"])
        .ok();
    ana.pm(&["sync"]).ok();
    bot.pm(&["--offline", "merge", "T-0001"]).ok();
    sync(&[&bot, &ana]);
    assert_eq!(ana.data(&["show", "T-0001"])["status"], "done");
    let told = ana.data(&["status"])["notices"].to_string();
    assert!(
        told.contains("without knowing that you had stopped it"),
        "{told}"
    );
}

#[test]
fn a_human_is_notified_if_deleted_work_was_merged_meanwhile() {
    let (_scene, _hub, ana, bot) = with_agents_approved_work();
    ana.pm(&["task", "delete", "T-0001", "--force"]).ok();
    ana.pm(&["sync"]).ok();
    bot.pm(&["--offline", "merge", "T-0001"]).ok();
    sync(&[&bot, &ana, &bot, &ana]);
    ana.pm(&["show", "T-0001"]).exits(4);
    let told = ana.data(&["status"])["notices"].to_string();
    let said = "Bot merged T-0001 into main without knowing that you had stopped it";
    assert_eq!(told.matches(said).count(), 1, "{told}");
}

#[test]
fn an_agent_cannot_clear_a_deferral_that_an_item_was_created_with() {
    let (_scene, repo) = set_up();
    let id = repo.data(&["issue", "create", "Later", "--defer", "2099-01-01"])["id"].clone();
    let id = id.as_str().unwrap();
    let ran = agent(&repo).pm(&["issue", "undefer", id]).exits(1);
    assert!(ran.err.contains("a human (Ana) stopped"), "{}", ran.err);
    repo.pm(&["issue", "undefer", id]).ok();
}

#[test]
fn an_agent_cannot_add_a_soft_edge_to_a_humans_gate() {
    let (_scene, _hub, ana, bot) = with_agents_approved_work();
    let gate = gate(&ana, &[]);
    sync(&[&ana, &bot]);
    ana.pm(&["dep", "add", "T-0001", &gate]).ok();
    ana.pm(&["sync"]).ok();
    let bot = agent(&bot);
    let soften = ["--offline", "dep", "add", "T-0001", &gate, "--soft"];
    let ran = bot.pm(&soften).exits(1);
    assert!(ran.err.contains(FOR_A_HUMAN), "{}", ran.err);
    refused_unmoved(&bot, &["merge", "T-0001"], FOR_A_HUMAN);
    // A human may soften it, and then it does not block.
    ana.pm(&["dep", "add", "T-0001", &gate, "--soft"]).ok();
    ana.pm(&["sync"]).ok();
    bot.pm(&["merge", "T-0001"]).ok();
}

#[test]
fn an_agent_cannot_change_the_state_of_an_issue_that_a_human_works_on() {
    let (_scene, repo) = set_up();
    let id = repo.data(&["issue", "create", "Bug"])["id"].clone();
    let id = id.as_str().unwrap();
    repo.pm(&["issue", "claim", id]).ok();
    let before = repo.tip("refs/pm/main");
    for word in ["open", "in_review", "blocked", "deferred", "closed", "mine"] {
        for force in [&[][..], &["--force"]] {
            let update = ["issue", "update", id, "--status", word];
            let ran = agent(&repo).pm(&[&update[..], force].concat());
            assert_ne!(ran.code, 0, "{word} {force:?}");
            assert!(ran.err.contains("is held by Ana"), "{word}: {}", ran.err);
        }
    }
    assert_eq!(repo.tip("refs/pm/main"), before);
}
