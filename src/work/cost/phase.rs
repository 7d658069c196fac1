//! The phases of a project, derived from roles and items.

use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::item_type::ItemType;
use crate::model::vocabulary::terms;

terms! {
    /// The phase that an agent's work belongs to.
    Phase in "phase" {
        /// PRDs, epics, research, decisions.
        Planning = "planning",
        /// Features, defects, set-up, documentation.
        Implementation = "implementation",
        /// Branches to be merged, and decisions about them.
        Review = "review",
        /// Tests.
        Testing = "testing",
    }
}

impl Phase {
    /// The phase of the work on an item: the role, if it is planning, review or testing, else that
    /// of the item.
    pub(super) fn of(item: &Item, role: Option<&str>) -> Phase {
        if let Some(phase @ (Phase::Planning | Phase::Review | Phase::Testing)) =
            role.and_then(Phase::parse)
        {
            return phase;
        }
        let is = |kind: ItemType| item.item_type == kind.as_str();
        match item.kind {
            ItemKind::Prd | ItemKind::Epic => Phase::Planning,
            _ if [ItemType::Spike, ItemType::Decision].into_iter().any(is) => Phase::Planning,
            _ if is(ItemType::MergeRequest) => Phase::Review,
            _ if is(ItemType::Test) => Phase::Testing,
            _ => Phase::Implementation,
        }
    }
}
