//! Warns of finished prerequisites whose merged work the item's branch does not have, because the
//! target branch was not pushed after the merge, for example.

use crate::model::item::Item;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::repo::short;
use crate::store::state::State;

/// The maximum number of prerequisites that are looked at.
const MOST: usize = 20;

impl Pm {
    /// A warning for each finished prerequisite whose merge is not in the item's branch.
    pub(super) fn missing_work(&self, state: &State<'_>, item: &Item) -> Vec<String> {
        let repo = self.store.repo();
        let branch = item
            .branch
            .as_ref()
            .map(|name| format!("refs/heads/{name}"));
        let tip = branch.and_then(|name| repo.ref_target(&name).ok().flatten());
        let Some(tip) = tip else { return Vec::new() };
        let hard = item.depends_on.iter().filter(|on| !on.soft).take(MOST);
        hard.filter_map(|on| {
            let before = state.item(on.target.uid.as_ref()?)?;
            if !before.status.is_closed() {
                return None;
            }
            let doc = state.doc(&before.uid)?;
            let merged = repo.parse_id(doc.text("merged_commit")?)?;
            let has = repo.has_object(merged) && repo.is_ancestor(merged, tip).ok()?;
            let into = one_line(doc.text("merged_into").unwrap_or("its target"));
            (!has).then(|| {
                format!(
                    "{} was merged into {into} at {}, which this branch does not have: when it is \
                     pushed, fetch it and merge {into}",
                    state.shown_id(before),
                    short(merged)
                )
            })
        })
        .collect()
    }
}
