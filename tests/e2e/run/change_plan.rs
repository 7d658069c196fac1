//! PL-41: an agent plans its change in a few lines, which are on the task before it changes anything.

use serde_json::{Value, json};

use super::stage::{Stage, WORK};

/// An answer with a plan.
const PLAN: &str = r#"printf '%s\n' '{"plan": ["a.txt: greet", "b.txt: \u001b[31mgreet", "c.txt: greet"], "rationale": "Three files\ngreet in three ways."}'"#;

/// An agent that plans by `plan`, and works by `work`; its first line has what it is told.
fn agent(plan: &str, work: &str) -> String {
    format!(
        r#"
prompt="$(cat)"
case "$prompt" in
*"Plan the change, and change nothing yet"*)
    echo x >> "$OUT/plans"
    {plan}
    exit ;;
esac
echo x >> "$OUT/works"
printf '%s\n' "$prompt" > "$OUT/work.prompt"
{work}
printf '%s\n' "$prompt" | ({WORK})
"#
    )
}

/// How many lines an agent has written to a file.
fn count(stage: &Stage, name: &str) -> usize {
    stage.told(name).lines().count()
}

#[track_caller]
fn plan_of(stage: &Stage) -> Value {
    stage.repo.data(&["show", "T-0001"])["change_plan"].clone()
}

/// PL-41: the plan is on the task before the agent works, which then reads it; what it wrote while it was
/// asked is lost; the merged commit says why, and nobody is asked twice.
#[test]
fn pl_41_the_plan_is_on_the_task_before_any_edit() {
    let stage = Stage::with_tasks(&["One"]);
    let script = agent(
        &format!(
            r#"echo lost > lost.txt; git add -A; git commit -q -m lost; git status --porcelain > "$OUT/status"
            pwd > "$OUT/place"
            {PLAN}"#
        ),
        r#"git pm show T-0001 > "$OUT/shown"
           git log --format=%s > "$OUT/log"
           git status --porcelain > "$OUT/dirt"; ls > "$OUT/files"
           test $(wc -l < "$OUT/works") = 2 || { echo "not yet"; exit 75; }"#,
    );
    let more = ["--change-plan", "--merge", "gates"];
    stage.run(&script, &more).ok();
    stage.all_merged(&["T-0001"]);
    let shown = stage.told("shown");
    for part in [
        "Change plan by agent-1",
        "- a.txt: greet",
        "Three files greet in three ways.",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(
        !shown.contains('\u{1b}') && shown.contains("\\u{1b}"),
        "{shown}"
    );
    assert!(!stage.told("log").contains("lost"), "{}", stage.told("log"));
    assert!(
        !stage.told("files").contains("lost"),
        "{}",
        stage.told("files")
    );
    assert_eq!(stage.told("dirt"), "");
    let prompt = stage.told("work.prompt");
    assert!(
        prompt.contains("## Change plan\n\n> - a.txt: greet\n"),
        "{prompt}"
    );
    assert!(prompt.contains("Commit all work"), "{prompt}");
    let message = stage
        .repo
        .git(&["log", "-1", "--format=%B", "main"])
        .ok()
        .out;
    assert!(
        message.contains("\nThree files greet in three ways.\n"),
        "{message}"
    );
    assert_eq!((count(&stage, "plans"), count(&stage, "works")), (1, 2));
    let place = stage.told("place");
    assert!(
        !std::path::Path::new(place.trim()).exists(),
        "{place} is left"
    );
    // The question is an attempt of its own, before those of the work.
    assert_eq!(stage.task("T-0001")["attempt"], 3, "{}", stage.status());
    let by = plan_of(&stage);
    assert_eq!(by["by"], "agent-1", "{by}");
    stage.left_no_process();
}

/// PL-41: without the option no script is asked, with `pm.changePlan` each is; another plan is asked for
/// only once the criteria are others.
#[test]
fn pl_41_a_stored_plan_holds_while_the_criteria_are_the_same() {
    let stage = Stage::with_tasks(&["One"]);
    let failing = agent(PLAN, "exit 3");
    stage.run(&failing, &[]).exits(1);
    assert_eq!((count(&stage, "plans"), count(&stage, "works")), (0, 1));
    stage.repo.pm(&["config", "pm.changePlan", "true"]).ok();
    for plans in [1, 1] {
        stage.run(&failing, &[]).exits(1);
        assert_eq!(count(&stage, "plans"), plans);
    }
    let with_criterion = ["task", "edit", "T-0001", "--accept", "It greets"];
    stage.repo.pm(&with_criterion).ok();
    stage.run(&failing, &[]).exits(1);
    assert_eq!(count(&stage, "plans"), 2);
}

/// PL-41: an answer that is no plan is asked for once more, with the reason; then the task fails without
/// any work, says why, and can be tried again.
#[test]
fn pl_41_what_is_no_plan_is_no_consent_to_work() {
    let long = "x".repeat(201);
    let of = |plan: Value, rationale: &str| {
        let answer = json!({"plan": plan, "rationale": rationale});
        format!("printf '%s\\n' '{answer}'")
    };
    for (answer, why) in [
        ("echo 'I just begin.'".to_string(), "no JSON object"),
        (
            of(json!(["a: b", "c: d"]), "because"),
            "2 changes instead of 3 to 5",
        ),
        (
            of(json!(["a", "b", "c", "d", "e", "f"]), "because"),
            "6 changes instead of 3 to 5",
        ),
        (
            of(json!(["a", "b", " "]), "because"),
            "one line of at most 200",
        ),
        (
            of(json!(["a", "b", "c\nd"]), "because"),
            "one line of at most 200",
        ),
        (
            of(json!(["a", "b", long]), "because"),
            "one line of at most 200",
        ),
        (
            of(json!(["a", "b", "c"]), " "),
            "0 characters instead of 1 to 2000",
        ),
        (
            of(json!(["a", "b", "c"]), &"x".repeat(2001)),
            "2001 characters",
        ),
        (of(json!(["a", 2, "c"]), "because"), "no JSON object"),
    ] {
        let stage = Stage::with_tasks(&["One"]);
        let plan = format!("printf '%s' \"$prompt\" > \"$OUT/asked\"\n{answer}");
        let ran = stage.run(&agent(&plan, ""), &["--change-plan"]);
        assert_eq!(ran.code, 1, "{why}: {ran:?}");
        assert_eq!(
            (count(&stage, "plans"), count(&stage, "works")),
            (2, 0),
            "{why}"
        );
        let task = stage.task("T-0001");
        assert_eq!(task["status"], "failed", "{task}");
        assert!(
            task["reason"].as_str().unwrap().contains(why),
            "{why}: {task}"
        );
        assert!(stage.told("asked").contains(why), "{}", stage.told("asked"));
        assert_eq!(plan_of(&stage), Value::Null);
        assert_eq!(stage.item("T-0001"), "queued");
        let logs = stage.repo.pm(&["logs"]).ok().out;
        assert!(logs.contains(why), "{logs}");
    }
    let stage = Stage::with_tasks(&["One"]);
    let once = format!(r#"test $(wc -l < "$OUT/plans") = 2 || {{ echo '{{}}'; exit; }}; {PLAN}"#);
    stage.run(&agent(&once, ""), &["--change-plan"]).exits(1);
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    assert_eq!((count(&stage, "plans"), count(&stage, "works")), (2, 1));
}

/// PL-41: no secret of an answer is stored.
#[test]
fn pl_41_no_secret_is_in_a_plan() {
    let secret = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0".repeat(2));
    let secret = &secret[..40];
    let stage = Stage::with_tasks(&["One"]);
    let plan = format!(
        r#"echo '{{"plan": ["a: {secret}", "b: c", "d: e"], "rationale": "with {secret}"}}'"#
    );
    stage.run(&agent(&plan, ""), &["--change-plan"]).exits(1);
    let stored = plan_of(&stage).to_string();
    assert!(stored.contains("[redacted"), "{stored}");
    assert!(!stored.contains(secret), "{stored}");
}

/// PL-41: a run that is killed between the plan and the work asks nobody again when it is continued; one
/// that is killed before the plan was stored does, once.
#[test]
fn pl_41_a_killed_run_keeps_the_plan() {
    for (fault, plans) in [("planned:1:kill", 1), ("asked:1:kill", 2)] {
        let stage = Stage::with_tasks(&["One"]);
        let place = stage.repo.with("GIT_PM_FAULT", fault);
        let asked = format!("unset GIT_PM_FAULT\npwd >> \"$OUT/places\"\n{PLAN}");
        let script = agent(&asked, "unset GIT_PM_FAULT");
        let more = ["--change-plan", "--merge", "gates"];
        let ran = stage.start_as(&place, &script, &more).end();
        assert_ne!(ran.code, 0, "{fault} was not reached: {ran:?}");
        assert_eq!(
            (count(&stage, "plans"), count(&stage, "works")),
            (1, 0),
            "{fault}"
        );
        assert_eq!(plan_of(&stage).is_null(), plans == 2, "{fault}");
        stage.resume().ok();
        stage.all_merged(&["T-0001"]);
        assert_eq!(
            (count(&stage, "plans"), count(&stage, "works")),
            (plans, 1),
            "{fault}"
        );
        for place in stage.told("places").lines() {
            assert!(!std::path::Path::new(place).exists(), "{place} is left");
        }
        stage.left_no_process();
    }
}

/// PL-41: what a transcript's agent used for its plan is an attempt that counts in the run's usage.
#[test]
fn pl_41_the_usage_of_the_plan_counts() {
    let stage = Stage::with_tasks(&["One"]);
    let plan =
        json!({"plan": ["a.txt: greet", "b.txt: greet", "c.txt: greet"], "rationale": "So."});
    let entries = [
        json!({
            "role": "developer", "round": 1, "contains": ["change nothing yet"],
            "answer": plan.to_string(), "input_tokens": 1000, "output_tokens": 50, "usd": 0.25,
        }),
        json!({
            "role": "developer", "contains": ["## Change plan", "a.txt: greet"],
            "write": {"a.txt": "hello\n"}, "commit": "feat: greet",
            "answer": "Done.", "input_tokens": 100, "output_tokens": 5, "usd": 0.5,
        }),
    ];
    let file = stage.dir().join("transcript.jsonl");
    let lines: Vec<String> = entries.iter().map(Value::to_string).collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let with = format!("replay:{}", file.display());
    let args = [
        "run",
        "--with",
        &with,
        "--change-plan",
        "--budget",
        "0.2usd",
    ];
    // The plan alone spends the budget.
    stage.start_command(&stage.repo, &args).end().exits(7);
    assert_eq!(plan_of(&stage)["plan"].as_array().map(Vec::len), Some(3));
    let used = stage.status()["used"].clone();
    assert_eq!(
        (&used["cost_usd"], &used["output_tokens"]),
        (&json!(0.25), &json!(50)),
        "{used}"
    );
    let again = [&args[..4], &["--budget", "5usd"]].concat();
    stage.start_command(&stage.repo, &again).end().exits(1);
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    let used = stage.status()["used"].clone();
    assert_eq!(used["cost_usd"], 0.5, "asked twice: {used}");
}

/// PL-41: the built-in agent always plans first.
#[cfg(feature = "models")]
#[test]
fn pl_41_the_built_in_agent_always_plans_first() {
    use crate::support::model_server::{PLAN, Reply, Server};
    let stage = Stage::with_tasks(&["One"]);
    let server = Server::asked_for_plans(|request| {
        match (
            request.prompt().contains("change nothing yet"),
            request.results().len(),
        ) {
            (true, 0) => Reply::run("git log --oneline"),
            (true, _) => Reply::say(&format!("```json\n{PLAN}\n```")),
            (false, 0) => Reply::run(
                "echo $GIT_PM_TASK > $GIT_PM_TASK.txt && git add -A && git commit -q -m Work",
            ),
            (false, _) => Reply::say("It is committed."),
        }
    });
    let place = stage.repo.with("OLLAMA_HOST", &server.url);
    let args = ["run", "--with", "model:ollama/x", "--merge", "gates"];
    stage.start_command(&place, &args).end().ok();
    stage.all_merged(&["T-0001"]);
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    assert!(
        requests[2].prompt().contains("> - a.txt: greet"),
        "{}",
        requests[2].prompt()
    );
    assert_eq!(stage.status()["used"]["output_tokens"], 200);
}
