//! End to end: the real binary against real git repositories in temporary folders. One binary for
//! all of it; a file per capability.

mod bad_input;
mod batch;
mod checkout;
mod claims;
mod converge;
mod crash;
mod demo;
mod forge;
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
mod past;
mod reserve;
mod search;
mod setup;
mod support;
mod sync;
mod task;
mod undo;
mod worktree;
mod worktrees;
