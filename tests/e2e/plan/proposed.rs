//! The tasks of a plan that is not approved are items: every verb takes them, and no list shows them
//! unless it is asked for them.

use serde_json::{Value, json};

use super::clones::Pair;
use super::{criteria, list, login, own, planned, task, text, texts};
use crate::mcp::Client;
use crate::serve::{Server, token};
use crate::support::{Ran, Repo, Scene, agent, binary, set_up};

/// The id of the proposed item for a task of the plan `P-0001`.
fn id(plan: &Value, title: &str) -> String {
    format!("P-0001/{}", task(plan, title)["number"])
}

/// The ids that a list shows.
fn ids(repo: &Repo, args: &[&str]) -> Vec<String> {
    let data = repo.data(&[&["list"], args].concat());
    let items = list(&data, "items").iter();
    items.map(|item| text(item, "id").to_owned()).collect()
}

/// Runs operations as one commit.
fn batch(repo: &Repo, more: &[&str], operations: &[Value]) -> Ran {
    let lines: Vec<String> = operations.iter().map(Value::to_string).collect();
    repo.feed(binary(), &[&["batch"], more].concat(), &lines.join("\n"))
}

/// PL-10: nothing lists, offers, finds, counts or exports a proposed task unless it is meant.
#[test]
fn pl_10_proposed_tasks_are_in_no_list_that_does_not_ask_for_them() {
    let (_scene, repo, plan) = login();
    let wanted: Vec<String> = own(&plan)
        .iter()
        .map(|task| format!("P-0001/{}", task["number"]))
        .collect();
    for query in ["is:proposed", "status:proposed", "is:proposed kind:task"] {
        assert_eq!(ids(&repo, &[query]), wanted, "{query}");
    }
    let high = ids(&repo, &["is:proposed", "title:key"]);
    assert_eq!(high.len(), 3);
    assert_eq!(ids(&repo, &["is:proposed", "--limit", "2"]).len(), 2);
    assert_eq!(ids(&repo, &["--all"]), ["P-0001"]);
    assert!(ids(&repo, &["--all", "not is:proposed"]).len() == 1);
    assert!(ids(&repo, &["is:proposed", "kind:epic"]).is_empty());
    let ready = repo.data(&["ready"]);
    assert!(list(&ready, "items").is_empty());
    let found = repo.data(&["search", "revoked"]);
    for hit in list(&found, "items") {
        assert_eq!(hit["id"], "P-0001", "{hit}");
    }
    let counted = repo.pm(&["stats", "--json"]).ok().out;
    assert!(!counted.contains("proposed"), "{counted}");
    let exported = repo.pm(&["export", "json"]).ok().out;
    assert!(!exported.contains("\"proposed\""), "{exported}");
}

/// PL-18: a proposed task is edited, labelled, ordered, commented and deleted by the verbs on items,
/// and the item that its approval makes has all of it.
#[test]
fn pl_18_the_verbs_on_items_change_a_proposed_task() {
    let (_scene, repo, plan) = login();
    let (keys, guide) = (id(&plan, "Store public keys"), id(&plan, "Write the guide"));
    let page = id(&plan, "Draw the page");
    repo.pm(&[
        "task",
        "edit",
        &keys,
        "--title",
        "Keep public keys",
        "--risk",
        "high",
        "--estimate",
        "L",
        "--label",
        "db",
        "--assignee",
        "kim",
        "--body",
        "As *they* are.",
        "--priority",
        "1",
        "--accept",
        "",
        "--accept",
        "A key is kept",
        "--accept",
        "A second key is accepted",
        "--design",
        "One table",
    ])
    .ok();
    repo.pm(&["dep", "add", &guide, &keys]).ok();
    repo.pm(&["task", "comment", &keys, "Ask the auditors"])
        .ok();
    let shown = repo.data(&["show", &keys]);
    assert_eq!(shown["status"], "proposed");
    assert_eq!(shown["title"], "Keep public keys");
    assert_eq!(texts(&shown, "labels"), ["db"]);
    assert_eq!(list(&shown, "comments").len(), 1);
    let says = repo.pm(&["show", &guide]).ok().out;
    assert!(says.contains(&keys), "{says}");
    let held = repo.data(&["show", &keys]);
    assert!(held["dependents"].to_string().contains(&guide), "{held}");
    let said = repo.pm(&["task", "delete", &keys]).exits(1).err;
    assert!(said.contains(&guide), "{said}");
    // By its name, too.
    assert_eq!(repo.data(&["show", "P-0001/fr-1"])["id"], keys.as_str());
    let drawn = repo.data(&["graph", &keys]);
    assert_eq!(list(&drawn, "nodes").len(), 3, "{drawn}");
    let error = repo.pm(&["dep", "add", &keys, &guide]).err;
    assert!(error.contains("would create a cycle"), "{error}");
    repo.pm(&["dep", "add", &page, &keys, "--soft"]).ok();
    repo.pm(&["dep", "rm", &page, &keys]).ok();
    repo.pm(&["task", "delete", &page]).ok();
    let now = repo.data(&["plan", "show"]);
    let kept = task(&now, "Keep public keys");
    for (field, value) in [
        ("risk", "high"),
        ("estimate", "L"),
        ("description", "As *they* are."),
    ] {
        assert_eq!(kept[field], value, "{kept}");
    }
    assert_eq!(
        criteria(kept),
        ["A key is kept", "A second key is accepted"]
    );
    assert_eq!(own(&now).len(), 4);
    repo.pm(&["show", &page]).exits(4);
    // Another draft keeps it all.
    repo.pm(&["plan", "new", "login.md"]).ok();
    assert_eq!(repo.data(&["show", &keys])["title"], "Keep public keys");
    repo.pm(&["fsck"]).ok();

    let approved = repo.data(&["plan", "approve", "--yes", "--accept-uncovered"]);
    let item = text(task(&approved, "Keep public keys"), "item").to_owned();
    let made = repo.data(&["show", &item]);
    for (field, value) in [
        ("uid", &shown["uid"]),
        ("title", &json!("Keep public keys")),
        ("labels", &json!(["db"])),
        ("assignee", &json!("kim")),
        ("design", &json!("One table")),
        ("priority", &json!(1)),
        ("body", &json!("As *they* are.")),
        ("status", &json!("queued")),
    ] {
        assert_eq!(made[field], *value, "{field} of {made}");
    }
    assert_eq!(list(&made, "comments").len(), 1);
    assert!(
        texts(
            &repo.data(&["show", text(task(&approved, "Write the guide"), "item")]),
            "depends_on"
        )
        .contains(&item.as_str())
    );
    // The name in the plan still leads to it.
    assert_eq!(repo.data(&["show", &keys])["id"], item.as_str());
    assert!(ids(&repo, &["is:proposed"]).is_empty());
}

/// PL-16: a proposed task is not started, closed or accepted, and the refusal names the approval.
#[test]
fn pl_16_nothing_starts_or_closes_a_proposed_task() {
    let (_scene, repo, plan) = login();
    let keys = id(&plan, "Store public keys");
    let before = super::tip(&repo);
    for args in [
        &["task", "start", &keys][..],
        &["task", "done", &keys, "--force"],
        &["task", "cancel", &keys],
        &["task", "block", &keys, "why"],
        &["task", "defer", &keys],
        &["task", "accept", &keys, "--all"],
        &["task", "edit", &keys, "--notes", "mine"],
    ] {
        let said = repo.pm(args).exits(1).err;
        assert!(said.contains("is proposed"), "{args:?}: {said}");
        assert!(
            said.contains("git pm plan approve P-0001"),
            "{args:?}: {said}"
        );
    }
    let outside = repo.task("Elsewhere", &[]);
    let said = repo.pm(&["dep", "add", &keys, &outside]).exits(1).err;
    assert!(said.contains("only for tasks of its own plan"), "{said}");
    let said = repo.pm(&["show", "P-0001/99"]).exits(4).err;
    assert!(said.contains("has no task `99`"), "{said}");
    repo.pm(&["show", "P-0009/1"]).exits(4);
    assert_eq!(own(&repo.data(&["plan", "show"])), own(&plan));
    assert_ne!(before, super::tip(&repo));
}

/// SE-05: an agent cannot plan a change of a protected path by another verb.
#[test]
fn se_05_an_agent_plans_no_protected_path_as_an_item() {
    let (_scene, repo, plan) = login();
    let keys = id(&plan, "Store public keys");
    let bot = agent(&repo).by("bot");
    let args = ["task", "edit", &keys, "--path", "secrets/key.pem"];
    let said = bot.pm(&args).exits(1).err;
    assert!(said.contains("protected"), "{said}");
    bot.pm(&["task", "edit", &keys, "--path", "src/key.rs"])
        .ok();
    repo.pm(&args).ok();
}

/// PL-18, PL-14: two clones that change one proposed task have both changes, and an approval leaves
/// a task that was changed as an item after its approver looked.
#[test]
fn pl_18_two_clones_change_one_proposed_task() {
    let pair = Pair::new();
    let keys = id(&pair.plan, "Store public keys");
    pair.a.pm(&["task", "edit", &keys, "--risk", "high"]).ok();
    pair.b
        .pm(&["task", "edit", &keys, "--title", "Keep keys"])
        .ok();
    pair.b.pm(&["task", "edit", &keys, "--label", "db"]).ok();
    let plan = pair.sync_both();
    assert_eq!(task(&plan, "Keep keys")["risk"], "high");
    let version = text(&plan, "version").to_owned();
    pair.b.pm(&["task", "edit", &keys, "--label", "ui"]).ok();
    pair.sync_both();
    let args = [
        "plan",
        "approve",
        "--yes",
        "--accept-uncovered",
        "--expect",
        &version,
    ];
    let approved = pair.a.data(&args);
    let left = list(&approved, "left");
    assert!(
        left.iter().any(|task| task["title"] == "Keep keys"),
        "{left:?}"
    );
    assert_eq!(pair.a.data(&["show", &keys])["status"], "proposed");
    pair.sync_both();
}

/// AP-03: the version of a proposed task is compared like that of an item.
#[test]
fn ap_03_a_changed_proposed_task_is_not_overwritten() {
    let (_scene, repo, plan) = login();
    let keys = id(&plan, "Store public keys");
    let seen = repo.data(&["show", &keys]);
    let version = text(&seen, "version");
    let edit = |title: &str| {
        repo.pm(&[
            "--if-version",
            version,
            "task",
            "edit",
            &keys,
            "--title",
            title,
        ])
    };
    edit("First").ok();
    edit("Second").exits(3);
    assert_eq!(repo.data(&["show", &keys])["title"], "First");
}

/// PL-18: a batch, MCP and HTTP take a proposed task by its name.
#[test]
fn pl_18_every_door_takes_a_proposed_task() {
    let (_scene, repo, plan) = login();
    let (keys, page) = (id(&plan, "Store public keys"), id(&plan, "Draw the page"));
    let lines = [
        json!({"op": "task.edit", "id": keys, "priority": 1}),
        json!({"op": "task.edit", "id": keys, "risk": "high"}),
        json!({"op": "dep.add", "id": page, "on": keys}),
    ];
    batch(&repo, &["--json"], &lines).ok();
    let shown = repo.data(&["show", &keys]);
    assert_eq!(
        (&shown["priority"], &shown["risk"]),
        (&json!(1), &json!("high"))
    );
    assert_eq!(
        texts(&repo.data(&["show", &page]), "depends_on"),
        [keys.as_str()]
    );

    let mut client = Client::start(&repo, &["--tools", "all", "--as", "claude"]);
    let edited = client.data("task_edit", json!({"id": keys, "title": "Keep keys"}));
    assert_eq!(edited["title"], "Keep keys");
    let found = client.data("list", json!({"query": "is:proposed"}));
    assert_eq!(list(&found, "items").len(), 5);
    client.end();

    let write = token(&repo, "writer", &["--scope", "write"]);
    let server = Server::start(&repo, &[]);
    let path = format!("/api/v1/items/{}", keys.replace('/', "%2F"));
    assert_eq!(server.get(&path).data()["title"], "Keep keys");
    let body = json!({ "id": keys, "text": "Ask first" }).to_string();
    let answer = server.with(&write, "POST", "/api/v1/task/comment", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let found = server.get("/api/v1/list?query=is%3Aproposed");
    assert_eq!(list(&found.data(), "items").len(), 5, "{}", found.body);
    let page = server.get(&format!("/items/{}", keys.replace('/', "%2F")));
    assert!(page.body.contains("Ask first"), "{}", page.body);
    server.end();
}

/// PL-14: an approval makes items with the values that the proposed items had.
#[test]
fn pl_14_an_approval_makes_what_the_proposed_items_showed() {
    for document in [super::LOGIN, super::PHASES] {
        let (_scene, repo) = set_up();
        let plan = planned(&repo, "work.md", document);
        let before: Vec<Value> = own(&plan)
            .iter()
            .map(|task| repo.data(&["show", &format!("P-0001/{}", task["number"])]))
            .collect();
        let approved = repo.data(&["plan", "approve", "--yes", "--accept-uncovered"]);
        for (was, planned) in before.iter().zip(own(&approved)) {
            let now = repo.data(&["show", text(planned, "item")]);
            for field in [
                "uid",
                "alias",
                "title",
                "type",
                "priority",
                "assignee",
                "estimate",
                "risk",
                "validation",
                "stream",
                "labels",
                "acceptance",
                "paths",
                "auto_policy",
                "body",
                "estimated_minutes",
                "edges",
            ] {
                let same = match field {
                    // Tests appear with the approval.
                    "edges" => {
                        let other = |of: &Value| -> Vec<Value> {
                            let all = list(of, field).iter();
                            let all = all.filter(|edge| edge["type"] != "blocks");
                            all.map(|edge| edge["type"].clone()).collect()
                        };
                        other(was) == other(&now)
                    }
                    _ => was[field] == now[field],
                };
                assert!(same, "{field}: {was} and {now}");
            }
        }
    }
}

/// PL-18: a refused change of a proposed task leaves nothing behind, and opens no policy.
#[test]
fn se_05_a_refused_change_in_a_batch_leaves_nothing_behind() {
    let (_scene, repo, plan) = login();
    let (keys, page) = (id(&plan, "Store public keys"), id(&plan, "Draw the page"));
    let bot = agent(&repo).by("bot");
    let lines = [
        json!({"op": "task.edit", "id": keys, "auto-policy": "review", "metadata": "{\"a\":1}"}),
        json!({"op": "task.edit", "id": page, "title": "Draw it"}),
    ];
    batch(&bot, &["--skip-invalid"], &lines);
    let shown = repo.data(&["show", &keys]);
    assert_eq!(shown["auto_policy"], "none", "{shown}");
    assert_eq!(repo.data(&["show", &page])["title"], "Draw it");
    bot.pm(&["task", "edit", &keys, "--auto-policy", "review"])
        .exits(1);
}

/// PL-14: a policy that a human forbids by hand stays forbidden, cleared fields and half hours are
/// refused, and a test keeps its number.
#[test]
fn pl_14_what_a_plan_cannot_keep_of_an_item_is_refused() {
    let (_scene, repo, plan) = login();
    let (keys, guide) = (id(&plan, "Store public keys"), id(&plan, "Write the guide"));
    for (field, value) in [
        ("--risk", ""),
        ("--estimate", ""),
        ("--validation", ""),
        ("--stream", ""),
        ("--minutes", "90"),
        ("--metadata", "{\"a\":1}"),
    ] {
        let said = repo.pm(&["task", "edit", &keys, field, value]).exits(1).err;
        assert!(said.contains("is proposed"), "{field}: {said}");
    }
    repo.pm(&["task", "edit", &keys, "--minutes", "180"]).ok();
    repo.pm(&["task", "edit", &keys, "--defer", "2040-01-01"])
        .ok();
    repo.pm(&["task", "edit", &keys, "--auto-policy", "none"])
        .ok();
    repo.pm(&["task", "edit", &guide, "--validation", "test-after"])
        .ok();
    let now = repo.data(&["plan", "show"]);
    let test = super::test_of(&now, task(&now, "Write the guide")).unwrap();
    let test = test["number"].clone();
    repo.pm(&["plan", "add", "One more"]).ok();
    let now = repo.data(&["plan", "show"]);
    let again = super::test_of(&now, task(&now, "Write the guide")).unwrap();
    assert_eq!(again["number"], test);
    let approved = repo.data(&["plan", "approve", "--yes", "--accept-uncovered"]);
    let item = text(task(&approved, "Store public keys"), "item").to_owned();
    let made = repo.data(&["show", &item]);
    assert_eq!(made["estimated_minutes"], 180);
    // The default is not stored; what forbids is.
    let args = [
        "grep",
        "-c",
        "auto_policy: none",
        "refs/pm/main",
        "--",
        "tasks",
    ];
    assert_eq!(repo.git(&args).text().lines().count(), 1);
}

/// PL-14: who approves sees every field that an item gets, and an approval leaves a task whose date
/// was changed since.
#[test]
fn pl_14_an_approver_sees_all_that_an_item_gets() {
    let (_scene, repo, plan) = login();
    let keys = id(&plan, "Store public keys");
    repo.pm(&[
        "task",
        "edit",
        &keys,
        "--design",
        "One table",
        "--label",
        "db",
        "--assignee",
        "eve",
    ])
    .ok();
    let shown = repo.data(&["plan", "show"]);
    let more = &task(&shown, "Store public keys")["more"];
    assert_eq!(
        *more,
        json!({"design": "One table", "labels": "db", "assignee": "eve"})
    );
    let screen = repo.pm(&["plan", "show", "-v"]).ok().out;
    assert!(screen.contains("design: One table"), "{screen}");
    let version = text(&shown, "version").to_owned();
    repo.pm(&["task", "edit", &keys, "--due", "2040-01-01"])
        .ok();
    let args = [
        "plan",
        "approve",
        "--yes",
        "--accept-uncovered",
        "--expect",
        &version,
    ];
    let approved = repo.data(&args);
    assert!(task(&approved, "Store public keys")["item"].is_null());
}

/// PL-18: nothing that exists waits for a proposed task, and no edges around one close a cycle.
#[test]
fn pl_18_no_item_waits_for_a_proposed_task() {
    let (_scene, repo, plan) = login();
    let keys = id(&plan, "Store public keys");
    let (one, two) = (repo.task("One", &[]), repo.task("Two", &[]));
    for args in [
        &["dep", "add", &one, &keys][..],
        &["dep", "add", &one, &keys, "--type", "related"],
        &["task", "create", "Three", "--depends-on", &keys],
        &["task", "edit", &one, "--parent", &keys],
    ] {
        let said = repo.pm(args).exits(1).err;
        assert!(said.contains("no item can refer to it"), "{args:?}: {said}");
    }
    let lines = [
        json!({"op": "dep.add", "id": id(&plan, "Draw the page"), "on": keys}),
        json!({"op": "dep.add", "id": one, "on": two}),
        json!({"op": "dep.add", "id": two, "on": one}),
    ];
    let ran = batch(&repo, &[], &lines);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("cycle"), "{}", ran.err);
    repo.pm(&["fsck"]).ok();
}

/// PL-03: a PRD whose number a deleted one has, too, and names with many slashes, are no trouble.
#[test]
fn pl_03_odd_names_of_plans_are_no_trouble() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    planned(&a, "login.md", super::LOGIN);
    a.pm(&["issue", "delete", "P-0001", "--force"]).ok();
    a.pm(&["sync"]).ok();
    planned(&b, "phases.md", super::PHASES);
    b.pm(&["sync"]).ok();
    b.pm(&["task", "edit", "P-0001/1", "--title", "Once"]).ok();
    b.pm(&["task", "edit", "P-0001/1", "--title", "Twice"]).ok();
    assert_eq!(b.data(&["show", "P-0001/1"])["title"], "Twice");
    for name in [
        "/".repeat(30_000),
        "P-0001/".repeat(10_000),
        "P-0001/1/2".into(),
    ] {
        b.pm(&["show", &name]).exits(4);
    }
}

/// PL-10: a task that was seeded before its plan is one task.
#[test]
fn pl_10_a_seeded_task_is_not_proposed_again() {
    let (_scene, repo) = set_up();
    repo.write("login.md", super::LOGIN);
    repo.pm(&["plan", "seed", "login.md"]).ok();
    let plan = repo.data(&["plan", "new", "login.md"]);
    let made = repo.data(&["show", "T-0001"]);
    let name = id(&plan, text(&made, "title"));
    assert_eq!(repo.data(&["show", &name])["id"], "T-0001");
    assert!(!ids(&repo, &["is:proposed"]).contains(&name));
    // What was deleted after its approval is not found under the name it had.
    repo.pm(&["plan", "approve", "--yes", "--accept-uncovered"])
        .ok();
    repo.pm(&["task", "delete", "T-0001", "--force"]).ok();
    repo.pm(&["task", "comment", &name, "x"]).exits(4);
}

/// PL-14: an approval is undone although a proposed task had a comment, which it keeps.
#[test]
fn pl_14_an_approval_of_commented_tasks_can_be_undone() {
    let (_scene, repo, plan) = login();
    let keys = id(&plan, "Store public keys");
    repo.pm(&["task", "comment", &keys, "Ask"]).ok();
    repo.pm(&["plan", "approve", "--yes", "--accept-uncovered"])
        .ok();
    repo.pm(&["undo"]).ok();
    let shown = repo.data(&["show", &keys]);
    assert_eq!(shown["status"], "proposed");
    assert_eq!(list(&shown, "comments").len(), 1);
    assert!(ids(&repo, &["is:proposed", "public"]) == [keys.as_str()]);
    repo.pm(&["task", "edit", &keys, "--title", "Again"]).ok();
    let approved = repo.data(&["plan", "approve", "--yes", "--accept-uncovered"]);
    let item = text(task(&approved, "Again"), "item").to_owned();
    assert_eq!(repo.data(&["show", &item])["title"], "Again");
}

/// SE-05: what a human forbids in a plan by hand, no agent permits, nor by a merge of tasks.
#[test]
fn se_05_an_agent_does_not_permit_what_a_human_forbade_in_a_plan() {
    let (_scene, repo, plan) = login();
    let (keys, page) = (id(&plan, "Store public keys"), id(&plan, "Draw the page"));
    let private = ["--auto-policy", "none", "--label", "privacy:local"];
    repo.pm(&[&["task", "edit", &page], &private[..]].concat())
        .ok();
    let bot = agent(&repo).by("bot");
    for policy in ["develop", ""] {
        bot.pm(&["task", "edit", &page, "--auto-policy", policy])
            .exits(1);
    }
    let number = |id: &str| id.rsplit_once('/').unwrap().1.to_owned();
    repo.pm(&["task", "edit", &keys, "--label", "db"]).ok();
    bot.pm(&["plan", "merge", &number(&keys), &number(&page)])
        .ok();
    assert_eq!(
        texts(&repo.data(&["show", &keys]), "labels"),
        ["db", "privacy:local"]
    );
    bot.pm(&["task", "edit", &keys, "--auto-policy", "develop"])
        .exits(1);
}

/// PL-14: what a clone gave a proposed task while another approved it reaches the item by the next
/// approval.
#[test]
fn pl_14_values_given_during_an_approval_are_not_lost() {
    let pair = Pair::new();
    let page = id(&pair.plan, "Draw the page");
    pair.b
        .pm(&[
            "task",
            "edit",
            &page,
            "--label",
            "urgent",
            "--assignee",
            "ann",
            "--design",
            "D",
        ])
        .ok();
    let args = ["plan", "approve", "--yes", "--accept-uncovered"];
    pair.a.pm(&args).ok();
    let plan = pair.sync_both();
    let item = text(task(&plan, "Draw the page"), "item").to_owned();
    pair.b.pm(&args).ok();
    let made = pair.b.data(&["show", &item]);
    assert_eq!(texts(&made, "labels"), ["urgent"]);
    assert_eq!(
        (&made["assignee"], &made["design"]),
        (&json!("ann"), &json!("D"))
    );
    pair.sync_both();
}

/// PL-18: a proposed task is found by its uid, a repeated command answers again, and what waits for
/// an existing task keeps it.
#[test]
fn pl_18_a_proposed_task_is_known_by_its_uid_and_keeps_what_it_waits_for() {
    let (_scene, repo, plan) = login();
    let keys = id(&plan, "Store public keys");
    let uid = text(&repo.data(&["show", &keys]), "uid").to_owned();
    assert_eq!(repo.data(&["show", &uid])["id"], keys.as_str());
    for _ in 0..2 {
        let args = [
            "--idempotency-key",
            "k",
            "task",
            "edit",
            &keys,
            "--title",
            "Once",
        ];
        repo.pm(&args).ok();
    }
    let fsck = repo.pm(&["fsck"]).ok().out;
    assert!(fsck.contains("notes: 0"), "{fsck}");
    repo.pm(&["plan", "approve", "--yes", "--accept-uncovered"])
        .ok();
    repo.pm(&["undo"]).ok();
    let shown = repo.data(&["show", &keys]);
    assert_eq!(list(&shown, "dependents").len(), 1, "{shown}");
    repo.pm(&["plan", "approve", "--yes", "--accept-uncovered"])
        .ok();
    let plan = repo.data(&["plan", "add", "New"]);
    let page = text(task(&plan, "Draw the page"), "item").to_owned();
    repo.pm(&["dep", "add", &id(&plan, "New"), &page]).ok();
    let said = repo.pm(&["task", "delete", &page]).exits(1).err;
    assert!(said.contains(&id(&plan, "New")), "{said}");
    let waits = repo.pm(&["dep", "list", &page]).ok().out;
    assert!(waits.contains(&id(&plan, "New")), "{waits}");
}

/// PL-11: a criterion that an edit adds is no statement of the document.
#[test]
fn pl_11_a_criterion_by_hand_carries_no_lines() {
    let (_scene, repo, plan) = login();
    let page = id(&plan, "Draw the page");
    repo.pm(&[
        "task",
        "edit",
        &page,
        "--accept",
        "",
        "--accept",
        "It is nice",
    ])
    .ok();
    let now = repo.data(&["plan", "show"]);
    let source = &task(&now, "Draw the page")["acceptance"][0]["source"];
    assert_eq!(source["lines"]["start"], 0, "{source}");
    let checks = repo.pm(&["plan", "check"]);
    let said = format!("{}{}", checks.out, checks.err);
    assert!(!said.contains("lines that are gone"), "{said}");
}

/// PL-10: a query that also asks for other items has both, in the order of the plans.
#[test]
fn pl_10_a_query_mixes_proposed_and_other_items() {
    let (_scene, repo, plan) = login();
    repo.task("Other", &[]);
    planned(&repo, "phases.md", super::PHASES);
    let first = own(&plan).len();
    let all = ids(&repo, &["is:proposed"]);
    assert!(
        all[..first].iter().all(|id| id.starts_with("P-0001/")),
        "{all:?}"
    );
    assert!(
        all[first..].iter().all(|id| id.starts_with("P-0002/")),
        "{all:?}"
    );
    // The two documents are queued as well, but nothing that can be started.
    for (query, others) in [
        ("is:proposed or is:ready", 1),
        ("status:proposed,queued", 3),
    ] {
        let both = ids(&repo, &[query]);
        assert_eq!(both.len(), all.len() + others, "{query}: {both:?}");
    }
    let text = "### 5. Numeric name\n- Do it\n";
    let args = ["plan", "write", "P-0001", "-", "--patch"];
    repo.feed(binary(), &args, text).ok();
    let shown = repo.data(&["show", "P-0001/5"]);
    assert_eq!(shown["id"], "P-0001/5");
}
