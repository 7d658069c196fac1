//! Ids that are defined in one place and mentioned in others.

use super::node_tree::Origin;
use super::work::Source;
use crate::plan::document::SectionKind;
use std::collections::BTreeMap;

impl Source<'_> {
    /// Unmarks requirements that only mention an id defined elsewhere.
    pub(super) fn unmark_references(&mut self) {
        let mut defined: BTreeMap<&str, (u8, Option<usize>)> = BTreeMap::new();
        let rank = |source: &Self, place: usize| {
            let node = &source.tree.nodes[place];
            let known = matches!(
                node.kind,
                SectionKind::Functional | SectionKind::Story | SectionKind::Feature
            );
            (source.tree.is_section(place), known)
        };
        let marked = |source: &Self, place: usize| source.requirement[place] || source.story[place];
        for (place, node) in self.tree.nodes.iter().enumerate() {
            let Some(id) = node.id.as_deref().filter(|_| marked(self, place)) else {
                continue;
            };
            let rank = match rank(self, place) {
                (true, _) => 3,
                (false, true) => 2,
                (false, false) => 1,
            };
            let best = defined.entry(id).or_insert((rank, node.parent));
            if rank > best.0 {
                *best = (rank, node.parent);
            }
        }
        let mut others = Vec::new();
        for (place, node) in self.tree.nodes.iter().enumerate() {
            let Some(id) = node.id.as_deref().filter(|_| marked(self, place)) else {
                continue;
            };
            let Some((best, parent)) = defined.get(id) else {
                continue;
            };
            let stands = match rank(self, place) {
                (true, _) => true,
                (false, true) => {
                    *best == 2 && (node.origin != Origin::Row || *parent == node.parent)
                }
                (false, false) => *best == 1 && *parent == node.parent,
            };
            if !stands {
                others.push(place);
            }
        }
        for place in others {
            self.requirement[place] = false;
            self.story[place] = false;
            self.work[place] = false;
        }
    }
}
