//! The groups of tools: which verbs a client of the MCP server is offered together.
//!
//! A line of `table` says which group a verb is in.

use crate::model::vocabulary::terms;

terms! {
    /// Tools that are offered together, in addition to those that are always offered.
    ToolGroup in "group of tools" {
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
        /// Review work; list and settle findings.
        Review = "review",
        /// Exchange items and issues with GitHub.
        Github = "github",
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
}
