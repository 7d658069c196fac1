//! `show`: items, a learning, epic or document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::verb;
use super::work::tell;
use super::{Effect, ShellInput, Verb};
use crate::error::Result;
use crate::history::show_at::ItemAt;
use crate::learn::view::FullLearning;
use crate::plan::gone_said;
use crate::plan::milestone::EpicView;
use crate::plan::prd::PrdView;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;

/// Show an item in full
///
/// Prints the fields, the acceptance criteria with the numbers that `git pm task accept` takes, the
/// edges, the text and the comments. With `--at`, prints the item as of a commit of the state (from
/// `git pm log`, or any git revision) or a time (2026-11-20 for the end of that day,
/// 2026-11-20T10:30:00Z, `yesterday`, 2d, "3 weeks ago"). A time includes everything written by
/// then, according to the clocks of the clones that wrote it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm show T-0001
  git pm show T-0001 T-0002
  git pm show T-0001 --at yesterday
  git pm show T-0001 --at refs/pm/main~3")]
pub struct Show {
    /// Item IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// Show the item as of a commit or time.
    #[arg(long, value_name = "REV|WHEN")]
    pub at: Option<String>,
}

/// What an id names.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Shown {
    /// An item.
    Item(Box<ItemView>),
    /// An item as it was.
    At(Box<ItemAt>),
    /// A learning.
    Learning(Box<FullLearning>),
}

/// One, or several.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ShownItems {
    /// One.
    One(Shown),
    /// Several.
    Many {
        /// In the order of the request.
        items: Vec<Shown>,
    },
}

impl Show {
    fn one(&self, id: &str, pm: &Pm) -> Result<Shown> {
        Ok(match &self.at {
            Some(at) => Shown::At(Box::new(pm.history().show(id, at)?)),
            None if pm.learnings().is_named(id)? => {
                Shown::Learning(Box::new(pm.learnings().show(id)?))
            }
            None => {
                let shown = pm.tasks().show(id)?;
                tell(pm, gone_said(pm, &shown.item));
                Shown::Item(Box::new(shown))
            }
        })
    }
}

verb!(Show: ShownItems, Reads {
    run |self, pm| Ok(match self.id.as_slice() {
        [id] => ShownItems::One(self.one(id, pm)?),
        ids => {
            let items = ids.iter().map(|id| self.one(id, pm));
            ShownItems::Many { items: items.collect::<Result<_>>()? }
        }
    }),
    shell |request| ShellInput::ids(&mut request.id),
});

/// Show an epic with its parts and progress
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm epic show E-0001
  git pm epic show E-0001 --at yesterday")]
pub struct ShowEpic {
    /// Epic ID.
    pub id: String,
    /// Show the epic as of a commit or time, as in `git pm show --at`.
    #[arg(long, value_name = "REV|WHEN")]
    pub at: Option<String>,
}

/// An epic, now or as it was.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ShownEpic {
    /// Now.
    Epic(Box<EpicView>),
    /// As it was.
    At(Box<ItemAt>),
}

verb!(ShowEpic: ShownEpic, Reads {
    run |self, pm| Ok(match &self.at {
        Some(at) => ShownEpic::At(Box::new(pm.history().show(&self.id, at)?)),
        None => ShownEpic::Epic(Box::new(pm.plans().epic(&self.id)?)),
    }),
});

/// Show a requirements document with an outline of its text
///
/// Prints requirements, stories, acceptance criteria, risks, assumptions, decisions, open
/// questions and so on, each with its line numbers; `--raw` prints only the text, byte for
/// byte.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm prd show P-0001
  git pm prd show P-0001 --at yesterday")]
pub struct ShowDocument {
    /// PRD ID.
    pub id: String,
    /// Show the document as of a commit or time, as in `git pm show --at`.
    #[arg(long, value_name = "REV|WHEN")]
    pub at: Option<String>,
    /// Print only the text, byte for byte; control characters are escaped at a terminal.
    #[arg(long, conflicts_with = "at")]
    #[serde(skip)]
    pub raw: bool,
}

/// A document, now or as it was.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ShownDocument {
    /// Now.
    Prd(Box<PrdView>),
    /// As it was.
    At(Box<ItemAt>),
}

verb!(ShowDocument: ShownDocument, Reads {
    run |self, pm| Ok(match &self.at {
        Some(at) => ShownDocument::At(Box::new(pm.history().show(&self.id, at)?)),
        None => ShownDocument::Prd(Box::new(pm.plans().prd(&self.id)?)),
    }),
    only typed ["raw"],
});
