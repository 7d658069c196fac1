//! When a conversation is full: the space left in the model's context.
//!
//! A conversation that fills it is restarted with a handoff.

use super::super::conversation::{self, Offered, Turn};
use super::super::hand_off;
use super::super::request::Fault;
use super::{SYSTEM, Step, Talk, permanent};
use crate::agent::headless::Update;
use crate::memory::prime::tokens;
use crate::model::message::Handoff;
use crate::model::text::excerpt;

/// Context reserved beyond the conversation and the answer: for the handoff request and the
/// estimation error.
const RESERVE: u64 = 1_000;

impl Talk<'_> {
    /// The estimated size of the conversation, in estimated tokens.
    pub(super) fn size(&self) -> u64 {
        let offered = |tool: &Offered| tokens(tool.help) + tokens(&tool.schema.to_string());
        let fixed = tokens(SYSTEM) + self.offered.iter().map(offered).sum::<usize>();
        (fixed + self.sizes.iter().sum::<usize>()) as u64
    }

    /// The room for the conversation, in estimated tokens.
    fn room(&self) -> u64 {
        let options = self.work.options;
        let room = options.context.saturating_sub(options.output_max + RESERVE);
        (room as f64 / self.ratio) as u64
    }

    pub(super) fn is_full(&self) -> bool {
        self.size() > self.room()
    }

    /// Refuses a prompt that leaves no room, before anything is sent.
    pub(super) fn require_room(&self) -> Step<()> {
        let (size, room) = (self.size(), self.room());
        match size > room {
            false => Ok(()),
            true => Err(permanent(&format!(
                "the prompt has about {size} tokens, but the context of {} has room for only \
                 {room}: \
                 shorten the task, or set pm.modelContext",
                self.work.name
            ))),
        }
    }

    /// Ends a conversation that fills its context, and starts a new one from its handoff.
    pub(super) fn begin_again(&mut self, can_ask: bool) -> Step<()> {
        if self.restarts == self.work.options.restarts {
            return Err(permanent(&format!(
                "the task filled the model's context {} times: split the task, or set \
                 pm.modelContext",
                self.restarts + 1
            )));
        }
        self.restarts += 1;
        let mut lists = Handoff::default();
        if can_ask {
            self.shorten();
            self.push(Turn::Told(hand_off::QUESTION.into()));
            match self.ask(false) {
                Ok(answer) => {
                    self.answers += 1;
                    let text = conversation::text(&answer.parts);
                    lists = hand_off::read(&text);
                    if lists.is_empty() && !text.trim().is_empty() {
                        lists.done.push(excerpt(text.trim(), 4_000));
                    }
                }
                Err(Fault::Ended(ended)) => return Err(Fault::Ended(ended)),
                Err(Fault::Full | Fault::Failed(_)) => {}
            }
        }
        if lists.is_empty() {
            lists = self.by_rules()?;
        }
        let text = "the context is full: a new conversation starts from a handoff";
        self.host.tell(Update::Note(text.into()));
        self.host.hand_off(&lists);
        self.turns.clear();
        self.sizes.clear();
        let text = format!("{}\n{}", self.prompt, hand_off::written(&lists));
        self.push(Turn::Told(self.work.endpoint.outgoing(&text).0));
        self.require_room()
    }

    pub(super) fn by_rules(&mut self) -> Step<Handoff> {
        let commits = self.tools.commits(&mut self.watch)?;
        let uncommitted = self.tools.uncommitted(&mut self.watch)?;
        Ok(hand_off::by_rules(&commits, &uncommitted, &self.texts))
    }

    /// Shortens results, the newest first, until the handoff request fits.
    fn shorten(&mut self) {
        const KEPT: usize = 400;
        let room = self.room();
        for at in (0..self.turns.len()).rev() {
            if self.size() <= room {
                return;
            }
            if let Turn::Returned(results) = &mut self.turns[at] {
                for result in results.iter_mut().filter(|one| one.text.len() > 2 * KEPT) {
                    result.text = excerpt(&result.text, KEPT) + " [omitted: no room]";
                }
                self.sizes[at] = self.turns[at].tokens();
            }
        }
    }
}
