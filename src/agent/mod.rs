//! Coding agents: how each is started, its prompt, and its reports. Most are programs; one is built
//! in, and calls the APIs of language models.

pub mod headless;
#[cfg(feature = "models")]
pub mod model;
#[cfg_attr(
    not(feature = "models"),
    allow(dead_code, reason = "names are read in every build")
)]
pub mod model_name;
pub mod prices;
pub mod prompt;
pub mod route;
pub mod sandbox;
