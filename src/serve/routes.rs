//! The table of all routes: those of the API, of signing in and of the page.

use std::sync::LazyLock;

use super::route::Route;
use super::{api, page, session};

/// The path of the event stream, which the server handles itself.
pub(super) const EVENTS: &str = "/api/v1/events/stream";

/// The path of the list of events; a request that accepts `text/event-stream` gets the stream there, too.
pub(super) const EVENT_LIST: &str = "/api/v1/events";

/// The path of the health check, which is answered without queuing.
pub(super) const HEALTH: &str = "/health";

static ALL: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let all = api::routes().into_iter().chain(session::routes());
    all.chain(page::routes()).collect()
});

/// The table of routes.
pub(super) fn all() -> &'static [Route] {
    &ALL
}
