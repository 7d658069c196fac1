//! `start`: branch, folder, base, set-up, actor.

use super::{config, with_task, work};
use crate::support::{Repo, Scene};

/// Everything that a start creates, to compare before and after a failed one.
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

/// Requires that a failed start left nothing, and that another actor can start the same task.
#[track_caller]
fn require_undone(repo: &Repo, before: &(String, String, Vec<String>)) {
    let task = repo.data(&["show", "T-0001"]);
    assert_eq!(task["status"], "queued", "{task}");
    assert!(task["claim"].is_null(), "the claim is still there: {task}");
    assert!(task["owner"].is_null(), "{task}");
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(held["items"], serde_json::json!([]), "still reserved");
    assert_eq!(&made(repo), before, "something is left behind");
}

// WT-01, WT-02, CM-07: `task start` creates an isolated worktree and a branch for the task.
#[test]
fn start_creates_branch_and_worktree_beside_the_repository() {
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
    // The path is known only to this clone: it is neither in the state nor in another clone's
    // output.
    let state = a.git(&["grep", "-l", "worktrees", "refs/pm/main"]).out;
    assert_eq!(state, "", "a local path is in the state");
    let b = scene.clone_of(&hub, "b", "Ben");
    assert!(b.data(&["show", "T-0001"])["worktree"].is_null());
    b.pm(&["worktree", "path", "T-0001"]).exits(4);
}

// WT-02: the pattern of branches is configurable, and a task's branch is stored, not computed
// again.
#[test]
fn the_branch_pattern_is_configurable_and_the_name_is_stored() {
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
fn the_folder_of_worktrees_is_configurable() {
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

// The branch begins at the right base.
#[test]
fn a_task_starts_at_the_given_base_or_at_the_default_branch() {
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
fn a_task_is_stacked_on_its_open_soft_dependency_if_configured() {
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
        "there is no warning that T-0001 is still open: {started}"
    );
}

#[test]
fn start_does_not_overwrite_an_existing_folder() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    let taken = scene.at("a.worktrees/T-0001-fix-the-login");
    taken.write("mine.txt", "mine\n");
    let started = repo.data(&["start", "T-0001"]);
    let place = started["worktree"].as_str().unwrap();
    assert_ne!(place, taken.path.to_str().unwrap());
    assert_eq!(taken.read("mine.txt"), "mine\n");
    assert!(repo.worktree("T-0001").path.join("src/main.rs").exists());

    // The alternative path exists, too.
    repo.pm(&["task", "drop", "T-0001", "--remove-worktree"])
        .ok();
    repo.git(&["branch", "-D", "task/T-0001-fix-the-login"])
        .ok();
    let second = scene.at(place);
    second.write("mine.txt", "mine, too\n");
    let before = made(&repo);
    let refused = repo.pm(&["start", "T-0001"]).exits(1);
    assert!(refused.err.contains("pm.worktreePath"), "{}", refused.err);
    require_undone(&repo, &before);
    assert_eq!(second.read("mine.txt"), "mine, too\n");
    std::fs::remove_dir_all(&second.path).unwrap();
    repo.by("Ben").pm(&["start", "T-0001"]).ok();
}

// A step after the claim fails: git cannot have `task/…` beside `task`.
#[test]
fn a_branch_that_cannot_be_created_undoes_the_start() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Fix the login", &["--path", "src/**"]);
    a.pm(&["sync"]).ok();
    a.git(&["branch", "task"]).ok();
    let before = made(&a);
    for more in [&[][..], &["--no-worktree"]] {
        let refused = a.pm(&[&["start", "T-0001"], more].concat()).exits(1);
        assert!(refused.err.contains("task/T-0001"), "{}", refused.err);
        require_undone(&a, &before);
    }
    // The remote had confirmed the claim; it is released there, too.
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
    require_undone(&a, &before);
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
    // As if called from a hook of another repository, in which the set-up must not run.
    repo.with("GIT_DIR", repo.path.join(".git").to_str().unwrap())
        .pm(&["start", "T-0001"])
        .ok();
    let place = repo.worktree("T-0001");
    let top = place.path.canonicalize().unwrap();
    assert_eq!(place.read("where.txt").trim(), top.to_str().unwrap());
    assert_eq!(place.read("second.txt"), "second\n");
}

// Commands in the repository's own file are not run before a user trusted it.
#[test]
fn a_checked_in_set_up_runs_only_once_it_is_trusted() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.write(".pm.toml", "setup = [\"touch made.txt\"]\n");
    repo.commit_all("A set-up for everybody");
    let before = made(&repo);
    let refused = repo.pm(&["start", "T-0001"]).exits(1);
    assert!(refused.err.contains("git pm trust"), "{}", refused.err);
    require_undone(&repo, &before);
    repo.pm(&["trust", "--yes"]).ok();
    repo.pm(&["start", "T-0001"]).ok();
    assert!(repo.worktree("T-0001").path.join("made.txt").exists());
}

#[test]
fn a_branch_that_is_already_checked_out_is_used_there() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    let branch = "task/T-0001-fix-the-login";
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    repo.pm(&["task", "drop", "T-0001"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["worktree", "add", "-q", "../mine", branch]).ok();
    let mine = scene.at("mine");
    mine.write("draft.txt", "draft\n");
    let started = repo.data(&["start", "T-0001"]);
    let path = mine.path.canonicalize().unwrap();
    assert_eq!(started["worktree"], path.to_str().unwrap());
    assert_eq!(mine.read("draft.txt"), "draft\n");
    assert!(!scene.at("a.worktrees").path.exists());
}

// `--no-worktree` means claim, reservation and branch; the branch is checked out where the command was given.
#[test]
fn start_without_a_worktree_makes_claim_reservation_and_branch() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    let started = repo.data(&["start", "T-0001", "--no-worktree"]);
    let here = repo.path.canonicalize().unwrap();
    assert_eq!(started["worktree"], here.to_str().unwrap());
    assert_eq!(started["claim"]["actor"], "Ana");
    assert_eq!(repo.tip("task/T-0001-fix-the-login"), repo.tip("main"));
    let held = repo.data(&["reserve", "list"]);
    assert_eq!(held["items"][0]["patterns"][0], "src/**");
    assert!(!scene.at("a.worktrees").path.exists());
    repo.git(&["switch", "-q", "main"]).ok();
    let refused = repo.pm(&["worktree", "path", "T-0001"]).exits(4);
    assert!(refused.err.contains("--resume"), "{}", refused.err);
    // The suggested command works.
    repo.pm(&["start", "T-0001", "--resume"]).ok();
    assert!(repo.worktree("T-0001").path.join("src/main.rs").exists());
}

// A base is that of a new branch: where there is one, it is said that the base does not apply.
#[test]
fn a_base_for_a_branch_that_exists_is_not_ignored_silently() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    repo.git(&["branch", "w2"]).ok();
    let first = repo.pm(&["start", "T-0001", "--base", "w2"]).ok().err;
    assert!(!first.contains("does not apply"), "{first}");
    let again = repo.pm(&["start", "T-0001", "--base", "w2"]).ok().err;
    assert!(again.contains("`--base` does not apply"), "{again}");
    let plain = repo.pm(&["start", "T-0001"]).ok().err;
    assert!(!plain.contains("does not apply"), "{plain}");
}

// The actor is taken from --as, GIT_PM_ACTOR, BEADS_ACTOR, BD_ACTOR, AGENT_NAME, in a task's worktree from its
// claim, else from git.
#[test]
fn the_actor_is_resolved_in_the_documented_order() {
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
    let newer = beads.with("BEADS_ACTOR", "newer");
    assert_eq!(who(&newer, &[]), "newer");
    assert_eq!(who(&place.with("BEADS_ACTOR", "alone"), &[]), "alone");
    let named = newer.with("GIT_PM_ACTOR", "named");
    assert_eq!(who(&named, &[]), "named");
    assert_eq!(who(&named, &["--as", "given"]), "given");
    // Another name does not make an agent a human.
    let status = named.data(&["status", "--as", "given"]);
    assert_eq!(status["agent"], true);
    assert_eq!(repo.data(&["status"])["agent"], false);
    // In the claimant's worktree, finish needs no name.
    work(&repo, "T-0001", "src/x.rs");
    place.pm(&["finish"]).ok();
    repo.pm(&["finish", "T-0001"]).exits(3);
}

// WT-01, CM-06: an epic has a worktree and a branch, at which its tasks start.
#[test]
fn an_epic_has_branch_and_worktree_and_its_tasks_start_at_its_branch() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
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
    // Two epics with the same title do not share a branch.
    repo.pm(&["epic", "create", "Log in with SSO"]).ok();
    let other = repo.data(&["epic", "start", "E-0002"]);
    assert_ne!(other["branch"], "epic/log-in-with-sso");
    assert_eq!(
        other["branch"].as_str().unwrap().split('/').next(),
        Some("epic")
    );
}

/// Agents start at the same time: while git adds a worktree, other commands of git fail that look at all
/// of them.
#[test]
fn a_start_waits_for_a_worktree_that_is_being_added() {
    let scene = Scene::new();
    let repo = with_task(&scene);
    let head = repo.tip("HEAD");
    let folder = repo.path.join(".git/worktrees/other");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("HEAD"), format!("{head}\n")).unwrap();
    let place = scene.at("other").path;
    std::fs::write(folder.join("gitdir"), format!("{}/.git\n", place.display())).unwrap();
    std::fs::write(folder.join("commondir"), "").unwrap();
    let failed = repo.git(&["worktree", "list"]);
    assert!(
        failed.err.contains("commondir"),
        "git needs no help: {failed:?}"
    );
    let completed = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        std::fs::write(folder.join("commondir"), "../..\n").unwrap();
    });
    repo.pm(&["start", "T-0001"]).ok();
    completed.join().unwrap();
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "in_progress");
}

/// As `git switch`, a start without a worktree takes uncommitted work along, but says whose it is.
#[test]
fn uncommitted_work_of_another_task_that_comes_along_is_named() {
    let (_scene, repo) = crate::support::set_up();
    repo.task("One", &["--path", "src/**"]);
    repo.task("Two", &[]);
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    repo.write("src/new.rs", "1\n");
    let started = repo.pm(&["start", "T-0002", "--no-worktree"]).ok();
    let said = format!("{}{}", started.out, started.err);
    let along = "of T-0001, 1 untracked (src/new.rs), came along to task/T-0002-two";
    assert!(said.contains(along), "{said}");
    repo.git(&["add", "-A"]).ok();
    let refused = repo.git(&["commit", "-q", "-m", "x"]).exits(1).err;
    assert!(
        refused.contains("reserved by you for T-0001") && !refused.contains("ask Ana"),
        "{refused}"
    );
    assert!(
        refused.contains("`git switch task/T-0001-one`"),
        "{refused}"
    );
}
