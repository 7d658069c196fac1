//! `migrate`: upgrades a state of an older major version to the current one.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::pm::handles::StateHandle;
use crate::pm::who_acts::require_name;
use crate::store::migrate;
use crate::store::repository::MAJOR;

/// The result of `migrate`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct MigrateReport {
    /// The version before.
    pub from: String,
    /// The version after.
    pub to: String,
    /// The changes, in order.
    pub steps: Vec<String>,
    /// The commit, if anything changed.
    pub commit: Option<String>,
}

impl StateHandle<'_> {
    /// Migrates the state in one commit, unless it has the current version. All clones then need a
    /// git pm that knows the new version.
    ///
    /// # Errors
    /// When the state cannot be read, or its version cannot be migrated.
    pub fn migrate(&self, dry_run: bool) -> Result<MigrateReport> {
        let state = self.pm.store.state()?;
        let (major, minor) = state.repository.format();
        drop(state);
        let mut report = MigrateReport {
            from: migrate::shown((major, minor)),
            to: migrate::shown(migrate::PRESENT),
            steps: Vec::new(),
            commit: None,
        };
        if major >= MAJOR {
            // A minor version is raised by the first write that needs it.
            report.to.clone_from(&report.from);
            return Ok(report);
        }
        if dry_run {
            let chain = migrate::path(migrate::STEPS, major, MAJOR)?;
            report.steps = chain.iter().map(|step| step.what.to_string()).collect();
            return Ok(report);
        }
        require_name(&self.pm.actor)?;
        let written = self
            .pm
            .store
            .write_anyway(&self.pm.writer("migrate"), |tx| {
                migrate::stage(tx, migrate::PRESENT)
            })?;
        report.steps = written.value.into_iter().map(str::to_string).collect();
        report.commit = written.changed.then(|| written.commit.to_string());
        Ok(report)
    }
}
