//! The commands on issues, gates and views that write, killed and failed as those of `matrix`.
//! TM-14.

use serde_json::{Value, json};

use crate::faults::stage::{Case, Stage};
use crate::support::Repo;

/// A state that all clones have, with issues of these titles, and their ids.
fn with_issues(titles: &[&str], more: impl FnOnce(&Repo, &[String])) -> (Stage, Vec<String>) {
    let mut ids = Vec::new();
    let stage = Stage::with_state(|stage| {
        let a = stage.at("a");
        for title in titles {
            ids.push(a.pm(&["issue", "q", title]).ok().text());
        }
        more(&a, &ids);
        a.pm(&["sync"]).ok();
        stage.at("b").pm(&["sync"]).ok();
    });
    (stage, ids)
}

#[test]
fn tm_14_an_interrupted_issue_create_happened_or_not() {
    let (stage, ids) = with_issues(&["One", "Two"], |_, _| ());
    let args = [
        "issue",
        "create",
        "New",
        "--deps",
        &format!("{},discovered-from:{}", ids[0], ids[1]),
        "-d",
        "Text",
        "-l",
        "new",
    ];
    Case::new("issue create", stage, &args).run();
}

#[test]
fn tm_14_an_interrupted_copy_of_a_template_happened_completely_or_not() {
    let (stage, ids) = with_issues(&["Release"], |a, ids| {
        a.pm(&["issue", "update", &ids[0], "--template"]).ok();
        for part in ["Build", "Ship"] {
            a.pm(&["issue", "q", part, "--parent", &ids[0]]).ok();
        }
    });
    let args = ["issue", "create", "Release 2", "--from", &ids[0]];
    Case::new("issue create --from", stage, &args).run();
}

#[test]
fn tm_14_an_interrupted_update_of_many_happened_for_all_or_none() {
    let (stage, ids) = with_issues(&["One", "Two"], |_, _| ());
    let what = [
        "--status",
        "in_progress",
        "--append-notes",
        "half of it",
        "--add-label",
        "new",
    ];
    let args = [&["issue", "update", &ids[0], &ids[1]][..], &what].concat();
    Case::new("issue update", stage, &args).run();
    let (stage, ids) = with_issues(&["One", "Two"], |_, _| ());
    let args = [
        "issue",
        "defer",
        &ids[0],
        &ids[1],
        "--until",
        "2025-07-01T00:00:00Z",
    ];
    Case::new("issue defer", stage, &args).run();
}

#[test]
fn tm_14_an_interrupted_close_of_many_happened_for_all_or_none() {
    let (stage, ids) = with_issues(&["One", "Two"], |_, _| ());
    let args = ["issue", "close", &ids[0], &ids[1], "--reason", "fixed"];
    Case::new("issue close", stage, &args).run();
}

#[test]
fn tm_14_an_interrupted_close_of_another_clones_issue_is_completed_by_repeating_it() {
    fn end(a: &Repo) {
        // A change that was pushed but not recorded here is known after the next sync.
        a.pm(&["sync"]).ok();
        let open = a.data(&["issue", "list"]);
        let open = open["items"].as_array().unwrap().iter();
        let ids: Vec<&str> = open.map(|item| item["id"].as_str().unwrap()).collect();
        if !ids.is_empty() {
            let close = ["issue", "close", "--force"];
            a.pm(&[&close[..], &ids].concat()).ok();
        }
    }
    let mut ids = Vec::new();
    let stage = Stage::with_state(|stage| {
        let (a, b) = (stage.at("a"), stage.at("b"));
        ids.extend(["One", "Two"].map(|title| a.pm(&["issue", "q", title]).ok().text()));
        a.pm(&["sync"]).ok();
        b.pm(&["sync"]).ok();
        b.pm(&["issue", "claim", &ids[0]]).ok();
        a.pm(&["sync"]).ok();
    });
    let args = ["issue", "close", &ids[0], &ids[1], "--force"];
    Case::steps("issue close of others", stage, &args, end)
        .reaching(&["publish-pushed:1", "ref-rename:1"])
        .run();
}

#[test]
fn tm_14_an_interrupted_delete_of_a_tree_happened_completely_or_not() {
    let (stage, ids) = with_issues(&["Whole", "Other"], |a, ids| {
        for part in ["Build", "Ship"] {
            a.pm(&["issue", "q", part, "--parent", &ids[0]]).ok();
        }
        a.pm(&["issue", "dep", "add", &ids[1], &ids[0]]).ok();
    });
    let args = ["issue", "delete", &ids[0], "--cascade", "--force"];
    Case::new("issue delete", stage, &args).run();
}

/// The steps that a person takes after an interrupted claim: look at the issue, and claim it again
/// if it has no holder.
fn claim_again(a: &Repo) {
    a.pm(&["sync"]).ok();
    let items = a.data(&["issue", "list"]);
    let mut open = items["items"].as_array().unwrap().iter();
    if let Some(free) = open.find(|item| item["title"] == "One" && item["status"] == "open") {
        a.pm(&["issue", "claim", free["id"].as_str().unwrap()]).ok();
    }
}

#[test]
fn tm_14_an_interrupted_claim_is_made_once_by_repeating_it() {
    let (stage, ids) = with_issues(&["One"], |_, _| ());
    let args = ["issue", "claim", &ids[0]];
    Case::steps("issue claim", stage, &args, claim_again)
        .reaching(&["publish-pushed:1", "intent-rename:1", "ref-rename:1"])
        .run();
}

#[test]
fn tm_14_an_interrupted_close_continue_is_completed_by_its_single_verbs() {
    fn end(a: &Repo) {
        a.pm(&["sync"]).ok();
        let items = a.data(&["issue", "list"]);
        let mut open = items["items"].as_array().unwrap().iter();
        if let Some(left) = open.find(|item| item["title"] == "Zero") {
            a.pm(&["issue", "close", left["id"].as_str().unwrap()]).ok();
        }
        claim_again(a);
    }
    let (stage, ids) = with_issues(&["Zero", "One"], |a, ids| {
        a.pm(&["issue", "dep", "add", &ids[1], &ids[0]]).ok();
    });
    let args = ["issue", "close", &ids[0], "--continue"];
    Case::steps("issue close --continue", stage, &args, end)
        .reaching(&["write-swapped:1", "publish-pushed:1", "ref-rename:2"])
        .run();
}

/// The ephemeral issues of this clone.
fn ephemeral(a: &Repo) -> Value {
    if a.tip("refs/pm-local/ephemeral").is_empty() {
        return json!([]);
    }
    let list = a.data(&["issue", "list", "--all", "--ephemeral"]);
    let items = list["items"].as_array().unwrap().iter();
    let mut said: Vec<String> = items
        .map(|item| format!("{} {} {}", item["title"], item["status"], item["labels"]))
        .collect();
    said.sort();
    json!(said)
}

#[test]
fn tm_14_an_interrupted_first_ephemeral_create_happened_or_not() {
    let args = ["issue", "create", "Patrol", "--ephemeral", "-l", "night"];
    Case::new("issue create --ephemeral", Stage::with_state(|_| ()), &args)
        .seeing(ephemeral)
        .reaching(&["object-write:1", "ref-rename:2", "lock-held:1"])
        .run();
}

/// A state with ephemeral issues made at the given time, and their ids.
fn with_ephemeral(titles: &[&str], when: &str) -> (Stage, Vec<String>) {
    let mut ids = Vec::new();
    let stage = Stage::with_state(|stage| {
        let a = stage.at("a").when(when);
        for title in titles {
            ids.push(a.pm(&["issue", "q", title, "--ephemeral"]).ok().text());
        }
    });
    (stage, ids)
}

#[test]
fn tm_14_an_interrupted_close_of_ephemeral_issues_happened_for_all_or_none() {
    let (stage, ids) = with_ephemeral(&["One", "Two"], "2025-06-01T12:00:00Z");
    let args = ["issue", "close", &ids[0], &ids[1], "--ephemeral"];
    Case::new("issue close --ephemeral", stage, &args)
        .seeing(ephemeral)
        .run();
}

#[test]
fn tm_14_an_interrupted_removal_of_ephemeral_issues_is_completed_by_the_next_gc() {
    fn end(a: &Repo) {
        a.pm(&["gc"]).ok();
    }
    let (stage, _) = with_ephemeral(&["One", "Two"], "2025-05-01T12:00:00Z");
    Case::steps("gc of ephemeral issues", stage, &["gc"], end)
        .seeing(ephemeral)
        .reaching(&["object-write:1", "ref-rename:1"])
        .run();
}

#[test]
fn tm_14_an_interrupted_gate_create_happened_or_not() {
    let (stage, ids) = with_issues(&["One", "Two"], |_, _| ());
    let args = [
        "issue",
        "gate",
        "create",
        "timer",
        "--timeout",
        "4h",
        "--title",
        "Wait",
        "--blocks",
        &ids[0],
        "--blocks",
        &ids[1],
    ];
    Case::new("issue gate create", stage, &args).run();
}

/// Issues that each wait for a gate of this kind, and the ids of the gates.
fn with_gates(gate: &[&str]) -> (Stage, Vec<String>) {
    let mut gates = Vec::new();
    let (stage, _) = with_issues(&["One", "Two"], |a, ids| {
        let before = a.when("2025-05-01T12:00:00Z");
        for (id, title) in ids.iter().zip(["First", "Second"]) {
            let create = ["issue", "gate", "create"];
            let of = ["--title", title, "--blocks", id];
            let made = before.data(&[&create[..], gate, &of].concat());
            gates.push(made["id"].as_str().unwrap().to_string());
        }
    });
    (stage, gates)
}

#[test]
fn tm_14_an_interrupted_gate_check_opened_all_or_none() {
    let (stage, _) = with_gates(&["timer", "--timeout", "4h"]);
    Case::new("issue gate check", stage, &["issue", "gate", "check"]).run();
}

#[test]
fn tm_14_an_interrupted_opening_of_gates_by_hand_opened_all_or_none() {
    let (stage, gates) = with_gates(&["human"]);
    let args = ["issue", "gate", "resolve", &gates[0], &gates[1]];
    Case::new("issue gate resolve", stage, &args).run();
}

fn views(a: &Repo) -> Value {
    a.data(&["view", "list"])
}

#[test]
fn tm_14_an_interrupted_save_of_a_view_happened_or_not() {
    let prepare = |stage: &Stage| {
        let a = stage.at("a");
        a.pm(&["view", "save", "mine", "owner:me"]).ok();
    };
    let args = ["view", "save", "mine", "is:open", "--sort", "priority"];
    Case::new("view save", Stage::with_state(prepare), &args)
        .seeing(views)
        .run();
    Case::new(
        "view rm",
        Stage::with_state(prepare),
        &["view", "rm", "mine"],
    )
    .seeing(views)
    .run();
}

#[test]
fn tm_14_an_interrupted_reimport_happened_completely_or_not() {
    let line = |id: &str, day: u8, more: &str| {
        format!(
            "{{\"id\":\"{id}\",\"title\":\"Of {id}\",\"status\":\"open\",\
             \"created_at\":\"2025-01-01T00:00:00Z\",\
             \"updated_at\":\"2025-01-{day:02}T00:00:00Z\"{more}}}\n"
        )
    };
    let first = line("bd-1", 1, "") + &line("bd-2", 1, "");
    let stage = Stage::with_state(|stage| {
        let a = stage.at("a");
        a.write("first.jsonl", &first);
        a.pm(&["import", "beads", "first.jsonl"]).ok();
        std::fs::remove_file(a.path.join("first.jsonl")).unwrap();
        a.pm(&["sync"]).ok();
    });
    let waits = ",\"dependencies\":[{\"issue_id\":\"bd-2\",\"depends_on_id\":\"bd-1\",\
                 \"type\":\"blocks\"}]";
    let said = ",\"labels\":[\"new\"],\"comments\":[{\"id\":1,\"issue_id\":\"bd-1\",\
                \"author\":\"emma\",\"text\":\"hi\",\"created_at\":\"2025-01-02T10:00:00Z\"}]";
    let second = line("bd-1", 2, said) + &line("bd-2", 2, waits) + &line("bd-3", 2, "");
    Case::new("import beads again", stage, &["import", "beads", "-"])
        .reading(second)
        .run();
}
