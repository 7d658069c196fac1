//! `scope`: shows the work in a document and records decisions; `draft/scope.rs` recommends.
//!
//! It has the amount of work, manual decisions about it, and the accuracy of recommendations.

use super::draft;
use super::record::{of_word, word};
use super::sources::{Source, plans};
use crate::error::{Error, Result};
use crate::model::stamp::rfc3339;
use crate::model::text::one_line;
use crate::model::value::Value;
use crate::plan::prd;
use crate::plan::sources;
use crate::pm::handles::Plans;
use crate::store::state::State;

/// The record of a PRD with decisions against a recommendation.
const OVERRIDES: &str = "scope_overrides";

/// A decision against a recommendation.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Override {
    /// The recommendation.
    pub recommended: String,
    /// The decision.
    pub decided: String,
    /// The reason.
    pub reason: String,
    /// The actor.
    pub by: String,
    /// The time, RFC 3339.
    pub at: String,
}

/// The accuracy of earlier recommendations.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct Accuracy {
    /// Number of finished epics from plans.
    pub finished: usize,
    /// Number of these with work of the recommended size.
    pub right: usize,
    /// Number of recommendations that were overridden.
    pub overridden: usize,
    /// The error of estimates: |estimated - actual| / actual hours of work, the mean over finished
    /// epics.
    pub effort_error: Option<f64>,
}

/// The amount of work in a document.
#[derive(Clone, Debug, PartialEq, serde::Serialize, schemars::JsonSchema)]
pub struct ScopeView {
    /// The PRD's id, if the document is one.
    pub prd: Option<String>,
    /// The document's title.
    pub title: String,
    /// The recommendation with its basis.
    #[serde(flatten)]
    pub scope: draft::Scope,
    /// Decisions against it, the latest last.
    pub overrides: Vec<Override>,
    /// The accuracy of earlier recommendations.
    pub accuracy: Accuracy,
}

impl Plans<'_> {
    /// Assesses the amount of work in a document. Writes nothing.
    ///
    /// # Errors
    /// If there is no such PRD, or the document cannot be read.
    pub fn scope(&self, source: &Source) -> Result<ScopeView> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (prd, reading) = prd::document(self.pm, &state, source)?;
        let (draft, _) = sources::draft_of(self.pm, &state, &reading);
        Ok(ScopeView {
            title: draft.title.clone(),
            scope: draft.scope(reading.verdicts()),
            overrides: prd.as_ref().map_or_else(Vec::new, |prd| {
                let doc = state.doc(&prd.uid);
                doc.map_or_else(Vec::new, overrides)
            }),
            prd: prd.map(|prd| state.shown_id(&prd)),
            accuracy: accuracy(&state),
        })
    }

    /// Records a decision against the recommendation; a file becomes a PRD first.
    ///
    /// # Errors
    /// If the word is not a valid scope, there is no reason, or the document cannot be read.
    pub fn override_scope(
        &self,
        source: &Source,
        decided: &str,
        reason: &str,
    ) -> Result<ScopeView> {
        let decided: draft::Recommendation = of_word(decided).ok_or_else(|| {
            Error::usage(format!("`{}` is not a valid scope", one_line(decided)))
                .hint("use one of: single-agent, multi-agent, decomposition-required")
        })?;
        if reason.trim().is_empty() {
            return Err(Error::usage("overriding the scope requires a reason")
                .hint("give one: `--reason \"we have one developer\"`"));
        }
        let prd = self.pm.write("scope override").view(|tx| {
            let (prd, reading) = prd::prd_of_in(self.pm, tx, source)?;
            let (draft, _) = sources::draft_of(self.pm, &tx.state, &reading);
            let recommended = draft.scope(reading.verdicts()).recommendation;
            let (id, at) = (tx.new_entry_id()?, tx.fresh_stamp());
            let fields = [
                ("recommended", Value::from(word(recommended))),
                ("decided", word(decided).into()),
                ("reason", reason.trim().into()),
                ("by", tx.actor().into()),
                ("when", rfc3339(tx.clock().wall_ms()).into()),
            ];
            tx.edit(&prd.uid, |doc, _| {
                doc.add_entry(OVERRIDES, &id, at, &fields);
                true
            })?;
            let text = format!(
                "of {}: {} instead of {}",
                prd.id,
                word(decided),
                word(recommended)
            );
            tx.describe("scope override", &[&prd.id], &text);
            Ok(prd.uid)
        })?;
        self.pm.plans().scope(&Source::Prd(prd.id))
    }
}

fn overrides(doc: &crate::model::doc::Doc) -> Vec<Override> {
    let mut all: Vec<(&crate::model::stamp::Stamp, Override)> = doc
        .entries(OVERRIDES)
        .map(|(_, entry)| {
            let text = |name: &str| entry.text(name).unwrap_or_default().to_string();
            let found = Override {
                recommended: text("recommended"),
                decided: text("decided"),
                reason: text("reason"),
                by: text("by"),
                at: text("when"),
            };
            (&entry.at, found)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(b.0));
    all.into_iter().map(|(_, found)| found).collect()
}

/// The accuracy of recommendations, over the plans with finished epics.
fn accuracy(state: &State<'_>) -> Accuracy {
    let mut out = Accuracy::default();
    let mut errors = Vec::new();
    for (plan, prd) in plans(state) {
        let decided = state.doc(&prd.uid).map_or_else(Vec::new, overrides);
        out.overridden += usize::from(!decided.is_empty());
        let Some(epic) = plan
            .epic
            .as_ref()
            .and_then(|epic| state.item(epic.uid.as_ref()?))
        else {
            continue;
        };
        let Some(outcome) = super::stats::outcome(state, &plan, epic) else {
            continue;
        };
        out.finished += 1;
        out.right += usize::from(outcome.size_was_right);
        errors.extend(outcome.effort_error);
    }
    if !errors.is_empty() {
        let count = u32::try_from(errors.len()).unwrap_or(u32::MAX);
        out.effort_error = Some(errors.iter().sum::<f64>() / f64::from(count));
    }
    out
}
