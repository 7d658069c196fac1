//! What each command and option of bd becomes.

use std::ffi::OsString;

use super::commands;

fn lines(line: &str) -> Vec<String> {
    let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    let all = commands(&words).unwrap_or_else(|error| panic!("{line}: {error}"));
    all.iter().map(|words| words.join(" ")).collect()
}

#[test]
fn a_command_of_bd_becomes_one_of_git_pm() {
    for (bd, pm) in [
        ("ready", "issue ready"),
        (
            "--no-daemon --json ready -n 3",
            "issue --format beads ready -n 3",
        ),
        (
            "list --json --actor bob",
            "--as bob issue --format beads list",
        ),
        ("--db x.db show a-1 --short", "issue list --all --id a-1"),
        (
            "show a-1 --children --json",
            "issue --format beads children a-1",
        ),
        (
            "list --created-after 2026-01-01 --priority-max 1",
            "issue list created:>2026-01-01 priority:<=1",
        ),
        ("list -l a,b", "issue list --label a --label b"),
        ("dep add a --blocked-by b", "issue dep add a b"),
        ("dep a --blocks b", "issue dep add b a"),
        ("dep relate a b", "issue dep add a b --type related"),
        ("sync --flush-only", "status"),
        ("export -o f.jsonl", "export beads f.jsonl"),
        (
            "import -i f.jsonl --dry-run",
            "import beads --dry-run f.jsonl",
        ),
        ("--version", "--version"),
        ("version --json", "--json --version"),
        ("config get issue_prefix", "config pm.issuePrefix"),
        (
            "config set issue-prefix app",
            "config pm.issuePrefix app --shared",
        ),
        ("config unset pm.sync", "config pm.sync --unset"),
        ("config list --json", "--json config"),
        ("mail", "msg inbox"),
        ("mail send ana hello", "msg send ana hello"),
        ("info --json", "--json status"),
        ("dolt push", "push"),
        ("hooks list", "hook status"),
        ("hooks install --force", "hook install"),
        ("list --ready", "issue list is:ready"),
        ("count", "issue count --status all"),
        ("count -t bug -s open", "issue count -t bug -s open"),
        ("setup claude", "install hooks --for claude"),
        ("ready --sort oldest", "issue list is:ready --sort created"),
    ] {
        assert_eq!(lines(bd), [pm], "{bd}");
    }
    assert_eq!(
        lines("init --prefix bd"),
        ["init", "config --shared --first pm.issuePrefix bd"]
    );
    assert_eq!(lines("duplicate a --of b").len(), 2);
    // What the hooks of beads call in a repository that moved from it.
    for hook in ["pre-push origin url", "post-checkout a b 1", "pre-commit"] {
        assert!(lines(&format!("hooks run {hook}")).is_empty(), "{hook}");
    }
}

#[test]
fn hints_name_commands_and_notes_are_about_the_verb() {
    let words = |line: &str| -> Vec<OsString> { line.split(' ').map(OsString::from).collect() };
    let error = commands(&words("sync --foo")).unwrap_err();
    assert!(
        error.hints()[0].text.contains("`git pm help sync`"),
        "{error:?}"
    );
    for (line, told) in [
        ("sync --flush-only", true),
        ("--json sync --status", true),
        ("dolt commit -m x", true),
        ("search sync --status all", false),
        ("create dolt -l commit", false),
        ("sync --help --status", false),
    ] {
        assert_eq!(super::note(&words(line)).is_some(), told, "{line}");
    }
}

#[test]
fn what_has_no_counterpart_names_one() {
    for line in [
        "create T --id x",
        "mol list",
        "ready --gated",
        "label propagate a",
        "--readonly list",
        "kv set a b",
        "unclaim a",
        "move a --to b",
        "promote a",
        "merge-slot acquire",
        "hook",
    ] {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let error = commands(&words).unwrap_err();
        assert_eq!(error.kind().exit_code(), 2, "{line}");
        assert!(!error.hints().is_empty(), "{line}");
    }
}
