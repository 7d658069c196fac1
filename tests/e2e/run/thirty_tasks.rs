//! A plan of thirty tasks in three epics, with dependencies and overlapping paths, worked by eight
//! agents: all is merged, the target passes its gate after every merge, no two have the same files
//! at any moment, and the agents are busy.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::json;

use super::stage::Stage;
use crate::support::{binary, size};

const EPICS: usize = 3;
const TASKS: usize = 10;
const AGENTS: usize = 8;

/// Fails if two changes of a folder do not fit together, as a test of a program does: each file
/// `count` has the number of lines of the file `list` beside it.
const CHECK: &str = "for list in src/*/list; do\n\
                     test \"$(wc -l < $list)\" -eq \"$(cat ${list%list}count)\" || exit 1\n\
                     done\n";

/// Works for some time in every folder of the task, which are in a file outside.
const AGENT: &str = r#"
cat > /dev/null
date +%s%N > "$OUT/$GIT_PM_TASK.begin"
folders=$(cat "$OUT/$GIT_PM_TASK.folders")
for folder in $folders; do echo "$GIT_PM_TASK" >> src/$folder/list; done
sleep SECONDS
for folder in $folders; do expr $(cat src/$folder/count) + 1 > src/$folder/count; done
git add -A && git commit -q -m "Work on $GIT_PM_TASK"
date +%s%N > "$OUT/$GIT_PM_TASK.end"
"#;

/// A task by its number in the plan: what it waits for, and the folders that it changes.
struct Task {
    needs: Vec<usize>,
    folders: Vec<String>,
}

/// In each epic the second half shares the folders of the first, the last task changes two of them,
/// and one task of each epic changes a folder that all three have in common.
fn plan() -> Vec<Task> {
    let mut plan = Vec::new();
    for epic in 0..EPICS {
        let number = |task: usize| epic * TASKS + task;
        for task in 0..TASKS {
            let own = |n: usize| format!("e{epic}f{n}");
            let mut folders = vec![own(task % 5)];
            let mut needs = Vec::new();
            match task {
                3 => folders = vec!["common".into()],
                5 | 6 => needs.push(number(task - 5)),
                8 => needs.push(number(5)),
                9 => folders.push(own(3)),
                _ => {}
            }
            plan.push(Task { needs, folders });
        }
    }
    plan
}

fn id(number: usize) -> String {
    format!("T-{:04}", number + 1)
}

fn stage(plan: &[Task]) -> Stage {
    let stage = Stage::new();
    let folders: BTreeSet<&String> = plan.iter().flat_map(|task| &task.folders).collect();
    for folder in folders {
        stage.repo.write(&format!("src/{folder}/list"), "begin\n");
        stage.repo.write(&format!("src/{folder}/count"), "1\n");
    }
    stage.repo.write("check.sh", CHECK);
    stage.repo.commit_all("Lists");
    let gate = ["config", "--add", "pm.gate", "check=sh check.sh"];
    stage.repo.git(&gate).ok();
    for epic in 0..EPICS {
        let title = format!("Epic {epic}");
        stage.repo.pm(&["epic", "create", &title]).ok();
    }
    let mut lines = String::new();
    for (number, task) in plan.iter().enumerate() {
        let paths = task.folders.iter().map(|folder| format!("src/{folder}/**"));
        let needs = task.needs.iter().map(|number| id(*number));
        let line = json!({
            "op": "task.create",
            "title": format!("Task {number}"),
            "epic": format!("E-{:03}", number / TASKS + 1),
            "path": paths.collect::<Vec<_>>(),
            "depends-on": needs.collect::<Vec<_>>(),
        });
        lines.push_str(&format!("{line}\n"));
        let told = task.folders.join("\n");
        std::fs::write(stage.out.join(format!("{}.folders", id(number))), told).unwrap();
    }
    stage.repo.feed(binary(), &["batch"], &lines).ok();
    stage
}

/// The longest chain of tasks.
fn critical_path(plan: &[Task]) -> usize {
    let mut chains = Vec::new();
    for task in plan {
        let before = task.needs.iter().map(|need| chains[*need]).max();
        chains.push(before.unwrap_or(0) + 1);
    }
    chains.into_iter().max().unwrap()
}

/// Requires that no two tasks with a folder in common were in the hands of agents at any moment, as
/// the run recorded it.
fn never_overlapped(stage: &Stage, plan: &[Task]) {
    let log = ["log", "--reverse", "--format=%s", "refs/pm/main"];
    let log = stage.repo.git(&log).ok().out;
    let mut held: BTreeMap<String, usize> = BTreeMap::new();
    let mut most = 0;
    for line in log.lines().filter(|line| line.starts_with("run R-")) {
        let Some((number, _)) = (0..plan.len())
            .map(|number| (number, format!(": {} ", id(number))))
            .find(|(_, name)| line.contains(name.as_str()))
        else {
            continue;
        };
        let works = ["(start)", "(work)", "(check)"];
        let works = works.iter().any(|step| line.contains(step));
        for folder in &plan[number].folders {
            if !works {
                held.retain(|_, holder| *holder != number);
            } else if let Some(other) = held.insert(folder.clone(), number) {
                assert_eq!(other, number, "{folder}: {line}\n{log}");
            }
        }
        let at_work: BTreeSet<&usize> = held.values().collect();
        most = most.max(at_work.len());
    }
    assert!(held.is_empty(), "{held:?}");
    assert!((2..=AGENTS).contains(&most), "{most} at once\n{log}");
}

/// The same from the times that the agents wrote down.
fn never_worked_at_once(stage: &Stage, plan: &[Task]) {
    let time = |number: usize, part: &str| -> u128 {
        let text = stage.told(&format!("{}.{part}", id(number)));
        text.trim().parse().expect("a time")
    };
    for (a, one) in plan.iter().enumerate() {
        for need in &one.needs {
            assert!(time(a, "begin") > time(*need, "end"));
        }
        for (b, other) in plan.iter().enumerate().take(a) {
            let shared = one.folders.iter().any(|f| other.folders.contains(f));
            let at_once = time(a, "begin") < time(b, "end") && time(b, "begin") < time(a, "end");
            assert!(!(shared && at_once), "{} and {}", id(a), id(b));
        }
    }
}

/// Requires that every commit on the target's own line passes the gate.
fn always_green(stage: &Stage, merges: usize) {
    let log = ["rev-list", "--first-parent", "--reverse", "main"];
    let commits = stage.repo.git(&log).ok().out;
    let place = stage.dir().join("each");
    let path = place.display().to_string();
    stage
        .repo
        .git(&["worktree", "add", "-q", "--detach", &path])
        .ok();
    let there = stage.repo.other(&place);
    let mut count = 0;
    for commit in commits.lines() {
        there.git(&["checkout", "-q", commit]).ok();
        if place.join("check.sh").exists() {
            let ran = there.run("sh", &["check.sh"]);
            assert_eq!(ran.code, 0, "the gate fails at {commit}");
            count += 1;
        }
    }
    assert_eq!(count, merges + 1, "merges:\n{commits}");
    stage
        .repo
        .git(&["worktree", "remove", "--force", &path])
        .ok();
}

/// RC-01, RC-07, RS-05, MR-01: see the module. Efficiency is the share of the time that the plan
/// takes at least: for its longest chain, and for its work in rounds, since all tasks are of one
/// length and each is one agent's. On a machine that does nothing else it is required.
#[test]
fn thirty_tasks_with_eight_agents_are_all_merged() {
    let plan = plan();
    let stage = stage(&plan);
    let seconds = size(60, 7) as f64 / 10.0;
    let script = AGENT.replace("SECONDS", &seconds.to_string());
    let agents = AGENTS.to_string();
    let began = Instant::now();
    let ran = stage.run(&script, &["--agents", &agents, "--merge", "gates"]);
    let took = began.elapsed().as_secs_f64();
    assert_eq!(ran.code, 0, "{ran:?}\n{}", stage.why());
    for number in 0..plan.len() {
        assert_eq!(stage.item(&id(number)), "done", "{}", stage.why());
    }
    always_green(&stage, plan.len());
    never_overlapped(&stage, &plan);
    never_worked_at_once(&stage, &plan);
    stage.left_no_process();
    assert_eq!(stage.worktrees(), [""; 0]);

    let rounds = critical_path(&plan).max(plan.len().div_ceil(AGENTS));
    let least = rounds as f64 * seconds;
    let efficiency = least / took;
    println!("{took:.1} s of at least {least:.1} s: efficiency {efficiency:.2}");
    assert!(size(1, 0) == 0 || efficiency > 0.7, "{efficiency:.2}");
}
