//! Setting a repository up and looking after it: `init`, `uninstall`, `doctor`, `config`, `trust`,
//! `status`.

mod config;
mod doctor;
mod init;
mod overview;
mod trust;
