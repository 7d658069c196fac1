//! How documents are stored and read.

use super::{LOGIN, list, text, tip};
use crate::plan::document_fixtures::documents;
use crate::support::{Repo, Scene, ids, set_up};

/// PL-01: the three kinds are detected by their words, and a user can override this.
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

/// PL-01: the text of any document is kept byte for byte, also in another clone.
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

/// PL-02: the parts of the document by kind, each with its lines.
#[test]
fn pl_02_prd_show_lists_the_parts_of_the_document() {
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
            "{name} has the wrong line {at}: {line}"
        );
        let shown = repo.pm(&["prd", "show", "P-1"]).ok().out;
        assert!(
            shown.contains(wanted),
            "the text output lacks \"{wanted}\": {shown}"
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

/// PL-01: adding a file twice makes one PRD; a changed file is not accepted as the same.
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
    assert_eq!(tip(&repo), before, "adding it again changed the state");
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

/// PL-01: input that is not a document is refused with reason and position by every command that
/// reads one, and nothing is written.
#[test]
fn pl_01_input_that_is_not_a_document_is_refused_and_nothing_is_written() {
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
            assert!(
                message.contains(reason),
                "{args:?} gives no reason: {error}"
            );
            assert!(!list(&error, "hints").is_empty(), "{args:?}: {error}");
        }
    }
    repo.pm(&["prd", "add", "nothing.md"]).exits(4);
    repo.pm(&["plan", "new", "nothing.md"]).exits(4);
    // A folder is not a document.
    for verb in [&["prd", "add"][..], &["plan", "new"], &["scope"]] {
        let mut args = verb.to_vec();
        args.push("docs");
        let ran = repo.pm(&args);
        assert!([2, 4].contains(&ran.code), "{ran:?}");
    }
    assert_eq!(tip(&repo), before, "something was written");
}
