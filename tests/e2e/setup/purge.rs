//! `uninstall --purge`: nothing of git pm is left, and no work is lost.

use crate::support::{Repo, Scene, agent, at_terminal};

fn started(repo: &Repo, title: &str) -> (String, Repo) {
    let id = repo.task(title, &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    (id, place)
}

/// Everything that git shows of git pm.
fn left(repo: &Repo) -> String {
    let refs = repo.git(&[
        "for-each-ref",
        "--format=%(refname)",
        "refs/pm",
        "refs/pm-local",
        "refs/pm-remotes",
    ]);
    let set = repo.git(&[
        "config",
        "--local",
        "--get-regexp",
        r"^(pm\.|remote\..*pm|core\.hooksp)",
    ]);
    let branches = repo.git(&["for-each-ref", "--format=%(refname)", "refs/heads/task"]);
    let files = repo.path.join(".git/pm").exists().then_some("files");
    format!(
        "{}{}{}{}",
        refs.out,
        set.out,
        branches.out,
        files.unwrap_or_default()
    )
}

#[test]
fn a_purge_leaves_nothing_here_and_the_remote_as_it_is() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let before = a.git(&["config", "--local", "--list"]).out;
    let (id, place) = started(&a, "Fix");
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    a.pm(&["finish", &id, "--merge", "--keep-branch"]).ok();
    let (_, idle) = started(&a, "Not begun");
    a.pm(&["config", "pm.sync", "manual"]).ok();
    a.pm(&["sync"]).ok();
    let plain = a.pm(&["uninstall"]).ok().out;
    assert!(plain.contains("git pm uninstall --purge"), "{plain}");
    a.pm(&["init"]).ok();
    let state = hub.tip("refs/pm/main");
    let main = a.tip("main");

    let dry = a.data(&["uninstall", "--purge", "--dry-run"]);
    assert_eq!(
        dry["purged"]["branches"].as_array().unwrap().len(),
        2,
        "{dry}"
    );
    assert!(idle.path.exists() && left(&a).contains("refs/pm/main"));
    let refused = a.pm(&["uninstall", "--purge"]).exits(1).err;
    assert!(refused.contains("--yes"), "{refused}");
    agent(&a).pm(&["uninstall", "--purge", "--yes"]).exits(1);
    assert!(idle.path.exists() && left(&a).contains("refs/pm/main"));

    let done = a.data(&["uninstall", "--purge", "--yes"]);
    assert_eq!(done["purged"]["worktrees"].as_array().unwrap().len(), 1);
    assert_eq!(left(&a), "");
    assert!(!idle.path.exists() && !idle.path.parent().unwrap().exists());
    assert_eq!(a.tip("main"), main);
    assert_eq!(a.read("fix.txt"), "1\n");
    assert_eq!(a.git(&["status", "--porcelain"]).out, "");
    assert_eq!(hub.tip("refs/pm/main"), state, "the remote was changed");
    let after = a.git(&["config", "--local", "--list"]).out;
    let pm = |text: &str| text.lines().filter(|l| !l.contains("pm")).count();
    assert_eq!(pm(&after), pm(&before), "{before}\n{after}");
    // What the remote has can be adopted again.
    a.pm(&["init"]).ok();
    assert_eq!(a.data(&["show", "T-0001"])["title"], "Fix");
}

#[test]
fn a_purge_of_the_remote_deletes_the_state_and_merged_branches_there() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["config", "pm.pushTarget", "always"]).ok();
    for title in ["Fix", "Open"] {
        let (id, place) = started(&a, title);
        place.write(&format!("{title}.txt"), "1\n");
        place.commit_all(title);
        a.pm(&["finish", &id]).ok();
    }
    a.pm(&["task", "approve", "T-0001"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["config", "pm.pushTarget", "always"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    b.pm(&["merge", "T-0001", "--keep-branch"]).ok();
    a.pm(&["sync"]).ok();
    // The remote cannot be reached: nothing is removed here.
    let away = scene.dir.path().join("away");
    std::fs::rename(&hub.path, &away).unwrap();
    b.pm(&["uninstall", "--purge", "--remote", "--yes"])
        .exits(6);
    assert!(left(&b).contains("refs/pm/main"));
    std::fs::rename(&away, &hub.path).unwrap();

    // The open task's branch is the other clone's.
    let done = b.pm(&["uninstall", "--purge", "--remote", "--yes"]).ok();
    assert!(done.out.contains("brings the state back"), "{}", done.out);
    assert_eq!(left(&b), "");
    let refs = hub.git(&["for-each-ref", "--format=%(refname)"]).text();
    assert!(!refs.contains("refs/pm/"), "{refs}");
    assert!(
        refs.contains("refs/heads/task/T-0002-open"),
        "open work is lost: {refs}"
    );
    assert!(refs.contains("refs/heads/main"), "{refs}");
    // As was said.
    a.pm(&["sync"]).ok();
    assert!(
        hub.git(&["rev-parse", "--verify", "-q", "refs/pm/main"])
            .code
            == 0
    );
}

#[test]
fn a_purge_refuses_over_work_that_is_nowhere_else_and_removes_nothing() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let (_, dirty) = started(&a, "Dirty");
    dirty.write("draft.txt", "draft\n");
    let (_, ahead) = started(&a, "Ahead");
    ahead.write("ahead.txt", "1\n");
    ahead.commit_all("Ahead");
    let (_, clean) = started(&a, "Clean");
    let before = (
        a.git(&["for-each-ref"]).out,
        a.git(&["config", "--list"]).out,
    );
    let ran = a.pm(&["--json", "uninstall", "--purge", "--yes"]).exits(1);
    assert_eq!(ran.error()["reason"], "uninstall.unsaved");
    for name in ["draft.txt", "task/T-0002-ahead"] {
        assert!(ran.out.contains(name), "{name} is not named: {}", ran.out);
    }
    assert!(!ran.out.contains("T-0003"), "{}", ran.out);
    let after = (
        a.git(&["for-each-ref"]).out,
        a.git(&["config", "--list"]).out,
    );
    assert_eq!(before, after);
    assert!(clean.path.exists());
    assert_eq!(dirty.read("draft.txt"), "draft\n");
    // From within a worktree it would remove its own folder.
    let inside = clean.pm(&["uninstall", "--purge", "--yes"]).exits(1).err;
    assert!(inside.contains("is the current directory"), "{inside}");
}

#[test]
fn work_that_a_remote_has_is_saved_and_a_dry_run_needs_no_purge() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (id, place) = started(&a, "Open");
    place.write("open.txt", "1\n");
    place.commit_all("Open");
    a.pm(&["finish", &id]).ok();
    let before = a.git(&["for-each-ref"]).out;
    let dry = a.pm(&["uninstall", "--dry-run"]).ok().out;
    assert!(
        dry.contains("Would remove") && dry.contains("pre-commit"),
        "{dry}"
    );
    let fetched = a.git(&["config", "--get-all", "remote.origin.fetch"]).out;
    assert!(fetched.contains("refs/pm/"), "it was removed: {fetched}");
    let dry = a.pm(&["uninstall", "--purge", "--dry-run"]).ok().out;
    let kept = "the commits of task/T-0001-open, at origin/task/T-0001-open";
    assert!(dry.contains(kept), "{dry}");
    assert_eq!(a.git(&["for-each-ref"]).out, before);
    a.pm(&["uninstall", "--purge", "--yes"]).ok();
    assert_eq!(left(&a), "");
    assert_ne!(hub.tip("task/T-0001-open"), "");
}

/// Once others have deleted a branch there, what was fetched of it is the only copy.
#[test]
fn a_purge_asks_the_remote_whether_it_still_has_the_work() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (id, place) = started(&a, "Open");
    place.write("open.txt", "1\n");
    place.commit_all("Open");
    a.pm(&["finish", &id]).ok();
    let (branch, work) = ("task/T-0001-open", place.tip("HEAD"));
    let purge = ["uninstall", "--purge", "--yes"];
    hub.git(&["branch", "-D", branch]).ok();
    let refused = a.pm(&purge).exits(1).err;
    assert!(
        refused.contains("task/T-0001-open has commits"),
        "{refused}"
    );
    assert_eq!(a.tip(branch), work);
    hub.git(&["branch", branch, &work]).ok();
    std::fs::rename(&hub.path, scene.dir.path().join("away")).unwrap();
    let refused = a.pm(&purge).exits(1).err;
    assert!(refused.contains("cannot be asked"), "{refused}");
    a.pm(&[&purge[..], &["--force"]].concat()).ok();
}

/// Also the folder of worktrees that were removed before, by merges.
#[test]
fn a_purge_after_a_merge_leaves_no_folder_of_worktrees() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let (id, place) = started(&repo, "Fix");
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    repo.pm(&["finish", &id, "--merge"]).ok();
    let folder = place.path.parent().unwrap();
    assert!(!place.path.exists() && folder.exists());
    repo.pm(&["uninstall", "--purge", "--yes"]).ok();
    assert!(!folder.exists());
}

/// `--yes` is accepted also where nothing is asked.
#[test]
fn an_uninstall_without_a_question_takes_yes() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    // A dry run has nothing to confirm, either.
    for args in [&["uninstall", "--purge"][..], &["install", "hooks"]] {
        repo.pm(&[args, &["--dry-run", "--yes"]].concat()).ok();
    }
    assert!(left(&repo).contains("refs/pm/main"));
    repo.pm(&["uninstall", "--yes"]).ok();
    assert!(!repo.tip("refs/pm/main").is_empty(), "the data was removed");
}

/// Also changes of the state, which are named: the remote does not have them.
#[test]
fn a_purge_refuses_over_changes_of_the_state_that_no_remote_has() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Shared", &[]);
    a.pm(&["sync"]).ok();
    a.task("Only here", &[]);
    let before = a.git(&["for-each-ref"]).out;
    for how in [&["--dry-run"][..], &["--yes"], &[]] {
        let words = [&["--json", "uninstall", "--purge"][..], how].concat();
        let refused = a.pm(&words).exits(1).error();
        assert_eq!(refused["reason"], "uninstall.unsaved", "{how:?}: {refused}");
        let said = refused["message"].as_str().unwrap();
        assert!(said.contains("T-0002 Only here"), "{how:?}: {said}");
        assert!(!said.contains("Shared"), "{how:?}: {said}");
        let hints = refused["hints"].to_string();
        for way in ["git pm sync", "git pm backup create", "--force"] {
            assert!(hints.contains(way), "{way}: {hints}");
        }
    }
    assert_eq!(a.git(&["for-each-ref"]).out, before);
    let dry = a.data(&["uninstall", "--purge", "--dry-run", "--force"]);
    assert_eq!(dry["purged"]["only_here"][0], "T-0002 Only here");
    a.pm(&["sync"]).ok();
    a.pm(&["uninstall", "--purge", "--yes"]).ok();
    assert_eq!(left(&a), "");
    // What was pushed can be adopted again.
    a.pm(&["init"]).ok();
    assert_eq!(a.data(&["show", "T-0002"])["title"], "Only here");
    a.task("Given up", &[]);
    a.pm(&["uninstall", "--purge", "--yes", "--force"]).ok();
    assert_ne!(hub.tip("refs/pm/main"), "");
    // Without a remote nothing is elsewhere: what is asked says how much that is.
    let alone = scene.set_up("alone");
    alone.task("One", &[]);
    let dry = alone.pm(&["uninstall", "--purge", "--dry-run"]).ok().out;
    assert!(dry.contains("nowhere else 1 change: T-0001 One"), "{dry}");
    let asked = at_terminal(&alone, &["uninstall", "--purge"], "n\n");
    assert!(asked.out.contains("1 change: T-0001 One"), "{asked:?}");
    assert!(left(&alone).contains("refs/pm/main"));
    alone.pm(&["uninstall", "--purge", "--yes"]).ok();
}

/// Nobody waits for the claims of a clone without git pm; what stays elsewhere is named with what removes it.
#[test]
fn a_purge_ends_its_claims_and_names_what_stays_elsewhere() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (id, place) = started(&a, "Fix");
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    b.pm(&["start", &id]).exits(3);
    let own = a.task("Theirs", &["--path", "docs"]);
    agent(&a).by("bot").pm(&["start", &own]).ok();
    let given = ["T-0001 of Ana", "T-0002 of bot", "docs"];
    let asked = a.data(&["uninstall", "--purge", "--dry-run"]);
    assert_eq!(asked["purged"]["given_back"], serde_json::json!(given));
    let shown = a.pm(&["uninstall", "--purge", "--dry-run"]).ok().out;
    assert!(shown.contains("given back, and pushed"), "{shown}");
    // It was moved together with its worktrees.
    let moved = a.other(scene.dir.path().join("moved"));
    std::fs::rename(&a.path, &moved.path).unwrap();
    let folder = scene.dir.path().join("moved.worktrees");
    std::fs::rename(place.path.parent().unwrap(), &folder).unwrap();
    let done = moved.data(&["uninstall", "--purge", "--yes"]);
    assert_eq!(done["purged"]["given_back"], serde_json::json!(given));
    assert!(done["purged"]["worktrees"].as_array().unwrap().is_empty());
    let left = done["purged"]["left"].to_string();
    let delete = "git push origin --delete refs/pm/main";
    for kept in ["moved.worktrees", "remove that folder", delete] {
        assert!(left.contains(kept), "{kept}: {left}");
    }
    b.pm(&["sync"]).ok();
    b.pm(&["start", &id]).ok();
    moved.run("sh", &["-c", delete]).ok();
    assert_eq!(hub.tip("refs/pm/main"), "");
}

/// Work is no less work because its item was deleted, and saved work is named with what shows and removes it.
#[test]
fn a_purge_treats_the_branch_of_a_deleted_task_as_that_of_any_other() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let (id, place) = started(&a, "One");
    place.write("draft.txt", "draft\n");
    place.commit_all("Draft");
    let (idle, _) = started(&a, "Two");
    a.pm(&["task", "delete", &id, "--force"]).ok();
    a.pm(&["task", "delete", &idle, "--force"]).ok();
    let purge = ["uninstall", "--purge", "--yes"];
    let refused = a.pm(&purge).exits(1).err;
    assert!(refused.contains("task/T-0001-one has commits"), "{refused}");
    assert!(!refused.contains("task/T-0002-two"), "{refused}");
    a.git(&["merge", "-q", "--no-edit", "task/T-0001-one"]).ok();
    let saved = "refs/pm-local/saved/T-0001/1";
    a.git(&["update-ref", saved, "main"]).ok();
    let refused = a.pm(&purge).exits(1).err;
    for command in [
        format!("git diff '{saved}^' {saved}"),
        format!("git update-ref -d {saved}"),
    ] {
        assert!(refused.contains(&command), "{refused}");
        a.run("sh", &["-c", &command]).ok();
    }
    a.pm(&purge).ok();
    assert_eq!(left(&a), "");
}
