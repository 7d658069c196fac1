//! The items that match a query.
//!
//! They come from the index if it has the same answers as this state, else from every item.

use std::collections::HashSet;

use super::State;
use crate::index::{self, Among, Line};
use crate::model::id;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::query::{Conditions, Expr, Facts, Marks};

/// Up to this number of items with the words of a query, each is looked up; for more, all are read.
const LOOKED_UP_SINGLY_MAX: usize = 2_000;

impl State<'_> {
    /// The items that match, in the order of kind and id, at most `limit` of them.
    pub fn matching(&self, expr: &Expr, facts: &Facts, limit: usize) -> Vec<&Item> {
        let mut found = self.matching_stored(expr, facts, limit);
        if expr.asks_for_proposed() {
            found.extend(self.matching_proposed(expr, facts));
            found.truncate(limit);
        }
        found
    }

    fn matching_proposed(&self, expr: &Expr, facts: &Facts) -> Vec<&Item> {
        let mut proposed = self.proposed_items();
        proposed.retain(|item| expr.fits(item, Marks::default(), facts));
        proposed
    }

    fn matching_stored(&self, expr: &Expr, facts: &Facts, limit: usize) -> Vec<&Item> {
        let narrow = Conditions::of(expr, facts);
        let known = narrow.words.as_ref().and_then(|w| facts.having.get(w));
        if let Some(uids) = known
            && uids.len() <= LOOKED_UP_SINGLY_MAX
            && !narrow.marks
        {
            return self.fitting_among(uids, expr, facts, limit);
        }
        let mut found: Vec<Item> = Vec::new();
        if limit > 0 && self.is_exact() {
            let asked = self.ask(|index| {
                index.narrowed(&narrow, facts.now_ms, |item, marks| {
                    if expr.fits(&item, marks, facts) {
                        found.push(item);
                    }
                    found.len() < limit
                })
            });
            if asked.is_some() {
                return found.into_iter().map(|item| self.cached(item)).collect();
            }
        }
        let found = self.marked(narrow.marks, expr, facts).into_iter();
        found.map(|(item, _)| item).take(limit).collect()
    }

    /// Adds up the items that match, in the order of kind and id; none of them stays in memory
    /// unless `add` keeps it. With `most`, in no order, and `add` may get items that are alike in the
    /// columns of a line together, with their number, behind the first `most` of them.
    pub fn fold_matching<A>(
        &self,
        (expr, facts): (&Expr, &Facts),
        most: Option<usize>,
        new: impl Fn() -> A,
        mut add: impl FnMut(&mut A, Line<'_>, usize) -> index::Result<()>,
    ) -> A {
        let narrow = Conditions::of(expr, facts);
        let all_match = Conditions::cover(expr, facts);
        let mut sum = new();
        let mut of_index = || {
            self.ask(|index| {
                if let Some(most) = most.filter(|_| all_match)
                    && index.piles(&narrow, facts.now_ms, most, |line, n| {
                        add(&mut sum, line, n)
                    })?
                {
                    return Ok(());
                }
                index.lines(&narrow, facts.now_ms, |line| {
                    if all_match {
                        return add(&mut sum, line, 1);
                    }
                    let marks = line.marks;
                    let item = line.item()?;
                    match expr.fits(&item, marks, facts) {
                        true => add(&mut sum, Line::of(item, marks, facts.now_ms), 1),
                        false => Ok(()),
                    }
                })
            })
        };
        let mut rest = Vec::new();
        if !self.is_exact() || of_index().is_none() {
            sum = new();
            rest = self.marked(true, expr, facts);
        }
        if expr.asks_for_proposed() {
            let proposed = self.matching_proposed(expr, facts).into_iter();
            rest.extend(proposed.map(|item| (item, Marks::default())));
        }
        for (item, marks) in rest {
            // Nothing is left to be read.
            let _ = add(&mut sum, Line::of(item.clone(), marks, facts.now_ms), 1);
        }
        sum
    }

    /// The items that match, with their readiness if it is wanted, of all items in memory.
    fn marked(&self, marks: bool, expr: &Expr, facts: &Facts) -> Vec<(&Item, Marks)> {
        let items = self.items();
        let (mut ready, mut blocked) = (HashSet::new(), HashSet::new());
        if marks {
            let graph = self.graph(&items, facts.now_ms);
            ready.extend(graph.ready());
            blocked.extend(graph.blocked());
        }
        let marked = items.into_iter().map(|item| {
            let marks = Marks {
                ready: ready.contains(&item.uid),
                blocked: blocked.contains(&item.uid),
            };
            (item, marks)
        });
        let fitting = marked.filter(|(item, marks)| expr.fits(item, *marks, facts));
        fitting.collect()
    }

    fn fitting_among(
        &self,
        uids: &HashSet<Uid>,
        expr: &Expr,
        facts: &Facts,
        limit: usize,
    ) -> Vec<&Item> {
        let mut out: Vec<&Item> = uids
            .iter()
            .filter_map(|uid| self.stored(uid))
            .filter(|item| !item.deleted && expr.fits(item, Marks::default(), facts))
            .collect();
        out.sort_by_cached_key(|item| (item.kind, id::rank(&item.id), item.uid.clone()));
        out.truncate(limit);
        out
    }

    /// As [`State::having`], of proposed items.
    pub fn proposed_having(&self, expression: &str) -> HashSet<Uid> {
        let docs = self.proposed_docs();
        let hits = index::search_docs(docs, Among::Words, expression, usize::MAX);
        let hits = hits.unwrap_or_default().into_iter();
        hits.map(|hit| hit.item).collect()
    }

    /// The items that have the words of a full-text expression themselves or in a comment.
    pub fn having(&self, expression: &str) -> HashSet<Uid> {
        let hits = self.search(Among::Words, expression, usize::MAX);
        hits.into_iter().map(|hit| hit.item).collect()
    }
}
