//! Documents, items, ids, stamps and their Markdown and YAML form: pure data, no repository, no clock.
//!
//! And the error type of all that is above.

pub mod approval;
pub mod authority;
pub mod change_plan;
pub mod codec;
pub mod doc;
pub mod edge_type;
pub mod error;
pub mod expiry;
pub mod finding;
pub mod id;
pub mod id_run;
pub mod imported;
pub mod issue_fields;
pub mod issue_name;
pub mod item;
pub mod item_type;
pub mod json_texts;
pub mod learning;
pub mod lease;
pub mod limits;
pub mod line_diff;
pub mod long_texts;
pub mod message;
pub mod money;
pub mod plan_decision;
pub mod planned_id;
pub mod priority;
pub mod proposed;
pub mod prose;
pub mod register_diff;
pub mod reservation;
pub mod returned;
pub mod rule_elements;
pub mod run_status;
pub mod secret_hash;
pub mod section;
pub mod settings;
pub mod short_id;
pub mod stamp;
pub mod statistics;
pub mod status;
pub mod stop;
pub mod text;
pub mod transitions;
pub mod typed_day;
pub mod typed_due_date;
pub mod typed_past_date;
pub mod uid;
pub mod usage;
pub mod value;
pub mod vocabulary;
pub mod web_address;
pub mod yaml;

use crate as model;
