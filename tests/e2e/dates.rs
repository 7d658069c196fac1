//! Every date that a person types or reads, in five zones, at a fixed time. The page
//! `docs/book/src/dates.md` has these tables; `GIT_PM_BLESS=1` rewrites them there.

use std::fmt::Write;

use crate::support::{Repo, Scene, at_terminal, binary};

/// The zones, each with the time at which the dates are typed.
const ZONES: [(&str, &str, &str); 5] = [
    ("UTC", "2026-11-25T12:00:00Z", "a Wednesday at noon"),
    (
        "America/Los_Angeles",
        "2026-10-31T19:30:00Z",
        "a Saturday at 12:30, in the night before the clock goes back",
    ),
    (
        "Asia/Kolkata",
        "2026-11-24T20:00:00Z",
        "a Wednesday at 01:30, when it is still Tuesday in UTC",
    ),
    (
        "Pacific/Kiritimati",
        "2026-11-24T11:00:00Z",
        "a Wednesday at 01:00, when it is still Tuesday in UTC",
    ),
    (
        "Europe/Berlin",
        "2027-03-27T11:00:00Z",
        "a Saturday at noon, in the night before the clock goes forward",
    ),
];

/// What is typed for `--due` and `--defer`.
const FUTURE: [&str; 28] = [
    "now",
    "today",
    "today 17:00",
    "tonight",
    "tomorrow",
    "tomorrow 1:30am",
    "tomorrow 2:30am",
    "sunday",
    "this friday",
    "next friday",
    "friday at 9:30 pm",
    "next week",
    "next month",
    "next year",
    "eow",
    "end of the month",
    "end of next week",
    "eoy",
    "dec 1",
    "1st of june",
    "29 feb",
    "2027-06-01",
    "2027-06-01 noon",
    "2027-06-01T10:30:00Z",
    "+6h",
    "in 3 weeks",
    "in two weeks",
    "eod",
];

/// What is typed for `--since` and `--until`.
const PAST: [&str; 15] = [
    "now",
    "today",
    "yesterday",
    "yesterday 9am",
    "friday",
    "last friday",
    "last week",
    "last month",
    "last year",
    "nov 20",
    "2026-10-25",
    "2026-10-25T10:30:00Z",
    "2d",
    "3 weeks ago",
    "1h 30m",
];

const BEGIN: &str = "<!-- The tables: tests/e2e/dates.rs -->\n";

/// A repository in a zone at a time.
fn in_zone(scene: &Scene, name: &str, zone: &str, now: &str) -> Repo {
    scene.set_up(name).with("TZ", zone).when(now)
}

/// The value of a field of a page.
fn field(page: &str, name: &str) -> String {
    let lines = page
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(name));
    let mut values = lines.filter(|rest| rest.starts_with(' '));
    values
        .next()
        .unwrap_or_else(|| panic!("{name} in {page}"))
        .trim()
        .to_string()
}

/// The tables of one zone.
fn tables(scene: &Scene, (zone, now, about): (&str, &str, &str)) -> String {
    let repo = in_zone(scene, &zone.replace('/', "-"), zone, now);
    let mut out = format!("\n### {zone}\n\nTyped on {about}.\n\n");
    out += "| `--due`, `--defer` | due | as shown | deferred until |\n|---|---|---|---|\n";
    let mut lines = String::new();
    for typed in FUTURE {
        let task = serde_json::json!({
            "op": "task.create", "title": typed, "due": typed, "defer": typed
        });
        let _ = writeln!(lines, "{task}");
    }
    repo.feed(binary(), &["batch"], &lines).ok();
    let ids: Vec<String> = (1..=FUTURE.len()).map(|n| format!("T-{n}")).collect();
    let ids = ids.iter().map(String::as_str);
    let shown = |more: &[&str]| {
        let args: Vec<&str> = more
            .iter()
            .copied()
            .chain(["show"])
            .chain(ids.clone())
            .collect();
        let text = repo.pm(&args).ok().out;
        let pages = text.split("\nT-").map(str::to_string);
        pages.collect::<Vec<String>>()
    };
    let (exact, shown) = (shown(&["-v"]), shown(&[]));
    assert_eq!([exact.len(), shown.len()], [FUTURE.len(); 2]);
    for (n, typed) in FUTURE.iter().enumerate() {
        let day = |name| {
            let value = field(&exact[n], name);
            let value = value.trim_start_matches("until ");
            value.split(' ').next().unwrap_or_default().to_string()
        };
        let (due, defer) = (day("due"), day("deferred"));
        let shown = field(&shown[n], "due");
        let _ = writeln!(out, "| `{typed}` | {due} | {shown} | {defer} |");
    }
    out += "\n| `--since`, `--until` | from | until |\n|---|---|---|\n";
    for typed in PAST {
        let line = |args: &[&str]| {
            let said = repo.pm(&[&["report"], args].concat()).ok().out;
            let (from, until) = said
                .strip_prefix("From ")
                .unwrap()
                .split_once(" to ")
                .unwrap();
            let until = until.split(',').next().unwrap_or_default();
            (from.to_string(), until.to_string())
        };
        let from = line(&["--since", typed]).0;
        let until = line(&["--since", "2020-01-01", "--until", typed]).1;
        let _ = writeln!(out, "| `{typed}` | {from} | {until} |");
    }
    out + &readings(&repo)
}

/// What commands show of one task.
fn readings(repo: &Repo) -> String {
    let made = repo.task("Read", &["--due", "friday", "--defer", "tomorrow"]);
    let mut out = "\n| a task with `--due friday --defer tomorrow` | |\n|---|---|\n".to_string();
    let mut row = |command: &str, text: &str| {
        let _ = writeln!(out, "| `{command}` | {} |", text.trim());
    };
    let text = |args: &[&str]| repo.pm(args).ok().out;
    let columns = ["list", "title:Read", "--columns", "due,defer"];
    let verbose: Vec<&str> = ["-v"].into_iter().chain(columns).collect();
    let item = repo.data(&["show", &made]);
    let due = item["due_at"].as_str().unwrap();
    row("show", &field(&text(&["show", &made]), "due"));
    row("show -v", &field(&text(&["-v", "show", &made]), "due"));
    row("show --json", due);
    row("list --columns due,defer", &text(&columns));
    row("list -v --columns due,defer", &text(&verbose));
    let log = text(&["-v", "log", &made]);
    row("log -v", log.split("  ").nth(1).unwrap());
    row(
        "diff -v yesterday",
        &field(
            text(&["-v", "diff", "yesterday"])
                .split(&made)
                .nth(1)
                .unwrap(),
            "due",
        ),
    );
    row("standup", text(&["standup"]).split(',').next().unwrap());
    // Times in sentences, in lists of changes, and in the form of an editor.
    let typed = repo.task("Typed", &["--due", "today 17:00"]);
    let form = |id: &str, field: &str| {
        let form = at_terminal(
            &repo.with("GIT_EDITOR", "cat"),
            &["edit", id, "--editor"],
            "",
        );
        let line = form.out.lines().find(|line| line.starts_with(field));
        line.unwrap_or_else(|| panic!("{field} in {}", form.out))
            .split('#')
            .next()
            .unwrap_or_default()
            .trim()
            .to_string()
    };
    row("edit --editor", &form(&made, "due:"));
    row("edit --editor", &form(&made, "defer:"));
    row("edit --editor", &form(&typed, "due:"));
    let why = text(&["why", &made]);
    let reason = why.lines().find(|line| line.contains("deferred until"));
    row("why", reason.unwrap());
    repo.pm(&["start", &typed, "--no-worktree", "--offline"])
        .ok();
    let refused = repo.by("ben").pm(&["start", &typed, "--offline"]).err;
    let end = refused.split("the lease ends at ").nth(1).unwrap();
    row(
        "start",
        &format!("the lease ends at {}", end.lines().next().unwrap()),
    );
    repo.pm(&["task", "done", &typed, "--force"]).ok();
    let done = text(&["standup"]);
    let done = done.lines().find(|line| line.contains(&typed)).unwrap();
    row("standup", done.rsplit("  ").next().unwrap());
    let events = text(&["events", "--item", &made]);
    row("events", events.split("  ").next().unwrap());
    // A query names the day that was typed.
    let found = repo.data(&["list", "due:friday", "title:Read"]);
    assert_eq!(found["items"][0]["id"], made.as_str(), "{found}");
    out
}

#[test]
fn dates_are_typed_and_read_in_the_zone_of_the_clone() {
    let scene = Scene::new();
    let fresh: Vec<String> = std::thread::scope(|scope| {
        let made = ZONES.map(|zone| {
            let scene = &scene;
            scope.spawn(move || tables(scene, zone))
        });
        made.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let fresh = fresh.concat();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/book/src/dates.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (text, tables) = page.split_once(BEGIN).expect("the mark of the tables");
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        std::fs::write(path, format!("{text}{BEGIN}{fresh}")).unwrap();
        return;
    }
    assert!(
        fresh == tables,
        "the tables of docs/book/src/dates.md are stale: GIT_PM_BLESS=1 rewrites them\n{fresh}"
    );
}

#[test]
fn a_setting_names_the_zone_whatever_the_machine_has() {
    let scene = Scene::new();
    let now = "2026-10-31T19:30:00Z";
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let zone = ["config", "pm.timezone", "America/Los_Angeles"];
    let wrong = a.pm(&["config", "pm.timezone", "Mars/Olympus"]).exits(2);
    assert!(wrong.err.contains("Europe/Berlin"), "{}", wrong.err);
    a.pm(&zone).ok();
    b.pm(&zone).ok();
    let (a, b) = (a.when(now), b.with("TZ", "Pacific/Kiritimati").when(now));
    // The due day ends at its end there, after the clock went back.
    let id = a.task("Wash", &["--due", "tomorrow", "--defer", "tomorrow 1:30am"]);
    assert_eq!(a.data(&["show", &id])["due_at"], "2026-11-02T07:59:59Z");
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let shown = |repo: &Repo| repo.pm(&["-v", "show", &id]).ok().out;
    assert_eq!(shown(&a), shown(&b));
    assert_eq!(
        field(&shown(&b), "due"),
        "2026-11-01T23:59:59-08:00 (2026-11-01)"
    );
    // A report has its days, of which the last one has 25 hours.
    let later = a.when("2026-11-02T09:00:00Z");
    let until = ["--until", "yesterday"];
    let table = later.pm(&[&["report", "--since", "2026-10-30"][..], &until].concat());
    let table = table.ok().out;
    let days: Vec<&str> = table
        .lines()
        .filter_map(|line| line.trim().get(..10))
        .collect();
    let days = days
        .into_iter()
        .filter(|day| day.starts_with("2026-"))
        .collect::<Vec<_>>();
    let period = "From 2026-10-30T00:00:00-07:00 to 2026-11-01T23:59:59-08:00";
    assert!(table.starts_with(period), "{table}");
    assert_eq!(days, ["2026-10-31", "2026-11-01"], "{table}");
}

#[test]
fn a_day_that_begins_at_one_o_clock_is_whole() {
    // In Beirut the clock goes from 24:00 to 01:00 before 2027-03-28, and from 24:00 to 23:00 in October.
    let scene = Scene::new();
    let repo = in_zone(&scene, "a", "Asia/Beirut", "2027-03-27T10:00:00Z");
    let id = repo.task("Wash", &["--due", "today", "--defer", "tomorrow"]);
    let item = repo.data(&["show", &id]);
    assert_eq!(item["due_at"], "2027-03-27T21:59:59Z");
    assert_eq!(item["defer_until"], "2027-03-27T22:00:00Z");
    let later = repo.when("2027-10-30T10:00:00Z");
    let id = later.task("Dry", &["--due", "today", "--defer", "tomorrow"]);
    let item = later.data(&["show", &id]);
    assert_eq!(item["due_at"], "2027-10-30T21:59:59Z");
    assert_eq!(item["defer_until"], "2027-10-30T22:00:00Z");
}
