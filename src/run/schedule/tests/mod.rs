//! Tests of the scheduler: what it decides in small views, and properties of whole runs on simulated
//! time.

mod broad_patterns;
mod builders;
mod decisions;
mod moment;
mod oracle;
mod order;
mod random_views;
mod run_properties;
mod simulator;
mod timelines;
