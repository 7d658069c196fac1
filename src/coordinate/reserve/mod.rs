//! Reservations of paths: the pattern language, who may have what, and the guard that stops
//! commits. Overlap of patterns is pure; granting works on a state handed in.

pub(crate) mod grant;
pub(crate) mod guard;
pub mod lists;
pub mod live;
mod look;
mod near;
mod ops;
pub mod pattern;
mod words;
