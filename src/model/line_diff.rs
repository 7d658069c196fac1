//! The differences between two lists, and between two texts by their lines.
//!
//! Equal elements get equal numbers first, so that the algorithm is compiled for numbers alone. Pure.

use super::limits::DIFF_CONTEXT_LINES;

use std::collections::HashMap;
use std::hash::Hash;

use similar::udiff::UnifiedHunkHeader;
use similar::{Algorithm, DiffOp};

/// The operations that make the second list of the first.
pub fn operations<T: Eq + Hash>(old: &[T], new: &[T]) -> Vec<DiffOp> {
    let mut known: HashMap<&T, u32> = HashMap::new();
    let mut numbers = old.iter().chain(new).map(|element| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        *known.entry(element).or_insert(next)
    });
    let before: Vec<u32> = numbers.by_ref().take(old.len()).collect();
    let after: Vec<u32> = numbers.collect();
    similar::capture_diff_slices(Algorithm::Myers, &before, &after)
}

/// How alike two texts are by their characters, from 0 to 1.
pub fn likeness(one: &str, other: &str) -> f32 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    similar::diff_ratio(&operations(&one, &other), one.len(), other.len())
}

/// How alike two texts are by their words, from 0 to 1; in a script without spaces each character is one.
pub fn likeness_of_words(one: &str, other: &str) -> f32 {
    let (one, other) = (words(one), words(other));
    match one.is_empty() || other.is_empty() {
        true => 0.0,
        false => similar::diff_ratio(&operations(&one, &other), one.len(), other.len()),
    }
}

fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let runs = text.split(|c: char| !c.is_alphanumeric());
    let mut words = Vec::new();
    for run in runs.filter(|run| !run.is_empty()) {
        match run.contains(|c: char| c >= '\u{2e80}') {
            true => words.extend(run.chars().map(String::from)),
            false => words.push(run.to_owned()),
        }
    }
    words
}

/// Two texts as a unified diff, without the names of files.
pub fn unified(old: &str, new: &str) -> String {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let mut out = String::new();
    for group in similar::group_diff_ops(operations(&old, &new), DIFF_CONTEXT_LINES) {
        out += &format!("{}\n", UnifiedHunkHeader::new(&group));
        for op in group {
            let (before, after) = (&old[op.old_range()], &new[op.new_range()]);
            match op {
                DiffOp::Equal { .. } => put(&mut out, ' ', before),
                _ => {
                    put(&mut out, '-', before);
                    put(&mut out, '+', after);
                }
            }
        }
    }
    out
}

/// Adds lines with a sign.
fn put(out: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unified_diff_has_headers_context_and_the_missing_line_feed() {
        assert_eq!(
            unified("a\nb\nc\n", "a\nx\nc"),
            "@@ -1,3 +1,3 @@\n a\n-b\n-c\n+x\n+c\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("", "a\n"), "@@ -0,0 +1 @@\n+a\n");
        assert_eq!(unified("a\n", "a\n"), "");
    }

    /// As `similar` writes it.
    #[test]
    fn a_unified_diff_is_that_of_the_library() {
        let line = |n: usize| format!("line {}\n", n % 7);
        for seed in 0..40 {
            let old: String = (0..30).map(|n| line(n * n + seed)).collect();
            let new: String = (0..30).map(|n| line(n * n + seed + n / 11)).collect();
            let diff = similar::TextDiff::from_lines(&old, &new);
            assert_eq!(unified(&old, &new), diff.unified_diff().to_string());
        }
    }
}
