//! What a newcomer tried and what went wrong: each command does what it says, or says why not.

use crate::support::{Repo, Scene};

fn branch(repo: &Repo) -> String {
    repo.git(&["branch", "--show-current"])
        .ok()
        .out
        .trim()
        .to_string()
}

#[test]
fn a_start_without_a_worktree_switches_this_folder() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Fix the login", &[]);
    let started = repo.pm(&["start", &id, "--no-worktree"]).ok();
    assert!(branch(&repo).starts_with("task/"), "{}", started.out);
    assert!(!started.out.contains("next: cd "), "{}", started.out);
    repo.write("login", "1\n");
    repo.commit_all("Fix the login");
    let merged = repo.pm(&["finish", "--merge"]).ok();
    assert!(
        !merged.err.contains("git worktree remove"),
        "{}",
        merged.err
    );
    assert_eq!(repo.git(&["show", "main:login"]).ok().out, "1\n");
    assert_eq!(repo.data(&["show", &id])["status"], "done");
    // The folder is on the target again, and the branch is gone.
    assert_eq!(branch(&repo), "main");
    assert_eq!(repo.git(&["branch", "--list", "task/*"]).ok().out, "");
    // What undoes the work is a commit that is named.
    let commit = repo.data(&["show", &id])["work"]["merged_commit"]
        .as_str()
        .unwrap()
        .to_string();
    let refused = repo.pm(&["undo"]).exits(1).err;
    assert!(
        refused.contains(&format!("git revert {}", &commit[..10])),
        "{refused}"
    );

    // What cannot be switched is not claimed, and leaves no branch.
    repo.git(&["switch", "-q", "--detach", "main~1"]).ok();
    repo.write("login", "mine\n");
    let id = repo.task("Fix the logout", &[]);
    let refused = repo.pm(&["start", &id, "--no-worktree", "--json"]).exits(1);
    assert_eq!(refused.error()["reason"], "worktree.not_switched");
    assert_eq!(repo.data(&["show", &id])["status"], "queued");
    let left = repo.git(&["branch", "--list", "task/*logout"]).ok().out;
    assert_eq!(left, "");
}

#[test]
fn an_edit_adds_to_lists_and_removes_what_is_named() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let first = repo.task("One", &[]);
    let id = repo.task(
        "Two",
        &[
            "--accept", "Fast", "--accept", "Small", "--path", "src/**", "--label", "ui",
        ],
    );
    let edit = |args: &[&str]| {
        let all: Vec<&str> = ["task", "edit", id.as_str()]
            .iter()
            .chain(args)
            .copied()
            .collect();
        repo.data(&all)
    };
    let texts = |item: &serde_json::Value| -> Vec<String> {
        let all = item["acceptance"].as_array().unwrap().iter();
        all.map(|one| one["text"].as_str().unwrap().to_string())
            .collect()
    };
    repo.pm(&["task", "accept", &id, "1"]).ok();
    let item = edit(&[
        "--accept",
        "Safe",
        "--path",
        "docs/**",
        "--label",
        "ci",
        "--depends-on",
        &first,
    ]);
    assert_eq!(texts(&item), ["Fast", "Small", "Safe"]);
    assert_eq!(item["acceptance"][0]["done"], true, "{item}");
    assert_eq!(item["paths"], serde_json::json!(["docs/**", "src/**"]));
    assert_eq!(item["labels"], serde_json::json!(["ci", "ui"]));
    let item = edit(&[
        "--remove-accept",
        "2",
        "--remove-accept",
        "Safe",
        "--remove-path",
        "src/**",
    ]);
    assert_eq!(texts(&item), ["Fast"]);
    assert_eq!(item["paths"], serde_json::json!(["docs/**"]));
    let item = edit(&["--remove-depends-on", &first, "--remove-label", "ui"]);
    assert_eq!(item["depends_on"], serde_json::json!([]));
    // An empty text clears the list first.
    let item = edit(&["--accept", "", "--accept", "New"]);
    assert_eq!(texts(&item), ["New"]);
    repo.pm(&["task", "edit", &id, "--remove-accept", "7"])
        .exits(4);
    assert_eq!(texts(&repo.data(&["show", &id])), ["New"]);
}

#[test]
fn a_task_is_deferred_until_a_day() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Later", &[]);
    let item = repo.data(&["task", "defer", &id, "2099-12-24"]);
    assert!(
        item["defer_until"]
            .as_str()
            .unwrap()
            .starts_with("2099-12-2"),
        "{item}"
    );
    assert_eq!(repo.data(&["ready"])["items"].as_array().unwrap().len(), 0);
    let item = repo.data(&["task", "undefer", &id]);
    assert!(item["defer_until"].is_null(), "{item}");
    assert_eq!(repo.data(&["ready"])["items"].as_array().unwrap().len(), 1);
    for (wrong, right) in [
        (
            ["task", "defer", id.as_str(), "--until", "monday"],
            "`git pm task defer ID UNTIL`",
        ),
        (
            ["task", "block", id.as_str(), "--reason", "rain"],
            "`git pm task block ID \"REASON\"`",
        ),
    ] {
        let refused = repo.pm(&wrong).exits(2).err;
        assert!(refused.contains(right), "{refused}");
    }
    // A day that has passed is said.
    let edited = repo.pm(&["task", "edit", &id, "--due", "2020-01-01"]).ok();
    assert!(
        edited.err.contains("`2020-01-01` is in the past"),
        "{}",
        edited.err
    );
    // What was understood is said.
    let at = repo.when("2026-11-25T10:00:00Z");
    for (typed, read) in [
        ("friday 9am", "2026-11-27 09:00"),
        ("next week", "2026-11-30"),
        ("nov 1", "2027-11-01"),
    ] {
        let edited = at.pm(&["task", "edit", &id, "--due", typed]).ok();
        let said = format!("`{typed}` is {read}");
        assert!(edited.err.contains(&said), "{}", edited.err);
    }
}

#[test]
fn what_is_offered_as_one_thing_is_one_thing() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let issue = repo.data(&["issue", "create", "Fix the parser", "--type", "bug"]);
    let issue = issue["id"].as_str().unwrap();
    repo.pm(&["issue", "create", "All of it", "--type", "epic"])
        .ok();
    let task = repo.task("Fix the login", &["--assignee", "ben"]);

    // Who sets a status has not claimed it.
    let said = repo
        .pm(&["issue", "update", issue, "--status", "in_progress"])
        .ok()
        .err;
    assert!(
        said.contains(&format!("git pm issue claim {issue}")),
        "{said}"
    );
    repo.pm(&["issue", "update", issue, "--status", "open"])
        .ok();
    // A run works on issues as on tasks, but not on what is no work.
    let plan = repo.data(&["run", "--dry-run"]);
    let text = plan.to_string();
    assert!(text.contains(issue) && text.contains(&task), "{plan}");
    assert!(!text.contains("All of it"), "{plan}");
    // Who starts what is another's, or reserves nothing, is told.
    let started = repo.pm(&["start", &task]).ok().out;
    assert!(started.contains("assigned to ben"), "{started}");
    assert!(
        started.contains("nothing; `git pm edit T-0001 --path"),
        "{started}"
    );
    let started = repo.pm(&["start", issue]).ok().out;
    assert!(!started.contains("assigned to"), "{started}");
    // Without a task here, a merge names its two forms.
    let refused = repo.pm(&["merge"]).exits(2).err;
    assert!(refused.contains("git pm merge --queue"), "{refused}");
}

#[test]
fn lists_show_what_one_waits_for_and_what_is_due() {
    let scene = Scene::new();
    let repo = scene.set_up("a").when("2036-12-01T12:00:00Z");
    let epic = repo.data(&["epic", "create", "Search"]);
    let epic = epic["id"].as_str().unwrap();
    let first = repo.task("First", &["--due", "2036-12-04", "--epic", epic]);
    repo.task(
        "Second",
        &["--depends-on", &first, "--label", "perf", "--epic", epic],
    );
    repo.task("Third", &["--defer", "2036-12-24"]);
    let wide = repo.pm(&["ls"]).ok().out;
    let line = |title: &str| {
        wide.lines()
            .find(|line| line.contains(title))
            .unwrap()
            .to_string()
    };
    assert!(line("First").contains("due in 3d"), "{wide}");
    assert!(
        line("Second").contains("waits for T-0001") && line("Second").contains("perf"),
        "{wide}"
    );
    assert!(line("Third").contains("deferred"), "{wide}");
    // A narrow terminal does without the least, and cuts no title.
    let narrow = repo.with("COLUMNS", "50").pm(&["ls"]).ok().out;
    assert!(
        !narrow.contains("perf") && narrow.contains("Second"),
        "{narrow}"
    );
    assert!(
        narrow.lines().all(|line| line.chars().count() <= 50),
        "{narrow}"
    );
    repo.pm(&["task", "done", &first, "--force"]).ok();
    let epics = repo.pm(&["epic", "list"]).ok().out;
    assert!(epics.contains("1 of 2 done"), "{epics}");
    // Mine, by the word that others use for the option.
    repo.pm(&["assign", "T-0002", "--to", "Ana"]).ok();
    for option in ["--owner", "--assignee"] {
        let mine = repo.data(&["list", option, "me"]);
        assert_eq!(mine["items"].as_array().unwrap().len(), 1, "{mine}");
    }
    // The words that people read are those of queries.
    for (query, count) in [
        ("status:queued", 2),
        ("status:done", 1),
        ("status:approved", 0),
    ] {
        let found = repo.data(&["list", "--all", query]);
        assert_eq!(
            found["items"].as_array().unwrap().len(),
            count,
            "{query}: {found}"
        );
    }
    let refused = repo.pm(&["list", "status:nonsense"]).exits(2).err;
    assert!(refused.contains("approved"), "{refused}");
}
