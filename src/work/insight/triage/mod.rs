//! The next actions: all open items, ranked, with the reasons and commands.

mod alerts;
mod score;
mod triage_view;

pub use alerts::{Alert, Severity};
pub use score::{Breakdown, Part};
pub use triage_view::{
    BlockerToClear, Commands, Meta, Pick, QuickRef, QuickWin, Recommendation, TriageView,
};

use super::silent_holders::SilentClaim;
use super::{LIST_LENGTH_DEFAULT, Survey, is_under_way};
use crate::error::Result;
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Insights;
use crate::store::env::Env;
use crate::store::handle::Actor;
use crate::work::insight;
use crate::work::insight::silent_holders;
use crate::work::task::merge::contested;
use crate::work::task::start::obstacle::Obstacles;
use score::Scores;

/// The number of ids in a sentence.
const SHOWN: usize = 5;
/// The number of picks in the quick reference.
const PICKS: usize = 3;

impl Insights<'_> {
    /// The next actions: open tasks and issues ranked by priority, waiting items, the
    /// longest chain of work behind them and age, the first `limit` of each list. The picks are
    /// chosen from all items that can be started, even if the list of recommendations is shorter.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn triage(&self, limit: Option<usize>) -> Result<TriageView> {
        let state = self.pm.store.snapshot()?;
        let survey = insight::survey(self.pm, &state);
        let silent = silent_holders::silent_claims(self.pm, &state);
        let limit = limit.unwrap_or(LIST_LENGTH_DEFAULT);
        let obstacles = Obstacles::new(self.pm, &state);
        let mut view = Triage::new(self.pm, &survey, limit, &silent, &obstacles).view();
        for one in &mut view.recommendations {
            let is_submitted = ["integrate", "review"].contains(&one.action.as_str());
            if is_submitted
                && let Ok(item) = state.find(&one.id)
                && contested::is_conflicting(self.pm, &state, item)
            {
                let note = "--note \"it conflicts: merge the target\"";
                one.action = "return".into();
                one.command = format!("git pm task return {} {note}", one.id);
                one.reasons.push("conflicts with its target".into());
            }
        }
        if view.quick_ref.top_picks.is_empty() {
            view.idle = Some(self.pm.insights().idle()?);
        }
        Ok(view)
    }
}

/// The data of one triage.
struct Triage<'t, 's, 'r> {
    survey: &'t Survey<'s, 'r>,
    /// The requesting actor.
    actor: &'t Actor,
    env: &'t Env,
    limit: usize,
    /// Claims whose holders may have stopped.
    silent: &'t [SilentClaim],
    obstacles: &'t Obstacles<'s, 'r>,
    scores: Scores,
    /// The open items in the order of age, each with the number of items that wait for it.
    open: Vec<(Uid, usize)>,
    frees: crate::graph::Unblocks,
    causes: crate::graph::Causes<'t, 's>,
}

impl<'t, 's, 'r> Triage<'t, 's, 'r> {
    fn new(
        pm: &'t Pm,
        survey: &'t Survey<'s, 'r>,
        limit: usize,
        silent: &'t [SilentClaim],
        obstacles: &'t Obstacles<'s, 'r>,
    ) -> Self {
        let open = survey.graph.open();
        Triage {
            scores: Scores::new(survey, &open),
            survey,
            actor: &pm.actor,
            env: pm.env(),
            limit,
            silent,
            obstacles,
            open,
            frees: survey.graph.unblocks(),
            causes: survey.graph.causes(),
        }
    }

    fn view(&self) -> TriageView {
        let health = self.survey.health(self.limit);
        let counts = &health.counts;
        let picks: Vec<&Item> = self.startable();
        let top = picks.first().map(|item| self.survey.state.shown_id(item));
        TriageView {
            meta: Meta {
                generated_at: rfc3339(self.survey.now_ms),
                item_count: counts.total,
            },
            quick_ref: QuickRef {
                open_count: counts.open_count,
                actionable_count: counts.actionable_count,
                blocked_count: counts.blocked_count,
                in_progress_count: counts.in_progress_count,
                deferred_count: counts.deferred_count,
                container_count: counts.container_count,
                not_closed_count: counts.not_closed_count,
                not_actionable_count: counts.not_actionable_count,
                top_picks: picks.iter().take(PICKS).map(|i| self.pick(i)).collect(),
            },
            recommendations: self.recommendations(),
            quick_wins: self.quick_wins(&picks),
            blockers_to_clear: self.blockers(),
            alerts: self.alerts(counts),
            project_health: health,
            idle: None,
            partial: self.frees.partial,
            commands: Commands {
                claim_top: top.as_ref().map(|id| format!("git pm start {id}")),
                show_top: top.as_ref().map(|id| format!("git pm show {id}")),
                list_ready: "git pm ready".into(),
                list_blocked: "git pm blocked".into(),
                refresh_triage: "git pm triage".into(),
            },
        }
    }

    /// The items that the actor can start now, best first.
    fn startable(&self) -> Vec<&'s Item> {
        let ready = self.survey.graph.ready();
        let items = ready.iter().filter_map(|uid| self.survey.item(uid));
        let now_ms = self.survey.now_ms;
        let mine = items.filter(|item| {
            item.is_free_for(&self.actor.name, now_ms) && self.obstacles.is_free(item)
        });
        let mut items: Vec<&Item> = mine.collect();
        self.scores.sort(&mut items);
        items
    }

    fn unblocks(&self, uid: &Uid) -> Vec<String> {
        let freed = self.survey.graph.unblocked(&self.frees, uid);
        self.survey.ids(&freed)
    }

    fn blocked_by(&self, uid: &Uid) -> Vec<String> {
        let (blockers, _) = self.causes.blockers(uid, usize::MAX);
        let blockers = blockers.into_iter();
        blockers.map(|b| self.survey.id(&b.uid)).collect()
    }

    fn pick(&self, item: &Item) -> Pick {
        let unblocks = self.unblocks(&item.uid);
        Pick {
            id: self.survey.state.shown_id(item),
            title: item.title.clone(),
            score: self.scores.of(item).total,
            reasons: self.scores.reasons(self.survey, item, &unblocks),
            unblocks: unblocks.len(),
        }
    }

    fn recommendations(&self) -> Vec<Recommendation> {
        let work = self.survey.graph.open_work();
        let items = work.iter().filter_map(|uid| self.survey.item(uid));
        // Containers are done when their children are. An item that can be neither started nor
        // continued, and waits for nothing, is deferred.
        let graph = &self.survey.graph;
        let counts = |item: &&Item| {
            item.status != Status::Deferred
                && !graph.is_container(&item.uid)
                && (item.status == Status::Blocked
                    || is_under_way(item)
                    || graph.is_ready(&item.uid)
                    || graph.waits(&item.uid))
        };
        let mut items: Vec<&Item> = items.filter(counts).collect();
        self.scores.sort(&mut items);
        items.truncate(self.limit);
        items.into_iter().map(|item| self.recommend(item)).collect()
    }

    fn recommend(&self, item: &Item) -> Recommendation {
        let unblocks = self.unblocks(&item.uid);
        let blocked_by = self.blocked_by(&item.uid);
        let mut reasons = self.scores.reasons(self.survey, item, &unblocks);
        let (action, verb) = self.action(item, &blocked_by);
        match (action, item.owner()) {
            ("start", Some(owner)) if item.holder().is_some() => {
                reasons.push(format!("the lease of {owner} is over"));
            }
            ("ask", Some(owner)) if item.holder().is_some() => {
                reasons.push(format!("{owner} is working on it"));
            }
            ("review", _) if self.actor.is_agent => {
                reasons.push("waits for a human's approval".into());
            }
            ("ask", Some(owner)) => reasons.push(format!("assigned to {owner}")),
            ("wait", _) if self.survey.graph.awaits_decision(&item.uid) => {
                reasons.push("its document changed after the plan was approved".into());
            }
            ("wait", _) if !blocked_by.is_empty() => {
                reasons.push(format!("waits for {}", first_of(&blocked_by, SHOWN)));
            }
            ("wait", _) => {
                let obstacle = self.obstacles.of(item);
                let words = obstacle.map(|one| one.words(self.survey.state, self.env).1);
                reasons.extend(words);
            }
            _ => {}
        }
        Recommendation {
            id: self.survey.state.shown_id(item),
            title: item.title.clone(),
            item_type: item.item_type.clone(),
            status: item.status_at(self.survey.now_ms).to_string(),
            owner: item.owner().map(str::to_string),
            assignee: item.assignee.clone(),
            priority: item.priority,
            labels: item.labels.clone(),
            score: self.scores.of(item).total,
            breakdown: self.scores.of(item),
            action: action.into(),
            command: format!("git pm {verb} {}", self.survey.state.shown_id(item)),
            reasons,
            unblocks_ids: unblocks,
            blocked_by,
        }
    }

    /// The action for an item, and the verb that starts it.
    fn action(&self, item: &Item, blocked_by: &[String]) -> (&'static str, &'static str) {
        let mine = match item.holder() {
            Some(claim) => claim.actor == self.actor.name,
            None => item.is_free_for(&self.actor.name, self.survey.now_ms),
        };
        match &item.status {
            // Only a human can approve.
            Status::InReview if self.actor.is_agent => ("review", "show"),
            Status::InReview => ("review", "task approve"),
            Status::ReadyForIntegration => ("integrate", "merge"),
            Status::Blocked if blocked_by.is_empty() => ("unblock", "why"),
            _ if is_under_way(item) && mine => ("continue", "show"),
            Status::InProgress if self.is_left(item) => ("start", "start"),
            _ if is_under_way(item) => ("ask", "show"),
            _ if !self.survey.graph.is_ready(&item.uid) || !self.obstacles.is_free(item) => {
                ("wait", "why")
            }
            _ if mine => ("start", "start"),
            _ => ("ask", "show"),
        }
    }

    /// True if the leases of all holders of an item are over.
    fn is_left(&self, item: &Item) -> bool {
        let mut claims = item.open_claims();
        item.holder().is_some() && claims.all(|claim| claim.may_be_taken_over(self.survey.now_ms))
    }

    fn quick_wins(&self, startable: &[&Item]) -> Vec<QuickWin> {
        let small = |item: &&&Item| matches!(item.estimate.as_deref(), Some("XS" | "S"));
        let wins = startable.iter().filter(small).take(self.limit);
        wins.map(|item| {
            let unblocks_ids = self.unblocks(&item.uid);
            let size = item.estimate.as_deref().unwrap_or_default();
            let frees = match unblocks_ids.len() {
                0 => String::new(),
                1 => "; closing it unblocks one more item".into(),
                n => format!("; closing it unblocks {n} more items"),
            };
            QuickWin {
                id: self.survey.state.shown_id(item),
                title: item.title.clone(),
                score: self.scores.of(item).total,
                reason: format!("estimated {size}{frees}"),
                unblocks_ids,
            }
        })
        .collect()
    }

    fn blockers(&self) -> Vec<BlockerToClear> {
        let mut blockers: Vec<&(Uid, usize)> = self.open.iter().filter(|(_, n)| *n > 0).collect();
        let freed = |uid: &Uid| self.survey.graph.unblocked_count(&self.frees, uid);
        // Stable: equal ones stay in the order of age.
        blockers.sort_by_cached_key(|(uid, n)| std::cmp::Reverse((freed(uid), *n)));
        blockers.truncate(self.limit);
        let items = blockers.into_iter().filter_map(|(uid, _)| {
            let item = self.survey.item(uid)?;
            let unblocks_ids = self.unblocks(&item.uid);
            Some(BlockerToClear {
                id: self.survey.state.shown_id(item),
                title: item.title.clone(),
                unblocks_count: unblocks_ids.len(),
                unblocks_ids,
                actionable: self.survey.graph.is_ready(&item.uid) && self.obstacles.is_free(item),
                blocked_by: self.blocked_by(&item.uid),
            })
        });
        items.filter(|b| b.unblocks_count > 0).collect()
    }
}
