//! Coding agents: how each is started, its prompt, and its reports.
//!
//! Most are programs (`headless`, which also plays transcripts); one is built in (`llm`), and calls the APIs
//! of language models.
//!
//! Four words have one meaning each here. An *agent* does tasks; a *model* is a language model; a
//! *provider* is a service that answers requests to models; a *profile* is a set of routes, which say
//! what agent takes which item. (`crate::model` is the data of the project.)

#[cfg_attr(
    not(feature = "models"),
    allow(dead_code, reason = "only a model may name links")
)]
mod allowed_paths;
pub mod definition;
pub mod headless;
#[cfg(feature = "models")]
pub mod llm;
pub mod prices;
pub mod prompt;
#[cfg_attr(
    not(feature = "models"),
    allow(dead_code, reason = "names are read in every build")
)]
pub mod provider;
pub mod route;
pub mod sandbox;
