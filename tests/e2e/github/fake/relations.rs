//! Sub-issues and dependencies of the fake.

use serde_json::{Value, json};

use super::client::Client;
use super::{alice, widget};

const ISSUES: &str = "/repos/acme/widget/issues";

/// Issues with their database ids.
fn issues(client: &Client, count: usize) -> Vec<Value> {
    let create = |index| {
        let made = client.post(ISSUES, &json!({"title": format!("Issue {index}")}));
        made.expect(201)["id"].clone()
    };
    (1..=count).map(create).collect()
}

#[test]
fn an_issue_has_one_parent() {
    let github = widget();
    let client = alice(&github);
    let ids = issues(&client, 4);
    let add = |parent: u64, child: &Value, replace: bool| {
        let body = json!({"sub_issue_id": child, "replace_parent": replace});
        client.post(&format!("{ISSUES}/{parent}/sub_issues"), &body)
    };
    let parent = add(1, &ids[1], false).expect(201);
    assert_eq!(parent["sub_issues_summary"]["total"], 1);
    add(1, &ids[1], false).expect(422);
    let refused = add(3, &ids[1], false).expect(422);
    assert!(
        refused["message"]
            .as_str()
            .is_some_and(|text| text.contains("one parent"))
    );
    add(1, &json!(2), false).expect(404);
    add(2, &ids[0], false).expect(422);
    add(3, &ids[1], true).expect(201);
    let child = client.get(&format!("{ISSUES}/2")).expect(200);
    assert_eq!(
        child["parent_issue_url"],
        format!("{}{ISSUES}/3", github.url())
    );
    assert_eq!(
        client.get(&format!("{ISSUES}/2/parent")).expect(200)["number"],
        3
    );
    client.get(&format!("{ISSUES}/1/parent")).expect(404);
    add(3, &ids[3], false).expect(201);
    let body = json!({"sub_issue_id": ids[3], "before_id": ids[1]});
    client
        .patch(&format!("{ISSUES}/3/sub_issues/priority"), &body)
        .expect(200);
    let list = client.get(&format!("{ISSUES}/3/sub_issues")).expect(200);
    assert_eq!(
        (&list[0]["number"], &list[1]["number"]),
        (&json!(4), &json!(2))
    );
    client
        .patch(&format!("{ISSUES}/2"), &json!({"state": "closed"}))
        .expect(200);
    let parent = client.get(&format!("{ISSUES}/3")).expect(200);
    assert_eq!(parent["sub_issues_summary"]["percent_completed"], 50);
    let body = json!({"sub_issue_id": ids[1]}).to_string();
    let path = format!("{ISSUES}/3/sub_issue");
    client.send("DELETE", &path, &[], &body).expect(200);
    client.send("DELETE", &path, &[], &body).expect(404);
}

#[test]
fn a_parent_has_a_hundred_sub_issues() {
    let github = widget();
    let client = alice(&github);
    let parent = issues(&client, 1);
    let ids: Vec<u64> = github.edit(|web| {
        let mut widget = web.repository("acme", "widget");
        let numbers: Vec<u64> = (0..101).map(|_| widget.create_issue("Part", "")).collect();
        numbers
            .iter()
            .map(|number| widget.issue(*number).view().id)
            .collect()
    });
    let path = format!("{ISSUES}/1/sub_issues");
    for id in &ids[..100] {
        client.post(&path, &json!({"sub_issue_id": id})).expect(201);
    }
    // Closed ones count.
    client
        .patch(&format!("{ISSUES}/2"), &json!({"state": "closed"}))
        .expect(200);
    client
        .post(&path, &json!({"sub_issue_id": ids[100]}))
        .expect(422);
    let page = client.get(&format!("{path}?per_page=100")).expect(200);
    assert_eq!(page.as_array().map(Vec::len), Some(100));
    assert!(parent[0].is_u64());
}

#[test]
fn issues_wait_for_others() {
    let github = widget();
    let client = alice(&github);
    let ids = issues(&client, 2);
    let path = format!("{ISSUES}/1/dependencies/blocked_by");
    let blocked = client.post(&path, &json!({"issue_id": ids[1]})).expect(201);
    assert_eq!(blocked["issue_dependencies_summary"]["blocked_by"], 1);
    client.post(&path, &json!({"issue_id": ids[1]})).expect(422);
    client.post(&path, &json!({"issue_id": ids[0]})).expect(422);
    client.post(&path, &json!({"issue_id": 2})).expect(404);
    assert_eq!(client.get(&path).expect(200)[0]["number"], 2);
    let blocking = client
        .get(&format!("{ISSUES}/2/dependencies/blocking"))
        .expect(200);
    assert_eq!(blocking[0]["number"], 1);
    client.delete(&format!("{path}/{}", ids[1])).expect(200);
    client.delete(&format!("{path}/{}", ids[1])).expect(404);
}
