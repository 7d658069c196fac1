//! A large batch is written while it is read, without holding all of it in memory; later lines can
//! still refer to earlier ones.

use serde_json::{Value, json};

use crate::support::{binary, set_up, thorough};

const BODY: usize = 30_000;

/// Items with large texts, followed by lines that change the first of them.
fn lines(count: usize) -> String {
    let mut out = String::new();
    let mut put = |line: Value| out += &format!("{line}\n");
    put(json!({"op": "epic.create", "title": "The whole"}));
    for i in 1..=count {
        let body = "lorem ipsum ".repeat(BODY / 12);
        put(
            json!({"op": "task.create", "title": format!("Number {i}"), "body": body, "epic": "E-0001"}),
        );
    }
    put(json!({"op": "task.edit", "id": "T-0001", "title": "Changed later"}));
    put(json!({"op": "task.cancel", "id": "T-0002", "reason": "not needed"}));
    put(json!({"op": "task.comment", "id": "T-0003", "text": "a word"}));
    put(json!({"op": "task.create", "title": "Last", "depends-on": ["T-0004", "T-0005"]}));
    put(json!({"op": "task.edit", "id": "T-0001", "title": "Changed twice"}));
    out
}

#[test]
fn later_lines_of_a_large_batch_find_items_of_earlier_lines() {
    let (_scene, repo) = set_up();
    let count = 700;
    let report = repo.feed(binary(), &["--json", "batch"], &lines(count));
    let report = report.ok().data();
    assert_eq!(report["applied"], count + 6);
    assert_eq!(report["items"].as_array().unwrap().len(), count + 2);
    let show = |id: &str| repo.data(&["show", id]);
    assert_eq!(show("T-0001")["title"], "Changed twice");
    assert_eq!(show("T-0001")["body"].as_str().unwrap().len(), BODY);
    assert_eq!(show("T-0002")["status"], "cancelled");
    assert_eq!(show("T-0003")["comments"][0]["body"], "a word");
    let last = show(&format!("T-{:04}", count + 1));
    assert_eq!(last["depends_on"], json!(["T-0004", "T-0005"]));
    let parts = repo.data(&["list", "epic:E-0001", "--all"]);
    assert_eq!(parts["items"].as_array().unwrap().len(), count);
    repo.pm(&["fsck"]).ok();
    repo.git(&["fsck", "--strict"]).ok();
    assert_eq!(
        repo.git(&["rev-list", "--count", "refs/pm/main"])
            .ok()
            .text(),
        "2"
    );
}

#[test]
fn a_bad_last_line_of_a_large_batch_leaves_nothing_written() {
    let (_scene, repo) = set_up();
    let before = repo.tip("refs/pm/main");
    let bad = json!({"op": "task.edit", "id": "T-9999", "title": "x"});
    let text = format!("{}{bad}\n", lines(700));
    repo.feed(binary(), &["batch"], &text).exits(4);
    assert_eq!(repo.tip("refs/pm/main"), before);
    let skipped = repo.feed(binary(), &["--json", "batch", "--skip-invalid"], &text);
    let skipped = skipped.exits(8).data();
    assert_eq!(skipped["applied"], 706);
    repo.pm(&["fsck"]).ok();
}

// The index may fail between two chunks, and in the middle of one: every item is then read
// completely, including changes of earlier lines that are not yet written.
#[test]
fn the_last_change_of_an_item_in_a_batch_holds_although_the_index_fails_meanwhile() {
    let (_scene, repo) = set_up();
    let count = 20;
    let mut lines = String::new();
    for n in 1..=count {
        repo.task(&format!("Number {n}"), &[]);
    }
    for title in ["First", "Last"] {
        // So large that the first chunk is full before all items have the first title.
        let body = title.repeat(1_000_000 / title.len());
        for n in 1..=count {
            let line =
                json!({"op": "task.edit", "id": format!("T-{n}"), "title": title, "body": body});
            lines += &format!("{line}\n");
        }
    }
    for at in ["lot-index:1:fail", "lot-index:6:fail"] {
        let again = repo.with("GIT_PM_FAULT", at);
        let report = again.feed(binary(), &["--json", "batch"], &lines);
        assert_eq!(report.ok().data()["applied"], 2 * count);
        for n in 1..=count {
            let item = repo.data(&["show", &format!("T-{n}")]);
            assert_eq!(item["title"], "Last", "{at}: T-{n}");
            assert!(item["body"].as_str().unwrap().starts_with("Last"), "T-{n}");
        }
        let before =
            |n: usize| json!({"op": "task.edit", "id": format!("T-{n}"), "title": "Before"});
        let before: String = (1..=count).map(|n| format!("{}\n", before(n))).collect();
        repo.feed(binary(), &["batch"], &before).ok();
    }
    // Short lines that change large documents are written in chunks as well.
    let log = repo.path.join("points");
    let short = |n: usize| json!({"op": "task.edit", "id": format!("T-{n}"), "priority": 1});
    let lines: String = (1..=count).map(|n| format!("{}\n", short(n))).collect();
    let logged = repo.with("GIT_PM_FAULT_LOG", log.to_str().unwrap());
    logged.feed(binary(), &["batch"], &lines).ok();
    assert!(repo.read("points").contains("lot-index"));
    repo.pm(&["fsck"]).ok();
}

#[cfg(target_os = "linux")]
#[test]
fn large_batches_and_imports_need_little_more_memory_than_their_text() {
    let (_scene, repo) = set_up();
    // 60 MB of text in 250 MB of data, or 20 in 125; imports of half as many records.
    let (count, most) = if thorough() {
        (2_000, 256_000)
    } else {
        (700, 128_000)
    };
    let limited = |args: &str, text: &str| {
        let script = format!("ulimit -d {most}; exec '{}' {args}", binary());
        repo.feed("sh", &["-c", &script], text)
    };
    limited("batch", &lines(count)).ok();
    let records = |title: &str, at: &str| -> String {
        let body = "lorem ipsum ".repeat(BODY / 12);
        let record = |i: usize| {
            json!({"id": format!("bd-{i}"), "title": title, "description": body, "status": "open",
                "created_at": "2026-01-01T00:00:00Z", "updated_at": at})
        };
        (0..count / 2).map(|i| format!("{}\n", record(i))).collect()
    };
    limited("import beads -", &records("One", "2026-01-01T00:00:00Z")).ok();
    limited("import beads -", &records("Two", "2026-01-02T00:00:00Z")).ok();
    assert_eq!(repo.data(&["show", "bd-7"])["title"], "Two");
}

#[cfg(debug_assertions)]
#[test]
fn an_item_changed_many_times_in_one_chunk_is_written_once() {
    let (_scene, repo) = set_up();
    repo.task("Many words", &[]);
    repo.task("Large", &[]);
    let log = repo.path.join(".git/points");
    let read_back = |edits: usize| {
        let mut lines = String::new();
        for n in 0..edits {
            let title = format!("Title {n}");
            lines += &format!(
                "{}\n",
                json!({"op": "task.edit", "id": "T-1", "title": title})
            );
        }
        for _ in 0..18 {
            let line = json!({"op": "task.edit", "id": "T-2", "body": "a".repeat(1_000_000)});
            lines += &format!("{line}\n");
        }
        let logged = repo.with("GIT_PM_FAULT_LOG", log.to_str().unwrap());
        logged.feed(binary(), &["batch"], &lines).ok();
        let points = repo.read(".git/points");
        std::fs::remove_file(&log).unwrap();
        points.matches("settled-read").count()
    };
    let (many, one) = (read_back(50), read_back(1));
    assert!(
        many < one + 5,
        "{many} documents were read back, {one} without the rest"
    );
    assert_eq!(repo.data(&["show", "T-1"])["title"], "Title 0");
}

// Items written by earlier lines are read back for later ones. If that fails, the state before the
// batch must not be used instead.
#[cfg(debug_assertions)]
#[test]
fn a_batch_that_cannot_read_back_its_items_writes_nothing() {
    let (_scene, repo) = set_up();
    let count = 20;
    for n in 1..=count {
        repo.task(&format!("Number {n}"), &[]);
    }
    let mut lines = String::new();
    for n in 1..=count {
        let body = "long ".repeat(200_000);
        let line = json!({"op": "task.edit", "id": format!("T-{n}"), "title": "New", "body": body});
        lines += &format!("{line}\n");
    }
    lines += &format!(
        "{}\n",
        json!({"op": "task.edit", "id": "T-1", "priority": 0})
    );
    let before = repo.tip("refs/pm/main");
    let log = repo.path.join("points");
    for skip in [&[][..], &["--skip-invalid"]] {
        let failing = repo
            .with("GIT_PM_FAULT", "settled-read:*:fail")
            .with("GIT_PM_FAULT_LOG", log.to_str().unwrap());
        let failed = failing.feed(binary(), &[&["batch"], skip].concat(), &lines);
        let failed = failed.exits(5);
        assert!(failed.err.contains("cannot read back tasks/"), "{failed:?}");
        assert_eq!(repo.tip("refs/pm/main"), before);
    }
    assert!(repo.read("points").contains("settled-read"));
    repo.feed(binary(), &["batch"], &lines).ok();
    let first = repo.data(&["show", "T-1"]);
    assert_eq!(
        (&first["title"], &first["priority"]),
        (&json!("New"), &json!(0))
    );
}
