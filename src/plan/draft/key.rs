//! Keys, which identify tasks in later versions of their document.

use std::collections::HashMap;

use crate::model::uid::sha256_hex;
use git_pm_document::normalize;

/// The key of some texts that is not yet `taken`.
pub(super) fn unique(taken: &mut HashMap<String, usize>, parts: &[&str]) -> String {
    let base = key(parts);
    let count = taken.entry(base.clone()).or_default();
    *count += 1;
    let again = count.to_string();
    match *count {
        1 => base,
        _ => key(&[parts, &["again", &again]].concat()),
    }
}

/// The key of some texts: 12 hexadecimal digits that depend only on their words.
pub(super) fn key(parts: &[&str]) -> String {
    let mut said = String::new();
    for part in parts {
        let words = normalize(part);
        said += if words.is_empty() {
            part.trim()
        } else {
            &words
        };
        said.push('\u{1f}');
    }
    sha256_hex(said.as_bytes())[..12].to_string()
}
