//! The verbs that a user of beads expects.

use super::{bd, beads, ids, q};
use serde_json::json;

use crate::support::{Scene, binary, set_up};

// A typical session with the alias: create, claim, dep, ready, close.
#[test]
fn a_session_of_a_beads_user_works_with_the_alias() {
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
    // The bug has an open child, the other one is blocked: only the child is ready.
    assert_eq!(ids(&beads(&repo, &["ready"])), [test.as_str()]);
    let blocked = beads(&repo, &["blocked"]);
    assert_eq!(ids(&blocked), [found.as_str()]);
    assert_eq!(blocked[0]["blocked_by"], serde_json::json!([test]));
    assert_eq!(blocked[0]["blocked_by_count"], 1);
    let waits = beads(&repo, &["dep", "list", &found]);
    let kind = |n: usize| (waits[n]["id"].clone(), waits[n]["dependency_type"].clone());
    let mut kinds = [kind(0), kind(1)];
    kinds.sort_by_key(|(_, kind)| kind.to_string());
    assert_eq!(kinds[0], (json!(test), json!("blocks")));
    assert_eq!(kinds[1], (json!(bug), json!("discovered-from")));
    let tree = beads(&repo, &["dep", "tree", &bug]);
    assert_eq!(
        (&tree[0]["depth"], &tree[0]["parent_id"]),
        (&json!(0), &json!(""))
    );
    assert_eq!(
        (&tree[1]["depth"], &tree[1]["parent_id"]),
        (&json!(1), &json!(bug))
    );
    assert_eq!(tree[1]["title"], "Write the test");
    let why = bd(&repo, &["ready", "--explain"]).ok().out;
    assert!(why.contains("it can be started now"), "{why}");
    let claimed = beads(&repo, &["claim", &test]);
    assert_eq!(claimed["status"], "in_progress");
    assert_eq!(claimed["assignee"], "Ana");
    let branches = repo.git(&["branch", "--list"]).text();
    assert_eq!(branches.trim(), "* main", "a claim makes no branch");
    let refused = bd(&repo, &["close", &bug]).exits(1).err;
    assert!(refused.contains(&test), "{refused}");
    // Closing the child claims the item that it unblocks.
    let closed = repo.data(&["issue", "close", &test, "-r", "green", "--continue"]);
    assert_eq!(closed["closed"][0]["status"], "closed");
    assert_eq!(closed["claimed"]["id"], found.as_str());
    assert!(closed["not_claimed"].is_null(), "{closed}");
    let closed = repo.data(&["issue", "close", &found, "--suggest-next", "--continue"]);
    assert!(closed["claimed"].is_null(), "{closed}");
    assert_eq!(
        closed["not_claimed"],
        "nothing beside it is ready, and closing it unblocked nothing"
    );
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
fn update_changes_many_issues_and_accepts_any_state() {
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
            "enhancement is not mapped to feature"
        );
        assert_eq!(one["notes"], "one");
        assert!(one["started_at"].is_string(), "{one}");
    }
    let one = beads(
        &repo,
        &["update", &a, "--append-notes", "two", "--status", "hooked"],
    );
    assert_eq!(one[0]["notes"], "one\ntwo");
    assert_eq!(one[0]["status"], "hooked", "a custom state is not kept");
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

// The line of beads for taking up work: what it cannot claim, it does not change.
#[test]
fn an_update_that_claims_changes_nothing_if_the_claim_fails() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (one, two) = (q(&a, &["One"]), q(&a, &["Two"]));
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    bd(&a, &["claim", &one]).ok();
    let take = [
        "--status",
        "in_progress",
        "--claim",
        "--title",
        "Taken",
        "-p",
        "4",
    ];
    let before = b.data(&["issue", "show", &one]);
    bd(&b, &[&["update", &one][..], &take].concat()).exits(3);
    std::fs::rename(&hub.path, hub.path.with_extension("away")).unwrap();
    bd(&b, &[&["update", &two][..], &take].concat()).exits(6);
    std::fs::rename(hub.path.with_extension("away"), &hub.path).unwrap();
    assert_eq!(before["title"], b.data(&["issue", "show", &one])["title"]);
    let free = b.data(&["issue", "show", &two]);
    assert_eq!(
        (&free["status"], &free["title"]),
        (&"open".into(), &"Two".into())
    );
    let taken = bd(&b, &[&["update", &two][..], &take].concat()).ok();
    assert!(!taken.err.contains("has no holder"), "{taken:?}");
    let held = b.data(&["issue", "show", &two]);
    assert_eq!(
        (&held["claim"]["actor"], &held["title"]),
        (&"Ben".into(), &"Taken".into())
    );
}

// Three agents of one tool, each in a worktree of its own that belongs to no task.
#[test]
fn agents_of_one_tool_in_two_worktrees_do_not_share_a_claim() {
    let (_scene, repo) = set_up();
    let id = q(&repo, &["Login fails"]);
    let worktree = |name: &str| {
        repo.git(&["worktree", "add", "-q", &format!("../{name}"), "-b", name])
            .ok();
        repo.other(format!("../{name}")).with("CLAUDECODE", "1")
    };
    let (one, two) = (worktree("w1"), worktree("w2"));
    one.pm(&["issue", "update", &id, "--claim"]).ok();
    let refused = two.pm(&["issue", "update", &id, "--claim"]).exits(3);
    assert!(!refused.err.contains("--resume"), "{refused:?}");
    // Their common name would be the reader's own.
    assert!(
        refused.err.contains("held by claude-code in w1"),
        "{refused:?}"
    );
    let shown = two.pm(&["show", &id]).ok().out;
    assert!(shown.contains("claude-code in w1"), "{shown}");
    one.pm(&["reserve", "add", "src/auth.rs"]).ok();
    let listed = two.pm(&["reserve", "list"]).ok().out;
    assert!(listed.contains("claude-code in w1"), "{listed}");
    two.pm(&["start", &id, "--resume"]).exits(3);
    two.pm(&["issue", "close", &id, "--reason", "mine"])
        .exits(3);
    one.pm(&["start", &id, "--resume"]).ok();
    let held = repo.data(&["show", &id]);
    assert_eq!(held["claim"]["agent"], "claude-code in w1");
}

// Criteria that an issue has as a text with boxes are ticked there.
#[test]
fn the_boxes_of_an_issues_criteria_are_criteria() {
    let (_scene, repo) = set_up();
    let id = q(&repo, &["Login fails"]);
    let none = repo.pm(&["task", "accept", &id, "--all"]).ok();
    assert!(none.err.contains("nothing was accepted"), "{none:?}");
    let text = "Done when\n- [ ] it works\n- [ ] it is fast";
    bd(&repo, &["update", &id, "--acceptance", text]).ok();
    repo.pm(&["start", &id]).ok();
    let place = repo.other(repo.pm(&["worktree", "path", &id]).ok().text());
    place.write("fix", "x");
    place.git(&["add", "fix"]).ok();
    place.git(&["commit", "-qm", "fix"]).ok();
    let refused = place.pm(&["finish"]).exits(1);
    assert!(
        refused.err.contains("not accepted yet: 2 of 2"),
        "{refused:?}"
    );
    place
        .pm(&["task", "accept", &id, "2", "--evidence", "12 ms"])
        .ok();
    place.pm(&["task", "accept", &id, "3"]).exits(4);
    let shown = repo.data(&["issue", "show", &id]);
    let ticked = "Done when\n- [ ] it works\n- [x] it is fast";
    assert_eq!(shown["acceptance_criteria"], ticked);
    assert!(
        repo.pm(&["show", &id])
            .ok()
            .out
            .contains("Criteria 2: 12 ms")
    );
    place.pm(&["task", "accept", &id, "--all"]).ok();
    place.pm(&["finish"]).ok();
}

// A claim of another clone is ended only by the pushed commit.
#[test]
fn an_issue_held_in_another_clone_is_closed_through_the_remote() {
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
        "Ben was not notified: {told}"
    );
}

#[test]
fn ready_gives_reasons_and_lists_all_kinds() {
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
        "not only issues"
    );
}

// Every verb that writes is an operation of a batch too.
#[test]
fn the_verbs_of_issues_are_operations_of_a_batch() {
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

/// Of a dependency only its record is printed, not its own blockers and dependents.
#[test]
fn a_list_of_dependencies_reads_little_of_each() {
    let (scene, repo) = set_up();
    let waiting = q(&repo, &["Waiting"]);
    let costs = scene.dir.path().join("costs");
    let mut added = 0;
    let mut objects = |count: usize| {
        for n in added..count {
            let other = q(&repo, &[&format!("Number {n}")]);
            bd(&repo, &["dep", "add", &waiting, &other]).ok();
        }
        added = count;
        let counted = repo.with("GIT_PM_COSTS", costs.to_str().unwrap());
        let list = beads(&counted, &["dep", "list", &waiting]);
        assert_eq!(list.as_array().unwrap().len(), count);
        let said = std::fs::read_to_string(&costs).unwrap();
        std::fs::remove_file(&costs).unwrap();
        let said: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
        said["objects_read"].as_u64().unwrap()
    };
    let (few, many) = (objects(5), objects(25));
    assert!(many - few <= 30, "{few} objects for 5, {many} for 25");
}

/// What follows a close is in beads' answer too, in the form that `bd` prints.
#[test]
fn in_18_beads_answer_to_close_tells_what_was_claimed_and_unblocked() {
    let (_scene, repo) = set_up();
    let [first, other] = ["First", "Other"].map(|title| q(&repo, &[title]));
    let after = q(&repo, &["After"]);
    bd(&repo, &["dep", "add", &after, &first]).ok();
    let told = beads(&repo, &["close", &first, "--suggest-next", "--claim-next"]);
    assert_eq!(ids(&told["closed"]), [first.as_str()], "{told}");
    assert_eq!(ids(&told["unblocked"]), [after.as_str()], "{told}");
    let claimed = told["claimed"]["id"].as_str().expect("a record");
    assert!(
        [after.as_str(), other.as_str()].contains(&claimed),
        "{told}"
    );
    assert_eq!(told["claimed"]["status"], "in_progress", "{told}");
    // Who did the work stays known.
    assert_eq!(beads(&repo, &["close", claimed])[0]["assignee"], "Ana");
    let exported = repo.pm(&["export", "beads"]).ok().out;
    let line = exported
        .lines()
        .find(|line| line.contains(&format!("{{\"id\":\"{claimed}\"")));
    assert!(
        line.is_some_and(|line| line.contains("\"assignee\":\"Ana\"")),
        "{exported}"
    );

    let epic = q(&repo, &["Whole", "-t", "epic"]);
    let [one, two] = ["1", "2"].map(|title| q(&repo, &[title, "--parent", &epic]));
    let told = beads(&repo, &["close", &one, "--continue"]);
    assert_eq!(
        told["continue"]["closed_step"]["id"],
        one.as_str(),
        "{told}"
    );
    assert_eq!(told["continue"]["next_step"]["id"], two.as_str(), "{told}");
    assert_eq!(told["continue"]["auto_advanced"], true, "{told}");
    for id in [&two, &epic] {
        bd(&repo, &["close", id]).ok();
    }
    // Nothing to tell besides: the list alone.
    let [after, other] = [&after, &other].map(|id| repo.data(&["show", id])["status"].clone());
    assert!([after, other].contains(&json!("open")));
    let rest = beads(&repo, &["list"])[0]["id"]
        .as_str()
        .unwrap()
        .to_string();
    let told = bd(
        &repo,
        &["--format", "beads", "close", &rest, "--claim-next"],
    )
    .ok();
    assert_eq!(ids(&told.json()), [rest.as_str()]);
    assert!(told.err.contains("nothing was claimed"), "{}", told.err);
}

/// An issue of type epic, as beads has it, is an epic for every command that asks for one.
#[test]
fn in_18_an_issue_of_type_epic_is_an_epic() {
    let (_scene, repo) = set_up();
    let epic = q(&repo, &["Checkout", "-t", "epic"]);
    let cart = q(&repo, &["Cart", "--parent", &epic, "-e", "120"]);
    let task = repo.task("Pay", &["--epic", &epic]);
    q(&repo, &["Loose"]);
    let listed = repo.pm(&["epic", "list"]).ok().out;
    assert!(
        listed.contains(&epic) && listed.contains("0 of 2 done"),
        "{listed}"
    );
    let shown = repo.data(&["epic", "show", &epic]);
    assert_eq!((&shown["total"], &shown["done"]), (&json!(2), &json!(0)));
    let query = format!("epic:{epic}");
    let both = [task.as_str(), cart.as_str()];
    assert_eq!(ids(&repo.data(&["list", &query])["items"]), both);
    assert_eq!(ids(&repo.data(&["list", "--epic", &epic])["items"]), both);
    let lanes = repo.data(&["board", "--lanes", "epic"]);
    let lanes = lanes["lanes"].as_array().unwrap();
    let names: Vec<_> = lanes.iter().map(|lane| lane["value"].clone()).collect();
    assert_eq!(names, [json!(epic), json!(null)], "{lanes:?}");
    let error = repo.pm(&["list", &format!("epic:{cart}")]).exits(2).err;
    assert!(error.contains("not epic"), "{error}");
    // The minutes of an issue count as its estimate.
    let order = repo.data(&["order", &epic]);
    let own = order["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == cart.as_str());
    assert_eq!(own.expect("in the order")["hours"], 2, "{order}");
}
