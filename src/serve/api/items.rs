//! Items by id.

use super::super::request::Answer;
use super::super::route::{Returns, Route, get, one};
use crate::pm::shared_views::ItemView;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/items/{id}", "One item; its version is the `ETag`").answers(
            Returns::Data(one::<ItemView>),
            |call| {
                let item = call.pm()?.tasks().show(call.part("id"))?;
                Answer::with_version(200, &item, Some(&item.version))
            },
        ),
    ]
}
