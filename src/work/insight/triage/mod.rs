//! The next actions: all open items, ranked, with the reasons and commands.

mod alerts;
mod score;
mod triage_view;

pub use alerts::{Alert, Severity};
pub use score::{Breakdown, Part};
pub use triage_view::{
    BlockerToClear, Commands, Pick, QuickRef, QuickWin, Recommendation, TriageView,
};

use std::cmp::Reverse;

use super::project_health::{Sums, sums};
use super::silent_holders::SilentClaim;
use super::{LIST_LENGTH_DEFAULT, Survey, first_by_key, is_under_way};
use crate::coordinate::claim::ownership;
use crate::error::Result;
use crate::graph::{Is, Light, Vertex};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Insights;
use crate::store::env::Env;
use crate::work::insight::silent_holders;
use crate::work::moves;
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
        let (sums, lights) = sums(self.pm, &state);
        let survey = Survey::of_lights(self.pm, &state, &lights);
        let silent = silent_holders::silent_claims(self.pm, &state);
        let limit = limit.unwrap_or(LIST_LENGTH_DEFAULT);
        let obstacles = Obstacles::new(self.pm, &state);
        let mut view = Triage::new(self.pm, &survey, limit, &silent, &obstacles).view(&sums);
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
    survey: &'t Survey<'s, 'r, Light>,
    /// The repository, with the requesting actor.
    pm: &'t Pm,
    env: &'t Env,
    limit: usize,
    /// Claims whose holders may have stopped.
    silent: &'t [SilentClaim],
    obstacles: &'t Obstacles<'s, 'r>,
    scores: Scores<'t, 's, 'r>,
    frees: crate::graph::Unblocks,
    causes: crate::graph::Causes<'t, 's, Light>,
}

impl<'t, 's, 'r> Triage<'t, 's, 'r> {
    fn new(
        pm: &'t Pm,
        survey: &'t Survey<'s, 'r, Light>,
        limit: usize,
        silent: &'t [SilentClaim],
        obstacles: &'t Obstacles<'s, 'r>,
    ) -> Self {
        Triage {
            scores: Scores::new(survey),
            survey,
            pm,
            env: pm.env(),
            limit,
            silent,
            obstacles,
            frees: survey.graph.unblocks(),
            causes: survey.graph.causes(),
        }
    }

    fn view(&self, sums: &Sums) -> TriageView {
        let health = self.survey.health(sums, self.limit);
        let ready = self.ready();
        let best = self.scores.in_order(ready.iter().copied());
        let picks = self.startable(best).take(PICKS);
        let top_picks: Vec<Pick> = picks.map(|(light, item)| self.pick(light, item)).collect();
        let top = top_picks.first().map(|pick| pick.id.clone());
        TriageView {
            quick_ref: QuickRef { top_picks },
            recommendations: self.recommendations(),
            quick_wins: self.quick_wins(&ready),
            blockers_to_clear: self.blockers(),
            alerts: self.alerts(&health.counts),
            project_health: health,
            idle: None,
            partial: self.frees.partial,
            commands: Commands {
                claim_top: top.as_ref().map(|id| format!("git pm start {id}")),
                show_top: top.as_ref().map(|id| format!("git pm show {id}")),
            },
        }
    }

    /// The ready items, in the order of age.
    fn ready(&self) -> Vec<&'s Light> {
        let graph = &self.survey.graph;
        let items = graph.vertices().iter().copied().enumerate();
        let ready = items.filter(|(place, _)| graph.is_ready_at(*place));
        ready.map(|(_, item)| item).collect()
    }

    /// Those of some ready items that the actor can start now: no more are read than are taken.
    fn startable<'i>(
        &self,
        ready: impl Iterator<Item = &'i Light>,
    ) -> impl Iterator<Item = (&'i Light, &'s Item)> {
        let whole = ready.filter_map(|light| Some((light, self.survey.whole(light.uid())?)));
        whole.filter(|(_, item)| self.pm.may_take(item) && self.obstacles.is_free(item))
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

    fn pick(&self, light: &Light, item: &Item) -> Pick {
        let unblocks = self.unblocks(&item.uid);
        Pick {
            id: self.survey.state.shown_id(item),
            title: item.title.clone(),
            score: self.scores.of(light).total,
            reasons: self.scores.reasons(light, item, &unblocks),
            unblocks: unblocks.len(),
        }
    }

    fn recommendations(&self) -> Vec<Recommendation> {
        let items = self.survey.open().filter(|item| item.is(Is::Work));
        // Containers are done when their children are. An item that can be neither started nor
        // continued, and waits for nothing, is deferred.
        let graph = &self.survey.graph;
        let counts = |item: &&Light| {
            !item.is(Is::Deferred)
                && !graph.is_container(item.uid())
                && (item.is(Is::Blocked)
                    || item.is(Is::UnderWay)
                    || graph.is_ready(item.uid())
                    || graph.waits(item.uid()))
        };
        let items = self.scores.in_order(items).filter(counts);
        let items: Vec<&Light> = items.take(self.limit).collect();
        self.survey.prepare(items.len());
        let whole = |light: &Light| Some(self.recommend(light, self.survey.whole(light.uid())?));
        items.into_iter().filter_map(whole).collect()
    }

    fn recommend(&self, light: &Light, item: &Item) -> Recommendation {
        let unblocks = self.unblocks(&item.uid);
        let blocked_by = self.blocked_by(&item.uid);
        let mut reasons = self.scores.reasons(light, item, &unblocks);
        let (action, verb) = self.action(item, &blocked_by);
        match (action, item.owner()) {
            ("start", Some(owner)) if item.holder().is_some() => {
                reasons.push(format!("the lease of {owner} is over"));
            }
            ("ask", Some(owner)) if item.holder().is_some() => {
                reasons.push(format!("{owner} is working on it"));
            }
            ("review", _) if self.pm.actor.is_agent => {
                reasons.push("waits for a human's approval".into());
            }
            ("ask", Some(owner)) => reasons.push(format!("assigned to {owner}")),
            ("continue", _) if item.status == Status::InReview => {
                reasons.push("in review without a branch".into());
            }
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
            assignee: item.owner().map(str::to_string),
            priority: item.priority,
            labels: item.labels.clone(),
            score: self.scores.of(light).total,
            breakdown: self.scores.of(light),
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
            Some(claim) => ownership::holds(self.pm, item, claim),
            None => self.pm.may_take(item),
        };
        let step = || moves::step_of(self.pm, self.survey.state, item);
        match &item.status {
            // Only a human can approve, and only a branch: imported work may have none.
            Status::InReview if item.branch.is_some() => match self.pm.actor.is_agent {
                true => ("review", "show"),
                false => ("review", step()),
            },
            Status::ReadyForIntegration => ("integrate", step()),
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

    fn quick_wins(&self, ready: &[&Light]) -> Vec<QuickWin> {
        let small = ready.iter().copied().filter(|item| item.is(Is::Small));
        let best = self.scores.in_order(small);
        let wins = self.startable(best).take(self.limit);
        wins.map(|(light, item)| {
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
                score: self.scores.of(light).total,
                reason: format!("estimated {size}{frees}"),
                unblocks_ids,
            }
        })
        .collect()
    }

    fn blockers(&self) -> Vec<BlockerToClear> {
        let graph = &self.survey.graph;
        let items = graph.vertices().iter().copied().enumerate();
        let open = items.filter(|(_, item)| item.is(Is::Open));
        let blockers = open.filter(|(place, _)| graph.dependents_at(*place) > 0);
        // Equal ones in the order of age.
        let blockers = first_by_key(blockers, self.limit, |(place, _)| {
            let freed = graph.unblocked_count_at(&self.frees, *place);
            Reverse((freed, graph.dependents_at(*place)))
        });
        self.survey.prepare(blockers.len());
        let items = blockers.into_iter().filter_map(|(_, light)| {
            let item = self.survey.whole(light.uid())?;
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
