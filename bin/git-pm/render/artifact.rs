//! Renders artifacts.

use std::path::Path;

use git_pm::artifacts::ArtifactView;
use git_pm::text::bytes;

use super::limits;
use super::page::Page;
use super::style::Label;

/// A version that was put.
pub fn put(page: &mut Page, view: &ArtifactView) {
    page.text("Put ").put(Label::Path, &view.name).text(" of ");
    page.put(Label::Id, &view.item);
    page.text(format!("  {}, {}", view.id, bytes(view.size)))
        .end();
    if view.concurrent {
        page.warning("there is another current version; put the file again to replace both");
    }
    page.next(&[format!("git pm artifact list {}", view.item)]);
}

/// Versions as a table.
pub fn list(page: &mut Page, views: &[ArtifactView], of_all: bool) {
    page.list("No artifacts.", 1, views, |page, view| {
        [
            Label::Id.of(if of_all { view.item.as_str() } else { "" }),
            Label::Path.of(&view.name),
            Label::Dim.of(&view.id),
            Label::Text.of(size(view)),
            Label::Actor.of(&view.author),
            Label::Dim.of(page.when(&view.created_at)),
            Label::Waiting.of(status(view)),
        ]
    });
    if views.is_empty() {
        page.next(&["git pm artifact put ITEM FILE"]);
    }
}

/// The size of a version, or why there is none.
fn size(view: &ArtifactView) -> String {
    match view.sha256 {
        Some(_) => bytes(view.size),
        None => "redacted".to_string(),
    }
}

fn status(view: &ArtifactView) -> &'static str {
    match (view.current, view.concurrent) {
        (false, _) => "replaced",
        (true, true) => "concurrent",
        (true, false) => "",
    }
}

/// The versions that were removed.
pub fn removed(page: &mut Page, views: &[ArtifactView]) {
    for view in views {
        page.text("Removed ")
            .put(Label::Path, &view.name)
            .text(" of ");
        page.put(Label::Id, &view.item)
            .text(format!("  {}", view.id))
            .end();
    }
    page.next(&["git pm undo"]);
}

/// A version that was written to a file.
pub fn written(page: &mut Page, view: &ArtifactView, path: &Path) {
    page.text("Wrote ")
        .put(Label::Path, path.display().to_string());
    page.text(format!("  {}, {}", view.id, bytes(view.size)))
        .end();
}

/// The artifacts of an item and of those it depends on.
pub fn near(page: &mut Page, item: &str, views: &[ArtifactView]) {
    if views.is_empty() {
        return;
    }
    page.heading("Artifacts");
    page.rows(
        "  ",
        1,
        views.iter().take(limits::ITEM_ARTIFACTS_MAX),
        |page, view| {
            let owner = if view.item == item {
                ""
            } else {
                view.item.as_str()
            };
            [
                Label::Path.of(&view.name),
                Label::Id.of(owner),
                // Only one of several has to be named.
                Label::Dim.of(if view.concurrent {
                    view.id.as_str()
                } else {
                    ""
                }),
                Label::Text.of(size(view)),
                Label::Actor.of(&view.author),
                Label::Dim.of(page.when(&view.created_at)),
                Label::Waiting.of(status(view)),
            ]
        },
    );
    page.more(views.len(), limits::ITEM_ARTIFACTS_MAX);
}
