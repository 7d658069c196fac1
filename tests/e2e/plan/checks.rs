//! Findings of a plan before any model is asked: what its document, other plans and the code say.

use serde_json::Value;

use super::{list, planned, text};
use crate::support::{Repo, set_up};

/// The findings of a rule: severity, task and message.
fn found(repo: &Repo, prd: &str, rule: &str) -> Vec<(String, String)> {
    let checks = repo.data(&["plan", "show", prd])["checks"].clone();
    let all = checks.as_array().unwrap().iter();
    let all = all.filter(|check| check["rule"] == rule);
    let of = |check: &Value| {
        (
            text(check, "severity").to_string(),
            text(check, "message").to_string(),
        )
    };
    all.map(of).collect()
}

/// One finding of a rule, which is no error and is printed by `plan check`.
#[track_caller]
fn one(repo: &Repo, rule: &str, severity: &str, said: &[&str]) {
    let all = found(repo, "P-0001", rule);
    assert_eq!(all.len(), 1, "{rule}: {all:?}");
    assert_eq!(all[0].0, severity);
    let printed = repo.pm(&["plan", "check", "P-0001"]).out;
    for part in said {
        assert!(all[0].1.contains(part), "{part}: {}", all[0].1);
        assert!(printed.contains(part), "{part}: {printed}");
    }
}

const SERVER: &str = "\
# Server

## Requirements

### FR-1: Limit requests

- The request timeout is 30 seconds
- Update `src/sevrer/limit.rs` and `Limiter::admit()`
- Extend `src/server/log.rs` and `Log::write()`
- Create `src/server/quota.rs`
- Update `src/server/quota.rs` for tenants

### FR-2: Show the limits

- The page works well and looks good

### FR-3: Log what is refused

- All endpoints have a limit
- Every request of the list below is logged
";

fn server() -> (crate::support::Scene, Repo) {
    let (scene, repo) = set_up();
    repo.write("src/server/log.rs", "impl Log { fn write(&self) {} }\n");
    repo.write("server.md", SERVER);
    repo.commit_all("server");
    repo.pm(&["plan", "new", "server.md"]).ok();
    (scene, repo)
}

/// AV-04, PL-28: the deterministic checks find names that do not exist, and
/// criteria that nobody can observe or audit; an approval stays possible.
#[test]
fn names_and_criteria_are_checked_without_a_model() {
    let (_scene, repo) = server();
    one(&repo, "missing-path", "warning", &["src/sevrer/limit.rs"]);
    one(&repo, "missing-symbol", "warning", &["Limiter::admit()"]);
    one(&repo, "not-observable", "warning", &["fr-2", "works well"]);
    one(
        &repo,
        "unbounded",
        "note",
        &["fr-3", "\"all\"", "All endpoints"],
    );
    repo.pm(&["plan", "approve", "--accept-uncovered"]).ok();
}

/// AV-04: a task that no statement asks for is named.
#[test]
fn a_task_that_no_statement_asks_for_is_named() {
    let (_scene, repo) = server();
    assert_eq!(found(&repo, "P-0001", "unsupported"), []);
    repo.pm(&["plan", "add", "Add a theme"]).ok();
    one(
        &repo,
        "unsupported",
        "warning",
        &["no line of the document"],
    );
}

/// AV-04: two plans of two documents that claim one requirement; a general step is none.
#[test]
fn a_requirement_in_two_plans_is_named_with_the_other_plan() {
    let (_scene, repo) = server();
    let other = "\
# Logs

### LOG-1: Keep the logs of the server

- A refused request is logged with its address and its time
- All tests of the server and of the client pass in CI

### LOG-2: Rotate

- Once a day
";
    repo.write("logs.md", other);
    repo.write(
        "copy.md",
        &other
            .replace("# Logs", "# Audit")
            .replace("of the server\n", "for auditors\n")
            .replace("LOG", "AUD")
            .replace("Once a", "Each"),
    );
    repo.pm(&["plan", "new", "logs.md"]).ok();
    assert_eq!(found(&repo, "P-0002", "planned-twice"), []);
    repo.pm(&["plan", "new", "copy.md"]).ok();
    let all = found(&repo, "P-0003", "planned-twice");
    assert_eq!(all.len(), 1, "{all:?}");
    for said in ["aud-1", "log-1", "P-0002", "a refused request"] {
        assert!(all[0].1.contains(said), "{said}: {}", all[0].1);
    }
    // What was cancelled claims nothing.
    repo.pm(&["plan", "approve", "P-0002", "--yes", "--accept-uncovered"])
        .ok();
    let items = repo.data(&["task", "list", "--all"]);
    let items = items["items"].as_array().unwrap().iter();
    let item = items
        .into_iter()
        .find(|item| text(item, "title").contains("Keep the logs"));
    repo.pm(&["task", "cancel", text(item.unwrap(), "id")]).ok();
    assert_eq!(found(&repo, "P-0003", "planned-twice"), []);
}

/// AV-04: what one actor planned and another put aside is named with its words and both actors.
#[test]
fn a_requirement_that_another_actor_drops_is_named() {
    let (_scene, repo) = set_up();
    repo.write(
        "notes.md",
        "# Notes\n\nSingers say that they will miss a rehearsal.\n\nThe hall has a map.\n",
    );
    let write = |actor: &str, body: &str| {
        let repo = repo.by(actor);
        let text = match repo.pm(&["plan", "edit", "P-0001", "--print"]) {
            known if known.code == 0 => format!("{}\n{body}", known.out.lines().next().unwrap()),
            _ => body.to_string(),
        };
        repo.feed("git", &["pm", "plan", "write", "notes.md", "-"], &text)
            .ok();
    };
    let absence = "# Notes\n### absence. Say it\nlines: 3\n- L3\n";
    write(
        "Ana",
        &format!("{absence}### map. Show the map\nlines: 5\n- L5\n"),
    );
    assert_eq!(found(&repo, "P-0001", "dropped"), []);
    write("bot", &format!("{absence}## Not work\n- 5: no map\n"));
    one(
        &repo,
        "dropped",
        "warning",
        &[
            "bot removed line 5",
            "Ana had planned",
            "no map",
            "The hall has a map",
        ],
    );
    // Planned again, it is not dropped.
    write(
        "bot",
        &format!("{absence}### map. Show the map\nlines: 5\n- L5\n"),
    );
    assert_eq!(found(&repo, "P-0001", "dropped"), []);
}

const PIECES: [&str; 16] = [
    "- [ ] pay by card\n",
    "- [ ] print a receipt\n  - [x] draft\n",
    "- [x] open the shop\n",
    "## Tasks\n\n",
    "## Later\n\n",
    "## Done\n\n",
    "## Notes\n\n",
    "## Requirements\n\n",
    "### FR-1: Sell\n\n- a price\n\n",
    "### FR-2: Refund\n\n",
    "The till must be closed at night.\n\n",
    "It was late.\n\n",
    "- a map\n",
    "## Open questions\n\n",
    "## Acceptance criteria\n\n- [ ] it runs\n\n",
    "1. Import the members\n",
];

/// PL-10: a check finds an error exactly if an approval without options would be refused, whatever the document.
#[test]
fn pl_10_a_check_and_an_approval_judge_alike() {
    let (_scene, repo) = set_up();
    let mut documents: Vec<String> = vec![
        "# Idea\n\n- [ ] a\n  - [x] b\n".into(),
        "# Idea\n\n- [x] a\n".into(),
        "It must be fast.\n\n".repeat(14),
    ];
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..14 {
        let mut document = String::from("# Shop\n\n");
        for _ in 0..6 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            document.push_str(PIECES[(seed >> 60) as usize]);
        }
        documents.push(document);
    }
    let mut refused = 0;
    for (n, document) in documents.iter().enumerate() {
        let plan = planned(
            &repo,
            &format!("{n}.md"),
            &format!("{document}\n<!-- {n} -->\n"),
        );
        let id = text(&plan, "prd");
        refused += usize::from(judged(&repo, id, document));
    }
    assert!(
        0 < refused && refused < documents.len(),
        "{refused} are refused"
    );
}

/// True if an approval is refused, as a check has to say.
#[track_caller]
fn judged(repo: &Repo, id: &str, document: &str) -> bool {
    let check = repo.pm(&["--json", "plan", "check", id]);
    let found = check.data();
    let has = |name: &str, value: &str| list(&found, "items").iter().any(|one| one[name] == value);
    let fails = has("severity", "error");
    let approval = repo.pm(&["plan", "approve", id]);
    assert_eq!(
        fails,
        approval.code != 0,
        "{document}: {found}\n{}",
        approval.err
    );
    let is_bad = fails || has("rule", "missing-acceptance");
    assert_eq!(check.code, i32::from(is_bad), "{document}: {found}");
    fails
}
