//! After crashes and disk faults, acknowledged writes are there, and others leave nothing to clean
//! up by hand. TM-14.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Dice, Repo, Scene, rounds, seed};

/// Starts a command and ignores its output.
fn spawn(repo: &Repo, args: &[&str]) -> Child {
    repo.command(crate::support::binary())
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs a command, kills it with SIGKILL after a while, and returns whether it was acknowledged.
fn killed(repo: &Repo, args: &[&str], after: Duration) -> bool {
    let mut child = spawn(repo, args);
    std::thread::sleep(after);
    let _ = child.kill();
    child.wait().unwrap().success()
}

fn microseconds(dice: &mut Dice, most: usize) -> Duration {
    // Shortens some to an eighth: short delays hit other places than long ones.
    let most = if dice.chance(30) { most / 8 } else { most };
    Duration::from_micros(dice.below(most) as u64)
}

/// The titles of all items.
fn titles(repo: &Repo) -> Vec<String> {
    let listed = repo.data(&["task", "list", "--all", "--limit", "100000"]);
    listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["title"].as_str().unwrap().to_string())
        .collect()
}

/// Requires that git and git pm find nothing wrong.
#[track_caller]
fn sound(repo: &Repo) {
    let fsck = repo.git(&["fsck", "--strict", "--no-dangling"]);
    assert!(
        fsck.code == 0 && !fsck.err.contains("error") && !fsck.err.contains("missing"),
        "git fsck found damage: {}{}",
        fsck.out,
        fsck.err
    );
    repo.pm(&["doctor"]).ok();
}

/// Requires that the next write works, and works at once.
#[track_caller]
fn usable(repo: &Repo, what: &str) {
    let began = Instant::now();
    repo.pm(&["task", "create", "After a crash", "-q"]).ok();
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "after {what} the next write waited {:?} for the killed process",
        began.elapsed()
    );
}

// TM-14: the kill -9 test.
#[test]
fn acknowledged_writes_survive_kill_9_at_any_point() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    // With packed refs there is one more file that a swap could lock.
    repo.git(&["pack-refs", "--all"]).ok();
    let id = repo.task("The edited one", &[]);
    let mut dice = Dice::new(seed());
    let (mut made, mut said) = (BTreeSet::new(), BTreeSet::new());
    let mut last = String::new();
    let mut acknowledged = 0;
    for n in 0..rounds(200) {
        let text = format!("Write {n}");
        let after = microseconds(&mut dice, 30_000);
        let done = match n % 4 {
            0 | 1 => killed(&repo, &["task", "create", &text], after).then(|| {
                made.insert(text.clone());
            }),
            2 => killed(&repo, &["task", "comment", &id, &text], after).then(|| {
                said.insert(text.clone());
            }),
            _ => killed(&repo, &["task", "edit", &id, "--body", &text], after).then(|| {
                last.clone_from(&text);
            }),
        };
        acknowledged += usize::from(done.is_some());
        if n % 5 == 4 {
            usable(&repo, &text);
        }
    }
    let present: BTreeSet<String> = titles(&repo).into_iter().collect();
    let lost: Vec<&String> = made.difference(&present).collect();
    assert!(lost.is_empty(), "created, acknowledged and lost: {lost:?}");
    let shown = repo.data(&["show", &id]);
    let comments = shown["comments"].to_string();
    for text in &said {
        assert!(comments.contains(text), "the comment {text:?} is lost");
    }
    if !last.is_empty() {
        let number = |t: &str| t.rsplit(' ').next().unwrap().parse::<usize>().unwrap();
        let body = shown["body"].as_str().unwrap();
        assert!(
            number(body) >= number(&last),
            "the body {last:?} was acknowledged, {body:?} is there"
        );
    }
    usable(&repo, "all of them");
    sound(&repo);
    eprintln!("{acknowledged} of {} were acknowledged", rounds(200));
}

/// RC-16, for the store: after a killed start, the owner can start the task at once.
#[test]
fn a_killed_start_or_sync_leaves_nothing_to_clean_up() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.git(&["pack-refs", "--all"]).ok();
    let mut dice = Dice::new(seed());
    let mut made = Vec::new();
    for n in 0..rounds(60) {
        let title = format!("Journey {n}");
        let id = a.task(&title, &["--path", &format!("src/{n}/**")]);
        made.push(title);
        let after = microseconds(&mut dice, 250_000);
        let args: &[&str] = if n % 3 == 2 {
            &["sync"]
        } else {
            &["start", &id]
        };
        let done = killed(&a, args, after);
        a.pm(&["sync"]).ok();
        if args[0] == "sync" {
            continue;
        }
        let again = a.pm(&["start", &id]).ok();
        let is_held = again.err.contains("you already hold");
        assert!(
            is_held || !done,
            "{id} was started and acknowledged, and has no claim"
        );
        if is_held {
            a.pm(&["start", &id, "--resume"]).ok();
        }
        let item = a.data(&["show", &id]);
        assert_eq!(item["status"], "in_progress", "{id} after the kill");
        let work = a.worktree(&id);
        assert_eq!(work.git(&["status", "--porcelain"]).ok().out, "");
        assert_eq!(
            work.git(&["branch", "--show-current"]).text(),
            item["branch"].as_str().unwrap()
        );
    }
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    let present = titles(&b);
    for title in &made {
        let n = present.iter().filter(|t| *t == title).count();
        assert_eq!(n, 1, "{title} is there {n} times in the other clone");
    }
    sound(&a);
    sound(&hub.with("GIT_PM_ACTOR", "Ana"));
}

/// Makes the ref's lock file as git does during a swap, and returns its path.
fn lock_of(repo: &Repo, content: &str) -> std::path::PathBuf {
    let path = repo.path.join(".git/refs/pm/main.lock");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn the_lock_of_a_dead_writer_is_removed() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let tip = repo.tip("refs/pm/main");
    for content in [format!("{tip}\n"), String::new()] {
        let lock = lock_of(&repo, &content);
        // The file that a writer makes before its swap and removes afterwards.
        repo.write(".git/pm/lock", &format!("refs/pm/main {tip}"));
        usable(&repo, "a writer that died in its swap");
        assert!(!lock.exists());
    }
    assert_eq!(repo.read(".git/pm/lock"), "");
    sound(&repo);
}

#[test]
fn the_lock_of_a_living_git_is_waited_for_and_never_removed() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let lock = lock_of(&repo, "0123456789012345678901234567890123456789\n");
    let mut child = spawn(&repo, &["task", "create", "Waits"]);
    std::thread::sleep(Duration::from_millis(600));
    assert!(lock.exists(), "the lock of another process was removed");
    assert!(
        child.try_wait().unwrap().is_none(),
        "the write did not wait for a lock that is held for half a second"
    );
    std::fs::remove_file(&lock).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(titles(&repo), ["Waits"]);
}

#[test]
fn a_lock_that_is_not_released_is_reported_with_what_to_do() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.git(&["config", "core.filesRefLockTimeout", "200"])
        .ok();
    let lock = lock_of(&repo, "0123456789012345678901234567890123456789\n");
    let before = repo.tip("refs/pm/main");
    let error = repo.pm(&["--json", "task", "create", "Never"]).exits(5);
    let error = error.error();
    let text = error.to_string();
    assert!(text.contains("main.lock"), "{text}");
    assert!(!error["hints"].as_array().unwrap().is_empty(), "{text}");
    assert!(lock.exists(), "the lock of another process was removed");
    assert_eq!(repo.tip("refs/pm/main"), before);
}

/// git takes this lock to pack or delete refs, also during `git gc`; a stale one must not stop
/// writes either, as they do not need it.
#[test]
fn writes_do_not_use_the_lock_of_packed_refs() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.git(&["pack-refs", "--all"]).ok();
    let lock = repo.path.join(".git/packed-refs.lock");
    std::fs::write(&lock, "").unwrap();
    repo.task("Written all the same", &[]);
    repo.pm(&["sync"]).ok();
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    assert!(lock.exists());
}

/// The writer is stopped at the lock of the ref, when only its objects are written.
#[test]
fn a_kill_between_objects_and_swap_leaves_only_dangling_objects() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("Before", &[]);
    let before = repo.tip("refs/pm/main");
    let lock = lock_of(&repo, "0123456789012345678901234567890123456789\n");
    let objects = || repo.git(&["count-objects"]).ok().out;
    let count = objects();
    let mut child = spawn(&repo, &["task", "create", "Halfway"]);
    let end = Instant::now() + Duration::from_secs(10);
    while objects() == count && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(Duration::from_millis(30));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_ne!(objects(), count, "it did not write its objects");
    std::fs::remove_file(&lock).unwrap();
    assert_eq!(repo.tip("refs/pm/main"), before);
    assert_eq!(titles(&repo), ["Before"]);
    let fsck = repo.git(&["fsck", "--strict"]).ok();
    let said = format!("{}{}", fsck.out, fsck.err);
    let dangling = said.lines().filter(|l| l.starts_with("dangling ")).count();
    assert!(dangling > 0, "{said}");
    assert_eq!(said.lines().count(), dangling, "{said}");
    usable(&repo, "a writer without a swap");
    sound(&repo);
}

/// Truncates an object as a power failure does.
fn truncate(repo: &Repo, object: &str, length: usize) {
    let path = repo
        .path
        .join(".git/objects")
        .join(&object[..2])
        .join(&object[2..]);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &bytes[..length.min(bytes.len())]).unwrap();
}

#[test]
fn a_tip_that_cannot_be_read_is_recovered_from_the_reflog() {
    for length in [0, 20] {
        let scene = Scene::new();
        let repo = scene.set_up("a");
        repo.task("Kept", &[]);
        repo.task("Torn", &[]);
        truncate(&repo, &repo.tip("refs/pm/main"), length);
        assert_eq!(titles(&repo), ["Kept"], "reading needs no repair");
        let doctor = repo.pm(&["doctor"]).exits(1);
        assert!(doctor.out.contains("refs/pm/main"), "{}", doctor.out);
        repo.task("Next", &[]);
        assert_eq!(titles(&repo), ["Kept", "Next"]);
        repo.pm(&["doctor"]).exits(1);
        repo.pm(&["fsck", "--repair"]).ok();
        assert_eq!(titles(&repo), ["Kept", "Torn", "Next"]);
        repo.pm(&["doctor"]).ok();
    }
}

/// A power failure most often damages the file of the ref itself.
#[test]
fn an_empty_ref_file_is_recovered_from_the_reflog() {
    for content in ["", "\0\0\0\0"] {
        let scene = Scene::new();
        let (_hub, repo) = scene.with_hub();
        repo.task("Kept", &[]);
        repo.write(".git/refs/pm/main", content);
        assert_eq!(titles(&repo), ["Kept"], "reading needs no repair");
        repo.task("Next", &[]);
        assert_eq!(titles(&repo), ["Kept", "Next"]);
        repo.write(".git/refs/pm/main", content);
        repo.pm(&["sync"]).ok();
        assert_eq!(titles(&repo), ["Kept", "Next"]);
        sound(&repo);
    }
}

/// After a sync three refs point at one commit: all of them must be recovered.
#[test]
fn a_damaged_tip_that_was_synced_does_not_stop_the_next_sync() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Synced", &[]);
    a.pm(&["sync"]).ok();
    a.task("Synced too", &[]);
    a.pm(&["sync"]).ok();
    truncate(&a, &a.tip("refs/pm/main"), 0);
    a.task("Written after", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let mut there = titles(&b);
    there.sort();
    assert_eq!(there, ["Synced", "Synced too", "Written after"]);
    assert_eq!(a.state_tree(), b.state_tree());
    a.pm(&["doctor"]).ok();
}

#[test]
fn concurrent_writes_of_eight_processes_all_succeed() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.git(&["pack-refs", "--all"]).ok();
    let each = rounds(60);
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let repo = &repo;
            scope.spawn(move || {
                for n in 0..each {
                    repo.pm(&["task", "create", &format!("w{worker} n{n}")])
                        .ok();
                }
            });
        }
    });
    let listed = repo.data(&["task", "list", "--limit", "100000"]);
    let items = listed["items"].as_array().unwrap();
    let ids: BTreeSet<&str> = items.iter().map(|i| i["id"].as_str().unwrap()).collect();
    assert_eq!(items.len(), 8 * each, "creates are lost");
    assert_eq!(ids.len(), 8 * each, "ids are assigned twice");
    sound(&repo);
}

/// git warns of this for its own commits; an acknowledged write of git pm must survive.
#[test]
fn writes_during_gc_with_prune_now_survive() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let rounds = rounds(60);
    let writing = std::sync::atomic::AtomicBool::new(true);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let (repo, writing) = (&repo, &writing);
        let writer = scope.spawn(move || {
            let each = (0..rounds).map(|n| repo.pm(&["task", "create", &format!("During {n}")]));
            let failed = each.filter(|r| r.code != 0).map(|r| r.err).collect();
            writing.store(false, std::sync::atomic::Ordering::SeqCst);
            failed
        });
        while writing.load(std::sync::atomic::Ordering::SeqCst) {
            repo.git(&["gc", "-q", "--prune=now"]);
        }
        writer.join().unwrap()
    });
    assert!(failed.is_empty(), "gc stopped writes: {failed:?}");
    let there: BTreeSet<String> = titles(&repo).into_iter().collect();
    let lost: Vec<usize> = (0..rounds)
        .filter(|n| !there.contains(&format!("During {n}")))
        .collect();
    assert!(lost.is_empty(), "pruned although acknowledged: {lost:?}");
    sound(&repo);
}

/// The same deterministically: a running gc deletes unreachable objects between the objects of a
/// write and its swap.
#[test]
fn a_prune_between_the_objects_of_a_write_and_its_swap_loses_nothing() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let owner = format!("{} {}", std::process::id(), "localhost");
    repo.write(".git/gc.pid", &owner);
    let lock = lock_of(&repo, "0123456789012345678901234567890123456789\n");
    let mut child = spawn(&repo, &["task", "create", "During a gc"]);
    let end = Instant::now() + Duration::from_secs(3);
    let packs = || repo.git(&["count-objects", "-v"]).ok().out;
    while packs().contains("packs: 0") && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(Duration::from_millis(30));
    repo.git(&["prune", "--expire=now"]).ok();
    std::fs::remove_file(&lock).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(titles(&repo), ["During a gc"]);
    sound(&repo);
}

/// A gc that begins, and perhaps ends, while a write that has made its objects waits for the ref,
/// as may happen on a busy machine.
#[test]
fn a_gc_started_after_the_objects_of_a_write_loses_nothing() {
    for done in [false, true] {
        let scene = Scene::new();
        let repo = scene.set_up("a");
        let lock = lock_of(&repo, "0123456789012345678901234567890123456789\n");
        let loose = || repo.git(&["count-objects"]).ok().out;
        let before = loose();
        let mut child = spawn(&repo, &["task", "create", "During a gc"]);
        let end = Instant::now() + Duration::from_secs(20);
        while loose() == before {
            assert!(Instant::now() < end, "the write made no objects");
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(100));
        if !done {
            repo.write(".git/gc.pid", &format!("{} localhost", std::process::id()));
        }
        repo.git(&["prune", "--expire=now"]).ok();
        assert_eq!(loose(), before, "the write's objects were not pruned");
        std::fs::remove_file(&lock).unwrap();
        assert!(child.wait().unwrap().success());
        assert_eq!(titles(&repo), ["During a gc"], "done: {done}");
        sound(&repo);
    }
}

#[test]
fn a_clock_set_back_loses_no_edit() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo
        .when("2026-06-01T12:00:00Z")
        .task("Steady", &["--body", "first"]);
    for (now, body) in [
        ("2026-06-01T11:00:00Z", "an hour back"),
        ("2025-01-01T00:00:00Z", "a year back"),
        ("1990-01-01T00:00:00Z", "an empty battery"),
        ("2026-06-01T12:00:01Z", "right again"),
    ] {
        let at = repo.when(now);
        at.pm(&["task", "edit", &id, "--body", body, "--title", body])
            .ok();
        let item = at.data(&["show", &id]);
        assert_eq!(item["body"], body, "an edit at {now} was overridden");
        assert_eq!(item["title"], body, "an edit at {now} was overridden");
    }
    let conflicts = repo.data(&["conflicts"]);
    assert_eq!(conflicts["items"].as_array().map(Vec::len), Some(0));
    sound(&repo);
}

#[test]
fn a_deleted_state_ref_is_reported_and_restored_by_init() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.task("Synced", &[]);
    a.pm(&["sync"]).ok();
    a.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    for args in [
        &["--json", "task", "create", "Nowhere"][..],
        &["--json", "task", "list"],
        &["--json", "sync"],
    ] {
        let error = a.pm(args).exits(5).error().to_string();
        assert!(error.contains("git pm init"), "{args:?}: {error}");
        assert!(error.contains("refs/pm/main"), "{args:?}: {error}");
    }
    assert_eq!(a.tip("refs/pm/main"), "", "an error created a new state");
    a.pm(&["doctor"]).exits(1);
    a.pm(&["init", "--offline"]).ok();
    assert_eq!(titles(&a), ["Synced"], "an item that was synced is missing");
}

/// Something moved the state's ref to a commit of a branch: no write is lost, and nothing of the
/// branch is published.
#[test]
fn a_state_ref_that_was_moved_to_a_branch_loses_and_publishes_nothing() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Synced", &[]);
    a.pm(&["sync"]).ok();
    a.task("Only here", &[]);
    a.git(&["update-ref", "refs/pm/main", "HEAD"]).ok();
    let listed = a.pm(&["list"]).ok();
    assert!(listed.out.contains("Only here"), "{}", listed.out);
    assert!(
        listed.err.contains("is not a state of git pm"),
        "{}",
        listed.err
    );
    assert!(a.pm(&["doctor"]).exits(1).out.contains("is not a state"));
    a.task("After it", &[]);
    assert!(!a.pm(&["list"]).ok().err.contains("note:"));
    a.git(&["update-ref", "refs/pm/main", "HEAD"]).ok();
    a.pm(&["sync"]).ok();
    let files = hub.git(&["ls-tree", "--name-only", "refs/pm/main"]).text();
    assert_eq!(files, "pm.yaml\ntasks");
    assert_eq!(titles(&a), ["Synced", "Only here", "After it"]);
    // Without a reflog, nothing is read or written.
    a.git(&["update-ref", "refs/pm/main", "HEAD"]).ok();
    std::fs::remove_file(a.path.join(".git/logs/refs/pm/main")).unwrap();
    let head = a.tip("HEAD");
    for args in [&["list"][..], &["sync"], &["task", "create", "No"]] {
        a.pm(args).exits(5);
    }
    assert_eq!(a.tip("refs/pm/main"), head);
}
