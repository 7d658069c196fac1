//! Lists of issues, and read-only queries over many of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::stamp::{DAY_MS, parse_rfc3339};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Issues;
use crate::pm::shared_views::{ItemView, item_view};
use crate::query::{Expr, Field, Mark, Op, Pattern, Test};
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::list::ListFilter;
use crate::work::list::descendants::below;
use crate::work::task::readiness::WhyView;

/// A label and the number of items that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LabelCount {
    /// The label.
    pub label: String,
    /// The number of items.
    pub count: usize,
}

/// The number of items with one value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The value; empty where the field is not set.
    pub group: String,
    /// The number of items.
    pub count: usize,
}

/// Items with the same content.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    /// The items, oldest first.
    pub items: Vec<ItemView>,
}

/// A container and its progress.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// The container.
    pub epic: ItemView,
    /// The number of direct children.
    pub total_children: usize,
    /// The number of these that are closed.
    pub closed_children: usize,
    /// True if it has children and all are closed.
    pub eligible_for_close: bool,
}

/// A filter of issues; an issue has to match all conditions given.
#[derive(Clone, Debug, Default)]
pub struct IssueFilter {
    /// Has one of these statuses; only open issues if none is given and `all` is not set.
    pub status: Vec<String>,
    /// Include closed issues.
    pub all: bool,
    /// Has one of these types.
    pub item_type: Vec<String>,
    /// Has one of these priorities.
    pub priority: Vec<u8>,
    /// Is assigned to or held by this actor.
    pub assignee: Option<String>,
    /// Is assigned to and held by no actor.
    pub unassigned: bool,
    /// Has all of these labels.
    pub labels: Vec<String>,
    /// Has at least one of these labels.
    pub labels_any: Vec<String>,
    /// Has this text in the title; case is ignored.
    pub title: Option<String>,
    /// Has one of these ids.
    pub ids: Vec<String>,
    /// Is below this item, at any level.
    pub parent: Option<String>,
    /// Is pinned.
    pub pinned: bool,
    /// Is a template; otherwise templates are left out.
    pub templates: bool,
    /// The most issues to return; 0 for all.
    pub limit: usize,
}

impl IssueFilter {
    /// The same filter for lists.
    pub fn listed(&self) -> ListFilter {
        let is = |mark| Expr::Test(Test::Is(mark));
        let text = |word: &String| Pattern::Text(word.to_lowercase());
        let mut query = Expr::everything();
        let mut narrow = |expr: Expr| {
            let before = std::mem::replace(&mut query, Expr::everything());
            query = before.and(expr);
        };
        if !self.priority.is_empty() {
            let ranks = self.priority.iter().copied().map(usize::from).collect();
            narrow(Expr::Test(Test::Rank(Field::Priority, Op::Is, ranks)));
        }
        if self.unassigned {
            narrow(Expr::Not(Box::new(Expr::Test(Test::Has(Field::Owner)))));
        }
        if !self.labels_any.is_empty() {
            let labels = self.labels_any.iter().map(text).collect();
            narrow(Expr::Test(Test::Value(Field::Label, labels)));
        }
        if let Some(title) = &self.title {
            narrow(Expr::Test(Test::Value(Field::Title, vec![text(title)])));
        }
        if !self.ids.is_empty() {
            narrow(Expr::Test(Test::Item(Field::Id, self.ids.clone())));
        }
        if let Some(parent) = &self.parent {
            let parent = vec![parent.clone()];
            narrow(Expr::Test(Test::Item(Field::Under, parent)));
        }
        if self.pinned {
            narrow(is(Mark::Pinned));
        }
        match self.templates {
            true => narrow(is(Mark::Template)),
            false if self.all => {}
            false => narrow(Expr::Not(Box::new(is(Mark::Template)))),
        }
        let every = self.status.iter().any(|status| status == "all");
        ListFilter {
            kind: Some(ItemKind::Issue),
            status: match every {
                true => Vec::new(),
                false => self.status.clone(),
            },
            labels: self.labels.clone(),
            owner: self.assignee.clone(),
            item_type: self.item_type.clone(),
            query: Some(query),
            all: self.all || every,
            limit: Some(self.limit()),
            ..ListFilter::default()
        }
    }

    fn wants(&self, item: &Item, below: Option<&BTreeSet<Uid>>, ids: &[Uid]) -> bool {
        let status = item.status.as_str();
        let owner =
            |name: &str| item.owner() == Some(name) || item.assignee.as_deref() == Some(name);
        let has = |label: &String| item.labels.contains(label);
        let title = |words: &str| item.title.to_lowercase().contains(&words.to_lowercase());
        item.kind == ItemKind::Issue
            && (self.all || !self.status.is_empty() || !item.status.is_closed())
            && (self.status.is_empty() || self.status.iter().any(|s| s == status || s == "all"))
            && (self.item_type.is_empty() || self.item_type.contains(&item.item_type))
            && (self.priority.is_empty() || self.priority.contains(&item.priority))
            && self.assignee.as_deref().is_none_or(owner)
            && !(self.unassigned && item.owner().is_some())
            && self.labels.iter().all(has)
            && (self.labels_any.is_empty() || self.labels_any.iter().any(has))
            && self.title.as_deref().is_none_or(title)
            && (ids.is_empty() || ids.contains(&item.uid))
            && below.is_none_or(|below| below.contains(&item.uid))
            && (!self.pinned || item.issue.pinned || status == "pinned")
            && (self.templates == item.issue.template || self.all)
    }

    fn limit(&self) -> usize {
        match self.limit {
            0 => usize::MAX,
            limit => limit,
        }
    }
}

impl Issues<'_> {
    /// Issues by filter, in the order of their ids.
    ///
    /// # Errors
    /// When the state cannot be read, or the filter names an item that does not exist.
    pub fn list(&self, filter: &IssueFilter) -> Result<Vec<ItemView>> {
        self.pm.items().list(&filter.listed())
    }

    /// Issues that can be started now, best first.
    ///
    /// # Errors
    /// As `Issues::list`.
    pub fn ready(&self, filter: &IssueFilter) -> Result<Vec<ItemView>> {
        let state = self.pm.store.snapshot()?;
        self.pm
            .filtered(&state, &Scan::Ready(self.pm.now_ms()), filter)
    }

    /// Issues that wait for other items, with the reasons.
    ///
    /// # Errors
    /// As `Issues::list`.
    pub fn blocked(&self, filter: &IssueFilter) -> Result<Vec<WhyView>> {
        let state = self.pm.store.snapshot()?;
        let found = self
            .pm
            .filtered(&state, &Scan::Blocked(self.pm.now_ms()), filter)?;
        let kept: Vec<String> = found.into_iter().map(|item| item.uid).collect();
        Ok(self.pm.explain_all(&state, &kept))
    }

    /// The ready items with the reasons for their rank, best first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn ready_explained(&self, limit: Option<usize>) -> Result<Vec<WhyView>> {
        let ready: Vec<String> = self
            .pm
            .tasks()
            .ready(limit)?
            .into_iter()
            .map(|i| i.uid)
            .collect();
        let state = self.pm.store.snapshot()?;
        Ok(self.pm.explain_all(&state, &ready))
    }

    /// Open issues without a change for that many days, the oldest change first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn stale(&self, days: u64, filter: &IssueFilter) -> Result<Vec<ItemView>> {
        let before = self.pm.now_ms().saturating_sub(days.saturating_mul(DAY_MS));
        let mut found = self.pm.issues().list(&IssueFilter {
            limit: 0,
            ..filter.clone()
        })?;
        let at = |item: &ItemView| parse_rfc3339(&item.updated_at).unwrap_or(0);
        found.retain(|item| at(item) < before);
        found.sort_by_key(at);
        found.truncate(filter.limit());
        Ok(found)
    }

    /// The number of issues: in all, or by the values of a field (`status`, `priority`, `type`,
    /// `assignee`, `label`).
    ///
    /// # Errors
    /// When there is no such field, or as `Issues::list`.
    pub fn count(&self, filter: &IssueFilter, by: Option<&str>) -> Result<Vec<Tally>> {
        let items = self.pm.issues().list(&IssueFilter {
            limit: 0,
            ..filter.clone()
        })?;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for item in items {
            let groups = match by {
                None => vec!["total".to_string()],
                Some("status") => vec![item.status],
                Some("priority") => vec![format!("P{}", item.priority)],
                Some("type") => vec![item.item_type],
                Some("assignee") => vec![item.owner.unwrap_or_default()],
                Some("label") if item.labels.is_empty() => vec![String::new()],
                Some("label") => item.labels,
                Some(other) => {
                    let shown = crate::model::text::one_line(other);
                    return Err(
                        Error::usage(format!("`{shown}` is not a field to count by"))
                            .hint("use status, priority, type, assignee or label"),
                    );
                }
            };
            for group in groups {
                *counts.entry(group).or_default() += 1;
            }
        }
        if by.is_none() {
            counts.entry("total".into()).or_default();
        }
        let counts = counts.into_iter();
        Ok(counts
            .map(|(group, count)| Tally { group, count })
            .collect())
    }

    /// Open issues with the same content: title, text, design and acceptance; case and white space
    /// are ignored.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn duplicates(&self) -> Result<Vec<Group>> {
        let state = self.pm.store.snapshot()?;
        let here = self.pm.here();
        let plain = |text: &str| {
            let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
            words.join(" ")
        };
        let mut groups: BTreeMap<(Uid, Vec<String>), Vec<&Item>> = BTreeMap::new();
        let mut titles: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
        for item in state.scan(&Scan::Open(Some(ItemKind::Issue)), |_| true, usize::MAX) {
            titles.entry(plain(&item.title)).or_default().push(item);
        }
        // Only documents with the same title have to be read.
        for same in titles.into_values().filter(|same| same.len() > 1) {
            let first = same[0].uid.clone();
            for item in same {
                let texts = state.doc(&item.uid).map(|doc| {
                    let fields = ["design", "acceptance_criteria"];
                    let fields = fields.map(|name| plain(doc.text(name).unwrap_or_default()));
                    let mut texts = vec![plain(doc.body.text())];
                    texts.extend(fields);
                    texts
                });
                let key = (first.clone(), texts.unwrap_or_default());
                groups.entry(key).or_default().push(item);
            }
        }
        let mut out: Vec<Vec<&Item>> = groups.into_values().filter(|g| g.len() > 1).collect();
        for group in &mut out {
            group.sort_by(|a, b| (&a.created_at, &a.uid).cmp(&(&b.created_at, &b.uid)));
        }
        out.sort_by(|a, b| a[0].uid.cmp(&b[0].uid));
        let view = |item: &Item| item_view(&state, item, &here);
        let group = |items: Vec<&Item>| Group {
            items: items.into_iter().map(view).collect(),
        };
        Ok(out.into_iter().map(group).collect())
    }

    /// The direct children of an item, in the order of their ids.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn children(&self, id: &str) -> Result<Vec<ItemView>> {
        let state = self.pm.store.snapshot()?;
        let root = state.find(id)?.uid.clone();
        let here = self.pm.here();
        let found = state.children(&root).into_iter();
        Ok(found.map(|item| item_view(&state, item, &here)).collect())
    }

    /// The open epics (issues of that type, and items of kind epic) with their progress.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn epic_status(&self) -> Result<Vec<Part>> {
        let state = self.pm.store.snapshot()?;
        let here = self.pm.here();
        let items = state.items();
        let mut counts: BTreeMap<&Uid, (usize, usize)> = BTreeMap::new();
        for item in &items {
            for parent in parents(item) {
                let (total, closed) = counts.entry(parent).or_default();
                *total += 1;
                *closed += usize::from(item.status.is_closed());
            }
        }
        let epics = items.iter().filter(|item| {
            let issue = item.kind == ItemKind::Issue && item.item_type == "epic";
            (issue || item.kind == ItemKind::Epic)
                && !item.status.is_closed()
                && !item.issue.template
        });
        let part = |item: &&Item| {
            let (total, closed) = counts.get(&item.uid).copied().unwrap_or_default();
            Part {
                epic: item_view(&state, item, &here),
                total_children: total,
                closed_children: closed,
                eligible_for_close: total > 0 && total == closed,
            }
        };
        Ok(epics.map(part).collect())
    }

    /// The cycles of dependencies and of the hierarchy, each as the ids on it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn cycles(&self) -> Result<Vec<Vec<String>>> {
        let state = self.pm.store.snapshot()?;
        let items = state.items();
        let graph = crate::graph::Graph::new(&items, self.pm.now_ms());
        let shown = |uid: &Uid| state.item(uid).map(|item| state.shown_id(item));
        let cycles = graph.cycles().into_iter();
        Ok(cycles
            .map(|c| c.iter().filter_map(shown).collect())
            .collect())
    }
}

impl Pm {
    /// The items of a query that match a filter.
    fn filtered(
        &self,
        state: &State<'_>,
        which: &Scan<'_>,
        filter: &IssueFilter,
    ) -> Result<Vec<ItemView>> {
        let root = filter
            .parent
            .as_ref()
            .map(|id| state.find(id))
            .transpose()?;
        let below = root.map(|root| {
            below(state, &root.uid)
                .into_iter()
                .collect::<BTreeSet<Uid>>()
        });
        let mut ids = Vec::new();
        for id in &filter.ids {
            ids.push(state.find(id)?.uid.clone());
        }
        let wants = |item: &Item| filter.wants(item, below.as_ref(), &ids);
        let found = state.scan(which, wants, filter.limit());
        let here = self.here();
        Ok(found
            .into_iter()
            .map(|item| item_view(state, item, &here))
            .collect())
    }
}

fn parents(item: &Item) -> impl Iterator<Item = &Uid> {
    let edges = item.edges.iter().filter(|e| e.kind == "parent-child");
    let mut all: Vec<&Uid> = edges
        .map(|e| &e.target)
        .chain(&item.epic)
        .filter_map(|t| t.uid.as_ref())
        .collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
}
