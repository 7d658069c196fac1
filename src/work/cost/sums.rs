//! Sums of attempts. Unknown amounts stay unknown: they are counted, and never taken for zero.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::money::usd;
use crate::model::uid::Uid;
use crate::model::usage::{PriceSource, Recorded, Spent};

/// The usage and cost of agents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct UsageView {
    /// The number of items that were worked on.
    pub tasks: usize,
    /// The number of times that an agent was started.
    pub attempts: u64,
    /// Those of them whose tokens and price are not known: agents without such reports, and those
    /// that are at work or were killed.
    pub attempts_without_usage: u64,
    /// Answers of models, as far as the agents report them.
    pub messages: u64,
    /// Uses of tools, as far as the agents report them.
    pub tools: u64,
    /// Tokens that models read, without cached ones.
    pub input_tokens: u64,
    /// Tokens that they read from a cache.
    pub cached_tokens: u64,
    /// Tokens that they wrote.
    pub output_tokens: u64,
    /// The seconds that agents were at work, as far as both times are known.
    pub agent_seconds: u64,
    /// US dollars; null if no price is known.
    pub cost_usd: Option<f64>,
    /// The part of it that was computed from tokens and the table of prices.
    pub computed_usd: f64,
    /// Tokens of attempts without a price.
    pub unpriced_tokens: u64,
}

/// A sum in progress.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    items: BTreeSet<Uid>,
    attempts: u64,
    unknown: u64,
    messages: u64,
    tools: u64,
    pub(super) spent: Spent,
    milliseconds: u64,
    has_price: bool,
    computed: u64,
    unpriced: u64,
}

impl Sum {
    pub(super) fn add(&mut self, one: &Recorded) {
        let used = &one.attempt.used;
        let tokens = used.spent.tokens();
        self.items.extend(one.item.clone());
        self.attempts = self.attempts.saturating_add(one.times);
        if tokens == 0 && used.price.is_none() {
            self.unknown = self.unknown.saturating_add(one.times);
        }
        self.messages = self.messages.saturating_add(used.messages);
        self.tools = self.tools.saturating_add(used.tools);
        self.spent.add(used.spent);
        let lasted = one.attempt.lasted_ms().unwrap_or(0);
        self.milliseconds = self.milliseconds.saturating_add(lasted);
        let micro = used.spent.micro_usd;
        match used.price {
            None => self.unpriced = self.unpriced.saturating_add(tokens),
            Some(PriceSource::Table) => self.computed = self.computed.saturating_add(micro),
            Some(PriceSource::Reported) => {}
        }
        self.has_price |= used.price.is_some();
    }

    /// The sum of all.
    pub(super) fn of(all: &[Recorded]) -> Sum {
        let mut sum = Sum::default();
        all.iter().for_each(|one| sum.add(one));
        sum
    }

    pub(super) fn has_price(&self) -> bool {
        self.has_price
    }

    pub(super) fn view(&self) -> UsageView {
        UsageView {
            tasks: self.items.len(),
            attempts: self.attempts,
            attempts_without_usage: self.unknown,
            messages: self.messages,
            tools: self.tools,
            input_tokens: self.spent.input,
            cached_tokens: self.spent.cached,
            output_tokens: self.spent.output,
            agent_seconds: self.milliseconds / 1_000,
            cost_usd: self.has_price.then(|| usd(self.spent.micro_usd)),
            computed_usd: usd(self.computed),
            unpriced_tokens: self.unpriced,
        }
    }
}

/// A part in per cent of a whole, with one decimal; none if the whole is zero.
pub(crate) fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1_000.0).round() / 10.0)
}
