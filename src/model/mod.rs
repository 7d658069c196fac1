//! Documents, items, ids, stamps and their Markdown and YAML form: pure data, no repository, no clock.

pub mod approval;
pub mod codec;
pub mod doc;
pub mod edge_type;
pub mod expiry;
pub mod future_time;
pub mod id;
pub mod id_run;
pub(crate) mod imported;
pub mod issue_fields;
pub mod item;
pub mod item_type;
pub mod lease;
pub mod long_texts;
pub mod past_time;
pub mod priority;
pub mod prose;
pub mod register_diff;
pub mod reservation;
pub mod secret_hash;
pub(crate) mod settings;
pub mod stamp;
pub mod status;
pub mod stop;
pub mod text;
pub mod uid;
pub mod value;
pub mod vocabulary;
pub mod yaml;

// The former names of two files, until their users have moved.
#[doc(hidden)]
pub use issue_fields as issue;
#[doc(hidden)]
pub mod redacted {
    pub use super::secret_hash::SecretHash as TextHash;
}
