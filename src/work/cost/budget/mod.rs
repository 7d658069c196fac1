//! Budgets of epics and of days: who sets them, what is spent, and from when they warn (80 %) and stop.
//!
//! They are shared data in `pm.yaml`, which only humans change. The amounts that agents have spent
//! follow from the runs of all clones in the state. The budget of one run is in `run/engine/money.rs`.
//!
//! A budget whose value no human's `git pm budget` wrote is in doubt, and stops what it bounds. A
//! program that writes `refs/pm` by hand can still drop the entry or forge the documents of runs;
//! the limit of `run --budget` is kept in the clone.

mod authority;

use schemars::JsonSchema;
use serde::Serialize;

use super::day_of;
use super::report::is_of;
use super::source::{self, Filter};
use super::sums::{Sum, percent};
use crate::coordinate::rules;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::{Doc, Entry};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::money::{dollars, usd};
use crate::model::stamp::rfc3339;
use crate::model::text::{actor, excerpt, one_line};
use crate::model::uid::Uid;
use crate::model::usage::Recorded;
use crate::model::value::Value;
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::pm::handles::Costs;
use crate::pm::who_acts::require_human;
use crate::store::state::State;
use crate::work::list::saved_views;

/// The record of `pm.yaml` with the budgets: by the uid of an epic, or [`DAY`].
const RECORD: &str = "budgets";

/// The entry of the budget of each day.
const DAY: &str = "day";

/// The scope of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BudgetScope {
    /// All runs together, on each day (UTC).
    Day,
    /// All runs together, on the tasks of the epic with this id.
    Epic(String),
}

terms! {
    /// The state of a budget.
    BudgetState in "budget state" {
        /// Less than 80 % are spent.
        Open = "open",
        /// At least 80 % are spent.
        Warning = "warning",
        /// All of it is spent: runs start nothing that it bounds.
        Spent = "spent",
        /// It was changed by an agent, or without `git pm budget`: runs start nothing that it
        /// bounds until a human sets it.
        Doubted = "doubted",
    }
}

/// A budget, and the amount spent of it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BudgetView {
    /// The id of the epic; null for the budget of each day.
    pub epic: Option<String>,
    /// The title of the epic.
    pub title: Option<String>,
    /// The amount in US dollars.
    pub budget_usd: f64,
    /// The amount spent of it in US dollars; of the daily one, today.
    pub spent_usd: f64,
    /// The rest in US dollars.
    pub left_usd: f64,
    /// The share that is spent, in per cent; null for a budget of zero.
    pub spent_percent: Option<f64>,
    /// `open`, `warning` (from 80 %), `spent` or `doubted`.
    pub state: BudgetState,
    /// The reason to doubt it.
    pub reason: Option<String>,
    /// Tokens that it does not count, because their price is not known.
    pub unpriced_tokens: u64,
    /// The actor who set it.
    pub set_by: String,
    /// RFC 3339.
    pub set_at: String,
}

/// The share of a budget, in per cent, from which its users are warned: enough is left to react.
const WARNING_PERCENT: u64 = 80;

/// True if so much of a budget is spent that its users are warned. Both are millionths of a US dollar.
pub(crate) fn is_nearly_spent(budget: u64, spent: u64) -> bool {
    spent.saturating_mul(100) >= budget.saturating_mul(WARNING_PERCENT)
}

/// A budget at this moment.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    /// The epic; none for that of the day.
    epic: Option<Uid>,
    /// For a sentence: `the budget of E-0001`.
    pub name: String,
    pub micro_usd: u64,
    pub spent: u64,
    /// The reason why it does not count as set by a human.
    pub doubt: Option<String>,
    unpriced: u64,
    set_by: String,
    set_at: String,
}

impl Budget {
    /// True if it bounds the work on an item.
    pub(crate) fn bounds(&self, item: &Item) -> bool {
        match &self.epic {
            None => true,
            Some(epic) => *epic == item.uid || super::report::epic_of(item) == Some(epic),
        }
    }

    /// The rest of it, in millionths of a US dollar.
    pub(crate) fn left(&self) -> u64 {
        match self.doubt {
            Some(_) => 0,
            None => self.micro_usd.saturating_sub(self.spent),
        }
    }

    /// True from [`WARNING_PERCENT`] on.
    pub(crate) fn warns(&self) -> bool {
        is_nearly_spent(self.micro_usd, self.spent)
    }

    /// The reason why nothing that it bounds is started.
    pub(crate) fn stops(&self) -> Option<String> {
        match &self.doubt {
            Some(why) => Some(format!("{} cannot be trusted: {why}", self.name)),
            None => (self.left() == 0).then(|| format!("{} is used up", self.name)),
        }
    }

    /// The amount spent, as a sentence.
    pub(crate) fn spent_sentence(&self) -> String {
        let (spent, all) = (dollars(self.spent), dollars(self.micro_usd));
        format!("{}: {spent} of {all} spent", self.name)
    }

    fn state(&self) -> BudgetState {
        match self.left() {
            _ if self.doubt.is_some() => BudgetState::Doubted,
            0 => BudgetState::Spent,
            _ if self.warns() => BudgetState::Warning,
            _ => BudgetState::Open,
        }
    }

    fn view(&self, state: &State<'_>) -> BudgetView {
        let epic = self.epic.as_ref();
        let item = epic.and_then(|uid| state.item(uid));
        let shown = |uid: &Uid| item.map_or(uid.to_string(), |item| state.shown_id(item));
        BudgetView {
            epic: epic.map(shown),
            title: item.map(|item| excerpt(&item.title, 200)),
            budget_usd: usd(self.micro_usd),
            spent_usd: usd(self.spent),
            left_usd: usd(self.left()),
            spent_percent: percent(self.spent, self.micro_usd),
            state: self.state(),
            reason: self.doubt.clone(),
            unpriced_tokens: self.unpriced,
            set_by: self.set_by.clone(),
            set_at: self.set_at.clone(),
        }
    }
}

impl Costs<'_> {
    /// The budgets, with the amounts spent of them.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn budgets(&self) -> Result<Vec<BudgetView>> {
        let state = self.pm.store.snapshot()?;
        budget_views(self.pm, &state)
    }

    /// Sets a budget, in millionths of a US dollar. Returns all budgets.
    ///
    /// # Errors
    /// When the epic does not exist, the actor is an agent, or the state cannot be written.
    pub fn set_budget(&self, scope: &BudgetScope, micro_usd: u64) -> Result<Vec<BudgetView>> {
        self.change(scope, Some(micro_usd))?;
        self.budgets()
    }

    /// Removes a budget. Returns the others.
    ///
    /// # Errors
    /// When there is no such budget, the actor is an agent, or the state cannot be written.
    pub fn remove_budget(&self, scope: &BudgetScope) -> Result<Vec<BudgetView>> {
        self.change(scope, None)?;
        self.budgets()
    }

    fn change(&self, scope: &BudgetScope, micro_usd: Option<u64>) -> Result<()> {
        let pm = self.pm;
        require_human(
            &pm.actor,
            "changing a budget",
            Hint::run(
                ["budget", "show"],
                "shows what is left; ask a human to change the budget",
            ),
        )?;
        rules::sign_where_that_holds(pm);
        let op = match micro_usd {
            Some(_) => "budget set",
            None => "budget rm",
        };
        let (entry, name, doubted) = {
            let state = pm.store.state()?;
            let (entry, name) = match scope {
                BudgetScope::Day => (DAY.to_string(), "the day".to_string()),
                BudgetScope::Epic(id) => {
                    let epic = state.find_kind(id, ItemKind::Epic)?;
                    (epic.uid.to_string(), state.shown_id(epic))
                }
            };
            let doubt = authority::budget_doubt(pm, &state.repository.doc, &entry)?;
            (entry, name, doubt.is_some())
        };
        let amount = micro_usd.map(|micro| i64::try_from(micro).unwrap_or(i64::MAX));
        let amount_value = match amount {
            Some(amount) => Some(Value::Int(amount)),
            // Or else it would stay in doubt.
            None => doubted.then_some(Value::Null),
        };
        let what = match micro_usd {
            Some(micro) => format!("{name}: {}", dollars(micro)),
            None => format!("{name}: removed"),
        };
        saved_views::change_repository(pm, op, &what, |tx, doc| {
            let clock = tx.clock().clone();
            let known = doc
                .entry(RECORD, &entry)
                .is_some_and(|one| !one.is_removed());
            if !known && amount.is_none() && !doubted {
                return Err(Error::not_found(format!("no budget is set for {name}"))
                    .because(Reason::BudgetNotFound)
                    .about(&name)
                    .hint(Hint::run(["budget", "show"], "shows the budgets")));
            }
            if doc.entry(RECORD, &entry).is_none() {
                let at = tx.fresh_stamp();
                doc.add_entry(RECORD, &entry, at, &[]);
            }
            let removed = Value::from(amount.is_none().then_some(true));
            let registers = [
                ("micro_usd", amount_value.clone()),
                ("removed", Some(removed)),
            ];
            let mut changed = false;
            for (name, value) in registers {
                let Some(value) = value else { continue };
                changed |= doc.set_entry(RECORD, &entry, name, value.clone(), &clock);
                // A human who sets the same value makes it their own.
                if doubted {
                    changed |= rewrite(doc, &entry, name, value, &clock);
                }
            }
            if changed {
                doc.set_entry(RECORD, &entry, "by", tx.actor().to_string(), &clock);
                doc.set_entry(RECORD, &entry, "set_at", rfc3339(clock.wall_ms()), &clock);
            }
            Ok(changed)
        })
    }
}

/// Writes a register with a new stamp, also if it has the value.
fn rewrite(
    doc: &mut Doc,
    entry: &str,
    name: &str,
    value: Value,
    clock: &crate::model::stamp::Clock,
) -> bool {
    let entry = doc
        .records
        .get_mut(RECORD)
        .and_then(|all| all.get_mut(entry));
    let Some(entry) = entry else { return false };
    let over = entry.regs.get(name).map(|reg| &reg.stamp);
    let stamp = clock.stamp(over);
    let reg = crate::model::doc::Reg { stamp, value };
    entry.regs.insert(name.to_string(), reg);
    true
}

/// The budgets in the state, as they are shown.
pub(crate) fn budget_views(pm: &Pm, state: &State<'_>) -> Result<Vec<BudgetView>> {
    let budgets = budgets(pm, state)?;
    Ok(budgets.iter().map(|one| one.view(state)).collect())
}

/// The budgets in the state with the amounts spent of them: that of the day first.
///
/// # Errors
/// Kind `State`, reason `budget.unreadable`, if `pm.yaml` cannot be read: it may have budgets.
pub(crate) fn budgets(pm: &Pm, state: &State<'_>) -> Result<Vec<Budget>> {
    if let Some(damaged) = &state.repository.damaged {
        let (path, reason) = (&damaged.path, &damaged.reason);
        return Err(
            Error::state(format!("the budgets in {path} cannot be read: {reason}"))
                .because(Reason::BudgetUnreadable)
                .about(path)
                .hint(Hint::run(["doctor"], "has details")),
        );
    }
    let entries = state.repository.doc.records.get(RECORD);
    let mut found = Vec::new();
    for (id, entry) in entries.into_iter().flatten() {
        let epic = match id.as_str() {
            DAY => None,
            id => match Uid::new(id) {
                Some(uid) => Some(uid),
                None => continue,
            },
        };
        if let Some(budget) = budget(pm, state, id, epic, entry)? {
            found.push(budget);
        }
    }
    found.sort_by_key(|budget| budget.epic.is_some());
    if found.is_empty() {
        return Ok(found);
    }
    let today = day_of(pm.now_ms());
    let only_day = found.iter().all(|budget| budget.epic.is_none());
    let filter = Filter {
        since_ms: only_day.then_some(today),
        run: None,
    };
    let all = source::attempts(pm, state, &filter);
    for budget in &mut found {
        let mut sum = Sum::default();
        let of = |one: &&Recorded| match &budget.epic {
            None => one.attempt.at_ms().is_some_and(|at| at >= today),
            Some(epic) => one.item.as_ref().is_some_and(|uid| is_of(state, uid, epic)),
        };
        all.iter().filter(of).for_each(|one| sum.add(one));
        budget.spent = sum.spent.micro_usd;
        budget.unpriced = sum.view().unpriced_tokens;
    }
    Ok(found)
}

/// A budget without the amount spent; none if a human removed it.
fn budget(
    pm: &Pm,
    state: &State<'_>,
    id: &str,
    epic: Option<Uid>,
    entry: &Entry,
) -> Result<Option<Budget>> {
    let mut doubt = authority::budget_doubt(pm, &state.repository.doc, id)?;
    if entry.is_removed() && doubt.is_none() {
        return Ok(None);
    }
    let amount = entry.value("micro_usd").as_int();
    let amount = amount.and_then(|n| u64::try_from(n).ok());
    if amount.is_none() && doubt.is_none() {
        doubt = Some("its amount cannot be read".into());
    }
    let item = epic.as_ref().and_then(|uid| state.item(uid));
    let name = match (&epic, item) {
        (None, _) => "the daily budget".to_string(),
        (Some(_), Some(item)) => format!("the budget of {}", state.shown_id(item)),
        (Some(uid), None) => format!("the budget of {uid}"),
    };
    Ok(Some(Budget {
        epic,
        name,
        micro_usd: amount.unwrap_or(0),
        spent: 0,
        doubt,
        unpriced: 0,
        set_by: entry.text("by").map(actor).unwrap_or_default(),
        set_at: entry.text("set_at").map(one_line).unwrap_or_default(),
    }))
}
