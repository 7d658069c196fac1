//! The worktrees of tasks and epics, as `start` makes them, `--resume` finds them again and `gc`
//! and `drop` remove them: whole or not at all, and never with somebody's work.

use crate::support::{Repo, Scene};

/// A repository with `init` and one task about `src/**`.
fn with_task(scene: &Scene) -> Repo {
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    repo.task("Fix the login", &["--path", "src/**"]);
    repo
}

/// Commits a file in the worktree of a task, and returns that place.
fn work(repo: &Repo, id: &str, file: &str) -> Repo {
    let place = repo.worktree(id);
    place.write(file, &format!("work on {id}\n"));
    place.commit_all(&format!("Work on {id}"));
    place
}

fn config(repo: &Repo, key: &str, value: &str) {
    repo.git(&["config", "--add", key, value]).ok();
}

/// Everything a start makes, so that a failed one can be compared with before.
fn made(repo: &Repo) -> (String, String, Vec<String>) {
    let mut folders: Vec<String> = walk(repo.path.parent().unwrap());
    folders.sort();
    (
        repo.git(&["for-each-ref", "refs/heads", "refs/pm-local/saved"])
            .out,
        repo.git(&["worktree", "list", "--porcelain"]).out,
        folders,
    )
}

/// The folders of the scene, two deep.
fn walk(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        found.push(path.display().to_string());
        if path.is_dir() && path.to_string_lossy().ends_with(".worktrees") {
            found.extend(walk(&path));
        }
    }
    found
}

/// A start that failed left nothing, and somebody else can start the same task.
#[track_caller]
fn undone_whole(repo: &Repo, before: &(String, String, Vec<String>)) {
    let task = repo.data(&["show", "T-0001"]);
    assert_eq!(task["status"], "queued", "{task}");
    assert!(task["claim"].is_null(), "the claim is still there: {task}");
    assert!(task["owner"].is_null(), "{task}");
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(held["items"], serde_json::json!([]), "still reserved");
    assert_eq!(&made(repo), before, "something is left behind");
}

// WT-01, WT-02, CM-07: `task start` makes an isolated worktree and a branch for the task.
#[test]
fn start_makes_branch_and_worktree_beside_the_repository() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Fix the login", &[]);
    let (head, main) = (a.read(".git/HEAD"), a.tip("main"));
    let started = a.data(&["task", "start", "T-0001"]);
    assert_eq!(started["branch"], "task/T-0001-fix-the-login");
    let place = scene.at("a.worktrees/T-0001-fix-the-login");
    let path = place.path.canonicalize().unwrap();
    assert_eq!(started["worktree"], path.to_str().unwrap());
    assert_eq!(place.read("src/main.rs"), "fn main() {}\n");
    assert_eq!(
        place.git(&["symbolic-ref", "--short", "HEAD"]).text(),
        "task/T-0001-fix-the-login"
    );
    assert_eq!(place.tip("HEAD"), main);
    assert_eq!((a.read(".git/HEAD"), a.tip("main")), (head, main));
    assert_eq!(a.git(&["status", "--porcelain"]).ok().out, "");
    // The path is this clone's own: neither in the state nor in another clone's answers.
    let state = a.git(&["grep", "-l", "worktrees", "refs/pm/main"]).out;
    assert_eq!(state, "", "a local path is in the state");
    let b = scene.clone_of(&hub, "b", "Ben");
    assert!(b.data(&["show", "T-0001"])["worktree"].is_null());
    b.pm(&["worktree", "path", "T-0001"]).exits(4);
}

// WT-02: the form of branches is configurable, and what a task got is stored, not computed again.
#[test]
fn branch_patterns_are_configured_and_their_result_is_stored() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    config(&repo, "pm.branch", "feature/{id}-{slug}");
    let started = repo.data(&["start", "T-0001"]);
    assert_eq!(started["branch"], "feature/T-0001-fix-the-login");
    work(&repo, "T-0001", "src/new.rs");
    config(&repo, "pm.branch", "other/{id}");
    repo.pm(&["task", "edit", "T-0001", "--title", "Something else"])
        .ok();
    repo.pm(&["task", "drop", "T-0001", "--remove-worktree"])
        .ok();
    let again = repo.data(&["start", "T-0001"]);
    assert_eq!(again["branch"], "feature/T-0001-fix-the-login");
    assert_eq!(
        repo.worktree("T-0001").read("src/new.rs"),
        "work on T-0001\n"
    );

    repo.git(&["config", "--unset-all", "pm.branch"]).ok();
    config(&repo, "pm.branch", "{agent}/{id}");
    repo.task("By an agent", &[]);
    let started = repo
        .with("AGENT_NAME", "claude-1")
        .data(&["start", "T-0002"]);
    assert_eq!(started["branch"], "claude-1/T-0002");

    repo.git(&["config", "--unset-all", "pm.branch"]).ok();
    config(&repo, "pm.branch", "{unknown}");
    repo.task("Never", &[]);
    let refused = repo.pm(&["start", "T-0003"]).exits(2);
    assert!(refused.err.contains("{unknown}"), "{}", refused.err);
    assert_eq!(repo.data(&["show", "T-0003"])["status"], "queued");
}

#[test]
fn the_place_of_worktrees_is_configurable() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    config(&repo, "pm.worktreePath", "desks/{repo}/{id}");
    repo.pm(&["start", "T-0001"]).ok();
    assert!(scene.at("desks/a/T-0001/src/main.rs").path.exists());
    config(&repo, "pm.worktreePath", "~/desks/{id}");
    repo.git(&["config", "--unset", "pm.worktreePath", "repo"])
        .ok();
    repo.task("Another", &[]);
    repo.pm(&["start", "T-0002"]).ok();
    assert!(scene.at("home/desks/T-0002/src/main.rs").path.exists());
}

// DESIGN 6: the branch begins at the right base.
#[test]
fn a_task_begins_at_the_base_that_is_asked_for_or_at_the_default_branch() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    let begin = repo.tip("main");
    repo.write("later.txt", "later\n");
    repo.commit_all("Later");
    repo.git(&["switch", "-q", "-c", "elsewhere", &begin]).ok();
    repo.git(&["config", "init.defaultBranch", "main"]).ok();
    repo.pm(&["start", "T-0001"]).ok();
    assert_eq!(repo.worktree("T-0001").tip("HEAD"), repo.tip("main"));
    repo.task("From an older commit", &[]);
    repo.pm(&["start", "T-0002", "--base", &begin]).ok();
    assert_eq!(repo.worktree("T-0002").tip("HEAD"), begin);
    repo.task("From nowhere", &[]);
    let refused = repo.pm(&["start", "T-0003", "--base", "nowhere"]).exits(4);
    assert!(refused.err.contains("nowhere"), "{}", refused.err);
    repo.pm(&["start", "T-0003", "--base", "--all"]).exits(2);
    assert_eq!(repo.data(&["show", "T-0003"])["status"], "queued");
}

#[test]
fn a_task_is_stacked_on_its_open_soft_dependency_where_that_is_wished() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let parent = work(&repo, "T-0001", "src/parent.rs").tip("HEAD");
    for title in ["Unstacked", "Stacked"] {
        let id = repo.task(title, &[]);
        repo.pm(&["dep", "add", &id, "T-0001", "--soft"]).ok();
    }
    repo.pm(&["start", "T-0002"]).ok();
    assert_eq!(repo.worktree("T-0002").tip("HEAD"), repo.tip("main"));
    config(&repo, "pm.stacked", "true");
    let started = repo.data(&["start", "T-0003"]);
    assert_eq!(repo.worktree("T-0003").tip("HEAD"), parent);
    assert!(
        started["warnings"].to_string().contains("T-0001"),
        "nobody is told that T-0001 is still open: {started}"
    );
}

#[test]
fn a_place_that_is_taken_is_left_alone() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    let taken = scene.at("a.worktrees/T-0001-fix-the-login");
    taken.write("mine.txt", "mine\n");
    let started = repo.data(&["start", "T-0001"]);
    let place = started["worktree"].as_str().unwrap();
    assert_ne!(place, taken.path.to_str().unwrap());
    assert_eq!(taken.read("mine.txt"), "mine\n");
    assert!(repo.worktree("T-0001").path.join("src/main.rs").exists());

    // Its second choice is taken, too.
    repo.pm(&["task", "drop", "T-0001", "--remove-worktree"])
        .ok();
    repo.git(&["branch", "-D", "task/T-0001-fix-the-login"])
        .ok();
    let second = scene.at(place);
    second.write("mine.txt", "mine, too\n");
    let before = made(&repo);
    let refused = repo.pm(&["start", "T-0001"]).exits(1);
    assert!(refused.err.contains("pm.worktreePath"), "{}", refused.err);
    undone_whole(&repo, &before);
    assert_eq!(second.read("mine.txt"), "mine, too\n");
    std::fs::remove_dir_all(&second.path).unwrap();
    repo.by("Ben").pm(&["start", "T-0001"]).ok();
}

// A step after the claim fails: git cannot have `task/…` beside `task`.
#[test]
fn a_branch_that_cannot_be_made_undoes_the_start() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Fix the login", &["--path", "src/**"]);
    a.pm(&["sync"]).ok();
    a.git(&["branch", "task"]).ok();
    let before = made(&a);
    for more in [&[][..], &["--no-worktree"]] {
        let refused = a.pm(&[&["start", "T-0001"], more].concat()).exits(1);
        assert!(refused.err.contains("task/T-0001"), "{}", refused.err);
        undone_whole(&a, &before);
    }
    // The remote had confirmed the claim; it is free there, too.
    let b = scene.clone_of(&hub, "b", "Ben");
    let started = b.data(&["start", "T-0001"]);
    assert_eq!(started["owner"], "Ben");
    assert_eq!(started["claim"]["confirmed"], true);
}

#[test]
fn a_set_up_that_fails_undoes_the_start() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Fix the login", &["--path", "src/**"]);
    a.pm(&["sync"]).ok();
    config(&a, "pm.setup", "echo no compiler here >&2; exit 7");
    let before = made(&a);
    let refused = a.pm(&["start", "T-0001"]).exits(1);
    assert!(refused.err.contains("no compiler here"), "{}", refused.err);
    undone_whole(&a, &before);
    let b = scene.clone_of(&hub, "b", "Ben");
    assert_eq!(b.data(&["start", "T-0001"])["owner"], "Ben");
}

#[test]
fn a_set_up_runs_in_the_new_worktree() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    config(
        &repo,
        "pm.setup",
        "git rev-parse --show-toplevel > where.txt",
    );
    config(&repo, "pm.setup", "echo second > second.txt");
    // As from a hook of another repository: that one must not be set up.
    repo.with("GIT_DIR", repo.path.join(".git").to_str().unwrap())
        .pm(&["start", "T-0001"])
        .ok();
    let place = repo.worktree("T-0001");
    let top = place.path.canonicalize().unwrap();
    assert_eq!(place.read("where.txt").trim(), top.to_str().unwrap());
    assert_eq!(place.read("second.txt"), "second\n");
}

// DESIGN 7: what the repository itself asks to run is not run before somebody trusted it.
#[test]
fn a_checked_in_set_up_runs_only_once_it_is_trusted() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.write(".pm.toml", "setup = [\"touch made.txt\"]\n");
    repo.commit_all("A set-up for everybody");
    let before = made(&repo);
    let refused = repo.pm(&["start", "T-0001"]).exits(1);
    assert!(refused.err.contains("git pm trust"), "{}", refused.err);
    undone_whole(&repo, &before);
    repo.pm(&["trust", "--yes"]).ok();
    repo.pm(&["start", "T-0001"]).ok();
    assert!(repo.worktree("T-0001").path.join("made.txt").exists());
}

#[test]
fn a_branch_that_is_checked_out_elsewhere_is_worked_on_there() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    let branch = "task/T-0001-fix-the-login";
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    repo.pm(&["task", "drop", "T-0001"]).ok();
    repo.git(&["worktree", "add", "-q", "../mine", branch]).ok();
    let mine = scene.at("mine");
    mine.write("draft.txt", "draft\n");
    let started = repo.data(&["start", "T-0001"]);
    let path = mine.path.canonicalize().unwrap();
    assert_eq!(started["worktree"], path.to_str().unwrap());
    assert_eq!(mine.read("draft.txt"), "draft\n");
    assert!(!scene.at("a.worktrees").path.exists());
}

// DESIGN 4.3: `--no-worktree` means claim, reservation and branch, no checkout.
#[test]
fn without_a_worktree_there_is_still_claim_reservation_and_branch() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    let started = repo.data(&["start", "T-0001", "--no-worktree"]);
    assert!(started["worktree"].is_null());
    assert_eq!(started["claim"]["actor"], "Ana");
    assert_eq!(repo.tip("task/T-0001-fix-the-login"), repo.tip("main"));
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(held["items"][0]["patterns"][0], "src/**");
    assert!(!scene.at("a.worktrees").path.exists());
    let refused = repo.pm(&["worktree", "path", "T-0001"]).exits(4);
    assert!(refused.err.contains("--resume"), "{}", refused.err);
    // The hint is true.
    repo.pm(&["start", "T-0001", "--resume"]).ok();
    assert!(repo.worktree("T-0001").path.join("src/main.rs").exists());
}

#[test]
fn a_repeated_start_needs_resume_which_only_the_claimant_has() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let again = repo.pm(&["start", "T-0001"]).exits(3);
    assert!(again.err.contains("--resume"), "{}", again.err);
    let place = work(&repo, "T-0001", "src/x.rs");
    place.write("src/x.rs", "uncommitted\n");
    let resumed = repo.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["worktree"], place.path.to_str().unwrap());
    assert_eq!(place.read("src/x.rs"), "uncommitted\n");
    let other = repo.by("Ben").pm(&["start", "T-0001", "--resume"]).exits(3);
    assert!(other.err.contains("Ana"), "{}", other.err);
}

#[test]
fn resume_makes_again_what_was_deleted_by_hand() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = work(&repo, "T-0001", "src/x.rs");
    let tip = place.tip("HEAD");
    std::fs::remove_dir_all(&place.path).unwrap();
    repo.pm(&["start", "T-0001", "--resume"]).ok();
    assert_eq!(repo.worktree("T-0001").tip("HEAD"), tip);
    assert_eq!(place.read("src/x.rs"), "work on T-0001\n");
    // As after a crash between the claim and its branch.
    repo.git(&[
        "worktree",
        "remove",
        "--force",
        place.path.to_str().unwrap(),
    ])
    .ok();
    repo.git(&["branch", "-D", "task/T-0001-fix-the-login"])
        .ok();
    let resumed = repo.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["branch"], "task/T-0001-fix-the-login");
    assert_eq!(repo.worktree("T-0001").tip("HEAD"), repo.tip("main"));
    assert_eq!(repo.data(&["show", "T-0001"])["claim"]["actor"], "Ana");
}

// RS-03: a started task has its files; `finish` released them, so taking it up again reserves them.
#[test]
fn resume_from_review_works_on_and_reserves_again() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    work(&repo, "T-0001", "src/x.rs");
    repo.pm(&["finish", "T-0001"]).ok();
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(held["items"], serde_json::json!([]));
    let resumed = repo.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["status"], "in_progress");
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(
        held["items"][0]["task"], "T-0001",
        "others may overwrite what is worked on again: {held}"
    );
    work(&repo, "T-0001", "src/y.rs");
    repo.pm(&["finish", "T-0001"]).ok();
}

#[test]
fn resume_from_review_yields_to_who_reserved_the_files_meanwhile() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    work(&repo, "T-0001", "src/x.rs");
    repo.pm(&["finish", "T-0001"]).ok();
    repo.by("Ben").pm(&["reserve", "add", "src/x.rs"]).ok();
    let refused = repo.pm(&["--json", "start", "T-0001", "--resume"]).exits(1);
    assert_eq!(refused.error()["conflicts"][0]["holder"], "Ben");
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "in_review");
}

// Journeys: disk use is visible.
#[test]
fn list_names_items_and_sizes() {
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
        shown.contains("MB") && shown.contains("uncommitted work"),
        "{shown}"
    );
    let plain = repo.data(&["worktree", "list"]);
    assert!(plain["items"][0]["size"].is_null(), "measured unasked");
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

// WT-09: only what is closed, integrated and clean goes, and gc says what it removes and why.
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
    // T-0001, T-0004 and T-0005 are merged by hand, T-0003 is given up.
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
        ("T-0002", false, "in_progress"),
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
        "a branch went with its worktree"
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
    assert!(forced.err.contains(&name), "not said where: {}", forced.err);
    let show = |file: &str| repo.git(&["show", &format!("{name}:{file}")]).ok().out;
    assert_eq!(show("src/auth.rs"), "changed\n");
    assert_eq!(show("new.txt"), "new\n");
}

// WT-09: a removal takes the folder first; what is left when it breaks off then is git's entry.
#[test]
fn gc_completes_a_removal_that_took_only_the_folder() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    repo.pm(&["task", "cancel", "T-0001"]).ok();
    let known = || repo.git(&["worktree", "list"]).ok().out.lines().count();
    // On a disk that is not there now, as it seems.
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

// WT-09: what a removal took is no work of anybody's; what somebody did since then is.
#[cfg(debug_assertions)]
#[test]
fn gc_completes_a_removal_that_was_killed_half_way() {
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
fn drop_removes_a_clean_worktree_when_asked() {
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
    assert_eq!(task["claim"]["actor"], "Ana", "half of it was done");
    let forced = repo
        .pm(&["task", "drop", "T-0001", "--remove-worktree", "--force"])
        .ok();
    assert!(!place.path.exists());
    let name = repo
        .git(&["for-each-ref", "--format=%(refname)", "refs/pm-local/saved"])
        .text();
    assert!(forced.err.contains(&name), "not said where: {}", forced.err);
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
    // Without the flag it stays, dirty or not.
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    place.write("draft.txt", "draft\n");
    repo.pm(&["task", "drop", "T-0001"]).ok();
    assert_eq!(place.read("draft.txt"), "draft\n");
}

#[test]
fn a_sparse_worktree_has_the_tasks_folders() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    config(&repo, "pm.sparse", "true");
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    assert!(place.path.join("src/main.rs").exists());
    assert!(!place.path.join("docs").exists(), "all is checked out");
    assert!(repo.path.join("docs/guide.md").exists());
    assert_eq!(place.git(&["status", "--porcelain"]).ok().out, "");
    // A file outside of the cone is work like any other.
    place.write("src/main.rs", "fn main() { todo!() }\n");
    place.commit_all("Work");
    repo.pm(&["finish", "T-0001", "--merge"]).ok();
    assert_eq!(repo.read("docs/guide.md"), "Guide\n", "the rest is lost");
    // Nothing planned: nothing to leave out.
    repo.task("No paths", &[]);
    repo.pm(&["start", "T-0002"]).ok();
    assert!(repo.worktree("T-0002").path.join("docs/guide.md").exists());
    // A pattern that begins anywhere needs everything.
    repo.task("Everywhere", &["--path", "**/*.md", "--path", "src/**"]);
    repo.pm(&["start", "T-0003"]).ok();
    let place = repo.worktree("T-0003");
    assert!(
        place.path.join("docs/guide.md").exists(),
        "a planned file is not checked out"
    );
}

#[test]
fn ignored_caches_come_along_or_it_is_said_why_not() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.write(".gitignore", "cache/\n");
    repo.commit_all("Ignore");
    repo.write("cache/built", "built\n");
    config(&repo, "pm.copyIgnored", "cache");
    config(&repo, "pm.copyIgnored", "src");
    let started = repo.data(&["start", "T-0001"]);
    let place = repo.worktree("T-0001");
    let warnings = started["warnings"].to_string();
    assert!(warnings.contains("src was not copied"), "{warnings}");
    if place.path.join("cache").exists() {
        assert_eq!(place.read("cache/built"), "built\n");
    } else {
        assert!(warnings.contains("cache was not copied"), "{warnings}");
    }
    assert_eq!(repo.read("cache/built"), "built\n");
    assert_eq!(place.git(&["status", "--porcelain"]).ok().out, "");
}

// DESIGN 3: who acts is said by --as, GIT_PM_ACTOR, BD_ACTOR, AGENT_NAME, in a task's worktree by
// its claim, else by git.
#[test]
fn the_actor_is_resolved_in_order() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.by("Ben").pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    let who = |repo: &Repo, args: &[&str]| {
        let mut all = vec!["status"];
        all.extend(args);
        repo.data(&all)["actor"].as_str().unwrap().to_string()
    };
    assert_eq!(who(&repo, &[]), "Ana");
    assert_eq!(who(&place, &[]), "Ben", "in the task's worktree");
    let agent = place.with("AGENT_NAME", "agent");
    assert_eq!(who(&agent, &[]), "agent");
    let beads = agent.with("BD_ACTOR", "beads");
    assert_eq!(who(&beads, &[]), "beads");
    let named = beads.with("GIT_PM_ACTOR", "named");
    assert_eq!(who(&named, &[]), "named");
    assert_eq!(who(&named, &["--as", "given"]), "given");
    // Another name does not make a human of an agent.
    let status = named.data(&["status", "--as", "given"]);
    assert_eq!(status["agent"], true);
    assert_eq!(repo.data(&["status"])["agent"], false);
    // The claimant's worktree is enough to finish.
    work(&repo, "T-0001", "src/x.rs");
    place.pm(&["finish"]).ok();
    repo.pm(&["finish", "T-0001"]).exits(1);
}

// WT-01, CM-06: an epic has a worktree and a branch, which its tasks begin from.
#[test]
fn an_epic_has_branch_and_worktree_and_its_tasks_begin_there() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    let epic = repo.data(&["epic", "create", "Log in with SSO"]);
    assert_eq!(epic["id"], "E-0001");
    let before = repo.task("Before the epic started", &["--epic", "E-0001"]);
    repo.pm(&["start", &before]).ok();
    assert_eq!(repo.worktree(&before).tip("HEAD"), repo.tip("main"));
    let started = repo.data(&["epic", "start", "E-0001"]);
    assert_eq!(started["branch"], "epic/log-in-with-sso");
    let place = work(&repo, "E-0001", "sso.txt");
    let task = repo.task("Redirect", &["--epic", "E-0001"]);
    repo.pm(&["start", &task]).ok();
    assert_eq!(repo.worktree(&task).tip("HEAD"), place.tip("HEAD"));
    assert_ne!(place.tip("HEAD"), repo.tip("main"));
    // Two epics of one title do not share a branch.
    repo.pm(&["epic", "create", "Log in with SSO"]).ok();
    let other = repo.data(&["epic", "start", "E-0002"]);
    assert_ne!(other["branch"], "epic/log-in-with-sso");
    assert_eq!(
        other["branch"].as_str().unwrap().split('/').next(),
        Some("epic")
    );
}

#[test]
fn a_start_works_from_a_bare_repository_and_from_another_worktree() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    // A relative one would be another folder for git in each worktree.
    let from = hub.path.to_str().unwrap();
    a.git(&["remote", "set-url", "origin", from]).ok();
    a.task("One", &[]);
    a.task("Two", &[]);
    a.pm(&["start", "T-0001"]).ok();
    let one = a.worktree("T-0001");
    one.other("src")
        .pm(&["start", "T-0002", "--as", "Ana"])
        .ok();
    let two = a.worktree("T-0002");
    assert_eq!(two.path.parent(), one.path.parent(), "nested in T-0001's");

    let bare = scene.at("bare.git");
    scene
        .at(".")
        .git(&["clone", "-q", "--bare", from, "bare.git"])
        .ok();
    bare.pm(&["init"]).ok();
    bare.task("Three", &["--path", "src/**"]);
    let id = bare.data(&["task", "list"])["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["title"] == "Three")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_string();
    bare.pm(&["start", &id]).ok();
    let three = work(&bare, &id, "three.txt");
    assert!(
        !three.path.starts_with(&bare.path),
        "inside of the repository"
    );
    three.pm(&["finish", "--merge"]).ok();
    assert_eq!(
        bare.git(&["show", "main:three.txt"])
            .ok()
            .out
            .lines()
            .count(),
        1
    );
}

// The machine went away in the middle of the set-up.
#[test]
fn a_start_that_was_killed_can_be_resumed_or_dropped() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    config(&repo, "pm.setup", "kill -9 $PPID");
    let killed = repo.pm(&["start", "T-0001"]);
    assert_eq!(killed.code, -1, "it survived: {}", killed.err);
    repo.git(&["config", "--unset-all", "pm.setup"]).ok();
    let task = repo.data(&["show", "T-0001"]);
    assert_eq!(task["claim"]["actor"], "Ana");
    repo.by("Ben").pm(&["start", "T-0001"]).exits(3);
    repo.pm(&["doctor"]).ok();
    let resumed = repo.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["status"], "in_progress");
    work(&repo, "T-0001", "src/x.rs");
    repo.pm(&["task", "drop", "T-0001", "--remove-worktree"])
        .ok();
    repo.by("Ben").pm(&["start", "T-0001"]).ok();
    assert_eq!(repo.worktree("T-0001").read("src/x.rs"), "work on T-0001\n");
}

// Whoever takes a task over continues on its branch: the work before is not lost, nor hidden.
#[test]
fn a_task_started_in_another_clone_continues_on_the_pushed_branch() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Fix", &[]);
    a.pm(&["start", "T-0001"]).ok();
    let tip = work(&a, "T-0001", "half.txt").tip("HEAD");
    a.git(&["push", "-q", "origin", "task/T-0001-fix"]).ok();
    a.pm(&["task", "drop", "T-0001"]).ok();
    b.git(&["fetch", "-q"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    assert_eq!(b.worktree("T-0001").tip("HEAD"), tip, "Ana's half is lost");
    let upstream = b.git(&["config", "branch.task/T-0001-fix.merge"]);
    assert_eq!(upstream.out, "", "a push would go somewhere unasked");
}

#[test]
fn planned_paths_may_be_written_in_any_way_in_a_sparse_worktree() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    config(&repo, "pm.sparse", "true");
    for path in ["./docs/**", "docs", "docs/", "docs/guide.md"] {
        let id = repo.task(path, &["--path", path]);
        repo.pm(&["start", &id]).ok();
        let place = repo.worktree(&id);
        assert!(place.path.join("docs/guide.md").exists(), "{path}");
        assert!(!place.path.join("src").exists(), "{path}: all of it");
        repo.pm(&["task", "cancel", &id]).ok();
    }
}
