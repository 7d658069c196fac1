//! A redaction of an imported record: what is around the text stays.

use serde_json::{Value, json};

use super::{export, import, ready};

const RECORD: &str = r#"{"id":"bd-a","title":"A","description":"use hunter2\"x now","status":"open","priority":7,"issue_type":"task","created_at":"2026-01-17T04:18:04Z","updated_at":"2026-01-17T04:18:04.123456789+02:00","quality_score":0.850,"zz":{"k":"hunter2\"x","keep":"me \u003c"},"sprint":"S7"}"#;

#[test]
fn a_redacted_text_takes_nothing_else_of_a_record_with_it() {
    let (_scene, repo) = ready();
    import(&repo, RECORD).ok();
    repo.pm(&["redact", "hunter2\"x", "--yes"]).ok();
    let wanted = RECORD.replace("hunter2\\\"x", "[redacted]");
    let out = export(&repo);
    assert!(!out.contains("hunter2"), "{out}");
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let (mut found, mut same) = (read(&out), read(&wanted));
    for record in [&mut found, &mut same] {
        record.as_object_mut().unwrap().remove("updated_at");
    }
    assert_eq!(found, same, "{out}");
    assert!(out.contains("0.850") && out.contains(r"me \u003c"), "{out}");
    // The file may still have the text; that is not news.
    let report = import(&repo, RECORD).ok().data();
    assert_eq!(report["unchanged"], json!(1), "{report}");
    assert_eq!(export(&repo), out);
    // A number is redacted only as a whole, and here it is not one of the texts.
    repo.pm(&["redact", "0.850", "--yes"]).ok();
    assert!(!export(&repo).contains("0.850"));
}
