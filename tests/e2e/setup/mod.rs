//! Setting up a repository and uninstalling git pm; settings, trust, doctor; and unusual
//! repositories.

pub mod commands;
pub mod gate_conditions;
pub mod llm_team;
pub mod local_files;
pub mod purge;
pub mod repositories;
pub mod scaffold;
pub mod trust_and_gates;
