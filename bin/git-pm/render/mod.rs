//! From values to what people read: pages, tables and styles; from values to what programs read:
//! one JSON document. Texts of the state are escaped here, in `page`, for all commands alike.

pub mod bridge;
pub mod cleanup;
pub mod columns;
pub mod drawing;
pub mod error;
pub mod follow;
pub mod graph;
pub mod history;
pub mod insight;
pub mod item;
pub mod json;
pub mod mend;
pub mod onward;
pub mod out;
pub mod outlook;
pub mod page;
pub mod pager;
pub mod past;
pub mod plan;
pub mod report;
pub mod reservation;
#[cfg(test)]
mod sample;
pub mod status;
pub mod style;
pub mod table;
pub mod triage;
pub mod view;
