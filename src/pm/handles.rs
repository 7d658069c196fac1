//! The operations of [`Pm`], grouped into handles that borrow the open repository.
//!
//! The methods of each are defined with their capability (`work/task`, `coordinate/reserve`, …).

use super::Pm;

macro_rules! handles {
    ($($(#[$doc:meta])* $method:ident -> $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy)]
            pub struct $name<'p> {
                pub(crate) pm: &'p Pm,
            }
        )*

        impl Pm {
            $(
                $(#[$doc])*
                pub fn $method(&self) -> $name<'_> {
                    $name { pm: self }
                }
            )*
        }
    };
}

handles! {
    /// The life cycle of an item: create, edit, depend, start, finish, approve, merge, close.
    tasks -> Tasks;
    /// Issues as in beads: bulk creation, gates, labels, templates.
    issues -> Issues;
    /// Items of every kind: lists, trees, search, saved views, batches.
    items -> Items;
    /// Metrics of the project and the graph: triage, forecast, health, impact.
    insights -> Insights;
    /// Requirements documents, plans, epics and milestones.
    plans -> Plans;
    /// Messages between actors: threads, requests to take an item, handoffs.
    messages -> Messages;
    /// Reservations of paths.
    reservations -> Reservations;
    /// Artifacts: files that items publish for others.
    artifacts -> Artifacts;
    /// Worktrees that belong to items.
    worktrees -> Worktrees;
    /// The git hooks that check commits and pushes.
    hooks -> Hooks;
    /// Learnings: patterns, gotchas and decisions, with their uses and votes.
    learnings -> Learnings;
    /// Findings of reviewers: what is wrong with work and plans, and what became of it.
    findings -> Findings;
    /// The history of the state: log, earlier versions, differences, undo.
    history -> History;
    /// The project context, and the briefing of an agent that begins or resumes work.
    memory -> Memory;
    /// Definitions of agents: the duty, the prompt and the permissions of each.
    agents -> Agents;
    /// Runs: agents that work through the graph of tasks.
    runs -> Runs;
    /// The usage and cost of agents, and the budgets that limit them.
    costs -> Costs;
    /// Instructions, hooks and commands for agents' command lines, and a program called bd.
    integrations -> Integrations;
    /// Import from and export to other trackers and formats.
    trackers -> Trackers;
    /// The repository at GitHub that the project is mirrored to.
    forges -> Forges;
    /// News that reach people outside of the repository: rules, and what is sent by them.
    notifications -> Notifications;
    /// Settings, shared rules, and the trust in commands of the repository.
    settings -> Settings;
    /// The page and its API over HTTP, and the tokens that grant access.
    #[cfg(feature = "serve")]
    server -> Server;
    /// The state as a whole: initialize, exchange, resolve conflicts, check, repair, back up.
    state -> StateHandle;
}
