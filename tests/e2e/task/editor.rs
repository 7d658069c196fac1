//! Items that are written in an editor: the form of a new item, of one that exists, and comments.

use crate::support::{Repo, Scene, at_terminal, script_file};

/// An editor that runs this sed script on the file.
fn editor(scene: &Scene, repo: &Repo, script: &str) -> Repo {
    let path = scene.dir.path().join("editor.sh");
    script_file(
        &path,
        &format!("#!/bin/sh\nsed -i.bak -e '{script}' \"$1\"\nrm -f \"$1.bak\"\n"),
    );
    repo.with("GIT_EDITOR", path.to_str().unwrap())
}

#[test]
fn an_item_without_a_title_is_written_in_the_editor() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let script = "s/^title:.*/title: Fix the login: again/;s/^title: .*/title: \"Fix the login: again\"/;\
                  s/^priority:.*/priority: P1/;s/^label:.*/label: [perf, 7]/;\
                  s/^accept:.*/accept:\\n  - passes 100 times/;s/^due:.*/due: 2036-12-24/;$ a The text.";
    let typed = editor(&scene, &repo, script);
    let ran = at_terminal(&typed, &["add"], "");
    assert!(ran.out.contains("Created T-0001"), "{}", ran.out);
    let item = repo.data(&["show", "T-0001"]);
    assert_eq!(item["title"], "Fix the login: again");
    assert_eq!(item["priority"], 1);
    assert_eq!(item["labels"], serde_json::json!(["7", "perf"]));
    assert_eq!(item["acceptance"][0]["text"], "passes 100 times");
    assert!(
        item["due_at"].as_str().unwrap().starts_with("2036-12-2"),
        "{item}"
    );
    assert_eq!(item["body"].as_str().unwrap().trim(), "The text.");

    // Without a terminal nothing opens.
    let refused = typed.pm(&["add"]).exits(2);
    assert!(refused.err.contains("title"), "{}", refused.err);
    // A form that is left as it was, or has no title, makes nothing.
    for script in ["", "s/^priority:.*/priority: 0/"] {
        let ran = at_terminal(&editor(&scene, &repo, script), &["task", "create"], "");
        assert_ne!(ran.code, 0, "{script}: {}", ran.out);
    }
    assert_eq!(repo.data(&["list"])["items"].as_array().unwrap().len(), 1);
}

#[test]
fn an_edit_without_options_opens_the_form_and_changes_what_was_changed() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task(
        "First",
        &[
            "--accept", "one", "--accept", "two", "--label", "perf", "--body", "Text.",
        ],
    );
    repo.pm(&["task", "accept", "T-0001", "1"]).ok();
    let script = "s/^title:.*/title: 2nd/;/- two$/d;s/^assignee:.*/assignee: ben/;s/^label:.*/label:/;/- perf$/d";
    let ran = at_terminal(&editor(&scene, &repo, script), &["edit", "T-0001"], "");
    assert!(ran.out.contains("Changed T-0001"), "{}", ran.out);
    let item = repo.data(&["show", "T-0001"]);
    assert_eq!(item["title"], "2nd");
    assert_eq!(item["assignee"], "ben");
    assert_eq!(item["labels"], serde_json::json!([]));
    assert_eq!(item["body"].as_str().unwrap().trim(), "Text.");
    let criteria = item["acceptance"].as_array().unwrap();
    assert_eq!(criteria.len(), 1, "{item}");
    assert_eq!(
        criteria[0]["done"], true,
        "what stayed is accepted as it was"
    );

    // What cannot be read is kept in a file, and nothing changes.
    let tip = repo.tip("refs/pm/main");
    for (script, wanted) in [
        ("s/^label:.*/label: [perf/", "cannot be read"),
        ("s/^due:.*/due: nonsense/", "nonsense"),
        ("s/^title:/tittle:/", "no field"),
        ("1d", "---"),
        ("", "nothing was changed"),
    ] {
        let ran = at_terminal(&editor(&scene, &repo, script), &["edit", "T-0001"], "");
        assert_ne!(ran.code, 0, "{script}");
        assert!(ran.out.contains(wanted), "{script}: {}", ran.out);
        assert_eq!(
            ran.out.contains("was saved to"),
            !script.is_empty(),
            "{script}: {}",
            ran.out
        );
    }
    assert_eq!(repo.tip("refs/pm/main"), tip);
}

/// What is typed is text to the end of its line, unless all of it is in quotes.
#[test]
fn the_text_of_a_field_is_neither_cut_nor_converted() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    for title in [
        "Fix crash of #12 in parser",
        "!!! Backup",
        "0x10",
        "1e3",
        "Login: Umlaute",
        "[ui] - \"quoted\" & *starred*",
        "null",
    ] {
        let script = format!("s/^title:.*/title: {}/", title.replace('&', "\\&"));
        at_terminal(&editor(&scene, &repo, &script), &["add"], "").ok();
        let items = repo.data(&["list", "--all"])["items"].clone();
        let last = items.as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["title"], title);
        // It comes out of the form as it went in.
        let same = editor(&scene, &repo, "s/^priority:.*/priority: high/");
        let id = last["id"].as_str().unwrap();
        at_terminal(&same, &["edit", id], "").ok();
        let item = repo.data(&["show", id]);
        assert_eq!(
            (&item["title"], &item["priority"]),
            (&title.into(), &1.into())
        );
    }
    let script = "s/^title:.*/title: \"# \\\\\"1\\\\\" #\"/;\
                  s/^accept:.*/accept:\\n  - schliesst Ticket #12 und #13\\n  - 1.10\\n  - \"- x\"\\n  - two\\n    lines/;\
                  s/^path:.*/path: [\"a b\", src\\/{c,d}.rs]/;s/^label:.*/label: [1.10, ui]/";
    at_terminal(&editor(&scene, &repo, script), &["add"], "").ok();
    let item = repo.data(&["show", "T-0008"]);
    assert_eq!(item["title"], "# \"1\" #");
    let criteria = item["acceptance"].as_array().unwrap();
    let criteria: Vec<&str> = criteria
        .iter()
        .filter_map(|one| one["text"].as_str())
        .collect();
    let typed = ["schliesst Ticket #12 und #13", "1.10", "- x", "two lines"];
    assert_eq!(criteria, typed);
    assert_eq!(item["paths"], serde_json::json!(["a b", "src/{c,d}.rs"]));
    assert_eq!(item["labels"], serde_json::json!(["1.10", "ui"]));
}

/// Each text that could not be applied is in a file of its own, until `gc` removes it.
#[test]
fn a_text_that_was_saved_is_never_overwritten() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("One", &[]);
    repo.task("Two", &[]);
    let saved = |id: &str, text: &str| {
        let script = format!("s/^due:.*/due: freitag/;$ a {text}");
        let edit = ["edit", id, "--editor"];
        let said = editor(&scene, &repo, &script).pm(&edit).exits(2).err;
        let (_, file) = said.split_once("saved to ").expect("a saved text");
        let file = file.lines().next().unwrap().trim().to_string();
        (file, text.to_string())
    };
    let all = [
        saved("1", "Text A"),
        saved("2", "Text B"),
        saved("1", "Text C"),
    ];
    for (file, text) in &all {
        let kept = std::fs::read_to_string(file).unwrap();
        assert!(kept.contains(text), "{text} is not in {file}: {kept}");
    }
    assert!(all[0].0.ends_with("item-edit-T-0001.md"), "{}", all[0].0);
    assert!(all[1].0.ends_with("item-edit-T-0002.md"), "{}", all[1].0);
    repo.git(&["config", "pm.gc.drafts", "0"]).ok();
    repo.pm(&["gc"]).ok();
    assert!(
        all.iter()
            .all(|(file, _)| !std::path::Path::new(file).exists())
    );
}

/// At a terminal the form opens again with what was typed and what is wrong with it.
#[test]
fn a_form_that_was_refused_opens_again_with_its_text() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("One", &[]);
    let path = scene.dir.path().join("editor.sh");
    let seen = scene.dir.path().join("seen");
    let script = format!(
        "if grep -q freitag \"$1\"; then cp \"$1\" '{}'; sed -i 's/freitag/friday/' \"$1\"; \
         else sed -i -e 's/^due:.*/due: freitag/' -e '$ a A long text.' \"$1\"; fi",
        seen.display()
    );
    script_file(&path, &script);
    let typed = repo.with("GIT_EDITOR", path.to_str().unwrap());
    at_terminal(&typed, &["edit", "1"], "").ok();
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(seen.starts_with("# Not applied: "), "{seen}");
    assert!(seen.contains("A long text."), "{seen}");
    let item = repo.data(&["show", "1"]);
    assert_eq!(item["body"].as_str().unwrap().trim(), "A long text.");
    assert!(item["due_at"].is_string(), "{item}");
}

#[test]
fn a_comment_without_a_text_is_written_in_the_editor() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("First", &[]);
    let path = scene.dir.path().join("write.sh");
    script_file(&path, "#!/bin/sh\necho 'Which port?' >\"$1\"\n");
    let typed = repo.with("GIT_EDITOR", path.to_str().unwrap());
    at_terminal(&typed, &["comment", &id], "").ok();
    assert_eq!(
        repo.data(&["show", &id])["comments"][0]["body"]
            .as_str()
            .unwrap()
            .trim(),
        "Which port?"
    );
    let refused = repo.pm(&["comment", &id]).exits(2);
    assert!(refused.err.contains("cannot be empty"), "{}", refused.err);
    // An agent at a terminal would wait for the editor for ever.
    let ran = at_terminal(&crate::support::agent(&typed), &["comment", &id], "");
    assert_eq!(ran.code, 2, "{}", ran.out);
}

/// A comma in a path is one of its name if the path is in quotes or the comma behind `\`, on the command line
/// as in the form, which shows it so that it can be sent again.
#[test]
fn a_path_with_a_comma_stays_whole_in_the_form_and_on_the_command_line() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let paths = |id: &str| repo.data(&["show", id])["paths"].clone();
    for typed in [
        "\"src/a,b.rs\", src/{c,d}/**",
        "src/a\\,b.rs, src/{c, d}/**",
    ] {
        let id = repo.task("Typed", &["--path", typed]);
        assert_eq!(
            paths(&id),
            serde_json::json!(["src/a,b.rs", "src/{c,d}/**"])
        );
    }
    // The replacement of sed makes one of two backslashes.
    for written in [
        r#"["src/a,b.rs", docs/x]"#,
        r"[src/a\\,b.rs, docs/x]",
        r#"\n  - "src/a,b.rs"\n  - docs/x"#,
    ] {
        let script = format!("s|^title:.*|title: Written|;s|^path:.*|path: {written}|");
        at_terminal(&editor(&scene, &repo, &script), &["add"], "").ok();
        let items = repo.data(&["list", "--all"])["items"].clone();
        let last = items.as_array().unwrap().last().unwrap()["id"].clone();
        let id = last.as_str().unwrap();
        let wanted = serde_json::json!(["docs/x", "src/a,b.rs"]);
        assert_eq!(paths(id), wanted, "{written}");
        // Another path beside it, and another field.
        let script = "s|^priority:.*|priority: 0|;s|^  - docs/x|  - docs/y|";
        at_terminal(&editor(&scene, &repo, script), &["edit", id], "").ok();
        let wanted = serde_json::json!(["docs/y", "src/a,b.rs"]);
        assert_eq!(paths(id), wanted, "{written}");
    }
}
