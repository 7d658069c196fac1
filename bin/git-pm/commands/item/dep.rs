//! Adding and removing dependencies.

use git_pm::Pm;
use git_pm::issues::edge_word;
use git_pm::items::ItemView;

use crate::arguments::dependency::{AddArgs, BLOCKS, RemoveArgs};
use crate::render::page::Page;

impl AddArgs {
    /// Adds the edge.
    pub fn apply(&self, pm: &Pm) -> git_pm::Result<ItemView> {
        match self.gate {
            Some(gate) => pm
                .tasks()
                .add_gate_dependency(&self.id, &self.on, &self.kind, gate),
            None => pm
                .tasks()
                .add_dependency(&self.id, &self.on, &self.kind, self.soft, self.force),
        }
    }

    /// Reports what was added.
    pub fn report(&self, page: &mut Page, item: &ItemView) {
        let what = match (edge_word(&self.kind), self.soft) {
            (BLOCKS, true) => "should wait for",
            (kind, _) => edge_verb(kind),
        };
        page.line(format!("{} {what} {}", item.id, self.on));
    }
}

impl RemoveArgs {
    /// Reports what was removed.
    pub fn report(&self, page: &mut Page, item: &ItemView) {
        let what = edge_verb(edge_word(&self.kind));
        page.line(format!("{} no longer {what} {}", item.id, self.on));
    }
}

/// The verb that describes an edge from its first item.
fn edge_verb(kind: &str) -> &str {
    match kind {
        BLOCKS => "waits for",
        kind => kind,
    }
}
