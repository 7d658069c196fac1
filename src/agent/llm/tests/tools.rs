//! The tools as used by a model, and their results.

use serde_json::{Value, json};

use super::*;

/// The results of tools as the model reads them.
fn used(bench: &mut Bench, server: &Server) -> String {
    bench.finish();
    server.requests().last().unwrap().results().join("\n")
}

fn one_call(name: &'static str, arguments: Value) -> Server {
    Server::new(move |request| match request.results().len() {
        0 => Reply::call(name, arguments.clone()),
        _ => Reply::say("Done."),
    })
}

#[track_caller]
fn result(prepare: impl Fn(&Bench), name: &'static str, arguments: Value) -> String {
    let server = one_call(name, arguments);
    let mut bench = Bench::new(&server, "chat/m");
    prepare(&bench);
    used(&mut bench, &server)
}

#[test]
fn files_are_listed_searched_and_read_in_parts() {
    let prepare = |bench: &Bench| {
        std::fs::create_dir(bench.path("src")).unwrap();
        bench.write("src/a.rs", "fn one() {}\nfn Two() {}\n");
        bench.write(".gitignore", "target\n");
        bench.write("target", "fn one");
        let long = format!("{}\n", "word ".repeat(30)).repeat(900);
        bench.write("long.txt", &long);
    };
    let list = result(prepare, "list_files", json!({}));
    assert_eq!(list, ".gitignore\nREADME.md\nlong.txt\nsrc/a.rs");
    assert_eq!(
        result(prepare, "list_files", json!({ "path": "src/" })),
        "src/a.rs"
    );
    let found = result(
        prepare,
        "search",
        json!({ "pattern": "fn (one|two)", "ignore_case": true }),
    );
    assert_eq!(found, "src/a.rs:1:fn one() {}\nsrc/a.rs:2:fn Two() {}");
    assert_eq!(
        result(prepare, "search", json!({ "pattern": "nowhere" })),
        "no matches"
    );
    let bad = result(prepare, "search", json!({ "pattern": "(" }));
    assert!(bad.contains("fatal"), "{bad}");
    let part = result(
        prepare,
        "read_file",
        json!({ "path": "src/a.rs", "first_line": 2, "lines": "1" }),
    );
    assert!(
        part.starts_with("fn Two() {}\n[lines 2 to 2 of 2"),
        "{part}"
    );
    let long = result(prepare, "read_file", json!({ "path": "long.txt" }));
    assert!(
        long.len() < 50_000 && long.contains("of 900; continue with first_line]"),
        "{}",
        long.len()
    );
    let none = result(prepare, "read_file", json!({ "path": "src" }));
    assert!(none.contains("is a folder"), "{none}");
}

#[test]
fn edits_are_exact() {
    let prepare = |bench: &Bench| bench.write("a.txt", "one two\ntwo\r\n");
    let edit = |old: &str, new: &str, all: bool| {
        let arguments = json!({ "path": "a.txt", "old": old, "new": new, "all": all });
        let server = one_call("edit_file", arguments);
        let mut bench = Bench::new(&server, "chat/m");
        prepare(&bench);
        let told = used(&mut bench, &server);
        (told, bench.read("a.txt"))
    };
    assert_eq!(edit("one", "1", false).1, "1 two\ntwo\r\n");
    assert_eq!(edit("two", "2", true).1, "one 2\n2\r\n");
    let (told, text) = edit("two", "2", false);
    assert!(
        told.contains("2 times") && text == "one two\ntwo\r\n",
        "{told}"
    );
    assert!(edit("three", "3", false).0.contains("not in the file"));
    assert!(edit("", "3", false).0.contains("empty"));
    let (told, text) = edit("one", "[redacted: email]", false);
    assert!(
        told.contains("not shown") && text == "one two\ntwo\r\n",
        "{told}"
    );
}

#[test]
fn commands_have_bounds_and_no_keys() {
    let server = Server::new(|request| match request.results().len() {
        0 => Reply::run("env; echo; echo \"$(cat /proc/self/environ | tr '\\0' '\\n')\""),
        1 => Reply::run("yes 0123456789 | head -c 9000000; echo end >&2; exit 3"),
        2 => Reply::call(
            "run_command",
            json!({ "command": "sleep 30", "timeout_seconds": 1 }),
        ),
        3 => Reply::run("printf '\\033[31mred\\033[0m'; sleep 100 & echo $! > ../pid"),
        _ => Reply::say("Done."),
    });
    let mut bench = Bench::new(&server, "openai/m");
    for name in [
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "GITHUB_TOKEN",
        "DB_PASSWORD",
    ] {
        bench
            .to
            .env
            .insert(name.into(), "key-for-tests-only".into());
    }
    bench.finish();
    let results = server.requests().last().unwrap().results();
    assert!(results[0].contains("GIT_PM_TASK=T-0001"), "{}", results[0]);
    for name in ["API_KEY", "GITHUB_TOKEN", "PASSWORD", "key-for-tests"] {
        assert!(!results[0].contains(name), "{name}: {}", results[0]);
    }
    let long = &results[1];
    assert!(long.len() < 50_000, "{}", long.len());
    assert!(
        long.contains("bytes omitted here") && long.contains("[exit code 3]"),
        "{long}"
    );
    assert!(
        results[2].contains("killed at its time limit of 1 seconds"),
        "{}",
        results[2]
    );
    assert_eq!(results[3], "red");
    let pid = std::fs::read_to_string(bench.dir.path().join("tree/../pid")).unwrap();
    let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
    assert!(
        state.is_err() || state.unwrap().contains(") Z "),
        "it goes on"
    );
}

#[test]
fn changes_are_shown_with_new_files() {
    let prepare = |bench: &Bench| {
        bench.write("README.md", "# Another\n");
        bench.write("new.txt", "x");
    };
    let diff = result(prepare, "git_diff", json!({}));
    assert!(
        diff.contains("-# A project") && diff.contains("+# Another"),
        "{diff}"
    );
    assert!(diff.ends_with("New files:\nnew.txt\n"), "{diff}");
}

/// Paths out of the worktree are refused by every tool.
#[test]
fn paths_out_of_the_worktree_are_refused() {
    let calls: Vec<(&str, Value)> = vec![
        ("read_file", json!({ "path": "../secret" })),
        ("read_file", json!({ "path": "/etc/passwd" })),
        ("read_file", json!({ "path": "link/secret" })),
        ("read_file", json!({ "path": ".git/config" })),
        ("write_file", json!({ "path": "../new", "content": "x" })),
        ("write_file", json!({ "path": "link/new", "content": "x" })),
        (
            "write_file",
            json!({ "path": ".git/hooks/pre-commit", "content": "x" }),
        ),
        (
            "edit_file",
            json!({ "path": "../secret", "old": "s", "new": "x" }),
        ),
        ("list_files", json!({ "path": ".." })),
        ("search", json!({ "pattern": "s", "path": "/etc" })),
        ("git_diff", json!({ "path": "../" })),
    ];
    let all = calls
        .iter()
        .map(|(name, arguments)| (name.to_string(), arguments.to_string()));
    let call = Reply::Call(String::new(), all.collect());
    let server = Server::new(move |request| match request.results().len() {
        0 => call.clone(),
        _ => Reply::say("Done."),
    });
    let mut bench = Bench::new(&server, "chat/m");
    std::fs::write(bench.path("../secret"), "the secret").unwrap();
    std::os::unix::fs::symlink("..", bench.path("link")).unwrap();
    let config = bench.read(".git/config");
    bench.finish();
    let results = server.requests().last().unwrap().results();
    for ((name, arguments), result) in calls.iter().zip(&results) {
        let refused = ["outside the worktree", "leads outside", "belongs to git"];
        assert!(
            refused.iter().any(|why| result.contains(why)),
            "{name} {arguments}: {result}"
        );
    }
    assert!(!bench.path("../new").exists() && !bench.path(".git/hooks/pre-commit").exists());
    assert_eq!(bench.read(".git/config"), config);
    assert_eq!(bench.read("../secret"), "the secret");
}

/// SE-01: a part of a secret is not recognized, so whole files are searched for secrets before a
/// part is shown.
#[test]
fn se_01_a_part_of_a_private_key_does_not_leave_the_machine() {
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
    let kind = ["PRIVATE", "KEY"].join(" ");
    let key = format!("-----BEGIN {kind}-----\n{line}\n{line}\n{line}\n-----END {kind}-----\n");
    for (first, shown) in [(3, ""), (6, "after")] {
        let server = one_call("read_file", json!({ "path": "key", "first_line": first }));
        let mut bench = Bench::new(&server, "anthropic/m");
        bench.endpoint = Endpoint::for_test(&server.url, false, "key-for-tests-only");
        bench.write("key", &format!("{key}after\n"));
        bench.finish();
        let result = &server.requests().last().unwrap().results()[0];
        assert!(!result.contains(line) && result.contains(shown), "{result}");
    }
    // The cut in a long output removes the beginning of the key.
    let command = "yes 0123456789 | head -c 9000000; cat key";
    let server = one_call("run_command", json!({ "command": command }));
    let mut bench = Bench::new(&server, "anthropic/m");
    bench.endpoint = Endpoint::for_test(&server.url, false, "key-for-tests-only");
    let filler = format!("{line}\n").repeat(4_000);
    let begin = format!("-----BEGIN {kind}-----\n{filler}");
    bench.write("key", &format!("{begin}-----END {kind}-----\nafter\n"));
    bench.finish();
    let result = &server.requests().last().unwrap().results()[0];
    assert!(
        !result.contains(line) && result.contains("after"),
        "{result}"
    );
}

/// SE-01, SE-06: a model elsewhere reads no secrets and no personal data; one on this machine reads
/// files as they are.
#[test]
fn se_01_secrets_do_not_leave_the_machine() {
    // Assembled here, so that this file contains no secret.
    let secret = ["AKIA", "Z7QJ4KXW2N5VRTLM"].concat();
    for is_local in [true, false] {
        let server = one_call("read_file", json!({ "path": "conf" }));
        let mut bench = Bench::new(&server, "anthropic/m");
        bench.endpoint = Endpoint::for_test(&server.url, is_local, "key-for-tests-only");
        bench.write(
            "conf",
            &format!("id={secret}\nmail jane.doe@acme-corp.de\nkey-for-tests-only\n"),
        );
        bench.to.prompt = format!("Use {secret}, ask jane.doe@acme-corp.de.");
        bench.finish();
        for request in server.requests() {
            let text = request.text();
            assert_eq!(text.contains(&secret), is_local, "{text}");
            assert_eq!(text.contains("jane.doe"), is_local, "{text}");
            assert!(!text.contains("key-for-tests-only"), "{text}");
        }
        assert_eq!(bench.heard.notes.len(), usize::from(!is_local));
    }
}
