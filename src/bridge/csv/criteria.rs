//! The acceptance criteria of a cell. Pure.

use crate::bridge::project::markdown::Tick;
use crate::model::text::one_line;

/// Reads criteria as our export writes them, `[x] one; [ ] other`, or one on each line, perhaps as a list.
pub(super) fn read(cell: &str) -> Vec<Tick> {
    let lines = cell.replace("; [ ] ", "\n[ ] ").replace("; [x] ", "\n[x] ");
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let tick = |line: &str| {
        let line = without(line, ["- ", "* ", "+ "]).unwrap_or(line);
        let text = without(line, ["[ ] ", "[x] ", "[X] "]);
        Tick {
            done: text.is_some() && !line.starts_with("[ ]"),
            number: None,
            text: one_line(text.unwrap_or(line)),
        }
    };
    lines.map(tick).collect()
}

/// A line without the first sign that it begins with; none if it begins with none of them.
fn without<'l>(line: &'l str, signs: [&str; 3]) -> Option<&'l str> {
    let mut signs = signs.into_iter();
    let rest = signs.find_map(|sign| line.strip_prefix(sign));
    rest.map(str::trim_start)
}
