//! Reservations as a tree of files, with holders and the time left.

use std::collections::BTreeMap;

use askama::Template;

use super::super::request::{Answer, Call, Scope};
use super::super::route::Route;
use super::filters;
use super::frame::{Frame, html, see};
use super::limits;
use crate::coordinate::reservation_verbs::ReservationSelector;
use crate::coordinate::reserve::reservation_queries::ReservationView;
use crate::error::Result;
use crate::model::stamp::{parse_rfc3339, span_left};

pub(super) fn routes() -> Vec<Route> {
    vec![
        super::page(
            "/reservations",
            "Reservations as a tree of files",
            reservations,
        ),
        super::form(
            "/reservations/{id}/release",
            "Release a reservation",
            Scope::Write,
            |call| {
                let which = ReservationSelector {
                    names: vec![call.part("id").to_string()],
                    task: None,
                };
                call.pm_to_push()?.reservations().release(&which)?;
                see("/reservations")
            },
        ),
    ]
}

/// A reservation at one of its patterns.
#[derive(Clone)]
pub(super) struct Leaf {
    pub view: ReservationView,
    pub left: String,
    /// True if the visitor may release it.
    pub is_own: bool,
}

/// A folder or file with the reservations of exactly that pattern, and the entries below it.
#[derive(Default, Template)]
#[template(path = "../src/serve/page/templates/branch.html")]
pub(super) struct Branch {
    pub name: String,
    pub leaves: Vec<Leaf>,
    pub below: BTreeMap<String, Branch>,
}

/// It is itself a template, which escapes its content.
impl askama::filters::HtmlSafe for Branch {}

impl Branch {
    pub fn insert(&mut self, pattern: &str, leaf: Leaf) {
        let parts: Vec<&str> = pattern
            .splitn(limits::RESERVATIONS_DEPTH_MAX, '/')
            .collect();
        let mut at = self;
        for (n, part) in parts.iter().enumerate() {
            let is_last = n + 1 == parts.len();
            let name = if is_last {
                part.to_string()
            } else {
                format!("{part}/")
            };
            at = at.below.entry(name.clone()).or_insert_with(|| Branch {
                name,
                ..Branch::default()
            });
        }
        at.leaves.push(leaf);
    }
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/reservations.html")]
struct ReservationsPage {
    frame: Frame,
    count: usize,
    tree: Branch,
    /// The number of patterns that are not in the tree.
    more: usize,
}

fn reservations(call: &Call) -> Result<Answer> {
    let all = call.pm()?.reservations().list(false)?;
    let (now, count) = (call.shared.env.now_ms(), all.len());
    let frame = Frame::of(call, "Reservations", "/reservations");
    let (mut tree, mut patterns) = (Branch::default(), 0);
    for view in all {
        let until = parse_rfc3339(&view.expires_at);
        let left = until.and_then(|until| until.checked_sub(now));
        let leaf = Leaf {
            left: left.map_or_else(
                || "expired".into(),
                |left| format!("{} left", span_left(left)),
            ),
            is_own: frame.may_write && frame.visitor.as_ref() == Some(&view.holder),
            view,
        };
        for pattern in &leaf.view.patterns {
            patterns += 1;
            if patterns <= limits::RESERVATIONS_MAX {
                tree.insert(pattern, leaf.clone());
            }
        }
    }
    html(&ReservationsPage {
        more: patterns.saturating_sub(limits::RESERVATIONS_MAX),
        frame,
        count,
        tree,
    })
}
