//! A unified diff as files with numbered lines, and what reviewers said beside them.

use std::collections::HashMap;

use super::limits;
use crate::model::text::shorten;
use crate::work::task::branch_work::ChangedFile;

/// A line of a file.
pub(super) struct Line {
    /// The element that shows it: `ins`, `del`, `span` for one that stays, `b` for a place.
    pub tag: &'static str,
    /// The number in the new file, of a removed line in the old one; none for a place.
    pub number: Option<u32>,
    pub text: String,
    /// What was said about it.
    pub notes: Vec<String>,
}

/// A file with its changed lines.
pub(super) struct File {
    pub file: ChangedFile,
    pub lines: Vec<Line>,
    /// True if it is shown unfolded.
    pub is_open: bool,
}

/// The notes on lines, by path and line.
pub(super) type Notes = HashMap<(String, u32), Vec<String>>;

/// The files of a diff, in its order, and whether lines are left out. The diff is the work's own
/// text: where it does not look like git's, lines are shown without numbers.
pub(super) fn files(text: &str, changed: &[ChangedFile], notes: &Notes) -> (Vec<File>, bool) {
    let mut files: Vec<File> = changed
        .iter()
        .map(|file| File {
            file: file.clone(),
            lines: Vec::new(),
            is_open: true,
        })
        .collect();
    let (mut left, mut shown, mut is_cut) = (limits::DIFF_MAX, 0, false);
    let (mut next, mut in_part) = (0_usize, false);
    let (mut old, mut new) = (0, 0);
    for line in text.lines() {
        // In a part, each line of a file begins with a sign.
        if line.starts_with("diff --git ") {
            (next, in_part) = (next + 1, false);
            continue;
        }
        let place = line.starts_with("@@").then(|| place(line)).flatten();
        in_part |= place.is_some();
        if !in_part {
            continue;
        }
        let (tag, number) = match (place, line.as_bytes().first()) {
            (Some(starts), _) => {
                (old, new) = starts;
                ("b", None)
            }
            (None, Some(b'+')) => {
                new += 1;
                ("ins", Some(new - 1))
            }
            (None, Some(b'-')) => {
                old += 1;
                ("del", Some(old - 1))
            }
            (None, Some(b' ') | None) => {
                (old, new) = (old + 1, new + 1);
                ("span", Some(new - 1))
            }
            (None, Some(_)) => ("span", None),
        };
        let Some(file) = files.get_mut(next.wrapping_sub(1)) else {
            is_cut = true;
            continue;
        };
        let text = shorten(line, limits::DIFF_LINE_MAX).replace('\t', "    ");
        left = left.saturating_sub(text.len());
        if left == 0 || shown == limits::DIFF_LINES_MAX {
            is_cut = true;
            break;
        }
        shown += 1;
        let key = number.filter(|_| tag != "del");
        let own = key.and_then(|number| notes.get(&(file.file.path.clone(), number)));
        file.lines.push(Line {
            tag,
            number,
            text,
            notes: own.cloned().unwrap_or_default(),
        });
    }
    for file in &mut files {
        let has_notes = file.lines.iter().any(|line| !line.notes.is_empty());
        file.is_open = has_notes || file.lines.len() <= limits::DIFF_FILE_OPEN_MAX;
    }
    (files, is_cut)
}

/// The first lines of a part, from `@@ -12,3 +14,5 @@`.
fn place(line: &str) -> Option<(u32, u32)> {
    let mut parts = line.split(' ').skip(1);
    let mut start = |sign: char| -> Option<u32> {
        let range = parts.next()?.strip_prefix(sign)?;
        range.split(',').next()?.parse().ok()
    };
    // Numbers only count lines that are shown; a diff of another author may have any.
    let fits = |n: u32| n.min(u32::MAX / 2);
    Some((fits(start('-')?), fits(start('+')?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_by_file_and_notes_are_beside_them() {
        let file = |path: &str| ChangedFile {
            path: path.into(),
            added: Some(1),
            removed: Some(1),
            outside: false,
        };
        let text = "diff --git a/a b/a\nindex 1..2 100644\n--- a/a\n+++ b/a\n@@ -3,2 +7,2 @@ fn\n same\n\
            --- gone\n+++ come\n\\ No newline at end of file\ndiff --git a/b b/b\nBinary files differ\n";
        let notes = Notes::from([(("a".to_string(), 8), vec!["look".to_string()])]);
        let (files, is_cut) = files(text, &[file("a"), file("b")], &notes);
        assert!(!is_cut && files[1].lines.is_empty());
        let lines: Vec<_> = files[0]
            .lines
            .iter()
            .map(|line| (line.tag, line.number, line.text.as_str(), line.notes.len()))
            .collect();
        let wanted = [
            ("b", None, "@@ -3,2 +7,2 @@ fn", 0),
            ("span", Some(7), " same", 0),
            ("del", Some(4), "--- gone", 0),
            ("ins", Some(8), "+++ come", 1),
            ("span", None, "\\ No newline at end of file", 0),
        ];
        assert_eq!(lines, wanted);
    }
}
