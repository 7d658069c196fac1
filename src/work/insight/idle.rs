//! Why there is nothing to start, and what helps then: an answer that leads somewhere, and to no
//! work that nobody asked for.

use serde::Serialize;

use crate::error::{Help, Result, Waiting};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::Pm;
use crate::pm::handles::Insights;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::task::approval::approval_hint;

/// For how many holders of what is waited for a command is named.
const HELPS: usize = 5;

/// Why nothing can be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Idle {
    /// In a few words: `1 in review, 13 waiting or blocked`.
    pub why: String,
    /// What helps, a sentence each.
    pub hints: Vec<String>,
    /// What is waited for, and who holds it.
    #[serde(flatten)]
    pub waiting: Waiting,
}

impl Insights<'_> {
    /// Why the actor can start nothing, and what helps. Only for the case that nothing is ready:
    /// it looks at everything that was begun.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn idle(&self) -> Result<Idle> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let counts = state.counts();
        let is_open = |word: &String| {
            let status = Status::parse(ItemKind::Issue, word);
            status.is_some_and(|status| !status.is_closed())
        };
        if counts.is_empty() {
            return Ok(Idle {
                why: "there are no items yet".into(),
                hints: vec!["`git pm task create TITLE` makes a task".into()],
                waiting: Waiting::default(),
            });
        }
        let waiting = self.pm.waited_for(&state);
        let mut hints = Vec::new();
        for one in waiting.named.iter().take(HELPS) {
            let (id, command) = (&one.id, one.command.as_ref());
            hints.extend(command.map(|command| match command {
                Help::Start(_) => {
                    format!("`{command}` resumes {id}, which is no longer being worked on")
                }
                Help::Ask(_) => format!("`{command}` asks who holds it"),
            }));
        }
        let why = match counts.keys().any(is_open) {
            false => {
                hints.push("`git pm list --all` shows what was done".into());
                "everything is closed".into()
            }
            true => self.pm.why_idle(&state, &mut hints),
        };
        if !waiting.named.is_empty() {
            hints.push(
                "`git pm next --claim --wait 600` waits until something can be started".into(),
            );
        }
        if self.pm.main_remote().is_some() && !self.pm.options.offline {
            hints.push("`git pm sync` brings what others did meanwhile".into());
        }
        Ok(Idle {
            why,
            hints,
            waiting,
        })
    }
}

impl Pm {
    fn why_idle(&self, state: &State<'_>, hints: &mut Vec<String>) -> String {
        let active = state.scan(&Scan::Active, |_| true, usize::MAX);
        let with = |status: Status| -> Vec<&Item> {
            let items = active.iter().copied();
            items.filter(|item| item.status == status).collect()
        };
        let (approved, reviews) = (with(Status::ReadyForIntegration), with(Status::InReview));
        let (mine, others): (Vec<&Item>, Vec<&Item>) = with(Status::InProgress)
            .into_iter()
            .partition(|item| item.owner() == Some(self.actor.name.as_str()));
        let waiting = state.count_blocked(self.now_ms());
        let ready = Scan::Ready(self.now_ms());
        let free = |item: &Item| item.is_free_for(&self.actor.name);
        let passed = state.scan(&ready, free, usize::MAX).len();
        let assigned = state.count_ready(self.now_ms()).saturating_sub(passed);
        if let Some(item) = approved.first() {
            let id = state.shown_id(item);
            hints.push(format!("`git pm merge {id}` merges what is approved"));
        }
        if let Some(item) = reviews.first() {
            let id = state.shown_id(item);
            hints.push(approval_hint(&id, self.actor.is_agent));
        }
        if let Some(item) = mine.first() {
            let id = state.shown_id(item);
            hints.push(format!("`git pm show {id}` shows what you have begun"));
        }
        if waiting > 0 {
            hints.push("`git pm blocked` shows what waits for what".into());
        } else if !others.is_empty() {
            hints.push("`git pm list is:active` shows what others work on".into());
        }
        if assigned > 0 {
            hints.push("`git pm ready` lists what is assigned to others".into());
        }
        let counted = [
            (approved.len(), "approved"),
            (reviews.len(), "in review"),
            (mine.len(), "begun by you"),
            (others.len(), "in progress"),
            (waiting, "waiting or blocked"),
            (passed, "passed over"),
            (assigned, "assigned to others"),
        ];
        let counted = counted.iter().filter(|(count, _)| *count > 0);
        let words: Vec<String> = counted.map(|(n, word)| format!("{n} {word}")).collect();
        match words.is_empty() {
            // Put off, or kinds that are no work themselves.
            true => {
                hints.push("`git pm list` shows what is open".into());
                "what is open is put off, or no work itself".into()
            }
            false => words.join(", "),
        }
    }
}
