//! Setup and configuration of a repository: `init`, `uninstall`, `migrate`, `config`, `trust`, and
//! its `status`.

pub mod config;
pub(crate) mod gates_to_run;
pub mod init;
pub mod migrate;
pub mod status;
pub mod trust;
