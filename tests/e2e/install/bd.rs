//! A program called bd, as agents and scripts written for beads use it.

use serde_json::{Value, json};

use crate::support::{Ran, Repo, Scene, set_up};

/// A folder in PATH with our bd, and a shell that runs a line there.
pub(super) fn installed(repo: &Repo) -> Repo {
    let bin = repo.path.join("../bin");
    repo.pm(&["install", "bd", "--dir", bin.to_str().unwrap(), "--yes"])
        .ok();
    let folder = std::path::Path::new(crate::support::binary())
        .parent()
        .unwrap();
    let path = std::env::var("PATH").unwrap();
    repo.with(
        "PATH",
        &format!("{}:{}:{path}", bin.display(), folder.display()),
    )
}

pub(super) fn sh(repo: &Repo, line: &str) -> Ran {
    repo.run("bash", &["-c", line])
}

pub(super) fn json(repo: &Repo, line: &str) -> Value {
    sh(repo, line).ok().json()
}

#[test]
fn the_ritual_of_beads_works_in_a_plain_shell() {
    let (_scene, repo) = set_up();
    let repo = installed(&repo);
    // The order of its AGENTS.md.
    assert!(
        sh(&repo, "bd prime")
            .ok()
            .out
            .contains("# git pm: briefing")
    );
    let made = json(&repo, "bd --no-daemon create 'Fix it' -t bug -p 1 --json");
    let id = made["id"].as_str().unwrap().to_string();
    assert_eq!(made["issue_type"], "bug");
    let ready = json(&repo, "bd ready --json");
    assert_eq!(ready[0]["id"], id.as_str());
    let text = sh(&repo, "bd ready").ok().out;
    assert!(text.contains("Fix it") && !text.contains('{'), "{text}");
    let by = json(
        &repo,
        &format!("bd update {id} --claim --actor robot --json"),
    );
    assert_eq!(by[0]["assignee"], "robot", "{by}");
    sh(
        &repo,
        &format!("bd update {id} --status in-progress --actor robot"),
    )
    .ok();
    sh(&repo, &format!("bd comments add {id} 'found it'")).ok();
    assert_eq!(
        json(&repo, &format!("bd comments {id} --json"))[0]["text"],
        "found it"
    );
    let second = json(
        &repo,
        "printf 'long text' | bd create Second --stdin --json",
    );
    let second = second["id"].as_str().unwrap().to_string();
    std::fs::write(repo.path.join("body.md"), "from a file").unwrap();
    let third = json(&repo, "bd create Third --body-file body.md --json");
    let third = third["id"].as_str().unwrap().to_string();
    sh(&repo, &format!("bd dep add {third} --blocked-by {second}")).ok();
    assert_eq!(json(&repo, "bd blocked --json")[0]["id"], third.as_str());
    sh(&repo, &format!("bd close {id} --actor robot --reason done")).ok();
    // One of them is closed already.
    sh(&repo, &format!("bd close {id} {second}")).ok();
    let closed = json(&repo, "bd list --status closed --json");
    assert_eq!(closed.as_array().unwrap().len(), 2);
    let short = json(&repo, &format!("bd show {second} {third} --short --json"));
    assert_eq!(short.as_array().unwrap().len(), 2);
    let found = json(
        &repo,
        "bd list --created-after 2020-01-01 --priority-min 2 --no-labels --json",
    );
    assert_eq!(found[0]["id"], third.as_str());
    assert_eq!(
        json(&repo, "bd search --query third --status all --json")[0]["id"],
        third.as_str()
    );
    assert_eq!(
        json(&repo, "bd ready --sort oldest --json")
            .as_array()
            .unwrap()
            .len(),
        1
    );
    for line in [
        "bd sync --status",
        "bd stats",
        "bd status",
        "bd doctor",
        "bd info",
        "bd export",
        "bd version",
        "bd --version",
        "bd help",
        "bd help create",
        "bd config",
        "bd config get issue_prefix",
        "bd config list",
        "bd mail",
        "bd hooks status",
        "bd onboard",
        "bd quickstart",
        "bd config set issue-prefix bd",
        "bd init --prefix bd",
        "bd --sandbox list",
        "bd --db x.db list",
        "bd graph",
        "bd sync --flush-only",
        "bd dolt commit -m x",
        "bd history",
    ] {
        let ran = sh(&repo, line);
        assert_eq!(ran.code, 0, "{line}: {}{}", ran.out, ran.err);
    }
    let version = json(&repo, "bd version --json");
    assert!(version["data"]["version"].is_string(), "{version}");
    sh(&repo, "bd export -o out.jsonl && bd import -i out.jsonl").ok();
    let made = json(&repo, "bd create Fourth --json");
    assert!(made["id"].as_str().unwrap().starts_with("bd-"), "{made}");
    sh(&repo, &format!("bd dep relate {third} {second}")).ok();
    sh(&repo, &format!("bd unrelate {third} {second}")).ok();
    sh(
        &repo,
        &format!("bd duplicate {} --of {third}", made["id"].as_str().unwrap()),
    )
    .ok();
}

/// `bd show` prints both sides of each edge as records, lists print their numbers, and epics have
/// their progress.
#[test]
fn in_18_edges_appear_in_json_as_in_beads() {
    let (_scene, repo) = set_up();
    let repo = installed(&repo);
    let new = |args: &str| {
        let made = json(&repo, &format!("bd create {args} --json"));
        made["id"].as_str().unwrap().to_string()
    };
    let epic = new("Login -t epic");
    let first = new(&format!("First --parent {epic}"));
    let second = new(&format!("Second --deps {first}"));
    let third = new(&format!("Third --deps discovered-from:{first}"));
    let shown = json(&repo, &format!("bd show {first} --json"));
    let shown = &shown[0];
    let ends = |key: &str| -> Vec<(String, String)> {
        let all = shown[key].as_array().unwrap().iter();
        let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_string();
        all.map(|one| (text(one, "title"), text(one, "dependency_type")))
            .collect()
    };
    let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
    assert_eq!(ends("dependencies"), [pair("Login", "parent-child")]);
    let mut behind = ends("dependents");
    behind.sort();
    let wanted = [pair("Second", "blocks"), pair("Third", "discovered-from")];
    assert_eq!(behind, wanted);
    assert_eq!(shown["parent"], epic.as_str());
    assert!(json(&repo, &format!("bd show {third} --json"))[0]["dependents"].is_null());

    sh(&repo, &format!("bd comments add {first} Hi")).ok();
    let listed = json(&repo, "bd list --json");
    let of = |id: &str| {
        let mut all = listed.as_array().unwrap().iter();
        all.find(|one| one["id"] == id).unwrap().clone()
    };
    let numbers = |id: &str| {
        let one = of(id);
        ["dependency_count", "dependent_count", "comment_count"].map(|key| one[key].clone())
    };
    assert_eq!(numbers(&first), [1, 1, 1]);
    assert_eq!(numbers(&second), [1, 0, 0]);
    assert_eq!(of(&first)["parent"], epic.as_str());
    assert_eq!(
        of(&second)["dependencies"][0]["depends_on_id"],
        first.as_str()
    );

    let status = json(&repo, "bd epic status --json");
    assert_eq!(status[0]["epic"]["id"], epic.as_str());
    assert_eq!(status[0]["total_children"], 1);
    assert_eq!(status[0]["eligible_for_close"], false);
}

/// An option that git pm does not have is never ignored where that would write or publish.
#[test]
fn options_of_bd_are_obeyed_or_refused() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    let bd = installed(&repo);
    sh(&bd, "bd create One").ok();
    for line in [
        "bd sync --dry-run",
        "bd sync --check",
        "bd sync --import-only",
        "bd sync --no-push --no-pull",
        "bd sync --no-push",
        "bd sync --help",
        "bd export --help",
        "bd import --help",
        "bd status --help",
    ] {
        let ran = sh(&bd, line);
        assert_eq!(ran.code, 0, "{line}: {}", ran.err);
        assert!(
            hub.git(&["for-each-ref", "refs/pm/"]).ok().out.is_empty(),
            "`{line}` published the state"
        );
        let is_help = ran.out.contains("Usage: ");
        assert_eq!(is_help, line.ends_with("--help"), "{line}: {}", ran.out);
    }
    // What only moves data between a file and a database says that there is neither.
    for line in [
        "bd sync --flush-only",
        "bd sync --import-only --json",
        "bd sync --status",
        "bd dolt commit -m x",
    ] {
        let said = sh(&bd, line).ok().err;
        assert_eq!(said.lines().count(), 1, "{line}: {said}");
        for command in ["git pm export beads", "git pm import beads"] {
            assert!(said.contains(command), "{line}: {said}");
        }
    }
    assert_eq!(sh(&bd, "bd sync --dry-run").ok().err, "");
    sh(&bd, "bd sync --no-pull -m 'a message'").ok();
    assert!(!hub.git(&["for-each-ref", "refs/pm/"]).ok().out.is_empty());
    let plain = scene.repo("plain");
    let bd_there = installed(&plain);
    let help = sh(&bd_there, "bd init --help").ok().out;
    assert!(help.contains("Usage: git pm init"), "{help}");
    assert!(plain.git(&["for-each-ref", "refs/pm/"]).ok().out.is_empty());
    assert_eq!(sh(&bd_there, "bd init --quiet --skip-hooks").ok().out, "");
    assert!(!plain.path.join(".git/hooks/pre-commit").exists());
    // Records on standard input are not ignored.
    let lost = sh(&bd, "echo '{}' | bd import").exits(2);
    assert!(lost.err.contains("bd import -"), "{}", lost.err);
}

#[test]
fn an_init_does_not_change_the_prefix_that_issues_have() {
    let (_scene, repo) = set_up();
    let bd = installed(&repo);
    sh(&bd, "bd init --prefix foo").ok();
    let made = json(&bd, "bd create One --json");
    assert!(made["id"].as_str().unwrap().starts_with("foo-"), "{made}");
    sh(&bd, "bd init --prefix foo").ok();
    let before = repo.state_tree();
    let refused = sh(&bd, "bd init --prefix bar").exits(1);
    assert!(
        refused.err.contains("already initialized")
            && refused
                .err
                .contains("git pm config --shared pm.issuePrefix bar"),
        "{}",
        refused.err
    );
    assert_eq!(
        repo.state_tree(),
        before,
        "the prefix of all clones changed"
    );
    sh(&bd, "git pm config --shared pm.issuePrefix bar").ok();
    sh(&bd, "bd init --prefix bar").ok();
}

#[test]
fn answers_to_changes_have_the_form_of_beads() {
    let (_scene, repo) = set_up();
    let bd = installed(&repo);
    let ids: Vec<String> = ["One", "Two"]
        .map(|title| {
            let made = json(&bd, &format!("bd create {title} --json"));
            made["id"].as_str().unwrap().to_string()
        })
        .to_vec();
    let [one, two] = &ids[..] else { panic!() };
    assert_eq!(
        json(&bd, &format!("bd dep add {two} {one} --json")),
        json!({ "status": "added", "issue_id": two, "depends_on_id": one, "type": "blocks" })
    );
    assert_eq!(
        json(&bd, &format!("bd dep remove {two} {one} --json")),
        json!({ "status": "removed", "issue_id": two, "depends_on_id": one })
    );
    assert_eq!(
        json(&bd, &format!("bd label add {one} {two} urgent --json")),
        json!([
            { "status": "added", "issue_id": one, "label": "urgent" },
            { "status": "added", "issue_id": two, "label": "urgent" }
        ])
    );
    let comment = json(&bd, &format!("bd comments add {one} Hello --json"));
    assert_eq!(
        (&comment["issue_id"], &comment["text"]),
        (&json!(one), &json!("Hello")),
        "{comment}"
    );
    // A repeated close, after a lost answer, is not an error.
    sh(&bd, &format!("bd close {one}")).ok();
    let again = sh(&bd, &format!("bd close {one} --json")).ok();
    assert!(again.err.contains("already closed"), "{}", again.err);
    assert_eq!(again.json(), json!([]));
}

#[test]
fn what_bd_cannot_do_here_names_what_can() {
    let (_scene, repo) = set_up();
    let repo = installed(&repo);
    assert_eq!(
        sh(&repo, "bd --help").ok().out,
        sh(&repo, "bd help").ok().out
    );
    for line in [
        "bd create X --id bd-1",
        "bd create X --dry-run",
        "bd create -f plan.md",
        "bd ready --gated",
        "bd mol list",
        "bd remember x",
        "bd delete x --dry-run",
        "bd duplicates --auto-merge",
        "bd sql x",
        "bd setup claude --check",
        "bd sync --bogus",
        "bd dolt status",
        "bd init --team",
        "bd export --type bug",
        "bd merge a b --into c",
        "bd unclaim x",
        "bd move x --to y",
        "bd promote x",
        "bd merge-slot acquire",
        "bd hook",
        "bd template list",
        "bd daemon --status",
        "bd migrate",
        "bd cleanup",
        "bd activity",
        "bd restore x",
        "bd pin x",
        "bd label propagate x",
        "bd --readonly list",
        "bd search x --status closed",
    ] {
        let ran = sh(&repo, line).exits(2);
        assert!(
            ran.err.contains("hint: ")
                && (ran.err.contains("git pm has no") || ran.err.contains("supports only")),
            "{line}: {}",
            ran.err
        );
    }
    let unknown = sh(&repo, "bd nonsense").exits(2);
    assert!(!unknown.err.is_empty());
    assert_eq!(sh(&repo, "bd list").ok().out.trim(), "No issues.");
}

#[test]
fn hooks_and_the_merge_driver_of_beads_keep_working() {
    let scene = Scene::new();
    scene.bare("hub.git");
    let repo = scene.repo("work");
    let git = |args: &[&str]| drop(repo.git(args).ok());
    git(&["remote", "add", "origin", "../hub.git"]);
    let hooks = [
        "pre-commit",
        "prepare-commit-msg",
        "pre-push",
        "post-checkout",
        "post-merge",
    ];
    for hook in hooks {
        let path = format!(".git/hooks/{hook}");
        let text = format!("#!/usr/bin/env sh\nexec bd hooks run {hook} \"$@\"\n");
        repo.write(&path, &text);
        repo.run("chmod", &["+x", &path]).ok();
    }
    repo.pm(&["init"]).ok();
    let repo = installed(&repo);
    let git = |args: &[&str]| drop(repo.git(args).ok());
    let edit = |title: &str| {
        let line = format!("{{\"id\":\"a-1\",\"title\":\"{title}\"}}\n");
        repo.write(".beads/issues.jsonl", &line);
        git(&["add", "-A"]);
        git(&["commit", "-m", title]);
    };
    repo.write(".gitattributes", "*.jsonl merge=beads\n");
    git(&["config", "merge.beads.driver", "bd merge %A %O %A %B"]);
    edit("old");
    git(&["push", "origin", "HEAD"]);
    git(&["checkout", "-b", "other"]);
    edit("theirs");
    git(&["checkout", "-"]);
    edit("ours");
    repo.git(&["merge", "other"]).exits(1);
    let merged = std::fs::read_to_string(repo.path.join(".beads/issues.jsonl")).unwrap();
    for part in ["<<<<<<<", "ours", "theirs", ">>>>>>>"] {
        assert!(merged.contains(part), "{part}: {merged}");
    }
}

#[test]
fn another_program_called_bd_is_not_replaced_unasked() {
    let (_scene, repo) = set_up();
    let bin = repo.path.join("../bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::write(bin.join("bd"), "#!/bin/sh\necho other\n").unwrap();
    let dir = bin.to_str().unwrap();
    let refused = repo
        .pm(&["--json", "install", "bd", "--dir", dir, "--yes"])
        .exits(1);
    assert_eq!(refused.error()["reason"], "install.exists");
    repo.pm(&["install", "bd", "--dir", dir, "--remove", "--yes"])
        .ok();
    assert!(bin.join("bd").exists());
    repo.pm(&["install", "bd", "--dir", dir, "--force", "--yes"])
        .ok();
    repo.pm(&["install", "bd", "--dir", dir]).ok();
    repo.pm(&["install", "bd", "--dir", dir, "--remove", "--yes"])
        .ok();
    assert!(!bin.join("bd").exists());
    assert!(bin.exists(), "the folder was there before");
    // A binary program of any size, behind a link.
    let program = repo.path.join("../program");
    std::fs::write(&program, vec![0xff; 5 << 20]).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&program, bin.join("bd")).unwrap();
    let shown = repo.data(&["install", "bd", "--dir", dir, "--force", "--yes"]);
    assert_eq!(shown["files"][0]["diff"], "Binary files differ\n");
    assert_eq!(program.metadata().unwrap().len(), 5 << 20);
    assert!(!bin.join("bd").is_symlink());
}
