//! The tools, in groups.

mod actions;
mod artifacts;
mod core;
mod history;
mod insight;
mod issues;
mod learnings;
mod sync;
mod tasks;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::tool::Tool;
use crate::verbs::{self, Declaration, VERBS};

/// The arguments of a tool that takes the id of an item.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Id {
    id: String,
}

/// The empty arguments of a tool that takes none.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// The arguments of a tool that takes a maximum list length.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Limit {
    #[serde(default, deserialize_with = "all_for_zero")]
    limit: Option<usize>,
}

/// Reads the maximum length of a list: 0 means all, as on the command line.
fn all_for_zero<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<usize>, D::Error> {
    let limit = Option::<verbs::Limit>::deserialize(deserializer)?;
    Ok(limit.map(|limit| limit.0))
}

macro_rules! groups {
    ($($(#[$doc:meta])* $name:ident = $word:literal $(in $module:ident)?,)*) => {
        /// Tools that are offered together, in addition to those that are always offered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Group {
            $($(#[$doc])* $name,)*
        }

        impl Group {
            /// All groups.
            pub const ALL: &[Group] = &[$(Group::$name),*];

            /// The name of the group.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Group::$name => $word,)*
                }
            }

            /// Its tools.
            fn tools(self) -> Vec<Tool> {
                let own: &[fn() -> Vec<Tool>] = match self {
                    $(Group::$name => &[$($module::tools)?],)*
                };
                let mut tools: Vec<Tool> = own.iter().flat_map(|make| make()).collect();
                tools.extend(declared(Some(self)));
                tools
            }
        }
    };
}

groups! {
    /// Edit, depend, list, search.
    Tasks = "tasks" in tasks,
    /// Issues as in beads.
    Issues = "issues" in issues,
    /// Requirements documents, plans, epics.
    Plan = "plan",
    /// List, check, renew and release reservations.
    Reserve = "reserve",
    /// Find, answer and acknowledge messages; requests to take an item.
    Messages = "messages",
    /// List, edit and vote on learnings, draft them from finished work, predict trouble.
    Learn = "learn" in learnings,
    /// Files that items publish.
    Artifacts = "artifacts" in artifacts,
    /// The worktrees of items.
    Worktrees = "worktrees",
    /// Status, sync and conflicts.
    Sync = "sync" in sync,
    /// Log, events, differences, undo.
    History = "history" in history,
    /// Recommendations and statistics.
    Insight = "insight" in insight,
}

impl Group {
    /// The group with this name.
    pub fn parse(word: &str) -> Option<Group> {
        Group::ALL.iter().copied().find(|one| one.as_str() == word)
    }
}

/// The declared verbs that are always offered.
const OFFERED: &[&str] = &[
    "show",
    "start",
    "next",
    "finish",
    "task drop",
    "task create",
    "task comment",
    "reserve add",
    "msg send",
    "msg read",
    "handoff",
];

/// The tools of the declared verbs of a group, or of those that are always offered. A client is an
/// agent, so what only humans may do is not offered.
fn declared(group: Option<Group>) -> impl Iterator<Item = Tool> {
    let of = |verb: &Declaration| match verb.name.split(' ').next() {
        _ if OFFERED.contains(&verb.name) => None,
        Some("worktree") => Some(Group::Worktrees),
        Some("sync" | "pull") => Some(Group::Sync),
        Some("undo") => Some(Group::History),
        Some("issue") => Some(Group::Issues),
        Some("reserve") => Some(Group::Reserve),
        Some("msg") => Some(Group::Messages),
        Some("epic" | "prd" | "scope" | "plan" | "milestone" | "sprint" | "trace") => {
            Some(Group::Plan)
        }
        _ => Some(Group::Tasks),
    };
    let verbs = VERBS.iter().filter(move |verb| of(verb) == group);
    let open = verbs.filter(|verb| verb.is_for_agents() && verb.alias_of.is_none());
    open.map(Tool::of_verb)
}

/// The tools that are always offered, then those of the groups.
pub(super) fn of(groups: &[Group]) -> Vec<Tool> {
    let mut tools = core::tools();
    tools.extend(declared(None));
    tools.push(learnings::learn());
    let named = Group::ALL.iter().filter(|group| groups.contains(group));
    tools.extend(named.flat_map(|group| group.tools()));
    tools
}

/// The group of a tool that is not offered.
pub(super) fn group_of(name: &str) -> Option<Group> {
    let has = |group: &Group| group.tools().iter().any(|tool| tool.name == name);
    Group::ALL.iter().copied().find(has)
}
