//! The plan of a filter: one expression, with its names resolved.

use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::item_type::ItemType;
use crate::model::status::Status;
use crate::model::text::excerpt;
use crate::pm::Pm;
use crate::query::search_terms::phrase;
use crate::query::{
    Conditions, Expr, Facts, Field, Mark, Marks, Pattern, Test, compare, is_me, is_none, states,
};
use crate::store::index::{self, Line, Scan};
use crate::store::state::State;
use crate::work::list::ListFilter;
use crate::work::task::field_rules::state_word;
use crate::work::task::start::obstacle::Obstacles;

/// A resolved filter.
pub(super) struct Plan<'f> {
    filter: &'f ListFilter,
    expr: Expr,
    facts: Facts,
    narrow: Conditions,
}

impl<'f> Plan<'f> {
    /// # Errors
    /// When the filter names an item that does not exist, or a word that no task can have.
    pub(super) fn of(pm: &Pm, state: &State<'_>, filter: &'f ListFilter) -> Result<Self> {
        let own = check_words(state, filter)?;
        let mut expr = expression(filter);
        for (typed, own) in &own {
            expr.means(Field::Status, typed, own);
        }
        let facts = facts(pm, state, &expr)?;
        let narrow = Conditions::of(&expr, &facts);
        Ok(Plan {
            filter,
            expr,
            facts,
            narrow,
        })
    }

    /// The items, in the filter's order and up to its limit.
    pub(super) fn items<'s>(&self, state: &'s State<'_>) -> Vec<&'s Item> {
        let limit = self.filter.limit.unwrap_or(usize::MAX);
        if self.filter.sort.is_empty() {
            return state.matching(&self.expr, &self.facts, limit);
        }
        let mut all = state.matching(&self.expr, &self.facts, usize::MAX);
        all.sort_by(|a, b| compare(a, b, &self.filter.sort));
        all.truncate(limit);
        all
    }

    /// Adds up the items, whatever the filter's order and limit.
    pub(super) fn fold<A>(
        &self,
        state: &State<'_>,
        most: Option<usize>,
        new: impl Fn() -> A,
        add: impl FnMut(&mut A, Line<'_>, usize) -> index::Result<()>,
    ) -> A {
        state.fold_matching((&self.expr, &self.facts), most, new, add)
    }

    /// True if the items can be taken from a scan one by one.
    pub(super) fn is_plain(&self) -> bool {
        self.filter.sort.is_empty() && self.narrow.words.is_none() && !self.expr.needs_graph()
    }

    /// True if an index finds its items, which may be few of many.
    pub(super) fn is_narrow(&self) -> bool {
        !matches!(self.which(), Scan::All(_) | Scan::Open(_))
    }

    pub(super) fn wants(&self, item: &Item, marks: Marks) -> bool {
        self.expr.fits(item, marks, &self.facts)
    }

    /// The narrowest scan that covers the plan.
    pub(super) fn which(&self) -> Scan<'_> {
        let kind = match &self.narrow.kinds {
            Some(kinds) if kinds.len() == 1 => kinds.first().copied(),
            _ => None,
        };
        match (&self.narrow.epic, self.narrow.open_type()) {
            (Some(epic), _) => Scan::Epic(epic),
            _ if self.narrow.held => Scan::Held,
            _ if self.narrow.conflicted => Scan::Conflicted,
            _ if self.narrow.epics => Scan::Epics,
            (None, Some(word)) => Scan::Typed(word),
            (None, None) if self.narrow.open == Some(true) => Scan::Open(kind),
            (None, None) => Scan::All(kind),
        }
    }
}

/// The expression of a filter, whose flags are abbreviations of conditions.
fn expression(filter: &ListFilter) -> Expr {
    let text = |word: &String| Pattern::Text(word.to_lowercase());
    let value = |field, patterns: Vec<Pattern>| Expr::Test(Test::Value(field, patterns));
    let any = |field, words: &[String]| value(field, words.iter().map(text).collect());
    let mut all = Vec::new();
    if let Some(kind) = filter.kind {
        all.push(Expr::of_kind(kind));
    }
    if !filter.status.is_empty() {
        let words = filter.status.iter().flat_map(|word| states(word));
        all.push(value(Field::Status, words.map(Pattern::Text).collect()));
    }
    for labels in &filter.labels {
        // As in a query: one of those between commas.
        let one = labels.split(',').map(|label| text(&label.trim().into()));
        all.push(value(Field::Label, one.collect()));
    }
    if !filter.item_type.is_empty() {
        all.push(any(Field::Type, &filter.item_type));
    }
    if let Some(owner) = &filter.owner {
        let owner = match is_me(owner) {
            true => Pattern::Me,
            false => text(owner),
        };
        all.push(value(Field::Owner, vec![owner]));
    }
    if let Some(epic) = &filter.epic {
        all.push(Expr::Test(Test::Item(Field::Epic, vec![epic.clone()])));
    }
    let mut expr = Expr::All(all);
    if let Some(query) = &filter.query {
        expr = expr.and(query.clone());
    }
    if !filter.all && !expr.mentions_closed() {
        expr = expr.and(Expr::Test(Test::Is(Mark::Open)));
    }
    if let Some(after) = &filter.after {
        expr = expr.and(Expr::Test(Test::After(after.clone(), filter.sort.clone())));
    }
    expr
}

fn facts(pm: &Pm, state: &State<'_>, expr: &Expr) -> Result<Facts> {
    let mut facts = Facts {
        me: pm.actor().name.clone(),
        now_ms: pm.now_ms(),
        now: pm.now(),
        ..Facts::default()
    };
    let mut names: Vec<(Field, &String)> = Vec::new();
    let mut places: Vec<&String> = Vec::new();
    let (mut words, mut asks_for_ready) = (BTreeSet::new(), false);
    expr.each_test(&mut |test| match test {
        Test::Item(field, list) => names.extend(list.iter().map(|name| (*field, name))),
        Test::Words(one) => {
            words.insert(one);
        }
        Test::Is(Mark::Ready | Mark::Blocked) => asks_for_ready = true,
        Test::After(name, _) => places.push(name),
        _ => {}
    });
    if asks_for_ready {
        let obstacles = Obstacles::new(pm, state);
        let is_kept = |item: &Item| !obstacles.is_free(item);
        let kept = state.scan(&Scan::Ready(facts.now_ms), is_kept, usize::MAX);
        facts.kept = kept.into_iter().map(|item| item.uid.clone()).collect();
        let left = obstacles.left(|_| true).into_iter();
        facts.left = left.map(|item| item.uid.clone()).collect();
    }
    for name in places {
        let place = match (state.find(name), state.find_deleted(name)) {
            // It was deleted since it was listed.
            (Err(_), Some(gone)) => gone,
            (found, _) => found?,
        };
        facts.places.insert(name.clone(), place.clone());
    }
    for (field, name) in names {
        let item = match field {
            Field::Epic => state.find_kind(name, ItemKind::Epic)?,
            _ => state.find(name)?,
        };
        facts.named.insert(name.clone(), item.uid.clone());
        if field == Field::Under {
            let below = crate::work::list::descendants::below(state, &item.uid)
                .into_iter()
                .collect();
            facts.under.insert(item.uid.clone(), below);
        }
        if field == Field::Blocks {
            let targets = item.depends_on.iter().map(|d| &d.target);
            let targets = targets.filter_map(|target| target.uid.clone()).collect();
            facts.waited_for.insert(item.uid.clone(), targets);
        }
    }
    for one in words {
        let phrase = phrase(&one.text, one.prefix);
        let mut uids = state.having(&phrase);
        if expr.asks_for_proposed() {
            uids.extend(state.proposed_having(&phrase));
        }
        facts.having.insert(one.clone(), uids);
    }
    Ok(facts)
}

/// Refuses a word that no item can have, because the empty list would look like an answer. Returns
/// the custom statuses that were typed, with their spelling in the state.
fn check_words(state: &State<'_>, filter: &ListFilter) -> Result<Vec<(String, String)>> {
    let mut own = Vec::new();
    let of_tasks = filter.kind == Some(ItemKind::Task);
    let mut known = |word: &str| -> Result<()> {
        if word == Status::Proposed.as_str() {
            return Ok(());
        }
        if of_tasks {
            return require_state(word);
        }
        if Status::meant(word).is_none() {
            let found = state_word(state, word, false)?;
            own.push((word.to_lowercase(), found.to_lowercase()));
        }
        Ok(())
    };
    for word in &filter.status {
        known(word)?;
    }
    if let Some(owner) = filter.owner.as_ref().filter(|owner| is_none(owner)) {
        return Err(Error::usage(format!("`{owner}` is no actor"))
            .hint("`-has:owner` finds items without an owner"));
    }
    for word in filter.item_type.iter().filter(|_| of_tasks) {
        ItemType::of_task(word)?;
    }
    let mut asked = Vec::new();
    if let Some(query) = &filter.query {
        query.each_test(&mut |test| {
            if let Test::Value(field @ (Field::Status | Field::Kind), patterns) = test {
                asked.extend(patterns.iter().map(|pattern| (*field, pattern)));
            }
        });
    }
    for (field, pattern) in asked {
        match (field, pattern) {
            (Field::Kind, Pattern::Text(word)) => require_kind(word)?,
            (_, Pattern::Text(word)) if !matches!(word.as_str(), "open" | "closed") => {
                known(word)?;
            }
            _ => {}
        }
    }
    Ok(own)
}

fn require_kind(word: &str) -> Result<()> {
    if ItemKind::parse(word).is_some() {
        return Ok(());
    }
    let shown = excerpt(word, 40);
    Err(Error::usage(format!("`{shown}` is not a kind of item"))
        .hint("kinds are prd, epic, task, issue"))
}

fn require_state(word: &str) -> Result<()> {
    let meant = Status::meant(word).unwrap_or(word);
    if Status::parse(ItemKind::Task, meant).is_some() {
        return Ok(());
    }
    let words: Vec<&str> = Status::TASK.iter().map(Status::as_str).collect();
    let shown = excerpt(word, 40);
    Err(Error::usage(format!("`{shown}` is not a task status"))
        .hint(format!("statuses are {}", words.join(", "))))
}
