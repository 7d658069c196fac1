//! `report`: the work done between two moments, its speed, and which changes count for a period.
//!
//! All of it follows from the commits of the state. There is one rule, so that a report about the
//! past never changes. The state at a moment is that of `Past::moment`: everything written by then.
//! The changes of a report are those of the commits that its last state includes and the state just
//! before it does not. A commit counts at its own time, or at that of a commit after it if a wrong
//! clock made that one earlier. So the changes of two adjacent periods are, together, those of both
//! in one, except that an item counts as finished or cancelled once, and only if it is still closed at
//! the end of the period: one that is reopened or deleted later stays in the period in which it was
//! finished. A deletion and a restoration of the same period cancel each other out. What came closed, as
//! from an import, counts at the time that the item states at the end, however late it came, as a later
//! import may have corrected it; so does what came with the time of its creation, unless its commit has too
//! many items to list. A return or reopening that an undo took back in the period is none.

mod changes;
mod commits;
mod facts;
mod figures;
mod periods;
mod standing;
mod view;

pub use self::view::{
    ActorReport, AgentFigures, BlockedLine, ChangeKind, Completion, DoneLine, EstimateFigures,
    Estimated, HistoryStart, Imported, OpenCount, PeriodVelocity, Refactoring, Report,
    ReportChange, Rework, SeriesPoint, Spread, Standing, Step,
};

use std::collections::{HashMap, HashSet};

use self::changes::{Replay, restate};
use self::commits::{Counted, Standpoint, between};
use self::standing::OpenWork;
use crate::error::{Error, Reason, Result};
use crate::history::past_state;
use crate::model::id;
use crate::model::stamp::rfc3339;
use crate::model::text;
use crate::model::typed_past_date::Moment;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::History;
use crate::pm::shared_views::Here;
use crate::query::{Expr, Field, Test};
use crate::store::env::Env;
use crate::store::state::State;
use crate::work::cost;
use crate::work::cost::used_in;
use crate::work::list::{self, ListFilter};

/// The default length of lists of open items.
pub const LISTED: usize = 20;

/// The options of a report.
#[derive(Clone, Debug)]
pub struct ReportOptions {
    /// Its first moment: a date, a time, or a time ago such as `2w`.
    pub since: String,
    /// Its last moment; now by default.
    pub until: Option<String>,
    /// The length of the periods of the series; by default days up to a month, else weeks.
    pub step: Option<Step>,
    /// Only this actor in the list of actors.
    pub actor: Option<String>,
    /// The length of lists of items that are ready or blocked.
    pub limit: usize,
    /// Only the items that match this query at the last moment; all without conditions. An id stands for
    /// its item and all below it.
    pub query: String,
}

impl Default for ReportOptions {
    fn default() -> Self {
        ReportOptions {
            since: "1w".into(),
            until: None,
            step: None,
            actor: None,
            limit: LISTED,
            query: String::new(),
        }
    }
}

impl History<'_> {
    /// The work done between two moments, its standing at the end, and the figures that follow.
    /// Nothing but the state and its history is read, so every clone with the same history gives
    /// the same report.
    ///
    /// # Errors
    /// Kind `Usage` if a date is not valid, or reason `report.empty_range` if the range is empty;
    /// kind `NotFound`, reason `history.too_early`, if it ends before the history begins; when the
    /// query is not valid, or the history cannot be read.
    pub fn report(&self, options: &ReportOptions) -> Result<Report> {
        let pm = self.pm;
        let (since, until) = range(options, pm.env())?;
        let past = past_state::past(pm)?;
        let after = Standpoint::at(&past, until)?;
        let before = match since.checked_sub(1) {
            Some(ms) => after.earlier(&past, ms)?,
            None => None,
        };
        let commits = between(&past, before.as_ref(), &after)?;
        // Of what came closed before the period only the number is known, which says nothing of a query.
        let from = if is_everything(&options.query) {
            since
        } else {
            0
        };
        let mut replay = Replay::of(&past, before.as_ref(), &commits, from)?;
        // What came later from another tracker may have been created or finished in the period.
        let mut late: Vec<ReportChange> = Vec::new();
        if options.until.is_some() {
            let now = Standpoint::at(&past, pm.env().now_ms())?;
            let later = between(&past, Some(&after), &now)?;
            if later.iter().any(changes::is_import) {
                let state = past.state(&now.point)?;
                late = Replay::of(&past, Some(&after), &later, from)?.changes;
                leave_standing(&state, &mut late);
                restate(&state, &mut late, pm.env().now_ms());
            }
        }
        late.retain(|one| one.ms <= until && one.came_ms.is_some());
        let state = past.state(&after.point)?;
        let _hold = state.hold();
        let chosen = chosen(pm, &state, &options.query)?;
        let chosen = chosen.as_ref();
        if let Some(chosen) = chosen {
            let is_chosen = |uid: &str| Uid::new(uid).is_some_and(|uid| chosen.contains(&uid));
            replay.changes.retain(|one| is_chosen(&one.uid));
            late.retain(|one| is_chosen(&one.uid));
            // Of these, only the number of items is known.
            replay.imports.clear();
        }
        // Two clones can have imported the same.
        let mut seen = HashSet::new();
        let is_closed = |uid: &Uid| state.item(uid).is_some_and(|item| item.status.is_closed());
        let is_known = |one: &ReportChange| Uid::new(&one.uid).is_some_and(|uid| is_closed(&uid));
        late.retain(|one| seen.insert((one.kind, one.uid.clone())) && !is_known(one));
        let stated = |one: &ReportChange| {
            let more = match one.kind {
                ChangeKind::Created => 1,
                _ if is_closing(one) && one.ms > 0 => -1,
                _ => return None,
            };
            Some(((one.uid.clone(), more), (one.ms, one.came_ms?, more)))
        };
        let came = replay.changes.iter().chain(&late);
        let mut came: HashMap<_, (u64, u64, i64)> = came.filter_map(stated).collect();
        leave_standing(&state, &mut replay.changes);
        restate(&state, &mut replay.changes, until);
        came.extend(replay.changes.iter().filter_map(stated));
        replay.stated = came.into_values().collect();
        leave_deletions(&mut replay.changes);
        let is_in_period = |one: &ReportChange| one.ms >= since.max(1);
        let is_creation = |one: &ReportChange| one.kind == ChangeKind::Created;
        replay
            .changes
            .retain(|one| !is_creation(one) || is_in_period(one));
        let all = replay.changes.len();
        replay
            .changes
            .retain(|one| !is_closing(one) || is_in_period(one));
        let closed: usize = replay.imports.iter().map(|one| one.closed).sum();
        let closed_elsewhere = replay.closed_before + closed + all - replay.changes.len();
        replay.changes.extend(late.into_iter().filter(is_in_period));
        show_ids(&state, &mut replay);
        // What was imported may be created and finished before the history begins.
        let earliest = |first: u64, counts: &dyn Fn(&ReportChange) -> bool| {
            let stated = replay.changes.iter().filter(|one| counts(one));
            stated.map(|one| one.ms).fold(first, u64::min)
        };
        let first = beginning(before.as_ref(), &commits, since, until);
        let working = earliest(first, &is_closing);
        let first = earliest(working, &is_creation);
        let step = options
            .step
            .unwrap_or_else(|| periods::default_step(first, until));
        let here = Here {
            now_ms: until,
            worktrees: Default::default(),
            ..pm.here()
        };
        let open = OpenWork::of(pm, &state, chosen, &here, options.limit);
        let mut attempts = cost::attempts_between(pm, &state, since, until);
        let is_of = |item: &Option<Uid>| {
            chosen.is_none_or(|chosen| item.as_ref().is_some_and(|uid| chosen.contains(uid)))
        };
        attempts.retain(|one| is_of(&one.item));
        let periods = periods::split(first, until, step, pm.now().time_zone());
        let changes = &replay.changes;
        Ok(Report {
            since: rfc3339(since),
            until: rfc3339(until),
            query: (!is_everything(&options.query)).then(|| options.query.clone()),
            step,
            before: before.as_ref().map(|before| before.point.view()),
            after: after.point.view(),
            commits: commits.len(),
            merges: replay.merges,
            counts: figures::counts(changes, &replay.imports),
            closed_elsewhere,
            standing: open.standing(),
            actors: open.actors(changes, options.actor.as_deref()),
            velocity: figures::velocity(changes, [since, working, until]),
            lead_days: figures::spread(changes, |one| one.lead_days),
            cycle_days: figures::spread(changes, |one| one.cycle_days),
            rework: figures::rework(changes),
            refactoring: figures::refactoring(changes),
            estimates: figures::estimates(&state, changes, &open.doing, until),
            completion: figures::completion(changes),
            agents: figures::agents(&state, changes, &attempts, [since, until]),
            used: used_in(&attempts),
            series: periods::series(
                &past, &periods, &after, open.count, &replay, &attempts, chosen,
            )?,
            history_starts: replay.starts,
            imports: replay.imports,
            changes: replay.changes,
        })
    }
}

/// A query in which each id, which texts hardly contain, stands for its item and all below it.
///
/// # Errors
/// When there is no item of such an id.
fn with_named(state: &State<'_>, query: Expr) -> Result<Expr> {
    let each = |all: Vec<Expr>| -> Result<Vec<Expr>> {
        all.into_iter().map(|one| with_named(state, one)).collect()
    };
    Ok(match query {
        Expr::All(all) => Expr::All(each(all)?),
        Expr::Any(all) => Expr::Any(each(all)?),
        Expr::Not(one) => Expr::Not(Box::new(with_named(state, *one)?)),
        Expr::Test(Test::Words(words)) if is_id(state, &words.text)? => {
            let of = |field| Expr::Test(Test::Item(field, vec![words.text.clone()]));
            Expr::Any(vec![of(Field::Id), of(Field::Under)])
        }
        test => test,
    })
}

/// True for the id of an item.
///
/// # Errors
/// When a text has the form of a sequential id, and there is no such item.
fn is_id(state: &State<'_>, text: &str) -> Result<bool> {
    let is_word = text.contains('-') && !text.contains(char::is_whitespace);
    if !is_word {
        return Ok(false);
    }
    match state.find(text) {
        Err(error) if id::parse_sequential(text).is_some() => Err(error),
        found => Ok(found.is_ok()),
    }
}

/// True for a query without conditions.
fn is_everything(query: &str) -> bool {
    query.trim().is_empty()
}

/// The items that match a query, open and closed ones; none if it has no conditions.
fn chosen(pm: &Pm, state: &State<'_>, query: &str) -> Result<Option<HashSet<Uid>>> {
    if is_everything(query) {
        return Ok(None);
    }
    let filter = ListFilter {
        query: Some(with_named(state, Expr::parse(query)?)?),
        all: true,
        ..ListFilter::default()
    };
    let found = list::listed(pm, state, &filter)?.into_iter();
    Ok(Some(found.map(|item| item.uid.clone()).collect()))
}

/// The first moment of the series: that of the report, or the first change if the history, or its
/// content, begins later.
fn beginning(before: Option<&Standpoint>, commits: &[Counted], since: u64, until: u64) -> u64 {
    // The first commit of all is empty, and of the year 1970.
    let is_first = |before: &Standpoint| before.point.commits.iter().all(|c| c.ms() == 0);
    if before.is_some_and(|before| !is_first(before)) {
        return since;
    }
    let first = commits.iter().map(|one| one.ms).find(|ms| *ms > 0);
    first.unwrap_or(until).clamp(since, until)
}

fn is_closing(change: &ReportChange) -> bool {
    matches!(change.kind, ChangeKind::Finished | ChangeKind::Cancelled)
}

/// Leaves of the closings of each item the one that the last state has, else the last one; none if the
/// item is not closed there.
fn leave_standing(state: &State<'_>, changes: &mut Vec<ReportChange>) {
    let mut of_each: HashMap<Uid, Vec<usize>> = HashMap::new();
    for (n, change) in changes.iter().enumerate().filter(|one| is_closing(one.1)) {
        if let Some(uid) = Uid::new(&change.uid) {
            of_each.entry(uid).or_default().push(n);
        }
    }
    let standing = of_each.into_iter().filter_map(|(uid, all)| {
        let item = state.item(&uid)?;
        if !item.status.is_closed() || item.deleted {
            return None;
        }
        if all.len() > 1
            && let Some(doc) = state.doc_once(&uid)
        {
            let by = doc.text("closed_by").map(text::actor);
            let closed = (item.closed_at.clone(), by);
            let is_finished = item.status.is_finished();
            let holds = |n: &&usize| {
                let one = &changes[**n];
                one.closed == closed && (one.kind == ChangeKind::Finished) == is_finished
            };
            return all.iter().find(holds).or(all.last()).copied();
        }
        all.last().copied()
    });
    let standing: HashSet<usize> = standing.collect();
    let mut n = 0;
    changes.retain(|change| {
        n += 1;
        !is_closing(change) || standing.contains(&(n - 1))
    });
}

/// Leaves of the deletions and restorations of each item, which alternate, the last one if it is not as
/// it was before.
fn leave_deletions(changes: &mut Vec<ReportChange>) {
    let is_one =
        |one: &ReportChange| matches!(one.kind, ChangeKind::Deleted | ChangeKind::Restored);
    let mut left: HashMap<String, usize> = HashMap::new();
    for one in changes.iter().filter(|one| is_one(one)) {
        *left.entry(one.uid.clone()).or_default() += 1;
    }
    let is_changed: HashMap<String, bool> = left
        .iter()
        .map(|(uid, count)| (uid.clone(), count % 2 == 1))
        .collect();
    changes.retain(|one| {
        if !is_one(one) {
            return true;
        }
        let following = left.entry(one.uid.clone()).or_default();
        *following -= 1;
        *following == 0 && is_changed[&one.uid]
    });
}

/// Gives the items of the changes the ids that they have in the last state.
fn show_ids(state: &State<'_>, replay: &mut Replay) {
    for change in &mut replay.changes {
        let item = Uid::new(&change.uid).and_then(|uid| state.item(&uid));
        if let Some(item) = item {
            change.id = state.shown_id(item);
        }
    }
}

/// The first and last millisecond of a report.
fn range(options: &ReportOptions, env: &Env) -> Result<(u64, u64)> {
    let (now, now_ms) = (env.now(), env.now_ms());
    let read = |option: &str, text: &str| {
        Moment::parse(text, &now).map_err(|error| {
            Error::usage(error.to_string()).hint(format!("{option} takes a date or time"))
        })
    };
    let since = read("`--since`", &options.since)?.begin_ms;
    let until = match &options.until {
        Some(text) => read("`--until`", text)?.end_ms.min(now_ms),
        None => now_ms,
    };
    if since > until {
        return Err(Error::usage(format!(
            "the report would end at {}, before it begins at {}",
            env.local_time(until),
            env.local_time(since)
        ))
        .because(Reason::ReportEmptyRange));
    }
    Ok((since, until))
}
