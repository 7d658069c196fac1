//! Texts from other people's commits: they never become part of a suggested command and never look
//! like a line of git pm; a secret in one's own texts causes a warning.

use crate::support::{Repo, forge, set_up};

/// A text that a shell would run if it were unquoted in a command.
const HOSTILE: &str = "T-7$(touch scratch)";

/// A repository with a task whose id was forged.
fn with_hostile_id(repo: &Repo) -> String {
    repo.task("Odd", &["--path", "src/odd/**"]);
    let path = forge::path_of(repo, "T-0001");
    let text = forge::read(repo, &path);
    let forged = text.replace("id: T-0001\n", &format!("id: '{HOSTILE}'\n"));
    assert_ne!(text, forged);
    // The path is derived from the original id, so that one is kept; where the id equals it, it
    // must be written explicitly.
    let forged = match forged.contains("\nborn:") {
        true => forged,
        false => forged.replace("kind: task\n", "kind: task\nborn: T-0001\n"),
    };
    forge::put(repo, &path, forged.as_bytes());
    let items = repo.data(&["task", "list", "--all"]);
    items["items"][0]["uid"].as_str().unwrap().to_string()
}

#[test]
fn an_id_that_a_shell_would_run_is_never_printed() {
    let (_scene, repo) = set_up();
    let uid = with_hostile_id(&repo);
    let id = repo.data(&["show", &uid])["id"]
        .as_str()
        .unwrap()
        .to_string();
    assert_eq!(id, "T-0001");
    let mut said = String::new();
    let mut run = |repo: &Repo, args: &[&str]| {
        for json in [true, false] {
            let all: Vec<&str> = json
                .then_some("--json")
                .into_iter()
                .chain(args.iter().copied())
                .collect();
            let ran = repo.pm(&all);
            said += &format!("{}{}", ran.out, ran.err);
        }
    };
    run(&repo, &["task", "approve", &uid]);
    run(&repo, &["finish", &uid]);
    run(&repo, &["merge", &uid]);
    run(&repo, &["start", &uid]);
    let work = repo.worktree(&uid);
    work.write("src/odd/a.rs", "x");
    work.commit_all("Work");
    run(&work, &["finish", &uid]);
    run(&repo, &["start", &uid, "--resume"]);
    run(&repo, &["merge", &uid]);
    run(&repo, &["undo", "--force"]);
    for read in [
        "status", "ready", "next", "triage", "log", "blocked", "doctor", "fsck",
    ] {
        run(&repo, &[read]);
    }
    // It may occur in JSON as a value.
    said += &repo.pm(&["diff"]).ok().out;
    assert!(!said.contains("$("), "{said}");
    // Both valid ids find it.
    repo.pm(&["show", "T-0001"]).ok();
}

#[test]
fn the_uid_is_printed_if_neither_id_is_safe_to_type() {
    let (_scene, repo) = set_up();
    let line = r#"{"id":"bd-$(touch x)","title":"Odd","status":"open","priority":2,"issue_type":"task","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}"#;
    let blocked = line
        .replace("bd-$(touch x)", "bd-b")
        .replace("\"priority\"", "\"dependencies\":[{\"issue_id\":\"bd-b\",\"depends_on_id\":\"bd-$(touch x)\",\"type\":\"blocks\"}],\"priority\"");
    let file = format!("{line}\n{blocked}\n");
    repo.write("beads.jsonl", &file);
    repo.pm(&["import", "beads", "beads.jsonl"]).ok();
    let items = repo.data(&["issue", "list", "--all"]);
    let odd = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|i| i["title"] == "Odd")
        .unwrap();
    assert_eq!(odd["id"], odd["uid"]);
    for args in [
        &["issue", "ready"][..],
        &["blocked"],
        &["show", "bd-b"],
        &["issue", "start", "bd-b"],
    ] {
        let ran = repo.pm(args);
        assert!(
            !format!("{}{}", ran.out, ran.err).contains("$("),
            "{args:?}: {ran:?}"
        );
    }
    // Its record is exported as imported, and its own id still finds it.
    assert_eq!(repo.pm(&["export", "beads", "-"]).ok().out, file);
    repo.pm(&["show", "bd-$(touch x)"]).ok();
}

#[test]
fn an_actors_name_cannot_forge_a_line_of_output() {
    let (_scene, repo) = set_up();
    let id = repo.task("Held", &["--path", "src/**"]);
    repo.by("Eve").pm(&["start", &id]).ok();
    let path = forge::path_of(&repo, &id);
    let text = forge::read(&repo, &path);
    let forged = text.replace(
        "actor: Eve",
        "actor: \"Eve\\nhint: run `touch x`\\nnext: touch x\"",
    );
    assert_ne!(text, forged);
    forge::put(&repo, &path, forged.as_bytes());
    let reserved = repo
        .git(&[
            "ls-tree",
            "-r",
            "--name-only",
            "refs/pm/main",
            "reservations/",
        ])
        .ok()
        .text();
    let held = forge::read(&repo, &reserved);
    let forged = held.replace("actor: Eve", "actor: \"Eve\\nhint: run `touch x`\"");
    assert_ne!(held, forged);
    forge::put(&repo, &reserved, forged.as_bytes());
    repo.write("src/main.rs", "fn main() { loop {} }\n");
    repo.git(&["add", "-A"]).ok();
    let commit = repo.git(&["commit", "-q", "-m", "x"]);
    for ran in [
        repo.pm(&["start", &id]),
        repo.pm(&["show", &id]),
        repo.pm(&["status"]),
        repo.pm(&["reserve", "list"]),
        commit,
    ] {
        let forged =
            |line: &str| line.starts_with("hint: run `touch") || line.starts_with("next: touch");
        let lines = ran.out.lines().chain(ran.err.lines());
        assert_eq!(lines.clone().find(|line| forged(line)), None, "{ran:?}");
    }
}

#[test]
fn a_notice_names_the_actor_whose_command_sent_it() {
    let (_scene, repo) = set_up();
    let id = repo.task("Held", &["--path", "src/**"]);
    repo.by("Eve").pm(&["start", &id, "--no-worktree"]).ok();
    repo.by("Bert")
        .pm(&["reserve", "steal", "src/**", "--reason", "urgent"]);
    let notices = repo.by("Eve").data(&["status"])["notices"].clone();
    assert_eq!(notices[0]["actor"], "Bert", "{notices}");
    let shown = repo.by("Eve").pm(&["status"]).ok().out;
    assert!(shown.contains("  Bert, "), "{shown}");
}

#[test]
fn a_secret_causes_a_warning_only_when_it_is_written() {
    let (_scene, repo) = set_up();
    let secret = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let made = repo
        .pm(&[
            "task",
            "create",
            "Rotate",
            "--body",
            &format!("token {secret}"),
        ])
        .ok();
    assert!(
        made.err.contains("looks like it holds") && made.err.contains("redact"),
        "{made:?}"
    );
    assert!(
        !format!("{}{}", made.out, made.err).contains(&secret),
        "{made:?}"
    );
    let edited = repo
        .pm(&["task", "edit", "T-0001", "--title", "Rotate it"])
        .ok();
    assert!(!edited.err.contains("looks like"), "{edited:?}");
    for args in [
        &[
            "task",
            "comment",
            "T-0001",
            "--allow-secret",
            secret.as_str(),
        ][..],
        &["issue", "create", secret.as_str()],
        &["task", "cancel", "T-0001", "--reason", secret.as_str()],
    ] {
        let ran = repo.pm(args).ok();
        assert!(ran.err.contains("looks like it holds"), "{ran:?}");
        let json = repo.pm(&["status", "--json"]).ok();
        assert!(!json.err.contains("looks like"), "{json:?}");
    }
}
