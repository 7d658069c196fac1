//! What agents used and cost, as recorded in the documents of runs.
//!
//! Tokens, answers, time and price of each attempt at a task. Pure. Other clones write these
//! documents, too, so sums saturate, and a value that is not a count is ignored.

use serde::{Deserialize, Serialize};

use super::doc::{Doc, Entry};
use super::id::ItemRef;
use super::limits::AGENT_NAME_MAX;
use super::stamp::{Clock, parse_rfc3339};
use super::text::excerpt;
use super::uid::Uid;
use super::value::Value;
use super::vocabulary::terms;

/// The record of a task's document with its attempts; the number of the attempt is the entry's id.
const ATTEMPTS: &str = "attempts";

terms! {
    /// The source of a price.
    PriceSource in "price" {
        /// The agent or the provider reported it.
        Reported = "reported",
        /// It was computed from the tokens and a table of prices.
        Table = "table",
    }
}

/// Tokens and their price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Tokens that the model read, without cached ones.
    pub input: u64,
    /// Tokens that it read from a cache.
    pub cached: u64,
    /// Tokens that it wrote.
    pub output: u64,
    /// Millionths of a US dollar, as far as a price is known.
    pub micro_usd: u64,
}

impl Spent {
    /// Adds another sum; a sum that is too large stays at the greatest number.
    pub fn add(&mut self, more: Spent) {
        self.input = self.input.saturating_add(more.input);
        self.cached = self.cached.saturating_add(more.cached);
        self.output = self.output.saturating_add(more.output);
        self.micro_usd = self.micro_usd.saturating_add(more.micro_usd);
    }

    /// The amount by which this sum exceeds a part of it.
    fn beyond(self, part: Spent) -> Spent {
        Spent {
            input: self.input.saturating_sub(part.input),
            cached: self.cached.saturating_sub(part.cached),
            output: self.output.saturating_sub(part.output),
            micro_usd: self.micro_usd.saturating_sub(part.micro_usd),
        }
    }

    /// All tokens.
    pub fn tokens(self) -> u64 {
        let read = self.input.saturating_add(self.cached);
        read.saturating_add(self.output)
    }

    fn of(number: impl Fn(&str) -> Option<u64>) -> Spent {
        let count = |name| number(name).unwrap_or(0);
        Spent {
            input: count("input_tokens"),
            cached: count("cached_tokens"),
            output: count("output_tokens"),
            micro_usd: count("micro_usd"),
        }
    }

    /// The sum in a task's document.
    pub fn of_job(doc: &Doc) -> Spent {
        Spent::of(|name| count(doc.value(name)))
    }
}

/// A count, if a value is one.
fn count(value: &Value) -> Option<u64> {
    u64::try_from(value.as_int()?).ok()
}

/// The usage of an agent in one attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Tokens and their price.
    pub spent: Spent,
    /// The source of the price; none if there is no price.
    pub price: Option<PriceSource>,
    /// The model that the agent reported, else the requested one.
    pub model: Option<String>,
    /// The number of answers of the model.
    pub messages: u64,
    /// The number of tool calls.
    pub tools: u64,
}

/// One attempt of an agent at a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// From 1; 0 for usage that an older version recorded only as a sum.
    pub number: u32,
    /// The adapter, such as `claude` or `script`.
    pub with: Option<String>,
    /// The agent, as `agent-1`.
    pub agent: Option<String>,
    /// The time at which the agent was started, RFC 3339.
    pub began: Option<String>,
    /// The time at which it had ended.
    pub ended: Option<String>,
    /// The gate that its work did not pass.
    pub failed_gate: Option<String>,
    /// What it used.
    pub used: Used,
}

impl Attempt {
    fn of(id: &str, entry: &Entry) -> Option<Attempt> {
        let number: u32 = id.parse().ok().filter(|n| *n > 0)?;
        if number.to_string() != id {
            return None;
        }
        let text = |name: &str| entry.text(name).map(name_of);
        let spent = Spent::of(|name| count(entry.value(name)));
        let known = count(entry.value("micro_usd")).is_some();
        let price = entry.text("price").and_then(PriceSource::parse);
        Some(Attempt {
            number,
            with: text("with"),
            agent: text("agent_name"),
            began: text("began"),
            ended: text("ended"),
            failed_gate: text("failed_gate"),
            used: Used {
                spent,
                price: known.then_some(price.unwrap_or(PriceSource::Reported)),
                model: text("model"),
                messages: count(entry.value("messages")).unwrap_or(0),
                tools: count(entry.value("tools")).unwrap_or(0),
            },
        })
    }

    /// The attempts that a task's document records one by one, in order.
    pub fn recorded(doc: &Doc) -> Vec<Attempt> {
        let entries = doc.entries(ATTEMPTS);
        let mut all: Vec<Attempt> = entries
            .filter_map(|(id, entry)| Attempt::of(id, entry))
            .collect();
        all.sort_by_key(|attempt| attempt.number);
        all
    }

    /// All usage in a task's document: the attempts, and the rest of its sums as number 0.
    pub fn all(doc: &Doc) -> Vec<Attempt> {
        let mut all = Attempt::recorded(doc);
        let mut sum = Spent::default();
        all.iter().for_each(|attempt| sum.add(attempt.used.spent));
        let rest = Spent::of_job(doc).beyond(sum);
        if rest != Spent::default() {
            let text = |name: &str| doc.text(name).map(name_of);
            all.push(Attempt {
                agent: text("agent_name"),
                ended: text("since"),
                used: Used {
                    price: (rest.micro_usd > 0).then_some(PriceSource::Reported),
                    spent: rest,
                    ..Used::default()
                },
                ..Attempt::default()
            });
        }
        all
    }

    /// Writes it into a task's document. Returns whether that changed anything.
    pub fn write(&self, doc: &mut Doc, clock: &Clock) -> bool {
        let id = self.number.to_string();
        let mut changed = doc.entry(ATTEMPTS, &id).is_none();
        if changed {
            doc.add_entry(ATTEMPTS, &id, clock.stamp(None), &[]);
        }
        let int = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let count = |n: u64| if n == 0 { Value::Null } else { int(n) };
        let text = |text: &Option<String>| Value::from(text.as_deref());
        let Used { spent, price, .. } = self.used;
        let registers = [
            ("with", text(&self.with)),
            ("agent_name", text(&self.agent)),
            ("model", text(&self.used.model)),
            ("began", text(&self.began)),
            ("ended", text(&self.ended)),
            ("failed_gate", text(&self.failed_gate)),
            ("messages", count(self.used.messages)),
            ("tools", count(self.used.tools)),
            ("input_tokens", count(spent.input)),
            ("cached_tokens", count(spent.cached)),
            ("output_tokens", count(spent.output)),
            // A price of zero is a price, too.
            (
                "micro_usd",
                price.map_or(Value::Null, |_| int(spent.micro_usd)),
            ),
            ("price", Value::from(price.map(PriceSource::as_str))),
        ];
        for (name, value) in registers {
            changed |= doc.set_entry(ATTEMPTS, &id, name, value, clock);
        }
        changed
    }

    /// The milliseconds that the agent worked; none if one of the times is not known.
    pub fn lasted_ms(&self) -> Option<u64> {
        let time = |text: &Option<String>| parse_rfc3339(text.as_deref()?);
        time(&self.ended)?.checked_sub(time(&self.began)?)
    }

    /// The time at which it counts: its end, else its start, in milliseconds since the Unix epoch.
    pub fn at_ms(&self) -> Option<u64> {
        parse_rfc3339(self.ended.as_deref().or(self.began.as_deref())?)
    }
}

/// An attempt as a run records it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The run.
    pub run: Uid,
    /// The item that it was about.
    pub item: Option<Uid>,
    /// The role for which its agent was chosen.
    pub role: Option<String>,
    /// The attempt.
    pub attempt: Attempt,
    /// The number of attempts it represents: 1, or for a sum of an older version those that it
    /// counts.
    pub times: u64,
}

impl Recorded {
    /// The attempts in a document of a run with the adapter `with`; none in the run's own document.
    pub fn of(run: &Uid, with: Option<&str>, doc: &Doc) -> Vec<Recorded> {
        let Some(item) = doc.text("item") else {
            return Vec::new();
        };
        let item = ItemRef::parse(item).uid;
        let mut all = Attempt::all(doc);
        let singly = all.iter().filter(|attempt| attempt.number > 0).count() as u64;
        let started = count(doc.value("attempt")).unwrap_or(0);
        let others = started.min(u32::MAX.into()).saturating_sub(singly);
        if others > 0 && all.iter().all(|attempt| attempt.number > 0) {
            all.push(Attempt {
                agent: doc.text("agent_name").map(name_of),
                ended: doc.text("since").map(name_of),
                ..Attempt::default()
            });
        }
        all.into_iter()
            .map(|mut attempt| {
                attempt.with = attempt.with.or_else(|| with.map(str::to_string));
                Recorded {
                    run: run.clone(),
                    item: item.clone(),
                    role: doc.text("role").map(name_of),
                    times: if attempt.number > 0 { 1 } else { others },
                    attempt,
                }
            })
            .collect()
    }
}

/// A name of another program, for one cell of a table.
pub fn name_of(text: &str) -> String {
    excerpt(text, AGENT_NAME_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::{ReplicaId, Tick};

    fn clock() -> Clock {
        let replica = ReplicaId::new("a1").unwrap();
        Clock::new(replica, 1_763_625_600_000, Tick::default())
    }

    fn doc() -> Doc {
        let uid = Uid::new("01jd4qz0r0000000000000k3f9").unwrap();
        Doc::new(uid, "run", "", clock().fresh())
    }

    fn attempt(number: u32, micro_usd: u64) -> Attempt {
        Attempt {
            number,
            with: Some("claude".into()),
            agent: Some("agent-1".into()),
            began: Some("2026-11-20T10:00:00Z".into()),
            ended: Some("2026-11-20T10:01:30Z".into()),
            failed_gate: Some("test".into()),
            used: Used {
                spent: Spent {
                    input: 10,
                    cached: 5,
                    output: 2,
                    micro_usd,
                },
                price: Some(PriceSource::Table),
                model: Some("claude-sonnet-5-5".into()),
                messages: 3,
                tools: 4,
            },
        }
    }

    #[test]
    fn an_attempt_is_read_as_it_was_written() {
        let mut doc = doc();
        let (one, two) = (attempt(1, 0), attempt(2, 7));
        assert!(one.write(&mut doc, &clock()));
        assert!(two.write(&mut doc, &clock()));
        assert!(!two.write(&mut doc, &clock()), "nothing has changed");
        assert_eq!(Attempt::all(&doc), [one.clone(), two]);
        assert_eq!(one.lasted_ms(), Some(90_000));
        assert_eq!(one.used.spent.tokens(), 17);
    }

    /// A document of an older version has only sums; one that a newer version continued has both.
    #[test]
    fn sums_without_attempts_count_once() {
        let mut doc = doc();
        doc.put("input_tokens", Value::Int(100));
        doc.put("micro_usd", Value::Int(50));
        doc.put("agent_name", "agent-2");
        let all = Attempt::all(&doc);
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].number, all[0].used.spent.input), (0, 100));
        assert_eq!(all[0].agent.as_deref(), Some("agent-2"));
        attempt(1, 20).write(&mut doc, &clock());
        let spent: Vec<u64> = Attempt::all(&doc)
            .iter()
            .map(|attempt| attempt.used.spent.micro_usd)
            .collect();
        assert_eq!(spent, [20, 30]);
    }

    /// Anyone who can push can write any value.
    #[test]
    fn hostile_values_neither_wrap_nor_count() {
        let mut doc = doc();
        let entry = [
            ("input_tokens", Value::Int(-5)),
            ("cached_tokens", Value::from("many")),
            ("output_tokens", Value::Int(i64::MAX)),
            ("micro_usd", Value::Int(i64::MIN)),
            ("messages", Value::Bool(true)),
            ("began", Value::from("2026-11-20T10:00:00Z")),
            ("ended", Value::from("1999-01-01T00:00:00Z")),
            ("model", Value::from("a\u{1b}[31m\nb")),
            ("price", Value::from("free")),
        ];
        for id in ["1", "2", "3", "-1", "0", "01", "x", "99999999999"] {
            doc.add_entry(ATTEMPTS, id, clock().stamp(None), &entry);
        }
        doc.put("output_tokens", Value::Int(i64::MAX));
        let all = Attempt::all(&doc);
        assert_eq!(all.len(), 3, "{all:?}");
        let used = &all[0].used;
        assert_eq!((used.spent.input, used.spent.cached), (0, 0));
        assert_eq!(
            (used.spent.micro_usd, used.price, used.messages),
            (0, None, 0)
        );
        assert_eq!(all[0].lasted_ms(), None);
        let model = used.model.as_deref().unwrap();
        assert!(!model.contains(['\u{1b}', '\n']), "{model:?}");
        let mut sum = Spent::default();
        all.iter().for_each(|attempt| sum.add(attempt.used.spent));
        assert_eq!(sum.output, u64::MAX);
    }
}
