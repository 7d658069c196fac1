//! The criteria of an issue, a text, reach those who work on it.

use serde_json::{Value, json};

use super::{bd, q};
use crate::mcp::{Client, text_of};
use crate::run::stage::Stage;
use crate::support::{Repo, set_up};

const BOXES: &str = "Done when\n- [ ] it works\n- [x] it is fast";

/// An issue with criteria.
fn with_criteria(repo: &Repo, title: &str, text: &str) -> String {
    let id = q(repo, &[title]);
    bd(repo, &["update", &id, "--acceptance", text]).ok();
    id
}

fn texts(item: &Value) -> Vec<&str> {
    let all = item["acceptance"].as_array().unwrap().iter();
    all.map(|one| one["text"].as_str().unwrap()).collect()
}

/// What is added to the list does not let `finish` forget the boxes, whose numbers stay.
#[test]
fn the_boxes_of_the_text_and_the_list_are_one_list() {
    let (_scene, repo) = set_up();
    let id = with_criteria(&repo, "One", "Done when\n- [ ] it works\n- [ ] it is fast");
    repo.pm(&["edit", &id, "--accept", "trivial"]).ok();
    let listed = repo.data(&["list", "has:acceptance"]);
    let expected = ["it works", "it is fast", "trivial"];
    assert_eq!(texts(&listed["items"][0]), expected, "{listed}");
    repo.pm(&["start", &id]).ok();
    let there = repo.worktree(&id);
    there.write("fix", "x");
    there.commit_all("Fix it");
    there.pm(&["task", "accept", &id, "3"]).ok();
    let refused = there.pm(&["finish"]).exits(1).err;
    assert!(refused.contains("not accepted yet: 2 of 3"), "{refused}");
    there.pm(&["task", "accept", &id, "1"]).ok();
    let exported = there.pm(&["export", "beads", "-"]).ok().out;
    let whole = "\"Done when\\n- [x] it works\\n- [ ] it is fast\\n- [x] trivial\"";
    assert!(exported.contains(whole), "{exported}");
    // The list is changed as a whole: a box that goes is taken out of the text, the others stay as they are.
    there.pm(&["edit", &id, "--remove-accept", "2"]).ok();
    let shown = there.data(&["show", &id]);
    assert_eq!(texts(&shown), ["it works", "trivial"]);
    assert_eq!(shown["acceptance_criteria"], "Done when\n- [x] it works");
    there.pm(&["finish"]).ok();
}

/// `finish` demands what the briefing has to show.
#[test]
fn the_briefing_on_an_issue_shows_its_criteria() {
    let (_scene, repo) = set_up();
    let id = with_criteria(&repo, "One", BOXES);
    repo.pm(&["start", &id]).ok();
    let there = repo.worktree(&id);
    let text = there.pm(&["prime"]).ok().out;
    let expected = "## Acceptance criteria\nDone when\n1. [ ] it works\n2. [x] it is fast\n\n";
    assert!(text.contains(expected), "{text}");
    let accept = format!("- `git pm task accept {id} 1 --evidence TEXT`\n- `git pm finish {id}`");
    assert!(text.contains(&accept), "{text}");
    let shown = there.pm(&["show", &id]).ok().out;
    let expected = "Accepted when\nDone when\n  1 [ ] it works\n  2 [x] it is fast\n";
    assert!(shown.contains(expected), "{shown}");
    let step = format!("git pm task accept {id} 1 · git pm finish {id}");
    assert!(shown.contains(&step), "{shown}");
    let json = there.data(&["show", &id]);
    assert_eq!(json["acceptance_criteria"], BOXES);
    assert_eq!(texts(&json), ["it works", "it is fast"]);
    assert_eq!(json["acceptance"][1]["done"], true, "{json}");
    there.pm(&["task", "accept", &id, "1"]).ok();
    let text = there.pm(&["prime"]).ok().out;
    assert!(text.contains("1. [x] it works"), "{text}");
    assert!(!text.contains("task accept"), "{text}");
}

/// Nobody can tick them, but who works on the issue has to know them.
#[test]
fn criteria_without_boxes_are_shown_as_text() {
    let (_scene, repo) = set_up();
    let id = with_criteria(&repo, "One", "All totals exact");
    let text = repo.pm(&["prime", &id]).ok().out;
    let expected = "## Acceptance criteria\nAll totals exact\n\n";
    assert!(text.contains(expected), "{text}");
    assert!(!text.contains("task accept"), "{text}");
    let mut model = Client::of_model(&repo, &["--as", "claude"]);
    let shown = model.call("show", json!({ "id": id }));
    let text = text_of(&shown);
    assert!(text.contains("accepted when: All totals exact"), "{text}");
}

#[test]
fn tools_show_the_criteria_of_an_issue() {
    let (_scene, repo) = set_up();
    let id = with_criteria(&repo, "One", BOXES);
    let expected = json!([
        { "text": "Done when" },
        { "id": "#1", "number": 1, "text": "it works", "done": false, "elsewhere": false },
        { "id": "#2", "number": 2, "text": "it is fast", "done": true, "elsewhere": false },
    ]);
    let mut client = Client::start(&repo, &["--as", "claude"]);
    let shown = client.data("show", json!({ "id": id }));
    assert_eq!(shown["acceptance"], expected, "{shown}");
    let taken = client.data("next", json!({ "claim": true }));
    assert_eq!(taken["acceptance"], expected, "{taken}");
    let started = client.data("start", json!({ "id": id }));
    assert_eq!(started["acceptance"], expected, "{started}");
    let mut model = Client::of_model(&repo, &["--as", "claude"]);
    let shown = model.call("show", json!({ "id": id }));
    let text = text_of(&shown);
    assert!(
        text.contains("\n[ ] 1 it works\n[x] 2 it is fast"),
        "{text}"
    );
}

/// A client sees who accepted what for which work, and when the work began, as `git pm show` says.
#[test]
fn tools_show_who_accepted_a_criterion_and_when_the_work_began() {
    let (_scene, repo) = set_up();
    let id = repo.task("One", &["--accept", "it works"]);
    repo.pm(&["start", &id]).ok();
    repo.pm(&["task", "accept", &id, "1", "--evidence", "seen"])
        .ok();
    let printed = repo.data(&["show", &id]);
    let mut client = Client::start(&repo, &["--as", "claude"]);
    let shown = client.data("show", json!({ "id": id }));
    assert_eq!(shown["acceptance"], printed["acceptance"], "{shown}");
    assert_eq!(shown["acceptance"][0]["by"], "Ana", "{shown}");
    let mut model = Client::of_model(&repo, &["--as", "claude"]);
    let shown = model.call("show", json!({ "id": id }));
    let began = format!("started_at: {}", printed["started_at"].as_str().unwrap());
    assert!(text_of(&shown).contains(&began), "{shown}");
}

#[test]
fn the_prompt_of_a_run_has_the_criteria_of_an_issue() {
    let stage = Stage::new();
    let id = with_criteria(&stage.repo, "One", BOXES);
    let _ran = stage.run("cat > \"$OUT/prompt\"\nexit 1\n", &[]);
    let prompt = stage.told("prompt");
    assert!(prompt.contains("1. [ ] it works"), "{prompt}");
    let accept = format!("`git pm task accept {id} NUMBER");
    assert!(prompt.contains(&accept), "{prompt}");
}

/// What an agent may not accept, it can neither tick in the text nor take away by an edit.
#[test]
fn an_agent_changes_no_criteria_of_work_that_another_holds() {
    let (_scene, repo) = set_up();
    let id = with_criteria(&repo, "One", "- [ ] it works\n- [ ] it is fast");
    repo.pm(&["issue", "claim", &id]).ok();
    let bot = repo.with("AGENT_NAME", "bot");
    for change in [
        ["--acceptance", "- [x] it works\n- [ ] it is fast"],
        ["--acceptance", "- [ ] it works"],
        ["--remove-accept", "1"],
    ] {
        for verb in [&["edit"][..], &["issue", "update"]] {
            // Only `edit` has this option.
            if verb[0] == "issue" && change[0] == "--remove-accept" {
                continue;
            }
            bot.pm(&[verb, &[&id], &change].concat()).exits(3);
        }
    }
    bot.pm(&["edit", &id, "--accept", "it is documented"]).ok();
    let item = repo.data(&["show", &id]);
    let done = item["acceptance"].as_array().unwrap().iter();
    assert_eq!(done.filter(|one| one["done"] == true).count(), 0, "{item}");
    assert_eq!(texts(&item), ["it works", "it is fast", "it is documented"]);
}

/// Of two equal criteria the one that was named goes, whether they are boxes of the text or of the list.
#[test]
fn equal_criteria_are_removed_one_by_one() {
    let (_scene, repo) = set_up();
    let id = with_criteria(
        &repo,
        "One",
        "- [ ] it works\n- [x] it works\n- [ ] it is fast",
    );
    let left = |repo: &Repo| {
        let item = repo.data(&["show", &id]);
        let all = item["acceptance"].as_array().unwrap().clone();
        let pair = |one: &Value| (one["text"].clone(), one["done"].clone());
        all.iter().map(pair).collect::<Vec<_>>()
    };
    let (works, fast) = (json!("it works"), json!("it is fast"));
    repo.pm(&["edit", &id, "--remove-accept", "1"]).ok();
    let wanted = [(works, json!(true)), (fast.clone(), json!(false))];
    assert_eq!(left(&repo), wanted);
    repo.pm(&["edit", &id, "--remove-accept", "it works"]).ok();
    assert_eq!(left(&repo), [(fast, json!(false))]);
    // The list keeps the one that was accepted.
    let listed = [
        "task", "create", "Two", "--accept", "it works", "--accept", "it works",
    ];
    let task = repo.data(&listed)["id"].as_str().unwrap().to_string();
    repo.pm(&["start", &task, "--no-worktree"]).ok();
    repo.pm(&["task", "accept", &task, "2"]).ok();
    repo.pm(&["edit", &task, "--remove-accept", "1"]).ok();
    let item = repo.data(&["show", &task]);
    assert_eq!(texts(&item), ["it works"]);
    assert_eq!(item["acceptance"][0]["done"], true, "{item}");
}
