//! Handoffs: the state of work as its holder leaves it, for the actor who continues.
//!
//! A handoff is a message in the item's thread without recipients; the newest one counts.

use std::collections::BTreeSet;

use super::message::message_view::{MessageView, shortened};
use super::message::send::Draft;
use crate::coordinate::claim::ownership;
use crate::coordinate::here;
use crate::coordinate::message::inbox;
use crate::coordinate::message::recipients;
use crate::coordinate::message::send;
use crate::coordinate::worktree::work_ends::Ends;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::limits::ACTOR_NAME_MAX;
use crate::model::message::{self, Handoff, Topic};
use crate::model::short_id::{MESSAGE, short_id};
use crate::model::stamp::rfc3339;
use crate::model::text;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Messages;
use crate::pm::shared_views::HandoffView;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The operation's name in commits and idempotency records.
pub(crate) const OP: &str = "handoff";

/// The maximum number of entries of a handoff.
const MAX_ENTRIES: usize = 200;

/// The maximum number of changed files that are added by default.
const FILES: usize = 100;

/// A handoff to be written.
#[derive(Clone, Debug, Default)]
pub struct HandoffRequest {
    /// Its lists. Without files, those that the item's branch changes.
    pub lists: Handoff,
    /// Markdown.
    pub text: String,
    /// Recipients, as of a message; none by default.
    pub to: Vec<String>,
    /// Accept recipients that are not known in this repository yet.
    pub new: bool,
    /// Write it even if it seems to contain a secret.
    pub allow_secret: bool,
}

impl Messages<'_> {
    /// The newest handoff of an item; without an id, of the task whose branch is checked out here, else of
    /// the only one that the caller holds.
    ///
    /// # Errors
    /// When there is no such item, or it has none.
    pub fn handoff(&self, id: Option<&str>) -> Result<MessageView> {
        let state = self.pm.store.snapshot()?;
        let uid = here::named_or_held(self.pm, &state, id)?;
        let doc = state.newest_in_thread(uid.as_str(), Topic::Handoff);
        if let Some(doc) = doc {
            return Ok(inbox::unread_in(self.pm, &state, false).view(&state, doc, true));
        }
        let item = state.item(&uid).map(|item| state.shown_id(item));
        let id = item.unwrap_or_else(|| uid.to_string());
        Err(Error::not_found(format!("{id} has no handoff yet"))
            .because(Reason::HandoffMissing)
            .about(&id)
            .hint(Hint::run(
                ["handoff", &id, "--done", "TEXT", "--next", "TEXT"],
                "writes one",
            ))
            .hint(Hint::run(["msg", "thread", &id], "shows its messages")))
    }

    /// Writes a handoff of an item that no other actor holds.
    ///
    /// # Errors
    /// When there is no such item, another actor holds it, the handoff is empty, or as for
    /// [`Messages::send`].
    pub fn hand_off(&self, id: Option<&str>, request: &HandoffRequest) -> Result<MessageView> {
        let prepared = Prepared::new(self.pm, id, request)?;
        send::post(self.pm, OP, |tx| prepared.stage(self.pm, tx, |_, _| Ok(())))
    }
}

/// A handoff that was checked as far as that is possible before its write.
pub(crate) struct Prepared {
    /// The item: by uid, as an exchange may give the id to another one.
    pub(crate) item: Uid,
    /// The recipients.
    pub(crate) to: BTreeSet<String>,
    lists: Handoff,
    text: String,
    allow_secret: bool,
}

impl Prepared {
    pub(crate) fn new(pm: &Pm, id: Option<&str>, request: &HandoffRequest) -> Result<Prepared> {
        let mut lists = request.lists.clone();
        for list in [
            &mut lists.done,
            &mut lists.next,
            &mut lists.decisions,
            &mut lists.files,
            &mut lists.questions,
        ] {
            list.retain(|entry| !entry.trim().is_empty());
        }
        if lists.is_empty() && request.text.trim().is_empty() {
            return Err(Error::usage("the handoff is empty")
                .hint("state what is done and what is next: `--done TEXT --next TEXT`"));
        }
        check(&lists)?;
        if request.to.is_empty() {
            refuse_name(pm, id, request.text.trim())?;
        }
        let state = pm.store.state()?;
        let uid = here::named_or_held(pm, &state, id)?;
        let item = state.item(&uid).cloned();
        if let Some(item) = item.filter(|_| lists.files.is_empty()) {
            lists.files = changed_files(pm, &state, &item).unwrap_or_default();
        }
        drop(state);
        lists.files.sort();
        lists.files.dedup();
        let to = match &request.to[..] {
            [] => Default::default(),
            to => recipients::asked(pm, to, request.new, "hands it to")?,
        };
        Ok(Prepared {
            item: uid,
            to,
            lists,
            text: request.text.clone(),
            allow_secret: request.allow_secret,
        })
    }

    /// Stages what becomes of the item, if its caller may hand it over, and the message.
    pub(crate) fn stage(
        &self,
        pm: &Pm,
        tx: &mut Tx<'_>,
        gives: impl FnOnce(&mut Tx<'_>, &Item) -> Result<()>,
    ) -> Result<Uid> {
        let item = tx.state.find(self.item.as_str())?.clone();
        ownership::require_not_of_another_here(pm, &tx.state, &item)?;
        if let Some(holder) = item.holder()
            && holder.actor != tx.actor()
        {
            let id = tx.state.shown_id(&item);
            return Err(Error::conflict(format!("{id} is held by {}", holder.actor))
                .because(Reason::ClaimHeld)
                .about(&id)
                .hint(Hint::run(
                    [
                        "msg",
                        "send",
                        "--to",
                        &holder.actor,
                        "--item",
                        &id,
                        "SUBJECT",
                    ],
                    "asks the holder",
                )));
        }
        gives(tx, &item)?;
        let first = self.lists.next.first().map(|next| format!("next: {next}"));
        let subject = first.unwrap_or_else(|| "handoff".into());
        let draft = Draft {
            to: self.to.clone(),
            item: Some(item),
            topic: Some(message::HANDOFF),
            subject: text::excerpt(&subject, 150),
            text: self.text.clone(),
            allow_secret: self.allow_secret,
            ..Draft::default()
        };
        let put = |doc: &mut Doc| self.lists.put(doc);
        send::stage_message_with(pm, tx, OP, draft, put)
    }
}

/// Refuses a text that is only the name of an actor, which was meant as the recipient.
fn refuse_name(pm: &Pm, id: Option<&str>, text: &str) -> Result<()> {
    if text.is_empty() || text.contains('\n') || text.chars().count() > ACTOR_NAME_MAX {
        return Ok(());
    }
    let known = recipients::known_actors(pm, &pm.store.state()?);
    let Some(name) = recipients::spelled_as(text, &known) else {
        return Ok(());
    };
    let command = ["handoff"].into_iter().chain(id);
    let command = command.chain(["--to", name, "--next", "TEXT"]);
    let what = format!(
        "{} is an actor, not the text of a handoff",
        text::actor(name)
    );
    Err(Error::usage(what).hint(Hint::run(command, "hands it over to them")))
}

/// Refuses a handoff that is too long to be read.
fn check(lists: &Handoff) -> Result<()> {
    let all = [
        &lists.done,
        &lists.next,
        &lists.decisions,
        &lists.files,
        &lists.questions,
    ];
    for entry in all.iter().copied().flatten() {
        text::refuse_nul(entry, "handoff")?;
    }
    let long = all.iter().any(|list| list.len() > MAX_ENTRIES);
    let bytes: usize = all
        .iter()
        .flat_map(|list| list.iter())
        .map(String::len)
        .sum();
    if long || bytes > super::message::TEXT_MAX {
        return Err(Error::usage(format!(
            "the handoff is too long; the limits are {MAX_ENTRIES} entries in a list and {} in all",
            text::bytes(super::message::TEXT_MAX as u64)
        ))
        .because(Reason::MsgTooLarge)
        .hint("put the details into a file in the repository and refer to it"));
    }
    Ok(())
}

/// The newest handoff of an item.
pub(crate) fn newest_handoff(state: &State<'_>, item: &Uid) -> Option<HandoffView> {
    let doc = state.newest_in_thread(item.as_str(), Topic::Handoff)?;
    Some(HandoffView {
        id: short_id(MESSAGE, &doc.uid),
        by: text::actor(message::author(doc)),
        agent: doc.text("agent").map(text::actor),
        at: rfc3339(doc.birth.ms),
        lists: shortened(Handoff::of(doc)),
        text: text::head(doc.body.shown(), super::message::TEXT_MAX).to_string(),
    })
}

/// The files that an item's branch changes since it left its target, if both are in this clone.
fn changed_files(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Vec<String>> {
    let (repo, branch) = (pm.store.repo(), item.branch.as_deref());
    let tip = |name: &str| repo.ref_target(&format!("refs/heads/{name}"));
    let tip = branch.map_or(Ok(None), tip)?;
    let ends = tip.map_or(Ok(None), |tip| Ends::of(pm, state, item, tip))?;
    let Some(ends) = ends else {
        return Ok(Vec::new());
    };
    let out = ends.compared(repo, &["--name-only", "-z"], &[])?;
    Ok(out.names::<Vec<String>>().into_iter().take(FILES).collect())
}
