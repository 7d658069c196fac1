//! What an attempt cost, and when the budget of a run lets nothing more start.
//!
//! The usage and cost come from an agent's report and the price table; what counts where a price is
//! unknown is decided here too.

use super::logs::LogWriter;
use crate::agent::headless::{AgentReport, Usage, With};
use crate::agent::prices;
use crate::error::{Error, Reason, Result};
use crate::model::settings;
use crate::model::usage::{PriceSource, Spent, Used, name_of};
use crate::pm::Pm;
use crate::secret;

/// The prices of an agent's models, as known when it is started.
pub(super) struct Prices {
    pub(super) with: With,
    /// The model that the agent was started with.
    pub(super) asked: Option<String>,
    /// The prices set by the user.
    pub(super) set: Vec<String>,
}

impl Prices {
    pub(super) fn of(pm: &Pm, with: &With, asked: Option<&str>) -> Prices {
        Prices {
            with: with.clone(),
            asked: asked.map(str::to_string),
            set: pm.store.repo().config_all(settings::PRICE.key),
        }
    }

    /// The cost of this usage, in millionths of a US dollar, and its source; `model` is the one
    /// that the agent reports. `None` if no price is known.
    ///
    /// # Errors
    /// When the user's price of this model cannot be read.
    pub(super) fn price(
        &self,
        model: Option<&str>,
        usage: Usage,
    ) -> Result<Option<(u64, PriceSource)>> {
        let reported = usage.cost.map(|cost| (cost, PriceSource::Reported));
        let model = model.or(self.asked.as_deref());
        let Some((provider, name)) = model.and_then(|model| provider(&self.with, model)) else {
            return Ok(reported);
        };
        let price = prices::price_of(provider, name, &self.set)?;
        let spent = spent(usage);
        Ok(match (price, usage.cost) {
            // The built-in agent computes the cost from the same table.
            (Some(_), Some(cost)) if matches!(self.with, With::Model(_)) => {
                Some((cost, PriceSource::Table))
            }
            (Some(price), None) if spent.tokens() > 0 => {
                let cost = price.of(spent.input, spent.cached, 0, spent.output);
                Some((cost, PriceSource::Table))
            }
            _ => reported,
        })
    }

    /// Refuses an agent that reports no cost, with a model whose price is not known: no budget could
    /// be kept.
    ///
    /// # Errors
    /// Reason `run.no_price`, and as for [`Prices::price`].
    pub(super) fn require_known(&self) -> Result<()> {
        let is_silent = matches!(
            self.with,
            With::Codex | With::Gemini | With::Aider | With::Model(_)
        );
        let asked = match &self.with {
            With::Model(name) => Some(name.to_string()),
            _ => self.asked.clone(),
        };
        let token = Usage {
            input: 1,
            ..Usage::default()
        };
        if !is_silent || self.price(asked.as_deref(), token)?.is_some() {
            return Ok(());
        }
        let name = name_of(asked.as_deref().unwrap_or("PROVIDER/NAME"));
        Err(Error::usage(format!(
            "the budget cannot be kept: {} reports no cost, and the price of `{name}` is not known",
            self.with.name()
        ))
        .because(Reason::RunNoPrice)
        .hint(format!(
            "set it with `git config --add {} {name}=INPUT,CACHED,OUTPUT`, in US dollars per million \
             tokens, or leave out `--budget`",
            settings::PRICE.key
        )))
    }

    /// What to say of a budget for an agent that may report neither tokens nor a cost.
    pub(super) fn warning(&self) -> Option<String> {
        let is_custom = matches!(self.with, With::Script(_) | With::Command(_));
        is_custom.then(|| {
            format!(
                "a budget limits only what an agent reports: if this {} reports neither tokens nor a cost, \
                 nothing stops it",
                self.with.name()
            )
        })
    }

    /// The usage of an attempt's agent.
    ///
    /// # Errors
    /// As for [`Prices::price`].
    pub(super) fn used(&self, report: &AgentReport) -> Result<Used> {
        let model = report.model.as_deref();
        let price = self.price(model, report.usage)?;
        let model = model.or(self.asked.as_deref());
        Ok(Used {
            spent: Spent {
                micro_usd: price.map_or(0, |(cost, _)| cost),
                ..spent(report.usage)
            },
            price: price.map(|(_, source)| source),
            model: model.map(|name| name_of(&secret::redacted(name).0)),
            messages: report.messages,
            tools: report.tools,
        })
    }
}

impl Prices {
    /// As [`Prices::used`]; without a price if that cannot be read, which is logged.
    pub(super) fn used_or_counted(&self, report: &AgentReport, log: &mut LogWriter) -> Used {
        self.used(report).unwrap_or_else(|error| {
            log.write("run", error.message());
            Used {
                spent: spent(report.usage),
                ..Used::default()
            }
        })
    }
}

/// The reason why a budget lets nothing more start: it is spent, or cannot be kept, as the price of
/// some tokens is not known. Amounts are millionths of a US dollar.
pub(super) fn over_budget(budget: u64, spent: u64, unpriced: u64) -> Option<String> {
    match unpriced {
        0 => (spent >= budget).then(|| "the budget is spent".into()),
        tokens => Some(format!(
            "the budget cannot be kept, as the price of {tokens} tokens is not known \
             (`git pm config pm.price` sets it)"
        )),
    }
}

/// The provider of an agent's model, and the provider's name for the model; the provider is empty
/// if unknown.
fn provider<'m>(with: &With, model: &'m str) -> Option<(&'m str, &'m str)> {
    let (own, name) = match with {
        With::Claude => ("anthropic", model),
        With::Codex => ("openai", model),
        With::Gemini => ("google", model),
        With::Script(_) => return None,
        _ => model.split_once('/').unwrap_or(("", model)),
    };
    let prefix = name
        .strip_prefix(own)
        .and_then(|rest| rest.strip_prefix('/'));
    Some((own, prefix.unwrap_or(name)))
}

/// The tokens and the reported cost of a report.
pub(super) fn spent(usage: Usage) -> Spent {
    Spent {
        input: usage.input.saturating_sub(usage.cached),
        cached: usage.cached,
        output: usage.output,
        micro_usd: usage.cost.unwrap_or(0),
    }
}
