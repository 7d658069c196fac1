//! Create, list, show, edit, comment.

use serde_json::Value;

use crate::support::{binary, forge, set_up};

/// The keys that scripts can rely on for every item.
const KEYS: &[&str] = &[
    "id",
    "uid",
    "kind",
    "title",
    "status",
    "priority",
    "owner",
    "assignee",
    "labels",
    "depends_on",
    "acceptance",
    "paths",
    "branch",
    "worktree",
    "created_at",
    "updated_at",
];

#[track_caller]
fn assert_item(item: &Value) {
    for key in KEYS {
        assert!(
            item.as_object().is_some_and(|o| o.contains_key(*key)),
            "a script that reads `{key}` breaks: {item}"
        );
    }
    for key in ["labels", "depends_on", "acceptance", "paths"] {
        assert!(item[key].is_array(), "`{key}` is no list: {item}");
    }
}

// TM-01: the fields with these names, in the file and in JSON.
#[test]
fn create_prints_the_new_item() {
    let (_scene, repo) = set_up();
    repo.task("First", &[]);
    let epic = repo.data(&["epic", "create", "Log in"]);
    assert_eq!(epic["id"], "E-0001");
    assert_item(&epic);
    let item = repo.data(&[
        "task",
        "create",
        "Fix it",
        "--body",
        "Because.\n",
        "--type",
        "bug",
        "--priority",
        "0",
        "--accept",
        "one",
        "--accept",
        "two",
        "--path",
        "src/**",
        "--path",
        "docs/guide.md",
        "--depends-on",
        "T-0001",
        "--epic",
        "E-0001",
        "--label",
        "ci",
        "--label",
        "auth",
        "--estimate",
        "XS",
        "--risk",
        "high",
        "--validation",
        "test-first",
        "--assignee",
        "bea",
        "--stream",
        "api",
        "--auto-policy",
        "develop",
    ]);
    assert_item(&item);
    assert_eq!(item["id"], "T-0002");
    assert_eq!(item["kind"], "task");
    assert_eq!(item["title"], "Fix it");
    assert_eq!(item["body"], "Because.\n");
    assert_eq!(item["type"], "bug");
    assert_eq!(item["status"], "queued");
    assert_eq!(item["priority"], 0);
    assert_eq!(item["acceptance"][0]["text"], "one");
    assert_eq!(item["acceptance"][1]["text"], "two");
    assert_eq!(item["acceptance"][1]["done"], false);
    assert_eq!(
        item["paths"],
        serde_json::json!(["docs/guide.md", "src/**"])
    );
    assert_eq!(item["depends_on"], serde_json::json!(["T-0001"]));
    assert_eq!(item["epic"], "E-0001");
    assert_eq!(item["labels"], serde_json::json!(["auth", "ci"]));
    assert_eq!(item["estimate"], "XS");
    assert_eq!(item["risk"], "high");
    assert_eq!(item["validation"], "test-first");
    assert_eq!(item["assignee"], "bea");
    assert_eq!(
        item["owner"], "bea",
        "without a claim the owner is the assignee"
    );
    assert_eq!(item["stream"], "api");
    assert_eq!(item["auto_policy"], "develop");
    assert_eq!(item["branch"], Value::Null);
    assert_eq!(item["worktree"], Value::Null);
    let file = forge::read(&repo, &forge::path_of(&repo, "T-0002"));
    for field in [
        "id",
        "title",
        "type",
        "priority",
        "depends_on",
        "status",
        "estimate",
        "acceptance",
        "auto_policy",
        "assignee",
        "risk",
        "validation",
        "stream",
        "epic",
        "labels",
        "paths",
    ] {
        assert!(
            file.lines().any(|l| l.starts_with(&format!("{field}:"))),
            "`git show` of the file has no `{field}`:\n{file}"
        );
    }
    // The worktree's path is known only to its clone.
    assert!(!file.contains("worktree"), "{file}");
    // In text, the id and the next command.
    let text = repo.pm(&["task", "create", "Say it"]).ok().out;
    assert!(
        text.contains("T-0003") && text.contains("git pm start T-0003"),
        "{text}"
    );
}

#[test]
fn create_reads_a_body_from_stdin_and_keeps_it_byte_for_byte() {
    let (_scene, repo) = set_up();
    let body = "# Title\n\n---\nno: front matter\n---\n\n  trailing  \n\ttab\n\n";
    let made = repo
        .feed(
            "git-pm",
            &["task", "create", "T", "--body", "-", "--json"],
            body,
        )
        .ok()
        .data();
    assert_eq!(made["body"], body);
    let edited = repo
        .feed(
            "git-pm",
            &["--json", "task", "edit", "T-1", "--body", "-"],
            "no newline",
        )
        .ok()
        .data();
    assert_eq!(edited["body"], "no newline");
    assert_eq!(repo.data(&["show", "T-0001"])["body"], "no newline");
    // Windows line ends, and texts that look like the end of the front matter.
    for odd in ["a\r\nb\r\n", "---\n", "\n---\n", "\n\n\n"] {
        let edited = repo
            .feed(
                "git-pm",
                &["--json", "task", "edit", "T-1", "--body", "-"],
                odd,
            )
            .ok()
            .data();
        assert_eq!(edited["body"], odd);
        assert_eq!(repo.data(&["show", "T-1"])["body"], odd, "{odd:?}");
    }
    // Invalid UTF-8: refused, nothing created.
    let before = repo.state_tree();
    let mut child = repo
        .command("git-pm")
        .args(["task", "create", "U", "--body", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"\xff\xfe\x00").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(repo.state_tree(), before);
}

// TM-07 and TM-08: closed lists of values; any other is refused and nothing is written.
#[test]
fn tm_07_unknown_words_are_refused_with_the_known_ones() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    let before = repo.tip("refs/pm/main");
    for (flag, bad, known) in [
        ("--estimate", "huge", "XL"),
        ("--risk", "none", "medium"),
        ("--type", "huge", "spike"),
        ("--validation", "later", "test-parallel"),
        ("--auto-policy", "all", "develop"),
    ] {
        for command in [vec!["task", "create", "X"], vec!["task", "edit", "T-0001"]] {
            let mut args = vec!["--json"];
            args.extend(command);
            args.extend([flag, bad]);
            let error = repo.pm(&args).exits(2).error();
            let told = error.to_string();
            assert!(told.contains(bad) && told.contains(known), "{told}");
        }
    }
    for bad in ["5", "-1", "higher", ""] {
        repo.pm(&["task", "create", "X", "--priority", bad])
            .exits(2);
    }
    for (flag, bad) in [
        ("--epic", "E-0009"),
        ("--depends-on", "T-0009"),
        ("--parent", "T-0009"),
    ] {
        repo.pm(&["task", "create", "X", flag, bad]).exits(4);
    }
    // The parent given as epic must be an epic.
    repo.pm(&["task", "create", "X", "--epic", "T-0001"])
        .exits(2);
    for (flag, bad) in [
        ("--label", "a,b\u{1b}"),
        ("--label", "a\u{1b}b"),
        ("--accept", "  "),
    ] {
        repo.pm(&["task", "create", "X", flag, bad]).exits(2);
    }
    for bad in ["", "   ", "a\nb"] {
        repo.pm(&["task", "create", bad]).exits(2);
    }
    assert_eq!(
        repo.tip("refs/pm/main"),
        before,
        "a refused command changed the state"
    );
    for (flag, words) in [
        ("--estimate", &["XS", "S", "M", "L", "XL"][..]),
        ("--risk", &["low", "medium", "high"]),
        (
            "--type",
            &["feature", "bug", "chore", "docs", "test", "spike", "story"],
        ),
    ] {
        for word in words {
            let item = repo.data(&["task", "edit", "T-0001", flag, word]);
            assert_eq!(item[flag.trim_start_matches('-')], *word);
        }
    }
}

#[test]
fn list_can_be_filtered() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "E"]).ok();
    repo.task("a", &["--label", "x", "--type", "bug", "--epic", "E-0001"]);
    repo.task("b", &["--label", "x", "--label", "y", "--assignee", "bea"]);
    repo.task("c", &[]);
    repo.pm(&["task", "cancel", "T-0003"]).ok();
    let ids = |args: &[&str]| -> Vec<String> {
        let mut all = vec!["task", "list"];
        all.extend(args);
        let data = repo.data(&all);
        let items = data["items"]
            .as_array()
            .expect("a list is under data.items");
        items.iter().for_each(assert_item);
        items
            .iter()
            .map(|i| i["id"].as_str().unwrap().to_string())
            .collect()
    };
    assert_eq!(ids(&[]), ["T-0001", "T-0002"]);
    assert_eq!(ids(&["--all"]), ["T-0001", "T-0002", "T-0003"]);
    assert_eq!(ids(&["--limit", "1"]), ["T-0001"]);
    assert_eq!(ids(&["--limit", "0"]), ["T-0001", "T-0002"], "all of them");
    assert_eq!(ids(&["--status", "cancelled"]), ["T-0003"]);
    assert_eq!(ids(&["--label", "x", "--label", "y"]), ["T-0002"]);
    assert_eq!(ids(&["--owner", "bea"]), ["T-0002"]);
    assert_eq!(ids(&["--epic", "E-0001"]), ["T-0001"]);
    assert_eq!(ids(&["--type", "bug"]), ["T-0001"]);
    repo.pm(&["task", "list", "--status", "finished"]).exits(2);
    // An empty list is not an error.
    let none = repo
        .pm(&["--json", "task", "list", "--owner", "nobody"])
        .ok();
    assert_eq!(none.data()["items"], serde_json::json!([]));
}

#[test]
fn show_prints_all_fields() {
    let (_scene, repo) = set_up();
    repo.task(
        "Fix it",
        &[
            "--body",
            "Long text.",
            "--accept",
            "it works",
            "--path",
            "src/*.rs",
        ],
    );
    repo.pm(&["task", "comment", "T-0001", "I looked"]).ok();
    for name in ["T-0001", "T-1", "t-1", "T-000001"] {
        assert_eq!(repo.data(&["show", name])["id"], "T-0001", "{name}");
    }
    let item = repo.data(&["task", "show", "T-0001"]);
    assert_item(&item);
    assert_eq!(item["body"], "Long text.");
    assert_eq!(item["comments"][0]["body"], "I looked");
    assert_eq!(item["comments"][0]["author"], "Ana");
    for name in ["uid", "alias"] {
        let other = item[name].as_str().unwrap();
        assert_eq!(repo.data(&["show", other])["uid"], item["uid"], "{name}");
    }
    let text = repo.pm(&["show", "T-0001"]).ok().out;
    for part in [
        "T-0001",
        "Fix it",
        "Long text.",
        "it works",
        "src/*.rs",
        "I looked",
    ] {
        assert!(text.contains(part), "`{part}` is not shown:\n{text}");
    }
    let error = repo.pm(&["--json", "show", "T-0099"]).exits(4).error();
    assert_eq!(error["code"], "not_found");
    assert!(
        error["hints"][0].as_str().unwrap().contains("git pm"),
        "{error}"
    );
}

#[test]
fn edit_changes_only_the_given_fields() {
    let (_scene, repo) = set_up();
    let id = repo.task(
        "Old",
        &[
            "--accept", "a", "--accept", "b", "--path", "x/**", "--label", "l", "-p", "1",
        ],
    );
    repo.pm(&["task", "accept", &id, "1", "--evidence", "saw it"])
        .ok();
    let item = repo.data(&["task", "edit", &id, "--title", "New"]);
    assert_eq!(item["title"], "New");
    assert_eq!(item["priority"], 1);
    assert_eq!(item["acceptance"][0]["done"], true);
    assert_eq!(item["paths"], serde_json::json!(["x/**"]));
    // A criterion with the same text stays accepted; a missing one is removed, a new one is open.
    let item = repo.data(&[
        "task", "edit", &id, "--accept", "", "--accept", "c", "--accept", "a",
    ]);
    assert_eq!(item["acceptance"][0]["text"], "c");
    assert_eq!(item["acceptance"][0]["done"], false);
    assert_eq!(item["acceptance"][1]["text"], "a");
    assert_eq!(item["acceptance"][1]["done"], true);
    assert_eq!(item["acceptance"].as_array().unwrap().len(), 2);
    // An empty value clears the field.
    let item = repo.data(&[
        "task",
        "edit",
        &id,
        "--path",
        "",
        "--assignee",
        "",
        "--label",
        "",
    ]);
    assert_eq!(item["paths"], serde_json::json!([]));
    assert_eq!(item["labels"], serde_json::json!([]));
    let item = repo.data(&[
        "task",
        "edit",
        &id,
        "--add-label",
        "one",
        "--add-label",
        "two",
        "--remove-label",
        "one",
    ]);
    assert_eq!(item["labels"], serde_json::json!(["two"]));
    // An edit without changes writes nothing.
    let before = repo.tip("refs/pm/main");
    repo.pm(&["task", "edit", &id, "--title", "New", "--add-label", "two"])
        .ok();
    assert_eq!(repo.tip("refs/pm/main"), before);
}

#[test]
fn comments_are_read_from_arguments_and_stdin() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    repo.pm(&["task", "comment", "T-1", "one"]).ok();
    repo.pm(&["task", "comment", "T-1", "-m", "two"]).ok();
    repo.feed("git-pm", &["task", "comment", "T-1", "-"], "three\nlines\n")
        .ok();
    let item = repo.by("bea").data(&["task", "comment", "T-1", "four"]);
    let texts: Vec<&str> = item["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["body"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["one", "two", "three\nlines\n", "four"]);
    assert_eq!(item["comments"][3]["author"], "bea");
    repo.pm(&["task", "comment", "T-1", "  "]).exits(2);
    repo.pm(&["task", "comment", "T-1"]).exits(2);
    repo.pm(&["task", "comment", "T-9", "x"]).exits(4);
}

#[test]
fn an_epic_has_tasks_and_is_not_offered_for_work() {
    let (_scene, repo) = set_up();
    let epic = repo.data(&[
        "epic", "create", "Log in", "--body", "Plan", "--accept", "all in",
    ]);
    assert_eq!(epic["id"], "E-0001");
    assert_eq!(epic["kind"], "epic");
    assert_eq!(epic["status"], "open");
    repo.task("T", &["--epic", "E-1"]);
    assert_eq!(repo.data(&["show", "T-1"])["epic"], "E-0001");
    // An epic is never offered for work, and is not a task.
    let ready = repo.data(&["ready"]);
    assert_eq!(ready["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        repo.data(&["task", "list", "--all"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let tree = repo.data(&["task", "tree"]);
    assert_eq!(tree["items"][0]["id"], "E-0001");
    assert_eq!(tree["items"][1]["id"], "T-0001");
    assert_eq!(tree["items"][1]["depth"], 1);
}

#[test]
fn a_path_that_begins_with_a_dot_is_relative_to_the_current_folder() {
    let (_scene, repo) = set_up();
    let below = repo.other("src");
    let task = below.data(&[
        "task",
        "create",
        "A",
        "--path",
        "./auth.rs",
        "--path",
        "docs/**",
    ]);
    assert_eq!(task["paths"], serde_json::json!(["docs/**", "src/auth.rs"]));
    let task = below.data(&["task", "edit", "T-1", "--path", "", "--path", "../*.md"]);
    assert_eq!(task["paths"], serde_json::json!(["*.md"]));
    // As shells complete it, if there is nothing of that name at the top.
    let edit = [
        "task", "edit", "T-1", "--path", "auth.rs", "--path", "new.rs",
    ];
    let said = below.pm(&edit).ok().err;
    assert!(said.contains("`auth.rs` is read as src/auth.rs"), "{said}");
    let paths = repo.data(&["show", "T-1"])["paths"].clone();
    assert_eq!(paths, serde_json::json!(["*.md", "new.rs", "src/auth.rs"]));
    below.pm(&["reserve", "add", "main.rs"]).ok();
    let held = repo.data(&["reserve", "list"])["items"][0]["patterns"].clone();
    assert_eq!(held, serde_json::json!(["src/main.rs"]));
    below
        .pm(&["task", "edit", "T-1", "--path", "../../x"])
        .exits(2);
    let id = below.data(&["learn", "add", "B", "--path", "./auth.rs"])["id"].clone();
    for (folder, path) in [(&repo, "src/auth.rs"), (&below, "./auth.rs")] {
        let found = folder.data(&["learn", "list", "--path", path]);
        assert_eq!(found["items"][0]["id"], id, "{path}");
    }
}

#[test]
fn texts_with_a_nul_character_are_refused() {
    let (_scene, repo) = set_up();
    let id = repo.task("A", &["--accept", "b"]);
    let before = repo.state_tree();
    for args in [
        &["task", "comment", &id, "-"][..],
        &["task", "create", "C", "--body", "-"],
        &["task", "edit", &id, "--body", "-"],
        &["context", "set", "build", "-"],
        &["msg", "send", "--to", "all", "Hello", "-"],
        &["handoff", &id, "-"],
    ] {
        let ran = repo.feed(binary(), args, "a\0b").exits(2);
        assert!(
            ran.err.contains("NUL character (byte 2)"),
            "{args:?}: {}",
            ran.err
        );
    }
    assert_eq!(repo.state_tree(), before);
}
