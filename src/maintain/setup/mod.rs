//! Setting a repository up and looking after it: `init`, `uninstall`, `doctor`, `migrate`, `config`, `trust`,
//! `status`.

mod config;
mod init;
mod migrate;
mod overview;
mod trust;
