//! `predict`: the likely trouble with an item.
//!
//! It is taken from what happened to earlier items on the same paths, and from what was learned
//! there.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::past_trouble::{TroubleKind, of_items};
use crate::coordinate::here;
use crate::error::Result;
use crate::learn::for_item;
use crate::learn::for_item::LearningNote;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Memory;
use crate::store::state::State;

/// The maximum number of earlier items that are compared.
const PAST: usize = 100;

/// The maximum number of pieces of evidence for one kind of trouble.
const EVIDENCE: usize = 5;

/// The likely trouble with an item.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Prediction {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The patterns of its paths. Without any, only learnings are found.
    pub paths: Vec<String>,
    /// The number of earlier items that changed, or were planned to change, the same paths.
    pub past_items: usize,
    /// The likely trouble, the most frequent first.
    pub likely: Vec<LikelyTrouble>,
    /// The learnings about the same paths or words.
    pub learnings: Vec<LearningNote>,
}

/// A kind of trouble with the evidence for it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LikelyTrouble {
    /// The kind.
    pub kind: TroubleKind,
    /// The number of earlier items that had it.
    pub items: usize,
    /// Their share of the earlier items, from 0 to 1.
    pub share: f64,
    /// The newest evidence.
    pub evidence: Vec<Evidence>,
}

/// What happened to an earlier item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Evidence {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// RFC 3339.
    pub at: String,
    /// One line: the reason that was given, the bug, the delay.
    pub text: String,
}

impl Memory<'_> {
    /// The likely trouble with an item, by default the one that is checked out here, else the only one
    /// that the caller holds.
    ///
    /// # Errors
    /// When there is no such item, or the history cannot be read.
    pub fn predict(&self, id: Option<&str>) -> Result<Prediction> {
        let pm = self.pm;
        let state = pm.store.snapshot()?;
        let uid = here::named_or_held(pm, &state, id)?;
        let item = state.find(uid.as_str())?;
        let past = past_on(pm, &state, item)?;
        let mut by_kind: BTreeMap<TroubleKind, (BTreeSet<Uid>, Vec<Evidence>)> = BTreeMap::new();
        for trouble in of_items(pm, &state, &past)? {
            let (items, evidence) = by_kind.entry(trouble.kind).or_default();
            let earlier = state.item(&trouble.item);
            if let Some(earlier) = earlier.filter(|_| evidence.len() < EVIDENCE) {
                evidence.push(Evidence {
                    id: state.shown_id(earlier),
                    title: earlier.title.clone(),
                    at: trouble.at,
                    text: trouble.text,
                });
            }
            items.insert(trouble.item);
        }
        let mut likely: Vec<LikelyTrouble> = by_kind
            .into_iter()
            .map(|(kind, (items, evidence))| LikelyTrouble {
                kind,
                items: items.len(),
                share: items.len() as f64 / past.len() as f64,
                evidence,
            })
            .collect();
        // Stable: equally frequent kinds stay in the order of their harm.
        likely.sort_by_key(|trouble| std::cmp::Reverse(trouble.items));
        Ok(Prediction {
            id: state.shown_id(item),
            title: item.title.clone(),
            paths: item.paths.clone(),
            past_items: past.len(),
            likely,
            learnings: for_item::learnings_near(pm, &state, item),
        })
    }
}

/// The earlier items that changed, or were planned to change, the paths of an item: those that
/// were started, the newest first.
fn past_on<'s>(pm: &Pm, state: &'s State<'_>, item: &Item) -> Result<Vec<&'s Item>> {
    let views = pm.insights().impact(&item.paths)?;
    let ids: BTreeSet<&str> = views
        .iter()
        .flat_map(|view| view.items.iter().map(|one| one.item.id.as_str()))
        .collect();
    let mut past: Vec<&Item> = ids
        .into_iter()
        .filter_map(|id| state.find(id).ok())
        .filter(|one| one.uid != item.uid && one.started_at.is_some())
        .filter(|one| one.age < item.age || one.status.is_closed())
        .collect();
    past.sort_by(|a, b| b.age.cmp(&a.age).then_with(|| a.uid.cmp(&b.uid)));
    past.truncate(PAST);
    Ok(past)
}
