//! What a clone keeps about a mirror: which link it confirmed, and up to where it has read.

use std::fs::File;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::link::ForgeLink;
use crate::error::{Error, Reason, Result};
use crate::pm::Pm;
use crate::store::{fault, lock, shared_files};

/// How long a look at a pull request waits for an exchange that is about to end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Up to where a clone has read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Read {
    /// The link that this clone has confirmed: `HOST/OWNER/NAME#ID`.
    confirmed: String,
    /// The greatest time of a change that was read, RFC 3339, and the tag of the answer about what changed since.
    pub(crate) issues: Option<String>,
    pub(crate) issues_tag: Option<String>,
    pub(crate) comments: Option<String>,
    pub(crate) comments_tag: Option<String>,
    /// What was read was also taken.
    pub(crate) is_taken: bool,
    /// Anybody could read the repository when items were last sent there.
    pub(crate) public: Option<bool>,
    /// A human has seen what would be sent, and agreed; for all items, not only named ones.
    pub(crate) agreed: bool,
    pub(crate) all_agreed: bool,
    /// A human has agreed to show in public what pull requests say.
    pub(crate) pulls_agreed: bool,
    /// When the last exchange ended, RFC 3339.
    pub(crate) at: Option<String>,
}

/// Takes the right to exchange, after waiting for another process for at most so long; the kernel releases
/// it with the file.
///
/// # Errors
/// When another process of this clone still has it.
pub(crate) fn exclusive(pm: &Pm, patience: Duration) -> Result<File> {
    let held = lock::held(&pm.folder(), "github.lock", patience)?;
    held.ok_or_else(|| {
        Error::conflict("another process exchanges with GitHub")
            .because(Reason::ForgeBusy)
            .hint("wait until it has ended, and run the command again")
    })
}

/// What this clone has read; nothing if it never did.
pub(crate) fn read(pm: &Pm) -> Read {
    let text = std::fs::read_to_string(pm.folder().join("github.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Keeps it.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(pm: &Pm, read: &Read) -> Result<()> {
    let path = pm.folder().join("github.json");
    let fail = |error| Error::unwritten(format!("cannot write {}", path.display()), error);
    shared_files::create_dir_all(&pm.folder()).map_err(fail)?;
    let text = serde_json::to_vec_pretty(read).map_err(|error| fail(error.into()))?;
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let points = ["forge-write", "forge-rename"];
    fault::replace(&path, &temporary, &text, points).map_err(fail)
}

/// Confirms a link in this clone. What was read from another repository is forgotten.
pub(crate) fn confirm(pm: &Pm, link: &ForgeLink) -> Result<()> {
    if is_confirmed(pm, link) {
        return Ok(());
    }
    let confirmed = name(link);
    let read = Read {
        confirmed,
        ..Read::default()
    };
    write(pm, &read)
}

/// True if this clone has confirmed a link.
pub(crate) fn is_confirmed(pm: &Pm, link: &ForgeLink) -> bool {
    read(pm).confirmed == name(link)
}

fn name(link: &ForgeLink) -> String {
    format!("{}#{}", link.shown(), link.repository)
}
