//! Reports about the items that match a query.

use serde_json::{Value, json};

use super::reports::two_clones;

fn ids(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["id"].as_str().unwrap()).collect()
}

#[test]
fn a_report_with_a_query_counts_only_the_items_that_match() {
    let (_scene, a, _b) = two_clones();
    let first = a.when("2026-11-02T10:00:00Z");
    first.task(
        "Header",
        &["--label", "web", "--points", "3", "--estimate", "S"],
    );
    first.task("Footer", &["--label", "web"]);
    first.task("Route", &["--label", "api", "--estimate", "L"]);
    for (id, from, to) in [("T-1", 10, 12), ("T-3", 13, 15)] {
        a.when(&format!("2026-11-03T{from}:00:00Z"))
            .pm(&["start", id, "--no-worktree", "--offline"])
            .ok();
        a.when(&format!("2026-11-03T{to}:00:00Z"))
            .pm(&["task", "done", id, "--force"])
            .ok();
    }
    let later = a.when("2026-11-09T09:00:00Z");
    let report = |query: &[&str]| {
        let period = ["report", "--since", "2026-11-02", "--until", "2026-11-08"];
        later.data(&[&period[..], query].concat())
    };
    let web = report(&["label:web"]);
    assert_eq!(web["query"], "label:web");
    assert_eq!(web["counts"]["created"], 2, "{web}");
    assert_eq!(web["velocity"]["finished"], 1);
    assert_eq!(web["velocity"]["hours"], 2.0);
    assert_eq!(
        (&web["standing"]["open"], &web["standing"]["ready"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(ids(&web["standing"]["next"]), ["T-0002"]);
    assert_eq!(ids(&web["actors"][0]["done"]), ["T-0001"]);
    let series = web["series"].as_array().unwrap();
    let open: Vec<&Value> = series.iter().map(|point| &point["open"]).collect();
    assert_eq!(open[..2], [&json!(2), &json!(1)], "{web}");
    assert_eq!(open.last(), Some(&&json!(1)));
    // Its parts are those of the whole.
    let (all, api) = (report(&[]), report(&["label:api"]));
    assert_eq!(all["query"], Value::Null);
    for kind in ["created", "started", "finished"] {
        let count = |report: &Value| report["counts"][kind].as_u64().unwrap();
        assert_eq!(count(&web) + count(&api), count(&all), "{kind}");
    }
    assert_eq!(ids(&api["standing"]["next"]), Vec::<&str>::new());
    assert_eq!(report(&["points:>2", "label:web"])["counts"]["created"], 1);
    // All three lengths take one, and say so.
    for verb in ["standup", "retro", "report"] {
        let said = later
            .pm(&[verb, "--since", "2026-11-02", "label:web"])
            .ok()
            .out;
        assert!(
            said.contains("Only items that match label:web"),
            "{verb}: {said}"
        );
        assert!(!said.contains("Route"), "{verb}: {said}");
    }
    later.pm(&["report", "nonsense:1"]).exits(2);
}

#[test]
fn an_id_in_a_report_means_its_item_and_what_is_below() {
    let (_scene, a, _b) = two_clones();
    let at = a.when("2026-11-02T10:00:00Z");
    at.pm(&["epic", "create", "Checkout"]).ok();
    at.task("Cart", &["--epic", "E-1"]);
    at.task("Payment", &["--epic", "E-1"]);
    at.task("Route", &[]);
    let done = a.when("2026-11-03T10:00:00Z");
    for id in ["T-1", "T-3"] {
        done.pm(&["start", id, "--no-worktree", "--offline"]).ok();
        done.pm(&["task", "done", id, "--force"]).ok();
    }
    let later = a.when("2026-11-04T09:00:00Z");
    let finished = |words: &[&str]| {
        let period = ["report", "--since", "2026-11-02"];
        later.data(&[&period[..], words].concat())["velocity"]["finished"].clone()
    };
    for id in ["E-0001", "e-1", "epic:E-0001"] {
        assert_eq!(finished(&[id]), 1, "{id}");
    }
    assert_eq!(finished(&["T-0001"]), 1);
    assert_eq!(finished(&["T-0002"]), 0);
    assert_eq!(finished(&["E-0001", "or", "T-0003"]), 2);
    let said = later
        .pm(&["standup", "--since", "2026-11-02", "E-0001"])
        .ok()
        .out;
    assert!(said.contains("Cart") && !said.contains("Route"), "{said}");
    // No item of that id is not the same as no work.
    assert_ne!(later.pm(&["report", "E-0009"]).code, 0);
}

// OB-11: work that was done before, and is started only to be closed, says nothing about estimates.
#[test]
fn ob_11_work_that_took_no_time_is_no_sample() {
    let (_scene, a, _b) = two_clones();
    let at = a.when("2026-11-02T10:00:00Z");
    at.task("Done before", &["--estimate", "L"]);
    at.task("Worked on", &["--estimate", "S"]);
    let close = |id: &str, begin: &str, end: &str| {
        a.when(begin)
            .pm(&["start", id, "--no-worktree", "--offline"])
            .ok();
        a.when(end).pm(&["task", "done", id, "--force"]).ok();
    };
    close("T-1", "2026-11-02T11:00:00Z", "2026-11-02T11:00:30Z");
    let later = a.when("2026-11-04T09:00:00Z");
    let report = || later.data(&["report", "--since", "2026-11-02"]);
    let said = report();
    assert_eq!(said["estimates"]["error"], Value::Null, "{said}");
    assert_eq!(said["velocity"]["hours"], 0.0, "{said}");
    assert_eq!(said["velocity"]["unmeasured"], 1, "{said}");
    close("T-2", "2026-11-03T11:00:00Z", "2026-11-03T12:00:00Z");
    let said = report();
    assert_eq!(said["estimates"]["samples"], 1, "{said}");
    assert_eq!(said["estimates"]["error"], 1.0, "{said}");
    assert_eq!(said["velocity"]["finished"], 2, "{said}");
    assert_eq!(said["velocity"]["samples"], 1, "{said}");
    assert_eq!(said["velocity"]["hours"], 2.0, "{said}");
    let text = later.pm(&["report", "--since", "2026-11-02"]).ok().out;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("2 estimated, of 1 item finished"), "{text}");
    assert!(text.contains("1 item finished within minutes"), "{text}");
}
