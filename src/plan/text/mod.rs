//! A plan as one Markdown document that a person edits, and back to a list of changes. [`render`]
//! writes it, [`parse`] compares what came back with the plan, [`with_problems`] shows mistakes in
//! it. Pure: texts and values in, texts and values out; nothing here reads or writes a plan.
//!
//! What is as it was is never a problem, and a mistake loses nothing: the text stays what it is.

mod canonical_line;
mod field_names;
mod line_syntax;
mod plan_diff;
mod problem;
mod render;
mod sheet;
mod sheet_reader;
mod text_sections;

#[cfg(test)]
mod tests;

pub use problem::{Problem, with_problems};
pub use render::render;

use super::Plan;
use super::change::Change;

/// What a person did to the text of a plan, as the smallest list of changes in an order in which
/// they can be applied one after the other. A text with nothing in it but comments changes nothing.
///
/// # Errors
/// All that cannot be understood or done, each with its line, in the order of the lines.
pub fn parse(text: &str, plan: &Plan) -> Result<Vec<Change>, Vec<Problem>> {
    let mut problems = problem::Problems::default();
    let outline = text_sections::read(text, &mut problems);
    if outline.is_blank && problems.is_empty() {
        return Ok(Vec::new());
    }
    let book = sheet::Book::of(plan);
    let edited = sheet_reader::read(outline, &book, &mut problems);
    let changes = plan_diff::changes(&edited, &book, &mut problems);
    if problems.is_empty() {
        return Ok(changes);
    }
    Err(problems.sorted())
}
