//! What has an address of its own: items, the content of their artifacts, plans as text.

use super::super::request::Answer;
use super::super::route::{Parameter, Returns, Route, get, one, text};
use crate::pm::shared_views::ItemView;

const VERSION: &[Parameter] = &[text("version", "A version; the newest by default")];

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/items/{id}", "One item; its version is the `ETag`").answers(
            Returns::Data(one::<ItemView>),
            |call| {
                let item = call.pm()?.tasks().show(call.part("id"))?;
                Answer::with_version(200, &item, Some(&item.version))
            },
        ),
        get(
            "/api/v1/items/{id}/artifacts/{name}",
            "The content of an artifact",
        )
        .with(VERSION)
        .answers(Returns::Other("application/octet-stream"), |call| {
            let (item, name) = (call.part("id"), call.part("name"));
            let artifacts = call.pm()?.artifacts();
            let found = artifacts.get(item, name, call.parameter("version"))?;
            Ok(Answer::File {
                name: name.to_string(),
                bytes: found.content,
            })
        }),
        get(
            "/api/v1/plans/{id}/text",
            "A plan as text to edit, which `plan/write` takes",
        )
        .one(|call| call.pm()?.plans().text(Some(call.part("id")))),
    ]
}
