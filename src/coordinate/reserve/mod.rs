//! Reservations of paths: the pattern language, granting, and the guard that stops commits.

pub(crate) mod grant;
pub(crate) mod guard;
pub(crate) mod path_arguments;
pub mod pattern;
pub mod pattern_lists;
pub(crate) mod prefix_filter;
pub mod queue;
pub(crate) mod release_record;
pub mod reservation_queries;
