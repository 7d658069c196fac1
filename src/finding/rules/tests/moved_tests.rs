//! Tests that are moved or renamed are not tests that are deleted.

use super::*;

const TEST: &str = "from a import f\n\ndef test_a():\n    assert f(1) == 2\n    assert f(2) == 3\n";

/// What is found in a rename, with other edits.
fn renamed(from: &str, to: &str, [old, new]: [&str; 2], others: &[Edit<'_>]) -> Vec<Found> {
    let mut one = file((to, Some(old), Some(new)));
    (one.fate, one.old_path) = (Fate::Renamed, Some(from.to_owned()));
    let mut files: Vec<File> = others.iter().map(|edit| file(*edit)).collect();
    files.push(one);
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    before.insert(from.to_owned(), old.to_owned());
    after.insert(to.to_owned(), new.to_owned());
    for (path, old, new) in others {
        before.extend(old.map(|text| ((*path).to_owned(), text.to_owned())));
        after.extend(new.map(|text| ((*path).to_owned(), text.to_owned())));
    }
    review(&Change {
        diff: &Diff { files },
        old: &before,
        new: &after,
        facts: &Facts::default(),
    })
}

fn names(found: &[Found]) -> Vec<&str> {
    found.iter().filter_map(|one| one.rule.as_deref()).collect()
}

#[test]
fn a_test_that_gets_a_name_of_no_test_is_lost() {
    let edited = TEST.replace("f(2) == 3", "f(3) == 4");
    for to in [
        "notes.txt",
        "tests/test_a.py.disabled",
        "tests/a_disabled.py",
        "old/a.txt",
        "tests/x.txt",
    ] {
        for new in [TEST, edited.as_str()] {
            let found = renamed("tests/test_a.py", to, [TEST, new], &[]);
            assert_eq!(names(&found), ["test-deleted"], "{to}");
            let claim = "`tests/test_a.py` loses tests: test_a.";
            assert_eq!(found[0].claim, claim, "{to}");
        }
    }
    let found = renamed("tests/test_a.py", "src/a.py", [TEST, TEST], &[]);
    assert_eq!(names(&found), ["test-deleted"]);
    // One that others find by its folder.
    let found = renamed("tests/a.py", "notes.txt", [TEST, TEST], &[]);
    assert_eq!(names(&found), ["test-deleted"]);
    let rust = "#[test]\nfn adds() {\n    assert_eq!(f(1), 2);\n}\n";
    let found = renamed("tests/a.rs", "old/a.rs.txt", [rust, rust], &[]);
    assert_eq!(names(&found), ["test-deleted"]);
}

#[test]
fn a_test_that_another_test_file_has_is_not_lost() {
    for (from, to) in [
        ("tests/test_a.py", "tests/test_b.py"),
        ("tests/test_a.py", "src/a_test.py"),
        ("tests/a.py", "tests/b.py"),
        ("tests/a.py", "tests/test_a.py"),
        ("tests/test_a.py", "app/tests.py"),
    ] {
        let found = renamed(from, to, [TEST, TEST], &[]);
        assert_eq!(names(&found), [""; 0], "{from} {to}");
    }
    let there = ("tests/test_b.py", None, Some(TEST));
    let found = renamed("tests/test_a.py", "notes.txt", [TEST, TEST], &[there]);
    assert_eq!(names(&found), [""; 0]);
    // Helpers are no tests, whatever they assert.
    let helper = "def check(x):\n    assert x\n";
    let found = renamed("tests/test_help.py", "src/help.py", [helper, helper], &[]);
    assert_eq!(names(&found), [""; 0]);
    // A test that is cut out into a file that no runner reads is gone as well.
    let both = format!("{TEST}\ndef test_b():\n    x = f(3)\n    assert x == 4\n");
    let cut = "def test_b():\n    x = f(3)\n    assert x == 4\n";
    for to in ["notes.txt", "tests/b_disabled.py"] {
        let edits = [
            ("tests/test_a.py", Some(both.as_str()), Some(TEST)),
            (to, None, Some(cut)),
        ];
        assert_eq!(rules(&edits, Facts::default()), ["test-deleted"], "{to}");
    }
}

#[test]
fn what_a_test_no_longer_asserts_is_not_made_up_for_by_another_file() {
    let less = TEST.replace("    assert f(2) == 3\n", "    f(2)\n");
    let other = "def test_z():\n    assert f(8) == 9\n    assert f(9) == 10\n";
    let less: Edit<'_> = ("tests/test_a.py", Some(TEST), Some(&less));
    let gain: Edit<'_> = ("tests/test_z.py", None, Some(other));
    for others in [&[less][..], &[less, gain][..]] {
        let found = reviewed(others, Facts::default());
        assert_eq!(names(&found), ["assertions-reduced"]);
        assert!(found[0].claim.contains("1 fewer assertions"), "{found:?}");
    }
    // Moved as a whole, with other words but no fewer assertions.
    let kept = "def test_k():\n    assert f(5) == 6\n";
    let both = format!("{kept}\ndef test_a():\n    assert f(1) == 2\n    assert f(2) == 3\n");
    let there = "def test_a():\n    assert g(1) == 2\n    assert g(2) == 3\n";
    let fewer = "def test_a():\n    assert g(1) == 2\n";
    for (there, wanted) in [(there, &[][..]), (fewer, &["assertions-reduced"][..])] {
        let edits = [
            ("tests/test_a.py", Some(both.as_str()), Some(kept)),
            ("tests/test_b.py", None, Some(there)),
        ];
        assert_eq!(rules(&edits, Facts::default()), wanted);
    }
}
