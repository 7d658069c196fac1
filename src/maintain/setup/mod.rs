//! Setting a repository up and looking after it: `init`, `uninstall`, `doctor`, `migrate`, `config`, `trust`,
//! `status`.

pub mod config;
pub mod init;
pub mod migrate;
pub mod overview;
pub mod trust;
