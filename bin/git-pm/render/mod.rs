//! Turns values into text: pages, tables and styles.
//!
//! Text from the state is escaped in `page` and `table`, for all commands. A file is named after the
//! command whose answer it renders, or after the group of the help.

pub mod agents;
pub mod analyze;
pub mod artifact;
pub mod batch;
pub mod board;
pub mod board_markdown;
pub mod card;
pub mod check;
pub mod checklist;
pub mod column_choice;
pub mod conflicts;
pub mod context;
pub mod costs;
pub mod debate;
pub mod dependencies;
pub mod diff;
pub mod events;
pub mod finding;
pub mod format;
pub mod github;
pub mod graph;
pub mod import_export;
pub mod install;
pub mod item;
pub mod learn;
pub mod lfg;
pub mod limits;
pub mod log;
pub mod maintain;
pub mod memory;
pub mod merge_queue;
pub mod milestone;
pub mod msg;
pub mod next_steps;
pub mod notify;
pub mod outline;
pub mod page;
pub mod plan;
pub mod plan_changes;
pub mod plan_findings;
pub mod plan_graph;
pub mod plan_report;
pub mod prd;
pub mod ready;
pub mod repair;
pub mod report_sections;
pub mod reserve;
pub mod routes;
pub mod runs;
pub mod saved_views;
#[cfg(feature = "serve")]
pub mod serve;
pub mod setup;
pub mod sprint;
pub mod stats;
pub mod status;
pub mod style;
pub mod sync;
pub mod table;
pub mod task_changes;
#[cfg(test)]
pub mod tests {
    pub mod board_fixtures;
    pub mod fixtures;
}
pub mod trace;
pub mod unsettled;
pub mod workflow;
pub mod worktree;
