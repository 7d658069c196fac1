//! A bad line fails the batch, or is skipped on request.

use serde_json::{Value, json};

use super::{batch, lines};
use crate::support::{binary, set_up};

#[test]
fn the_first_bad_line_fails_the_batch_and_nothing_is_written() {
    let (_scene, repo) = set_up();
    let id = repo.task("Here before", &[]);
    let before = repo.tip("refs/pm/main");
    let good = json!({"op": "task.create", "title": "Good"}).to_string();
    let long = format!(r#"{{"op":"task.create","title":"{}"}}"#, "x".repeat(10_001));
    let cases: &[(&str, i32, &str)] = &[
        ("{\"op\":", 2, "line 2: not JSON"),
        ("\"text\"", 2, "expected a JSON object"),
        (
            r#"{"op":"task.create","title":"a","title":"b"}"#,
            2,
            "`title` appears twice",
        ),
        (
            r#"{"op":"task.create","title":"a"} x"#,
            2,
            "line 2: not JSON",
        ),
        (r#"{"op":"task.create"}"#, 2, "needs the key `title`"),
        (r#"{"title":"a"}"#, 2, "the key `op` is missing"),
        (
            r#"{"op":"task.make","title":"a"}"#,
            2,
            "is not an operation of a batch",
        ),
        (
            r#"{"op":"task.create","title":"a","depend_on":["T-0001"]}"#,
            2,
            "task.create has no key `depend_on`",
        ),
        (
            r#"{"op":"task.create","title":"a","if-version":"x"}"#,
            2,
            "no key `if-version`",
        ),
        (
            r#"{"op":"task.create","title":["a"]}"#,
            2,
            "`title` of task.create must be a string",
        ),
        (
            r#"{"op":"task.create","title":"a","priority":5}"#,
            2,
            "from 0 (highest) to 4",
        ),
        (
            r#"{"op":"task.create","title":"a","type":"wish"}"#,
            2,
            "line 2: task.create: ",
        ),
        (
            r#"{"op":"task.create","title":" "}"#,
            2,
            "a title cannot be empty",
        ),
        (long.as_str(), 2, "10001 characters"),
        (
            r#"{"op":"task.create","title":"a","depends-on":["T-0099"]}"#,
            4,
            "line 2: task.create: there is no item `T-0099`",
        ),
        (
            r#"{"op":"task.create","title":"a","epic":"T-0001"}"#,
            2,
            ", not epic",
        ),
        (
            r#"{"op":"task.unblock","id":"T-0001"}"#,
            1,
            "line 2: task.unblock: T-0001 is queued",
        ),
        (r#"{"op":"task.done","id":"T-0001"}"#, 1, "has no evidence"),
        (
            r#"{"op":"task.accept","id":"T-0001","n":1}"#,
            4,
            "T-0001 has no acceptance criterion 1",
        ),
        (
            r#"{"op":"task.comment","id":"T-0001","text":" "}"#,
            2,
            "a comment cannot be empty",
        ),
        (
            r#"{"op":"task.edit","id":"T-0001","title":"x","if-version":"1.0.x"}"#,
            3,
            "T-0001 was changed in the meantime",
        ),
        (
            r#"{"op":"dep.add","id":"T-0001","on":"T-0001"}"#,
            1,
            "cannot wait for itself",
        ),
        (
            r#"{"op":"task.start","id":"T-0001"}"#,
            2,
            "`task.start` cannot be part of a batch: it creates a branch",
        ),
        (
            r#"{"op":"merge","id":"T-0001"}"#,
            2,
            "cannot be part of a batch",
        ),
        (
            r#"{"op":"reserve.add","path":"x"}"#,
            2,
            "confirmed by the remote",
        ),
    ];
    for (line, code, said) in cases {
        let error = batch(&repo, &[], &format!("{good}\n{line}\n{good}\n"))
            .exits(*code)
            .error();
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("line 2: "), "{line}: {message}");
        assert!(message.contains(said), "{line}: {message}");
        assert_eq!(
            repo.tip("refs/pm/main"),
            before,
            "{line}: a part of the batch was written"
        );
    }
    assert_eq!(id, "T-0001");
}

#[test]
fn invalid_utf8_is_reported_with_its_line() {
    use std::io::Write;
    let (_scene, repo) = set_up();
    let before = repo.tip("refs/pm/main");
    let cases: [(&[u8], &str); 3] = [
        (
            b"\n{\"op\":\"task.create\",\"title\":\"a\0b\"}\n",
            "line 2: byte 31 is NUL",
        ),
        (b"\n\n{\"op\":\"\xff\"}", "line 3: byte 8 is not UTF-8"),
        (
            b"{\"op\":\"task.create\",\"title\":\"\\ud800\"}",
            "line 1: not JSON",
        ),
    ];
    for (input, said) in cases {
        let mut child = repo
            .command(binary())
            .args(["batch"])
            .stdin(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let done = child.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{err}");
        assert!(err.contains(said), "{err}");
    }
    let many = "{}\n".repeat(200_001);
    let error = batch(&repo, &["--skip-invalid"], &many).exits(2).error();
    assert!(
        error["message"]
            .to_string()
            .contains("at most 200000 lines"),
        "{error}"
    );
    assert_eq!(repo.tip("refs/pm/main"), before);
}

#[test]
fn skip_invalid_writes_the_valid_lines_and_exits_8() {
    let (_scene, repo) = set_up();
    let input = [
        r#"{"op":"task.create","title":"One"}"#,
        "no json",
        r#"{"op":"task.create","title":"Two","depends-on":"T-0009"}"#,
        r#"{"op":"task.create","title":"Three","depends-on":"T-0001"}"#,
        r#"{"op":"task.cancel","id":"T-0002"}"#,
        r#"{"op":"task.cancel","id":"T-0002"}"#,
    ]
    .join("\n");
    let report = batch(&repo, &["--skip-invalid"], &input).exits(8).data();
    assert_eq!(report["applied"], 3);
    assert_eq!(report["items"], json!(["T-0001", "T-0002"]));
    let skipped = report["skipped"].as_array().unwrap();
    let numbers: Vec<u64> = skipped
        .iter()
        .map(|s| s["line"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, [2, 3, 6]);
    let said = skipped[2]["error"].as_str().unwrap();
    assert!(
        said.starts_with("task.cancel: T-0002 is cancelled"),
        "{said}"
    );
    assert_eq!(repo.data(&["show", "T-0002"])["title"], "Three");
    // The same with the option's other name; T-0002 is already cancelled.
    let report = batch(&repo, &["--continue-on-error"], &input);
    assert_eq!(report.exits(8).data()["applied"], 2);
    let human = repo.feed(binary(), &["batch", "--skip-invalid"], "x\n");
    let human = human.exits(8);
    assert!(human.out.contains("Nothing was applied."), "{}", human.out);
    assert!(human.out.contains("line 1: "), "{}", human.out);
}

#[test]
fn a_cycle_made_of_many_lines_is_refused_at_the_line_that_closes_it() {
    let (_scene, repo) = set_up();
    let mut all: Vec<Value> = (1..=4)
        .map(|i| json!({"op": "task.create", "title": format!("Task {i}")}))
        .collect();
    all.push(json!({"op": "dep.add", "id": "T-0001", "on": "T-0002"}));
    all.push(json!({"op": "task.edit", "id": "T-0002", "depends-on": ["T-0003"]}));
    all.push(json!({"op": "dep.add", "id": "T-0003", "on": "T-0001"}));
    all.push(json!({"op": "dep.add", "id": "T-0003", "on": "T-0004"}));
    let before = repo.tip("refs/pm/main");
    let error = batch(&repo, &[], &lines(&all)).exits(1).error();
    let said = error["message"].as_str().unwrap();
    assert!(
        said.starts_with(
            "line 7: dep.add: T-0003 cannot wait for T-0001, because that would create a cycle"
        ),
        "{said}"
    );
    assert_eq!(repo.tip("refs/pm/main"), before);

    let report = batch(&repo, &["--skip-invalid"], &lines(&all))
        .exits(8)
        .data();
    assert_eq!(report["skipped"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["skipped"][0]["line"], 7);
    assert_eq!(report["applied"], 7);
    let edges = repo.data(&["dep", "list", "T-0003"]);
    assert_eq!(edges["depends_on"][0]["id"], "T-0004");
    assert_eq!(edges["depends_on"].as_array().unwrap().len(), 1);

    // A child cannot depend on an item that its parent blocks, nor can a parent be below its child.
    let nested = [
        json!({"op": "task.create", "title": "Whole"}),
        json!({"op": "task.create", "title": "Part", "parent": "T-0005"}),
        json!({"op": "task.create", "title": "Part of it", "parent": "T-0006"}),
        json!({"op": "task.edit", "id": "T-0005", "parent": "T-0007"}),
    ];
    let error = batch(&repo, &[], &lines(&nested)).exits(1).error();
    let said = error["message"].as_str().unwrap();
    assert!(
        said.starts_with("line 4: task.edit: T-0005 cannot be a child of T-0007"),
        "{said}"
    );
    let part =
        [json!({"op": "task.create", "title": "Part", "parent": "T-0004", "depends-on": "T-0004"})];
    let error = batch(&repo, &[], &lines(&part)).exits(1).error();
    let said = error["message"].as_str().unwrap();
    assert!(said.contains("would create a cycle"), "{said}");
}
