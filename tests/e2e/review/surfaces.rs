//! Where findings are seen: with their item, on boards, as issues, in a comment and in statistics.

use serde_json::{Value, json};

use super::{bad_work, of_rule, rules};
use crate::serve::Server;
use crate::support::{agent, binary, set_up};

/// A report of the tool `check` about the first line of `app/login.py`.
fn report(text: &str) -> String {
    json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "check"}},
        "results": [{
            "ruleId": "r", "level": "warning", "message": {"text": text},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": "app/login.py"}, "region": {"startLine": 1},
            }}],
        }],
    }]})
    .to_string()
}

/// The card of an item on a board.
fn card(board: &Value, id: &str) -> Value {
    let lanes = board["lanes"].as_array().unwrap().iter();
    let cells = lanes.flat_map(|lane| lane["cells"].as_array().unwrap());
    let mut cards = cells.flat_map(|cell| cell["cards"].as_array().unwrap());
    cards.find(|card| card["id"] == id).unwrap().clone()
}

#[test]
fn open_findings_are_shown_with_their_item_on_the_board_and_on_the_page() {
    let (_scene, repo) = set_up();
    let (id, _place) = bad_work(&repo);
    assert!(repo.data(&["show", &id])["findings"].is_null());
    repo.pm(&["review", &id]).exits(1);
    let all = rules(&repo, &id).len();
    let shown = repo.data(&["show", &id])["findings"].clone();
    assert_eq!(
        (&shown["open"], &shown["blocking"]),
        (&json!(all), &json!(2))
    );
    assert_eq!(shown["by_severity"]["P0"], 1, "{shown}");
    let secret = of_rule(&repo, &id, "secret");
    let first = &shown["worst"][0];
    assert_eq!(
        (&first["id"], &first["place"], &first["blocks"]),
        (&secret["id"], &json!("app/login.py:1"), &json!(true))
    );
    assert_eq!(shown["last_review"]["verdict"], "findings");
    let text = repo.pm(&["show", &id]).ok().out;
    for part in [
        "Findings",
        "1 P0",
        "last review: findings",
        "app/login.py:1",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let briefing = repo.pm(&["prime", &id]).ok().out;
    for part in [
        "Open findings that block it",
        secret["id"].as_str().unwrap(),
    ] {
        assert!(briefing.contains(part), "{part}: {briefing}");
    }

    let on_board = card(&repo.data(&["board"]), &id);
    assert_eq!(
        (&on_board["findings"], &on_board["blocking_findings"]),
        (&json!(all), &json!(2))
    );
    let printed = repo.with("COLUMNS", "200").pm(&["board"]).ok().out;
    assert!(printed.contains("2 blocking"), "{printed}");

    // What stays in this clone is not told over HTTP, but its number.
    let server = Server::start(&repo, &[]);
    let own = secret["id"].as_str().unwrap();
    let told = server.get(&format!("/api/v1/show?id={id}")).data();
    assert_eq!(told["findings"]["open"], all - 1, "{told}");
    assert!(!told.to_string().contains(own), "{told}");
    assert_eq!(
        told["findings"]["kept"],
        json!([{"by": null, "findings": "1 P0"}])
    );
    let on_board = card(&server.get("/api/v1/board").data(), &id);
    assert_eq!(
        (&on_board["findings"], &on_board["blocking_findings"]),
        (&json!(all - 1), &json!(1))
    );
    let page = server.get(&format!("/items/{id}")).body;
    let test = of_rule(&repo, &id, "test-deleted")["id"].clone();
    assert!(page.contains(test.as_str().unwrap()) && page.contains("blocks the merge"));
    assert!(!page.contains(own), "{page}");
    assert!(page.contains("1 P0 kept in this clone"), "{page}");
    let page = server.get("/").body;
    assert!(page.contains("1 blocking"), "{page}");
}

#[test]
fn a_finding_becomes_one_issue() {
    let (_scene, repo) = set_up();
    let (id, _place) = bad_work(&repo);
    repo.feed(
        binary(),
        &["finding", "import", &id, "-"],
        &report("# Ask @ana"),
    )
    .ok();
    repo.pm(&["review", &id]).exits(1);
    let secret = of_rule(&repo, &id, "secret");
    let (finding, private) = (of_rule(&repo, &id, "r"), secret["id"].as_str().unwrap());
    let finding = finding["id"].as_str().unwrap();
    let refused = repo
        .pm(&["--json", "finding", "to-issue", finding, private])
        .exits(1)
        .error();
    assert_eq!(refused["reason"], "finding.private", "{refused}");
    repo.pm(&["finding", "to-issue"]).exits(2);

    let made = agent(&repo).data(&["finding", "to-issue", finding])["items"][0].clone();
    assert_eq!(made["new"], true);
    let issue = made["issue"].as_str().unwrap();
    let shown = repo.data(&["show", issue]);
    assert_eq!(
        (&shown["kind"], &shown["type"], &shown["priority"]),
        (&json!("issue"), &json!("bug"), &json!(2))
    );
    assert_eq!(
        (&shown["edges"][0]["type"], &shown["edges"][0]["target"]),
        (&json!("discovered-from"), &json!(id))
    );
    let title = format!("{finding}: # Ask @ana");
    assert_eq!(shown["title"], title.as_str());
    let body = shown["body"].as_str().unwrap();
    assert!(body.contains("- **Claim:** \\# Ask \\@ ana\n"), "{body}");
    assert!(
        body.contains("`app/login.py:1`") && body.contains("`check`"),
        "{body}"
    );
    assert!(!body.contains("16C7e42F"), "{body}");
    assert_eq!(repo.data(&["finding", "show", finding])["issue"], issue);

    // All others of the item get theirs, and this one keeps its own; the private one has none.
    let before = rules(&repo, &id).len();
    let all = repo.data(&["finding", "to-issue", "--item", &id]);
    let all = all["items"].as_array().unwrap();
    assert_eq!(all.len(), before - 1);
    let again = all.iter().find(|one| one["finding"] == finding).unwrap();
    assert_eq!(
        (&again["issue"], &again["new"]),
        (&json!(issue), &json!(false))
    );
    let tip = repo.tip("refs/pm/main");
    repo.pm(&["finding", "to-issue", "--item", &id]).ok();
    assert_eq!(repo.tip("refs/pm/main"), tip);
    let issues = repo.data(&["issue", "list"]);
    assert_eq!(issues["items"].as_array().unwrap().len(), before - 1);
}

#[test]
fn rv_07_ag_04_the_comment_about_a_review_is_replaced_in_place() {
    let (_scene, repo) = set_up();
    repo.write(".pm.toml", "[gates]\nquick = 'true'\n");
    repo.commit_all("Add a gate");
    repo.pm(&["trust", "--yes"]).ok();
    repo.pm(&["config", "pm.protectedPaths", "app/**"]).ok();
    let (id, place) = bad_work(&repo);
    repo.pm(&["task", "edit", &id, "--accept", "logs in"]).ok();
    repo.pm(&["task", "accept", &id, "1", "--evidence", "app/login.py:4"])
        .ok();
    let evil = "[x](http://e.example) @ana <b>\n# Heading";
    repo.feed(binary(), &["finding", "import", &id, "-"], &report(evil))
        .ok();
    repo.pm(&["review", &id]).exits(1);
    repo.pm(&["finish", &id]).ok();

    let tip = repo.tip("refs/pm/main");
    let made = repo.data(&["finding", "comment", &id]);
    assert_eq!(repo.tip("refs/pm/main"), tip);
    let text = made["text"].as_str().unwrap();
    let uid = repo.data(&["show", &id])["uid"].clone();
    let mark = format!("<!-- git-pm:review:{} -->\n", uid.as_str().unwrap());
    assert!(text.starts_with(&mark), "{text}");
    let commit = place.tip("HEAD");
    for part in [
        commit.as_str(),
        "Gates passed: `quick`",
        "[x] logs in (app/login.py:4)",
        "Protected paths: `app/login.py`",
        "lines added",
        "Open: 0 P0, 1 P1",
        "\\[x\\](http\\://e.example) \\@ ana \\<b\\> \\# Heading",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Each line is ours: the mark, a heading, or an entry of a list.
    let is_ours = |line: &str| {
        line.is_empty()
            || ["### ", "#### ", "- "]
                .iter()
                .any(|one| line.starts_with(one))
    };
    assert!(text.lines().skip(1).all(is_ours), "{text}");
    let secret = of_rule(&repo, &id, "secret")["id"].clone();
    assert!(!text.contains(secret.as_str().unwrap()), "{text}");

    let comments = || {
        repo.data(&["show", &id])["comments"]
            .as_array()
            .unwrap()
            .clone()
    };
    let before = comments().len();
    agent(&repo)
        .pm(&["finding", "comment", &id, "--write"])
        .ok();
    let finding = of_rule(&repo, &id, "test-deleted")["id"].clone();
    repo.pm(&[
        "finding",
        "dismiss",
        finding.as_str().unwrap(),
        "--reason",
        "gone",
    ])
    .ok();
    repo.pm(&["finding", "comment", &id, "--write"]).ok();
    let now = comments();
    assert_eq!(now.len(), before + 1);
    let last = now.last().unwrap();
    assert!(!last["body"].as_str().unwrap().contains(" 1 P1"), "{last}");
    assert!(last["agent"].is_null(), "{last}");
    let tip = repo.tip("refs/pm/main");
    repo.pm(&["finding", "comment", &id, "--write"]).ok();
    assert_eq!(repo.tip("refs/pm/main"), tip);
}

#[test]
fn me_08_statistics_say_how_often_reviewers_were_right_and_how_many_rounds_work_took() {
    let (_scene, repo) = set_up();
    let (id, place) = bad_work(&repo);
    repo.feed(
        binary(),
        &["finding", "import", &id, "-"],
        &report("Wrong."),
    )
    .ok();
    repo.pm(&["review", &id]).exits(1);
    let wrong = of_rule(&repo, &id, "r")["id"].clone();
    repo.pm(&[
        "finding",
        "dismiss",
        wrong.as_str().unwrap(),
        "--reason",
        "no",
    ])
    .ok();
    let of = |stats: &Value, name: &str| -> Value {
        let mut all = stats["reviewers"].as_array().unwrap().iter();
        all.find(|one| one["reviewer"] == name).unwrap().clone()
    };
    let early = repo.data(&["stats", "review"]);
    let all = of(&early, "git-pm")["findings"].as_u64().unwrap();
    assert!(of(&early, "git-pm")["precision"].is_null(), "{early}");
    let server = Server::start(&repo, &[]);
    let told = server.get("/api/v1/stats?what=review").data();
    assert_eq!(of(&told, "git-pm")["findings"], all - 1, "{told}");

    place.write(
        "tests/test_login.py",
        "def test_login():\n    assert login('a') == 2\n",
    );
    place.write("app/login.py", "def login(name):\n    return 2\n");
    place.commit_all(&format!("Mend the login ({id})"));
    repo.pm(&["review", &id]).ok();
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let stats = repo.data(&["stats", "review"]);
    let (ours, check) = (of(&stats, "git-pm"), of(&stats, "check"));
    assert!(ours["fixed"].as_u64().unwrap() >= 2, "{stats}");
    assert_eq!(
        (&ours["dismissed"], &ours["precision"]),
        (&json!(0), &json!(1.0))
    );
    assert_eq!(
        (&check["findings"], &check["dismissed"], &check["precision"]),
        (&json!(1), &json!(1), &json!(0.0))
    );
    assert_eq!(
        (&stats["items"], &stats["rounds"], &stats["approval"]),
        (&json!(1), &json!(2.0), &json!(1.0))
    );
    let text = repo.pm(&["stats", "review"]).ok().out;
    assert!(
        text.contains("100% (1 of 1 decided)") && text.contains("0% right"),
        "{text}"
    );
}

/// RV-07: the risk in a comment is that of the commit which it names, whatever an earlier review read.
#[test]
fn rv_07_a_comment_names_the_risk_of_its_commit() {
    let (_scene, repo) = set_up();
    let id = repo.task("One", &["--path", "a.txt"]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("READTHIS.md", "r\n");
    place.commit_all("One");
    let comment = || {
        let made = repo.data(&["finding", "comment", &id]);
        made["text"].as_str().unwrap().to_owned()
    };
    assert!(comment().contains("Outside the plan: `READTHIS.md`\n"));
    repo.pm(&["review", &id]).ok();
    let read = format!("Of another commit: `{}`", place.tip("HEAD"));
    assert!(!comment().contains(&read), "{}", comment());
    place.git(&["rm", "-q", "READTHIS.md"]).ok();
    place.write("NEW.md", "n\n");
    place.commit_all("Two");
    for is_read in [false, true] {
        let text = comment();
        assert!(text.contains("Outside the plan: `NEW.md`\n"), "{text}");
        assert_eq!(text.contains(&read), !is_read, "{text}");
        repo.pm(&["review", &id]).ok();
    }
}
