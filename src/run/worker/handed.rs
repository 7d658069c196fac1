//! How git pm is started to do what a sandboxed agent hands over.

use std::path::PathBuf;

use super::AttemptOrder;
use crate::agent::headless::{self, Invocation};
use crate::agent::sandbox::{self, Rules};
use crate::error::{Error, Result};
use crate::process::Launch;
use crate::store::env::HANDED;

/// The command, but for its arguments and folder.
pub(super) fn launch(order: &AttemptOrder, to: &Invocation, rules: &Rules) -> Result<Launch> {
    let file = to.private.with_extension("handed");
    let mut env = headless::environment(&order.pick.agent.with, to);
    // With both marks its end would be that of the agent.
    env.remove("GIT_PM_TASK");
    env.extend(sandbox::folders(&to.private, &to.env)?);
    let keeper = order.env.keeper.clone();
    let mut launch = Launch {
        program: keeper
            .clone()
            .map_or("git-pm".into(), PathBuf::into_os_string),
        env: env
            .into_iter()
            .map(|(name, value)| (name.into(), value))
            .collect(),
        keeper,
        ..Launch::default()
    };
    let names = [("GIT_DIR", &to.git_dir), (HANDED, &file)];
    launch
        .env
        .extend(names.map(|(name, path)| (name.into(), path.into())));
    let sandbox = sandbox::of_agent(&order.pick.agent.with, to, Some(&launch), rules);
    let bytes = serde_json::to_vec(&sandbox).map_err(std::io::Error::from);
    bytes
        .and_then(|bytes| std::fs::write(&file, bytes))
        .map_err(|error| Error::unwritten(format!("cannot write {}", file.display()), error))?;
    launch.sandbox = Some(sandbox::of_requests(sandbox, &to.common_dir));
    Ok(launch)
}
