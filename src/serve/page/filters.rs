//! Template filters: text from the state as a page shows it. The templates escape their results.

use std::fmt::Display;

use askama::{Result, Values, filter_fn};

use super::limits;
use crate::model::status::status_word;
use crate::model::text::{escape_controls, excerpt, shorten};

/// One line without control characters.
#[filter_fn]
pub fn line<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    Ok(excerpt(&text.to_string(), limits::LINE_MAX))
}

/// A line that fits on a card.
#[filter_fn]
pub fn card<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    Ok(excerpt(&text.to_string(), limits::CARD_TITLE_MAX))
}

/// A name that fits on a card.
#[filter_fn]
pub fn name<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    Ok(excerpt(&text.to_string(), limits::CARD_NAME_MAX))
}

/// A title that fits into a box of the graph.
#[filter_fn]
pub fn brief<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    Ok(excerpt(&text.to_string(), limits::GRAPH_TITLE_MAX))
}

/// One line of the library, in which backticks mark code.
#[filter_fn]
pub fn ticked<T: Display>(text: T, _: &dyn Values) -> Result<super::markdown::Markup> {
    Ok(super::markdown::ticked(&text.to_string()))
}

/// The colour of a label, one of eight, the same wherever it is shown.
#[filter_fn]
pub fn hue<T: Display>(text: T, _: &dyn Values) -> Result<u32> {
    let text = text.to_string().to_lowercase();
    let sum = text.bytes().fold(2_166_136_261_u32, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    Ok((sum ^ (sum >> 15)) % 8)
}

/// The initials of a name, for an avatar.
#[filter_fn]
pub fn initials<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    Ok(initials_of(&text.to_string()))
}

/// At most two initials: of the first two words, else the first two letters.
pub fn initials_of(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let letters: String = match words[..] {
        [] => "?".into(),
        [one] => one.chars().take(2).collect(),
        [first, second, ..] => first
            .chars()
            .take(1)
            .chain(second.chars().take(1))
            .collect(),
    };
    letters.to_uppercase()
}

/// A reason as a sentence of its own.
#[filter_fn]
pub fn sentence<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    let line = excerpt(&text.to_string(), limits::LINE_MAX);
    let mut letters = line.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    Ok(format!(
        "{first}{}.",
        letters.as_str().trim_end_matches('.')
    ))
}

/// A multi-line text without other control characters.
#[filter_fn]
pub fn lines<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    // What is not shown costs no more than to be counted.
    let text = shorten(&text.to_string(), 2 * limits::BLOCK_MAX).replace("\r\n", "\n");
    Ok(shorten(&escape_controls(&text), limits::BLOCK_MAX))
}

/// The word that people read for a stored status, or another word of the format in plain English.
#[filter_fn]
pub fn words<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    Ok(status_word(&excerpt(&text.to_string(), limits::LINE_MAX)).into_owned())
}

/// A time to the minute; nothing for the beginning of the epoch, which means that none is known.
#[filter_fn]
pub fn time<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    let text = text.to_string();
    if text.starts_with("1970-01-01T00:00") {
        return Ok(String::new());
    }
    Ok(excerpt(&text, 17)
        .chars()
        .take(16)
        .collect::<String>()
        .replace('T', " "))
}

/// The abbreviated hash of a commit.
#[filter_fn]
pub fn commit<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    Ok(excerpt(&text.to_string(), 41).chars().take(10).collect())
}

/// A percent-encoded path segment or parameter value.
#[filter_fn]
pub fn part<T: Display>(text: T, _: &dyn Values) -> Result<String> {
    Ok(super::frame::part(&text.to_string()))
}

/// A number of tokens: `1.2M`.
#[filter_fn]
pub fn amount<T: Display>(number: T, _: &dyn Values) -> Result<String> {
    let text = number.to_string();
    let Ok(number) = text.parse::<f64>() else {
        return Ok(text);
    };
    Ok(match number {
        n if n >= 1e9 => format!("{:.1}G", n / 1e9),
        n if n >= 1e6 => format!("{:.1}M", n / 1e6),
        n if n >= 1e4 => format!("{:.0}k", n / 1e3),
        _ => text,
    })
}

/// A number of bytes: `1.5 KB`.
#[filter_fn]
pub fn bytes<T: Display>(count: T, _: &dyn Values) -> Result<String> {
    let count = count.to_string();
    Ok(count.parse().map_or(count, crate::model::text::bytes))
}
