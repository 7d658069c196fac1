//! The notices that an actor has seen in this clone, one per line in a file beside the index. It
//! belongs to one clone and not to the state; without it a notice is shown once more.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::coordinate::message::NoticeView;
use crate::error::{Error, Result};
use crate::model::stamp::ReplicaId;
use crate::model::uid::sha256_hex;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::store::state::State;

impl StateHandle<'_> {
    /// Records that these notices were shown to the actor: those that are not alarms are not shown
    /// again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note_shown(&self, notices: &[NoticeView]) -> Result<()> {
        self.pm
            .note_seen(notices.iter().filter(|notice| !notice.alarm))
    }

    /// Records that the actor acknowledged these notices: none of them is shown again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn acknowledge(&self, notices: &[NoticeView]) -> Result<()> {
        self.pm.note_seen(notices.iter())
    }
}

impl Pm {
    /// The notices to show to the actor, newest first: alarms for a week or until they are
    /// acknowledged, the others once.
    pub(crate) fn notices_to_me(&self, state: &State<'_>) -> Vec<NoticeView> {
        let mut notices = self.notices_at(state);
        if !notices.is_empty() {
            let seen = self.seen();
            notices.retain(|notice| !seen.contains(&notice.uid));
        }
        notices
    }

    fn notices_at(&self, state: &State<'_>) -> Vec<NoticeView> {
        let replica = self.store.known_replica();
        let replica = replica.as_ref().map(ReplicaId::as_str);
        super::notices(state, &self.actor.name, replica, self.now_ms())
    }

    fn note_seen<'n>(&self, notices: impl Iterator<Item = &'n NoticeView>) -> Result<()> {
        let new: Vec<&str> = notices.map(|notice| notice.uid.as_str()).collect();
        if new.is_empty() {
            return Ok(());
        }
        // Only notices that would still be shown have to be recorded.
        let state = self.store.state()?;
        let live = self.notices_at(&state);
        let before = self.seen();
        let lines: String = live
            .iter()
            .map(|notice| notice.uid.as_str())
            .filter(|uid| before.contains(*uid) || new.contains(uid))
            .map(|uid| format!("{uid}\n"))
            .collect();
        let path = self.seen_path();
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        written
            .and_then(|()| std::fs::write(&path, lines))
            .map_err(|error| Error::unwritten(format!("cannot write {}", path.display()), error))
    }

    fn seen(&self) -> BTreeSet<String> {
        let text = std::fs::read_to_string(self.seen_path()).unwrap_or_default();
        text.lines().map(str::to_string).collect()
    }

    fn seen_path(&self) -> PathBuf {
        let name = sha256_hex(self.actor.name.as_bytes());
        self.store.folder().join("seen").join(&name[..16])
    }
}
