//! The debate of a plan: turns, rounds, who decides, and what is kept. The agents are scripts.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::support::{Ran, Repo, Scene, agent, script_file, set_up};

const SHOP: &str = "\
# Shop

## Requirements

- FR-1: Sell bread at the counter and print a receipt for each sale
- FR-2: Bake bread before the shop opens
- FR-3: Count the money at the end of each day
";

/// A text for that document; `more` is added to its first task.
fn plan(more: &str) -> String {
    format!(
        "# Shop\n## shop\n### sell. Sell bread\nlines: 5\n- L5\n{more}### bake. Bake bread\nlines: 6\n- L6\n\
         ### count. Count the money\nlines: 7\n- L7\n"
    )
}

/// What a critic says who read all tasks and found nothing.
const READ: &str = r#"[{"read":"sell","remains":""},{"read":"bake","remains":""},{"read":"count","remains":"cash"}]"#;

/// Answers each finding of the file as told.
fn each(answer: &str) -> String {
    format!(
        "sed -n 's/^- \\(F-[^ ]*\\) .*/{{\"id\":\"\\1\",\"answer\":\"{answer}\",\"reason\":\"as it is\"}}/p' \
         .git-pm-review/EARLIER.md | paste -sd, | sed 's/.*/[&]/'"
    )
}

struct Stage {
    _scene: Scene,
    repo: Repo,
    script: PathBuf,
}

impl Stage {
    /// `avery` and `rex` are what they do, in sh.
    fn new(avery: &str, rex: &str) -> Stage {
        let (scene, repo) = set_up();
        // In the sandbox the script could leave no mark.
        repo.git(&["config", "pm.sandbox", "off"]).ok();
        repo.write("doc.md", SHOP);
        let script = repo.path.parent().unwrap().join("agent.sh");
        let stage = Stage {
            _scene: scene,
            repo,
            script,
        };
        stage.answers(avery, rex);
        stage
    }

    fn answers(&self, avery: &str, rex: &str) {
        let asked = self.script.with_extension("asked");
        let files = self.script.with_extension("files");
        script_file(
            &self.script,
            &format!(
                "echo \"$GIT_PM_ROLE $GIT_PM_ROUND\" >>'{}'\n\
                 for f in .git-pm-review/*; do echo \"== $GIT_PM_ROLE $GIT_PM_ROUND $f\"; cat $f; done >>'{}'\n\
                 case $GIT_PM_ROLE in avery) {avery}\n;; *) {rex}\n;; esac",
                asked.display(),
                files.display()
            ),
        );
    }

    fn asked(&self) -> Vec<String> {
        let path = self.script.with_extension("asked");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        text.lines().map(str::to_string).collect()
    }

    fn debate(&self, more: &[&str]) -> Ran {
        self.debate_by(&self.repo, more)
    }

    fn debate_by(&self, repo: &Repo, more: &[&str]) -> Ran {
        let with = format!("script:{}", self.script.display());
        let args = [
            &["--json", "plan", "debate", "doc.md", "--with", &with],
            more,
        ]
        .concat();
        repo.pm(&args)
    }
}

/// Writes a text as the plan and says that everything was changed.
fn writes(text: &str) -> String {
    format!(
        "cat >.git-pm-review/PLAN.md <<'END'\n{text}END\n{}",
        each("changed")
    )
}

fn finding(severity: &str, claim: &str, task: &str, quote: &str) -> Value {
    json!({"severity": severity, "category": "edge-cases", "claim": claim, "task": task, "quote": quote,
        "outcome": "a customer has no receipt"})
}

/// AV-01, AV-02, AV-04, AV-06, AV-07, AV-10: the architect drafts, the critic finds, the architect answers, the
/// critic accepts the same text; its first agreement is pressed. Nothing is approved, and each turn is kept.
#[test]
fn a_debate_ends_airtight_and_approves_nothing() {
    let found = json!([
        finding(
            "P1",
            "a printer without paper loses the receipt",
            "sell",
            "receipt"
        ),
        finding("P0", "the oven is never cleaned", "clean", ""),
        finding(
            "P0",
            "the till is open at night",
            "count",
            "words that are nowhere"
        ),
    ]);
    let rex = format!(
        "case $GIT_PM_ROUND in 1) echo '{found}';; *) {};; esac",
        each("fixed")
    );
    let avery = format!(
        "case $GIT_PM_ROUND in 0) {};; *) {};; esac",
        writes(&plan("")),
        writes(&plan(
            "- a printer without paper keeps the receipt for later\n"
        ))
    );
    let stage = Stage::new(&avery, &rex);
    let told = stage.debate(&[]).ok().data();
    assert_eq!(stage.asked(), ["avery 0", "rex 1", "avery 1", "rex 2"]);
    assert_eq!(
        (&told["airtight"], &told["rounds"], &told["missing"]),
        (&json!(true), &json!(2), &json!([])),
        "{told}"
    );
    let concerns = &told["concerns"];
    assert_eq!(
        (
            &concerns["raised"],
            &concerns["addressed"],
            &concerns["open"]
        ),
        (&json!(1), &json!(1), &json!(0)),
        "what is not there was dropped: {told}"
    );
    let verdicts: Vec<&str> = (told["turns"].as_array().unwrap().iter())
        .map(|turn| turn["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["answered", "findings", "answered", "clean"]);
    assert_eq!(told["duties"].as_array().unwrap().len(), 8);
    // Who raised it, what the architect answered and the critic decided, is kept.
    let all = stage.repo.data(&["finding", "list", "P-0001", "--all"])["items"].clone();
    let one = &all[0];
    assert_eq!(
        (&one["reviewer"], &one["path"], &one["status"]),
        (&json!("rex"), &json!("sell"), &json!("fixed"))
    );
    let answers: Vec<&str> = (one["answers"].as_array().unwrap().iter())
        .map(|answer| answer["answer"].as_str().unwrap())
        .collect();
    assert_eq!(answers, ["claimed", "fixed"]);
    // A debate approves nothing (AV-09), and a run refuses what is not approved (AV-08).
    assert_eq!(stage.repo.data(&["plan", "show"])["status"], "draft");
    let run = stage.repo.pm(&["run", "--with", "script:true"]);
    assert_ne!(run.code, 0, "{}", run.err);
    // Asked again, nobody has to answer; the standing is the same without agents.
    assert_eq!(stage.debate(&[]).ok().data()["airtight"], true);
    assert_eq!(stage.asked(), Vec::<String>::new());
    let text = stage.repo.pm(&["plan", "debate", "P-0001"]).ok().out;
    for part in [
        "edge-cases",
        "verification",
        "1 concern raised: 1 addressed",
        "Airtight",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // ME-08: rounds and the share of debates that ended with nothing open.
    let stats = stage.repo.data(&["stats", "plan"]);
    assert_eq!(
        (
            &stats["debated"],
            &stats["debate_rounds"],
            &stats["debated_clean"]
        ),
        (&json!(1), &json!(2.0), &json!(1.0))
    );
    // RV-01: the items of `preflight` about architecture and edge cases are answered by it.
    stage
        .repo
        .pm(&["plan", "approve", "--yes", "--accept-uncovered"])
        .ok();
    let list = stage.repo.pm(&["--json", "preflight", "T-0001"]).data();
    let items = list["lists"][0]["items"].as_array().unwrap();
    for (id, by) in [("architecture", "avery"), ("edge-cases", "rex")] {
        let item = items.iter().find(|item| item["id"] == id).unwrap();
        assert_eq!(item["by"], by, "{list}");
    }
}

/// AV-10: who agrees in the first round has to say what it read; silence, prose and half a list are no
/// agreement.
#[test]
fn an_early_agreement_is_pressed_and_silence_is_none() {
    for (rex, airtight) in [
        ("echo '[]'".to_string(), false),
        ("echo 'Looks good to me, approved.'".to_string(), false),
        ("echo '[{\"read\":\"sell\"'".to_string(), false),
        ("exit 1".to_string(), false),
        (
            "echo '[{\"read\":\"sell\",\"remains\":\"\"}]'".to_string(),
            false,
        ),
        (format!("echo '{READ}'"), true),
    ] {
        let stage = Stage::new(&writes(&plan("")), &rex);
        let ran = stage.debate(&[]);
        let told = ran.data();
        assert_eq!(told["airtight"], airtight, "{rex}: {told}");
        assert_eq!(told["rounds"], u32::from(airtight), "{rex}: {told}");
        assert_eq!(ran.code, i32::from(!airtight));
        assert_eq!(stage.repo.data(&["plan", "show"])["status"], "draft");
    }
}

/// AV-03: after three rounds, or what is not fixed twice, a human decides; an agent cannot ask for more, and
/// an open P1 stops the approval until a human dismisses it with a reason.
#[test]
fn a_human_decides_after_the_limit_and_open_findings_stop_the_approval() {
    let found = json!([finding(
        "P1",
        "a printer without paper loses the receipt",
        "sell",
        "receipt"
    )]);
    let rex = format!(
        "case $GIT_PM_ROUND in 1) echo '{found}';; *) {};; esac",
        each("not_fixed")
    );
    let avery = format!(
        "case $GIT_PM_ROUND in 0) {};; *) {};; esac",
        writes(&plan("")),
        "sed -i \"s/^- L6.*/&\\n- attempt $GIT_PM_ROUND of the printer prints a receipt/\" .git-pm-review/PLAN.md; "
            .to_string() + &each("changed")
    );
    let stage = Stage::new(&avery, &rex);
    let told = stage.debate(&[]).exits(1).data();
    assert_eq!(
        stage.asked(),
        ["avery 0", "rex 1", "avery 1", "rex 2", "avery 2", "rex 3"]
    );
    let why = told["stopped"].as_str().unwrap();
    assert!(why.contains("not fixed after two attempts"), "{told}");
    let by_agent = agent(&stage.repo);
    stage.debate_by(&by_agent, &["--rounds", "9"]).exits(1);
    assert_eq!(stage.asked(), Vec::<String>::new());
    let refused = stage
        .repo
        .pm(&["--json", "plan", "approve", "--yes", "--accept-uncovered"]);
    assert_eq!(refused.exits(1).error()["reason"], "finding.blocks");
    let id = stage.repo.data(&["finding", "list", "P-0001"])["items"][0]["id"].clone();
    let id = id.as_str().unwrap();
    assert_ne!(
        by_agent
            .pm(&["finding", "dismiss", id, "--reason", "no"])
            .code,
        0
    );
    stage
        .repo
        .pm(&["finding", "dismiss", id, "--reason", "we have paper"])
        .ok();
    // The architect has not answered for the text that the critic read last.
    let told = stage.debate(&[]).data();
    assert_eq!(told["concerns"]["dismissed"], 1, "{told}");
    stage
        .repo
        .pm(&["plan", "approve", "--yes", "--accept-uncovered"])
        .ok();
}

/// The architect cannot drop a requirement, even if the critic asks for it; and a plan that nobody can read is
/// no plan.
#[test]
fn no_requirement_is_dropped_by_an_agent() {
    let without = plan("").replace(
        "### count. Count the money\nlines: 7\n- L7\n",
        "## Not work\n- 7: too much\n",
    );
    let stage = Stage::new(&writes(&without), &format!("echo '{READ}'"));
    let before = stage.repo.data(&["plan", "new", "doc.md"])["version"].clone();
    let told = stage.debate(&[]).exits(1).data();
    assert_eq!(stage.asked(), ["avery 0", "avery 0"], "it is told once why");
    assert_eq!(told["version"], before);
    let changed = told["turns"][0]["changed"].as_str().unwrap();
    assert!(changed.contains("line 7"), "{changed}");
    stage.answers("echo '### broken'; echo '[]'", "echo '[]'");
    assert_eq!(stage.debate(&[]).exits(1).data()["version"], before);
}

/// CM-15: in a gauntlet what two of the other critics say counts, and what one says is listed.
#[test]
fn a_gauntlet_asks_five_more_critics_and_votes() {
    let two = json!([finding(
        "P1",
        "the oven needs an hour before the first bread",
        "bake",
        "Bake bread"
    ),]);
    let one = json!([finding(
        "P1",
        "nobody knows the price of flour",
        "count",
        "money"
    )]);
    let rex = format!(
        "case $GIT_PM_ROUND$GIT_PM_ROLE in 1risk-assessor|1reality-checker) echo '{two}';; 1efficiency-critic) echo \
         '{one}';; 1rex) echo '{READ}';; 1*) echo '[]';; *rex) {};; *) echo '[]';; esac",
        each("fixed")
    );
    let stage = Stage::new(&writes(&plan("")), &rex);
    let told = stage.debate(&["--gauntlet"]).data();
    let first = told["turns"][1].clone();
    for name in [
        "rex",
        "resource-scheduler",
        "dependency-analyst",
        "risk-assessor",
        "efficiency-critic",
        "reality-checker",
    ] {
        assert!(first["critics"].as_str().unwrap().contains(name), "{first}");
    }
    let all = stage.repo.data(&["finding", "list", "P-0001", "--all"])["items"].clone();
    let confirmed: Vec<(&str, bool)> = (all.as_array().unwrap().iter())
        .map(|one| {
            (
                one["path"].as_str().unwrap(),
                one["confirmed"].as_bool().unwrap(),
            )
        })
        .collect();
    assert!(confirmed.contains(&("bake", true)), "{all}");
    assert!(confirmed.contains(&("count", false)), "{all}");
}

/// AV-05: the shares of the spend are reported; CM-11: the critic may be another program than the architect.
#[test]
fn the_spend_of_both_is_reported() {
    let stage = Stage::new("exit 1", "exit 1");
    let lines = [
        json!({"role": "avery", "answer": format!("{}\n[]", plan("")), "input_tokens": 300, "output_tokens": 100, "usd": 0.5}),
        json!({"role": "rex", "answer": READ, "input_tokens": 100, "output_tokens": 100, "usd": 0.25}),
    ];
    let text: Vec<String> = lines.iter().map(Value::to_string).collect();
    let transcript = stage.script.with_extension("jsonl");
    std::fs::write(&transcript, text.join("\n")).unwrap();
    let with = format!("replay:{}", transcript.display());
    let told = stage
        .repo
        .pm(&["--json", "plan", "debate", "doc.md", "--with", &with, &with]);
    let told = told.ok().data();
    // The first agreement was pressed: two answers of the critic.
    let spend = &told["spend"];
    assert_eq!(
        (&spend["architect"], &spend["critics"], &spend["unusual"]),
        (&json!(50), &json!(50), &json!(false)),
        "{told}"
    );
    assert_eq!(told["run"]["status"], "completed");
}
