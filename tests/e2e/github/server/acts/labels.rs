//! Labels that are made as they are set.

use super::super::failure::{Failure, Result};
use super::super::model::Label;
use super::super::state::State;

/// GitHub's longest name of a label.
const NAME_LENGTH: usize = 50;

impl State {
    /// The label of this name, whatever its case; created if there is none.
    pub fn label(&mut self, repository: u64, name: &str) -> Result<u64> {
        match self.label_named(repository, name) {
            Some(label) => Ok(label.id),
            None => self.add_label(repository, name, None, None),
        }
    }

    /// A new label.
    ///
    /// # Errors
    /// 422 for a name that is empty, too long or taken.
    pub fn add_label(
        &mut self,
        repository: u64,
        name: &str,
        color: Option<&str>,
        description: Option<&str>,
    ) -> Result<u64> {
        self.check_label(repository, name, None)?;
        let id = self.next_id();
        let label = Label {
            id,
            name: name.to_string(),
            color: color.unwrap_or("ededed").to_string(),
            description: description.map(str::to_string),
        };
        self.repository_mut(repository).labels.insert(id, label);
        Ok(id)
    }

    /// # Errors
    /// 422 for a name that a label cannot get.
    pub fn check_label(&self, repository: u64, name: &str, own: Option<u64>) -> Result<()> {
        if name.trim().is_empty() {
            return Err(Failure::field("Label", "name", "missing_field"));
        }
        if name.chars().count() > NAME_LENGTH {
            let message = "name is too long (maximum is 50 characters)";
            return Err(Failure::custom("Label", "name", message));
        }
        let taken = self.label_named(repository, name).map(|label| label.id);
        if taken.is_some() && taken != own {
            return Err(Failure::field("Label", "name", "already_exists"));
        }
        Ok(())
    }

    /// Deletes a label, from its issues, too.
    pub fn remove_label(&mut self, repository: u64, id: u64) {
        let of = self.repository_mut(repository);
        of.labels.remove(&id);
        for issue in of.issues.values_mut() {
            issue.labels.retain(|label| *label != id);
        }
    }
}
