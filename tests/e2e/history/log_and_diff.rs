//! The history of the state: `log`, `show --at` and `diff`.

use serde_json::{Value, json};

use crate::support::{Scene, forge, without_hooks};

/// One field of every item of a list.
fn each<'v>(list: &'v Value, field: &str) -> Vec<&'v str> {
    let items = list["items"].as_array().expect("a list");
    items.iter().map(|i| i[field].as_str().unwrap()).collect()
}

fn at(hour: u32) -> String {
    format!("2026-11-20T{hour:02}:00:00Z")
}

#[test]
fn log_filters_narrow_together() {
    let (_scene, repo) = without_hooks();
    let ana = |hour| repo.by("ana").when(&at(hour));
    let bob = |hour| repo.by("bob").when(&at(hour));
    ana(8).task("One", &[]);
    bob(9).task("Two", &[]);
    ana(10).pm(&["task", "edit", "T-1", "--title", "Uno"]).ok();
    bob(11).pm(&["task", "comment", "T-1", "hm"]).ok();
    ana(12).pm(&["dep", "add", "T-2", "T-1"]).ok();
    let noon = repo.when(&at(12));
    let ops = |args: &[&str]| -> Vec<String> {
        let mut all = vec!["log"];
        all.extend(args);
        let found = noon.data(&all);
        each(&found, "op").into_iter().map(String::from).collect()
    };
    assert_eq!(ops(&["--actor", "bob"]), ["task comment", "task create"]);
    assert_eq!(ops(&["--op", "task"]).len(), 4);
    assert_eq!(ops(&["--op", "task create"]).len(), 2);
    // A prefix of whole words, not of letters.
    assert_eq!(ops(&["--op", "task cre"]), [""; 0]);
    assert_eq!(ops(&["--op", "tas"]), [""; 0]);
    assert_eq!(
        ops(&["--since", "2h"]),
        ["dep add", "task comment", "task edit"]
    );
    assert_eq!(
        ops(&["--since", "90 minutes ago", "--op", "task"]),
        ["task comment"]
    );
    let nine = at(9);
    assert_eq!(ops(&["--until", &nine, "--since", &nine]), ["task create"]);
    assert_eq!(
        ops(&["--actor", "ana", "--op", "task", "T-1", "--limit", "1"]),
        ["task edit"]
    );
    assert_eq!(ops(&["--since", "2026-11-20", "--until", "today"]).len(), 5);
    assert_eq!(ops(&["--until", "yesterday", "--op", "task"]), [""; 0]);
    assert_eq!(ops(&["--limit", "0"]), ops(&[]));
    assert_eq!(ops(&["--actor", "nobody"]), [""; 0]);
    // The text output shows the same.
    let text = noon
        .pm(&["log", "--actor", "bob", "--op", "task comment"])
        .ok();
    assert_eq!(text.out.lines().count(), 1, "{}", text.out);
}

#[test]
fn a_bad_date_is_a_usage_error_that_lists_the_accepted_forms() {
    let (_scene, repo) = without_hooks();
    repo.task("One", &[]);
    for bad in [
        "soon",
        "",
        "2026-02-30",
        "20261120",
        "2026-11-20T10:00",
        "10:30",
    ] {
        for option in ["--since", "--until"] {
            for more in [&[][..], &["--conflicts"][..]] {
                let mut args = vec!["--json", "log", option, bad];
                args.extend(more);
                let error = repo.pm(&args).exits(2).error();
                assert_eq!(error["code"], "usage", "{bad}");
                let message = error["message"].as_str().unwrap();
                assert!(
                    message.contains("2026-11-20T10:30:00Z") && message.contains("2d"),
                    "{message}"
                );
            }
        }
    }
    let error = repo
        .pm(&["--json", "show", "T-1", "--at", "soon"])
        .exits(2)
        .error();
    assert!(error["hints"].to_string().contains("2026-11-20"), "{error}");
    repo.pm(&["diff", "soon..now"]).exits(2);
    repo.pm(&["diff", "now...now"]).exits(2);
    repo.pm(&["diff", "deadbeef"]).exits(4);
    repo.pm(&["show", "T-1", "--at", "refs/pm/main~99"])
        .exits(4);
}

#[test]
fn log_finds_an_item_under_the_id_it_had_before_it_was_renumbered() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Bob");
    a.task("Of a", &[]);
    b.task("Of b", &[]);
    b.pm(&["task", "edit", "T-1", "--priority", "0"]).ok();
    b.pm(&["task", "comment", "T-1", "by b"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let moved = b.data(&["show", "T-2"]);
    assert_eq!(
        moved["title"], "Of b",
        "b's task was not renumbered: {moved}"
    );
    b.pm(&["task", "defer", "T-2"]).ok();
    let theirs = b.data(&["show", "T-1"])["alias"].clone();
    let theirs = theirs.as_str().unwrap();
    b.pm(&["task", "edit", theirs, "--priority", "3"]).ok();
    let alias = moved["alias"].as_str().unwrap();
    for name in ["T-2", alias] {
        let log = b.data(&["log", name, "--op", "task"]);
        assert_eq!(
            each(&log, "op"),
            ["task defer", "task comment", "task edit", "task create"],
            "a part of the history of {name} is missing: {log}"
        );
        assert_eq!(each(&log, "actor"), ["Bob"; 4]);
    }
    // The item that has the number now has none of the other one's entries.
    let other = b.data(&["log", "T-1", "--op", "task"]);
    assert_eq!(each(&other, "op"), ["task edit", "task create"], "{other}");
    // The present id finds entries under the former id.
    let created = b.data(&["log", alias, "--op", "task create"]);
    let commit = created["items"][0]["commit"].as_str().unwrap();
    let then = b.data(&["show", "T-2", "--at", commit]);
    assert_eq!(
        (&then["id"], &then["title"]),
        (&json!("T-0001"), &json!("Of b"))
    );
}

#[test]
fn log_conflicts_takes_the_other_filters() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.task("Two", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    for (clone, who) in [(&a, "ann"), (&b, "bob")] {
        clone
            .by(who)
            .pm(&["task", "edit", "T-1", "--title", who])
            .ok();
    }
    for (clone, who) in [(&a, "cyd"), (&b, "bob")] {
        clone
            .by(who)
            .pm(&["task", "edit", "T-2", "--title", who])
            .ok();
    }
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let rows = |args: &[&str]| {
        let mut all = vec!["log", "--conflicts"];
        all.extend(args);
        let found = b.data(&all);
        found["items"].as_array().unwrap().clone()
    };
    assert_eq!(rows(&[]).len(), 2);
    for args in [&["log", "-n", "1"][..], &["log", "--conflicts", "-n", "1"]] {
        let found = b.data(args);
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{args:?}");
        assert_eq!(found["more"], true, "{args:?}");
        let text = b.pm(args).ok().out;
        assert!(text.contains("and more: `--limit 0`"), "{args:?}: {text}");
        let all = b.data(&[&args[..args.len() - 1], &["0"]].concat());
        assert!(all["more"].is_null(), "{args:?}: {}", all["more"]);
    }
    let ann = rows(&["--actor", "ann"]);
    assert_eq!(ann.len(), 1, "{ann:?}");
    assert_eq!(ann[0]["item"], "T-0001");
    let writers = [&ann[0]["kept_by"], &ann[0]["lost_by"]];
    assert!(writers.contains(&&json!("ann")) && writers.contains(&&json!("bob")));
    assert_eq!(
        ann[0]["kept"], ann[0]["kept_by"],
        "the writer of the value is wrong"
    );
    assert_eq!(rows(&["--actor", "bob"]).len(), 2);
    assert_eq!(rows(&["--actor", "bob", "T-2"]).len(), 1);
    assert_eq!(rows(&["--op", "merge", "--since", "1h"]).len(), 2);
    assert_eq!(rows(&["--op", "task"]).len(), 0);
    assert_eq!(rows(&["--until", "yesterday"]).len(), 0);
    assert_eq!(rows(&["--limit", "1"]).len(), 1);
}

#[test]
fn a_long_log_is_one_json_document_and_complete() {
    let (_scene, repo) = without_hooks();
    repo.task("One", &[]);
    let mut input = String::new();
    let tip = repo.tip("refs/pm/main");
    let tree = repo.state_tree();
    // Longer than one output buffer.
    for n in 0..1_100 {
        let parent = if n == 0 { tip.clone() } else { format!(":{n}") };
        let message = format!("note {n}\n\nPM-Op: note\nPM-Actor: ana\nPM-Clock: 1.{n}\n");
        input += &format!(
            "commit refs/pm/main\nmark :{}\ncommitter ana <a@b> {} +0000\ndata {}\n{message}from {parent}\n",
            n + 1,
            1_800_000_000 + n,
            message.len(),
        );
    }
    repo.feed("git", &["fast-import", "--quiet", "--force"], &input)
        .ok();
    assert_eq!(
        repo.state_tree(),
        tree,
        "the history was not built as intended"
    );
    let log = repo.data(&["log"]);
    assert_eq!(log["items"].as_array().unwrap().len(), 1_102);
    assert_eq!(log["items"][0]["message"], "note 1099");
    assert_eq!(repo.pm(&["log"]).ok().out.lines().count(), 1_102);
    assert_eq!(each(&repo.data(&["log", "T-1"]), "op"), ["task create"]);
    assert_eq!(
        repo.data(&["log", "--op", "nothing"]),
        json!({ "items": [] })
    );
}

#[test]
fn show_at_shows_an_item_as_it_was_and_writes_nothing() {
    let (_scene, repo) = without_hooks();
    let day = |day: u32, hour: u32| repo.when(&format!("2026-11-{day:02}T{hour:02}:00:00Z"));
    day(10, 9).task("First", &["--accept", "it holds"]);
    day(11, 9)
        .pm(&["task", "edit", "T-1", "--title", "Second"])
        .ok();
    day(11, 15).pm(&["task", "comment", "T-1", "said"]).ok();
    day(12, 9).pm(&["task", "accept", "T-1", "1"]).ok();
    day(12, 9).pm(&["start", "T-1"]).ok();
    let now = day(13, 9);
    let before = (
        now.tip("refs/pm/main"),
        now.git(&["count-objects", "-v"]).out,
    );
    let shown = |at: &str| now.data(&["show", "T-1", "--at", at]);
    let title = |at: &str| shown(at)["title"].as_str().unwrap().to_string();
    // A day means its end.
    assert_eq!(title("2026-11-10"), "First");
    assert_eq!(title("2026-11-11"), "Second");
    assert_eq!(title("2026-11-11T08:59:59Z"), "First");
    assert_eq!(title("2 days ago"), "Second");
    assert_eq!(shown("2026-11-11T10:00:00Z")["comments"], json!([]));
    assert_eq!(shown("2026-11-11")["comments"][0]["body"], "said");
    assert_eq!(shown("2026-11-11")["acceptance"][0]["done"], false);
    let then = shown("2026-11-11");
    assert_eq!(then["status"], "queued");
    assert_eq!(
        then["worktree"],
        Value::Null,
        "a present worktree is shown in an old state"
    );
    assert_eq!(shown("now")["status"], "in_progress");
    // Every notation of git for a commit of the state.
    let commit = then["as_of"]["commit"].as_str().unwrap();
    assert_eq!(title(commit), "Second");
    assert_eq!(title(&commit[..10]), "Second");
    assert_eq!(title("refs/pm/main~4"), "First");
    let foreign = now
        .pm(&["--json", "show", "T-1", "--at", "HEAD"])
        .exits(4)
        .error();
    assert!(
        foreign["message"]
            .as_str()
            .unwrap()
            .contains("not part of the history"),
        "{foreign}"
    );
    let early = now
        .pm(&["--json", "show", "T-1", "--at", "2026-11-09"])
        .exits(4)
        .error();
    assert!(
        early["message"]
            .as_str()
            .unwrap()
            .contains("did not exist at"),
        "{early}"
    );
    now.pm(&["show", "T-9", "--at", "now"]).exits(4);
    let list = |at: &str| now.data(&["task", "list", "--at", at]);
    assert_eq!(each(&list("2026-11-10"), "title"), ["First"]);
    assert_eq!(each(&list("2026-11-11"), "title"), ["Second"]);
    assert_eq!(list("2026-11-09")["items"], json!([]));
    assert_eq!(list("2026-11-11")["as_of"], then["as_of"]);
    let text = now.pm(&["show", "T-1", "--at", "2026-11-10"]).ok().out;
    assert!(
        text.starts_with("as of ") && text.contains("First"),
        "{text}"
    );
    let after = (
        now.tip("refs/pm/main"),
        now.git(&["count-objects", "-v"]).out,
    );
    assert_eq!(before, after, "reading the history changed something");
}

#[test]
fn show_at_includes_what_every_clone_had_written_by_then() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.when(&at(8)).task("One", &[]);
    a.when(&at(8)).task("Two", &[]);
    a.when(&at(8)).pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");
    // The clones do not sync from ten to twelve.
    a.when(&at(10))
        .pm(&["task", "edit", "T-1", "--title", "By a"])
        .ok();
    b.when(&at(11))
        .pm(&["task", "edit", "T-2", "--title", "By b"])
        .ok();
    a.when(&at(12))
        .pm(&["task", "edit", "T-1", "--risk", "high"])
        .ok();
    a.when(&at(12)).pm(&["sync"]).ok();
    b.when(&at(12)).pm(&["sync"]).ok();
    a.when(&at(12)).pm(&["sync"]).ok();
    let now = a.when(&at(20));
    let titles = |when: &str| {
        let of = |id: &str| now.data(&["show", id, "--at", when])["title"].clone();
        (of("T-1"), of("T-2"))
    };
    let pair = |one: &str, two: &str| (json!(one), json!(two));
    assert_eq!(titles("2026-11-20T09:30:00Z"), pair("One", "Two"));
    assert_eq!(titles("2026-11-20T10:30:00Z"), pair("By a", "Two"));
    // No commit contains both yet: the answer is the join that a sync would have made.
    let both = "2026-11-20T11:30:00Z";
    assert_eq!(titles(both), pair("By a", "By b"));
    let as_of = now.data(&["show", "T-1", "--at", both])["as_of"].clone();
    assert_eq!(as_of["with"].as_array().unwrap().len(), 1, "{as_of}");
    assert_eq!(titles("now"), pair("By a", "By b"));
}

#[test]
fn show_at_includes_ancestors_of_a_commit_although_their_clock_was_ahead() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.when(&at(8)).task("One", &[]);
    a.when(&at(8)).pm(&["sync"]).ok();
    // A clock three hours ahead.
    let b = scene.clone_of(&hub, "b", "Bob");
    b.when(&at(13))
        .pm(&["task", "edit", "T-1", "--priority", "0"])
        .ok();
    b.when(&at(13)).pm(&["sync"]).ok();
    a.when(&at(11)).pm(&["sync"]).ok();
    a.when(&at(11))
        .pm(&["task", "edit", "T-1", "--title", "Uno"])
        .ok();
    let then = a.when(&at(20)).data(&["show", "T-1", "--at", &at(12)]);
    assert_eq!(then["title"], "Uno");
    assert_eq!(
        then["priority"], 0,
        "a change is missing although a later one is based on it"
    );
}

#[test]
fn diff_lists_changes_by_field() {
    let (_scene, repo) = without_hooks();
    repo.task(
        "One",
        &[
            "--accept", "it holds", "--accept", "it goes", "--label", "old",
        ],
    );
    repo.task("Two", &[]);
    repo.pm(&["task", "edit", "T-1", "--body", "a\nb\nc\n"])
        .ok();
    let from = repo.tip("refs/pm/main");
    repo.pm(&[
        "task",
        "edit",
        "T-1",
        "--title",
        "Uno",
        "--add-label",
        "new",
        "--remove-label",
        "old",
        "--body",
        "a\nB\nc\n",
    ])
    .ok();
    repo.pm(&["task", "accept", "T-1", "1"]).ok();
    repo.pm(&["dep", "add", "T-1", "T-2"]).ok();
    repo.by("bob")
        .pm(&["task", "comment", "T-1", "looks good"])
        .ok();
    repo.by("bob").pm(&["start", "T-2", "--no-worktree"]).ok();
    repo.by("bob").pm(&["reserve", "add", "docs/**"]).ok();
    repo.task("Three", &["-p", "1"]);
    let diff = repo.data(&["diff", &from]);
    let of = |id: &str| -> Value {
        let items = diff["items"].as_array().unwrap();
        let found = items.iter().find(|i| i["id"] == id);
        found.unwrap_or_else(|| panic!("no {id} in {diff}")).clone()
    };
    let one = of("T-0001");
    assert_eq!(one["change"], "changed");
    assert_eq!(
        one["fields"],
        json!([{ "field": "title", "old": "One", "new": "Uno" }])
    );
    assert_eq!(
        one["lists"],
        json!([
            { "field": "depends_on", "added": ["T-0002"], "removed": [] },
            { "field": "labels", "added": ["new"], "removed": ["old"] },
        ])
    );
    assert_eq!(
        one["acceptance"],
        json!([{ "text": "it holds", "change": "ticked", "by": "Ana" }])
    );
    assert_eq!(
        one["comments"],
        json!([{ "author": "bob", "change": "added", "body": "looks good" }])
    );
    assert_eq!(one["body"], "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
    let two = of("T-0002");
    assert_eq!(
        two["claims"],
        json!([{ "actor": "bob", "change": "made", "reason": null }])
    );
    assert!(two["fields"].to_string().contains("in_progress"), "{two}");
    assert_eq!(of("T-0003")["change"], "created");
    assert_eq!(diff["items"].as_array().unwrap().len(), 3);
    assert_eq!(diff["reservations"][0]["holder"], "bob");
    assert_eq!(diff["reservations"][0]["change"], "made");
    let text = repo.pm(&["diff", &from]).ok().out;
    for part in [
        "One -> Uno",
        "-old +new",
        "ticked  it holds",
        "bob made",
        "    +B",
        "created",
    ] {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
    // A range, the reversed range, and an empty one.
    let middle = format!("{from}..refs/pm/main~4");
    let part = repo.data(&["diff", &middle]);
    assert_eq!(part["items"].as_array().unwrap().len(), 1, "{part}");
    assert_eq!(part["items"][0]["comments"], json!([]));
    let back = repo.data(&["diff", &format!("refs/pm/main..{from}")]);
    assert!(back["items"].to_string().contains("\"missing\""), "{back}");
    let none = repo.pm(&["diff", "refs/pm/main..refs/pm/main"]).ok().out;
    assert!(none.contains("No differences"), "{none}");
    assert_eq!(repo.data(&["diff", ".."])["items"], json!([]));
}

#[test]
fn diff_accepts_days_and_shows_unsynced_changes_without_a_range() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    let day = |day: u32| a.when(&format!("2026-11-{day:02}T12:00:00Z"));
    let ids =
        |diff: &Value| -> Vec<String> { each(diff, "id").into_iter().map(String::from).collect() };
    day(10).task("One", &[]);
    assert_eq!(
        ids(&day(10).data(&["diff"])),
        ["T-0001"],
        "nothing was synced yet"
    );
    day(10).pm(&["sync"]).ok();
    day(11).task("Two", &[]);
    day(12).task("Three", &[]);
    let now = day(13);
    assert_eq!(ids(&now.data(&["diff"])), ["T-0002", "T-0003"]);
    // The first day counts from its beginning, the last one to its end.
    assert_eq!(
        ids(&now.data(&["diff", "2026-11-11..2026-11-11"])),
        ["T-0002"]
    );
    assert_eq!(
        ids(&now.data(&["diff", "2026-11-10..2026-11-11"])),
        ["T-0001", "T-0002"]
    );
    assert_eq!(ids(&now.data(&["diff", "yesterday"])), ["T-0003"]);
    assert_eq!(ids(&now.data(&["diff", "36h.."])), ["T-0003"]);
    now.pm(&["sync"]).ok();
    assert_eq!(now.data(&["diff"])["items"], json!([]));
}

#[test]
fn diff_reads_only_what_differs() {
    let (_scene, repo) = without_hooks();
    repo.task("One", &["--body", "only this task has this text"]);
    repo.task("Two", &[]);
    let from = repo.tip("refs/pm/main");
    repo.pm(&["task", "edit", "T-2", "--title", "Zwei"]).ok();
    let path = forge::path_of(&repo, "T-0001");
    let blob = repo.tip(&format!("refs/pm/main:{path}"));
    let file = repo
        .path
        .join(".git/objects")
        .join(&blob[..2])
        .join(&blob[2..]);
    std::fs::remove_file(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let diff = repo.data(&["diff", &from]);
    assert_eq!(each(&diff, "id"), ["T-0002"], "an untouched item was read");
    assert_eq!(diff["unreadable"], json!([]));
}
