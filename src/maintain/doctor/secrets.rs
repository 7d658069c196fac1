//! Secrets in the state, where everyone with read access sees them and every clone keeps them.
//!
//! A finding names the item, the field and the rule, never the secret.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::pm::Pm;
use crate::secret;
use crate::store::layout::Family::{Artifact, Finding, Plan, Run};

/// The greatest number of findings that are reported separately.
const REPORTED_MAX: usize = 20;

pub(super) fn check_secrets(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let Ok(state) = pm.store.state() else {
        return Ok(());
    };
    let mut found: BTreeSet<(String, secret::Found)> = BTreeSet::new();
    let is_searched = |family| !matches!(family, Artifact | Finding | Plan | Run);
    state.each_doc(is_searched, |doc| {
        for secret in secret::in_document(doc) {
            found.insert((state.name_of(doc), secret));
        }
    });
    for secret in secret::in_document(&state.repository.doc) {
        found.insert(("pm.yaml".into(), secret));
    }
    let all = found.len();
    for (whose, secret) in found.into_iter().take(REPORTED_MAX) {
        let message = secret.warning(&whose);
        let fix = "revoke it where it was issued, then have a human remove it from the state \
            and its history with `git pm redact -`";
        report.fault("secrets", message, fix);
    }
    if all > REPORTED_MAX {
        let message = format!(
            "other places that seem to contain a secret: {}",
            all - REPORTED_MAX
        );
        report.fault("secrets", message, "fix those above first");
    }
    if all == 0 {
        report.ok("secrets", "none found".into());
    }
    Ok(())
}
