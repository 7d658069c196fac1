//! The name of a redacted secret in the state, which does not contain the secret.
//!
//! It has its length, a rolling checksum and a slow hash. It recognizes the secret inside other texts
//! too, so that a title written in a clone without the redaction does not bring it back.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::limits::{SECRET_MAX, SECRET_MIN};
use super::uid::sha256_hex;

/// The number of hash rounds: they make each guess of a short secret expensive, while a text
/// without the secret rarely passes the checksum.
const ROUNDS: usize = 4096;

/// The base of the checksum.
const BASE: u32 = 16_777_619;

/// The name of a secret: `<bytes>-<checksum, 4 hex digits>-<hash, 64 hex digits>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecretHash {
    length: usize,
    checksum: u16,
    hash: String,
}

impl SecretHash {
    /// The name of a secret.
    pub fn of(text: &str) -> Self {
        SecretHash {
            length: text.len(),
            checksum: short(sum(text.as_bytes())),
            hash: slow(text.as_bytes()),
        }
    }

    /// True if a text contains the secret.
    pub fn is_in(&self, text: &str) -> bool {
        self.is_within(text.as_bytes())
    }

    /// True if bytes, which need not be valid UTF-8, contain the secret.
    pub fn is_within(&self, bytes: &[u8]) -> bool {
        self.end_in(bytes).is_some()
    }

    /// True if a text is the secret.
    pub fn is_all_of(&self, text: &str) -> bool {
        self.length == text.len() && self.is_in(text)
    }

    /// A text with `[redacted]` in place of the secret.
    pub fn cut_from(&self, text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(end) = self.end_in(rest.as_bytes()) {
            out.push_str(&rest[..end - self.length]);
            out.push_str("[redacted]");
            rest = &rest[end..];
        }
        out + rest
    }

    /// The end of the first occurrence of the secret in a text, in bytes.
    fn end_in(&self, bytes: &[u8]) -> Option<usize> {
        let n = self.length;
        if n == 0 || bytes.len() < n {
            return None;
        }
        let top = (1..n).fold(1u32, |power, _| power.wrapping_mul(BASE));
        let mut sum = sum(&bytes[..n]);
        let mut seen: BTreeSet<&[u8]> = BTreeSet::new();
        for end in n..=bytes.len() {
            let window = &bytes[end - n..end];
            if short(sum) == self.checksum && seen.insert(window) && slow(window) == self.hash {
                return Some(end);
            }
            if let Some(next) = bytes.get(end) {
                sum = sum
                    .wrapping_sub(u32::from(bytes[end - n]).wrapping_mul(top))
                    .wrapping_mul(BASE)
                    .wrapping_add(u32::from(*next));
            }
        }
        None
    }
}

fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0u32, |sum, b| {
        sum.wrapping_mul(BASE).wrapping_add(u32::from(*b))
    })
}

fn short(sum: u32) -> u16 {
    let [a, b, _, _] = sum.to_be_bytes();
    u16::from_be_bytes([a, b])
}

fn slow(bytes: &[u8]) -> String {
    (1..ROUNDS).fold(sha256_hex(bytes), |hash, _| sha256_hex(hash.as_bytes()))
}

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04x}-{}", self.length, self.checksum, self.hash)
    }
}

impl FromStr for SecretHash {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '-');
        let (Some(length), Some(sum), Some(hash)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(());
        };
        let name = SecretHash {
            length: length.parse().map_err(|_| ())?,
            checksum: u16::from_str_radix(sum, 16).map_err(|_| ())?,
            hash: hash.to_string(),
        };
        let valid = (SECRET_MIN..=SECRET_MAX).contains(&name.length)
            && super::uid::is_sha256(hash)
            && name.to_string() == text;
        valid.then_some(name).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_anywhere_in_a_text() {
        let name = SecretHash::of("hunter2");
        assert_eq!(name.to_string().parse(), Ok(name.clone()));
        for text in ["hunter2", "ahunter2", "hunter2b", "é hunter2 é", "hhunter2"] {
            assert!(name.is_in(text), "{text}");
            assert_eq!(name.is_all_of(text), text == "hunter2", "{text}");
        }
        for text in ["", "hunter", "Hunter2", "hunter 2", "hunter3 unter2h"] {
            assert!(!name.is_in(text), "{text}");
        }
    }

    #[test]
    fn a_secret_is_removed_from_a_text() {
        let name = SecretHash::of("hunter2");
        assert_eq!(
            name.cut_from("é hunter2hunter2 é"),
            "é [redacted][redacted] é"
        );
        assert_eq!(name.cut_from("hunter3"), "hunter3");
    }

    #[test]
    fn invalid_names_are_refused() {
        let name = SecretHash::of("secret").to_string();
        assert!(name.starts_with("6-"), "{name}");
        let short = name.replacen("6-", "3-", 1);
        for wrong in [
            short.as_str(),
            "",
            "6",
            "0-0000-",
            "99999-0000-00",
            "06-0000-00",
        ] {
            assert!(wrong.parse::<SecretHash>().is_err(), "{wrong}");
        }
    }
}
