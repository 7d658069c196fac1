//! The changes of an item that a transaction makes.

use super::time::Timestamp;
use crate::model::priority::Priority;
use crate::model::uid::Uid;
use crate::model::vocabulary::{Estimate, Risk, Validation};
use crate::pm::arguments::Clearable;
use crate::work::new_item::ItemEdit;

/// New values for fields of an item; fields that are not named stay as they are.
///
/// ```
/// # use git_pm::{core::Edit, values::Priority};
/// let edit = Edit::default().priority(Priority::try_from(1)?).add_label("ui").assignee(None);
/// # Ok::<(), git_pm::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit(pub(super) ItemEdit);

impl Edit {
    fn with(mut self, change: impl FnOnce(&mut ItemEdit)) -> Edit {
        change(&mut self.0);
        self
    }

    /// The title, in one line.
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Edit {
        self.with(|edit| edit.title = Some(title.into()))
    }

    /// The text, Markdown.
    #[must_use]
    pub fn body(self, body: impl Into<String>) -> Edit {
        self.with(|edit| edit.fields.body = Some(body.into()))
    }

    /// The type, such as `bug`: one of the kind of item, or for an issue one that is used already.
    #[must_use]
    pub fn item_type(self, word: impl Into<String>) -> Edit {
        self.with(|edit| edit.fields.item_type = Some(word.into()))
    }

    /// The priority.
    #[must_use]
    pub fn priority(self, priority: Priority) -> Edit {
        self.with(|edit| edit.fields.priority = Some(priority.number()))
    }

    /// The size of the work, or none.
    #[must_use]
    pub fn estimate(self, estimate: Option<Estimate>) -> Edit {
        self.with(|edit| edit.fields.estimate = Some(Clearable(estimate)))
    }

    /// The risk of the work, or none.
    #[must_use]
    pub fn risk(self, risk: Option<Risk>) -> Edit {
        self.with(|edit| edit.fields.risk = Some(Clearable(risk)))
    }

    /// When the tests are written, or undecided.
    #[must_use]
    pub fn validation(self, validation: Option<Validation>) -> Edit {
        self.with(|edit| edit.fields.validation = Some(Clearable(validation)))
    }

    /// The actor who is planned to do it, or nobody.
    #[must_use]
    pub fn assignee(self, actor: Option<&str>) -> Edit {
        self.with(|edit| edit.fields.assignee = Some(actor.unwrap_or_default().into()))
    }

    /// The stream of work that it belongs to, or none.
    #[must_use]
    pub fn stream(self, stream: Option<&str>) -> Edit {
        self.with(|edit| edit.fields.stream = Some(stream.unwrap_or_default().into()))
    }

    /// The epic that owns it, or none.
    #[must_use]
    pub fn epic(self, epic: Option<&Uid>) -> Edit {
        self.with(|edit| edit.fields.epic = Some(name(epic)))
    }

    /// Its only parent, or none.
    #[must_use]
    pub fn parent(self, parent: Option<&Uid>) -> Edit {
        self.with(|edit| edit.fields.parent = Some(name(parent)))
    }

    /// All items that have to be closed first.
    #[must_use]
    pub fn depends_on<'u>(self, items: impl IntoIterator<Item = &'u Uid>) -> Edit {
        let names = items.into_iter().map(Uid::to_string).collect();
        self.with(|edit| edit.fields.depends_on = Some(names))
    }

    /// All acceptance criteria, in order. One whose text stays keeps its state.
    #[must_use]
    pub fn criteria(self, texts: impl IntoIterator<Item: Into<String>>) -> Edit {
        let texts = texts.into_iter().map(Into::into).collect();
        self.with(|edit| edit.fields.acceptance = Some(texts))
    }

    /// All patterns of the paths that the work touches.
    #[must_use]
    pub fn paths(self, patterns: impl IntoIterator<Item: Into<String>>) -> Edit {
        let patterns = patterns.into_iter().map(Into::into).collect();
        self.with(|edit| edit.fields.paths = Some(patterns))
    }

    /// A label that it gets.
    #[must_use]
    pub fn add_label(self, label: impl Into<String>) -> Edit {
        self.with(|edit| edit.add_labels.push(label.into()))
    }

    /// A label that it loses.
    #[must_use]
    pub fn remove_label(self, label: impl Into<String>) -> Edit {
        self.with(|edit| edit.remove_labels.push(label.into()))
    }

    /// The time it is due, or none.
    #[must_use]
    pub fn due_at(self, time: Option<Timestamp>) -> Edit {
        let text = time.map(|time| time.to_string());
        self.with(|edit| edit.fields.due = Some(text.unwrap_or_default()))
    }
}

fn name(item: Option<&Uid>) -> String {
    item.map(Uid::to_string).unwrap_or_default()
}

/// A change of the status of an item. Work is started, submitted, approved and merged by the verbs of
/// git pm, since that takes claims, branches and remotes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transition {
    /// Stops it, for a reason.
    Block(String),
    /// Takes a block back.
    Unblock,
    /// Defers it: it becomes ready again at that time, or without one when it is taken up.
    Defer(Option<Timestamp>),
    /// Takes a deferral back.
    TakeUp,
    /// Closes it as done, with the evidence. Its acceptance criteria have to be accepted.
    Done(String),
    /// Abandons it, for a reason.
    Cancel(String),
    /// Opens a closed one again, for a reason.
    Reopen(String),
}
