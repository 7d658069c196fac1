//! The page of the inbox: messages to the visitor, and work that waits for a review.

use super::Server;
use super::page::Page;
use crate::support::{binary, set_up};

#[test]
fn ms_03_the_inbox_is_a_page_with_what_waits_for_the_visitor() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &[]);
    let ben = repo.by("ben");
    let asked = ben.data(&[
        "msg",
        "send",
        "--new",
        "--to",
        "Ana",
        "Which port?",
        "80 **or** 8080",
    ]);
    let page = Page::of(&repo, "Ana", "approve");
    let shown = page.get("/inbox");
    for part in [
        "<h1>Inbox <small>1 unread</small></h1>",
        "aria-current=\"page\">Inbox</a>",
        "Which port?",
        "80 <strong>or</strong> 8080",
        "Mark as read",
        "No work waits for a review.",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    // To look is not to read.
    assert!(page.get("/inbox").contains("1 unread"));
    let answer = format!("/messages/{}/answer", asked["id"].as_str().unwrap());
    assert_eq!(page.send(&answer, "verb=read&back=/inbox"), 303);
    assert!(!page.get("/inbox").contains("Which port?"));
    assert!(page.get("/inbox?all=true").contains("Which port?"));
    // What waits for an answer stays until there is one.
    let asked = ben.data(&["msg", "delegate", &id, "--to", "Ana"]);
    let answer = format!("/messages/{}/answer", asked["id"].as_str().unwrap());
    assert_eq!(page.send(&answer, "verb=read"), 303);
    let shown = page.get("/inbox");
    assert!(
        shown.contains("Take it") && shown.contains(&format!("/items/{id}")),
        "{shown}"
    );
    assert_eq!(page.send(&answer, "verb=decline&text=no+time"), 303);
    assert!(!page.get("/inbox").contains("Take it"));
    // Work in review; without a branch there is nothing to review.
    let work = repo.task("Look at me", &[]);
    repo.pm(&["start", &work]).ok();
    let place = repo.worktree(&work);
    place.write("x.txt", "x\n");
    place.commit_all("X");
    place.pm(&["finish"]).ok();
    let text = "Summary,Issue key,Status\nElsewhere,X-1,In Review\n";
    repo.feed(binary(), &["import", "csv", "-"], text).ok();
    let shown = page.get("/inbox");
    assert!(
        shown.contains(&format!("<b>{work}</b> Look at me")),
        "{shown}"
    );
    assert!(!shown.contains("Elsewhere"), "{shown}");
    // A stranger has none.
    let server = Server::start(&repo, &[]);
    let shown = server.get("/inbox").body;
    assert!(
        shown.contains("to see what is for you") && !shown.contains("Look at me"),
        "{shown}"
    );
}
