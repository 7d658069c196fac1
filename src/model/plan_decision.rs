//! Whether the document of an approved plan changed since (an undecided plan).
//!
//! A person has to decide, and until then none of its tasks is started. Pure.

use super::doc::Doc;
use super::uid::sha256_hex;

/// True if a plan was approved for another text than this one of its document, and not kept for it.
pub fn is_due(plan: &Doc, document: &str) -> bool {
    if !plan.is_live() || plan.text("status") != Some("approved") {
        return false;
    }
    let hash = sha256_hex(document.as_bytes());
    let holds = |name: &str| plan.text(name) == Some(hash.as_str());
    !holds("approved_document") && !holds("accepted_document")
}
