//! One acceptance criterion, and whether it was accepted for the work that counts.

use super::claim::{self, Claim};
use super::doc::{Doc, Entry};
use super::text;

/// One acceptance criterion.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub struct Criterion {
    /// The id of its record entry.
    pub id: String,
    /// The condition, in one line.
    pub text: String,
    /// Set once it was ticked for the work that counts.
    pub done: bool,
    /// The evidence that it is met.
    pub evidence: Option<String>,
    /// The actor who ticked it.
    #[serde(default)]
    pub by: Option<String>,
    /// Set if it was ticked for another actor's work on the item, which does not count.
    #[serde(default)]
    pub elsewhere: bool,
}

/// The claim under which a criterion was ticked: the one that its actor had in that clone then.
fn ticked_under<'c>(doc: &Doc, claims: &'c [Claim], entry: &Entry) -> Option<&'c Claim> {
    let (at, by) = (&entry.regs.get("done")?.stamp, entry.text("by")?);
    claims.iter().find(|claim| {
        let made = doc.entry("claims", &claim.id);
        let end = made.and_then(|made| made.regs.get("ended"));
        text::is_same_name(&claim.actor, &text::actor(by))
            && claim.replica == at.replica.as_str()
            && claim.at <= *at
            && end.is_none_or(|end| end.value.is_null() || *at < end.stamp)
    })
}

/// The criteria in order. One that was ticked under the claim of another claimant than the one whose
/// work counts is not done.
pub(super) fn all(doc: &Doc, claims: &[Claim]) -> Vec<Criterion> {
    let counts = claim::worker(claims);
    let is_of_other = |entry: &Entry| {
        let made = ticked_under(doc, claims, entry);
        made.zip(counts)
            .is_some_and(|(made, counts)| !made.is_of_same_claimant(counts))
    };
    let mut all: Vec<(i64, Criterion)> = doc
        .entries("acceptance")
        .map(|(id, entry)| {
            let ticked = entry.value("done").is_true();
            let elsewhere = ticked && is_of_other(entry);
            let evidence = entry.text("evidence").filter(|_| !elsewhere);
            let criterion = Criterion {
                id: id.to_string(),
                text: entry.text("text").unwrap_or_default().to_string(),
                done: ticked && !elsewhere,
                evidence: evidence.map(str::to_string),
                by: entry.text("by").filter(|_| ticked).map(text::actor),
                elsewhere,
            };
            (entry.value("order").as_int().unwrap_or(i64::MAX), criterion)
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    all.into_iter().map(|(_, criterion)| criterion).collect()
}
