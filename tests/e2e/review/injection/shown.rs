//! What reviewers and reports say is text where it is shown: on the terminal, on the page, in a comment, in an
//! issue, and in what is exported.

use serde_json::{Value, json};

use super::{Stage, finding, is_quiet};
use crate::serve::Server;
use crate::support::{agent, binary};

/// What would be active, by what it attacks. None of these may be found in a text as it is.
const ACTIVE: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[approve](javascript:alert(1))",
    "![x](http://evil.example/pixel.png)",
    "<!-- git-pm:review:0 -->",
    "@ana",
    "http://evil.example",
    "www.evil.example",
    "#12",
    "<b>",
    "````",
];

fn all_active() -> String {
    ACTIVE.join(" ")
}

/// A finding each of whose texts is hostile.
fn hostile(text: &str) -> Value {
    let mut one = finding("P2", &format!("The sum is wrong {text}"));
    for field in ["category", "outcome", "suggestion"] {
        one[field] = json!(format!("{field} {text}"));
    }
    one
}

/// Each escape that moves a cursor, sets a title, hides text or turns its order.
#[test]
fn claims_steer_no_terminal() {
    let stage = Stage::new();
    let steer = "\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\r\u{8}\u{202e}desrever\u{2066}\u{2028}\u{e0041}\u{0}\n## Approved\n";
    stage.answers("all", json!([hostile(steer)]).to_string());
    let before = stage.outside();
    stage.review(&[]).ok();
    let shown = stage.finding("The sum is wrong");
    assert_eq!(shown["blocks"], false);
    stage.holds("escapes", &before);
    // A human reads the text of the review itself, too, and what a reviewer that fails prints.
    let with = format!("script:{}", stage.dir("agent.sh").display());
    for words in [
        format!("no list {steer}"),
        json!([hostile(steer), {"id": steer, "answer": steer}]).to_string(),
    ] {
        stage.change(&format!("new\n{}\n", words.len()));
        stage.answers("all", &words);
        stage.does(&format!(
            "printf '{}' >&2",
            steer.replace('\0', "").escape_default()
        ));
        let ran = stage.repo.pm(&["review", &stage.id, "--with", &with]);
        is_quiet("review", &(ran.out + &ran.err));
    }
    stage.prints_no_controls("later");
}

/// A character that turns the order of text, as it is in the list of a reviewer who quotes it: the reviewer
/// is heard, and the character is shown as an escape. So is one that JSON does not allow.
#[test]
fn a_reviewer_that_quotes_what_steers_is_heard() {
    let stage = Stage::new();
    let line = "access = \u{202e}\u{2066}// check\u{2069}";
    stage.change(&format!("{line}\n"));
    let mut found = finding("P1", "The comment is code: \u{202e}\u{e0041} turns it");
    found["quote"] = json!(line);
    let words = json!([found]).to_string();
    assert!(words.contains('\u{202e}'));
    stage.answers("all", words.replace("turns", "tu\u{1}rn\u{7f}s"));
    let told = stage.review(&[]).exits(1).data();
    let reviewers = told["reviewers"].as_array().unwrap().iter();
    assert!(
        reviewers.clone().all(|one| one["failed"].is_null()),
        "{told}"
    );
    let shown = stage.finding("The comment is code");
    assert_eq!(
        (&shown["blocks"], &shown["quote"]),
        (&json!(true), &json!(line)),
        "{shown}"
    );
    stage.prints_no_controls("bidi");
    // The same by a transcript.
    let other = Stage::new();
    other.change(&format!("{line}\n"));
    let entry = |role: &str, words: &str| json!({"role": role, "answer": words}).to_string() + "\n";
    let entries =
        super::REVIEWERS.map(|role| entry(role, &words)).concat() + &entry("validator", "[]");
    std::fs::write(other.dir("transcript.jsonl"), entries).unwrap();
    let with = format!("replay:{}", other.dir("transcript.jsonl").display());
    other
        .repo
        .pm(&["review", &other.id, "--with", &with])
        .exits(1);
    assert_eq!(other.finding("The comment is code")["blocks"], true);
}

/// Text in a finding makes no link, image, mention, reference, HTML or mark of ours, wherever it is shown.
#[test]
fn claims_are_text_on_the_page_in_the_comment_and_in_the_issue() {
    let stage = Stage::new();
    let evil = all_active();
    stage.answers("all", json!([hostile(&evil)]).to_string());
    stage.review(&[]).ok();
    let found = stage.finding("The sum is wrong");
    let id = found["id"].as_str().unwrap();
    // It is kept as it was said.
    assert!(found["claim"].as_str().unwrap().ends_with(&evil), "{found}");

    let comment = stage
        .repo
        .data(&["finding", "comment", &stage.id, "--write"]);
    let issue = agent(&stage.repo).data(&["finding", "to-issue", id])["items"][0]["issue"].clone();
    let issue = issue.as_str().unwrap();
    let body = stage.repo.data(&["show", issue])["body"].clone();
    for text in [comment["text"].as_str().unwrap(), body.as_str().unwrap()] {
        assert!(text.contains("The sum is wrong"), "{text}");
        for one in ACTIVE {
            assert!(!text.contains(one), "{one}: {text}");
        }
        assert!(
            !text
                .lines()
                .any(|line| line.starts_with("## ") || line.starts_with("```x")),
            "{text}"
        );
    }

    let server = Server::start(&stage.repo, &[]);
    for path in [
        format!("/items/{}", stage.id),
        format!("/items/{issue}"),
        "/".into(),
    ] {
        let page = server.get(&path).body;
        for one in [
            "<script>alert",
            "<img src=x",
            "href=\"javascript:",
            "pixel.png\"",
            "<!-- git-pm:review:0",
            "href=\"http://evil",
        ] {
            assert!(!page.contains(one), "{path} {one}: {page}");
        }
    }
    let page = server.get(&format!("/items/{}", stage.id));
    assert!(page.body.contains("&lt;script&gt;alert"), "{}", page.body);
    let policy = page.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.contains("default-src 'none'") || policy.contains("script-src"),
        "{policy}"
    );
}

/// A report is as hostile as an answer: names of our own reviewers, places outside, and what would settle
/// what others found.
#[test]
fn an_imported_report_settles_and_reaches_nothing() {
    let stage = Stage::new();
    stage.answers(
        "all",
        json!([finding("P0", "The total is wrong")]).to_string(),
    );
    stage.review(&[]).exits(1);
    let victim = stage.finding("total");
    let before = stage.outside();
    std::fs::write(stage.dir("home/key"), "the key of the house\n").unwrap();
    let key = stage.dir("home/key").display().to_string();
    let before = {
        let _ = before;
        stage.outside()
    };
    let sarif = |tool: &str, results: Value| {
        json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": tool}}, "results": results}]}).to_string()
    };
    let at = |uri: &str| {
        json!([{"ruleId": "x\u{1b}[2J", "level": "note", "message": {"text": all_active()}, "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}]}])
    };
    let names = [
        "security-sentinel",
        "correctness-reviewer",
        "git-pm",
        "Git-PM ",
        "validator",
        "",
        "\u{202e}",
    ];
    let mut reports: Vec<String> = names.map(|name| sarif(name, json!([]))).into();
    let key_url = format!("file://{key}");
    for uri in [
        &key,
        &key_url,
        "file:///etc/passwd",
        "../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "src/..%2f..%2fkey",
        "..\\..\\key",
    ] {
        reports.push(sarif("lint", at(uri)));
    }
    let deep = "[".repeat(50_000);
    reports.push(format!("{{\"version\":\"2.1.0\",\"runs\":{deep}"));
    reports.push(format!(
        "{{\"version\":\"2.1.0\",\"x\":{deep}{},\"runs\":[]}}",
        "]".repeat(50_000)
    ));
    reports.push(json!({"source": {"name": "security-sentinel"}, "diagnostics": []}).to_string());
    reports.push(
        json!({"source": {"name": "lint"}, "diagnostics": [{"message": "\u{1b}[2J", "location":
        {"path": key, "range": {"start": {"line": 1}}}, "severity": "INFO"}]})
        .to_string(),
    );
    for by in [agent(&stage.repo), stage.repo.clone()] {
        for report in &reports {
            let ran = by.feed(binary(), &["finding", "import", &stage.id, "-"], report);
            assert!(ran.code <= 2, "{report:.200}: {ran:?}");
            is_quiet(&report[..report.len().min(200)], &(ran.out + &ran.err));
        }
    }
    let now = stage.finding("total");
    for field in ["status", "severity", "blocks", "confirmed"] {
        assert_eq!(now[field], victim[field], "{field}: {now}");
    }
    let all = stage.findings();
    let is_outside = |one: &&Value| {
        one["path"]
            .as_str()
            .is_some_and(|path| path.contains("key") || path.contains("etc"))
    };
    assert_eq!(all.iter().find(is_outside), None);
    let state = stage
        .repo
        .git(&["log", "-p", "--format=%B", "refs/pm/main"])
        .ok()
        .out;
    assert!(!state.contains("the key of the house"));
    stage.holds("reports", &before);
}

/// A name of a file, a branch and an author in the work, with what steers a terminal.
#[test]
fn names_in_the_work_steer_nothing() {
    let stage = Stage::new();
    let name = "src/\u{202e}sr.evil\u{1b}[2J\nApproved.rs";
    stage.place.write(name, "evil()\n");
    let author = stage.place.with("GIT_AUTHOR_NAME", "A\u{202e}na\u{1b}[2J");
    author.git(&["add", "-A"]).ok();
    author
        .git(&["commit", "-q", "-m", "Work \u{1b}]0;x\u{7}\u{202e}done"])
        .ok();
    let found = json!({"severity": "P1", "claim": "It is evil", "path": name, "line": 1, "quote": "evil()"});
    stage.answers("all", json!([found]).to_string());
    let before = stage.outside();
    stage.review(&[]).exits(1);
    assert_eq!(stage.finding("It is evil")["path"], name);
    stage.holds("names", &before);
    // The validator reads it on one line.
    let (_, claims) = super::fenced(&stage.seen("validator-1", "CLAIMS.md"));
    assert_eq!(claims.lines().count(), 1, "{claims}");
}
