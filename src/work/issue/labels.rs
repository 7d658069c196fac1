//! Labels of many items at once.

use super::issue_queries::LabelCount;
use crate::error::Result;
use crate::model::id::ItemKind;
use crate::pm::handles::Issues;
use crate::pm::shared_views::ItemView;
use crate::store::index::Scan;
use crate::work::new_item::ItemEdit;
use crate::work::task::cycles::Cycles;
use crate::work::task::edit;
use crate::work::task::many_items;

impl Issues<'_> {
    /// Adds labels to items and removes others, in one commit.
    ///
    /// # Errors
    /// When an id does not exist, or a text cannot be a label.
    pub fn label(
        &self,
        ids: &[String],
        add: &[String],
        remove: &[String],
    ) -> Result<Vec<ItemView>> {
        let edit = ItemEdit {
            add_labels: add.to_vec(),
            remove_labels: remove.to_vec(),
            ..ItemEdit::default()
        };
        let signed = |sign: char, list: &[String]| -> Vec<String> {
            list.iter().map(|label| format!("{sign}{label}")).collect()
        };
        let what = || [signed('+', add), signed('-', remove)].concat().join(" ");
        let write = self.pm.write("label");
        many_items::change_all(self.pm, write, "label", ids, &what, |tx, id| {
            edit::edit_in(self.pm, tx, &mut Cycles::refused(), id, &edit)
        })
    }

    /// The number of items, not deleted, for each label, by name.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn labels(&self, kind: Option<ItemKind>) -> Result<Vec<LabelCount>> {
        let state = self.pm.store.snapshot()?;
        let mut counts: std::collections::BTreeMap<String, usize> = Default::default();
        for item in state.scan(&Scan::All(kind), |_| true, usize::MAX) {
            for label in &item.labels {
                *counts.entry(label.clone()).or_default() += 1;
            }
        }
        let counts = counts.into_iter();
        Ok(counts
            .map(|(label, count)| LabelCount { label, count })
            .collect())
    }
}
