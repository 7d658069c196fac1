//! The conditions of an expression that an index can answer.
//!
//! Its rows contain all items that match; the predicate is applied to each of them, so a condition
//! omitted here only costs time.

use std::collections::BTreeSet;

use super::{Expr, Facts, Field, Mark, Op, Pattern, Test, Words};
use crate::model::id::{self, ItemKind};
use crate::model::status::{Status, also_means};
use crate::model::uid::Uid;

/// Conditions on an item's row; every item that matches the expression meets all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// It is of one of these kinds.
    pub kinds: Option<BTreeSet<ItemKind>>,
    /// It has one of these statuses, compared ignoring ASCII case.
    pub statuses: Option<BTreeSet<String>>,
    /// It has one of these types, in lower case and compared ignoring ASCII case.
    pub types: Option<BTreeSet<String>>,
    /// It groups others, as `Item::is_epic` says.
    pub epics: bool,
    /// It is, or is not, closed.
    pub open: Option<bool>,
    /// It can be started now.
    pub ready: bool,
    /// It waits for others or was stopped by hand.
    pub blocked: bool,
    /// It has an open claim.
    pub held: bool,
    /// Its text has concurrent versions.
    pub conflicted: bool,
    /// The least and the greatest priority.
    pub priority: Option<(usize, usize)>,
    /// It is in this epic.
    pub epic: Option<Uid>,
    /// Set if the expression depends on the graph anywhere.
    pub marks: bool,
    /// It has this kind and rank of its id, or comes after them.
    pub after: Option<(ItemKind, Vec<u8>)>,
    /// Words in its full text; the items that have them are known already.
    pub words: Option<Words>,
}

impl Conditions {
    /// The conditions of an expression.
    pub fn of(expr: &Expr, facts: &Facts) -> Conditions {
        let mut narrow = Conditions {
            marks: expr.needs_graph(),
            ..Conditions::default()
        };
        narrow.add(expr, facts);
        narrow
    }

    /// The type of the items, if they are open and of one type only.
    pub fn open_type(&self) -> Option<&str> {
        let types = self.types.as_ref().filter(|types| types.len() == 1);
        let one = types.and_then(BTreeSet::first);
        one.filter(|_| self.open == Some(true)).map(String::as_str)
    }

    /// True if every item that the conditions of an expression leave matches it.
    pub fn cover(expr: &Expr, facts: &Facts) -> bool {
        *expr == Expr::Test(Test::Is(Mark::Closed)) || Conditions::cover_part(expr, facts)
    }

    fn cover_part(expr: &Expr, facts: &Facts) -> bool {
        match expr {
            Expr::All(list) => list.iter().all(|one| Conditions::cover_part(one, facts)),
            Expr::Test(Test::Is(Mark::Ready | Mark::Blocked)) => {
                facts.kept.is_empty() && facts.left.is_empty()
            }
            // Of `is:closed` and `is:open` together the conditions keep only one.
            Expr::Test(Test::Is(mark)) => matches!(mark, Mark::Open),
            Expr::Test(Test::Value(Field::Kind, patterns)) => {
                let is_kind = |word: &str| ItemKind::ALL.iter().any(|kind| kind.as_str() == word);
                texts(patterns).is_some_and(|words| words.into_iter().all(is_kind))
            }
            _ => false,
        }
    }

    fn add(&mut self, expr: &Expr, facts: &Facts) {
        match expr {
            Expr::All(list) => list.iter().for_each(|expr| self.add(expr, facts)),
            Expr::Test(test) => self.add_test(test, facts),
            Expr::Any(_) if *expr == Expr::of_kind(ItemKind::Epic) => self.epics = true,
            Expr::Any(_) | Expr::Not(_) => {}
        }
    }

    fn add_test(&mut self, test: &Test, facts: &Facts) {
        match test {
            Test::Words(words) => {
                let count = |words: &Words| facts.having.get(words).map(|uids| uids.len());
                let fewer = match &self.words {
                    Some(known) => count(words) < count(known),
                    None => true,
                };
                if fewer {
                    self.words = Some(words.clone());
                }
            }
            Test::Is(Mark::Open) => self.open = Some(true),
            Test::Is(Mark::Closed) => self.open = Some(false),
            Test::Is(Mark::Ready) if facts.left.is_empty() => self.ready = true,
            Test::Is(Mark::Blocked) if facts.kept.is_empty() => self.blocked = true,
            Test::Is(Mark::Claimed) | Test::Has(Field::Claim) | Test::Value(Field::Claim, _) => {
                self.held = true;
            }
            Test::Is(Mark::Conflicted) => self.conflicted = true,
            Test::Is(Mark::Active) => {
                let words = [
                    Status::InProgress.as_str(),
                    Status::InReview.as_str(),
                    Status::ReadyForIntegration.as_str(),
                ];
                intersect(&mut self.statuses, words.map(str::to_string));
            }
            Test::Value(Field::Status, patterns) => {
                if let Some(mut words) = texts(patterns) {
                    let others: Vec<&str> = words
                        .iter()
                        .flat_map(|word| also_means(word))
                        .copied()
                        .collect();
                    words.extend(others);
                    // What is put off until a time has kept its status.
                    if words.contains(&Status::Deferred.as_str()) {
                        words.extend([Status::Queued.as_str(), "open"]);
                    }
                    let words = words.into_iter().map(str::to_string);
                    intersect(&mut self.statuses, words);
                }
            }
            Test::Value(Field::Type, patterns) => {
                if let Some(words) = texts(patterns) {
                    let words = words.into_iter().map(str::to_ascii_lowercase);
                    intersect(&mut self.types, words);
                }
            }
            Test::Value(Field::Kind, patterns) => {
                if let Some(words) = texts(patterns) {
                    let kinds = words.into_iter().filter_map(ItemKind::parse);
                    intersect(&mut self.kinds, kinds);
                }
            }
            Test::Rank(Field::Priority, op, ranks) => {
                let (least, most) = (ranks.iter().min(), ranks.iter().max());
                let (Some(least), Some(most)) = (least, most) else {
                    return;
                };
                let (from, to) = match op {
                    Op::Is => (*least, *most),
                    Op::Less | Op::AtMost => (0, *most),
                    Op::More | Op::AtLeast => (*least, usize::MAX),
                };
                let (low, high) = self.priority.unwrap_or((0, usize::MAX));
                self.priority = Some((low.max(from), high.min(to)));
            }
            Test::Item(Field::Epic, names) => {
                if let [name] = names.as_slice() {
                    self.epic = facts.named.get(name).cloned();
                }
            }
            Test::After(name, keys) if keys.is_empty() => {
                let place = facts.places.get(name);
                self.after = place.map(|item| (item.kind, id::rank(&item.id)));
            }
            _ => {}
        }
    }
}

/// Leaves of the known values those that are among others, too.
fn intersect<T: Ord>(known: &mut Option<BTreeSet<T>>, others: impl IntoIterator<Item = T>) {
    let others: BTreeSet<T> = others.into_iter().collect();
    match known {
        Some(known) => known.retain(|one| others.contains(one)),
        None => *known = Some(others),
    }
}

/// The words of patterns, if all are whole ASCII words.
fn texts<'p>(patterns: &'p [Pattern]) -> Option<Vec<&'p str>> {
    let text = |pattern: &'p Pattern| match pattern {
        Pattern::Text(text) if text.is_ascii() => Some(text.as_str()),
        _ => None,
    };
    patterns.iter().map(text).collect()
}
