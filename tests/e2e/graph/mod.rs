//! The graph of items: readiness, cycles, measures, forecasts, triage.

pub mod forecast;
pub mod measures;
pub mod ready_and_cycles;
pub mod triage;
