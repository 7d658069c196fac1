//! State and surroundings as nobody wants them: damaged and hostile trees, texts that steer a
//! terminal, a repository that cannot be written. The state stays as it was, the error is clear,
//! and nothing needs a hand afterwards.

use std::os::unix::ffi::OsStrExt;
use std::process::Stdio;

use crate::forge;
use crate::support::{Ran, Repo, Scene};

fn set_up() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    (scene, repo)
}

/// Every command that only reads.
const READS: &[&[&str]] = &[
    &[],
    &["status"],
    &["task", "list", "--all"],
    &["show", "T-0001"],
    &["log"],
    &["log", "--conflicts"],
    &["log", "T-0001"],
    &["show", "T-0001", "--at", "now"],
    &["task", "list", "--at", "now"],
    &["diff"],
    &["task", "tree"],
    &["ready"],
    &["blocked"],
    &["why", "T-0001"],
    &["dep", "list", "T-0001"],
    &["conflicts"],
    &["reserve", "list"],
    &["worktree", "list"],
    &["triage"],
    &["insight"],
    &["order"],
    &["tracks"],
    &["graph"],
    &["graph", "--format", "dot"],
    &["graph", "--format", "mermaid"],
    &["related", "T-0001"],
    &["suggest"],
    &["count", "--by", "label"],
];

/// Requires that nothing of an output could steer a terminal.
#[track_caller]
fn assert_calm(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        let bad = text.chars().find(|c| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert!(
            bad.is_none(),
            "`{}` printed {bad:?} raw: {text:?}",
            ran.what
        );
    }
}

/// All reads work, as text and as JSON, and print nothing raw.
#[track_caller]
fn assert_readable(repo: &Repo) {
    for args in READS {
        assert_calm(&repo.pm(args).ok());
        let mut all = vec!["--json"];
        all.extend(*args);
        let ran = repo.pm(&all).ok();
        assert_calm(&ran);
        ran.data();
    }
}

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

// Bad input: one bad file. That item is damaged, with its path; everything else works; the file
// stays byte for byte through later writes and a sync.
#[test]
fn a_broken_file_damages_one_item_and_nothing_else() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    repo.task("good", &[]);
    repo.task("bad", &[]);
    repo.task("waits for the bad one", &["--depends-on", "T-0002"]);
    let path = forge::path_of(&repo, "T-0002");
    for (what, bytes) in contents() {
        let oid = forge::put(&repo, &path, &bytes);
        assert_readable(&repo);
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
            assert_calm(&ran);
        }
        let report = repo.pm(&["--json", "doctor"]).exits(1);
        assert!(
            report.out.contains(&path),
            "{what}: doctor does not name it"
        );
        assert_calm(&repo.pm(&["doctor"]).exits(1));
        // Who only lists is told as well.
        for args in [&["task", "list"][..], &["triage"], &["order"], &["count"]] {
            let list = repo.pm(args).ok();
            assert!(
                (list.out.clone() + &list.err).contains("damaged"),
                "{what}: an item is missing from {args:?} in silence"
            );
        }
        let made = repo.task("made meanwhile", &[]);
        assert_ne!(
            made, "T-0002",
            "{what}: the damaged item's number was given away"
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
    // Somebody mends it with git, and all is well.
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

/// A tree with everything that must not be there, on top of a good state.
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
    // A good document at a place that is not its own.
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

// Bad input: names, links, submodules, nesting: never followed, never printed raw; everything else
// works, and later writes go on.
#[test]
fn a_hostile_tree_is_neutralised() {
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
    assert_calm(&ran);
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
        "a comment was acknowledged and is gone"
    );
    let id = repo.task("more", &[]);
    repo.pm(&["epic", "create", "An epic"]).ok();
    assert_eq!(
        repo.data(&["show", "E-1"])["title"],
        "An epic",
        "an epic is gone"
    );
    repo.pm(&["start", &id]).ok();
    repo.pm(&["reserve", "add", "docs/**"]).ok();
    assert_eq!(forge::path_of(&repo, "T-0001"), path);
    assert_readable(&repo);
    repo.pm(&["worktree", "gc"]).ok();
    assert_untouched(&scene, &repo);
}

// The same pushed by somebody with write access: everybody's sync goes on, nothing is lost.
#[test]
fn a_pushed_hostile_tree_stops_nobody() {
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
        assert_calm(&place.pm(&["sync"]).ok());
    }
    for place in [&a, &b, &c] {
        assert_eq!(place.state_tree(), a.state_tree());
        assert_readable(place);
        assert_eq!(place.data(&["show", "T-2"])["title"], "b's own");
        let item = place.data(&["show", "T-1"]);
        assert_eq!(item["body"], "text");
        assert_eq!(item["comments"][0]["body"], "c's own", "a comment is lost");
        place.git(&["status", "--porcelain"]).ok();
    }
    b.pm(&["start", "T-2"]).ok();
    assert_untouched(&scene, &a);
    // A new clone takes it up, too.
    let d = scene.clone_of(&hub, "d", "Dora");
    assert_readable(&d);
}

// Bad input: 50 MB in one file, and one in pm.yaml's place.
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
fn pm_yaml_that_is_damaged_or_of_a_newer_major_stops_writes_only_with_a_reason() {
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
    let newer = good.replace("1.0", "2.0");
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
        assert!(message.contains("2.0"), "{args:?}: {error}");
        assert!(
            error["hints"].to_string().contains("newer git pm"),
            "{error}"
        );
    }
    assert_eq!(repo.tip("refs/pm/main"), tip);
}

// A newer minor version: fields and files we do not know are kept byte for byte, by edits and joins.
#[test]
fn what_a_newer_minor_version_added_is_kept() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("T", &["--body", "text"]);
    let yaml = forge::read(&a, "pm.yaml").replace("1.0", "1.7");
    forge::put(&a, "pm.yaml", yaml.as_bytes());
    let path = forge::path_of(&a, "T-0001");
    let text = forge::read(&a, &path).replacen(
        "title: T\n",
        "title: T\nfuture_list: [one, two]\nfuture_map: {\"a\": {\"b\": [1, {\"c\": null}]}}\nfuture_text: \"\u{1b}[31m\"\n",
        1,
    );
    // As YAML wants it: escaped.
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
        forge::read(&b, "pm.yaml").contains("1.7"),
        "the format was written down"
    );
}

// Texts that steer a terminal: kept as data, never printed raw.
#[test]
fn terminal_escapes_are_never_printed_raw() {
    let (_scene, repo) = set_up();
    let evil = "a\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{8}\u{7f}\u{202e}b";
    let made = repo.pm(&[
        "--json", "task", "create", evil, "--body", evil, "--accept", evil,
    ]);
    assert_calm(&made);
    made.ok();
    repo.pm(&["task", "comment", "T-1", evil]).ok();
    assert_calm(&repo.pm(&["task", "edit", "T-1", "--assignee", evil]));
    repo.task("waits", &["--depends-on", "T-1"]);
    assert_readable(&repo);
    assert_eq!(
        repo.data(&["show", "T-1"])["title"],
        evil,
        "the text itself is data"
    );
    for args in [
        &["show", evil][..],
        &["--as", evil, "task", "list"],
        &["task", "edit", "T-1", "--label", evil],
        &["task", "list", "--status", evil],
        &["task", "create", "x", "--estimate", evil],
        &["task", "create", "x", "--path", evil],
        &["dep", "add", "T-1", "T-2", "--type", evil],
        &["start", "T-1", "--base", evil],
        &["config", evil],
        &["reserve", "check", evil],
        &["reserve", "add", evil],
        &["log", evil],
        &["log", "--actor", evil],
        &["log", "--op", evil],
        &["log", "--since", evil],
        &["show", "T-1", "--at", evil],
        &["diff", evil],
        &["undo", evil],
        &["undo", "--dry-run"],
        &["--idempotency-key", evil, "task", "create", "keyed"],
        &["--idempotency-key", evil, "task", "cancel", "T-2"],
        &["-C", evil, "status"],
        &[evil],
        &["task", evil],
    ] {
        assert_calm(&repo.pm(args));
        let mut all = args.to_vec();
        all.push("--json");
        assert_calm(&repo.pm(&all));
    }
    // Commit messages are read with plain git.
    for line in repo
        .git(&["log", "--format=%s%n%b", "refs/pm/main"])
        .ok()
        .out
        .chars()
    {
        assert!(
            !line.is_control() || line == '\n',
            "{line:?} in a commit message"
        );
    }
    assert_calm(&repo.pm(&["task", "block", "T-1", evil]));
    assert_calm(&repo.pm(&["why", "T-2"]).ok());
    assert_calm(&repo.pm(&["task", "unblock", "T-1"]).ok());
    let started = repo.pm(&["start", "T-1"]);
    assert_calm(&started);
    started.ok();
    let branch = repo.data(&["show", "T-1"])["branch"]
        .as_str()
        .unwrap()
        .to_string();
    repo.git(&["check-ref-format", "--branch", &branch]).ok();
}

// Titles of every kind: the item, its branch and its worktree work.
#[test]
fn any_title_gives_a_branch_and_a_worktree() {
    let (_scene, repo) = set_up();
    let long = "long title ".repeat(910).trim_end()[..10_000].to_string();
    assert_eq!(long.len(), 10_000);
    let one_word = "x".repeat(10_000);
    let chinese_long = "修复登录测试".repeat(100);
    for title in [
        "!!! ??? ...",
        "修复登录测试",
        "إصلاح اختبار الدخول",
        "Исправить тест",
        "🚀",
        "e\u{301}\u{301}\u{301}",
        "-rf --force",
        "../../etc/passwd",
        "HEAD.lock",
        "a..b~c^d:e?f*g[h\\i",
        "@{-1}",
        "CON",
        "'; rm -rf ~ #$(touch owned)`touch owned`",
        &long,
        &one_word,
        &chinese_long,
    ] {
        let id = repo.data(&["task", "create", "--", title])["id"]
            .as_str()
            .unwrap()
            .to_string();
        let item = repo.data(&["start", &id]);
        assert_eq!(item["title"], title);
        let branch = item["branch"].as_str().unwrap();
        repo.git(&["check-ref-format", "--branch", branch]).ok();
        assert!(branch.starts_with(&format!("task/{id}")), "{branch}");
        assert!(branch.len() < 240, "a file name on no system: {branch}");
        let place = std::path::PathBuf::from(item["worktree"].as_str().unwrap());
        assert!(place.join("README.md").is_file(), "{}", place.display());
        assert!(place.file_name().unwrap().as_bytes().len() < 240);
        assert_eq!(
            place.parent().unwrap().file_name().unwrap(),
            "a.worktrees",
            "a title leads elsewhere: {}",
            place.display()
        );
        let work = repo.worktree(&id);
        work.write("x.txt", &id);
        work.commit_all("Work");
        repo.pm(&["task", "drop", &id, "--remove-worktree"]).ok();
        let subject = repo
            .git(&[
                "log",
                "--format=%s",
                "--grep",
                "task create",
                "-1",
                "refs/pm/main",
            ])
            .ok()
            .out;
        assert!(
            subject.chars().count() < 200,
            "a commit's first line of {}",
            subject.len()
        );
    }
    for args in [&["status"][..], &["task", "list"], &["log"]] {
        let ran = repo.with("COLUMNS", "80").pm(args).ok();
        for line in ran.out.lines() {
            assert!(
                line.chars().count() <= 80,
                "`{args:?}` overflows the terminal: {line}"
            );
        }
    }
    assert!(!repo.path.join("owned").exists());
}

/// Runs git pm as an ordinary user. Tests may run as root, whom no permission stops.
pub fn as_nobody(repo: &Repo, args: &[&str]) -> Ran {
    let root = repo.run("id", &["-u"]).text() == "0";
    if !root {
        return repo.pm(args);
    }
    let binary = repo.path.parent().unwrap().join("git-pm-copy");
    if !binary.exists() {
        std::fs::copy(crate::support::binary(), &binary).unwrap();
    }
    let binary = binary.to_str().unwrap();
    let mut all = vec![
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--",
        binary,
    ];
    all.extend(args);
    repo.with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", "safe.directory")
        .with("GIT_CONFIG_VALUE_0", "*")
        .run("setpriv", &all)
}

pub fn chmod(repo: &Repo, mode: &str) {
    let scene = repo.path.parent().unwrap().to_str().unwrap();
    repo.run("chmod", &["755", scene]).ok();
    repo.run("chmod", &["-R", mode, "."]).ok();
}

// Bad input: a read-only repository. Reads work; writes fail with a clear error, and nothing
// changed; afterwards everything works without a hand.
#[test]
fn a_read_only_repository_is_readable_and_says_what_it_is() {
    let (_scene, repo) = set_up();
    repo.task("T", &["--body", "text"]);
    let before = repo.tip("refs/pm/main");
    chmod(&repo, "a-w,a+rX");
    assert_ne!(
        as_nobody(&repo, &["--version"]).code,
        -1,
        "no way to run as an ordinary user here"
    );
    let mut failed = Vec::new();
    for args in READS {
        let ran = as_nobody(&repo, args);
        if ran.code != 0 {
            failed.push(format!("{args:?}: {} {}", ran.code, ran.err));
        }
    }
    let doctor = as_nobody(&repo, &["--json", "doctor"]);
    if doctor.json()["data"].is_null() {
        failed.push(format!("doctor: {}", doctor.out));
    }
    let writes: &[&[&str]] = &[
        &["task", "create", "x"],
        &["task", "edit", "T-1", "--title", "x"],
        &["task", "comment", "T-1", "x"],
        &["start", "T-1"],
        &["reserve", "add", "docs/**"],
    ];
    for args in writes {
        let mut all = vec!["--json"];
        all.extend(*args);
        let ran = as_nobody(&repo, &all);
        let named = ran.code == 5 && ran.out.contains("ermission");
        if !named {
            failed.push(format!("{args:?}: {} {}{}", ran.code, ran.out, ran.err));
        }
    }
    chmod(&repo, "u+w");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(repo.tip("refs/pm/main"), before);
    assert_eq!(repo.git(&["branch", "--list", "task/*"]).out, "");
    repo.git(&["fsck", "--strict"]).ok();
    repo.pm(&["task", "edit", "T-1", "--title", "after"]).ok();
    repo.pm(&["start", "T-1"]).ok();
}

// Bad input: a full disk, met at many places of a write. The error names it, the state is as it
// was, and with room again everything works.
#[test]
fn a_full_disk_loses_nothing() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    repo.task("T", &[]);
    // A tmpfs of our own in a user namespace, so that no other program is hit.
    let script = r#"
set -e
mount -t tmpfs -o size=4m none "$1/full"
cp -a "$1/a" "$1/full/a"
cd "$1/full/a"
before=$(git rev-parse refs/pm/main)
for left in 0 4 8 12 16 20 24 28 32 40; do
  rm -f ../fill
  dd if=/dev/zero of=../fill bs=1k 2>/dev/null || true
  size=$(stat -c %s ../fill)
  truncate -s $((size - left * 1024)) ../fill
  code=0
  head -c 3000 /dev/urandom | od -An -tx1 | "$2" --json task create "full $left" --body - \
    >/dev/shm/out.$$ 2>&1 || code=$?
  out=$(cat /dev/shm/out.$$); rm -f /dev/shm/out.$$
  after=$(git rev-parse refs/pm/main)
  echo "left=$left code=$code moved=$([ $before = $after ] && echo no || echo yes) $out"
  before=$after
done
rm -f ../fill
git fsck --strict 2>&1 | sed 's/^/fsck: /'
"$2" --json task create "room again" >/dev/null && echo "again=ok"
"$2" doctor >/dev/null && echo "doctor=ok"
ls .git/refs/pm/*.lock 2>/dev/null | sed 's/^/lock: /' || true
"$2" --json task list | sed 's/^/list: /'
"#;
    std::fs::create_dir(scene.dir.path().join("full")).unwrap();
    let place = scene.dir.path().to_str().unwrap();
    let ran = scene.at("a").run(
        "unshare",
        &[
            "-Urm",
            "sh",
            "-c",
            script,
            "sh",
            place,
            crate::support::binary(),
        ],
    );
    if ran.code != 0 && ran.err.contains("unshare") {
        eprintln!(
            "SKIPPED: no user namespaces here, so the disk cannot be filled: {}",
            ran.err
        );
        assert!(
            std::env::var_os("GIT_PM_TEST_FULL").is_none(),
            "a skip fails in CI"
        );
        return;
    }
    let rows: Vec<&str> = ran.out.lines().filter(|l| l.starts_with("left=")).collect();
    assert_eq!(rows.len(), 10, "{}{}", ran.out, ran.err);
    let mut failures = 0;
    let mut made = 0;
    for row in &rows {
        if row.contains("code=0") {
            assert!(row.contains("moved=yes"), "{row}");
            made += 1;
        } else {
            failures += 1;
            assert!(row.contains("code=5"), "a full disk is exit 5: {row}");
            assert!(row.contains("moved=no"), "refused and yet written: {row}");
            assert!(
                row.contains("No space left") || row.contains("disk"),
                "the error does not say why: {row}"
            );
        }
    }
    assert!(failures > 0, "the disk never was full: {}", ran.out);
    assert!(
        !ran.out.contains("fsck: error") && !ran.out.contains("fsck: missing"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("again=ok") && ran.out.contains("doctor=ok"),
        "{}{}",
        ran.out,
        ran.err
    );
    assert!(!ran.out.contains("lock: "), "{}", ran.out);
    let list = ran
        .out
        .lines()
        .find_map(|l| l.strip_prefix("list: "))
        .unwrap();
    let list: serde_json::Value = serde_json::from_str(list).unwrap();
    assert_eq!(
        list["data"]["items"].as_array().unwrap().len(),
        made + 2,
        "{}",
        ran.out
    );
}

// An answer that cannot be written is an error, not silence.
#[test]
fn a_full_standard_output_is_an_error() {
    let (_scene, repo) = set_up();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = repo
        .command(crate::support::binary())
        .args(["task", "list", "--json"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(!output.stderr.is_empty(), "nobody is told");
}
