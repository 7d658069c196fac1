//! The next steps for an item, by its status.

use git_pm::Result;
use git_pm::error::Hint;
use git_pm::items::ItemView;
use git_pm::tasks::Move;
use git_pm::text::is_same_name;
use git_pm::values::{ItemKind, parse_rfc3339};

use super::format::shell_quoted;
use super::page::Page;

/// The next steps for the item's holder in this clone.
pub fn work(item: &ItemView) -> Vec<String> {
    let go = item.worktree.as_ref().filter(|path| !is_here(path));
    let go = go.map(|path| format!("cd {}", shell_quoted(path)));
    let accept = open_criterion(item).map(|n| format!("git pm task accept {} {n}", item.id));
    // The parts of what was just started are not known here.
    let mut parts = item.children.iter().flatten();
    let is_whole = match item.children {
        Some(_) => parts.all(|part| part.status.is_closed()),
        None => item.kind != ItemKind::Epic,
    };
    let finish = is_whole.then(|| format!("git pm finish {}", item.id));
    let steps = [go, Some("git commit".into()), accept, finish];
    steps.into_iter().flatten().collect()
}

/// The number of the first criterion that is not accepted.
pub fn open_criterion(item: &ItemView) -> Option<usize> {
    let criteria = item.criteria();
    let mut open = criteria.iter().filter(|one| !one.criterion.done);
    open.find_map(|one| one.number)
}

/// The step to the end of an item that was claimed without a branch: what closes it, or what is open before that.
pub fn end(item: &ItemView, moves: &[Move]) -> String {
    let id = &item.id;
    match open_criterion(item) {
        _ if moves.contains(&Move::Close) => format!("git pm {} close {id}", item.kind),
        _ if moves.contains(&Move::Done) => format!("git pm task done {id} --evidence TEXT"),
        Some(n) => format!("git pm task accept {id} {n}"),
        None => format!("git pm why {id}"),
    }
}

/// The command that brings work on, behind another one, or why it would be refused.
pub fn onward(page: &mut Page, before: Option<String>, step: &Result<Option<Hint>>) {
    let hints = step.iter().flatten();
    let commands = hints.filter_map(|hint| Some(hint.command.as_ref()?.to_string()));
    page.next(&before.into_iter().chain(commands).collect::<Vec<_>>());
    match step {
        Ok(Some(hint)) if hint.command.is_none() => _ = page.hints(&[hint]),
        Ok(_) => {}
        Err(stop) => {
            let follows = !stop.hints().is_empty() && !page.quiet();
            let colon = if follows { ":" } else { "" };
            page.line(format!("{}{colon}", stop.message()));
            page.hints(stop.hints());
        }
    }
}

/// True if the shell is in a folder.
fn is_here(folder: &str) -> bool {
    let cwd = std::env::current_dir().and_then(|cwd| cwd.canonicalize());
    let folder = std::path::Path::new(folder).canonicalize();
    matches!((cwd, folder), (Ok(cwd), Ok(folder)) if cwd.starts_with(&folder))
}

/// Suggests commands for an item that was shown; none if it is not the reader's turn. `own` is true
/// if the reader works on it, `moves` are the changes that would work, and `me` is the reader.
pub fn next_steps(page: &mut Page, item: &ItemView, own: bool, moves: &[Move], me: &str) {
    let id = &item.id;
    let is_free = item.owner().is_none_or(|owner| is_same_name(owner, me));
    let steps = match item.status.as_str() {
        "open" if item.item_type == "gate" && !item.issue.pinned => gate(page, item),
        "in_progress" if own => work(item),
        "in_review" if moves.contains(&Move::Approve) => vec![format!("git pm task approve {id}")],
        // Imported work: a human may close what was done elsewhere.
        "in_review" if item.branch.is_none() && is_free => {
            let done = format!("git pm task done {id} --force --evidence TEXT");
            let done = (!page.agent()).then_some(done);
            let resume = [format!("git pm start {id} --resume")];
            resume.into_iter().chain(done).collect()
        }
        "ready_for_integration" if moves.contains(&Move::Merge) => {
            vec![format!("git pm merge {id}")]
        }
        "blocked" => vec![format!("git pm why {id}")],
        "queued" | "open" if !item.is_offered() || is_deferred(page, item) => Vec::new(),
        "queued" | "open" | "hooked" if moves.contains(&Move::Start) => {
            let start = is_free.then(|| format!("git pm start {id}"));
            start.into_iter().collect()
        }
        "queued" | "open" if item.claim.is_none() => vec![format!("git pm why {id}")],
        _ => Vec::new(),
    };
    if !steps.is_empty() {
        page.gap();
    }
    page.next(&steps);
}

/// The commands that open a gate: some types can be checked locally, and only a human can open one
/// that waits for a human.
fn gate(page: &Page, item: &ItemView) -> Vec<String> {
    let awaits = item.issue.await_type.as_deref().unwrap_or_default();
    match awaits.split(':').next() {
        Some("timer" | "bead") => vec!["git pm issue gate check".into()],
        Some("human") if page.agent() => Vec::new(),
        _ => vec![format!("git pm issue gate resolve {}", item.id)],
    }
}

/// True if the item is deferred until a later time.
pub fn is_deferred(page: &Page, item: &ItemView) -> bool {
    let until = item.issue.defer_until.as_deref().and_then(parse_rfc3339);
    until.is_some_and(|ms| page.is_in_future(ms))
}
