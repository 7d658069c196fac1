//! Other versions of the format: the first one can always be opened, data of a later minor version
//! is kept, a later major version is refused; and the previous binary can share a remote with this
//! one.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, agent, binary, forge};

/// A checked-in state of an older format, made by the script of its name beside it.
fn bundle(name: &str) -> String {
    format!(
        "{}/testdata/repositories/{name}.bundle",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn v1() -> String {
    bundle("v1")
}

/// The time at which the repository of format 1 is read: the day after it was made.
const LATER: &str = "2026-01-06T09:00:00Z";

fn opened(scene: &Scene, name: &str) -> Repo {
    let repo = scene.at(name).when(LATER);
    std::fs::create_dir_all(&repo.path).unwrap();
    repo.git(&["init", "-q"]).ok();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "Begin"])
        .ok();
    repo.git(&["fetch", "-q", &v1(), "refs/pm/main:refs/pm/main"])
        .ok();
    repo
}

/// All data, as JSON.
fn everything(repo: &Repo) -> Value {
    let list = repo.data(&["task", "list", "--all"]);
    let mut shown = Vec::new();
    for id in [
        "P-1",
        "E-1",
        "T-1",
        "T-2",
        "T-3",
        "T-4",
        "T-5",
        "T-10",
        "T-12",
        "pm-a3f8.1",
    ] {
        shown.push(repo.data(&["show", id]));
    }
    let history = repo.data(&["log"]);
    json!({
        "list": list,
        "show": shown,
        "ready": repo.data(&["ready"]),
        "blocked": repo.data(&["blocked"]),
        "tree": repo.data(&["task", "tree"]),
        "why": repo.data(&["why", "T-2"]),
        "dependencies": repo.data(&["dep", "list", "T-2"]),
        "conflicts": repo.data(&["conflicts"]),
        "reservations": repo.data(&["reserve", "list", "--all"]),
        "log": history,
        "overridden": repo.data(&["log", "--conflicts"]),
    })
}

// OB-08: readers of the documented form of the state can rely on it.
#[test]
fn a_repository_of_format_1_always_reads_the_same() {
    let scene = Scene::new();
    let repo = opened(&scene, "a");
    let tip = repo.tip("refs/pm/main");
    let all = serde_json::to_string_pretty(&everything(&repo)).unwrap();
    insta::assert_snapshot!("format_1", all);
    let report = repo.data(&["fsck"]);
    assert_eq!(report["faults"], 0, "{report:#}");
    assert_eq!(
        repo.tip("refs/pm/main"),
        tip,
        "a reading command changed the state"
    );
}

#[test]
fn a_repository_of_format_1_can_be_written_and_synced() {
    let scene = Scene::new();
    let hub = scene.bare("hub.git");
    hub.git(&["fetch", "-q", &v1(), "refs/pm/main:refs/pm/main"])
        .ok();
    let files = |repo: &Repo| -> Vec<String> {
        let out = repo.git(&["ls-tree", "-r", "refs/pm/main"]).ok().out;
        out.lines().map(str::to_string).collect()
    };
    let before = files(&hub);
    let a = opened(&scene, "a");
    a.git(&["remote", "add", "origin", "../hub.git"]).ok();
    a.pm(&["init", "--no-hooks"]).ok();
    assert_eq!(a.task("Made by a later version", &[]), "T-0014");
    a.pm(&["task", "edit", "T-12", "--title", "Edited"]).ok();
    a.pm(&["task", "comment", "T-1", "-m", "hello"]).ok();
    a.pm(&["conflicts", "T-2", "--keep", "1"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.at("b").when(LATER);
    std::fs::create_dir_all(&b.path).unwrap();
    b.git(&["init", "-q"]).ok();
    b.git(&["remote", "add", "origin", "../hub.git"]).ok();
    b.pm(&["init", "--no-hooks"]).ok();
    b.pm(&["task", "edit", "T-3", "--label", "seen"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
    // Only the edited files have other bytes.
    let after = files(&a);
    let edited = ["T-0012", "T-0002", "T-0003", "pm.yaml"];
    for line in &before {
        let named = edited.iter().any(|id| line.contains(id));
        assert!(named || after.contains(line), "{line} was changed or lost");
    }
    let unknown = forge::read(&a, "tasks/00/T-0012-v4v4.md");
    assert!(
        unknown.contains("x-float: 1.0e+29"),
        "an unknown field was lost: {unknown}"
    );
    assert_eq!(a.data(&["fsck"])["faults"], 0);
}

#[test]
fn a_state_of_format_1_is_raised_once_by_the_command() {
    let scene = Scene::new();
    let repo = opened(&scene, "a");
    let tip = repo.tip("refs/pm/main");
    let found = repo.data(&["fsck"]).to_string();
    assert!(found.contains("format-older"), "{found}");
    let report = repo.data(&["migrate", "--dry-run"]);
    assert_eq!(report["steps"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(repo.tip("refs/pm/main"), tip);
    let report = repo.data(&["migrate"]);
    let versions = (&report["from"], &report["to"]);
    assert_eq!(versions, (&"1.0".into(), &"3.0".into()));
    let tip = repo.tip("refs/pm/main");
    assert_eq!(report["commit"], tip.as_str());
    assert!(forge::read(&repo, "pm.yaml").contains("\nformat: \"3.0\"\n"));
    let message = repo.git(&["log", "-1", "--format=%B", "refs/pm/main"]).out;
    assert!(
        message.starts_with("migrate from format 1.0 to 3.0"),
        "{message}"
    );
    for args in [&["migrate"][..], &["migrate", "--dry-run"]] {
        let report = repo.data(args);
        let versions = (&report["from"], &report["to"]);
        assert_eq!(versions, (&"3.0".into(), &"3.0".into()));
        assert!(report["commit"].is_null());
    }
    assert_eq!(repo.tip("refs/pm/main"), tip);
}

#[test]
fn a_state_of_format_1_is_raised_by_the_first_write_with_a_warning() {
    let scene = Scene::new();
    let repo = opened(&scene, "a");
    repo.pm(&["task", "list"]).ok();
    let ran = repo.pm(&["task", "edit", "T-12", "--title", "Edited"]).ok();
    assert!(ran.err.contains("raised from format 1.0 to 2.0"), "{ran:?}");
    assert!(forge::read(&repo, "pm.yaml").contains("\nformat: \"2.0\"\n"));
    let ran = repo.pm(&["task", "edit", "T-12", "--title", "Again"]).ok();
    assert!(!ran.err.contains("raised"), "{ran:?}");
    // Also by a write of the settings themselves, and by a cut of the history.
    for (name, args) in [
        ("b", &["view", "save", "mine", "title:i"][..]),
        ("c", &["redact", "second"]),
    ] {
        let other = opened(&scene, name);
        other.pm(args).ok();
        let settings = forge::read(&other, "pm.yaml");
        assert!(
            settings.contains("\nformat: \"2.0\"\n"),
            "{args:?}: {settings}"
        );
        assert_eq!(other.data(&["fsck"])["faults"], 0);
    }
}

#[test]
fn a_state_of_a_version_that_never_existed_is_read_and_repaired() {
    let scene = Scene::new();
    let repo = opened(&scene, "a");
    // A version older than the first never existed: the state is read, and not written.
    let text = forge::of_format(&forge::read(&repo, "pm.yaml"), "0.3");
    forge::put(&repo, "pm.yaml", text.as_bytes());
    assert_eq!(repo.data(&["show", "T-1"])["title"], "Fix flaky login test");
    let error = repo.pm(&["--json", "task", "create", "x"]).exits(5).error();
    assert!(
        error["hints"].to_string().contains("git pm fsck --repair"),
        "{error}"
    );
    repo.pm(&["migrate"]).exits(5);
    let report = repo.pm(&["--json", "fsck"]).data();
    let told = report.to_string();
    assert!(told.contains("format-unreadable"), "{report:#}");
}

#[test]
fn a_state_of_a_later_minor_version_can_be_read_and_written_and_is_preserved() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &["--body", "text"]);
    let text = forge::of_format(&forge::read(&a, "pm.yaml"), "3.9");
    let text = text.replace("birth:", "x-shared: [later]\nbirth:");
    forge::put(&a, "pm.yaml", text.as_bytes());
    let path = forge::path_of(&a, "T-0001");
    let more = forge::read(&a, &path).replace("birth:", "x-later:\n  k1:\n    text: kept\nbirth:");
    forge::put(&a, &path, more.as_bytes());
    forge::put(&a, "notions/00/L-0001.md", b"of a later version\n");
    a.pm(&["task", "edit", "T-1", "--title", "edited"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    b.pm(&["task", "comment", "T-1", "-m", "hello"]).ok();
    a.pm(&["task", "edit", "T-1", "--label", "x"]).ok();
    for place in [&b, &a, &b] {
        place.pm(&["sync"]).ok();
    }
    for place in [&a, &b] {
        assert_eq!(forge::read(place, "pm.yaml"), text, "a setting was lost");
        assert!(
            forge::read(place, &path).contains("    text: kept\n"),
            "a field was lost"
        );
        let kept = forge::read(place, "notions/00/L-0001.md");
        assert_eq!(kept, "of a later version\n", "a file was lost");
        let report = place.data(&["fsck", "--repair"]);
        assert_eq!(report["faults"], 0, "{report:#}");
        assert!(
            report["commit"].is_null(),
            "a repair changed data of a later version"
        );
        assert!(report.to_string().contains("format-newer"), "{report:#}");
        assert_eq!(place.data(&["migrate"])["to"], "3.9");
    }
}

#[test]
fn a_state_of_a_later_major_version_is_not_written() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    let text = forge::of_format(&forge::read(&a, "pm.yaml"), "4.0");
    forge::put(&a, "pm.yaml", text.as_bytes());
    let tip = a.tip("refs/pm/main");
    for args in [
        &["task", "list"][..],
        &["task", "create", "x"],
        &["fsck"],
        &["fsck", "--repair"],
        &["migrate"],
        &["sync"],
        &["backup", "load", "../x.bundle"],
    ] {
        let mut all = vec!["--json"];
        all.extend(args);
        let ran = a.pm(&all);
        if args[0] == "backup" {
            ran.exits(4);
            continue;
        }
        let error = ran.exits(5).error();
        let told = error.to_string();
        assert!(
            told.contains("4.0") && told.contains("newer git pm"),
            "{args:?}: {told}"
        );
    }
    assert_eq!(
        a.tip("refs/pm/main"),
        tip,
        "a state of a later version was written"
    );
    // Other clones notice it before they write in an older version: at a sync, and after a plain
    // fetch.
    a.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
    b.pm(&["sync"]).exits(5);
    b.task("still possible", &[]);
    b.git(&["fetch", "-q"]).ok();
    let error = b
        .pm(&["--json", "task", "create", "below"])
        .exits(5)
        .error();
    assert!(error.to_string().contains("newer git pm"), "{error}");
    assert_eq!(hub.tip("refs/pm/main"), tip);
}

/// The binary of the previous release, or this one if none is given: the test is about two programs
/// with one remote.
fn previous() -> String {
    std::env::var("GIT_PM_PREVIOUS").unwrap_or_else(|_| binary().to_string())
}

#[test]
fn the_previous_binary_and_this_one_share_a_remote() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Bea");
    let old = previous();
    let before = |args: &[&str]| b.run(&old, args);
    let version = before(&["--version"]).ok().text();
    a.task("of this one", &["--body", "text", "--accept", "works"]);
    a.pm(&["sync"]).ok();
    before(&["sync"]).ok();
    before(&["task", "create", "of the one before"]).ok();
    before(&["task", "edit", "T-1", "--label", "old"]).ok();
    before(&["task", "comment", "T-1", "-m", "from the one before"]).ok();
    a.pm(&["task", "edit", "T-1", "--priority", "0"]).ok();
    a.pm(&["task", "accept", "T-1", "1"]).ok();
    before(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    before(&["sync"]).ok();
    assert_eq!(
        a.tip("refs/pm/main"),
        b.tip("refs/pm/main"),
        "they did not converge: {version}"
    );
    // A claim is refused across versions.
    a.pm(&["start", "T-1"]).ok();
    assert_eq!(
        before(&["start", "T-1"]).code,
        3,
        "{version} claimed a task that this one holds"
    );
    before(&["start", "T-2"]).ok();
    assert_eq!(
        a.pm(&["start", "T-2"]).code,
        3,
        "this one claimed a task that {version} holds"
    );
    a.pm(&["sync"]).ok();
    let item = a.data(&["show", "T-1"]);
    assert_eq!(item["labels"], json!(["old"]));
    assert_eq!(
        (&item["priority"], &item["owner"]),
        (&0.into(), &"Ana".into())
    );
    assert_eq!(item["comments"].as_array().unwrap().len(), 1);
    let shown = before(&["--json", "show", "T-1"]).ok().data();
    assert_eq!(
        shown["acceptance"][0]["done"], true,
        "{version} lost an acceptance"
    );
    let report = a.data(&["fsck"]);
    assert_eq!(
        report["faults"], 0,
        "{version} wrote data that this one reports as damage: {report:#}"
    );
}

/// The paths of the items of a state.
fn item_files(repo: &Repo) -> Vec<String> {
    let folders = ["prds", "epics", "tasks", "issues"];
    let args = ["ls-tree", "-r", "--name-only", "refs/pm/main"];
    let out = repo.git(&[&args[..], &folders[..]].concat()).ok().out;
    out.lines().map(str::to_string).collect()
}

/// True if every item is in this number of folders.
fn are_in(repo: &Repo, folders: usize) -> bool {
    let paths = item_files(repo);
    let right = |path: &String| path.matches('/').count() == folders;
    !paths.is_empty() && paths.iter().all(right)
}

/// A clone with the state of format 2.
fn of_format_2(scene: &Scene, name: &str, hub: &Repo) -> Repo {
    let repo = scene.clone_of(hub, name, name);
    repo.pm(&["init"]).ok();
    repo.pm(&["sync"]).ok();
    repo
}

fn hub_of_format_2(scene: &Scene) -> Repo {
    let (hub, _) = scene.with_hub();
    let refs = "+refs/pm/main:refs/pm/main";
    hub.git(&["fetch", "-q", &bundle("v2"), refs]).ok();
    hub
}

/// What people see of the items, without times.
fn seen(repo: &Repo) -> Value {
    let list = repo.data(&["task", "list", "--all"]);
    let shown = ["E-1", "T-1", "T-2", "T-3", "app-a1b2.1"].map(|id| repo.data(&["show", id]));
    let logs = ["T-1", "app-a1b2.1"].map(|id| repo.data(&["log", id]));
    json!({ "list": list, "show": shown, "log": logs, "ready": repo.data(&["ready"]) })
}

#[test]
fn a_state_of_format_2_stays_until_a_human_moves_it() {
    let scene = Scene::new();
    let hub = hub_of_format_2(&scene);
    let a = of_format_2(&scene, "one", &hub);
    a.task("Made by a later version", &[]);
    a.pm(&["edit", "T-1", "--label", "later"]).ok();
    assert!(are_in(&a, 2), "{:?}", item_files(&a));
    assert!(forge::read(&a, "pm.yaml").contains("\"2.0\""));
    let found = a.data(&["fsck"]);
    assert_eq!(found["faults"], 0, "{found:#}");
    assert!(found.to_string().contains("git pm migrate"), "{found:#}");
    let refused = agent(&a).pm(&["migrate"]).exits(1);
    assert!(refused.err.contains("ask a human"), "{refused:?}");

    let (before, paths) = (seen(&a), item_files(&a));
    a.pm(&["migrate"]).ok();
    assert!(are_in(&a, 3), "{:?}", item_files(&a));
    assert_eq!(item_files(&a).len(), paths.len());
    assert_eq!(seen(&a), before, "the move changed what is shown");
    assert_eq!(a.data(&["fsck"])["findings"], json!([]));
    // What came before can still be undone, but not the move.
    a.pm(&["undo"]).exits(1);
    let edit = a.data(&["log", "T-1"]).to_string();
    assert!(edit.contains("later"), "{edit}");
    let commit = a.git(&[
        "log",
        "--format=%h",
        "--grep=^task edit T-0001: labels +later",
        "refs/pm/main",
    ]);
    a.pm(&["undo", commit.ok().out.trim()]).ok();
    assert!(!a.data(&["show", "T-1"]).to_string().contains("\"later\""));
    a.pm(&["edit", "app-a1b2.1", "--title", "Moved"]).ok();
    a.task("New", &[]);
    assert!(are_in(&a, 3), "{:?}", item_files(&a));
    // The index built from nothing is the one that was caught up.
    let shown = seen(&a);
    std::fs::remove_dir_all(a.path.join(".git/pm/index")).ok();
    assert_eq!(seen(&a), shown);
}

#[test]
fn clones_of_both_formats_converge_while_one_moves() {
    let scene = Scene::new();
    let hub = hub_of_format_2(&scene);
    let a = of_format_2(&scene, "one", &hub);
    let b = of_format_2(&scene, "two", &hub);
    a.pm(&["migrate"]).ok();
    a.pm(&["edit", "T-2", "--title", "Write the handbook"]).ok();
    a.task("Of the new format", &[]);
    a.pm(&["sync"]).ok();
    // The other one has not heard of it yet.
    b.pm(&["--offline", "edit", "T-2", "--label", "offline"])
        .ok();
    b.pm(&["--offline", "task", "create", "Of the old format"])
        .ok();
    b.pm(&["--offline", "comment", "app-a1b2.1", "-m", "hello"])
        .ok();
    assert!(are_in(&b, 2), "{:?}", item_files(&b));
    let ran = b.pm(&["sync"]).ok();
    assert!(!ran.err.contains("went missing"), "{ran:?}");
    a.pm(&["sync"]).ok();
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
    for repo in [&a, &b] {
        assert!(are_in(repo, 3), "{:?}", item_files(repo));
        let edited = repo.data(&["show", "T-2"]);
        assert_eq!(edited["title"], "Write the handbook");
        assert!(edited["labels"].to_string().contains("offline"), "{edited}");
        let all = repo.data(&["task", "list", "--all"]).to_string();
        assert!(all.contains("Of the old format") && all.contains("Of the new format"));
        assert_eq!(repo.data(&["fsck"])["faults"], 0);
    }
}

#[test]
fn the_first_item_of_a_state_sets_the_present_format() {
    let scene = Scene::new();
    let a = scene.repo("a");
    a.pm(&["init"]).ok();
    assert!(forge::read(&a, "pm.yaml").contains("\"2.0\""));
    assert_eq!(a.data(&["fsck"])["findings"], json!([]));
    a.pm(&["view", "save", "mine", "title:i"]).ok();
    assert!(forge::read(&a, "pm.yaml").contains("\"2.0\""));
    let ran = a.pm(&["add", "One"]).ok();
    assert!(!ran.err.contains("format"), "{ran:?}");
    assert!(forge::read(&a, "pm.yaml").contains("\"3.0\""));
    assert!(are_in(&a, 3), "{:?}", item_files(&a));
    a.pm(&["undo"]).ok();
    assert_eq!(a.data(&["list"])["items"], json!([]));
}
