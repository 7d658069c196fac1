//! The prompt of an agent: which parts it has, and in which order.
//!
//! The briefing on its task, the related documents in full, the expectations, and the shortcomings of
//! its last attempt.

mod short;

use crate::coordinate::gate::gates_to_run;
use crate::coordinate::worktree::target;
use crate::error::Result;
use crate::memory::prime::{BUDGETS, PrimeOptions, tokens};
use crate::model::item::Item;
use crate::model::text::{escape_controls, excerpt, head};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::secret;
use crate::store::state::State;

/// The maximum size of a document in the prompt, in bytes; the rest can be read with `git pm show`.
const DOCUMENT_MAX: usize = 400_000;

/// The instructions for every agent.
const EXPECTED: &str = "
## What is expected

- Work in this directory only; it is a git worktree on the task's own branch. Do not switch branches,
  push, merge it into another branch, or change other worktrees.
- Commit all work with git. Leave nothing uncommitted.
";

/// A prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prompt {
    /// Markdown.
    pub text: String,
    /// The number of passages that seemed to be secrets and were replaced.
    pub redacted: usize,
    /// The token counts before and after shortening, if it was shortened.
    pub shortened: Option<(usize, usize)>,
}

/// The parameters of a prompt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ask<'a> {
    /// A note about earlier attempts.
    pub note: Option<&'a str>,
    /// The instructions for its part of the product.
    pub part: Option<&'a str>,
    /// What is expected instead of work, as Markdown.
    pub expected: Option<&'a str>,
    /// The maximum number of tokens.
    pub most: Option<u64>,
}

/// Writes the prompt for an item that the actor holds. `there` is open in the item's worktree.
/// Anything that looks like a secret is redacted, whichever model reads it.
///
/// # Errors
/// If the item or the state cannot be read, or the prompt cannot be shortened enough.
pub(crate) fn prompt(pm: &Pm, there: &Pm, item: &Uid, ask: &Ask<'_>) -> Result<Prompt> {
    let (mut text, redacted) = secret::redacted(&whole(pm, there, item, ask)?);
    let mut shortened = None;
    let before = tokens(&text);
    if let Some(most) = ask.most.and_then(|most| usize::try_from(most).ok())
        && before > most
    {
        let state = pm.store.state()?;
        let short = short::short(pm, &state, state.find(item.as_str())?, ask, most)?;
        text = secret::redacted(&short).0;
        shortened = Some((before, tokens(&text)));
    }
    Ok(Prompt {
        text,
        redacted: redacted.len(),
        shortened,
    })
}

/// The full prompt.
fn whole(pm: &Pm, there: &Pm, item: &Uid, ask: &Ask<'_>) -> Result<String> {
    let briefing = there.memory().prime(&PrimeOptions {
        id: Some(item.to_string()),
        budget: *BUDGETS.end(),
    })?;
    let state = pm.store.state()?;
    let item = state.find(item.as_str())?;
    let mut text = briefing.text.clone();
    // Text that the briefing had no room for is included in full.
    let body = state.text_of(item).unwrap_or_default();
    let end = body.lines().map(str::trim).rfind(|line| !line.is_empty());
    let is_whole = end.is_none_or(|end| briefing.text.contains(&escape_controls(end)));
    let own = (!is_whole).then_some(item);
    for document in own.into_iter().chain(documents(&state, item)) {
        let id = state.shown_id(document);
        let body = state.text_of(document).unwrap_or_default();
        if !body.trim().is_empty() {
            // Quoted, so that it cannot be mistaken for what follows.
            let body = escape_controls(head(body.trim_end(), DOCUMENT_MAX));
            let quoted: Vec<String> = body.lines().map(|line| format!("> {line}")).collect();
            text.push_str(&format!(
                "\n## {id}: {}\n\n{}\n",
                excerpt(&document.title, 200),
                quoted.join("\n")
            ));
        }
    }
    if let Some(part) = ask.part {
        text.push_str(&format!("\n## Your part\n\n{part}\n"));
    }
    let plan = change_plan(item);
    if !plan.is_empty() {
        let plan: Vec<String> = plan.lines().map(|line| format!("> {line}")).collect();
        text.push_str(&format!("\n## Change plan\n\n{}\n", plan.join("\n")));
    }
    match ask.expected {
        Some(expected) => text.push_str(expected),
        None => text.push_str(&expectations(pm, &state, item)?),
    }
    if let Some(note) = ask.note {
        text.push_str(&format!(
            "\n## Before you begin\n\n{}\n",
            escape_controls(note.trim_end())
        ));
    }
    Ok(text)
}

/// What the item's agent planned to change, and why, one statement on each line; empty without a plan.
fn change_plan(item: &Item) -> String {
    let Some(plan) = &item.change_plan else {
        return String::new();
    };
    let changes = plan.plan.iter().map(|change| format!("- {change}\n"));
    changes.collect::<String>() + &plan.rationale
}

/// The epic of an item and the document from which it was planned.
fn documents<'s>(state: &'s State<'_>, item: &Item) -> Vec<&'s Item> {
    let epic = item.epic.as_ref().and_then(|epic| epic.uid.as_ref());
    let both = epic.into_iter().chain(&item.planned_from);
    let found = both.filter_map(|uid| state.item(uid));
    found.filter(|item| !item.deleted).collect()
}

fn expectations(pm: &Pm, state: &State<'_>, item: &Item) -> Result<String> {
    let id = state.shown_id(item);
    let mut text = EXPECTED.to_string();
    if !item.acceptance.is_empty() {
        text.push_str(&format!(
            "- When a criterion is met, accept it: `git pm task accept {id} NUMBER --evidence \
             \"what shows it\"`.\n"
        ));
    }
    let gates = gates_to_run::gates(pm, &target::target_of(pm, state, item, None)?)?;
    if !gates.is_empty() {
        for (required, what) in [(true, "have to pass"), (false, "are advisory")] {
            let gates = gates.iter().filter(|gate| gate.required == required);
            let names: Vec<String> = gates
                .map(|gate| format!("`{}`: {gate}", escape_controls(&gate.name)))
                .collect();
            if !names.is_empty() {
                text.push_str(&format!("- These checks {what}: {}.\n", names.join(", ")));
            }
        }
        if gates.iter().any(|gate| gate.tests_first) {
            text.push_str(
                "- Commit the tests first, on their own; they have to fail without the \
                 work that follows.\n",
            );
        }
    }
    text.push_str(
        "- The work is checked and submitted after you exit with code 0. If you cannot do it, say \
         why and exit with another code.\n",
    );
    Ok(text)
}
