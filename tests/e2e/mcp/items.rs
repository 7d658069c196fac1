//! What the tools say about items: all of one that is shown, the same words in every list.

use serde_json::json;

use super::{Client, text_of};
use crate::serve::Server;
use crate::support::{binary, set_up};

#[test]
fn a_line_of_every_list_has_the_priority_also_the_highest() {
    let (_scene, repo) = set_up();
    let task = repo.task("Put out the fire", &["-p", "0"]);
    let issue = repo.pm(&["issue", "q", "Sound the alarm", "-p", "0"]).ok();
    let issue = issue.text();
    let mut client = Client::of_model(&repo, &["--tools", "all"]);
    for tool in ["ready", "list", "issue_list", "issue_ready", "status"] {
        let said = client.call(tool, json!({}));
        let said = text_of(&said);
        let of_issue = (&issue, "[open] p0 Sound");
        let of_task = (&task, "[queued] p0 Put");
        let wanted = match tool.starts_with("issue") {
            true => &[of_issue][..],
            false => &[of_issue, of_task],
        };
        for (id, rest) in wanted {
            assert!(said.contains(&format!("{id} {rest}")), "{tool}: {said}");
        }
    }
}

/// Otherwise a model takes the first hundred for all.
#[test]
fn a_list_that_its_limit_cuts_says_so() {
    let (_scene, repo) = set_up();
    let line = |n| format!(r#"{{"op":"issue.create","title":"Wash plate {n}"}}"#);
    let lines: Vec<String> = (1..101).map(line).collect();
    repo.feed(binary(), &["batch"], &lines.join("\n")).ok();
    repo.pm(&["issue", "q", "Wash plate 101"]).ok();
    let (mut program, mut model) = (
        Client::start(&repo, &["--tools", "all"]),
        Client::of_model(&repo, &["--tools", "all"]),
    );
    let server = Server::start(&repo, &[]);
    for (tool, limit) in [
        ("list", None),
        ("issue_list", None),
        ("search", None),
        ("log", Some(1)),
        ("issue_ready", Some(100)),
        ("order", Some(100)),
    ] {
        let mut arguments = json!({ "limit": limit });
        let mut path = format!("/api/v1/{}?", tool.replace('_', "/"));
        if tool == "search" {
            arguments["word"] = json!(["plate"]);
            path += "word=plate&";
        }
        if let Some(limit) = limit {
            path += &format!("limit={limit}");
        }
        assert_eq!(server.get(&path).data()["more"], true, "{path}");
        assert_eq!(
            program.data(tool, arguments.clone())["more"],
            true,
            "{tool}"
        );
        let said = model.call(tool, arguments.clone());
        assert!(text_of(&said).contains("more: there are"), "{tool}: {said}");
        arguments["limit"] = json!(0);
        let whole = program.data(tool, arguments);
        assert!(whole["more"].is_null(), "{tool}: {}", whole["more"]);
    }
    let explained = server.get("/api/v1/ready?explain=true").data();
    assert_eq!(explained["more"], 81, "{}", explained["more"]);
    let listed = repo.data(&["list", "--limit", "100"]);
    let keys: Vec<&String> = listed.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["items"], "the command line has its own form");
}
