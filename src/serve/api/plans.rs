//! Plans as text.

use super::super::route::{Route, get};

pub(super) fn routes() -> Vec<Route> {
    vec![
        get(
            "/api/v1/plans/{id}/text",
            "A plan as text to edit, which `plan/write` takes",
        )
        .one(|call| call.pm()?.plans().text(Some(call.part("id")))),
    ]
}
