//! Questions about items: one, many, what is ready, what blocks; and starting what is next.

use serde::Serialize;

use super::deps::graph_around;
use super::unit::turn;
use crate::error::{Details, Error, Result};
use crate::graph::{Causes, Graph, Reason, Relation};
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::{Here, ItemView, item_view};
use crate::store::index::{Reach, Scan};
use crate::store::state::State;
use crate::work::task::start::options::{StartOptions, Started};

/// An item that is ready or blocked, with the reasons.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WhyView {
    /// The item.
    pub item: ItemView,
    /// Whether it could be started now.
    pub ready: bool,
    /// Sentences that say why or why not.
    pub reasons: Vec<String>,
    /// The ids of what it waits for itself and of ancestors that are held up.
    pub blocked_by: Vec<String>,
    /// The chain from the item to the root blocker, item first.
    pub chain: Vec<ChainLink>,
    /// Whether these lists are cut: each has its first entries, and the chain its last one, too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// One link of a chain of blockers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainLink {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state.
    pub status: String,
    /// Who is on it.
    pub owner: Option<String>,
    /// The last sign of life of the claim's holder, RFC 3339.
    pub last_sign: Option<String>,
    /// Why it stands here: `waits for`, `parent of`, `root blocker`, `cycle`.
    pub relation: String,
}

/// Among how many of the equally urgent `next` looks for the other half of somebody's work.
const EQUALS: usize = 8;

/// How often `next --claim` tries the next best item when others are faster.
const CLAIM_TRIES: usize = 10;
/// How many open parts of a whole are named.
const NAMED: usize = 3;
/// Up to so many items are asked about one by one, above it all are looked at.
const FEW: usize = 200;
/// How many entries the lists of all blocked items have together, each of the three …
const ENTRIES: usize = 100_000;
/// … how many the lists of one have at least …
const LEAST: usize = 5;
/// … and at most.
const MOST: usize = 100;

/// What came of starting the next item.
pub(super) enum Tried {
    /// It was started.
    Started(Box<Started>),
    /// There is none that was not tried.
    None,
    /// Others were faster, or starts failed, as often as it is tried at once.
    Enough,
}

impl Reason {
    /// Whether an item with this reason cannot be started now.
    pub(crate) fn stops_start(&self) -> bool {
        !self.is_warning() && !matches!(self, Reason::Ready)
    }
}

impl Tasks<'_> {
    /// One item with body and comments.
    ///
    /// # Errors
    /// When nothing or more than one item has that name.
    pub fn show(&self, id: &str) -> Result<ItemView> {
        let state = self.pm.store.state()?;
        let hold = state.hold();
        let uid = match state.find(id) {
            Ok(item) => item.uid.clone(),
            Err(error) => return Err(damaged_hint(&state, id, error)),
        };
        let mut view = self.pm.full_view(&state, &uid)?;
        if let Some(item) = state.item(&uid) {
            view.name_others(&state, item);
            // It may wait for the remote.
            drop(hold);
            self.pm.fetch_work(&state, item)?;
            view.work = self.pm.work_standing(&state, item)?;
            let waits = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
            let commit = view.work.as_ref().and_then(|work| work.commit.as_deref());
            // It shows what it can: branches and objects may be missing here.
            if let Some(commit) = commit.filter(|_| waits)
                && let Ok(target) = self.pm.target_of(&state, item, None)
            {
                let _ = self.pm.tell_gates(&view.id, commit, &target);
                let _ = self.pm.tell_carried(&state, item, commit, &target);
            }
        }
        Ok(view)
    }

    /// What can be started now, best first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn ready(&self, limit: Option<usize>) -> Result<Vec<ItemView>> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let here = self.pm.here();
        let found = state.scan(
            &Scan::Ready(self.pm.now_ms()),
            |_| true,
            limit.unwrap_or(usize::MAX),
        );
        let views = found.into_iter().map(|item| item_view(&state, item, &here));
        Ok(views.collect())
    }

    /// As `Tasks::ready`, with how many there are in all.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn ready_first(&self, limit: usize) -> Result<(Vec<ItemView>, usize)> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (here, now_ms) = (self.pm.here(), self.pm.now_ms());
        let found = state.scan(&Scan::Ready(now_ms), |_| true, limit);
        let views = found.into_iter().map(|item| item_view(&state, item, &here));
        Ok((views.collect(), state.count_ready(now_ms)))
    }

    /// The item to start next: the first ready one that is not assigned to somebody else.
    ///
    /// # Errors
    /// Kind `Refused` when there is none.
    pub fn next(&self) -> Result<ItemView> {
        match self.pm.first_ready(|_| true)? {
            Some(item) => Ok(item),
            None => Err(self.pm.nothing_ready()?),
        }
    }

    /// Starts the next item; when others are faster, the one after it.
    ///
    /// # Errors
    /// Kind `Refused` when there is none, and what `Tasks::start` returns.
    pub fn claim_next(&self, options: &StartOptions) -> Result<Started> {
        match self.pm.try_next(options, &mut Vec::new())? {
            Tried::Started(started) => Ok(*started),
            tried => Err(self.pm.nothing_started(&tried)?),
        }
    }

    /// Why an item is ready or not, with the chain to the root blocker.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn why(&self, id: &str) -> Result<WhyView> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let item = state.find(id)?;
        let graph = graph_around(&state, &item.uid, self.pm.now_ms());
        let mut causes = graph.causes();
        Ok(why_view(
            &state,
            &mut causes,
            item,
            &self.pm.here(),
            usize::MAX,
        ))
    }

    /// Everything that waits for something else. Where much of it has long lists, these are cut,
    /// and [`WhyView::partial`] says so.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn blocked(&self) -> Result<Vec<WhyView>> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        self.pm.tell_damaged(&state);
        let items = state.items();
        let graph = Graph::new(&items, self.pm.now_ms());
        let blocked = graph.blocked();
        Ok(self.pm.explained(&state, &graph, &blocked))
    }
}

impl Pm {
    /// The first ready item that is not assigned to somebody else, and that `keep` keeps. Among those
    /// that are equally urgent the other half of the actor's own work comes first, that of another one's
    /// last.
    fn first_ready(&self, keep: impl Fn(&Item) -> bool) -> Result<Option<ItemView>> {
        let state = self.store.state()?;
        let _hold = state.hold();
        let mine = |item: &Item| item.is_free_for(&self.actor.name);
        let ready = Scan::Ready(self.now_ms());
        let found = state.scan(&ready, |item| mine(item) && keep(item), EQUALS);
        let Some(most_urgent) = found.first() else {
            return Ok(None);
        };
        let equals = found.iter().copied();
        let equals = equals.take_while(|item| item.priority == most_urgent.priority);
        let first = equals.min_by_key(|item| turn(&state, item, &self.actor.name));
        let first = first.unwrap_or(most_urgent);
        Ok(Some(item_view(&state, first, &self.here())))
    }

    /// Starts the next item that is not among those that `failed`. What cannot be started is added
    /// to them.
    pub(super) fn try_next(
        &self,
        options: &StartOptions,
        failed: &mut Vec<String>,
    ) -> Result<Tried> {
        for _ in 0..CLAIM_TRIES {
            let untried = |item: &Item| !failed.iter().any(|uid| uid == item.uid.as_str());
            let Some(item) = self.first_ready(untried)? else {
                return Ok(Tried::None);
            };
            match self.tasks().start(&item.uid, options) {
                Err(error)
                    if matches!(
                        error.kind(),
                        crate::error::Kind::Conflict | crate::error::Kind::Refused
                    ) =>
                {
                    self.notice(format!("{} passed over: {}", item.id, error.message()));
                    failed.push(item.uid);
                }
                other => return other.map(|started| Tried::Started(Box::new(started))),
            }
        }
        Ok(Tried::Enough)
    }

    /// The refusal where nothing was started, after a try that came to `tried`.
    pub(super) fn nothing_started(&self, tried: &Tried) -> Result<Error> {
        match tried {
            Tried::Enough => Ok(Error::refused(format!(
                "none of the {CLAIM_TRIES} items that were tried could be started; more are ready"
            ))
            .hint("`git pm ready` lists them, and `git pm start ID` starts one")),
            _ => self.nothing_ready(),
        }
    }

    /// Why each of some items is ready or not; the lists are cut where there are many items.
    pub(crate) fn explain_all(&self, state: &State<'_>, uids: &[String]) -> Vec<WhyView> {
        let uids: Vec<Uid> = uids.iter().filter_map(|uid| Uid::new(uid)).collect();
        let items = if uids.len() > FEW {
            state.items()
        } else {
            state.around(&uids.iter().collect::<Vec<_>>(), Reach::Waits)
        };
        self.explained(state, &Graph::new(&items, self.now_ms()), &uids)
    }

    fn explained(&self, state: &State<'_>, graph: &Graph<'_>, uids: &[Uid]) -> Vec<WhyView> {
        let most = (ENTRIES / uids.len().max(1)).clamp(LEAST, MOST);
        let (mut causes, here) = (graph.causes(), self.here());
        let items = uids.iter().filter_map(|uid| state.item(uid));
        items
            .map(|item| why_view(state, &mut causes, item, &here, most))
            .collect()
    }

    /// The refusal of whoever wants to start something where nothing is ready.
    pub(super) fn nothing_ready(&self) -> Result<Error> {
        let idle = self.insights().idle()?;
        let first = idle
            .waiting
            .named
            .first()
            .map(|one| format!("; {}", one.message));
        let first = first.unwrap_or_default();
        let error = Error::refused(format!("there is nothing to start: {}{first}", idle.why));
        let error = idle.hints.into_iter().fold(error, Error::hint);
        Ok(error.with(Details::Waiting(idle.waiting)))
    }

    /// Items waiting for a review or for integration.
    pub(crate) fn in_review<'a>(state: &'a State<'_>) -> Vec<&'a Item> {
        let waits = |i: &Item| matches!(i.status, Status::InReview | Status::ReadyForIntegration);
        state.scan(&Scan::Active, waits, usize::MAX)
    }
}

/// Why an item is ready or not, with at most so many entries in each list.
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
        status: item.status.to_string(),
        owner: item.owner().map(str::to_string),
        last_sign: sign.map(rfc3339),
        relation: relation.to_string(),
    }
}

/// A name that only a damaged file has deserves a better answer than "there is none".
fn damaged_hint(state: &State<'_>, id: &str, error: Error) -> Error {
    let wanted = crate::model::id::normalised(id);
    let damaged = state.damaged().into_iter().find(|d| {
        d.path
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with(&format!("{wanted}-")))
    });
    match damaged {
        Some(d) => Error::state(format!("{wanted} is damaged: {}: {}", d.path, d.reason))
            .hint(format!(
                "look at it with `git show refs/pm/main:{}`",
                d.path
            ))
            .hint("`git pm log` shows who wrote last"),
        None => error,
    }
}

/// The sentence with what somebody gave as the reason for the item's state.
fn with_words(item: &Item, sentence: String) -> String {
    match item.reason.as_deref() {
        Some(words) => {
            let words = crate::model::text::one_line(words);
            format!("{sentence}: {}", crate::model::text::shorten(&words, 200))
        }
        None => sentence,
    }
}

/// What an item is called in a sentence about others: with title, state and whoever works on it.
fn named(state: &State<'_>, here: &Here, uid: &Uid) -> String {
    let Some(item) = state.item(uid) else {
        return uid.to_string();
    };
    let title = crate::model::text::shorten(&crate::model::text::one_line(&item.title), 60);
    let by = match item.holder() {
        Some(claim) if item.status == Status::InProgress => {
            format!(", held by {}, {}", claim.actor, claim.heard(here.now_ms))
        }
        _ => String::new(),
    };
    format!("{} ({title}, {}{by})", state.shown_id(item), item.status)
}

/// A reason that an item has, as a sentence.
pub(crate) fn sentence(state: &State<'_>, here: &Here, item: &Item, reason: &Reason) -> String {
    let name = |uid: &Uid| named(state, here, uid);
    match reason {
        Reason::Ready => "it can be started now".into(),
        Reason::Deleted => "it was deleted".into(),
        Reason::Closed(status) => format!("it is {status}"),
        Reason::Kind(kind) => format!("it is of kind {kind}, which is no work itself"),
        Reason::Type(text) => format!("issues of type {text} are no work themselves"),
        Reason::Status(status) => format!("it is {status}"),
        Reason::Held { actor, lapsed } => {
            let lapsed = if *lapsed {
                ", whose claim has lapsed"
            } else {
                ""
            };
            let heard = item.holder().map(|claim| claim.heard(here.now_ms));
            let heard = heard.map(|heard| format!(", {heard}")).unwrap_or_default();
            format!("{actor} works on it{lapsed}{heard}")
        }
        Reason::Container(open) => {
            // Only those that are named are read.
            let named = |(n, uid)| if n < NAMED { name(uid) } else { String::new() };
            let names: Vec<String> = open.iter().enumerate().map(named).collect();
            format!("it holds open items: {}", first_of(&names, NAMED))
        }
        Reason::BlockedBy(b) => format!("it waits for {}", name(&b.uid)),
        Reason::AncestorBlocked { ancestor, by } => {
            format!("{}, above it, waits for {}", name(ancestor), name(&by.uid))
        }
        Reason::AncestorStopped { ancestor, status } => {
            format!("{}, above it, is {status}", name(ancestor))
        }
        Reason::Deferred { until } => format!("it is put off until {until}"),
        Reason::AncestorDeferred { ancestor, until } => {
            format!("{}, above it, is put off until {until}", name(ancestor))
        }
        Reason::Mark(mark) => format!("it is {mark}, which is not offered as work"),
        Reason::AncestorTemplate(ancestor) => {
            format!("{}, above it, is a template", name(ancestor))
        }
        Reason::CycleBroken(b) => format!(
            "its edge to {} closes a cycle and is not counted",
            name(&b.uid)
        ),
        Reason::SoftOpen(uid) => format!("{} is open, but the dependency is soft", name(uid)),
        Reason::Missing { target, .. } => {
            format!(
                "it refers to {}, which is not here",
                state.shown_ref(target)
            )
        }
    }
}
