//! End to end: the real binary against real git repositories in temporary folders. One binary for
//! all of it; a folder per area, a file per capability.

mod agents;
mod approval;
mod batch;
mod bridge;
mod claims;
mod converge;
mod costs;
mod demo;
mod faults;
mod graph;
mod hints;
mod history;
mod hooks;
mod hostile;
mod issues;
mod journey;
mod lists;
mod maintain;
mod merge;
mod plan;
mod reserve;
mod search;
mod setup;
mod store;
mod support;
mod sync;
mod task;
mod threat_model;
mod worktrees;
