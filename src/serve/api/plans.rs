//! Plans as text.

use super::super::request::Answer;
use super::super::route::{Returns, Route, one};
use crate::plan::write::PlanText;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(
        "/api/v1/plans/{id}/text",
        "A plan as text to edit, which `plan/write` takes",
        &[],
        Returns::Data(one::<PlanText>),
        |call| Answer::data(&call.pm()?.plans().text(Some(call.part("id")))?),
    )]
}
