//! Several streams at once, and agents of several kinds.

use std::collections::BTreeSet;

use super::stage::Stage;
use crate::support::script_file;

/// ST-10, AG-40: agents for planning, execution and review work in six streams at the same time, each
/// by its own route, and others see it from the events.
#[test]
fn st_10_streams_of_three_kinds_are_worked_at_once() {
    let stage = Stage::new();
    let kinds = [
        ("planning", "planning"),
        ("implementation", "frontend"),
        ("review", "review"),
    ];
    for n in 1..=2 {
        for (_, label) in kinds {
            let title = format!("{label} {n}");
            let stream = format!("{label}-{n}");
            stage
                .repo
                .task(&title, &["--label", label, "--stream", &stream]);
        }
    }
    for (role, _) in kinds {
        // Each waits until all six are at work.
        let script = format!(
            "OUT='{}'\necho {role} > \"$OUT/$GIT_PM_TASK.kind\"\n\
             i=0; while [ $(ls \"$OUT\" | grep -c kind) -lt 6 ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done\n\
             ls \"$OUT\" | grep -c kind > \"$OUT/$GIT_PM_TASK.together\"\n\
             echo x > $GIT_PM_TASK.txt; git add -A; git commit -qm Work\n",
            stage.out.display()
        );
        let path = stage.dir().join(format!("{role}.sh"));
        script_file(&path, &script);
        let route = format!("{role}=script:{}", path.display());
        stage
            .repo
            .git(&["config", "--add", "pm.route", &route])
            .ok();
    }
    let before = stage.repo.tip("refs/pm/main");
    let args = ["run", "--with", "auto", "--agents", "6"];
    stage.start_command(&stage.repo, &args).end().exits(1);
    for (n, (role, _)) in kinds.iter().cycle().take(6).enumerate() {
        let id = format!("T-000{}", n + 1);
        assert_eq!(stage.told(&format!("{id}.kind")).trim(), *role, "{id}");
        assert_eq!(stage.told(&format!("{id}.together")).trim(), "6", "{id}");
    }
    // Another process follows the run by events.
    let events = stage.repo.pm(&["events", "--since", &before]).ok().out;
    let started: BTreeSet<&str> = events
        .lines()
        .filter_map(|line| line.split_once("claim.taken")?.1.split_whitespace().next())
        .collect();
    assert_eq!(started.len(), 6, "{events}");
}

/// ST-04: a branch can carry the id of the run, so that another attempt elsewhere does not collide
/// with it; a second attempt here goes on in the same branch.
#[test]
fn st_04_branches_of_a_run_can_carry_its_id() {
    let stage = Stage::with_tasks(&["One"]);
    stage
        .repo
        .pm(&["config", "pm.runBranch", "run/{id}-{run}"])
        .ok();
    stage.run("exit 1", &[]).exits(1);
    let run = stage.status()["id"].as_str().unwrap().to_string();
    let branch = stage.repo.data(&["show", "T-0001"])["branch"].clone();
    assert_eq!(branch, format!("run/T-0001-{run}"));
    let script = "echo x > x.txt; git add -A; git commit -qm Work";
    stage.run(script, &[]).exits(1);
    let again = stage.status()["id"].as_str().unwrap().to_string();
    assert_ne!(again, run);
    assert_eq!(stage.item("T-0001"), "in_review");
    assert_eq!(stage.repo.data(&["show", "T-0001"])["branch"], branch);
}

/// WT-06: an agent starts from the newest commit of the default branch, also if this clone's own is
/// behind it.
#[test]
fn wt_06_agents_start_from_the_newest_default_branch() {
    let scene = crate::support::Scene::new();
    let (hub, ana) = scene.with_hub();
    let ben = scene.clone_of(&hub, "b", "ben");
    ana.write("new.txt", "new\n");
    ana.commit_all("New");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    let old = ben.tip("main");
    ben.task("One", &[]);
    let stage = Stage::of(scene, ben);
    let script =
        "git log --format=%s > \"$OUT/log\"; cat new.txt > x.txt; git add -A; git commit -qm Work";
    stage.run(script, &[]).exits(1);
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    assert!(
        stage.told("log").starts_with("New\n"),
        "{}",
        stage.told("log")
    );
    assert_eq!(
        stage.repo.tip("main"),
        old,
        "the clone's own branch is not moved"
    );
}
