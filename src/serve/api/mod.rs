//! The API: each route is a call of the library with the JSON of `--json`.

mod history;
mod items;
mod plans;
mod runs;
mod talk;

use crate::error::{Error, Result};
use crate::pm::Pm;

use super::request::{Answer, Call};
use super::route::{Needs, Returns, Route, one};

/// Whether the server answers.
#[derive(serde::Serialize, schemars::JsonSchema)]
struct Health {
    ok: bool,
}

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let own = [
        Route::get(
            "/health",
            "Whether the server answers",
            &[],
            Returns::Plain(one::<Health>),
            |_| Ok(Answer::Plain("{\"ok\":true}".into())),
        )
        .needing(Needs::Nothing),
        Route::get(
            "/metrics",
            "Figures for Prometheus, in the format of OpenMetrics",
            &[],
            Returns::Other(super::metrics::CONTENT_TYPE),
            super::metrics::metrics,
        ),
        Route::get(
            "/api/v1/openapi.json",
            "This description",
            &[],
            Returns::Other("application/json"),
            |_| Ok(Answer::Plain(super::openapi::document().to_string())),
        )
        .needing(Needs::Nothing),
    ];
    own.into_iter()
        .chain(items::routes())
        .chain(plans::routes())
        .chain(runs::routes())
        .chain(talk::routes())
        .chain(history::routes())
        .collect()
}

/// Refuses what would push the state for the first time, which the command line asks for.
fn require_pushed_before(pm: &Pm) -> Result<()> {
    match pm.state().first_push_question(false)? {
        None => Ok(()),
        Some(_) => Err(Error::refused("the state was never pushed to its remote")
            .because("sync.first_push")
            .hint("`git pm sync` in a shell asks whether it should be")),
    }
}

/// The result of an operation that needs what [`require_pushed_before`] checks.
fn pushing(call: &Call) -> Result<&Pm> {
    let pm = call.pm()?;
    require_pushed_before(pm)?;
    Ok(pm)
}
