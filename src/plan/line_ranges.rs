//! Lists of lines: `65-71, 331`, each with or without an `L`.

use crate::plan::document::Lines;

/// The lines of a list, in its order; `None` if it is not one.
pub(in crate::plan) fn parse(text: &str) -> Option<Vec<Lines>> {
    let text = text.replace(" - ", "-").replace(" – ", "-");
    let parts = text.split([',', ' ', '\t']).filter(|part| !part.is_empty());
    let all: Option<Vec<Lines>> = parts.map(one).collect();
    all.filter(|all| !all.is_empty())
}

fn one(text: &str) -> Option<Lines> {
    let number = |text: &str| {
        let digits = text.strip_prefix(['L', 'l']).unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let (start, end) = match text.split_once(['-', '–']) {
        Some((start, end)) => (number(start)?, number(end)?),
        None => (number(text)?, number(text)?),
    };
    Some(Lines { start, end })
}

/// A list in the form that [`parse`] reads.
pub(in crate::plan) fn shown(lines: Lines) -> String {
    match lines.end > lines.start {
        true => format!("{}-{}", lines.start, lines.end),
        false => lines.start.to_string(),
    }
}

/// A range with what is said of one line and of several: `line 5 was`, `lines 5-6 were`.
pub(in crate::plan) fn said(lines: Lines, of: [&str; 2]) -> String {
    let several = usize::from(lines.end > lines.start);
    [["line ", "lines "][several], &shown(lines), of[several]].concat()
}

/// True if two ranges have a line in common.
pub(in crate::plan) fn meet(a: Lines, b: Lines) -> bool {
    a.start <= b.end && b.start <= a.end
}
