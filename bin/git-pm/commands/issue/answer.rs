//! How the verbs of `git pm issue` answer: as all commands do, or in beads' shape.

use clap::ValueEnum;
use git_pm::pm::shared_views::ItemView;
use serde::Serialize;

use crate::commands::item;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::{json, stdout};
use crate::render::page::Page;

/// Whose JSON is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// That of beads: its keys in its order.
    Beads,
}

/// The surroundings of a verb of the group: how it answers.
pub struct Answer<'c> {
    /// The surroundings of every command.
    pub context: &'c Context,
    pub format: Option<Format>,
}

impl Answer<'_> {
    /// Whether beads' JSON is asked for.
    pub fn is_beads(&self) -> bool {
        self.format == Some(Format::Beads)
    }

    /// Prints JSON without an envelope.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn bare<T: Serialize>(&self, value: &T) -> Outcome {
        stdout::write_raw(&(json::Items::item(value)? + "\n"))?;
        Ok(Exit::DONE)
    }

    /// Answers with one item.
    ///
    /// # Errors
    /// When the answer cannot be made or written.
    pub fn one(&self, item: &ItemView, draw: impl FnOnce(&mut Page, &ItemView)) -> Outcome {
        if self.is_beads() {
            let records = self
                .context
                .pm()?
                .issues()
                .beads_records(std::slice::from_ref(item))?;
            return self.bare(&records.first());
        }
        self.context.answer(item, draw)
    }

    /// Answers with a list of items.
    ///
    /// # Errors
    /// When the answer cannot be made or written.
    pub fn many(&self, items: &[ItemView], draw: impl FnOnce(&mut Page, &[ItemView])) -> Outcome {
        if self.is_beads() {
            return self.bare(&self.context.pm()?.issues().beads_records(items)?);
        }
        self.context.list(items, draw)
    }

    /// Answers with one sentence about each of some items.
    ///
    /// # Errors
    /// When the answer cannot be made or written.
    pub fn said(&self, what: &str, items: &[ItemView]) -> Outcome {
        if self.is_beads() {
            return self.many(items, |_, _| {});
        }
        item::said(self.context, what, items)
    }

    /// Answers with a list of something else.
    ///
    /// # Errors
    /// When the answer cannot be written.
    pub fn list<T: Serialize>(&self, items: &[T], draw: impl FnOnce(&mut Page, &[T])) -> Outcome {
        if self.is_beads() {
            return self.bare(&items);
        }
        self.context.list(items, draw)
    }
}
