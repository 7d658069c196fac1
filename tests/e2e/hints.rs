//! Hints and notices of commands: they name commands that work, and do not ask a user to do what
//! only others may do or what is not needed.

use crate::support::{Ran, Repo, Scene};

/// The commands that show what to do next.
const QUESTIONS: [&[&str]; 6] = [
    &["ready"],
    &["ready", "--explain"],
    &["next"],
    &["triage"],
    &["status"],
    &["list"],
];

fn agent(repo: &Repo) -> Repo {
    repo.with("CLAUDECODE", "1").by("claude-1")
}

fn words(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

/// The output of all these commands for a human and for an agent, as text and as JSON.
fn outputs(repo: &Repo) -> [Vec<String>; 2] {
    [repo.clone(), agent(repo)].map(|who| {
        let mut said = Vec::new();
        for question in QUESTIONS {
            let json: Vec<&str> = question.iter().copied().chain(["--json"]).collect();
            for args in [question, &json] {
                said.push(format!("{args:?}: {}", words(&who.pm(args))));
            }
        }
        said
    })
}

#[track_caller]
fn require_none_contains(said: &[Vec<String>], word: &str) {
    let saying: Vec<&String> = said.iter().flatten().filter(|s| s.contains(word)).collect();
    assert!(saying.is_empty(), "`{word}` in {saying:?}");
}

/// A task in review in clone `a`, done by an agent in clone `b`, and one that depends on it.
fn in_review(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.task("Wash", &["--accept", "it is clean"]);
    a.task("Dry", &["--depends-on", "T-0001"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let agent = agent(&b);
    agent.pm(&["start", "T-0001"]).ok();
    let there = agent.worktree("T-0001");
    there.write("wash.txt", "clean\n");
    there.commit_all("Wash");
    agent.pm(&["task", "accept", "T-0001", "1"]).ok();
    agent.pm(&["finish", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    (a, b)
}

#[test]
fn only_an_empty_store_suggests_creating_items() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    let said = words(&a.pm(&["next"]).exits(1));
    assert!(said.contains("task create"), "{said}");
    assert!(said.contains("there are no items yet"), "{said}");
    let (a, b) = {
        let other = Scene::new();
        let (a, b) = in_review(&other);
        for repo in [&a, &b] {
            require_none_contains(&outputs(repo), "task create");
        }
        // The scene's folder must outlive its repositories.
        std::mem::forget(other);
        (a, b)
    };
    a.pm(&["task", "approve", "T-0001"]).ok();
    a.pm(&["merge", "T-0001"]).ok();
    a.pm(&["start", "T-0002"]).ok();
    for repo in [&a, &b] {
        b.pm(&["sync"]).ok();
        require_none_contains(&outputs(repo), "task create");
    }
    a.pm(&["task", "done", "T-0002", "--evidence", "seen"]).ok();
    require_none_contains(&outputs(&a), "task create");
    let said = words(&a.pm(&["ready"]).ok());
    assert!(said.contains("everything is closed"), "{said}");
}

#[test]
fn an_agent_that_names_no_item_to_approve_is_told_the_id_that_is_shown() {
    let scene = Scene::new();
    let (_, b) = in_review(&scene);
    let there = agent(&b).worktree("T-0001");
    let refused = there.pm(&["approve"]).exits(1).err;
    let told = "T-0001 is waiting for approval by a human; `git pm show T-0001`";
    assert!(refused.contains(told), "{refused}");
}

#[test]
fn agents_are_told_that_a_human_approves_without_the_command() {
    let scene = Scene::new();
    let (a, _) = in_review(&scene);
    let [human, told] = outputs(&a);
    assert!(human.iter().any(|s| s.contains("task approve T-0001")));
    require_none_contains(std::slice::from_ref(&told), "approve T-0001");
    require_none_contains(std::slice::from_ref(&told), "pm merge");
    let next = words(&agent(&a).pm(&["next"]).exits(1));
    assert!(
        next.contains("is waiting for approval by a human"),
        "{next}"
    );
    let triage = agent(&a).data(&["triage"]);
    let review = &triage["recommendations"][0];
    assert_eq!(review["command"], "git pm show T-0001", "{review}");
    for refused in [
        &["merge", "T-0001"][..],
        &["task", "approve", "T-0001"],
        &["task", "drop", "T-0001", "--reason", "x"],
        &["start", "T-0001"],
    ] {
        let said = words(&agent(&a).pm(refused));
        assert!(!said.contains("task approve"), "{refused:?}: {said}");
    }
    let plan = "# Brew\n\n## Requirements\n\n- R1: The system must brew coffee in a minute.\n";
    a.write("brew.md", plan);
    let drawn = words(&agent(&a).pm(&["plan", "new", "brew.md", "--force"]).ok());
    assert!(!drawn.contains("plan approve"), "{drawn}");
    let refused = words(&agent(&a).pm(&["plan", "approve"]).exits(1));
    assert!(!refused.contains("git pm plan approve"), "{refused}");
}

#[test]
fn finish_and_start_name_the_next_steps() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    a.task("Wash", &["--accept", "it is clean"]);
    let created = a.pm(&["task", "create", "Dry", "--depends-on", "T-0001"]);
    // `git pm start T-0002` would be refused.
    let said = words(&created.ok());
    assert!(said.contains("next: git pm why T-0002"), "{said}");
    let agent = agent(&a);
    let started = agent.pm(&["start", "T-0001"]).ok().out;
    let next = started.lines().last().unwrap();
    let steps = "· git commit · git pm task accept T-0001 1 · git pm finish T-0001";
    assert!(next.ends_with(steps), "{next}");
    let there = agent.worktree("T-0001");
    there.write("wash.txt", "clean\n");
    there.commit_all("Wash");
    there.pm(&["task", "accept", "T-0001", "1"]).ok();
    let finished = there.pm(&["finish"]).ok().out;
    assert!(finished.contains("A human must approve it"), "{finished}");
    assert!(!finished.contains("task approve"), "{finished}");
}

#[test]
fn suggested_commands_show_the_items_they_are_suggested_for() {
    let scene = Scene::new();
    let (a, b) = in_review(&scene);
    // In review: `ready` counts it and names the next command, and that command shows the item.
    let ready = a.pm(&["ready"]).ok().out;
    let first = "Nothing is ready: 1 in review, 1 waiting or blocked.";
    assert!(ready.starts_with(first), "{ready}");
    assert!(ready.contains("`git pm task approve T-0001`"), "{ready}");
    assert!(ready.contains("`git pm blocked`"), "{ready}");
    // Started by another and nothing depends on it: `blocked` would be empty and is not suggested.
    a.pm(&["task", "approve", "T-0001"]).ok();
    a.pm(&["merge", "T-0001"]).ok();
    a.pm(&["start", "T-0002"]).ok();
    b.pm(&["sync"]).ok();
    require_none_contains(
        &outputs(&b).map(|said| said.into_iter().filter(|s| !s.contains("--json")).collect()),
        "git pm blocked",
    );
    let ready = b.pm(&["ready"]).ok().out;
    assert!(ready.contains("1 in progress"), "{ready}");
    let list = b.pm(&["list", "is:active"]).ok().out;
    assert!(list.contains("T-0002"), "{list}");
}

#[test]
fn merged_work_is_reported_once() {
    let scene = Scene::new();
    let (a, b) = in_review(&scene);
    a.pm(&["task", "approve", "T-0001"]).ok();
    a.pm(&["merge", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    let agent = agent(&b);
    let told = agent.pm(&["sync"]).ok().out;
    assert!(told.contains("[T-0001] Ana merged your work"), "{told}");
    assert!(!told.contains('!'), "a notice is shown as an alert: {told}");
    for again in [&["sync"][..], &["status"]] {
        let told = agent.pm(again).ok().out;
        assert!(!told.contains("Ana merged"), "reported twice: {told}");
    }
    // Another actor in the same clone does not get it, and JSON output contains it the first time.
    let status = b.by("claude-2").data(&["status"]);
    assert_eq!(status["notices"], serde_json::json!([]));
}

#[test]
fn a_notice_shown_as_json_is_reported_once_too() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    a.task("Wash", &[]);
    a.pm(&["task", "reassign", "T-0001", "--to", "Ben"]).ok();
    let ben = a.by("Ben");
    let first = ben.data(&["status"]);
    assert_eq!(first["notices"][0]["alarm"], false, "{first}");
    assert_eq!(ben.data(&["status"])["notices"], serde_json::json!([]));
}

#[test]
fn an_alert_stays_until_it_is_acknowledged() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Wash", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["start", "T-0001", "--no-worktree"]).ok();
    a.pm(&["sync"]).ok();
    a.pm(&["task", "reassign", "T-0001", "--to", "Ana"]).ok();
    // A sync tells it once; the status has it until then.
    for is_told in [true, false] {
        let told = b.pm(&["sync"]).ok().out;
        assert_eq!(
            told.contains("  ! [T-0001] Ana ended your claim"),
            is_told,
            "{told}"
        );
        let told = b.pm(&["status"]).ok().out;
        assert!(told.contains("! [T-0001]"), "{told}");
    }
    let told = b.pm(&["status", "--ack"]).ok().out;
    assert!(told.contains("! [T-0001]"), "{told}");
    let told = b.pm(&["status"]).ok().out;
    assert!(!told.contains("! [T-0001]"), "{told}");
}

#[test]
fn empty_lists_name_the_command_that_fills_them() {
    let (_scene, repo) = crate::support::set_up();
    for (list, next) in [
        ("run list", "git pm run --dry-run"),
        ("plan list", "git pm plan new FILE"),
        ("milestone list", "git pm plan new FILE"),
        ("view list", "git pm view save NAME QUERY"),
        ("artifact list", "git pm artifact put ITEM FILE"),
        ("notify list", "git pm notify add NAME"),
    ] {
        let args: Vec<&str> = list.split(' ').collect();
        let said = repo.pm(&args).ok().out;
        assert!(said.contains(&format!("next: {next}")), "{list}: {said}");
    }
}

#[test]
fn notices_of_a_command_are_in_its_json_document() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Wash", &[]);
    // A notice beside the result.
    let synced = a.pm(&["sync", "--json"]).ok();
    let notices = &synced.json()["notices"];
    let first = notices[0].as_str().unwrap_or_default();
    assert!(first.contains("for the first time"), "{notices}");
    assert_eq!(synced.err, "", "the notice is printed twice");
    let quiet = a.pm(&["sync", "--json", "-q"]).ok();
    assert!(quiet.json()["notices"].is_null());
    // A claim lost at a start and settled by the sync of a comment, in a list, and beside an error:
    // every command reports a state whose tip cannot be read.
    let tip = a.tip("refs/pm/main");
    a.task("Dry", &[]);
    let lost = a.tip("refs/pm/main");
    assert_ne!(tip, lost);
    let object = a
        .path
        .join(".git/objects")
        .join(&lost[..2])
        .join(&lost[2..]);
    std::fs::remove_file(object).unwrap();
    for args in [
        &["list"][..],
        &["ready"],
        &["show", "T-0001"],
        &["issue", "list"],
    ] {
        let mut args = args.to_vec();
        args.push("--json");
        let ran = a.pm(&args).ok();
        let notices = ran.json()["notices"].to_string();
        assert!(notices.contains("cannot be read"), "{args:?}: {notices}");
        assert_eq!(ran.err, "", "{args:?}");
    }
    let refused = a.pm(&["show", "T-0099", "--json"]).exits(4);
    let notices = refused.json()["notices"].to_string();
    assert!(notices.contains("cannot be read"), "{notices}");
    drop(hub);
}

#[test]
fn a_comment_is_pushed_at_once_or_reported_as_local() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Wash", &[]);
    // The user has not yet agreed to publish the state there.
    let first = a.pm(&["task", "comment", "T-0001", "early"]).ok();
    assert!(
        first
            .err
            .contains("saved in this clone only; `git pm sync` pushes it"),
        "{}",
        first.err
    );
    assert_eq!(hub.tip("refs/pm/main"), "");
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");

    let sent = a.pm(&["task", "comment", "T-0001", "which soap?"]).ok();
    assert!(!sent.err.contains("local"), "{}", sent.err);
    b.pm(&["pull"]).ok();
    let seen = b.pm(&["show", "T-0001"]).ok().out;
    assert!(seen.contains("which soap?"), "{seen}");
    b.pm(&["issue", "create", "Smell"]).ok();
    let id = b.data(&["issue", "list"])["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_string();
    b.pm(&["issue", "comment", &id, "strong"]).ok();
    a.pm(&["pull"]).ok();
    assert!(a.pm(&["show", &id]).ok().out.contains("strong"));

    let comment = ["task", "comment", "T-0001", "later"];
    let offline: Vec<&str> = ["--offline"].into_iter().chain(comment).collect();
    let told = a.pm(&offline).ok().err;
    assert!(
        told.contains("saved in this clone only; `git pm sync` pushes it"),
        "{told}"
    );
    a.pm(&["config", "pm.sync", "manual"]).ok();
    let told = a.pm(&comment).ok().err;
    assert!(
        told.contains("saved in this clone only; `git pm sync` pushes it"),
        "{told}"
    );
    a.pm(&["config", "--unset", "pm.sync"]).ok();
    std::fs::rename(&hub.path, hub.path.with_extension("away")).unwrap();
    let told = a.pm(&comment).ok().err;
    assert!(told.contains("saved locally, but not synced"), "{told}");
}

#[test]
fn sync_lists_the_changes_it_fetched() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Wash", &["--accept", "it is clean"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let quiet = b.data(&["sync"]);
    assert_eq!(quiet["changes"], serde_json::json!([]), "{quiet}");
    assert!(quiet["changes_command"].is_null());

    a.pm(&["task", "comment", "T-0001", "which soap?"]).ok();
    a.pm(&["task", "edit", "T-0001", "--title", "Wash it", "-p", "1"])
        .ok();
    a.task("Dry", &[]);
    a.pm(&["start", "T-0001"]).ok();
    b.task("My own", &[]);
    let narrow = |out: &str| out.split_whitespace().collect::<Vec<_>>().join(" ");
    let synced = narrow(&b.pm(&["sync"]).ok().out);
    let first = "T-0001 started by Ana, 1 comment by Ana, priority and title changed Wash it";
    assert!(synced.contains(first), "{synced}");
    assert!(synced.contains("T-0002 created by Ana Dry"), "{synced}");
    let own = "created by Ben";
    assert!(
        !synced.contains(own),
        "an own item is listed as fetched: {synced}"
    );

    let there = a.worktree("T-0001");
    there.write("wash.txt", "clean\n");
    there.commit_all("Wash");
    there.pm(&["task", "accept", "T-0001", "1"]).ok();
    there.pm(&["finish"]).ok();
    let pulled = narrow(&b.pm(&["pull"]).ok().out);
    assert!(
        pulled.contains("T-0001 in review by Ana, 1 criterion accepted"),
        "{pulled}"
    );
    a.pm(&["task", "approve", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    let pulled = b.data(&["pull"]);
    assert_eq!(pulled["changes"][0]["what"], "approved by Ana", "{pulled}");
    a.pm(&["merge", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    let pulled = narrow(&b.pm(&["pull"]).ok().out);
    assert!(pulled.contains("T-0001 done by Ana Wash it"), "{pulled}");
}

#[test]
fn sync_names_ten_items_and_the_command_for_the_rest() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let lines: String = (0..24)
        .map(|n| format!("{{\"op\":\"task.create\",\"title\":\"Task {n}\"}}\n"))
        .collect();
    a.feed(crate::support::binary(), &["batch"], &lines).ok();
    a.pm(&["sync"]).ok();
    let synced = b.pm(&["sync"]).ok().out;
    assert_eq!(synced.matches("created by Ana").count(), 10, "{synced}");
    let last = synced.lines().last().unwrap();
    let command = last
        .strip_prefix("  and 14 more: git pm ")
        .unwrap_or_else(|| panic!("{last}"));
    let told: Vec<&str> = command.split(' ').collect();
    let diff = b.pm(&told).ok().out;
    assert!(diff.contains("Task 23"), "{diff}");
    // Long lists are only counted.
    let lines: String = (0..400)
        .map(|n| format!("{{\"op\":\"task.create\",\"title\":\"More {n}\"}}\n"))
        .collect();
    a.feed(crate::support::binary(), &["batch"], &lines).ok();
    a.pm(&["sync"]).ok();
    let synced = b.pm(&["sync"]).ok().out;
    assert!(synced.contains("  many changes: git pm diff "), "{synced}");
    assert!(!synced.contains("created by"), "{synced}");
}

#[test]
fn status_names_pushed_branches() {
    let scene = Scene::new();
    let (a, b) = in_review(&scene);
    let tip = b.tip("refs/heads/task/T-0001-wash");
    let status = a.pm(&["status"]).ok().out;
    let line = format!(
        "waits for approval; origin/task/T-0001-wash, {}",
        &tip[..10]
    );
    assert!(status.contains(&line), "{status}");
    assert!(status.contains("1 ahead of main"), "{status}");
    let branch = &a.data(&["status"])["branches"][0];
    assert_eq!(branch["commit"], tip, "{branch}");
    assert_eq!(branch["found_at"], "origin/task/T-0001-wash");
}

#[test]
fn items_that_next_skipped_are_not_reported_as_assigned_to_others() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    a.task("With paths", &["--path", "src/**"]);
    a.pm(&["task", "create", "Of Ben", "--assignee", "Ben"])
        .ok();
    a.by("Cleo").pm(&["reserve", "add", "src/**", "--new"]).ok();
    let none = a.pm(&["next", "--claim", "--no-worktree"]).exits(1);
    let said = words(&none);
    let counted = "1 kept from being started, 1 assigned to others";
    assert!(said.contains(counted), "{said}");
    assert!(said.contains("src/** is reserved by Cleo"), "{said}");
    // What is not offered would be refused.
    assert_eq!(a.data(&["ready"])["items"].as_array().unwrap().len(), 1);
    let listed = a.data(&["list", "is:ready"]);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!(a.pm(&["list", "is:ready"]).ok().out.lines().count(), 1);
    assert_eq!(a.data(&["why", "T-0001"])["ready"], false);
    a.pm(&["start", "T-0001"]).exits(1);
    // What is assigned to others and kept from them as well is not listed by `ready`, so that is not said.
    a.pm(&["task", "edit", "T-2", "--path", "src/**"]).ok();
    let none = a.pm(&["ready"]).ok();
    let said = words(&none);
    assert!(said.contains("2 kept from being started"), "{said}");
    assert!(!said.contains("git pm ready"), "{said}");
}

/// What another clone has in hand may have been submitted there since.
#[test]
fn an_approval_that_is_too_early_names_sync() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("One", &[]);
    a.pm(&["start", &id]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let refused = b.pm(&["approve", &id]).exits(1).err;
    let hints: Vec<&str> = refused
        .lines()
        .filter(|line| line.starts_with("hint"))
        .collect();
    assert!(
        hints.len() == 2 && hints[0].contains("git pm sync"),
        "{refused}"
    );
}

/// What is assigned to a human is for the human: an agent in that clone is offered none of it, and takes it
/// only by its id.
#[test]
fn an_agent_is_not_offered_the_work_of_its_human() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("Of Ben", &["--assignee", "Ben"]);
    repo.task("Of Ana", &["--assignee", "Ana"]);
    let bot = agent(&repo);
    let briefed = bot.pm(&["prime"]).ok().out;
    assert!(!briefed.contains("Of Ben"), "{briefed}");
    assert!(!briefed.contains("Of Ana"), "{briefed}");
    for command in [&["next", "--claim", "--no-worktree"][..], &["next"][..]] {
        let refused = bot.pm(command).exits(1).err;
        assert!(refused.contains("2 assigned to others"), "{refused}");
    }
    assert_eq!(repo.data(&["show", "T-2"])["assignee"], "Ana");
    let free = repo.task("Of all", &["-p", "3"]);
    let started = bot.pm(&["next", "--claim", "--no-worktree"]).ok();
    assert!(started.out.contains(&free), "{}", started.out);
    let asked = bot.pm(&["start", "T-2"]).ok();
    assert!(words(&asked).contains("assigned to Ana"), "{}", asked.out);
    // The human is offered it.
    let own = scene.set_up("b");
    own.task("Of Ana", &["--assignee", "Ana"]);
    own.pm(&["next", "--claim", "--no-worktree"]).ok();
}

/// A reassignment from its holder is for humans, so an agent is not told to run it.
#[test]
fn an_agent_is_not_hinted_at_what_only_a_human_may_do() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Fix", &[]);
    repo.pm(&["start", &id]).ok();
    let way = format!("git pm task reassign {id} --to");
    let said = agent(&repo).pm(&["finish", &id]).exits(3).err;
    assert!(!said.contains("--as"), "{said}");
    assert!(
        said.contains(&format!("git pm task comment {id}")),
        "{said}"
    );
    let mut told = said.lines().filter(|line| line.contains(&way));
    let is_asked = |line: &str| line.starts_with("hint: ask a human to run");
    assert!(told.all(is_asked), "{said}");
    let said = repo.by("Ben").pm(&["finish", &id]).exits(3).err;
    assert!(said.contains(&format!("hint: `{way} Ben`")), "{said}");
}

#[test]
fn the_start_of_an_item_is_suggested_to_its_assignee_alone() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Fix", &["--assignee", "mia"]);
    let start = format!("git pm start {id}");
    for shown in [&["show", &id][..], &["prime", &id]] {
        let said = repo.pm(shown).ok().out;
        assert!(!said.contains(&start), "{said}");
        let said = repo.by("mia").pm(shown).ok().out;
        assert!(said.contains(&start), "{said}");
    }
}

#[test]
fn show_suggests_the_next_step_to_the_actor_whose_turn_it_is() {
    let scene = Scene::new();
    let (a, b) = in_review(&scene);
    let last = |who: &Repo, id: &str| {
        let shown = who.pm(&["show", id]).ok().out;
        shown.lines().last().unwrap_or_default().to_string()
    };
    assert_eq!(last(&a, "T-0001"), "next: git pm task approve T-0001");
    let told = last(&agent(&a), "T-0001");
    assert!(!told.starts_with("next:"), "{told}");
    assert_eq!(last(&a, "T-0002"), "next: git pm why T-0002");
    a.pm(&["task", "approve", "T-0001"]).ok();
    assert_eq!(last(&a, "T-0001"), "next: git pm merge T-0001");
    a.pm(&["merge", "T-0001"]).ok();
    assert_eq!(last(&a, "T-0002"), "next: git pm start T-0002");
    a.pm(&["start", "T-0002", "--no-worktree"]).ok();
    assert_eq!(
        last(&a, "T-0002"),
        "next: git commit · git pm finish T-0002"
    );
    b.pm(&["sync"]).ok();
    let told = last(&b, "T-0002");
    assert!(!told.starts_with("next:"), "{told}");
}

#[test]
fn what_is_not_submitted_does_not_wait_for_an_approval() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Wash", &[]);
    let refused = agent(&repo).pm(&["approve", &id]).exits(1).err;
    assert!(
        refused.contains("a human approves it after") && !refused.contains("waiting for approval"),
        "{refused}"
    );
}

#[test]
fn the_type_of_an_epic_names_the_command_that_creates_one() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let refused = repo.pm(&["add", "Wash", "--type", "epic"]).exits(2).err;
    assert!(refused.contains("git pm epic create TITLE"), "{refused}");
}

#[test]
fn a_command_that_fails_is_not_said_to_have_passed_over_anything() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    let id = repo.task("Wash", &[]);
    repo.pm(&["start", &id]).ok();
    repo.task("Dry", &["--parent", &id]);
    let there = repo.worktree(&id);
    there.write("wash.txt", "clean\n");
    there.commit_all("Wash");
    hub.hook("pre-receive", "exit 1");
    let refused = there.pm(&["finish", "--force"]).exits(1).err;
    assert!(!refused.contains("finished anyway"), "{refused}");
    hub.remove_hook("pre-receive");
    let said = there.pm(&["finish", "--force"]).ok().err;
    assert!(said.contains("finished anyway"), "{said}");
}

/// A colon promises a next step.
#[test]
fn an_approval_with_a_conflict_ends_with_its_sentence() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Wash", &[]);
    repo.pm(&["start", &id]).ok();
    let there = repo.worktree(&id);
    there.write("wash.txt", "clean\n");
    there.commit_all("Wash");
    there.pm(&["finish"]).ok();
    repo.write("wash.txt", "dirty\n");
    repo.commit_all("Another");
    let told = repo.pm(&["approve", &id]).ok().out;
    let last = told.lines().last().unwrap_or_default();
    assert!(last.ends_with("returns it to its author"), "{told}");
}

/// A new issue that waits for another one, or is no work itself, is not offered to be claimed.
#[test]
fn a_new_issue_that_cannot_be_claimed_is_not_offered() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let create = |more: &[&str]| {
        let args = [&["issue", "create", "New"][..], more].concat();
        repo.pm(&args).ok().out
    };
    let first = create(&[]);
    assert!(first.contains("next: git pm issue claim"), "{first}");
    let id = first.split(' ').nth(1).unwrap().to_owned();
    let waits = create(&["--deps", &id]);
    assert!(waits.contains("next: git pm why"), "{waits}");
    let epic = create(&["-t", "epic"]);
    assert!(!epic.contains("issue claim"), "{epic}");
}
