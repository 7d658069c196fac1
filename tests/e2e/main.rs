//! End to end: the real binary against real git repositories in temporary folders. One binary for
//! all of it; a file per capability.

mod backup;
mod bad_input;
mod batch;
mod checkout;
mod claims;
mod converge;
mod copies;
mod costs;
mod crash;
mod demo;
mod environment;
// Only a debug build has faults.
#[cfg(debug_assertions)]
mod fault_matrix;
#[cfg(debug_assertions)]
mod fault_stage;
mod forge;
mod formats;
mod fsck;
mod generation;
mod graph_cli;
mod history;
mod hook_changes;
mod hook_compose;
mod hook_install;
mod hook_places;
mod hook_support;
mod hook_tools;
mod hook_trailer;
mod hooks;
mod index;
mod integrate;
mod journey;
mod merge_cli;
mod packing;
mod past;
mod redact;
mod rescue;
mod reserve;
mod search;
mod setup;
mod signing;
mod support;
mod sync;
mod task;
mod undo;
mod worktree;
mod worktrees;
