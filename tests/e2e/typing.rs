//! What people type: short words, several ids, commas, completion.

use crate::support::{Repo, binary, set_up};

fn message(repo: &Repo) -> String {
    repo.git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text()
}

fn status(repo: &Repo, id: &str) -> String {
    repo.data(&["show", id])["status"]
        .as_str()
        .unwrap()
        .to_string()
}

/// A task in review, done in its worktree, which is returned.
fn in_review(repo: &Repo, title: &str, id: &str) -> Repo {
    repo.pm(&["add", title]).ok();
    repo.pm(&["start", id]).ok();
    let there = repo.worktree(id);
    there.write(&format!("{id}.txt"), "done\n");
    there.commit_all(title);
    there.pm(&["finish"]).ok();
    there
}

#[test]
fn the_daily_verbs_work_without_their_group() {
    let (_scene, repo) = set_up();
    repo.pm(&["add", "One", "-p", "1"]).ok();
    repo.pm(&["edit", "T-1", "--title", "Uno"]).ok();
    repo.pm(&["comment", "T-1", "seen"]).ok();
    repo.pm(&["assign", "T-1", "ben"]).ok();
    assert_eq!(repo.data(&["show", "T-1"])["assignee"], "ben");
    repo.pm(&["task", "reassign", "T-1", "--to", "eva"]).ok();
    assert_eq!(repo.data(&["show", "T-1"])["assignee"], "eva");
    assert!(repo.pm(&["ls", "-is:closed"]).ok().out.contains("Uno"));
    repo.pm(&["cancel", "T-1", "--reason", "no"]).ok();
    assert_eq!(status(&repo, "T-1"), "cancelled");
    in_review(&repo, "Two", "T-2");
    repo.pm(&["approve", "T-2"]).ok();
    assert_eq!(status(&repo, "T-2"), "ready_for_integration");
    let said = repo.pm(&["reassign", "T-2", "ben"]).exits(2).err;
    assert!(said.contains("`git pm task reassign ID ACTOR`"), "{said}");
    // What `issue` is, where it is met beside `task`.
    let about = "`issue` has the words and the hash IDs of beads";
    let said = repo.pm(&["create", "Three"]).exits(2).err;
    assert!(
        said.contains("`git pm issue create TITLE`? `issue` has"),
        "{said}"
    );
    let said = repo.pm(&["help", "--all"]).ok().out;
    assert_eq!(said.matches(about).count(), 1, "{said}");
    let said = repo.pm(&["help", "--all", "task"]).ok().out;
    assert!(!said.contains(about), "{said}");
}

#[test]
fn several_items_are_changed_in_one_commit_or_none() {
    let (_scene, repo) = set_up();
    for title in ["One", "Two", "Three"] {
        repo.task(title, &[]);
    }
    let before = crate::support::commits(&repo);
    let edited = repo.data(&["edit", "T-1", "T-2", "T-1", "--add-label", "perf"]);
    assert_eq!(crate::support::ids(&edited["items"]), ["T-0001", "T-0002"]);
    assert_eq!(crate::support::commits(&repo), before + 1);
    assert_eq!(message(&repo), "task edit T-0001, T-0002: labels +perf");
    for id in ["T-1", "T-2"] {
        assert_eq!(repo.data(&["show", id])["labels"][0], "perf", "{id}");
    }
    // One alone answers as before.
    assert_eq!(repo.data(&["edit", "T-1", "-p", "1"])["id"], "T-0001");
    repo.pm(&["edit", "T-1", "T-9", "-p", "0"]).exits(4);
    assert_eq!(repo.data(&["show", "T-1"])["priority"], 1);
    let said = repo.pm(&["edit", "T-1", "T-2", "--editor"]).exits(2).err;
    assert!(said.contains("one item"), "{said}");

    let shown = repo.data(&["show", "T-2", "T-1"]);
    assert_eq!(crate::support::ids(&shown["items"]), ["T-0002", "T-0001"]);
    let text = repo.pm(&["show", "T-2", "T-1"]).ok().out;
    assert!(text.contains("One") && text.contains("Two"), "{text}");
    repo.pm(&["show", "T-1", "T-9"]).exits(4);

    let line = "{\"op\":\"task.cancel\",\"id\":[\"T-2\",\"T-3\"]}\n";
    repo.feed(binary(), &["batch"], line).ok();
    assert_eq!(status(&repo, "T-3"), "cancelled");
    repo.pm(&["task", "reopen", "T-2", "T-3"]).ok();
    repo.pm(&["cancel", "T-1", "T-2", "--reason", "late"]).ok();
    assert_eq!(message(&repo), "task cancel T-0001, T-0002: late");
    assert_eq!(status(&repo, "T-2"), "cancelled");
    repo.pm(&["cancel", "T-3", "T-2"]).exits(1);
    assert_eq!(status(&repo, "T-3"), "queued");
    repo.pm(&["undo"]).ok();
    assert_eq!(status(&repo, "T-1"), "queued");
}

#[test]
fn several_approvals_are_one_commit_and_count_for_each() {
    let (_scene, repo) = set_up();
    in_review(&repo, "One", "T-1");
    let there = in_review(&repo, "Two", "T-2");
    repo.task("Three", &[]);
    let commit = repo.git(&["rev-parse", "HEAD"]).text();
    let said = repo
        .pm(&["approve", "T-1", "T-2", "--commit", &commit])
        .exits(2);
    assert!(said.err.contains("one item"), "{}", said.err);
    repo.pm(&["approve", "T-1", "T-3"]).exits(1);
    assert_eq!(status(&repo, "T-1"), "in_review");
    let said = repo
        .pm(&["approve", "T-1", "T-2", "--note", "fine"])
        .ok()
        .out;
    assert!(said.contains("git pm merge --queue"), "{said}");
    assert_eq!(message(&repo), "task approve T-0001, T-0002");
    // In words, not as the record that is stored.
    let said = repo.pm(&["undo"]).ok().out;
    assert!(
        said.contains("by Ana, ") && said.contains("-> withdrawn"),
        "{said}"
    );
    assert!(!said.contains("{\""), "{said}");
    repo.pm(&["approve", "T-1"]).ok();
    there.pm(&["approve"]).ok();
    repo.pm(&["merge", "T-1"]).ok();
    // The task of this worktree.
    let merged = there.data(&["merge"]);
    assert_eq!(merged["id"], "T-0002", "{merged}");
    assert_eq!(status(&repo, "T-2"), "done");
    let said = repo.pm(&["merge"]).exits(2).err;
    assert!(said.contains("no task is checked out here"), "{said}");
}

#[test]
fn lists_of_options_take_commas() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    repo.task("Two", &[]);
    repo.write("a,b.txt", "x");
    let item = repo.data(&[
        "add",
        "Three",
        "--label",
        "perf, terminal",
        "--depends-on",
        "T-1,T-2",
        "--path",
        "src/**,docs/{a,b}.md",
        "--path",
        "a,b.txt",
    ]);
    assert_eq!(item["labels"], serde_json::json!(["perf", "terminal"]));
    assert_eq!(
        item["paths"],
        serde_json::json!(["a,b.txt", "docs/{a,b}.md", "src/**"])
    );
    assert_eq!(item["depends_on"].as_array().unwrap().len(), 2);
    let item = repo.data(&[
        "edit",
        "T-3",
        "--add-label",
        "x,y",
        "--remove-label",
        "perf,terminal",
    ]);
    assert_eq!(item["labels"], serde_json::json!(["x", "y"]));
    let item = repo.data(&[
        "edit", "T-3", "--label", "", "--path", "", "--path", "c\\,d",
    ]);
    assert_eq!(item["labels"], serde_json::json!([]));
    assert_eq!(item["paths"], serde_json::json!(["c,d"]));
}

#[test]
fn a_filter_by_labels_means_what_a_query_means() {
    let (_scene, repo) = set_up();
    repo.task("One", &["--label", "perf,ui"]);
    repo.task("Two", &["--label", "ui"]);
    repo.pm(&["issue", "create", "Three", "-l", "perf"]).ok();
    let titles = |args: &[&str]| -> Vec<String> {
        let list = repo.data(args);
        let items = list["items"].as_array().unwrap();
        let titles = items.iter().map(|item| item["title"].as_str().unwrap());
        titles.map(str::to_string).collect()
    };
    let either = titles(&["list", "label:perf,ui"]);
    assert_eq!(either, ["One", "Two", "Three"]);
    assert_eq!(titles(&["list", "--label", "perf, ui"]), either);
    assert_eq!(
        titles(&["task", "list", "--label", "perf,ui"]),
        ["One", "Two"]
    );
    assert_eq!(titles(&["issue", "list", "--label", "perf,ui"]), ["Three"]);
    assert_eq!(
        titles(&["list", "--label", "perf", "--label", "ui"]),
        ["One"]
    );
}

#[test]
fn a_priority_is_typed_as_a_number_or_a_word() {
    let (_scene, repo) = set_up();
    let priority = |args: &[&str]| repo.data(args)["priority"].clone();
    assert_eq!(priority(&["add", "One", "-p", "high"]), 1);
    assert_eq!(priority(&["edit", "1", "--priority", "Critical"]), 0);
    assert_eq!(priority(&["issue", "create", "Two", "-p", "low"]), 3);
    let found = repo.data(&["list", "priority:<=high"]);
    assert_eq!(crate::support::ids(&found["items"]), ["T-0001"]);
    let said = repo.pm(&["add", "Three", "-p", "soon"]).exits(2).err;
    assert!(said.contains("critical, high, medium, low"), "{said}");
}

#[test]
fn a_new_item_with_the_title_of_an_open_one_is_made_and_told() {
    let (_scene, repo) = set_up();
    repo.pm(&["add", "Fix the login"]).ok();
    let made = repo.pm(&["add", "fix the  Login"]).ok();
    let note = "T-0001 has the same title, and is queued";
    assert!(made.err.contains(note), "{made:?}");
    let json = repo
        .pm(&["--json", "issue", "create", "Fix the login"])
        .ok();
    assert!(json.out.contains("has the same title"), "{json:?}");
    for other in ["Fix the login page", "Login"] {
        let made = repo.pm(&["add", other]).ok();
        assert!(!made.err.contains("same title"), "{made:?}");
    }
    repo.pm(&["task", "delete", "T-1", "T-2"]).ok();
    repo.pm(&["issue", "close", "Fix"]).exits(4);
    let issue = repo.data(&["issue", "list"])["items"][0]["id"].clone();
    repo.pm(&["issue", "close", issue.as_str().unwrap()]).ok();
    let made = repo.pm(&["add", "Fix the login"]).ok();
    assert!(!made.err.contains("same title"), "{made:?}");
}

#[test]
fn after_a_new_item_only_a_start_that_works_is_suggested() {
    let (_scene, repo) = set_up();
    let made = repo.pm(&["add", "One", "--path", "src/**"]).ok().out;
    assert!(made.contains("next: git pm start T-0001"), "{made}");
    let ben = repo.by("ben");
    ben.pm(&["reserve", "add", "src/**", "--new"]).ok();
    let made = repo.pm(&["add", "Two", "--path", "src/a.rs"]).ok().out;
    assert!(made.contains("next: git pm why T-0002"), "{made}");
}

#[test]
fn an_approval_tells_what_it_is_of() {
    let (_scene, repo) = set_up();
    repo.pm(&["add", "One", "--path", "src/**"]).ok();
    repo.pm(&["start", "1"]).ok();
    let there = repo.worktree("T-1");
    there.write("src/a.rs", "a\nb\n");
    for n in 0..12 {
        there.write(&format!("src/{n}.rs"), "x\n");
    }
    there.write("other.txt", "x\n");
    there.write("test.sh", "x\n");
    there.commit_all("One");
    // A plan names what is built: neither names the test.
    let review = repo.pm(&["review", "T-1"]).out;
    assert!(review.contains("did not declare `other.txt`"), "{review}");
    assert!(!review.contains("did not declare `test.sh`"), "{review}");
    there.pm(&["finish"]).ok();
    let stat = repo.data(&["task", "diff", "T-1", "--stat"]);
    let files = stat["work"]["files"].as_array().unwrap();
    let outside = files.iter().filter(|file| file["outside"] == true);
    let outside: Vec<&serde_json::Value> = outside.map(|file| &file["path"]).collect();
    assert_eq!(outside, ["other.txt"]);
    let said = repo.pm(&["approve", "T-1"]).ok().out;
    assert!(said.contains("15 files, +16 -0"), "{said}");
    let named = said
        .lines()
        .find(|line| line.contains("other.txt"))
        .unwrap();
    assert!(
        named.contains("+1") && named.contains("not in its planned paths"),
        "{said}"
    );
    assert!(said.contains("and 5 more files"), "{said}");
    // An item without a branch has nothing to compare.
    assert_eq!(said.matches("planned paths").count(), 1, "{said}");
}

#[test]
fn the_log_takes_a_number_as_git_does_and_names_short_values() {
    let (_scene, repo) = set_up();
    repo.task("One", &["--label", "old"]);
    repo.pm(&[
        "edit",
        "T-1",
        "-p",
        "0",
        "--assignee",
        "ben",
        "--title",
        "Uno",
    ])
    .ok();
    let labels = ["--label", "", "--label", "new"];
    repo.pm(&[&["edit", "T-1", "-p", "0"], &labels[..]].concat())
        .ok();
    for args in [&["log", "-2"][..], &["log", "-n", "2"], &["log", "-n2"]] {
        let out = repo.pm(args).ok().out;
        let (shown, more) = out.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(shown.lines().count(), 2, "{args:?}: {out}");
        assert!(more.starts_with("and more"), "{args:?}: {out}");
        assert!(out.contains("labels +new -old"), "{out}");
        let changed = "assignee none -> ben, priority 2 -> 0, title";
        assert!(out.contains(changed), "{out}");
    }
    repo.task("Two", &[]);
    let lists = ["--accept", "a key", "--path", "src/**", "--depends-on", "2"];
    let west = repo.with("TZ", "America/New_York");
    west.pm(&[&["edit", "T-1", "--due", "2036-12-04"], &lists[..]].concat())
        .ok();
    // The text of a criterion is not in the log, from which nothing can be redacted.
    let changed = "due none -> 2036-12-04, depends on +T-0002, paths +src/**, acceptance +1";
    assert!(message(&repo).contains(changed), "{}", message(&repo));
    west.pm(&["defer", "T-2", "2036-12-18"]).ok();
    assert!(
        message(&repo).contains("until 2036-12-18"),
        "{}",
        message(&repo)
    );
}

#[test]
fn a_text_without_quotes_and_words_of_other_tools_are_answered_with_what_works() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    for (typed, meant) in [
        (
            &["add", "fix", "the", "login"][..],
            "`git pm add \"fix the login\"`",
        ),
        (&["add", "-p", "1", "fix", "it"], "`git pm add \"TITLE\"`"),
        (
            &["comment", "T-1", "looks", "fine"],
            "`git pm comment T-1 \"looks fine\"`",
        ),
        (
            &["issue", "create", "a", "b"],
            "`git pm issue create \"a b\"`",
        ),
        (&["import", "TODO.md"], "`git pm plan TODO.md`"),
        (&["import", "md"], "`git pm import ccpm FOLDER`"),
        (
            &["import", ".beads/a.jsonl"],
            "`git pm import beads .beads/a.jsonl`",
        ),
        (&["whoami"], "`git pm status`"),
        (
            &["priority", "T-1", "0"],
            "`git pm edit ID --priority NUMBER`",
        ),
        (&["list", "no:epic"], "`-has:FIELD`"),
        (&["list", "due:none"], "`-has:due`"),
        (&["list", "epic:none"], "`-has:epic`"),
    ] {
        let said = repo.pm(typed).exits(2).err;
        assert!(said.contains(meant), "{typed:?}: {said}");
    }
    repo.pm(&["defer", "T-1", "--reason", "later"]).ok();
    assert_eq!(status(&repo, "T-1"), "deferred");
    repo.pm(&["cancel", "T-1"]).exits(1);
    repo.pm(&["task", "undefer", "T-1"]).ok();
    repo.pm(&["done", "T-1", "--force"]).ok();
    repo.pm(&["reopen", "T-1"]).ok();
    assert_eq!(status(&repo, "T-1"), "queued");
    let lines = "{\"op\":\"task.create\",\"title\":\"a\",\"labels\":[\"x\"]}\n\
                 {\"op\":\"issue.create\",\"title\":\"b\",\"label\":\"x\"}\n";
    repo.feed(binary(), &["batch"], lines).ok();
    let both = repo.data(&["list", "label:x"]);
    assert_eq!(both["items"].as_array().unwrap().len(), 2, "{both}");
}

#[test]
fn what_a_new_user_types_means_what_it_says() {
    let (_scene, repo) = set_up();
    for title in ["One", "Two"] {
        repo.task(title, &["--accept", "it works"]);
    }
    repo.pm(&["start", "1"]).ok();
    for words in [&["in", "progress"][..], &["status:\"in progress\""]] {
        let listed = repo.data(&[&["ls"][..], words].concat())["items"].clone();
        assert_eq!(crate::support::ids(&listed), ["T-0001"], "{words:?}");
    }
    let edit = ["edit", "2", "--due", "2099-01-01", "--defer", "2099-01-01"];
    repo.pm(&edit).ok();
    let item = repo.data(&["edit", "2", "--due", "none", "--defer", "none"]);
    assert_eq!(item["status"], "queued", "{item}");
    assert!(item["due_at"].is_null(), "{item}");
    let said = repo.pm(&["diff", "2"]).exits(2).err;
    assert!(said.contains("git pm task diff 2"), "{said}");
    let said = repo.pm(&["resolve", "2"]).exits(2).err;
    assert!(said.contains("`git pm conflicts ID`"), "{said}");
    let said = repo.pm(&["done", "2", "--evidence", "x"]).exits(1).err;
    assert!(!said.contains("--evidence TEXT"), "{said}");
    let place = repo.worktree("1");
    place.write("work.txt", "work\n");
    place.commit_all("Work");
    let said = repo.pm(&["task", "delete", "1"]).ok().err;
    assert!(
        said.contains("deleted without 1 commit of task/T-0001"),
        "{said}"
    );
}

/// The words of git and of other tools, and paths and ids where something else is asked for.
#[test]
fn what_others_call_otherwise_is_named_and_nothing_that_is_hardly_alike() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    for (typed, meant) in [
        ("log --author Ana", "did you mean `--actor`?"),
        ("log --oneline", "one line for each change"),
        (
            "defer T-1 --days 2",
            "`git pm task defer ID UNTIL`, such as +2d",
        ),
        ("finish --note x", "`git pm comment ID \"TEXT\"`"),
        ("finish -m x", "`git pm comment ID \"TEXT\"`"),
        ("reserve src/x", "`git pm reserve add src/x`"),
        ("reserve src/**", "`git pm reserve add 'src/**'`"),
        ("reserve unlock", "`git pm reserve release`"),
        ("reserve rm src/x", "`git pm reserve release PATH`"),
        ("mv T-1", "`git pm edit ID --epic EPIC`"),
        ("abandon T-1", "`git pm drop ID`"),
        ("info T-1", "`git pm show ID`"),
        ("resume T-1", "`git pm start ID --resume`"),
        ("fetch", "`git pm sync`"),
        ("unlock src/x", "`git pm reserve release PATH`"),
        ("accept T-1", "`git pm task accept ID NUMBER`"),
        ("delete T-1", "`git pm task delete ID`"),
    ] {
        let words: Vec<&str> = typed.split(' ').collect();
        let said = repo.pm(&words).exits(2).err;
        assert!(said.contains(meant), "{typed}: {said}");
        assert!(!said.contains("similar"), "{typed}: {said}");
    }
    for typed in ["start T-1 --days 2", "list --xs"] {
        let words: Vec<&str> = typed.split(' ').collect();
        let said = repo.pm(&words).exits(2).err;
        assert!(!said.contains("similar"), "{typed}: {said}");
    }
    for typed in ["T-0001", "1"] {
        let said = repo.pm(&["undo", typed]).exits(4).err;
        assert!(said.contains("`git pm log T-0001`"), "{said}");
    }
}
