//! The API: what `--json` prints, over HTTP.

use serde_json::{Value, json};

use super::{Server, token};
use crate::support::{ids, set_up};

#[test]
fn in_01_in_17_items_over_http() {
    let (_scene, repo) = set_up();
    let ana = token(&repo, "ana", &[]);
    let server = Server::start(&repo, &[]);
    assert_eq!(server.get("/health").body, "{\"ok\":true}");
    let body = json!({
        "title": "Draw the page", "priority": 1, "label": ["ui"], "estimate": "M",
        "accept": ["has a title"], "path": ["src/page/**"],
    });
    let made = server.with(&ana, "POST", "/api/v1/task/create", &body.to_string());
    assert_eq!(made.status, 200, "{made:?}");
    assert_eq!(made.data()["id"], "T-0001");
    assert_eq!(made.data()["created_by"], "ana");
    // The same as the command prints.
    assert_eq!(
        server.get("/api/v1/items/T-1").data(),
        repo.data(&["show", "T-1"])
    );
    assert_eq!(
        server.get("/api/v1/list?query=label:ui").data(),
        repo.data(&["list", "label:ui"])
    );
    for (path, command) in [
        ("/api/v1/board", "board"),
        ("/api/v1/ready", "ready"),
        ("/api/v1/stats", "stats"),
        ("/api/v1/search?word=draw", "search draw"),
        ("/api/v1/why?id=T-1", "why T-1"),
        ("/api/v1/plan/list", "plan list"),
        ("/api/v1/runs", "run list"),
        ("/api/v1/reserve/list", "reserve list"),
        ("/api/v1/artifact/list", "artifact list"),
        ("/api/v1/cost", "cost"),
        ("/api/v1/forecast", "forecast"),
    ] {
        let args: Vec<&str> = command.split(' ').collect();
        assert_eq!(server.get(path).data(), repo.data(&args), "{path}");
    }
    let log = server.get("/api/v1/log?id=T-1").data();
    assert_eq!(log["items"][0]["actor"], "ana");
    assert_eq!(server.get("/api/v1/msg/inbox").data()["unread"], 0);
    assert!(server.get("/api/v1/status").data()["counts"].is_object());

    let gone = server.get("/api/v1/items/T-77");
    assert_eq!(
        gone.header("content-type"),
        Some("application/problem+json")
    );
    let problem = gone.json();
    assert_eq!(problem["status"], 404);
    assert_eq!(problem["code"], "not_found");
    assert_eq!(
        problem["type"],
        format!("urn:git-pm:{}", problem["reason"].as_str().unwrap())
    );
    assert_eq!(server.get("/api/v1/nothing").reason(404), "http.no_route");
    assert_eq!(
        server.ask("DELETE", "/api/v1/list", &[], "").reason(405),
        "http.method"
    );
    assert_eq!(server.end(), Some(0));
}

#[test]
fn in_17_an_item_goes_through_its_life_over_http() {
    let (_scene, repo) = set_up();
    let boss = token(&repo, "boss", &["--scope", "approve"]);
    let server = Server::start(&repo, &[]);
    let post = |path: &str, body: &str| server.with(&boss, "POST", path, body).data();
    post("/api/v1/task/create", r#"{"title":"Draw the page"}"#);
    post("/api/v1/issue/create", r#"{"title":"A bug","type":"bug"}"#);
    let started = post("/api/v1/issue/claim", r#"{"id":"T-1"}"#);
    assert_eq!(started["claim"]["actor"], "boss");
    let on = |verb: &str, more: &str| {
        let body = format!(r#"{{"id":"T-1"{more}}}"#);
        post(&format!("/api/v1/task/{verb}"), &body)
    };
    on("comment", r#","text":"half done""#);
    assert_eq!(on("block", r#","reason":"no design""#)["status"], "blocked");
    on("unblock", "");
    post("/api/v1/task/drop", r#"{"id":"T-1","reason":"other work"}"#);
    assert_eq!(on("defer", "")["status"], "deferred");
    assert_eq!(on("undefer", "")["status"], "queued");
    assert_eq!(on("reassign", r#","to":"ben""#)["assignee"], "ben");
    assert_eq!(on("cancel", "")["status"], "cancelled");
    assert_eq!(on("reopen", "")["status"], "queued");
    let issues = repo.data(&["issue", "list"]);
    let issue = ids(&issues["items"])[0];
    let closed = post(
        "/api/v1/issue/close",
        &json!({ "id": issue, "reason": "fixed" }).to_string(),
    );
    assert_eq!(closed["status"], "closed");
    let undone = post("/api/v1/undo", "");
    assert_eq!(undone["undone"]["op"], "issue close");
    assert_eq!(repo.data(&["show", issue])["status"], "open");

    let made = post("/api/v1/reserve/add", r#"{"glob":["src/**"],"new":true}"#);
    let taken = server
        .with(&boss, "GET", "/api/v1/reserve/check?path=src/a.rs", "")
        .data();
    assert_eq!(taken["conflicts"], json!([]), "one's own");
    let id = made["uid"].as_str().unwrap();
    post(
        "/api/v1/reserve/release",
        &json!({ "name": id }).to_string(),
    );
    assert_eq!(repo.data(&["reserve", "list"])["items"], json!([]));
    let message = r#"{"to":["ben"],"subject":"Page","text":"please look","new":true}"#;
    assert_eq!(post("/api/v1/msg/send", message)["subject"], "Page");
    let comments = repo.data(&["show", "T-1"])["comments"].clone();
    assert_eq!(comments[0]["author"], "boss");
}

/// Two clients that edit one item: the second one's version is not the item's any more.
#[test]
fn in_17_versions_and_keys_as_headers() {
    let (_scene, repo) = set_up();
    repo.task("Draw the page", &[]);
    let ana = token(&repo, "ana", &[]);
    let bearer = format!("Bearer {ana}");
    let server = Server::start(&repo, &[]);
    let seen = server.get("/api/v1/items/T-1");
    let tag = seen.header("etag").unwrap().to_string();
    let known = server.ask("GET", "/api/v1/items/T-1", &[("If-None-Match", &tag)], "");
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    let edit = |title: &str| {
        let headers = [
            ("Authorization", bearer.as_str()),
            ("If-Match", tag.as_str()),
        ];
        let body = json!({ "id": "T-1", "title": title }).to_string();
        server.ask("POST", "/api/v1/task/edit", &headers, &body)
    };
    let first = edit("Draw the first page");
    assert_eq!(first.data()["title"], "Draw the first page");
    assert_ne!(first.header("etag"), Some(tag.as_str()));
    assert_eq!(edit("Draw the other page").reason(412), "item.changed");
    assert_eq!(repo.data(&["show", "T-1"])["title"], "Draw the first page");

    let estimate = |word: &str| {
        let body = json!({ "id": "T-1", "estimate": word, "risk": null }).to_string();
        server.with(&ana, "POST", "/api/v1/task/edit", &body)
    };
    assert_eq!(estimate("L").data()["estimate"], "L");
    let cleared = estimate("");
    assert_eq!(cleared.data()["estimate"], Value::Null);
    assert_eq!(cleared.data()["title"], "Draw the first page");

    let headers = [
        ("Authorization", bearer.as_str()),
        ("Idempotency-Key", "k-1"),
    ];
    let again = || {
        let body = r#"{"title":"Only once"}"#;
        server
            .ask("POST", "/api/v1/task/create", &headers, body)
            .data()
    };
    assert_eq!(again()["id"], again()["id"]);
    assert_eq!(ids(&repo.data(&["list"])["items"]).len(), 2);
}

/// A key that is sent again is good for the same actor and the same request, and for nothing else; a
/// tag stands for the whole answer.
#[test]
fn in_17_a_key_never_answers_for_another_request() {
    let (_scene, repo) = set_up();
    let (ana, ben) = (token(&repo, "ana", &[]), token(&repo, "ben", &[]));
    let server = Server::start(&repo, &[]);
    let create = |token: &str, key: &str, title: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", key)];
        let body = json!({ "title": title }).to_string();
        server.ask("POST", "/api/v1/task/create", &headers, &body)
    };
    let first = create(&ana, "1", "Mine").data()["id"].clone();
    assert_eq!(create(&ana, "1", "Mine").data()["id"], first);
    assert_eq!(create(&ana, "1", "Another").reason(400), "key.reused");
    assert_ne!(create(&ben, "1", "Mine").data()["id"], first);
    // It is the same key in a shell.
    let typed = |actor: &str, title: &str| {
        repo.by(actor)
            .pm(&["--json", "--idempotency-key", "1", "task", "create", title])
    };
    assert_eq!(typed("ana", "Mine").data()["id"], first);
    assert_eq!(typed("ana", "Other").error()["reason"], "key.reused");
    let cleo = typed("cleo", "Mine").data();
    assert_ne!(cleo["id"], first);
    assert_eq!(cleo["created_by"], "cleo");
    for key in ["", "\u{e9}", &"k".repeat(300)] {
        assert_eq!(create(&ana, key, "x").reason(400), "http.header");
    }
    let tag = server
        .get("/api/v1/items/T-1")
        .header("etag")
        .unwrap()
        .to_string();
    server
        .with(
            &ana,
            "POST",
            "/api/v1/task/comment",
            r#"{"id":"T-1","text":"look"}"#,
        )
        .data();
    let again = server.ask("GET", "/api/v1/items/T-1", &[("If-None-Match", &tag)], "");
    assert!(again.data()["comments"].to_string().contains("look"));
}

/// A request over HTTP learns nothing about the files of the server's machine.
#[test]
fn se_12_a_document_over_http_is_no_file() {
    let (_scene, repo) = set_up();
    repo.write("docs/export.md", "# Export\n");
    let server = Server::start(&repo, &[]);
    let asked = |name: &str| {
        let answer = server.get(&format!("/api/v1/plan/outline?document={name}"));
        assert_eq!(answer.status, 404, "{name}: {answer:?}");
        answer.json()["reason"].clone()
    };
    assert_eq!(asked("docs/export.md"), asked("docs/missing.md"));
    assert_eq!(asked("docs"), asked("docs/missing.md"));
}

/// Who may only write approves nothing by undoing the withdrawal of an approval.
#[test]
fn se_12_undo_does_not_approve_a_plan() {
    let (_scene, repo) = set_up();
    repo.write(
        "docs/export.md",
        "# Export\n\n## Requirements\n\n- The system must export items as CSV.\n",
    );
    let plan = repo.data(&["plan", "new", "docs/export.md"])["prd"].clone();
    let plan = plan.as_str().unwrap();
    let boss = token(&repo, "boss", &["--scope", "approve"]);
    let writer = token(&repo, "writer", &[]);
    let server = Server::start(&repo, &[]);
    let approve = "/api/v1/plan/approve";
    let all = r#"{"yes":true,"accept_uncovered":true}"#;
    server.with(&boss, "POST", approve, all).data();
    let undone = server.with(&boss, "POST", "/api/v1/undo", "{}").data();
    let body = json!({ "op": undone["commit"] }).to_string();
    let refused = server.with(&writer, "POST", "/api/v1/undo", &body);
    assert_eq!(refused.reason(403), "actor.not_human");
    assert_ne!(repo.data(&["plan", "show", plan])["status"], "approved");
}

/// IN-20: the OpenAPI document has valid schemas, and what can be asked without an object answers
/// by them. The routes are a snapshot, so that a change of them is seen in review.
#[test]
fn in_20_the_openapi_document_describes_the_answers() {
    let (_scene, repo) = set_up();
    repo.task("Draw the page", &[]);
    let server = Server::start(&repo, &[]);
    let document = server.get("/api/v1/openapi.json").json();
    let validator = |schema: &Value| {
        let schema = json!({ "allOf": [schema], "components": document["components"] });
        jsonschema::draft202012::new(&schema).expect("a valid schema")
    };
    let problem = &document["components"]["responses"]["Problem"]["content"];
    let problem = validator(&problem["application/problem+json"]["schema"]);
    let mut routes = String::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().unwrap();
            let named = parameters.iter().filter(|one| one["in"] == "query");
            let named = named.filter_map(|one| one["name"].as_str());
            let named: Vec<&str> = named.collect();
            let scope = operation["description"].as_str().unwrap_or_default();
            let line = format!("{method} {path} {} {scope}", named.join(","));
            routes.push_str(&(line.trim_end().to_string() + "\n"));
            let body = &operation["requestBody"]["content"]["application/json"]["schema"];
            if !body.is_null() {
                validator(body);
            }
            let (status, answer) = operation["responses"]
                .as_object()
                .unwrap()
                .iter()
                .next()
                .unwrap();
            let schema = &answer["content"]["application/json"]["schema"];
            if schema.is_null() {
                continue;
            }
            let schema = validator(schema);
            if method != "get" || path.contains('{') {
                continue;
            }
            let got = server.get(path);
            let schema = if got.status.to_string() == *status {
                &schema
            } else {
                &problem
            };
            let errors: Vec<String> = schema
                .iter_errors(&got.json())
                .map(|e| e.to_string())
                .collect();
            assert!(errors.is_empty(), "{path}: {errors:?}");
        }
    }
    insta::assert_snapshot!("routes", routes);
}

/// OB-06: the metrics are valid OpenMetrics as far as a reader of lines can tell, and hold no names.
#[test]
fn ob_06_metrics() {
    let (_scene, repo) = set_up();
    repo.task("Secret title", &[]);
    repo.task("Waits", &["--depends-on", "T-1"]);
    let server = Server::start(&repo, &[]);
    server.get("/api/v1/items/T-1");
    let plain = server.get("/metrics");
    assert!(
        plain
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    assert!(
        plain
            .body
            .contains("# TYPE gitpm_http_requests_total counter")
    );
    let accept = [(
        "Accept",
        "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
    )];
    let answer = server.ask("GET", "/metrics", &accept, "");
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("application/openmetrics-text")
    );
    let text = answer.body;
    assert!(text.ends_with("# EOF\n"), "{text}");
    for line in [
        "gitpm_items{status=\"queued\"} 2",
        "gitpm_ready 1",
        "gitpm_blocked 1",
        "gitpm_http_requests_total{method=\"GET\",route=\"/api/v1/items/{id}\",status=\"200\"} 1",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "{line} is not in\n{text}"
        );
    }
    assert!(!text.contains("Secret"), "{text}");
    let mut typed = std::collections::BTreeSet::new();
    for line in text.lines() {
        match line.strip_prefix("# TYPE ") {
            Some(rest) => assert!(typed.insert(rest.split(' ').next().unwrap().to_string())),
            None if line.starts_with('#') => {}
            None => {
                let (name, value) = line.rsplit_once(' ').unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
                let name = name.split('{').next().unwrap();
                let ends = ["", "_total", "_bucket", "_count", "_sum"];
                let base = ends.iter().filter_map(|end| name.strip_suffix(end));
                assert!(base.into_iter().any(|base| typed.contains(base)), "{line}");
            }
        }
    }
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    let (_scene, repo) = set_up();
    let ana = token(&repo, "ana", &[]);
    let server = Server::start(&repo, &[]);
    for body in ["[\"task\",\"By position\"]", "\"text\"", "null", " 1"] {
        let made = server.with(&ana, "POST", "/api/v1/task/create", body);
        assert_eq!(made.status, 400, "{body}: {made:?}");
    }
    assert_eq!(repo.data(&["list"])["items"], json!([]));
}
