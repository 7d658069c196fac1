//! Which tools a client is offered: some always, the others by the groups that it asks for.

use super::tool::Tool;
use crate::verbs::{Declaration, ToolGroup, VERBS};

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
    ("reserve release", &["name"]),
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

/// The tools of a group. A client is an agent, so what only humans may do is not offered.
fn of_group(group: ToolGroup) -> impl Iterator<Item = Tool> {
    let is_offered = |verb: &Declaration| OFFERED.iter().any(|(name, _)| *name == verb.name);
    let verbs = VERBS
        .iter()
        .filter(move |verb| verb.group == group && !is_offered(verb));
    let open = verbs.filter(|verb| verb.is_for_agents() && verb.alias_of.is_none());
    open.map(|verb| Tool::of_verb(verb, &[]))
}

/// The tools that are always offered, then those of the groups.
pub(super) fn of(groups: &[ToolGroup]) -> Vec<Tool> {
    let offered = OFFERED.iter().filter_map(|(name, keys)| {
        let verb = VERBS.iter().find(|verb| verb.name == *name)?;
        Some(Tool::of_verb(
            verb,
            if groups.is_empty() { keys } else { &[] },
        ))
    });
    let mut tools: Vec<Tool> = offered.collect();
    let named = ToolGroup::ALL.iter().filter(|group| groups.contains(group));
    tools.extend(named.flat_map(|group| of_group(*group)));
    tools
}

/// The group of a tool that is not offered.
pub(super) fn group_of(name: &str) -> Option<ToolGroup> {
    let has = |group: &ToolGroup| of_group(*group).any(|tool| tool.name == name);
    ToolGroup::ALL.iter().copied().find(has)
}
