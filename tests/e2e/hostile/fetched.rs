//! States pushed by hand. A clone that fetches one does not trust it, keeps its own data, and is
//! told how to repair the remote.

use crate::support::{Repo, Scene, forge};

/// A hub, a clone with some tasks, and another clone with the same state.
pub(super) fn shared(tasks: usize) -> (Scene, Repo, Repo, Repo) {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    for n in 1..=tasks {
        a.pm(&["task", "create", &format!("Task number {n}")]).ok();
    }
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bo");
    b.pm(&["sync"]).ok();
    (scene, hub, a, b)
}

/// Pushes a tree of the state as a commit by Eve, on top of what the hub has.
pub(super) fn push_tree(repo: &Repo, tree: &str, message: &str) -> String {
    repo.git(&["fetch", "-q", "origin", "refs/pm/main"]).ok();
    let tip = repo.tip("FETCH_HEAD");
    let eve = repo
        .with("GIT_AUTHOR_NAME", "Eve")
        .with("GIT_COMMITTER_NAME", "Eve");
    let made = eve
        .git(&["commit-tree", tree, "-p", &tip, "-m", message])
        .ok()
        .text();
    repo.git(&["push", "-q", "origin", &format!("{made}:refs/pm/main")])
        .ok();
    made
}

/// The tree of the state with only `pm.yaml` in it.
fn emptied(repo: &Repo) -> String {
    let root = forge::entries(repo, &repo.state_tree());
    let kept: Vec<forge::Entry> = root.into_iter().filter(|e| e.1 == b"pm.yaml").collect();
    forge::tree(repo, &kept)
}

pub(super) fn count(repo: &Repo) -> usize {
    repo.pm(&["list"]).ok().out.matches("T-00").count()
}

#[test]
fn a_pushed_commit_without_files_deletes_nothing_in_any_clone() {
    let (scene, hub, a, b) = shared(5);
    let bad = push_tree(&a, &emptied(&a), "tidy up");
    let synced = a.pm(&["sync"]).ok();
    assert!(
        synced
            .err
            .contains("5 files of the state went missing on origin")
            && synced
                .err
                .contains(&format!("(commit {} by Eve)", &bad[..12])),
        "{synced:?}"
    );
    assert_eq!(count(&a), 5);
    // It is reported once, and the other clone gets a complete state.
    assert!(!a.pm(&["sync"]).ok().err.contains("went missing"));
    b.pm(&["sync"]).ok();
    assert_eq!(count(&b), 5);
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
    assert_eq!(a.tip("refs/pm/main"), hub.tip("refs/pm/main"));
    // A later clone has everything, too.
    let late = scene.clone_of(&hub, "late", "Lou");
    late.pm(&["sync"]).ok();
    assert_eq!(count(&late), 5);
    a.pm(&["fsck"]).ok();
}

/// The object at a path of the hub's state, as this clone fetched it.
fn object_at(repo: &Repo, path: &str) -> String {
    repo.git(&["fetch", "-q", "origin", "refs/pm/main"]).ok();
    repo.tip(&format!("FETCH_HEAD:{path}"))
}

#[test]
fn a_copied_folder_does_not_hide_files_deleted_together_with_it() {
    // Visited before the folder: in another kind of item, one level deeper, and in the same kind.
    let copies: [&[&[u8]]; 4] = [
        &[b"agents", b"zz"],
        &[b"issues", b"00"],
        &[b"agents", b"00", b"zz"],
        &[b"tasks", b"0"],
    ];
    for names in copies {
        let (_scene, _hub, a, b) = shared(3);
        let folder = object_at(&a, "tasks/00");
        let with_copy = forge::with(&a, Some(&a.state_tree()), names, "40000", &folder);
        push_tree(&a, &with_copy, "copy");
        b.pm(&["sync"]).ok();
        push_tree(&a, &emptied(&a), "tidy up");
        let synced = b.pm(&["sync"]).ok();
        assert!(synced.err.contains("went missing on origin"), "{synced:?}");
        assert_eq!(count(&b), 3, "{names:?}");
    }
}

#[test]
fn two_clones_that_repair_at_once_make_the_same_commit() {
    let (_scene, _hub, a, b) = shared(3);
    push_tree(&a, &emptied(&a), "tidy up");
    a.pm(&["pull"]).ok();
    b.pm(&["pull"]).ok();
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
    assert_eq!((count(&a), count(&b)), (3, 3));
    b.pm(&["task", "create", "One more"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.tip("refs/pm/main^{tree}"), b.tip("refs/pm/main^{tree}"));
    assert_eq!(count(&a), 4);
}

#[test]
fn a_deleted_file_is_restored_and_concurrent_writes_are_kept() {
    let (_scene, _hub, a, b) = shared(2);
    let path = forge::path_of(&a, "T-0001");
    // Eve renames the other task and replaces the first one by a link, in one commit.
    b.pm(&["task", "edit", "T-0002", "--title", "Renamed"]).ok();
    let names: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
    let link = forge::blob(&b, b"elsewhere");
    let tree = forge::with(&b, Some(&b.state_tree()), &names, "120000", &link);
    push_tree(&b, &tree, "edit");
    let synced = a.pm(&["sync"]).ok();
    assert!(
        synced.err.contains("1 file of the state went missing"),
        "{synced:?}"
    );
    let shown = a.pm(&["list", "--json"]).ok().out;
    assert!(
        shown.contains("Task number 1") && shown.contains("Renamed"),
        "{shown}"
    );
}

#[test]
fn a_file_moved_by_a_repair_is_not_restored() {
    let (_scene, hub, a, b) = shared(2);
    // The same document again under a longer name, which only a repair removes.
    let path = forge::path_of(&a, "T-0001");
    let text = forge::read(&a, &path);
    let uid = text
        .lines()
        .find_map(|l| l.strip_prefix("uid: "))
        .unwrap()
        .trim_matches('"')
        .to_string();
    let longer = path.replace(&uid[22..], &uid[18..]);
    assert_ne!(longer, path);
    forge::put(&a, &longer, text.as_bytes());
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["fsck", "--repair"]).ok();
    a.pm(&["sync"]).ok();
    let synced = b.pm(&["sync"]).ok();
    assert!(!synced.err.contains("went missing"), "{synced:?}");
    assert_eq!(b.tip("refs/pm/main"), hub.tip("refs/pm/main"));
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
}

/// A document with a field changed by hand, as the text of its file.
fn edited(repo: &Repo, path: &str, change: impl Fn(&str) -> String) -> String {
    let text = change(&forge::read(repo, path));
    let oid = forge::blob(repo, text.as_bytes());
    let names: Vec<&[u8]> = path.split('/').map(str::as_bytes).collect();
    forge::with(repo, Some(&repo.state_tree()), &names, "100644", &oid)
}

/// A document with another stamp of a field.
fn stamped(text: &str, field: &str, stamp: &str) -> String {
    let line = format!("  {field}: \"{stamp}\"");
    let Some(stamps) = text.find("\nstamps:\n") else {
        let end = text.rfind("\n---").unwrap();
        return format!("{}\nstamps:\n{line}{}", &text[..end], &text[end..]);
    };
    let begin = format!("  {field}: ");
    let old = text[stamps..].lines().find(|l| l.starts_with(&begin));
    match old {
        Some(old) => text.replace(old, &line),
        None => text.replacen("\nstamps:\n", &format!("\nstamps:\n{line}\n"), 1),
    }
}

#[test]
fn a_small_state_that_expands_to_gigabytes_is_refused_unread() {
    let (_scene, hub, a, b) = shared(1);
    let good = hub.tip("refs/pm/main");
    let path = forge::path_of(&a, "T-0001");
    let mut text = forge::read(&a, &path);
    text.push_str(&"x".repeat(8 * 1024 * 1024 - text.len() - 1));
    text.push('\n');
    // One blob at many paths: seventy of these exceed the limit of a state.
    let oid = forge::blob(&a, text.as_bytes());
    let mut tree = a.state_tree();
    let folder: Vec<forge::Entry> = (0..70)
        .map(|n| {
            (
                "100644".into(),
                format!("T-01{n:02}-aaaa.md").into_bytes(),
                oid.clone(),
            )
        })
        .collect();
    let folder = forge::tree(&a, &folder);
    tree = forge::with(&a, Some(&tree), &[b"tasks", b"01"], "40000", &folder);
    push_tree(&a, &tree, "some tasks");
    for clone in [&a, &b] {
        let refused = clone.pm(&["sync"]).exits(5);
        assert!(
            refused.err.contains(" of documents; the limit is ")
                && refused.err.contains("--replace"),
            "{refused:?}"
        );
        assert_eq!(count(clone), 1);
    }
    // The limit can be raised, never lowered.
    b.pm(&["config", "pm.stateLimit", "1"]).ok();
    b.pm(&["task", "create", "Still works"]).ok();
    // An agent cannot repair it, a human can, and then everything works.
    let agent = b.with("GIT_PM_AGENT", "1").with("CLAUDECODE", "1");
    agent
        .pm(&["doctor", "--restore-remote", "--replace"])
        .exits(1);
    let report = b.data(&["doctor", "--restore-remote", "--replace"]);
    assert_eq!(report["found"], "replaced", "{report}");
    a.pm(&["sync"]).ok();
    assert_eq!(count(&a), 2);
    a.git(&["merge-base", "--is-ancestor", &good, "refs/pm/main"])
        .ok();
}

/// A folder that contains the same file this many times.
pub(super) fn folder_of(repo: &Repo, count: usize, file: &str) -> String {
    let entry = |n: usize| {
        let name = format!("T-01{n:02}-aaaa.md").into_bytes();
        ("100644".to_string(), name, file.to_string())
    };
    forge::tree(repo, &(0..count).map(entry).collect::<Vec<_>>())
}

/// A tree of the state with another folder of tasks.
pub(super) fn with_folder(repo: &Repo, root: &str, name: &str, folder: &str) -> String {
    let names = [&b"tasks"[..], name.as_bytes()];
    forge::with(repo, Some(root), &names, "40000", folder)
}

#[test]
fn two_acceptable_states_are_not_joined_into_one_above_the_size_limit() {
    let (scene, hub, a, b) = shared(1);
    let base = a.state_tree();
    let heavy = forge::blob(&a, &vec![b'x'; 8 * 1024 * 1024]);
    let folder = folder_of(&a, 34, &heavy);
    // A file of an unknown kind: without it the next state counts as incomplete.
    let more = forge::blob(&a, b"more");
    let first = forge::with(&a, Some(&base), &[b"extra"], "100644", &more);
    push_tree(&a, &with_folder(&a, &first, "01", &folder), "some tasks");
    b.pm(&["sync"]).ok();
    let before = b.tip("refs/pm/main");
    let other = folder_of(&a, 35, &heavy);
    push_tree(&a, &with_folder(&a, &base, "02", &other), "other tasks");
    let pushed = hub.tip("refs/pm/main");
    for args in [&["sync"][..], &["pull"]] {
        let refused = b.pm(args).exits(5);
        let says = |text: &str| refused.err.contains(text);
        assert!(
            says("merged with the state of this clone, holds 579 MB of documents")
                && says("--replace"),
            "{refused:?}"
        );
    }
    assert_eq!(b.tip("refs/pm/main"), before);
    assert_eq!(hub.tip("refs/pm/main"), pushed);
    // The suggested command restores a state that all clones can accept.
    let report = b.data(&["doctor", "--restore-remote", "--replace"]);
    assert_eq!(report["found"], "replaced", "{report}");
    b.pm(&["sync"]).ok();
    let late = scene.clone_of(&hub, "late", "Lou");
    late.pm(&["sync"]).ok();
    assert_eq!(count(&late), 1);
}

#[test]
fn local_changes_on_top_of_a_fetched_state_are_checked_for_size_before_the_push() {
    let (scene, hub, a, b) = shared(1);
    // One hundred bytes less than the limit of a state.
    let weight = |repo: &Repo| -> usize {
        let files = repo.git(&["ls-tree", "-r", "-l", "refs/pm/main"]).ok().out;
        let sizes = files.lines().filter(|line| !line.ends_with("pm.yaml"));
        let sizes = sizes.map(|line| line.split_whitespace().nth(3).unwrap().parse::<usize>());
        sizes.map(Result::unwrap).sum()
    };
    let most = 8 * 1024 * 1024;
    let heavy = forge::blob(&a, &vec![b'x'; most]);
    let rest = forge::blob(&a, &vec![b'x'; most - weight(&a) - 100]);
    let full = with_folder(&a, &a.state_tree(), "01", &folder_of(&a, 63, &heavy));
    push_tree(
        &a,
        &with_folder(&a, &full, "02", &folder_of(&a, 1, &rest)),
        "much",
    );
    b.pm(&["sync"]).ok();
    let pushed = hub.tip("refs/pm/main");
    let refused = b.pm(&["start", "T-0001", "--no-worktree"]).exits(5);
    assert!(
        refused
            .err
            .contains("holds 537 MB of documents; the limit is"),
        "{refused:?}"
    );
    assert_eq!(hub.tip("refs/pm/main"), pushed);
    scene.clone_of(&hub, "late", "Lou").pm(&["sync"]).ok();
}

#[test]
fn a_state_that_replaces_the_remotes_is_checked_for_size_before_the_push() {
    let (_scene, hub, a, b) = shared(1);
    let heavy = forge::blob(&b, &vec![b'x'; 8 * 1024 * 1024]);
    let folder = folder_of(&b, 65, &heavy);
    forge::commit(&b, &with_folder(&b, &b.state_tree(), "01", &folder));
    let tree = edited(&a, "pm.yaml", |t| forge::of_format(t, "9.0"));
    let bad = push_tree(&a, &tree, "upgrade");
    let refused = b.pm(&["doctor", "--restore-remote", "--replace"]).exits(5);
    assert!(
        refused
            .err
            .contains("the state of this clone holds 545 MB of documents"),
        "{refused:?}"
    );
    assert_eq!(hub.tip("refs/pm/main"), bad);
}

#[test]
fn the_recorded_size_of_a_state_with_copied_folders_is_never_too_small() {
    let (_scene, _hub, a, b) = shared(1);
    let base = a.state_tree();
    let file = forge::blob(&a, &[b'x'; 50_000]);
    let folder = folder_of(&a, 3, &file);
    let another = folder_of(&a, 4, &file);
    let one = with_folder(&a, &base, "01", &folder);
    let two = with_folder(&a, &one, "02", &folder);
    let unlike = with_folder(&a, &one, "02", &another);
    for tree in [&two, &one, &two, &unlike, &one] {
        push_tree(&a, tree, "folders");
        b.pm(&["sync"]).ok();
        let note = b.read(".git/pm/weight");
        let (noted, weight) = note.trim_end().split_once(' ').unwrap();
        assert_eq!(
            noted, tree,
            "the size of the accepted state was not recorded"
        );
        let files = b.git(&["ls-tree", "-r", "-l", tree]).ok().out;
        let sizes = files.lines().filter(|line| !line.ends_with("pm.yaml"));
        let sizes = sizes.map(|line| line.split_whitespace().nth(3).unwrap().parse::<u64>());
        let holds: u64 = sizes.map(Result::unwrap).sum();
        assert_eq!(weight.parse::<u64>().unwrap(), holds, "{files}");
    }
}

#[test]
fn a_forged_newer_format_version_can_be_reverted_by_a_human() {
    let (_scene, _hub, a, b) = shared(1);
    let tree = edited(&a, "pm.yaml", |t| forge::of_format(t, "9.0"));
    push_tree(&a, &tree, "upgrade");
    let refused = b.pm(&["sync"]).exits(5);
    assert!(
        refused.err.contains("format 9.0") && refused.err.contains("--restore-remote --replace"),
        "{refused:?}"
    );
    b.pm(&["doctor", "--restore-remote", "--replace"]).ok();
    b.pm(&["sync"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(count(&a), 1);
}

#[test]
fn a_forged_older_format_version_stops_all_writes_and_is_reverted_by_repair() {
    let (_scene, _hub, a, b) = shared(2);
    let tree = edited(&a, "pm.yaml", |t| {
        stamped(&forge::of_format(t, "0.1"), "format", "1763625900000.0.eve")
    });
    push_tree(&a, &tree, "older");
    a.pm(&["sync"]).ok();
    let writers: [&[&str]; 4] = [
        &["task", "create", "New"],
        &["start", "T-0001"],
        &["reserve", "add", "src/**"],
        &["task", "edit", "T-0002", "--title", "Other"],
    ];
    for args in writers {
        let refused = a.pm(args).exits(5);
        assert!(
            refused.err.contains("format 0.1") && refused.err.contains("git pm fsck --repair"),
            "{refused:?}"
        );
    }
    a.pm(&["fsck"]).exits(5);
    a.pm(&["fsck", "--repair"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["start", "T-0001"]).ok();
    b.pm(&["start", "T-0002"]).ok();
}

#[test]
fn a_field_with_the_last_stamp_is_refused_before_anything_is_written() {
    let (_scene, _hub, a, b) = shared(1);
    let path = forge::path_of(&a, "T-0001");
    let tree = edited(&a, &path, |t| {
        stamped(t, "title", "4102444800000.4294967295.zzz")
    });
    push_tree(&a, &tree, "edit");
    b.pm(&["sync"]).ok();
    let before = b.tip("refs/pm/main");
    let refused = b
        .pm(&["task", "edit", "T-0001", "--title", "Mine"])
        .exits(1);
    assert!(
        refused
            .err
            .contains("this field of T-0001 cannot be changed"),
        "{refused:?}"
    );
    assert_eq!(b.tip("refs/pm/main"), before);
    assert_eq!(count(&b), 1, "it is still there");
    b.pm(&["task", "edit", "T-0001", "--priority", "1"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(count(&a), 1);
}

#[test]
fn no_command_removes_a_worktree_that_git_pm_did_not_make() {
    let (_scene, _hub, a, b) = shared(1);
    b.git(&["worktree", "add", "-q", "-b", "mine", "../mine"])
        .ok();
    let mine = b.other("../mine");
    mine.write(".env", "SECRET=1\n");
    b.write(".git/info/exclude", ".env\n");
    a.pm(&["start", "T-0001"]).ok();
    let path = forge::path_of(&a, "T-0001");
    let tree = edited(&a, &path, |t| {
        let branch = t.lines().find(|l| l.starts_with("branch: ")).unwrap();
        let status = t.lines().find(|l| l.starts_with("status: ")).unwrap();
        t.replace(branch, "branch: mine")
            .replace(status, "status: done")
    });
    push_tree(&a, &tree, "done");
    b.pm(&["sync"]).ok();
    let views = b.data(&["worktree", "gc"]);
    assert!(views.to_string().contains("did not create it"), "{views}");
    b.pm(&["worktree", "gc", "--force"]).ok();
    assert!(mine.path.join(".env").is_file());
}

#[test]
fn ignored_files_removed_with_a_worktree_are_saved_and_listed() {
    let scene = Scene::new();
    let repo = scene.set_up("r");
    repo.pm(&["task", "create", "One"]).ok();
    repo.pm(&["start", "T-0001"]).ok();
    repo.write(".git/info/exclude", ".env\n");
    repo.worktree("T-0001").write(".env", "SECRET=1\n");
    let said = repo
        .pm(&["task", "drop", "T-0001", "--remove-worktree"])
        .ok();
    let kept = "ignored files of T-0001 that the main worktree lacks or has otherwise are saved: `git show";
    assert!(said.err.contains(kept), "{said:?}");
}

#[test]
fn a_local_failure_does_not_replace_a_good_state_at_the_remote() {
    let (_scene, hub, a, b) = shared(1);
    b.pm(&["task", "create", "Of Bo"]).ok();
    b.pm(&["sync"]).ok();
    let good = hub.tip("refs/pm/main");
    let lock = a.path.join(".git/refs/pm-remotes/origin/main.lock");
    std::fs::write(&lock, "").unwrap();
    a.git(&["config", "core.filesRefLockTimeout", "50"]).ok();
    let restore = ["doctor", "--restore-remote", "--replace"];
    let failed = a.pm(&restore);
    assert_ne!(failed.code, 0, "{failed:?}");
    assert_eq!(hub.tip("refs/pm/main"), good);
    // Nor is it suggested.
    let failed = a.pm(&["sync"]);
    assert!(!failed.err.contains("--replace"), "{failed:?}");
    std::fs::remove_file(&lock).unwrap();
    let report = a.data(&restore);
    assert_ne!(report["found"], "replaced", "{report}");
    assert_eq!((count(&a), count(&b)), (2, 2));
}

#[test]
fn the_search_for_the_commit_that_removed_files_is_bounded() {
    let (_scene, _hub, a, b) = shared(1);
    // Three hundred folders of files that are not documents, removed with all the rest a hundred
    // commits ago.
    let junk = forge::blob(&a, b"junk");
    let folders: Vec<Vec<forge::Entry>> = (0..300)
        .map(|n| {
            let name = format!("{n}.md").into_bytes();
            vec![("100644".into(), name, junk.clone())]
        })
        .collect();
    let folders: Vec<forge::Entry> = forge::trees(&a, &folders)
        .into_iter()
        .enumerate()
        .map(|(n, folder)| ("40000".into(), format!("f{n:03}").into_bytes(), folder))
        .collect();
    let agents = forge::tree(&a, &folders);
    let full = forge::with(&a, Some(&a.state_tree()), &[b"agents"], "40000", &agents);
    push_tree(&a, &full, "fill");
    b.pm(&["sync"]).ok();
    let empty = emptied(&a);
    let mut tip = push_tree(&a, &empty, "tidy up");
    for n in 0..100 {
        let message = format!("more {n}");
        let args = ["commit-tree", &empty, "-p", &tip, "-m", &message];
        tip = a.git(&args).ok().text();
    }
    a.git(&["push", "-q", "origin", &format!("{tip}:refs/pm/main")])
        .ok();
    let read = objects_of_a_sync_that_misses(&b);
    assert_eq!(count(&b), 1);
    assert!(read < 20_000, "{read} objects were read");
}

/// How many objects a sync reads if files are missing.
#[track_caller]
fn objects_of_a_sync_that_misses(repo: &Repo) -> u64 {
    let file = repo.path.join("../costs.json");
    let synced = repo
        .with("GIT_PM_COSTS", file.to_str().unwrap())
        .pm(&["sync"])
        .ok();
    assert!(synced.err.contains("went missing on origin"), "{synced:?}");
    let costs = std::fs::read_to_string(&file).unwrap();
    let costs = costs.lines();
    costs
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|cost| cost["objects_read"].as_u64().unwrap())
        .sum()
}

#[test]
fn the_search_for_missing_files_counts_all_objects_it_reads() {
    let (_scene, _hub, a, b) = shared(1);
    // Five hundred files whose names could clash; each commit removes one that is not a document.
    let own = forge::path_of(&a, "T-0001");
    let text = forge::read(&a, &own);
    let texts: Vec<Vec<u8>> = (0..500)
        .map(|n| format!("{text}{n}\n").into_bytes())
        .collect();
    let mut files: Vec<forge::Entry> = forge::blobs(&a, &texts)
        .into_iter()
        .enumerate()
        .map(|(n, file)| {
            let name = format!("T-0001-{n:04}aaaa.md").into_bytes();
            ("100644".into(), name, file)
        })
        .collect();
    let junk = forge::blob(&a, b"junk");
    let name = |n: usize| format!("T-0001-zz{n:02}aaaa.md").into_bytes();
    files.extend((0..80).map(|n| ("100644".into(), name(n), junk.clone())));
    let all = files.len();
    let folders: Vec<Vec<forge::Entry>> = (0..=80).map(|n| files[..all - n].to_vec()).collect();
    let folders = forge::trees(&a, &folders);
    let trees = forge::with_each(&a, &a.state_tree(), &[b"tasks", b"00"], &folders);
    push_tree(&a, &trees[0], "fill");
    b.pm(&["sync"]).ok();
    let mut tip = push_tree(&a, &emptied(&a), "tidy up");
    for tree in &trees[1..] {
        let args = ["commit-tree", tree, "-p", &tip, "-m", "less"];
        tip = a.git(&args).ok().text();
    }
    a.git(&["push", "-q", "origin", &format!("{tip}:refs/pm/main")])
        .ok();
    let read = objects_of_a_sync_that_misses(&b);
    assert!(read < 20_000, "{read} objects were read");
}
