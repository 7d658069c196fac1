//! What the page offers: filters of many labels, findings, messages, runs, and only the undos that would work.

use super::{Server, Session, token};
use crate::run::control::WAITS;
use crate::run::stage::{Stage, find, until};
use crate::support::{Repo, set_up};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A server with a session of its own, as a browser has it.
pub(super) struct Page {
    server: Server,
    session: Session,
}

impl Page {
    /// Signed in with a token of this scope.
    pub(super) fn of(repo: &Repo, name: &str, scope: &str) -> Page {
        let key = token(repo, name, &["--scope", scope]);
        let server = Server::start(repo, &[]);
        let session = server.sign_in(&format!("key={key}"));
        Page { server, session }
    }

    pub(super) fn ask(&self, method: &str, path: &str, body: &str) -> super::Answer {
        let cookie = ("Cookie", self.session.cookie.as_str());
        let headers = [("Host", self.server.host.as_str()), cookie, FORM];
        self.server.ask(method, path, &headers, body)
    }

    pub(super) fn get(&self, path: &str) -> String {
        let answer = self.ask("GET", path, "");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// Sends a form; the status of the answer.
    pub(super) fn send(&self, path: &str, fields: &str) -> u16 {
        let body = format!("csrf={}&{fields}", self.session.proof);
        self.ask("POST", path, &body).status
    }
}

/// A menu shows the values that most items have, finds the others, and writes the query; the board does not
/// grow with the number of labels.
#[test]
fn ob_02_a_filter_of_3000_labels_is_bounded_and_finds_each() {
    let (_scene, repo) = set_up();
    let lines = (0..60).map(|n| {
        let labels = (0..50).map(|k| format!("\"l{:04}\"", n * 50 + k));
        let labels = labels.collect::<Vec<_>>().join(",");
        format!("{{\"op\":\"task.create\",\"title\":\"T {n}\",\"labels\":[\"common\",{labels}]}}\n")
    });
    repo.feed(
        crate::support::binary(),
        &["batch"],
        &lines.collect::<String>(),
    )
    .ok();
    let server = Server::start(&repo, &[]);
    let page = |path: &str| server.get(path).body;
    let board = page("/?q=priority%3A2");
    assert!(board.len() < 250_000, "{} bytes", board.len());
    assert!(
        board.contains("/filter?field=label&amp;q=priority%3A2")
            || board.contains("/filter?field=label&#38;q=priority%3A2"),
        "{board}"
    );
    let menu = page("/filter?field=label&q=priority%3A2");
    assert!(menu.len() < 20_000, "{} bytes", menu.len());
    assert!(
        menu.contains("common <small>60</small>") && menu.contains("2961 more"),
        "{menu}"
    );
    let found = page("/filter?field=label&at=list&words=L2999&q=priority%3A2+label%3Acommon");
    // It takes the place of the other label, and is one of the query's words.
    assert!(
        found.contains("/list?q=priority%3A2+label%3Al2999"),
        "{found}"
    );
    assert_eq!(found.matches("<small>1</small>").count(), 1, "{found}");
    let list = page("/list?q=priority%3A2+label%3Al2999");
    assert_eq!(list.matches("<tr data-item").count(), 1, "{list}");
    let priorities = page("/filter?field=priority");
    assert!(priorities.contains("/?q=priority%3A2\""), "{priorities}");
    assert_eq!(server.get("/filter?field=body").status, 400);
}

/// A human dismisses a finding, or says what fixes it, on the page of the review; others are not offered it.
#[test]
fn rv_06_findings_are_settled_on_the_page() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("src/b.rs", "// TODO mend this\n");
    place.write("src/c.rs", "// TODO mend that\n");
    place.commit_all("Work");
    place.pm(&["finish", &id]).ok();
    repo.pm(&["review", &id]);
    let open = || repo.data(&["finding", "list", &id])["items"].clone();
    let found = open();
    let all: Vec<&str> = (found.as_array().unwrap().iter())
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert!(all.len() > 1, "{found}");
    let review = format!("/items/{id}/changes");
    let settle = |finding: &str| format!("/findings/{finding}/settle");
    let writer = Page::of(&repo, "Ana", "write");
    assert!(!writer.get(&review).contains("/settle"));
    assert_eq!(writer.send(&settle(all[0]), "reason=no"), 403);
    drop(writer);
    let page = Page::of(&repo, "boss", "approve");
    let shown = page.get(&review);
    assert!(
        all.iter().all(|one| shown.contains(&settle(one))),
        "{shown}"
    );
    assert_eq!(page.send(&settle(all[0]), "reason="), 400);
    assert_eq!(page.send(&settle(all[0]), "reason=only+a+note"), 303);
    let shown = repo.data(&["finding", "show", all[0]]);
    assert_eq!(shown["reason"], "only a note", "{shown}");
    assert!(!page.get(&review).contains(&settle(all[0])));
    let commit = place.tip("HEAD");
    assert_eq!(page.send(&settle(all[1]), &format!("commit={commit}")), 303);
    let shown = repo.data(&["finding", "show", all[1]]);
    assert_eq!(shown["fixed_by"], commit.as_str(), "{shown}");
}

/// A message about an item is on its page: it is answered there, and a request is taken or declined.
#[test]
fn ms_03_messages_are_read_and_answered_on_the_page_of_their_item() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &[]);
    let ben = repo.by("ben");
    let send = ["msg", "send", "--new", "--to", "Ana", "--item", &id];
    let asked = ben.data(&[&send[..], &["Which port?", "80 **or** 8080"]].concat());
    let page = Page::of(&repo, "Ana", "approve");
    let path = format!("/items/{id}");
    let shown = page.get(&path);
    let answer = format!("/messages/{}/answer", asked["id"].as_str().unwrap());
    assert!(
        shown.contains("Which port?") && shown.contains("80 <strong>or</strong> 8080"),
        "{shown}"
    );
    assert!(
        shown.contains(&answer) && shown.contains("Mark as read"),
        "{shown}"
    );
    assert_eq!(page.send(&answer, "verb=read"), 303);
    assert!(!page.get(&path).contains("Mark as read"));
    assert_eq!(page.send(&answer, "verb=reply&text="), 400);
    assert_eq!(page.send(&answer, "verb=reply&text=8080+it+is"), 303);
    assert!(page.get(&path).contains("8080 it is"));
    assert!(ben.pm(&["msg", "read"]).ok().out.contains("8080 it is"));
    let asked = ben.data(&["msg", "delegate", &id, "--to", "Ana"]);
    assert!(page.get(&path).contains("Take it"));
    let answer = format!("/messages/{}/answer", asked["id"].as_str().unwrap());
    assert_eq!(page.send(&answer, "verb=decline&text=no+time"), 303);
    let shown = page.get(&path);
    assert!(
        shown.contains("declined it: no time") && !shown.contains("Take it"),
        "{shown}"
    );
}

/// RC-02: a run is paused, resumed and stopped on its page, which offers only what its process can do; what
/// no agent counted is unknown there too, and a step of a run offers no undo.
#[test]
fn rc_02_a_run_is_paused_resumed_and_stopped_on_its_page() {
    let stage = Stage::with_tasks(&["One"]);
    let run = stage.start(WAITS, &["--merge", "gates"]);
    stage.wait_for("T-0001.pid");
    let page = Page::of(&stage.repo, "Ana", "approve");
    let id = stage.status()["id"].as_str().unwrap().to_string();
    let (path, ask) = (format!("/runs/{id}"), format!("/runs/{id}/ask"));
    let offers = || {
        let shown = page.get(&path);
        ["pause", "resume", "stop"].map(|verb| shown.contains(&format!("value=\"{verb}\"")))
    };
    assert_eq!(offers(), [true, false, true]);
    assert!(page.get(&path).contains("Tokens and cost unknown"));
    assert_eq!(page.send(&ask, "verb=pause"), 303);
    stage.wait_status("paused");
    assert_eq!(offers(), [false, true, true]);
    assert_eq!(page.send(&ask, "verb=resume"), 303);
    stage.wait_status("running");
    assert_eq!(page.send(&ask, "verb=stop"), 303);
    until("stopped", || {
        (find(&stage.status(), "T-0001")["status"] != "running").then_some(())
    });
    run.end();
    assert_eq!(offers(), [false; 3]);
    let shown = page.get("/activity");
    let rows = shown
        .split("<tr>")
        .filter(|row| row.contains(&format!("run {id}")));
    let rows: Vec<&str> = rows.collect();
    assert!(
        rows.len() > 2 && rows.iter().all(|row| !row.contains("Undo")),
        "{shown}"
    );
    // The history of an item says what happened to it, not that a run had it.
    let item = page.get("/items/T-0001");
    assert!(
        !item.contains("</b> run") && item.contains("claimed it for"),
        "{item}"
    );
}

/// An undo is offered exactly where it would work.
#[test]
fn the_page_offers_an_undo_only_where_it_would_work() {
    let (_scene, repo) = set_up();
    let first = repo.task("First", &[]);
    repo.task("Second", &["--depends-on", &first]);
    repo.pm(&["edit", &first, "--due", "2999-12-05"]).ok();
    repo.pm(&["edit", &first, "--due", "2999-12-06"]).ok();
    let page = Page::of(&repo, "Ana", "write");
    let item = page.get(&format!("/items/{first}"));
    assert!(
        item.contains("changed the due day from 2999-12-05 to 2999-12-06"),
        "{item}"
    );
    let shown = page.get("/activity");
    let offered = shown.split("name=\"commit\" value=\"").skip(1);
    let offered: Vec<&str> = offered
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let log = repo.data(&["log"]);
    let all = log["items"].as_array().unwrap().iter();
    let works = |one: &&serde_json::Value| {
        let commit = one["commit"].as_str().unwrap();
        repo.pm(&["undo", "--dry-run", commit]).code == 0
    };
    let wanted: Vec<&str> = all
        .filter(works)
        .map(|one| one["commit"].as_str().unwrap())
        .collect();
    assert!(wanted.len() == 2, "{wanted:?}");
    assert_eq!(offered, wanted);
}

/// Whoever comes with a used link is told what to do, which needs no restart.
#[test]
fn se_12_a_used_link_says_how_to_sign_in() {
    let (_scene, repo) = set_up();
    let server = Server::start(&repo, &[]);
    let headers = [("Host", server.host.as_str()), FORM];
    let said = server.ask("POST", "/sign-in", &headers, "code=0").body;
    assert!(
        said.contains("already been used") && said.contains("git pm serve token add"),
        "{said}"
    );
}
#[test]
fn the_page_of_an_epic_shows_its_progress_once_and_takes_tasks() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Log in"]).ok();
    repo.task("Form", &["--epic", "E-1"]);
    repo.task("Session", &["--epic", "E-1"]);
    repo.pm(&["done", "T-1", "--evidence", "seen"]).ok();
    let writer = token(&repo, "ana", &[]);
    let server = Server::start(&repo, &[]);
    let page = server.with(&writer, "GET", "/items/E-0001", "").body;
    assert!(page.contains("<progress value=\"1\" max=\"2\""), "{page}");
    assert!(page.contains("1 of 2 done"), "{page}");
    assert!(page.contains("href=\"/new?epic=E-0001\""), "{page}");
    let (_, chips) = page.split_once("<p class=\"chips\">").unwrap();
    let (chips, _) = chips.split_once("</p>").unwrap();
    assert_eq!(chips.matches(">epic<").count(), 1, "{chips}");
    assert!(!page.contains("Also known as"), "{page}");
    // Who may not write is offered nothing.
    let page = server.get("/items/E-0001").body;
    assert!(
        page.contains("1 of 2 done") && !page.contains("/new?epic"),
        "{page}"
    );
}

#[test]
fn the_numbers_agree_with_the_board_and_the_labels_of_charts_fit() {
    let (_scene, repo) = set_up();
    for title in ["One", "Two", "Three"] {
        repo.task(title, &[]);
    }
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.pm(&["task", "block", "T-2", "Waits for a key"]).ok();
    let server = Server::start(&repo, &[]);
    let page = server.get("/numbers").body;
    let counted = |name: &str| -> u64 {
        let (_, rest) = page.split_once(&format!("<dt>{name}</dt><dd>")).unwrap();
        rest.split('<').next().unwrap().parse().unwrap()
    };
    let board = repo.data(&["board"]);
    let columns = board["columns"].as_array().unwrap();
    for (name, column) in [
        ("Ready", "queued"),
        ("Under way", "in_progress"),
        ("Blocked before starting", "blocked"),
    ] {
        let column = columns.iter().find(|one| one["value"] == column);
        assert_eq!(column.unwrap()["count"], counted(name), "{name}: {board}");
    }
    // A chart of one week is as wide as its label, at 6.5 pixels a character, and no wider than the page.
    let charts: Vec<&str> = page.split("<svg ").skip(1).collect();
    assert!(!charts.is_empty(), "{page}");
    for chart in charts {
        let attribute = |tag: &str, name: &str| -> f64 {
            let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
            rest.split('"').next().unwrap().parse().unwrap()
        };
        let width = attribute(chart, " width");
        let labels = chart
            .split("<text ")
            .filter(|text| text.contains("\"middle\""));
        let labels: Vec<&str> = labels.collect();
        assert!(width <= 76.0 * labels.len() as f64, "{chart}");
        for label in labels {
            let (_, text) = label.split_once('>').unwrap();
            let half = text.split('<').next().unwrap().len() as f64 * 6.5 / 2.0;
            let x = attribute(label, "x");
            assert!(x >= half && x + half <= width, "{label} of {width}");
        }
    }
}

/// An approved item offers its merge wherever it would work, to humans and agents alike, and not before the
/// approval or where it would conflict; nobody works on what is in review or approved.
#[test]
fn approved_work_is_merged_on_the_page() {
    let (_scene, repo) = set_up();
    let submitted = |title: &str, text: &str| {
        let id = repo.task(title, &[]);
        repo.pm(&["start", &id]).ok();
        let place = repo.worktree(&id);
        place.write("same.txt", text);
        place.commit_all("Work");
        place.pm(&["finish", &id]).ok();
        id
    };
    let (id, other) = (submitted("First", "one\n"), submitted("Second", "two\n"));
    let writer = Page::of(&repo, "ben", "write");
    let path = format!("/items/{id}");
    let offers = |path: &str| writer.get(path).contains("value=\"merge\"");
    assert!(!offers(&path) && !offers("/"));
    let is_idle = || !writer.get(&path).contains("is working on it");
    assert!(is_idle());
    repo.pm(&["approve", &id]).ok();
    assert!(is_idle());
    assert!(offers(&path) && offers("/") && offers(&format!("{path}/changes")));
    assert_eq!(writer.send(&format!("{path}/move"), "verb=merge"), 303);
    assert_eq!(repo.data(&["show", &id])["status"], "done");
    assert_eq!(repo.git(&["show", "main:same.txt"]).ok().out, "one\n");
    // It would be returned to its author instead.
    repo.pm(&["approve", &other]).ok();
    assert!(!offers(&format!("/items/{other}")));
}

/// The page of a review says of the gates what the approval says in the shell.
#[test]
fn the_page_of_a_review_says_which_gates_are_not_recorded() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "one\n");
    place.commit_all("Work");
    place.pm(&["finish", &id]).ok();
    let page = Page::of(&repo, "ben", "write");
    let review = || page.get(&format!("/items/{id}/changes"));
    let told = format!("{id}: the gate test is not recorded as passed for");
    assert!(!review().contains(&told));
    repo.write(".pm.toml", "[gates]\ntest = \"true\"\n");
    repo.commit_all("Gates");
    repo.pm(&["trust", "--yes"]).ok();
    assert!(review().contains(&told), "{}", review());
    let said = repo.pm(&["approve", &id]).ok().err;
    assert!(said.contains(&told), "{said}");
}

/// What a return said of lines is above the diff after the work was submitted again, until it is decided.
/// Who may not approve is told which command makes a token for it.
#[test]
fn remarks_of_a_return_stay_after_the_work_was_submitted_again() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "one\ntwo\n");
    place.commit_all("Work");
    place.pm(&["finish", &id]).ok();
    let page = Page::of(&repo, "ben", "write");
    let path = format!("/items/{id}");
    let note = "verb=return&text=a.txt:2:+say+three";
    assert_eq!(page.send(&format!("{path}/move"), note), 303);
    let review = || page.get(&format!("{path}/changes"));
    let shown = review();
    assert!(
        shown.contains("<q>ben: say three</q>") && !shown.contains("id=\"remarks\""),
        "{shown}"
    );
    repo.pm(&["start", &id]).ok();
    place.write("a.txt", "zero\none\nthree\n");
    place.commit_all("Again");
    place.pm(&["finish", &id]).ok();
    let shown = review();
    assert!(
        shown.contains("<code>a.txt:2</code> ben: say three") && !shown.contains("<q>"),
        "{shown}"
    );
    assert!(
        shown.contains("git pm serve token add --scope approve"),
        "{shown}"
    );
    repo.pm(&["approve", &id]).ok();
    assert!(!review().contains("say three"));
}

/// A card is dropped on a column of the board by assignee; a due day is the day of the terminal on every page, and
/// a form that others overtook says in words who changed what.
#[test]
fn assignees_days_and_refusals_of_the_page_are_those_of_people() {
    let (_scene, repo) = set_up();
    let repo = repo.with("TZ", "America/New_York");
    let id = repo.task("First", &["--due", "2999-12-24"]);
    let page = Page::of(&repo, "ben", "write");
    let path = format!("/items/{id}");
    for place in [path.as_str(), "/", "/list"] {
        let shown = page.get(place);
        assert!(
            shown.contains("datetime=\"2999-12-24\"") && !shown.contains("2999-12-25"),
            "{shown}"
        );
    }
    assert_eq!(
        page.send(&format!("{path}/set"), "field=assignee&value=cleo"),
        303
    );
    let shown = page.get("/?by=assignee");
    assert!(shown.contains("data-to=\"cleo\""), "{shown}");
    let version = repo.data(&["show", &id])["version"]
        .as_str()
        .unwrap()
        .to_string();
    repo.pm(&["edit", &id, "--priority", "1"]).ok();
    let fields = format!("csrf={}&version={version}&title=Other", page.session.proof);
    let answer = page.ask("POST", &format!("{path}/edit"), &fields);
    assert_eq!(answer.status, 412);
    assert!(
        answer
            .body
            .contains("was changed in the meantime: Ana changed the priority from P2 to P1")
            && !answer.body.contains("its version is now"),
        "{}",
        answer.body
    );
    // Closed work is due no more.
    repo.pm(&["task", "cancel", &id]).ok();
    let shown = page.get("/");
    assert!(shown.contains("First") && !shown.contains("2999-12-24"));
    let shown = repo.pm(&["board"]).ok().out;
    assert!(shown.contains("First") && !shown.contains("due"), "{shown}");
}

/// RS-03: commas separate paths wherever they are given: a pattern with one would protect nothing.
#[test]
fn rs_03_a_comma_separates_paths_on_the_page_and_at_every_door() {
    let (_scene, repo) = set_up();
    let paths = |id: &str| repo.data(&["show", id])["paths"].to_string();
    let page = Page::of(&repo, "Ana", "write");
    let both = "paths=src%2Fui%2F**%2C+src%2Fapi%2F**";
    assert_eq!(page.send("/items", &format!("title=One&{both}")), 303);
    let wanted = r#"["src/api/**","src/ui/**"]"#;
    assert_eq!(paths("T-1"), wanted);
    let id = repo.task("Two", &["--path", "a/{b,c}/*,d\\,e"]);
    assert_eq!(paths(&id), r#"["a/{b,c}/*","d,e"]"#);
    let version = repo.data(&["show", &id])["version"]
        .as_str()
        .unwrap()
        .to_string();
    let fields = format!("version={version}&labels=x%2C+y&{both}");
    assert_eq!(page.send(&format!("/items/{id}/edit"), &fields), 303);
    assert_eq!(paths(&id), wanted);
    let line = r#"{"op":"task.create","title":"Three","path":["src/ui/**, src/api/**"]}"#;
    repo.feed(crate::support::binary(), &["batch"], line).ok();
    assert_eq!(paths("T-3"), wanted);
    repo.pm(&["start", "T-1"]).ok();
    let ben = repo.by("ben");
    ben.pm(&["reserve", "check", "src/ui/a.js"]).exits(1);
    ben.pm(&["reserve", "add", "docs/*.md, docs/*.txt"]).ok();
    repo.pm(&["reserve", "check", "docs/a.txt"]).exits(1);
}

/// TM-06: what a form decides about is the commit that it showed, whatever came meanwhile.
#[test]
fn tm_06_a_form_of_the_review_decides_about_the_commit_that_it_showed() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    let submit = |text: &str| {
        place.write("a.txt", text);
        place.commit_all("Work");
        place.pm(&["finish", &id]).ok();
        place.tip("HEAD")
    };
    let first = submit("one\n");
    let page = Page::of(&repo, "boss", "approve");
    let review = format!("/items/{id}/changes");
    let shown = page.get(&review);
    assert!(
        shown.contains(&format!("data-decides=\"{first}\"")),
        "{shown}"
    );
    let second = submit("two\n");
    let shown = page.get(&review);
    assert!(
        shown.contains(&format!("{id} has a newer commit {}", &second[..10])),
        "{shown}"
    );
    let approve =
        |commit: &str| page.send(&format!("/items/{id}/approve"), &format!("commit={commit}"));
    let change = |verb: &str, commit: &str| {
        let fields = format!("verb={verb}&commit={commit}&text=no");
        page.send(&format!("/items/{id}/move"), &fields)
    };
    assert_eq!(approve(&first), 409);
    assert_eq!(change("return", &first), 412);
    assert_eq!(approve(&second), 303);
    assert_eq!(change("merge", &first), 412);
    assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");
    // Why approved work cannot be merged is said where the button would be.
    repo.write("a.txt", "three\n");
    repo.commit_all("Meanwhile");
    for path in [review, format!("/items/{id}")] {
        let shown = page.get(&path);
        assert!(shown.contains("conflicts with main in a.txt"), "{shown}");
        assert!(!shown.contains("value=\"merge\""), "{shown}");
    }
}

/// What was merged on the page says that it is here only, until it is pushed, which a button does.
#[test]
fn a_merge_on_the_page_tells_what_is_not_pushed_and_pushes_it() {
    let scene = crate::support::Scene::new();
    let (hub, repo) = scene.with_hub();
    let id = repo.task("First", &[]);
    repo.pm(&["sync"]).ok();
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "one\n");
    place.commit_all("Work");
    place.pm(&["finish", &id]).ok();
    repo.pm(&["approve", &id]).ok();
    let page = Page::of(&repo, "boss", "approve");
    let path = format!("/items/{id}");
    assert!(!page.get(&path).contains("not pushed yet"));
    assert_eq!(page.send(&format!("{path}/move"), "verb=merge"), 303);
    let shown = page.get(&path);
    assert!(
        shown.contains("ahead of origin/main") && shown.contains("class=\"notices said\""),
        "{shown}"
    );
    let shown = page.get(&path);
    assert!(
        shown.contains("not pushed yet") && !shown.contains("notices said"),
        "{shown}"
    );
    assert_ne!(hub.tip("main"), repo.tip("main"));
    assert_eq!(page.send(&format!("{path}/push"), ""), 303);
    assert_eq!(hub.tip("main"), repo.tip("main"));
    assert!(!page.get(&path).contains("not pushed yet"));
    assert_eq!(page.send(&format!("{path}/push"), ""), 409);
}

/// TM-11: what has no branch is done, not merged: the board offers it, and refuses it for the reason of `done`.
#[test]
fn tm_11_a_task_without_a_branch_is_done_on_the_board() {
    let (_scene, repo) = set_up();
    let plain = repo.task("Call the bank", &[]);
    let open = repo.task("Sign", &["--accept", "it is signed"]);
    let page = Page::of(&repo, "Ana", "write");
    assert!(
        page.get("/")
            .contains(&format!("/items/{plain}/move?verb=done"))
    );
    let done = |id: &str| {
        let fields = format!("csrf={}&verb=merge", page.session.proof);
        page.ask("POST", &format!("/items/{id}/move"), &fields)
    };
    assert_eq!(done(&plain).status, 303, "evidence is asked for");
    let refused = done(&open);
    assert_eq!(refused.status, 409);
    assert!(
        refused.body.contains("not accepted yet"),
        "{}",
        refused.body
    );
    assert_eq!(
        page.send(&format!("/items/{plain}/move"), "verb=done&text=called"),
        303
    );
    assert_eq!(repo.data(&["show", &plain])["status"], "done");
}

/// What is pasted or mistyped into the page is kept and told, not lost.
#[test]
fn a_wrong_query_keeps_the_board_and_pasted_criteria_lose_their_marks() {
    let (_scene, repo) = set_up();
    let page = Page::of(&repo, "Ana", "write");
    let title = "t".repeat(400);
    let sent = format!("title={title}&accept=-+one%0A%5B+%5D+two%0A-+%5Bx%5D+three");
    assert_eq!(page.send("/items", &sent), 303);
    let criteria = repo.data(&["show", "T-1"])["acceptance"].clone();
    let texts: Vec<&str> = (criteria.as_array().unwrap().iter())
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["one", "two", "three"]);
    assert!(page.get("/items/T-0001").contains(&title));
    let board = page.get("/?q=lable%3Aauth");
    assert!(
        board.contains("class=\"problem\"") && board.contains("value=\"lable:auth\""),
        "{board}"
    );
    assert!(board.contains("id=\"T-0001\""), "{board}");
    assert_eq!(page.ask("GET", "/search?q=status%3Aqueued", "").status, 303);
    assert!(page.get("/search?q=ttt").contains("Search"));
}

/// The graph and `order` have one critical path: a container, whose work is that of its parts, is not on it.
#[test]
fn the_graph_marks_what_order_calls_critical() {
    let (_scene, repo) = set_up();
    repo.task("API", &["--estimate", "S"]);
    repo.task("Form", &["--depends-on", "T-1"]);
    repo.task("Sub", &["--parent", "T-2", "--estimate", "S"]);
    repo.task("Long 1", &["--estimate", "XL"]);
    repo.task("Long 2", &["--estimate", "XL", "--depends-on", "T-4"]);
    let order = repo.pm(&["order"]).ok().out;
    assert_eq!(order.matches("critical").count(), 2, "{order}");
    let graph = Server::start(&repo, &[]).get("/graph").body;
    assert!(graph.contains("T-0005 ●"), "{graph}");
    assert!(!graph.contains("T-0002 ●"), "{graph}");
    assert_eq!(graph.matches(">critical</span>").count(), 2, "{graph}");
}
