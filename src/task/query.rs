//! Questions about items: one, many, what is ready, what blocks. Nothing here writes.

use super::deps::graph_around;
use crate::error::{Error, Result};
use crate::graph::{Graph, Reason, Relation};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::model::vocabulary::TYPE;
use crate::pm::Pm;
use crate::report::{Started, TreeNode};
use crate::request::{ListFilter, StartOptions};
use crate::store::index::Scan;
use crate::store::state::State;
use crate::view::{ChainLink, Here, ItemView, WhyView, item_view, view_with};

/// Above so many items a list is made on several threads.
const MANY: usize = 1_000;

/// How often `next --claim` tries the next best item when others are faster.
const CLAIM_TRIES: usize = 10;

impl Reason {
    /// Whether an item with this reason cannot be started now.
    pub(crate) fn stops_start(&self) -> bool {
        !self.is_warning() && !matches!(self, Reason::Ready)
    }
}

impl Pm {
    /// One item with body and comments.
    ///
    /// # Errors
    /// When nothing or more than one item has that name.
    pub fn show(&self, id: &str) -> Result<ItemView> {
        let state = self.store.state()?;
        let _hold = state.hold();
        let uid = match state.find(id) {
            Ok(item) => item.uid.clone(),
            Err(error) => return Err(damaged_hint(&state, id, error)),
        };
        self.full_view(&state, &uid)
    }

    /// Items by filter, in the order of kind and id.
    ///
    /// # Errors
    /// When the state cannot be read, or the filter names an epic that is not there.
    pub fn list(&self, filter: &ListFilter) -> Result<Vec<ItemView>> {
        self.list_in(&self.store.state()?, filter, &self.here())
    }

    /// The items of some state by filter.
    pub(crate) fn list_in(
        &self,
        state: &State<'_>,
        filter: &ListFilter,
        here: &Here,
    ) -> Result<Vec<ItemView>> {
        let plan = Plan::of(state, filter)?;
        self.tell_damaged(state);
        let limit = filter.limit.unwrap_or(usize::MAX);
        let found = state.scan(&plan.which(), |item| plan.wants(item), limit);
        let views = found.into_iter().map(|item| item_view(state, item, here));
        Ok(views.collect())
    }

    /// As [`Pm::list`], for lists that need not lie in memory as a whole: each view goes through
    /// `render`, on several threads where there are many, and then in order to `sink`.
    ///
    /// # Errors
    /// As [`Pm::list`], and what `sink` returns.
    pub fn list_each<T: Send, E: From<Error>>(
        &self,
        filter: &ListFilter,
        render: impl Fn(ItemView) -> T + Sync,
        mut sink: impl FnMut(T) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let state = self.store.state()?;
        let _hold = state.hold();
        let here = self.here();
        let limit = filter.limit.unwrap_or(usize::MAX);
        let many = limit > MANY && state.count() > MANY;
        let Some(ids) = many.then(|| state.prepare_ids()).flatten() else {
            for view in self.list_in(&state, filter, &here)? {
                sink(render(view))?;
            }
            return Ok(());
        };
        let plan = Plan::of(&state, filter)?;
        self.tell_damaged(&state);
        let each = |item: Item| {
            let shown = |target: &ItemRef| {
                let known = target.uid.as_ref().and_then(|uid| ids.get(uid));
                known.unwrap_or(&target.born).clone()
            };
            let id = ids.get(&item.uid).unwrap_or(&item.id).clone();
            plan.wants(&item)
                .then(|| render(view_with(id, shown, &item, &here)))
        };
        let mut handed = 0;
        let whole = state.scan_parallel(
            &plan.which(),
            each,
            |made| -> std::result::Result<bool, E> {
                for one in made {
                    if handed == limit {
                        return Ok(false);
                    }
                    handed += 1;
                    sink(one)?;
                }
                Ok(true)
            },
        )?;
        if !whole {
            for view in self
                .list_in(&state, filter, &here)?
                .into_iter()
                .skip(handed)
            {
                sink(render(view))?;
            }
        }
        Ok(())
    }

    /// Says what a list leaves out because it cannot be read: an item must not vanish in silence.
    fn tell_damaged(&self, state: &State<'_>) {
        for damaged in state.damaged() {
            self.notice(format!(
                "{} is damaged and left out: {}; `git pm doctor` says more",
                damaged.path, damaged.reason
            ));
        }
    }

    /// What can be started now, best first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn ready(&self, limit: Option<usize>) -> Result<Vec<ItemView>> {
        let state = self.store.state()?;
        let _hold = state.hold();
        let here = self.here();
        let found = state.scan(&Scan::Ready, |_| true, limit.unwrap_or(usize::MAX));
        let views = found.into_iter().map(|item| item_view(&state, item, &here));
        Ok(views.collect())
    }

    /// The first ready item that is not assigned to somebody else, and that `keep` keeps.
    fn first_ready(&self, keep: impl Fn(&Item) -> bool) -> Result<ItemView> {
        let state = self.store.state()?;
        let _hold = state.hold();
        let mine = |item: &Item| {
            let assignee = item.assignee.as_deref();
            assignee.is_none_or(|a| a == self.actor.name)
        };
        let found = state.scan(&Scan::Ready, |item| mine(item) && keep(item), 1);
        let first = found.first().ok_or_else(nothing_ready)?;
        Ok(item_view(&state, first, &self.here()))
    }

    /// The item to start next: the first ready one that is not assigned to somebody else.
    ///
    /// # Errors
    /// Kind `Refused` when there is none.
    pub fn next(&self) -> Result<ItemView> {
        self.first_ready(|_| true)
    }

    /// Starts the next item; when others are faster, the one after it.
    ///
    /// # Errors
    /// Kind `Refused` when there is none, and what [`Pm::start`] returns.
    pub fn next_claim(&self, options: &StartOptions) -> Result<Started> {
        let mut tried: Vec<String> = Vec::new();
        for _ in 0..CLAIM_TRIES {
            let item =
                self.first_ready(|item| !tried.iter().any(|uid| uid == item.uid.as_str()))?;
            match self.start(&item.uid, options) {
                Err(error)
                    if matches!(
                        error.kind(),
                        crate::error::Kind::Conflict | crate::error::Kind::Refused
                    ) =>
                {
                    self.notice(format!("{} passed over: {}", item.id, error.message()));
                    tried.push(item.uid);
                }
                other => return other,
            }
        }
        Err(nothing_ready())
    }

    /// Why an item is ready or not, with the chain to the root blocker.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn why(&self, id: &str) -> Result<WhyView> {
        let state = self.store.state()?;
        let _hold = state.hold();
        let item = state.find(id)?;
        let graph = graph_around(&state, &item.uid, self.now_ms());
        Ok(self.why_view(&state, &graph, item))
    }

    /// Everything that waits for something else.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn blocked(&self) -> Result<Vec<WhyView>> {
        let state = self.store.state()?;
        let _hold = state.hold();
        self.tell_damaged(&state);
        let items = state.items();
        let graph = Graph::new(&items, self.now_ms());
        Ok(graph
            .blocked()
            .iter()
            .filter_map(|uid| state.item(uid))
            .map(|item| self.why_view(&state, &graph, item))
            .collect())
    }

    fn why_view(&self, state: &State<'_>, graph: &Graph<'_>, item: &Item) -> WhyView {
        let reasons = graph.reasons(&item.uid);
        let mut chain = vec![link(state, item, "waits")];
        let links = graph.chain(&item.uid);
        for (n, l) in links.iter().enumerate() {
            if let Some(next) = state.item(&l.uid) {
                let relation = match l.via {
                    Relation::Ancestor => "ancestor",
                    Relation::Child => "open child",
                    _ if n + 1 == links.len() => "root blocker",
                    _ => "waits for",
                };
                chain.push(link(state, next, relation));
            }
        }
        if links.is_empty() {
            chain.clear();
        }
        WhyView {
            item: item_view(state, item, &self.here()),
            ready: graph.is_ready(&item.uid),
            reasons: reasons
                .iter()
                .map(|reason| match reason {
                    Reason::Status(_) => with_words(item, sentence(state, reason)),
                    _ => sentence(state, reason),
                })
                .collect(),
            chain,
        }
    }

    /// The hierarchy of items as a tree, whole or below one item.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn tree(&self, root: Option<&str>) -> Result<Vec<TreeNode>> {
        let state = self.store.state()?;
        let _hold = state.hold();
        self.tell_damaged(&state);
        let root = match root {
            Some(id) => Some(state.find(id)?.uid.clone()),
            None => None,
        };
        let here = self.here();
        let items = state.items();
        Ok(graph_tree(&items, root.as_ref(), self.now_ms())
            .into_iter()
            .filter_map(|(depth, uid)| {
                state.item(&uid).map(|item| TreeNode {
                    depth,
                    item: item_view(&state, item, &here),
                })
            })
            .collect())
    }

    /// Items waiting for a review or for integration.
    pub(crate) fn in_review<'a>(state: &'a State<'_>) -> Vec<&'a Item> {
        let waits = |i: &Item| matches!(i.status, Status::InReview | Status::ReadyForIntegration);
        state.scan(&Scan::Active, waits, usize::MAX)
    }
}

/// What a filter asks for, its names looked up.
struct Plan<'f> {
    filter: &'f ListFilter,
    epic: Option<Uid>,
}

impl<'f> Plan<'f> {
    fn of(state: &State<'_>, filter: &'f ListFilter) -> Result<Self> {
        check_words(filter)?;
        let epic = match &filter.epic {
            Some(epic) => Some(state.find_kind(epic, ItemKind::Epic)?.uid.clone()),
            None => None,
        };
        Ok(Plan { filter, epic })
    }

    /// The narrowest question that covers the filter.
    fn which(&self) -> Scan<'_> {
        let filter = self.filter;
        let open = !filter.all && filter.status.is_empty();
        match &self.epic {
            Some(epic) => Scan::Epic(epic),
            None if open => Scan::Open(filter.kind),
            None => Scan::All(filter.kind),
        }
    }

    fn wants(&self, item: &Item) -> bool {
        let filter = self.filter;
        let owner =
            |name: &str| item.owner() == Some(name) || item.assignee.as_deref() == Some(name);
        let of = |epic: &Uid| item.epic.as_ref().and_then(|e| e.uid.as_ref()) == Some(epic);
        filter.kind.is_none_or(|kind| kind == item.kind)
            && (filter.all || !filter.status.is_empty() || !item.status.is_closed())
            && (filter.status.is_empty() || filter.status.iter().any(|s| s == item.status.as_str()))
            && filter.labels.iter().all(|l| item.labels.contains(l))
            && (filter.item_type.is_empty() || filter.item_type.contains(&item.item_type))
            && filter.owner.as_deref().is_none_or(owner)
            && self.epic.as_ref().is_none_or(of)
    }
}

/// A word that no task can have would give an empty list that looks like an answer.
fn check_words(filter: &ListFilter) -> Result<()> {
    if filter.kind != Some(ItemKind::Task) {
        return Ok(());
    }
    for word in &filter.status {
        if Status::parse(ItemKind::Task, word).is_none() {
            let words: Vec<&str> = Status::TASK.iter().map(Status::as_str).collect();
            let shown = crate::model::text::shorten(&crate::model::text::one_line(word), 40);
            return Err(Error::usage(format!("`{shown}` is no state of a task"))
                .hint(format!("states are {}", words.join(", "))));
        }
    }
    for word in &filter.item_type {
        TYPE.check(word)?;
    }
    Ok(())
}

fn graph_tree(items: &[&Item], root: Option<&Uid>, now_ms: u64) -> Vec<(usize, Uid)> {
    Graph::new(items, now_ms)
        .tree(root)
        .into_iter()
        .map(|node| (node.depth, node.uid))
        .collect()
}

fn nothing_ready() -> Error {
    Error::refused("there is nothing to start")
        .hint("`git pm blocked` shows what waits for what")
        .hint("`git pm task create TITLE` makes a task")
}

fn link(state: &State<'_>, item: &Item, relation: &str) -> ChainLink {
    ChainLink {
        id: state.shown_id(item),
        title: item.title.clone(),
        status: item.status.to_string(),
        owner: item.owner().map(str::to_string),
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

/// A reason as a sentence.
pub(crate) fn sentence(state: &State<'_>, reason: &Reason) -> String {
    let name = |uid: &Uid| match state.item(uid) {
        Some(item) => format!(
            "{} ({}, {})",
            state.shown_id(item),
            crate::model::text::shorten(&crate::model::text::one_line(&item.title), 60),
            item.status
        ),
        None => uid.to_string(),
    };
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
            format!("{actor} works on it{lapsed}")
        }
        Reason::Container(open) => {
            let names: Vec<String> = open.iter().take(3).map(name).collect();
            let more = if open.len() > 3 {
                format!(" and {} more", open.len() - 3)
            } else {
                String::new()
            };
            format!("it holds open items: {}{more}", names.join(", "))
        }
        Reason::BlockedBy(b) => format!("it waits for {}", name(&b.uid)),
        Reason::AncestorBlocked { ancestor, by } => {
            format!("{}, above it, waits for {}", name(ancestor), name(&by.uid))
        }
        Reason::AncestorStopped { ancestor, status } => {
            format!("{}, above it, is {status}", name(ancestor))
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
