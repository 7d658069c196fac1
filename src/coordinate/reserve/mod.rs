//! Reservations of paths: the pattern language, who may have what, and the guard that stops
//! commits. Overlap of patterns is pure; granting works on a state handed in.

pub(crate) mod grant;
pub(crate) mod guard;
pub mod live;
mod near;
mod path_arguments;
pub mod pattern;
pub mod pattern_lists;
pub(crate) mod release_record;
pub mod reservation_queries;
pub mod reservation_verbs;
