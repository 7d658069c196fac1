//! Bad input, and learnings of a state that another program wrote.

use super::{add, ids};
use crate::support::set_up;

#[test]
fn secrets_and_oversized_or_unprintable_texts_are_refused() {
    let (_scene, repo) = set_up();
    let key = "--body=-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAwJ6Y1l3s8dGq0uXk2vQy7ZpT4hLr9cN5mEbWfA1xKjH3gUoV\nd8SiRtYq6PzBnMcCxX0LkJhGfDsA2wErTyUiOp5aQvZb7N4mKl9HjFgD3sPqWeR8\n-----END RSA PRIVATE KEY-----";
    let tree = repo.state_tree();
    for args in [
        &[key][..],
        &["--context", "the key is AKIAIOSFODNN7EXAMPLQ"],
        &["--tag", "AKIAIOSFODNN7EXAMPLQ"],
        &["--symptom", "AKIAIOSFODNN7EXAMPLQ"],
    ] {
        let mut all = vec!["--json", "learn", "add", "Keys"];
        all.extend(args);
        let error = repo.pm(&all).exits(1).error();
        assert_eq!(error["reason"], "learning.secret", "{error}");
        assert!(!error.to_string().contains("AKIA"), "{error}");
    }
    assert_eq!(repo.state_tree(), tree, "something was written");
    let id = add(&repo, "To delete", &[]);
    let task = repo.task("To close", &[]);
    let tree = repo.state_tree();
    for args in [["delete", &id, "--reason"], ["none", &task, "--reason"]] {
        let all = [&["--json", "learn"], &args[..], &["AKIAIOSFODNN7EXAMPLQ"]].concat();
        assert_eq!(repo.pm(&all).exits(1).error()["reason"], "learning.secret");
    }
    let long = "x".repeat(300 * 1024);
    repo.write("long.md", &long);
    for args in [
        &["learn", "add", ""][..],
        &["learn", "add", "two\nlines"],
        &["learn", "add", "esc\u{1b}[2J"],
        &["learn", "add", &"t".repeat(400)],
        &["learn", "add", "x", "--tag", "a,b"],
        &["learn", "add", "x", "--path", "../up"],
        &["learn", "add", "x", "--body-file", "long.md"],
        &["learn", "add", "x", "--kind", "rumour"],
    ] {
        repo.pm(args).exits(2);
    }
    repo.pm(&["learn", "add", "x", "--item", "T-0099"]).exits(4);
    repo.pm(&["learn", "add", "x", "--commit", "no-such-branch"])
        .exits(4);
    repo.pm(&["learn", "add", "x", "--supersedes", "L-zzzzzz"])
        .exits(4);
    assert_eq!(repo.state_tree(), tree, "something was written");
    for id in ["L-", "../x", "L-../..", "T-0001", "\u{1b}[2J"] {
        let ran = repo.pm(&["learn", "show", id]).exits(4);
        assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
    }
}

/// Commits a file to the state as another program would.
fn plant(repo: &crate::support::Repo, path: &str, text: &str) {
    replace(repo, "", path, text);
}

/// The same, in place of another file.
fn replace(repo: &crate::support::Repo, old: &str, path: &str, text: &str) {
    let blob = repo
        .feed("git", &["hash-object", "-w", "--stdin"], text)
        .ok()
        .text();
    let index = repo.path.join("planted");
    let _ = std::fs::remove_file(&index);
    let at = repo.with("GIT_INDEX_FILE", index.to_str().unwrap());
    at.git(&["read-tree", "refs/pm/main"]).ok();
    if !old.is_empty() {
        at.git(&["update-index", "--force-remove", old]).ok();
    }
    let entry = format!("100644,{blob},{path}");
    at.git(&["update-index", "--add", "--cacheinfo", &entry])
        .ok();
    let tree = at.git(&["write-tree"]).ok().text();
    let made = at
        .git(&["commit-tree", &tree, "-p", "refs/pm/main", "-m", "planted"])
        .ok()
        .text();
    at.git(&["update-ref", "refs/pm/main", &made]).ok();
}

#[test]
fn a_uid_that_becomes_a_learning_keeps_both_searches_working() {
    let (_scene, repo) = set_up();
    add(&repo, "About the parser", &[]);
    repo.task("The parser", &[]);
    let files = repo.git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "tasks"]);
    let item = files.text();
    let uid = repo.data(&["show", "T-1"])["uid"]
        .as_str()
        .unwrap()
        .to_string();
    let learning = format!("learnings/{}/{uid}.md", &uid[24..]);
    let task = repo
        .git(&["show", &format!("refs/pm/main:{item}")])
        .ok()
        .out;
    let text = |kind: &str| {
        let text = task.replace("kind: task", &format!("kind: {kind}"));
        let status = |line: &&str| kind == "task" || !line.starts_with("status:");
        text.split_inclusive('\n')
            .filter(status)
            .collect::<String>()
    };
    let found = || {
        let learnings = ids(&repo, &["learn", "search", "parser"]).len();
        let items = repo.data(&["search", "parser"])["items"]
            .as_array()
            .unwrap()
            .len();
        (items, learnings)
    };
    assert_eq!(found(), (1, 1));
    replace(&repo, &item, &learning, &text("learning"));
    assert_eq!(found(), (0, 2));
    replace(&repo, &learning, &item, &text("task"));
    assert_eq!(found(), (1, 1));
}

#[test]
fn learnings_of_any_form_are_shown_escaped_and_bounded() {
    let (_scene, repo) = set_up();
    let own = add(&repo, "Ours", &["--path", "src/**"]);
    let uid = |end: &str| format!("01jd4qz0r000000000000{end}");
    let doc = |uid: &str, fields: &str, body: &str| {
        format!(
            "---\nuid: \"{uid}\"\nkind: learning\n{fields}birth: \"1763625600000.0.ana0\"\n---\n{body}"
        )
    };
    let path = |uid: &str| format!("learnings/{}/{uid}.md", &uid[24..]);
    let texts = [
        (uid("aaaa1"), "title: \"a\\u001b[2Jb\"\ntags: [\"x\\ny\"]\nitem: nonsense\ncommit: \"--upload-pack=x\"\n".to_string(), "\u{1b}]0;x\u{7}".to_string()),
        (uid("aaaa2"), "type: 7\nstatus: {a: b}\npaths: [\"../..\", \"{a,b}{c,d}\", \"src/**\"]\n".into(), String::new()),
        (uid("aaaa3"), "title: [a, b]\nsupersedes: [x, \"01jd4qz0r000000000000aaaa3\"]\nuses:\n  e1:\n    vote: maybe\n    by: 7\n".into(), "word ".repeat(1_000_000)),
        (uid("aaaa4"), format!("title: \"{}\"\n", "t".repeat(100_000)), String::new()),
    ];
    for (uid, fields, body) in &texts {
        plant(&repo, &path(uid), &doc(uid, fields, body));
    }
    let listed = repo.pm(&["learn", "list", "--all"]).ok().out;
    assert!(
        !listed.contains('\u{1b}') && listed.len() < 10_000,
        "{listed:?}"
    );
    for (uid, ..) in &texts {
        let shown = repo.pm(&["learn", "show", uid]).ok();
        assert!(!shown.out.contains('\u{1b}'), "{uid}");
        repo.pm(&["--json", "learn", "show", uid]).ok();
    }
    assert!(ids(&repo, &["learn", "search", "word"]).len() == 1);
    let task = repo.task("A task", &["--path", "src/a.rs"]);
    let started = repo.data(&["start", &task, "--no-worktree"]);
    let offered = started["learnings"].as_array().unwrap();
    assert!(
        offered.iter().any(|one| one["id"].as_str() == Some(&own)),
        "{started}"
    );
    repo.pm(&["learn", "stats"]).ok();
    repo.pm(&["learn", "export", "out"]).ok();
    repo.pm(&["learn", "vote", &texts[1].0, "useful"]).ok();
    // One that is larger than anything written here cannot be written again.
    repo.pm(&["learn", "vote", &texts[2].0, "useful"]).exits(2);
    // Two that share the end of their uids have to be told apart.
    let twin = "01jd4qz0r0000000000b0aaaa1".to_string();
    plant(&repo, &path(&twin), &doc(&twin, "title: Twin\n", ""));
    let error = repo
        .pm(&["--json", "learn", "show", "L-0aaaa1"])
        .exits(4)
        .error();
    assert_eq!(error["code"], "ambiguous", "{error}");
    assert_eq!(repo.data(&["learn", "show", &twin])["title"], "Twin");
}
