//! What can be done next about one item, from where it stands.

use git_pm::view::ItemView;

use super::item::{is_wait, quoted};
use super::page::Page;

/// The steps of whoever works on an item here.
pub fn work(item: &ItemView) -> Vec<String> {
    let go = item.worktree.as_ref();
    let go = go.map(|path| format!("cd {}", quoted(path)));
    let open = item.acceptance.iter().find(|criterion| !criterion.done);
    let accept = open.map(|one| format!("git pm task accept {} {}", item.id, one.number));
    let finish = format!("git pm finish {}", item.id);
    let steps = [go, Some("git commit".into()), accept, Some(finish)];
    steps.into_iter().flatten().collect()
}

/// Says what to type next about an item that was shown; nothing where it is not the reader's turn.
pub fn onward(page: &mut Page, item: &ItemView) {
    let id = &item.id;
    let is_work = matches!(item.kind.as_str(), "task" | "issue");
    let steps = match item.status.as_str() {
        "in_progress" if item.claim.as_ref().is_some_and(|claim| claim.here) => work(item),
        // An approval is a human's.
        "in_review" if !page.agent() => vec![format!("git pm task approve {id}")],
        "ready_for_integration" => vec![format!("git pm merge {id}")],
        "blocked" => vec![format!("git pm why {id}")],
        "queued" | "open" if is_work && waits(item) => vec![format!("git pm why {id}")],
        "queued" | "open" if is_work && item.claim.is_none() => vec![format!("git pm start {id}")],
        _ => Vec::new(),
    };
    if !steps.is_empty() {
        page.gap();
    }
    page.next(&steps.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Whether something that it depends on is open, as far as that is here.
fn waits(item: &ItemView) -> bool {
    let closed = |status: &str| matches!(status, "done" | "cancelled" | "closed");
    let mut waits = item.edges.iter().filter(|edge| is_wait(edge));
    waits.any(|edge| edge.status.as_deref().is_some_and(|status| !closed(status)))
}
