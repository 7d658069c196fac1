//! The output of aider, which prints text only.
//!
//! Tokens and errors are lines with a fixed prefix. It exits with code 0 even after errors, so an
//! answer of the model (`Tokens:`) has to come last.

use super::super::clean_text;
use super::super::report::{Class, Usage};
use super::super::tally::Tally;
use super::Events;
use crate::agent::headless::failure::{Failure, wait_in};
use crate::agent::headless::limits;
use crate::model::text;

#[derive(Debug, Default)]
pub(super) struct Aider {
    answer: String,
    error: Option<Failure>,
}

impl Events for Aider {
    fn line(&mut self, line: &[u8], tally: &mut Tally) {
        let line = String::from_utf8_lossy(&line[..line.len().min(limits::MESSAGE_MAX)]);
        let line = clean_text::without_sequences(&line);
        let line = line.trim_end();
        if let Some(figures) = line.strip_prefix("Tokens: ") {
            tally.message(&std::mem::take(&mut self.answer));
            tally.usage(tally.usage.plus(tokens(figures)));
            self.error = None;
            tally.done();
        } else if line.starts_with("litellm.") {
            let failure = Failure::from_message(line, None).or(Class::Unknown);
            tally.outcome = None;
            tally.error(failure.clone());
            self.error = Some(failure);
        } else if let (Some(rest), Some(error)) = (line.strip_prefix("Retrying in "), &self.error) {
            tally.retrying(
                error.clone(),
                wait_in(&format!("retrying in {}", text::head(rest, 80))),
            );
        } else if let Some(path) = line.strip_prefix("Applied edit to ") {
            tally.tool_done("", "edit", path, true);
        } else if let Some(commit) = line.strip_prefix("Commit ") {
            tally.tool_done("", "commit", commit, true);
        } else if line.starts_with("Unable to commit") {
            tally.refused("commit");
            tally.noise(line);
        } else {
            // The lines before the first answer are about aider itself.
            if line.starts_with("Repo-map: ") {
                self.answer.clear();
                return;
            }
            tally.noise(line);
            clean_text::append(&mut self.answer, line);
            self.answer.push('\n');
        }
    }
}

/// `1.2k sent, 300 cache hit, 50 received. Cost: $0.01 message, $0.02 session.`
fn tokens(figures: &str) -> Usage {
    let (tokens, cost) = figures.split_once("Cost: ").unwrap_or((figures, ""));
    let mut usage = Usage::default();
    for part in tokens.split(", ") {
        let (number, what) = part.split_once(' ').unwrap_or((part, ""));
        let count = number_with_unit(number);
        match what.trim_end_matches(['.', ' ']) {
            "sent" | "cache write" => usage.input = usage.input.saturating_add(count),
            "cache hit" => {
                usage.input = usage.input.saturating_add(count);
                usage.cached = count;
            }
            "received" => usage.output = count,
            _ => {}
        }
    }
    let dollars = cost
        .strip_prefix('$')
        .and_then(|rest| rest.split(' ').next());
    usage.cost = dollars
        .and_then(|dollars| dollars.parse::<f64>().ok())
        .map(|dollars| (dollars * 1e6).round() as u64);
    usage
}

fn number_with_unit(number: &str) -> u64 {
    let (digits, unit) = match number.strip_suffix(['k', 'M']) {
        Some(digits) if number.ends_with('k') => (digits, 1e3),
        Some(digits) => (digits, 1e6),
        None => (number, 1.0),
    };
    let number: f64 = digits.replace(',', "").parse().unwrap_or(0.0);
    (number * unit).round() as u64
}
