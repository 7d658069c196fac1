//! The prompt of an agent, which depends on its trust level and on the limits of its role.

use super::AttemptOrder;
use crate::agent::prompt::{self, Ask};
use crate::agent::route::{Trust, instructions};
use crate::coordinate::privacy::{Privacy, not_local};
use crate::error::Result;
use crate::pm::Pm;
use crate::run::logs::LogWriter;
use crate::run::routing::trust;
use crate::secret;

/// Writes the prompt of an attempt, and logs what was removed from it. `expected` is what is expected
/// instead of work.
///
/// # Errors
/// When the state cannot be read, or the prompt cannot be shortened enough.
pub(super) fn write(
    pm: &Pm,
    there: &Pm,
    order: &AttemptOrder,
    (expected, log): (Option<&str>, &mut LogWriter),
) -> Result<String> {
    let prompt = prompt::prompt(
        pm,
        there,
        &order.job.item,
        &Ask {
            note: order.job.note.as_deref(),
            part: order.pick.duty.specialty.map(instructions),
            expected,
            most: order.pick.caps.prompt,
        },
    )?;
    let mut told = |text: String| {
        log.write("run", &text);
    };
    if let Some((before, after)) = prompt.shortened {
        let most = order.pick.caps.prompt.unwrap_or(0);
        told(format!(
            "the prompt was shortened from {before} to {after} tokens: its role allows {most}"
        ));
    }
    if prompt.redacted > 0 {
        told(format!(
            "secrets removed from the prompt: {}",
            prompt.redacted
        ));
    }
    if order.pick.trust != Trust::Untrusted {
        return Ok(prompt.text);
    }
    let (text, personal) = secret::without_personal(&prompt.text);
    if !personal.is_empty() {
        told(format!(
            "passages with personal data removed from the prompt: {}",
            personal.len()
        ));
    }
    Ok(text)
}

/// The reason the agent must not get the task.
///
/// # Errors
/// When the state or the settings cannot be read.
pub(super) fn keeps_away(pm: &Pm, order: &AttemptOrder) -> Result<Option<String>> {
    // As of the model call: the configuration may have changed since the run began.
    let now = trust(pm, &order.pick.agent.with, &order.pick.local_agents);
    if order.pick.trust == Trust::Local && now == Trust::Local {
        return Ok(None);
    }
    let privacy = Privacy::of(pm)?;
    let state = pm.store.state()?;
    let item = state.find(order.job.item.as_str())?;
    Ok(privacy.reason(&state, item).map(|why| not_local(&why)))
}
