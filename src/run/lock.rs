//! The files of runs in this clone: the lock of the working process, and the options of each.
//!
//! The options are never read from the state: a fetched state must not decide which program runs.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::options::RunOptions;
use super::record::Run;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::short_id::{RUN, short_id};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::pins::Pins;
use crate::store::{fault, lock, shared_files};

/// The number of attempts to take the lock.
const TRIES: u32 = 10;

/// The delay between two attempts.
const MOMENT: Duration = Duration::from_millis(20);

/// The folder of a run's own files.
pub(super) fn run_folder(pm: &Pm, run: &Uid) -> PathBuf {
    pm.store.folder().join("runs").join(run.as_str())
}

/// Takes the lock of the one process that works on runs in this clone, held for as long as the
/// file is open: the agents' names, and what they hold, belong to that process.
///
/// # Errors
/// Kind `Conflict`, reason `run.alive`, when another process has it.
pub(super) fn lock_runs(pm: &Pm) -> Result<File> {
    let file = lock_file(pm)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            // A process that checks whether a run is alive holds it briefly.
            Err(TryLockError::WouldBlock) => std::thread::sleep(MOMENT),
            Err(TryLockError::Error(error)) => {
                return Err(Error::io("cannot lock the runs of this clone", error));
            }
        }
    }
    let id = Uid::new(&marked(pm)).map(|run| short_id(RUN, &run));
    let id = id.unwrap_or_else(|| "a run".into());
    Err(
        Error::conflict(format!("another process is working on {id} in this clone"))
            .because(Reason::RunAlive)
            .about(&id)
            .hint(Hint::run(["run", "status"], "shows what it is doing"))
            .hint("one run can work on several epics; other clones can have runs of their own"),
    )
}

/// Records which run the owner of the lock is working on.
pub(super) fn mark_alive(pm: &Pm, run: &Uid) -> Result<()> {
    let path = pm.store.folder().join("runs").join("alive");
    let fail = |error| Error::unwritten(format!("cannot write {}", path.display()), error);
    std::fs::write(&path, run.as_str()).map_err(fail)?;
    shared_files::share(&path);
    Ok(())
}

fn marked(pm: &Pm) -> String {
    let path = pm.store.folder().join("runs").join("alive");
    std::fs::read_to_string(path).unwrap_or_default()
}

/// True if a process is working on a run.
pub(super) fn is_alive(pm: &Pm, run: &Uid) -> Result<bool> {
    if marked(pm) != run.as_str() {
        return Ok(false);
    }
    let file = lock_file(pm)?;
    Ok(matches!(
        file.try_lock_shared(),
        Err(TryLockError::WouldBlock)
    ))
}

fn lock_file(pm: &Pm) -> Result<File> {
    let folder = pm.store.folder().join("runs");
    let path = folder.join("lock");
    let fail = |error| Error::unwritten(format!("cannot open {}", path.display()), error);
    shared_files::create_dir_all(&folder).map_err(fail)?;
    lock::open(&path).map_err(fail)
}

/// Stores the options of a run, and what decides its merges, for a process that continues it.
pub(super) fn keep_options(pm: &Pm, run: &Uid, options: &RunOptions, pins: &Pins) -> Result<()> {
    let folder = run_folder(pm, run);
    let path = folder.join("options.json");
    let fail = |error| Error::unwritten(format!("cannot write {}", path.display()), error);
    std::fs::create_dir_all(&folder).map_err(fail)?;
    let fail_json = |error| Error::state(format!("cannot write the options of a run: {error}"));
    let mut kept = serde_json::to_value(options).map_err(fail_json)?;
    kept["pins"] = serde_json::to_value(pins).map_err(fail_json)?;
    let text = format!("{kept:#}");
    let temporary = folder.join("options.json.tmp");
    let points = ["run-options-write", "run-options-rename"];
    fault::replace(&path, &temporary, text.as_bytes(), points).map_err(fail)
}

/// What is kept of a run in the clone that started it: its options, and with them `pins`.
///
/// # Errors
/// Kind `Refused`, reason `run.elsewhere`, when it was not started here.
pub(super) fn kept<T: DeserializeOwned>(pm: &Pm, run: &Run) -> Result<T> {
    let id = run.id();
    let path = run_folder(pm, &run.uid).join("options.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        if run_folder(pm, &run.uid).exists() {
            return Err(Error::refused(format!(
                "{id} asked agents about one item, and is not continued"
            ))
            .about(&id)
            .hint("run the command again that began it: who has answered is not asked again"));
        }
        return Err(
            Error::refused(format!("{id} was not started in this clone"))
                .because(Reason::RunElsewhere)
                .about(&id)
                .hint("continue it in the clone that started it, or start another run here"),
        );
    };
    serde_json::from_str(&text).map_err(|error| {
        Error::state(format!("cannot read {}: {error}", path.display()))
            .hint("remove the file, and start another run")
    })
}

/// What decides the merges of a run, as it was when it was started.
///
/// # Errors
/// As [`kept`]; kind `Refused`, reason `run.pins_changed`, when it is not what was
/// written then.
pub(super) fn kept_pins(pm: &Pm, run: &Run) -> Result<Pins> {
    // A run of an older version has none: each of its items then waits for a human.
    let kept: serde_json::Value = kept(pm, run)?;
    let pins: Pins = serde_json::from_value(kept["pins"].clone()).unwrap_or_default();
    let hash = run.plan.pinned.as_ref();
    if hash.is_none_or(|hash| *hash == pins.hash()) {
        return Ok(pins);
    }
    let id = run.id();
    Err(Error::refused(format!(
        "what decides the merges of {id} was changed in this clone after it was started"
    ))
    .because(Reason::RunPinsChanged)
    .about(&id)
    .hint("start another run"))
}
