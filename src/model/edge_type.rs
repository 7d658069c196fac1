//! The types and classes of edges between items.

use super::vocabulary::{folded, terms};

terms! {
    /// The type of an edge, as in beads. Edges of other types are kept as they are.
    EdgeType in "type" {
        /// The item waits for the other: a dependency.
        Blocks = "blocks",
        /// The other is the parent.
        ParentChild = "parent-child",
        /// The item waits for the other, and is needed only if that one fails.
        ConditionalBlocks = "conditional-blocks",
        /// The item waits for the other, or for its children.
        WaitsFor = "waits-for",
        /// The items concern the same subject.
        Related = "related",
        /// The item was found during work on the other.
        DiscoveredFrom = "discovered-from",
        /// The item answers the other.
        RepliesTo = "replies-to",
        /// Another word for `related`.
        RelatesTo = "relates-to",
        /// The item repeats the other.
        Duplicates = "duplicates",
        /// The other replaces the item: beads gives the edge to the replaced one.
        Supersedes = "supersedes",
        /// The other is the author.
        AuthoredBy = "authored-by",
        /// The other is the assignee.
        AssignedTo = "assigned-to",
        /// The other approved it.
        ApprovedBy = "approved-by",
        /// The item attests to the other.
        Attests = "attests",
        /// The item follows the progress of the other.
        Tracks = "tracks",
        /// The item lasts until the other is closed.
        Until = "until",
        /// The other is the cause.
        CausedBy = "caused-by",
        /// The item checks the other.
        Validates = "validates",
        /// The other delegated it.
        DelegatedFrom = "delegated-from",
    }
}

/// Other words for edges that block in other trackers, without hyphens.
const WAITING: [&str; 2] = ["blockedby", "dependson"];

impl EdgeType {
    /// The type that a user's word means, ignoring case, hyphens, spaces and underscores. Other
    /// words for waiting are accepted, too.
    pub fn meant(word: &str) -> Option<EdgeType> {
        let plain = folded(word);
        if WAITING.contains(&plain.as_str()) {
            return Some(EdgeType::Blocks);
        }
        let mut all = EdgeType::ALL.into_iter();
        all.find(|known| folded(known.as_str()) == plain)
    }
}

/// How an edge of a type reads from its item to the other one, where that is not the type.
pub fn reading(kind: &str) -> &str {
    match EdgeType::parse(kind) {
        Some(EdgeType::Supersedes) => "superseded by",
        _ => kind,
    }
}

terms! {
    /// The effect of a dependency.
    EdgeClass in "class" {
        /// The item cannot be started before the other is closed.
        Hard = "hard",
        /// The item can be started earlier, with a warning.
        Soft = "soft",
    }
}

impl EdgeClass {
    /// The class of a hard or soft edge.
    pub fn of(is_hard: bool) -> EdgeClass {
        match is_hard {
            true => EdgeClass::Hard,
            false => EdgeClass::Soft,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_words_are_mapped_to_edge_types() {
        for (typed, meant) in [
            ("blocks", Some(EdgeType::Blocks)),
            ("Blocked By", Some(EdgeType::Blocks)),
            ("depends_on", Some(EdgeType::Blocks)),
            ("PARENT-CHILD", Some(EdgeType::ParentChild)),
            ("discoveredFrom", Some(EdgeType::DiscoveredFrom)),
            ("mine", None),
        ] {
            assert_eq!(EdgeType::meant(typed), meant, "{typed}");
        }
        assert_eq!(EdgeType::parse("Blocks"), None);
        assert_eq!("SOFT".parse::<EdgeClass>().unwrap(), EdgeClass::Soft);
    }
}
