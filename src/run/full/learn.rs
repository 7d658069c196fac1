//! The learnings of a plan: one or more drafts for each task that is done and has none yet.

use std::collections::BTreeSet;

use super::{Full, FullStep, FullStepStatus, all};
use crate::error::Result;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::plan::missing_parts::Standing;

impl Full<'_> {
    /// Drafts learnings from the items that are done and have none: not from those marked as having
    /// nothing to learn, or whose drafts were deleted.
    pub(super) fn learn(&mut self, standing: &Standing) -> Result<()> {
        self.begin(FullStep::Learn);
        let asked: Vec<Uid> = {
            let state = self.pm.store.state()?;
            let learnings = state.learnings().into_iter();
            let known = learnings.filter_map(|learning| learning.item?.uid);
            let known: BTreeSet<Uid> = known.collect();
            let items = all(standing).filter_map(|uid| state.item(uid));
            items
                .filter(|item| item.status == Status::Done && !item.nothing_learned)
                .filter(|item| !known.contains(&item.uid))
                .map(|item| item.uid.clone())
                .collect()
        };
        for item in asked {
            let drafted = self.pm.learnings().draft(Some(item.as_str()), false)?;
            self.view.drafts.push(drafted);
        }
        let drafts = self.view.drafts.iter().flat_map(|one| &one.drafts);
        let ids: Vec<&String> = drafts.filter_map(|draft| draft.id.as_ref()).collect();
        let commands: Vec<String> = ids
            .iter()
            .map(|id| format!("git pm learn accept {id}"))
            .collect();
        let (status, text) = match ids.len() {
            0 => (FullStepStatus::Nothing, "nothing new to learn from".into()),
            1 => (FullStepStatus::Done, "1 draft to accept".to_string()),
            n => (FullStepStatus::Done, format!("{n} drafts to accept")),
        };
        self.view.next.extend(commands);
        self.end(FullStep::Learn, status, text);
        Ok(())
    }
}
