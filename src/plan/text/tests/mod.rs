//! Plans for the tests.

mod applying;
mod edits;
mod field_edits;
mod mistakes;
mod plans;
mod properties;
mod task_edits;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::id::ItemRef;
use crate::model::uid::Uid;
use crate::plan::draft::{Criterion, Edge, EdgeClass, Milestone, Strategy, Task};
use crate::plan::{Plan, PlanStatus, Planned};

/// A value from its JSON, so that the fixtures still work when a type gets another field.
fn from_json<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> T {
    serde_json::from_value(json).unwrap()
}

fn criterion(text: &str) -> Criterion {
    from_json(serde_json::json!({
        "text": text, "lines": { "start": 3, "end": 3 }, "requirement": null, "derived": false,
        "vague": [],
    }))
}

fn key_of(number: u32) -> String {
    format!("{number:012x}")
}

fn task(number: u32, title: &str) -> Planned {
    let task: Task = from_json(serde_json::json!({
        "key": key_of(number), "title": title, "description": "", "item_type": "feature",
        "acceptance": [], "estimate": "M", "hours": 4, "estimate_reason": "", "points": null, "priority": null,
        "risk": "low", "risk_reason": "", "validation": "none", "validation_reason": "",
        "stream": "main", "paths": [], "requirement": null, "covers": [], "milestone": null,
        "story": null, "lines": { "start": 12, "end": 18 }, "tests": null, "auto_policy": "none",
    }));
    let mut planned = Planned {
        task,
        number,
        item: None,
        added_by: None,
        by_hand: BTreeMap::new(),
        is_gone: false,
        research_notes: Vec::new(),
    };
    planned.task.acceptance = vec![criterion("it works")];
    planned
}

fn item(id: &str) -> Option<ItemRef> {
    Some(ItemRef {
        born: id.to_string(),
        uid: None,
    })
}

fn wait(task: u32, on: u32, class: EdgeClass) -> Edge {
    Edge {
        task: key_of(task),
        on: key_of(on),
        class,
        rule: "explicit".into(),
        line: 1,
        reason: String::new(),
    }
}

fn milestone(key: &str, title: &str) -> Milestone {
    from_json(serde_json::json!({
        "key": key, "title": title, "lines": { "start": 1, "end": 1 }, "deliverables": [],
        "success": [], "goal": null, "tasks": [], "after": null,
    }))
}

fn plan(tasks: Vec<Planned>) -> Plan {
    Plan {
        uid: Uid::derived(&["plan"]),
        prd: item("P-0001").unwrap(),
        title: "Shop".into(),
        status: PlanStatus::Draft,
        document: String::new(),
        strategy: Strategy::Outline,
        threshold: 10,
        branches: None,
        tasks,
        removed: BTreeSet::new(),
        waits: Vec::new(),
        milestones: Vec::new(),
        questions: Vec::new(),
        deferred: Vec::new(),
        external: Vec::new(),
        guards: Vec::new(),
        ready: Vec::new(),
        done: Vec::new(),
        epic: None,
        approved_at: None,
        approved_by: None,
        approval: None,
        edits: 0,
        accepted_document: None,
    }
}

/// Three tasks in two streams: 2 waits for 1, 3 for 1 without being blocked.
fn shop() -> Plan {
    let mut out = plan(vec![
        task(1, "Open the shop"),
        task(2, "Take money"),
        task(3, "Write the guide"),
    ]);
    out.tasks[0].task.description = "Doors first.\n\n## Then windows\n- two".into();
    out.tasks[1].task.points = Some(3);
    out.tasks[1].task.paths = vec!["src/pay/".into(), "src/card.rs".into()];
    out.tasks[1].task.milestone = Some("m1".into());
    out.tasks[1].task.requirement = Some("FR-2".into());
    out.tasks[2].task.stream = "docs".into();
    out.milestones = vec![milestone("m1", "Beta"), milestone("m2", "Launch")];
    out.waits = vec![wait(2, 1, EdgeClass::Hard), wait(3, 1, EdgeClass::Soft)];
    out
}

/// [`shop`] with a test, 4, that task 2 waits for.
fn tested_shop() -> Plan {
    let mut out = shop();
    out.tasks[1].task.validation = from_json("test-first".into());
    let mut test = task(4, "Test: take money");
    test.task.tests = Some(key_of(2));
    out.tasks.insert(2, test);
    out.waits.push(wait(2, 4, EdgeClass::Hard));
    out
}
