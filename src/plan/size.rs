//! The size of a document: one too large for a single plan is refused, with a proposal to split it.

use super::draft::{Draft, Limits, split_proposal};
use super::drafting::DraftOptions;
use super::sources::Reading;
use crate::error::{Error, Result};
use crate::model::text::{counted, shorten};

/// Refuses a document that is too large for one plan, unless the options accept it.
///
/// # Errors
/// If the document is too large; the hints say how to split it.
pub(super) fn require_size(
    name: &str,
    reading: &Reading,
    (draft, limits): (&Draft, &Limits),
    options: &DraftOptions,
) -> Result<()> {
    let split = split_proposal(&reading.document, draft, reading.text.len(), limits);
    let Some(parts) = split.filter(|_| !options.force) else {
        return Ok(());
    };
    let tasks = draft.counted().count();
    let tokens = reading.text.len() / 4;
    let mut error = Error::refused(format!(
        "{} is too large for one plan: {tasks} tasks, from a text of about {tokens} tokens",
        crate::model::text::one_line(name)
    ));
    for part in parts.iter().take(12) {
        error = error.hint(format!(
            "move this into a separate document: \"{}\", lines {}-{}, about {}",
            shorten(&part.title, 60),
            part.lines.start,
            part.lines.end,
            counted(part.tasks, "task")
        ));
    }
    Err(error.hint("`--force` plans it as a whole"))
}
