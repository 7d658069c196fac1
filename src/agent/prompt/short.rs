//! A prompt within a token limit, for small models (MR-04).
//!
//! The rule: the expectations and the title stay complete, or there is no prompt; then follow, as far
//! as whole lines fit, the acceptance criteria, the shortcomings of the last attempt, the change plan,
//! the instructions for the part of the product, the planned paths, and the beginning of the item's
//! text. Documents and the rest of the briefing are left out; the agent can read them with `git pm`.

use super::{Ask, EXPECTED, change_plan};
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::worktree::target;
use crate::error::{Error, Reason, Result};
use crate::memory::prime::tokens;
use crate::model::criterion::Shown;
use crate::model::item::Item;
use crate::model::text::{escape_controls, excerpt, one_line};
use crate::pm::Pm;
use crate::secret;
use crate::store::state::State;
use crate::work::task::criteria;

/// Replaces omitted lines.
const CUT: &str = "[...]\n";

pub(super) fn short(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    ask: &Ask<'_>,
    most: usize,
) -> Result<String> {
    let id = state.shown_id(item);
    let title = format!("# {id}: {}\n", excerpt(&one_line(&item.title), 200));
    let shown = criteria::shown(state, item);
    let mut expected = EXPECTED.to_string();
    if shown.iter().any(|one| one.number.is_some()) {
        expected.push_str(&format!(
            "- Accept criteria when they are met: `git pm task accept {id} NUMBER --evidence \
             \"...\"`.\n"
        ));
    }
    if !gates_to_run::gates(pm, &target::target_of(pm, state, item, None)?)?.is_empty() {
        expected.push_str("- The checks of this project have to pass.\n");
    }
    expected.push_str("- If you cannot do it, say why and exit with a non-zero code.\n");
    if let Some(instead) = ask.expected {
        expected = instead.to_string();
    }
    let fixed = secret::redacted(&format!("{title}{expected}")).0;
    if tokens(&fixed) > most {
        return Err(Error::refused(format!(
            "the prompt for {id} needs at least {} tokens, but its role allows only {most}",
            tokens(&fixed)
        ))
        .because(Reason::RunPromptCap)
        .about(&id)
        .hint("raise PROMPT in pm.routeTokens, `ROLE=PROMPT,ANSWER`"));
    }
    let criteria: Vec<String> = shown
        .into_iter()
        .map(|Shown { number, criterion }| {
            let done = if criterion.done { " (met)" } else { "" };
            match number {
                Some(n) => format!("{n}. {}{done}", criterion.text),
                None => criterion.text,
            }
        })
        .collect();
    let body = state.text_of(item).unwrap_or_default();
    let parts = [
        ("## Acceptance", criteria.join("\n")),
        (
            "## Before you begin",
            ask.note.unwrap_or_default().to_string(),
        ),
        ("## Change plan", change_plan(item)),
        ("## Your part", ask.part.unwrap_or_default().to_string()),
        ("## Paths", item.paths.join("\n")),
        ("## Text", body),
    ];
    let mut text = title;
    for (heading, lines) in parts {
        if lines.trim().is_empty() {
            continue;
        }
        // Escaped and redacted first: both change the size.
        let lines = secret::redacted(&escape_controls(lines.trim())).0;
        let fits = |kept: &str| tokens(&format!("{text}{kept}{CUT}{expected}")) <= most;
        let mut kept = format!("\n{heading}\n\n");
        let empty = kept.len();
        for line in lines.lines() {
            // Quoted, so that it cannot be mistaken for a heading of the prompt.
            let longer = format!("{kept}> {line}\n");
            if !fits(&longer) {
                kept.push_str(CUT);
                break;
            }
            kept = longer;
        }
        if kept.len() > empty + CUT.len() || !kept.ends_with(CUT) {
            text.push_str(&kept);
        }
    }
    Ok(text + &expected)
}
