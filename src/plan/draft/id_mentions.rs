//! Ids that authors assign (`FR-3.1`, `US-2`, `T001`): recognized at the beginning of a text, found
//! inside one, and compared without leading zeros and hyphens.

use crate::plan::document::words;

/// The largest number of letters in one part of an id.
const MAX_LETTERS: usize = 12;

/// An id at the beginning of a text: its canonical form and its length in bytes.
fn read(text: &str) -> Option<(String, usize)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut prefix = String::new();
    loop {
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            at += 1;
        }
        if at == start || at - start > MAX_LETTERS {
            return None;
        }
        prefix.push_str(&text[start..at].to_ascii_uppercase());
        match bytes.get(at) {
            Some(b'-') if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                at += 1;
                break;
            }
            Some(b'-') if bytes.get(at + 1).is_some_and(u8::is_ascii_uppercase) => {
                prefix.push('-');
                at += 1;
            }
            Some(b) if b.is_ascii_digit() => break,
            _ => return None,
        }
    }
    let mut id = format!("{prefix}-");
    loop {
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        let digits = text[start..at].trim_start_matches('0');
        id.push_str(if digits.is_empty() { "0" } else { digits });
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'.' | b'-'), Some(next)) if next.is_ascii_digit() => {
                id.push('.');
                at += 1;
            }
            (Some(letter), next)
                if letter.is_ascii_lowercase()
                    && !next.is_some_and(|b| b.is_ascii_alphanumeric()) =>
            {
                id.push(char::from(letter.to_ascii_uppercase()));
                at += 1;
                break;
            }
            _ => break,
        }
    }
    if text[at..]
        .chars()
        .next()
        .is_some_and(|c| c.is_alphanumeric() || c == '_')
    {
        return None;
    }
    Some((id, at))
}

/// The canonical form of an id: upper case, one hyphen before the number, no leading zeros.
pub(super) fn canonical(id: &str) -> String {
    match read(id.trim()) {
        Some((canonical, length)) if length == id.trim().len() => canonical,
        _ => id.trim().to_ascii_uppercase(),
    }
}

/// The letters of an id.
pub(super) fn prefix(id: &str) -> &str {
    let end = id
        .bytes()
        .position(|b| b.is_ascii_digit())
        .unwrap_or(id.len());
    id[..end].trim_end_matches('-')
}

/// The id of which a sub-id is part: `FR-3` for `FR-3.1`.
pub(super) fn parent(id: &str) -> Option<&str> {
    id.rfind('.').map(|dot| &id[..dot])
}

/// The id at the beginning of a text as its author wrote it, in upper case.
pub(super) fn written(text: &str) -> String {
    let open = text.trim_start_matches(['[', '(', '*', '`', ' ']);
    let length = read(open).map_or(0, |(_, length)| length);
    open[..length].to_ascii_uppercase()
}

/// The id that a text begins with, in canonical form, and the rest of the text. Only ids with a
/// hyphen, a known prefix or three digits are accepted: `Q1` or `v2` are ordinary words.
pub(super) fn leading(text: &str) -> Option<(String, &str)> {
    let open = text.trim_start_matches(['[', '(', '*', '`', ' ']);
    let (id, length) = read(open)?;
    let raw = &open[..length];
    if !raw.bytes().any(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let digits = raw.bytes().filter(u8::is_ascii_digit).count();
    let known = words!("FR, US, NFR, REQ, AC, UC, TR, BR, SR, R, T, F, TASK").contains(prefix(&id));
    if !(raw.contains('-') || known || digits >= 3) {
        return None;
    }
    let rest = open[length..]
        .trim_start_matches([']', ')', '*', '`'])
        .trim_start();
    let stripped = rest
        .trim_start_matches([':', '.', '-', '–', '—', '|', '·', ')'])
        .trim_start();
    let ended = rest.is_empty() || stripped.len() < rest.len() || open.len() < text.len();
    let text_follows = stripped
        .chars()
        .next()
        .is_some_and(|c| c.is_alphanumeric() || "`\"'“‘([{*<~$/&#@„«".contains(c));
    (ended || text_follows).then_some((id, stripped))
}

/// All ids in a text, in canonical form, in order.
pub(super) fn all(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let begins = bytes[at].is_ascii_alphabetic()
            && !text[..at]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || c == '_');
        if begins {
            let limit = text[at..]
                .char_indices()
                .nth(60)
                .map_or(text.len(), |(end, _)| at + end);
            if let Some((id, length)) = read(&text[at..limit]) {
                if bytes[at].is_ascii_uppercase() {
                    found.push(id);
                }
                at += length;
                continue;
            }
        }
        at += text[at..].chars().next().map_or(1, char::len_utf8);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_and_hyphens_make_no_difference() {
        assert_eq!(canonical("FR-003"), "FR-3");
        assert_eq!(canonical("fr3"), "FR-3");
        assert_eq!(canonical("FR-3.01"), "FR-3.1");
        assert_eq!(canonical("REQ-AUTH-01"), "REQ-AUTH-1");
    }

    #[test]
    fn an_id_is_taken_from_the_beginning_only() {
        assert_eq!(
            leading("FR-001: System MUST"),
            Some(("FR-1".into(), "System MUST"))
        );
        assert_eq!(
            leading("[T012] [P] Create"),
            Some(("T-12".into(), "[P] Create"))
        );
        assert_eq!(leading("Q1 is over"), None);
        assert_eq!(leading("see FR-1"), None);
    }

    #[test]
    fn ids_inside_a_text_are_found_in_order() {
        assert_eq!(all("needs FR-2 and (US-10), not x86_64"), ["FR-2", "US-10"]);
        assert_eq!(parent("FR-3.1"), Some("FR-3"));
        assert_eq!(prefix("REQ-AUTH-1"), "REQ-AUTH");
    }
}
