//! What identifies a statement across edits of the document around it.

use std::collections::BTreeMap;

use super::draft::Accounted;
use crate::model::uid::sha256_hex;

/// For each statement what identifies it: 12 hexadecimal digits of the SHA-256 of its words, and its
/// number among those with the same ones. So an edit elsewhere in the document leaves it alone.
pub(super) fn anchors(document: &str, statements: &[Accounted]) -> Vec<String> {
    let lines: Vec<&str> = document.lines().collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    statements
        .iter()
        .map(|statement| {
            let (start, end) = (statement.lines.start as usize, statement.lines.end as usize);
            let own = lines.get(start.saturating_sub(1)..end.min(lines.len()));
            let words = own.unwrap_or_default().join(" ").to_lowercase();
            let words: Vec<&str> = words.split_whitespace().collect();
            let hash = sha256_hex(words.join(" ").as_bytes());
            let hash = hash.get(..12).unwrap_or_default().to_owned();
            let number = seen.entry(hash.clone()).or_default();
            *number += 1;
            format!("{hash}.{number}")
        })
        .collect()
}
