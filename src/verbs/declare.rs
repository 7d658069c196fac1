//! How verbs are declared, and the shape of their answers: one item alone, several as items, lists with more.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::uid::Uid;
use crate::pm::shared_views::ItemView;

/// Declares what a verb does: alone, with what was typed, and as part of a transaction if it can
/// be, unless what was asked for is done `alone`.
macro_rules! verb {
    (@given $tx:ident) => {
        true
    };
    ($name:ty: $answer:ty, $effect:ident {
        run |$self:ident, $pm:ident| $run:expr,
        $($(ids |$it:ident| $ids:expr,)?
        stage |$tx:ident, $cycles:ident| $stage:expr,
        $(alone $alone:expr,)?)?
        $(only typed $only:expr,)?
        $(typed |$typed:ident| $complete:expr,)?
        $(shell |$with:ident| $shell:expr,)?
        $(place |$there:ident| $place:expr,)?
        $(brief $brief:expr,)?
        $(sends $sends:expr,)?
    }) => {
        impl Verb for $name {
            type Answer = $answer;
            const EFFECT: Effect = Effect::$effect;
            $(const ONLY_TYPED: &'static [&'static str] = &$only;)?
            $(const BRIEF: &'static [&'static str] = &$brief;)?

            fn run(&$self, $pm: &$crate::pm::Pm) -> $crate::error::Result<$answer> {
                let _asking = $crate::coordinate::idempotency::asking($pm, $self);
                $run
            }

            $(fn typed(self) -> $crate::error::Result<$name> {
                #[allow(unused_mut)]
                let mut $typed = self;
                $complete
                Ok($typed)
            })?

            $(fn shell_input(&mut self) -> ShellInput<'_> {
                let $with = self;
                $shell
            })?

            $(fn sends(&$self) -> bool {
                $sends
            })?

            $(fn place(&self) -> Option<&str> {
                let $there = self;
                $place
            })?

            $(const STAGED: bool = verb!(@given $tx);

            fn staged(&$self) -> Option<&dyn Staged> {
                $(if $alone {
                    return None;
                })?
                verb!(@given $tx).then_some($self)
            })?
        }

        $(impl Staged for $name {
            $(fn ids(&self) -> &[String] {
                let $it = self;
                $ids
            })?

            fn stage(&$self, $pm: &Pm, $tx: &mut Tx<'_>, $cycles: &mut Cycles) -> Result<Vec<Uid>> {
                let _ = (&$pm, &$cycles);
                $stage
            }
        })?
    };
}
pub(super) use verb;

/// The changed items: one alone, or a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Changed {
    /// One.
    One(Box<ItemView>),
    /// None, or several.
    Many {
        /// In the order of the request.
        items: Vec<ItemView>,
    },
}

impl From<Vec<ItemView>> for Changed {
    fn from(mut items: Vec<ItemView>) -> Changed {
        match (items.len(), items.pop()) {
            (1, Some(item)) => Changed::One(Box::new(item)),
            (_, last) => {
                items.extend(last);
                Changed::Many { items }
            }
        }
    }
}

impl Changed {
    /// All of them.
    pub fn items(&self) -> &[ItemView] {
        match self {
            Changed::One(item) => std::slice::from_ref(item),
            Changed::Many { items } => items,
        }
    }
}

/// Results in a list.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "List_of_{T}")]
pub struct List<T> {
    /// In their order.
    pub items: Vec<T>,
    /// True if there are more, which the limit left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}

impl<T> From<Vec<T>> for List<T> {
    fn from(items: Vec<T>) -> List<T> {
        let more = false;
        List { items, more }
    }
}

impl<T> List<T> {
    /// At most so many of what is found, of which one more is asked for.
    ///
    /// # Errors
    /// Those of `find`.
    pub fn limited(limit: usize, find: impl FnOnce(usize) -> Result<Vec<T>>) -> Result<List<T>> {
        let mut items = find(limit.saturating_add(1))?;
        let more = items.len() > limit;
        items.truncate(limit);
        Ok(List { items, more })
    }
}

/// The one item that was changed.
pub(super) fn one(done: Result<Uid>) -> Result<Vec<Uid>> {
    done.map(|uid| vec![uid])
}

/// The error of a change without any field.
pub fn unchanged() -> Error {
    Error::usage("there is nothing to change").hint("specify a field; `--editor` edits the text")
}
