//! The ids that authors assign (`FR-3.1`, `REQ-7`, `US-2`, `Story 3`): recognized at the beginning
//! of a text, and compared.

use super::{Words, words};

/// Prefixes that are known to belong to ids.
const KNOWN: Words = words!(
    "FR, NFR, REQ, US, AC, UC, BR, TR, SR, UR, RQ, FREQ, NF, RNF, RF, QR, SRS, FEAT, NREQ, FUNC, \
     STORY, PRD",
);

/// Nouns that form an id with a number.
const NAMED: &[(&str, &str)] = &[
    ("user story", "US"),
    ("story", "US"),
    ("requirement", "REQ"),
    ("functional requirement", "FR"),
    ("use case", "UC"),
    ("non-functional requirement", "NFR"),
    ("acceptance criterion", "AC"),
];

/// The ids that are accepted in addition to the known prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShortIds {
    /// None.
    Plain,
    /// In a section of requirements: also `R12` and `F-3`.
    Requirements,
    /// In a section whose entries have numbers, such as risks: `R-3`, `Q1`, `A-2`.
    Numbered,
}

/// The id that `text` begins with, in upper case, and the text after the separator.
pub(super) fn split(text: &str, short_ids: ShortIds) -> Option<(String, &str)> {
    let text = text.trim_start();
    if let Some(found) = named(text) {
        return Some(found);
    }
    let (open, inner) = match text.chars().next()? {
        '[' => (Some(']'), &text[1..]),
        '(' => (Some(')'), &text[1..]),
        '`' => (Some('`'), &text[1..]),
        _ => (None, text),
    };
    let end = inner
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(inner.len());
    let token = inner[..end].trim_end_matches(['.', '-', '_']);
    let mut rest = &inner[token.len()..];
    let (id, used) = match shape(token, short_ids) {
        Some(id) => (id, 0),
        None => spaced(token, rest)?,
    };
    rest = &rest[used..];
    if let Some(close) = open {
        rest = rest.strip_prefix(close)?;
    }
    let strong =
        open.is_some() || rest.is_empty() || rest.trim_start().starts_with([':', '：', '|']);
    if !strong && is_standard(&id) {
        return None;
    }
    if !known(&id) && short_ids == ShortIds::Plain && !strong {
        return None;
    }
    after(rest).map(|rest| (id, rest))
}

/// The text after an id, without the separator; `None` if the id is part of a longer word.
fn after(rest: &str) -> Option<&str> {
    match rest.chars().next() {
        None => Some(rest),
        Some(c) if c.is_alphanumeric() || matches!(c, '/' | '_' | '+') => None,
        Some(_) => Some(rest.trim_start_matches([
            ':', '：', '.', ')', '-', '–', '—', '|', '·', ' ', '\u{a0}', '、',
        ])),
    }
}

/// `Story 3: …`, `User story #3.1 — …`; not a story in a sentence (`Story 3 is late`).
fn named(text: &str) -> Option<(String, &str)> {
    for (name, prefix) in NAMED {
        let Some(head) = text.get(..name.len()) else {
            continue;
        };
        if !head.eq_ignore_ascii_case(name) {
            continue;
        }
        let rest = text[name.len()..]
            .strip_prefix([' ', '-', '\u{a0}'])?
            .trim_start_matches('#');
        let (prefix, rest) = match rest.get(..prefix.len() + 1) {
            Some(own) if own.eq_ignore_ascii_case(&format!("{prefix}-")) => {
                (prefix, &rest[own.len()..])
            }
            _ => (prefix, rest),
        };
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches('.');
        let rest = &rest[number.len()..];
        if !is_number(number) {
            return None;
        }
        if !rest.is_empty()
            && !rest
                .trim_start()
                .starts_with([':', '：', '-', '–', '—', '.', ')', '(', '|'])
        {
            return None;
        }
        return after(rest).map(|rest| (format!("{prefix}-{number}"), rest));
    }
    None
}

/// `FR 3: …`: a known prefix in capitals, a space, a number, a separator.
fn spaced<'a>(token: &str, rest: &'a str) -> Option<(String, usize)> {
    if !words!("FR, NFR, REQ, AC, US, UC").contains(token) {
        return None;
    }
    let number = rest.strip_prefix(' ')?;
    let end = number
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(number.len());
    let digits = number[..end].trim_end_matches('.');
    let after: &'a str = &number[digits.len()..];
    let closed = after.is_empty()
        || after
            .trim_start()
            .starts_with([':', '-', '–', '—', '.', ')', ']']);
    (is_number(digits) && closed).then(|| (format!("{token}-{digits}"), 1 + digits.len()))
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 12
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// The id in `token`, if it has the form of one: letters, then a number, with or without a hyphen.
fn shape(token: &str, short_ids: ShortIds) -> Option<String> {
    if token.len() > 32 || !token.is_ascii() {
        return None;
    }
    let digits = token
        .rfind(|c: char| c.is_ascii_alphabetic())
        .map(|at| at + 1)?;
    // `FR-3a` is a part of FR-3.
    let (head, tail) = if token[digits..].is_empty() && token.len() >= 2 {
        (&token[..digits - 1], &token[digits - 1..])
    } else {
        (token, "")
    };
    let digits = head
        .rfind(|c: char| c.is_ascii_alphabetic())
        .map(|at| at + 1)?;
    let (prefix, number) = head.split_at(digits);
    let hyphen = number.starts_with(['-', '_']);
    let number = number.trim_start_matches(['-', '_']);
    let number_parts = number.split(['.', '-', '_']);
    if number.is_empty() || !number_parts.clone().all(is_number) || number_parts.count() > 5 {
        return None;
    }
    let upper = prefix.to_ascii_uppercase();
    let first = upper.split(['-', '_']).next().unwrap_or_default();
    let last = upper.split(['-', '_']).next_back().unwrap_or_default();
    let parts_fit = upper.split(['-', '_']).all(|part| {
        !part.is_empty() && part.len() <= 12 && part.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if !parts_fit {
        return None;
    }
    let known = KNOWN.contains(first) || KNOWN.contains(last);
    let in_capitals = prefix == upper;
    let short = upper.len() == 1;
    let fits = match (known, hyphen, short) {
        (true, true, _) => in_capitals || first == upper,
        (true, false, _) => in_capitals && upper != "PRD",
        (false, _, true) => in_capitals && short_ids != ShortIds::Plain,
        (false, hyphen, false) => {
            in_capitals && (hyphen || short_ids == ShortIds::Numbered) && !is_standard(&upper)
        }
    };
    (fits && (tail.is_empty() || known))
        .then(|| format!("{}{}", head.to_ascii_uppercase(), tail.to_ascii_uppercase()))
}

fn known(id: &str) -> bool {
    let prefix: String = id.chars().take_while(char::is_ascii_alphabetic).collect();
    KNOWN.contains(&prefix) || id.split(['-', '_']).any(|part| KNOWN.contains(part))
}

/// True for names of standards that look like ids: `UTF-8`, `SHA-256`.
fn is_standard(id: &str) -> bool {
    const STANDARDS: Words = words!(
        "UTF, ISO, SHA, RFC, HTTP, GPT, IPV, IP, COVID, AES, RSA, BASE, ES, EC, MD, TLS, SSL, \
         ASCII, CP, WIN, ARM, X, H, MP, GB, USB, PEP, CVE, WCAG, PCI, SOC, IEEE, EN, DIN, JSR, PDF, \
         OAUTH, S, V, DO, CRC, GDPR, NIST, FIPS, SOX, K, Q, M, P, L, W, D, Y",
    );
    let prefix: String = id.chars().take_while(char::is_ascii_alphabetic).collect();
    prefix.len() > 1 && STANDARDS.contains(&prefix)
}

/// The normal form of an id, in which `FR3`, `FR-3` and `fr-03` are the same.
#[must_use]
pub fn canonical(id: &str) -> String {
    let mut form = String::new();
    let mut number = String::new();
    for c in id.chars().chain(['-']) {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        if !number.is_empty() {
            if !form.is_empty() && !form.ends_with(['-', '.']) {
                form.push('-');
            }
            let short = number.trim_start_matches('0');
            form.push_str(if short.is_empty() { "0" } else { short });
            number.clear();
        }
        match c {
            '-' | '_' => form.push('-'),
            other => form.extend(other.to_uppercase()),
        }
    }
    form.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Option<(String, &str)> {
        split(text, ShortIds::Plain)
    }

    #[test]
    fn ids_are_read_at_the_beginning() {
        for (text, id, rest) in [
            ("FR-3.1 Login", "FR-3.1", "Login"),
            ("FR-3.1: Login", "FR-3.1", "Login"),
            ("FR3 — Login", "FR3", "Login"),
            ("fr-7. Login", "FR-7", "Login"),
            ("[REQ-7] Login", "REQ-7", "Login"),
            ("(AC-2) Login", "AC-2", "Login"),
            ("US-2", "US-2", ""),
            ("NFR-1 | Login", "NFR-1", "Login"),
            ("FR-AUTH-01: Login", "FR-AUTH-01", "Login"),
            ("AUTH-12: Login", "AUTH-12", "Login"),
            ("FR 4: Login", "FR-4", "Login"),
            ("Story 3: Login", "US-3", "Login"),
            ("User Story 1.2 - Login", "US-1.2", "Login"),
            ("FR-3a: Login", "FR-3A", "Login"),
        ] {
            assert_eq!(plain(text), Some((id.to_owned(), rest)), "{text}");
        }
    }

    #[test]
    fn texts_that_only_look_like_ids_are_not_ids() {
        for text in [
            "UTF-8 support",
            "SHA-256 sums",
            "R12 is late",
            "M2 Beta",
            "3 tasks",
            "Story 3 is late",
            "FRAME-rate",
            "us-east-1 outage",
            "FR-",
            "Phase 2: x",
            "GPT-4 prompts",
            "AUTH-12 is late",
            "",
            "-1",
            "US2/US3 merge",
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    #[test]
    fn short_ids_are_recognized_in_sections_of_requirements() {
        assert_eq!(
            split("R12 Login", ShortIds::Requirements),
            Some(("R12".to_owned(), "Login"))
        );
        assert_eq!(
            split("R-3: Late", ShortIds::Numbered),
            Some(("R-3".to_owned(), "Late"))
        );
        assert_eq!(split("r12 Login", ShortIds::Requirements), None);
    }

    #[test]
    fn spellings_of_one_id_are_the_same() {
        for id in ["FR3", "FR-3", "fr-03", "FR_3"] {
            assert_eq!(canonical(id), "FR-3", "{id}");
        }
        assert_ne!(canonical("FR-3.1"), canonical("FR-31"));
    }
}
