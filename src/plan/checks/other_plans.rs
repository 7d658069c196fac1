//! Requirements that a live plan of another document claims, too.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, Planned, Severity, Subject, tasks};
use crate::model::item::Item;
use crate::model::status::{Status, status_word};
use crate::model::text::shorten;
use crate::model::uid::Uid;
use crate::plan::document::{canonical_id, list, normalize};
use crate::plan::plan_types::Plan;
use crate::plan::sources::plans;
use crate::store::state::State;
use crate::work::plan_notices::source_of;

/// The fewest words of a title, and of a criterion, that two plans do not share by chance; of a title that one of them had.
const TITLE_WORDS: usize = 5;
const DROPPED_TITLE_WORDS: usize = 3;
const CRITERION_WORDS: usize = 7;

/// The rule of these findings.
pub(crate) const PLANNED_TWICE: &str = "planned-twice";

pub(super) fn findings(subject: &Subject<'_>) -> Vec<Check> {
    let state = subject.state;
    let source = |prd: &Uid| state.doc(prd).and_then(source_of);
    let own_source = source(&subject.prd.uid);
    let mut theirs: BTreeMap<String, String> = BTreeMap::new();
    for (plan, prd) in plans(state) {
        if plan.uid == subject.plan.uid || prd.status == Status::Cancelled {
            continue;
        }
        let is_same = own_source.is_some() && source(&prd.uid) == own_source;
        let prd = state.shown_id(&prd);
        for planned in plan.counted() {
            let item = planned
                .item
                .as_ref()
                .and_then(|item| state.stored(item.uid.as_ref()?));
            let item = item.filter(|item| !item.deleted && item.status != Status::Cancelled);
            let other = match item {
                // What it does not ask for any more may have moved here.
                Some(item) if planned.is_gone => format!(
                    "{} ({}), for which {prd} does not ask any more,",
                    state.shown_id(item),
                    status_word(item.status.as_str())
                ),
                None if planned.is_gone || planned.item.is_some() => continue,
                _ => format!("`{}` of {prd}", planned.name),
            };
            let least = match planned.is_gone {
                true => DROPPED_TITLE_WORDS,
                false => TITLE_WORDS,
            };
            for claim in claims(planned, is_same && !planned.is_gone, least) {
                theirs.entry(claim).or_insert_with(|| other.clone());
            }
        }
    }
    if theirs.is_empty() {
        return Vec::new();
    }
    let found = tasks(subject.plan).filter_map(|planned| {
        let mut claims = claims(planned, true, DROPPED_TITLE_WORDS).into_iter();
        let (other, claim) = claims.find_map(|one| Some((theirs.get(&one)?, one)))?;
        let claim = shorten(&claim, 60);
        let name = &planned.name;
        let message = format!("`{name}` and {other} plan the same: \"{claim}\"");
        let fix = match met_elsewhere(state, subject.plan, planned) {
            Some(_) => "`plan approve --already-met` says that the finished work meets it",
            None => "leave it to one of them, or say in both what each does of it",
        };
        Some(Check::of_task(
            planned,
            PLANNED_TWICE,
            Severity::Warning,
            message,
            fix,
        ))
    });
    found.collect()
}

/// The texts by which a task claims requirements: the ids of its document, its title, its criteria.
fn claims(planned: &Planned, with_ids: bool, least: usize) -> BTreeSet<String> {
    let task = &planned.task;
    let texts = task.acceptance.iter().filter(|one| !one.derived);
    let texts = texts.map(|one| (CRITERION_WORDS, &one.text));
    let texts = texts.chain([(least, &task.title)]);
    let texts = texts.map(|(least, text)| (least, normalize(text)));
    // Every plan runs its tests, and a step of a scenario alone requires nothing.
    let says = |least: usize, text: &str| {
        text.split(' ').count() >= least
            && !list("test").has(text)
            && !list("scenario-steps").begins(text)
    };
    let texts = texts.filter(|(least, text)| says(*least, text));
    let ids = task.requirement.iter().chain(&task.covers);
    let ids = ids.filter(|_| with_ids).map(|id| canonical_id(id));
    ids.chain(texts.map(|(_, text)| text)).collect()
}

/// The finished work in the words of a task that the document of another plan does not ask for any more.
pub(crate) fn met_elsewhere<'s>(
    state: &'s State<'_>,
    plan: &Plan,
    planned: &Planned,
) -> Option<&'s Item> {
    let name = normalize(&planned.task.title);
    let others = plans(state)
        .into_iter()
        .filter(|(other, _)| other.uid != plan.uid);
    let uids = others.flat_map(|(other, _)| {
        let same = other
            .counted()
            .filter(|one| one.is_gone && normalize(&one.task.title) == name);
        let uids = same.filter_map(|one| one.item.as_ref()?.uid.clone());
        uids.collect::<Vec<Uid>>()
    });
    let mut items = uids.filter_map(|uid| state.stored(&uid));
    items.find(|item| !item.deleted && item.status.is_finished())
}
