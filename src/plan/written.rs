//! Converts a plan to a Markdown document for an editor, and the edited document to changes.

use super::change::Change;
use super::find::find;
use super::plan_types::Plan;
use super::text::{self, Problem};
use super::view::{PlanView, version_of};
use crate::error::{Error, Result};
use crate::pm::handles::Plans;
use serde::Serialize;

/// A plan as a Markdown document, and the plan from which it was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document.
    pub text: String,
    version: String,
    plan: Plan,
}

/// A plan as a Markdown document for [`Plans::rewrite`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanText {
    /// The document, with the plan's version in its first line.
    pub text: String,
    /// The plan's version.
    pub version: String,
}

/// The beginning of the comment with the version of the plan from which a text was written.
const VERSION: &str = "<!-- version ";

impl Written {
    /// The changes made in the document. Concurrent changes to the plan are kept.
    ///
    /// # Errors
    /// All problems in the document.
    pub fn read(&self, edited: &str) -> std::result::Result<Vec<Change>, Vec<Problem>> {
        text::parse(edited, &self.plan)
    }
}

impl Plans<'_> {
    /// A plan as a Markdown document.
    ///
    /// # Errors
    /// If there is no such plan.
    pub fn text(&self, id: Option<&str>) -> Result<Written> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (plan, _) = find(&state, id)?;
        Ok(Written {
            text: text::render(&plan),
            version: version_of(&state, &plan),
            plan,
        })
    }

    /// A plan as a Markdown document that [`Plans::rewrite`] accepts after an edit.
    ///
    /// # Errors
    /// If there is no such plan.
    pub fn text_to_change(&self, id: Option<&str>) -> Result<PlanText> {
        let Written { text, version, .. } = self.text(id)?;
        Ok(PlanText {
            text: format!("{VERSION}{version} -->\n{text}"),
            version,
        })
    }

    /// Applies a changed text of [`Plans::text_to_change`], as one commit.
    ///
    /// # Errors
    /// If there is no such plan, the text has no version or that of an earlier state of the plan, the
    /// text cannot be read, or it changes nothing.
    pub fn rewrite(&self, id: Option<&str>, text: &str) -> Result<PlanView> {
        let written = self.text(id)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first = text.lines().next().unwrap_or_default().trim();
        let version = first
            .strip_prefix(VERSION)
            .and_then(|rest| rest.strip_suffix(" -->"));
        let print = "`git pm plan edit --print` prints the current text";
        match version {
            None => {
                return Err(
                    Error::usage("the first line does not name the version of the plan")
                        .hint(print),
                );
            }
            Some(version) if version != written.version => {
                return Err(Error::conflict(
                    "the plan has changed since this text was printed; nothing was changed",
                )
                .hint(print));
            }
            Some(_) => {}
        }
        let below = text.split_once('\n').map_or("", |(_, below)| below);
        let changes = written.read(below).map_err(|problems| {
            let mut error = Error::usage("the text is not a valid plan; nothing was changed");
            for problem in problems.iter().take(10) {
                // The first line is not part of the text.
                let line = problem.line + 1;
                error = error.hint(format!("line {line}: {}", problem.message));
            }
            error
        })?;
        if changes.is_empty() {
            return Err(Error::refused(
                "the text is the same as the current plan: there is nothing to change",
            ));
        }
        self.change(id, &changes)
    }
}
