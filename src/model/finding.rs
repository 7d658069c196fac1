//! The typed view of a finding: what a reviewer says is wrong, and what became of it.
//!
//! It is about an item's work or a plan.

use super::vocabulary::terms;

terms! {
    /// How bad a finding is. Open ones of the first two block an approval and a merge.
    Severity in "severity" {
        /// Data loss, a security hole, or the main purpose does not work.
        P0 = "P0",
        /// A defect that users will meet.
        P1 = "P1",
        /// A defect in rare cases, or a cost later.
        P2 = "P2",
        /// A matter of taste or polish.
        P3 = "P3",
    }
}
