//! What the page offers of an epic, of criteria and of numbers that may still change.

use super::page::Page;
use crate::support::{Scene, set_up};

/// OB-01: an epic whose parts are closed is closed where its progress is, once nothing else is open.
#[test]
fn ob_01_an_epic_is_closed_on_its_page_once_its_parts_and_criteria_are() {
    let (_scene, repo) = set_up();
    let epic = repo.data(&["epic", "create", "A goal"])["id"].clone();
    let epic = epic.as_str().unwrap();
    let part = repo.task("Its only part", &["--epic", epic]);
    let page = Page::of(&repo, "Ana", "approve");
    let (path, button) = (format!("/items/{epic}"), format!(">Close {epic}</button>"));
    assert!(!page.get(&path).contains("All of its parts are closed"));
    let close = format!("{path}/move");
    assert_ne!(page.send(&close, "verb=close"), 303, "a part is open");
    repo.pm(&["task", "done", &part, "--evidence", "seen"]).ok();
    // Criteria are accepted first, by the form on the same page.
    repo.pm(&["edit", epic, "--accept", "it is clean"]).ok();
    let shown = page.get(&path);
    assert!(
        shown.contains("All of its parts are closed") && !shown.contains(&button),
        "{shown}"
    );
    assert!(
        shown.contains(&format!("action=\"{path}/accept\"")),
        "{shown}"
    );
    assert_eq!(page.send(&format!("{path}/accept"), "number=1"), 303);
    let shown = page.get(&path);
    assert!(shown.contains(&button), "{shown}");
    assert!(!shown.contains("/accept\""), "{shown}");
    assert_eq!(page.send(&close, "verb=close"), 303);
    assert_eq!(repo.data(&["show", epic])["status"], "closed");
    let shown = page.get(&path);
    assert!(!shown.contains("All of its parts are closed"), "{shown}");
}

/// TM-05: the page marks a number that may still change, beside the text, which is copied as it is.
#[test]
fn tm_05_the_page_marks_numbers_that_may_change() {
    let scene = Scene::new();
    let (_, repo) = scene.with_hub();
    repo.task("Published", &[]);
    repo.pm(&["sync"]).ok();
    repo.task("First", &[]);
    repo.task("Waits", &["--depends-on", "T-2"]);
    let page = Page::of(&repo, "Ana", "write");
    for path in [
        "/",
        "/list",
        "/items/T-0002",
        "/items/T-0003",
        "/graph",
        "/search?q=First",
    ] {
        let shown = page.get(path);
        let marked: Vec<&str> = shown
            .split(" data-unsettled title=\"The first sync settles the number\"")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap_or_default())
            .filter_map(|rest| rest.split_once('>').map(|(_, text)| text))
            .collect();
        assert!(!marked.is_empty(), "{path}: {shown}");
        let is_new = |text: &&str| text.contains("T-0002") || text.contains("T-0003");
        assert!(marked.iter().all(is_new), "{path}: {marked:?}");
        assert!(!shown.contains("T-0002?"), "{path}: {shown}");
    }
    repo.pm(&["sync"]).ok();
    assert!(!page.get("/").contains("data-unsettled"));
}

/// OB-01: a page names the event after which it is to be read again: what changes before it listens is not lost.
#[test]
fn ob_01_a_page_names_the_event_up_to_which_it_knows_the_state() {
    let (_scene, repo) = set_up();
    let page = Page::of(&repo, "Ana", "write");
    let shown = page.get("/");
    let event = shown.split(" data-live=\"").nth(1);
    let event = event.and_then(|rest| rest.split('"').next()).unwrap();
    assert!(!event.is_empty(), "{shown}");
    repo.task("Made meanwhile", &[]);
    let later = repo.pm(&["--json", "events", "--since", event]).ok().out;
    assert!(later.contains("T-0001"), "{later}");
}

/// MS-03: an empty inbox says what comes there.
#[test]
fn ms_03_an_empty_inbox_says_what_comes_there() {
    let (_scene, repo) = set_up();
    let page = Page::of(&repo, "Ana", "write");
    let shown = page.get("/inbox");
    for part in [
        "no messages for you yet",
        "git pm msg send",
        "git pm finish",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("Read messages, too"), "{shown}");
}
