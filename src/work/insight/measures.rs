//! The measures of the whole graph, each with its method.

mod measures_view;

pub use measures_view::{
    BrokenEdge, Cored, Degree, Done, InsightView, Measure, Metric, Scored, Slotted, Stale,
};

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::{ItemLine, LIMIT, Survey, is_under_way};
use crate::error::Result;
use crate::graph::{Network, Slot};
use crate::model::uid::Uid;
use crate::pm::handles::Insights;

/// PageRank: the share of an item's rank that is passed on.
pub(super) const DAMPING: f64 = 0.85;
/// PageRank: the change of a round below which it ends.
pub(super) const TOLERANCE: f64 = 1e-6;
/// Betweenness is exact up to that many steps along edges: about 0.1 s.
pub(super) const EXACT_STEPS: usize = 10_000_000;
/// Otherwise the paths from that many items are followed.
pub(super) const PIVOTS: usize = 200;
/// The days without a change after which work in progress is stale.
pub(super) const STALE_UNDER_WAY: u64 = 7;
/// The days without a change after which other open items are stale.
pub(super) const STALE_OPEN: u64 = 30;

impl Insights<'_> {
    /// The measures of the graph of open items, with the first `limit` items of each; those not in
    /// `only` are skipped, unless that is empty. The same in every clone, except staleness, which
    /// depends on the time.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn measures(&self, only: &[Metric], limit: Option<usize>) -> Result<InsightView> {
        let state = self.pm.store.snapshot()?;
        let survey = self.pm.survey(&state);
        Ok(survey.measure(only, limit.unwrap_or(LIMIT)))
    }
}

impl Survey<'_, '_> {
    fn measure(&self, only: &[Metric], limit: usize) -> InsightView {
        let net = self.graph.network();
        let wants = |metric| only.is_empty() || only.contains(&metric);
        let mut view = InsightView {
            node_count: net.nodes(),
            edge_count: net.edges(),
            density: net.density(),
            ..InsightView::default()
        };
        if wants(Metric::Cycles) {
            let cycles = self.graph.cycles();
            let shown = cycles.iter().take(limit).map(|cycle| self.ids(cycle));
            view.cycles = Measure::computed(shown.collect()).with("count", json!(cycles.len()));
            let broken = self.graph.broken().into_iter().take(limit);
            view.broken_edges = broken
                .map(|edge| BrokenEdge {
                    from: self.id(&edge.uid),
                    to: self.id(&edge.target),
                    via: edge.via.to_string(),
                })
                .collect();
        }
        if wants(Metric::CriticalPath) {
            (view.critical_path, view.slack) = self.times(limit);
        }
        if wants(Metric::PageRank) {
            let rank = net.page_rank(DAMPING, TOLERANCE);
            let scored = self.scored(&net, &rank.scores, limit);
            view.pagerank = Measure::computed(scored)
                .with("damping", json!(DAMPING))
                .with("tolerance", json!(TOLERANCE))
                .with("rounds", json!(rank.rounds));
            if !rank.converged {
                view.pagerank.status = Done::Approximated;
            }
        }
        if wants(Metric::Betweenness) {
            let found = net.betweenness(EXACT_STEPS, PIVOTS);
            view.betweenness = Measure::computed(self.scored(&net, &found.scores, limit));
            if let Some(pivots) = found.pivots {
                view.betweenness.status = Done::Approximated;
                let rule = "evenly spread over the items that wait, in order of age";
                view.betweenness.parameters =
                    [("pivots", json!(pivots)), ("pivot_rule", json!(rule))].into();
            }
        }
        if wants(Metric::ArticulationPoints) {
            let points = net.articulation_points();
            let found: Vec<usize> = (0..net.nodes()).filter(|node| points[*node]).collect();
            let items = self.lines(&net, &found, limit, |node| {
                net.waits(node) + net.dependents(node)
            });
            view.articulation_points = Measure::computed(items).with("count", json!(found.len()));
        }
        if wants(Metric::Cores) {
            let cores = net.cores();
            let all: Vec<usize> = (0..net.nodes()).filter(|node| cores[*node] > 0).collect();
            let best = top(&all, limit, |node| cores[node]);
            let items = best.into_iter().filter_map(|node| {
                let item = self.line_of(&net.uids[node])?;
                let core = cores[node];
                Some(Cored { item, core })
            });
            view.cores = Measure::computed(items.collect())
                .with("greatest", json!(cores.iter().max().copied().unwrap_or(0)));
        }
        if wants(Metric::Degree) {
            let all: Vec<usize> = (0..net.nodes())
                .filter(|n| net.waits(*n) + net.dependents(*n) > 0)
                .collect();
            let best = top(&all, limit, |node| net.waits(node) + net.dependents(node));
            let items = best.into_iter().filter_map(|node| {
                Some(Degree {
                    item: self.line_of(&net.uids[node])?,
                    waits_for: net.waits(node),
                    waited_for_by: net.dependents(node),
                })
            });
            view.degree = Measure::computed(items.collect());
        }
        if wants(Metric::Staleness) {
            view.staleness = self.stale(limit);
        }
        view
    }

    fn times(&self, limit: usize) -> (Measure<Slotted>, Measure<Slotted>) {
        let schedule = self.graph.schedule();
        let slots: HashMap<&str, &Slot> = schedule
            .slots
            .iter()
            .map(|slot| (slot.uid.as_str(), slot))
            .collect();
        let slotted = |slot: &Slot| {
            Some(Slotted {
                item: self.line_of(&slot.uid)?,
                hours: slot.hours,
                start: slot.start,
                slack: slot.slack,
            })
        };
        let path = schedule.path.iter().filter_map(|uid| {
            let slot = slots.get(uid.as_str())?;
            slotted(slot)
        });
        let mut path = Measure::computed(path.collect())
            .with("hours", json!(schedule.hours))
            .with("width", json!(schedule.width))
            .with(
                "hours_by_estimate",
                json!({"XS": 1, "S": 2, "M": 4, "L": 8, "XL": 16}),
            );
        path.parameters.insert("hours_without_estimate", json!(4));
        let on_path: HashSet<&Uid> = schedule.path.iter().collect();
        let mut beside: Vec<&Slot> = schedule
            .slots
            .iter()
            .filter(|slot| !on_path.contains(&slot.uid))
            .collect();
        beside.sort_by_key(|slot| slot.slack);
        let beside = beside.into_iter().take(limit).filter_map(slotted);
        let slack = Measure::computed(beside.collect());
        (path, slack)
    }

    /// The best nodes with a score above zero.
    fn scored(&self, net: &Network, scores: &[f64], limit: usize) -> Vec<Scored> {
        let mut best: Vec<usize> = (0..net.nodes())
            .filter(|node| scores[*node] > 0.0)
            .collect();
        best.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        best.truncate(limit);
        let scored = best.into_iter().filter_map(|node| {
            let item = self.line_of(&net.uids[node])?;
            let score = scores[node];
            Some(Scored { item, score })
        });
        scored.collect()
    }

    fn lines(
        &self,
        net: &Network,
        nodes: &[usize],
        limit: usize,
        weight: impl Fn(usize) -> usize,
    ) -> Vec<ItemLine> {
        let best = top(nodes, limit, weight).into_iter();
        best.filter_map(|node| self.line_of(&net.uids[node]))
            .collect()
    }

    /// Open items without a change for long, the longest first.
    pub(super) fn stale(&self, limit: usize) -> Measure<Stale> {
        let mut stale: Vec<(u64, usize)> = Vec::new();
        let open: Vec<_> = self.open().collect();
        for (n, item) in open.iter().enumerate() {
            let days = self.days_untouched(item);
            let after = if is_under_way(item) {
                STALE_UNDER_WAY
            } else {
                STALE_OPEN
            };
            if days >= after {
                stale.push((days, n));
            }
        }
        stale.sort_by_key(|(days, n)| (std::cmp::Reverse(*days), *n));
        let count = stale.len();
        let items = stale.into_iter().take(limit).map(|(days, n)| Stale {
            item: self.line(open[n]),
            days,
        });
        Measure::computed(items.collect())
            .with("count", json!(count))
            .with("days_under_way", json!(STALE_UNDER_WAY))
            .with("days_open", json!(STALE_OPEN))
    }
}

/// The nodes of greatest weight, lower indexes first.
fn top(nodes: &[usize], limit: usize, weight: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut best = nodes.to_vec();
    best.sort_by_key(|node| (std::cmp::Reverse(weight(*node)), *node));
    best.truncate(limit);
    best
}
