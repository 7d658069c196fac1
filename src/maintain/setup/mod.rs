//! Set-up and settings of a repository: `init`, `uninstall`, `migrate`, `config`, `trust`, `status`.

pub mod config;
pub mod init;
mod left_dirty;
pub mod llm_team;
pub mod migrate;
pub mod purge;
pub mod scaffold;
pub mod status;
