//! A task that its document does not ask for any more, or asks for in other words, is told as such where work on it
//! begins and ends.

use super::{planned, texts};
use crate::serve::{Server, token};
use crate::support::{Repo, Scene, set_up};

const EXPORT: &str = "\
# Export

## Tasks
- [ ] Log each export with user
- [ ] Print a list
";

/// The approved plan of a document whose text is another one since.
fn changed(from: &str, to: &str, started: bool) -> (Scene, Repo) {
    let (scene, repo) = set_up();
    let setting = ["config", "--shared", "pm.planTests", "false"];
    repo.pm(&setting).ok();
    planned(&repo, "d.md", EXPORT);
    repo.pm(&["plan", "approve"]).ok();
    if started {
        repo.commit_all("Add the document");
        repo.pm(&["start", "T-0001"]).ok();
    }
    repo.write("d.md", &EXPORT.replace(from, to));
    repo.pm(&["plan", "update", "d.md", "--write"]).ok();
    repo.pm(&["plan", "approve"]).ok();
    (scene, repo)
}

/// PL-15: it can be started, and each view of it says what ends it.
#[test]
fn pl_15_a_dropped_task_is_told_where_it_is_shown_and_started() {
    const SAID: &str = "T-0001 is no longer in d.md: `git pm task cancel T-0001` ends it";
    let (_scene, repo) = changed("- [ ] Log each export with user\n", "", false);
    let next = repo.pm(&["next"]).ok();
    assert!(next.out.contains("T-0001"), "{}", next.out);
    assert!(next.err.contains(SAID), "{}", next.err);
    for verb in ["show", "why"] {
        let said = repo.pm(&[verb, "T-0001"]).ok().err;
        assert!(said.contains(SAID), "{verb}: {said}");
        let other = repo.pm(&[verb, "T-0002"]).ok().err;
        assert!(!other.contains("no longer"), "{verb}: {other}");
    }
    let said = repo.pm(&["--json", "show", "T-0001"]).ok().out;
    assert!(said.contains(SAID), "{said}");

    let key = token(&repo, "Ana", &["--scope", "approve"]);
    let server = Server::start(&repo, &[]);
    let session = server.sign_in(&format!("key={key}"));
    let headers = [
        ("Host", server.host.as_str()),
        ("Cookie", session.cookie.as_str()),
    ];
    let page = server.ask("GET", "/items/T-0001", &headers, "").body;
    assert!(page.contains("T-0001 is no longer in d.md"), "{page}");

    let started = repo.data(&["start", "T-0001", "--no-worktree"]);
    assert!(texts(&started, "warnings").contains(&SAID), "{started}");
    repo.pm(&["task", "cancel", "T-0001"]).ok();
    let said = repo.pm(&["show", "T-0001"]).ok().err;
    assert!(!said.contains("no longer"), "{said}");
    let started = repo.data(&["next", "--claim", "--no-worktree"]);
    assert_eq!(started["id"], "T-0002");
    assert!(!texts(&started, "warnings").contains(&SAID), "{started}");
}

/// PL-15: what the document says of it instead is named.
#[test]
fn pl_15_a_task_that_its_document_calls_done_is_told_with_the_line() {
    let ticked = "- [x] Log each export with user";
    let (_scene, repo) = changed("- [ ] Log each export with user", ticked, false);
    let said = repo.pm(&["show", "T-0001"]).ok().err;
    for part in [
        "T-0001 is no task in d.md now (line 4: ",
        "`git pm task done T-0001 --evidence …`",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// PL-15: who submits work, or approves it, learns that the document asks for other words by now.
#[test]
fn pl_15_the_end_of_work_tells_that_its_document_asks_for_something_else() {
    const SAID: &str = "d.md asks for something else than T-0001 by now: `git pm plan show P-0001`";
    let (_scene, repo) = changed("with user", "with user and IP address", true);
    let place = repo.worktree("T-0001");
    place.write("work.txt", "done\n");
    place.commit_all("Log exports");
    for verb in [&["finish", "T-0001"][..], &["approve", "T-0001"]] {
        let said = repo.pm(verb).ok().err;
        assert!(said.contains(SAID), "{verb:?}: {said}");
    }
}
