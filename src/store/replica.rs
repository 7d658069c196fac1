//! The identity of this clone, and when it takes a new one.
//!
//! The id is in the common git directory together with the identity of the place (machine, device,
//! inode), so that a copied clone, a restored backup or a CI cache notices that it is not the
//! original and takes a new id.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{lock, shared_files};
use crate::error::{Error, Result};
use crate::fault::{point, replace};
use crate::model::stamp::ReplicaId;

#[derive(Serialize, Deserialize, PartialEq)]
struct Record {
    replica: String,
    place: String,
}

/// Ten random characters of base 32.
fn mint() -> Result<ReplicaId> {
    let bytes = super::random::bytes::<10>()?;
    let text: String = bytes
        .iter()
        .map(|b| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(b % 32)]))
        .collect();
    ReplicaId::new(&text).ok_or_else(|| Error::state("cannot create an id for this clone"))
}

/// The identity of the machine and the directory.
fn place(common_dir: &Path) -> String {
    let machine = ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .iter()
        .find_map(|p| std::fs::read_to_string(p).ok())
        .map(|t| t.trim().to_string())
        .unwrap_or_default();
    let directory = std::fs::metadata(common_dir)
        .map(|m| format!("{}:{}", m.dev(), m.ino()))
        .unwrap_or_default();
    format!("{machine}/{directory}")
}

/// The replica id of the clone at `common_dir`, without writing anything: `None` if there is none
/// yet or the clone was copied.
pub fn known(common_dir: &Path) -> Option<ReplicaId> {
    let text = std::fs::read_to_string(lock::folder(common_dir).join("replica.json")).ok()?;
    let record: Record = serde_json::from_str(&text).ok()?;
    (record.place == place(common_dir))
        .then(|| ReplicaId::new(&record.replica))
        .flatten()
}

/// The replica id of the clone at `common_dir`, created if there is none or the clone was copied.
pub fn ensure(common_dir: &Path) -> Result<ReplicaId> {
    if let Some(known) = known(common_dir) {
        return Ok(known);
    }
    let folder = lock::folder(common_dir);
    let fail = lock::unwritable(&folder);
    shared_files::create_dir_all(&folder).map_err(&fail)?;
    // Several processes may get here at once, and all must continue with one id. Not the writers'
    // lock: the caller may hold that one. Without locks the last file wins.
    let queue = point("replica-lock")
        .and_then(|()| lock::open(&folder.join("replica.lock")))
        .map_err(&fail)?;
    let _ = queue.lock();
    if let Some(known) = known(common_dir) {
        return Ok(known);
    }
    let replica = mint()?;
    let record = Record {
        replica: replica.to_string(),
        place: place(common_dir),
    };
    let text = serde_json::to_string(&record)
        .map_err(|e| Error::state(format!("cannot store the id of this clone: {e}")))?;
    let path = folder.join("replica.json");
    let before: Option<Record> = std::fs::read_to_string(&path)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok());
    // A copied clone's intents belong to the original: it, not we, must settle them. Where the file
    // is only torn they are our own.
    if before.is_some_and(|before| before.place != record.place) {
        let _ = std::fs::remove_dir_all(folder.join("intents"));
    }
    let temporary = folder.join(format!("replica.{}.tmp", std::process::id()));
    let points = ["replica-write", "replica-rename"];
    replace(&path, &temporary, text.as_bytes(), points).map_err(&fail)?;
    known(common_dir).ok_or_else(|| {
        Error::state(format!(
            "the id of this clone in {} cannot be read",
            path.display()
        ))
        .hint("remove that file; a new id is then created")
    })
}
