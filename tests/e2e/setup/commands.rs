//! `init`, `uninstall`, `config`, `doctor`, and commands that need no repository.

use crate::support::{Repo, Scene, wait_all};

/// The files and refs of the user that `init` must not change.
fn fingerprint(repo: &Repo) -> String {
    let mut all = String::new();
    for args in [
        &["status", "--porcelain=v2", "--branch"][..],
        &["branch", "-a"],
        &["rev-parse", "HEAD"],
        &["symbolic-ref", "HEAD"],
        &["ls-files", "-s"],
        &[
            "config",
            "--get-regexp",
            "^(remote\\..*\\.push|push\\.|branch\\.)",
        ],
        &["push", "--dry-run", "--porcelain"],
        &["for-each-ref", "refs/heads", "refs/tags", "refs/remotes"],
    ] {
        let ran = repo.git(args);
        all += &format!("{args:?} {}\n{}", ran.code, ran.out);
    }
    all += &format!(
        "FETCH_HEAD {:?}\n",
        std::fs::read(repo.path.join(".git/FETCH_HEAD")).ok()
    );
    all
}

/// Several at once set the refspec once, and one that was set several times is mended.
#[test]
fn inits_at_once_set_one_refspec() {
    let scene = Scene::new();
    let (_, first) = scene.with_hub();
    let key = "remote.origin.fetch";
    let wanted = "+refs/pm/*:refs/pm-remotes/origin/*";
    let set = |repo: &Repo| {
        let all = repo.git(&["config", "--get-all", key]).ok().text();
        all.lines().filter(|one| *one == wanted).count()
    };
    for round in 0..4 {
        let repo = scene.at(&format!("at-once-{round}"));
        let path = repo.path.to_str().unwrap();
        first.git(&["clone", "-q", "../hub.git", path]).ok();
        wait_all((0..4).map(|_| repo.spawn(&["init"])).collect());
        assert_eq!(set(&repo), 1);
    }
    first.git(&["config", "--add", key, wanted]).ok();
    first.pm(&["init"]).ok();
    assert_eq!(set(&first), 1);
}

// Init changes nothing of the user's; a second one changes nothing.
#[test]
fn a_second_init_changes_nothing() {
    let scene = Scene::new();
    let hub = scene.bare("hub.git");
    let repo = scene.repo("a");
    repo.git(&["remote", "add", "origin", "../hub.git"]).ok();
    repo.git(&["push", "-q", "-u", "origin", "main"]).ok();
    repo.write("src/main.rs", "fn main() { /* dirty */ }\n");
    repo.write("untracked.txt", "x\n");
    let before = fingerprint(&repo);
    let first = repo.data(&["init"]);
    assert_eq!(first["created"], true);
    assert_eq!(
        fingerprint(&repo),
        before,
        "init touched what is the user's"
    );
    let tip = repo.tip("refs/pm/main");
    let config = repo.read(".git/config");
    let hooks = tree_of(&repo.path.join(".git/hooks"));
    let second = repo.data(&["init"]);
    assert_eq!(second["created"], false);
    assert_eq!(second["refspecs"], serde_json::json!([]));
    assert_eq!(repo.tip("refs/pm/main"), tip);
    assert_eq!(repo.read(".git/config"), config);
    assert_eq!(tree_of(&repo.path.join(".git/hooks")), hooks);
    assert_eq!(fingerprint(&repo), before);
    repo.task("T", &[]);
    repo.pm(&["sync"]).ok();
    assert_eq!(
        fingerprint(&repo),
        before,
        "sync touched what is the user's"
    );
    // The state is readable with plain git.
    let path = crate::support::forge::path_of(&repo, "T-0001");
    let text = repo
        .git(&["show", &format!("refs/pm/main:{path}")])
        .ok()
        .out;
    assert!(
        text.starts_with("---\n") && text.contains("title: T\n"),
        "{text}"
    );
    // A clone has everything after `init`, and suggests `init` before.
    let clone = scene.at("b");
    repo.git(&[
        "clone",
        "-q",
        hub.path.to_str().unwrap(),
        clone.path.to_str().unwrap(),
    ])
    .ok();
    let error = clone.pm(&["--json", "task", "list"]).exits(5).error();
    assert!(
        error["hints"].to_string().contains("git pm init"),
        "{error}"
    );
    let report = clone.data(&["init"]);
    assert_eq!(report["items"], 1);
    assert!(!report["adopted"].is_null());
    assert_eq!(clone.state_tree(), repo.state_tree());
}

fn tree_of(dir: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|e| e.path().is_file())
        .map(|e| {
            (
                e.file_name().to_string_lossy().into(),
                std::fs::read(e.path()).unwrap(),
            )
        })
        .collect();
    all.sort();
    all
}

#[test]
fn uninstall_keeps_the_refs() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.task("T", &[]);
    repo.pm(&["sync"]).ok();
    let refs = repo.git(&["for-each-ref", "refs/pm", "refs/pm-local"]).out;
    let report = repo.data(&["uninstall"]);
    assert!(
        report["kept"].to_string().contains("refs/pm/main"),
        "{report}"
    );
    assert_eq!(
        repo.git(&["for-each-ref", "refs/pm", "refs/pm-local"]).out,
        refs
    );
    assert_eq!(
        repo.git(&["config", "--get-all", "remote.origin.fetch"])
            .out
            .lines()
            .count(),
        1
    );
    for (name, bytes) in tree_of(&repo.path.join(".git/hooks")) {
        let live = !name.ends_with(".sample");
        let ours = String::from_utf8_lossy(&bytes).contains("git-pm");
        assert!(!(live && ours), "{name} still calls git pm");
    }
    repo.write("README.md", "x\n");
    repo.commit_all("A commit without hooks");
    // `init` restores everything.
    repo.pm(&["init"]).ok();
    assert_eq!(repo.data(&["show", "T-1"])["title"], "T");
    repo.pm(&["uninstall"]).ok();
    repo.pm(&["uninstall"]).ok();
}

#[test]
fn config_sets_and_unsets() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let all = repo.data(&["config"]);
    assert!(all["items"].as_array().unwrap().len() > 10);
    let one = repo.data(&["config", "pm.mergeStrategy"]);
    assert_eq!(one["value"], "squash");
    assert_eq!(one["source"], "default");
    let one = repo.data(&["config", "pm.mergeStrategy", "rebase"]);
    assert_eq!(one["value"], "rebase");
    assert_eq!(one["source"], "git config");
    assert_eq!(repo.git(&["config", "pm.mergeStrategy"]).text(), "rebase");
    let one = repo.data(&["config", "mergestrategy", "--unset"]);
    assert_eq!(one["value"], "squash");
    repo.pm(&["config", "pm.mergeStrategy", "--unset"]).ok();
    for (key, bad, expected) in [
        ("pm.mergeStrategy", "sqush", "squash, merge, rebase"),
        ("pm.sync", "sometimes", "manual, claim, always"),
        ("pm.timeout", "soon", "a whole number"),
        ("pm.gc.runs", "a week", "never"),
        ("pm.soloMerge", "perhaps", "true or false"),
    ] {
        let refused = repo.pm(&["config", key, bad]).exits(2).err;
        assert!(
            refused.contains(bad) && refused.contains(expected),
            "{refused}"
        );
        assert_eq!(repo.data(&["config", key])["source"], "default");
    }
    let error = repo
        .pm(&["--json", "config", "pm.colour", "x"])
        .exits(4)
        .error();
    assert!(
        error["hints"].to_string().contains("git pm config"),
        "{error}"
    );
    assert_eq!(repo.git(&["config", "pm.colour"]).code, 1);
}

#[test]
fn doctor_exits_1_only_for_faults() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    let report = repo.data(&["doctor"]);
    assert_eq!(report["faulty"], false, "{report}");
    // Notes do not count as faults: an agent, no hooks, a plain fetch without the state.
    repo.pm(&["hook", "uninstall"]).ok();
    repo.git(&["config", "--unset-all", "remote.origin.fetch"])
        .ok();
    let report = repo.with("CLAUDECODE", "1").data(&["doctor"]);
    assert!(report["findings"].to_string().contains("agent"), "{report}");
    assert_eq!(report["faulty"], false);
    // Faults do, each with its fix.
    repo.git(&[
        "config",
        "--add",
        "remote.origin.fetch",
        "+refs/pm/*:refs/pm/*",
    ])
    .ok();
    let ran = repo.pm(&["--json", "doctor"]).exits(1);
    let faults: Vec<serde_json::Value> = ran.data()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["level"] == "fault")
        .cloned()
        .collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    let fix = faults[0]["fix"].as_str().unwrap();
    assert_eq!(
        repo.run("sh", &["-c", fix]).code,
        0,
        "the named command does not work: {fix}"
    );
    repo.pm(&["doctor"]).ok();
    repo.git(&["config", "remote.origin.mirror", "true"]).ok();
    repo.pm(&["doctor"]).exits(1);
    repo.git(&["config", "--unset", "remote.origin.mirror"])
        .ok();
    // Hooks that were disabled by other means.
    repo.pm(&["init"]).ok();
    repo.git(&["config", "core.hooksPath", "/dev/null"]).ok();
    let ran = repo.pm(&["doctor"]);
    assert!(ran.out.contains("hooks"), "{}", ran.out);
    // Before init: a fault that suggests it.
    let bare = scene.repo("fresh");
    let ran = bare.pm(&["doctor"]).exits(1);
    assert!(ran.out.contains("git pm init"), "{}", ran.out);
}

#[test]
fn git_pm_without_arguments_shows_the_status_and_next_commands() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("T", &[]);
    let (short, long) = (repo.pm(&[]).ok().out, repo.pm(&["status"]).ok().out);
    assert_eq!(short, long);
    assert!(short.contains("T-0001"), "{short}");
    assert_eq!(repo.data(&[])["actor"], "Ana");
    // As git runs it.
    assert_eq!(repo.git(&["pm", "status"]).ok().out, long);
    assert!(repo.git(&["pm", "-h"]).ok().out.contains("task"));
}

#[test]
fn completions_and_man_need_no_repository() {
    let scene = Scene::new();
    std::fs::create_dir(scene.dir.path().join("empty")).unwrap();
    let place = scene.at("empty");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.pm(&["completions", shell]).ok().out;
        assert!(script.contains("reserve"), "{shell}");
    }
    place.pm(&["completions", "tcsh"]).exits(2);
    assert!(
        place.pm(&["man"]).ok().out.starts_with(".ie")
            || place.pm(&["man"]).ok().out.contains(".TH")
    );
    let written = place.data(&["man", "--install", "pages"]);
    assert!(written["items"].as_array().unwrap().len() > 5);
    assert!(place.path.join("pages/git-pm.1").is_file());
}
