//! Packing of accumulated objects: the size of a change, loose and packed, and that concurrent
//! commands are not affected.

use crate::support::{Repo, Scene, wait_all};

/// The number of loose objects and their bytes, from `git count-objects`.
fn loose(repo: &Repo) -> (usize, u64) {
    let out = repo.git(&["count-objects", "-v"]).ok().out;
    let field = |name: &str| -> u64 {
        let line = out.lines().find(|l| l.starts_with(name)).unwrap();
        line[name.len() + 1..].trim().parse().unwrap()
    };
    (
        usize::try_from(field("count")).unwrap(),
        field("size") * 1024,
    )
}

/// The bytes of all packs without their indexes.
fn packed(repo: &Repo) -> u64 {
    std::fs::read_dir(repo.path.join(".git/objects/pack"))
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "pack"))
        .map(|entry| entry.metadata().unwrap().len())
        .sum()
}

/// Adds items to an empty state in one commit, with plain git.
fn with_items(repo: &Repo, count: usize) {
    use std::fmt::Write;
    let tip = repo.tip("refs/pm/main");
    let mut stream = format!(
        "commit refs/pm/main\ncommitter A <a@b> 1763625600 +0000\ndata <<E\nimport\n\nPM-Op: import\n\
         PM-Clock: 1763625600000.0\nE\nfrom {tip}\n"
    );
    for n in 1..=count {
        let uid = format!("01jd4qz0r000000000000{n:05}");
        let text = format!(
            "---\nid: T-{n:04}\nuid: \"{uid}\"\nkind: task\ntitle: Task number {n}\ntype: feature\n\
             status: queued\npriority: 2\ncreated_at: \"2025-11-20T08:00:00Z\"\ncreated_by: ana\n\
             birth: \"1763625600000.0.ana0\"\n---\nWhat has to be done for number {n}, and why {}.\n",
            n * 7919
        );
        writeln!(
            stream,
            "M 100644 inline tasks/{:02}/T-{n:04}-{}.md\ndata {}\n{text}",
            n / 100,
            &uid[22..],
            text.len()
        )
        .unwrap();
    }
    repo.feed("git", &["fast-import", "--quiet", "--force"], &stream)
        .ok();
}

// Bytes added to `.git` by one change.
#[test]
fn a_change_needs_at_most_60_kb_loose_and_3_kb_packed() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    with_items(&a, 1000);
    a.pm(&["gc"]).ok();
    let (before, base) = (loose(&a).1, packed(&a));
    let changes = 12;
    for n in 0..changes {
        let id = format!("T-{}", n * 83 + 1);
        a.pm(&["task", "edit", &id, "--priority", "1"]).ok();
    }
    let each = (loose(&a).1 - before) / changes;
    assert!(each <= 60_000, "a change takes {each} bytes loose");
    let done = a.data(&["gc"]);
    assert!(done["packed"].as_u64().unwrap() >= changes * 4, "{done}");
    let each = (packed(&a) - base) / changes;
    assert!(each <= 3_000, "a change takes {each} bytes packed");
    assert_eq!(a.data(&["show", "T-84"])["priority"], 1);
    a.git(&["fsck", "--full"]).ok();
}

#[test]
fn sync_packs_many_objects_of_the_state_and_leaves_the_users_objects() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.git(&["config", "pm.packLimit", "150"]).ok();
    let theirs = a
        .feed("git", &["hash-object", "-w", "--stdin"], "mine\n")
        .text();
    a.task("First", &[]);
    a.pm(&["sync"]).ok();
    assert_eq!(packed(&a), 0, "packed too early");
    for n in 0..30 {
        a.task(&format!("Task {n}"), &[]);
    }
    let (many, _) = loose(&a);
    assert!(many > 150, "{many} loose objects");
    // Nothing is packed during a gc.
    std::fs::write(a.path.join(".git/gc.pid"), "1 nowhere").unwrap();
    a.pm(&["sync"]).ok();
    let during = loose(&a).0;
    assert!(during >= many, "packed during a gc");
    std::fs::remove_file(a.path.join(".git/gc.pid")).unwrap();
    a.pm(&["sync"]).ok();
    let (few, _) = loose(&a);
    assert!(few < 60, "{few} loose objects are left of {many}");
    let path = format!(".git/objects/{}/{}", &theirs[..2], &theirs[2..]);
    assert!(
        a.path.join(path).exists(),
        "the user's loose object was touched"
    );
    assert_eq!(
        a.data(&["task", "list"])["items"].as_array().unwrap().len(),
        31
    );
    a.git(&["fsck", "--full", "--strict"]).ok();
    // The next packing waits for as many objects again.
    let before = packed(&a);
    a.task("One more", &[]);
    a.pm(&["sync"]).ok();
    assert_eq!(packed(&a), before);
}

#[test]
fn packing_concurrent_with_writers_and_a_gc_loses_nothing() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.task("First", &[]);
    let mut children: Vec<_> = (0..6)
        .map(|n| a.spawn(&["task", "create", &format!("Task {n}")]))
        .collect();
    children.extend((0..3).map(|_| a.spawn(&["gc"])));
    let gc = a
        .command("git")
        .args(["gc", "--quiet", "--prune=now"])
        .spawn()
        .unwrap();
    for ran in wait_all(children) {
        ran.ok();
    }
    gc.wait_with_output().unwrap();
    assert_eq!(
        a.data(&["task", "list"])["items"].as_array().unwrap().len(),
        7
    );
    a.git(&["fsck", "--full", "--strict"]).ok();
}

#[test]
fn a_killed_packing_leaves_everything_readable() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    for n in 0..5 {
        a.task(&format!("Task {n}"), &[]);
    }
    // Killed before the pack has its index, and after it, before the loose files are removed.
    for (name, script) in [
        (
            "before",
            "case \"$1\" in pack-objects) \"$REAL\" \"$@\" >/dev/null; rm -f objects/pack/*.idx \
             .git/objects/pack/*.idx; kill -9 $PPID; exit 1;; esac\nexec \"$REAL\" \"$@\"",
        ),
        (
            "after",
            "case \"$1\" in pack-objects) \"$REAL\" \"$@\" >/dev/null; kill -9 $PPID; exit 1;; \
             esac\nexec \"$REAL\" \"$@\"",
        ),
    ] {
        let killed = a.wrapping_git(name, script).pm(&["gc"]);
        assert_eq!(killed.code, -1, "{name}: {}", killed.err);
        assert_eq!(
            a.data(&["task", "list"])["items"].as_array().unwrap().len(),
            5
        );
        a.git(&["fsck", "--full"]).ok();
    }
    a.pm(&["gc"]).ok();
    assert_eq!(
        a.data(&["task", "list"])["items"].as_array().unwrap().len(),
        5
    );
}

// A process that was started before sees only so many of the packs that appear meanwhile: the remote's
// state was called foreign, with the advice to replace it.
#[test]
fn a_state_is_taken_that_was_fetched_after_many_packs() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let id = a.task("Fetched", &[]);
    a.pm(&["sync"]).ok();
    b.git(&["config", "fetch.unpackLimit", "1"]).ok();
    let packing = "packs=$(\"$REAL\" rev-parse --git-path objects/pack)\n\
         case \" $* \" in *' fetch '*refs/pm*) for n in $(seq 40); do \
         echo $n | \"$REAL\" hash-object -w --stdin | \"$REAL\" pack-objects -q \"$packs/pack\" >/dev/null; \
         done;; esac\nexec \"$REAL\" \"$@\"\n";
    b.wrapping_git("packing", packing).pm(&["sync"]).ok();
    assert_eq!(b.data(&["show", &id])["title"], "Fetched");
}
