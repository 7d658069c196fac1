//! `worktree list`, `path` and `gc`, and `drop`.

use super::{with_task, work};
use crate::support::{Repo, Scene};

// Disk use is visible.
#[test]
fn list_shows_items_and_sizes() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    place.write("big.bin", &"x".repeat(2_000_000));
    let list = repo.data(&["worktree", "list", "--size"]);
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let main = items.iter().find(|w| w["main"] == true).unwrap();
    assert!(main["item"].is_null());
    let task = items.iter().find(|w| w["main"] == false).unwrap();
    assert_eq!(task["item"], "T-0001");
    assert_eq!(task["status"], "in_progress");
    assert_eq!(task["branch"], "task/T-0001-fix-the-login");
    assert_eq!(task["dirty"], true);
    assert!(task["size"].as_u64().unwrap() >= 2_000_000, "{task}");
    let shown = repo.pm(&["worktree", "list", "--size"]).ok().out;
    assert!(
        shown.contains("MB") && shown.contains("uncommitted changes"),
        "{shown}"
    );
    let plain = repo.data(&["worktree", "list"]);
    assert!(
        plain["items"][0]["size"].is_null(),
        "measured without a request"
    );
}

#[test]
fn path_prints_one_line() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let path = repo.pm(&["worktree", "path", "T-0001"]).ok();
    assert_eq!(path.out.lines().count(), 1);
    assert!(std::path::Path::new(path.out.trim_end()).is_absolute());
    assert_eq!(
        repo.data(&["worktree", "path", "T-1"])["path"],
        path.out.trim_end()
    );
}

// WT-09: only closed, integrated and clean worktrees are removed, and gc reports what it removes
// and why.
#[test]
fn gc_removes_only_what_is_closed_integrated_and_clean() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    for title in ["Open", "Cancelled", "Dirty", "Ignored"] {
        repo.task(title, &[]);
    }
    for n in 1..=5 {
        let id = format!("T-000{n}");
        repo.pm(&["start", &id]).ok();
        work(&repo, &id, &format!("file-{n}.txt"));
    }
    // T-0001, T-0004 and T-0005 are merged by hand, T-0003 is cancelled.
    for n in [1, 4, 5] {
        let branch = repo.data(&["show", &format!("T-000{n}")])["branch"].clone();
        repo.git(&["merge", "-q", "--no-edit", branch.as_str().unwrap()])
            .ok();
        repo.pm(&["task", "done", &format!("T-000{n}"), "--evidence", "merged"])
            .ok();
    }
    repo.pm(&["task", "cancel", "T-0003"]).ok();
    let places: Vec<Repo> = (1..=5)
        .map(|n| repo.worktree(&format!("T-000{n}")))
        .collect();
    places[3].write("draft.txt", "not committed\n");

    let row = |list: &serde_json::Value, id: &str| {
        let items = list["items"].as_array().unwrap().clone();
        items.into_iter().find(|w| w["item"] == id).unwrap()
    };
    let dry = repo.data(&["worktree", "gc", "--dry-run"]);
    for (id, goes, why) in [
        ("T-0001", true, "target"),
        ("T-0002", false, "in progress"),
        ("T-0003", false, "lacks"),
        ("T-0004", false, "uncommitted"),
        ("T-0005", true, ""),
    ] {
        let row = row(&dry, id);
        assert_eq!(row["removed"], goes, "{row}");
        assert!(row["reason"].as_str().unwrap().contains(why), "{row}");
    }
    assert!(places.iter().all(|p| p.path.exists()), "a dry run removed");
    let branches = repo.git(&["for-each-ref", "refs/heads"]).out;
    let said = repo.pm(&["worktree", "gc"]).ok().out;
    assert!(
        said.contains("removed") && said.contains("T-0001"),
        "{said}"
    );
    let there: Vec<bool> = places.iter().map(|p| p.path.exists()).collect();
    assert_eq!(there, [false, true, true, true, false], "{said}");
    assert_eq!(places[3].read("draft.txt"), "not committed\n");
    assert_eq!(
        repo.git(&["for-each-ref", "refs/heads"]).out,
        branches,
        "a branch was removed with its worktree"
    );
}

// WT-09
#[test]
fn gc_keeps_uncommitted_work() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    repo.pm(&["task", "cancel", "T-0001"]).ok();
    place.write("src/auth.rs", "changed\n");
    place.write("new.txt", "new\n");
    repo.pm(&["worktree", "gc"]).ok();
    assert_eq!(place.read("new.txt"), "new\n", "work is lost");
    let dry = repo.pm(&["worktree", "gc", "--dry-run", "--force"]).ok();
    assert!(place.path.exists(), "a dry run removed it");
    assert!(
        dry.out.contains("uncommitted"),
        "the dry run does not say that it has uncommitted work: {}",
        dry.out
    );
    let forced = repo.pm(&["worktree", "gc", "--force"]).ok();
    assert!(!place.path.exists());
    let name = repo
        .git(&["for-each-ref", "--format=%(refname)", "refs/pm-local/saved"])
        .text();
    assert!(!name.is_empty(), "work is lost: {}", forced.out);
    assert!(
        forced.err.contains(&name),
        "the place is not reported: {}",
        forced.err
    );
    let show = |file: &str| repo.git(&["show", &format!("{name}:{file}")]).ok().out;
    assert_eq!(show("src/auth.rs"), "changed\n");
    assert_eq!(show("new.txt"), "new\n");
}

// WT-09: a removal deletes the folder first; if it is interrupted then, git's entry is left.
#[test]
fn gc_completes_a_removal_that_deleted_only_the_folder() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    repo.pm(&["task", "cancel", "T-0001"]).ok();
    let known = || repo.git(&["worktree", "list"]).ok().out.lines().count();
    // As if on a disk that is not mounted.
    let around = place.path.parent().unwrap().to_path_buf();
    let away = around.with_extension("away");
    std::fs::rename(&around, &away).unwrap();
    repo.pm(&["worktree", "gc", "--force"]).ok();
    assert_eq!(known(), 2, "git forgot a worktree that may come back");
    std::fs::rename(&away, &around).unwrap();
    std::fs::remove_dir_all(&place.path).unwrap();
    repo.pm(&["worktree", "gc"]).ok();
    assert_eq!(known(), 1, "the removal was not completed");
}

// WT-09: files deleted by a removal do not count as work; changes made since then do.
#[cfg(debug_assertions)]
#[test]
fn gc_completes_a_killed_removal() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    repo.pm(&["task", "cancel", "T-0001"]).ok();
    let killing = repo.with("GIT_PM_FAULT", "worktree-empty:2:kill");
    assert_ne!(killing.pm(&["worktree", "gc"]).code, 0);
    let gone = !place.git(&["status", "--porcelain"]).ok().out.is_empty();
    assert!(gone, "nothing was removed yet");
    place.write("new.txt", "new\n");
    repo.pm(&["worktree", "gc"]).ok();
    assert_eq!(place.read("new.txt"), "new\n", "work is lost");
    std::fs::remove_file(place.path.join("new.txt")).unwrap();
    repo.pm(&["worktree", "gc"]).ok();
    assert!(!place.path.exists(), "the removal was not completed");
}

#[test]
fn drop_removes_a_clean_worktree_on_request() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = work(&repo, "T-0001", "src/x.rs");
    let tip = place.tip("HEAD");
    place.write("draft.txt", "draft\n");
    let refused = repo
        .pm(&["task", "drop", "T-0001", "--remove-worktree"])
        .exits(1);
    assert!(refused.err.contains("--force"), "{}", refused.err);
    assert_eq!(place.read("draft.txt"), "draft\n", "work is lost");
    let task = repo.data(&["show", "T-0001"]);
    assert_eq!(task["claim"]["actor"], "Ana", "it was done in part");
    let forced = repo
        .pm(&["task", "drop", "T-0001", "--remove-worktree", "--force"])
        .ok();
    assert!(!place.path.exists());
    let name = repo
        .git(&["for-each-ref", "--format=%(refname)", "refs/pm-local/saved"])
        .text();
    assert!(
        forced.err.contains(&name),
        "the place is not reported: {}",
        forced.err
    );
    assert_eq!(
        repo.git(&["show", &format!("{name}:draft.txt")]).ok().out,
        "draft\n"
    );
    assert_eq!(
        repo.tip("task/T-0001-fix-the-login"),
        tip,
        "commits are lost"
    );
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "queued");
    // Who takes it up again is told how it comes back.
    let back = format!("git cherry-pick -n -m 1 {name}");
    let shown = repo.pm(&["show", "T-0001"]).ok().err;
    assert!(shown.contains(&back), "{shown}");
    let started = repo.pm(&["start", "T-0001"]).ok().err;
    assert!(started.contains(&back), "{started}");
    let place = repo.worktree("T-0001");
    assert!(
        started.contains(&format!("`git update-ref -d {name}`")),
        "{started}"
    );
    place.run("sh", &["-c", &back]).ok();
    assert_eq!(place.read("draft.txt"), "draft\n");
    let shown = repo.pm(&["show", "T-0001"]).ok().err;
    assert!(!shown.contains("cherry-pick"), "{shown}");
    // Nor once the branch has it.
    place.commit_all("Take the draft up");
    let again = repo.pm(&["start", "T-0001", "--resume"]).ok().err;
    assert!(!again.contains("cherry-pick"), "{again}");
    // Without the flag it stays, clean or not.
    place.write("draft.txt", "draft\n");
    repo.pm(&["task", "drop", "T-0001"]).ok();
    assert_eq!(place.read("draft.txt"), "draft\n");
}

// WT-09: saved work is of the item that its commit names, else of the one with exactly that name.
#[test]
fn wt_09_saved_work_is_said_of_its_own_item_alone() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    let other = repo.task("Other", &[]);
    let uid = repo.data(&["show", "T-0001"])["uid"].to_string();
    let message = format!("saved\n\nPM-Uid: {}", uid.trim_matches('"'));
    let commit = [
        "commit-tree",
        "-p",
        "main",
        "-m",
        message.as_str(),
        "main^{tree}",
    ];
    let named = repo.git(&commit).text();
    let child = "refs/pm-local/saved/T-0001-1/1";
    let renumbered = format!("refs/pm-local/saved/{other}/1");
    repo.git(&["update-ref", child, "main"]).ok();
    repo.git(&["update-ref", &renumbered, &named]).ok();
    let said = repo.pm(&["show", "T-0001"]).ok().err;
    assert!(
        said.contains(&renumbered) && !said.contains(child),
        "{said}"
    );
    let said = repo.pm(&["show", &other]).ok().err;
    assert!(!said.contains("saved work"), "{said}");
}

/// The drop is pushed before the folder goes, and the push may give its number to another item.
#[test]
fn work_that_a_drop_saves_is_of_its_item_although_that_is_renumbered() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Of Ana", &[]);
    b.task("Of Ben", &[]);
    b.pm(&["--offline", "start", "T-0001"]).ok();
    b.worktree("T-0001").write("new.txt", "x\n");
    a.pm(&["sync"]).ok();
    b.pm(&["task", "drop", "T-0001", "--remove-worktree", "--force"])
        .ok();
    let said = |id: &str| b.pm(&["show", id]).ok().err;
    assert!(said("T-0002").contains("saved work of T-0002"));
    assert!(!said("T-0001").contains("saved work"));
}

#[test]
fn a_drop_inside_the_worktree_that_it_removes_reaches_the_remote() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("One", &[]);
    a.pm(&["start", &id]).ok();
    let place = a.worktree(&id);
    let args = ["task", "drop", "--remove-worktree", "--force"];
    let ran = place.pm(&args).ok();
    assert!(!ran.err.contains("not synced"), "{}", ran.err);
    assert!(!place.path.exists());
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["start", &id]).ok();
}

// WT-09: a single ignored file, such as notes, is work, too; what is in an ignored folder is not, nor what the main
// worktree has as well.
#[test]
fn wt_09_ignored_files_are_saved_before_a_worktree_is_removed() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.write(".gitignore", "*.local\n.env\n/target/\n");
    repo.commit_all("Ignore");
    repo.write(".env", "KEY=1\n");
    repo.write("own.local", "of main\n");
    repo.pm(&["start", "T-0001"]).ok();
    let place = work(&repo, "T-0001", "file.txt");
    place.write("notes.local", "ideas\n");
    place.write("own.local", "of task\n");
    place.write(".env", "KEY=1\n");
    place.write("target/x", "built\n");
    let said = repo.pm(&["finish", "T-0001", "--merge"]).ok().err;
    assert!(!place.path.exists(), "{said}");
    let name = repo
        .git(&["for-each-ref", "--format=%(refname)", "refs/pm-local/saved"])
        .text();
    assert!(said.contains("lacks or has otherwise"), "{said}");
    // Each is brought back beside what is there.
    for file in ["notes.local", "own.local"] {
        let back = format!("git show {name}:{file} > {file}.T-0001");
        assert!(said.contains(&back), "{said}");
        repo.run("sh", &["-c", &back]).ok();
    }
    assert_eq!(repo.read("notes.local.T-0001"), "ideas\n");
    assert_eq!(repo.read("own.local.T-0001"), "of task\n");
    assert_eq!(repo.read("own.local"), "of main\n");
    let files = repo.git(&["ls-tree", "-r", "--name-only", &name]).ok().out;
    assert!(!files.lines().any(|file| file == ".env"), "{files}");
    assert!(!files.contains("target/"), "{files}");
}

// WT-09: what brings saved work back stages no file that git ignores, such as one with passwords, nor writes over one.
#[test]
fn wt_09_ignored_files_are_not_brought_back_with_saved_work() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.write(".gitignore", ".env\n");
    repo.commit_all("Ignore");
    repo.pm(&["start", "T-0001"]).ok();
    let place = work(&repo, "T-0001", "file.txt");
    place.write("draft.txt", "draft\n");
    place.write(".env", "KEY=1\n");
    let drop = ["task", "drop", "T-0001", "--remove-worktree", "--force"];
    repo.pm(&drop).ok();
    let said = repo.pm(&["start", "T-0001"]).ok().err;
    let saved = ["for-each-ref", "--format=%(refname)", "refs/pm-local/saved"];
    let saved = repo.git(&saved).text();
    let names: Vec<&str> = saved.lines().collect();
    let [work, ignored] = names[..] else {
        panic!("{saved}");
    };
    let place = repo.worktree("T-0001");
    place.write(".env", "KEY=2\n");
    let back = format!("git cherry-pick -n -m 1 {work}");
    assert!(said.contains(&format!("`{back}`")), "{said}");
    place.run("sh", &["-c", &back]).ok();
    assert_eq!(
        place.git(&["diff", "--cached", "--name-only"]).text(),
        "draft.txt"
    );
    assert_eq!(place.read(".env"), "KEY=2\n");
    let back = format!("git show {ignored}:.env > .env.T-0001");
    assert!(said.contains(&format!("`{back}`")), "{said}");
    place.run("sh", &["-c", &back]).ok();
    assert_eq!(place.read(".env.T-0001"), "KEY=1\n");
}

#[test]
fn a_worktree_with_large_ignored_files_is_kept() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.write(".gitignore", "*.local\n");
    repo.commit_all("Ignore");
    repo.pm(&["start", "T-0001"]).ok();
    let place = work(&repo, "T-0001", "file.txt");
    place.write("big.local", &"x".repeat(10_000_001));
    let drop = ["task", "drop", "T-0001", "--remove-worktree", "--force"];
    let refused = repo.pm(&drop).exits(1).err;
    assert!(refused.contains("too large"), "{refused}");
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "in_progress");
    let done = repo.data(&["finish", "T-0001", "--merge"]);
    let kept = done["merged"]["worktree_kept"].to_string();
    assert!(kept.contains("big.local"), "{done}");
    assert!(place.path.join("big.local").exists());
}
