//! `git pm run`: scripts as agents work the graph of tasks. What they did is read from the
//! repository and from files that they write outside of it.

mod acp;
mod after_a_kill;
mod agents_mischief;
mod agents_output;
mod basics;
mod budget;
mod budget_of_epic;
mod change_plan;
mod conflicts;
mod contract;
pub mod control;
mod control_one_task;
mod cost;
mod exclusion;
mod failures;
mod faults_by_chance;
pub mod full;
mod full_again;
mod full_critics;
mod guards;
mod in_flight;
mod invocation;
mod killed_by_chance;
mod log_files;
#[cfg(feature = "models")]
mod models;
mod news;
mod order;
mod outside;
mod real_agents;
mod real_planners;
mod really_done;
mod replay;
mod report_figures;
mod routes;
#[cfg(feature = "models")]
mod routing;
#[cfg(target_os = "linux")]
mod sandbox;
pub mod stage;
mod streams;
mod thirty_tasks;
