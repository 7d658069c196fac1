//! Plans the rounds of the vans that fill and empty parcel lockers.

#![warn(missing_docs)]

pub mod distance_cache;
pub mod export;
pub mod fleet;
pub mod geo;
pub mod planner;
pub mod stops;
pub mod window;

pub use fleet::{assign, Van};
pub use geo::Point;
pub use planner::{plan, Leg, Round};
pub use stops::{parse_stops, Stop, StopError};
pub use window::TimeWindow;
