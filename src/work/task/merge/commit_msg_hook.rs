//! The project's `commit-msg` hook on the commit of a merge, as `git merge` would run it.
//!
//! Servers demand what it adds. git pm's own hooks are not among those that run here.

use std::io::Write;

use crate::coordinate::hook::users_hooks;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::settings;
use crate::pm::Pm;
use crate::work::task::approval::is_by_gates;
use crate::work::task::approved_by_gates;

/// The message of a merge as the hook leaves it. Hooks start programs of the main worktree, so none
/// runs if the item, or an earlier part of the target, was approved by gates only.
///
/// # Errors
/// Kind `Refused`, reason `merge.message_refused`, with the words of the hook.
pub(super) fn completed_message(
    pm: &Pm,
    item: &Item,
    target: &str,
    message: String,
) -> Result<String> {
    let repo = pm.store.repo();
    let home = repo.git_at_home();
    let hook = users_hooks(&home);
    if hook("reference-transaction").is_some() {
        pm.notice(format!(
            "git pm does not run the project's reference-transaction hook when it moves {target}"
        ));
    }
    let Some(folder) = hook("commit-msg") else {
        return Ok(message);
    };
    let unseen = repo.ref_target(&format!("refs/heads/{target}"))?;
    let unseen = unseen.map_or(Ok(false), |tip| approved_by_gates::has_unseen(pm, tip))?;
    if is_by_gates(item) || unseen {
        pm.notice(format!(
                "the project's commit-msg hook was not run: no human has reviewed all files of {target} \
                 that it may start"
            ));
        return Ok(message);
    }
    let failed = |error| Error::io("cannot pass the message to the commit-msg hook", error);
    let mut file = tempfile::NamedTempFile::new_in(repo.common_dir()).map_err(failed)?;
    file.write_all(message.as_bytes()).map_err(failed)?;
    let args = ["hook", "run", "--ignore-missing", "commit-msg", "--"];
    let args = args
        .map(AsRef::as_ref)
        .into_iter()
        .chain([file.path().as_os_str()]);
    let git = home.with_config("core.hooksPath", &folder.to_string_lossy())?;
    let out = git.run(&args.collect::<Vec<_>>())?;
    let text = std::fs::read_to_string(file.path()).map_err(failed)?;
    let why = match out.ok() {
        true if !text.trim().is_empty() => return Ok(text),
        true => "it left it empty".to_string(),
        false => out.last_lines(),
    };
    Err(Error::refused(format!(
        "the commit-msg hook refuses the message of the merge: {why}"
    ))
    .because(Reason::MergeMessageRefused)
    .hint(Hint::run(
        ["config", settings::MERGE_MESSAGE.key, "TEMPLATE"],
        "changes its subject; {id}, {type} and {title} are replaced",
    )))
}
