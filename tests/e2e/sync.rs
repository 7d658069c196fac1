//! How the state travels: what a clone gets, what a remote may do to it, and what the tool never
//! does to the user's own refs and pushes.

use crate::support::{Repo, Scene, rounds, wait_all};

/// Everything of the user's that `init` and `sync` must leave alone.
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

// Must show 2: nothing of the user's changes, and the state is readable without us.
#[test]
fn init_leaves_the_users_repository_as_it_was() {
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
    a.pm(&["init"]).ok();
    assert_eq!(Theirs::of(&a), before);
    a.task("Readable", &["--body", "Some *text*."]);
    a.pm(&["sync"]).ok();
    a.pm(&["pull"]).ok();
    assert_eq!(Theirs::of(&a), before);

    let path = a
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "tasks/"])
        .text();
    assert!(path.starts_with("tasks/00/T-0001-"), "{path}");
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
    // Again: nothing more.
    a.pm(&["init"]).ok();
    assert_eq!(
        a.git(&["config", "--get-all", "remote.origin.fetch"])
            .text()
            .lines()
            .count(),
        2
    );
}

// Must show 2: `git clone` of the remote, then `git pm init`, has everything.
#[test]
fn a_fresh_clone_has_everything_after_init_and_works_as_before() {
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

    // The user's own push and fetch do what they did, and nothing with the state.
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

// 4.2: a state that a plain `git fetch` brought is adopted also without the network.
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

// 4.2: two clones that began on their own are one when they meet.
#[test]
fn clones_that_began_apart_become_one() {
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

// 4.2: the first push says who will be able to read it, once.
#[test]
fn the_first_push_says_who_will_see_the_state() {
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
    b.task("From b", &[]);
    let theirs = b.pm(&["sync"]).ok();
    assert!(!theirs.err.contains("first time"), "{}", theirs.err);
}

// 4.2: `pm.remote` may be another URL; then nothing of the state goes to origin.
#[test]
fn the_state_may_have_a_remote_of_its_own() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let private = scene.bare("private.git");
    a.git(&["config", "pm.remote", private.path.to_str().unwrap()])
        .ok();
    a.task("Private plan", &[]);
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), "", "a private plan went public");
    assert_eq!(private.tip("refs/pm/main"), a.tip("refs/pm/main"));
    assert_eq!(a.data(&["show", "T-0001"])["claim"]["confirmed"], true);
}

/// Two clones that each made a first task without seeing the other's.
fn taken_twice(scene: &Scene) -> (Repo, Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Of Ana", &[]);
    b.task("Of Ben", &["--path", "docs/**"]);
    (hub, a, b)
}

// 4.3; TM-05: a number taken twice offline: whoever syncs first keeps it, the other is renumbered
// in the pushed commit, is told, and is found by its old name.
#[test]
fn a_number_taken_twice_offline_is_given_out_anew() {
    let scene = Scene::new();
    let (hub, a, b) = taken_twice(&scene);
    let started = b.data(&["--offline", "start", "T-0001"]);
    let alias = started["alias"].as_str().unwrap().to_string();
    assert_eq!(
        alias,
        format!("T-0001-{}", alias.rsplit_once('-').unwrap().1)
    );
    b.pm(&["task", "create", "After", "--depends-on", "T-0001"])
        .ok();
    a.pm(&["sync"]).ok();
    let path_before = b
        .git(&["grep", "-l", "Of Ben", "refs/pm/main", "--", "tasks"])
        .text();

    let report = b.data(&["sync"]);
    let told = &report["renumbered"][0];
    assert_eq!(told["old"], "T-0001");
    assert_eq!(told["new"], "T-0003");
    assert_eq!(told["alias"], alias.as_str());
    assert_eq!(report["confirmed"][0], "T-0003", "its claim came along");
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        assert_eq!(clone.data(&["show", "T-0001"])["title"], "Of Ana");
        let item = clone.data(&["show", "T-0003"]);
        assert_eq!(item["title"], "Of Ben");
        assert_eq!(clone.data(&["show", &alias])["id"], "T-0003");
        assert_eq!(item["branch"], "task/T-0001-of-ben", "its branch is kept");
        assert_eq!(
            clone.data(&["show", "T-0002"])["depends_on"][0],
            "T-0003",
            "what depended on it follows"
        );
    }
    assert_eq!(a.state_tree(), hub.state_tree());
    let path_after = b
        .git(&["grep", "-l", "Of Ben", "refs/pm/main", "--", "tasks"])
        .text();
    assert_eq!(path_before, path_after, "a path never moves");
    // The work goes on under the old name, from its worktree, with the right trailer.
    let work = b.worktree(&alias);
    work.write("docs/guide.md", "Better guide\n");
    work.commit_all("Better");
    assert_eq!(
        work.git(&["log", "-1", "--format=%(trailers:key=Task,valueonly)"])
            .text()
            .trim(),
        "T-0003"
    );
    b.pm(&["finish", &alias, "--merge"]).ok();
    assert_eq!(b.data(&["show", "T-0003"])["status"], "done");
    // Once pushed, ids never change again.
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", &alias])["id"], "T-0003");
}

// 4.3: the user is told in plain text, too.
#[test]
fn a_renumbered_task_is_told_in_words() {
    let scene = Scene::new();
    let (_, a, b) = taken_twice(&scene);
    a.pm(&["sync"]).ok();
    let said = b.pm(&["sync"]).ok().out;
    assert!(said.contains("T-0001 is now T-0002"), "{said}");
    assert!(said.contains("Of Ben"), "{said}");
}

// 4.3: a start is a push too: what it renumbers is told, and the id that was typed is looked up
// after the join.
#[test]
fn a_start_that_renumbers_starts_the_right_task() {
    let scene = Scene::new();
    let (_, a, b) = taken_twice(&scene);
    a.pm(&["sync"]).ok();
    let started = b.pm(&["--json", "start", "T-0001"]);
    // Ben meant his own T-0001. It must not be Ana's that is silently begun for him.
    if started.code == 0 {
        assert_eq!(
            started.data()["title"],
            "Of Ben",
            "another person's task was started: {}",
            started.err
        );
    } else {
        started.exits(3);
        b.pm(&["start", "T-0002"]).ok();
    }
    assert!(a.data(&["show", "T-0001"])["claim"].is_null());
    a.pm(&["sync"]).ok();
    assert!(
        a.data(&["show", "T-0001"])["claim"].is_null(),
        "Ana's task is claimed by Ben, who does not know it"
    );
}

// 4.3, C5: published ids never change; two published ones show with their suffix, and the bare id
// is an error that lists both.
#[test]
fn c5_two_published_ids_are_both_kept_and_the_bare_one_is_ambiguous() {
    let scene = Scene::new();
    let (_, a, b) = taken_twice(&scene);
    let backup = scene.bare("backup.git");
    for clone in [&a, &b] {
        clone
            .git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
            .ok();
    }
    // Ben's number is out at the backup, Ana's at the main remote.
    b.pm(&["push", "backup"]).ok();
    a.pm(&["sync"]).ok();
    let report = b.data(&["sync"]);
    assert!(
        report["renumbered"].as_array().unwrap().is_empty(),
        "{report}"
    );
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        let list = clone.data(&["task", "list"])["items"].clone();
        let ids: Vec<&str> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), 2);
        assert!(
            ids.iter().all(|id| id.starts_with("T-0001-")) && ids[0] != ids[1],
            "{ids:?}"
        );
        for args in [
            &["show", "T-0001"][..],
            &["task", "edit", "T-1", "--title", "x"],
            &["start", "T-0001"],
        ] {
            let refused = clone.pm(args).exits(4);
            for id in &ids {
                assert!(refused.err.contains(id), "{args:?}: {}", refused.err);
            }
        }
        for id in ids {
            assert_eq!(clone.data(&["show", id])["id"], id);
        }
    }
    // A new one is neither.
    assert_eq!(a.task("Third", &[]), "T-0002");
}

// C5: the reply of a push elsewhere was lost: the number counts as published all the same.
#[test]
fn c5_a_number_that_may_have_reached_another_remote_is_not_given_away() {
    let scene = Scene::new();
    let (_, a, b) = taken_twice(&scene);
    let backup = scene.bare("backup.git");
    b.git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
        .ok();
    // It lands, is answered by nobody, and the backup is gone when asked.
    let away = scene.dir.path().join("backup.away");
    backup.hook(
        "reference-transaction",
        &format!(
            "[ \"$1\" = committed ] || exit 0\nmv '{}' '{}'\nkill -9 $PPID",
            backup.path.display(),
            away.display()
        ),
    );
    b.pm(&["push", "backup"]).exits(6);
    a.pm(&["sync"]).ok();
    let report = b.data(&["sync"]);
    assert!(
        report["renumbered"].as_array().unwrap().is_empty(),
        "a number that is out in the world was changed: {report}"
    );
    // Pruned tracking refs make no difference.
    b.git(&["remote", "rm", "backup"]).ok();
    a.task("Later", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    b.pm(&["show", "T-0001"]).exits(4);
}

// 4.3: a lost push discards the renumbering; the next one makes it.
#[test]
fn a_push_that_broke_does_not_freeze_a_collision() {
    let scene = Scene::new();
    let (hub, a, b) = taken_twice(&scene);
    a.pm(&["sync"]).ok();
    hub.hook("pre-receive", "kill -9 $PPID");
    b.pm(&["sync"]).exits(6);
    assert_eq!(
        b.data(&["show", "T-0001"])["title"],
        "Of Ben",
        "an id changed although nothing was pushed"
    );
    hub.unhook("pre-receive");
    let report = b.data(&["sync"]);
    assert_eq!(report["renumbered"][0]["new"], "T-0002", "{report}");
    assert_eq!(b.data(&["show", "T-0001"])["title"], "Of Ana");
}

// 4.2: where one may not push, that is remembered for minutes: what nobody asked for is not tried
// again, and what was not sent is never passed over in silence.
#[test]
fn a_remote_that_denies_a_push_is_left_alone_unless_asked_for() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Mine", &[]);
    let count = hub.path.join("tries");
    hub.hook(
        "pre-receive",
        &format!(
            "echo try >>'{}'\necho 'permission denied: you may only read' >&2\nexit 1",
            count.display()
        ),
    );
    let tries = || std::fs::read_to_string(&count).map_or(0, |t| t.lines().count());
    let first = a.pm(&["sync"]).exits(6);
    let said = format!("{}{}", first.out, first.err);
    assert!(said.contains("you may only read"), "{said}");
    assert!(said.contains("2 unsent"), "{said}");
    assert!(said.contains("refs/heads/pm/main"), "{said}");
    assert_eq!(tries(), 1);
    // A claim cannot be confirmed there; that is said without another try.
    let refused = a.pm(&["start", "T-0001", "--no-worktree"]).exits(6);
    assert!(refused.err.contains("--offline"), "{}", refused.err);
    assert!(refused.err.contains("git pm sync"), "{}", refused.err);
    assert_eq!(tries(), 1, "it was tried again unasked");
    a.pm(&["--offline", "start", "T-0001", "--no-worktree"])
        .ok();
    // A command that would share its outcome says that it did not.
    let dropped = a.pm(&["task", "drop", "T-0001"]).ok();
    assert!(
        dropped.err.contains("saved here, not synced"),
        "{}",
        dropped.err
    );
    assert_eq!(tries(), 1, "it was tried again unasked");
    // Minutes later it is not believed any more.
    let later = git_pm::model::stamp::rfc3339(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis() as u64
            + 11 * 60_000,
    );
    a.task("Other", &[]);
    a.when(&later)
        .pm(&["start", "T-0002", "--no-worktree"])
        .exits(6);
    assert_eq!(tries(), 2);
    // Asked for, it is tried; and once it is allowed, all is as everywhere.
    a.pm(&["sync"]).exits(6);
    assert_eq!(tries(), 3);
    hub.unhook("pre-receive");
    a.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
    // Who only reads has nothing to send, and nothing to worry about.
    let b = scene.clone_of(&hub, "b", "Bob");
    hub.hook("pre-receive", "echo 'permission denied' >&2; exit 1");
    b.pm(&["sync"]).ok();
}

// 4.2: a host that takes branches only: a clear message, and the fallback it names works.
#[test]
fn a_host_that_refuses_custom_refs_is_named_its_fallback() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    hub.hook(
        "update",
        "case \"$1\" in refs/heads/*|refs/tags/*) ;; *) echo 'only branches and tags' >&2; exit 1;; esac",
    );
    a.task("Mine", &[]);
    let refused = a.pm(&["start", "T-0001", "--no-worktree"]).exits(6);
    assert!(
        refused.err.contains("pm.remoteRef refs/heads/pm/main"),
        "{}",
        refused.err
    );
    assert!(refused.err.contains("branch rules"), "{}", refused.err);

    a.pm(&["config", "pm.remoteRef", "refs/heads/pm/main"]).ok();
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    assert_eq!(hub.tip("refs/heads/pm/main"), a.tip("refs/pm/main"));
    let message = a.git(&["log", "-1", "--format=%B", "refs/pm/main"]).text();
    assert!(
        message.contains("[skip ci]"),
        "every write would start a build: {message}"
    );
    assert_eq!(hub.tip("refs/pm/main"), "");
    assert!(
        !a.git(&["branch"]).ok().out.contains("pm/main"),
        "no local branch"
    );
    let b = scene.at("b");
    scene.at(".").git(&["clone", "-q", "hub.git", "b"]).ok();
    b.git(&["config", "user.name", "Ben"]).ok();
    b.git(&["config", "pm.remoteRef", "refs/heads/pm/main"])
        .ok();
    b.pm(&["init"]).ok();
    let lost = b.pm(&["start", "T-0001", "--no-worktree"]).exits(3);
    assert!(lost.err.contains("Ana"), "{}", lost.err);
    b.task("Of Ben", &[]);
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(a.data(&["show", "T-0002"])["title"], "Of Ben");
}

// WT-05: no force push anywhere, and exactly the flags of DESIGN 4.2.
#[test]
fn wt_05_nothing_is_ever_pushed_by_force() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let log = scene.dir.path().join("git.log");
    let record = format!(
        "printf '%s ' \"$@\" >>'{0}'; echo >>'{0}'\nexec \"$REAL\" \"$@\"",
        log.display()
    );
    let (wa, wb) = (
        a.wrapping_git("record-a", &record),
        b.wrapping_git("record-b", &record),
    );
    let backup = scene.bare("backup.git");
    a.git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
        .ok();
    wa.pm(&["init"]).ok();
    wa.task("One", &["--path", "src/**"]);
    wb.task("Two", &[]);
    wa.pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001");
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work");
    wb.pm(&["sync"]).ok();
    wb.pm(&["--offline", "start", "T-0002"]).ok();
    wb.pm(&["sync"]).ok();
    wb.pm(&["reserve", "add", "docs/**"]).ok();
    wa.pm(&["sync", "origin", "backup"]).ok();
    wa.pm(&["finish", "T-0001", "--merge"]).ok();
    wb.pm(&["task", "drop", "T-0002", "--remove-worktree"]).ok();
    wa.pm(&["task", "reassign", "T-0002", "--to", "Cleo"]).ok();
    wa.pm(&["worktree", "gc"]).ok();
    // The remote is rewound and deleted: healed without force, too.
    hub.git(&["update-ref", "refs/pm/main", "refs/pm/main~1"])
        .ok();
    wa.pm(&["sync"]).ok();
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    wa.pm(&["sync"]).ok();

    let text = std::fs::read_to_string(&log).unwrap();
    let pushes: Vec<&str> = text.lines().filter(|l| l.starts_with("push ")).collect();
    assert!(pushes.len() >= 6, "{text}");
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let pushing = words[0] == "push";
        let forced = words.iter().any(|w| {
            (pushing && (*w == "-f" || w.starts_with("--force") || w.starts_with('+')))
                || *w == "--mirror"
                || *w == "--delete"
        });
        assert!(!forced, "pushed by force: git {line}");
    }
    for push in pushes {
        for flag in ["--no-verify", "--no-follow-tags", "--recurse-submodules=no"] {
            assert!(push.contains(flag), "{flag} is missing: git {push}");
        }
        assert!(
            push.trim_end().ends_with(":refs/pm/main"),
            "something else than the state was pushed: git {push}"
        );
    }
    for fetch in text.lines().filter(|l| l.starts_with("fetch ")) {
        for flag in [
            "--no-write-fetch-head",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-auto-maintenance",
        ] {
            assert!(fetch.contains(flag), "{flag} is missing: git {fetch}");
        }
    }
}

// 4.2: tags stay at home, and a failing pre-push hook of the user's is not run for the state.
#[test]
fn a_sync_pushes_no_tags_and_runs_no_pre_push_hook() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.git(&["config", "push.followTags", "true"]).ok();
    a.git(&["tag", "-a", "-m", "v1", "v1"]).ok();
    crate::support::script_file(&a.path.join(".git/hooks/pre-push"), "exit 1");
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/tags/v1"), "");
    assert!(!hub.tip("refs/pm/main").is_empty());
}

// 4.2: our pre-push hook ignores our refs: pushing the state by hand is nobody's commit.
#[test]
fn our_pre_push_hook_ignores_our_refs() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["reserve", "add", "**", "--new"]).ok();
    b.pm(&["sync"]).ok();
    b.task("Of Ben", &[]);
    b.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), b.tip("refs/pm/main"));
}

// 4.1: a rewound remote is healed by the next sync, and nothing is lost here.
#[test]
fn a_rewound_remote_is_healed_by_the_next_sync() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let old = hub.tip("refs/pm/main");
    a.task("Two", &[]);
    a.pm(&["start", "T-0002", "--no-worktree"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    hub.git(&["update-ref", "refs/pm/main", &old]).ok();
    b.task("Three", &[]);
    let synced = b.pm(&["--json", "sync"]).ok();
    let told = synced.json()["notices"].to_string();
    assert!(told.contains("was rewound"), "{told}");
    let report = synced.data();
    assert!(report["renumbered"].as_array().unwrap().is_empty());
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    let item = a.data(&["show", "T-0002"]);
    assert_eq!(item["claim"]["actor"], "Ana");
    assert_eq!(item["claim"]["confirmed"], true);
}

// 4.2: a deleted remote ref is restored by the next sync.
#[test]
fn a_deleted_remote_ref_is_healed_by_the_next_sync() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    // A user's pruning fetch does not take the state away either.
    a.git(&["fetch", "-q", "--prune"]).ok();
    assert_eq!(a.data(&["show", "T-0001"])["title"], "One");
    a.pm(&["sync"]).ok();
    // Without a pruning fetch in between it is told, too.
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    let healed = a.pm(&["sync"]).ok();
    assert!(healed.err.contains("had lost the state"), "{}", healed.err);
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

// 7; SE: what is fetched is data. Garbage under the state's name changes nothing here.
#[test]
fn garbage_under_the_states_name_is_refused_and_changes_nothing() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let good = hub.tip("refs/pm/main");
    hub.git(&["tag", "-a", "-m", "t", "t", &good]).ok();
    let blob = hub
        .feed("git", &["hash-object", "-w", "--stdin"], "garbage\n")
        .text();
    let tree = hub
        .feed(
            "git",
            &["mktree"],
            &format!("100644 blob {blob}\tpm.yaml\n"),
        )
        .text();
    let bad_yaml = hub.git(&["commit-tree", "-m", "bad yaml", &tree]).text();
    let newer = hub
        .feed("git", &["hash-object", "-w", "--stdin"], "format: 99.0\n")
        .text();
    let newer = hub
        .feed(
            "git",
            &["mktree"],
            &format!("100644 blob {newer}\tpm.yaml\n"),
        )
        .text();
    let newer = hub.git(&["commit-tree", "-m", "newer", &newer]).text();
    let garbage = [
        ("a commit that is no state", hub.tip("refs/heads/main")),
        ("a tag", hub.tip("refs/tags/t")),
        ("a blob", blob),
        ("a tree", tree),
        ("a broken pm.yaml", bad_yaml),
        ("a newer format", newer),
    ];
    a.task("Two", &[]);
    let refs = || a.git(&["for-each-ref"]).ok().out;
    let before = refs();
    for (what, id) in garbage {
        std::fs::write(hub.path.join("refs/pm/main"), format!("{id}\n")).unwrap();
        for args in [
            &["sync"][..],
            &["pull"],
            &["push"],
            &["init"],
            &["start", "T-0001", "--no-worktree"],
        ] {
            let refused = a.pm(args);
            assert_eq!(refused.code, 5, "{what}: {refused:?}");
            assert!(
                refused.err.contains("refs/pm/main"),
                "{what}: {}",
                refused.err
            );
            assert!(!refused.err.contains("panicked"), "{what}: {}", refused.err);
        }
        assert_eq!(refs(), before, "{what}: refs changed");
        let there = std::fs::read_to_string(hub.path.join("refs/pm/main")).unwrap();
        assert_eq!(there.trim(), id, "{what}: it was overwritten");
    }
    assert_eq!(
        a.data(&["task", "list"])["items"].as_array().unwrap().len(),
        2
    );
    std::fs::write(hub.path.join("refs/pm/main"), format!("{good}\n")).unwrap();
    a.pm(&["sync"]).ok();
}

// 4.2: many processes sync at once, in two clones; everything arrives once.
#[test]
fn many_processes_sync_at_once() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let mut made = 0;
    for _ in 0..rounds(20) {
        let mut children = Vec::new();
        for clone in [&a, &b] {
            for n in 0..3 {
                children.push(clone.spawn(&["task", "create", &format!("Task {n}")]));
                children.push(clone.spawn(&["sync"]));
                made += 1;
            }
        }
        for ran in wait_all(children) {
            ran.ok();
        }
    }
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    assert_eq!(a.state_tree(), hub.state_tree());
    let list = a.data(&["task", "list"])["items"].clone();
    let mut ids: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), made);
    ids.dedup();
    assert_eq!(ids.len(), made, "two tasks share an id: {ids:?}");
    for clone in [&a, &b] {
        let left = clone.git(&["for-each-ref", "refs/pm-local/fetch"]).text();
        assert_eq!(left, "", "temporary refs are left");
        let intents =
            std::fs::read_dir(clone.path.join(".git/pm/intents")).map_or(0, Iterator::count);
        assert_eq!(intents, 0, "intents are left");
    }
    hub.git(&["fsck", "--strict"]).ok();
    a.git(&["fsck", "--strict"]).ok();
}

// 4.2: `push` and `pull` are the halves of `sync`.
#[test]
fn pull_brings_and_settles_nothing_push_settles() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Two", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["--offline", "start", "T-0001", "--no-worktree"])
        .ok();
    let tip = hub.tip("refs/pm/main");
    b.pm(&["pull"]).ok();
    assert_eq!(b.data(&["show", "T-0002"])["title"], "Two");
    assert_eq!(hub.tip("refs/pm/main"), tip, "a pull pushed");
    assert_eq!(b.data(&["show", "T-0001"])["claim"]["confirmed"], false);
    b.pm(&["push"]).ok();
    assert_eq!(b.data(&["show", "T-0001"])["claim"]["confirmed"], true);
    b.pm(&["--offline", "sync"]).exits(2);
}

// 4.2: when the tool uses the network by itself.
#[test]
fn pm_sync_says_when_the_network_is_used() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let tip = || hub.tip("refs/pm/main");
    let before = tip();
    a.task("Batched", &[]);
    assert_eq!(tip(), before, "by default a create is not pushed");
    a.git(&["config", "pm.sync", "always"]).ok();
    a.task("At once", &[]);
    assert_eq!(tip(), a.tip("refs/pm/main"));
    a.git(&["config", "pm.sync", "manual"]).ok();
    let before = tip();
    let started = a.data(&["start", "T-0001", "--no-worktree"]);
    assert_eq!(started["claim"]["confirmed"], false);
    assert_eq!(tip(), before, "`manual` used the network");
    a.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", "T-0001"])["claim"]["confirmed"], true);
}

// 4.2: no remote at all, several without origin, and one by name that is none.
#[test]
fn without_a_remote_sync_says_how_to_name_one() {
    let scene = Scene::new();
    let a = scene.repo("a");
    a.pm(&["init"]).ok();
    let refused = a.pm(&["sync"]).exits(2);
    assert!(refused.err.contains("pm.remote"), "{}", refused.err);
    for name in ["one", "two"] {
        a.git(&["remote", "add", name, &format!("../{name}.git")])
            .ok();
        scene.bare(&format!("{name}.git"));
    }
    let refused = a.pm(&["sync"]).exits(2);
    assert!(refused.err.contains("pm.remote"), "{}", refused.err);
    a.pm(&["sync", "two"]).ok();
    a.pm(&["sync", "nobody"]).exits(6);
    a.pm(&["sync", "--", "--upload-pack=touch"]).exits(2);
}

// SE-10: only what the user's own git access allows: the same credentials, no way around.
#[test]
fn se_10_a_password_in_the_url_is_not_printed() {
    let scene = Scene::new();
    let a = scene.repo("a");
    a.pm(&["init"]).ok();
    a.git(&[
        "config",
        "pm.remote",
        "https://ana:hunter2@127.0.0.1:1/x.git",
    ])
    .ok();
    for args in [
        &["sync"][..],
        &["status"],
        &["doctor"],
        &["start", "T-0001"],
    ] {
        let ran = a.pm(args);
        assert!(
            !format!("{}{}", ran.out, ran.err).contains("hunter2"),
            "{args:?} prints a password: {}{}",
            ran.out,
            ran.err
        );
    }
}

// 4.3: an exact live id always wins over an alias; zeros don't matter; prefixes are for hash ids.
#[test]
fn names_are_exact_ids_without_regard_to_zeros_or_aliases() {
    let scene = Scene::new();
    let a = scene.repo("a");
    a.pm(&["init"]).ok();
    let item = a.data(&["task", "create", "One"]);
    for name in ["T-0001", "T-1", "t-1", "T-000001"] {
        assert_eq!(a.data(&["show", name])["uid"], item["uid"], "{name}");
    }
    let alias = item["alias"].as_str().unwrap();
    assert_eq!(a.data(&["show", alias])["uid"], item["uid"]);
    assert_eq!(
        a.data(&["task", "edit", alias, "--title", "By alias"])["title"],
        "By alias"
    );
    for name in ["T-00", "T-", "T-0002", "T-0001-zzzz", "1"] {
        a.pm(&["task", "edit", name, "--title", "x"]).exits(4);
    }
}
