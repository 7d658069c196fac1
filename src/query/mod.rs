//! The query language of lists: its grammar, and typed expressions.
//!
//! A text is parsed into a typed expression, which a pure predicate applies to an item. It is
//! independent of the store; `index_conditions` extracts the conditions that an index can answer
//! before the predicate.
//!
//! ```text
//! query  := and ("or" and)*
//! and    := not (["and"] not)*
//! not    := ("-" | "!" | "not ") not | "(" query ")" | test
//! test   := FIELD ":" values | "is:" MARK | "has:" FIELD | WORD["*"] | '"' words '"'["*"]
//! values := value ("," value)* | ("<" | "<=" | ">" | ">=") value | value ".." value
//! ```
//!
//! Unquoted words have no `<`, `>` and `=`: a condition with a missing colon is not a search.
//! A word at the end of the query counts as a prefix, as it may not be typed to its end.
//! `and`, `or` and `not` are operators in lower or upper case; in quotes they are words. A word or
//! a quoted phrase is searched in the full text of the item and of its comments. A sequential id (`T-1`) also means
//! the item itself; several with nothing else between them, also with commas, mean these items.

mod field;
mod index_conditions;
mod matches;
mod parse;
mod print;
pub mod search_terms;
mod sort;
#[cfg(test)]
mod tests;

use git_pm_model as model;

use jiff::Zoned;

use crate::model::id::ItemKind;
use crate::model::status::Status;
use crate::model::typed_due_date::{self, DayEnd};
use crate::model::typed_past_date::Moment;
use crate::model::vocabulary::terms;

pub use field::{Field, Shape};
pub use index_conditions::Conditions;
pub use matches::{Facts, Marks};
pub use parse::QueryError;
pub use sort::{SortKey, columns, compare, sort_keys};

/// True for the words that stand for the caller where an actor is named.
pub fn is_me(actor: &str) -> bool {
    matches!(actor, "me" | "@me")
}

/// True for a word that stands for no value, where items and actors are named.
pub fn is_none(name: &str) -> bool {
    matches!(name, "none" | "null" | "empty" | "no")
}

/// The words of a requested status: as typed, since imported items may have that word, and the
/// known status that it means.
pub fn states(word: &str) -> Vec<String> {
    let mut words = vec![matches::folded(word)];
    words.extend(Status::meant(word).map(str::to_string));
    words.dedup();
    words
}

/// A query: the condition that an item has to meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// All of them; every item matches an empty list.
    All(Vec<Expr>),
    /// At least one of them.
    Any(Vec<Expr>),
    /// The negation.
    Not(Box<Expr>),
    /// One condition.
    Test(Test),
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// The item's full text contains these words.
    Words(Words),
    /// The item has this mark.
    Is(Mark),
    /// The field has a value.
    Has(Field),
    /// The field has one of these values.
    Value(Field, Vec<Pattern>),
    /// The position of the field's value in its order compares in this way with one of these.
    Rank(Field, Op, Vec<usize>),
    /// The field's time compares in this way with this one.
    Time(Field, Op, When),
    /// The field names one of these items.
    Item(Field, Vec<String>),
    /// The item comes after this one in an order, the usual one without keys. It cannot be typed.
    After(String, Vec<SortKey>),
}

/// Words of the full text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Words {
    /// One word, or a phrase.
    pub text: String,
    /// Set if only the beginning of the last word is given.
    pub prefix: bool,
}

terms! {
    /// A condition of an item, as in `is:ready`.
    Mark in "condition" {
        /// Not closed.
        Open = "open",
        /// Done, cancelled or closed.
        Closed = "closed",
        /// It can be started now.
        Ready = "ready",
        /// It waits for others or was stopped by hand.
        Blocked = "blocked",
        /// Started and not closed.
        Active = "active",
        /// It has an open claim.
        Claimed = "claimed",
        /// The current actor is its holder or assignee.
        Mine = "mine",
        /// Its text has concurrent versions.
        Conflicted = "conflicted",
        /// It was submitted or closed by force.
        Forced = "forced",
        /// It is deferred, by its status or until a future time.
        Deferred = "deferred",
        /// It is open, and the time at which it was due is over.
        Overdue = "overdue",
        /// It stays open permanently, for reference.
        Pinned = "pinned",
        /// It is only a template for other items.
        Template = "template",
        /// A task of a plan that waits for the plan's approval.
        Proposed = "proposed",
    }
}

/// The value that a field has to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The current actor.
    Me,
    /// A text, compared ignoring case.
    Text(String),
    /// The texts between wildcards: `a*b` is `a`, `b`.
    Wild(Vec<String>),
}

/// A comparison of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// It is equal.
    Is,
    /// It is less.
    Less,
    /// It is less or equal.
    AtMost,
    /// It is greater.
    More,
    /// It is greater or equal.
    AtLeast,
}

/// A time in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// An age: `>7d` is more than a week ago.
    Ago(String),
    /// A day or a time: `>2026-11-20` is after that day. In a field whose times lie ahead, also a time
    /// from now: `<3d` is in the next three days or past.
    At(String),
}

impl When {
    /// The time that a text means in a field; none if it is not a time.
    fn moment(field: Field, text: &str, now: &Zoned) -> Option<Moment> {
        let ahead = |end| typed_due_date::parse(text, now, end).ok();
        let day = || Some((ahead(DayEnd::First)?, ahead(DayEnd::Last)?));
        match field.is_ahead().then(day).flatten() {
            // With the rest of the last second of a day.
            Some((begin_ms, end_ms)) => Some(Moment {
                begin_ms,
                end_ms: end_ms + if begin_ms < end_ms { 999 } else { 0 },
            }),
            None => Moment::parse(text, now).ok(),
        }
    }

    /// True if a text is a span of time, such as `3d`.
    fn is_span(text: &str) -> bool {
        let text = text.trim();
        let text = text.strip_prefix("in ").unwrap_or(text);
        let dated = text.get(..5).is_some_and(|y| y.ends_with('-'));
        text.starts_with(|c: char| c.is_ascii_digit() || c == '+') && !dated
    }
}

impl Expr {
    /// The expression that every item matches.
    pub fn everything() -> Expr {
        Expr::All(Vec::new())
    }

    /// The items of a kind, as `is:` and the lists have it: an issue of type epic is an epic (`Item::is_epic`).
    pub fn of_kind(kind: ItemKind) -> Expr {
        let of =
            |field, word: &str| Expr::Test(Test::Value(field, vec![Pattern::Text(word.into())]));
        let own = of(Field::Kind, kind.as_str());
        match kind {
            ItemKind::Epic => {
                let issue = of(Field::Kind, ItemKind::Issue.as_str());
                Expr::Any(vec![own, issue.and(of(Field::Type, "epic"))])
            }
            _ => own,
        }
    }

    /// Parses a query. An empty text is [`Expr::everything`].
    ///
    /// # Errors
    /// The position and the reason, and a hint about what to write instead.
    pub fn parse(text: &str) -> Result<Expr, QueryError> {
        parse::parse(text)
    }

    /// The conjunction of both.
    #[must_use]
    pub fn and(self, other: Expr) -> Expr {
        let list = |expr| match expr {
            Expr::All(list) => list,
            other => vec![other],
        };
        let mut all = list(self);
        all.extend(list(other));
        match <[Expr; 1]>::try_from(all) {
            Ok([one]) => one,
            Err(all) => Expr::All(all),
        }
    }

    /// Calls `visit` with every condition in it.
    pub fn each_test<'e>(&'e self, visit: &mut impl FnMut(&'e Test)) {
        match self {
            Expr::All(list) | Expr::Any(list) => list.iter().for_each(|e| e.each_test(visit)),
            Expr::Not(inner) => inner.each_test(visit),
            Expr::Test(test) => visit(test),
        }
    }

    /// Makes a word that a user typed for a field match another word, too.
    #[doc(hidden)]
    pub fn means(&mut self, field: Field, typed: &str, other: &str) {
        match self {
            Expr::All(list) | Expr::Any(list) => {
                list.iter_mut().for_each(|e| e.means(field, typed, other));
            }
            Expr::Not(inner) => inner.means(field, typed, other),
            Expr::Test(Test::Value(of, patterns)) if *of == field => {
                let word = |word: &str| Pattern::Text(word.to_string());
                if patterns.contains(&word(typed)) && !patterns.contains(&word(other)) {
                    patterns.push(word(other));
                }
            }
            Expr::Test(_) => {}
        }
    }

    fn any_test(&self, mut fits: impl FnMut(&Test) -> bool) -> bool {
        let mut found = false;
        self.each_test(&mut |test| found |= fits(test));
        found
    }

    /// True if it states whether open or closed items are meant; otherwise only open ones are.
    pub fn mentions_closed(&self) -> bool {
        self.names_items()
            || self.any_test(|test| {
                matches!(
                    test,
                    Test::Is(Mark::Open | Mark::Closed)
                        | Test::Value(Field::Status, _)
                        | Test::Has(Field::Closed | Field::Finished | Field::Status)
                        | Test::Time(Field::Closed | Field::Finished, ..)
                )
            })
    }

    /// True if it names items by their ids.
    fn names_items(&self) -> bool {
        let is_id = |one: &Pattern| matches!(one, Pattern::Text(_));
        match self {
            Expr::All(list) | Expr::Any(list) => list.iter().any(Expr::names_items),
            Expr::Not(_) => false,
            Expr::Test(test) => {
                matches!(test, Test::Value(Field::Id, ids) if ids.iter().all(is_id))
            }
        }
    }

    /// True if proposed items are mentioned; otherwise none matches.
    pub fn asks_for_proposed(&self) -> bool {
        let is_word = |one: &Pattern| {
            let word = Status::Proposed.as_str();
            matches!(one, Pattern::Text(text) if text == word)
        };
        self.any_test(|test| match test {
            Test::Is(mark) => *mark == Mark::Proposed,
            Test::Value(field, patterns) => *field == Field::Status && patterns.iter().any(is_word),
            _ => false,
        })
    }

    /// True if it depends on which items are ready or blocked, and so on the graph.
    pub fn needs_graph(&self) -> bool {
        self.any_test(|test| matches!(test, Test::Is(Mark::Ready | Mark::Blocked)))
    }
}

impl From<QueryError> for git_pm_model::error::Error {
    fn from(error: QueryError) -> Self {
        git_pm_model::error::Error::usage(error.to_string()).hint(error.hint)
    }
}
