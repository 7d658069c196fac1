//! Which agent gets each task of a run.
//!
//! The routes in force decide it, the limits of the machine and the providers, and the agents that
//! have given a task up.

use std::collections::BTreeMap;
use std::time::Instant;

use super::model_agent;
use super::options::{RunAgent, RunOptions};
use super::record::Job;
use crate::agent::headless::With;
use crate::agent::route::{self, Agent, Caps, Choice, Chosen, Duty, Facts, Routes, Source, Trust};
use crate::agent::sandbox::Rules;
use crate::coordinate::privacy::{Privacy, not_local};
use crate::error::{Error, Reason, Result};
use crate::model::item::Item;
use crate::model::text::{excerpt, first_of};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;

/// The maximum length of a quoted failure reason, in characters.
const CAUSE_MAX: usize = 300;

/// The agents of a run.
pub(super) struct Routing {
    /// The agent for all tasks; `None` if the routes decide.
    one: Option<Agent>,
    routes: Routes,
    privacy: Privacy,
    /// The agents that cannot be started here, as written in the routes, with the reasons.
    unusable: BTreeMap<String, String>,
    /// The agents that have given a task up, with the causes.
    given_up: BTreeMap<Uid, Vec<(Agent, String)>>,
    /// The time until which each provider rate-limits requests.
    pub limited: BTreeMap<String, Instant>,
}

/// The agent that takes a task.
pub(super) struct Pick {
    pub agent: Agent,
    pub duty: Duty,
    pub caps: Caps,
    pub trust: Trust,
    /// The agents that the user declares local.
    pub local_agents: Vec<String>,
    /// The log message about the choice.
    pub choice_message: Option<String>,
}

impl Routing {
    /// Reads the settings. Does not check which agents can be started.
    pub(super) fn of(pm: &Pm, options: &RunOptions) -> Result<Routing> {
        let one = match &options.with {
            RunAgent::Auto => None,
            RunAgent::One(with) => Some(Agent {
                with: with.clone(),
                model: options.model.clone(),
            }),
        };
        let routes = match &one {
            None => Routes::of(pm)?,
            // Invalid routes must not stop a run that does not use them.
            Some(_) => Routes::of(pm).or_else(|_| Routes::built_in_of(pm))?,
        };
        Ok(Routing {
            one,
            routes,
            privacy: Privacy::of(pm)?,
            unusable: BTreeMap::new(),
            given_up: BTreeMap::new(),
            limited: BTreeMap::new(),
        })
    }

    /// Determines which agents can be started, and returns warnings for the user, including the
    /// agents that cannot.
    ///
    /// # Errors
    /// When no agent of the routes can be started.
    pub(super) fn check(&mut self, pm: &Pm) -> Result<Vec<String>> {
        if self.one.is_some() {
            return Ok(Vec::new());
        }
        let usable = self.survey(pm)?;
        if usable.is_empty() {
            let unusable = self.unusable.iter();
            let reasons: Vec<String> = unusable
                .map(|(agent, reason)| format!("{agent}: {reason}"))
                .collect();
            let reasons = match reasons.is_empty() {
                true => format!("the profile {} names no agent", self.routes.profile),
                false => first_of(&reasons, 3),
            };
            let error = Error::usage(format!(
                "none of the routes' agents can be started: {reasons}"
            ))
            .because(Reason::RunNoProgram)
            .hint("`git pm route show` lists them; use pm.route to name others");
            let installed = With::installed(&pm.store.env().vars).join(",");
            return Err(match installed.is_empty() {
                true => error,
                false => error.hint(format!(
                    "`git pm config pm.route all={installed}` routes every role to what is \
                     installed here"
                )),
            });
        }
        let rules = Rules::of(pm)?;
        let mut warnings = self.routes.warnings.clone();
        let left_out = self.unusable.iter();
        warnings.extend(left_out.map(|(agent, reason)| format!("{agent} is left out: {reason}")));
        for agent in usable {
            for warning in rules.warnings(pm, &agent.with)? {
                if !warnings.contains(&warning) {
                    warnings.push(warning);
                }
            }
        }
        Ok(warnings)
    }

    /// Determines which agents of the routes can be started, and returns them.
    pub(super) fn survey(&mut self, pm: &Pm) -> Result<Vec<Agent>> {
        let rules = Rules::of(pm)?;
        let mut usable = Vec::new();
        for agent in self.routes.all() {
            if self.routes.keeps_out(&agent).is_some() {
                continue;
            }
            match cannot_start(pm, &rules, &agent) {
                Some(reason) => drop(self.unusable.insert(agent.to_string(), reason)),
                None => usable.push(agent),
            }
        }
        Ok(usable)
    }

    /// The routes.
    pub(super) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The reason an agent was found to be unusable.
    pub(super) fn unusable(&self, agent: &Agent) -> Option<&str> {
        self.unusable.get(&agent.to_string()).map(String::as_str)
    }

    /// The trust in an agent.
    pub(super) fn trust(&self, pm: &Pm, with: &With) -> Trust {
        trust(pm, with, &self.privacy.local_agents)
    }

    /// The reason an item must not leave this machine.
    pub(super) fn private(&self, state: &State<'_>, item: &Item) -> Option<String> {
        self.privacy.reason(state, item)
    }

    /// The agents for an item, and those excluded.
    pub(super) fn chosen(&self, pm: &Pm, state: &State<'_>, item: &Item, duty: &Duty) -> Chosen {
        let private = self.private(state, item);
        let trust = |with: &With| self.trust(pm, with);
        let given_up = self.given_up.get(&item.uid);
        let refuse = |agent: &Agent| {
            let mut by_task = given_up.into_iter().flatten();
            let cause = by_task.find(|(one, _)| one == agent);
            cause
                .map(|(_, cause)| cause.clone())
                .or_else(|| self.unusable(agent).map(str::to_string))
        };
        match &self.one {
            None => self
                .routes
                .choose(duty, private.as_deref(), &trust, &refuse),
            Some(one) => {
                let is_kept_out = private.is_some() && trust(&one.with) != Trust::Local;
                let reason = private.filter(|_| is_kept_out);
                let excluded = reason.map(|why| route::Excluded {
                    agent: one.clone(),
                    reason: not_local(&why),
                });
                let own = Choice {
                    agent: one.clone(),
                    source: Source::Configuration,
                };
                Chosen {
                    agents: [own].into_iter().filter(|_| excluded.is_none()).collect(),
                    excluded: excluded.into_iter().collect(),
                }
            }
        }
    }

    /// The reason no agent may be started on an item, and whether its agent's provider is currently
    /// rate-limiting requests.
    pub(super) fn holds(
        &self,
        pm: &Pm,
        state: &State<'_>,
        item: &Item,
        job: Option<&Job>,
    ) -> (Option<String>, bool) {
        // With one agent and no rate limits only privacy matters, and most items are not private.
        if self.one.is_some() && self.limited.is_empty() && self.private(state, item).is_none() {
            return (None, false);
        }
        let chosen = self.chosen(pm, state, item, &duty_of(item, job));
        match chosen.agents.first() {
            Some(choice) => {
                let until = self.limited.get(&choice.agent.provider());
                (None, until.is_some_and(|until| Instant::now() < *until))
            }
            None => (Some(no_agent(&chosen)), false),
        }
    }

    /// The agent that takes an item now.
    pub(super) fn pick(&self, pm: &Pm, state: &State<'_>, item: &Item, job: &Job) -> Option<Pick> {
        let duty = duty_of(item, Some(job));
        let chosen = self.chosen(pm, state, item, &duty);
        let agent = chosen.agents.first()?.agent.clone();
        let choice_message = self.one.is_none().then(|| {
            let mut message = format!("routed to {}: {}", agent.name(), duty.why.join("; "));
            let before = chosen
                .excluded
                .iter()
                .map(|one| format!("; not to {}: {}", one.agent.name(), one.reason));
            message.extend(before);
            message
        });
        Some(Pick {
            caps: self.routes.caps(duty.role, &agent),
            trust: self.trust(pm, &agent.with),
            local_agents: self.privacy.local_agents.clone(),
            agent,
            duty,
            choice_message,
        })
    }

    /// Records that an agent gave an item up, if another one can take it, and returns that one.
    pub(super) fn pass_on(
        &mut self,
        pm: &Pm,
        (state, item): (&State<'_>, &Item),
        job: &Job,
        agent: &Agent,
        cause: &str,
    ) -> Option<Agent> {
        if self.one.is_some() {
            return None;
        }
        let cause = format!("it has failed: {}", excerpt(cause, CAUSE_MAX));
        let all = self.given_up.entry(item.uid.clone()).or_default();
        all.push((agent.clone(), cause));
        let chosen = self.chosen(pm, state, item, &duty_of(item, Some(job)));
        let next = chosen.agents.into_iter().next();
        if next.is_none() {
            self.begin_again(&item.uid);
        }
        next.map(|choice| choice.agent)
    }

    /// Forgets the agents that have given an item up.
    pub(super) fn begin_again(&mut self, item: &Uid) {
        self.given_up.remove(item);
    }
}

/// The trust in an agent, where `own` are those that the user declares local.
pub(super) fn trust(pm: &Pm, with: &With, own: &[String]) -> Trust {
    route::trust(with, own, &|name| model_agent::is_here(pm, name))
}

/// The reason an item has no agent, as a phrase.
fn no_agent(chosen: &Chosen) -> String {
    let reasons: Vec<String> = chosen
        .excluded
        .iter()
        .map(|one| format!("{}: {}", one.agent.name(), one.reason))
        .collect();
    match reasons.is_empty() {
        true => "no route names an agent for it".into(),
        false => format!("no agent may take it: {}", first_of(&reasons, 3)),
    }
}

/// The role of an item in a run.
pub(super) fn duty_of(item: &Item, job: Option<&Job>) -> Duty {
    Duty::of(&Facts {
        item_type: &item.item_type,
        labels: &item.labels,
        paths: &item.paths,
        estimate: item.estimate.as_deref(),
        risk: item.risk.as_deref(),
        had_conflict: job.is_some_and(|job| !job.contested.is_empty()),
    })
}

/// The reason an agent cannot be started here. Does not access the network.
fn cannot_start(pm: &Pm, rules: &Rules, agent: &Agent) -> Option<String> {
    let found = match &agent.with {
        With::Model(name) => model_agent::require(pm, name),
        other => other.require_program(&pm.store.env().vars),
    };
    let found = found.and_then(|()| rules.check(&agent.with).map(drop));
    found.err().map(|error| error.message().to_string())
}
