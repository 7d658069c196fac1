//! Converts a plan to a Markdown document for editing, and the edited document to a list of
//! changes. [`render`] writes it, [`parse`] compares the edited text with the plan,
//! [`with_problems`] adds the mistakes to it. Pure: it neither reads nor writes the state.
//!
//! Unchanged parts are never a problem, and a mistake loses nothing: the text is kept.

mod canonical_line;
mod edited_tasks;
mod field_names;
mod line_syntax;
mod plan_diff;
mod problem;
mod render;
mod task_fields;
mod text_sections;

#[cfg(test)]
mod tests;

pub use problem::{Problem, with_problems};
pub use render::render;

use super::Plan;
use super::change::Change;

/// The edits to the text of a plan, as the shortest list of changes, in an order in which they can
/// be applied. A text that consists only of comments changes nothing.
///
/// # Errors
/// Everything that cannot be understood or done, in the order of its lines.
pub fn parse(text: &str, plan: &Plan) -> Result<Vec<Change>, Vec<Problem>> {
    let mut problems = problem::Problems::default();
    let outline = text_sections::read(text, &mut problems);
    if outline.is_blank && problems.is_empty() {
        return Ok(Vec::new());
    }
    let index = task_fields::PlanIndex::of(plan);
    let edited = edited_tasks::read(outline, &index, &mut problems);
    let changes = plan_diff::changes(&edited, &index, &mut problems);
    if problems.is_empty() {
        return Ok(changes);
    }
    Err(problems.sorted())
}
