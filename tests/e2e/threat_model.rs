//! docs/THREAT-MODEL.md: checks that the tests it names exist, and tests the claims that no other file
//! tests.

use std::path::Path;

use crate::support::{forge, *};

/// A row of a table of the threat model.
struct Claim {
    /// The chapter: whom it is about.
    of: String,
    /// `can`, `cannot` or `not promised`.
    kind: String,
    what: String,
    tests: Vec<String>,
}

fn claims() -> Vec<Claim> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("docs/THREAT-MODEL.md")).unwrap();
    let chapters = text.split("\n## ").skip(1);
    let rows = chapters.flat_map(|chapter| {
        let of = chapter.lines().next().unwrap_or_default();
        let rows = chapter.lines().filter(|line| line.starts_with("| "));
        rows.skip(1).map(move |row| (of.to_string(), row))
    });
    rows.map(|(of, row)| {
        let row = row.strip_prefix("| ").and_then(|row| row.strip_suffix('|'));
        let cells: Vec<&str> = row.unwrap().split(" | ").map(str::trim).collect();
        let [kind, what, by, tests] = cells[..] else {
            panic!("not four cells: {cells:?}");
        };
        assert!(!by.is_empty(), "by what? {what}");
        // `module::{one, another}` are two tests.
        let tests = tests.split('`').skip(1).step_by(2).flat_map(|named| {
            let (module, names) = named.rsplit_once("::").unwrap();
            let names = names.trim_matches(['{', '}']).split(", ");
            names.map(move |name| format!("{module}::{name}"))
        });
        Claim {
            of,
            kind: kind.to_string(),
            what: what.to_string(),
            tests: tests.collect(),
        }
    })
    .collect()
}

#[test]
fn every_claim_of_the_threat_model_names_existing_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let claims = claims();
    for of in [
        "A human",
        "A named agent",
        "An agent in a sandbox",
        "Who can push",
        "Who can open the page",
    ] {
        for kind in ["can", "cannot", "not promised"] {
            let mut all = claims.iter();
            let has = all.any(|claim| claim.of == of && claim.kind == kind);
            assert!(has, "nothing says what {of} {kind}");
        }
    }
    for claim in claims {
        let Claim { kind, what, .. } = &claim;
        let is_promised = ["can", "cannot"].contains(&kind.as_str());
        assert!(is_promised || kind == "not promised", "{kind}: {what}");
        assert!(
            !is_promised || !claim.tests.is_empty(),
            "no test of: {what}"
        );
        for test in &claim.tests {
            let (module, name) = test.rsplit_once("::").unwrap();
            let file = format!("{}.rs", module.replace("::", "/"));
            let found = ["tests/e2e", "tests", "src"].iter().any(|folder| {
                let text = std::fs::read_to_string(root.join(folder).join(&file));
                text.is_ok_and(|text| text.contains(&format!("fn {name}(")))
            });
            assert!(found, "there is no test {test} of: {what}");
        }
    }
}

#[test]
fn a_pusher_can_write_under_any_name_with_the_git_identity_as_committer() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Ana's", &[]);
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let eve = scene.clone_of(&hub, "eve", "Eve");
    eve.pm(&["--as", "Ana", "task", "cancel", "T-0001", "--reason", "x"])
        .ok();
    eve.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", "T-0001"])["status"], "cancelled");
    let log = a.data(&["log", "T-0001", "--limit", "1"]);
    assert_eq!(log["items"][0]["actor"], "Ana");
    let commit = log["items"][0]["commit"].as_str().unwrap();
    let who = a.git(&["log", "-1", "--format=%an|%cn", commit]).text();
    assert_eq!(who, "Ana|Eve");
}

#[test]
fn no_field_of_the_state_is_run_or_sets_a_command() {
    let (scene, repo) = set_up();
    repo.task("Work", &["--path", "src/**"]);
    let canary = scene.dir.path().join("canary");
    let run = format!("touch {}", canary.display());
    let fields =
        format!("gate: \"x={run}\"\nsetup: \"{run}\"\ncommand: \"{run}\"\nhooks: \"{run}\"\n");
    let rules = format!(
        "rules:\n  gate:\n    value: \"x={run}\"\n  setup:\n    value: \"{run}\"\n  target:\n    \
         value: \"{run}\"\n"
    );
    for (path, more) in [
        ("pm.yaml".to_string(), format!("{fields}{rules}")),
        (forge::path_of(&repo, "T-0001"), fields.clone()),
    ] {
        let text = forge::read(&repo, &path);
        let forged = text.replacen("\nbirth:", &format!("\n{more}birth:"), 1);
        assert_ne!(text, forged);
        forge::put(&repo, &path, forged.as_bytes());
    }
    assert_eq!(repo.data(&["show", "T-0001"])["title"], "Work");
    for key in ["pm.gate", "pm.setup"] {
        assert_eq!(repo.pm(&["config", key]).ok().text(), "", "{key}");
    }
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    place.write("src/new.rs", "\n");
    place.commit_all("Work");
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", "T-0001"]).ok();
    repo.pm(&["merge", "T-0001"]).ok();
    assert!(!canary.exists(), "a command of the state was run");
}

#[test]
fn a_branch_name_of_the_state_never_reaches_git_as_an_option_or_a_path() {
    for name in [
        "--upload-pack=touch canary",
        "--exec=touch${IFS}canary",
        "-D",
        "../../hooks/post-checkout",
        "@{-1}",
        "a..b",
        "x y",
        "refs\\heads",
        "HEAD",
        "a.lock",
    ] {
        let (_scene, repo) = set_up();
        repo.task("Work", &[]);
        repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
        let path = forge::path_of(&repo, "T-0001");
        let text = forge::read(&repo, &path);
        let branch = "branch: task/T-0001-work\n";
        let quoted = name.replace('\\', "\\\\");
        let forged = text.replacen(branch, &format!("branch: \"{quoted}\"\n"), 1);
        assert_ne!(text, forged);
        forge::put(&repo, &path, forged.as_bytes());
        assert!(repo.data(&["show", "T-0001"])["branch"].is_null(), "{name}");
        let before = repo.git(&["for-each-ref", "refs/heads"]).ok().out;
        for args in [
            &["status"][..],
            &["finish", "T-0001"],
            &["merge", "T-0001"],
            &["worktree", "gc"],
            &["doctor"],
            &["sync"],
        ] {
            repo.pm(args);
        }
        assert_eq!(repo.git(&["for-each-ref", "refs/heads"]).ok().out, before);
        let left = repo.git(&["status", "--porcelain"]).ok().out;
        assert_eq!(left, "", "{name} was run");
        let hook = repo.path.join(".git/hooks/post-checkout");
        let hook = std::fs::read_to_string(hook).unwrap_or_default();
        assert!(!hook.contains("ref: "), "{name}");
    }
}

#[test]
fn an_agent_that_unsets_its_marker_counts_as_a_human_and_leaves_an_advisory_approval() {
    let (_scene, repo) = set_up();
    repo.task("Work", &[]);
    let agent = repo.with("CLAUDECODE", "1");
    agent.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001").with("CLAUDECODE", "1");
    place.write("new.rs", "\n");
    place.commit_all("Work");
    place.pm(&["finish"]).ok();
    agent.pm(&["task", "approve", "T-0001"]).exits(1);
    // The same process without its marker: this is not prevented.
    let unmarked = agent.with("CLAUDECODE", "");
    unmarked.pm(&["task", "approve", "T-0001"]).ok();
    let log = repo.data(&["log", "--limit", "1"]);
    let said = log["items"][0]["message"].as_str().unwrap();
    assert!(said.contains("advisory approval"), "{said}");
    // It is not enough where approvals need a terminal.
    repo.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    unmarked.pm(&["merge", "T-0001"]).exits(1);
    unmarked.git(&["config", "pm.approval", "advisory"]).ok();
    unmarked.pm(&["merge", "T-0001"]).exits(1);
}
