//! Items, ids, stamps and their Markdown and YAML form: pure data, no repository, no clock.

pub mod approval;
pub mod codec;
pub mod compare;
pub mod doc;
pub mod due;
pub mod id;
pub mod id_run;
pub(crate) mod imported;
pub mod issue;
pub mod item;
pub mod lease;
pub mod long_texts;
pub mod moment;
pub mod prose;
pub mod redacted;
pub mod reservation;
pub mod stamp;
pub mod status;
pub mod stop;
pub mod text;
pub mod uid;
pub mod until;
pub mod value;
pub mod vocabulary;
pub mod yaml;
