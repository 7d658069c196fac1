//! What an attempt used and cost, from an agent's report and the table of prices.

use crate::agent::headless::{Report, Usage, With};
use crate::agent::prices;
use crate::error::Result;
use crate::model::settings;
use crate::model::usage::{PriceSource, Spent, Used, name_of};
use crate::pm::Pm;
use crate::secret;

/// What the agent of an attempt used; `asked` is the model that it was started with.
///
/// # Errors
/// When the user's price of this model cannot be read.
pub(super) fn used(pm: &Pm, with: &With, asked: Option<&str>, report: &Report) -> Result<Used> {
    let model = report.model.as_deref().or(asked);
    let mut used = Used {
        spent: spent(report.usage),
        price: report.usage.cost.map(|_| PriceSource::Reported),
        model: model.map(|name| name_of(&secret::redacted(name).0)),
        messages: report.messages,
        tools: report.tools,
    };
    let Some((provider, name)) = model.and_then(|model| provider(with, model)) else {
        return Ok(used);
    };
    let set = pm.store.repo().config_all(settings::PRICE.key);
    let price = prices::price_of(provider, name, &set)?;
    let spent = &mut used.spent;
    match (price, used.price) {
        // The built-in agent computes it with the same table.
        (Some(_), Some(_)) if matches!(with, With::Model(_)) => {
            used.price = Some(PriceSource::Table);
        }
        (Some(price), None) if spent.tokens() > 0 => {
            spent.micro_usd = price.of(spent.input, spent.cached, 0, spent.output);
            used.price = Some(PriceSource::Table);
        }
        _ => {}
    }
    Ok(used)
}

/// The provider of an agent's model, and the model as the provider names it; an empty provider if it
/// is not known.
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

/// The tokens and the reported price of a report.
pub(super) fn spent(usage: Usage) -> Spent {
    Spent {
        input: usage.input.saturating_sub(usage.cached),
        cached: usage.cached,
        output: usage.output,
        micro_usd: usage.cost.unwrap_or(0),
    }
}
