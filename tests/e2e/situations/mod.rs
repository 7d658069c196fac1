//! Situations that people reported of neighbouring tools: repositories, remotes and surroundings as
//! they are. A file per kind.

mod days;
mod git_settings;
mod hosts;
mod imports;
mod review;
mod sandbox;
mod worktrees;
