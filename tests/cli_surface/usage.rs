//! Malformed requests: messages for users and programs, and the exit code.

use super::{document, git_pm, printed, run, verbs};

#[test]
fn usage_errors_suggest_a_correction() {
    insta::assert_snapshot!(printed(&["tsk"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: unrecognized subcommand 'tsk'
    hint: a similar subcommand exists: 'task'
    hint: usage: git pm [OPTIONS] [COMMAND]
    hint: for details, run `git pm help`
    ");
    insta::assert_snapshot!(printed(&["task"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: `git pm task` needs a subcommand
    hint: usage: git pm task [OPTIONS] <COMMAND>
    hint: for details, run `git pm help task`
    ");
    insta::assert_snapshot!(printed(&["dep", "add"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: the following required arguments were not provided: <ID> <ON>
    hint: usage: git pm dep add <ID> <ON>
    hint: for details, run `git pm help dep add`
    ");
    insta::assert_snapshot!(printed(&["task", "create", "x", "-p", "9"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: invalid value '9' for '--priority <0..4>': expected 0 (highest) to 4, P0 to P4, or critical, high, medium, low or backlog
    hint: for details, run `git pm help task create`
    ");
    insta::assert_snapshot!(printed(&["task", "accept", "T-0001"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: specify the numbers of the criteria that are met
    hint: `git pm task accept T-0001 1 2`, or `git pm task accept T-0001 --all`
    hint: `git pm show T-0001` lists them with their numbers
    ");
    insta::assert_snapshot!(printed(&["reserve", "add", "a", "--ttl", "soon"]), @r"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'soon' for '--ttl <TTL>': expected a whole number and a unit: 30s, 15m, 4h, 2d, 1w
    hint: for details, run `git pm help reserve add`
    ");
}

#[test]
fn usage_errors_are_json_on_request() {
    insta::assert_snapshot!(printed(&["dep", "add", "--json"]), @r#"
    exit 2
    --- stdout
    {"schema_version":1,"error":{"code":"usage","reason":"arguments.invalid","message":"the following required arguments were not provided: <ID> <ON>","hints":["usage: git pm dep add --json <ID> <ON>","for details, run `git pm help dep add`"]}}
    --- stderr
    "#);
    insta::assert_snapshot!(printed(&["--json", "tsk"]), @r#"
    exit 2
    --- stdout
    {"schema_version":1,"error":{"code":"usage","reason":"arguments.invalid","message":"unrecognized subcommand 'tsk'","hints":["a similar subcommand exists: 'task'","usage: git pm [OPTIONS] [COMMAND]","for details, run `git pm help`"]}}
    --- stderr
    "#);
    insta::assert_snapshot!(printed(&["task", "--json"]), @r#"
    exit 2
    --- stdout
    {"schema_version":1,"error":{"code":"usage","reason":"arguments.invalid","message":"`git pm task` needs a subcommand","hints":["usage: git pm task [OPTIONS] <COMMAND>","for details, run `git pm help task`"]}}
    --- stderr
    "#);
}

#[test]
fn every_verb_answers_json_and_exits_2_for_a_wrong_option() {
    for verb in verbs() {
        for place in [0, usize::MAX] {
            let mut words: Vec<&str> = verb.split(' ').collect();
            words.insert(place.min(words.len()), "--json");
            words.push("--no-such-option");
            let output = run(&words);
            assert_eq!(output.status.code(), Some(2), "{words:?}");
            assert_eq!(document(&output)["error"]["code"], "usage", "{words:?}");
            assert!(output.stderr.is_empty(), "{words:?}");
        }
    }
}

/// With a clock chosen by the caller, any lease could be made to expire.
#[cfg(not(debug_assertions))]
#[test]
fn a_release_build_ignores_a_fixed_clock() {
    let place = tempfile::tempdir().expect("a folder");
    let output = git_pm(&["status", "--json"])
        .current_dir(place.path())
        .env("GIT_PM_NOW", "noon")
        .output();
    let output = output.expect("git-pm starts");
    assert_eq!(document(&output)["error"]["code"], "state");
}

#[cfg(debug_assertions)]
#[test]
fn a_fixed_clock_must_be_a_time() {
    let output = git_pm(&["status", "--json"])
        .env("GIT_PM_NOW", "noon")
        .output();
    let output = output.expect("git-pm starts");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(document(&output)["error"]["code"], "usage");
}

#[test]
fn a_value_that_begins_with_a_dash_is_not_repeated_and_the_hint_works() {
    let args = [
        "task",
        "create",
        "x",
        "--body",
        "-----BEGIN KEY\nsecret line",
    ];
    let text = printed(&args);
    assert!(
        text.contains("unexpected argument '-----BEGIN KEY…' found"),
        "{text}"
    );
    assert!(!text.contains("secret line"), "{text}");
    assert!(text.contains("`--option=VALUE`"), "{text}");
    let said = printed(&["task", "create", "x", "--body=-O2 breaks"]);
    assert!(!said.contains("unexpected argument"), "{said}");
}

/// The hint for what was meant, the first one.
fn hint(args: &[&str]) -> String {
    let text = printed(args);
    let mut hints = text.lines().filter_map(|line| line.strip_prefix("hint: "));
    hints.next().unwrap_or_default().to_string()
}

/// What is said once where a word may be one of beads.
const BOTH_FORMS: &str =
    " `issue` has the words and the hash IDs of beads; all other commands take the IDs of both";

#[test]
fn an_unknown_command_is_answered_with_the_one_that_does_it() {
    for (args, meant) in [
        (
            &["close", "T-0001"][..],
            "did you mean `git pm task done ID` or `git pm issue close ID`?",
        ),
        (
            &["rm", "T-0001"],
            "did you mean `git pm task cancel ID` or `git pm task delete ID`?",
        ),
        (
            &["label", "T-0001", "x"],
            "did you mean `git pm task edit ID --add-label LABEL`?",
        ),
        (&["redo"], "did you mean `git pm undo COMMIT`?"),
        (&["ui"], "did you mean `git pm board`?"),
        (&["T-0001"], "did you mean `git pm show T-0001`?"),
        (
            &["task", "close", "T-0001"],
            "did you mean `git pm task done`?",
        ),
        (
            &["task", "rm", "T-0001"],
            "did you mean `git pm task delete`?",
        ),
        (
            &["task", "undo", "T-0001"],
            "did you mean `git pm log ID` or `git pm undo COMMIT`?",
        ),
        (
            &["add", "Fix", "-d", "friday"],
            "`--due DAY` is the day, and `--body TEXT` the text",
        ),
        (
            &["ls", "--mine"],
            "`git pm list is:mine` lists what is yours",
        ),
        (
            &["task", "handoff", "T-0001"],
            "did you mean `git pm handoff`?",
        ),
        (&["epic", "review"], "did you mean `git pm review`?"),
        (
            &["epic", "done", "E-0001"],
            "usage: git pm epic [OPTIONS] <COMMAND>",
        ),
        (
            &["staus"],
            "some similar subcommands exist: 'status', 'stats', 'standup'",
        ),
        (&["aprove"], "a similar subcommand exists: 'approve'"),
        (&["xyzzy"], "usage: git pm [OPTIONS] [COMMAND]"),
        (&["shell"], "use one of: bash, zsh, fish"),
    ] {
        let told = hint(args);
        let told = told.strip_suffix(BOTH_FORMS).unwrap_or(&told);
        assert_eq!(told, meant, "{args:?}");
    }
}

#[test]
fn an_unknown_option_is_answered_with_the_one_that_was_meant() {
    let edit = ["task", "edit", "T-0001"];
    let create = ["task", "create", "x"];
    let with = |before: &[&'static str], more: &[&'static str]| -> Vec<&'static str> {
        before.iter().chain(more).copied().collect()
    };
    for (args, meant) in [
        (
            with(&["ls"], &["--due=x"]),
            "it is a condition of the query: `git pm list due:VALUE`",
        ),
        (
            with(&edit, &["--status", "done"]),
            "verbs change the status: `git pm start ID`, `git pm finish ID`, `git pm task done ID`, \
             `git pm task cancel ID`",
        ),
        (with(&edit, &["--tags", "x"]), "did you mean `--label`?"),
        (
            with(&create, &["--description", "x"]),
            "did you mean `--body`?",
        ),
        (with(&create, &["-m", "x"]), "did you mean `--body`?"),
        (
            with(&create, &["--pritority", "1"]),
            "a similar argument exists: '--priority'",
        ),
        (
            with(&create, &["--xyzzy", "1"]),
            "usage: git pm task create <TITLE>",
        ),
        (
            with(&["list"], &["--format", "json"]),
            "did you mean `--columns`?",
        ),
        (
            with(&["status"], &["--format", "json"]),
            "`--json` prints JSON",
        ),
    ] {
        assert_eq!(hint(&args), meant, "{args:?}");
    }
    if cfg!(feature = "serve") {
        assert_eq!(
            hint(&["serve", "--port", "7801"]),
            "did you mean `--listen`?"
        );
    }
}

#[test]
fn the_daily_verbs_of_tasks_need_no_group() {
    for (short, whole) in [
        ("add", "task create"),
        ("ls", "list"),
        ("approve", "task approve"),
        ("assign", "task reassign"),
        ("cancel", "task cancel"),
        ("comment", "task comment"),
        ("done", "task done"),
        ("drop", "task drop"),
        ("edit", "task edit"),
        ("tree", "task tree"),
    ] {
        let words: Vec<&str> = whole.split(' ').collect();
        let help = |words: &[&str]| printed(&[words, &["--help"]].concat());
        assert_eq!(help(&[short]), help(&words), "{short}");
        assert_eq!(
            help(&["--as", short, short]),
            help(&words),
            "the name of an actor is none: {short}"
        );
        assert_eq!(
            printed(&["help", short]),
            printed(&[&["help"], &words[..]].concat()),
            "{short}"
        );
    }
}
