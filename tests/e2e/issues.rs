//! Issues as a user of beads knows them: `alias bd='git pm issue'`.

use serde_json::Value;

use crate::support::{Ran, Repo, Scene, binary};

fn set_up() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    (scene, repo)
}

fn bd(repo: &Repo, args: &[&str]) -> Ran {
    let mut all = vec!["issue"];
    all.extend(args);
    repo.pm(&all)
}

/// A new issue's id.
#[track_caller]
fn q(repo: &Repo, args: &[&str]) -> String {
    let mut all = vec!["q"];
    all.extend(args);
    bd(repo, &all).ok().text()
}

/// What `--format beads` prints.
#[track_caller]
fn beads(repo: &Repo, args: &[&str]) -> Value {
    let mut all = vec!["--format", "beads"];
    all.extend(args);
    bd(repo, &all).ok().json()
}

#[track_caller]
fn ids(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter()
        .map(|item| item["id"].as_str().unwrap().to_string())
        .collect()
}

// The session of issue 4: create, claim, dep, ready, close, with the alias.
#[test]
fn a_beads_user_finds_the_way() {
    let (_scene, repo) = set_up();
    let bug = q(
        &repo,
        &["Login fails", "-t", "bug", "-p", "P1", "-d", "On Mondays."],
    );
    let made = bd(
        &repo,
        &[
            "create",
            "Write the test",
            "--parent",
            &bug,
            "-l",
            "ci,auth",
            "-e",
            "30",
            "--acceptance",
            "it is red",
            "--silent",
        ],
    );
    let test = made.ok().text();
    assert_eq!(
        test,
        format!("{bug}.1"),
        "a child has its parent's id in front"
    );
    let deps = format!("discovered-from:{bug},{test}");
    let found = bd(
        &repo,
        &["create", "Found on the way", "--deps", &deps, "--silent"],
    );
    let found = found.ok().text();
    // The bug has an open part, the find waits: only the part is ready.
    assert_eq!(ids(&beads(&repo, &["ready"])), [test.as_str()]);
    let blocked = beads(&repo, &["blocked"]);
    assert_eq!(ids(&blocked), [found.as_str()]);
    assert_eq!(blocked[0]["blocked_by"], serde_json::json!([test]));
    assert_eq!(blocked[0]["blocked_by_count"], 1);
    let why = bd(&repo, &["ready", "--explain"]).ok().out;
    assert!(why.contains("it can be started now"), "{why}");
    let claimed = beads(&repo, &["claim", &test]);
    assert_eq!(claimed["status"], "in_progress");
    assert_eq!(claimed["assignee"], "Ana");
    let branches = repo.git(&["branch", "--list"]).text();
    assert_eq!(branches.trim(), "* main", "a claim makes no branch");
    let refused = bd(&repo, &["close", &bug]).exits(1).err;
    assert!(refused.contains(&test), "{refused}");
    // Closing the part claims what waited for it.
    let closed = repo.data(&["issue", "close", &test, "-r", "green", "--continue"]);
    assert_eq!(closed["closed"][0]["status"], "closed");
    assert_eq!(closed["claimed"]["id"], found.as_str());
    assert!(closed["not_claimed"].is_null(), "{closed}");
    let closed = repo.data(&["issue", "close", &found, "--suggest-next", "--continue"]);
    assert!(closed["claimed"].is_null(), "{closed}");
    assert_eq!(closed["not_claimed"], "no next step is ready");
    let next: Vec<String> = closed["unblocked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["id"].to_string())
        .collect();
    assert!(next.is_empty(), "nothing waited for it: {next:?}");
    assert_eq!(
        ids(&beads(&repo, &["close", &bug, "--reason", "fixed"])),
        [bug.as_str()]
    );
    assert_eq!(ids(&beads(&repo, &["list"])), Vec::<String>::new());
    let shown = beads(&repo, &["show", &test]);
    let keys: Vec<&String> = shown[0].as_object().unwrap().keys().collect();
    assert!(!keys.is_empty());
    let text = bd(&repo, &["show", &test, "--format", "beads"]).ok().out;
    let order = [
        "\"id\"",
        "\"title\"",
        "\"acceptance_criteria\"",
        "\"status\"",
        "\"priority\"",
        "\"issue_type\"",
        "\"estimated_minutes\"",
        "\"created_at\"",
        "\"updated_at\"",
        "\"started_at\"",
        "\"closed_at\"",
        "\"close_reason\"",
        "\"labels\"",
        "\"dependencies\"",
    ];
    let places: Vec<usize> = order
        .iter()
        .map(|key| {
            text.find(key)
                .unwrap_or_else(|| panic!("no {key} in {text}"))
        })
        .collect();
    assert!(
        places.is_sorted(),
        "the keys are not in beads' order: {text}"
    );
    assert!(
        !text.contains("schema_version"),
        "beads has no envelope: {text}"
    );
}

#[test]
fn update_changes_many_and_any_state_is_a_word() {
    let (_scene, repo) = set_up();
    let (a, b) = (q(&repo, &["A"]), q(&repo, &["B"]));
    let before = repo.tip("refs/pm/main");
    let all = beads(
        &repo,
        &[
            "update",
            &a,
            &b,
            "-p",
            "0",
            "--add-label",
            "x",
            "--append-notes",
            "one",
            "--status",
            "in_progress",
            "--type",
            "enhancement",
        ],
    );
    assert_eq!(ids(&all), [a.as_str(), b.as_str()]);
    let count = repo.git(&["rev-list", "--count", &format!("{before}..refs/pm/main")]);
    assert_eq!(count.text(), "1");
    for one in all.as_array().unwrap() {
        assert_eq!(one["priority"], 0);
        assert_eq!(
            one["issue_type"], "feature",
            "enhancement is another word for it"
        );
        assert_eq!(one["notes"], "one");
        assert!(one["started_at"].is_string(), "{one}");
    }
    let one = beads(
        &repo,
        &["update", &a, "--append-notes", "two", "--status", "hooked"],
    );
    assert_eq!(one[0]["notes"], "one\ntwo");
    assert_eq!(one[0]["status"], "hooked", "a word of one's own is kept");
    let one = beads(
        &repo,
        &["update", &a, "--status", "closed", "--reason", "no"],
    );
    assert_eq!(one[0]["close_reason"], "no");
    assert!(one[0]["closed_at"].is_string());
    let one = beads(&repo, &["update", &a, "--status", "open"]);
    assert!(
        one[0]["closed_at"].is_null(),
        "open and closed at once: {one}"
    );
    bd(&repo, &["update", &a, "--status", "tombstone"]).exits(2);
    bd(&repo, &["update", &a, "--status", "two words"]).exits(2);
    bd(&repo, &["update", &a, "--metadata", "[1]"]).exits(2);
    let one = beads(
        &repo,
        &[
            "update",
            &a,
            "--metadata",
            "{\"z\":1,\"a\":[]}",
            "--title",
            "A2",
        ],
    );
    assert_eq!(one[0]["metadata"]["z"], 1);
    let claimed = repo.by("bea").data(&["issue", "update", &a, "--claim"]);
    assert_eq!(claimed["claim"]["actor"], "bea");
    bd(&repo.by("carl"), &["claim", &a]).exits(3);
}

#[test]
fn edges_of_all_types_are_added_shown_and_taken_out() {
    let (_scene, repo) = set_up();
    let (a, b, c) = (q(&repo, &["A"]), q(&repo, &["B"]), q(&repo, &["C"]));
    bd(&repo, &["dep", "add", &a, &b]).ok();
    bd(&repo, &["dep", "add", &b, &c, "-t", "conditional-blocks"]).ok();
    bd(
        &repo,
        &["dep", "add", &a, &c, "--type", "made-up", "--force"],
    )
    .ok();
    bd(&repo, &["dep", "add", &c, &a]).exits(1);
    let list = repo.data(&["issue", "dep", "list", &a]);
    assert_eq!(list["depends_on"].as_array().unwrap().len(), 2, "{list}");
    let tree = bd(&repo, &["dep", "tree", &a]).ok().out;
    let depth = |id: &str| {
        tree.lines()
            .find(|l| l.contains(id))
            .unwrap()
            .find(id)
            .unwrap()
    };
    assert!(depth(&a) < depth(&b) && depth(&b) < depth(&c), "{tree}");
    let none = bd(&repo, &["dep", "cycles"]).ok().out;
    assert!(none.contains("no cycles"), "{none}");
    assert_eq!(ids(&beads(&repo, &["ready"])), [c.as_str()]);
    bd(
        &repo,
        &["dep", "remove", &b, &c, "--type", "conditional-blocks"],
    )
    .ok();
    let ready = beads(&repo, &["ready"]);
    let (mut ready, mut free) = (ids(&ready), [b.as_str(), c.as_str()]);
    ready.sort_unstable();
    free.sort_unstable();
    assert_eq!(ready, free);
    bd(&repo, &["dep", "add", &a, &c, "--gate", "all-children"]).exits(2);
}

// Fan-out and fan-in: who waits for the parts of something.
#[test]
fn a_gate_on_an_edge_waits_for_parts() {
    let (_scene, repo) = set_up();
    let whole = q(&repo, &["Whole"]);
    let (one, two) = (
        q(&repo, &["One", "--parent", &whole]),
        q(&repo, &["Two", "--parent", &whole]),
    );
    let (all, any) = (q(&repo, &["All"]), q(&repo, &["Any"]));
    let gate = |id: &str, gate: &str| {
        bd(
            &repo,
            &["dep", "add", id, &whole, "-t", "waits-for", "--gate", gate],
        )
        .ok();
    };
    gate(&all, "all-children");
    gate(&any, "any-children");
    let shown = bd(&repo, &["show", &all]).ok().out;
    assert!(shown.contains("(all-children)"), "{shown}");
    let is_ready = |id: &str| ids(&beads(&repo, &["ready"])).contains(&id.to_string());
    assert!(!is_ready(&all) && !is_ready(&any));
    bd(&repo, &["close", &one]).ok();
    assert!(is_ready(&any), "one part is closed");
    assert!(!is_ready(&all), "another one is open");
    bd(&repo, &["close", &two]).ok();
    assert!(
        is_ready(&all),
        "all parts are closed, though the whole is not"
    );
    assert_eq!(
        beads(&repo, &["show", &any])[0]["dependencies"][0]["metadata"],
        "{\"gate\":\"any-children\"}"
    );
}

#[test]
fn labels_comments_and_children_are_listed() {
    let (_scene, repo) = set_up();
    let (a, b) = (q(&repo, &["A"]), q(&repo, &["B"]));
    let child = q(&repo, &["Part", "--parent", &a]);
    bd(&repo, &["label", "add", &a, &b, "release"]).ok();
    bd(&repo, &["label", "add", &a, "ci"]).ok();
    bd(&repo, &["label", "remove", &b, "release"]).ok();
    assert_eq!(bd(&repo, &["label", "list", &a]).ok().text(), "ci\nrelease");
    let all = repo.data(&["issue", "label", "list-all"]);
    let all: Vec<(String, u64)> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| {
            (
                l["label"].as_str().unwrap().into(),
                l["count"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(all, [("ci".to_string(), 1), ("release".to_string(), 1)]);
    assert_eq!(
        ids(&beads(&repo, &["list", "--label", "ci,release"])),
        [a.as_str()]
    );
    bd(&repo, &["comment", &a, "First"]).ok();
    repo.by("bea")
        .pm(&["issue", "comment", &a, "-m", "Second"])
        .ok();
    let said = bd(&repo, &["comments", &a]).ok().out;
    assert!(said.find("First") < said.find("Second"), "{said}");
    let shown = beads(&repo, &["show", &a]);
    assert_eq!(shown[0]["comments"][1]["author"], "bea");
    assert_eq!(ids(&beads(&repo, &["children", &a])), [child.as_str()]);
    assert_eq!(ids(&beads(&repo, &["search", "second"])), [a.as_str()]);
    bd(&repo, &["update", &child, "--design", "With a zephyr"]).ok();
    assert_eq!(
        ids(&beads(&repo, &["search", "zephyr"])),
        [child],
        "a design is text too"
    );
}

#[test]
fn epics_that_are_done_are_closed() {
    let (_scene, repo) = set_up();
    let epic = q(&repo, &["Whole", "-t", "epic"]);
    let (one, two) = (
        q(&repo, &["One", "--parent", &epic]),
        q(&repo, &["Two", "--parent", &epic]),
    );
    let empty = q(&repo, &["Empty", "-t", "epic"]);
    bd(&repo, &["close", &one]).ok();
    let status = repo.data(&["issue", "epic", "status"]);
    let of = |id: &str| {
        let all = status["items"].as_array().unwrap();
        all.iter().find(|p| p["epic"]["id"] == id).unwrap().clone()
    };
    assert_eq!(of(&epic)["total_children"], 2);
    assert_eq!(of(&epic)["closed_children"], 1);
    assert_eq!(
        of(&empty)["eligible_for_close"],
        false,
        "nothing is done there"
    );
    assert!(
        !ids(&beads(&repo, &["ready"])).contains(&empty),
        "epics are no work"
    );
    bd(&repo, &["close", &two]).ok();
    bd(&repo, &["epic", "close-eligible", "--dry-run"]).ok();
    assert_eq!(beads(&repo, &["show", &epic])[0]["status"], "open");
    assert_eq!(ids(&beads(&repo, &["epic", "close-eligible"])), [epic]);
}

#[test]
fn gates_open_by_time_by_item_and_by_hand_only() {
    let (_scene, repo) = set_up();
    let at = repo.when("2026-11-20T10:00:00Z");
    let gated: Vec<String> = (0..4).map(|n| q(&at, &[&format!("Work {n}")])).collect();
    let other = q(&at, &["Other"]);
    let gate = |args: &[&str], blocks: &str| {
        let mut all = vec!["gate", "create"];
        all.extend(args);
        all.extend(["--blocks", blocks]);
        beads(&at, &all)["id"].as_str().unwrap().to_string()
    };
    let timer = gate(&["timer", "--timeout", "4h"], &gated[0]);
    let bead = gate(&["bead", "--await-id", &other], &gated[1]);
    let human = gate(&["human", "--title", "Legal agrees"], &gated[2]);
    let run = gate(
        &["gh:run", "--await-id", "release.yml", "--timeout", "30m"],
        &gated[3],
    );
    assert_eq!(
        beads(&at, &["show", &timer])[0]["timeout"],
        14_400_000_000_000_i64
    );
    assert_eq!(
        ids(&beads(&at, &["ready"])),
        [other.as_str()],
        "gates are no work and hold work up"
    );
    assert_eq!(ids(&beads(&at, &["gate", "list"])).len(), 4);
    let outcomes = |repo: &Repo| -> Vec<(String, String)> {
        let checks = beads(repo, &["gate", "check"]);
        let mut all: Vec<_> = checks
            .as_array()
            .unwrap()
            .iter()
            .map(|c| {
                (
                    c["id"].as_str().unwrap().into(),
                    c["outcome"].as_str().unwrap().into(),
                )
            })
            .collect();
        all.sort();
        all
    };
    let mut want = [
        (timer.clone(), "waiting".to_string()),
        (bead.clone(), "waiting".into()),
        (human.clone(), "waiting".into()),
        (run.clone(), "unknown".into()),
    ];
    want.sort();
    assert_eq!(
        outcomes(&at),
        want,
        "nothing is satisfied yet, and a run cannot be seen from here"
    );
    bd(&at, &["close", &other]).ok();
    let later = repo.when("2026-11-20T15:00:00Z");
    let mut want = [
        (timer.clone(), "opened".to_string()),
        (bead.clone(), "opened".into()),
        (human.clone(), "waiting".into()),
        (run.clone(), "expired".into()),
    ];
    want.sort();
    assert_eq!(outcomes(&later), want);
    let mut free = vec![gated[0].clone(), gated[1].clone()];
    free.sort();
    let mut ready = ids(&beads(&later, &["ready"]));
    ready.sort();
    assert_eq!(ready, free);
    bd(&later, &["gate", "resolve", &other]).exits(2);
    bd(&later, &["gate", "resolve", &human, "--reason", "they did"]).ok();
    assert!(ids(&beads(&later, &["ready"])).contains(&gated[2]));
    assert_eq!(
        beads(&later, &["gate", "show", &human])["close_reason"],
        "they did"
    );
    bd(&repo, &["gate", "create", "weather"]).exits(2);
    bd(&repo, &["gate", "create", "timer"]).exits(2);
}

#[test]
fn what_is_stale_double_forgotten_or_thin_is_found() {
    let (_scene, repo) = set_up();
    let old = repo.when("2026-01-01T10:00:00Z");
    let stale = q(&old, &["Old one", "-d", "Same text."]);
    let now = repo.when("2026-03-01T10:00:00Z");
    let fresh = q(&now, &["old  ONE", "-d", "same TEXT."]);
    let other = q(&now, &["Old one", "-d", "Another text."]);
    assert_eq!(
        ids(&beads(&now, &["stale", "--days", "30"])),
        [stale.as_str()]
    );
    let doubles = repo.data(&["issue", "duplicates"]);
    let groups = doubles["items"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{doubles}");
    assert_eq!(ids(&groups[0]["items"]), [stale.as_str(), fresh.as_str()]);
    repo.write("src/x.rs", "// done\n");
    repo.commit_all(&format!("Fix the old one ({stale})"));
    let orphans = repo.data(&["issue", "orphans"]);
    assert_eq!(ids(&orphans["items"]), [stale.as_str()]);
    assert!(
        orphans["items"][0]["subject"]
            .to_string()
            .contains("Fix the old one")
    );
    bd(&now, &["lint"]).exits(1);
    let thin = repo
        .pm(&["--json", "issue", "lint", &fresh])
        .exits(1)
        .data();
    assert_eq!(
        thin["items"][0]["missing"],
        serde_json::json!(["Acceptance Criteria"])
    );
    for id in [&stale, &fresh] {
        bd(&now, &["update", id, "--acceptance", "it is gone"]).ok();
    }
    bd(
        &now,
        &[
            "update",
            &other,
            "-d",
            "## Acceptance criteria\n\nNone left.",
        ],
    )
    .ok();
    bd(&now, &["lint"]).ok();
    assert_eq!(bd(&now, &["count"]).ok().text(), "3");
    bd(&now, &["close", &other]).ok();
    let by = repo.data(&["issue", "count", "--by", "status", "--status", "all"]);
    let by: Vec<String> = by["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| format!("{} {}", t["group"], t["count"]))
        .collect();
    assert_eq!(by, ["\"closed\" 1", "\"open\" 2"]);
    bd(&now, &["count", "--by", "colour"]).exits(2);
}

#[test]
fn a_template_is_copied_with_its_parts_and_never_offered() {
    let (_scene, repo) = set_up();
    let made = bd(
        &repo,
        &["create", "Release", "--template", "-t", "epic", "--silent"],
    );
    let template = made.ok().text();
    let build = q(
        &repo,
        &[
            "Build", "--parent", &template, "-p", "1", "-l", "ci", "-d", "How.",
        ],
    );
    let ship = q(&repo, &["Ship", "--parent", &template]);
    bd(&repo, &["dep", "add", &ship, &build]).ok();
    assert!(
        ids(&beads(&repo, &["ready"])).is_empty(),
        "parts of a template are no work"
    );
    let why = repo.data(&["why", &build]);
    assert!(why["reasons"].to_string().contains("template"), "{why}");
    assert!(!ids(&beads(&repo, &["list"])).contains(&template));
    assert_eq!(
        ids(&beads(&repo, &["list", "--templates"])),
        [template.as_str()]
    );
    let copy = bd(
        &repo,
        &["create", "Release 2.1", "--from", &template, "--silent"],
    );
    let copy = copy.ok().text();
    let parts = beads(&repo, &["children", &copy]);
    let titles: Vec<&str> = parts
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Build", "Ship"]);
    assert_eq!(parts[0]["labels"], serde_json::json!(["ci"]));
    assert_eq!(parts[0]["description"], "How.");
    assert_eq!(
        ids(&beads(&repo, &["ready"])),
        [format!("{copy}.1")],
        "shipping waits for the build's copy"
    );
    bd(&repo, &["create", "--from", &copy]).exits(1);
}

#[test]
fn pinned_issues_stay_and_hold_nobody_up() {
    let (_scene, repo) = set_up();
    let note = q(&repo, &["How we release"]);
    let work = q(&repo, &["Work", "--parent", &note]);
    bd(&repo, &["dep", "add", &work, &note]).exits(1);
    let other = q(&repo, &["Other"]);
    bd(&repo, &["dep", "add", &other, &note]).ok();
    bd(&repo, &["update", &note, "--pinned"]).ok();
    let mut ready = ids(&beads(&repo, &["ready"]));
    ready.sort();
    let mut want = vec![work, other];
    want.sort();
    assert_eq!(ready, want);
    bd(&repo, &["close", &note]).exits(1);
    assert_eq!(ids(&beads(&repo, &["list", "--pinned"])), [note.as_str()]);
    bd(&repo, &["update", &note, "--pinned", "false"]).ok();
    assert_eq!(beads(&repo, &["show", &note])[0]["pinned"], Value::Null);
}

// A claim of another clone ends in the pushed commit only.
#[test]
fn what_somebody_holds_elsewhere_is_closed_through_the_remote() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (one, two) = (q(&a, &["One"]), q(&a, &["Two"]));
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for id in [&one, &two] {
        bd(&b, &["claim", id]).ok();
    }
    a.pm(&["sync"]).ok();
    assert_eq!(a.data(&["issue", "show", &one])["claim"]["actor"], "Ben");
    let refused = a
        .pm(&["--offline", "issue", "close", &one, &two, "--force"])
        .exits(6);
    assert!(refused.err.contains("Ben"), "{}", refused.err);
    bd(
        &a,
        &["close", &one, &two, "-f", "--reason", "done together"],
    )
    .ok();
    b.pm(&["sync"]).ok();
    for id in [&one, &two] {
        let item = b.data(&["issue", "show", id]);
        assert_eq!(item["status"], "closed", "{item}");
        assert!(
            item["claim"].is_null(),
            "the claim outlived its issue: {item}"
        );
    }
    let told = b.pm(&["status"]).ok().out;
    assert!(
        told.contains("ended your claim"),
        "Ben was not told: {told}"
    );
}

#[test]
fn ready_says_why_and_answers_at_once_for_all_kinds() {
    let (_scene, repo) = set_up();
    let issue = q(&repo, &["An issue", "-p", "0"]);
    repo.task("A task", &[]);
    let told = repo.data(&["ready", "--explain"]);
    let told = told["items"].as_array().unwrap();
    let named: Vec<&str> = told
        .iter()
        .map(|w| w["item"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(named, [issue.as_str(), "T-0001"]);
    assert!(
        told.iter()
            .all(|w| w["reasons"][0] == "it can be started now")
    );
    assert_eq!(
        ids(&beads(&repo, &["ready"])),
        [issue.as_str()],
        "issues alone"
    );
}

// Every verb that changes something is an operation of a batch too.
#[test]
fn a_batch_has_the_verbs_of_issues() {
    let (_scene, repo) = set_up();
    let (a, b, c) = (q(&repo, &["A"]), q(&repo, &["Later"]), q(&repo, &["Again"]));
    bd(&repo, &["close", &b]).ok();
    let lines = [
        r#"{"op":"issue.create","title":"B","type":"bug","labels":"x,y","priority":1}"#.to_string(),
        format!(r#"{{"op":"issue.create","title":"C","deps":["{a}"],"estimate":15}}"#),
        format!(r#"{{"op":"issue.update","id":"{a}","status":"in_progress","append-notes":"n"}}"#),
        format!(r#"{{"op":"issue.comment","id":"{a}","text":"hm"}}"#),
        format!(r#"{{"op":"issue.close","id":"{a}","reason":"done"}}"#),
        format!(r#"{{"op":"issue.reopen","id":"{b}"}}"#),
        format!(r#"{{"op":"issue.defer","id":"{b}","until":"2099-01-01"}}"#),
        format!(r#"{{"op":"issue.defer","id":"{c}"}}"#),
        format!(r#"{{"op":"issue.undefer","id":"{c}"}}"#),
        r#"{"op":"prd.create","title":"P"}"#.to_string(),
        r#"{"op":"prd.edit","id":"P-1","body":"Text"}"#.to_string(),
        r#"{"op":"prd.delete","id":"P-1"}"#.to_string(),
    ];
    let before = repo.tip("refs/pm/main");
    repo.feed(binary(), &["batch"], &lines.join("\n")).ok();
    let count = repo.git(&["rev-list", "--count", &format!("{before}..refs/pm/main")]);
    assert_eq!(count.text(), "1");
    assert_eq!(beads(&repo, &["show", &a])[0]["close_reason"], "done");
    let ready = ids(&beads(&repo, &["ready"]));
    assert_eq!(ready.len(), 3);
    assert!(ready.contains(&c) && !ready.contains(&b), "{ready:?}");
    assert_eq!(ids(&beads(&repo, &["list", "--label", "x"])).len(), 1);
    repo.pm(&["show", "P-1"]).exits(4);
}
