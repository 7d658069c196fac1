//! Crashes, failing disks and clocks: acknowledged writes are there, and there is nothing to clean
//! up by hand.

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
