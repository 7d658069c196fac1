//! Crashes, failing disks and clocks: what was acknowledged is there, and nobody has to clean up.

pub mod crash;
pub mod environment;
pub mod killed_write;
pub mod lost_tip;
#[cfg(debug_assertions)]
pub mod matrix;
#[cfg(debug_assertions)]
pub mod matrix_issues;
#[cfg(debug_assertions)]
pub mod matrix_maintenance;
#[cfg(debug_assertions)]
pub mod observed;
pub mod read_only_and_full_disk;
#[cfg(debug_assertions)]
pub mod stage;
pub mod stale_locks;
