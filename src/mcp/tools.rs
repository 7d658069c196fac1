//! The tools, in groups.

use super::tool::Tool;
use crate::verbs::{Declaration, VERBS};

macro_rules! groups {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
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
                of_group(self).collect()
            }
        }
    };
}

groups! {
    /// Edit, depend, list, search.
    Tasks = "tasks",
    /// Issues as in beads.
    Issues = "issues",
    /// Requirements documents, plans, epics.
    Plan = "plan",
    /// List, check, renew and release reservations.
    Reserve = "reserve",
    /// Find, answer and acknowledge messages; requests to take an item.
    Messages = "messages",
    /// List, edit and vote on learnings, draft them from finished work, predict trouble.
    Learn = "learn",
    /// Files that items publish.
    Artifacts = "artifacts",
    /// The worktrees of items.
    Worktrees = "worktrees",
    /// Status, sync and conflicts.
    Sync = "sync",
    /// Log, events, differences, undo.
    History = "history",
    /// Recommendations and statistics.
    Insight = "insight",
}

impl Group {
    /// The group with this name.
    pub fn parse(word: &str) -> Option<Group> {
        Group::ALL.iter().copied().find(|one| one.as_str() == word)
    }
}

/// The verbs that are always offered. If no others are, their schemas list only the keys that most
/// calls need (all, if none are named here), because they are in the client's context all the time.
const OFFERED: &[(&str, &[&str])] = &[
    ("prime", &["id"]),
    ("ready", &["limit"]),
    ("show", &["id"]),
    ("start", &[]),
    ("next", &["claim", "wait"]),
    ("finish", &["id", "accept", "evidence"]),
    ("task drop", &["id", "reason"]),
    (
        "task create",
        &[
            "title",
            "type",
            "body",
            "accept",
            "path",
            "priority",
            "depends_on",
            "epic",
            "estimate",
            "label",
        ],
    ),
    ("task comment", &[]),
    ("reserve add", &["glob", "task", "reason", "shared", "ttl"]),
    ("msg send", &["to", "subject", "text", "item", "ack"]),
    ("msg read", &["id"]),
    (
        "handoff",
        &["id", "done", "next", "decision", "question", "text"],
    ),
    ("learn search", &["word", "path"]),
    (
        "learn add",
        &["title", "kind", "body", "path", "symptom", "tag", "item"],
    ),
    ("learn use", &[]),
    ("learn none", &[]),
];

/// The tools of the verbs of a group. A client is an agent, so what only humans may do is not
/// offered.
fn of_group(group: Group) -> impl Iterator<Item = Tool> {
    let of = |verb: &Declaration| match verb.name.split(' ').next() {
        _ if OFFERED.iter().any(|(name, _)| *name == verb.name) => None,
        Some("worktree") => Some(Group::Worktrees),
        Some("sync" | "pull" | "status" | "conflicts" | "doctor" | "context" | "view") => {
            Some(Group::Sync)
        }
        Some("undo" | "log" | "diff" | "events" | "standup" | "retro" | "report") => {
            Some(Group::History)
        }
        Some("learn" | "predict") => Some(Group::Learn),
        Some("artifact") => Some(Group::Artifacts),
        Some(
            "triage" | "order" | "graph" | "impact" | "forecast" | "suggest" | "stats" | "board"
            | "cost" | "budget" | "route",
        ) => Some(Group::Insight),
        Some("issue") => Some(Group::Issues),
        Some("reserve") => Some(Group::Reserve),
        Some("msg") => Some(Group::Messages),
        Some("epic" | "prd" | "scope" | "plan" | "milestone" | "sprint" | "trace") => {
            Some(Group::Plan)
        }
        _ => Some(Group::Tasks),
    };
    let verbs = VERBS.iter().filter(move |verb| of(verb) == Some(group));
    let open = verbs.filter(|verb| verb.is_for_agents() && verb.alias_of.is_none());
    open.map(|verb| Tool::of_verb(verb, &[]))
}

/// The tools that are always offered, then those of the groups.
pub(super) fn of(groups: &[Group]) -> Vec<Tool> {
    let offered = OFFERED.iter().filter_map(|(name, keys)| {
        let verb = VERBS.iter().find(|verb| verb.name == *name)?;
        Some(Tool::of_verb(
            verb,
            if groups.is_empty() { keys } else { &[] },
        ))
    });
    let mut tools: Vec<Tool> = offered.collect();
    let named = Group::ALL.iter().filter(|group| groups.contains(group));
    tools.extend(named.flat_map(|group| group.tools()));
    tools
}

/// The group of a tool that is not offered.
pub(super) fn group_of(name: &str) -> Option<Group> {
    let has = |group: &Group| group.tools().iter().any(|tool| tool.name == name);
    Group::ALL.iter().copied().find(has)
}
