//! The output of `git pm issue`: that of all commands, or beads' JSON.

use clap::ValueEnum;
use git_pm::items::ItemView;
use serde::Serialize;

use crate::commands::item;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::{json, stdout};
use crate::render::page::Page;

/// The JSON format of another tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// beads' keys in its order
    Beads,
}

/// The context of a verb with its output format.
pub struct Answer<'c> {
    /// The context of all commands.
    pub context: &'c Context,
    pub format: Option<Format>,
}

impl Answer<'_> {
    /// True if beads' JSON is requested.
    pub fn is_beads(&self) -> bool {
        self.format == Some(Format::Beads)
    }

    /// Prints JSON without an envelope.
    pub fn bare<T: Serialize>(&self, value: &T) -> Outcome {
        stdout::write_raw(&(json::Items::item(value)? + "\n"))?;
        Ok(Exit::DONE)
    }

    /// Answers with one item.
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
    pub fn many(&self, items: &[ItemView], draw: impl FnOnce(&mut Page, &[ItemView])) -> Outcome {
        if self.is_beads() {
            return self.bare(&self.context.pm()?.issues().beads_records(items)?);
        }
        self.context.list(items, draw)
    }

    /// Answers with one sentence per item.
    pub fn summaries(&self, verb: &str, items: &[ItemView]) -> Outcome {
        if self.is_beads() {
            return self.many(items, |_, _| {});
        }
        item::summaries(self.context, verb, items)
    }

    /// Answers with a list of other values.
    pub fn list<T: Serialize>(&self, items: &[T], draw: impl FnOnce(&mut Page, &[T])) -> Outcome {
        if self.is_beads() {
            return self.bare(&items);
        }
        self.context.list(items, draw)
    }
}
