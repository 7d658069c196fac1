//! The command line for scripts and users: spellings, help texts, man pages, the form of errors and
//! exit codes. The verbs themselves are tested by the tests that `coverage` names.

#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

#[path = "cli_surface/book.rs"]
mod book;
#[path = "cli_surface/coverage.rs"]
mod coverage;
#[path = "cli_surface/usage.rs"]
mod usage;

/// The program in an empty environment, outside any repository.
fn git_pm(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_git-pm"));
    command
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", std::env::temp_dir())
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Output {
    git_pm(args).output().expect("git-pm starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

/// Exit code, standard output and standard error as one text.
fn printed(args: &[&str]) -> String {
    let output = run(args);
    format!(
        "exit {}\n--- stdout\n{}--- stderr\n{}",
        output.status.code().expect("an exit code"),
        stdout(&output),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// The one JSON document on standard output.
fn document(output: &Output) -> serde_json::Value {
    let text = stdout(output);
    assert_eq!(text.lines().count(), 1, "exactly one document: {text}");
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["schema_version"], 1);
    document
}

fn verbs() -> Vec<String> {
    let output = run(&["help", "--verbs"]);
    stdout(&output).lines().map(str::to_string).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_man_pages_are_up_to_date() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().to_str().expect("a path in UTF-8");
    assert!(run(&["man", "--generate", target]).status.success());
    let checked_in = root().join("man");
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        let _ = std::fs::remove_dir_all(&checked_in);
        std::fs::create_dir_all(&checked_in).expect("man/");
        for (name, text) in pages(folder.path()) {
            std::fs::write(checked_in.join(name), text).expect("a page");
        }
    }
    let (fresh, old) = (pages(folder.path()), pages(&checked_in));
    let names = |pages: &[(String, String)]| pages.iter().map(|p| p.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&fresh), names(&old), "GIT_PM_BLESS=1 rewrites man/");
    for ((name, fresh), (_, old)) in fresh.iter().zip(&old) {
        assert!(
            fresh == old,
            "man/{name} is stale: GIT_PM_BLESS=1 rewrites it"
        );
    }
    assert_eq!(stdout(&run(&["man"])), fresh_page(&fresh, "git-pm.1"));
}

fn pages(folder: &Path) -> Vec<(String, String)> {
    let mut pages: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder of pages")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read_to_string(path).expect("a page"))
        })
        .collect();
    pages.sort();
    pages
}

fn fresh_page(pages: &[(String, String)], name: &str) -> String {
    let page = pages.iter().find(|page| page.0 == name);
    page.map(|page| page.1.clone()).unwrap_or_default()
}

#[test]
fn man_pages_are_installed_where_man_finds_them() {
    let home = tempfile::tempdir().expect("a folder");
    for (variable, place) in [
        ("HOME", ".local/share/man/man1"),
        ("XDG_DATA_HOME", "man/man1"),
    ] {
        let output = git_pm(&["man", "--install"])
            .env(variable, home.path())
            .output();
        assert!(output.expect("git-pm starts").status.success());
        assert!(home.path().join(place).join("git-pm.1").is_file());
    }
    let chosen = home.path().join("here");
    let output = run(&[
        "man",
        "--install",
        chosen.to_str().expect("UTF-8"),
        "--json",
    ]);
    let items = document(&output)["data"]["items"].clone();
    assert_eq!(items.as_array().expect("items").len(), pages(&chosen).len());
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The tree of commands for programs: complete, typed, and short enough for a model's context if one
/// asks for a group.
#[test]
fn help_all_describes_every_command_as_data() {
    let all = document(&run(&["help", "--all", "--json"]))["data"].clone();
    let commands = all["commands"].as_array().expect("commands");
    let names: Vec<&str> = commands
        .iter()
        .map(|one| one["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, verbs());
    for command in commands {
        let summary = command["summary"].as_str().expect("a summary");
        assert!(!summary.is_empty(), "{command}");
    }
    let create = document(&run(&["help", "--all", "task", "create", "--json"]));
    let create = &create["data"]["commands"][0];
    assert_eq!(create["name"], "task create");
    assert_eq!(create["args"][0]["name"], "TITLE");
    let add = document(&run(&["help", "--all", "dep", "add", "--json"]));
    assert_eq!(add["data"]["commands"][0]["args"][0]["required"], true);
    let flag = |name: &str| {
        let flags = create["flags"].as_array().expect("flags");
        let found = flags.iter().find(|flag| flag["name"] == name);
        found.unwrap_or_else(|| panic!("{name}: {create}")).clone()
    };
    assert_eq!(flag("--priority")["type"], "int");
    assert_eq!(flag("--label")["many"], true);
    assert_eq!(flag("--estimate")["choices"][0], "XS");
    let typed = |command: &str, name: &str| {
        let one = commands.iter().find(|one| one["name"] == command);
        let flags = one.unwrap_or_else(|| panic!("{command}"))["flags"].as_array();
        let flag = flags.and_then(|all| all.iter().find(|flag| flag["name"] == name));
        flag.unwrap_or_else(|| panic!("{command} {name}"))["type"].clone()
    };
    for (command, flag, kind) in [
        ("reserve add", "--ttl", "duration"),
        ("msg watch", "--timeout", "duration"),
        ("issue gate create", "--timeout", "duration"),
        ("msg inbox", "--limit", "int"),
        ("prime", "--budget", "int"),
        ("learn add", "--body-file", "path"),
        ("learn add", "--tag", "string"),
    ] {
        assert_eq!(typed(command, flag), kind, "{command} {flag}");
    }
    for command in commands {
        for example in command["examples"].as_array().unwrap_or(&Vec::new()) {
            let line = example.as_str().expect("a text");
            assert!(!line.ends_with('\\') && !line.starts_with('-'), "{command}");
        }
    }
    assert!(
        create["examples"][0]
            .as_str()
            .is_some_and(|one| one.starts_with("git pm"))
    );
    assert!(
        all["globals"]
            .as_array()
            .is_some_and(|flags| flags.len() > 5)
    );
    let mode = document(&run(&["help", "--all", "reserve", "--json"]));
    assert!(
        mode.to_string().contains("\"default\":\"commit\""),
        "{mode}"
    );
    assert!(mode.to_string().len() < 10_000);
    let text = run(&["help", "--all"]);
    // Each in a line, below the heading of its subject.
    let text = stdout(&text);
    let lines = text.lines().filter(|line| line.starts_with("  "));
    assert_eq!(lines.count(), names.len());
    // CM-16: at least 50 commands.
    assert!(names.len() >= 50, "{}", names.len());
    assert_eq!(run(&["help", "--all", "fly"]).status.code(), Some(2));
}

#[test]
fn the_help_explains_every_verb() {
    for verb in verbs() {
        let words: Vec<&str> = ["help"].into_iter().chain(verb.split(' ')).collect();
        let output = run(&words);
        let text = stdout(&output);
        assert!(output.status.success(), "{verb}");
        assert!(text.contains(&format!("Usage: git pm {verb}")), "{text}");
        let flag: Vec<&str> = verb.split(' ').chain(["-h"]).collect();
        assert!(run(&flag).status.success(), "{verb} -h");
    }
    let json = document(&run(&["help", "task", "start", "--json"]));
    assert!(
        json["data"]["help"]
            .as_str()
            .is_some_and(|h| h.contains("--resume"))
    );
    insta::assert_snapshot!(printed(&["help", "task", "fly"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: unknown command `git pm task fly`
    hint: `git pm help task` lists the commands
    ");
}

#[test]
fn the_help_of_the_root_command() {
    let text = stdout(&run(&["-h"]));
    assert_eq!(text, stdout(&run(&["help"])));
    insta::assert_snapshot!(text, @r"
    The project manager that lives in your repository

    Usage: git pm [OPTIONS] [COMMAND]

      add          Add a task
      ls           List items
      show         Show an item in full
      edit         Change an item
      start        Claim a task, with a branch and a worktree
      finish       Check your work and submit it for review
      approve      Approve submitted work
      merge        Merge approved work
      board        Show the work in columns by state
      undo         Undo a change

      status       Show where you are, what is yours, what is ready
      next         Show or claim the best task to start
      sync         Fetch, merge and push the state
      help --all   Show every command, by subject

    Options:
          --json     Output JSON
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version
    ");
}

#[test]
fn the_help_of_a_command_group() {
    insta::assert_snapshot!(stdout(&run(&["task", "-h"])), @r"
    Plan, start, finish and close tasks

    Usage: git pm task [OPTIONS] <COMMAND>

    Commands:
      create    Create a task
      list      List tasks
      show      Show an item in full
      edit      Change an item's fields
      start     Start a task: claim it, create its branch and worktree, reserve its paths
      accept    Accept criteria of a task
      finish    Finish a task: check it and submit it for review, or merge it
      approve   Approve work in review, so that it can be merged
      diff      Show what the work on a task changes
      return    Return submitted work to its author
      drop      Drop a started task
      done      Mark a task as done, with evidence
      block     Mark a task as blocked by something external
      unblock   Restore the previous status of a blocked task
      defer     Defer a task
      undefer   End the deferral of items
      reopen    Reopen done or cancelled tasks
      cancel    Cancel tasks
      reassign  Reassign a task to another actor
      comment   Comment on an item
      tree      Show items as a tree: epics, tasks and their children
      delete    Delete tasks

    Options:
      -h, --help  Print help (see more with '--help')

    Global options:
          --json  Output JSON
    ");
}

#[test]
fn json_is_accepted_before_and_after_the_verb() {
    // Outside a repository every verb that needs one fails in the same way.
    let before = run(&["--json", "status"]);
    let after = run(&["status", "--json"]);
    assert_eq!(before.stdout, after.stdout);
    assert_eq!(document(&before)["error"]["code"], "state");
    assert_eq!(before.status.code(), Some(5));
    assert_eq!(
        run(&["--json"]).stdout,
        before.stdout,
        "git pm alone is the status"
    );
}

#[test]
fn json_after_two_dashes_is_not_an_option() {
    let output = run(&["tsk", "--", "--json"]);
    assert!(output.stdout.is_empty());
}

#[test]
fn repeated_directory_options_are_relative_to_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("inner")).expect("a folder");
    let outer = folder.path().to_str().expect("UTF-8");
    let install = |args: &[&str]| {
        let output = run(args);
        assert!(output.status.success(), "{output:?}");
    };
    install(&[
        "-C",
        outer,
        "-C",
        "inner",
        "man",
        "--install",
        "both-before",
    ]);
    install(&["-C", outer, "man", "--install", "around", "-C", "inner"]);
    install(&["man", "--install", "both-after", "-C", outer, "-Cinner"]);
    for name in ["both-before", "around", "both-after"] {
        assert!(
            folder
                .path()
                .join("inner")
                .join(name)
                .join("git-pm.1")
                .is_file()
        );
    }
    let absent = run(&["-C", outer, "-C", "absent", "status", "--json"]);
    assert_eq!(absent.status.code(), Some(4));
    assert_eq!(document(&absent)["error"]["code"], "not_found");
}

#[test]
fn the_version_is_printed_as_text_and_json() {
    assert_eq!(stdout(&run(&["--version"])), "git-pm 0.1.0\n");
    assert_eq!(stdout(&run(&["-V"])), "git-pm 0.1.0\n");
    let json = document(&run(&["--version", "--json"]));
    assert_eq!(json["data"]["version"], "0.1.0");
}

#[test]
fn completions_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        assert!(output.status.success(), "{shell}");
        assert!(stdout(&output).contains("no-worktree"), "{shell}");
    }
    assert_eq!(run(&["completions", "cmd"]).status.code(), Some(2));
}

#[test]
fn bash_completes_git_pm_with_and_without_the_hyphen() {
    let script = stdout(&run(&["completions", "bash"]));
    let complete = |words: &str, at: usize, call: &str| {
        let script = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD={at}; {call}; echo \"${{COMPREPLY[@]}}\""
        );
        // Longer than the limit of one argument.
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), script).expect("the script is written");
        let output = Command::new("bash").arg(file.path()).output();
        stdout(&output.expect("bash starts"))
    };
    assert_eq!(complete("git -C x pm task st", 5, "_git_pm"), "start\n");
    assert_eq!(
        complete("git pm start --no-w", 3, "_git_pm"),
        "--no-worktree\n"
    );
    let call = "_git__pm git-pm st task";
    assert_eq!(complete("git-pm task st", 2, call), "start\n");
}

#[test]
fn a_closed_output_pipe_is_not_an_error() {
    let mut child = git_pm(&["man"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("git-pm starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an exit code");
    assert_eq!(output.status.code(), Some(0));
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_failure_of_the_hook_stops_a_commit() {
    // Outside a repository the hook can check nothing; its exit code is neither that of a pass nor
    // that of a verdict.
    let output = run(&["hook", "run", "pre-commit", "--", "x"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(output.stdout.is_empty());
    let output = run(&["hook", "run", "commit-msg", "--", "x"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn colours_are_used_only_where_requested() {
    let coloured = |command: &mut Command| {
        let output = command.output().expect("git-pm starts");
        output.stdout.contains(&0x1b) || output.stderr.contains(&0x1b)
    };
    assert!(!coloured(&mut git_pm(&["-h"])));
    assert!(coloured(git_pm(&["-h"]).env("CLICOLOR_FORCE", "1")));
    assert!(coloured(git_pm(&["tsk"]).env("CLICOLOR_FORCE", "1")));
    assert!(!coloured(
        git_pm(&["-h", "--no-color"]).env("CLICOLOR_FORCE", "1")
    ));
    assert!(!coloured(
        git_pm(&["tsk", "--no-color"]).env("CLICOLOR_FORCE", "1")
    ));
}

#[test]
fn only_the_binary_prints() {
    let macros = ["println!(", "print!(", "eprintln!(", "eprint!(", "dbg!("];
    for path in sources(&root().join("src"))
        .iter()
        .chain(&sources(&root().join("bin")))
    {
        // Tests of rules quote what the rules find.
        let below = path.strip_prefix(root()).expect("a file of the checkout");
        if below.iter().any(|part| part == "tests") {
            continue;
        }
        let text = std::fs::read_to_string(path).expect("a source file");
        for name in macros {
            assert!(!text.contains(name), "{} uses {name}…)", path.display());
        }
    }
}
