//! Ids, as users type them: `T-0001` is a sequential id, `pm-a3f8` a hash id, `pm-a3f8.1` the id of a child.
//!
//! Also the references between documents, which contain the uid and so remain valid after a change of
//! id.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::{ID_PREFIX_MAX, ID_SHOWN_MAX};
use super::uid::Uid;
use super::vocabulary::terms;

terms! {
    /// The kind of an item.
    ItemKind in "kind" {
        /// A requirements document.
        Prd = "prd",
        /// A group of tasks.
        Epic = "epic",
        /// A unit of planned work: one branch, one worktree.
        Task = "task",
        /// A unit of work with a hash id, as beads has it.
        Issue = "issue",
    }
}

/// The kind of most items.
impl Default for ItemKind {
    fn default() -> ItemKind {
        ItemKind::Task
    }
}

impl ItemKind {
    /// The letter of sequential ids; `None` for issues, whose ids are hashes.
    pub fn letter(self) -> Option<char> {
        match self {
            ItemKind::Prd => Some('P'),
            ItemKind::Epic => Some('E'),
            ItemKind::Task => Some('T'),
            ItemKind::Issue => None,
        }
    }
}

/// The sequential id of a number: at least four digits.
pub fn sequential(kind: ItemKind, number: u32) -> String {
    format!("{}-{number:04}", kind.letter().unwrap_or('T'))
}

/// The kind and number of a sequential id, with any leading zeros and a letter of either case.
pub fn parse_sequential(text: &str) -> Option<(ItemKind, u32)> {
    let (letter, digits) = text.split_once('-')?;
    let mut letters = letter.chars();
    let letter = letters.next()?.to_ascii_uppercase();
    let kind = ItemKind::ALL
        .into_iter()
        .find(|k| k.letter() == Some(letter))?;
    let numeric = letters.next().is_none()
        && !digits.is_empty()
        && digits.len() <= 9
        && digits.bytes().all(|b| b.is_ascii_digit());
    if !numeric {
        return None;
    }
    Some((kind, digits.parse().ok()?))
}

/// The mark that people read behind an id whose number may still change, and may type there.
pub const UNSETTLED: char = '?';

/// The form in which ids are compared: a sequential id with its letter in upper case and its zeros
/// normalized, any other id as it is; without the mark [`UNSETTLED`].
pub fn normalized(text: &str) -> String {
    let text = text.strip_suffix(UNSETTLED).unwrap_or(text);
    match parse_sequential(text) {
        Some((kind, number)) => sequential(kind, number),
        None => text.to_string(),
    }
}

/// Returns an id that is safe to print in a sentence, on one line, and unquoted in a command to
/// copy; `None` for any other text, since ids come from other people's commits and files.
pub fn plain(id: &str) -> Option<&str> {
    let fine =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/' | '@' | '+');
    let is_plain = !id.is_empty()
        && !id.starts_with('-')
        && id.chars().all(fine)
        && id.chars().count() <= ID_SHOWN_MAX;
    is_plain.then_some(id)
}

/// A branch as one word of a command to copy, like [`word`]. A name that is not plain is written in
/// full, so that it cannot be mistaken for an option.
pub fn branch_word(name: &str) -> String {
    match plain(name) {
        Some(plain) => plain.to_string(),
        None => word(&format!("refs/heads/{name}")),
    }
}

/// A text as one word of a command to copy: as it is if it is [`plain`], else quoted for a shell.
/// Branch names come from other people's commits.
pub fn word(text: &str) -> String {
    match plain(text) {
        Some(plain) => plain.to_string(),
        None => format!("'{}'", super::text::one_line(text).replace('\'', r"'\''")),
    }
}

/// A sort key for ids in natural order: sequential ids by kind and number, then all others as text,
/// with the child numbers after their dots by value (`pm-a.2` before `pm-a.10`).
pub fn rank(id: &str) -> Vec<u8> {
    if let Some((kind, number)) = parse_sequential(id) {
        let mut key = vec![0, kind as u8];
        key.extend(number.to_be_bytes());
        return key;
    }
    let mut parts = id.split('.');
    let mut key = vec![1];
    // The part before the first dot is always text.
    key.extend(parts.next().unwrap_or_default().as_bytes());
    key.push(0);
    for part in parts {
        let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        match part.parse::<u64>() {
            Ok(number) if digits => {
                key.push(1);
                key.extend(number.to_be_bytes());
            }
            _ => {
                key.push(2);
                key.extend(part.as_bytes());
                key.push(0);
            }
        }
    }
    // `1` and `01` have the same value; the text decides.
    key.push(0);
    key.extend(id.as_bytes());
    key
}

/// A reference from one document to an item: `<birth id>-<uid>`, or an external id.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct ItemRef {
    /// The item's birth id, or the whole text of an external reference.
    pub born: String,
    /// The item's uid; `None` in an external reference (`external:<project>:<id>`).
    pub uid: Option<Uid>,
}

impl ItemRef {
    /// A reference to an item.
    pub fn to(born: &str, uid: &Uid) -> Self {
        ItemRef {
            born: born.to_string(),
            uid: Some(uid.clone()),
        }
    }

    /// The id alone, safe to print: the uid if the birth id is not [`plain`]; in an external
    /// reference `_` replaces every unsafe character.
    pub fn shown(&self) -> String {
        match (plain(&self.born), &self.uid) {
            (Some(born), _) => born.to_string(),
            (None, Some(uid)) => uid.to_string(),
            (None, None) => {
                let safe = |c: char| {
                    if plain(c.encode_utf8(&mut [0; 4])).is_some() {
                        c
                    } else {
                        '_'
                    }
                };
                self.born.chars().take(ID_SHOWN_MAX).map(safe).collect()
            }
        }
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Self {
        if let Some((born, uid)) = text.rsplit_once('-')
            && let Some(uid) = Uid::new(uid)
        {
            return ItemRef {
                born: born.to_string(),
                uid: Some(uid),
            };
        }
        ItemRef {
            born: text.to_string(),
            uid: None,
        }
    }
}

impl fmt::Display for ItemRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.uid {
            Some(uid) => write!(f, "{}-{uid}", self.born),
            None => f.write_str(&self.born),
        }
    }
}

/// The number of characters of the uid in an alias.
pub const SUFFIX: usize = 4;

/// The permanent alias of an item: its birth id and the end of its uid, or the uid if the birth id
/// is not [`plain`].
pub fn alias(born: &str, uid: &Uid) -> String {
    match plain(born) {
        Some(born) => format!("{born}-{}", uid.suffix(SUFFIX)),
        None => uid.to_string(),
    }
}

/// The default prefix of hash ids.
pub const HASH_PREFIX: &str = "pm";

/// True if a text can be the prefix of hash ids: lower-case letters, digits, and dashes between
/// them, a letter first. A single letter, as in sequential ids, cannot.
pub fn is_prefix(text: &str) -> bool {
    let part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (2..=ID_PREFIX_MAX).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text.bytes().all(part)
}

/// The length of a hash id when `count` of them exist, at least four characters: the probability of
/// a collision stays below a quarter by the birthday bound (the rule of beads).
pub fn hash_length(count: usize) -> usize {
    let n = count as f64;
    (4..8)
        .find(|length| {
            let space = 36f64.powi(*length);
            1.0 - (-(n * n) / (2.0 * space)).exp() < 0.25
        })
        .map_or(8, |l| l as usize)
}

/// The hash id of `length` characters for a uid; another `nonce` gives another id after a
/// collision.
pub fn hash_id(prefix: &str, uid: &Uid, nonce: u32, length: usize) -> String {
    const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let hash = super::uid::sha256_hex(format!("{uid}/{nonce}").as_bytes());
    let mut value = u128::from_str_radix(&hash[..32], 16).unwrap_or_default();
    let mut out = format!("{prefix}-");
    for _ in 0..length {
        out.push(BASE36[(value % 36) as usize] as char);
        value /= 36;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_without_special_characters_are_shown() {
        for fine in ["T-0007", "pm-a3f8.1", "area/ui", "a@b+c:d", "größe-a1b"] {
            assert_eq!(plain(fine), Some(fine));
        }
        let long = "x".repeat(121);
        for odd in [
            "",
            "-x",
            "a b",
            "$(rm)",
            "a;b",
            "a\nb",
            "a\u{202e}b",
            "`x`",
            "~x",
            "a=b",
            &long,
        ] {
            assert_eq!(plain(odd), None, "{odd}");
        }
        let uid = Uid::new("01jd4qz0r0000000000000k3f9").unwrap();
        assert_eq!(alias("T-7$(x)", &uid), uid.as_str());
        assert_eq!(ItemRef::to("T-7$(x)", &uid).shown(), uid.as_str());
        assert_eq!(ItemRef::parse("external:$(x)").shown(), "external:__x_");
    }

    #[test]
    fn other_texts_are_quoted_in_commands() {
        assert_eq!(branch_word("task/T-1-x"), "task/T-1-x");
        assert_eq!(branch_word("--mirror"), "refs/heads/--mirror");
        assert_eq!(word("a..b"), "a..b");
        assert_eq!(word("$(x)'y\nz"), r"'$(x)'\''y z'");
    }

    // TM-05: zero-padded to four digits, growing past 9999.
    #[test]
    fn tm_05_sequential_ids() {
        assert_eq!(sequential(ItemKind::Task, 1), "T-0001");
        assert_eq!(sequential(ItemKind::Task, 12_345), "T-12345");
        assert_eq!(parse_sequential("t-1"), Some((ItemKind::Task, 1)));
        assert_eq!(normalized("T-1"), "T-0001");
        assert_eq!(normalized("t-1?"), "T-0001");
        assert_eq!(normalized("pm-a3f8"), "pm-a3f8");
        for bad in ["T-", "T-x", "TT-1", "T-0001-k3f9", "X-1", "T-99999999999"] {
            assert_eq!(parse_sequential(bad), None, "{bad}");
        }
    }

    #[test]
    fn ids_sort_in_natural_order() {
        let sorted = [
            "P-0002", "E-0001", "T-0002", "T-0010", "T-12345", "pm-a", "pm-a.2", "pm-a.02",
            "pm-a.2.1", "pm-a.10", "pm-a.x", "pm-ab", "pm-b.1",
        ];
        let mut ids = sorted.to_vec();
        ids.reverse();
        ids.sort_by_cached_key(|id| rank(id));
        let expected = [
            "P-0002", "E-0001", "T-0002", "T-0010", "T-12345", "pm-a", "pm-a.02", "pm-a.2",
            "pm-a.2.1", "pm-a.10", "pm-a.x", "pm-ab", "pm-b.1",
        ];
        assert_eq!(ids, expected);
    }

    #[test]
    fn references_keep_the_uid() {
        let uid = Uid::derived(&["x"]);
        let text = ItemRef::to("pm-a3f8.1", &uid).to_string();
        assert_eq!(ItemRef::parse(&text), ItemRef::to("pm-a3f8.1", &uid));
        assert_eq!(ItemRef::parse("external:other:bd-1").uid, None);
    }

    #[test]
    fn hash_ids_grow_with_the_store() {
        assert_eq!(hash_length(0), 4);
        assert!(hash_length(10_000) > hash_length(100));
        let uid = Uid::derived(&["x"]);
        assert_eq!(hash_id("pm", &uid, 0, 4).len(), 7);
        assert_ne!(hash_id("pm", &uid, 0, 4), hash_id("pm", &uid, 1, 4));
        // Among 1,515 ids of four characters, two collide with a probability of one half; five
        // characters are used long before.
        assert_eq!((hash_length(900), hash_length(1_000)), (4, 5));
    }

    #[test]
    fn a_prefix_is_a_word_of_at_least_two_characters() {
        for good in ["pm", "bd", "web2", "my-app"] {
            assert!(is_prefix(good), "{good}");
        }
        for bad in [
            "", "t", "T", "Web", "2web", "web-", "a--b", "a b", "../x", "a.b", "-x",
        ] {
            assert!(!is_prefix(bad), "{bad}");
        }
    }
}
