//! The types of items: those of tasks, and those that beads has for issues.

use super::id::ItemKind;
use super::vocabulary::{Vocabulary, folded, terms};

terms! {
    /// The kind of an item's work. Tasks have one of [`ItemType::TASK`]; issues may have any word.
    ItemType in "type" {
        /// Something new for users.
        Feature = "feature",
        /// A defect to correct.
        Bug = "bug",
        /// Set-up, configuration, clean-up.
        Chore = "chore",
        /// Text for readers.
        Docs = "docs",
        /// Tests.
        Test = "test",
        /// Research.
        Spike = "spike",
        /// A user story as a whole.
        Story = "story",
        /// A piece of work of no special type.
        Task = "task",
        /// A group of issues.
        Epic = "epic",
        /// A decision with its reasons.
        Decision = "decision",
        /// A point in time that work leads to.
        Milestone = "milestone",
        /// A condition that others wait for.
        Gate = "gate",
        /// A message between agents.
        Message = "message",
        /// A workflow, as beads calls it.
        Molecule = "molecule",
        /// Something that happened.
        Event = "event",
        /// A branch to be merged.
        MergeRequest = "merge-request",
        /// An agent.
        Agent = "agent",
        /// The role of an agent.
        Role = "role",
        /// A workspace of agents.
        Rig = "rig",
        /// A set of issues that are worked on together.
        Convoy = "convoy",
        /// A requirements document.
        Prd = "prd",
    }
}

/// Aliases of types that beads accepts.
const ALIASES: &[(&str, ItemType)] = &[
    ("enhancement", ItemType::Feature),
    ("feat", ItemType::Feature),
    ("dec", ItemType::Decision),
    ("adr", ItemType::Decision),
    ("investigation", ItemType::Spike),
    ("timebox", ItemType::Spike),
    ("user-story", ItemType::Story),
    ("ms", ItemType::Milestone),
];

impl ItemType {
    /// The types of tasks.
    pub const TASK: [ItemType; 7] = [
        ItemType::Feature,
        ItemType::Bug,
        ItemType::Chore,
        ItemType::Docs,
        ItemType::Test,
        ItemType::Spike,
        ItemType::Story,
    ];

    /// The words for the types of tasks, in the same order.
    pub const TASK_VOCABULARY: Vocabulary = Vocabulary {
        field: "type",
        words: &["feature", "bug", "chore", "docs", "test", "spike", "story"],
    };

    /// The types that users give to issues, as hints list them; the others are made by tools.
    pub const ISSUE: [ItemType; 11] = [
        ItemType::Bug,
        ItemType::Feature,
        ItemType::Task,
        ItemType::Epic,
        ItemType::Chore,
        ItemType::Decision,
        ItemType::Spike,
        ItemType::Story,
        ItemType::Milestone,
        ItemType::Docs,
        ItemType::Test,
    ];

    /// The types of issues that are never offered as work.
    pub const NEVER_WORK: [ItemType; 8] = [
        ItemType::Epic,
        ItemType::MergeRequest,
        ItemType::Gate,
        ItemType::Molecule,
        ItemType::Message,
        ItemType::Agent,
        ItemType::Role,
        ItemType::Rig,
    ];

    /// The type of a task that a user's word means, ignoring case.
    ///
    /// # Errors
    /// A usage error that lists the types of tasks.
    pub fn of_task(text: &str) -> crate::error::Result<ItemType> {
        Ok(ItemType::TASK[ItemType::TASK_VOCABULARY.find(text)?])
    }

    /// The type of an issue that a user's word means, ignoring case, hyphens, spaces and
    /// underscores; aliases are accepted.
    pub fn meant(word: &str) -> Option<ItemType> {
        ItemType::alias(word).or_else(|| {
            let plain = folded(word);
            let of_issues = |known: &ItemType| *known != ItemType::Prd;
            let mut all = ItemType::ALL.into_iter().filter(of_issues);
            all.find(|known| folded(known.as_str()) == plain)
        })
    }

    /// The type of an issue with this alias.
    pub fn alias(word: &str) -> Option<ItemType> {
        let plain = folded(word);
        let found = ALIASES.iter().find(|(alias, _)| folded(alias) == plain);
        found.map(|(_, known)| *known)
    }

    /// The default type of items of a kind.
    pub fn default_of(kind: ItemKind) -> ItemType {
        match kind {
            ItemKind::Task | ItemKind::Issue => ItemType::Feature,
            ItemKind::Epic => ItemType::Epic,
            ItemKind::Prd => ItemType::Prd,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_have_a_subset_of_the_types() {
        for (word, known) in ItemType::TASK_VOCABULARY.words.iter().zip(ItemType::TASK) {
            assert_eq!(known.as_str(), *word);
            assert_eq!(ItemType::of_task(&word.to_uppercase()).unwrap(), known);
        }
        let error = ItemType::of_task("gate").unwrap_err();
        assert_eq!(error.to_string(), "`gate` is not a valid type");
        assert!(error.hints()[0].text.ends_with("spike, story"));
    }

    #[test]
    fn types_of_issues_have_synonyms() {
        for (typed, meant) in [
            ("Merge Request", Some(ItemType::MergeRequest)),
            ("userstory", Some(ItemType::Story)),
            ("ADR", Some(ItemType::Decision)),
            ("prd", None),
            ("bogus", None),
        ] {
            assert_eq!(ItemType::meant(typed), meant, "{typed}");
        }
    }
}
