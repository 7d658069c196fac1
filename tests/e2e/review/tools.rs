//! The project's own tools as reviewers.

use serde_json::{Value, json};

use crate::approval::worked;
use crate::support::{Repo, agent, binary, set_up};

/// A SARIF log of one tool, with a result for each rule, path, line and level.
fn sarif(results: &[(&str, &str, u32, &str)]) -> String {
    let results: Vec<Value> = results
        .iter()
        .map(|(rule, path, line, level)| {
            json!({
                "ruleId": rule,
                "level": level,
                "message": {"text": format!("{rule} in {path}")},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": path},
                    "region": {"startLine": line},
                }}],
            })
        })
        .collect();
    json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "check"}}, "results": results}]})
        .to_string()
}

/// A repository with reviewers on its target, and a task with a line of work.
fn with_reviewers(reviewers: &str) -> (crate::support::Scene, Repo, String) {
    let (scene, repo) = set_up();
    repo.write(".pm.toml", reviewers);
    repo.commit_all("Add reviewers");
    let (id, _place) = worked(&repo, "task", "src/new.rs");
    (scene, repo, id)
}

#[test]
fn rv_04_reports_of_tools_become_findings_of_this_work() {
    let log = sarif(&[
        ("real", "src/new.rs", 1, "error"),
        ("old", "src/auth.rs", 1, "error"),
        ("invented", "src/none.rs", 1, "error"),
        ("beyond", "src/new.rs", 99, "warning"),
        ("outside", "../../etc/passwd", 1, "error"),
    ]);
    // Linters exit with 1 when they find something.
    let run = format!("cat <<'E'\n{log}\nE\nexit 1");
    let (_scene, repo, id) = with_reviewers(&format!("[review.check]\nrun = '''{run}'''\n"));
    let refused = repo.pm(&["--json", "review", &id]).exits(1).error();
    assert_eq!(refused["reason"], "trust.required", "{refused}");
    repo.pm(&["trust", "--yes"]).ok();

    let told = repo.pm(&["--json", "review", &id]).exits(1).data();
    let check = &told["reviewers"][1];
    assert_eq!(check["name"], "check");
    assert_eq!(
        (&check["findings"], &check["elsewhere"], &check["invented"]),
        (&json!(1), &json!(1), &json!(2)),
        "{told}"
    );
    let found = super::of_rule(&repo, &id, "real");
    assert_eq!(
        (&found["reviewer"], &found["severity"]),
        (&json!("check"), &json!("P1"))
    );
    let shown = repo
        .pm(&["finding", "show", found["id"].as_str().unwrap()])
        .ok()
        .out;
    assert!(
        shown.contains("real in src/new.rs") && shown.contains("src/new.rs:1"),
        "{shown}"
    );
}

#[test]
fn a_reviewer_that_gives_no_report_is_no_agreement() {
    let all = "[review]\ndead = 'exit 3'\nprose = 'echo all is well'\nhalf = \"\"\"echo '{\\\"version\\\": \\\"2.1.0\\\", \\\"runs\\\": [{'\"\"\"\nquiet = { run = 'true' }\n";
    let (_scene, repo, id) = with_reviewers(all);
    repo.pm(&["trust", "--yes"]).ok();
    let told = repo.pm(&["--json", "review", &id]).exits(1).data();
    assert_eq!(told["passed"], false);
    let reviewers = told["reviewers"].as_array().unwrap();
    assert_eq!(reviewers.len(), 5, "{told}");
    for one in &reviewers[1..] {
        assert!(one["failed"].is_string(), "{one}");
    }
}

#[test]
fn a_reviewer_looks_at_the_paths_that_it_names() {
    let log = sarif(&[]);
    let run = format!("echo '{log}'");
    let all = format!(
        "[review.rust]\nrun = '''{run}'''\npaths = [\"src/**\"]\n[review.docs]\nrun = '''{run}'''\npaths = [\"docs/**\"]\n"
    );
    let (_scene, repo, id) = with_reviewers(&all);
    repo.pm(&["trust", "--yes"]).ok();
    let told = repo.pm(&["--json", "review", &id]).ok().data();
    let names: Vec<&str> = told["reviewers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["git-pm", "rust"]);
    repo.write(".pm.toml", "[review.x]\nrun = 'true'\ntests_first = true\n");
    let refused = repo.pm(&["review", &id]).exits(2).err;
    assert!(refused.contains("unknown key `tests_first`"), "{refused}");
}

#[test]
fn a_report_is_imported_and_exported() {
    let (_scene, repo) = set_up();
    let (id, _place) = worked(&repo, "task", "src/new.rs");
    let log = sarif(&[
        ("real", "src/new.rs", 1, "error"),
        ("old", "src/auth.rs", 1, "note"),
    ]);
    let told = repo.feed(binary(), &["--json", "finding", "import", &id, "-"], &log);
    let told = told.exits(1).data();
    assert_eq!(
        (&told["reviewers"][0]["name"], &told["new"][0]),
        (&json!("check"), &super::of_rule(&repo, &id, "real")["id"])
    );

    let exported = repo.pm(&["finding", "export", &id]).ok().out;
    let log: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(
        log["runs"][0]["results"].as_array().unwrap().len(),
        1,
        "{log}"
    );
    let lines = repo
        .pm(&["finding", "export", "--format", "rdjsonl"])
        .ok()
        .out;
    assert_eq!(lines.lines().count(), 1);
    // What is exported is known again.
    let again = repo.feed(
        binary(),
        &["--json", "finding", "import", &id, "-"],
        &exported,
    );
    assert_eq!(again.exits(1).data()["new"], json!([]));

    // The tool finds it no more. That an agent brings a report says nothing.
    let empty = sarif(&[]);
    let bot = agent(&repo);
    let told = bot.feed(binary(), &["--json", "finding", "import", &id, "-"], &empty);
    assert_eq!(told.exits(1).data()["fixed"], json!([]));
    let told = repo.feed(binary(), &["--json", "finding", "import", &id, "-"], &empty);
    assert_eq!(told.ok().data()["fixed"].as_array().unwrap().len(), 1);
    for (bad, code) in [
        ("", 2),
        ("{}", 2),
        ("not JSON", 2),
        (&log.to_string()[..40], 2),
    ] {
        let refused = repo.feed(binary(), &["--json", "finding", "import", &id, "-"], bad);
        assert_eq!(
            refused.exits(code).error()["reason"],
            "finding.unreadable",
            "{bad}"
        );
    }
    // A report cannot speak for the rules of git pm.
    let forged = sarif(&[("secret", "src/new.rs", 1, "note")]).replace("\"check\"", "\"git-pm\"");
    repo.feed(binary(), &["finding", "import", &id, "-"], &forged)
        .ok();
    assert_eq!(super::of_rule(&repo, &id, "secret")["reviewer"], "report");
}

#[test]
fn what_a_reviewer_leaves_in_the_place_of_its_report_is_not_followed() {
    let all = "[review]\nfifo = 'rm -f .git-pm-report; mkfifo .git-pm-report'\nlink = 'rm -f .git-pm-report; ln -s /etc/passwd .git-pm-report'\n";
    let (_scene, repo, id) = with_reviewers(all);
    repo.pm(&["trust", "--yes"]).ok();
    let told = repo.pm(&["--json", "review", &id]).exits(1).data();
    for one in &told["reviewers"].as_array().unwrap()[1..] {
        let why = one["failed"].as_str().unwrap();
        assert!(why.contains("no plain file"), "{one}");
    }
}

#[test]
fn a_secret_in_a_report_is_not_stored() {
    let (_scene, repo) = set_up();
    let (id, _place) = worked(&repo, "task", "src/new.rs");
    let secret = concat!("ghp_16C7e42F292c6912E", "7710c838347Ae178B4a");
    let log =
        sarif(&[("leak", "src/new.rs", 1, "error")]).replace("leak in", &format!("{secret} in"));
    repo.feed(binary(), &["finding", "import", &id, "-"], &log)
        .exits(1);
    let found = super::of_rule(&repo, &id, "leak").to_string();
    assert!(
        !found.contains(secret) && found.contains("[redacted"),
        "{found}"
    );
}

#[test]
fn an_agent_cannot_make_a_finding_less_severe_in_advance() {
    let (_scene, repo) = set_up();
    let (id, _place) = super::bad_work(&repo);
    // The same rule, place and text as ours, as a note.
    let text = "def test_login():";
    let log = sarif(&[("test-deleted", "tests/test_login.py", 1, "note")]).replace(
        "\"region\":{\"startLine\":1}",
        &format!("\"region\":{{\"startLine\":1,\"snippet\":{{\"text\":\"{text}\"}}}}"),
    );
    let _ = agent(&repo).feed(binary(), &["finding", "import", &id, "-"], &log);
    repo.pm(&["review", &id]).exits(1);
    let all = repo.data(&["finding", "list", &id, "--severity", "P1"]);
    let rules: Vec<&Value> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["rule"])
        .collect();
    assert!(rules.contains(&&json!("test-deleted")), "{all}");
}

/// What is offered after each step is what the verbs take: an approval only if nothing stops it, and to answer
/// a finding, whoever found it.
#[test]
fn rv_06_each_step_of_work_with_imported_findings_leads_to_the_next() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&repo, "task", "src/new.rs");
    let import = |results: &[(&str, &str, u32, &str)]| {
        repo.feed(binary(), &["finding", "import", &id, "-"], &sarif(results))
    };
    let [approve, merge, show, answer] = [
        format!("git pm task approve {id}"),
        format!("git pm merge {id}"),
        format!("git pm show {id}"),
        format!("git pm finding import {id} FILE"),
    ];
    import(&[("real", "src/new.rs", 1, "error")]).exits(1);
    let finding = super::of_rule(&repo, &id, "real")["id"].clone();
    let finding = finding.as_str().unwrap();
    let said = repo.pm(&["finish", &id]).ok().out;
    assert!(said.contains(finding) && !said.contains(&approve), "{said}");
    let said = repo.pm(&["merge", &id]).exits(1).err;
    assert!(said.contains(&show) && !said.contains(&approve), "{said}");
    let triage = repo.data(&["triage"]);
    let mut picks = triage["recommendations"].as_array().unwrap().iter();
    let pick = picks.find(|one| one["id"] == id.as_str()).unwrap();
    assert_eq!(pick["command"], show, "{pick}");

    place.write("src/new.rs", "other\n");
    place.commit_all("Mend it");
    let said = place.pm(&["finding", "fix", finding]).ok().out;
    assert!(said.contains(&answer), "{said}");
    let said = repo.pm(&["review", &id]).exits(1).out;
    assert!(said.contains(&answer), "{said}");
    let said = agent(&place).pm(&["review", &id]).exits(1).out;
    let by_human = format!("a human has to ask its reviewer again: `{answer}`");
    assert!(said.contains(&by_human), "{said}");
    // Nobody has submitted that.
    let said = import(&[]).ok().out;
    assert!(!said.contains(&format!("next: {approve}")), "{said}");
    let said = place.pm(&["finish"]).ok().out;
    assert!(said.contains(&format!("next: {approve}")), "{said}");
    let said = repo.pm(&["task", "approve", &id]).ok().out;
    assert!(said.contains(&format!("next: {merge}")), "{said}");

    import(&[("late", "src/new.rs", 1, "error")]).exits(1);
    let said = repo.pm(&["status"]).ok().out;
    assert!(!said.contains(&merge), "{said}");
    let late = super::of_rule(&repo, &id, "late")["id"].clone();
    let dismiss = [
        "finding",
        "dismiss",
        late.as_str().unwrap(),
        "--reason",
        "no",
    ];
    repo.pm(&dismiss).ok();
    let said = repo.pm(&["review", &id]).ok().out;
    assert!(said.contains(&format!("next: {merge}")), "{said}");
    repo.pm(&["merge", &id]).ok();
}
