//! The real open-source agents from npm, headless and over the Agent Client Protocol, plan a document
//! with a scripted model. It leaves a statement out and invents a criterion; what git pm then says is
//! open, it adds. The agents are found, skipped and required as in `real_agents.rs`.

use std::time::Instant;

use serde_json::Value;

use super::real_agents::{Model, agents, stage_with};
use super::stage::{Stage, find};
use crate::plan::{criteria, list, task, text, texts, titles};
use crate::support::Repo;

/// A document whose structure marks no task. `tests/models/server.py` has its plan, by these lines.
const DOCUMENT: &str = "\
# Notes for the choir (scenario-plan)

We meet on Tuesdays. Singers must be able to say that they will miss a rehearsal.

- The conductor sees who is missing
- A singer gets a mail the day before

## Why

It is loud.
";

/// The criterion that the document does not state.
const INVENTED: &str = "it works without an account";

/// What an agent that plans has to leave alone.
fn checkout(repo: &Repo) -> [String; 5] {
    let git = |args: &[&str]| repo.git(args).ok().out;
    [
        git(&["status", "--porcelain", "--ignored"]),
        git(&["for-each-ref", "refs/heads", "refs/tags"]),
        git(&["config", "--list", "--local"]),
        git(&["worktree", "list", "--porcelain"]),
        repo.read("doc.md"),
    ]
}

/// Requires the tasks of the second round, and that a person sees the invented criterion. The agent was
/// not told about that: a criterion of its own is no mistake.
#[track_caller]
fn has_the_plan(planned: &Value) {
    let (absence, view, mail) = (
        "Say that one misses a rehearsal",
        "Show who is missing",
        "Remind singers",
    );
    assert_eq!(titles(planned), [absence, view, mail]);
    let (absence, view) = (task(planned, absence), task(planned, view));
    let stated =
        "We meet on Tuesdays. Singers must be able to say that they will miss a rehearsal.";
    assert_eq!(criteria(absence), [stated, INVENTED]);
    assert_eq!(criteria(view), ["The conductor sees who is missing"]);
    assert_eq!(
        criteria(task(planned, mail)),
        ["A singer gets a mail the day before"]
    );
    assert!(list(view, "depends_on").contains(&absence["key"]), "{view}");
    let statements = &planned["statements"];
    assert_eq!(
        (&statements["open"], &statements["put_aside"]),
        (&0.into(), &1.into())
    );
    let checks = list(planned, "checks").iter();
    let invented = checks.filter(|check| check["rule"] == "invented");
    let said: Vec<&str> = invented.map(|check| text(check, "message")).collect();
    assert!(
        matches!(said.as_slice(), [one] if one.contains("`absence`") && one.contains(INVENTED)),
        "{said:?}"
    );
}

/// Requires two rounds of so many requests each: in the first one, line 6 is open.
#[track_caller]
fn took_two_rounds(planned: &Value, requests: u64) {
    let rounds = list(planned, "rounds");
    let of = |round: &Value| {
        let count = |name: &str| round[name].as_u64().unwrap_or_default();
        (
            count("round"),
            round["open"].as_u64(),
            (count("input_tokens"), count("output_tokens")),
        )
    };
    let used = (requests * 1000, requests * 50);
    let told: Vec<_> = rounds.iter().map(of).collect();
    assert_eq!(told, [(1, Some(1), used), (2, Some(0), used)], "{rounds:?}");
    let said = texts(&rounds[0], "findings");
    assert!(
        matches!(said.as_slice(), [one] if one.starts_with("line 6 of the document:")),
        "{said:?}"
    );
    assert!(list(&rounds[1], "findings").is_empty(), "{rounds:?}");
}

/// Requires that the state has the run with both rounds and all of their requests.
#[track_caller]
fn is_recorded(stage: &Stage, planned: &Value, requests: u64) {
    let run = stage
        .repo
        .data(&["run", "status", text(&planned["run"], "id")]);
    assert_eq!(run["status"], "completed", "{run}");
    let job = find(&run, text(planned, "prd"));
    assert_eq!(
        (&job["status"], &job["attempt"]),
        (&"completed".into(), &2.into())
    );
    for used in [&job["used"], &run["used"]] {
        let count = |name: &str| used[name].as_u64().unwrap();
        let sent = count("input_tokens") + count("cached_tokens");
        assert_eq!(
            (sent, count("output_tokens")),
            (requests * 1000, requests * 50),
            "{used}"
        );
    }
}

/// An agent plans a document in two rounds, and leaves nothing behind.
#[track_caller]
fn plans(agent: &str, program: &str, with: &str) {
    let Some(bin) = agents(program) else { return };
    let start = Instant::now();
    let model = Model::new();
    let (stage, named) = stage_with(agent, program, &bin, &model);
    stage.repo.write("doc.md", DOCUMENT);
    let before = checkout(&stage.repo);
    let mut args = vec!["--json", "plan", "new", "doc.md", "--with", with];
    args.extend(["--timeout", "4m"]);
    args.extend(named);
    let ran = stage.repo.pm(&args);
    assert_eq!(ran.code, 0, "{ran:?}\n{}", stage.why());
    let planned = ran.data();
    has_the_plan(&planned);
    // Two requests a round, of which opencode tells the last over the protocol.
    let requests = if with.starts_with("acp:opencode") {
        1
    } else {
        2
    };
    took_two_rounds(&planned, requests);
    is_recorded(&stage, &planned, 2 * requests);
    assert_eq!(checkout(&stage.repo), before);
    stage.left_no_process();
    let logs = stage.repo.pm(&["logs"]).ok().out;
    assert!(!logs.contains("secret\""), "{logs}");
    println!("{with}: planned after {:.1?}", start.elapsed());
}

/// By codex.
#[test]
fn codex_plans_a_document() {
    plans("codex", "codex", "codex");
}

/// By codex over the protocol, by its adapter.
#[test]
fn codex_plans_a_document_over_the_protocol() {
    plans("codex", "codex-acp", "acp:codex-acp");
}

/// By gemini.
#[test]
fn gemini_plans_a_document() {
    plans("gemini", "gemini", "gemini");
}

/// By gemini over the protocol, which asks for permission to write the plan.
#[test]
fn gemini_plans_a_document_over_the_protocol() {
    let with = "acp:gemini --acp --skip-trust -m {model}";
    plans("gemini", "gemini", with);
}

/// By opencode.
#[test]
fn opencode_plans_a_document() {
    plans("opencode", "opencode", "opencode");
}

/// By opencode over the protocol.
#[test]
fn opencode_plans_a_document_over_the_protocol() {
    plans("opencode", "opencode", "acp:opencode acp");
}
