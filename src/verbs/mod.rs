//! The verbs: what a declaration of one consists of, and what each door makes of it.
//!
//! Each is declared once: a request, which is a struct whose documented fields are the options of its
//! command, the keys of a batch line, of a tool's call and of an HTTP body; its answer; and what it
//! does. [`VERBS`] lists them, and every door is made from that list.

mod batch;
mod declare;
pub(crate) mod json_object;
mod keys;
mod limits;
mod table;
mod text_argument;
mod tool_group;

pub mod agent;
pub mod artifact;
pub mod checklist;
pub mod clone;
pub mod cost;
pub mod dep;
pub mod finding;
pub mod github;
pub mod history;
pub mod insight;
pub mod issue;
pub mod issue_list;
pub mod issue_parts;
pub mod item;
pub mod learn;
pub mod list;
pub mod msg;
pub mod plan;
pub mod plan_change;
pub mod reserve;
pub mod roles;
pub mod show;
pub mod state;
pub mod status;
pub mod view;
pub mod work;

use std::any::Any;
use std::fmt;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::model::authority::{self, Who};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::transaction::Tx;
use crate::work::task::cycles::Cycles;

pub use crate::pm::arguments::{Clearable, Limit, Millis, Number, Words, priority};
pub use batch::{BatchOptions, BatchReport, SkippedLine};
pub use declare::{Changed, List, unchanged};
pub use keys::{Key, Shape};
pub use table::VERBS;
pub use text_argument::TextArgument;
pub use tool_group::ToolGroup;

/// A request to do something with the repository.
pub trait Verb: fmt::Debug + DeserializeOwned + JsonSchema + clap::Args {
    /// What it answers.
    type Answer: Serialize + JsonSchema;

    /// Its effect on the state.
    const EFFECT: Effect;

    /// True if it can be part of a batch.
    const STAGED: bool = false;

    /// The arguments of its command that are no keys of the request, by id: other ways to give the
    /// same.
    const ONLY_TYPED: &'static [&'static str] = &[];

    /// The keys of its answer that a model needs; all, if none are named.
    const BRIEF: &'static [&'static str] = &[];

    /// Does it.
    ///
    /// # Errors
    /// Those of the operation.
    fn run(&self, pm: &Pm) -> Result<Self::Answer>;

    /// Does what a caller asked for. A former number that may be meant is ambiguous then.
    ///
    /// # Errors
    /// Those of the operation.
    fn answer(&self, pm: &Pm) -> Result<Self::Answer> {
        let _writing = (Self::EFFECT != Effect::Reads).then(|| pm.writing());
        Verb::run(self, pm)
    }

    /// Completes a request that was typed: a command line has arguments that stand for one of
    /// several fields.
    ///
    /// # Errors
    /// When the arguments stand for nothing.
    fn typed(self) -> Result<Self> {
        Ok(self)
    }

    /// What a shell may read from standard input or a file.
    fn shell_input(&mut self) -> ShellInput<'_> {
        ShellInput::default()
    }

    /// True if it is settled with the remote at once, such as a claim.
    fn sends(&self) -> bool {
        matches!(Self::EFFECT, Effect::Sends | Effect::Reaches)
    }

    /// The task in whose worktree it is done, where there is no current folder.
    fn place(&self) -> Option<&str> {
        None
    }

    /// What it does in a batch, if it only changes the state.
    fn staged(&self) -> Option<&dyn Staged> {
        None
    }
}

/// The parts of a request that a shell may read from standard input, where `-` stands for them, or
/// from a file.
#[derive(Debug, Default)]
pub struct ShellInput<'r> {
    /// A text.
    pub text: Option<&'r mut String>,
    /// The file with the text.
    pub file: Option<PathBuf>,
    /// The ids of items.
    pub ids: Option<&'r mut Vec<String>>,
}

impl<'r> ShellInput<'r> {
    /// A text.
    fn text(text: Option<&'r mut String>) -> ShellInput<'r> {
        ShellInput {
            text,
            ..ShellInput::default()
        }
    }

    /// The ids of items.
    fn ids(ids: &'r mut Vec<String>) -> ShellInput<'r> {
        ShellInput {
            ids: Some(ids),
            ..ShellInput::default()
        }
    }
}

/// A request that can be part of a transaction with others, and staged as often as that runs.
pub trait Staged: fmt::Debug {
    /// The items that it changes, as the request names them.
    fn ids(&self) -> &[String] {
        &[]
    }

    /// Stages it and returns the items that it changed.
    ///
    /// # Errors
    /// Those of the operation.
    fn stage(&self, pm: &Pm, tx: &mut Tx<'_>, cycles: &mut Cycles) -> Result<Vec<Uid>>;
}

/// A verb whose type is known only to its declaration.
pub trait Request: fmt::Debug {
    /// As [`Verb::run`]; the answer as JSON.
    ///
    /// # Errors
    /// Those of the operation.
    fn run(&self, pm: &Pm) -> Result<Value>;

    /// As [`Verb::sends`].
    fn sends(&self) -> bool;

    /// As [`Verb::place`].
    fn place(&self) -> Option<&str>;

    /// As [`Verb::staged`].
    fn staged(&self) -> Option<&dyn Staged>;

    /// The verb, for a door with an answer of its own to it.
    fn as_any(&self) -> &dyn Any;
}

/// An answer as JSON. By way of a text, whose serializer the command line has anyway: a second one for each
/// type of answer is much code.
pub(crate) fn value<T: Serialize>(answer: &T) -> Result<Value> {
    let value = serde_json::to_vec(answer).and_then(|text| serde_json::from_slice(&text));
    value.map_err(|error| Error::state(format!("cannot write the result: {error}")))
}

impl<V: Verb + 'static> Request for V {
    fn run(&self, pm: &Pm) -> Result<Value> {
        pm.state().merge_fetched();
        value(&self.answer(pm)?)
    }

    fn sends(&self) -> bool {
        Verb::sends(self)
    }

    fn place(&self) -> Option<&str> {
        Verb::place(self)
    }

    fn staged(&self) -> Option<&dyn Staged> {
        Verb::staged(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The effect of a verb on the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// None.
    Reads,
    /// Adds to it or changes it.
    Writes,
    /// As `Writes`, and pushes it to the remote at once.
    Sends,
    /// Removes or overrides something.
    Removes,
    /// Approves something, which only a human can do.
    Approves,
    /// As `Sends`, and writes files or uses worktrees, so it has to run where the caller is.
    Reaches,
}

/// A request made of the fields of a JSON object.
type Made = serde_json::Result<Box<dyn Request>>;

/// The declaration of a verb.
pub struct Declaration {
    /// The words of its command: `task create`.
    pub name: &'static str,
    /// The group of its tool.
    pub group: ToolGroup,
    /// The result, for the summary of a batch: `created`.
    pub done: &'static str,
    /// What it does to the state.
    pub effect: Effect,
    /// True if it can be part of a batch.
    pub is_staged: bool,
    /// The verb of which it is another name, for people who type it.
    pub alias_of: Option<&'static str>,
    /// The sentence that describes it, where its request serves several commands.
    about: &'static [&'static str],
    pub(crate) keys: keys::Keys,
    read: fn(Map<String, Value>) -> Made,
    /// Adds the arguments of its command.
    pub arguments: fn(clap::Command) -> clap::Command,
    /// The arguments that are no keys of the request.
    pub only_typed: &'static [&'static str],
    /// The keys of its answer that a model needs; all, if none are named.
    pub brief: &'static [&'static str],
    /// Makes the schema of its request.
    pub request: fn(&mut SchemaGenerator) -> Schema,
    /// Makes the schema of its answer.
    pub answer: fn(&mut SchemaGenerator) -> Schema,
}

impl fmt::Debug for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Declaration {
    /// The verb of these words.
    pub fn find(name: &str) -> Option<&'static Declaration> {
        VERBS.iter().find(|verb| verb.name == name)
    }

    /// Its name in a batch: `task.create`.
    pub fn op(&self) -> String {
        self.name.replace(' ', ".")
    }

    /// What it does, in one sentence without a full stop.
    pub fn about(&'static self) -> &'static str {
        self.about.first().copied().unwrap_or(self.keys.about())
    }

    /// True if agents may do it, as far as the item and the settings allow it.
    pub fn is_for_agents(&self) -> bool {
        self.effect == Effect::Reads || authority::operation(self.name) == Who::Anybody
    }

    /// The keys of its request.
    pub fn keys(&self) -> &[Key] {
        self.keys.get()
    }

    /// Reads a request from JSON: `-` and `_` in keys are alike, null is an absent key, and one
    /// value stands for a list of one.
    ///
    /// # Errors
    /// A usage error that names the key, and what it takes.
    pub fn read(&self, given: Map<String, Value>) -> Result<Box<dyn Request>> {
        let fields = keys::fit(self, given)?;
        (self.read)(fields)
            .map_err(|error| keys::misused(format!("{}: {error}", self.op())).about(self.op()))
    }
}

#[cfg(test)]
mod tests;
