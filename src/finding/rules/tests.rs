//! Each rule on changes that it finds and on changes that it leaves alone.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::diff::{Diff, Fate, File, Hunk, Line};
use crate::model::finding::Severity;

mod lines;
mod moved_tests;

/// A file with its texts before and after.
type Edit<'t> = (&'t str, Option<&'t str>, Option<&'t str>);

fn lines(text: &str, skip: usize, end: usize) -> Vec<Line> {
    let all: Vec<&str> = text.lines().collect();
    let line = |at: usize| Line {
        number: at as u32 + 1,
        text: all[at].to_owned(),
    };
    (skip..all.len() - end).map(line).collect()
}

/// The diff of a file: one hunk between the common start and the common end.
fn file((path, old, new): Edit<'_>) -> File {
    let (before, after) = (old.unwrap_or_default(), new.unwrap_or_default());
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - start;
    let end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take(rest)
        .take_while(|(a, b)| a == b)
        .count();
    let hunk = Hunk {
        removed: lines(before, start, end),
        added: lines(after, start, end),
    };
    File {
        path: path.into(),
        old_path: None,
        fate: match (old, new) {
            (None, _) => Fate::Added,
            (_, None) => Fate::Deleted,
            _ => Fate::Modified,
        },
        binary: false,
        bytes: after.len() as u64,
        old_mode: 0o100644,
        mode: 0o100644,
        hunks: vec![hunk],
    }
}

fn reviewed(edits: &[Edit<'_>], facts: Facts) -> Vec<Found> {
    let text = |side: fn(&Edit<'_>) -> Option<String>| -> BTreeMap<String, String> {
        edits
            .iter()
            .filter_map(|edit| Some((edit.0.to_owned(), side(edit)?)))
            .collect()
    };
    let diff = Diff {
        files: edits.iter().map(|edit| file(*edit)).collect(),
    };
    let (old, new) = (
        text(|edit| edit.1.map(str::to_owned)),
        text(|edit| edit.2.map(str::to_owned)),
    );
    review(&Change {
        diff: &diff,
        old: &old,
        new: &new,
        facts: &facts,
    })
}

fn rules(edits: &[Edit<'_>], facts: Facts) -> Vec<String> {
    reviewed(edits, facts)
        .into_iter()
        .filter_map(|found| found.rule)
        .collect()
}

#[test]
fn tests_that_go_are_found_unless_they_move_or_what_they_test_goes() {
    let python = "def test_a():\n    x = f(1)\n    assert x == 1\n\ndef test_b():\n    assert f(2) == 2\n    assert f(3) == 3\n";
    let without = "def test_b():\n    assert f(2) == 2\n    assert f(3) == 3\n";
    let fewer =
        "def test_a():\n    x = f(1)\n    assert x == 1\n\ndef test_b():\n    assert f(2) == 2\n";
    let table =
        "@pytest.mark.parametrize(\"n\", [1, 2, 3])\ndef test_all(n):\n    assert f(n) == n\n";
    let has =
        |edits: &[Edit<'_>], rule: &str| rules(edits, Facts::default()).iter().any(|id| id == rule);
    let tests = "tests/test_a.py";
    assert!(has(&[(tests, Some(python), Some(without))], "test-deleted"));
    assert!(has(&[(tests, Some(python), None)], "test-deleted"));
    assert!(has(
        &[(tests, Some(python), Some(fewer))],
        "assertions-reduced"
    ));
    assert!(!has(
        &[(tests, Some(python), Some(without))],
        "assertions-reduced"
    ));
    let js = "it('a', () => {\n  expect(f(1)).toBe(1)\n})\nit('b', () => {\n  expect(f(2)).toBe(2)\n})\n";
    let one = "it('b', () => {\n  expect(f(2)).toBe(2)\n})\n";
    assert!(has(&[("a.test.ts", Some(js), Some(one))], "test-deleted"));
    let rust = "#[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(f(1), 2);\n    }\n}\n";
    assert!(has(
        &[("src/a.rs", Some(rust), Some("fn g() {}\n"))],
        "test-deleted"
    ));
    // Moved, renamed, one table for all, and gone with what it tests.
    let moved: [Edit<'_>; 2] = [
        (tests, Some(python), Some(without)),
        (
            "tests/test_b.py",
            None,
            Some("def test_a():\n    x = f(1)\n    assert x == 1\n"),
        ),
    ];
    assert!(!has(&moved, "test-deleted"));
    let renamed = python.replace("test_a", "test_first");
    assert!(!has(
        &[(tests, Some(python), Some(&renamed))],
        "test-deleted"
    ));
    assert!(!has(&[(tests, Some(python), Some(table))], "test-deleted"));
    assert!(!has(
        &[(tests, Some(python), Some(table))],
        "assertions-reduced"
    ));
    let source: Edit<'_> = (
        "src/a.py",
        Some("def compute(x):\n    return x\n"),
        Some("y = 1\n"),
    );
    let (python, without) = (
        python.replace("f(1)", "compute(1)"),
        without.replace("f(1)", "compute(1)"),
    );
    assert!(!has(
        &[source, (tests, Some(&python), Some(&without))],
        "test-deleted"
    ));
    let renamed = js.replace("it('a', ", "it.skipIf(win)('a', ");
    assert!(!has(
        &[("a.test.ts", Some(js), Some(&renamed))],
        "test-deleted"
    ));
}

#[test]
fn sources_need_tests_unless_nothing_new_is_done() {
    let has = |edits: &[Edit<'_>]| {
        rules(edits, Facts::default()).contains(&"source-without-test".to_owned())
    };
    let (old, new) = ("def f(x):\n    return x\n", "def f(x):\n    return x + 1\n");
    assert!(has(&[("src/a.py", Some(old), Some(new))]));
    assert!(has(&[("app/a.rb", Some("x\n"), Some("comment.destroy\n"))]));
    assert!(has(&[(
        "src/a.rs",
        Some("fn f() {}\n"),
        Some("fn f() { g(1); }\n")
    )]));
    assert!(!has(&[
        ("src/a.py", Some(old), Some(new)),
        (
            "tests/test_a.py",
            None,
            Some("def test_a():\n    assert f(1) == 2\n")
        )
    ]));
    for (path, old, new) in [
        ("README.md", "a\n", "b\n"),
        ("src/a.py", "x = 1\n", "# why\nx = 1\n"),
        ("src/a.py", "x = f( 1 )\n", "x = f(1)\n"),
        ("src/a.py", "def f():\n    return 1\n", ""),
        (
            "src/a.ts",
            "import { a } from 'a'\n",
            "import { a } from 'b'\n",
        ),
        ("scripts/a.py", "x = f(1)\n", "x = f(2)\n"),
        ("app/migrations/0001_a.py", "x = f(1)\n", "x = f(2)\n"),
    ] {
        assert!(!has(&[(path, Some(old), Some(new))]), "{path} {new}");
    }
}

#[test]
fn manifests_and_lock_files_go_together() {
    let locks = |paths: &[&str]| Facts {
        locks: paths.iter().map(|path| (*path).to_owned()).collect(),
        ..Facts::default()
    };
    for (manifest, lock, old, new, bump) in [
        (
            "package.json",
            "yarn.lock",
            "{\n\"version\": \"1\",\n\"dependencies\": {\n\"a\": \"1\"\n}\n}\n",
            "{\n\"version\": \"1\",\n\"dependencies\": {\n\"a\": \"1\",\n\"b\": \"2\"\n}\n}\n",
            "{\n\"version\": \"2\",\n\"dependencies\": {\n\"a\": \"1\"\n}\n}\n",
        ),
        (
            "Cargo.toml",
            "Cargo.lock",
            "version = \"1.0.0\"\n[dependencies]\na = \"1\"\n",
            "version = \"1.0.0\"\n[dependencies]\na = \"1\"\nb = { version = \"2\" }\n",
            "version = \"1.0.1\"\n[dependencies]\na = \"1\"\n",
        ),
        (
            "pyproject.toml",
            "uv.lock",
            "[project]\ndependencies = [\n  \"a>=1\",\n]\n",
            "[project]\ndependencies = [\n  \"a>=1\",\n  \"b>=1\",\n]\n",
            "[project]\nversion = \"2\"\ndependencies = [\n  \"a>=1\",\n]\n",
        ),
        (
            "go.mod",
            "go.sum",
            "module x\nrequire (\n\texample.com/a v1.0.0\n)\n",
            "module x\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0\n)\n",
            "module x\ngo 1.22\nrequire (\n\texample.com/a v1.0.0\n)\n",
        ),
        (
            "Gemfile",
            "Gemfile.lock",
            "gem \"a\"\n",
            "gem \"a\"\ngem \"b\", \"~> 2\"\n",
            "# the gems\ngem \"a\"\n",
        ),
    ] {
        let found = rules(&[(manifest, Some(old), Some(new))], locks(&[lock]));
        assert_eq!(found, ["lock-missing", "dependency-added"], "{manifest}");
        let added = reviewed(
            &[
                (manifest, Some(old), Some(new)),
                (lock, Some("a"), Some("b")),
            ],
            locks(&[lock]),
        );
        assert_eq!(added.len(), 1, "{added:?}");
        assert!(added[0].claim.ends_with("b."), "{}", added[0].claim);
        assert!(
            rules(&[(manifest, Some(old), Some(bump))], locks(&[lock])).is_empty(),
            "{manifest}"
        );
    }
    let alone: [Edit<'_>; 2] = [
        ("yarn.lock", Some("a"), Some("b")),
        ("README.md", Some("a"), Some("b")),
    ];
    assert_eq!(rules(&alone, Facts::default()), ["manifest-missing"]);
}

/// A finding about a file or the whole change is known again whatever its lines say, and which of them
/// comes first.
#[test]
fn what_is_about_more_than_a_line_has_the_same_fingerprint_when_lines_change() {
    let print = |rule: &str, edits: &[Edit<'_>], facts: Facts| {
        let found = reviewed(edits, facts);
        let one = found.iter().find(|one| one.rule.as_deref() == Some(rule));
        let one = one.unwrap_or_else(|| panic!("{rule}: {found:?}"));
        crate::fingerprint(one, 0)
    };
    let ci = ".github/workflows/ci.yml";
    #[rustfmt::skip]
    let rows: [(&str, [&[Edit<'_>]; 2]); 5] = [
        ("source-without-test", [
            &[("src/a.py", Some("x = 1\n"), Some("x = f(1)\n"))],
            &[("src/a.py", Some("x = 1\n"), Some("x = f(2)\n")), ("src/b.py", None, Some("y = f(1)\nz = f(2)\n"))],
        ]),
        ("generated-edited", [
            &[("a.go", Some("// @generated\nvar a = 1\n"), Some("// @generated\nvar a = 2\n"))],
            &[("a.go", Some("// @generated\nvar a = 1\n"), Some("// @generated\nvar a = 3\n"))],
        ]),
        ("migration-edited", [
            &[("db/migrate/20240101_x.rb", Some("add_column :a\n"), Some("add_column :b\n"))],
            &[("db/migrate/20240101_x.rb", Some("add_column :a\n"), Some("add_column :c\n"))],
        ]),
        ("conflict-marker", [
            &[("src/a.py", Some("x = 1\n"), Some("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> topic\n"))],
            &[("src/a.py", Some("x = 1\n"), Some("<<<<<<< main\nx = 1\n=======\nx = 3\n>>>>>>> topic\n"))],
        ]),
        ("gate-changed", [
            &[(ci, Some("a: 1\nb: 2\n"), Some("a: 1\n"))],
            &[(".github/workflows/a.yml", Some("a: 1\nb: 2\n"), Some("a: 1\n")), (ci, Some("a: 1\nb: 2\n"), Some("a: 1\n"))],
        ]),
    ];
    for (rule, [before, after]) in rows {
        let [before, after] = [before, after].map(|edits| print(rule, edits, Facts::default()));
        assert_eq!(before, after, "{rule}");
    }
    // What there may be several of is known by its own text, not by its place among the others.
    let open = |unproven: &[&str]| Facts {
        unproven: unproven.iter().map(|text| (*text).to_owned()).collect(),
        ..Facts::default()
    };
    let edits: [Edit<'_>; 1] = [("notes.md", Some("a\n"), Some("b\n"))];
    let rule = "criterion-unproven";
    let [first, second] =
        [&["it works"][..], &["it is fast"]].map(|all| print(rule, &edits, open(all)));
    assert_ne!(first, second);
    assert_eq!(
        first,
        print(rule, &edits, open(&["it works", "it is fast"]))
    );
}

#[test]
fn what_the_caller_knows_is_reported() {
    let set = |path: &str| BTreeSet::from([path.to_owned()]);
    let commit = |subject: &str| Commit {
        id: "0123456789abcdef".into(),
        subject: subject.into(),
        body: String::new(),
    };
    let facts = Facts {
        outside: BTreeSet::from(["notes/a.md".to_owned(), "Cargo.lock".to_owned()]),
        reserved: BTreeMap::from([("b.md".to_owned(), "ann".to_owned())]),
        protected: set("c.md"),
        commits: vec![
            commit("add it (pm-12)"),
            commit("more of pm-123"),
            commit("Merge branch x"),
        ],
        ids: vec!["pm-12".into()],
        unproven: vec!["it works".into()],
        limits: Limits {
            changed_lines: 2,
            file_bytes: 1,
        },
        ..Facts::default()
    };
    let edits: Vec<Edit<'_>> = ["notes/a.md", "b.md", "c.md", "Cargo.lock", "Cargo.toml"]
        .map(|path| (path, Some("a"), Some("b")))
        .into();
    let found = rules(&edits, facts);
    let count = |rule: &str| found.iter().filter(|id| *id == rule).count();
    for rule in [
        "path-reserved",
        "path-protected",
        "outside-plan",
        "change-large",
        "criterion-unproven",
        "commit-without-task",
    ] {
        assert_eq!(count(rule), 1, "{rule}: {found:?}");
    }
    let tested = rules(
        &[("a.bin", Some("a"), Some("bb"))],
        Facts {
            limits: Limits {
                changed_lines: 9,
                file_bytes: 1,
            },
            ..Facts::default()
        },
    );
    assert_eq!(tested, ["file-large"]);
}

#[test]
fn kinds_of_files_are_reported() {
    let with = |edit: fn(&mut File)| {
        let mut file = file(("src/x", None, Some("../../etc/passwd")));
        edit(&mut file);
        let diff = Diff { files: vec![file] };
        let new = BTreeMap::from([("src/x".to_owned(), "text\n".to_owned())]);
        let found = review(&Change {
            diff: &diff,
            old: &BTreeMap::new(),
            new: &new,
            facts: &Facts::default(),
        });
        found
            .into_iter()
            .filter_map(|found| found.rule)
            .collect::<Vec<_>>()
    };
    assert_eq!(with(|file| file.mode = 0o120000), ["symlink-escapes"]);
    assert_eq!(
        with(|file| (file.mode, file.hunks[0].added[0].text) = (0o120000, "../y".into())),
        [""; 0]
    );
    assert_eq!(
        with(|file| (file.mode, file.hunks[0].added[0].text) = (0o120000, "../.git/config".into())),
        ["symlink-escapes"]
    );
    assert_eq!(with(|file| file.mode = 0o160000), ["submodule-changed"]);
    assert_eq!(with(|file| file.binary = true), ["binary-added"]);
    assert_eq!(
        with(|file| (file.binary, file.path) = (true, "a.png".into())),
        [""; 0]
    );
}

#[test]
fn checks_that_ci_no_longer_runs_are_found() {
    let has = |old: &str, new: &str| {
        rules(
            &[(".github/workflows/ci.yml", Some(old), Some(new))],
            Facts::default(),
        )
        .contains(&"gate-weakened".to_owned())
    };
    assert!(has(
        "steps:\n - run: cargo test\n - run: x\n",
        "steps:\n - run: x\n"
    ));
    assert!(has(
        "steps:\n - run: npm run lint\n",
        "steps:\n # - run: npm run lint\n"
    ));
    assert!(has("on:\n  pull_request:\n  push:\n", "on:\n  push:\n"));
    assert!(!has(
        "steps:\n - run: cargo test\n",
        "steps:\n - run: cargo nextest run\n"
    ));
}

#[test]
fn secrets_are_found_and_never_shown() {
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let line = format!("TOKEN = \"{token}\"  # TODO: move\n");
    for path in ["src/a.py", "tests/test_a.py", "config.ts", "notes.txt"] {
        let found = reviewed(&[(path, None, Some(&line))], Facts::default());
        assert_eq!(
            found.first().map(|found| found.severity),
            Some(Severity::P0),
            "{path}: {found:?}"
        );
        assert!(!format!("{found:?}").contains(&token));
    }
    // Already in the base, made up in a test, of a local database.
    let moved: [Edit<'_>; 2] = [
        ("src/a.py", Some(&line), None),
        ("src/b.py", None, Some(&line)),
    ];
    assert!(!rules(&moved, Facts::default()).contains(&"secret".to_owned()));
    let made_up = "password = \"q8Zt1xLm4vRw9Kd2\"\n";
    assert!(
        rules(&[("src/a.py", None, Some(made_up))], Facts::default())
            .contains(&"secret".to_owned())
    );
    assert!(
        !rules(&[("tests/a.py", None, Some(made_up))], Facts::default())
            .contains(&"secret".to_owned())
    );
    let named = Facts {
        unproven: vec![format!("uses {token}")],
        ..Facts::default()
    };
    assert!(!format!("{:?}", reviewed(&[], named)).contains(&token));
}

#[test]
fn many_of_the_same_are_counted() {
    let text: String = (0..20)
        .map(|n| format!("# TODO: number {n}\nx = {n}\n"))
        .collect();
    let found = reviewed(&[("docs/a.py", None, Some(&text))], Facts::default());
    assert_eq!(found.len(), 5);
    assert!(found[4].claim.contains("15 more"), "{}", found[4].claim);
}

#[test]
fn every_rule_has_its_own_name() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(names.len(), RULES.len());
}

proptest! {
    #[test]
    fn any_text_is_reviewed(old in "(\\PC|\n|[\"'`/*#{}<>=]|\u{1b}){0,200}", new in "(\\PC|\n|[\"'`/*#{}<>=]|\r|\u{7}){0,200}", at in 0usize..12) {
        let paths = ["a.py", "a_test.go", "src/a.rs", "a.test.ts", "README.md", "package.json", "Cargo.toml", ".github/workflows/a.yml", "spec/a.rb", "A.java", "a.php", "tsconfig.json"];
        for found in reviewed(&[(paths[at], Some(&old), Some(&new))], Facts::default()) {
            prop_assert!(!found.claim.contains(char::is_control));
            prop_assert!(!found.quote.unwrap_or_default().contains(char::is_control));
        }
    }

    #[test]
    fn any_diff_is_reviewed(lines in proptest::collection::vec("[+-]\\PC{0,30}\n", 0..45), text in "[ -~\n]{0,200}") {
        let mut patch = b"diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,9 +4294967290,40 @@\n".to_vec();
        patch.extend(lines.concat().into_bytes());
        let diff = Diff::parse(&patch);
        // The text is not that of the diff.
        let texts = BTreeMap::from([("x.py".to_owned(), text)]);
        review(&Change { diff: &diff, old: &texts, new: &texts, facts: &Facts::default() });
        let none = BTreeMap::new();
        review(&Change { diff: &diff, old: &none, new: &none, facts: &Facts::default() });
    }
}
