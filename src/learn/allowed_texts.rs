//! Checks of the texts of a learning: their lengths, their characters, no secrets.

use super::limits::{self, LIST_MAX, TAG_MAX, TEXT_MAX};
use crate::coordinate::reserve::path_arguments;
use crate::coordinate::reserve::pattern::Pattern;
use crate::error::{Error, Reason, Result};
use crate::model::text::{excerpt, refuse_nul};
use crate::pm::Pm;
use crate::secret;

/// Refuses texts that seem to contain a secret: everyone who fetches the state could read it, and
/// learnings are given to agents.
pub(super) fn refuse_secrets<'t>(
    texts: impl IntoIterator<Item = (&'static str, &'t str)>,
) -> Result<()> {
    for (name, text) in texts {
        if let Some(hit) = secret::scan(text).first() {
            return Err(Error::refused(format!(
                "the {name} seems to contain {} ({}); nothing was written",
                hit.title, hit.rule
            ))
            .because(Reason::LearningSecret)
            .about(name)
            .hint("describe where the secret is kept instead of its value"));
        }
    }
    Ok(())
}

/// Checks a title: one line.
pub(super) fn check_title(title: &str) -> Result<String> {
    let title = title.trim();
    if title.is_empty() {
        return Err(Error::usage("a learning needs a title")
            .because(Reason::LearningNoTitle)
            .hint("describe the learning in one line"));
    }
    check_line(title, "title", limits::TITLE_MAX)
}

/// Checks a text of one line.
pub(super) fn check_line(text: &str, what: &str, max: usize) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    let bad = |message: String| {
        let error = Error::usage(message).because(Reason::LearningInvalidText);
        Err(error.hint("shorten it, or put the details into the text of the learning"))
    };
    if length > max {
        return bad(format!(
            "the {what} is {length} characters long; the limit is {max}"
        ));
    }
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return bad(format!(
            "the {what} must be a single line without control characters"
        ));
    }
    Ok(text.to_string())
}

/// Checks a tag.
pub(crate) fn check_tag(tag: &str) -> Result<String> {
    let tag = tag.trim();
    let odd = |c: char| c.is_control() || c == ',';
    if tag.chars().count() > TAG_MAX || tag.chars().any(odd) {
        return Err(
            Error::usage(format!("`{}` is not a valid tag", excerpt(tag, 40)))
                .because(Reason::LearningInvalidTag)
                .hint(format!(
                    "use up to {TAG_MAX} characters, without commas or control characters"
                )),
        );
    }
    Ok(tag.to_string())
}

/// A path pattern of a learning, or of a filter.
pub(super) fn learning_path(pm: &Pm, text: &str) -> Result<Pattern> {
    let pattern = path_arguments::pattern(pm, text);
    pattern.map_err(|error| error.because(Reason::LearningInvalidPath))
}

/// Checks the title, the texts and the elements of the lists of a learning from elsewhere, each
/// with the name of its field: they have the limits of a new one.
pub(crate) fn check_imported<'t>(
    title: &str,
    texts: impl IntoIterator<Item = (&'t str, &'t str)>,
    lists: impl IntoIterator<Item = (&'t str, Vec<&'t str>)>,
) -> Result<()> {
    check_title(title)?;
    for (name, text) in texts {
        check_text(text, name)?;
    }
    for (name, list) in lists {
        check_count(name, list.len())?;
        let (what, max) = match name {
            "tags" => ("tag", TAG_MAX),
            _ => ("value", limits::LINE_MAX),
        };
        for text in list {
            check_line(text, what, max)?;
        }
    }
    Ok(())
}

/// Checks the number of elements of a list.
pub(super) fn check_count(name: &str, count: usize) -> Result<()> {
    if count <= LIST_MAX {
        return Ok(());
    }
    let message = format!("`{name}` has {count} values; the limit is {LIST_MAX}");
    Err(Error::usage(message).because(Reason::LearningTooLong))
}

/// Checks the length of a text, and that it is one.
pub(super) fn check_text(text: &str, what: &str) -> Result<()> {
    refuse_nul(text, what)?;
    if text.len() <= TEXT_MAX {
        return Ok(());
    }
    Err(Error::usage(format!(
        "the {what} is {} bytes long; the limit is {TEXT_MAX}",
        text.len()
    ))
    .because(Reason::LearningTooLong)
    .hint("put the text into a file in the repository and refer to its path"))
}

/// Checks a reason: one line, without secrets.
pub(super) fn check_reason(reason: Option<&str>) -> Result<Option<String>> {
    let reason = reason.map(str::trim).filter(|text| !text.is_empty());
    let reason = reason.map(|text| check_line(text, "reason", limits::LINE_MAX));
    let reason = reason.transpose()?;
    refuse_secrets(reason.iter().map(|text| ("reason", text.as_str())))?;
    Ok(reason)
}
