//! The ids that a document has, and which of those that a text refers to are not among them.

use std::collections::BTreeSet;
use std::ops::Bound;

use git_pm_document::{LabelKind, Node, canonical_id, is_known, is_part_of, written_ids};

/// Prefixes of what trackers number, too: such an id can be that of an item elsewhere.
const OF_TRACKERS: [&str; 5] = ["ISSUE", "TASK", "EPIC", "STORY", "PRD"];

/// The ids of a document, and what they begin with.
#[derive(Default)]
pub(super) struct HeldIds {
    ids: BTreeSet<String>,
    series: BTreeSet<String>,
}

impl HeldIds {
    /// The ids of all statements, those that headings name, and those in brackets or in a column of
    /// their own.
    pub(super) fn of(nodes: &[Node]) -> HeldIds {
        let mut held = HeldIds::default();
        for node in nodes {
            held.ids.extend(node.id.as_deref().map(canonical_id));
            if node.is_heading() {
                held.ids.extend(written_ids(node.name()));
            }
            held.ids
                .extend(node.lead.iter().flat_map(|lead| written_ids(lead)));
            let end = node
                .text
                .trim_end_matches(['.', ' '])
                .strip_suffix([')', ']']);
            let end = end.and_then(|rest| rest.rsplit_once(['(', '[']));
            // `(depends on FR-3)` refers to it.
            let end = end.filter(|(_, inside)| !inside.contains(' '));
            held.ids
                .extend(end.iter().flat_map(|(_, inside)| written_ids(inside)));
            for (column, cell) in node.cells.iter().enumerate() {
                let names = column == 0 || cell.header.trim().eq_ignore_ascii_case("id");
                if names && cell.kind != LabelKind::DependsOn {
                    held.ids.extend(written_ids(&cell.text));
                }
            }
        }
        held.series = held.ids.iter().map(|id| series(id).to_owned()).collect();
        held
    }

    /// The ids that a text writes out and no statement has. A word like `V-2` is an id only beside
    /// others of its series.
    pub(super) fn missing(&self, text: &str) -> Vec<String> {
        let is_id = |id: &String| {
            let series = series(id);
            let is_own = is_known(id) && !OF_TRACKERS.contains(&series);
            is_own || self.series.contains(series)
        };
        let written = written_ids(text).into_iter();
        let missing = written.filter(|id| is_id(id) && !self.holds(id));
        missing.collect()
    }

    /// True for an id, a part of one (`FR-3.1`, `FR-3a`), or what has parts.
    fn holds(&self, id: &str) -> bool {
        let bare = id.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let whole = std::iter::successors(Some(id), |part| Some(part.rsplit_once(['.', '-'])?.0));
        let from = (Bound::Included(id), Bound::Unbounded);
        let longer = self.ids.range::<str, _>(from);
        let mut longer = longer.take_while(|other| other.starts_with(id));
        let is_whole = |part: &str| self.ids.contains(part);
        whole.chain([bare]).any(is_whole) || longer.any(|other| is_part_of(other, id))
    }
}

/// What an id begins with: `FR` of `FR-3.1`.
fn series(id: &str) -> &str {
    id.trim_end_matches(|c: char| c.is_ascii_digit() || ".-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use git_pm_document::Document;

    fn missing(document: &str, text: &str) -> Vec<String> {
        let document = Document::parse(document.as_bytes()).unwrap();
        HeldIds::of(&document.nodes).missing(text)
    }

    #[test]
    fn an_id_is_missing_if_no_statement_has_it_and_it_looks_like_one_of_this_document() {
        let document = "# Shop\n\n## Requirements\n\n- REQ-1: Search\n- REQ-2: Sort\n\n\
                        ### Login (US-4)\n\n- with a key\n\n\
                        | Requirement | Id |\n|---|---|\n| Delete logs | R-10 |\n\
                        | Keep logs | R-11 |\n";
        assert_eq!(
            missing(document, "REQ-1, REQ-404 and R-12"),
            ["R-12", "REQ-404"]
        );
        let held = "REQ-2.1, REQ-2a, US-4, R-11, REQ-1 to REQ-2";
        assert_eq!(missing(document, held), [""; 0]);
        // Neither ids of other documents nor words that look like ids.
        assert_eq!(
            missing(document, "Q1 2027, V-2, PLAT-17, ISSUE-12, UTF-8"),
            [""; 0]
        );
        assert_eq!(
            missing("# A\n\n- FR-3.1: b\n- FR-3.2: c\n", "FR-3"),
            [""; 0]
        );
    }
}
