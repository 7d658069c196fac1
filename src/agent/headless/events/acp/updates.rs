//! The updates that an agent sends while it works on the prompt: pieces of text, tools, usage.

use std::collections::VecDeque;

use super::super::super::clean_text;
use super::super::super::json::{Fields, Json};
use super::super::super::report::{Update, Usage};
use super::super::super::tally::Tally;
use super::super::detail;
use crate::agent::headless::limits;
use crate::model::text;

/// The reader of the updates of one prompt.
#[derive(Debug)]
pub(super) struct Updates {
    /// An incomplete text from the model.
    text: String,
    tools: VecDeque<Tool>,
    /// The session's cost in millionths of a US dollar when the run began.
    cost_before: u64,
    cost: Option<u64>,
}

#[derive(Debug, Default)]
struct Tool {
    id: String,
    name: String,
    detail: String,
    has_begun: bool,
}

impl Updates {
    pub(super) fn new(cost_before: u64) -> Updates {
        Updates {
            text: String::new(),
            tools: VecDeque::new(),
            cost_before,
            cost: None,
        }
    }

    /// Reads one update.
    pub(super) fn read(&mut self, update: &Json, tally: &mut Tally) {
        let kind = update["sessionUpdate"].text();
        match kind {
            "agent_message_chunk" => {
                clean_text::append(&mut self.text, update["content"]["text"].text());
            }
            "tool_call" | "tool_call_update" => {
                self.flush(tally);
                self.tool(update, tally);
            }
            "usage_update" => {
                let cost = &update["cost"];
                if cost["currency"].text().eq_ignore_ascii_case("usd") {
                    // The session's running total.
                    let total = cost["amount"].millionths();
                    let own = total.map(|total| total.saturating_sub(self.cost_before));
                    self.cost = own.filter(|cost| *cost > 0);
                    tally.usage(Usage {
                        cost: self.cost,
                        ..tally.usage
                    });
                }
            }
            _ => {}
        }
    }

    /// Reads the answer to the prompt.
    pub(super) fn end(&mut self, result: &Json, tally: &mut Tally) {
        self.flush(tally);
        let usage = tokens(result).unwrap_or(tally.usage);
        tally.usage(Usage {
            cost: self.cost,
            ..usage
        });
    }

    /// Passes on the text received so far.
    pub(super) fn flush(&mut self, tally: &mut Tally) {
        let text = std::mem::take(&mut self.text);
        tally.message(text.trim());
    }

    /// Records what a permission request says about a tool: its name, and its target.
    pub(super) fn asked(&mut self, call: &Json) -> (String, String) {
        let mut tool = self.take(call);
        tool.learn(call);
        let shown = (
            clean_text::name(&tool.name),
            clean_text::detail(&tool.detail),
        );
        self.keep(tool);
        shown
    }

    /// Takes the tool that a message is about, which may be new.
    fn take(&mut self, message: &Json) -> Tool {
        let id = text::head(message["toolCallId"].text(), 200);
        let known = self.tools.iter().position(|tool| tool.id == id);
        let known = known.and_then(|at| self.tools.remove(at));
        known.unwrap_or_else(|| Tool {
            id: id.to_string(),
            ..Tool::default()
        })
    }

    fn keep(&mut self, tool: Tool) {
        if self.tools.len() == limits::OPEN_TOOLS_MAX {
            self.tools.pop_front();
        }
        self.tools.push_back(tool);
    }

    fn tool(&mut self, update: &Json, tally: &mut Tally) {
        let mut tool = self.take(update);
        tool.learn(update);
        match update["status"].text() {
            status @ ("completed" | "failed") => {
                let ok = status == "completed";
                let output = clean_text::output(&returned(update));
                if !output.is_empty() {
                    tally.push(Update::Output(output));
                }
                tally.tool_done(&tool.id, &tool.name, &tool.detail, ok);
                return;
            }
            // Its target often follows.
            "pending" => {}
            _ if !tool.has_begun => {
                tool.has_begun = true;
                tally.tool_began(&tool.id, &tool.name, &tool.detail);
            }
            _ => {}
        }
        self.keep(tool);
    }
}

impl Tool {
    /// Records what an update says about the tool.
    fn learn(&mut self, update: &Json) {
        let name = match update["name"].text() {
            "" => update["kind"].text(),
            name => name,
        };
        let path = update["locations"].list().first();
        let path = path.map_or("", |place| place["path"].text());
        let described = [detail(&update["rawInput"]), update["title"].text(), path];
        let described = described.into_iter().find(|text| !text.is_empty());
        for (own, new) in [
            (&mut self.name, name),
            (&mut self.detail, described.unwrap_or("")),
        ] {
            if !new.is_empty() && !self.has_begun {
                *own = text::head(new, 1024).to_string();
            }
        }
        if self.name.is_empty() {
            self.name = "tool".into();
        }
    }
}

/// The text that a tool returned.
fn returned(update: &Json) -> String {
    let parts = update["content"].list().iter();
    let texts: Vec<&str> = parts.map(|part| part["content"]["text"].text()).collect();
    match texts.concat() {
        text if text.is_empty() => update["rawOutput"]["output"].text().to_string(),
        text => text,
    }
}

/// The tokens of a turn, if the agent reports them: as in the protocol's draft, or as gemini does.
/// Some include cached tokens in the sent ones, some do not: the total decides.
fn tokens(result: &Json) -> Option<Usage> {
    let usage = &result["usage"];
    let count = |name: &str| usage[name].count().unwrap_or(0);
    if usage["inputTokens"].count().is_some() {
        let cached = count("cachedReadTokens");
        let (sent, written) = (count("inputTokens"), count("outputTokens"));
        let apart = sent
            .saturating_add(cached)
            .saturating_add(count("cachedWriteTokens"));
        let total = count("totalTokens");
        let input = match total > 0 && apart.saturating_add(written) > total {
            true => sent,
            false => apart,
        };
        return Some(Usage {
            input,
            cached,
            // Includes reasoning tokens, if counted separately.
            output: written.max(total.saturating_sub(input)),
            cost: None,
        });
    }
    let quota = &result["_meta"]["quota"]["token_count"];
    let input = quota["input_tokens"].count()?;
    Some(Usage {
        input,
        output: quota["output_tokens"].count().unwrap_or(0),
        ..Usage::default()
    })
}
