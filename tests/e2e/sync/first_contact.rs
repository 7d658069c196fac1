//! `init`, clones, the first push, and states that were initialised separately.

use crate::support::{Repo, Scene, agent, at_terminal};

/// Everything of the user's that `init` and `sync` must not change.
#[derive(Debug, PartialEq)]
struct Theirs {
    status: String,
    branches: String,
    heads: String,
    head: String,
    fetch_head: Option<Vec<u8>>,
    push: String,
    push_config: String,
}

impl Theirs {
    fn of(repo: &Repo) -> Self {
        Theirs {
            status: repo.git(&["status", "--porcelain=v2", "--branch"]).ok().out,
            branches: repo.git(&["branch", "-a"]).ok().out,
            heads: repo
                .git(&["for-each-ref", "refs/heads", "refs/remotes", "refs/tags"])
                .ok()
                .out,
            head: repo.read(".git/HEAD"),
            fetch_head: std::fs::read(repo.path.join(".git/FETCH_HEAD")).ok(),
            push: repo.git(&["push", "--porcelain", "--dry-run"]).out,
            push_config: repo
                .git(&["config", "--get-regexp", r"^(push\.|remote\..*\.push)"])
                .out,
        }
    }
}

// Nothing of the user's changes, and the state is readable with plain git.
#[test]
fn init_does_not_change_the_users_refs_and_files() {
    let scene = Scene::new();
    let hub = scene.bare("hub.git");
    let a = scene.repo("a");
    a.git(&["remote", "add", "origin", hub.path.to_str().unwrap()])
        .ok();
    a.git(&["push", "-q", "-u", "origin", "main"]).ok();
    a.git(&["fetch", "-q"]).ok();
    a.write("untracked.txt", "mine\n");
    a.write("README.md", "changed\n");
    a.write("staged.txt", "staged\n");
    a.git(&["add", "staged.txt"]).ok();
    let before = Theirs::of(&a);
    let said = a.pm(&["init"]).ok().out;
    assert!(said.contains("next: git pm task create"), "{said}");
    assert!(!said.contains("demo"), "{said}");
    assert_eq!(Theirs::of(&a), before);
    assert_eq!(hub.tip("refs/pm/main"), "", "`init` pushed");
    a.task("Readable", &["--body", "Some *text*."]);
    a.pm(&["sync"]).ok();
    a.pm(&["pull"]).ok();
    assert_eq!(Theirs::of(&a), before);

    let path = a
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "tasks/"])
        .text();
    assert!(path.starts_with("tasks/00/00/T-0001-"), "{path}");
    let text = a.git(&["show", &format!("refs/pm/main:{path}")]).ok().out;
    assert!(text.contains("title: Readable"), "{text}");
    assert!(text.contains("Some *text*."), "{text}");
    let log = a.git(&["log", "--format=%s", "refs/pm/main", "--", &path]);
    assert_eq!(log.text(), "task create T-0001: Readable");
    assert_eq!(
        a.git(&["config", "--get-all", "remote.origin.fetch"])
            .text(),
        "+refs/heads/*:refs/remotes/origin/*\n+refs/pm/*:refs/pm-remotes/origin/*"
    );
    // A second `init` changes nothing more.
    a.pm(&["init"]).ok();
    assert_eq!(
        a.git(&["config", "--get-all", "remote.origin.fetch"])
            .text()
            .lines()
            .count(),
        2
    );
}

// `git clone` of the remote, then `git pm init`, has everything.
#[test]
fn a_fresh_clone_has_the_whole_state_after_init() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("First", &["--body", "All of it"]);
    a.pm(&["task", "comment", "T-0001", "a comment"]).ok();
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    a.pm(&["sync"]).ok();

    let b = scene.at("b");
    scene
        .at(".")
        .git(&[
            "clone",
            "-q",
            hub.path.to_str().unwrap(),
            b.path.to_str().unwrap(),
        ])
        .ok();
    // Before `init`, every command says what to do.
    for args in [&["status"][..], &["task", "list"], &["sync"]] {
        let refused = b.pm(args).exits(5);
        assert!(refused.err.contains("git pm init"), "{}", refused.err);
    }
    let before = Theirs::of(&b);
    b.pm(&["init"]).ok();
    assert_eq!(Theirs::of(&b), before);
    assert_eq!(b.state_tree(), a.state_tree());
    let item = b.data(&["show", "T-0001"]);
    assert_eq!(item["body"].as_str().unwrap().trim(), "All of it");
    assert_eq!(
        item["comments"][0]["body"].as_str().unwrap().trim(),
        "a comment"
    );
    assert_eq!(item["claim"]["actor"], "Ana");

    // The user's own push and fetch work as before and do not touch the state.
    let state = hub.tip("refs/pm/main");
    b.task("Unsynced", &[]);
    b.write("new.txt", "new\n");
    b.commit_all("New");
    let pushed = b.git(&["push"]).ok();
    assert!(!pushed.err.contains("refs/pm"), "{}", pushed.err);
    assert_eq!(
        hub.tip("refs/pm/main"),
        state,
        "a user's push moved the state"
    );
    assert_eq!(hub.tip("refs/heads/main"), b.tip("HEAD"));
    let mine = b.tip("refs/pm/main");
    b.git(&["fetch", "-q", "--prune"]).ok();
    assert_eq!(
        b.tip("refs/pm/main"),
        mine,
        "a user's fetch lost local state"
    );
    assert!(!b.git(&["branch", "-r"]).ok().out.contains("pm"));
}

// A state that a plain `git fetch` brought is adopted also without the network.
#[test]
fn init_without_the_network_adopts_what_was_fetched() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("First", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.at("b");
    scene.at(".").git(&["clone", "-q", "hub.git", "b"]).ok();
    b.git(&[
        "fetch",
        "-q",
        "origin",
        "+refs/pm/*:refs/pm-remotes/origin/*",
    ])
    .ok();
    let away = hub.path.with_extension("away");
    std::fs::rename(&hub.path, &away).unwrap();
    let init = b.pm(&["init"]).ok();
    assert!(init.err.contains("cannot reach"), "{}", init.err);
    assert_eq!(b.data(&["show", "T-0001"])["title"], "First");
}

// Two clones that were initialised separately are joined when they sync.
#[test]
fn clones_initialised_separately_are_joined_by_sync() {
    let scene = Scene::new();
    let hub = scene.bare("hub.git");
    let a = scene.repo("a");
    let b = scene.repo("b");
    for repo in [&a, &b] {
        repo.pm(&["init"]).ok();
        repo.task(&format!("Of {}", repo.path.display()), &[]);
        repo.git(&["remote", "add", "origin", hub.path.to_str().unwrap()])
            .ok();
        repo.pm(&["init"]).ok();
    }
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(
        a.data(&["task", "list"])["items"].as_array().unwrap().len(),
        2
    );
}

// The first push says, once, who will be able to read the state.
#[test]
fn the_first_push_tells_who_can_read_the_state() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let first = a.pm(&["sync"]).ok();
    assert!(first.err.contains("for the first time"), "{}", first.err);
    assert!(
        first
            .err
            .contains(hub.path.file_name().unwrap().to_str().unwrap()),
        "{}",
        first.err
    );
    a.task("More", &[]);
    let second = a.pm(&["sync"]).ok();
    assert!(!second.err.contains("first time"), "{}", second.err);
    let b = scene.clone_of(&hub, "b", "Ben");
    // As one whose `init` met no state there.
    b.git(&["update-ref", "-d", "refs/pm-remotes/origin/main"])
        .ok();
    b.task("From b", &[]);
    let theirs = b.pm(&["sync"]).ok();
    assert!(!theirs.err.contains("first time"), "{}", theirs.err);
}

// Whoever is at a terminal is asked before the state leaves for the first time, and once.
#[test]
fn the_first_push_is_asked_at_a_terminal() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    let start = ["start", "T-0001", "--no-worktree"];
    let asked = at_terminal(&a, &start, "n\n").exits(1);
    let said = asked.out + &asked.err;
    assert!(said.contains("Push the state of git pm to "), "{said}");
    assert!(
        said.contains("Everyone who can read that repository"),
        "{said}"
    );
    assert!(said.contains("pm.sync manual"), "{said}");
    assert_eq!(hub.tip("refs/pm/main"), "", "it was pushed");
    assert_eq!(a.data(&["show", "T-0001"])["status"], "queued");
    at_terminal(&a, &start, "y\n").ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
    let again = at_terminal(&a, &["sync"], "").ok().out;
    assert!(!again.contains("Push the state"), "{again}");
}

// Whoever cannot be asked is told before it happens, at `init` already.
#[test]
fn where_the_state_goes_is_said_before_it_is_pushed() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let keeps = "`git pm config pm.sync manual` keeps it here";
    let said = a.pm(&["init"]).ok().err;
    assert!(said.contains("hub.git") && said.contains(keeps), "{said}");
    a.write("todo.csv", "ID,Title\nX-1,Wash\n");
    let said = a.pm(&["import", "csv", "todo.csv"]).ok().err;
    assert!(said.contains("hub.git") && said.contains(keeps), "{said}");
    a.task("One", &[]);
    assert_eq!(hub.tip("refs/pm/main"), "", "it was pushed");
    let all = a.data(&["list"]);
    let id = crate::support::ids(&all["items"])[0].to_string();
    let said = agent(&a).pm(&["start", &id, "--no-worktree"]).ok().err;
    let before = said.find("this clone has never pushed the state");
    let after = said.find("for the first time");
    assert!(before.is_some() && before < after, "{said}");
    let again = a.pm(&["init"]).ok().err;
    assert!(!again.contains(keeps), "{again}");
    let b = scene.clone_of(&hub, "b", "Ben");
    let said = b.pm(&["init"]).ok().err;
    assert!(!said.contains(keeps), "{said}");
}

// A command that is refused pushes nothing, so it is not said that the state goes now.
#[test]
fn a_refused_command_does_not_say_that_it_pushes_the_state() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.write("todo.csv", "ID,Title,Status\nX-1,Wash,In Review\n");
    a.pm(&["import", "csv", "todo.csv"]).ok();
    let all = a.data(&["list"]);
    let id = crate::support::ids(&all["items"])[0];
    for verb in ["merge", "start"] {
        let said = a.pm(&[verb, id]).exits(1).err;
        let when = "never pushed the state: unless this command is refused, it goes to";
        assert!(said.contains(when), "{said}");
        assert_eq!(hub.tip("refs/pm/main"), "");
    }
}

// What git ignores is private: an agent's claim does not publish what was imported from it.
#[test]
fn an_agent_does_not_publish_what_was_imported_from_ignored_files() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.write(".git/info/exclude", ".beads/\n");
    a.write(
        ".beads/issues.jsonl",
        "{\"id\":\"x-a2\",\"title\":\"Private\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\
         \"created_at\":\"2026-01-02T03:04:05Z\",\"updated_at\":\"2026-01-02T03:04:05Z\"}\n",
    );
    a.pm(&["import", "beads"]).ok();
    let robot = agent(&a);
    for args in [
        &["issue", "claim", "x-a2"][..],
        &["start", "x-a2", "--no-worktree"],
        &["sync"],
    ] {
        let refused = robot.pm(args).exits(1).err;
        assert!(refused.contains("which git ignores"), "{args:?}: {refused}");
        assert!(refused.contains("git pm sync"), "{args:?}: {refused}");
        assert!(refused.contains("pm.sync manual"), "{args:?}: {refused}");
        assert_eq!(hub.tip("refs/pm/main"), "", "{args:?} pushed");
    }
    a.pm(&["config", "pm.sync", "manual"]).ok();
    robot.pm(&["issue", "claim", "x-a2"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), "", "a local claim was pushed");
    a.pm(&["config", "pm.sync", "--unset"]).ok();
    at_terminal(&a, &["sync"], "y\n").ok();
    robot.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

// `pm.remote` may be another URL; then the state is not pushed to `origin`.
#[test]
fn the_state_can_have_a_separate_remote() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let private = scene.bare("private.git");
    a.git(&["config", "pm.remote", private.path.to_str().unwrap()])
        .ok();
    a.task("Private plan", &[]);
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), "", "a private plan was published");
    assert_eq!(private.tip("refs/pm/main"), a.tip("refs/pm/main"));
    assert_eq!(a.data(&["show", "T-0001"])["claim"]["confirmed"], true);
}
