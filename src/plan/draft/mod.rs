//! The deterministic planner: from a parsed document to a draft of a plan, with no model and no
//! I/O. [`draft`] runs the rules, [`scope`] judges the size, [`split_proposal`] says how to cut a
//! document that is too large. The same bytes give the same draft.

mod model;

pub use model::*;

use crate::document::Document;

/// Draws a plan from a document.
pub fn draft(document: &Document, inputs: &Inputs<'_>) -> Draft {
    let _ = inputs;
    Draft {
        title: document.title.clone(),
        document_kind: document.kind,
        strategy: Strategy::Single,
        threshold: inputs.limits.min_tasks,
        tasks: Vec::new(),
        edges: Vec::new(),
        milestones: Vec::new(),
        streams: Vec::new(),
        questions: Vec::new(),
        deferred: Vec::new(),
        external: Vec::new(),
        guards: Vec::new(),
        ready: Vec::new(),
        done: Vec::new(),
        findings: Vec::new(),
        suggestions: Vec::new(),
    }
}

/// Judges how large the work is, and for whom.
pub fn scope(document: &Document, draft: &Draft) -> Scope {
    let _ = (document, draft);
    Scope {
        recommendation: Recommendation::SingleAgent,
        confidence: Confidence::Low,
        drivers: Drivers {
            components: 0,
            integration_points: 0,
            risks: 0,
            effort_hours: 0,
            tasks: 0,
            phases: 0,
        },
        reasons: Vec::new(),
        fast_path: false,
    }
}

/// How to cut a document over the size limits, or nothing when it is within them. `bytes` is the
/// length of its text.
pub fn split_proposal(
    document: &Document,
    draft: &Draft,
    bytes: usize,
    limits: &Limits,
) -> Option<Vec<Part>> {
    let _ = (document, draft, bytes, limits);
    None
}
