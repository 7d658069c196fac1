//! A plan as a Markdown document for an editor, and back as changes.

use super::change::Change;
use super::find::find;
use super::plan_types::Plan;
use super::text::{self, Problem};
use crate::error::Result;
use crate::pm::handles::Plans;

/// A plan as a Markdown document, and the plan from which it was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document.
    pub text: String,
    plan: Plan,
}

impl Written {
    /// The changes made in the document. Concurrent changes to the plan are kept.
    ///
    /// # Errors
    /// All problems in it.
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
        let (plan, _) = find(&state, id)?;
        Ok(Written {
            text: text::render(&plan),
            plan,
        })
    }
}
