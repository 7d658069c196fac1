//! Prices of requests: a small table, and the user's own (MR-19).

use std::str::FromStr;
use std::sync::LazyLock;

use toml_edit::DocumentMut;

use crate::agent::provider::{ModelName, PROVIDERS, Provider};
use crate::error::{Error, Reason, Result};
use crate::model::settings;
use crate::model::text::excerpt;

/// The built-in table.
const TABLE: &str = include_str!("prices.toml");

/// Token prices, in US dollars per million tokens, that is, millionths of a dollar per token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    /// Sent.
    pub input: f64,
    /// Sent, and read from the provider's cache.
    pub cached: f64,
    /// Sent, and written to the provider's cache.
    pub cache_written: f64,
    /// Written by the model.
    pub output: f64,
}

impl Price {
    /// The price of what runs on one's own machines.
    const FREE: Price = Price {
        input: 0.0,
        cached: 0.0,
        cache_written: 0.0,
        output: 0.0,
    };

    /// The cost in millionths of a US dollar of the tokens that were sent (`plain` are those
    /// neither read from nor written to the cache) and of those that the model wrote.
    pub fn of(&self, plain: u64, cached: u64, cache_written: u64, output: u64) -> u64 {
        let cost = plain as f64 * self.input
            + cached as f64 * self.cached
            + cache_written as f64 * self.cache_written
            + output as f64 * self.output;
        cost.ceil() as u64
    }
}

impl FromStr for Price {
    type Err = Error;

    /// Reads `INPUT,CACHED,OUTPUT`, or `INPUT,OUTPUT` where cached tokens are not cheaper.
    fn from_str(written: &str) -> Result<Price> {
        let numbers: Option<Vec<f64>> = written
            .split([',', '/'])
            .map(|part| {
                let number = part.trim().parse::<f64>().ok();
                number.filter(|number| (0.0..=100_000.0).contains(number))
            })
            .collect();
        match numbers.as_deref() {
            Some(&[input, cached, output]) => Ok(Price {
                input,
                cached,
                cache_written: input,
                output,
            }),
            Some(&[input, output]) => Ok(Price {
                input,
                cached: input,
                cache_written: input,
                output,
            }),
            _ => Err(Error::usage(format!(
                "`{}` is not a price",
                excerpt(written, 80)
            ))
            .because(Reason::ModelPrice)
            .hint(format!(
                "write `git config --add {} PROVIDER/NAME=INPUT,CACHED,OUTPUT`, in US dollars per \
                 million tokens",
                settings::PRICE.key
            ))),
        }
    }
}

/// The price of a model: the last entry of `set` that names it, else that of the table. `set` holds
/// the values of `pm.price`.
///
/// # Errors
/// If the value that names the model is not a price.
#[cfg_attr(
    not(feature = "models"),
    allow(dead_code, reason = "only the built-in agent has such names")
)]
pub fn price(name: &ModelName, set: &[String]) -> Result<Option<Price>> {
    price_of(name.provider().name, name.model(), set)
}

/// Like [`price`], for a model as another program names it. Without a provider, only the user's
/// values can contain its price. Models on servers that users run themselves cost nothing.
///
/// # Errors
/// If the value that names the model is not a price.
pub fn price_of(provider: &str, model: &str, set: &[String]) -> Result<Option<Price>> {
    for value in set.iter().rev() {
        if let Some((of, price)) = value.split_once('=')
            && names(of.trim(), provider, model)
        {
            return price.parse().map(Some);
        }
    }
    let found = BUILT_IN.iter().find(|(of, _)| names(of, provider, model));
    let is_free = |one: &Provider| one.name == provider && one.is_self_hosted;
    let free = PROVIDERS.iter().any(is_free).then_some(Price::FREE);
    Ok(found.map(|(_, price)| *price).or(free))
}

static BUILT_IN: LazyLock<Vec<(String, Price)>> = LazyLock::new(|| built_in().unwrap_or_default());

fn built_in() -> Option<Vec<(String, Price)>> {
    let table = TABLE.parse::<DocumentMut>().ok()?;
    table
        .iter()
        .map(|(name, fields)| {
            let number = |key: &str| fields.get(key)?.as_float();
            let input = number("input")?;
            let price = Price {
                input,
                cached: number("cached").unwrap_or(input),
                cache_written: number("cache_written").unwrap_or(input),
                output: number("output")?,
            };
            Some((name.to_string(), price))
        })
        .collect()
}

/// True if a table entry means this model: `PROVIDER/NAME` or `NAME`, even if the model's name ends
/// with a date. `openai-chat` is another route to the models of `openai`.
#[cfg_attr(
    not(feature = "models"),
    allow(dead_code, reason = "only the built-in agent has such names")
)]
pub fn is_named(name: &ModelName, entry: &str) -> bool {
    names(entry, name.provider().name, name.model())
}

fn names(entry: &str, provider: &str, model: &str) -> bool {
    let within = |provider: &str| {
        let rest = entry.strip_prefix(provider)?;
        rest.strip_prefix('/')
    };
    let short = provider.strip_suffix("-chat").unwrap_or(provider);
    let entry = within(short).or_else(|| within(provider)).unwrap_or(entry);
    let Some(rest) = model.strip_prefix(entry) else {
        return false;
    };
    let date = rest.strip_prefix('-').map(|date| date.replace('-', ""));
    rest.is_empty()
        || date.is_some_and(|date| {
            date == "latest" || date.len() == 8 && date.bytes().all(|c| c.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, set: &[&str]) -> Option<Price> {
        let set: Vec<String> = set.iter().map(|value| value.to_string()).collect();
        price(&name.parse().unwrap(), &set).unwrap()
    }

    /// MR-19: prices are a table, and those of the user take precedence.
    #[test]
    fn mr_19_prices_of_the_user_go_before_the_table() {
        let table = built_in().expect("the table can be read");
        assert!(table.len() > 10);
        assert!(
            table
                .iter()
                .all(|(_, price)| price.cached <= price.input && price.output > 0.0)
        );
        assert_eq!(of("anthropic/claude-sonnet-4-5", &[]).unwrap().input, 3.0);
        let dated = of("anthropic/claude-sonnet-4-5-20250929", &[]);
        assert_eq!(dated, of("anthropic/claude-sonnet-4-5", &[]));
        assert_eq!(of("openai/gpt-5-mini-2025-08-07", &[]).unwrap().input, 0.25);
        assert_eq!(of("openai-chat/gpt-5", &[]), of("openai/gpt-5", &[]));
        for unknown in ["openai/gpt-5-turbo", "openai/gpt-55", "chat/gpt-5x"] {
            assert_eq!(of(unknown, &[]), None, "{unknown}");
        }
        assert_eq!(of("ollama/qwen3-coder:latest", &[]), Some(Price::FREE));
        let own = of("openai/gpt-5", &["openai/gpt-5=9,1,2", "gpt-4=1,1"]).unwrap();
        assert_eq!((own.input, own.cached, own.output), (9.0, 1.0, 2.0));
        assert_eq!(of("vllm/mine", &["vllm/mine=0.1/0.2"]).unwrap().cached, 0.1);
        assert_eq!(
            of("openai/gpt-5", &["anthropic/gpt-5=9,1,2"]),
            of("openai/gpt-5", &[])
        );
        let named = price_of("anthropic", "claude-haiku-4-5-20251001", &[]);
        assert_eq!(named.unwrap().unwrap().output, 5.0);
        assert_eq!(price_of("", "gpt-5", &[]).unwrap(), None);
        assert!(
            price_of("", "gpt-5", &["gpt-5=1,2".into()])
                .unwrap()
                .is_some()
        );
        let wrong = price(
            &"openai/gpt-5".parse().unwrap(),
            &["openai/gpt-5=cheap".into()],
        );
        assert_eq!(wrong.unwrap_err().reason(), "model.price");
    }

    #[test]
    fn tokens_of_the_cache_have_their_own_price() {
        let price = of("anthropic/claude-sonnet-4-5", &[]).unwrap();
        // 300,000 at 3, 600,000 at 0.3, 100,000 at 3.75, 10,000 at 15.
        assert_eq!(
            price.of(300_000, 600_000, 100_000, 10_000),
            900_000 + 180_000 + 375_000 + 150_000
        );
    }
}
