//! Never two at once whose files overlap: checked from the times that the agents write down.

use std::collections::BTreeMap;

use super::stage::Stage;

/// Notes when its work begins and ends (nanoseconds), and commits.
const TIMED: &str = r#"
cat > /dev/null
date +%s%N > "$OUT/$GIT_PM_TASK.begin"
sleep 0.4
echo "$GIT_PM_TASK" > "$GIT_PM_TASK.txt"
mkdir -p shared && echo "$GIT_PM_TASK" >> "shared/$GIT_PM_TASK"
git add -A && git commit -q -m "Work on $GIT_PM_TASK"
date +%s%N > "$OUT/$GIT_PM_TASK.end"
"#;

/// When each task's agent was at work.
fn times(stage: &Stage, count: usize) -> BTreeMap<String, (u128, u128)> {
    (1..=count)
        .map(|n| {
            let id = format!("T-{n:04}");
            let read = |part| {
                let text = stage.told(&format!("{id}.{part}"));
                text.trim()
                    .parse::<u128>()
                    .unwrap_or_else(|_| panic!("{id} has no {part}: {}", stage.why()))
            };
            let both = (read("begin"), read("end"));
            (id, both)
        })
        .collect()
}

fn at_once(times: &BTreeMap<String, (u128, u128)>, a: &str, b: &str) -> bool {
    let ((from, to), (other_from, other_to)) = (times[a], times[b]);
    from < other_to && other_from < to
}

/// The largest number of agents that were at work at one moment.
fn most(times: &BTreeMap<String, (u128, u128)>) -> usize {
    let moments = times.values().map(|(from, _)| from);
    moments
        .map(|at| {
            let here = times.values().filter(|(from, to)| from <= at && at < to);
            here.count()
        })
        .max()
        .unwrap_or(0)
}

/// RS-05
#[test]
fn rs_05_tasks_with_overlapping_paths_are_never_worked_at_once() {
    let stage = Stage::new();
    let paths = [
        ("One", "shared/**"),
        ("Two", "shared/a/*.rs"),
        ("Three", "lib/**"),
        ("Four", "shared/"),
        ("Five", "lib/x.rs"),
        ("Six", "alone.txt"),
    ];
    for (title, path) in paths {
        stage.repo.task(title, &["--path", path]);
    }
    stage.run(TIMED, &["--agents", "4"]).exits(1);
    let times = times(&stage, 6);
    for (a, b) in [(1, 2), (1, 4), (2, 4), (3, 5)] {
        let (a, b) = (format!("T-000{a}"), format!("T-000{b}"));
        assert!(!at_once(&times, &a, &b), "{a} and {b}: {times:?}");
    }
    assert!(most(&times) > 1, "no two were at work at once: {times:?}");
}

/// RC-07: no more agents than allowed, and no fewer while there is work for them.
#[test]
fn rc_07_as_many_agents_as_allowed_work_at_once() {
    let stage = Stage::with_tasks(&["1", "2", "3", "4", "5", "6"]);
    stage
        .run(&TIMED.replace("0.4", "1"), &["--agents", "3"])
        .exits(1);
    let times = times(&stage, 6);
    assert_eq!(most(&times), 3, "{times:?}");
}

/// WT-03, WT-07: agents at work at the same time have different numbers and folders.
#[test]
fn wt_03_agents_at_work_have_their_own_names_and_folders() {
    let stage = Stage::with_tasks(&["1", "2", "3"]);
    let script = "echo \"$GIT_PM_ACTOR\" > \"$OUT/$GIT_PM_TASK.who\"; pwd > \"$OUT/$GIT_PM_TASK.pwd\"\n\
                  i=0; while [ $(ls \"$OUT\" | grep -c who) -lt 3 ] && [ $i -lt 1200 ]; do sleep 0.1; i=$((i+1)); done\n\
                  ls \"$OUT\" | grep -c who > \"$OUT/$GIT_PM_TASK.together\"; exit 1";
    stage.run(script, &["--agents", "3"]).exits(1);
    let read = |part: &str| -> Vec<String> {
        let mut all: Vec<String> = (1..=3)
            .map(|n| stage.told(&format!("T-000{n}.{part}")).trim().to_string())
            .collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!(read("together"), ["3"]);
    assert_eq!(read("who"), ["agent-1", "agent-2", "agent-3"]);
    assert_eq!(read("pwd").len(), 3);
}

/// A reservation of somebody outside of the run counts too.
#[test]
fn what_others_have_reserved_is_left_alone() {
    let stage = Stage::new();
    stage.repo.task("One", &["--path", "shared/**"]);
    stage.repo.task("Two", &["--path", "alone.txt"]);
    let bea = stage.repo.by("Bea");
    bea.pm(&["reserve", "add", "shared/x.rs"]).ok();
    stage
        .run(TIMED, &["--agents", "2", "--merge", "gates"])
        .exits(1);
    assert_eq!(stage.told("T-0001.begin"), "", "{}", stage.why());
    assert_eq!(stage.item("T-0002"), "done", "{}", stage.why());
    bea.pm(&["reserve", "release", "--all"]);
}

/// Dependencies hold: no task starts before those it waits for are merged.
#[test]
fn a_task_starts_after_what_it_waits_for() {
    let stage = Stage::with_tasks(&["1", "2", "3", "4"]);
    for (id, on) in [(2, 1), (3, 1), (4, 2), (4, 3)] {
        let (id, on) = (format!("T-000{id}"), format!("T-000{on}"));
        stage.repo.pm(&["dep", "add", &id, &on]).ok();
    }
    stage
        .run(TIMED, &["--agents", "4", "--merge", "gates"])
        .ok();
    let times = times(&stage, 4);
    for (id, on) in [(2, 1), (3, 1), (4, 2), (4, 3)] {
        let (id, on) = (format!("T-000{id}"), format!("T-000{on}"));
        assert!(times[&id].0 > times[&on].1, "{id} before {on}: {times:?}");
    }
}
