//! Texts that a redaction withheld, kept as files for their authors.

use std::io::Write;

use crate::error::{Error, Result};
use crate::fault;
use crate::handle::Store;
use crate::join::tree::Withheld;
use crate::shared_files;

impl Store {
    /// Texts withheld by a redaction are kept where only their author's clone has them.
    pub(crate) fn keep_drafts(&self, withheld: &[Withheld]) -> Result<()> {
        let own = self.known_replica();
        let drafts: Vec<&Withheld> = withheld
            .iter()
            .filter(|w| Some(&w.version.stamp.replica) == own.as_ref())
            .collect();
        if drafts.is_empty() {
            return Ok(());
        }
        let folder = self.folder().join("drafts");
        let fail =
            |e: std::io::Error| Error::io(format!("cannot write to {}", folder.display()), e);
        shared_files::create_dir_all(&folder).map_err(fail)?;
        let mut private = std::fs::OpenOptions::new();
        private.write(true).create(true).truncate(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut private, 0o600);
        for draft in drafts {
            let name = format!("{}-{}.md", draft.uid, draft.version.hash);
            fault::point("draft-write")
                .and_then(|()| private.open(folder.join(name)))
                .and_then(|mut file| file.write_all(draft.text.as_bytes()))
                .map_err(fail)?;
        }
        Ok(())
    }
}
