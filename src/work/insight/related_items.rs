//! The items related to an item.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Serialize;

use super::title_similarity::Corpus;
use super::{ItemLine, LIMIT, Survey};
use crate::coordinate::reserve::pattern_lists::Wanted;
use crate::error::Result;
use crate::model::item::Item;
use crate::model::statistics::rounded;
use crate::model::text::first_of;
use crate::pm::handles::Insights;

/// The weight of an edge, the greatest.
const EDGE: f64 = 1.0;
/// The weight of a planned path that may match one of the item's.
const PATH: f64 = 0.5;
/// The weight of a common parent or epic.
const SIBLING: f64 = 0.3;
/// The greatest weight of all common labels together.
const LABELS: f64 = 0.4;
/// The weight of an equal title.
const TITLE: f64 = 0.8;
/// The similarity below which titles do not count.
const ALIKE: f64 = 0.25;

/// The number of labels named in a sentence.
const SHOWN: usize = 10;

/// An item related to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RelatedItem {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// The strength of the relation: the sum of the reasons' weights.
    pub score: f64,
    /// The reasons as sentences.
    pub reasons: Vec<String>,
}

impl Insights<'_> {
    /// The items related to an item, the strongest first: by edges in either direction, planned
    /// paths that may match the same files, a common parent or epic, rare common labels, and titles
    /// with the same words.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn related(&self, id: &str, limit: Option<usize>) -> Result<Vec<RelatedItem>> {
        let state = self.pm.store.snapshot()?;
        let uid = state.find(id)?.uid.clone();
        let survey = self.pm.survey(&state);
        let mut kin = Kin {
            found: BTreeMap::new(),
        };
        if let Some(item) = survey.item(&uid) {
            kin.by_edges(&survey, item);
            kin.by_paths(&survey, item, self.pm.case());
            kin.by_family(&survey, item);
            kin.by_labels(&survey, item);
            kin.by_title(&survey, item);
        }
        kin.found.remove(uid.as_str());
        let mut found: Vec<RelatedItem> = survey
            .items
            .iter()
            .filter_map(|item| {
                let (score, reasons) = kin.found.remove(item.uid.as_str())?;
                Some(RelatedItem {
                    item: survey.line(item),
                    score: rounded(score),
                    reasons,
                })
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        found.truncate(limit.unwrap_or(LIMIT));
        Ok(found)
    }
}

/// The relations so far, by uid.
struct Kin<'s> {
    found: BTreeMap<&'s str, (f64, Vec<String>)>,
}

impl<'s> Kin<'s> {
    fn add(&mut self, uid: &'s str, counts: f64, reason: String) {
        let (score, reasons) = self.found.entry(uid).or_default();
        *score += counts;
        reasons.push(reason);
    }

    fn by_edges(&mut self, survey: &Survey<'s, '_>, item: &'s Item) {
        let mut seen: HashSet<&str> = HashSet::new();
        let said = |kind: &str, from: &Item, to: &Item| {
            let (from, to) = (survey.state.shown_id(from), survey.state.shown_id(to));
            match kind {
                "blocks" => format!("{from} waits for {to}"),
                "epic" | "parent-child" => format!("{from} is part of {to}"),
                kind => format!("{from} has an edge of type `{kind}` to {to}"),
            }
        };
        for (kind, target, _) in survey.edges_of(item) {
            if let Some(other) = survey.by_uid.get(target)
                && seen.insert(target)
            {
                self.add(target, EDGE, said(kind, item, other));
            }
        }
        for other in &survey.items {
            let mut edges = survey.edges_of(other);
            let to = edges.find(|(_, target, _)| *target == item.uid.as_str());
            if let Some((kind, ..)) = to
                && seen.insert(other.uid.as_str())
            {
                self.add(other.uid.as_str(), EDGE, said(kind, other, item));
            }
        }
    }

    fn by_paths(
        &mut self,
        survey: &Survey<'s, '_>,
        item: &Item,
        case: crate::coordinate::reserve::queue::Case,
    ) {
        let own = Wanted::new(&item.paths, case);
        for other in survey.items.iter().filter(|other| other.uid != item.uid) {
            if let Some(path) = own.meeting(&other.paths).next() {
                let reason = format!("both plan to change {path}");
                self.add(other.uid.as_str(), PATH, reason);
            }
        }
    }

    fn by_family(&mut self, survey: &Survey<'s, '_>, item: &Item) {
        let above = |item: &Item| -> HashSet<&'s str> {
            let edges = survey.edges_of(item);
            let up = edges.filter(|(kind, ..)| matches!(*kind, "epic" | "parent-child"));
            up.map(|(_, target, _)| target).collect()
        };
        let own = above(item);
        if own.is_empty() {
            return;
        }
        for other in &survey.items {
            let common = above(other).into_iter().filter(|uid| own.contains(uid));
            if let Some(parent) = common.min().and_then(|uid| survey.by_uid.get(uid)) {
                let id = survey.state.shown_id(parent);
                self.add(
                    other.uid.as_str(),
                    SIBLING,
                    format!("both are part of {id}"),
                );
            }
        }
    }

    fn by_labels(&mut self, survey: &Survey<'s, '_>, item: &Item) {
        let mut bearers: HashMap<&str, usize> = HashMap::new();
        for label in survey.items.iter().flat_map(|i| &i.labels) {
            *bearers.entry(label).or_default() += 1;
        }
        let own: HashSet<&str> = item.labels.iter().map(String::as_str).collect();
        for other in survey.items.iter().filter(|other| other.uid != item.uid) {
            let labels = other.labels.iter().map(String::as_str);
            let common: Vec<&str> = labels.filter(|label| own.contains(label)).collect();
            // A label that all items have says nothing.
            let counts: f64 = common
                .iter()
                .map(|label| 1.0 - bearers[label] as f64 / survey.items.len() as f64)
                .sum();
            let counts = (counts * LABELS / 2.0).min(LABELS);
            if counts >= 0.01 {
                self.add(
                    other.uid.as_str(),
                    counts,
                    format!("both are labeled {}", first_of(&common, SHOWN)),
                );
            }
        }
    }

    fn by_title(&mut self, survey: &Survey<'s, '_>, item: &Item) {
        let corpus = Corpus::new(survey.items.iter().map(|i| i.title.as_str()));
        let place = survey.items.iter().position(|i| i.uid == item.uid);
        let Some(place) = place else { return };
        for (other, alike) in corpus.near(place, usize::MAX) {
            if alike >= ALIKE {
                let uid = survey.items[other].uid.as_str();
                let percent = (alike * 100.0).round();
                self.add(
                    uid,
                    alike * TITLE,
                    format!("their titles are {percent}% similar"),
                );
            }
        }
    }
}
