//! Short ids of documents that have no number: a letter and the end of the uid, `L-k3f9a2`.
//!
//! These are learnings, findings, messages, artifacts and runs. A longer end and the whole uid are accepted,
//! too, so an ambiguous short id can be made longer.

use super::uid::Uid;

/// The number of characters of the uid in a short id.
pub const LENGTH: usize = 6;

/// The letter of learnings.
pub const LEARNING: char = 'L';

/// The letter of findings.
pub const FINDING: char = 'F';

/// The letter of messages.
pub const MESSAGE: char = 'M';

/// The letter of versions of artifacts.
pub const ARTIFACT: char = 'A';

/// The letter of runs.
pub const RUN: char = 'R';

/// The short id of a document.
pub fn short_id(letter: char, uid: &Uid) -> String {
    format!("{letter}-{}", uid.suffix(LENGTH))
}

/// The end of the uid that a text names, in lower case: `L-k3f9a2`, `k3f9a2`, a longer end, or a
/// whole uid. `None` for any other text.
pub fn end_of(letter: char, text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let begin = [letter.to_ascii_lowercase(), '-']
        .iter()
        .collect::<String>();
    let end = text.strip_prefix(&begin).unwrap_or(&text);
    let digits = end.bytes().all(|b| b.is_ascii_alphanumeric());
    (digits && (LENGTH..=26).contains(&end.len())).then(|| end.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_id_is_read_with_or_without_its_letter() {
        let uid = Uid::new("01jd4qz0r0000000000000k3f9").unwrap();
        assert_eq!(short_id(LEARNING, &uid), "L-00k3f9");
        let end = |text| end_of(LEARNING, text);
        assert_eq!(end("L-00k3f9").as_deref(), Some("00k3f9"));
        assert_eq!(end("l-00K3F9").as_deref(), Some("00k3f9"));
        assert_eq!(end("000k3f9").as_deref(), Some("000k3f9"));
        assert_eq!(end(uid.as_str()).as_deref(), Some(uid.as_str()));
        for bad in ["", "L-", "k3f9", "M-00k3f9", "L-00k3f9/..", "L-0 k3f9"] {
            assert_eq!(end(bad), None, "{bad}");
        }
    }
}
