//! `git pm lfg` and `git pm slfg`: from a document to merged work in one command. RC-14, CM-08.

use serde_json::Value;

use super::stage::Stage;
use crate::support::{Ran, Repo};

/// Two requirements that do not wait for each other; documentation needs no task that tests it.
pub const GUIDES: &str = "\
# Guides

## Functional requirements

### FR-1: Write the guide for cooks

- `docs/cooks.md` shows how to begin

### FR-2: Write the guide for guests

- `docs/guests.md` shows how to begin
";

/// The same with more requirements.
pub fn longer(words: &[&str]) -> String {
    let more = words.iter().enumerate().map(|(n, word)| {
        let title = format!("### FR-{}: Write the guide for {word}", n + 3);
        format!("\n{title}\n\n- `docs/{word}.md` shows how to begin\n")
    });
    GUIDES.to_string() + &more.collect::<String>()
}

/// Commits a file that only this task has, accepts every criterion, and counts how often it was
/// started. It may be begun again wherever it was stopped.
pub const WORK: &str = r#"
unset GIT_PM_FAULT
cat > "$OUT/$GIT_PM_TASK.prompt"
echo x >> "$OUT/$GIT_PM_TASK.starts"
echo "$GIT_PM_TASK" > "$GIT_PM_TASK.txt"
git add -A
git diff --cached --quiet || git commit -q -m "Work on $GIT_PM_TASK"
n=1
while git pm task accept "$GIT_PM_TASK" $n --evidence seen > /dev/null 2>&1; do n=$((n + 1)); done
"#;

pub const BOTH: [&str; 2] = ["T-0001", "T-0002"];

/// A repository with the document, committed.
pub fn stage() -> Stage {
    let stage = Stage::new();
    stage.repo.write("docs/guides.md", GUIDES);
    stage.repo.commit_all("Write the document");
    stage
}

pub fn go_as(stage: &Stage, repo: &Repo, script: &str, args: &[&str]) -> Ran {
    let with = stage.agent(script);
    let mut all = args.to_vec();
    all.extend(["--with", &with]);
    stage.start_command(repo, &all).end()
}

/// Runs one of the commands to its end, with an agent of this script.
#[track_caller]
pub fn go(stage: &Stage, script: &str, args: &[&str]) -> Ran {
    go_as(stage, &stage.repo, script, args)
}

/// `data` of the same command with `--json`, whatever its exit code is; it has to be as its schema says.
#[track_caller]
pub fn data(stage: &Stage, args: &[&str]) -> Value {
    let with = stage.agent(WORK);
    let mut all = vec!["--json"];
    all.extend(args);
    all.extend(["--with", &with]);
    stage.repo.pm(&all).data()
}

pub const LFG: [&str; 2] = ["lfg", "docs/guides.md"];
pub const YOLO: [&str; 3] = ["lfg", "docs/guides.md", "--yolo"];

/// The status of each step.
fn steps(view: &Value) -> Vec<(String, String)> {
    let steps = view["steps"].as_array().expect("steps").iter();
    let word = |value: &Value| value.as_str().expect("a word").to_string();
    steps
        .map(|step| (word(&step["step"]), word(&step["status"])))
        .collect()
}

#[track_caller]
pub fn step(view: &Value, name: &str) -> String {
    let found = steps(view).into_iter().find(|(step, _)| step == name);
    found.expect("a step").1
}

/// What may not change: all refs, files and worktrees.
pub fn look(repo: &Repo) -> String {
    [
        repo.git(&["for-each-ref"]).ok().out,
        repo.git(&["status", "--porcelain", "--ignored"]).ok().out,
        repo.git(&["worktree", "list"]).ok().out,
    ]
    .concat()
}

pub fn learnings(repo: &Repo) -> usize {
    let listed = repo.data(&["learn", "list", "--all"]);
    listed["items"].as_array().expect("items").len()
}

pub fn started(stage: &Stage, id: &str) -> usize {
    stage.told(&format!("{id}.starts")).lines().count()
}

/// RC-14, CM-08: the way stops where a human has to decide, names the command, and goes on after it: the
/// plan, the work, and at last the merges.
#[test]
fn rc_14_it_stops_at_every_human_gate_and_goes_on_after_it() {
    let stage = stage();
    let repo = &stage.repo;
    let main = repo.tip("main");
    let ran = go(&stage, WORK, &LFG).exits(1);
    assert!(ran.out.contains("git pm plan approve P-0001"), "{ran:?}");
    let plan = repo.data(&["plan", "show", "P-0001"]);
    assert_eq!(plan["status"], "draft");
    assert_eq!(plan["file"], "docs/guides.md");
    let none = repo.data(&["task", "list", "--all"]);
    assert_eq!(
        none["items"],
        serde_json::json!([]),
        "tasks without an approval"
    );
    // Each step is told as it begins, and in the answer what became of it.
    for word in ["plan …", "check …", "approve …"] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    for step in ["plan ", "approve "] {
        let told = ran.err.lines().chain(ran.out.lines());
        assert_eq!(
            told.filter(|line| line.starts_with(step)).count(),
            2,
            "{ran:?}"
        );
    }
    assert!(!ran.err.contains("work …"), "{}", ran.err);

    repo.pm(&["plan", "approve", "P-0001"]).ok();
    let ran = go(&stage, WORK, &LFG).exits(1);
    for id in BOTH {
        assert_eq!(stage.item(id), "in_review", "{ran:?}\n{}", stage.why());
        assert!(
            ran.out.contains(&format!("git pm task approve {id}")),
            "{ran:?}"
        );
        assert_eq!(started(&stage, id), 1);
    }
    assert_eq!(repo.tip("main"), main, "merged without an approval");
    assert_eq!(learnings(repo), 0, "learned from work that is not done");

    // Before any approval, nothing is written and no agent is started.
    let before = repo.tip("refs/pm/main");
    go(&stage, WORK, &LFG).exits(1);
    assert_eq!(repo.tip("refs/pm/main"), before);

    for id in BOTH {
        repo.pm(&["task", "approve", id]).ok();
    }
    let ran = go(&stage, WORK, &LFG).ok();
    stage.all_merged(&BOTH);
    for id in BOTH {
        assert_eq!(started(&stage, id), 1, "{ran:?}");
    }
    assert_eq!(learnings(repo), 2, "{ran:?}");
}

/// RC-14: one command, and the work is on the target; the approvals say who gave them.
#[test]
fn rc_14_yolo_goes_all_the_way_to_merged_work() {
    let stage = stage();
    let ran = go(&stage, WORK, &YOLO).ok();
    stage.all_merged(&BOTH);
    for word in [
        "plan …",
        "check …",
        "approve …",
        "work …",
        "review …",
        "learn …",
    ] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
    let plan = stage.repo.data(&["plan", "show", "P-0001"]);
    assert_eq!(plan["status"], "approved");
    assert_eq!(plan["approved_by"], "Ana");
    assert_eq!(plan["approval"], "advisory", "a test has no terminal");
    let log = stage
        .repo
        .git(&["log", "--format=%B", "refs/pm/main"])
        .ok()
        .out;
    assert!(log.contains("approve"), "{log}");
    let status = stage.status();
    assert_eq!(status["merge"], "gates");
    assert_eq!(status["agents"], 1, "one agent by default");
    // What agents did is theirs.
    let item = stage.repo.data(&["show", "T-0001"]).to_string();
    assert!(item.contains("gates"), "{item}");
}

/// RC-14: a second call does nothing twice, and writes nothing once all is done.
#[test]
fn rc_14_nothing_is_done_twice() {
    let stage = stage();
    go(&stage, WORK, &YOLO).ok();
    let before = look(&stage.repo);
    for args in [
        &YOLO[..],
        &LFG,
        &["slfg", "P-0001"],
        &["lfg", "E-0001", "--yolo"],
    ] {
        let ran = go(&stage, WORK, args).ok();
        assert_eq!(look(&stage.repo), before, "{args:?}: {ran:?}");
    }
    for id in BOTH {
        assert_eq!(started(&stage, id), 1);
    }
    let view = data(&stage, &LFG);
    assert_eq!(view["status"], "completed");
    let nothing = ["plan", "approve", "work", "review", "learn"];
    for name in nothing {
        assert_eq!(step(&view, name), "nothing", "{view}");
    }
}

/// RC-14: only a human may skip the approvals; an agent is refused before anything is written, and may do
/// without it what agents may do.
#[test]
fn rc_14_an_agents_yolo_is_refused_and_nothing_is_written() {
    let stage = stage();
    let before = look(&stage.repo);
    for (key, value) in [("AGENT_NAME", "bot"), ("CLAUDECODE", "1")] {
        let agent = stage.repo.with(key, value);
        for command in ["lfg", "slfg"] {
            let args = ["--json", command, "docs/guides.md", "--yolo"];
            let ran = go_as(&stage, &agent, WORK, &args).exits(1);
            let error = ran.error();
            assert_eq!(error["reason"], "actor.not_human", "{error}");
            assert_eq!(look(&stage.repo), before, "{key}");
        }
    }
    let agent = stage.repo.with("AGENT_NAME", "bot");
    go_as(&stage, &agent, WORK, &LFG).exits(1);
    let plan = stage.repo.data(&["plan", "show", "P-0001"]);
    assert_eq!(plan["status"], "draft", "an agent approved its plan");
}

/// RC-14, RC-17: a dry run shows the steps that would be made, and writes no ref.
#[test]
fn rc_14_a_dry_run_writes_nothing() {
    let stage = stage();
    let dry = ["lfg", "docs/guides.md", "--dry-run"];
    let before = look(&stage.repo);
    let view = data(&stage, &dry);
    assert_eq!(view["dry_run"], true);
    let titles = serde_json::json!(["Write the guide for cooks", "Write the guide for guests"]);
    assert_eq!(view["new_tasks"], titles, "{view}");
    assert_eq!(step(&view, "plan"), "planned");
    assert_eq!(step(&view, "approve"), "waits");
    let view = data(&stage, &["lfg", "docs/guides.md", "--dry-run", "--yolo"]);
    assert_eq!(step(&view, "approve"), "planned");
    assert_eq!(step(&view, "work"), "planned");
    let shown = go(&stage, WORK, &dry).ok().out;
    assert!(shown.contains("Write the guide for guests"), "{shown}");
    assert_eq!(look(&stage.repo), before);

    go(&stage, WORK, &LFG).exits(1);
    let before = look(&stage.repo);
    let view = data(&stage, &dry);
    assert_eq!(step(&view, "plan"), "nothing", "{view}");
    assert_eq!(view["next"][0], "git pm plan approve P-0001");
    assert_eq!(look(&stage.repo), before);

    stage.repo.pm(&["plan", "approve", "P-0001"]).ok();
    let before = look(&stage.repo);
    let view = data(&stage, &["slfg", "docs/guides.md", "--dry-run"]);
    let planned = view["schedule"]["tasks"].as_array().unwrap();
    assert_eq!(planned.len(), 2, "{view}");
    assert_eq!(step(&view, "work"), "planned");
    assert_eq!(look(&stage.repo), before);
    assert_eq!(stage.told("T-0001.prompt"), "", "an agent was started");
}

/// RC-14: `slfg` uses as many agents as the plan can use at once.
#[test]
fn rc_14_slfg_works_independent_tasks_at_the_same_time() {
    let stage = stage();
    // Each waits until the other one has begun.
    let meet = r#"
for n in $(seq 600); do
    test "$(ls "$OUT" | grep -c starts)" -ge 2 && break
    sleep 0.05
done
ls "$OUT" | grep -c starts > "$OUT/$GIT_PM_TASK.met"
"#;
    let script = format!("{WORK}\n{meet}");
    go(&stage, &script, &["slfg", "docs/guides.md", "--yolo"]).ok();
    stage.all_merged(&BOTH);
    for id in BOTH {
        assert_eq!(
            stage.told(&format!("{id}.met")).trim(),
            "2",
            "{id} was alone"
        );
    }
    assert_eq!(stage.status()["agents"], 2);
}

/// RC-14: the number of agents can be given.
#[test]
fn rc_14_the_number_of_agents_can_be_given() {
    for (command, agents) in [("lfg", "2"), ("slfg", "1")] {
        let stage = stage();
        go(
            &stage,
            WORK,
            &[command, "docs/guides.md", "--yolo", "--agents", agents],
        )
        .ok();
        assert_eq!(stage.status()["agents"].to_string(), agents);
    }
}

/// RC-14: the JSON of the steps.
#[test]
fn rc_14_the_json_says_what_became_of_each_step() {
    let stage = stage();
    let words = |statuses: [&str; 6]| -> Vec<(String, String)> {
        let names = ["plan", "check", "approve", "work", "review", "learn"];
        let both = names.iter().zip(statuses);
        both.map(|(step, status)| (step.to_string(), status.to_string()))
            .collect()
    };
    let view = data(&stage, &LFG);
    let (no, done) = ("not-reached", "done");
    assert_eq!(
        steps(&view),
        words([done, done, "waits", no, no, no]),
        "{view}"
    );
    assert_eq!(view["status"], "blocked");
    assert_eq!(view["prd"], "P-0001");
    assert_eq!(
        view["next"],
        serde_json::json!(["git pm plan approve P-0001"])
    );
    stage.repo.pm(&["plan", "approve", "P-0001"]).ok();
    let view = data(&stage, &LFG);
    let (idle, waits) = ("nothing", "waits");
    assert_eq!(
        steps(&view),
        words([idle, done, idle, waits, waits, idle]),
        "{view}"
    );
    assert_eq!(view["review"][0]["id"], "T-0001");
    assert_eq!(view["review"][0]["command"], "git pm task approve T-0001");
    assert_eq!(view["runs"][0]["status"], "blocked");
    stage.repo.pm(&["task", "approve", "T-0002"]).ok();
    let view = data(&stage, &LFG);
    assert_eq!(view["merged"], serde_json::json!(["T-0002"]));
    assert_eq!(view["tasks"][1]["status"], "done");
    assert_eq!(view["drafts"][0]["item"], "T-0002");
    assert_eq!(view["status"], "blocked");
}

/// RC-14: it makes several writes, so an option for one write is refused.
#[test]
fn rc_14_options_for_one_write_are_refused() {
    let stage = stage();
    let before = look(&stage.repo);
    go(
        &stage,
        WORK,
        &["lfg", "docs/guides.md", "--idempotency-key", "k"],
    )
    .exits(2);
    go(&stage, WORK, &["slfg", "docs/guides.md", "--agents", "0"]).exits(2);
    assert_eq!(look(&stage.repo), before);
}
