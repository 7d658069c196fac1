//! The page and its API over HTTP, from one table of routes.
//!
//! One table of routes ([`routes`]) defines the scope that each call requires, and the OpenAPI
//! document is generated from it; a handler is a single library call, independent of the network. The
//! repository is opened for each request as the token's actor, so any number of servers and commands
//! may write concurrently, and restarting a server loses nothing but the sessions of browsers.

mod access;
mod api;
mod audit;
mod coalesce;
mod dispatch;
mod event_stream;
mod events;
mod filter;
mod github_webhook;
mod limits;
mod metrics;
mod news;
mod openapi;
mod page;
mod problem;
mod rate_limit;
mod request;
mod respond;
mod route;
mod routes;
mod server;
mod session;
mod shared;
mod tls;
mod tokens;

pub use github_webhook::ActionLine;
pub use request::Scope;
pub use server::{ServeOptions, Serving, TlsFiles};
pub use tokens::{NewToken, TokenView};

/// The OpenAPI 3.1 document of the API.
pub fn openapi() -> serde_json::Value {
    openapi::document()
}
