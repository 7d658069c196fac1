//! The page and its API over HTTP. One table of routes ([`routes`]) decides who may call what, and
//! from it the OpenAPI document is made; a handler is one call of the library, without knowledge of
//! the network. The repository is opened for each request as the token's actor, so any number of
//! servers and commands may write beside each other, and a server keeps nothing that a restart loses
//! but the sign-in of the person who started it.

mod access;
mod api;
mod audit;
mod dispatch;
mod events;
mod filter;
mod flights;
mod limits;
mod metrics;
mod openapi;
mod page;
mod patience;
mod problem;
mod request;
mod respond;
mod route;
mod routes;
mod server;
mod session;
mod shared;
mod stream;
mod tls;
mod tokens;

pub use request::Scope;
pub use server::{ServeOptions, Serving, TlsFiles};
pub use tokens::{NewToken, TokenView};

/// The OpenAPI 3.1 document of the API.
pub fn openapi() -> serde_json::Value {
    openapi::document()
}
