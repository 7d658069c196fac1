//! Tests of the scheduler: its decisions in small views, and properties of whole runs in simulated time.

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
