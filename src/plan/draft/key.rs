//! Keys, which identify tasks in later versions of their document.

use super::similarity::normalize;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The key of some texts: 12 hexadecimal digits that depend only on their words.
pub(super) fn key(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let words = normalize(part);
        if words.is_empty() {
            hash.update(part.trim().as_bytes());
        } else {
            hash.update(words.as_bytes());
        }
        hash.update([0x1f]);
    }
    let mut key = String::with_capacity(12);
    for byte in hash.finalize().iter().take(6) {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_case_and_emoji_make_no_difference() {
        assert_eq!(key(&["Set  up", "a"]), key(&["🚀 set up\r\n", "A"]));
        assert_ne!(key(&["ab", "c"]), key(&["a", "bc"]));
        assert_eq!(key(&["x"]).len(), 12);
    }
}
