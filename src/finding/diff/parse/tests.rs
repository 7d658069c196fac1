//! Diffs as git prints them, read file by file.

use super::super::{Diff, Fate};
use proptest::prelude::*;

fn lines(patch: &str) -> Vec<String> {
    let diff = Diff::parse(patch.as_bytes());
    let mut out = Vec::new();
    for file in &diff.files {
        let old = file.old_path.clone().unwrap_or_default();
        out.push(format!(
            "{:?} {old}>{} {:o}>{:o} {}",
            file.fate, file.path, file.old_mode, file.mode, file.binary
        ));
        for hunk in &file.hunks {
            out.extend(
                hunk.removed
                    .iter()
                    .map(|line| format!("-{} {}", line.number, line.text)),
            );
            out.extend(
                hunk.added
                    .iter()
                    .map(|line| format!("+{} {}", line.number, line.text)),
            );
        }
    }
    out
}

#[test]
fn content_that_looks_like_a_header_is_content() {
    let patch = "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1,3 @@ fn\n--- a/evil\n+++ b/evil\n+diff --git a/y b/y\n+@@ -1 +1 @@\n@@ -9,0 +12 @@\n+last\r\n\\ No newline at end of file\ndiff --git a/z b/z\ndeleted file mode 100755\nindex 1..0\n--- a/z\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n";
    assert_eq!(
        lines(patch),
        [
            "Modified >x 100644>100644 false",
            "-1 -- a/evil",
            "+1 ++ b/evil",
            "+2 diff --git a/y b/y",
            "+3 @@ -1 +1 @@",
            "+12 last",
            "Deleted >z 100755>0 false",
            "-1 gone",
        ]
    );
}

#[test]
fn names_modes_and_kinds_are_read() {
    let patch = "diff --git a/a b c b/a b c\nold mode 100644\nnew mode 100755\n\
        diff --git \"a/t\\303\\244b\\t\\\"\" \"b/t\\303\\244b\\t\\\"\"\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ \"b/t\\303\\244b\\t\\\"\"\n@@ -0,0 +1 @@\n+x\n\
        diff --git a/old name b/new\nsimilarity index 90%\nrename from old name\nrename to new\nindex 1..2 100644\n--- a/old name\t\n+++ b/new\n@@ -3 +3 @@\n-a\n+b\n\
        diff --git a/pic.png b/pic.png\nnew file mode 100644\nindex 0..1\nBinary files /dev/null and b/pic.png differ\n\
        diff --git a/empty b/empty\nnew file mode 100644\nindex 0..1\n\
        diff --git a/link b/link\nnew file mode 120000\nindex 0..1\n--- /dev/null\n+++ b/link\n@@ -0,0 +1 @@\n+../../etc\n\\ No newline at end of file\n\
        diff --git a/sub b/sub\nindex 1..2 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n";
    assert_eq!(
        lines(patch),
        [
            "Modified >a b c 100644>100755 false",
            "Added >empty 0>100644 false",
            "Added >link 0>120000 false",
            "+1 ../../etc",
            "Renamed old name>new 100644>100644 false",
            "-3 a",
            "+3 b",
            "Added >pic.png 0>100644 true",
            "Modified >sub 160000>160000 false",
            "-1 Subproject commit 1",
            "+1 Subproject commit 2",
            "Added >t\u{e4}b\t\" 0>100644 false",
            "+1 x",
        ]
    );
    assert!(
        Diff::parse(patch.as_bytes())
            .files
            .iter()
            .any(|file| file.is_submodule())
    );
    assert!(
        Diff::parse(patch.as_bytes())
            .files
            .iter()
            .any(|file| file.is_symlink())
    );
}

#[test]
fn unchanged_lines_part_hunks() {
    let patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@\n+a\n b\n-c\n+d\n+e\n f\n";
    assert_eq!(
        lines(patch),
        ["Modified >x 0>0 false", "+1 a", "-2 c", "+3 d", "+4 e"]
    );
    assert_eq!(Diff::parse(patch.as_bytes()).files[0].hunks.len(), 2);
    assert_eq!(Diff::parse(b"").files.len(), 0);
    assert_eq!(Diff::parse(patch.as_bytes()).files[0].fate, Fate::Modified);
}

proptest! {
    #[test]
    fn any_bytes_are_read(mut patch in proptest::collection::vec(any::<u8>(), 0..400), cut in 0usize..200) {
        Diff::parse(&patch);
        let mut begun = b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +4294967295,7 @@\n".to_vec();
        begun.append(&mut patch);
        begun.truncate(begun.len().saturating_sub(cut));
        Diff::parse(&begun);
    }
}
