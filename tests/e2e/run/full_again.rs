//! `git pm lfg` once more: after a changed document, a stop, a kill, a failure; and what it leaves alone.

use super::budget::{CLAUDE, RESULT, with_claude};
use super::full::{
    BOTH, GUIDES, LFG, WORK, YOLO, data, go, go_as, learnings, longer, look, stage, started, step,
};
use super::stage::signal;

/// RC-14: a file that has changed is planned again: all that is new in it, however much, waits for an
/// approval, and what is done stays as it is.
#[test]
fn rc_14_a_changed_document_is_planned_again() {
    let stage = stage();
    go(&stage, WORK, &YOLO).ok();
    let text = longer(&[
        "drivers", "sailors", "bakers", "nurses", "painters", "tailors",
    ]);
    stage.repo.write("docs/guides.md", &text);
    let ran = go(&stage, WORK, &LFG).exits(1);
    assert!(ran.out.contains("git pm plan approve P-0001"), "{ran:?}");
    let plan = stage.repo.data(&["plan", "show", "P-0001"]);
    assert_eq!(plan["tasks"].as_array().unwrap().len(), 8, "{plan}");
    let raw = stage.repo.pm(&["prd", "show", "P-0001", "--raw"]).ok().out;
    assert_eq!(raw, text, "the PRD is not the file");
    // Nothing is written again while it waits.
    let before = stage.repo.tip("refs/pm/main");
    go(&stage, WORK, &LFG).exits(1);
    assert_eq!(stage.repo.tip("refs/pm/main"), before);
    stage.repo.pm(&["plan", "approve", "P-0001"]).ok();
    go(
        &stage,
        WORK,
        &["lfg", "docs/guides.md", "--yolo", "--agents", "4"],
    )
    .ok();
    for n in 1..9 {
        let id = format!("T-000{n}");
        assert_eq!(stage.item(&id), "done", "{}", stage.why());
        assert_eq!(started(&stage, &id), 1, "{id}");
    }
    let epics = stage.repo.data(&["epic", "list", "--all"]);
    assert_eq!(epics["items"].as_array().unwrap().len(), 1);
}

/// A PRD whose text was edited in the state is planned again, too; a plan that a human kept is not.
#[test]
fn a_prd_is_planned_again_when_its_text_has_changed() {
    let stage = stage();
    let repo = &stage.repo;
    repo.pm(&["prd", "add", "docs/guides.md"]).ok();
    let by_id = ["lfg", "P-0001"];
    go(&stage, WORK, &by_id).exits(1);
    repo.pm(&["plan", "approve", "P-0001"]).ok();
    let new = longer(&["drivers"]);
    repo.pm(&["prd", "edit", "P-0001", "--body", &new]).ok();
    repo.pm(&["plan", "keep", "P-0001"]).ok();
    let view = data(&stage, &["lfg", "P-0001", "--dry-run"]);
    assert_eq!(step(&view, "plan"), "nothing", "{view}");
    assert_eq!(step(&view, "approve"), "nothing", "{view}");
    repo.pm(&[
        "prd",
        "edit",
        "P-0001",
        "--body",
        &format!("{new}- it is short\n"),
    ])
    .ok();
    go(&stage, WORK, &by_id).exits(1);
    let plan = repo.data(&["plan", "show", "P-0001"]);
    assert_eq!(plan["tasks"].as_array().unwrap().len(), 3, "{plan}");
}

/// An epic without a plan is broken down; an id of something else is refused.
#[test]
fn an_epic_is_worked_and_other_ids_are_refused() {
    let stage = stage();
    let body = GUIDES.replace("# Guides", "");
    stage
        .repo
        .pm(&["epic", "create", "Guides", "--body", &body])
        .ok();
    go(&stage, WORK, &["lfg", "E-0001", "--yolo"]).ok();
    stage.all_merged(&BOTH);
    assert_eq!(stage.repo.data(&["show", "T-0001"])["epic"], "E-0001");
    let before = look(&stage.repo);
    go(&stage, WORK, &["lfg", "T-0001"]).exits(2);
    go(&stage, WORK, &["lfg", "P-0099"]).exits(4);
    go(&stage, WORK, &["lfg", "docs/none.md"]).exits(4);
    assert_eq!(look(&stage.repo), before);
}

/// RC-14: findings that stop an approval stop it at the check, also with `--yolo`.
#[test]
fn rc_14_findings_that_stop_an_approval_stop_at_the_check() {
    let stage = stage();
    stage.repo.pm(&["plan", "new", "docs/guides.md"]).ok();
    stage.repo.pm(&["plan", "set", "1", "description="]).ok();
    let before = stage.repo.tip("refs/pm/main");
    let ran = go(&stage, WORK, &YOLO).exits(1);
    assert!(ran.out.contains("it has no description"), "{ran:?}");
    assert_eq!(stage.repo.tip("refs/pm/main"), before);
    let view = data(&stage, &YOLO);
    assert_eq!(step(&view, "check"), "failed");
    assert_eq!(step(&view, "approve"), "not-reached");
}

/// A plan that is larger than its document justifies is confirmed by a human who has seen it.
#[test]
fn a_plan_of_unusual_size_is_not_approved_unseen() {
    let stage = stage();
    stage.repo.git(&["config", "pm.planMinTasks", "1"]).ok();
    stage.repo.git(&["config", "pm.planMaxTasks", "1"]).ok();
    let ran = go(&stage, WORK, &YOLO).exits(1);
    let command = "git pm plan approve P-0001 --confirm-large";
    assert!(ran.out.contains(command), "{ran:?}");
    assert_eq!(stage.repo.data(&["plan", "show"])["status"], "draft");
}

/// RC-14: learnings are drafted once, not again after they were deleted, and not where nothing was
/// learned.
#[test]
fn rc_14_learnings_are_drafted_once() {
    let stage = stage();
    let repo = &stage.repo;
    go(&stage, WORK, &LFG).exits(1);
    repo.pm(&["plan", "approve", "P-0001"]).ok();
    go(&stage, WORK, &LFG).exits(1);
    for id in BOTH {
        repo.pm(&["task", "approve", id]).ok();
    }
    repo.pm(&["learn", "none", "T-0001", "--reason", "routine"])
        .ok();
    let ran = go(&stage, WORK, &LFG).ok();
    let listed = repo.data(&["learn", "list"]);
    let drafts = listed["items"].as_array().unwrap();
    assert_eq!(drafts.len(), 1, "{listed}");
    assert_eq!(drafts[0]["item"], "T-0002");
    assert_eq!(drafts[0]["status"], "draft");
    let id = drafts[0]["id"].as_str().unwrap();
    assert!(
        ran.out.contains(&format!("git pm learn accept {id}")),
        "{ran:?}"
    );
    go(&stage, WORK, &LFG).ok();
    assert_eq!(learnings(repo), 1);
    repo.pm(&["learn", "delete", id]).ok();
    go(&stage, WORK, &LFG).ok();
    assert_eq!(learnings(repo), 0, "drafted again after it was deleted");
}

/// RC-14, RC-06: after a `kill -9` the same command goes on in the same run.
#[test]
fn rc_14_the_same_command_goes_on_after_a_kill() {
    for point in [
        "run-recorded:1",
        "run-recorded:4",
        "run-approved:1",
        "merge-moved:1",
    ] {
        let stage = stage();
        let place = stage.repo.with("GIT_PM_FAULT", &format!("{point}:kill"));
        let ran = go_as(&stage, &place, WORK, &YOLO);
        assert_ne!(ran.code, 0, "{point} was not reached: {ran:?}");
        let ran = go(&stage, WORK, &YOLO);
        assert_eq!(ran.code, 0, "{point}: {ran:?}\n{}", stage.why());
        stage.all_merged(&BOTH);
        let runs = stage.repo.data(&["run", "list"]);
        assert_eq!(
            runs["items"].as_array().unwrap().len(),
            1,
            "{point}: {runs}"
        );
        assert_eq!(learnings(&stage.repo), 2, "{point}");
    }
}

/// With other options, an interrupted run is not continued: its work is taken up by a new one.
#[test]
fn other_options_begin_another_run_after_a_kill() {
    let stage = stage();
    let place = stage.repo.with("GIT_PM_FAULT", "run-recorded:2:kill");
    assert_ne!(go_as(&stage, &place, WORK, &YOLO).code, 0);
    let ran = go(
        &stage,
        WORK,
        &["lfg", "docs/guides.md", "--yolo", "--agents", "2"],
    );
    assert_eq!(ran.code, 0, "{ran:?}\n{}", stage.why());
    for id in BOTH {
        assert_eq!(stage.item(id), "done", "{}", stage.why());
    }
}

/// RC-14: an interruption ends the agents, and the way; the same command goes on.
#[test]
fn rc_14_an_interruption_ends_the_way() {
    let stage = stage();
    let script = format!("echo go > \"$OUT/here\"\ntest -e \"$OUT/on\" || sleep 60\n{WORK}");
    let with = stage.agent(&script);
    let mut args = YOLO.to_vec();
    args.extend(["--with", &with]);
    let running = stage.start_command(&stage.repo, &args);
    stage.wait_for("here");
    signal(running.id(), "INT");
    let ran = running.end().exits(1);
    assert!(ran.out.contains("stopped"), "{ran:?}");
    assert!(!ran.err.contains("learn …"), "{}", ran.err);
    stage.left_no_process();
    stage.tell("on");
    go(&stage, &script, &YOLO).ok();
    stage.all_merged(&BOTH);
}

/// RC-14: a task that fails is reported, the others are done, and the same command tries it again.
#[test]
fn rc_14_a_failed_task_is_tried_again_by_the_same_command() {
    let stage = stage();
    let script = format!("test $GIT_PM_TASK = T-0001 && ! test -e \"$OUT/on\" && exit 3\n{WORK}");
    let ran = go(&stage, &script, &YOLO).exits(1);
    assert!(ran.out.contains("1 failed"), "{ran:?}");
    assert_eq!(stage.item("T-0002"), "done", "{}", stage.why());
    stage.tell("on");
    go(&stage, &script, &YOLO).ok();
    assert_eq!(stage.item("T-0001"), "done", "{}", stage.why());
    assert_eq!(started(&stage, "T-0002"), 1);
}

/// Only the tasks of the plan are worked, and only approved work of the plan is merged.
#[test]
fn other_tasks_are_left_alone() {
    let stage = stage();
    let other = stage.repo.task("Something else", &[]);
    let agent = stage.agent(super::stage::WORK);
    let more = stage.repo.task("Approved elsewhere", &[]);
    stage
        .start_command(&stage.repo, &["run", "--with", &agent, "--only", &more])
        .end()
        .exits(1);
    stage.repo.pm(&["task", "approve", &more]).ok();
    go(&stage, WORK, &YOLO).ok();
    assert_eq!(stage.item(&other), "queued");
    assert_eq!(stage.item(&more), "ready_for_integration");
    assert_eq!(stage.item("T-0003"), "done", "{}", stage.why());
}

/// RC-14, MR-09: a spent budget ends it with 7, of its own runs or of a day.
#[test]
fn rc_14_a_spent_budget_ends_it_with_7() {
    let stage = stage();
    go(&stage, WORK, &LFG).exits(1);
    stage.repo.pm(&["plan", "approve", "P-0001"]).ok();
    let script = format!(
        "{CLAUDE}\nwhile git pm task accept $GIT_PM_TASK $((n += 1)) --evidence seen; do :; done >&2\n{RESULT}"
    );
    let place = with_claude(&stage, &script);
    let with = ["--with", "claude", "--budget", "0.5usd"];
    let args = [&YOLO[..], &with].concat();
    let ran = stage.start_command(&place, &args).end().exits(7);
    assert_eq!(stage.item("T-0001"), "done", "{ran:?}\n{}", stage.why());
    assert_eq!(stage.item("T-0002"), "queued", "{ran:?}");
    assert_eq!(learnings(&stage.repo), 1, "{ran:?}");
    // It stays spent.
    stage.start_command(&place, &args).end().exits(7);
    stage.repo.pm(&["budget", "set", "--day", "0.1usd"]).ok();
    let ran = go(&stage, WORK, &YOLO).exits(7);
    assert!(ran.out.contains("budget"), "{ran:?}");
    assert_eq!(stage.item("T-0002"), "queued", "{ran:?}");
}

/// RC-14: what gates may not merge is listed with the reason, also after `--yolo`.
#[test]
fn rc_14_what_gates_may_not_merge_waits_for_a_human() {
    let stage = stage();
    let script = format!(
        "mkdir -p .github/workflows; echo 'on: push' > .github/workflows/$GIT_PM_TASK.yml\n\
         git add -A; git -c core.hooksPath=/dev/null commit -qm Work --no-verify\n{WORK}"
    );
    let main = stage.repo.tip("main");
    let ran = go(&stage, &script, &YOLO).exits(1);
    assert_eq!(stage.repo.tip("main"), main, "merged: {ran:?}");
    for id in BOTH {
        assert_eq!(stage.item(id), "in_review", "{}", stage.why());
        let because = format!(".github/workflows/{id}.yml");
        assert!(ran.out.contains(&because), "{because}: {ran:?}");
        assert!(ran.out.contains(&format!("git pm task approve {id}")));
    }
}

/// An epic is previewed as it would be planned.
#[test]
fn a_dry_run_of_an_epic_shows_the_tasks_of_its_text() {
    let stage = stage();
    let body = GUIDES.replace("# Guides\n", "# Its own title\n");
    let create = |title: &str, body: &str| {
        stage
            .repo
            .pm(&["epic", "create", title, "--body", body])
            .ok();
    };
    create("Guides", &body);
    create("Nothing", "");
    let before = look(&stage.repo);
    let view = data(&stage, &["lfg", "E-0001", "--dry-run"]);
    assert_eq!(view["new_tasks"].as_array().unwrap().len(), 2, "{view}");
    go(&stage, WORK, &["lfg", "E-0002", "--dry-run"]).exits(1);
    assert_eq!(look(&stage.repo), before);
}
