//! A start of what the actor holds here already: they are told so, and it holds its planned paths again.

use super::options::{StartOptions, Started};
use super::planned_paths;
use crate::coordinate::here;
use crate::error::{Kind, Reason, Result};
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::work::task::create::shown;

impl Tasks<'_> {
    /// As [`Tasks::start`] for a person or agent who names the item: if it is in progress and they hold it
    /// here, that is no conflict. Who takes what is free, as a run does, has to know that it is not.
    ///
    /// # Errors
    /// As [`Tasks::start`].
    pub fn start_or_keep(&self, id: &str, options: &StartOptions) -> Result<Started> {
        match self.start(id, options) {
            Err(error) if error.kind() == Kind::Conflict && error.reason() == Reason::ClaimOwn => {
                kept(self.pm, id, options)
            }
            other => other,
        }
    }
}

fn kept(pm: &Pm, id: &str, options: &StartOptions) -> Result<Started> {
    let uid = pm.store.state()?.find(id)?.uid.clone();
    pm.write("task start").uncompared().run(|tx| {
        planned_paths::hold_again(pm, tx, &uid)?;
        let id = shown(tx, &uid);
        tx.describe("task start", &[&id], &format!("{id}: its reservations"));
        Ok(())
    })?;
    let state = pm.store.state()?;
    let reserved = planned_paths::reserved(pm, &state, &uid);
    let item = here::view_of(pm, &uid)?;
    let place = match &item.worktree {
        Some(path) => format!("; its worktree is {}", one_line(path)),
        None if options.branch => {
            format!("; `git pm start {} --resume` makes its worktree", item.id)
        }
        None => String::new(),
    };
    pm.notice(format!("you already hold {}{place}", item.id));
    Ok(Started {
        item,
        again: true,
        reserved,
        warnings: Vec::new(),
        learnings: Vec::new(),
    })
}
