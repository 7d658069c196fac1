//! Reservations that are made and ended by start, finish and merge.

use super::{NOON, add, ana_and_bob, live, patterns};
use crate::support::Scene;

// RS-03: start reserves the planned paths, all or nothing, with the task's claim.
#[test]
fn start_reserves_the_planned_paths_of_a_task() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs", "--path", "docs/**"]);
    assert!(live(&ana).is_empty(), "planning reserves nothing");
    ana.pm(&["start", &id]).ok();
    let held = live(&ana);
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["task"], id.as_str());
    assert_eq!(held[0]["holder"], "Ana");
    assert_eq!(held[0]["branch"], "task/T-0001-fix-login");
    let refused = add(&bob, &["src/auth.rs"]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["task"], id.as_str());
}

#[test]
fn start_is_refused_if_another_holds_any_planned_path() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    let id = bob.task("Fix login", &["--path", "src/**", "--path", "README.md"]);
    let before = (bob.tip("refs/pm/main"), bob.git(&["branch", "-a"]).text());
    let refused = bob.pm(&["--json", "start", &id]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["path"], "src/**");
    assert_eq!(refused["conflicts"][0]["holder"], "Ana");
    let after = (bob.tip("refs/pm/main"), bob.git(&["branch", "-a"]).text());
    assert_eq!(before, after, "a failed start left something");
    assert_eq!(bob.data(&["show", &id])["status"], "queued");
    assert_eq!(bob.git(&["worktree", "list"]).text().lines().count(), 1);
    ana.pm(&["reserve", "release"]).ok();
    bob.pm(&["start", &id]).ok();
}

#[test]
fn two_tasks_with_the_same_files_cannot_be_started_together() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let first = ana.task("One", &["--path", "src/**"]);
    let second = ana.task("Two", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &first]).ok();
    // Not by the same actor either: the holder is the actor in that task's worktree.
    let refused = ana.pm(&["--json", "start", &second]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["task"], first.as_str());
}

// RS-06: what is taken over in the worktree of a task is for the task, as what is reserved there.
#[test]
fn a_stolen_reservation_ends_with_the_task_in_whose_worktree_it_was_taken() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    let id = bob.task("Fix login", &[]);
    bob.pm(&["start", &id]).ok();
    let place = bob.worktree(&id);
    place
        .pm(&["reserve", "steal", "src/auth.rs", "--reason", "she left"])
        .ok();
    assert_eq!(live(&ana)[0]["task"], id.as_str());
    place.write("src/auth.rs", "pub fn login() { todo!() }\n");
    place.commit_all("Fix");
    place.pm(&["finish"]).ok();
    assert!(live(&ana).is_empty());
}

// RS-01, RS-03: every command that ends the work ends its reservations.
#[test]
fn every_command_that_ends_the_work_releases_its_reservations() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let verbs: [(&str, &[&str]); 6] = [
        ("drop", &["task", "drop"]),
        ("cancel", &["task", "cancel", "--reason", "not needed"]),
        ("defer", &["task", "defer"]),
        ("done", &["task", "done", "--evidence", "seen"]),
        ("reassign", &["task", "reassign", "--to", "Bob"]),
        ("block", &["task", "block", "waits for a key"]),
    ];
    for (title, verb) in verbs {
        let id = ana.task(title, &["--path", "src/auth.rs"]);
        ana.pm(&["start", &id]).ok();
        bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
        let mut args = verb.to_vec();
        args.insert(2, &id);
        let ran = ana.pm(&args);
        match title {
            "block" => {
                ran.ok();
                // Blocked work keeps its claim and its reservations.
                bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
                ana.pm(&["task", "unblock", &id]).ok();
                ana.pm(&["task", "cancel", &id]).ok();
            }
            _ => {
                ran.ok();
            }
        }
        assert!(
            live(&ana).is_empty(),
            "{title} left the files locked: {:?}",
            live(&ana)
        );
    }
}

#[test]
fn finish_records_its_commit_at_the_release_and_the_next_holder_is_warned() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    let change = work.tip("HEAD");
    work.pm(&["finish"]).ok();
    assert!(live(&ana).is_empty(), "still reserved after finish");
    let granted = bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    assert!(granted.err.contains(&change[..12]), "{granted:?}");
}

// Reservations released by finish are made again when the claimant resumes the work.
#[test]
fn resumed_work_is_reserved_again() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    work.pm(&["finish"]).ok();
    ana.pm(&["start", &id, "--resume"]).ok();
    assert_eq!(ana.data(&["show", &id])["status"], "in_progress");
    add(&bob, &["src/auth.rs"]).exits(1);
    assert_eq!(live(&ana).len(), 1);
    ana.pm(&["start", &id, "--resume"]).ok();
    assert_eq!(live(&ana).len(), 1, "each resume takes one more");
}

#[test]
fn the_squashed_commit_of_a_finished_task_counts_as_its_change() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    work.pm(&["finish", "--merge"]).ok();
    let granted = bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    assert!(
        !granted.err.contains("does not have"),
        "Bob has the change; the warning is a false alarm: {granted:?}"
    );
}

#[test]
fn a_merge_leaves_no_reservation() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    add(&work, &["docs/guide.md", "--task", &id]).ok();
    work.pm(&["finish", "--merge"]).ok();
    assert!(live(&ana).is_empty(), "{:?}", live(&ana));
}

// A task's reservation lasts as long as its claim: a day, not an hour.
#[test]
fn a_tasks_reservation_lasts_as_long_as_its_claim() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let noon = ana.when(NOON);
    let id = noon.task("Fix login", &["--path", "src/auth.rs"]);
    noon.pm(&["start", &id]).ok();
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-02T12:00:00Z");
    let check = |at: &str| bob.when(at).pm(&["reserve", "check", "src/auth.rs"]).code;
    assert_eq!(check("2026-03-02T11:59:59Z"), 1);
    assert_eq!(check("2026-03-02T12:00:00Z"), 0);
    // Within two hours of the last renewal a writing command does not renew, a later one does.
    let work = ana.worktree(&id);
    work.when("2026-03-01T14:00:00Z")
        .pm(&["task", "comment", &id, "on it"])
        .ok();
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-02T12:00:00Z");
    work.when("2026-03-02T01:00:00Z").pm(&["status"]).ok();
    assert_eq!(
        live(&noon)[0]["expires_at"],
        "2026-03-02T12:00:00Z",
        "a reading command changed the state"
    );
    work.when("2026-03-02T01:00:00Z")
        .pm(&["task", "comment", &id, "still"])
        .ok();
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-03T01:00:00Z");
    assert_eq!(check("2026-03-03T00:59:59Z"), 1);
}

// The pre-commit hook renews too, as agents mostly commit.
#[test]
fn a_commit_in_the_worktree_renews_the_claim() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let noon = ana.when(NOON);
    let id = noon.task("Fix login", &["--path", "src/auth.rs"]);
    noon.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "1\n");
    work.when("2026-03-01T13:00:00Z").commit_all("Early");
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-02T12:00:00Z");
    work.write("src/auth.rs", "2\n");
    work.when("2026-03-02T02:00:00Z").commit_all("Late");
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-03T02:00:00Z");
}

// RS-03: paths that are added to the work in hand are reserved for it, and removed ones are free.
#[test]
fn rs_03_paths_added_to_started_work_are_reserved_for_it() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.pm(&["sync"]).ok();
    let bob = scene.clone_of(&hub, "b", "Bob");
    let id = ana.task("Fix login", &[]);
    ana.pm(&["start", &id]).ok();
    let edited = ana
        .pm(&["edit", &id, "--path", "src/auth.rs", "--path", "docs"])
        .ok();
    assert!(
        edited
            .err
            .contains(&format!("reserved for {id}: docs, src/auth.rs")),
        "{}",
        edited.err
    );
    let held = live(&ana);
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(held[0]["task"], id.as_str());
    assert_eq!(held[0]["confirmed"], true, "it was not sent");
    let refused = add(&bob, &["src/auth.rs"]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["task"], id.as_str());

    let edited = ana.pm(&["edit", &id, "--remove-path", "src/auth.rs"]).ok();
    assert!(
        edited
            .err
            .contains(&format!("no longer reserved for {id}: src/auth.rs")),
        "{}",
        edited.err
    );
    add(&bob, &["src/auth.rs"]).ok();
    ana.pm(&["sync"]).ok();
    let before = ana.data(&["show", &id])["paths"].clone();
    let refused = ana
        .pm(&["--json", "edit", &id, "--path", "src/**"])
        .exits(1)
        .error();
    assert_eq!(refused["conflicts"][0]["holder"], "Bob");
    assert_eq!(ana.data(&["show", &id])["paths"], before);
    // Another's edit, and one of work that is not started, reserve nothing.
    bob.pm(&["sync"]).ok();
    bob.pm(&["edit", &id, "--path", "bin"]).ok();
    let other = bob.task("Other", &[]);
    bob.pm(&["edit", &other, "--path", "lib"]).ok();
    assert_eq!(live(&bob).len(), 2);
    ana.pm(&["task", "drop", &id]).ok();
    assert!(live(&ana).iter().all(|one| one["holder"] == "Bob"));
}

// RS-03: what the holder has released stays free when other paths of the work change; a start reserves it again.
#[test]
fn rs_03_a_released_path_stays_free_when_others_change() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let release = ["reserve", "release", "--task", &id];
    ana.pm(&release).ok();
    assert!(live(&ana).is_empty());
    ana.pm(&["edit", &id, "--path", "docs"]).ok();
    assert_eq!(patterns(&ana), ["docs"]);
    ana.pm(&release).ok();
    ana.pm(&["edit", &id, "--remove-path", "docs"]).ok();
    assert!(live(&ana).is_empty(), "a removal reserved a path");
    // An undo reserves only what it brings back.
    ana.pm(&["undo"]).ok();
    assert_eq!(patterns(&ana), ["docs"]);
    ana.pm(&["task", "comment", &id, "still"]).ok();
    ana.pm(&["undo"]).ok();
    assert_eq!(patterns(&ana), ["docs"]);
    add(&bob, &["src/auth.rs"]).ok();
    bob.pm(&["reserve", "release"]).ok();
    ana.pm(&["start", &id]).ok();
    let mut held = patterns(&ana);
    held.sort_unstable();
    assert_eq!(held, ["docs", "src/auth.rs"]);
}

// RS-03: a planned path that git renamed since protects nothing; the start says so, and holds what it is now.
#[test]
fn rs_03_a_renamed_path_is_reserved_where_it_is_now() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task(
        "Fix login",
        &["--path", "src/auth.rs", "--path", "src/new.rs"],
    );
    ana.task("Write", &["--path", "docs"]);
    ana.git(&["mv", "src/auth.rs", "src/login.rs"]).ok();
    ana.git(&["mv", "docs", "manual"]).ok();
    ana.commit_all("Rename");
    let doctor = ana.pm(&["doctor"]).out;
    for moved in [
        "`src/auth.rs` is src/login.rs since",
        "`docs` is manual since",
    ] {
        assert!(doctor.contains(moved), "{doctor}");
    }
    assert!(!doctor.contains("src/new.rs"), "a new file: {doctor}");
    let said = ana.pm(&["start", &id]).ok().err;
    let edit = format!("git pm edit {id} --path src/login.rs --remove-path src/auth.rs");
    assert!(said.contains(&edit), "{said}");
    assert!(!said.contains("src/new.rs"), "{said}");
    add(&bob, &["src/login.rs"]).exits(1);
    ana.pm(&["edit", &id, "--path", "lib"]).ok();
    add(&bob, &["src/login.rs"]).exits(1);
    let edit: Vec<&str> = edit.split(' ').skip(2).collect();
    ana.pm(&edit).ok();
    add(&bob, &["src/login.rs"]).exits(1);
    assert!(!patterns(&ana).join(" ").contains("src/auth.rs"));
}

// RS-03: the path that a renamed one is now keeps nobody from a start that was offered.
#[test]
fn rs_03_a_renamed_path_that_another_has_reserved_stops_no_start() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.git(&["mv", "src/auth.rs", "src/login.rs"]).ok();
    ana.commit_all("Rename");
    add(&bob, &["src/login.rs"]).ok();
    let said = ana.pm(&["start", &id]).ok().err;
    assert!(said.contains("`src/auth.rs` is src/login.rs"), "{said}");
    let held = patterns(&ana).join(" ");
    assert_eq!(held.matches("src/login.rs").count(), 1, "{held}");
}

// RS-03: one walk through the last commits finds all renames, however many planned paths are new.
#[test]
fn rs_03_many_new_paths_cost_one_walk_through_the_history() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let new: Vec<String> = (0..30).map(|n| format!("new/{n}.rs")).collect();
    let mut paths = vec!["--path", "src/auth.rs"];
    paths.extend(new.iter().flat_map(|path| ["--path", path.as_str()]));
    let id = ana.task("Write", &paths);
    ana.git(&["mv", "src/auth.rs", "src/login.rs"]).ok();
    ana.commit_all("Rename");
    let trace = ana.path.with_extension("trace");
    let traced = ana.with("GIT_TRACE", trace.to_str().unwrap());
    let said = traced.pm(&["start", &id]).ok().err;
    assert!(said.contains("`src/auth.rs` is src/login.rs"), "{said}");
    let log = std::fs::read_to_string(trace).unwrap();
    let walks = log.lines().filter(|line| line.contains("new/"));
    assert_eq!(walks.count(), 1, "{log}");
}

// RS-03: what is reserved in the worktree of one's task is for the task, and ends with it.
#[test]
fn rs_03_a_reservation_made_in_the_worktree_of_a_task_ends_with_it() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let claude = ana.with("AI_AGENT", "claude");
    let id = ana.task("Fix login", &[]);
    claude.pm(&["next", "--claim"]).ok();
    let there = claude.worktree(&id);
    let made = add(&there, &["src/auth.rs"]).ok().data();
    assert_eq!(made["task"], id.as_str());
    there.write("src/auth.rs", "fixed\n");
    there.commit_all("Fix login");
    ana.write("src/auth.rs", "mine\n");
    let stopped = ana.git(&["commit", "-qam", "Mine"]);
    assert!(
        stopped
            .err
            .contains(&format!("reserved by claude for {id}")),
        "{}",
        stopped.err
    );
    ana.git(&["checkout", "-q", "src/auth.rs"]).ok();
    there.pm(&["finish"]).ok();
    assert!(live(&ana).is_empty(), "it outlives the work");
    ana.pm(&["approve", &id]).ok();
    ana.pm(&["merge", &id]).ok();
}

// The author's own reservations of the branch do not stop its merge; those of others do.
#[test]
fn reservations_of_the_author_do_not_stop_the_merge_of_the_work() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let claude = ana.with("AI_AGENT", "claude");
    let id = ana.task("Fix login", &[]);
    claude.pm(&["next", "--claim"]).ok();
    let there = claude.worktree(&id);
    there.write("src/auth.rs", "fixed\n");
    there.commit_all("Fix login");
    there.pm(&["finish"]).ok();
    ana.pm(&["approve", &id]).ok();
    add(&bob, &["src/auth.rs"]).ok();
    ana.pm(&["merge", &id]).exits(1);
    bob.pm(&["reserve", "release"]).ok();
    // As an earlier version left it.
    add(&there, &["src/auth.rs", "--task", &id]).ok();
    ana.pm(&["merge", &id]).ok();
}

// RS-03: work that is in progress again holds its paths again, however it came back.
#[test]
fn work_that_is_in_progress_again_is_reserved_again() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    let is_held = |how: &str| {
        assert_eq!(ana.data(&["show", &id])["status"], "in_progress", "{how}");
        assert_eq!(patterns(&ana), ["src/auth.rs"], "{how}");
        add(&bob, &["src/auth.rs"]).exits(1);
    };

    work.pm(&["finish"]).ok();
    let undone = ana.pm(&["undo"]).ok();
    is_held("an undo of its submission");
    assert!(!undone.out.contains("reserve add"), "{}", undone.out);

    work.pm(&["finish"]).ok();
    work.pm(&["task", "return", &id, "--note", "rename it"])
        .ok();
    is_held("a return by its holder");

    ana.write("src/auth.rs", "pub fn login() { /* other */ }\n");
    ana.git(&["commit", "-q", "--no-verify", "-am", "Other"])
        .ok();
    work.pm(&["finish", "--merge"]).exits(3);
    is_held("a merge that conflicts");

    // A start takes what is missing, and says what it cannot take.
    ana.pm(&["reserve", "release", "--task", &id]).ok();
    let again = ana.data(&["start", &id]);
    assert_eq!(again["again"], true);
    assert_eq!(again["reserved"], serde_json::json!(["src/auth.rs"]));
    is_held("a start of what is started");
    ana.pm(&["reserve", "release", "--task", &id]).ok();
    add(&bob, &["src/**"]).ok();
    let refused = ana.pm(&["start", &id]).ok();
    assert!(!refused.out.contains("  reserved"), "{}", refused.out);
    assert!(
        refused.err.contains("src/auth.rs is reserved by Bob"),
        "{}",
        refused.err
    );
}
