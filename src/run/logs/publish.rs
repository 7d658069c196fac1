//! Logs for others: they stay in this clone until a human publishes those of a run.
//!
//! The remote keeps them in `refs/pm-runs/`, outside the state, and other clones fetch them one run
//! at a time.

use schemars::JsonSchema;
use serde::Serialize;

use super::log_ref::log_ref;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::short_id::{RUN, short_id};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::pm::who_acts::require_human;
use crate::run::control;
use crate::run::lock;
use crate::run::logs;
use crate::store::remote_names::Remote;
use crate::store::sync::push::Brought;

/// The published logs of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PublishedLogs {
    /// The run's id, e.g. `R-k3f9a2`.
    pub run: String,
    /// The remote that has them.
    pub remote: String,
    /// The ref on the remote.
    pub published_ref: String,
}

impl Runs<'_> {
    /// Pushes the logs of a finished run to the remote of the state, where everyone with read
    /// access to the repository can read them.
    ///
    /// # Errors
    /// When the caller is an agent, the run is active or has no logs, or the remote rejects them.
    pub fn publish_logs(&self, run: Option<&str>) -> Result<PublishedLogs> {
        let pm = self.pm;
        require_human(
            &pm.actor,
            "publishing logs",
            "ask a human to run this command: the logs contain everything that agents read and \
             printed",
        )?;
        let uid = control::find_run(pm, run)?.uid;
        let id = short_id(RUN, &uid);
        if lock::is_alive(pm, &uid)? {
            return Err(Error::conflict(format!("{id} is still running"))
                .because(Reason::RunAtWork)
                .about(&id)
                .hint("publish its logs once it has ended"));
        }
        // A killed run's logs are still in its folder; no process may continue it meanwhile.
        if let Ok(_lock) = lock::lock_runs(pm) {
            logs::log_ref::keep_logs(pm, &uid)?;
        }
        let own = log_ref(&uid);
        if pm.store.repo().ref_target(&own)?.is_none() {
            return Err(no_logs(&id).hint(Hint::run(
                ["logs", &id, "--fetch"],
                "fetches those that others published",
            )));
        }
        let remote = remote_of_logs(pm)?;
        let there = published_ref(&uid);
        match remote.push_ref(&pm.store, &own, &there)? {
            Brought::Done => Ok(PublishedLogs {
                run: id,
                remote: remote.shown(),
                published_ref: there,
            }),
            Brought::Apart => Err(refused(&remote, &id, "it has different logs for this run")),
            Brought::Refused(why) | Brought::Failed(why) => Err(refused(&remote, &id, &why)),
        }
    }

    /// Fetches the published logs of a run from the remote of the state.
    ///
    /// # Errors
    /// When the remote is unreachable, or has no logs of the run that continue those of this clone.
    pub fn fetch_logs(&self, run: Option<&str>) -> Result<()> {
        let pm = self.pm;
        let uid = control::find_run(pm, run)?.uid;
        let id = short_id(RUN, &uid);
        let remote = remote_of_logs(pm)?;
        match remote.fetch_ref(&pm.store, &published_ref(&uid), &log_ref(&uid))? {
            None => Ok(()),
            Some(why) => Err(Error::remote(format!(
                "the logs of {id} cannot be fetched from {}: {why}",
                remote.shown()
            ))
            .because(Reason::RunNoLog)
            .about(&id)
            .hint(format!(
                "in the clone of the run, `git pm run publish {id}` publishes them"
            ))),
        }
    }
}

fn remote_of_logs(pm: &Pm) -> Result<Remote> {
    pm.main_remote().ok_or_else(|| {
        Error::not_found("this clone has no remote")
            .because(Reason::SyncNoRemote)
            .hint(Hint::git(["remote", "add", "origin", "URL"], "adds one"))
    })
}

/// The ref of a run's logs on the remote.
fn published_ref(run: &Uid) -> String {
    format!("refs/pm-runs/{run}")
}

fn no_logs(id: &str) -> Error {
    Error::not_found(format!("this clone has no logs of {id}"))
        .because(Reason::RunNoLog)
        .about(id)
}

fn refused(remote: &Remote, id: &str, why: &str) -> Error {
    Error::remote(format!(
        "{} rejected the logs of {id}: {why}",
        remote.shown()
    ))
    .because(Reason::RunNotPublished)
    .about(id)
    .hint("check the network and your permissions there, then retry")
}
