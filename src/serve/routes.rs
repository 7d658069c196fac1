//! All routes.

use std::sync::LazyLock;

use super::route::Route;
use super::{api, page, session};

/// The path of the stream of events, which the server answers itself.
pub(super) const EVENTS: &str = "/api/v1/events";

/// The path that says whether the server answers, which waits for nobody.
pub(super) const HEALTH: &str = "/health";

static ALL: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let all = api::routes().into_iter().chain(session::routes());
    all.chain(page::routes()).collect()
});

/// The table of routes.
pub(super) fn all() -> &'static [Route] {
    &ALL
}
