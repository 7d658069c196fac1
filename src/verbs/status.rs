//! The verbs that change the status of items by hand.
//!
//! done, cancel, defer, block, reassign, reopen, close; delete.

use std::slice::from_ref;

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::{Changed, one, verb};
use super::{Effect, ShellInput, Staged, Verb};
use crate::error::{Error, Hint, Kind, Result};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::store::transaction::Tx;
use crate::work::issue::close;
use crate::work::issue::delete;
use crate::work::issue::delete::DeleteOptions;
use crate::work::issue::update;
use crate::work::list::descendants::below;
use crate::work::task::cycles::Cycles;
use crate::work::task::{hand_over, status_verbs};

/// Mark a task as done, with evidence
///
/// The task is in progress; a human may also mark one that is queued and waits for nothing.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Done {
    /// Task ID.
    pub id: String,
    /// Evidence that the task is done.
    #[arg(long, value_name = "TEXT")]
    pub evidence: Option<String>,
    /// Close without evidence; this is recorded and shown with the task. A human also closes it with
    /// open criteria, or unmerged commits on its branch.
    #[arg(long)]
    #[serde(default)]
    pub force: bool,
}

verb!(Done: ItemView, Writes {
    run |self, pm| pm.tasks().done(&self.id, self.evidence.as_deref(), self.force),
    ids |it| from_ref(&it.id),
    stage |tx, cycles| one(closing(pm, tx, "task done", &self.id, |tx, item, is_final| {
        let how = (self.evidence.as_deref(), self.force);
        status_verbs::done_in(pm, tx, item, is_final, how, &[])
    })),
});

/// Cancel tasks
///
/// Cancels all of them in one commit. One that has open children is refused without `--force`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Cancel {
    /// Task IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
    /// Cancel items even if they have open children.
    #[arg(short, long)]
    #[serde(default)]
    pub force: bool,
}

verb!(Cancel: Changed, Removes {
    run |self, pm| {
        Ok(pm.tasks().cancel_all(&self.id, self.reason.as_deref(), self.force)?.into())
    },
    ids |it| &it.id,
    stage |tx, cycles| {
        let all = found(tx, &self.id)?;
        let how = (self.reason.as_deref(), self.force);
        each(pm, tx, "task cancel", &self.id, |tx, item, is_final| {
            status_verbs::cancel_in(pm, tx, item, is_final, how, &all)
        })
    },
    shell |request| ShellInput::ids(&mut request.id),
});

/// Defer a task
///
/// With a time the task is ready again then; without one it is `deferred` until `undefer`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm task defer T-0001 monday
  git pm task defer T-0001 2027-01-15
  git pm task defer T-0001 --reason \"after the release\"")]
pub struct Defer {
    /// Task ID.
    pub id: String,
    /// Time: 2026-12-01, `tomorrow`, `monday 9am`, `next week`, +2d.
    #[arg(value_name = "UNTIL")]
    pub until: Option<String>,
    /// Reason to record.
    #[arg(long, value_name = "R", conflicts_with = "until")]
    pub reason: Option<String>,
}

verb!(Defer: ItemView, Writes {
    run |self, pm| {
        let reason = self.reason.as_deref();
        match self.until.as_deref() {
            None => pm.tasks().defer(&self.id, reason),
            until => {
                pm.issues().defer(from_ref(&self.id), until, reason, false)?;
                pm.tasks().show(&self.id)
            }
        }
    },
    ids |it| from_ref(&it.id),
    stage |tx, cycles| one(closing(pm, tx, "task defer", &self.id, |tx, item, is_final| {
        let (until, reason) = (self.until.as_deref(), self.reason.as_deref());
        update::defer_until_in(pm, tx, item, is_final, until, reason, false)
    })),
});

/// Mark a task as blocked by something external
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Block {
    /// Task ID.
    pub id: String,
    /// Reason for the block.
    pub reason: String,
}

verb!(Block: ItemView, Writes {
    run |self, pm| {
        pm.tasks().block(&self.id, &self.reason)
    },
    ids |it| from_ref(&it.id),
    stage |tx, cycles| {
        Ok(vec![status_verbs::block_in(pm, tx, &self.id, &self.reason)?])
    },
});

/// Restore the previous status of a blocked task
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Unblock {
    /// Task ID.
    pub id: String,
}

verb!(Unblock: ItemView, Writes {
    run |self, pm| pm.tasks().unblock(&self.id),
    ids |it| from_ref(&it.id),
    stage |tx, cycles| one(status_verbs::unblock_in(pm, tx, &self.id)),
});

/// Reassign a task to another actor
///
/// The claim of another holder ends. The new assignee is notified, and `git pm start` claims the
/// task. Commits of the old holder are on the task's branch once that is pushed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Reassign {
    /// Task ID.
    pub id: String,
    /// New assignee.
    #[arg(
        value_name = "TO",
        required_unless_present = "named",
        default_value = "",
        hide_default_value = true
    )]
    pub to: String,
    /// The same as TO, as an option.
    #[arg(long = "to", value_name = "ACTOR", conflicts_with = "to")]
    #[serde(skip)]
    pub named: Option<String>,
}

verb!(Reassign: ItemView, Sends {
    run |self, pm| pm.tasks().reassign(&self.id, &self.to),
    ids |it| from_ref(&it.id),
    stage |tx, cycles| one(closing(pm, tx, "task reassign", &self.id, |tx, item, is_final| {
        hand_over::reassign_in(pm, tx, item, is_final, &self.to)
    })),
    only typed ["named"],
    typed |request| {
        if let Some(to) = request.named.take() {
            request.to = to;
        }
    },
});

/// Close items
///
/// Closes all of them in one commit.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Close {
    /// Item IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// Reason, or outcome; `not planned`, `duplicate`, `invalid`, `obsolete`, `won't do` and the like
    /// cancel tasks and issues.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
    /// Close items even if they have open children, wait for open items, or are held by another
    /// actor (who is notified), or their document asks for more than was done; as a human, also if
    /// criteria are open (this is recorded), or their branches have unmerged commits.
    #[arg(short, long)]
    #[serde(default)]
    pub force: bool,
}

verb!(Close: Changed, Writes {
    run |self, pm| {
        Ok(pm.issues().close(&self.id, self.reason.as_deref(), self.force)?.into())
    },
    ids |it| &it.id,
    stage |tx, cycles| {
        let all = found(tx, &self.id)?;
        let how = (self.reason.as_deref(), self.force);
        each(pm, tx, "issue close", &self.id, |tx, item, is_final| {
            close::close_in(pm, tx, item, is_final, how, &all)
        })
    },
    shell |request| ShellInput::ids(&mut request.id),
});

/// Reopen closed items
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Reopen {
    /// Item IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// Reason to record.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
}

verb!(Reopen: Changed, Writes {
    run |self, pm| {
        Ok(pm.issues().reopen(&self.id, self.reason.as_deref())?.into())
    },
    ids |it| &it.id,
    stage |tx, cycles| {
        let reason = self.reason.as_deref();
        let all = self.id.iter();
        all.map(|id| status_verbs::reopen_in(tx, id, reason)).collect()
    },
    shell |request| ShellInput::ids(&mut request.id),
});

/// Delete items
///
/// Deletes all of them in one commit. A tombstone remains, so that no clone restores them; the
/// history keeps their content, and `git pm undo` reverts the deletion. Edges to them remain but
/// block nothing.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Delete {
    /// Item IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// How.
    #[command(flatten)]
    #[serde(flatten)]
    pub options: DeleteOptions,
}

verb!(Delete: Changed, Removes {
    run |self, pm| {
        Ok(pm.issues().delete(&self.id, &self.options)?.into())
    },
    ids |it| &it.id,
    stage |tx, cycles| {
        let named = found(tx, &self.id)?;
        let mut all: Vec<Uid> = Vec::new();
        for uid in &named {
            let below = match self.options.cascade {
                true => below(&tx.state, uid),
                false => Vec::new(),
            };
            for uid in std::iter::once(uid.clone()).chain(below) {
                if !all.contains(&uid) {
                    all.push(uid);
                }
            }
        }
        let ids: Vec<String> = all.iter().map(Uid::to_string).collect();
        each(pm, tx, "task delete", &ids, |tx, item, is_final| {
            delete::delete_in(pm, tx, item, is_final, &self.options, &all)
        })?;
        Ok(named)
    },
    shell |request| ShellInput::ids(&mut request.id),
});

/// The items of these names.
fn found(tx: &Tx<'_>, ids: &[String]) -> Result<Vec<Uid>> {
    ids.iter()
        .map(|id| Ok(tx.state.find(id)?.uid.clone()))
        .collect()
}

/// As [`closing`], of several items.
pub(super) fn each(
    pm: &Pm,
    tx: &mut Tx<'_>,
    verb: &str,
    ids: &[String],
    mut stage: impl FnMut(&mut Tx<'_>, &Item, bool) -> Result<()>,
) -> Result<Vec<Uid>> {
    ids.iter()
        .map(|id| closing(pm, tx, verb, id, &mut stage))
        .collect()
}

/// A change of status that also ends claims. A claim of another clone is ended only through the
/// remote, which only the single command uses.
fn closing(
    pm: &Pm,
    tx: &mut Tx<'_>,
    verb: &str,
    id: &str,
    stage: impl FnOnce(&mut Tx<'_>, &Item, bool) -> Result<()>,
) -> Result<Uid> {
    let item = tx.state.find(id)?.clone();
    let alone = item.holder().is_some() && pm.main_remote().is_none();
    let replica = pm.store.known_replica();
    let replica = replica.as_ref().map_or("", |replica| replica.as_str());
    let elsewhere = item.held_elsewhere(replica).filter(|_| !alone);
    let staged = stage(tx, &item, alone);
    // What the single command would refuse, too, is told as there.
    let is_only_elsewhere = |error: &Error| error.kind() == Kind::Remote;
    match elsewhere.filter(|_| staged.as_ref().err().is_none_or(is_only_elsewhere)) {
        None => staged?,
        Some(claim) => {
            let (id, holder) = (tx.state.shown_id(&item), &claim.actor);
            let single = verb.split(' ').chain([id.as_str(), "…"]);
            return Err(Error::remote(format!(
                "{holder} holds {id} in another clone; ending that claim needs the remote"
            ))
            .hint(Hint::run(
                single,
                "does it there, with the options of this line",
            )));
        }
    }
    Ok(item.uid)
}
