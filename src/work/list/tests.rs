//! A query has one answer, from the index and from the documents alike.

use std::collections::BTreeMap;

use super::item_filter::Plan;
use crate::model::id::ItemKind;
use crate::model::vocabulary::{Estimate, Risk};
use crate::query::Expr;
use crate::store::state::State;
use crate::work::list::ListFilter;
use crate::work::new_item::{Fields, NewItem};
use crate::{Env, Options, Pm};

/// A repository with items that differ in all fields that a query can test.
fn scene(dir: &std::path::Path) -> Pm {
    let vars = BTreeMap::from([
        ("PATH".to_string(), std::env::var_os("PATH").unwrap()),
        ("GIT_CONFIG_NOSYSTEM".to_string(), "1".into()),
        ("GIT_CONFIG_GLOBAL".to_string(), "/dev/null".into()),
        ("GIT_AUTHOR_NAME".to_string(), "Ana".into()),
    ]);
    let made = std::process::Command::new("git")
        .args(["init", "-q"])
        .current_dir(dir)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .status();
    assert!(made.unwrap().success());
    let pm = Pm::open(Env::new(dir, vars), Options::default()).unwrap();
    pm.state().init(&Default::default()).unwrap();
    let make = |kind, title: &str, change: &dyn Fn(&mut NewItem)| {
        let mut new = NewItem {
            title: title.into(),
            ..NewItem::default()
        };
        change(&mut new);
        pm.tasks().create(kind, &new).unwrap().id
    };
    let epic = make(ItemKind::Epic, "Logging in", &|new| {
        new.fields.labels = Some(vec!["Auth".into()]);
    });
    let first = make(ItemKind::Task, "Fix the race", &|new| {
        new.fields = Fields {
            labels: Some(vec!["auth".into(), "ci".into()]),
            priority: Some(0),
            estimate: Some(Estimate::S.into()),
            assignee: Some("Ana".into()),
            epic: Some(epic.clone()),
            ..Fields::default()
        };
        new.fields.paths = Some(vec!["src/auth/**".into()]);
        new.fields.acceptance = Some(vec!["no café is raced twice".into()]);
    });
    make(ItemKind::Task, "Waits for the race", &|new| {
        new.fields.depends_on = Some(vec![first.clone()]);
        new.fields.body = Some("The race in the log-in must be over, naïvely.".into());
        new.fields.risk = Some(Risk::High.into());
    });
    let third = make(ItemKind::Task, "Écrire la doc", &|new| {
        new.fields.item_type = Some("docs".into());
        new.fields.assignee = Some("ben".into());
    });
    pm.tasks().comment(&third, "What about the RACE?").unwrap();
    let fourth = make(ItemKind::Task, "Given up", &|_| {});
    pm.tasks().cancel(&fourth, Some("no race")).unwrap();
    make(ItemKind::Issue, "An issue: racing", &|new| {
        new.fields.parent = Some(first.clone());
    });
    pm
}

const ASKED: &[&str] = &[
    "",
    "status:open",
    "status:closed,blocked",
    "status:QUEUED",
    "kind:task,epic",
    "is:ready",
    "is:blocked",
    "is:closed",
    "is:claimed",
    "is:mine",
    "label:auth",
    "label:*i",
    "owner:me",
    "owner:ben",
    "priority:<=1",
    "priority:1..3",
    "estimate:>=S",
    "has:risk",
    "has:acceptance",
    "epic:E-1",
    "depends-on:T-1",
    "blocks:T-2",
    "parent:T-1",
    "under:E-1",
    "has:defer",
    "is:deferred",
    "is:template",
    "linked:T-1",
    "path:src/*",
    "type:docs",
    "type:Docs,epic",
    "is:epic",
    "title:\"the r\"",
    "reason:race",
    "created:<1d",
    "updated:>1d",
    "closed:today",
    "race",
    "rac*",
    "\"the race\"",
    "cafe",
    "ecrire",
    "\"log in\"",
    "nowhere",
];

#[test]
fn the_index_and_the_documents_give_the_same_answers() {
    let dir = tempfile::tempdir().unwrap();
    let pm = scene(dir.path());
    let mut queries: Vec<String> = ASKED.iter().map(|q| (*q).to_string()).collect();
    for (n, one) in ASKED.iter().enumerate().skip(1) {
        queries.push(format!("-({one})"));
        for other in ASKED.iter().skip(n + 1) {
            queries.push(format!("{one} {other}"));
            queries.push(format!("({one}) or -({other})"));
        }
    }
    let indexed = pm.store().state().unwrap();
    let repo = pm.store().repo();
    let read = State::at(repo, indexed.commit.unwrap()).unwrap();
    let mut found = 0;
    for query in &queries {
        for all in [false, true] {
            let filter = ListFilter {
                query: Some(Expr::parse(query).unwrap()),
                all,
                ..ListFilter::default()
            };
            let ids = |state: &State<'_>| -> Vec<String> {
                let plan = Plan::of(&pm, state, &filter).unwrap();
                let items = plan.items(state).into_iter();
                items.map(|item| item.id.clone()).collect()
            };
            let answer = ids(&indexed);
            assert_eq!(answer, ids(&read), "`{query}`, all: {all}");
            found += answer.len();
        }
    }
    assert!(found > queries.len(), "most queries find nothing");
}
