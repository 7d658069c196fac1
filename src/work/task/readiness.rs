//! The readiness of items in words: the answers of `ready`, `why` and `blocked`.

use schemars::JsonSchema;
use serde::Serialize;

use super::deps::graph_around;
use crate::coordinate::here;
use crate::error::Result;
use crate::graph::{Causes, Graph, Reason, Relation};
use crate::model::item::Item;
use crate::model::reservation::with_place;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::{excerpt, first_of};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::{Here, ItemView, item_view};
use crate::store::index::{Reach, Scan};
use crate::store::state::State;
use crate::work::task::landed_commits;
use crate::work::task::start::missing_work;
use crate::work::task::start::obstacle::Obstacles;

/// The readiness of an item, with its reasons.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WhyView {
    /// The item.
    pub item: ItemView,
    /// True if it can be started now.
    pub ready: bool,
    /// The reasons as sentences.
    pub reasons: Vec<String>,
    /// The ids of its blockers and of its ancestors that are blocked.
    pub blocked_by: Vec<String>,
    /// The chain from the item to the root blocker, item first.
    pub chain: Vec<ChainLink>,
    /// True if these lists are truncated: each has only its first entries, and the chain also its
    /// last one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// One link of a chain of blockers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChainLink {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state.
    pub status: String,
    /// The actor who works on it.
    pub owner: Option<String>,
    /// The last activity of the claim's holder, RFC 3339.
    pub last_sign: Option<String>,
    /// Its role in the chain: `waits for`, `parent of`, `root blocker`, `cycle`.
    pub relation: String,
}

/// The reason why an item in progress can be started.
const LEFT: &str = "it can be started now, as nobody works on it any more";
/// The number of open children that are named.
const NAMED: usize = 3;
/// The number of items up to which they are read one by one, above it all are read.
const READ_SINGLY_MAX: usize = 200;
/// The entries in the lists of all blocked items together, in each of the three lists,
const ENTRIES: usize = 100_000;
/// the fewest in the list of one item,
const CHAIN_SHOWN_MIN: usize = 5;
/// and the most.
const CHAIN_SHOWN_MAX: usize = 100;

impl Tasks<'_> {
    /// The reasons why an item is ready or not, with the chain to the root blocker.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn why(&self, id: &str) -> Result<WhyView> {
        let state = self.pm.store.snapshot()?;
        let item = state.find(id)?;
        let graph = graph_around(&state, &item.uid, self.pm.now_ms());
        let mut causes = graph.causes();
        let here = self.pm.here();
        let mut view = why_view(&state, &mut causes, item, &here, usize::MAX);
        judge(self.pm, &state, &Obstacles::new(self.pm, &state), &mut view);
        view.reasons
            .extend(landed_commits::said(self.pm, &state, item));
        let lost = missing_work::lost_of_or_before(self.pm, &state, item);
        view.reasons.extend(lost);
        Ok(view)
    }

    /// The first items that wait for another one, at most `limit`. Long lists are cut where there are many,
    /// and [`WhyView::partial`] is set.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn blocked(&self, limit: usize) -> Result<Vec<WhyView>> {
        let state = self.pm.store.snapshot()?;
        here::tell_damaged(self.pm, &state);
        let now_ms = self.pm.now_ms();
        let mut blocked = state.scan(&Scan::Blocked(now_ms), |_| true, limit);
        let kept = Obstacles::new(self.pm, &state).kept(now_ms);
        blocked.extend(kept.into_iter().map(|(item, _)| item));
        blocked.truncate(limit);
        let blocked: Vec<Uid> = blocked.into_iter().map(|item| item.uid.clone()).collect();
        Ok(explain_all(self.pm, &state, &blocked))
    }
}

/// The readiness of some items; the lists are cut where there are many items.
pub(crate) fn explain_all(pm: &Pm, state: &State<'_>, uids: &[Uid]) -> Vec<WhyView> {
    let items = if uids.len() > READ_SINGLY_MAX {
        state.items()
    } else {
        state.around(&uids.iter().collect::<Vec<_>>(), Reach::Waits)
    };
    let graph = state.graph(&items, pm.now_ms());
    explained_from(pm, state, &graph, uids, &pm.here())
}

/// The readiness of some items in a graph, as seen from a clone at a time; the lists are cut where
/// there are many items.
pub(crate) fn explained_from(
    pm: &Pm,
    state: &State<'_>,
    graph: &Graph<'_>,
    uids: &[Uid],
    here: &Here,
) -> Vec<WhyView> {
    let most = (ENTRIES / uids.len().max(1)).clamp(CHAIN_SHOWN_MIN, CHAIN_SHOWN_MAX);
    let mut causes = graph.causes();
    let items = uids.iter().filter_map(|uid| state.item(uid));
    let obstacles = Obstacles::new(pm, state);
    items
        .map(|item| {
            let mut view = why_view(state, &mut causes, item, here, most);
            judge(pm, state, &obstacles, &mut view);
            view
        })
        .collect()
}

/// Changes the readiness that follows from the graph alone into what `ready` and `start` see.
fn judge(pm: &Pm, state: &State<'_>, obstacles: &Obstacles<'_, '_>, view: &mut WhyView) {
    let item = &view.item.item;
    if !view.ready && obstacles.is_left(item) {
        view.ready = true;
        view.reasons = vec![LEFT.into()];
        view.blocked_by.clear();
        view.chain.clear();
    } else if view.ready
        && let Some(obstacle) = obstacles.of(item)
    {
        let (id, why) = obstacle.words(state, pm.env());
        view.ready = false;
        view.reasons = vec![why];
        view.blocked_by.extend(id);
    }
}

/// The readiness of an item, with at most that many entries in each list.
fn why_view(
    state: &State<'_>,
    causes: &mut Causes<'_, '_>,
    item: &Item,
    here: &Here,
    most: usize,
) -> WhyView {
    let (reasons, more_reasons) = causes.reasons(&item.uid, most);
    let (blockers, more_blockers) = causes.blockers(&item.uid, most);
    let (links, left_out) = causes.chain(&item.uid, most);
    let mut chain = vec![link(state, here, item, "waits")];
    for (n, l) in links.iter().enumerate() {
        if let Some(next) = state.item(&l.uid) {
            let relation = match l.via {
                Relation::Ancestor => "ancestor",
                Relation::Child => "open child",
                _ if n + 1 == links.len() => "root blocker",
                _ => "waits for",
            };
            chain.push(link(state, here, next, relation));
        }
    }
    if links.is_empty() {
        chain.clear();
    }
    WhyView {
        item: item_view(state, item, here),
        ready: causes.is_ready(&item.uid),
        blocked_by: blockers
            .iter()
            .filter_map(|b| state.item(&b.uid))
            .map(|item| state.shown_id(item))
            .collect(),
        reasons: reasons
            .iter()
            .map(|reason| match reason {
                Reason::Status(_) => with_words(item, sentence(state, here, item, reason)),
                _ => sentence(state, here, item, reason),
            })
            .collect(),
        chain,
        partial: more_reasons || more_blockers || left_out > 0,
    }
}

fn link(state: &State<'_>, here: &Here, item: &Item, relation: &str) -> ChainLink {
    let sign = item.holder().and_then(|claim| claim.last_sign(here.now_ms));
    ChainLink {
        id: state.shown_id(item),
        title: item.title.clone(),
        status: item.status_at(here.now_ms).to_string(),
        owner: item.owner().map(str::to_string),
        last_sign: sign.map(rfc3339),
        relation: relation.to_string(),
    }
}

/// The sentence with the reason given for the item's status.
fn with_words(item: &Item, sentence: String) -> String {
    match item.reason.as_deref() {
        Some(words) => format!("{sentence}: {}", excerpt(words, 200)),
        None => sentence,
    }
}

/// The name of an item in a sentence about another: with title, status and holder.
fn named(state: &State<'_>, here: &Here, uid: &Uid) -> String {
    let Some(item) = state.item(uid) else {
        return uid.to_string();
    };
    let title = excerpt(&item.title, 60);
    let by = match item.holder() {
        Some(claim) if item.status == Status::InProgress => {
            format!(
                ", held by {}, {}",
                with_place(&claim.actor, claim.agent.as_deref()),
                claim.last_activity_text(here.now_ms)
            )
        }
        _ => String::new(),
    };
    format!(
        "{} ({title}, {}{by})",
        state.shown_id(item),
        item.status_at(here.now_ms).word()
    )
}

/// The reason why no task of a plan can be started before a person decides about it.
pub(crate) fn document_changed(prd: &str) -> String {
    format!(
        "the document {prd} changed after its plan was approved; `git pm plan diff {prd}` shows the \
         effects, and a person has to approve the updated plan or keep the old one"
    )
}

/// A reason as a sentence.
pub(crate) fn sentence(state: &State<'_>, here: &Here, item: &Item, reason: &Reason) -> String {
    let name = |uid: &Uid| named(state, here, uid);
    match reason {
        Reason::Ready => "it can be started now".into(),
        Reason::Deleted => "it was deleted".into(),
        Reason::Closed(status) => format!("it is {}", status.word()),
        Reason::Kind(kind) => format!("it is of kind {kind}, which is not offered as work"),
        Reason::Type(text) => format!("issues of type {text} cannot be started"),
        Reason::Status(status) => format!("it is {}", status.word()),
        Reason::Held { actor, lapsed } => {
            let lapsed = if *lapsed {
                " (the lease has expired)"
            } else {
                ""
            };
            let heard = item
                .holder()
                .map(|claim| claim.last_activity_text(here.now_ms));
            let heard = heard.map(|heard| format!(", {heard}")).unwrap_or_default();
            format!("{actor} is working on it{lapsed}{heard}")
        }
        Reason::Container(open) => {
            // Only those that are named are read.
            let named = |(n, uid)| if n < NAMED { name(uid) } else { String::new() };
            let names: Vec<String> = open.iter().enumerate().map(named).collect();
            format!("it has open children: {}", first_of(&names, NAMED))
        }
        Reason::BlockedBy(b) => format!("it waits for {}", name(&b.uid)),
        Reason::AncestorBlocked { ancestor, by } => {
            format!(
                "its ancestor {} waits for {}",
                name(ancestor),
                name(&by.uid)
            )
        }
        Reason::AncestorStopped { ancestor, status } => {
            format!("its ancestor {} is {}", name(ancestor), status.word())
        }
        Reason::DocumentChanged(prd) => {
            let prd = state.item(prd).map(|prd| state.shown_id(prd));
            document_changed(&prd.unwrap_or_default())
        }
        Reason::Deferred { until } => format!("it is deferred until {}", here.time(until)),
        Reason::AncestorDeferred { ancestor, until } => {
            let until = here.time(until);
            format!("its ancestor {} is deferred until {until}", name(ancestor))
        }
        Reason::Mark(mark) => format!("it is {mark}, and such items are not offered as work"),
        Reason::AncestorTemplate(ancestor) => {
            format!("its ancestor {} is a template", name(ancestor))
        }
        Reason::CycleBroken(b) => format!(
            "its edge to {} is ignored because it creates a cycle",
            name(&b.uid)
        ),
        Reason::SoftOpen(uid) => format!("{} is open, but the dependency is soft", name(uid)),
        Reason::Missing { target, .. } => {
            let found = target.uid.as_ref().and_then(|uid| state.item(uid));
            let what = match found {
                Some(_) => "was deleted",
                None => "does not exist here",
            };
            format!("it refers to {}, which {what}", state.shown_ref(target))
        }
    }
}
