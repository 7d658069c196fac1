//! The index is derived data: whatever happens to it, answers are those of the state.

use std::path::PathBuf;

use git_pm::internals::store::layout::{Levels, item_path};
use git_pm::internals::store::state::State;
use git_pm::items::Item;
use git_pm::values::{ItemKind, Uid};

use crate::support::{Dice, Repo, Scene, forge, rounds, seed, thorough, wait_all};

/// All queries that use the index.
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
    &["board", "--json"],
    &["board", "--json", "--lanes", "priority", "--by", "status"],
    &["board", "--json", "--by", "owner"],
    &["board", "is:closed is:open", "--json"],
    &["search", "slow", "--json"],
    &["order", "--json"],
    &["graph", "--json"],
    &["graph", "T-4", "--json"],
    &["graph", "E-1", "--json"],
    &["board", "--json", "--cards", "1"],
    &["triage", "--json"],
    &["stats", "--json"],
    &["impact", "src", "--json"],
    &["forecast", "--json"],
    &["suggest", "--json"],
    &["conflicts", "--json"],
    &["list", "is:epic", "--json"],
    &["list", "type:feature", "--json"],
    &["issue", "epic", "status", "--json"],
    &["standup", "--json"],
    &["fsck", "--json"],
];

fn set_up_with_history() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.set_up("a repo");
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
            let mut said = ran.json();
            if let Some(findings) = said["data"]["findings"].as_array_mut() {
                // Not part of the state: the free space on this disk, and the index itself.
                findings.retain(|f| f["check"] != "disk" && f["check"] != "index");
            }
            format!("{question:?} {} {said}", ran.code)
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

type Damage<'a> = (&'a str, &'a dyn Fn(&Repo));

/// Damages the index of one repository in several ways, one after the other.
#[track_caller]
fn require_harmless(damages: &[Damage<'_>]) {
    let (_scene, repo) = set_up_with_history();
    let before = answers(&repo);
    for (what, damage) in damages {
        damage(&repo);
        same(&answers(&repo), &before, what);
    }
    for (n, (what, damage)) in damages.iter().enumerate() {
        damage(&repo);
        let title = format!("Written afterwards {n}");
        repo.task(&title, &[]);
        let list = repo.pm(&["task", "list", "--json"]).ok().out;
        assert!(list.contains(&title), "{what}: a new task is lost");
        assert!(index(&repo).exists(), "{what}: there is no index any more");
    }
}

#[test]
fn an_index_that_is_deleted_is_built_again() {
    require_harmless(&[
        ("deleted", &|repo| {
            std::fs::remove_file(index(repo)).unwrap();
        }),
        ("deleted with its folder's lock", &|repo| {
            std::fs::remove_file(index(repo)).unwrap();
            std::fs::remove_file(repo.path.join(".git/pm/index.lock")).unwrap();
        }),
    ]);
}

#[test]
fn an_index_that_is_truncated_is_built_again() {
    let truncate = |repo: &Repo, part: u64| {
        let file = std::fs::OpenOptions::new().write(true).open(index(repo));
        let file = file.unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length / 4 * part).unwrap();
    };
    require_harmless(&[
        ("truncated to nothing", &|repo| truncate(repo, 0)),
        ("truncated to a quarter", &|repo| truncate(repo, 1)),
        ("truncated to a half", &|repo| truncate(repo, 2)),
        ("truncated to three quarters", &|repo| truncate(repo, 3)),
    ]);
}

#[test]
fn an_index_filled_with_noise_is_built_again() {
    let seed = seed();
    let noise = |length: usize| -> Vec<u8> {
        let mut dice = Dice::new(seed);
        (0..length).map(|_| dice.next().to_le_bytes()[0]).collect()
    };
    let middle = |repo: &Repo, at: usize| {
        let mut bytes = std::fs::read(index(repo)).unwrap();
        let end = (at + 600).min(bytes.len());
        if at < end {
            bytes[at..end].copy_from_slice(&noise(end - at));
        }
        std::fs::write(index(repo), bytes).unwrap();
    };
    require_harmless(&[
        ("noise", &|repo| {
            let length = std::fs::metadata(index(repo)).unwrap().len();
            std::fs::write(index(repo), noise(usize::try_from(length).unwrap())).unwrap();
        }),
        ("noise at 4,096", &|repo| middle(repo, 4_096)),
        ("noise at 16,000", &|repo| middle(repo, 16_000)),
        ("noise at 40,000", &|repo| middle(repo, 40_000)),
    ]);
}

#[test]
fn an_index_of_another_version_or_repository_is_built_again() {
    let (_other, foreign) = set_up_with_history();
    foreign.task("Not of this repository", &[]);
    foreign.pm(&["ready"]).ok();
    require_harmless(&[
        ("a foreign database", &|repo| {
            std::fs::copy(index(&foreign), index(repo)).unwrap();
        }),
        ("a folder in its place", &|repo| {
            std::fs::remove_file(index(repo)).unwrap();
            std::fs::create_dir(index(repo)).unwrap();
            // The folder is removed at the end; until then commands work without an index.
            repo.pm(&["ready"]).ok();
            std::fs::remove_dir(index(repo)).unwrap();
        }),
    ]);
}

#[test]
fn a_journal_left_by_a_killed_writer_changes_nothing() {
    require_harmless(&[("a stale journal", &|repo| {
        let journal = repo.path.join(".git/pm/index.sqlite-journal");
        std::fs::write(journal, b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7 and noise").unwrap();
    })]);
}

#[cfg(unix)]
#[test]
fn answers_are_the_same_if_the_index_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt;
    let (_scene, repo) = set_up_with_history();
    let before = answers(&repo);
    let folder = repo.path.join(".git/pm");
    std::fs::remove_file(index(&repo)).unwrap();
    // Root can write anywhere, so the path is also occupied by a folder.
    std::fs::create_dir(index(&repo)).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    let after = answers(&repo);
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    same(&after, &before, "a folder that cannot be written");
}

#[test]
fn eight_processes_without_an_index_give_the_same_answers() {
    let (_scene, repo) = set_up_with_history();
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
fn an_index_damaged_while_eight_processes_write_loses_nothing() {
    let (_scene, repo) = set_up_with_history();
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

/// Changes the index file so that it cannot be told from one that git pm wrote.
#[cfg(unix)]
fn forge(repo: &Repo, sql: &str) {
    let file = index(repo);
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute_batch(sql).unwrap();
    drop(db);
    let found = std::fs::metadata(&file).unwrap();
    let since = found.modified().unwrap();
    let since = since.duration_since(std::time::UNIX_EPOCH).unwrap();
    let inode = std::os::unix::fs::MetadataExt::ino(&found);
    let seal = format!("{} {} {inode}", found.len(), since.as_nanos());
    std::fs::write(file.with_extension("lock"), seal).unwrap();
}

fn index_finding(repo: &Repo) -> Option<serde_json::Value> {
    let report = repo.pm(&["fsck", "--json"]).data();
    let findings = report["findings"].as_array().unwrap().clone();
    findings.into_iter().find(|f| f["code"] == "index-differs")
}

#[cfg(unix)]
#[test]
fn every_kind_of_wrong_row_is_found() {
    let (_scene, repo) = set_up_with_history();
    repo.pm(&["ready"]).ok();
    let honest = std::fs::read(index(&repo)).unwrap();
    let vars = [("PATH".to_string(), std::env::var_os("PATH").unwrap())].into();
    let pm = git_pm::Pm::open(
        git_pm::Env::new(repo.path.clone(), vars),
        git_pm::Options::default(),
    )
    .unwrap();
    let folder = repo.path.join(".git/pm");
    for (lie, table) in [
        ("UPDATE item SET ready=1-ready WHERE id='T-0004'", "item"),
        ("UPDATE item SET status='done' WHERE id='T-0003'", "item"),
        ("UPDATE item SET data=(SELECT max(data) FROM item)", "item"),
        (
            "UPDATE vertex SET data=(SELECT max(data) FROM vertex)",
            "vertex",
        ),
        ("DELETE FROM edge", "edge"),
        ("UPDATE edge SET kind=kind+1", "edge"),
        ("DELETE FROM comment", "comment"),
        ("UPDATE comment SET n=n+1000", "comment"),
        ("UPDATE reservation SET ended=1", "reservation"),
        (
            "INSERT INTO message VALUES(9999,'x',5,0,'Ana',0,0)",
            "message",
        ),
        (
            "INSERT INTO learning VALUES(9999,1,0,'','',x'00')",
            "learning",
        ),
        ("INSERT INTO damaged VALUES('tasks/x','torn')", "damaged"),
        ("UPDATE tally SET n=n+1 WHERE name='blocked'", "tally"),
        ("UPDATE pile SET n=n+1", "pile"),
        ("UPDATE doc SET oid=zeroblob(20) WHERE family=0", "doc"),
        ("DELETE FROM doc WHERE family=1", "doc"),
        ("UPDATE meta SET value=x'00' WHERE key='repository'", "meta"),
    ] {
        std::fs::write(index(&repo), &honest).unwrap();
        forge(&repo, lie);
        let found = git_pm::internals::store::index::compare(pm.store().repo(), &folder).unwrap();
        let found = found.unwrap_or_else(|| panic!("{lie}: not detected"));
        assert!(found.iter().any(|d| d.table == table), "{lie}: {found:?}");
    }
    std::fs::write(index(&repo), &honest).unwrap();
    forge(&repo, "");
    let found = git_pm::internals::store::index::compare(pm.store().repo(), &folder).unwrap();
    assert_eq!(
        found,
        Some(Default::default()),
        "a correct index is reported"
    );
}

#[cfg(unix)]
#[test]
fn a_wrong_index_that_looks_valid_is_found_and_removed() {
    let (_scene, repo) = set_up_with_history();
    let before = answers(&repo);
    assert_eq!(index_finding(&repo), None, "only git pm wrote into it");
    forge(&repo, "UPDATE item SET ready=1-ready WHERE id='T-0004'");
    let finding = index_finding(&repo).expect("a lie is not found");
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("T-0004 (item)"), "{message}");
    assert_eq!(finding["fix"], "git pm fsck --repair");
    let repaired = repo.pm(&["fsck", "--repair", "--json"]).ok().data();
    assert_eq!(repaired["repaired"][0]["code"], "index-differs");
    assert_eq!(repaired["findings"], serde_json::json!([]));
    assert!(
        repaired["commit"].is_null(),
        "nothing of the state was wrong"
    );
    same(&answers(&repo), &before, "after the repair");
    assert_eq!(index_finding(&repo), None, "it is not rebuilt");
}

#[test]
fn an_outdated_missing_or_invalidated_index_is_not_a_finding() {
    let (_scene, repo) = set_up_with_history();
    let old = std::fs::read(index(&repo)).unwrap();
    repo.task("Newer", &[]);
    std::fs::write(index(&repo), old).unwrap();
    assert_eq!(
        index_finding(&repo),
        None,
        "a copy of an older index is reported"
    );
    std::fs::remove_file(index(&repo)).unwrap();
    assert_eq!(index_finding(&repo), None);
    assert!(!index(&repo).exists(), "a check built an index");
}

#[test]
fn doctor_reports_the_state_of_the_index() {
    let (_scene, repo) = set_up_with_history();
    let line = |repo: &Repo| {
        let findings = repo.pm(&["doctor", "--json"]).data()["findings"].clone();
        let found = findings.as_array().unwrap().iter();
        let line = found.clone().find(|f| f["check"] == "index").unwrap();
        (
            line["level"].clone(),
            line["message"].as_str().unwrap().to_string(),
        )
    };
    let (level, message) = line(&repo);
    assert_eq!(level, "ok");
    assert!(message.contains("up to date"), "{message}");
    std::fs::remove_file(index(&repo)).unwrap();
    std::fs::create_dir(index(&repo)).unwrap();
    let (level, message) = line(&repo);
    assert_eq!(level, "note");
    assert!(
        message.contains("built in memory by every command"),
        "{message}"
    );
}

#[test]
fn gc_removes_files_left_by_killed_index_builds() {
    let (_scene, repo) = set_up_with_history();
    let pm = repo.path.join(".git/pm");
    let left = ["index.77.tmp", "index.77.tmp-journal", "replica.77.tmp"];
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(7_200);
    for name in left {
        let file = std::fs::File::create(pm.join(name)).unwrap();
        file.set_modified(old).unwrap();
    }
    std::fs::write(pm.join("replica.78.tmp"), "somebody is at work").unwrap();
    let would = repo.pm(&["gc", "--dry-run", "--json"]).ok().data();
    assert_eq!(would["temporary"].as_array().unwrap().len(), 3, "{would}");
    assert!(left.iter().all(|name| pm.join(name).exists()));
    let done = repo.pm(&["gc", "--json"]).ok().data();
    assert_eq!(done["temporary"], would["temporary"]);
    assert!(left.iter().all(|name| !pm.join(name).exists()));
    assert!(
        pm.join("replica.78.tmp").exists(),
        "a file that may be in use was removed"
    );
    assert!(index(&repo).exists(), "the index itself stays");
}

#[test]
fn uninstall_removes_only_derived_files() {
    let (_scene, repo) = set_up_with_history();
    let tip = repo.tip("refs/pm/main");
    let report = repo.pm(&["uninstall", "--json"]).ok().data();
    assert_eq!(report["removed"][0], "index.sqlite", "{report}");
    let left = std::fs::read_dir(repo.path.join(".git/pm")).unwrap();
    let names: Vec<_> = left.map(|e| e.unwrap().file_name()).collect();
    let is_index = |name: &std::ffi::OsString| name.to_string_lossy().starts_with("index");
    assert!(!names.iter().any(is_index), "{names:?}");
    assert!(names.iter().any(|name| name == "replica.json"), "{names:?}");
    assert_eq!(repo.tip("refs/pm/main"), tip);
}

/// A fresh clone builds its index from the whole state, the others updated it write by write: their
/// answers must be the same.
#[test]
fn an_updated_index_equals_a_newly_built_one() {
    let (_scene, repo) = set_up_with_history();
    let turn = Dice::new(seed()).below(3);
    let steps = [
        &["task", "unblock", "T-1"][..],
        &["task", "cancel", "T-1"],
        &["task", "reopen", "T-1"],
        &["dep", "rm", "T-3", "T-1"],
        &["dep", "add", "T-2", "T-5"],
        &["dep", "add", "T-4", "T-6", "--type", "related"],
        &["task", "edit", "T-5", "--title", "Renamed", "--label", "x"],
        &["task", "drop", "T-2"],
        &["task", "defer", "T-3"],
        &["task", "create", "New", "--depends-on", "T-5"],
    ];
    for (n, step) in steps.into_iter().enumerate() {
        let ran = repo.pm(step);
        if !thorough() && n % 3 != turn {
            continue;
        }
        let caught_up = answers(&repo);
        std::fs::remove_file(index(&repo)).unwrap();
        same(
            &caught_up,
            &answers(&repo),
            &format!("after {step:?}: {ran:?}"),
        );
    }
}

// A number in use is never assigned again, whatever kind of item has it or had it originally: git
// pm does not write such an item, but a fetched state may have one.
#[test]
fn a_number_used_by_an_item_of_another_kind_is_not_assigned() {
    let (_scene, repo) = set_up_with_history();
    let text = forge::read(&repo, &forge::path_of(&repo, "T-0003"));
    let uid = repo.data(&["show", "T-3"])["uid"].clone();
    let uid = uid.as_str().unwrap();
    for (end, born, named, next) in [
        ("aaaa", "P-7", "id: P-7", "P-0008"),
        ("bbbb", "P-0009", "id: T-0070\nborn: P-0009", "P-0010"),
    ] {
        let own = Uid::new(&format!("{}{end}", &uid[..uid.len() - 4])).unwrap();
        let text = text.replace(uid, own.as_str()).replace("id: T-0003", named);
        let path = item_path(Levels::Two, ItemKind::Task, born, &own, 4);
        forge::put(&repo, &path, text.as_bytes());
        repo.pm(&["show", own.as_str()]).ok();
        let made = repo.data(&["prd", "create", "Wanted"])["id"].clone();
        assert_eq!(made, next, "two items have one number");
    }
}

#[test]
fn finding_the_files_of_one_document_does_not_scan_all_files() {
    let (scene, repo) = set_up_with_history();
    let lines: String = (0..1_000)
        .map(|n| format!("{{\"op\":\"task.create\",\"title\":\"Number {n}\"}}\n"))
        .collect();
    repo.feed(crate::support::binary(), &["batch"], &lines).ok();
    let costs = scene.dir.path().join("costs");
    let steps = || {
        std::fs::remove_file(index(&repo)).unwrap();
        let counted = repo.with("GIT_PM_COSTS", costs.to_str().unwrap());
        counted.pm(&["show", "T-2"]).ok();
        let said = std::fs::read_to_string(&costs).unwrap();
        std::fs::remove_file(&costs).unwrap();
        let said: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
        said["index_steps"].as_u64().unwrap()
    };
    let before = steps();
    let text = forge::read(&repo, &forge::path_of(&repo, "T-0003"));
    let uid = repo.data(&["show", "T-3"])["uid"].clone();
    let uid = Uid::new(uid.as_str().unwrap()).unwrap();
    let mut entries = Vec::new();
    for n in 2_000..2_100 {
        let text = text.replace("id: T-0003", &format!("id: T-{n}"));
        let path = item_path(Levels::One, ItemKind::Task, &format!("T-{n}"), &uid, 4);
        let name = path.rsplit('/').next().unwrap().as_bytes().to_vec();
        entries.push(("100644".into(), name, forge::blob(&repo, text.as_bytes())));
    }
    let folder = forge::tree(&repo, &entries);
    let root = repo.state_tree();
    let tree = forge::with(&repo, Some(&root), &[b"tasks", b"20"], "40000", &folder);
    forge::commit(&repo, &tree);
    let after = steps();
    assert!(after < 2 * before, "{after} steps, {before} without them");
}

/// A writer that waits for a reader blocks new readers. If a command kept the index open while it runs
/// a program that reads the index, both would wait until that writer gives up.
#[cfg(unix)]
#[test]
fn a_push_and_a_gate_leave_the_index_to_others() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.task("one", &["--path", "src/a.rs"]);
    repo.pm(&["start", "T-1"]).ok();
    let there = repo.worktree("T-1");
    there.write("src/a.rs", "a\n");
    there.commit_all("feat: one");
    // Each stops until the test lets it go on.
    let stop = |name: &str| {
        let at = scene.dir.path().join(name).display().to_string();
        format!(
            "touch {at}.here; n=0; until [ -e {at}.go ] || [ $n -gt 600 ]; do n=$((n+1)); sleep 0.05; done"
        )
    };
    let gate = format!("slow={}", stop("gate"));
    repo.git(&["config", "--add", "pm.gate", &gate]).ok();
    let hook = repo.path.join(".git/hooks/pre-push");
    let script = format!(
        "#!/bin/sh\ncase \"$(cat)\" in *refs/heads/task/*) {};; esac\n",
        stop("push")
    );
    crate::support::script_file(&hook, &script);
    let mut finish = there.spawn(&["finish"]);
    for name in ["gate", "push"] {
        let at = scene.dir.path().join(name);
        let begin = std::time::Instant::now();
        while !at.with_extension("here").exists() {
            assert!(begin.elapsed().as_secs() < 60, "{name} was not reached");
            assert!(
                finish.try_wait().unwrap().is_none(),
                "{name} was not reached"
            );
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let db = rusqlite::Connection::open(index(&repo)).unwrap();
        db.busy_timeout(std::time::Duration::ZERO).unwrap();
        let taken = db.execute_batch("BEGIN EXCLUSIVE; ROLLBACK");
        drop(db);
        std::fs::write(at.with_extension("go"), "").unwrap();
        taken.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for ran in wait_all(vec![finish]) {
        ran.ok();
    }
}

/// A state that is in use while others write, and move the index on, answers for its own commit.
#[test]
fn a_state_answers_for_its_commit_while_the_index_is_moved_on() {
    let (_scene, repo) = set_up_with_history();
    let pm = repo.library().unwrap();
    let store = pm.store();
    for n in 0..3 {
        let state = store.state().unwrap();
        let plain = State::at(store.repo(), state.commit.unwrap()).unwrap();
        // Nobody waits for this process.
        store.index_now().unwrap();
        // The first query is before the others' writes, or not.
        if n > 0 {
            assert_eq!(
                state.find("T-3").unwrap().title,
                plain.find("T-3").unwrap().title
            );
        }
        let new = repo.task(&format!("New {n}"), &["--depends-on", "T-3"]);
        let title = format!("Changed {n}");
        repo.pm(&["task", "edit", "T-3", "--title", &title]).ok();
        repo.pm(&["reserve", "add", &format!("new/{n}/**")]).ok();
        if n == 2 {
            repo.pm(&["task", "cancel", "T-4"]).ok();
            repo.pm(&["task", "delete", &new]).ok();
        }
        repo.pm(&["ready"]).ok();
        // The index has no bodies.
        let bare = |item: &Item| Item {
            body: String::new(),
            ..item.clone()
        };
        let all =
            |state: &State<'_>| -> Vec<Item> { state.items().into_iter().map(bare).collect() };
        for item in plain.items() {
            assert_eq!(state.item(&item.uid).map(bare), Some(bare(item)));
            assert_eq!(state.doc(&item.uid), plain.doc(&item.uid));
            assert_eq!(state.find(&item.id).map(bare).unwrap(), bare(item));
        }
        assert!(state.find(&new).is_err(), "{new} is newer");
        assert_eq!(all(&state), all(&plain));
        assert_eq!(state.reservations(), plain.reservations());
    }
}

/// A command that prints into a full pipe may keep its transaction open. A write does not wait for it.
#[test]
fn a_stalled_reader_delays_writes_only_briefly() {
    let (_scene, repo) = crate::support::set_up();
    let lines: String = (0..1_200)
        .map(|n| {
            format!(
                "{{\"op\":\"task.create\",\"title\":\"{n} {}\"}}\n",
                "x".repeat(200)
            )
        })
        .collect();
    repo.feed(crate::support::binary(), &["batch"], &lines).ok();
    for reader in [
        &["list", "--limit", "0", "--json"][..],
        &["events", "--limit", "0", "--json"],
        &["export", "json"],
        &["export", "beads"],
    ] {
        let mut stalled = repo.spawn(reader);
        std::thread::sleep(std::time::Duration::from_millis(300));
        let began = std::time::Instant::now();
        repo.task("Meanwhile", &[]);
        let took = began.elapsed();
        assert!(stalled.try_wait().unwrap().is_none(), "{reader:?} ended");
        stalled.kill().unwrap();
        stalled.wait().unwrap();
        assert!(took.as_millis() < 2_500, "{reader:?}: {took:?}");
    }
}
