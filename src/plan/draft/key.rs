//! Keys, which identify tasks in later versions of their document.

use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;

use crate::plan::document::normalize;

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
    let mut hash = Sha256::new();
    for part in parts {
        let words = normalize(part);
        hash.update(
            if words.is_empty() {
                part.trim()
            } else {
                &words
            }
            .as_bytes(),
        );
        hash.update([0x1f]);
    }
    let mut key = String::with_capacity(12);
    for byte in hash.finalize().iter().take(6) {
        let _ = write!(key, "{byte:02x}");
    }
    key
}
