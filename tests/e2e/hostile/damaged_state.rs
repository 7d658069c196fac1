//! Damaged and hostile trees: the state is unchanged, the error is clear, and no manual repair is
//! needed.

use super::{assert_no_terminal_escapes, assert_readable};
use crate::support::{Dice, Repo, Scene, forge, seed, set_up, thorough};

/// A hostile or broken content of one file, none of which is a document.
fn contents() -> Vec<(&'static str, Vec<u8>)> {
    let nested = format!("---\na: {}1{}\n---\n", "[".repeat(200), "]".repeat(200));
    let blocks: String = (0..200).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    let bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n\
                c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n---\n";
    vec![
        ("empty", b"".to_vec()),
        ("no front matter", b"# Just Markdown\n".to_vec()),
        ("broken YAML", b"---\nuid: [broken\n---\ntext\n".to_vec()),
        (
            "foreign YAML",
            b"---\nissue: 7\nstate: open\n---\ntext\n".to_vec(),
        ),
        (
            "tags",
            b"---\nuid: !!python/object:os.system x\n---\n".to_vec(),
        ),
        ("bomb", bomb.as_bytes().to_vec()),
        ("nested flow", nested.into_bytes()),
        ("nested blocks", format!("---\n{blocks}---\n").into_bytes()),
        ("wrong UTF-8", b"---\ntitle: \xff\xfe\n---\n".to_vec()),
        ("NUL", b"---\ntitle: a\0b\n---\n".to_vec()),
        ("escapes", b"---\n\x1b]0;owned\x07: \x1b[2J\n---\n".to_vec()),
        (
            "a conflict",
            b"<<<<<<< ours\n---\n=======\n---\n>>>>>>> theirs\n".to_vec(),
        ),
        ("cut off", b"---\nuid: ".to_vec()),
    ]
}

// One bad file: its item is reported as damaged, with the path; everything else works; later writes
// and a sync keep the file byte for byte.
#[test]
fn a_broken_file_damages_one_item_and_nothing_else() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    repo.task("good", &[]);
    repo.task("bad", &[]);
    repo.task("waits for the bad one", &["--depends-on", "T-0002"]);
    let path = forge::path_of(&repo, "T-0002");
    let turn = Dice::new(seed()).below(5);
    for (n, (what, bytes)) in contents().into_iter().enumerate() {
        let oid = forge::put(&repo, &path, &bytes);
        if thorough() || n % 5 == turn {
            assert_readable(&repo);
        }
        let damaged = repo.data(&["status"])["damaged"].clone();
        assert_eq!(damaged.as_array().unwrap().len(), 1, "{what}: {damaged}");
        assert_eq!(damaged[0]["path"], path.as_str(), "{what}");
        assert!(!damaged[0]["reason"].as_str().unwrap().is_empty());
        let error = repo.pm(&["--json", "show", "T-2"]).exits(5).error();
        assert!(
            error["message"].as_str().unwrap().contains(&path),
            "{what}: {error}"
        );
        assert!(
            error["hints"].to_string().contains("git "),
            "{what}: {error}"
        );
        for args in [
            &["task", "edit", "T-2", "--title", "x"][..],
            &["start", "T-2"],
        ] {
            let ran = repo.pm(args);
            assert_ne!(ran.code, 0, "{what}: {args:?}");
            assert_no_terminal_escapes(&ran);
        }
        let report = repo.pm(&["--json", "doctor"]).exits(1);
        assert!(
            report.out.contains(&path),
            "{what}: doctor does not name it"
        );
        assert_no_terminal_escapes(&repo.pm(&["doctor"]).exits(1));
        // Lists report it as well.
        for args in [&["task", "list"][..], &["triage"], &["order"]] {
            let list = repo.pm(args).ok();
            assert!(
                (list.out.clone() + &list.err).contains("damaged"),
                "{what}: an item is missing from {args:?} without a warning"
            );
        }
        let made = repo.task("made meanwhile", &[]);
        assert_ne!(
            made, "T-0002",
            "{what}: the damaged item's number was assigned again"
        );
        repo.pm(&["task", "edit", "T-1", "--title", what]).ok();
        repo.pm(&["task", "comment", "T-1", "x"]).ok();
        assert_eq!(
            forge::oid(&repo, &path),
            oid,
            "{what}: a write changed the damaged file"
        );
    }
    repo.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    b.task("from b", &[]);
    repo.task("from a", &[]);
    for place in [&b, &repo, &b] {
        place.pm(&["sync"]).ok();
    }
    assert_eq!(b.state_tree(), repo.state_tree());
    let last = contents().pop().unwrap().1;
    assert_eq!(
        forge::oid(&b, &path),
        forge::blob(&repo, &last),
        "a join changed it"
    );
    // After a repair with plain git everything works.
    let good = repo
        .git(&[
            "log",
            "--format=%H",
            "--reverse",
            "refs/pm/main",
            "--",
            &path,
        ])
        .text();
    let first = good.lines().next().unwrap();
    let text = repo
        .git(&["cat-file", "blob", &format!("{first}:{path}")])
        .ok()
        .out;
    forge::put(&repo, &path, text.as_bytes());
    repo.pm(&["doctor"]).ok();
    assert_eq!(repo.data(&["show", "T-2"])["title"], "bad");
}

/// A good state with all kinds of entries that are not allowed.
fn hostile(repo: &Repo) -> String {
    let root = repo.state_tree();
    let path = forge::path_of(repo, "T-0001");
    let good = forge::oid(repo, &path);
    let text = forge::blob(repo, b"owned\n");
    let link = forge::blob(repo, b"/etc/passwd");
    let up = forge::blob(repo, b"../../../../canary");
    let head = repo.tip("HEAD");
    let mut deep = forge::tree(repo, &[("100644".into(), b"x.md".to_vec(), text.clone())]);
    for _ in 0..200 {
        deep = forge::tree(repo, &[("40000".into(), b"d".to_vec(), deep)]);
    }
    let mut now = root;
    let mut add = |path: &[&[u8]], mode: &str, oid: &str| {
        now = forge::with(repo, Some(&now), path, mode, oid);
    };
    add(&[b"tasks", b"00", b"..", b"canary"], "100644", &text);
    add(&[b"..", b"canary"], "100644", &text);
    add(&[b"tasks", b"00", b".git", b"config"], "100644", &text);
    add(&[b".git", b"hooks", b"pre-commit"], "100755", &text);
    add(&[b"tasks", b".GIT", b"x"], "100644", &text);
    add(&[b"tasks", b"git~1"], "100644", &text);
    add(&[b"tasks", b"00", b"T-0090-aaaa.md"], "120000", &link);
    add(&[b"tasks", b"01"], "120000", &up);
    add(&[b"comments"], "120000", &link);
    add(&[b"messages"], "160000", &head);
    add(&[b"tasks", b"00", b"T-0091-aaaa.md"], "160000", &head);
    add(&[b"epics"], "100644", &text);
    add(&[b"tasks", b"deep"], "40000", &deep);
    add(
        &[b"tasks", b"00", b"T-0092-\x1b[2J\x07.md"],
        "100644",
        &good,
    );
    add(&[b"tasks", b"00", b"T-0093-\xff\xfe.md"], "100644", &good);
    add(&[b"tasks", b"00", b"T-0094-a\nb.md"], "100644", &good);
    add(
        &[b"tasks", b"00", "T-0095-\u{202e}dm.md".as_bytes()],
        "100644",
        &good,
    );
    add(&[b"tasks", b"00", b"T-0096-c:\\x.md"], "100644", &good);
    add(&[b"\x1b]0;owned\x07"], "100644", &text);
    // A good document at a path that does not belong to it.
    add(&[b"tasks", b"00", b"T-0002-aaaa.md"], "100644", &good);
    forge::commit(repo, &now);
    path
}

fn assert_untouched(scene: &Scene, repo: &Repo) {
    for name in ["canary", "a/canary", "../canary"] {
        assert!(!scene.dir.path().join(name).exists(), "{name} was written");
    }
    assert_eq!(repo.git(&["status", "--porcelain"]).ok().out, "");
    let hook = repo.path.join(".git/hooks/pre-commit");
    assert!(
        !std::fs::read_to_string(hook)
            .unwrap_or_default()
            .contains("owned")
    );
}

// Bad names, links, submodules and nesting are never followed and never printed raw; everything
// else works, also later writes.
#[test]
fn a_hostile_tree_is_neither_followed_nor_printed_raw() {
    let (scene, repo) = set_up();
    repo.task("good", &["--body", "text"]);
    let path = hostile(&repo);
    assert_readable(&repo);
    let item = repo.data(&["show", "T-0001"]);
    assert_eq!(item["body"], "text");
    assert!(
        !repo.pm(&["--json", "status"]).out.contains("root:x:"),
        "a link was followed"
    );
    let ran = repo.pm(&["doctor"]).exits(1);
    assert_no_terminal_escapes(&ran);
    for part in ["T-0090-aaaa.md", "T-0092-", "T-0002-aaaa.md"] {
        assert!(
            ran.out.contains(part),
            "doctor does not name {part}: {}",
            ran.out
        );
    }
    repo.pm(&["task", "edit", "T-1", "--title", "changed"]).ok();
    repo.pm(&["task", "comment", "T-1", "a word"]).ok();
    let item = repo.data(&["show", "T-1"]);
    assert_eq!(item["title"], "changed");
    assert_eq!(
        item["comments"][0]["body"], "a word",
        "an acknowledged comment is lost"
    );
    let id = repo.task("more", &[]);
    repo.pm(&["epic", "create", "An epic"]).ok();
    assert_eq!(
        repo.data(&["show", "E-1"])["title"],
        "An epic",
        "an epic is lost"
    );
    repo.pm(&["start", &id]).ok();
    repo.pm(&["reserve", "add", "docs/**"]).ok();
    assert_eq!(forge::path_of(&repo, "T-0001"), path);
    assert_readable(&repo);
    repo.pm(&["worktree", "gc"]).ok();
    assert_untouched(&scene, &repo);
}

// The same pushed by a user with write access: all clones can still sync, and nothing is lost.
#[test]
fn a_pushed_hostile_tree_does_not_stop_other_clones() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("good", &["--body", "text"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    let c = scene.clone_of(&hub, "c", "Carl");
    b.task("b's own", &[]);
    c.pm(&["--offline", "task", "comment", "T-1", "c's own"])
        .ok();
    hostile(&a);
    a.git(&["push", "-q", "--no-verify", "origin", "refs/pm/main"])
        .ok();
    for place in [&b, &c, &b, &a, &c, &b, &a] {
        assert_no_terminal_escapes(&place.pm(&["sync"]).ok());
    }
    for place in [&a, &b, &c] {
        assert_eq!(place.state_tree(), a.state_tree());
        assert_eq!(place.data(&["show", "T-2"])["title"], "b's own");
        let item = place.data(&["show", "T-1"]);
        assert_eq!(item["body"], "text");
        assert_eq!(item["comments"][0]["body"], "c's own", "a comment is lost");
        place.git(&["status", "--porcelain"]).ok();
    }
    b.pm(&["start", "T-2"]).ok();
    assert_untouched(&scene, &a);
    assert_readable(&b);
    // A new clone can adopt it, too.
    let d = scene.clone_of(&hub, "d", "Dora");
    assert_readable(&d);
}

// A file of 50 MB, also as pm.yaml.
#[test]
fn a_file_of_50_mb_is_not_read() {
    let (_scene, repo) = set_up();
    repo.task("good", &[]);
    repo.task("big", &[]);
    let path = forge::path_of(&repo, "T-0002");
    repo.git(&["config", "core.looseCompression", "1"]).ok();
    let big = vec![b'x'; 50 * 1024 * 1024];
    let oid = forge::put(&repo, &path, &big);
    drop(big);
    assert_readable(&repo);
    let error = repo.pm(&["--json", "show", "T-2"]).exits(5).error();
    assert!(
        error["message"].as_str().unwrap().contains(&path),
        "{error}"
    );
    repo.pm(&["task", "edit", "T-1", "--title", "x"]).ok();
    assert_eq!(forge::oid(&repo, &path), oid);
}

#[test]
fn a_damaged_or_newer_pm_yaml_stops_only_writes_and_gives_the_reason() {
    let (_scene, repo) = set_up();
    repo.task("T", &[]);
    let good = forge::read(&repo, "pm.yaml");
    let clean = repo.tip("refs/pm/main");
    forge::put(&repo, "pm.yaml", b"---\n: [\n---\n");
    let broken = repo.tip("refs/pm/main");
    repo.pm(&["task", "list"]).ok();
    let error = repo.pm(&["--json", "task", "create", "x"]).exits(5).error();
    assert!(
        error["message"].as_str().unwrap().contains("pm.yaml"),
        "{error}"
    );
    assert_eq!(repo.tip("refs/pm/main"), broken);
    repo.pm(&["doctor"]).exits(1);
    repo.git(&["update-ref", "refs/pm/main", &clean]).ok();
    // A newer major version.
    let newer = forge::of_format(&good, "9.0");
    assert_ne!(newer, good, "{good}");
    forge::put(&repo, "pm.yaml", newer.as_bytes());
    let tip = repo.tip("refs/pm/main");
    for args in [
        &["task", "create", "x"][..],
        &["task", "list"],
        &["status"],
        &["start", "T-1"],
    ] {
        let mut all = vec!["--json"];
        all.extend(args);
        let error = repo.pm(&all).exits(5).error();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("9.0"), "{args:?}: {error}");
        assert!(
            error["hints"].to_string().contains("newer git pm"),
            "{error}"
        );
    }
    assert_eq!(repo.tip("refs/pm/main"), tip);
}

// A newer minor version: edits and joins keep unknown fields and files byte for byte.
#[test]
fn additions_of_a_newer_minor_version_are_kept() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("T", &["--body", "text"]);
    let yaml = forge::of_format(&forge::read(&a, "pm.yaml"), "3.7");
    forge::put(&a, "pm.yaml", yaml.as_bytes());
    let path = forge::path_of(&a, "T-0001");
    let text = forge::read(&a, &path).replacen(
        "title: T\n",
        "title: T\nfuture_list: [one, two]\nfuture_map: {\"a\": {\"b\": [1, {\"c\": null}]}}\nfuture_text: \"\u{1b}[31m\"\n",
        1,
    );
    // Escaped as in YAML.
    let text = text.replace('\u{1b}', "\\u001b");
    forge::put(&a, &path, text.as_bytes());
    let file = forge::put(&a, "future/deep/file.bin", b"\x00\x01\xff not ours");
    let top = forge::put(&a, "future.txt", b"top level\n");
    assert_readable(&a);
    assert_eq!(a.data(&["status"])["damaged"], serde_json::json!([]));
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    a.pm(&["task", "edit", "T-1", "--title", "From a"]).ok();
    b.pm(&["task", "edit", "T-1", "-p", "0"]).ok();
    for place in [&a, &b, &a] {
        place.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    let after = forge::read(&b, &path);
    for part in ["future_list", "one", "two", "future_map", "future_text"] {
        assert!(after.contains(part), "{part} is lost:\n{after}");
    }
    let item = b.data(&["show", "T-1"]);
    assert_eq!(item["title"], "From a");
    assert_eq!(item["priority"], 0);
    assert_eq!(forge::oid(&b, "future/deep/file.bin"), file);
    assert_eq!(forge::oid(&b, "future.txt"), top);
    assert!(
        forge::read(&b, "pm.yaml").contains("3.7"),
        "the format was written down"
    );
}
