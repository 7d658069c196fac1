//! Situations that people reported of neighbouring tools: repositories, remotes and surroundings as
//! they are. A file per kind.

mod git_settings;
mod imports;
mod sandbox;
mod worktrees;
