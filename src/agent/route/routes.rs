//! Which agent takes an item: the routes of the profile, and the user's overrides.
//!
//! These are in the user's settings and variables.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::agent::Agent;
use super::role::{Duty, Role, Specialty};
use super::table::{CapsRow, TABLE};
use super::trust::{Trust, is_hosted};
use crate::agent::headless::With;
use crate::coordinate::privacy::not_local;
use crate::error::{Error, Reason, Result};
use crate::model::settings::{self, Definition};
use crate::model::text::excerpt;
use crate::model::vocabulary::terms;
use crate::pm::Pm;

terms! {
    /// A set of routes.
    Profile in "profile" {
        /// Hosted agents and models; the default.
        Cloud = "cloud",
        /// Models on the user's own machines; no paid API.
        Local = "local",
        /// The user's scripts and commands.
        Script = "script",
    }
}

terms! {
    /// The origin of a route.
    Source in "source" {
        /// The default.
        BuiltIn = "built-in",
        /// A profile that is not the default.
        Profile = "profile",
        /// `pm.route`.
        Configuration = "configuration",
        /// A variable such as `LLM_DEVELOPER_MODEL`.
        Environment = "environment",
    }
}

/// An agent of a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The agent.
    pub agent: Agent,
    /// The origin of its route.
    pub source: Source,
}

/// An agent that is excluded from an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// The agent.
    pub agent: Agent,
    /// The reason, as a phrase.
    pub reason: String,
}

/// The agents for an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The first one takes the item; the others are its fallbacks, in this order.
    pub agents: Vec<Choice>,
    /// The excluded agents.
    pub excluded: Vec<Excluded>,
}

/// The limits of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Caps {
    /// The maximum number of tokens in the prompt.
    pub prompt: Option<u64>,
    /// The maximum number of tokens in an answer.
    pub answer: Option<u64>,
    /// The maximum number of tokens in the context.
    pub context: Option<u64>,
    /// The temperature.
    pub temperature: Option<f64>,
}

/// The values that the user has set.
#[derive(Debug, Default)]
pub(super) struct Set {
    pub profile: String,
    pub routes: Vec<String>,
    pub temperatures: Vec<String>,
    pub tokens: Vec<String>,
    /// `pm.modelTemperature`.
    pub model_temperature: String,
    pub local_agents: Vec<String>,
    pub env: BTreeMap<String, OsString>,
}

/// The routes in effect.
#[derive(Debug)]
pub struct Routes {
    /// The profile.
    pub profile: Profile,
    /// Warnings about the settings.
    pub warnings: Vec<String>,
    roles: BTreeMap<Role, Vec<Choice>>,
    specialties: BTreeMap<Specialty, Vec<Choice>>,
    temperatures: BTreeMap<Role, f64>,
    tokens: BTreeMap<Role, (u64, u64)>,
    has_model_temperature: bool,
    local_agents: Vec<String>,
}

impl Routes {
    /// Reads the settings of this clone and the environment.
    ///
    /// # Errors
    /// Kind `Usage` if a value cannot be used.
    pub fn of(pm: &Pm) -> Result<Routes> {
        let repo = pm.store.repo();
        Routes::from(&Set {
            profile: repo.text_of(&settings::PROFILE),
            routes: repo.config_all(settings::ROUTE.key),
            temperatures: repo.config_all(settings::ROUTE_TEMPERATURE.key),
            tokens: repo.config_all(settings::ROUTE_TOKENS.key),
            model_temperature: repo.text_of(&settings::MODEL_TEMPERATURE),
            local_agents: repo.config_own(settings::LOCAL_AGENT.key),
            env: pm.store.env().vars.clone(),
        })
    }

    /// The built-in routes, with the agents that the user calls local.
    ///
    /// # Errors
    /// As for [`Routes::of`].
    pub fn built_in_of(pm: &Pm) -> Result<Routes> {
        Routes::from(&Set {
            profile: settings::PROFILE.default.to_string(),
            local_agents: pm.store.repo().config_own(settings::LOCAL_AGENT.key),
            ..Set::default()
        })
    }

    pub(super) fn from(set: &Set) -> Result<Routes> {
        let profile = Profile::parse(&set.profile)
            .ok_or_else(|| invalid(&settings::PROFILE, &set.profile))?;
        let mut routes = Routes {
            profile,
            warnings: Vec::new(),
            roles: BTreeMap::new(),
            specialties: BTreeMap::new(),
            temperatures: BTreeMap::new(),
            tokens: BTreeMap::new(),
            has_model_temperature: !set.model_temperature.trim().is_empty(),
            local_agents: set.local_agents.clone(),
        };
        routes.configure(set)?;
        routes.apply_environment(set)?;
        routes.limit(set)?;
        Ok(routes)
    }

    /// Applies `pm.route`.
    fn configure(&mut self, set: &Set) -> Result<()> {
        let home = set.env.get("HOME").map(PathBuf::from);
        for value in &set.routes {
            let wrong = || invalid(&settings::ROUTE, value);
            let (name, agents) = value.split_once('=').ok_or_else(wrong)?;
            let mut choices = Vec::new();
            for agent in Agent::list(agents)? {
                let source = Source::Configuration;
                let agent = agent.at_home(home.as_deref())?;
                choices.push(Choice { agent, source });
            }
            match name.trim() {
                "all" => {
                    let unset = Role::ALL.iter().filter(|role| {
                        let own = format!("{role}=");
                        !set.routes
                            .iter()
                            .any(|value| value.trim().starts_with(&own))
                    });
                    for role in unset {
                        self.roles.insert(*role, choices.clone());
                    }
                }
                name => match (Role::parse(name), Specialty::parse(name)) {
                    (Some(role), _) => drop(self.roles.insert(role, choices)),
                    (None, Some(one)) => drop(self.specialties.insert(one, choices)),
                    (None, None) => return Err(wrong()),
                },
            }
        }
        Ok(())
    }

    /// Applies variables such as `LLM_DEVELOPER_MODEL`, which override the configuration (MR-06).
    fn apply_environment(&mut self, set: &Set) -> Result<()> {
        for row in &TABLE.roles {
            let value = set.env.get(&row.env).and_then(|value| value.to_str());
            let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
                continue;
            };
            let written = value.strip_prefix("model:").unwrap_or(value);
            // Without a provider, it names an Ollama model.
            let agent = format!("model:{written}").parse::<Agent>();
            let agent = agent.or_else(|_| format!("model:ollama/{written}").parse());
            let agent = agent.map_err(|_| {
                let shown = excerpt(value, 80);
                Error::usage(format!("`{shown}` in {} does not name a model", row.env))
                    .because(Reason::RouteVariable)
                    .hint("write `PROVIDER/NAME`, or the name of an Ollama model")
            })?;
            let before = self.route(row.role);
            let first = Choice {
                agent,
                source: Source::Environment,
            };
            let others = before.into_iter().filter(|one| one.agent != first.agent);
            let all = [first.clone()].into_iter().chain(others).collect();
            self.roles.insert(row.role, all);
        }
        Ok(())
    }

    /// Applies temperatures and caps, and warns about temperatures that do not suit a role (MR-03).
    fn limit(&mut self, set: &Set) -> Result<()> {
        for value in &set.temperatures {
            let wrong = || invalid(&settings::ROUTE_TEMPERATURE, value);
            let (role, number) = value.split_once('=').ok_or_else(wrong)?;
            let role = Role::parse(role.trim()).ok_or_else(wrong)?;
            let number = number.trim().parse::<f64>().ok();
            let number = number.filter(|number| (0.0..=2.0).contains(number));
            self.temperatures.insert(role, number.ok_or_else(wrong)?);
        }
        for (role, temperature) in &self.temperatures {
            if let Some((least, most)) = range(*role)
                && !(least..=most).contains(temperature)
            {
                self.warnings.push(format!(
                    "the temperature {temperature} of {role} is outside the recommended range, \
                     {least} to {most}"
                ));
            }
        }
        let model = set.model_temperature.trim().parse::<f64>().ok();
        if let Some(temperature) = model.filter(|_| self.profile == Profile::Local) {
            let suits = |role: &&Role| {
                !self.temperatures.contains_key(role)
                    && range(**role)
                        .is_some_and(|(least, most)| !(least..=most).contains(&temperature))
            };
            let roles: Vec<&str> = Role::ALL
                .iter()
                .filter(suits)
                .map(|one| one.as_str())
                .collect();
            if !roles.is_empty() {
                self.warnings.push(format!(
                    "{} is {temperature}, which does not suit {}: use {} to set it per role",
                    settings::MODEL_TEMPERATURE.key,
                    roles.join(", "),
                    settings::ROUTE_TEMPERATURE.key
                ));
            }
        }
        for value in &set.tokens {
            let wrong = || invalid(&settings::ROUTE_TOKENS, value);
            let (role, sizes) = value.split_once('=').ok_or_else(wrong)?;
            let role = Role::parse(role.trim()).ok_or_else(wrong)?;
            let (prompt, answer) = sizes.split_once(',').ok_or_else(wrong)?;
            let number = |text: &str| text.trim().parse::<u64>().ok().filter(|n| *n > 0);
            let sizes = number(prompt).zip(number(answer)).ok_or_else(wrong)?;
            self.tokens.insert(role, sizes);
        }
        Ok(())
    }

    /// The agents of a role, without regard to exclusions.
    pub fn route(&self, role: Role) -> Vec<Choice> {
        match self.roles.get(&role) {
            Some(choices) => choices.clone(),
            None => built_in(self.profile, role),
        }
    }

    /// The role from which a role without its own agents takes them.
    pub fn like(&self, role: Role) -> Option<Role> {
        let (_, of) = TABLE.agents(self.profile, role);
        (of != role && !self.roles.contains_key(&role)).then_some(of)
    }

    /// The agents configured for a specialty, if any.
    pub fn of_specialty(&self, specialty: Specialty) -> Option<&[Choice]> {
        self.specialties.get(&specialty).map(Vec::as_slice)
    }

    /// The models that only `--with` names.
    pub fn by_hand(&self) -> Vec<String> {
        let of_profile = TABLE
            .by_hand
            .iter()
            .filter(|_| self.profile == Profile::Local);
        of_profile.map(|one| one.agent.to_string()).collect()
    }

    /// All agents that a route names, without duplicates.
    pub fn all(&self) -> Vec<Agent> {
        let mut all: Vec<Agent> = Vec::new();
        let roles = Role::ALL.iter().flat_map(|role| self.route(*role));
        let specialties = self.specialties.values().flatten().cloned();
        for choice in roles.chain(specialties) {
            if !all.contains(&choice.agent) {
                all.push(choice.agent);
            }
        }
        all
    }

    /// The agents for an item with this role. `private` is the reason why it must not leave this
    /// machine, `refuse` the reason why an agent cannot be used now.
    pub fn choose(
        &self,
        duty: &Duty,
        private: Option<&str>,
        trust: &dyn Fn(&With) -> Trust,
        refuse: &dyn Fn(&Agent) -> Option<String>,
    ) -> Chosen {
        let own = duty.specialty.and_then(|one| self.of_specialty(one));
        let mut all = own.map_or_else(|| self.route(duty.role), <[Choice]>::to_vec);
        if private.is_some() && self.profile == Profile::Cloud {
            all.extend(built_in(Profile::Local, duty.role));
        }
        let mut chosen = Chosen {
            agents: Vec::new(),
            excluded: Vec::new(),
        };
        for choice in all {
            let known = chosen.agents.iter().any(|one| one.agent == choice.agent)
                || chosen.excluded.iter().any(|one| one.agent == choice.agent);
            if known {
                continue;
            }
            let agent = &choice.agent;
            let reason = self.keeps_out(agent);
            let reason = reason.or_else(|| {
                let why = private.filter(|_| trust(&agent.with) != Trust::Local)?;
                Some(not_local(why))
            });
            match reason.or_else(|| refuse(agent)) {
                Some(reason) => chosen.excluded.push(Excluded {
                    agent: choice.agent,
                    reason,
                }),
                None => chosen.agents.push(choice),
            }
        }
        chosen
    }

    /// The reason why the profile does not route to an agent.
    pub fn keeps_out(&self, agent: &Agent) -> Option<String> {
        let is_by_hand = TABLE.by_hand.iter().any(|one| one.agent == *agent);
        if is_by_hand {
            return Some("it is used only if named with `git pm run --with`".into());
        }
        match self.profile {
            Profile::Local if is_hosted(&agent.with, &self.local_agents) => {
                Some("the profile `local` excludes hosted models".into())
            }
            Profile::Script
                if !matches!(
                    agent.with,
                    With::Script(_) | With::Command(_) | With::Replay(_)
                ) =>
            {
                Some("the profile `script` allows only scripts and commands".into())
            }
            _ => None,
        }
    }

    /// The limits of a model in a role.
    pub fn caps(&self, role: Role, agent: &Agent) -> Caps {
        let With::Model(name) = &agent.with else {
            return Caps::default();
        };
        let is_local = self.profile == Profile::Local;
        let row = row(role);
        let of_profile = row.filter(|_| is_local).map(|row| (row.prompt, row.answer));
        let sizes = self.tokens.get(&role).copied().or(of_profile);
        let is_own = name.provider().is_self_hosted && !self.has_model_temperature;
        let mut caps = Caps {
            prompt: sizes.map(|(prompt, _)| prompt),
            answer: sizes.map(|(_, answer)| answer),
            context: None,
            temperature: self
                .temperatures
                .get(&role)
                .copied()
                .or_else(|| row.filter(|_| is_own).map(|row| row.temperature)),
        };
        let by_hand = TABLE.by_hand.iter().filter(|_| is_local);
        if let Some(one) = by_hand.into_iter().find(|one| one.agent == *agent) {
            (caps.prompt, caps.context) = (Some(one.prompt), Some(one.context));
        }
        caps
    }
}

/// The agents of a role in a profile.
fn built_in(profile: Profile, role: Role) -> Vec<Choice> {
    let source = match profile {
        Profile::Cloud => Source::BuiltIn,
        _ => Source::Profile,
    };
    let (agents, _) = TABLE.agents(profile, role);
    let choice = |agent: &Agent| Choice {
        agent: agent.clone(),
        source,
    };
    agents.iter().map(choice).collect()
}

fn row(role: Role) -> Option<CapsRow> {
    TABLE.caps.get(&TABLE.role(role)?.caps).copied()
}

fn range(role: Role) -> Option<(f64, f64)> {
    row(role).map(|row| row.temperatures)
}

fn invalid(setting: &Definition, value: &str) -> Error {
    Error::usage(format!(
        "`{}` is not a valid value for {}",
        excerpt(value, 80),
        setting.key
    ))
    .because(Reason::RouteSetting)
    .hint(setting.help)
}
