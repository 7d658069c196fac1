//! Attacks: damaged and hostile documents, and the version of the format (faults 1 to 5).

use crate::support::{Repo, Scene, agent, forge, set_up};

/// Puts a task into the state whose front matter has these lines.
fn put_task(repo: &Repo, number: usize, lines: &str) -> String {
    let uid = format!("01jd4qz0r0000000000000{number:04}");
    let path = format!("tasks/00/T-{number:04}-{number:04}.md");
    let text = format!(
        "---\nid: T-{number:04}\nuid: \"{uid}\"\nkind: task\ntitle: t\n{lines}birth: \"1000.0.a\"\n---\n"
    );
    forge::put(repo, &path, text.as_bytes());
    path
}

/// n elements and n aliases of all of them: 103 n² bytes of memory for whoever resolves aliases.
fn bomb(n: usize) -> String {
    let elements = vec!["z"; n].join(",");
    let aliases = "*a,#\n".repeat(n);
    format!("x: [#\n&a [{elements}],#\n{aliases}*a]\n")
}

/// Every form of the review in which a comment hid anchors and aliases from a scanner.
const HIDDEN: &[&str] = &[
    "x: [#\n&a z,#\n*a]\n",
    "x: {#\n!!int \"7\": 1}\n",
    "x: [[a]#]\n, &b c, *b]\n",
    "\"a\"#b: \"\ny: &a [z]\nz: *a\nw: \"q\"\n",
    "[a]#b: \"\ny: &a [z]\nz: *a\nw: \"q\"\n",
    "- [a]#b: \"\ny: &a [z]\nz: *a\nw: \"q\"\n",
    "x: {a: b,#\n &c d: *c}\n",
    "x: 'a'#\n  &b\n",
    "x: |#\n *a\n",
];

#[test]
fn fault_1_a_memory_bomb_is_a_damaged_document_and_the_guard_still_refuses() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Real work", &[]);
    a.pm(&["reserve", "add", "src/auth.rs", "--ttl", "2h"]).ok();
    let path = put_task(&a, 9000, &bomb(10_000));
    for (n, form) in HIDDEN.iter().enumerate() {
        put_task(&a, 9001 + n, form);
    }
    a.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    // With 256 MiB of memory every command works; the bomb would take ten gigabytes.
    let limited = |args: &str| {
        let binary = crate::support::binary();
        b.run(
            "/bin/sh",
            &["-c", &format!("ulimit -v 1500000; exec {binary} {args}")],
        )
    };
    let listed = limited("list").ok();
    assert!(listed.out.contains("Real work"), "{listed:?}");
    let status = limited("--json status").ok().data();
    let damaged = status["damaged"].to_string();
    assert!(damaged.contains(&path), "{damaged}");
    assert_eq!(
        status["damaged"].as_array().unwrap().len(),
        1 + HIDDEN.len()
    );
    let report = limited("--json fsck").data();
    assert!(report.to_string().contains("file-damaged"), "{report}");
    b.write("src/auth.rs", "changed\n");
    b.git(&["add", "-A"]).ok();
    let refused = b.git(&["commit", "-qm", "x"]).exits(1);
    assert!(refused.err.contains("src/auth.rs"), "{refused:?}");
    assert!(!refused.err.contains("nothing was checked"), "{refused:?}");
    b.pm(&["task", "create", "Still works"]).ok();
    b.pm(&["sync"]).ok();
}

#[test]
fn fault_1_a_damaged_document_is_repaired_from_its_history() {
    let (_scene, repo) = set_up();
    repo.task("Mine", &[]);
    let path = forge::path_of(&repo, "T-0001");
    let good = forge::read(&repo, &path);
    let bad = good.replace("title: Mine", "title: &a Mine");
    forge::put(&repo, &path, bad.as_bytes());
    repo.pm(&["fsck"]).exits(5);
    repo.pm(&["fsck", "--repair"]).ok();
    assert_eq!(forge::read(&repo, &path), good);
}

#[test]
fn fault_2_a_format_that_is_no_version_is_refused_like_an_unknown_one() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    b.pm(&["sync"]).ok();
    let good = forge::read(&a, "pm.yaml");
    let line = "format: \"3.0\"\n";
    assert!(good.contains(line), "{good}");
    for form in [
        "format: \"3\"\n",
        "format: 3.0\n",
        "format: \"3.0.0\"\n",
        "format: \"v3.0\"\n",
        "format: 7\n",
        "format: \"03.0\"\n",
        "format: \"+3.0\"\n",
        "format: \"3.0 \"\n",
        "format: \"3.\"\n",
        "format: null\n",
        "format: true\n",
        "format: [\"3.0\"]\n",
        "",
    ] {
        let before = a.tip("refs/pm/main");
        forge::put(&a, "pm.yaml", good.replace(line, form).as_bytes());
        for args in [
            &["list"][..],
            &["task", "create", "x"],
            &["status"],
            &["migrate"],
            &["sync"],
        ] {
            let ran = a.pm(&[&["--json"], args].concat()).exits(5).error();
            let told = ran.to_string();
            assert!(told.contains("pm.yaml"), "{form:?} {args:?}: {told}");
        }
        let told = a.pm(&["list"]).exits(5).err;
        assert!(
            told.contains("newer git pm") && told.contains("--repair"),
            "{form:?}: {told}"
        );
        // Another clone does not take it either.
        a.git(&["push", "-qf", "origin", "refs/pm/main"]).ok();
        let tip = b.tip("refs/pm/main");
        b.pm(&["sync"]).exits(5);
        assert_eq!(b.tip("refs/pm/main"), tip, "{form:?}");
        // The way out works.
        a.pm(&["fsck", "--repair"]).ok();
        assert_eq!(forge::read(&a, "pm.yaml"), good, "{form:?}");
        a.pm(&["list"]).ok();
        a.git(&["update-ref", "refs/pm/main", &before]).ok();
        a.git(&["push", "-qf", "origin", "refs/pm/main"]).ok();
        b.pm(&["sync"]).ok();
    }
}

#[test]
fn a_hook_that_meets_a_newer_format_keeps_to_the_last_state_that_it_can_read() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.pm(&["reserve", "add", "src/auth.rs", "--ttl", "2h"])
        .ok();
    let newer = forge::of_format(&forge::read(&repo, "pm.yaml"), "9.0");
    let unversioned = newer.replace("\"9.0\"", "9.0");
    for (text, free) in [(newer, "one.txt"), (unversioned, "two.txt")] {
        forge::put(&repo, "pm.yaml", text.as_bytes());
        let bob = repo.by("Bob");
        bob.write("src/auth.rs", "Bob's\n");
        bob.git(&["add", "-A"]).ok();
        let ran = bob.git(&["commit", "-qm", "x"]).exits(1);
        assert!(ran.err.contains("git pm reserve list"), "{ran:?}");
        assert!(ran.err.contains("the last that can be read"), "{ran:?}");
        assert!(ran.err.contains("install a newer git pm"), "{ran:?}");
        bob.git(&["reset", "-q", "--hard"]).ok();
        bob.write(free, "x\n");
        bob.git(&["add", "-A"]).ok();
        let ran = bob.git(&["commit", "-qm", "x"]).ok();
        assert!(ran.err.contains("install a newer git pm"), "{ran:?}");
        // Other commands refuse, as before.
        repo.pm(&["list"]).exits(5);
    }
    // So do its rules, for agents.
    let (_scene, other) = set_up();
    other
        .pm(&["config", "--shared", "pm.protectedPaths", "secret/"])
        .ok();
    let newer = forge::of_format(&forge::read(&other, "pm.yaml"), "9.0");
    forge::put(&other, "pm.yaml", newer.as_bytes());
    let robot = agent(&other);
    robot.write("secret/a", "x\n");
    robot.git(&["add", "-A"]).ok();
    robot.git(&["commit", "-qm", "x"]).exits(1);
}

#[test]
fn fault_3_an_artifact_whose_content_a_redaction_removed_is_redacted_too() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let id = a.task("Publish", &["--body", "the word is xyzzy42"]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["redact", "xyzzy42"]).ok();
    b.write("short.txt", "xyzzy42");
    b.pm(&["--offline", "artifact", "put", &id, "short.txt"])
        .ok();
    let hash = b.data(&["artifact", "list", &id])["items"][0]["sha256"].clone();
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    for repo in [&a, &b] {
        let report = repo.data(&["fsck"]);
        assert_eq!(report["faults"], 0, "{report:#}");
        let shown = repo.data(&["artifact", "list", &id]);
        assert!(shown["items"][0]["sha256"].is_null(), "{shown}");
        let told = repo.pm(&["artifact", "get", &id, "short.txt"]).exits(5).err;
        assert!(told.contains("redacted"), "{told}");
        let all = repo.git(&["grep", "-F", hash.as_str().unwrap(), "refs/pm/main"]);
        assert_eq!(all.code, 1, "the hash is still there: {}", all.out);
    }
}

#[test]
fn fault_4_a_repair_keeps_both_of_two_items_whose_names_meet() {
    let (_scene, repo) = set_up();
    let put = |born: &str, uid: &str, name: &str| {
        let text = format!(
            "---\nid: \"{born}\"\nuid: \"{uid}\"\nkind: issue\ntitle: x\ntype: bug\nstatus: queued\nbirth: \"1000.0.a\"\n---\n"
        );
        forge::put(&repo, name, text.as_bytes());
    };
    let stem = "id-c21dd09a365ea4b93d02aed2";
    let folder = &git_pm::internals::model::uid::sha256_hex(b"a b685")[..2];
    assert_eq!(
        *folder,
        git_pm::internals::model::uid::sha256_hex(stem.as_bytes())[..2]
    );
    put(
        "a b685",
        "01jd4qz0r0000000000000k3f9",
        &format!("issues/{folder}/{stem}-k3f9.md"),
    );
    put(
        stem,
        "01jd4qz0r0000000000001k3f9",
        &format!("issues/{folder}/{stem}-0001k3f9.md"),
    );
    let files = |repo: &Repo| {
        repo.git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "issues/"])
            .out
    };
    let before = files(&repo);
    assert_eq!(before.lines().count(), 2);
    let report = repo.data(&["fsck", "--repair"]);
    assert!(!report.to_string().contains("path-suffix"), "{report}");
    assert_eq!(files(&repo), before);
}

#[test]
fn fault_5_a_redaction_leaves_the_run_that_decides_a_path() {
    let (_scene, repo) = set_up();
    let folder = "runs/s8/01jd4qz0r0000000000000s8s8";
    let path = format!("{folder}/01jd4qz0r0000000000000t9t9.md");
    for (path, vector) in [
        (&format!("{folder}/01jd4qz0r0000000000000s8s8.md"), "run"),
        (&path, "run-task"),
    ] {
        let file = format!("{}/testdata/format/{vector}.md", env!("CARGO_MANIFEST_DIR"));
        forge::put(&repo, path, &std::fs::read(file).unwrap());
    }
    repo.task("about s8s8 here", &[]);
    let damaged = || repo.data(&["status"])["damaged"].clone();
    assert_eq!(damaged(), serde_json::json!([]));
    let report = repo.pm(&["redact", "s8s8"]).exits(8);
    assert!(report.out.contains("never redacted"), "{report:?}");
    assert_eq!(damaged(), serde_json::json!([]));
    assert!(forge::read(&repo, &path).contains("\nrun: \"01jd4qz0r0000000000000s8s8\"\n"));
}

/// Without the settings of a damaged `pm.yaml` no path would be protected.
#[test]
fn fault_2_a_hook_that_meets_a_damaged_pm_yaml_keeps_to_the_last_that_it_can_read() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "--shared", "pm.protectedPaths", "secret/"])
        .ok();
    repo.pm(&["reserve", "add", "src/auth.rs", "--ttl", "2h"])
        .ok();
    let good = forge::read(&repo, "pm.yaml");
    let robot = agent(&repo);
    for (from, to) in [
        ("kind: repository\n", "kind: repository # c\n"),
        ("kind: repository\n", "kind: other\n"),
        ("kind: repository\n", "kind: [repository\n"),
        (good.as_str(), ""),
    ] {
        forge::put(&repo, "pm.yaml", good.replacen(from, to, 1).as_bytes());
        let said = robot.pm(&["config", "pm.protectedPaths"]);
        let said = format!("{}{}", said.out, said.err);
        assert!(
            said.contains("pm.yaml in the state cannot be read"),
            "{said}"
        );
        robot.write("secret/a", "x\n");
        robot.git(&["add", "-A"]).ok();
        let ran = robot.git(&["commit", "-qm", "x"]).exits(1);
        assert!(ran.err.contains("secret/a"), "{ran:?}");
        assert!(ran.err.contains("the last that can be read"), "{ran:?}");
        assert!(ran.err.contains("git pm fsck --repair"), "{ran:?}");
        robot.git(&["reset", "-q", "--hard"]).ok();
        let bob = repo.by("Bob");
        bob.write("src/auth.rs", "Bob's\n");
        bob.git(&["add", "-A"]).ok();
        bob.git(&["commit", "-qm", "x"]).exits(1);
        bob.git(&["reset", "-q", "--hard"]).ok();
        repo.pm(&["fsck", "--repair"]).ok();
        assert_eq!(forge::read(&repo, "pm.yaml"), good);
    }
}

#[test]
fn fault_2_doctor_and_config_say_that_a_newer_format_is_not_read() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    let newer = forge::of_format(&forge::read(&repo, "pm.yaml"), "9.0");
    forge::put(&repo, "pm.yaml", newer.as_bytes());
    let doctor = repo.pm(&["doctor"]);
    let said = format!("{}{}", doctor.out, doctor.err);
    assert_ne!(doctor.code, 0, "{said}");
    assert!(said.contains("the state has format 9.0"), "{said}");
    for args in [&["config", "pm.approval"][..], &["config"]] {
        let ran = repo.pm(args).ok();
        assert!(ran.err.contains("shared settings are not shown"), "{ran:?}");
        assert!(ran.err.contains("format 9.0"), "{ran:?}");
    }
}

#[test]
fn fault_2_fsck_names_a_priority_that_is_no_number() {
    let (_scene, repo) = set_up();
    repo.task("One", &["--priority", "0"]);
    let path = forge::path_of(&repo, "T-0001");
    let good = forge::read(&repo, &path);
    let word = good.replace("\npriority: 0\n", "\npriority: high\n");
    assert_ne!(word, good);
    forge::put(&repo, &path, word.as_bytes());
    let told = repo.data(&["fsck"]).to_string();
    assert!(told.contains("priority-malformed"), "{told}");
    assert!(
        told.contains("high") && told.contains("counts as 2"),
        "{told}"
    );
}
