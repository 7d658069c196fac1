//! The index is derived: whatever happens to it, the answers are those of the state itself.

use std::path::PathBuf;

use crate::support::{Repo, Scene, rounds, wait_all};

/// Every question that the index serves.
const QUESTIONS: &[&[&str]] = &[
    &["task", "list", "--all", "--json"],
    &["task", "list", "--json", "--limit", "3"],
    &["ready", "--json"],
    &["next", "--json"],
    &["blocked", "--json"],
    &["status", "--json"],
    &["why", "T-5", "--json"],
    &["show", "T-3", "--json"],
    &["task", "tree", "--json"],
    &["dep", "list", "T-4", "--json"],
    &["reserve", "list", "--json"],
    &["search", "slow", "--json"],
    &["conflicts", "--json"],
    &["fsck", "--json"],
];

fn lived_in() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a repo");
    repo.pm(&["init"]).ok();
    repo.task("Slow login", &["--label", "auth", "-p", "1"]);
    repo.task("Cold cache", &["--body", "The slow path."]);
    repo.task("Race", &["--depends-on", "T-1"]);
    repo.task("Epic work", &["--depends-on", "T-3", "--depends-on", "T-2"]);
    repo.task("Last", &["--depends-on", "T-4"]);
    repo.pm(&["epic", "create", "Auth"]).ok();
    repo.pm(&["task", "edit", "T-5", "--epic", "E-1"]).ok();
    repo.pm(&["task", "comment", "T-3", "-m", "as slow as before"])
        .ok();
    repo.pm(&["task", "start", "T-2", "--no-worktree"]).ok();
    repo.pm(&["task", "block", "T-1", "waiting for a key"]).ok();
    repo.pm(&["reserve", "add", "src/**"]).ok();
    repo.task("Given up", &[]);
    repo.pm(&["task", "cancel", "T-6"]).ok();
    (scene, repo)
}

fn answers(repo: &Repo) -> Vec<String> {
    let at = repo.when("2026-11-20T12:00:00Z");
    QUESTIONS
        .iter()
        .map(|question| {
            let ran = at.pm(question);
            format!("{question:?} {} {}", ran.code, ran.out)
        })
        .collect()
}

fn index(repo: &Repo) -> PathBuf {
    repo.path.join(".git/pm/index.sqlite")
}

#[track_caller]
fn same(after: &[String], before: &[String], what: &str) {
    for (after, before) in after.iter().zip(before) {
        assert_eq!(after, before, "{what}: another answer than before");
    }
}

/// What is left behind, and the answers before it.
#[track_caller]
fn harmless(what: &str, damage: impl Fn(&Repo)) {
    let (_scene, repo) = lived_in();
    let before = answers(&repo);
    damage(&repo);
    same(&answers(&repo), &before, what);
    repo.task("Written afterwards", &[]);
    let list = repo.pm(&["task", "list", "--json"]).ok().out;
    assert!(
        list.contains("Written afterwards"),
        "{what}: a new task is lost"
    );
    assert!(index(&repo).exists(), "{what}: there is no index any more");
}

#[test]
fn an_index_that_is_deleted_is_built_again() {
    harmless("deleted", |repo| std::fs::remove_file(index(repo)).unwrap());
    harmless("deleted with its folder's lock", |repo| {
        std::fs::remove_file(index(repo)).unwrap();
        std::fs::remove_file(repo.path.join(".git/pm/index.lock")).unwrap();
    });
}

#[test]
fn an_index_that_is_truncated_is_built_again() {
    for part in [0, 1, 2, 3] {
        harmless("truncated", |repo| {
            let file = std::fs::OpenOptions::new()
                .write(true)
                .open(index(repo))
                .unwrap();
            let length = file.metadata().unwrap().len();
            file.set_len(length / 4 * part).unwrap();
        });
    }
}

#[test]
fn an_index_filled_with_noise_is_built_again() {
    let noise = |length: usize| -> Vec<u8> {
        let mut x = 88_172_645_463_325_252u64;
        let next = |_| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            x.to_le_bytes()[0]
        };
        (0..length).map(next).collect()
    };
    harmless("noise", |repo| {
        let length = std::fs::metadata(index(repo)).unwrap().len();
        std::fs::write(index(repo), noise(usize::try_from(length).unwrap())).unwrap();
    });
    for at in [4096usize, 16_000, 40_000] {
        harmless("noise in the middle", |repo| {
            let mut bytes = std::fs::read(index(repo)).unwrap();
            let end = (at + 600).min(bytes.len());
            if at < end {
                bytes[at..end].copy_from_slice(&noise(end - at));
            }
            std::fs::write(index(repo), bytes).unwrap();
        });
    }
}

#[test]
fn an_index_of_another_version_or_repository_is_built_again() {
    harmless("a foreign database", |repo| {
        let (_other, foreign) = lived_in();
        foreign.task("Not of this repository", &[]);
        foreign.pm(&["ready"]).ok();
        std::fs::copy(index(&foreign), index(repo)).unwrap();
    });
    harmless("a folder in its place", |repo| {
        std::fs::remove_file(index(repo)).unwrap();
        std::fs::create_dir(index(repo)).unwrap();
        // Somebody cleans up in the end; until then commands work without it.
        repo.pm(&["ready"]).ok();
        std::fs::remove_dir(index(repo)).unwrap();
    });
}

#[test]
fn a_journal_that_a_killed_writer_left_changes_nothing() {
    harmless("a stale journal", |repo| {
        let journal = repo.path.join(".git/pm/index.sqlite-journal");
        std::fs::write(journal, b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7 and noise").unwrap();
    });
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_has_the_same_answers() {
    use std::os::unix::fs::PermissionsExt;
    let (_scene, repo) = lived_in();
    let before = answers(&repo);
    let folder = repo.path.join(".git/pm");
    std::fs::remove_file(index(&repo)).unwrap();
    // Root writes anywhere, so the place is also taken by something that is no file.
    std::fs::create_dir(index(&repo)).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    let after = answers(&repo);
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    same(&after, &before, "a folder that cannot be written");
}

#[test]
fn eight_processes_that_find_no_index_agree() {
    let (_scene, repo) = lived_in();
    let repo = repo.when("2026-11-20T12:00:00Z");
    let before = repo.pm(&["task", "list", "--all", "--json"]).ok().out;
    for round in 0..rounds(20) {
        let _ = std::fs::remove_file(index(&repo));
        let lists = (0..8).map(|_| repo.spawn(&["task", "list", "--all", "--json"]));
        for ran in wait_all(lists.collect()) {
            assert_eq!(ran.ok().out, before, "round {round}");
        }
    }
}

#[test]
fn an_index_damaged_while_eight_processes_write_costs_nothing() {
    let (_scene, repo) = lived_in();
    for round in 0..rounds(20) {
        let title = |n: usize| format!("r{round}n{n}");
        let titles: Vec<String> = (0..8).map(title).collect();
        let children: Vec<_> = titles
            .iter()
            .map(|title| repo.spawn(&["task", "create", title]))
            .collect();
        match round % 3 {
            0 => drop(std::fs::remove_file(index(&repo))),
            1 => drop(std::fs::write(index(&repo), "noise")),
            _ => {
                let file = std::fs::OpenOptions::new().write(true).open(index(&repo));
                let _ = file.map(|file| file.set_len(5000));
            }
        }
        for ran in wait_all(children) {
            ran.ok();
        }
        let list = repo.pm(&["task", "list", "--json"]).ok().out;
        for title in titles {
            assert!(
                list.contains(&title),
                "{title} was acknowledged and is not listed"
            );
        }
    }
}

/// A fresh clone builds its index from the whole state, the others caught up write by write: they
/// must say the same.
#[test]
fn an_index_that_caught_up_equals_one_built_at_once() {
    let (_scene, repo) = lived_in();
    for step in [
        &["task", "unblock", "T-1"][..],
        &["task", "cancel", "T-1"],
        &["task", "reopen", "T-1"],
        &["dep", "rm", "T-3", "T-1"],
        &["dep", "add", "T-2", "T-5"],
        &["task", "edit", "T-5", "--title", "Renamed", "--label", "x"],
        &["task", "drop", "T-2"],
        &["task", "defer", "T-3"],
        &["task", "create", "New", "--depends-on", "T-5"],
    ] {
        let ran = repo.pm(step);
        let caught_up = answers(&repo);
        std::fs::remove_file(index(&repo)).unwrap();
        same(
            &caught_up,
            &answers(&repo),
            &format!("after {step:?}: {ran:?}"),
        );
    }
}
