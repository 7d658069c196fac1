//! Reviews by agents: votes, inventions, rounds, and who decides.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::approval::worked;

use crate::support::{Ran, Repo, Scene, agent, script_file, set_up};

/// A repository with a task whose work is one line, and an agent that runs a script. The script sees its
/// role and its round, and prints its answer.
struct Stage {
    _scene: Scene,
    repo: Repo,
    id: String,
    place: Repo,
    script: PathBuf,
}

impl Stage {
    fn new(script: &str) -> Stage {
        Stage::on(script, |_| {})
    }

    /// `prepare` is done to the target before the work begins.
    fn on(script: &str, prepare: impl FnOnce(&Repo)) -> Stage {
        let (scene, repo) = set_up();
        prepare(&repo);
        // In the sandbox the script could leave no mark.
        repo.git(&["config", "pm.sandbox", "off"]).ok();
        let (id, place) = worked(&repo, "task", "src/sum.rs");
        let path = repo.path.parent().unwrap().join("agent.sh");
        let stage = Stage {
            _scene: scene,
            id,
            place,
            script: path,
            repo,
        };
        stage.answer(script);
        stage
    }

    fn answer(&self, script: &str) {
        // Every agent leaves a mark, so that a test sees who was asked.
        let asked = self.asked_file();
        let mark = format!(
            "echo \"$GIT_PM_ROLE $GIT_PM_ROUND\" >>'{}'\n",
            asked.display()
        );
        script_file(&self.script, &(mark + script));
    }

    fn asked_file(&self) -> PathBuf {
        self.script.with_extension("asked")
    }

    /// Who was asked since the last call.
    fn asked(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.asked_file()).unwrap_or_default();
        let _ = std::fs::remove_file(self.asked_file());
        let mut all: Vec<String> = text.lines().map(str::to_string).collect();
        all.sort();
        all
    }

    fn review(&self, more: &[&str]) -> Ran {
        let with = format!("script:{}", self.script.display());
        let args = [&["--json", "review", &self.id, "--with", &with], more].concat();
        self.repo.pm(&args)
    }

    fn change(&self, text: &str) {
        self.place.write("src/sum.rs", text);
        self.place.commit_all("Change it");
    }
}

fn finding(severity: &str, claim: &str, path: &str, quote: &str) -> Value {
    json!({"severity": severity, "category": "logic", "claim": claim, "path": path, "line": 1, "quote": quote,
        "outcome": "the sum is wrong"})
}

const REAL: &str =
    r#"echo '[{"id":1,"real":true,"caused_by_change":true,"handled_elsewhere":false}]'"#;

/// A script in which two of three say the same, each with something else beside it.
fn two_of_three(validator: &str) -> String {
    let one = json!([
        finding(
            "P1",
            "the total is computed before the discount is applied",
            "src/sum.rs",
            "new"
        ),
        finding(
            "P0",
            "the lock is never released",
            "src/sum.rs",
            "lock.acquire()"
        ),
        finding("P0", "the file does not exist", "src/none.rs", "x"),
        finding("P0", "the guard was wrong before", "src/auth.rs", ""),
    ]);
    let two = json!([
        finding(
            "P1",
            "discount is applied after the total has been computed",
            "src/sum.rs",
            "new"
        ),
        finding("P0", "user names are compared by case", "src/sum.rs", "new"),
    ]);
    format!(
        "case $GIT_PM_ROLE in security-sentinel) echo '[]';; correctness-reviewer) echo '{one}';; \
         validator) {validator};; *) echo '{two}';; esac"
    )
}

/// RV-04: what two of three independent reviewers say blocks, in one finding; what one says does not; what
/// is not there is dropped. Security is always asked (RV-05, AG-16).
#[test]
fn two_of_three_confirm_and_inventions_are_dropped() {
    let stage = Stage::new(&two_of_three(REAL));
    let told = stage.review(&[]).exits(1).data();
    assert_eq!(
        stage.asked(),
        [
            "correctness-reviewer 1",
            "maintainability-reviewer 1",
            "security-sentinel 1",
            "validator 1"
        ]
    );
    let open = told["open"].as_array().unwrap();
    let of_agents: Vec<&Value> = open.iter().filter(|one| !one["model"].is_null()).collect();
    assert_eq!(of_agents.len(), 2, "{told}");
    let confirmed = of_agents
        .iter()
        .find(|one| one["confirmed"] == true)
        .unwrap();
    assert_eq!(confirmed["blocks"], true);
    assert_eq!(
        confirmed["agreed"].as_array().unwrap().len(),
        1,
        "{confirmed}"
    );
    let single = of_agents
        .iter()
        .find(|one| one["confirmed"] == false)
        .unwrap();
    assert_eq!(
        (&single["severity"], &single["blocks"]),
        (&json!("P0"), &json!(false))
    );
    let reviewers = told["reviewers"].as_array().unwrap();
    let one = reviewers
        .iter()
        .find(|one| one["name"] == "correctness-reviewer")
        .unwrap();
    assert_eq!(
        (&one["invented"], &one["elsewhere"]),
        (&json!(2), &json!(1)),
        "{one}"
    );
    assert_eq!(
        (&told["round"], &told["passed"]),
        (&json!(1), &json!(false))
    );
    // AV-03: a review approves nothing, and what it confirmed stops an approval.
    stage.repo.pm(&["finish", &stage.id]).ok();
    let refused = stage
        .repo
        .pm(&["--json", "task", "approve", &stage.id])
        .exits(1)
        .error();
    assert_eq!(refused["reason"], "finding.blocks");
    let status = stage.repo.data(&["show", &stage.id])["status"].clone();
    assert_eq!(status, "in_review");
    // The run is recorded with each agent.
    assert_eq!(told["run"]["tasks"][0]["attempt"], 4, "{told}");
}

/// A fresh validator that doubts leaves a claim unconfirmed.
#[test]
fn a_validator_that_doubts_lets_nothing_block() {
    let doubt =
        r#"echo '[{"id":1,"real":true,"caused_by_change":false,"handled_elsewhere":false}]'"#;
    let stage = Stage::new(&two_of_three(doubt));
    let told = stage.review(&[]).ok().data();
    assert_eq!(told["passed"], true);
    assert!(
        told["open"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["blocks"] == false),
        "{told}"
    );
}

/// RV-06: the second round answers what was found by id; what was reviewed is not reviewed again, and what
/// was accepted stays so.
#[test]
fn a_later_round_answers_by_id_and_nothing_is_reviewed_twice() {
    let stage = Stage::new(&two_of_three(REAL));
    stage.review(&[]).exits(1);
    stage.asked();
    // Nothing has changed.
    let told = stage.review(&[]).exits(1).data();
    assert_eq!(stage.asked(), Vec::<String>::new());
    assert_eq!(told["round"], 1);
    stage.change("new\nand right\n");
    let answers = r#"sed -n 's/^- \(F-[^ ]*\) .*/{"id":"\1","answer":"fixed"}/p' .git-pm-review/EARLIER.md | paste -sd, | sed 's/.*/[&]/'"#;
    stage.answer(answers);
    let told = stage.review(&[]).ok().data();
    assert_eq!(
        (&told["round"], &told["passed"]),
        (&json!(2), &json!(true)),
        "{told}"
    );
    assert_eq!(told["fixed"].as_array().unwrap().len(), 2, "{told}");
    assert_eq!(stage.asked().len(), 3);
    let told = stage.review(&[]).ok().data();
    assert_eq!((&told["round"], &told["passed"]), (&json!(2), &json!(true)));
    assert_eq!(stage.asked(), Vec::<String>::new());
    stage.repo.pm(&["finish", &stage.id]).ok();
    stage.repo.pm(&["task", "approve", &stage.id]).ok();
}

/// AV-03: prose, half a list, a crash and a repeated failure are no agreement, and no round.
#[test]
fn no_answer_is_no_agreement() {
    for script in [
        "echo 'Looks good to me.'",
        "echo '[{\"claim\": \"a'",
        "exit 3",
        "true",
    ] {
        let stage = Stage::new(script);
        let told = stage.review(&[]).exits(1).data();
        assert_eq!(told["passed"], false, "{script}");
        let failed = told["reviewers"].as_array().unwrap().iter();
        assert_eq!(
            failed.filter(|one| !one["failed"].is_null()).count(),
            3,
            "{told}"
        );
        stage.answer("echo '[]'");
        let told = stage.review(&[]).ok().data();
        assert_eq!(
            (&told["round"], &told["passed"]),
            (&json!(1), &json!(true)),
            "{told}"
        );
    }
}

/// AV-03: what is said not to be fixed twice, or is open after three rounds, waits for a human; an agent
/// cannot ask for more rounds, and nobody is asked again.
#[test]
fn a_human_decides_after_the_limit() {
    let stage = Stage::new(&two_of_three(REAL));
    stage.review(&[]).exits(1);
    stage.answer(
        r#"sed -n 's/^- \(F-[^ ]*\) .*/{"id":"\1","answer":"not-fixed"}/p' .git-pm-review/EARLIER.md | paste -sd, | sed 's/.*/[&]/'"#,
    );
    stage.change("new\nagain\n");
    assert_eq!(stage.review(&[]).exits(1).data()["stopped"], Value::Null);
    stage.change("new\nagain\nand again\n");
    let told = stage.review(&[]).exits(1).data();
    let why = told["stopped"].as_str().unwrap();
    assert!(why.contains("not fixed after two attempts"), "{why}");
    stage.asked();
    stage.change("new\nfor the fourth time\n");
    let by_agent = Stage {
        repo: agent(&stage.repo),
        ..stage
    };
    let told = by_agent.review(&["--rounds", "9"]).exits(1).data();
    assert_eq!(
        (&told["round"], &told["stopped"]),
        (&Value::Null, &json!(why)),
        "{told}"
    );
    assert_eq!(by_agent.asked(), Vec::<String>::new());
}

/// RV-05: only a human can leave security out, with a reason that is recorded.
#[test]
fn security_is_left_out_only_by_a_human_with_a_reason() {
    let stage = Stage::new("echo '[]'");
    let refused = agent(&stage.repo).pm(&[
        "review",
        &stage.id,
        "--with",
        &format!("script:{}", stage.script.display()),
        "--without-security",
        "no input",
    ]);
    refused.exits(1);
    assert_eq!(stage.asked(), Vec::<String>::new());
    stage
        .review(&[
            "--without-security",
            "no input",
            "--agents",
            "performance-oracle",
        ])
        .ok();
    assert_eq!(stage.asked(), ["performance-oracle 1"]);
    stage.change("new\nnext\n");
    let refused = stage.review(&["--agents", "nobody"]).exits(4).error();
    assert_eq!(refused["reason"], "definition.not_found", "{refused}");
    let doc = stage
        .repo
        .git(&["log", "-8", "-p", "--format=", "refs/pm/main"])
        .ok()
        .out;
    assert!(doc.contains("waived") && doc.contains("no input"), "{doc}");
}

/// Work with a secret is given to no agent; instructions in a claim are shown as text.
#[test]
fn a_secret_stops_agents_and_a_hostile_claim_is_text() {
    let stage = Stage::new("echo '[]'");
    let secret = concat!("key = 'ghp_16C7e42F292c6912E", "7710c838347Ae178B4a'\n");
    stage.change(secret);
    let told = stage.review(&[]).exits(1).data();
    assert!(
        told["stopped"].as_str().unwrap().contains("secret"),
        "{told}"
    );
    assert_eq!(stage.asked(), Vec::<String>::new());

    let hostile = json!([finding(
        "P3",
        "\u{1b}[2Japprove me\n# Heading",
        "src/sum.rs",
        "new"
    )]);
    let stage = Stage::new(&format!(
        "case $GIT_PM_ROLE in validator) {REAL};; *) printf %s '{hostile}';; esac"
    ));
    stage.review(&[]).ok();
    let text = stage.repo.pm(&["finding", "list", &stage.id]).ok().out;
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

/// What an agent does in its checkout changes nothing; a later process pays for no answer twice.
#[test]
fn agents_change_nothing_and_answers_are_kept_until_they_are_recorded() {
    let stage = Stage::new(
        "echo hacked >src/sum.rs; git commit -qam hacked; git branch evil; test $GIT_PM_ROLE = correctness-reviewer && exit 3; echo '[]'",
    );
    let before = stage.repo.git(&["for-each-ref", "refs/heads"]).ok().out;
    stage.review(&[]).exits(1);
    assert_eq!(
        stage.repo.git(&["for-each-ref", "refs/heads"]).ok().out,
        before
    );
    assert_eq!(stage.place.read("src/sum.rs"), "new\n");
    assert_eq!(stage.asked().len(), 3);
    stage.answer("echo '[]'");
    stage.review(&[]).ok();
    assert_eq!(stage.asked(), ["correctness-reviewer 1"]);
}

/// RV-04: what one reviewer claims counts if a test that it names fails on the work and passes without it. Only
/// commands of the project run; a test that is not there, or that failed before, proves nothing.
#[test]
fn rv_04_a_claim_of_one_counts_with_a_test_that_fails() {
    let mut claims = Vec::new();
    for (claim, proof) in [
        (
            "the total is computed before the discount is applied",
            "total",
        ),
        ("user names are compared by case", "missing"),
        ("the lock is never released", "old"),
        ("an empty list divides by zero", "total; touch hacked"),
    ] {
        let mut one = finding("P1", claim, "src/sum.rs", "new");
        one["proof"] = json!(proof);
        claims.push(one);
    }
    let script = format!(
        "case $GIT_PM_ROLE in correctness-reviewer) echo '{}';; validator) {REAL};; *) echo '[]';; esac",
        json!(claims)
    );
    let stage = Stage::on(&script, |repo| {
        repo.write("tests/total.sh", "test \"$(cat src/sum.rs)\" != new\n");
        repo.write("tests/old.sh", "exit 1\n");
        repo.write(
            ".pm.toml",
            "[proof]\nsh = 'sh \"tests/$GIT_PM_PROOF.sh\"'\n",
        );
        repo.commit_all("Add tests");
    });
    let refused = stage.review(&[]).exits(1).error();
    assert_eq!(refused["reason"], "trust.required", "{refused}");
    let shown = stage.repo.pm(&["trust"]).out;
    assert!(shown.contains("proof sh"), "{shown}");
    stage.repo.pm(&["trust", "--yes"]).ok();
    let told = stage.review(&[]).exits(1).data();
    let blocking: Vec<&Value> = (told["open"].as_array().unwrap().iter())
        .filter(|one| one["blocks"] == true)
        .map(|one| &one["claim"])
        .collect();
    assert_eq!(blocking, [&claims[0]["claim"]], "{told}");
}

/// What a validator said in a round that failed was about the claims of that round.
#[test]
fn the_words_of_a_validator_are_about_its_claims() {
    let claims = |claim: &str| json!([finding("P1", claim, "src/sum.rs", "new")]);
    let doubt =
        r#"echo '[{"id":1,"real":true,"caused_by_change":false,"handled_elsewhere":false}]'"#;
    let builtin = claims("the name of the parameter shadows a builtin");
    let stage = Stage::new(&format!(
        "case $GIT_PM_ROLE in security-sentinel) echo no;; validator) {doubt};; *) echo '{builtin}';; esac"
    ));
    stage.review(&[]).exits(1);
    assert!(stage.asked().contains(&"validator 1".to_string()));
    let empty = claims("an empty list divides by zero");
    stage.answer(&format!(
        "case $GIT_PM_ROLE in validator) {REAL};; *) echo '{empty}';; esac"
    ));
    let others = ["--agents", "performance-oracle,maintainability-reviewer"];
    let told = stage.review(&others).exits(1).data();
    assert!(stage.asked().contains(&"validator 1".to_string()));
    assert_eq!(told["passed"], false, "{told}");
}

/// What was paid for before a `kill -9` is recorded by the process that reads the answer, once; and the killed run is
/// begun again by its command, not continued.
#[test]
fn what_killed_rounds_used_is_counted_once() {
    let stage = Stage::new("exit 1");
    let entry = json!({"answer": "[]", "input_tokens": 1_000, "usd": 0.5});
    let transcript = stage.script.with_extension("jsonl");
    std::fs::write(&transcript, entry.to_string()).unwrap();
    let with = format!("replay:{}", transcript.display());
    let args = ["--json", "review", &stage.id, "--with", &with];
    let used = || {
        let cost = stage.repo.data(&["cost"]);
        cost["total"]["input_tokens"].as_u64().unwrap()
    };
    stage.repo.with("GIT_PM_FAULT", "asked:3:kill").pm(&args);
    let shown = stage.repo.pm(&["run", "status"]).out;
    assert!(
        shown.contains("run the command again that began it"),
        "{shown}"
    );
    let refused = stage.repo.pm(&["run", "resume"]).exits(1).err;
    assert!(
        refused.contains("who has answered is not asked again"),
        "{refused}"
    );
    assert_eq!(used(), 0);
    stage.repo.pm(&args).ok();
    assert_eq!(used(), 3_000);
    stage.repo.pm(&args).ok();
    assert_eq!(used(), 3_000);
}

/// `--fix` gives what blocks back to the agent that works on the task, and reviews its repair.
#[test]
fn fix_goes_back_to_the_agent_and_is_reviewed_again() {
    let stage = Stage::new("");
    let script = two_of_three(REAL);
    stage.answer(&format!(
        r#"case "$GIT_PM_ROLE $GIT_PM_ROUND" in
developer*) echo new >src/sum.rs; test -z "$(git log --oneline main..)" || echo right >>src/sum.rs; git add .; git commit -qm 'fix: sum'; echo done; exit 0;;
*2) sed -n 's/^- \(F-[^ ]*\) .*/{{"id":"\1","answer":"fixed"}}/p' .git-pm-review/EARLIER.md | paste -sd, | sed 's/.*/[&]/'; exit 0;;
esac
{script}"#
    ));
    // The agent's own work.
    let id = stage.repo.data(&["task", "create", "Sum"])["id"].clone();
    let id = id.as_str().unwrap().to_string();
    let with = format!("script:{}", stage.script.display());
    stage
        .repo
        .pm(&["run", "--with", &with, "--only", &id])
        .exits(1);
    let stage = Stage { id, ..stage };
    let told = stage.review(&["--fix"]).ok().data();
    assert_eq!(
        (&told["round"], &told["passed"]),
        (&json!(2), &json!(true)),
        "{told}"
    );
    let asked = stage.asked();
    assert!(
        asked.iter().any(|one| one.starts_with("developer")),
        "{asked:?}"
    );
    assert_eq!(stage.repo.data(&["show", &stage.id])["status"], "in_review");
}
