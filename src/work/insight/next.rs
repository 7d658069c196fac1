//! The one item to start next, with the commands that begin it.

use serde::Serialize;

use crate::error::Result;
use crate::pm::Pm;
use crate::pm::view::ItemView;

/// The commands that a pick is begun with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextCommands {
    /// Starts it.
    pub claim: String,
    /// Shows everything about it.
    pub show: String,
}

/// The one item to start next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NextItem {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// What to type.
    pub commands: NextCommands,
}

impl Pm {
    /// [`Pm::next`] with the commands that begin it.
    ///
    /// # Errors
    /// Kind `Refused` when nothing is ready.
    pub fn next_item(&self) -> Result<NextItem> {
        self.notice_unguarded();
        let item = self.next()?;
        let name = &item.id;
        let commands = NextCommands {
            claim: format!("git pm start {name}"),
            show: format!("git pm show {name}"),
        };
        Ok(NextItem { item, commands })
    }
}
