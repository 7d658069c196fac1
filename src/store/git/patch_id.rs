//! The changes of a branch, as a hash that a clean rebase does not change.
//!
//! It is a different one as soon as a line that the branch adds, removes or has as context differs.
//! As `git patch-id`, but white space and everything after a NUL count.

use super::process::Git;
use crate::error::Result;
use crate::model::uid::sha256_hex;

/// The arguments of the diff: everything that a configuration could change is explicit.
const DIFF: &[&str] = &[
    "-c",
    "core.quotePath=true",
    "-c",
    "diff.suppressBlankEmpty=false",
    "diff-tree",
    "--patch",
    "--full-index",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
    "--no-indent-heuristic",
    "--no-renames",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=none",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
];

/// The hash of the change between two commits.
pub fn patch_id(git: &Git, from: &str, to: &str) -> Result<String> {
    // Attributes come from the commits, not from whatever is checked out where git runs.
    let git = git
        .plain()
        .with_env("GIT_ATTR_SOURCE", from)
        .with_env("GIT_DIFF_OPTS", "");
    let args: Vec<&str> = DIFF.iter().copied().chain([from, to]).collect();
    Ok(sha256_hex(&without_places(&git.require(&args)?.stdout)))
}

/// A patch without what a rebase changes in it: line numbers, the text after them, and the ids of
/// files, except of binary ones, where nothing else is shown.
fn without_places(patch: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(patch.len());
    let mut ids: &[u8] = b"";
    // A line of a file begins with a space, a sign or a backslash, so none looks like these.
    for line in patch.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b"index ") {
            ids = line;
        } else if line.starts_with(b"@@ ") {
            out.extend_from_slice(b"@@\n");
        } else {
            if line.starts_with(b"Binary files ") {
                out.extend_from_slice(ids);
            }
            out.extend_from_slice(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "diff --git a/f b/f\nindex 1111..2222 100644\n--- a/f\n+++ b/f\n\
                         @@ -1,2 +1,2 @@ fn main\n index 5\n-a\n+b\n";

    fn same(a: &str, b: &str) -> bool {
        without_places(a.as_bytes()) == without_places(b.as_bytes())
    }

    #[test]
    fn only_positions_and_ids_of_text_files_are_ignored() {
        let moved = PATCH
            .replace("@@ -1,2 +1,2 @@ fn main", "@@ -41,2 +41,2 @@ fn other")
            .replace("1111..2222", "3333..4444");
        assert!(same(PATCH, &moved));
        for (was, is) in [("+b", "+b "), ("+b", "+\tb"), (" index 5", " index 6")] {
            assert!(!same(PATCH, &PATCH.replace(was, is)), "{was:?} {is:?}");
        }
        assert!(!same(PATCH, &PATCH.replace("a/f b/f", "a/g b/g")));
        assert!(!same(PATCH, &PATCH.replace("+b\n", "+b\u{0}c\n")));
    }

    #[test]
    fn binary_files_are_compared_by_their_ids() {
        let binary =
            "diff --git a/i b/i\nindex 1111..2222 100644\nBinary files a/i and b/i differ\n";
        assert!(!same(binary, &binary.replace("2222", "3333")));
    }
}
