//! A heading without decoration, numbering and id: `5.1 📋 FR-3: Login` is the requirement FR-3 with
//! the title `Login`.

use super::{author_id, emoji};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heading {
    /// The remaining text.
    pub title: String,
    /// The numbering (`5.1`).
    pub number: Option<String>,
    pub id: Option<String>,
}

pub(super) fn read(plain: &str, short_ids: author_id::ShortIds) -> Heading {
    let plain = without_anchor(plain).replace('`', "");
    let mut rest = emoji::without_decoration(&plain);
    let mut number = None;
    if let Some((found, after)) = numbering(rest)
        && !after.is_empty()
    {
        number = Some(found.to_owned());
        rest = emoji::without_decoration(after);
    }
    let id = author_id::split(rest, short_ids).map(|(id, after)| {
        rest = after;
        id
    });
    let mut title: String = rest.chars().filter(|c| !emoji::is_invisible(*c)).collect();
    let kept = without_trailing_emoji(&title).len();
    title.truncate(kept);
    Heading {
        title: title.replace('\u{a0}', " ").trim().to_owned(),
        number,
        id,
    }
}

/// `text` without a final `{#anchor}`, which is meant for the renderer.
fn without_anchor(text: &str) -> &str {
    match text.rfind("{#") {
        Some(at) if at > 0 && text.ends_with('}') => text[..at].trim_end(),
        _ => text,
    }
}

fn without_trailing_emoji(text: &str) -> &str {
    let rest = text.trim_end_matches(|c: char| emoji::is_emoji(c) || c == ' ');
    let apart = text[rest.len()..].starts_with(' ');
    if apart && !rest.is_empty() {
        rest
    } else {
        text.trim_end()
    }
}

/// The numbering that `text` begins with, and the rest: `5.1 `, `2) `, `(3) `, `IV. `, `A. `, `一、`.
/// `3 tasks`, `2024 roadmap`, `99.9% uptime` and `1.5x` have none.
pub(super) fn numbering(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('§').map_or(text, str::trim_start);
    if let Some(inner) = text.strip_prefix(['(', '（']) {
        let end = inner.find([')', '）'])?;
        let number = &inner[..end];
        let after = inner[end..].trim_start_matches([')', '）']);
        let fits = is_digits(number) || is_dense_number(number) || is_letter(number);
        return fits.then(|| (number, after.trim_start()));
    }
    let end = text
        .find(|c: char| c.is_whitespace() || "、．)）:".contains(c))
        .unwrap_or(text.len());
    let token = &text[..end];
    let after = text[end..].chars().next();
    let closed = after.is_some_and(|c| "、．)）".contains(c));
    let rest = text[end..]
        .trim_start_matches(['、', '．', ')', '）', ':'])
        .trim_start();
    let (bare, dot) = token
        .strip_suffix('.')
        .map_or((token, false), |bare| (bare, true));
    let parts: Vec<&str> = bare.split('.').collect();
    let spaced = after.is_none_or(char::is_whitespace);
    if parts.iter().all(|part| is_digits(part)) {
        // Years and dates are not numbering.
        let small = parts.iter().all(|part| part.len() <= 3);
        let marked = parts.len() > 1 || dot || closed;
        return (small && marked && parts.len() <= 8 && (spaced || closed || parts.len() > 1))
            .then_some((bare, rest));
    }
    if parts.len() > 1 && is_letter(parts[0]) && parts[1..].iter().all(|part| is_digits(part)) {
        return Some((bare, rest));
    }
    if (dot && spaced) || closed {
        return (is_roman(bare) || is_letter(bare) || is_dense_number(bare))
            .then_some((bare, rest));
    }
    None
}

/// The number and the rest of `1 Introduction`. A number without a mark is numbering only if the
/// sibling sections have one, too.
pub(super) fn bare_number(title: &str) -> Option<(u32, &str)> {
    let (number, rest) = title.split_once(' ')?;
    (is_digits(number) && number.len() <= 2).then(|| {
        number
            .parse()
            .ok()
            .map(|number| (number, rest.trim_start()))
    })?
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_letter(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_roman(text: &str) -> bool {
    !text.is_empty() && text.len() <= 6 && text.bytes().all(|byte| b"IVXL".contains(&byte))
}

fn is_dense_number(text: &str) -> bool {
    !text.is_empty()
        && text.chars().count() <= 4
        && text.chars().all(|c| "一二三四五六七八九十百".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str) -> String {
        read(text, author_id::ShortIds::Plain).title
    }

    #[test]
    fn numbering_is_removed() {
        for text in [
            "5.1 Goals",
            "2) Goals",
            "IV. Goals",
            "1. Goals",
            "(3) Goals",
            "A. Goals",
            "§ 4.2 Goals",
            "一、Goals",
            "1.2.3. Goals",
            "A.1 Goals",
            "3.1: Goals",
            "📋 3. Goals",
            "3. 📋 Goals",
            "1、Goals",
            "b) Goals",
        ] {
            assert_eq!(title(text), "Goals", "{text}");
        }
        assert_eq!(
            read("5.1 Goals", author_id::ShortIds::Plain)
                .number
                .as_deref(),
            Some("5.1")
        );
    }

    #[test]
    fn a_number_that_belongs_to_the_title_is_kept() {
        for text in [
            "3 tasks",
            "2024 roadmap",
            "99.9% uptime",
            "1.5x faster",
            "12.05.2024 Meeting",
            "2FA login",
            "I want",
        ] {
            assert_eq!(title(text), text);
        }
    }

    #[test]
    fn id_and_trailing_decoration_are_removed() {
        let heading = read("4.2 FR-3.1: Log `in` 🚀", author_id::ShortIds::Plain);
        assert_eq!(heading.title, "Log in");
        assert_eq!(
            (heading.number.as_deref(), heading.id.as_deref()),
            (Some("4.2"), Some("FR-3.1"))
        );
        assert_eq!(title("Login {#login}"), "Login");
        assert_eq!(title("GET /users/{id}"), "GET /users/{id}");
    }
}
