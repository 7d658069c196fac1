//! A plan as one Markdown document, for an editor: out, and back as changes.

use super::change::Change;
use super::find::find;
use super::model::Plan;
use super::text::{self, Problem};
use crate::error::Result;
use crate::pm::handles::Plans;

/// A plan as one Markdown document, and as it was when that was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The document.
    pub text: String,
    plan: Plan,
}

impl Written {
    /// What somebody changed in the document. What others changed in the plan meanwhile stays.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(&self, edited: &str) -> std::result::Result<Vec<Change>, Vec<Problem>> {
        text::parse(edited, &self.plan)
    }
}

impl Plans<'_> {
    /// A plan as one Markdown document.
    ///
    /// # Errors
    /// When there is no such plan.
    pub fn text(&self, id: Option<&str>) -> Result<Written> {
        let state = self.pm.store.state()?;
        let (plan, _) = find(&state, id)?;
        Ok(Written {
            text: text::render(&plan),
            plan,
        })
    }
}
