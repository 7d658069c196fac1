//! The item to start next, with the commands for it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::hook::guard_status;
use crate::error::Result;
use crate::pm::handles::Insights;
use crate::pm::shared_views::ItemView;

/// The commands for a pick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextCommands {
    /// Starts it.
    pub claim: String,
    /// Shows its details.
    pub show: String,
}

/// The item to start next.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct NextItem {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// The commands for it.
    pub commands: NextCommands,
}

impl Insights<'_> {
    /// `Tasks::next` with the commands for the item.
    ///
    /// # Errors
    /// Kind `Refused` when nothing is ready.
    pub fn next(&self) -> Result<NextItem> {
        guard_status::notice_unguarded(self.pm);
        let item = self.pm.tasks().next()?;
        let name = &item.id;
        let commands = NextCommands {
            claim: format!("git pm start {name}"),
            show: format!("git pm show {name}"),
        };
        Ok(NextItem { item, commands })
    }
}
