//! A plan as one Markdown document, for an editor: out, and back as changes.

use super::change::Change;
use super::find::find;
use super::text::{self, Problem};
use crate::error::Result;
use crate::pm::Pm;

impl Pm {
    /// A plan as one Markdown document.
    ///
    /// # Errors
    /// When there is no such plan.
    pub fn plan_text(&self, id: Option<&str>) -> Result<String> {
        let state = self.store.state()?;
        let (plan, _) = find(&state, id)?;
        Ok(text::render(&plan))
    }

    /// What somebody changed in that document, or everything that is wrong with it.
    ///
    /// # Errors
    /// When there is no such plan.
    pub fn read_plan_text(
        &self,
        id: Option<&str>,
        edited: &str,
    ) -> Result<std::result::Result<Vec<Change>, Vec<Problem>>> {
        let state = self.store.state()?;
        let (plan, _) = find(&state, id)?;
        Ok(text::parse(edited, &plan))
    }
}
