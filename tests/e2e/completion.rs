//! Completion in shells: ids, words of queries, and the space after a word.

use crate::support::{Repo, Scene, binary, set_up};

/// The candidates for the last of some words, with their descriptions.
fn offered(repo: &Repo, words: &[&str]) -> Vec<(String, String)> {
    let out = repo.pm(&[&["complete", "--"], words].concat()).ok().out;
    let pair = |line: &str| {
        let (value, about) = line.split_once('\t').expect("a tabulator");
        (value.to_string(), about.to_string())
    };
    out.lines().map(pair).collect()
}

fn values(repo: &Repo, words: &[&str]) -> Vec<String> {
    offered(repo, words)
        .into_iter()
        .map(|(value, _)| value)
        .collect()
}

/// An epic, a task that waits, one that is ready and a closed one.
fn plan(repo: &Repo) {
    repo.pm(&["epic", "create", "Log in", "--label", "auth"])
        .ok();
    repo.task("Wait", &["--label", "perf", "--assignee", "ben"]);
    repo.task("Ready", &[]);
    repo.pm(&["dep", "add", "T-1", "T-2"]).ok();
    repo.task("Gone", &[]);
    repo.pm(&["cancel", "T-3"]).ok();
}

#[test]
fn completion_offers_what_the_state_knows() {
    let (_scene, repo) = set_up();
    plan(&repo);
    let ready = ("T-0002".to_string(), "Ready".to_string());
    assert_eq!(offered(&repo, &["start", ""])[0], ready);
    for (words, expected) in [
        (&["show", "t-"][..], &["T-0001", "T-0002"][..]),
        (&["show", ""], &["E-0001", "T-0001", "T-0002"]),
        (&["show", "T-1", "E"], &["E-0001"]),
        (
            &["--json", "--as", "x", "task", "edit", ""],
            &["E-0001", "T-0001", "T-0002"],
        ),
        (&["edit", "T-1", "--epic", ""], &["E-0001"]),
        (&["edit", "T-1", "--epic="], &["--epic=E-0001"]),
        (
            &["add", "x", "--depends-on", "T-0001,"],
            &["T-0001,E-0001", "T-0001,T-0001", "T-0001,T-0002"],
        ),
        (&["epic", "show", ""], &["E-0001"]),
        (&["task", "reopen", ""], &["T-0003"]),
        (&["list", "--label", ""], &["auth", "perf"]),
        (&["assign", "T-1", "b"], &["ben"]),
        (&["list", "is:re"], &["is:ready"]),
        (&["ls", "-is:blo"], &["-is:blocked"]),
        (
            &["list", "status:done", "label:auth,"],
            &["label:auth,auth", "label:auth,perf"],
        ),
        (&["list", "status:in_r"], &["status:in_review"]),
        (&["list", "epic:"], &["epic:E-0001"]),
        (&["list", "owner:m"], &["owner:me"]),
        (&["list", "assign"], &["assignee:"]),
        (&["list", "--kind", "ep"], &[]),
        (&["start", "T-1", "T"], &[]),
        (&["start", "--"], &[]),
        (&["msg", "read", ""], &[]),
        (&["sta"], &[]),
        (&["no-such", ""], &[]),
        (&[], &[]),
    ] {
        assert_eq!(values(&repo, words), expected, "{words:?}");
    }
    // A title cannot add a candidate or a sequence for the terminal.
    repo.pm(&["edit", "T-2", "--title", "a\u{9b}31m\u{202e}b"])
        .ok();
    let out = repo.pm(&["complete", "--", "start", ""]).ok().out;
    assert!(!out.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{out:?}");
    // The scripts of this version ask under a name that is not for typing; typed, it is a mistake.
    let asked = repo.pm(&["__complete", "--", "start", ""]).ok().out;
    assert_eq!(asked, out);
    for words in [&["complete"][..], &["complete", "T-1"]] {
        let refused = repo.pm(words).exits(2);
        let said = format!("{}{}", refused.err, refused.out);
        assert!(
            said.contains("git pm finish ID") && said.contains("git pm task done ID"),
            "{said}"
        );
    }
    // Outside of a repository a shell gets nothing.
    let scene = Scene::new();
    let out = scene.at("home").pm(&["complete", "--", "show", ""]).ok();
    assert_eq!((out.out.as_str(), out.err.as_str()), ("", ""));
}

#[test]
fn bash_completes_ids_and_words_of_queries() {
    let (_scene, repo) = set_up();
    plan(&repo);
    let script = repo.pm(&["completions", "bash"]).ok().out;
    repo.write("complete.bash", &script);
    let folder = std::path::Path::new(binary())
        .parent()
        .unwrap()
        .display()
        .to_string();
    let complete = |line: &str, kind: u32, call: &str| {
        let text = format!(
            "PATH='{folder}':$PATH; . ./complete.bash; COMP_LINE='{line}' COMP_POINT={} COMP_TYPE={kind}\n\
             COMP_WORDS=({line}) COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); {call}\n\
             printf '%s|' \"${{COMPREPLY[@]}}\"",
            line.len()
        );
        repo.run("bash", &["-c", &text]).ok().out
    };
    assert_eq!(complete("git pm start T-", 9, "_git_pm"), "T-0002|T-0001|");
    assert_eq!(
        complete("git pm start T-", 63, "_git_pm"),
        "T-0002  Ready|T-0001  Wait|"
    );
    // bash takes what follows a colon for the word.
    assert_eq!(complete("git pm list is:re", 9, "_git_pm"), "ready|");
    assert_eq!(
        complete("git-pm show E", 9, "_git__pm git-pm E show"),
        "E-0001|"
    );
    assert_eq!(
        complete("git pm start --no-w", 9, "_git_pm"),
        "--no-worktree|"
    );
    assert_eq!(complete("git pm appr", 9, "_git_pm"), "approve|");
}

/// The first prompt of a shell should not wait: at 2,000 items, with a debug binary and other tests
/// beside it, a generous bound on what takes some milliseconds.
#[test]
fn completion_is_quick_with_many_items() {
    let (_scene, repo) = set_up();
    let lines: String = (0..2_000)
        .map(|n| format!("{{\"op\":\"task.create\",\"title\":\"Task {n}\"}}\n"))
        .collect();
    repo.feed(binary(), &["batch"], &lines).ok();
    assert_eq!(values(&repo, &["start", "T-"]).len(), 2_000);
    let quickest = (0..5)
        .map(|_| {
            let begin = std::time::Instant::now();
            repo.pm(&["complete", "--", "start", "T-"]).ok();
            begin.elapsed()
        })
        .min()
        .unwrap();
    assert!(quickest.as_millis() < 1_000, "{quickest:?}");
}

/// git's own completion adds no space after a word; what goes on after a colon gets none.
#[test]
fn bash_adds_a_space_after_a_whole_word_of_git_pm() {
    let (_scene, repo) = set_up();
    plan(&repo);
    let script = repo.pm(&["completions", "bash"]).ok().out;
    repo.write("complete.bash", &script);
    // Stands for the builtin, which only works while a line is completed.
    let told = |line: &str| {
        let text = format!(
            "compopt() {{ told=\"$*\"; }}; . ./complete.bash; COMP_LINE='{line}' COMP_POINT={}\n\
             COMP_WORDS=({line}) COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); _git_pm\n\
             printf '%s' \"$told\"",
            line.len()
        );
        repo.run("bash", &["-c", &text]).ok().out
    };
    for line in ["git pm star", "git pm task crea", "git pm start T-0002"] {
        assert_eq!(told(line), "+o nospace", "{line}");
    }
    assert_eq!(told("git pm list stat"), "-o nospace");
}
