//! What agents do at this moment, seen from another process, before one pauses or stops them. OB-16.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::stage::{Running, Stage, WORK, find, until};
use crate::support::{Scene, at_terminal, script_file};

/// Says what it uses, and works once it is told to.
const REPORTS: &str = r#"
echo "reading the code"
echo '{"type":"usage","input_tokens":1000,"cached_input_tokens":200,"output_tokens":50,"cost_usd":0.25}'
echo "half of $GIT_PM_TASK is done"
while ! test -e "$OUT/more"; do sleep 0.05; done
echo '{"type":"usage","input_tokens":10,"output_tokens":5,"cost_usd":0.5}'
while ! test -e "$OUT/on"; do sleep 0.05; done
"#;

fn reports(stage: &Stage, more: &[&str]) -> Running {
    stage.start(&format!("{REPORTS}{WORK}"), more)
}

/// Waits until a task of the newest run is seen as wanted.
#[track_caller]
fn seen(stage: &Stage, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    until("what is in flight", || {
        let ran = stage.repo.pm(&["--json", "run", "status"]);
        let task = (ran.code == 0).then(|| find(&ran.data(), id))?;
        wanted(&task).then_some(task)
    })
}

/// The part of a task's view that is known only while its agent is at work.
fn live(task: &Value) -> [Value; 4] {
    [
        "attempt_since",
        "attempt_used",
        "last_output_at",
        "last_line",
    ]
    .map(|key| {
        assert!(task.get(key).is_some(), "{key} is missing: {task}");
        task[key].clone()
    })
}

const NOTHING: [Value; 4] = [Value::Null, Value::Null, Value::Null, Value::Null];

/// The files with figures of agents at work.
fn figures(stage: &Stage) -> Vec<PathBuf> {
    let runs = std::fs::read_dir(stage.repo.path.join(".git/pm/runs")).unwrap();
    let runs = runs.flatten().filter(|run| run.path().is_dir());
    let files = runs.flat_map(|run| std::fs::read_dir(run.path()).unwrap().flatten());
    let files = files.map(|file| file.path());
    files
        .filter(|path| path.to_string_lossy().contains(".live."))
        .collect()
}

/// OB-16: another process sees the agent, since when it works, its step, what it has used, when it last
/// said something and what; nothing of that is written to the state, and it is gone with the agent.
#[test]
fn ob_16_another_process_sees_what_is_in_flight() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let run = reports(&stage, &["--merge", "gates", "--only", "T-0001"]);
    let task = seen(&stage, "T-0001", |task| {
        task["last_line"] == "half of T-0001 is done" && !task["attempt_since"].is_null()
    });
    assert_eq!(task["agent"], "agent-1");
    assert_eq!(task["step"], "work");
    assert_eq!(
        task["attempt_used"],
        json!({"input_tokens": 800, "cached_tokens": 200, "output_tokens": 50, "cost_usd": 0.25})
    );
    assert!(task["last_output_at"].is_string(), "{task}");
    assert_eq!(
        task["used"]["input_tokens"], 0,
        "of attempts that have ended"
    );
    let text = stage.repo.pm(&["run", "status"]).ok().out;
    let line = text.lines().skip_while(|line| *line != "In flight").nth(1);
    let line = line.unwrap_or_else(|| panic!("{text}"));
    for part in [
        "T-0001",
        "agent-1",
        "since ",
        "work",
        "tokens: 1000 input, 50 output; 0.25 USD",
        "last output ",
        "half of T-0001 is done",
    ] {
        assert!(line.contains(part), "{part} in {line}");
    }
    // What is used later is seen, and costs no commit.
    let commits = || {
        stage
            .repo
            .git(&["rev-list", "--count", "refs/pm/main"])
            .text()
    };
    let before = commits();
    stage.tell("more");
    let task = seen(&stage, "T-0001", |task| {
        task["attempt_used"]["cost_usd"] == 0.75
    });
    assert_eq!(task["attempt_used"]["output_tokens"], 55);
    assert_eq!(task["last_line"], "half of T-0001 is done", "no raw event");
    assert_eq!(commits(), before);
    // Damaged, of another attempt or missing: unknown.
    let since = task["attempt_since"].clone();
    let files = figures(&stage);
    assert_eq!(files.len(), 1, "{files:?}");
    for text in ["", "{\"attempt\":", "{\"attempt\":7,\"last_line\":\"x\"}"] {
        std::fs::write(&files[0], text).unwrap();
        let unknown = [since.clone(), Value::Null, Value::Null, Value::Null];
        assert_eq!(live(&stage.task("T-0001")), unknown, "{text}");
        stage.repo.pm(&["run", "status"]).ok();
    }
    std::fs::remove_file(&files[0]).unwrap();
    assert_eq!(stage.task("T-0001")["last_line"], Value::Null);
    stage.tell("on");
    run.end().ok();
    let task = stage.task("T-0001");
    assert_eq!(live(&task), NOTHING);
    assert_eq!(task["used"]["output_tokens"], 55);
    assert_eq!(figures(&stage).len(), 0);
    let text = stage.repo.pm(&["run", "status"]).ok().out;
    assert!(!text.contains("In flight"), "{text}");
}

/// OB-16: pause shows what is in flight: of the run, or of the task that it is about. So does stop,
/// however fast the run obeys; then it is gone.
#[test]
fn ob_16_pause_and_stop_show_what_is_in_flight() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let run = reports(&stage, &["--agents", "2"]);
    let half = |id: &str| format!("half of {id} is done");
    for id in ["T-0001", "T-0002"] {
        seen(&stage, id, |task| task["last_line"] == half(id).as_str());
    }
    let text = stage.repo.pm(&["run", "pause", "T-0002"]).ok().out;
    assert!(
        text.contains("In flight") && text.contains(&half("T-0002")),
        "{text}"
    );
    assert!(!text.contains(&half("T-0001")), "{text}");
    let paused = stage.wait_task("T-0002", "paused");
    assert_eq!(paused["last_line"], half("T-0002").as_str());
    let text = stage.repo.pm(&["run", "pause"]).ok().out;
    for id in ["T-0001", "T-0002"] {
        assert!(text.contains(&half(id)), "{text}");
    }
    assert!(
        text.contains("tokens: 1000 input, 50 output; 0.25 USD"),
        "{text}"
    );
    stage.wait_status("paused");

    let view = stage.repo.data(&["run", "stop", "T-0001"]);
    assert_eq!(find(&view, "T-0001")["attempt_used"]["output_tokens"], 50);
    seen(&stage, "T-0001", |task| live(task) == NOTHING);
    let text = stage.repo.pm(&["run", "stop"]).ok().out;
    assert!(text.contains(&half("T-0002")), "{text}");
    assert!(!text.contains(&half("T-0001")), "{text}");
    run.end().exits(1);
    for id in ["T-0001", "T-0002"] {
        assert_eq!(live(&stage.task(id)), NOTHING);
    }
    assert_eq!(figures(&stage).len(), 0);
}

/// OB-16: the last line is one line, without escapes and secrets, also of a key that has several lines.
#[test]
fn ob_16_a_hostile_last_line_is_harmless() {
    let token = ["ghp", "_x7Kq2Zr9Lw4Nt8Vb3Hy6Jd1Mf5Pc0Sg7Ue2A"].concat();
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
    let stage = Stage::with_tasks(&["One"]);
    std::fs::write(stage.out.join("token"), format!("{token}\n")).unwrap();
    let key = ["-----BEGIN ", "PRIVATE KEY-----"].concat();
    let script = format!(
        "printf '\\033]0;owned\\007\\033[2Jred\\302\\233 31m\\342\\200\\256 token: '; cat \"$OUT/token\"\n\
         while ! test -e \"$OUT/more\"; do sleep 0.05; done\n\
         echo '{key}'; echo '{body}'\n\
         while ! test -e \"$OUT/wide\"; do sleep 0.05; done\n\
         echo '{}'; awk 'BEGIN {{ for (i = 0; i < 3000; i++) printf \"wide \"; print \"\" }}' >&2\n\
         while ! test -e \"$OUT/on\"; do sleep 0.05; done\nexit 1",
        key.replace("BEGIN", "END")
    );
    let run = stage.start(&script, &[]);
    let task = seen(&stage, "T-0001", |task| {
        task["last_line"]
            .as_str()
            .is_some_and(|line| line.contains("red"))
    });
    let line = task["last_line"].as_str().unwrap();
    assert!(
        line.contains(r"\u{1b}[2Jred\u{9b} 31m\u{202e} token: [redacted: "),
        "{line}"
    );
    let shown = at_terminal(&stage.repo, &["run", "status"], "");
    for bad in [
        "\u{1b}]",
        "\u{1b}[2J",
        "\u{7}",
        "\u{202e}",
        "\u{9b}",
        &token,
    ] {
        assert!(
            !shown.out.contains(bad) && !line.contains(bad),
            "{bad:?} in {shown:?}"
        );
    }
    stage.tell("more");
    seen(&stage, "T-0001", |task| {
        task["last_line"] == "[redacted: private-key]"
    });
    stage.tell("wide");
    let wide = |task: &Value| {
        task["last_line"]
            .as_str()
            .is_some_and(|l| l.starts_with("wide"))
    };
    let task = seen(&stage, "T-0001", wide);
    assert_eq!(task["last_line"].as_str().unwrap().chars().count(), 200);
    let kept = stage.repo.run("grep", &["-rlF", body, ".git"]);
    assert_eq!(kept.out, "", "the key is kept");
    stage.tell("on");
    run.end().exits(1);
}

/// OB-16: an agent with a stream of events is seen by what it says, and what it has used is priced by
/// the table until it reports the cost itself.
#[test]
fn ob_16_a_stream_of_events_is_seen_while_it_goes_on() {
    let stage = Stage::with_tasks(&["One"]).without_sandbox();
    let bin = stage.dir().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let script = r#"
cat > /dev/null
printf '%s\n' '{"type":"system","subtype":"init","session_id":"s-1","model":"claude-sonnet-4-5-20250929"}'
printf '%s\n' '{"type":"assistant","parent_tool_use_id":null,"message":{"id":"m1","content":[{"type":"text","text":"I look around.\nIt is a small change."}],"usage":{"input_tokens":1000,"cache_read_input_tokens":200,"output_tokens":50}}}'
while ! test -e "$OUT/more"; do sleep 0.05; done
printf '%s\n' '{"type":"assistant","parent_tool_use_id":null,"message":{"id":"m2","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"cargo test"}}],"usage":{"input_tokens":1000,"output_tokens":50}}}'
while ! test -e "$OUT/on"; do sleep 0.05; done
exit 1
"#;
    let script = format!("OUT='{}'\n{script}", stage.out.display());
    script_file(&bin.join("claude"), &script);
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let place = stage.repo.with("PATH", &path);
    let run = stage.start_command(&place, &["run", "--with", "claude", "--retries", "0"]);
    // The line and the use are two changes, and the figures may be read between them.
    let task = seen(&stage, "T-0001", |task| {
        task["last_line"] == "It is a small change." && !task["attempt_used"].is_null()
    });
    let used = &task["attempt_used"];
    assert_eq!(used["input_tokens"], 1000, "{task}");
    assert_eq!(used["cached_tokens"], 200, "{task}");
    // 1000 read at 3 USD a million, 200 from the cache at 0.3, 50 written at 15.
    assert_eq!(used["cost_usd"], 0.003_81, "{task}");
    stage.tell("more");
    seen(&stage, "T-0001", |task| {
        task["last_line"] == "Bash: cargo test" && task["attempt_used"]["output_tokens"] == 100
    });
    stage.tell("on");
    run.end();
    assert_eq!(live(&stage.task("T-0001")), NOTHING);
}

/// OB-16: those who watch see it change; an agent that reports no use is in flight all the same.
#[test]
fn ob_16_those_who_watch_see_it_change() {
    let stage = Stage::with_tasks(&["One"]);
    let script = "echo first words\nwhile ! test -e \"$OUT/more\"; do sleep 0.05; done\n\
                  echo other words\nwhile ! test -e \"$OUT/on\"; do sleep 0.05; done\nexit 1";
    let run = stage.start(script, &[]);
    let task = seen(&stage, "T-0001", |task| task["last_line"] == "first words");
    assert_eq!(task["attempt_used"], Value::Null);
    let watch = stage.start_command(&stage.repo, &["run", "status", "--watch"]);
    until("the first words", || {
        watch.printed().contains("first words").then_some(())
    });
    stage.tell("more");
    until("the other words", || {
        watch.printed().contains("other words").then_some(())
    });
    assert!(watch.printed().contains("tokens unknown"));
    stage.tell("on");
    run.end().exits(1);
    watch.end().ok();
}

/// OB-16: in another clone, and after the process was killed, it is unknown; what was left of it is
/// removed by the next one.
#[test]
fn ob_16_other_clones_and_killed_runs_are_unknown() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    let other = scene.clone_of(&hub, "b", "Ben");
    let stage = Stage::of(scene, repo);
    stage.repo.task("One", &[]);
    stage.repo.pm(&["sync"]).ok();
    let run = reports(&stage, &[]);
    seen(&stage, "T-0001", |task| {
        task["last_line"] == "half of T-0001 is done"
    });
    stage.repo.pm(&["sync"]).ok();
    other.pm(&["sync"]).ok();
    let elsewhere = find(&other.data(&["run", "status"]), "T-0001");
    let [since, rest @ ..] = live(&elsewhere);
    assert!(since.is_string(), "{elsewhere}");
    assert_eq!(rest, [Value::Null, Value::Null, Value::Null]);
    assert!(
        other
            .pm(&["run", "status"])
            .ok()
            .out
            .contains("tokens unknown")
    );
    run.kill();
    assert_eq!(figures(&stage).len(), 1);
    assert_eq!(live(&stage.task("T-0001")), NOTHING);
    stage.repo.pm(&["run", "stop"]).ok();
    assert_eq!(figures(&stage).len(), 0);
}
