//! Setup and configuration of a repository: `init`, `uninstall`, `migrate`, `config`, `trust`, and
//! its `status`.

pub mod config;
pub mod init;
pub mod migrate;
pub mod status;
