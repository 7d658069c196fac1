//! Tools, resources and prompts: what they return, and how they fail.

use serde_json::{Value, json};

use super::{Client, text_of};
use crate::support::{Scene, set_up};

/// The tokens that the tools which are always offered may cost in a client's context, at four
/// bytes a token. `sdk` counts them with a tokenizer.
const BUDGET: usize = 2_400;

#[test]
fn the_tools_that_are_always_offered_stay_within_their_budget() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &[]);
    let tools = client.tools();
    let names: Vec<&str> = tools
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "prime",
            "ready",
            "show",
            "start",
            "next",
            "finish",
            "task_drop",
            "task_create",
            "task_comment",
            "reserve_add",
            "reserve_release",
            "msg_send",
            "msg_read",
            "handoff",
            "learn_search",
            "learn_add",
            "learn_use",
            "learn_none",
        ]
    );
    // It takes `force`, whether that is listed or not.
    let finish = tools.iter().find(|one| one["name"] == "finish").unwrap();
    assert!(finish["inputSchema"]["properties"]["force"].is_null());
    assert!(finish["annotations"].is_null(), "{finish}");
    let instructions = client.hello["instructions"].as_str().unwrap().len();
    let bytes = Value::from(tools).to_string().len() + instructions;
    assert!(
        bytes / 4 < BUDGET,
        "the tool list has {bytes} bytes, about {} tokens",
        bytes / 4
    );
    println!(
        "the tool list has {bytes} bytes, about {} tokens",
        bytes / 4
    );
}

/// MS-05: nothing is said twice, and what a model cannot use is left out.
#[test]
fn an_answer_is_about_as_long_as_that_of_the_command_line() {
    let (_scene, repo) = set_up();
    for n in 1..=20 {
        let before = format!("T-{:04}", n - 1);
        let depends = ["--depends-on", before.as_str()];
        let paths = ["--accept", "green", "--path", "src/**"];
        let waits: &[&str] = if n % 3 == 0 { &depends } else { &[] };
        repo.task(&format!("Part {n} of the work"), &[&paths, waits].concat());
    }
    let mut client = Client::of_model(&repo, &["--tools", "all"]);
    for (tool, arguments, command) in [
        ("status", json!({}), vec!["status"]),
        ("triage", json!({}), vec!["triage"]),
        ("order", json!({}), vec!["order"]),
        ("blocked", json!({}), vec!["blocked"]),
        ("list", json!({}), vec!["list"]),
        ("log", json!({}), vec!["log", "--limit", "20"]),
        ("show", json!({ "id": "T-3" }), vec!["show", "T-3"]),
        ("why", json!({ "id": "T-3" }), vec!["why", "T-3"]),
    ] {
        let result = client.call(tool, arguments);
        let (text, printed) = (text_of(&result), repo.pm(&command).ok().out);
        assert!(result["structuredContent"].is_null(), "{tool}");
        let most = printed.len() * 5 / 2 + 100;
        assert!(
            text.len() < most,
            "{tool}: {} of {most}\n{text}",
            text.len()
        );
    }
}

#[test]
fn a_cursor_that_was_never_given_out_is_refused() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &[]);
    for list in ["tools", "resources", "resources/templates", "prompts"] {
        let method = format!("{list}/list");
        let refused = client.request(&method, json!({ "cursor": "x" }));
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
        let all = client.request(&method, json!({}));
        assert!(all["result"]["nextCursor"].is_null(), "{all}");
    }
}

#[test]
fn a_limit_of_zero_means_all() {
    let (_scene, repo) = set_up();
    for n in 0..22 {
        repo.task(&format!("Task {n}"), &[]);
    }
    let mut client = Client::start(&repo, &["--tools", "all"]);
    for (tool, arguments) in [
        ("ready", json!({ "limit": 0 })),
        ("list", json!({ "query": "is:open", "limit": 0 })),
    ] {
        let found = client.data(tool, arguments);
        assert_eq!(found["items"].as_array().unwrap().len(), 22, "{tool}");
    }
    assert_eq!(
        client.data("ready", json!({}))["items"]
            .as_array()
            .unwrap()
            .len(),
        20
    );
}

#[test]
fn a_message_can_be_sent_to_an_actor_who_is_new() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &[]);
    let send = |new: bool| json!({ "to": ["zoe"], "subject": "Hi", "new": new });
    client.error("msg_send", send(false));
    let sent = client.data("msg_send", send(true));
    assert_eq!(sent["to"], json!(["zoe"]));
}

#[test]
fn dependencies_are_shown_in_their_direction() {
    let (_scene, repo) = set_up();
    let first = repo.task("First", &[]);
    let second = repo.task("Second", &["--depends-on", &first]);
    let mut client = Client::of_model(&repo, &[]);
    let text = |answer: Value| text_of(&answer).to_string();
    let shown = text(client.call("show", json!({ "id": second })));
    assert!(shown.contains(&format!("waits for: {first} ")), "{shown}");
    let shown = text(client.call("show", json!({ "id": first })));
    assert!(shown.contains(&format!("needed by: {second} ")), "{shown}");
}

#[test]
fn satisfied_gates_are_closed() {
    let (_scene, repo) = set_up();
    let waits = repo
        .pm(&["issue", "q", "Waits"])
        .ok()
        .out
        .trim()
        .to_string();
    repo.pm(&[
        "issue",
        "gate",
        "create",
        "timer",
        "--timeout",
        "1s",
        "--blocks",
        &waits,
    ])
    .ok();
    let later = repo.when("2126-01-01T00:00:00Z");
    let mut client = Client::start(&later, &["--tools", "all"]);
    assert_eq!(client.data("issue_ready", json!({}))["items"], json!([]));
    let checked = client.data("issue_gate_check", json!({}));
    assert_eq!(checked["items"][0]["outcome"], "satisfied", "{checked}");
    let ready = client.data("issue_ready", json!({}));
    assert_eq!(ready["items"][0]["id"], waits.as_str());
}

/// MS-05, IN-16: the life of a task over MCP alone.
#[test]
fn in_16_a_task_is_created_started_reserved_for_and_finished() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &["--as", "claude"]);
    let made = client.data(
        "task_create",
        json!({ "title": "Fix the login", "accept": ["green"], "path": ["src/auth.rs"], "priority": 1 }),
    );
    assert_eq!(made["id"], "T-0001");
    let ready = client.data("ready", json!({}));
    assert_eq!(ready["items"][0]["title"], "Fix the login");
    let next = client.data("next", json!({}));
    assert_eq!(next["title"], "Fix the login");

    let started = client.data("next", json!({ "claim": true }));
    assert_eq!(started["acceptance"][0]["text"], "green");
    assert_eq!(started["owner"], "claude");
    let there = repo.other(started["worktree"].as_str().unwrap());
    let reserved = client.data("reserve_add", json!({ "glob": ["docs/**"], "task": "T-1" }));
    assert_eq!(reserved["holder"], "claude");
    // The reservation is the worktree's: its commit passes, one elsewhere does not.
    there.write("docs/login.md", "text\n");
    there.write("src/auth.rs", "fixed\n");
    there
        .with("CLAUDECODE", "1")
        .by("claude")
        .commit_all("fix: the login");

    let open = client.error("finish", json!({ "id": "T-1" }));
    assert_eq!(open["code"], "refused", "{open}");
    assert!(!open["hints"].as_array().unwrap().is_empty());
    let done = client.data(
        "finish",
        json!({ "id": "T-1", "accept": [1], "evidence": "ran it" }),
    );
    assert_eq!(done["status"], "in_review");
    assert_eq!(
        repo.data(&["show", "T-1"])["acceptance"][0]["evidence"],
        "ran it"
    );
    let item = client.data("show", json!({ "id": "T-1" }));
    assert_eq!(item["status"], "in_review");
    assert_eq!(client.end(), 0);
}

#[test]
fn wrong_arguments_are_errors_that_name_the_right_ones_and_the_server_goes_on() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &[]);
    for (tool, arguments, said) in [
        ("ready", json!({ "limit": -1 }), "a non-negative integer"),
        ("ready", json!({ "all": true }), "no key `all`"),
    ] {
        let error = client.error(tool, arguments);
        assert_eq!(error["reason"], "arguments.invalid", "{error}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
    for (arguments, said) in [
        (json!({ "idd": "T-1" }), "task.create has no key `idd`"),
        (json!({}), "task.create needs the key `title`"),
        (
            json!({ "title": 3 }),
            "`title` of task.create must be a string",
        ),
        (
            json!({ "title": "x", "kind": "story" }),
            "task.create has no key `kind`",
        ),
    ] {
        let error = client.error("task_create", arguments);
        assert_eq!(error["reason"], "arguments.invalid", "{error}");
        assert!(
            error["message"].as_str().unwrap().starts_with(said),
            "{error}"
        );
    }
    let missing = client.error("show", json!({ "id": "T-99" }));
    assert_eq!(missing["code"], "not_found");
    assert!(missing["message"].as_str().unwrap().contains("T-99"));
    let unknown = client.request("tools/call", json!({ "name": "fly" }));
    assert_eq!(unknown["error"]["code"], -32602);
    let elsewhere = client.request("tools/call", json!({ "name": "log" }));
    let message = elsewhere["error"]["message"].as_str().unwrap();
    assert!(message.contains("--tools history"), "{message}");
    let method = client.request("no/such/method", json!({}));
    assert!(method["error"]["code"].is_number(), "{method}");
    client.send(&json!("not a message"));
    let reading = client.request("resources/read", json!({ "uri": "pm://item/T-99" }));
    assert_eq!(reading["error"]["code"], -32002, "{reading}");
    let elsewhere = client.request("resources/read", json!({ "uri": "file:///etc/passwd" }));
    assert_eq!(elsewhere["error"]["data"]["reason"], "resource.unknown");
    let prompt = client.request("prompts/get", json!({ "name": "plan" }));
    assert_eq!(prompt["error"]["code"], -32602);
    client.data("ready", json!({}));
    assert_eq!(client.end(), 0);
}

#[test]
fn long_texts_and_control_characters_arrive_bounded_and_escaped() {
    let (_scene, repo) = set_up();
    let body = format!("\u{1b}[31m{}", "x".repeat(200_000));
    repo.feed(
        crate::support::binary(),
        &["task", "create", "Long", "--body", "-"],
        &body,
    )
    .ok();
    let mut client = Client::start(&repo, &[]);
    let result = client.call("show", json!({ "id": "T-1" }));
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.len() < 20_000 && !text.contains('\u{1b}'));
    assert!(
        text.contains("git pm show T-0001"),
        "it says where the rest is"
    );
    let read = client.request("resources/read", json!({ "uri": "pm://item/T-1" }));
    let text = read["result"]["contents"][0]["text"].as_str().unwrap();
    assert!(text.len() < 20_000 && !text.contains('\u{1b}'));
}

/// A person would not see what a model reads.
#[test]
fn invisible_characters_arrive_escaped_and_joiners_as_they_are() {
    let (_scene, repo) = set_up();
    let hidden = "A\u{200b}B\u{e0100}C\u{ad}D\u{3164}E\u{fff9}F\u{1d173}G\u{200d}H\u{fe0f}";
    let shown = "👩‍💻 می‌خواهم ✔️";
    repo.task(&format!("{hidden} {shown}"), &["--body", hidden]);
    let mut client = Client::start(&repo, &["--tools", "artifacts"]);
    client.data(
        "artifact_put",
        json!({ "item": "T-1", "text": format!("{hidden} {shown}"), "name": "a.txt" }),
    );
    let answers = [
        client.call("show", json!({ "id": "T-1" })),
        client.call("artifact_get", json!({ "item": "T-1", "name": "a.txt" })),
        client.request("resources/read", json!({ "uri": "pm://item/T-1" })),
    ];
    let prime = repo.pm(&["prime", "T-1"]).ok().out;
    let listed = repo.pm(&["--json", "list"]).ok().out;
    let texts = answers.iter().map(Value::to_string).chain([prime, listed]);
    for text in texts {
        let odd = [
            '\u{200b}',
            '\u{e0100}',
            '\u{ad}',
            '\u{3164}',
            '\u{fff9}',
            '\u{1d173}',
        ];
        assert!(!text.contains(odd), "{}", text.escape_unicode());
        assert!(
            !text.contains("G\u{200d}") && !text.contains("H\u{fe0f}"),
            "{text}"
        );
    }
    let item = client.data("show", json!({ "id": "T-1" }));
    let title = item["title"].as_str().unwrap();
    assert!(
        title.starts_with("A\\u{200b}B\\u{e0100}C") && title.ends_with(shown),
        "{title}"
    );
}

#[test]
fn only_the_groups_that_were_asked_for_are_offered() {
    let (_scene, repo) = set_up();
    let names = |args: &[&str]| -> Vec<String> {
        let tools = Client::start(&repo, args).tools();
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_string();
        tools.iter().map(name).collect()
    };
    let some = names(&["--tools", "history,reserve"]);
    assert!(some.contains(&"undo".to_string()) && some.contains(&"reserve_check".to_string()));
    assert!(!some.contains(&"task_edit".to_string()));
    let all = names(&["--tools", "all"]);
    assert!(all.len() > 60, "{all:?}");
    let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), all.len(), "{all:?}");
    let wrong = repo.pm(&["mcp", "--tools", "fly"]).exits(2);
    assert!(wrong.err.contains("history"), "{}", wrong.err);
}

#[test]
fn outside_a_repository_and_before_init_calls_fail_with_the_next_step() {
    let scene = Scene::new();
    let plain = scene.repo("a");
    let mut client = Client::start(&plain, &[]);
    let error = client.error("task_create", json!({ "title": "x" }));
    assert!(
        error["hints"][0].as_str().unwrap().contains("git pm init"),
        "{error}"
    );
    let nowhere = scene.at("nowhere");
    std::fs::create_dir_all(&nowhere.path).unwrap();
    let mut client = Client::start(&nowhere, &[]);
    let error = client.error("ready", json!({}));
    assert_eq!(error["code"], "state", "{error}");
}

/// docs/mcp.md: who holds one item need not name it, whichever tool it is.
#[test]
fn tools_without_an_id_mean_the_item_that_the_client_holds() {
    let (_scene, repo) = set_up();
    repo.task("One", &["--accept", "it works"]);
    let mut client = Client::start(&repo, &["--tools", "all", "--as", "claude"]);
    client.data("start", json!({ "id": "T-1" }));
    client.data("task_accept", json!({ "n": [1], "evidence": "ran it" }));
    client.data("handoff", json!({ "next": ["the rest"] }));
    let left = client.data("handoff", json!({}));
    assert_eq!(left["handoff"]["next"], json!(["the rest"]), "{left}");
    for tool in ["learn_none", "predict"] {
        assert_eq!(client.data(tool, json!({}))["id"], "T-0001", "{tool}");
    }
    let drafted = client.data("learn_draft", json!({}));
    assert_eq!(drafted["item"], "T-0001", "{drafted}");
    let dropped = client.data("task_drop", json!({}));
    assert_eq!(dropped["status"], "queued", "{dropped}");
    let refused = client.error("task_drop", json!({}));
    assert_eq!(refused["reason"], "item.unnamed", "{refused}");
}
