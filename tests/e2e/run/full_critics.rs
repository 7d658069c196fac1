//! `git pm lfg --critics`: the plan is debated before its approval, work is reviewed before its merge. RC-14.

use serde_json::{Value, json};

use super::full::{LFG, stage, step};
use super::stage::Stage;
use crate::support::{Repo, Scene};

/// Plans as it finds it, reads all tasks, works, and says that each task does not say how to begin until it
/// was repaired. Leaves a mark for each start.
const TEAM: &str = r#"
unset GIT_PM_FAULT
echo "$GIT_PM_ROLE $GIT_PM_ROUND" >> "$OUT/asked"
claim='[{"severity":"P1","category":"docs","claim":"the guide does not show how to begin with the work",'
claim="$claim\"path\":\"$(git diff --name-only HEAD~1 2>/dev/null | head -1)\",\"line\":1,\"outcome\":\"nobody begins\"}]"
case $GIT_PM_ROLE in
avery) echo '[]' ;;
rex) sed -n 's/^### \([^.]*\)\..*/{"read":"\1","remains":"none"}/p' .git-pm-review/PLAN.md | paste -sd, | sed 's/.*/[&]/' ;;
validator) echo '[{"id":1,"real":true,"caused_by_change":true,"handled_elsewhere":false}]' ;;
security-sentinel) echo '[]' ;;
*-reviewer|*-oracle|*-strategist)
    case $GIT_PM_ROUND in
    1) printf '%s\n' "$claim" ;;
    *) sed -n 's/^- \(F-[^ ]*\) .*/{"id":"\1","answer":"fixed"}/p' .git-pm-review/EARLIER.md | paste -sd, | sed 's/.*/[&]/' ;;
    esac ;;
*)
    cat > "$OUT/$GIT_PM_TASK.prompt"
    echo x >> "$OUT/$GIT_PM_TASK.starts"
    wc -l < "$OUT/$GIT_PM_TASK.starts" > "$GIT_PM_TASK.txt"
    git add -A
    git diff --cached --quiet || git commit -q -m "Work on $GIT_PM_TASK"
    n=1
    while git pm task accept "$GIT_PM_TASK" $n --evidence seen > /dev/null 2>&1; do n=$((n + 1)); done ;;
esac
"#;

fn go(stage: &Stage, repo: &Repo, args: &[&str]) -> crate::support::Ran {
    let with = stage.agent(TEAM);
    let all = [&["--json"], args, &["--with", &with, "--critics", &with]].concat();
    stage.start_command(repo, &all).end()
}

fn asked(stage: &Stage, role: &str) -> usize {
    let text = stage.told("asked");
    text.lines()
        .filter(|line| line.split(' ').next() == Some(role))
        .count()
}

/// RC-14, RV-06: the debate comes before the approval; work is reviewed, goes back with the findings, is
/// repaired and accepted; a human approves the plan and each merge; the receipt says who did what.
#[test]
fn rc_14_a_plan_is_debated_and_work_is_reviewed_before_a_human_is_asked() {
    let stage = stage().without_sandbox();
    let repo = &stage.repo;
    let told = go(&stage, repo, &LFG).exits(1).data();
    assert_eq!(step(&told, "debate"), "done", "{told}");
    assert_eq!(step(&told, "approve"), "waits", "a debate approves nothing");
    assert_eq!((asked(&stage, "avery"), asked(&stage, "rex")), (1, 2));
    repo.pm(&["plan", "approve", "P-0001"]).ok();

    let told = go(&stage, repo, &LFG).exits(1).data();
    assert_eq!(
        (asked(&stage, "avery"), asked(&stage, "rex")),
        (1, 2),
        "not again"
    );
    for id in ["T-0001", "T-0002"] {
        assert_eq!(stage.item(id), "in_review", "{told}\n{}", stage.why());
        assert_eq!(
            stage.told(&format!("{id}.starts")).lines().count(),
            2,
            "{id} was repaired once: {told}"
        );
        let prompt = stage.told(&format!("{id}.prompt"));
        assert!(prompt.contains("does not show how to begin"), "{prompt}");
        let all = repo.data(&["finding", "list", id, "--all"])["items"].clone();
        let of_agents = all
            .as_array()
            .unwrap()
            .iter()
            .find(|one| !one["model"].is_null())
            .unwrap();
        assert_eq!(of_agents["status"], "fixed", "{all}");
    }
    let waiting = told["review"].as_array().unwrap();
    assert_eq!(waiting.len(), 2, "{told}");
    for one in waiting {
        // What a round before said is settled.
        let reason = one["reason"].as_str().unwrap();
        assert!(reason.contains("found nothing that stops it"), "{told}");
        let of_item: Vec<&Value> = (told["runs"].as_array().unwrap().iter())
            .filter(|run| {
                run["tasks"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|task| task["id"] == one["id"])
            })
            .collect();
        // The work, two rounds, and the repair between them.
        assert!(of_item.len() >= 3, "{told}");
    }

    for id in ["T-0001", "T-0002"] {
        repo.pm(&["task", "approve", id]).ok();
    }
    let told = go(&stage, repo, &LFG).ok().data();
    for id in ["T-0001", "T-0002"] {
        assert_eq!(stage.item(id), "done", "{told}");
        stage
            .repo
            .git(&["cat-file", "-e", &format!("main:{id}.txt")])
            .ok();
    }
    for task in told["tasks"].as_array().unwrap() {
        assert_eq!(task["agents"].as_array().unwrap().len(), 1, "{task}");
        assert!(
            task["merged_commit"].is_string() && task["used"]["attempts"].as_u64().unwrap() >= 8,
            "{task}"
        );
    }
    assert!(!told["drafts"].as_array().unwrap().is_empty(), "{told}");
    // With nothing left, nobody is asked.
    let before = stage.told("asked");
    go(&stage, repo, &LFG).ok();
    assert_eq!(stage.told("asked"), before);
}

/// With `--yolo` what passes the critics is approved in the human's name and merged, and what does not is not;
/// a plan that is not airtight is not approved.
#[test]
fn rc_14_yolo_merges_what_the_critics_accept() {
    let stage = stage().without_sandbox();
    let args = [&LFG[..], &["--yolo"]].concat();
    let told = go(&stage, &stage.repo, &args).ok().data();
    for id in ["T-0001", "T-0002"] {
        assert_eq!(stage.item(id), "done", "{told}");
        stage
            .repo
            .git(&["cat-file", "-e", &format!("main:{id}.txt")])
            .ok();
    }
    assert_eq!(step(&told, "debate"), "done");
    assert_eq!(told["merged"].as_array().unwrap().len(), 2, "{told}");
    let approval = stage.repo.data(&["show", "T-0001"]);
    assert!(approval.to_string().contains("\"Ana\""), "{approval}");
}

#[test]
fn rc_14_yolo_approves_no_plan_that_is_not_airtight() {
    let stage = stage().without_sandbox();
    let team = TEAM.replace("rex) sed", "rex) echo LGTM; exit; sed");
    let with = stage.agent(&team);
    let args = [
        &["--json"],
        &LFG[..],
        &["--yolo", "--with", &with, "--critics", &with],
    ]
    .concat();
    let told = stage
        .start_command(&stage.repo, &args)
        .end()
        .exits(1)
        .data();
    assert_eq!(step(&told, "debate"), "waits", "{told}");
    assert_eq!(step(&told, "approve"), "not-reached", "{told}");
    assert_eq!(
        stage.repo.data(&["plan", "show", "P-0001"])["status"],
        "draft"
    );
}

/// `kill -9` after each answer, and before each write: the debate goes on where it ended, and nobody who has
/// answered is asked again.
#[test]
fn a_killed_debate_goes_on_and_asks_nobody_twice() {
    for point in ["asked", "ref-rename"] {
        let stage = stage().without_sandbox();
        let with = stage.agent(TEAM);
        let args = [
            "--json",
            "plan",
            "debate",
            "docs/guides.md",
            "--with",
            &with,
        ];
        let mut kills = 0;
        let told = loop {
            let fault = format!("{point}:{}:kill", kills + 1);
            let repo = stage.repo.with("GIT_PM_FAULT", &fault);
            let ran = stage.start_command(&repo, &args).end();
            match ran.code {
                0 | 1 if ran.out.contains("\"turns\"") => break ran.data(),
                _ => kills += 1,
            }
            assert!(kills < 60, "{point}: {ran:?}");
        };
        assert!(kills > 0, "{point}");
        assert_eq!(told["airtight"], true, "{point}: {told}");
        let asked = [asked(&stage, "avery"), asked(&stage, "rex")];
        if point == "asked" {
            assert_eq!(asked, [1, 2], "{told}");
        }
        assert_eq!(told["concerns"]["raised"], 0);
        assert_eq!(
            stage.repo.data(&["plan", "show", "P-0001"])["status"],
            "draft"
        );
        assert_eq!(stage.repo.data(&["fsck"])["faults"], 0);
    }
}

/// RC-14: two clones go the way at the same time: each task is worked and merged once, and both have the same
/// findings, plan and learnings.
#[test]
fn rc_14_two_clones_go_at_once() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.write("docs/guides.md", super::full::GUIDES);
    a.commit_all("Write the document");
    a.git(&["push", "-q", "origin", "main"]).ok();
    let stage = Stage::of(scene, a).without_sandbox();
    let a = &stage.repo;
    let first = go(&stage, a, &LFG).exits(1).data();
    assert_eq!(step(&first, "debate"), "done", "{first}");
    a.pm(&["sync"]).ok();
    let b = stage.clone_of(&hub, "b", "bob");
    b.pm(&["init"]).ok();
    b.git(&["config", "pm.sandbox", "off"]).ok();
    let told = b.data(&["plan", "debate", "P-0001"]);
    assert_eq!(told["airtight"], true, "the record travels: {told}");
    b.pm(&["plan", "approve", "P-0001"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    for _ in 0..6 {
        std::thread::scope(|scope| {
            let runs = [a, &b].map(|repo| scope.spawn(|| go(&stage, repo, &["lfg", "P-0001"])));
            for ran in runs {
                let ran = ran.join().unwrap();
                assert!([0, 1].contains(&ran.code), "{ran:?}");
            }
        });
        for repo in [a, &b, a] {
            repo.pm(&["sync"]).ok();
        }
        for id in ["T-0001", "T-0002"] {
            if a.data(&["show", id])["status"] == "in_review" {
                // Whoever has the work approves it.
                let _ = [a, &b].map(|repo| repo.pm(&["task", "approve", id]));
            }
        }
        for repo in [a, &b, a] {
            repo.pm(&["sync"]).ok();
        }
    }
    for id in ["T-0001", "T-0002"] {
        let shown: Vec<Value> = [a, &b]
            .map(|repo| repo.data(&["show", id])["status"].clone())
            .into();
        assert_eq!(shown, [json!("done"), json!("done")]);
    }
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(a.data(&["fsck"])["faults"], 0);
}
