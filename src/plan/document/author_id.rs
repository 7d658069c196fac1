//! What counts as an id that an author assigned (`FR-3.1`, `REQ-7`, `US-2`, `Story 3`).
//!
//! It is recognized at the beginning of a text, and compared.

use super::lexicon::list;

/// The ids that are accepted in addition to the known prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShortIds {
    /// None.
    Plain,
    /// Where requirements stand: also `R12` and `F-3`.
    Requirements,
    /// In a section whose entries have numbers, such as risks: `R-3`, `Q1`, `A-2`.
    Numbered,
}

/// The id that `text` begins with, in upper case, and the text after the separator.
pub fn split(text: &str, short_ids: ShortIds) -> Option<(String, &str)> {
    let text = text.trim_start();
    if let Some(found) = named(text) {
        return Some(found);
    }
    let open = text.chars().next()?;
    let mut close = [('[', ']'), ('(', ')'), ('`', '`')].into_iter();
    let close = close.find(|pair| pair.0 == open);
    let inner = if close.is_some() { &text[1..] } else { text };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = inner.find(|c| !is_part(c)).unwrap_or(inner.len());
    let token = inner[..end].trim_end_matches(['.', '-', '_']);
    let id = shape(token, short_ids)?;
    let mut rest = &inner[token.len()..];
    if let Some((_, close)) = close {
        rest = rest.strip_prefix(close)?;
    }
    let separated = rest.is_empty() || rest.trim_start().starts_with([':', '：', '|']);
    let strong = separated || close.is_some();
    let weak = is_standard(&id) || !is_known(&id) && short_ids == ShortIds::Plain;
    (strong || !weak).then_some(())?;
    after(rest).map(|rest| (id, rest))
}

/// The text after an id, without the separator; `None` if the id is part of a longer word, or the
/// end of an arrow.
fn after(rest: &str) -> Option<&str> {
    let start = rest.trim_start();
    let glued = rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '_' | '+'));
    let arrow = start.starts_with(['→', '➜']) || start.starts_with("->");
    let separator = |c: char| ":：.)-–—|·、 \u{a0}".contains(c);
    (!glued && !arrow).then(|| rest.trim_start_matches(separator))
}

/// `Story 3: …`, `User story #3.1 — …`, `FR 4: …`; not a story in a sentence (`Story 3 is late`).
fn named(text: &str) -> Option<(String, &str)> {
    list("id-names").plain.iter().find_map(|name| {
        let (name, prefix) = name.split_once(':')?;
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name).then_some(())?;
        let rest = text[head.len()..].strip_prefix([' ', '-', '\u{a0}'])?;
        let rest = rest.trim_start_matches('#');
        let own = rest.get(..prefix.len() + 1);
        let own = own.filter(|own| own.eq_ignore_ascii_case(&format!("{prefix}-")));
        let rest = &rest[own.map_or(0, str::len)..];
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'));
        let end = end.unwrap_or(rest.len());
        let number = rest[..end].trim_end_matches('.');
        let rest = &rest[number.len()..];
        let separators = [':', '：', '-', '–', '—', '.', ')', '(', '|'];
        let closed = rest.is_empty() || rest.trim_start().starts_with(separators);
        (is_number(number) && closed).then_some(())?;
        after(rest).map(|rest| (format!("{prefix}-{number}"), rest))
    })
}

fn is_number(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.len() <= 12 && text.split('.').all(is_part)
}

/// The id in `token`, if it has the form of one: letters, then a number, with or without a hyphen.
fn shape(token: &str, short_ids: ShortIds) -> Option<String> {
    (token.len() <= 32 && token.is_ascii()).then_some(())?;
    // `FR-3a` is a part of FR-3.
    let bare = token.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffixed = bare.len() + 1 == token.len();
    let bare = if suffixed { bare } else { token };
    let (prefix, rest) = bare.split_at(bare.rfind(|c: char| c.is_ascii_alphabetic())? + 1);
    let number = rest.trim_start_matches(['-', '_']);
    let hyphen = number.len() < rest.len();
    let upper = prefix.to_ascii_uppercase();
    let mut parts = upper.split(['-', '_']);
    let formed = parts.all(|part| (1..=12).contains(&part.len()));
    let numbered = number.split(['-', '_']).all(is_number) && number.len() <= 20;
    let known = is_known(&upper);
    let capitals = prefix == upper;
    let fits = match (known, upper.len()) {
        (true, _) => capitals && (hyphen || upper != "PRD") || hyphen && !upper.contains('-'),
        (false, 1) => capitals && short_ids != ShortIds::Plain,
        (false, _) => {
            let marked = hyphen || short_ids == ShortIds::Numbered;
            capitals && marked && !is_standard(&upper)
        }
    };
    // `R2a` is one, unlike `P2P`.
    let is_part = token.ends_with(|c| ('a'..='f').contains(&c));
    let fits = fits && (known || !suffixed || is_part);
    (formed && numbered && fits).then(|| token.to_ascii_uppercase())
}

/// The letters that an id begins with.
pub(super) fn prefix(id: &str) -> &str {
    let end = id.find(|c: char| !c.is_ascii_alphabetic());
    let end = end.unwrap_or(id.len());
    &id[..end]
}

/// True for an id with a prefix that only ids have.
pub fn is_known(id: &str) -> bool {
    let is = |part: &str| list("id-prefixes").is(prefix(part));
    id.split(['-', '_']).any(is)
}

/// True for names of standards that look like ids: `UTF-8`, `SHA-256`.
fn is_standard(id: &str) -> bool {
    list("standards").is(prefix(id))
}

/// True if an id is that of a part of another one (`FR-3.1`, `FR-3A` of `FR-3`), both in their normal form.
#[must_use]
pub fn is_part_of(id: &str, whole: &str) -> bool {
    id.strip_prefix(whole).is_some_and(|rest| {
        let is_letter = rest.len() == 1 && rest.starts_with(|c: char| c.is_ascii_alphabetic());
        is_letter || rest.starts_with(['.', '-'])
    })
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
#[path = "author_id_tests.rs"]
mod tests;
