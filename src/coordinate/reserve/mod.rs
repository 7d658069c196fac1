//! Reservations of paths: the pattern language, who may have what, and the guard that stops
//! commits. Overlap of patterns is pure; granting works on a state handed in.

pub(crate) mod end;
pub(crate) mod grant;
pub(crate) mod guard;
pub mod lists;
pub mod live;
pub mod look;
mod near;
pub mod ops;
pub mod pattern;
mod words;
