//! Situations that people reported of neighbouring tools: repositories, remotes and surroundings as
//! they are. A file per kind.

mod days;
mod decided;
mod git_settings;
mod hosts;
mod imports;
mod reported;
mod reported_remotes;
mod reported_worktrees;
mod review;
mod sandbox;
mod worktrees;
