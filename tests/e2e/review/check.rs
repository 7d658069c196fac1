//! `git pm check`: whether a branch may be merged, in continuous integration and before.

use serde_json::Value;

use crate::approval::worked;
use crate::support::{Repo, Scene, set_up};

/// A hub, and a clone with submitted work on a task, pushed with its state.
fn pushed() -> (Scene, Repo, String, Repo) {
    let scene = Scene::new();
    let (_, repo) = scene.with_hub();
    let (id, place) = worked(&repo, "task", "src/a.txt");
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["sync"]).ok();
    (scene, repo, id, place)
}

/// A checkout as in continuous integration: no user, no hooks, the state fetched by a refspec, HEAD detached.
fn checkout(scene: &Scene, name: &str, branch: &str) -> Repo {
    let ci = scene.at(name);
    let (hub, path) = (scene.at("hub.git").path, ci.path.display().to_string());
    let hub = format!("file://{}", hub.display());
    scene.at(".").git(&["clone", "-q", &hub, &path]).ok();
    ci.git(&["fetch", "-q", "origin", "+refs/pm/*:refs/pm/*"])
        .ok();
    ci.git(&["checkout", "-q", "--detach", &format!("origin/{branch}")])
        .ok();
    ci.git(&["branch", "-q", "-D", "main"]).ok();
    ci.with("GIT_CONFIG_GLOBAL", "/dev/null")
        .with("GITHUB_BASE_REF", "main")
}

fn branch_of(repo: &Repo, id: &str) -> String {
    repo.data(&["show", id])["branch"].as_str().unwrap().into()
}

/// The checks that block, with their claims.
fn blocking(repo: &Repo, args: &[&str]) -> Vec<(String, String)> {
    let told = repo.pm(&[&["--json", "check"], args].concat()).data();
    let all = told["problems"].as_array().unwrap().iter();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_string();
    let found = all.filter(|one| one["blocks"] == true);
    let found: Vec<_> = found
        .map(|one| (text(one, "check"), text(one, "claim")))
        .collect();
    assert_eq!(told["passed"], found.is_empty(), "{told}");
    found
}

/// A branch with nothing to object passes, detached and without a user; the checks write nothing.
#[test]
fn a_branch_that_may_be_merged_passes_where_ci_checks_it_out() {
    let (scene, repo, id, _) = pushed();
    let ci = checkout(&scene, "ci", &branch_of(&repo, &id));
    let before = (ci.tip("refs/pm/main"), ci.git(&["for-each-ref"]).text());
    let told = ci.data(&["check", "--ci"]);
    assert_eq!(told["passed"], true, "{told}");
    assert_eq!(
        (&told["base"], &told["commits"]),
        (&"main".into(), &1.into())
    );
    assert_eq!(told["tasks"], serde_json::json!([id]));
    let text = ci.pm(&["check", "--ci"]).ok().out;
    assert!(
        text.contains("Passed: nothing stops a merge of 1 commit."),
        "{text}"
    );
    assert_eq!(
        before,
        (ci.tip("refs/pm/main"), ci.git(&["for-each-ref"]).text())
    );
    // What the base has already is nothing to check.
    ci.git(&["checkout", "-q", "--detach", "origin/main"]).ok();
    assert_eq!(ci.data(&["check", "--ci"])["commits"], 0);
}

/// Each check stops a branch: trailer, plan, gate, reservation, finding.
#[test]
fn each_check_stops_a_branch_of_its_own() {
    let (_scene, repo, id, place) = pushed();
    assert_eq!(blocking(&place, &[]), []);

    // Trailer: none, and one of a task that nobody has.
    repo.git(&["switch", "-q", "-c", "loose"]).ok();
    repo.write("loose.txt", "x\n");
    repo.commit_all("Add it");
    repo.git(&[
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "More\n\nTask: T-0099",
    ])
    .ok();
    let found = blocking(&repo, &[]);
    let kinds: Vec<&str> = found.iter().map(|one| one.0.as_str()).collect();
    assert_eq!(kinds, ["trailer", "trailer"], "{found:?}");
    assert!(
        found.iter().any(|one| one.1.contains("names T-0099")),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|one| one.1.contains("names no task: Add it")),
        "{found:?}"
    );

    // Plan: the task was cancelled.
    let other = repo.task("Other", &[]);
    repo.git(&["switch", "-q", "-C", "loose", "main"]).ok();
    repo.write("loose.txt", "x\n");
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "-m", &format!("Add it\n\nTask: {other}")])
        .ok();
    assert_eq!(blocking(&repo, &[]), []);
    repo.pm(&["task", "cancel", &other, "--reason", "not needed"])
        .ok();
    assert_eq!(blocking(&repo, &[])[0].0, "plan");
    repo.pm(&["task", "reopen", &other]).ok();

    // Reservation: of another branch. Its own trailer does not open it.
    repo.by("ben")
        .pm(&["reserve", "add", "loose.txt", "--task", &id])
        .ok();
    assert_eq!(blocking(&repo, &[])[0].0, "reservation");
    repo.git(&[
        "commit",
        "-q",
        "--amend",
        "-m",
        &format!("Add it\n\nTask: {id}"),
    ])
    .ok();
    assert_eq!(blocking(&repo, &[])[0].0, "reservation");

    // Gate: required on the target, recorded for another commit.
    repo.git(&["switch", "-q", "main"]).ok();
    repo.write(
        ".pm.toml",
        "[gates]\nunit = \"true\"\nweb = { run = \"true\", paths = [\"web/**\"] }\n",
    );
    repo.commit_all("Gates");
    let found = blocking(&place, &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].0 == "gate" && found[0].1.contains("`unit`"),
        "{found:?}"
    );
    place.pm(&["check", "--run-gates"]).exits(1);
    repo.pm(&["trust", "--yes"]).ok();
    assert_eq!(blocking(&place, &["--run-gates"]), []);
    place.write("src/a.txt", "newer\n");
    place.commit_all("More");
    assert_eq!(blocking(&place, &[])[0].0, "gate");
    place.pm(&["finish", &id]).ok();
    assert_eq!(blocking(&place, &[]), []);
    // One that this clone adds, and that the work does not pass.
    repo.git(&["config", "pm.gate", "never=echo no such luck; exit 3"])
        .ok();
    let found = blocking(&place, &["--run-gates"]);
    assert!(
        found.len() == 1 && found[0].1.contains("no such luck"),
        "{found:?}"
    );
    repo.git(&["config", "--unset", "pm.gate"]).ok();

    // Finding: of the rules now; one that a human dismissed does not count.
    place.write(
        "src/b.txt",
        concat!("API_KEY = 'ghp_16C7e42F292c6912E", "7710c838347Ae178B4a'\n"),
    );
    place.commit_all("Add a key");
    repo.git(&["config", "pm.push", "never"]).ok();
    place.pm(&["finish", &id]).ok();
    let found = blocking(&place, &[]);
    assert!(
        found.iter().all(|one| one.0 == "finding") && !found.is_empty(),
        "{found:?}"
    );
    repo.pm(&["review", &id]).exits(1);
    for one in repo.data(&["finding", "list", &id, "--severity", "P1"])["items"]
        .as_array()
        .unwrap()
    {
        repo.pm(&[
            "finding",
            "dismiss",
            one["id"].as_str().unwrap(),
            "-r",
            "an example",
        ])
        .ok();
    }
    assert_eq!(blocking(&place, &[]), []);
}

/// A plan that nobody approved, or whose document changed since, stops a branch.
#[test]
fn an_undecided_plan_stops_a_branch() {
    let (_scene, repo) = set_up();
    repo.write(
        "docs/a.md",
        "# App\n\n## Features\n\n### FR-1 Write the guide\n\nAcceptance criteria:\n\n- `guide.md` has a title\n",
    );
    repo.commit_all("Plan it");
    repo.pm(&["plan", "new", "docs/a.md"]).ok();
    repo.git(&["switch", "-q", "-c", "work"]).ok();
    let commit = |task: &str| {
        let message = format!("Write it\n\nTask: {task}");
        repo.git(&["commit", "-q", "--allow-empty", "-m", &message])
            .ok();
    };
    commit("P-0001/1");
    let found = blocking(&repo, &[]);
    assert!(
        found.len() == 1 && found[0].0 == "plan" && found[0].1.contains("not approved"),
        "{found:?}"
    );
    repo.pm(&["plan", "approve", "P-0001"]).ok();
    repo.git(&["reset", "-q", "--hard", "main"]).ok();
    commit("T-0001");
    assert_eq!(blocking(&repo, &[]), []);
    repo.write(
        "docs/a.md",
        "# App\n\n## Features\n\n### FR-1 Write the guide\n\nAcceptance criteria:\n\n- `guide.md` has an index\n",
    );
    repo.pm(&["plan", "update", "docs/a.md", "--write"]).ok();
    let found = blocking(&repo, &[]);
    assert!(
        found.len() == 1 && found[0].1.contains("changed after its plan was approved"),
        "{found:?}"
    );
    repo.pm(&["plan", "keep", "P-0001"]).ok();
    assert_eq!(blocking(&repo, &[]), []);
}

/// An earlier review of a tool stops the branch; what rules found before and find no more does not.
#[test]
fn recorded_findings_of_others_stop_a_branch() {
    let (_scene, repo, id, place) = pushed();
    let report = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"scan"}},"results":[{"ruleId":"r","level":"error","message":{"text":"Wrong."},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/a.txt"},"region":{"startLine":1}}}]}]}]}"#;
    repo.pm(&["finding", "import", &id, "--text", report])
        .exits(1);
    let found = blocking(&place, &[]);
    assert_eq!(found, [("finding".to_string(), "Wrong.".to_string())]);
}

/// RV-08, SE-04: protected paths with owners wait for their approval of just this commit.
#[test]
fn rv_08_se_04_a_protected_path_waits_for_its_owner() {
    let scene = Scene::new();
    let (_, repo) = scene.with_hub();
    repo.write(".github/CODEOWNERS", "/infra/ ana@example.org\n");
    repo.commit_all("Owners");
    repo.git(&["push", "-q", "origin", "main"]).ok();
    let (id, place) = worked(&repo, "task", "infra/a");
    repo.pm(&["finish", &id]).ok();
    let found = blocking(&place, &[]);
    assert!(
        found.len() == 1 && found[0].0 == "owner" && found[0].1.contains("infra/a"),
        "{found:?}"
    );
    repo.pm(&["task", "approve", &id]).ok();
    assert_eq!(blocking(&place, &[]), []);
    repo.pm(&["sync"]).ok();
    let branch = branch_of(&repo, &id);
    repo.git(&["push", "-q", "origin", &branch]).ok();
    let ci = checkout(&scene, "ci", &branch);
    assert_eq!(blocking(&ci, &["--ci"]), []);
    for base in ["origin/main", &repo.tip("main")] {
        assert_eq!(blocking(&ci, &["--base", base]), [], "{base}");
    }
    place.write("infra/a", "worse\n");
    place.commit_all("More");
    assert_eq!(blocking(&place, &[])[0].0, "owner");
}

/// File names, subjects and claims cannot begin a workflow command or end one, and SARIF has the same problems.
#[test]
fn annotations_of_github_actions_cannot_be_injected() {
    let (_scene, _, _, place) = pushed();
    let name = "src/x%0A::add-mask::y,line=1:\n::stop-commands::z.txt";
    place.write(
        name,
        concat!("API_KEY = 'ghp_16C7e42F292c6912E", "7710c838347Ae178B4a'\n"),
    );
    place.git(&["add", "-A"]).ok();
    let subject = "Add 100%\u{1b}[31m ::error::x";
    place
        .git(&["commit", "-q", "--no-verify", "-m", subject])
        .ok();
    place
        .git(&[
            "-c",
            "core.hooksPath=/dev/null",
            "commit",
            "-q",
            "--amend",
            "-m",
            subject,
        ])
        .ok();
    let job = place
        .with("GITHUB_ACTIONS", "true")
        .with("GITHUB_BASE_REF", "main");
    let out = job
        .pm(&["check", "--ci", "--sarif", "out.sarif"])
        .exits(1)
        .out;
    let (last, lines) = out
        .lines()
        .rev()
        .collect::<Vec<_>>()
        .split_first()
        .map(|(l, r)| (l.to_string(), r.to_vec()))
        .unwrap();
    assert!(last.starts_with("Not passed: "), "{out}");
    assert!(!out.contains('\u{1b}') && !out.contains('\r'), "{out}");
    for line in &lines {
        let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (level, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning"].contains(&level), "{line}");
        let names: Vec<&str> = properties
            .split(',')
            .map(|one| one.split_once('=').unwrap().0)
            .collect();
        let known = [
            vec!["title"],
            vec!["title", "file"],
            vec!["title", "file", "line"],
        ];
        assert!(known.contains(&names), "{line}");
        assert!(!message.is_empty());
    }
    let named = "file=src/x%250A%3A%3Aadd-mask%3A%3Ay%2Cline=1%3A%0A%3A%3Astop-commands%3A%3Az.txt,line=1::";
    assert!(out.contains(named), "{out}");
    assert!(out.contains("names no task: Add 100%25"), "{out}");
    let sarif: Value = serde_json::from_str(&place.read("out.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), lines.len());
    assert!(
        results.iter().any(|one| one["ruleId"] == "check-trailer"),
        "{sarif}"
    );
    // Without --ci it is for people.
    let text = place
        .with("GITHUB_ACTIONS", "true")
        .pm(&["check"])
        .exits(1)
        .out;
    assert!(
        !text.lines().any(|line| line.trim_start().starts_with("::")),
        "{text}"
    );
}

/// A clone without the state, without the base, or with a history that is cut off says what to fetch.
#[test]
fn a_clone_that_lacks_something_says_what_to_fetch() {
    let (scene, repo, id, _) = pushed();
    let branch = branch_of(&repo, &id);
    repo.git(&["commit", "-q", "--allow-empty", "-m", "Go on"])
        .ok();
    repo.git(&["push", "-q", "origin", "main"]).ok();
    let hub = format!("file://{}", scene.at("hub.git").path.display());
    let ci = scene.at("shallow");
    let path = ci.path.display().to_string();
    scene
        .at(".")
        .git(&["clone", "-q", "--depth", "1", "-b", &branch, &hub, &path])
        .ok();
    let ci = ci.with("GITHUB_BASE_REF", "main");
    let hints = |ran: crate::support::Ran| {
        (
            ran.error()["reason"].clone(),
            ran.error()["hints"].to_string(),
        )
    };
    let (reason, hint) = hints(ci.pm(&["--json", "check", "--ci"]));
    assert!(
        reason == "repository.not_set_up" && hint.contains("refs/pm/*:refs/pm/*"),
        "{reason} {hint}"
    );
    ci.git(&["fetch", "-q", "origin", "refs/pm/*:refs/pm/*"])
        .ok();
    let fetched = [
        vec![
            "fetch",
            "-q",
            "--depth",
            "1",
            "origin",
            "+refs/heads/main:refs/remotes/origin/main",
        ],
        vec![
            "fetch",
            "-q",
            "--unshallow",
            "origin",
            "+refs/heads/*:refs/remotes/origin/*",
        ],
    ];
    for fetch in fetched {
        let (reason, hint) = hints(ci.pm(&["--json", "check", "--ci"]));
        assert!(
            reason == "check.no_history" && hint.contains("--unshallow"),
            "{reason} {hint}"
        );
        ci.git(&fetch).ok();
    }
    ci.pm(&["check", "--ci"]).ok();
    ci.pm(&["check", "--base=--output=x"]).exits(4);
    // Longer than the name of a file.
    ci.pm(&["check", "--base", &"x".repeat(5_000)]).exits(4);
}
