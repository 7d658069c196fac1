//! CCPM.

use serde_json::json;

use super::{has, import, item, messages, texts, with_fixture};

#[test]
fn ccpm_is_imported_with_streams_and_planned_files() {
    let (_scene, repo) = with_fixture("ccpm");
    let report = import(&repo, "ccpm", 0);
    assert_eq!(report["created"], 9);
    let said = messages(&report);
    assert!(said.contains("a planned file was left out"), "{said}");
    let all = repo.data(&["list", "kind:prd", "--all"]);
    has(
        &all["items"][0],
        json!({"id": "P-0001", "title": "login", "status": "open"}),
    );
    let epics = repo.data(&["epic", "list", "--all", "--sort=title"]);
    has(
        &epics["items"][0],
        json!({"title": "login", "status": "in_progress", "created_at": "2025-06-02T09:00:00Z"}),
    );
    assert_eq!(epics["items"][0]["edges"][0]["target"], "P-0001");
    has(
        &epics["items"][1],
        json!({"title": "setup", "status": "closed"}),
    );
    let table = item(&repo, "Make the session table");
    has(
        &table,
        json!({
            "status": "done", "estimate": "S", "epic": epics["items"][0]["id"],
            "external_refs": ["ccpm:login/001", "https://github.com/example/app/issues/41"],
        }),
    );
    assert_eq!(
        texts(&table["acceptance"], "text"),
        ["Tokens are unique", "Old rows go"]
    );
    let done = table["body"].as_str().unwrap();
    assert!(
        done.contains("Reviewed"),
        "the definition of done is missing: {done}"
    );
    let password = item(&repo, "Check the password");
    has(
        &password,
        json!({
            "status": "queued", "estimate": "L", "depends_on": [table["id"]],
            "external_refs": ["ccpm:login/002"], "paths": [],
        }),
    );
    let forget = item(&repo, "Forget the token");
    has(
        &forget,
        json!({
            "status": "in_progress", "type": "bug", "stream": "Logs",
            "depends_on": [table["id"], password["id"]], "paths": ["src/log.rs", "tests/log.rs"],
        }),
    );
    let edges = password["edges"].as_array().unwrap();
    assert!(
        edges
            .iter()
            .any(|e| e["type"] == "conflicts-with" && e["target"] == forget["id"])
    );
    let hashing = item(&repo, "Hashing");
    has(
        &hashing,
        json!({"stream": "Hashing", "paths": ["src/auth/cost/**", "src/auth/hash.rs"], "body": "slow hashes and their cost"}),
    );
    assert_eq!(hashing["edges"][0]["target"], password["id"]);
    let form = item(&repo, "Form");
    has(
        &form,
        json!({"stream": "Form", "paths": ["web/login/*.html"], "depends_on": [hashing["id"]]}),
    );
    has(&item(&repo, "Begin"), json!({"status": "done"}));
    // Readiness follows from the imported edges and states.
    let ready = repo.data(&["ready"]);
    assert_eq!(texts(&ready["items"], "title"), ["Hashing"]);
    // Changes at the source are imported.
    let file = ".claude/epics/login/002.md";
    let text = repo
        .read(file)
        .replace("status: open", "status: closed")
        .replace("updated: 2025-06-02", "updated: 2025-06-09");
    repo.write(file, &text);
    let report = repo.data(&["import", "ccpm"]);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(3))
    );
    has(&item(&repo, "Form"), json!({"status": "done"}));
}
