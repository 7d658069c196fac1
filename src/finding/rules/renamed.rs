//! Tests that a rename takes away: those who run tests do not look for them at the new path.

use crate::diff::{Diff, Fate, File, Hunk, Line};

use super::change::Change;
use super::files::collected;

/// True for a file whose new path those who run its tests know less well than the old one.
pub(super) fn leaves_tests(file: &File) -> bool {
    file.fate == Fate::Renamed && collected(&file.path) < collected(file.path_before())
}

/// Such files, as if they were deleted: for those who run tests, they are.
pub(super) fn left_by_rename(change: &Change<'_>) -> Diff {
    let left = change.diff.files.iter().filter(|file| leaves_tests(file));
    let deleted = |file: &File| {
        let path = file.path_before();
        let text = change.old.get(path).map_or("", String::as_str);
        let lines = text.lines().zip(1..).map(|(text, number)| Line {
            number,
            text: text.to_owned(),
        });
        File {
            path: path.to_owned(),
            old_path: None,
            fate: Fate::Deleted,
            binary: file.binary,
            bytes: 0,
            old_mode: file.old_mode,
            mode: 0,
            hunks: vec![Hunk {
                removed: lines.collect(),
                added: Vec::new(),
            }],
        }
    };
    Diff {
        files: left.map(deleted).collect(),
    }
}
