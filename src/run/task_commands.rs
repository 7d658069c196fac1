//! The environment of user commands run for a task (gates and setup), and private folders.
//!
//! The folders are those of agents and commands.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{hand_over, record};
use crate::agent::headless;
use crate::agent::sandbox::{self, Rules};
use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::{Pm, RunCommands};
use crate::process::Control;
use crate::run::lock;
use crate::store::beneath;

/// The environment of a task's commands: variables that identify their processes as the task's, as
/// for its agent, but no keys; with `rules`, also a sandbox with `private` for temporary files.
///
/// # Errors
/// When the private folder cannot be written.
pub(super) fn task_commands(
    pm: &Pm,
    (run, task): (&str, &str),
    control: &Control,
    private: &Path,
    rules: Option<&Rules>,
) -> Result<RunCommands> {
    let mark = |name: &str, value: &str| (name.to_string(), OsString::from(value));
    let confined = rules.map(|rules| sandbox::of_gates(pm, private, rules));
    Ok(RunCommands {
        control: control.clone(),
        vars: vec![mark("GIT_PM_RUN", run), mark("GIT_PM_TASK", task)],
        withheld: headless::keys_in(&pm.store.env().vars),
        confined: confined.transpose()?,
    })
}

/// The private folder of a task's agent in the folder of a run: sessions, caches.
pub(super) fn private_of_agent(folder: &Path, item: &Uid) -> PathBuf {
    folder.join("agents").join(item.as_str())
}

/// The private folder of the gates that run before the merge of a task.
pub(super) fn private_of_merge(folder: &Path, item: &Uid) -> PathBuf {
    folder.join("merge").join(item.as_str())
}

/// Removes the private folders of a run that no later attempt needs.
pub(super) fn remove_private_folders(pm: &Pm, run: &Uid) -> Result<()> {
    let folder = lock::run_folder(pm, run);
    let state = pm.store.state()?;
    let jobs = record::jobs(&state, run).into_iter();
    let is_over = |item: &Uid| state.item(item).is_none_or(|item| item.status.is_closed());
    let over = jobs.map(|job| job.item).filter(is_over);
    let both = |item: Uid| [private_of_agent, private_of_merge].map(|of| of(&folder, &item));
    let private: Vec<PathBuf> = over.flat_map(both).collect();
    for private in private.iter().filter(|private| private.is_dir()) {
        // A folder that cannot be removed only costs space.
        sandbox::remove_temporary(private);
        let _ = beneath::remove(private);
        let _ = beneath::remove(&hand_over::answers(private));
        let _ = beneath::remove(&private.with_extension("packing"));
        let _ = std::fs::remove_file(private.with_extension("handed"));
    }
    Ok(())
}
