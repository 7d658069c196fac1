//! The line of the page about the remote: what is not pushed, when it was asked, and the button that syncs.

use super::page::Page;
use crate::support::{Repo, Scene};

/// The line in the header of a page.
fn line(page: &Page) -> String {
    let shown = page.get("/");
    let line = shown.split_once("<form id=\"sync\"");
    let line = line.and_then(|(_, rest)| rest.split_once("</form>"));
    line.map_or(String::new(), |(line, _)| line.to_string())
}

fn titles(repo: &Repo) -> String {
    repo.pm(&["list"]).ok().out
}

/// Who works on the page alone sees that nobody has their work yet, and sends it, also where nothing is
/// sent unasked; what others sent comes with it.
#[test]
fn what_is_made_on_the_page_is_told_to_be_here_only_and_synced_there() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    repo.task("First", &[]);
    let page = Page::of(&repo, "boss", "approve");
    assert!(line(&page).contains("never pushed"), "{}", line(&page));
    // Who may read the state is asked in a terminal before.
    assert_eq!(page.send("/sync", ""), 409);
    assert!(!line(&page).contains("all pushed"));
    repo.pm(&["sync"]).ok();
    let shown = line(&page);
    assert!(
        shown.contains("all pushed") && shown.contains("asked the remote <time"),
        "{shown}"
    );
    repo.pm(&["config", "pm.sync", "manual"]).ok();
    assert_eq!(page.send("/items", "title=Made+on+the+page"), 303);
    assert!(line(&page).contains("1 to push"), "{}", line(&page));
    let ben = scene.clone_of(&hub, "b", "Ben");
    ben.pm(&["sync"]).ok();
    assert!(!titles(&ben).contains("Made on the page"));
    ben.task("Made by Ben", &[]);
    ben.pm(&["sync"]).ok();
    assert_eq!(page.send("/sync", "back=%2F"), 303);
    let shown = page.get("/");
    assert!(
        shown.contains("fetched, ") && shown.contains("Made by Ben"),
        "{shown}"
    );
    assert!(line(&page).contains("all pushed"), "{}", line(&page));
    ben.pm(&["sync"]).ok();
    assert!(titles(&ben).contains("Made on the page"));
}

/// Who may only read sees the line, and gets no button; without a remote there is none.
#[test]
fn the_button_that_syncs_is_for_whoever_may_write() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.task("First", &[]);
    repo.pm(&["sync"]).ok();
    let page = Page::of(&repo, "eve", "read");
    let shown = line(&page);
    assert!(
        shown.contains("all pushed") && !shown.contains("<button"),
        "{shown}"
    );
    assert_eq!(page.send("/sync", ""), 403);
    drop(page);
    repo.git(&["remote", "remove", "origin"]).ok();
    let page = Page::of(&repo, "boss", "approve");
    assert_eq!(line(&page), "");
}
