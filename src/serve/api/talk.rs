//! Files that items published.

use super::super::request::Answer;
use super::super::route::{Parameter, Returns, Route, flag, get, text};

const ARTIFACTS: &[Parameter] = &[
    text("item", "Only those of this item"),
    flag("all", "Include all versions"),
];

const VERSION: &[Parameter] = &[text("version", "A version; the newest by default")];

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/api/v1/artifacts", "Files that items published")
            .with(ARTIFACTS)
            .list(|call| {
                let artifacts = call.pm()?.artifacts();
                artifacts.list(call.parameter("item"), call.flag("all"))
            }),
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
    ]
}
