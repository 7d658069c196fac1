//! The query language of lists: what people type is read into a typed expression, which a pure
//! predicate applies to an item. Nothing here knows the store; `narrow` says which of an
//! expression's conditions an index can answer ahead of the predicate.
//!
//! ```text
//! query  := and ("or" and)*
//! and    := not (["and"] not)*
//! not    := ("-" | "!" | "not ") not | "(" query ")" | test
//! test   := FIELD ":" values | "is:" MARK | "has:" FIELD | WORD["*"] | '"' words '"'["*"]
//! values := value ("," value)* | ("<" | "<=" | ">" | ">=") value | value ".." value
//! ```
//!
//! `and`, `or` and `not` are operators in lower or upper case; in quotes they are words. A word or
//! a quoted phrase is looked for in the full text of the item and of its comments.

mod field;
mod index_conditions;
mod matches;
mod parse;
mod print;
mod sort;
#[cfg(test)]
mod tests;

use crate::model::status::Status;

pub use field::{Field, Shape};
pub use index_conditions::Narrow;
pub use matches::{Facts, Marks};
pub use parse::QueryError;
pub use sort::{SortKey, columns, compare, sort_keys};

/// The words of a state that is asked for: as typed, for an import may have brought that very word,
/// and what it means here.
pub fn states(word: &str) -> Vec<String> {
    let mut words = vec![matches::folded(word)];
    words.extend(Status::meant(word).map(str::to_string));
    words.dedup();
    words
}

/// What an item has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// All of them; anything fits when there are none.
    All(Vec<Expr>),
    /// At least one of them.
    Any(Vec<Expr>),
    /// Not that.
    Not(Box<Expr>),
    /// One condition.
    Test(Test),
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// These words stand in the item's full text.
    Words(Words),
    /// It is in that condition.
    Is(Mark),
    /// The field has a value.
    Has(Field),
    /// The field has one of these values.
    Value(Field, Vec<Pattern>),
    /// The field's place in its order compares so with one of these.
    Rank(Field, Op, Vec<usize>),
    /// The field's time compares so.
    Time(Field, Op, When),
    /// The field names one of these items.
    Item(Field, Vec<String>),
}

/// Words of the full text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Words {
    /// One word, or several that stand together.
    pub text: String,
    /// Whether only the beginning of the last one is given.
    pub prefix: bool,
}

/// A condition that an item is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Not over.
    Open,
    /// Over, one way or another.
    Closed,
    /// It can be started now.
    Ready,
    /// It waits for others or was stopped by hand.
    Blocked,
    /// Started and not over.
    Active,
    /// Somebody holds it.
    Claimed,
    /// Whoever asks owns it.
    Mine,
    /// Its text has concurrent versions.
    Conflicted,
    /// It was closed without evidence.
    Forced,
    /// It was put off, by its state or until a time to come.
    Deferred,
    /// It stays open for ever, as something to know.
    Pinned,
    /// It is only a pattern to make others from.
    Template,
}

impl Mark {
    /// The words for them.
    pub const WORDS: [(&'static str, Mark); 12] = [
        ("open", Mark::Open),
        ("closed", Mark::Closed),
        ("ready", Mark::Ready),
        ("blocked", Mark::Blocked),
        ("active", Mark::Active),
        ("claimed", Mark::Claimed),
        ("mine", Mark::Mine),
        ("conflicted", Mark::Conflicted),
        ("forced", Mark::Forced),
        ("deferred", Mark::Deferred),
        ("pinned", Mark::Pinned),
        ("template", Mark::Template),
    ];

    /// The mark of a word, without regard to case.
    pub fn named(word: &str) -> Option<Mark> {
        let known = Mark::WORDS.iter();
        let found = known.clone().find(|(w, _)| w.eq_ignore_ascii_case(word));
        found.map(|(_, mark)| *mark)
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        let found = Mark::WORDS.iter().find(|(_, mark)| *mark == self);
        found.map_or("", |(word, _)| *word)
    }
}

/// What a value has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Whoever asks.
    Me,
    /// A text, compared without regard to case.
    Text(String),
    /// Texts with anything between them, before the first and after the last: `a*b` is `a`, `b`.
    Wild(Vec<String>),
}

/// How a value compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// It is that one.
    Is,
    /// It comes before.
    Less,
    /// It comes before or is that one.
    AtMost,
    /// It comes after.
    More,
    /// It comes after or is that one.
    AtLeast,
}

/// A time in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// How long ago: the age is what is compared, so `>7d` is longer ago than a week.
    Ago(String),
    /// A day or a moment: `>2026-11-20` is after that day.
    At(String),
}

impl Expr {
    /// What everything fits.
    pub fn everything() -> Expr {
        Expr::All(Vec::new())
    }

    /// Reads what somebody typed. An empty text is [`Expr::everything`].
    ///
    /// # Errors
    /// Where and why it is no query, and what to write instead.
    pub fn parse(text: &str) -> Result<Expr, QueryError> {
        parse::parse(text)
    }

    /// Both.
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

    /// Lets a word that was typed for a field also stand for another one.
    pub(crate) fn means(&mut self, field: Field, typed: &str, other: &str) {
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

    /// Whether it says by itself which of open and closed items it means: one that does not is
    /// about open ones.
    pub fn speaks_of_closed(&self) -> bool {
        self.any_test(|test| {
            matches!(
                test,
                Test::Is(Mark::Open | Mark::Closed)
                    | Test::Value(Field::Status, _)
                    | Test::Has(Field::Closed | Field::Status)
                    | Test::Time(Field::Closed, ..)
            )
        })
    }

    /// Whether it asks what is ready or blocked, which the graph says.
    pub fn asks_the_graph(&self) -> bool {
        self.any_test(|test| matches!(test, Test::Is(Mark::Ready | Mark::Blocked)))
    }
}

impl From<QueryError> for crate::error::Error {
    fn from(error: QueryError) -> Self {
        crate::error::Error::usage(error.to_string()).hint(error.hint)
    }
}
