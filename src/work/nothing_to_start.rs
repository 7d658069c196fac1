//! The reasons why there is nothing to start, and the commands that help.

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::claim::ownership;
use crate::error::{Hint, HolderAction, Result, RootBlockers};
use crate::graph::is_offered;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::{actor, one_line};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Insights;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::insight::awaited_items;
use crate::work::plan_notices;
use crate::work::task::approval;
use crate::work::task::criteria::open_criteria;
use crate::work::task::merge;
use crate::work::task::start::obstacle::Obstacles;
use crate::work::unmet_words;

/// The number of holders of awaited items for which a command is named.
const HELPS: usize = 5;

/// The reasons why nothing can be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Idle {
    /// In a few words: `1 in review, 13 waiting or blocked`.
    pub why: String,
    /// Set if no task or issue is open: there is no work left.
    pub finished: bool,
    /// The commands that help, a sentence each.
    #[serde(serialize_with = "as_texts")]
    #[schemars(with = "Vec<String>")]
    pub hints: Vec<Hint>,
    /// The awaited items, with their holders.
    #[serde(flatten)]
    pub waiting: RootBlockers,
}

/// Serializes hints as their texts.
fn as_texts<S: serde::Serializer>(hints: &[Hint], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(hints.iter().map(ToString::to_string))
}

impl Insights<'_> {
    /// The reasons why the actor can start nothing, and the commands that help. Only for the case
    /// that nothing is ready: it reads everything that was started.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn idle(&self) -> Result<Idle> {
        let state = self.pm.store.snapshot()?;
        let counts = state.counts(self.pm.now_ms());
        let is_open = |word: &String| {
            let status = Status::parse(ItemKind::Issue, word);
            status.is_some_and(|status| !status.is_closed())
        };
        if counts.is_empty() {
            return Ok(Idle {
                why: "there are no items yet".into(),
                finished: false,
                hints: vec![Hint::run(["task", "create", "TITLE"], "creates a task")],
                waiting: RootBlockers::default(),
            });
        }
        let waiting = awaited_items::waited_for(self.pm, &state);
        let mut hints: Vec<Hint> = Vec::new();
        for one in waiting.named.iter().take(HELPS) {
            let (id, command) = (&one.id, one.command.as_ref());
            hints.extend(command.map(|command| -> Hint {
                match command {
                    HolderAction::Start(_) => {
                        format!("`{command}` resumes {id}, which is no longer being worked on")
                            .into()
                    }
                    HolderAction::Ask(_) => format!("`{command}` asks its holder").into(),
                }
            }));
        }
        let finished = !is_work_open(&state);
        let (plans, _) = plan_notices::plan_notices(self.pm, &state);
        for plan in &plans {
            let words = plan.command.iter().map(String::as_str);
            hints.push(Hint::run(words, format!("shows it: {}", plan.text)));
        }
        let why = match counts.keys().any(is_open) {
            true if finished && !plans.is_empty() => "a plan waits for a person".into(),
            true if finished => {
                let open = state.scan(&Scan::Open(None), |_| true, HELPS);
                hints.extend(open.into_iter().map(|item| closing_hint(&state, item)));
                "all tasks are done".into()
            }
            false => {
                hints.push(Hint::run(["list", "--all"], "lists closed items"));
                "everything is closed".into()
            }
            true => why_idle(self.pm, &state, &mut hints),
        };
        if !waiting.named.is_empty() {
            hints.push(Hint::run(
                ["next", "--claim", "--wait", "600"],
                "waits until something can be started",
            ));
        }
        if self.pm.main_remote().is_some() && !self.pm.options.offline {
            hints.push(Hint::run(["sync"], "fetches the work of others"));
        }
        Ok(Idle {
            why,
            finished,
            hints,
            waiting,
        })
    }
}

/// True if a task or an issue that can be worked on is not closed.
fn is_work_open(state: &State<'_>) -> bool {
    let is_work = |item: &Item| is_offered(item.kind, &item.item_type);
    let nothing = state.counts(0).is_empty();
    nothing || !state.scan(&Scan::Open(None), is_work, 1).is_empty()
}

/// False if there were tasks or issues, and all are closed.
pub(crate) fn has_open_work(pm: &Pm) -> Result<bool> {
    let state = pm.store.snapshot()?;
    Ok(is_work_open(&state))
}

/// The command that closes an epic or a document whose parts are done, or shows what it asks for beyond them.
pub(crate) fn closing_hint(state: &State<'_>, item: &Item) -> Hint {
    let (id, kind) = (state.shown_id(item), item.kind.as_str());
    let has_open = !open_criteria(item).is_empty();
    if let Some(unmet) = unmet_words::of_item(state, item) {
        return unmet.hint(state);
    }
    match &item.branch {
        Some(branch) => Hint::run(
            ["task", "finish", &id],
            format!("submits {}, the branch of its tasks", one_line(branch)),
        ),
        None if has_open => Hint::run(["task", "accept", &id, "--all"], "accepts its criteria"),
        None => Hint::run([kind, "close", &id], "closes it"),
    }
}

/// Says so when the last task of an epic is done.
pub(crate) fn report_completed_epic(pm: &Pm, uid: &Uid) -> Result<()> {
    let state = pm.store.snapshot()?;
    let epic = state.item(uid).and_then(|item| item.whole()?.uid.as_ref());
    let epic = epic.and_then(|epic| state.item(epic));
    let Some(epic) = epic.filter(|epic| epic.is_epic() && !epic.status.is_closed()) else {
        return Ok(());
    };
    let is_open = |item: &Item| !item.status.is_closed();
    if state.scan(&Scan::Epic(&epic.uid), is_open, 1).is_empty() {
        let (id, hint) = (state.shown_id(epic), closing_hint(&state, epic));
        pm.notice(format!("all tasks of {id} are done: {hint}"));
    }
    Ok(())
}

/// The number of approved items of which it is looked whether they merge.
const EXAMINED: usize = 20;

fn why_idle(pm: &Pm, state: &State<'_>, hints: &mut Vec<Hint>) -> String {
    let active = state.scan(&Scan::Active, |_| true, usize::MAX);
    let with = |status: Status| -> Vec<&Item> {
        let items = active.iter().copied();
        items.filter(|item| item.status == status).collect()
    };
    let (approved, reviews) = (with(Status::ReadyForIntegration), with(Status::InReview));
    let (mine, others): (Vec<&Item>, Vec<&Item>) = with(Status::InProgress)
        .into_iter()
        .partition(|item| ownership::is_mine(pm, item));
    let waiting = state.count_blocked(pm.now_ms());
    let ready = state.scan(&Scan::Ready(pm.now_ms()), |_| true, usize::MAX);
    let obstacles = Obstacles::new(pm, state);
    // What is kept from everybody is not listed as the work of others either.
    let (free, kept): (Vec<&Item>, Vec<&Item>) =
        ready.into_iter().partition(|item| obstacles.is_free(item));
    let (passed, assigned): (Vec<&Item>, Vec<&Item>) =
        free.into_iter().partition(|item| pm.may_take(item));
    if let Some(item) = kept.first() {
        let id = state.shown_id(item);
        let why = obstacles.of(item).map(|one| one.words(state, pm.env()).1);
        let why = why.unwrap_or_default();
        hints.push(Hint::run(
            ["why", &id],
            format!("says what keeps it: {why}"),
        ));
    }
    let mergeable = approved.iter().take(EXAMINED);
    let mut mergeable = mergeable.filter(|item| merge::is_mergeable(pm, state, item));
    if let Some(item) = mergeable.next() {
        let id = state.shown_id(item);
        hints.push(Hint::run(["merge", &id], "merges the approved work"));
    }
    let is_approvable = |item: &&&Item| {
        let is_judged = !pm.actor.is_agent && item.branch.is_some();
        !is_judged || approval::require_no_obstacle(pm, state, item).is_ok()
    };
    if let Some(item) = reviews.iter().take(EXAMINED).find(is_approvable) {
        hints.push(approval::approves(state, item, pm.actor.is_agent));
    } else if let Some(item) = reviews.first() {
        let id = state.shown_id(item);
        hints.push(Hint::run(
            ["show", &id],
            "shows what keeps it from being approved",
        ));
    }
    if let Some(item) = mine.first() {
        let id = state.shown_id(item);
        hints.push(Hint::run(["show", &id], "shows what you started"));
    }
    let mut held = (others.iter()).filter_map(|item| Some((state.shown_id(item), item.holder()?)));
    if let Some((id, claim)) = held.find(|(_, claim)| claim.grace_left(pm.now_ms()).is_some()) {
        let expired = claim.expired_text(pm.now_ms());
        hints.push(format!("the lease of {} on {id} {expired}", actor(&claim.actor)).into());
    }
    if waiting > 0 {
        hints.push(Hint::run(["blocked"], "shows the dependencies"));
    } else if !others.is_empty() {
        hints.push(Hint::run(["list", "is:active"], "shows the work of others"));
    }
    if !assigned.is_empty() {
        hints.push(Hint::run(["ready"], "lists items assigned to others"));
    }
    // Tasks and issues, as `status` counts them.
    let work = |items: &[&Item]| {
        let kinds = items.iter().map(|item| item.kind);
        kinds
            .filter(|kind| matches!(kind, ItemKind::Task | ItemKind::Issue))
            .count()
    };
    let counted = [
        (work(&approved), "approved"),
        (work(&reviews), "in review"),
        (work(&mine), "started by you"),
        (work(&others), "in progress"),
        (waiting, "waiting or blocked"),
        (passed.len(), "ready but skipped"),
        (kept.len(), "kept from being started"),
        (assigned.len(), "assigned to others"),
    ];
    let counted = counted.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = counted.map(|(n, word)| format!("{n} {word}")).collect();
    match words.is_empty() {
        // Deferred, or kinds that cannot be started.
        true => {
            hints.push(Hint::run(["list"], "lists open items"));
            "all open items are deferred or cannot be started".into()
        }
        false => words.join(", "),
    }
}
