//! Documents in, plans out, with the real binary: what is stored and read of a document, the plans
//! of the documents in testdata, what stays the same when a document is edited, and bad input.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::plan::{LOGIN, criteria, list, own, planned, task, text, texts, tip, titles};
use crate::support::{Repo, Scene, ids, set_up};

/// The documents of testdata, by name.
fn documents() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plan");
    let mut all: Vec<(String, PathBuf)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| {
            (
                path.file_stem().unwrap().to_str().unwrap().to_string(),
                path,
            )
        })
        .collect();
    all.sort();
    assert!(all.len() >= 8, "too few documents");
    all
}

/// The files that a document's repository has, as its expectations say.
fn tree_of(document: &Path) -> Vec<String> {
    let expect = document.with_extension("expect.toml");
    let Ok(expect) = std::fs::read_to_string(expect) else {
        return Vec::new();
    };
    let line = expect.lines().find_map(|line| line.strip_prefix("tree = "));
    line.map_or_else(Vec::new, |list| serde_json::from_str(list).unwrap())
}

/// A repository that holds the document and the files it may speak of.
fn with_document(name: &str, path: &Path) -> (Scene, Repo, String) {
    let scene = Scene::new();
    let repo = scene.repo("a").when("2026-11-20T12:00:00Z");
    for file in tree_of(path) {
        repo.write(&file, "x\n");
    }
    let file = format!("{name}.md");
    std::fs::write(repo.path.join(&file), std::fs::read(path).unwrap()).unwrap();
    repo.commit_all("Add a document");
    repo.pm(&["init"]).ok();
    (scene, repo, file)
}

/// A plan in a few lines for each task: what a reviewer looks at.
fn compact(plan: &Value) -> String {
    let tasks = list(plan, "tasks");
    let of = |key: &Value| tasks.iter().find(|t| t["key"] == *key);
    let number = |key: &Value| of(key).map_or("?".into(), |t| t["number"].to_string());
    let title = |key: &Value| -> String {
        let mut all = list(plan, "milestones").iter();
        let found = all.find(|m| m["key"] == *key);
        found.map_or("?".into(), |m| text(m, "title").to_string())
    };
    let scope = &plan["scope"];
    let mut out = format!(
        "{}\n{} by {}, {} at once, threshold {}, {}\n",
        text(plan, "title"),
        text(scope, "recommendation"),
        text(plan, "strategy"),
        plan["width"],
        plan["threshold"],
        text(scope, "confidence"),
    );
    for task in tasks {
        out.push_str(&format!(
            "\n{} {}\n   {} {} {} {} [{}]\n",
            task["number"],
            text(task, "title"),
            text(task, "type"),
            text(task, "estimate"),
            text(task, "risk"),
            text(task, "validation"),
            text(task, "stream"),
        ));
        if !task["requirement"].is_null() || !task["source"]["requirement"].is_null() {
            out.push_str(&format!("   of {}\n", text(&task["source"], "requirement")));
        }
        for edge in list(plan, "edges")
            .iter()
            .filter(|e| e["task"] == task["key"])
        {
            out.push_str(&format!(
                "   after {} ({}, {}, line {})\n",
                number(&edge["on"]),
                text(edge, "class"),
                text(edge, "rule"),
                edge["line"],
            ));
        }
        if !task["milestone"].is_null() {
            out.push_str(&format!("   in {}\n", title(&task["milestone"])));
        }
        let paths = texts(task, "paths");
        if !paths.is_empty() {
            out.push_str(&format!("   at {}\n", paths.join(", ")));
        }
        if task["tests"].is_null() {
            for criterion in criteria(task) {
                out.push_str(&format!("   - {criterion}\n"));
            }
        }
    }
    for (name, heading) in [
        ("questions", "asks"),
        ("deferred", "later"),
        ("external", "from others"),
        ("guards", "never"),
    ] {
        for note in list(plan, name) {
            out.push_str(&format!("\n{heading}: {}", text(note, "text")));
        }
    }
    for check in list(plan, "checks") {
        out.push_str(&format!(
            "\n{} {}: {}",
            text(check, "severity"),
            text(check, "rule"),
            text(check, "message")
        ));
    }
    out.push('\n');
    out
}

/// What stays the same of a plan when lines move: all but where things stand.
fn by_key(plan: &Value) -> BTreeMap<String, String> {
    let of = |task: &Value| {
        let mut task = task.clone();
        let fields = task.as_object_mut().unwrap();
        fields.remove("source");
        fields.remove("number");
        for criterion in fields["acceptance"].as_array_mut().unwrap() {
            criterion.as_object_mut().unwrap().remove("source");
        }
        (task["key"].as_str().unwrap().to_string(), task.to_string())
    };
    list(plan, "tasks").iter().map(of).collect()
}

/// PL-17, PL-30 (the shapes), PL-31: the plan of every document of testdata, as a person sees it
/// and as a script does. `INSTA_UPDATE=always` writes them anew.
#[test]
fn the_plans_of_all_documents_are_as_reviewed() {
    for (name, path) in documents() {
        let (_scene, repo, file) = with_document(&name, &path);
        let plan = repo.data(&["plan", "new", &file]);
        let shown = repo.pm(&["plan", "show"]).ok().out;
        insta::assert_snapshot!(format!("{name}.screen"), shown);
        insta::assert_snapshot!(format!("{name}.plan"), compact(&plan));
    }
}

/// PL-10, PL-13, PL-19, PL-31, DP-03: what holds of the plan of every document of testdata.
#[test]
fn pl_10_the_plan_of_every_document_is_whole_and_can_be_approved() {
    for (name, path) in documents() {
        let (_scene, repo, file) = with_document(&name, &path);
        let plan = repo.data(&["plan", "new", &file]);
        let before = tip(&repo);
        assert_eq!(
            repo.data(&["plan", "new", &file]),
            plan,
            "{name}: planned anew"
        );
        assert_eq!(tip(&repo), before, "{name}: planning twice wrote something");
        assert!(!own(&plan).is_empty(), "{name} has no task");
        let height = std::fs::read_to_string(&path)
            .unwrap_or_default()
            .lines()
            .count();
        for task in list(&plan, "tasks") {
            let title = text(task, "title");
            assert!(
                !list(task, "acceptance").is_empty(),
                "{name}: {title} has no criterion"
            );
            let end = task["source"]["lines"]["end"].as_u64().unwrap();
            assert!(
                end as usize <= height,
                "{name}: {title} is from line {end} of {height}"
            );
            for path in texts(task, "paths") {
                let outside = path.starts_with('/') || path.split('/').any(|p| p == "..");
                assert!(!outside, "{name}: {title} touches {path}");
            }
        }
        for edge in list(&plan, "edges") {
            assert!(
                edge["line"].as_u64().unwrap() > 0,
                "{name}: {edge} rests on no line"
            );
        }
        let checks = repo
            .pm(&["--json", "plan", "check"])
            .ok()
            .data()
            .to_string();
        assert!(!checks.contains("\"error\""), "{name}: {checks}");
        let made = repo.data(&["plan", "approve", "--confirm-large"]);
        assert_eq!(
            list(&made, "created").len(),
            list(&plan, "tasks").len(),
            "{name}"
        );
        let ready = repo.data(&["ready"]);
        assert!(
            !list(&ready, "items").is_empty(),
            "{name}: nothing can be started"
        );
        repo.pm(&["fsck"]).ok();
    }
}

/// PL-31: the screen of every plan is at most 80 columns wide, before and after the approval.
#[test]
fn pl_31_the_screen_of_every_plan_fits_80_columns() {
    let mut wide = Vec::new();
    for (name, path) in documents() {
        let (_scene, repo, file) = with_document(&name, &path);
        let drawn = repo.pm(&["plan", "new", &file]).ok().out;
        repo.pm(&["plan", "approve", "--confirm-large"]).ok();
        let approved = repo.pm(&["plan", "show"]).ok().out;
        wide.extend(too_wide(&drawn).into_iter().chain(too_wide(&approved)));
    }
    assert!(
        wide.is_empty(),
        "over 80 columns:
{}",
        wide.join(
            "
"
        )
    );
}

/// The lines of a screen that are wider than 80 columns.
fn too_wide(shown: &str) -> Vec<String> {
    let wide =
        |c: char| ('\u{1100}'..='\u{115f}').contains(&c) || ('\u{2e80}'..='\u{ff60}').contains(&c);
    let columns = |line: &str| -> usize { line.chars().map(|c| 1 + usize::from(wide(c))).sum() };
    let all = shown.lines().filter(|line| columns(line) > 80);
    all.map(String::from).collect()
}

/// PL-31 and must show 6: a plan of 14 tasks is a screen of at most 60 lines of 80 columns, and says
/// what to do first.
#[test]
fn pl_31_a_plan_of_fourteen_tasks_fits_60_lines_of_80_columns_and_says_what_is_first() {
    let (_scene, repo) = set_up();
    let mut document =
        String::from("# Rent bicycles to the guests of twelve hotels\n\n## Requirements\n");
    let names = [
        "Store bicycles with frame number and hotel",
        "Show free bicycles of a hotel on one page",
        "Reserve a bicycle for a guest and a day",
        "Hand a bicycle over with a photograph of its state",
        "Take a bicycle back and settle the price",
        "Report a damaged bicycle to the workshop",
        "Move bicycles between hotels over night",
        "Print the key tag of a bicycle",
        "Send a receipt to the guest by mail",
        "Count trips of a bicycle until its service",
        "Lock a bicycle that is overdue by a day",
        "Import the list of bicycles of the old system",
        "Export trips for the accountant every month",
        "Write the guide for the reception desk in `docs/desk.md`",
    ];
    for (n, name) in names.iter().enumerate() {
        document.push_str(&format!("\n### FR-{}: {name}\n\n", n + 1));
        if n % 3 == 2 {
            document.push_str(&format!("Depends on FR-{}.\n\n", n));
        }
        document.push_str(&format!(
            "- The reception sees it within {} seconds after somebody asked for it on the page\n\
             - The page should be fast and easy to use for everybody who works there\n\
             - It is written down in the log with the name of the person\n",
            n + 1
        ));
    }
    document
        .push_str("\n## Open questions\n\n- Who pays for a lost key tag?\n- Which hotels begin?\n");
    let plan = planned(&repo, "bicycles.md", &document);
    assert_eq!(own(&plan).len(), 14);
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        shown.lines().count() <= 60,
        "{} lines: {shown}",
        shown.lines().count()
    );
    // Every task is there, and what to do first is said in the first lines.
    for task in own(&plan) {
        let start = text(task, "title").chars().take(25).collect::<String>();
        assert!(shown.contains(&start), "{start} is not shown: {shown}");
    }
    let first = shown.lines().take(5).find(|line| line.contains("first"));
    let first = first.unwrap_or_else(|| panic!("nothing says what is first: {shown}"));
    let level = plan["levels"][0].as_array().unwrap();
    let begin = list(&plan, "tasks")
        .iter()
        .filter(|t| level.contains(&t["key"]))
        .any(|t| first.contains(&format!("begin with {}", t["number"])));
    assert!(
        begin,
        "what it says comes first waits for something: {first}"
    );
    // The same after the approval, with the ids of the tasks.
    let drawn = shown;
    repo.pm(&["plan", "approve"]).ok();
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.lines().count() <= 60, "{shown}");
    assert!(shown.contains("T-0001"), "{shown}");
    let wide: Vec<String> = too_wide(&drawn)
        .into_iter()
        .chain(too_wide(&shown))
        .collect();
    assert!(wide.is_empty(), "over 80 columns:\n{}", wide.join("\n"));
}

/// PL-01: three kinds are told apart by their words, and a person knows better.
#[test]
fn pl_01_the_kind_of_a_document_is_detected_and_can_be_overridden() {
    let (_scene, repo) = set_up();
    for (name, path) in documents() {
        let wanted = std::fs::read_to_string(path.with_extension("expect.toml"))
            .unwrap_or_default()
            .lines()
            .find_map(|line| line.strip_prefix("kind = "))
            .map_or("prd".to_string(), |kind| kind.trim_matches('"').to_string());
        let file = format!("{name}.md");
        std::fs::write(repo.path.join(&file), std::fs::read(&path).unwrap()).unwrap();
        let added = repo.data(&["prd", "add", &file]);
        assert_eq!(added["type"], wanted, "{name}");
        assert_eq!(added["created"], true);
        let shown = repo.data(&["prd", "show", text(&added, "id")]);
        assert_eq!(shown["type"], wanted);
        assert_eq!(shown["source"], file);
    }
    for kind in ["prd", "tech-spec", "debug-investigation"] {
        let file = format!("{kind}.md");
        repo.write(&file, &format!("# {kind}\n\n- [ ] do it\n"));
        let added = repo.data(&["prd", "add", &file, "--kind", kind]);
        assert_eq!(added["type"], kind);
    }
    repo.write("novel.md", "# A novel\n");
    let before = tip(&repo);
    repo.pm(&["prd", "add", "novel.md", "--kind", "novel"])
        .exits(2);
    assert_eq!(tip(&repo), before);
}

/// PL-01: whatever is in a document, its text is kept byte for byte, also in another clone.
#[test]
fn pl_01_a_document_is_stored_byte_for_byte() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    let texts = [
        ("crlf", "# A\r\n\r\n- [ ] one\r\n- [ ] two\r\n"),
        ("mixed", "# A\r\n\n- [ ] one\n\r\n\r- [ ] two\r"),
        (
            "mojibake",
            "# üìã Project Overview\n\n- [ ] caf√© ‚Äì one\n",
        ),
        ("no-end", "# A\n\n- [ ] one"),
        ("spaces", "# A  \n\n\t- [ ] one   \n   \n\n\n"),
        ("bom", "\u{feff}# A\n\n- [ ] one\n"),
        ("separators", "# A\u{2028}B\n\n- [ ] one\u{85}two\u{200b}\n"),
        ("rtl", "# متجر \u{202e}cba\u{202c}\n\n- [ ] واحد\n"),
        (
            "front",
            "---\ntitle: \"x\"\n---\n# A\n\n---\n- [ ] one\n---\n",
        ),
        (
            "conflict",
            "# A\n\n<<<<<<< ours\n- [ ] one\n=======\n>>>>>>> theirs\n",
        ),
        ("nfd", "# Cafe\u{301}\n\n- [ ] e\u{301}\n"),
    ];
    let raw = |repo: &Repo, id: &str| -> Vec<u8> {
        let mut command = repo.command(crate::support::binary());
        let ran = command.args(["prd", "show", id, "--raw"]).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        ran.stdout
    };
    let mut added = Vec::new();
    for (name, text_) in texts {
        let file = format!("{name}.md");
        repo.write(&file, text_);
        let id = text(&repo.data(&["prd", "add", &file]), "id").to_string();
        assert_eq!(raw(&repo, &id), text_.as_bytes(), "{name}");
        added.push((name, id, text_));
    }
    repo.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for (name, id, text_) in added {
        assert_eq!(raw(&b, &id), text_.as_bytes(), "{name} in another clone");
    }
    repo.pm(&["fsck"]).ok();
}

/// PL-02: what the document says, by what it means, each with its lines.
#[test]
fn pl_02_prd_show_tells_what_the_document_says() {
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    let added = repo.data(&["prd", "add", "login.md"]);
    let prd = repo.data(&["prd", "show", text(&added, "id")]);
    let lines: Vec<&str> = LOGIN.lines().collect();
    for (name, wanted) in [
        ("assumptions", "Every user has a mail address"),
        ("risks", "Keys get lost (HIGH)"),
        ("decisions", "Keys are Ed25519"),
        ("open_questions", "Who may revoke the keys of others?"),
        ("non_goals", "Passwords"),
        ("acceptance", "All of it works in a fresh clone"),
    ] {
        let all = list(&prd, name);
        let found = all.iter().find(|one| text(one, "text") == wanted);
        let found = found.unwrap_or_else(|| panic!("`{name}` lost \"{wanted}\": {all:?}"));
        let at = found["lines"]["start"].as_u64().unwrap();
        let line = lines[usize::try_from(at).unwrap() - 1];
        assert!(
            line.contains(wanted),
            "{name} is said to stand in line {at}: {line}"
        );
        let shown = repo.pm(&["prd", "show", "P-1"]).ok().out;
        assert!(
            shown.contains(wanted),
            "a person does not see \"{wanted}\": {shown}"
        );
    }
    let requirements = list(&prd, "requirements");
    assert_eq!(requirements.len(), 5);
    for name in [
        "stories",
        "metrics",
        "milestones",
        "definition_of_ready",
        "definition_of_done",
    ] {
        assert!(prd[name].is_array(), "`{name}` is missing: {prd}");
    }
    assert_eq!(prd["has_plan"], false);
    repo.pm(&["plan", "new", "P-1"]).ok();
    assert_eq!(repo.data(&["prd", "show", "P-1"])["has_plan"], true);
}

/// PL-01: the same file twice is one PRD; a changed one is not taken for the old one.
#[test]
fn pl_01_a_file_is_added_once_and_a_changed_one_is_refused_with_what_to_do() {
    let (_scene, repo) = set_up();
    repo.write("docs/login.md", LOGIN);
    let first = repo.data(&["prd", "add", "docs/login.md"]);
    assert_eq!(first["created"], true);
    let before = tip(&repo);
    for (place, name) in [(&repo, "docs/login.md"), (&repo.other("docs"), "login.md")] {
        let again = place.data(&["prd", "add", name]);
        assert_eq!(again["created"], false);
        assert_eq!(again["id"], first["id"]);
    }
    assert_eq!(tip(&repo), before, "adding it again wrote something");
    repo.write("docs/login.md", &LOGIN.replace("by mail", "by letter"));
    for verb in [&["prd", "add"][..], &["plan", "new"]] {
        let mut args = vec!["--json"];
        args.extend(verb);
        args.push("docs/login.md");
        let error = repo.pm(&args).exits(3).error();
        let hints = error["hints"].to_string();
        assert!(
            hints.contains("git pm plan update docs/login.md --write"),
            "{error}"
        );
        assert!(text(&error, "message").contains("P-0001"), "{error}");
    }
    assert_eq!(tip(&repo), before);
    // Another file is another PRD.
    repo.write("docs/logout.md", &LOGIN.replace("Log in", "Log out"));
    assert_eq!(repo.data(&["prd", "add", "docs/logout.md"])["id"], "P-0002");
    let prds = repo.data(&["prd", "list"]);
    assert_eq!(ids(&prds["items"]), ["P-0001", "P-0002"]);
}

/// PL-01 and the issue's bad input: what is no document is refused with its reason and place, by
/// every command that reads one, and nothing is written.
#[test]
fn pl_01_what_is_no_document_is_refused_and_nothing_is_written() {
    let (_scene, repo) = set_up();
    let before = tip(&repo);
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend("# A\n".encode_utf16().flat_map(u16::to_le_bytes));
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("empty", Vec::new(), "empty"),
        ("blank", b" \n\t\n\r\n".to_vec(), "empty"),
        ("front-only", b"---\ntitle: x\n---\n".to_vec(), "empty"),
        ("bom-only", "\u{feff}".as_bytes().to_vec(), "empty"),
        ("nul", b"# A\n\n- [ ] a\0b\n".to_vec(), "line 3"),
        ("png", b"PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "binary"),
        ("latin", b"# A\n\n- [ ] caf\xe9\n".to_vec(), "line 3"),
        ("utf-16", utf16, "UTF-16"),
        ("cut", b"# A\n\nabc \xe2\x82".to_vec(), "line 3"),
    ];
    for (name, bytes, reason) in cases {
        let file = format!("{name}.md");
        std::fs::write(repo.path.join(&file), bytes).unwrap();
        for verb in [
            &["prd", "add"][..],
            &["scope"],
            &["plan", "new"],
            &["plan", "new", "--force"],
            &["plan", "new", "--fast"],
            &["plan", "seed"],
            &["plan", "update"],
        ] {
            let mut args = vec!["--json"];
            args.extend(verb);
            args.push(&file);
            let error = repo.pm(&args).exits(2).error();
            let message = text(&error, "message");
            assert!(
                message.contains(&file),
                "{args:?} does not name the file: {error}"
            );
            assert!(message.contains(reason), "{args:?} says no reason: {error}");
            assert!(!list(&error, "hints").is_empty(), "{args:?}: {error}");
        }
    }
    repo.pm(&["prd", "add", "nothing.md"]).exits(4);
    repo.pm(&["plan", "new", "nothing.md"]).exits(4);
    // A folder is no document.
    for verb in [&["prd", "add"][..], &["plan", "new"], &["scope"]] {
        let mut args = verb.to_vec();
        args.push("docs");
        let ran = repo.pm(&args);
        assert!([2, 4].contains(&ran.code), "{ran:?}");
    }
    assert_eq!(tip(&repo), before, "something was written");
}

/// Draws a plan of a text, whatever is in it, and requires that it is whole.
#[track_caller]
fn plan_of(name: &str, document: &str) -> (Scene, Repo, Value) {
    let (scene, repo) = set_up();
    let plan = planned(&repo, name, document);
    for task in list(&plan, "tasks") {
        assert!(!list(task, "acceptance").is_empty(), "{task}");
        assert!(!text(task, "title").chars().any(char::is_control), "{task}");
    }
    repo.pm(&["plan", "check"]).ok();
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\u{202e}'),
        "{shown:?}"
    );
    (scene, repo, plan)
}

/// All that the tasks of a plan say.
fn said(plan: &Value) -> String {
    let mut out = String::new();
    for task in own(plan) {
        let all = [text(task, "title"), text(task, "description")];
        for part in all.into_iter().chain(criteria(task)) {
            out.push_str(part);
            out.push('\n');
        }
    }
    out
}

/// Bad input: a document that is one table loses none of its rows.
#[test]
fn a_document_that_is_one_table_loses_no_row() {
    let document = "| Task | Points |\n|---|---|\n| Import the members | 3 |\n\
                    | Send the invoice | 5 |\n| Print the list | 2 |\n";
    let (_scene, _repo, plan) = plan_of("table.md", document);
    let said = said(&plan);
    for row in ["Import the members", "Send the invoice", "Print the list"] {
        assert!(said.contains(row), "\"{row}\" is lost: {said}");
    }
    for title in titles(&plan) {
        assert!(
            !title.contains("Points"),
            "the table's head is taken for work: {title}"
        );
    }
}

/// Bad input: headings that skip levels lose nothing of what stands under them.
#[test]
fn headings_that_skip_levels_lose_nothing() {
    let document = "# Shop\n\n#### Sell a book\n\n- The price is shown\n\n###### Gift wrap\n\n\
                    - Paper can be chosen\n\n## Ship\n\n- A label is printed\n";
    let (_scene, _repo, plan) = plan_of("skip.md", document);
    let said = said(&plan);
    for bullet in [
        "The price is shown",
        "Paper can be chosen",
        "A label is printed",
    ] {
        assert!(said.contains(bullet), "\"{bullet}\" is lost: {said}");
    }
}

/// Bad input: two requirements of one id are two tasks, and the plan says so with both lines.
#[test]
fn two_requirements_of_one_id_are_two_tasks_and_that_is_said() {
    let document = "# Shop\n\n## Requirements\n\n### FR-1: Sell\n\n- A book is sold in 3 clicks\n\n\
                    ### FR-3: Ship\n\n- A label is printed\n\n### FR-3: Refund\n\n- Money is back\n";
    let (_scene, repo, plan) = plan_of("twice.md", document);
    assert_eq!(titles(&plan), ["Sell", "Ship", "Refund"]);
    let keys: BTreeSet<&str> = list(&plan, "tasks")
        .iter()
        .map(|t| text(t, "key"))
        .collect();
    assert_eq!(
        keys.len(),
        list(&plan, "tasks").len(),
        "two tasks have one key"
    );
    let said = repo.pm(&["plan", "check"]).ok().out;
    let about: Vec<&str> = said
        .lines()
        .filter(|l| l.contains("FR-3") && l.contains("13"))
        .collect();
    assert!(!about.is_empty() && about[0].contains('9'), "{said}");
}

/// Bad input: HTML is no text of a task.
#[test]
fn html_in_a_document_is_left_out() {
    let document = "<h1>Shop</h1>\n<script>alert(1)</script>\n\n# Shop <b>online</b>\n\n## Tasks\n\n\
                    - [ ] Sell <img src=x onerror=alert(1)> a book\n\
                    - [ ] <!-- hidden --> Ship it\n- [ ] Refund <em>all</em> of it\n";
    let (_scene, _repo, plan) = plan_of("html.md", document);
    assert_eq!(
        titles(&plan),
        ["Sell a book", "Ship it", "Refund all of it"]
    );
    assert_eq!(plan["title"], "Shop online");
    let said = said(&plan);
    assert!(!said.contains("alert"), "{said}");
}

/// Bad input: an emoji that was decoded wrongly is no word, and the others survive.
#[test]
fn mojibake_before_a_heading_is_dropped_and_other_scripts_survive() {
    let crlf = "# üìã Project Overview\r\n\r\n## üéØ Requirements\r\n\r\n### FR-1: Sell\r\n\r\n\
                - a book is sold\r\n\r\n### FR-2: Ship\r\n\r\n- a label\r\n\r\n### FR-3: Bill\r\n\r\n- a bill\r\n";
    let (_scene, _repo, plan) = plan_of("mojibake.md", crlf);
    assert_eq!(plan["title"], "Project Overview");
    assert_eq!(titles(&plan), ["Sell", "Ship", "Bill"]);
    for (document, wanted) in [
        (
            "# 图书馆\n\n## 任务\n\n- [ ] 借书\n- [ ] 还书\n- [ ] 罚款\n",
            "图书馆",
        ),
        (
            "# Библиотека\n\n## Задачи\n\n- [ ] Выдать книгу\n- [ ] Принять\n- [ ] Штраф\n",
            "Библиотека",
        ),
        (
            "# Übersicht\n\n## Aufgaben\n\n- [ ] Ausleihen\n- [ ] Zurück\n- [ ] Mahnen\n",
            "Übersicht",
        ),
    ] {
        let (_scene, _repo, plan) = plan_of("other.md", document);
        assert_eq!(plan["title"], wanted);
        assert_eq!(own(&plan).len(), 3, "{:?}", titles(&plan));
    }
}

/// Bad input: right-to-left text is planned, and its marks cannot turn what a person reads.
#[test]
fn right_to_left_text_is_planned_and_its_marks_turn_nothing() {
    let document = "# متجر الكتب\n\n## المتطلبات\n\n### FR-1: بيع \u{202e}drow\u{202c} كتاب\n\n- يظهر السعر\n\n\
                    ### FR-2: شحن\n\n- تطبع بطاقة\n\n### FR-3: فاتورة\n\n- ترسل فاتورة\n";
    let (_scene, repo, plan) = plan_of("rtl.md", document);
    assert_eq!(own(&plan).len(), 3);
    assert_eq!(plan["title"], "متجر الكتب");
    let made = repo.data(&["plan", "approve"]);
    let id = text(own(&made)[0], "item").to_string();
    let started = repo.data(&["start", &id]);
    let branch = text(&started, "branch");
    repo.git(&["check-ref-format", &format!("refs/heads/{branch}")])
        .ok();
}

/// Bad input: control characters reach no terminal.
#[test]
fn control_characters_in_a_document_reach_no_terminal() {
    let document = "# A\u{1b}[31mred\u{7}\n\n## Tasks\n\n- [ ] do \u{8}\u{8} bell\n\
                    - [ ] more\u{1b}]0;title\u{7}\n- [ ] most\n";
    let (_scene, repo, _plan) = plan_of("control.md", document);
    repo.pm(&["plan", "approve"]).ok();
    for args in [
        &["list", "--all"][..],
        &["prd", "show", "P-1"],
        &["plan", "show", "-v"],
        &["log"],
    ] {
        let out = repo.pm(args).ok().out;
        assert!(
            !out.contains('\u{1b}') && !out.contains('\u{7}'),
            "{args:?}: {out:?}"
        );
    }
}

/// Bad input: a path outside the repository is named with its line, and no task may touch it.
#[test]
fn a_path_outside_the_repository_is_planned_by_no_task() {
    let document = "# Shop\n\n## Requirements\n\n### FR-1: Read settings\n\n\
        - They are in `../../etc/passwd`\n- They are in `/etc/shadow`\n- They are in `C:\\Windows\\x.ini`\n\
        - They are in `~/.ssh/config`\n- They are in `src/../../x.rs`\n- They are in `.git/config`\n\
        - They are in `src/settings.rs`\n\n\
        ### FR-2: Create `src/shop.rs`\n\n- It compiles\n\n### FR-3: Ship\n\n- A label is printed\n";
    let (_scene, repo, plan) = plan_of("outside.md", document);
    let mut planned: Vec<&str> = Vec::new();
    for task in list(&plan, "tasks") {
        planned.extend(texts(task, "paths"));
    }
    planned.sort_unstable();
    assert_eq!(planned, ["src/settings.rs", "src/shop.rs"]);
    let checks = list(&plan, "checks");
    for path in [
        "../../etc/passwd",
        "/etc/shadow",
        "src/../../x.rs",
        "~/.ssh/config",
    ] {
        let named = checks
            .iter()
            .find(|c| c["rule"] == "path-outside" && c.to_string().contains(path));
        let named = named.unwrap_or_else(|| panic!("{path} is not named: {checks:?}"));
        assert!(named["lines"]["start"].as_u64().unwrap() > 0, "{named}");
    }
    // A word inside a path says nothing about a criterion.
    let vague: Vec<&Value> = checks
        .iter()
        .filter(|c| c["rule"] == "vague-acceptance")
        .collect();
    assert!(
        vague.is_empty(),
        "`etc` of a path is taken for a vague word: {vague:?}"
    );
    let made = repo.data(&["plan", "approve"]);
    for task in list(&made, "tasks") {
        let item = repo.data(&["show", text(task, "item")]);
        for path in texts(&item, "paths") {
            assert!(["src/settings.rs", "src/shop.rs"].contains(&path), "{item}");
        }
    }
    assert!(
        !repo.path.join("src/shop.rs").exists(),
        "planning wrote a file"
    );
}

/// Bad input: 5 MB and other monsters are read or refused, in time, and nothing half is written.
#[test]
fn five_megabytes_and_other_monsters_are_planned_or_refused_in_time() {
    let mut large = String::from("# Large\n\n");
    let mut n = 0;
    while large.len() < 5 * 1024 * 1024 {
        if n % 200 == 0 {
            large.push_str(&format!("\n## Part {}\n\n", n / 200));
        }
        large.push_str(&format!(
            "- [ ] Do thing {n} with `src/file{n}.rs` and print a label for it\n"
        ));
        n += 1;
    }
    let nested: String = (0..1500)
        .map(|n| format!("{}- a\n", "  ".repeat(n)))
        .collect();
    let headings: String = (0..6000)
        .map(|n| format!("{} H{n}\n", "#".repeat(1 + n % 6)))
        .collect();
    for (name, document) in [
        ("five", large),
        (
            "line",
            format!("# One line\n\n{}\n", "word ".repeat(200_000)),
        ),
        ("quotes", format!("# Quotes\n\n{} a\n", ">".repeat(50_000))),
        ("nested", format!("# Nested\n\n{nested}")),
        ("headings", headings),
        (
            "brackets",
            format!("# Brackets\n\n{}\n", "[".repeat(50_000)),
        ),
        ("stars", format!("# Stars\n\n{}\n", "**a ".repeat(50_000))),
        (
            "cells",
            format!(
                "# Cells\n\n|{}\n|{}\n|{}\n",
                "a|".repeat(5_000),
                "-|".repeat(5_000),
                "b|".repeat(5_000)
            ),
        ),
        (
            "ticks",
            format!(
                "# Ticks\n\n{}\n",
                (1..400).map(|n| "`".repeat(n) + "a").collect::<String>()
            ),
        ),
        (
            "fence",
            format!("# Fence\n\n```\n{}", "- [ ] a\n".repeat(50_000)),
        ),
    ] {
        let (_scene, repo) = set_up();
        let file = format!("{name}.md");
        repo.write(&file, &document);
        let before = tip(&repo);
        let since = Instant::now();
        let ran = repo.pm(&["--json", "plan", "new", &file]);
        let took = since.elapsed();
        assert!(took < Duration::from_secs(60), "{name} took {took:?}");
        assert!(!ran.err.contains("panicked"), "{name}: {}", ran.err);
        match ran.code {
            0 => drop(repo.pm(&["plan", "show"]).ok()),
            1 | 2 => {
                let error = ran.error();
                assert!(text(&error, "message").len() > 10, "{name}: {error}");
                assert!(!list(&error, "hints").is_empty(), "{name}: {error}");
                assert_eq!(tip(&repo), before, "{name} was refused and written");
            }
            code => panic!("{name} exits with {code}: {ran:?}"),
        }
    }
}

/// The parts of a large document.
const PARTS: [&str; 7] = [
    "Catalogue",
    "Orders",
    "Shipping",
    "Billing",
    "Support",
    "Reports",
    "Staff",
];

/// Ten requirements in each of [`PARTS`], each with so many words of explanation.
fn everything(words: usize) -> String {
    let mut document = String::from("# Everything\n");
    let mut n = 0;
    for part in PARTS {
        document.push_str(&format!("\n## {part}\n"));
        for _ in 0..10 {
            n += 1;
            let text = "explanation ".repeat(words);
            document.push_str(&format!(
                "\n### FR-{n}: Do {part} thing {n}\n\n{text}\n\n- Thing {n} is done in 2 s\n"
            ));
        }
    }
    document
}

/// The refusal of a document that is too large, which says how to split it.
#[track_caller]
fn split_of(repo: &Repo, file: &str, document: &str) -> Value {
    let before = tip(repo);
    let error = repo.pm(&["--json", "plan", "new", file]).exits(1).error();
    assert!(
        text(&error, "message").contains("split this spec"),
        "{error}"
    );
    let hints = error["hints"].to_string();
    let lines: Vec<&str> = document.lines().collect();
    for part in PARTS {
        let start = 1 + lines
            .iter()
            .position(|l| *l == format!("## {part}"))
            .unwrap();
        let said = format!("\\\"{part}\\\", lines {start}-");
        assert!(hints.contains(&said), "no `{said}` in {hints}");
    }
    assert!(hints.contains("--force"), "{error}");
    assert_eq!(tip(repo), before, "a refused document was written");
    error
}

/// PL-04: a document with too many words for one plan is refused with a split by its parts, each of
/// which can be planned; force goes on.
#[test]
fn pl_04_a_document_too_large_for_one_plan_is_refused_with_a_proposed_split() {
    let (_scene, repo) = set_up();
    let document = everything(110);
    repo.write("everything.md", &document);
    let error = split_of(&repo, "everything.md", &document);
    assert!(text(&error, "message").contains("tokens"), "{error}");
    let lines: Vec<&str> = document.lines().collect();
    let at = |part: &str| {
        lines
            .iter()
            .position(|l| *l == format!("## {part}"))
            .unwrap()
    };
    let part = lines[at("Catalogue")..at("Orders")].join("\n");
    let plan = planned(&repo, "catalogue.md", &part);
    assert_eq!(own(&plan).len(), 10);
    let plan = repo.data(&["plan", "new", "everything.md", "--force"]);
    assert!(!own(&plan).is_empty());
    assert_eq!(plan["file"], "everything.md");
}

/// PL-04: the refusal names the document that somebody gave, and no PRD that is not there.
#[test]
fn pl_04_the_refusal_names_the_file() {
    let (_scene, repo) = set_up();
    let document = everything(110);
    repo.write("everything.md", &document);
    let error = split_of(&repo, "everything.md", &document);
    let message = text(&error, "message");
    assert!(
        message.contains("everything.md") && !message.contains("P-0001"),
        "{error}"
    );
}

/// PL-04, and the first rung of the planner's ladder: seventy requirements are seventy tasks, which
/// are too many for one plan; none of them gets lost.
#[test]
fn pl_04_seventy_requirements_are_too_many_tasks_for_one_plan() {
    let (_scene, repo) = set_up();
    let document = everything(1);
    repo.write("everything.md", &document);
    let plan = repo.data(&["plan", "new", "everything.md", "--force"]);
    let said = plan.to_string();
    let uncovered = said.matches("no task covers").count();
    assert_eq!(
        uncovered, 0,
        "{uncovered} of 70 requirements are covered by no task"
    );
    assert_eq!(own(&plan).len(), 70, "{:?}", titles(&plan));
    let (_scene, repo) = set_up();
    repo.write("everything.md", &document);
    let error = split_of(&repo, "everything.md", &document);
    assert!(text(&error, "message").contains("70 tasks"), "{error}");
}

/// PL-04, PL-24: how much is too much is a setting, of tasks and of tokens.
#[test]
fn pl_04_the_limits_of_a_plan_are_settings() {
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    for (setting, value) in [("pm.planMaxPlanned", "4"), ("pm.planMaxTokens", "100")] {
        repo.pm(&["config", setting, value]).ok();
        let error = repo
            .pm(&["--json", "plan", "new", "login.md"])
            .exits(1)
            .error();
        assert!(
            text(&error, "message").contains("split this spec"),
            "{setting}: {error}"
        );
        repo.pm(&["config", setting, "--unset"]).ok();
    }
    repo.pm(&["plan", "new", "login.md"]).ok();
}

/// The law of keys: sections in another order, line ends, white space and emoji change no task.
#[test]
fn reordering_sections_and_line_ends_keep_every_key() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "login.md", LOGIN);
    let keys = |plan: &Value| -> BTreeSet<String> {
        list(plan, "tasks")
            .iter()
            .map(|t| text(t, "key").to_string())
            .collect()
    };
    let again = |name: &str, document: &str| -> Value {
        let (_scene, repo) = set_up();
        planned(&repo, name, document)
    };
    let crlf = again("crlf.md", &LOGIN.replace('\n', "\r\n"));
    assert_eq!(by_key(&crlf), by_key(&plan), "CRLF changed something");
    assert_eq!(titles(&crlf), titles(&plan));
    let spaces = LOGIN.replace("\n\n", "\n\n\n").replace("- ", "-   ");
    assert_eq!(
        keys(&again("spaces.md", &spaces)),
        keys(&plan),
        "white space changed a key"
    );
    let emoji = LOGIN
        .replace("## Functional", "## 🎯 Functional")
        .replace("# Log", "# 🔑 Log");
    assert_eq!(
        keys(&again("emoji.md", &emoji)),
        keys(&plan),
        "an emoji changed a key"
    );
    // The requirements backwards, and the sections after them in front.
    let (head, rest) = LOGIN.split_once("### FR-1").unwrap();
    let (body, tail) = rest.split_once("## Acceptance").unwrap();
    let body = format!("### FR-1{body}");
    let mut parts: Vec<String> = Vec::new();
    for line in body.lines() {
        if line.starts_with("### ") {
            parts.push(String::new());
        }
        let last = parts.last_mut().unwrap();
        last.push_str(line);
        last.push('\n');
    }
    parts.reverse();
    let (title, head) = head.split_once("## Vision").unwrap();
    let turned = format!(
        "{title}## Acceptance{tail}\n## Vision{head}{}",
        parts.concat()
    );
    let plan_turned = again("turned.md", &turned);
    assert_eq!(
        keys(&plan_turned),
        keys(&plan),
        "another order changed a key"
    );
    let mut texts: Vec<Vec<&str>> = own(&plan).into_iter().map(criteria).collect();
    let mut turned: Vec<Vec<&str>> = own(&plan_turned).into_iter().map(criteria).collect();
    texts.sort();
    turned.sort();
    assert_eq!(turned, texts);
}

/// The law of edits: one bullet changes one task, and nobody else's key.
#[test]
fn editing_one_bullet_changes_one_task() {
    let (_scene, repo) = set_up();
    let before = planned(&repo, "login.md", LOGIN);
    for (from, to, title) in [
        (
            "The owner is told by mail",
            "The owner is told by letter",
            "Revoke a key",
        ),
        (
            "- A second key of the same owner is accepted\n",
            "",
            "Store public keys",
        ),
        (
            "- A signed challenge opens a session\n",
            "- A signed challenge opens a session\n- A session ends after 8 hours\n",
            "Log in with a key",
        ),
    ] {
        let (_scene, repo) = set_up();
        let after = planned(&repo, "login.md", &LOGIN.replace(from, to));
        let (a, b) = (by_key(&before), by_key(&after));
        assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
        let changed: Vec<&String> = a.keys().filter(|key| a[*key] != b[*key]).collect();
        let one = task(&before, title);
        // Its test task may speak of the criteria.
        let test = list(&before, "tasks")
            .iter()
            .find(|t| t["tests"] == one["key"])
            .unwrap();
        let may = [text(one, "key"), text(test, "key")];
        assert!(
            changed.iter().all(|key| may.contains(&key.as_str())),
            "{from}: {changed:?}"
        );
        assert!(
            changed.iter().any(|key| *key == may[0]),
            "{from} changed nothing"
        );
    }
}

/// The law of nothing: where nothing is recognised it is one task from the title, and not sure.
#[test]
fn a_document_in_which_nothing_is_recognised_is_one_task_of_its_title() {
    for document in [
        "# Repair the bell\n",
        "Repair the bell\n",
        "# Repair the bell\n\nIt is silent.\n",
    ] {
        let (_scene, repo) = set_up();
        let plan = planned(&repo, "bell.md", document);
        assert_eq!(titles(&plan), ["Repair the bell"], "{document:?}");
        assert_eq!(plan["scope"]["recommendation"], "single-agent");
        assert_eq!(plan["scope"]["confidence"], "low");
    }
    // What stands in a fence is no structure.
    let (_scene, repo) = set_up();
    let plan = planned(
        &repo,
        "fence.md",
        "# Repair\n\n```\n# Not a title\n- [ ] not a task\n```\n",
    );
    assert_eq!(titles(&plan), ["Repair"]);
}
