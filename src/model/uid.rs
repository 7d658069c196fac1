//! Uids: the permanent names of documents, in the form of lower-case ULIDs.
//!
//! That is 26 characters of Crockford's base 32 (<https://github.com/ulid/spec>).

use sha2::{Digest, Sha256};
use std::fmt;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The uid of an item, a comment, a claim, a reservation or a message. Its bytes are stored inline:
/// a state has several for every document, and copying one must be cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid([u8; 26]);

impl Uid {
    /// A uid from a time (milliseconds since the Unix epoch) and 80 random bits.
    pub fn from_parts(ms: u64, random: [u8; 10]) -> Self {
        let mut bytes = [0u8; 16];
        bytes[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        Self::encode(u128::from_be_bytes(bytes))
    }

    /// A uid derived from the name of an object in another system: the same parts give the same uid
    /// in every clone.
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
        Uid(text)
    }

    /// Checks and wraps a uid; `None` if it is not valid.
    pub fn new(text: &str) -> Option<Self> {
        let bytes: [u8; 26] = text.as_bytes().try_into().ok()?;
        let ok = bytes[0] <= b'7' && bytes.iter().all(|b| is_digit(*b));
        ok.then_some(Uid(bytes))
    }

    /// The uid as text.
    pub fn as_str(&self) -> &str {
        // Always ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The last `n` characters (all random), which distinguish file names and aliases.
    pub fn suffix(&self, n: usize) -> &str {
        &self.as_str()[26 - n.min(26)..]
    }
}

super::text::text_form!(Uid, "a uid", Uid::new);

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Uid").field(&self.as_str()).finish()
    }
}

/// True for a digit of Crockford's base 32 in lower case: no `i`, `l`, `o`, `u`.
fn is_digit(b: u8) -> bool {
    matches!(b, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z')
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        out.push(DIGITS[usize::from(byte >> 4)] as char);
        out.push(DIGITS[usize::from(byte & 15)] as char);
    }
    out
}

/// The first 64 bits of the SHA-256 of `bytes`.
pub(super) fn sha256_start(bytes: &[u8]) -> u64 {
    let mut start = [0; 8];
    start.copy_from_slice(&Sha256::digest(bytes)[..8]);
    u64::from_be_bytes(start)
}

/// True for a lower-case hexadecimal digit.
pub fn is_hex(b: u8) -> bool {
    matches!(b, b'0'..=b'9' | b'a'..=b'f')
}

/// True if a text has the form of [`sha256_hex`].
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(is_hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_round_trip_as_text_and_json() {
        let uid = Uid::from_parts(1_763_625_600_000, [7; 10]);
        assert_eq!(Uid::new(uid.as_str()).as_ref(), Some(&uid));
        let json = serde_json::to_string(&uid).unwrap();
        assert_eq!(json, format!("\"{uid}\""));
        assert_eq!(serde_json::from_str::<Uid>(&json).unwrap(), uid);
        assert!(serde_json::from_str::<Uid>("\"../x\"").is_err());
        assert_eq!(uid.suffix(4).len(), 4);
        assert_eq!(Uid::derived(&["a", "b"]), Uid::derived(&["a", "b"]));
        assert_ne!(Uid::derived(&["ab", ""]), Uid::derived(&["a", "b"]));
        for b in 0..=u8::MAX {
            assert_eq!(is_digit(b), ALPHABET.contains(&b), "{b}");
        }
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
