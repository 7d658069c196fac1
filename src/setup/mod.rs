//! Setting a repository up and looking after it: `init`, `uninstall`, `doctor`, `migrate`, `config`, `trust`,
//! `status`.

mod config;
mod doctor;
mod init;
mod migrate;
mod overview;
mod restore;
mod trust;
