//! What keeps an item that its state calls ready from being started in this clone.
//!
//! All that offers work asks here, so that what is offered can be started.

use std::cell::OnceCell;

use super::missing_work::unreached;
use crate::coordinate::here;
use crate::coordinate::reserve::grant::{self, Purpose};
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::coordinate::reserve::queue::{self, Ranked};
use crate::error::ReservationConflict;
use crate::model::item::Item;
use crate::pm::Pm;
use crate::pm::requester::Requester;
use crate::store::state::State;

/// The obstacles of a state's items.
pub(crate) struct Obstacles<'s, 'r> {
    pm: &'s Pm,
    state: &'s State<'r>,
    reserved: OnceCell<(Vec<Ranked>, Requester)>,
}

/// What keeps an item from being started.
pub(crate) enum Obstacle<'s> {
    /// The merge of this prerequisite was not pushed to this clone's remote.
    Unreached(&'s Item),
    /// Another actor has reserved a path that the item plans to change.
    Reserved(ReservationConflict),
}

impl<'s, 'r> Obstacles<'s, 'r> {
    pub(crate) fn new(pm: &'s Pm, state: &'s State<'r>) -> Self {
        Obstacles {
            pm,
            state,
            reserved: OnceCell::new(),
        }
    }

    /// The first obstacle of an item.
    pub(crate) fn of(&self, item: &Item) -> Option<Obstacle<'s>> {
        if let Some(before) = unreached(self.pm, self.state, item) {
            return Some(Obstacle::Unreached(before));
        }
        if item.paths.is_empty() {
            return None;
        }
        let (ranked, requester) = self.reserved.get_or_init(|| {
            let ranked = queue::ranked(self.state, self.pm.now_ms(), here::case(self.pm));
            (ranked, self.pm.requester())
        });
        if ranked.is_empty() {
            return None;
        }
        // As the start of the item would ask.
        let requester = Requester {
            worktree: None,
            branch: item.branch.clone(),
            ..requester.clone()
        };
        let planned = Pattern::all_within(&item.paths, &Effort::default());
        let (purpose, case) = (Purpose::Exclusive, here::case(self.pm));
        let found = grant::in_the_way(self.state, ranked, &planned, &requester, purpose, case);
        found.into_iter().next().map(Obstacle::Reserved)
    }

    /// True if an item that is ready can be started here.
    pub(crate) fn is_free(&self, item: &Item) -> bool {
        self.of(item).is_none()
    }
}

impl Obstacle<'_> {
    /// The id of the item that it waits for, and a sentence.
    pub(crate) fn words(&self, state: &State<'_>) -> (Option<String>, String) {
        match self {
            Obstacle::Unreached(before) => {
                let id = state.shown_id(before);
                let text = format!(
                    "it waits for {id}, whose merge was not pushed to this clone's remote yet"
                );
                (Some(id), text)
            }
            Obstacle::Reserved(conflict) => (conflict.task.clone(), grant::line(conflict)),
        }
    }
}
