//! How the state knows a secret without holding it: by its length, a checksum that can be carried
//! along a text, and a slow hash. So it is recognised inside other texts, too: a title that was
//! written around it in a clone that has never heard of the redaction does not bring it back.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::uid::sha256_hex;

/// How often the hash is taken: whoever tries to guess a short secret pays for each guess, while a
/// text that does not hold it never gets that far.
const ROUNDS: usize = 4096;

/// The shortest text that is looked for, in bytes: nobody may hide every text that has an `e`.
pub const MIN: usize = 4;

/// The longest text that is looked for, in bytes.
pub const MAX: usize = 4096;

/// The base of the checksum.
const BASE: u32 = 16_777_619;

/// The name of a redacted text: `<bytes>-<checksum, 4 hex digits>-<hash, 64 hex digits>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextHash {
    length: usize,
    checksum: u16,
    hash: String,
}

impl TextHash {
    /// The name of a text.
    pub fn of(text: &str) -> Self {
        TextHash {
            length: text.len(),
            checksum: short(sum(text.as_bytes())),
            hash: slow(text.as_bytes()),
        }
    }

    /// Whether a text holds the one that is named.
    pub fn is_in(&self, text: &str) -> bool {
        self.end_in(text).is_some()
    }

    /// Whether a text is the one that is named.
    pub fn is_all_of(&self, text: &str) -> bool {
        self.length == text.len() && self.is_in(text)
    }

    /// A text with `[redacted]` wherever it held the one that is named.
    pub fn cut_from(&self, text: &str) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(end) = self.end_in(rest) {
            out.push_str(&rest[..end - self.length]);
            out.push_str("[redacted]");
            rest = &rest[end..];
        }
        out + rest
    }

    /// The byte behind the first place at which a text holds the one that is named.
    fn end_in(&self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let n = self.length;
        if n == 0 || bytes.len() < n {
            return None;
        }
        let top = (1..n).fold(1u32, |power, _| power.wrapping_mul(BASE));
        let mut sum = sum(&bytes[..n]);
        let mut looked: BTreeSet<&[u8]> = BTreeSet::new();
        for end in n..=bytes.len() {
            let window = &bytes[end - n..end];
            if short(sum) == self.checksum && looked.insert(window) && slow(window) == self.hash {
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

impl fmt::Display for TextHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04x}-{}", self.length, self.checksum, self.hash)
    }
}

impl FromStr for TextHash {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '-');
        let (Some(length), Some(sum), Some(hash)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(());
        };
        let name = TextHash {
            length: length.parse().map_err(|_| ())?,
            checksum: u16::from_str_radix(sum, 16).map_err(|_| ())?,
            hash: hash.to_string(),
        };
        let sound = (MIN..=MAX).contains(&name.length)
            && super::uid::is_sha256(hash)
            && name.to_string() == text;
        sound.then_some(name).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_stands_and_nothing_else_is() {
        let name = TextHash::of("hunter2");
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
    fn it_is_cut_from_a_text_wherever_it_stands() {
        let name = TextHash::of("hunter2");
        assert_eq!(
            name.cut_from("é hunter2hunter2 é"),
            "é [redacted][redacted] é"
        );
        assert_eq!(name.cut_from("hunter3"), "hunter3");
    }

    #[test]
    fn a_name_does_not_depend_on_the_program() {
        let name = TextHash::of("secret").to_string();
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
            assert!(wrong.parse::<TextHash>().is_err(), "{wrong}");
        }
    }
}
