//! Uids: the name of an object that never changes, in the form of a lower-case ULID
//! (<https://github.com/ulid/spec>): 26 characters of Crockford's base 32.

use sha2::{Digest, Sha256};
use std::fmt;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The uid of an item, a comment, a claim, a reservation or a message.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Uid(String);

impl Uid {
    /// A uid from a time (milliseconds since the Unix epoch) and 80 random bits.
    pub fn from_parts(ms: u64, random: [u8; 10]) -> Self {
        let mut bytes = [0u8; 16];
        bytes[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        Self::encode(u128::from_be_bytes(bytes))
    }

    /// A uid derived from what names an object elsewhere: the same parts give the same uid in
    /// every clone.
    pub fn derived(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        // The first character of a ULID holds only three bits.
        Self::encode(u128::from_be_bytes(bytes))
    }

    fn encode(value: u128) -> Self {
        let mut text = [0u8; 26];
        for (i, slot) in text.iter_mut().rev().enumerate() {
            *slot = ALPHABET[((value >> (5 * i)) & 31) as usize];
        }
        Uid(text.iter().map(|b| *b as char).collect())
    }

    /// Checks and wraps a uid.
    pub fn new(text: &str) -> Option<Self> {
        let ok = text.len() == 26
            && text.as_bytes()[0] <= b'7'
            && text.bytes().all(|b| ALPHABET.contains(&b));
        ok.then(|| Uid(text.to_string()))
    }

    /// The uid as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last `n` characters (all random): what distinguishes file names and aliases.
    pub fn suffix(&self, n: usize) -> &str {
        &self.0[26 - n.min(26)..]
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let digest = Sha256::digest(bytes);
    let mut out = String::with_capacity(64);
    for byte in digest {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Whether a text has the form that [`sha256_hex`] gives.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let uid = Uid::from_parts(1_763_625_600_000, [7; 10]);
        assert_eq!(Uid::new(uid.as_str()).as_ref(), Some(&uid));
        assert_eq!(uid.suffix(4).len(), 4);
        assert_eq!(Uid::derived(&["a", "b"]), Uid::derived(&["a", "b"]));
        assert_ne!(Uid::derived(&["ab", ""]), Uid::derived(&["a", "b"]));
        for bad in [
            "",
            "../../../../etc/passwd/xxxx",
            "8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "01JD0000000000000000000000",
        ] {
            assert!(Uid::new(bad).is_none(), "{bad}");
        }
    }
}
