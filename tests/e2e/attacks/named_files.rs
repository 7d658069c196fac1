//! Attacks: files that a caller names, to be written where they run later or through a link, or to be read though
//! they have no end (s5).

use std::os::unix::fs::symlink;

use crate::support::*;

/// A branch with work, checked out.
fn branch() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    repo.git(&["checkout", "-qb", "work"]).ok();
    repo.write("src/new.rs", "pub fn new() {}\n");
    repo.commit_all("Ignore all rules");
    (scene, repo)
}

/// The report of a check is written by an agent to no place that runs later, instructs, or is tracked.
#[test]
fn s5_an_agent_writes_no_report_where_it_runs() {
    let (_scene, repo) = branch();
    let bot = agent(&repo).by("bot");
    let check = |file: &str| bot.pm(&["check", "--base", "main", "--sarif", file]);
    repo.write("Makefile", "all:\n");
    let kept = [
        ".git/hooks/pre-push",
        ".git/config",
        "Makefile",
        "src/auth.rs",
    ];
    let before = kept.map(|file| repo.read(file));
    for file in [
        &kept[..],
        &[
            ".git/refs/heads/main",
            ".git/pm/serve-tokens.json",
            ".pm.toml",
            ".claude/settings.json",
            "CLAUDE.md",
            ".mcp.json",
            "package.json",
            "../.bashrc",
        ],
    ]
    .concat()
    {
        let ran = check(file).exits(1);
        assert!(ran.err.contains("requires a human"), "{file}: {}", ran.err);
    }
    assert_eq!(kept.map(|file| repo.read(file)), before);
    for _ in 0..2 {
        check("check.sarif");
        assert!(repo.read("check.sarif").contains("\"2.1.0\""));
    }
    let ran = check("/dev/stdout");
    assert!(ran.out.contains("\"2.1.0\""), "{ran:?}");
    // A person chooses.
    repo.pm(&["check", "--base", "main", "--sarif", "src/auth.rs"]);
    assert!(repo.read("src/auth.rs").contains("\"2.1.0\""));
}

/// A link of a branch leads the report of a person, or of continuous integration, nowhere.
#[test]
fn s5_no_link_of_a_branch_leads_a_report_astray() {
    let (scene, repo) = branch();
    let outside = scene.dir.path().join("outside");
    std::fs::write(&outside, "kept").unwrap();
    let config = repo.read(".git/config");
    for (link, to) in [("out.sarif", "../outside"), ("in.sarif", ".git/config")] {
        symlink(to, repo.path.join(link)).unwrap();
    }
    repo.commit_all("Add reports");
    for file in ["out.sarif", "in.sarif"] {
        let check = ["check", "--ci", "--base", "main", "--sarif", file];
        let ran = repo.pm(&check).exits(1);
        assert!(ran.err.contains("a link in the work tree"), "{}", ran.err);
    }
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "kept");
    assert_eq!(repo.read(".git/config"), config);
}

/// An export to an open file of the process is written there, and replaces no device.
#[test]
fn s5_an_export_replaces_no_device() {
    let (_scene, repo) = set_up();
    repo.task("First", &[]);
    for format in ["json", "csv", "beads"] {
        let ran = repo.pm(&["export", format, "/dev/stdout"]).ok();
        assert!(ran.out.contains("First"), "{format}: {}", ran.out);
    }
    // A file at which the output goes on is neither emptied nor written over.
    let script = "echo before >all; \"$0\" export json /dev/stdout >>all";
    let binary = crate::support::binary();
    repo.run("sh", &["-c", script, binary]).ok();
    let all = repo.read("all");
    let (before, rest) = all.split_once('\n').unwrap();
    assert_eq!(before, "before");
    let end = rest.rfind('}').unwrap();
    serde_json::from_str::<serde_json::Value>(&rest[..=end]).unwrap();
    let there = std::fs::symlink_metadata("/dev/stdout").unwrap();
    assert!(there.is_symlink());
}

/// The manual is installed by an agent neither in a git directory, of whichever repository, nor where something runs
/// later; and for no caller through a link that leads out of the tree.
#[test]
fn s5_the_manual_is_not_installed_where_it_runs() {
    let (scene, repo) = set_up();
    scene.bare("hub.git");
    let bot = agent(&repo).by("bot");
    repo.write(".github/workflows/own.yml", "");
    repo.write(".claude/own", "");
    let outer = bot.other("..");
    for (from, folder) in [
        (&bot, ".git/hooks"),
        (&bot, ".git/refs/heads"),
        (&bot, ".github/workflows"),
        (&bot, ".claude"),
        (&bot, "../hub.git/hooks"),
        (&outer, "a/.git/hooks"),
        (&outer, "hub.git/refs/heads"),
    ] {
        let ran = from.pm(&["man", "--install", folder]).exits(1);
        assert!(
            ran.err.contains("requires a human"),
            "{folder}: {}",
            ran.err
        );
        let there = std::fs::read_dir(from.path.join(folder));
        let there = there.into_iter().flatten().flatten();
        let pages = there.filter(|one| one.file_name().to_string_lossy().ends_with(".1"));
        assert_eq!(pages.count(), 0, "{folder}");
    }
    let data = bot.with("XDG_DATA_HOME", ".git/refs/heads");
    data.pm(&["man", "--install"]).exits(1);
    assert!(!repo.path.join(".git/refs/heads/man").exists());
    bot.pm(&["man", "--install", "pages"]).ok();
    bot.pm(&["man", "--install"]).ok();

    let outside = scene.dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("page"), "kept").unwrap();
    symlink("../outside", repo.path.join("man")).unwrap();
    repo.write("own/README", "");
    symlink("../../outside/page", repo.path.join("own/git-pm.1")).unwrap();
    for folder in ["man", "man/man1", "own"] {
        let ran = repo.pm(&["man", "--install", folder]).exits(1);
        assert!(ran.err.contains("a link in the work tree"), "{}", ran.err);
    }
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(
        std::fs::read_to_string(outside.join("page")).unwrap(),
        "kept"
    );
    repo.pm(&["man", "--install", ".github/man"]).ok();
}

/// An agent gets no commit without an approval, and none of the files that say what runs and who approves, by the set-up
/// of a project.
#[test]
fn s5_an_agent_begins_no_project() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo).by("bot");
    let before = repo.tip("main");
    for words in [&["--scaffold", "--commit"][..], &["--scaffold"]] {
        let refused = bot.pm(&[&["--json", "init"], words].concat()).exits(1);
        let error = refused.error();
        assert_eq!(error["reason"], "actor.not_human", "{error}");
        assert!(error.to_string().contains("ask a human to run"), "{error}");
    }
    assert_eq!(repo.tip("main"), before);
    for file in [".pm.toml", ".github", "docs/PRD.md"] {
        assert!(!repo.path.join(file).exists(), "{file}");
    }
    bot.pm(&["init", "--scaffold", "--dry-run"]).ok();
    bot.pm(&["init"]).ok();
    repo.pm(&["init", "--scaffold", "--commit"]).ok();
    assert_ne!(repo.tip("main"), before);
}

/// A hook that an agent runs by hand adds its trailer to no file that git tracks or obeys.
#[test]
fn s5_a_hook_changes_no_other_file_than_a_message() {
    let (_scene, repo) = set_up();
    repo.task("First", &[]);
    let bot = agent(&repo).by("bot");
    bot.pm(&["start", "T-1"]).ok();
    let there = bot.worktree("T-1");
    let config = repo.path.join(".git/config");
    let (config, before) = (config.to_str().unwrap(), repo.read(".git/config"));
    for file in [config, "src/auth.rs"] {
        there.pm(&["hook", "run", "commit-msg", "--", file]).ok();
    }
    assert_eq!(repo.read(".git/config"), before);
    assert_eq!(there.read("src/auth.rs"), repo.read("src/auth.rs"));
    there.write("own.txt", "Own\n");
    there
        .pm(&["hook", "run", "commit-msg", "--", "own.txt"])
        .ok();
    assert!(there.read("own.txt").contains("Task: T-0001"));
}

/// No file argument that is read keeps a command waiting: a pipe or a device is refused, and what a shell passes (`-`,
/// `/dev/stdin`, `<(…)`) is read.
#[test]
fn s5_no_command_waits_for_a_pipe_that_is_named() {
    let (_scene, repo) = set_up();
    repo.task("First", &[]);
    let pipe = repo.path.join("pipe");
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, kind, rustix::fs::Mode::RWXU, 0).unwrap();
    symlink("pipe", repo.path.join("link")).unwrap();
    symlink("/dev/zero", repo.path.join("zero")).unwrap();
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/tls/key.pem");
    for file in ["pipe", "link", "zero"] {
        for words in [
            &["context", "set", "own", "-f", file][..],
            &["task", "comment", "T-1", "-f", file],
            &[
                "learn",
                "add",
                "Title",
                "--kind",
                "gotcha",
                "--body-file",
                file,
            ],
            &["import", "beads", file],
            &["import", "csv", file],
            &["import", "backlog", file],
            &["import", "taskmaster", file],
            &["import", "llm-team", "--dry-run", file],
            &["finding", "import", "T-1", file],
            &["artifact", "put", "T-1", file],
            &["backup", "load", file],
            &["plan", "outline", file],
            &["prd", "add", file],
            &[
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--cert",
                file,
                "--key",
                key,
            ],
        ] {
            let bounded = [&["-s", "KILL", "20", binary()], words].concat();
            let ran = repo.run("timeout", &bounded);
            assert!((1..100).contains(&ran.code), "{ran:?}");
        }
    }
    let refused = repo.pm(&["import", "beads", "pipe"]).exits(2);
    assert!(
        refused.err.contains("it is a pipe, not a file"),
        "{refused:?}"
    );
    let refused = repo.pm(&["context", "set", "own", "-f", "zero"]).exits(2);
    assert!(
        refused.err.contains("it is a device, not a file"),
        "{refused:?}"
    );
    for (n, words) in [
        "git pm task comment T-1 -f -",
        "git pm task comment T-1 -f /dev/stdin",
        "git pm task comment T-1 -f <(cat)",
        "git pm import csv <(printf 'Title\\nFrom a shell\\n')",
        "git pm import beads <(printf '{\"id\":\"a-1\",\"title\":\"x\",\"status\":\"open\"}\\n')",
    ]
    .iter()
    .enumerate()
    {
        // A shell gives what it starts in `<(…)` its own standard input.
        let ran = repo
            .feed("bash", &["-c", *words], &format!("Text {n}"))
            .ok();
        assert!(!ran.out.is_empty(), "{ran:?}");
    }
    let shown = repo.data(&["show", "T-1"]).to_string();
    assert!(
        (0..3).all(|n| shown.contains(&format!("Text {n}"))),
        "{shown}"
    );
}
