//! Secrets in the state: whoever can fetch it can read them, and every clone keeps them. A finding
//! names the item, the field and the rule, never the secret.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::report::DoctorReport;
use crate::secret;
use crate::store::state::State;

/// How many findings are told one by one.
const TOLD: usize = 20;

impl Pm {
    pub(super) fn check_secrets(&self, report: &mut DoctorReport) -> Result<()> {
        let Ok(state) = self.store.state() else {
            return Ok(());
        };
        let mut found: BTreeMap<(String, String, &'static str), &'static str> = BTreeMap::new();
        let families = [
            state.item_docs(),
            state.comment_docs(),
            state.message_docs(),
            state.reservation_docs(),
            state.key_docs(),
            state.learning_docs(),
            state.agent_docs(),
        ];
        for loaded in families.into_iter().flat_map(BTreeMap::values) {
            for (field, text) in texts(&loaded.doc) {
                for hit in secret::scan(&text) {
                    let whose = owner(&state, &loaded.doc);
                    found.insert((whose, field.clone(), hit.rule), hit.title);
                }
            }
        }
        for (field, text) in texts(&state.repository.doc) {
            for hit in secret::scan(&text) {
                found.insert(("pm.yaml".into(), field.clone(), hit.rule), hit.title);
            }
        }
        let all = found.len();
        for ((whose, field, rule), title) in found.into_iter().take(TOLD) {
            let message = format!(
                "{whose}: {field} looks like it holds {title} ({rule}); whoever fetches the state \
                 can read it"
            );
            let fix = "revoke it where it was issued, then `git pm redact -` takes it out of state and \
                       history (ask a human)";
            report.fault("secrets", message, fix);
        }
        if all > TOLD {
            let message = format!("{} more places look like they hold a secret", all - TOLD);
            report.fault("secrets", message, "look after those above first");
        }
        if all == 0 {
            report.ok("secrets", "none found in the state".into());
        }
        Ok(())
    }
}

/// What people call the thing that a document belongs to.
fn owner(state: &State<'_>, doc: &Doc) -> String {
    if let Some(item) = state.item(&doc.uid) {
        return state.shown_id(item);
    }
    let about = doc.text("item").or_else(|| doc.text("task"));
    match about {
        Some(item) => {
            let item = state.shown_ref(&ItemRef::parse(item));
            format!("{item}, {} {}", doc.kind, doc.uid.suffix(8))
        }
        None => format!("{} {}", doc.kind, doc.uid.suffix(8)),
    }
}

/// Every text of a document with the field it stands in, all versions of its prose included.
fn texts(doc: &Doc) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut value = |field: String, value: &Value| match value {
        Value::Redacted(_) => {}
        other => match other.as_str() {
            Some(text) => out.push((field, text.to_string())),
            None if !other.is_null() => out.push((field, other.to_json().to_string())),
            None => {}
        },
    };
    for (name, reg) in &doc.regs {
        value(name.clone(), &reg.value);
    }
    for (name, record) in &doc.records {
        for entry in record.values() {
            for (field, reg) in &entry.regs {
                value(format!("{name}/{field}"), &reg.value);
            }
        }
    }
    for (name, set) in &doc.sets {
        // Hashes of what was redacted are what they are for.
        if !name.starts_with("redacted_") {
            out.extend(set.keys().map(|element| (name.clone(), element.clone())));
        }
    }
    for version in doc.body.versions.values() {
        out.extend(
            version
                .text
                .iter()
                .map(|text| ("body".to_string(), text.clone())),
        );
    }
    out
}
