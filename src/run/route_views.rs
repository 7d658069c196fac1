//! The routes as users see them: the active table, and the routing of one item.

use schemars::JsonSchema;
use serde::Serialize;

use super::options::{RunAgent, RunOptions};
use super::routing::{Routing, duty_of};
use crate::agent::route::{Agent, Choice, Profile, Role, Source, Specialty, Trust, instructions};
use crate::error::Result;
use crate::model::text::excerpt;
use crate::pm::Pm;
use crate::pm::handles::Runs;

/// The routes in force.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RouteTable {
    /// `cloud`, `local` or `script`.
    pub profile: Profile,
    /// The roles with their agents.
    pub roles: Vec<RoleRow>,
    /// Additional instructions to the agent, by the part of the product that an item is about.
    pub specialties: Vec<SpecialtyRow>,
    /// Models used only if named with `git pm run --with`.
    pub by_hand: Vec<String>,
    /// Inconsistencies in the configuration.
    pub warnings: Vec<String>,
}

/// A role with its agents.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RoleRow {
    /// Its name.
    pub role: Role,
    /// The role whose agents it uses, if it has none of its own.
    pub like: Option<Role>,
    /// The agents: the first one takes an item, the others are its fallbacks.
    pub agents: Vec<RouteAgent>,
    /// The maximum number of tokens in the first agent's prompt.
    pub prompt_tokens: Option<u64>,
    /// The maximum number of tokens in each of its answers.
    pub answer_tokens: Option<u64>,
    /// Its temperature; null for the provider's default.
    pub temperature: Option<f64>,
}

/// A specialty.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SpecialtyRow {
    /// Its name.
    pub specialty: Specialty,
    /// The instructions to its agents.
    pub instructions: String,
    /// Agents that replace those of the role; empty by default.
    pub agents: Vec<RouteAgent>,
}

/// An agent of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RouteAgent {
    /// As after `git pm run --with`; with a model, as `codex@MODEL`.
    pub agent: String,
    /// `built-in`, `profile`, `configuration` or `environment`.
    pub source: Source,
    /// `local`, `trusted` (gets no secrets) or `untrusted` (nor personal data).
    pub trust: Trust,
    /// The reason it cannot be used here; null if it can. Does not access the network.
    pub unusable: Option<String>,
}

/// An agent that does not get an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExcludedAgent {
    /// As after `git pm run --with`.
    pub agent: String,
    /// The reason.
    pub reason: String,
}

/// The routing of one item.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RouteView {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The profile in force.
    pub profile: Profile,
    /// Its role.
    pub role: Role,
    /// The part of the product that it is about.
    pub specialty: Option<Specialty>,
    /// The reasons for its role and specialty.
    pub why: Vec<String>,
    /// Its estimate, XS to XL.
    pub estimate: Option<String>,
    /// Its risk.
    pub risk: Option<String>,
    /// The reason it must not leave this machine; null if it may.
    pub private: Option<String>,
    /// The agent that takes it; null if none may, so that it stays queued.
    pub agent: Option<RouteAgent>,
    /// The agents that take over if that one fails, in order.
    pub fallbacks: Vec<RouteAgent>,
    /// The agents of its route that do not get it.
    pub excluded: Vec<ExcludedAgent>,
}

impl Runs<'_> {
    /// The routes in force: the agents for each kind of work, where that is defined, and whether
    /// they can be started here.
    ///
    /// # Errors
    /// When a setting is invalid.
    pub fn routes(&self) -> Result<RouteTable> {
        let pm = self.pm;
        let routing = survey_routes(pm)?;
        let routes = routing.routes();
        let view = |choice: &Choice| view(pm, &routing, choice);
        let roles = Role::ALL.iter().map(|role| {
            let route = routes.route(*role);
            let caps = route.first().map(|first| routes.caps(*role, &first.agent));
            let caps = caps.unwrap_or_default();
            RoleRow {
                role: *role,
                like: routes.like(*role),
                agents: route.iter().map(view).collect(),
                prompt_tokens: caps.prompt,
                answer_tokens: caps.answer,
                temperature: caps.temperature,
            }
        });
        let specialties = Specialty::ALL.iter().map(|one| SpecialtyRow {
            specialty: *one,
            instructions: instructions(*one).to_string(),
            agents: routes
                .of_specialty(*one)
                .unwrap_or_default()
                .iter()
                .map(view)
                .collect(),
        });
        Ok(RouteTable {
            profile: routes.profile,
            roles: roles.collect(),
            specialties: specialties.collect(),
            by_hand: routes.by_hand(),
            warnings: routes.warnings.clone(),
        })
    }

    /// The role of an item, the agent that `--with auto` selects for it, and the reasons.
    ///
    /// # Errors
    /// When there is no such item, or a setting is invalid.
    pub fn route(&self, id: &str) -> Result<RouteView> {
        let pm = self.pm;
        let routing = survey_routes(pm)?;
        let state = pm.store.state()?;
        let item = state.find(id)?;
        let duty = duty_of(item, None);
        let chosen = routing.chosen(pm, &state, item, &duty);
        let mut agents = chosen.agents.iter().map(|one| view(pm, &routing, one));
        let excluded = chosen.excluded.iter().map(|one| ExcludedAgent {
            agent: one.agent.to_string(),
            reason: one.reason.clone(),
        });
        Ok(RouteView {
            id: state.shown_id(item),
            title: excerpt(&item.title, 200),
            profile: routing.routes().profile,
            role: duty.role,
            specialty: duty.specialty,
            private: routing.private(&state, item),
            estimate: item.estimate.clone(),
            risk: item.risk.clone(),
            agent: agents.next(),
            fallbacks: agents.collect(),
            excluded: excluded.collect(),
            why: duty.why,
        })
    }
}

/// The routes, with the agents that cannot be started on this machine.
fn survey_routes(pm: &Pm) -> Result<Routing> {
    let options = RunOptions {
        with: RunAgent::Auto,
        ..RunOptions::default()
    };
    let mut routing = Routing::of(pm, &options)?;
    routing.survey(pm)?;
    Ok(routing)
}

fn view(pm: &Pm, routing: &Routing, choice: &Choice) -> RouteAgent {
    let agent: &Agent = &choice.agent;
    let kept_out = routing.routes().keeps_out(agent);
    RouteAgent {
        agent: agent.to_string(),
        source: choice.source,
        trust: routing.trust(pm, &agent.with),
        unusable: kept_out.or_else(|| routing.unusable(agent).map(str::to_string)),
    }
}
