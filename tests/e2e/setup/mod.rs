//! Setting a repository up and taking git pm out again; settings, trust, doctor; and repositories
//! that are not the usual one.

pub mod commands;
pub mod repositories;
pub mod trust_and_gates;
