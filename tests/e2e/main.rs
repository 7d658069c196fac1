//! End to end: the real binary against real git repositories in temporary folders. One binary for
//! all of it; a file per capability.

mod approval;
mod approval_around;
mod backup;
mod bad_input;
mod batch;
mod beads_back;
mod beads_export;
mod beads_fixture;
mod beads_import;
mod checkout;
mod claims;
mod converge;
mod copies;
mod costs;
mod crash;
mod deferral;
mod demo;
mod environment;
mod ephemeral;
mod export_forms;
// Only a debug build has faults.
#[cfg(debug_assertions)]
mod fault_matrix;
#[cfg(debug_assertions)]
mod fault_matrix_issues;
#[cfg(debug_assertions)]
mod fault_matrix_mend;
#[cfg(debug_assertions)]
mod fault_seen;
#[cfg(debug_assertions)]
mod fault_stage;
mod fetched;
mod foreign_words;
mod forge;
mod formats;
mod fsck;
mod generation;
mod graph_cli;
mod guard_closed;
mod history;
mod hook_changes;
mod hook_compose;
mod hook_install;
mod hook_later;
mod hook_places;
mod hook_support;
mod hook_tools;
mod hook_trailer;
mod hooks;
mod ids;
mod import_conflict;
mod import_large;
mod import_projects;
mod import_tools;
mod index;
mod integrate;
mod issue_states;
mod issues;
mod journey;
mod kinds;
mod leases;
mod lists;
mod losses;
mod lost_tip;
mod merge_cli;
mod outlook;
mod ownership;
mod packing;
mod past;
mod plan;
mod plan_apart;
mod plan_documents;
mod plan_follow;
mod plan_together;
mod redact;
mod rescue;
mod reserve;
mod rules;
mod search;
mod setup;
mod show_links;
mod signing;
mod stale_locks;
mod support;
mod sync;
mod task;
mod threat_model;
mod together_branches;
mod triage;
mod undo;
mod undo_more;
mod weigh;
mod words;
mod worktree;
mod worktrees;
