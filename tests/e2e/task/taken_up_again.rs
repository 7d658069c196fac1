//! Work that was dropped, returned or lost, and is taken up again; and what keeps it from being submitted.

use crate::support::{Scene, agent, set_up};

/// A return ends with the work: what is opened again is not to be changed as the return said.
#[test]
fn a_return_does_not_outlive_its_work() {
    let (_scene, repo) = set_up();
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("src/new.rs", "1\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    repo.pm(&["task", "return", &id, "--note", "rename it"])
        .ok();
    let returned = || repo.data(&["show", &id])["returned"].clone();
    assert!(!returned().is_null());
    work.pm(&["finish", "--merge"]).ok();
    repo.pm(&["task", "reopen", &id]).ok();
    assert!(returned().is_null(), "{}", returned());
    let again = repo.pm(&["start", &id]).ok().out;
    assert!(!again.contains("rename it"), "{again}");
}

/// Returned work goes on: it began when it was first started.
#[test]
fn returned_work_keeps_the_time_of_its_start() {
    let (_scene, repo) = set_up();
    let id = repo.task("Work", &[]);
    let ben = repo.by("Ben");
    let started = || repo.data(&["show", &id])["started_at"].clone();
    ben.when("2031-01-01T10:00:00Z").pm(&["start", &id]).ok();
    let first = started();
    let work = repo.worktree(&id);
    work.write("src/new.rs", "1\n");
    work.commit_all("Work");
    ben.when("2031-01-01T11:00:00Z").pm(&["finish", &id]).ok();
    let later = repo.when("2031-01-01T12:00:00Z");
    later
        .pm(&["task", "return", &id, "--note", "rename it"])
        .ok();
    assert_eq!(later.data(&["show", &id])["status"], "queued");
    ben.when("2031-01-01T13:00:00Z").pm(&["start", &id]).ok();
    assert_eq!(started(), first);
}

/// A drop says what it leaves, and how it is taken up again.
#[test]
fn a_drop_names_the_work_that_it_leaves() {
    let (_scene, repo) = set_up();
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    let nothing = repo.pm(&["task", "drop", &id]).ok().err;
    assert!(!nothing.contains("left:"), "{nothing}");
    repo.pm(&["start", &id]).ok();
    work.write("src/new.rs", "1\n");
    work.commit_all("Work");
    work.write("src/new.rs", "2\n");
    let left = repo.pm(&["task", "drop", &id]).ok().err;
    for said in [
        "1 commit of task/T-0001-work that main lacks",
        "1 modified (src/new.rs) in ",
        "`git pm start T-0001` resumes it",
    ] {
        assert!(left.contains(said), "{said}: {left}");
    }
}

/// A file that does not belong to the work need not be committed.
#[test]
fn an_untracked_file_is_committed_or_left_out_before_a_submission() {
    let (_scene, repo) = set_up();
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("src/new.rs", "1\n");
    work.commit_all("Work");
    work.write("notes.txt", "mine\n");
    let refused = work.pm(&["finish"]).exits(1).err;
    assert!(
        refused.contains("commit it in") && refused.contains(".git/info/exclude"),
        "{refused}"
    );
    std::fs::remove_file(work.path.join("notes.txt")).unwrap();
    work.write("src/new.rs", "2\n");
    let refused = work.pm(&["finish"]).exits(1).err;
    assert!(!refused.contains(".gitignore"), "{refused}");
}

/// Work whose merge the target has lost goes on where it ended.
#[test]
fn reopened_work_that_its_target_lost_starts_with_its_commits() {
    let (_scene, repo) = set_up();
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("src/new.rs", "1\n");
    work.commit_all("Work");
    let tip = work.tip("HEAD");
    work.pm(&["finish", "--merge"]).ok();
    repo.git(&["reset", "-q", "--hard", "HEAD^"]).ok();
    repo.pm(&["task", "reopen", &id]).ok();
    repo.pm(&["start", &id]).ok();
    assert_eq!(repo.tip("refs/heads/task/T-0001-work"), tip);
    // What the target has is not lost: new work begins there.
    repo.worktree(&id).pm(&["finish", "--merge"]).ok();
    repo.pm(&["task", "reopen", &id]).ok();
    repo.pm(&["start", &id]).ok();
    assert_eq!(repo.tip("refs/heads/task/T-0001-work"), repo.tip("main"));
}

/// The branch at the remote, which stays until the target is pushed, has the work of before the squash.
#[test]
fn reopened_work_starts_from_its_target_before_that_was_pushed() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    let id = repo.task("Work", &[]);
    for texts in [["1\n", "2\n"], ["3\n", "4\n"]] {
        let started = repo.pm(&["start", &id]).ok();
        let work = repo.worktree(&id);
        assert_eq!(work.tip("HEAD"), repo.tip("main"));
        let said = format!("{}{}", started.out, started.err);
        let again = texts[0] == "3\n";
        assert_eq!(said.contains("was merged into main"), again, "{said}");
        for text in texts {
            work.write("src/new.rs", text);
            work.commit_all("Work");
        }
        work.pm(&["finish"]).ok();
        repo.pm(&["task", "approve", &id]).ok();
        repo.pm(&["merge", &id]).ok();
        repo.pm(&["task", "reopen", &id]).ok();
    }
    assert_eq!(repo.read("src/new.rs"), "4\n");
}

/// In the clone of its author the branch of work that another clone merged stays, with its worktree.
#[test]
fn reopened_work_starts_from_its_target_where_its_branch_was_kept() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    let lea = scene.clone_of(&hub, "lea", "Lea");
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    for text in ["1\n", "2\n"] {
        work.write("src/new.rs", text);
        work.commit_all("Work");
    }
    work.pm(&["finish"]).ok();
    let done = work.tip("HEAD");
    lea.pm(&["sync"]).ok();
    lea.pm(&["task", "approve", &id]).ok();
    lea.pm(&["merge", &id]).ok();
    lea.git(&["push", "-q", "origin", "main"]).ok();
    lea.pm(&["sync"]).ok();
    lea.pm(&["task", "reopen", &id]).ok();
    lea.pm(&["sync"]).ok();
    repo.pm(&["sync"]).ok();
    assert_eq!(work.tip("HEAD"), done);
    repo.git(&["fetch", "-q"]).ok();
    let started = repo.data(&["start", &id]);
    let again = repo.other(started["worktree"].as_str().unwrap());
    assert_eq!(again.tip("HEAD"), lea.tip("main"));
    let warned = started["warnings"].to_string();
    assert!(warned.contains("was merged into main"), "{warned}");
    // The old branch keeps its commits.
    assert_eq!(work.tip("HEAD"), done);
    // A change of the same line does not conflict with the own merge.
    again.write("src/new.rs", "3\n");
    again.commit_all("Again");
    again.pm(&["finish"]).ok();
    lea.pm(&["sync"]).ok();
    lea.pm(&["task", "approve", &id]).ok();
    lea.pm(&["merge", &id]).ok();
    assert_eq!(lea.read("src/new.rs"), "3\n");
}

/// Work whose merge was reverted is not merged any more, and its commits are named.
#[test]
fn reopened_work_whose_merge_was_reverted_names_its_commits() {
    let (_scene, repo) = set_up();
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("src/new.rs", "1\n");
    work.commit_all("Work");
    // Else the merge may be the commit itself.
    repo.write("other.md", "1\n");
    repo.commit_all("Other");
    let done = work.data(&["finish", "--merge"]);
    let backup = done["merged"]["backup"].as_str().unwrap();
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    repo.pm(&["task", "reopen", &id]).ok();
    assert_eq!(repo.data(&["show", &id])["work"]["merged"], false);
    let shown = repo.pm(&["show", &id]).ok().out;
    assert!(shown.contains(", reopened since"), "{shown}");
    let started = repo.pm(&["start", &id]).ok().out;
    let merge = format!("git merge {backup}");
    assert!(started.contains(&merge), "{started}");
    let work = repo.worktree(&id);
    work.git(&["merge", "-q", "--no-edit", backup]).ok();
    assert_eq!(work.read("src/new.rs"), "1\n");
}

/// `-` is standard input elsewhere, so it is no title.
#[test]
fn a_dash_is_no_title() {
    let (_scene, repo) = set_up();
    for create in [&["add", "-"][..], &["issue", "create", "-"]] {
        let refused = repo.pm(create).exits(2).err;
        assert!(refused.contains("git pm batch"), "{refused}");
    }
}

#[test]
fn returned_work_behind_those_that_are_shown_is_not_counted_as_ready() {
    let (_scene, repo) = set_up();
    for title in ["A", "B", "C", "D", "E", "F"] {
        repo.task(title, &[]);
    }
    let bot = repo.with("AGENT_NAME", "robo");
    bot.pm(&["start", "6"]).ok();
    let place = bot.worktree("6");
    place.write("work.txt", "work\n");
    place.commit_all("Work");
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "return", "6", "--note", "no"]).ok();
    let status = repo.data(&["status"]);
    assert_eq!(
        (&status["ready_count"], &status["blocked"]),
        (&5.into(), &1.into())
    );
    assert!(repo.data(&["ready", "--limit", "2"])["more"] == 3);
}

/// Returned work is queued for its author on the board as in the list, and free once they give it up.
#[test]
fn returned_work_that_its_author_drops_is_free() {
    let (_scene, repo) = set_up();
    let [bot, cat] = ["bot", "cat"].map(|name| agent(&repo).by(name));
    let id = repo.task("Work", &[]);
    bot.pm(&["start", &id]).ok();
    let work = bot.worktree(&id);
    work.write("src/new.rs", "1\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    repo.pm(&["task", "return", &id, "--note", "rename it"])
        .ok();
    let board = cat.data(&["board", "--once"]);
    let columns = board["columns"].as_array().unwrap().iter();
    let is_queued = |one: &&serde_json::Value| one["value"] == "queued";
    let queued = columns.clone().find(is_queued).unwrap();
    assert_eq!(queued["count"], 1, "{board}");
    cat.pm(&["start", &id]).exits(3);
    bot.pm(&["start", &id]).ok();
    bot.pm(&["drop", &id, "--reason", "I cannot do this"]).ok();
    assert_eq!(cat.data(&["next", "--claim"])["id"], id.as_str());
}
