//! What the user's commands get that run for a task: gates and set-up.

use std::ffi::OsString;
use std::path::Path;

use crate::agent::headless;
use crate::agent::sandbox::{self, Rules};
use crate::error::Result;
use crate::pm::{Pm, Surroundings};
use crate::process::Control;

/// The variables that tell the processes of a task's commands, as they tell those of its agent; no keys;
/// with `rules`, a sandbox that has `private` for temporary files.
///
/// # Errors
/// When the private folder cannot be written.
pub(super) fn surroundings(
    pm: &Pm,
    (run, task): (&str, &str),
    control: &Control,
    private: &Path,
    rules: Option<&Rules>,
) -> Result<Surroundings> {
    let mark = |name: &str, value: &str| (name.to_string(), OsString::from(value));
    let mut vars = vec![mark("GIT_PM_RUN", run), mark("GIT_PM_TASK", task)];
    let mut sandbox = None;
    if let Some(rules) = rules {
        vars.extend(sandbox::folders(private)?);
        sandbox = Some(sandbox::of_gates(pm, private, rules));
    }
    Ok(Surroundings {
        control: Some(control.clone()),
        vars,
        withheld: headless::keys_in(&pm.store.env().vars),
        sandbox,
    })
}
