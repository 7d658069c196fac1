//! Asks the agent of a task what it will change and why, and stores that before it changes anything.

use std::path::Path;

use serde::Deserialize;

use super::{AttemptOrder, prompt};
use crate::agent::headless::With;
use crate::error::Result;
use crate::model::change_plan::{CHANGE_MAX, CHANGE_PLAN, CHANGES, ChangePlan, RATIONALE_MAX};
use crate::model::settings;
use crate::model::stamp::rfc3339;
use crate::model::text::one_line;
use crate::model::usage::Used;
use crate::pm::Pm;
use crate::review::panel::criteria_hash;
use crate::review::panel::prompt::FOLDER;
use crate::run::after_attempt::{AttemptEnd, AttemptOutcome};
use crate::run::ask_agents::{One, Question};
use crate::run::checkout::checkout;
use crate::run::logs::LogWriter;
use crate::run::record::job_uid;
use crate::secret;
use crate::store::env::Env;
use crate::store::fault;

/// The number of times that an agent is asked in one attempt.
const ASKED: u32 = 2;

/// What is expected instead of work.
const EXPECTED: &str = "
## What is expected

Plan the change, and change nothing yet. This directory is a copy of the repository for reading: what is
written here is lost. Answer with one JSON object and nothing else, then end:

{\"plan\": [\"PATH: WHAT\", \"PATH: WHAT\", \"PATH: WHAT\"], \"rationale\": \"WHY\"}

- `plan` has 3 to 5 changes, each on one line of at most 200 characters: the path, and what changes there.
- `rationale` is one paragraph of at most 2000 characters for those who read the pull request: why the
  change is made this way.
";

/// The answer of an agent.
#[derive(Deserialize)]
struct Answered {
    plan: Vec<String>,
    rationale: String,
}

/// True if the agent has to plan first: there is no plan for the criteria as they are now.
///
/// # Errors
/// When the state cannot be read.
pub(super) fn is_due(pm: &Pm, order: &AttemptOrder) -> Result<bool> {
    let is_on = order.change_plan
        || matches!(order.pick.agent.with, With::Model(_))
        || pm.store.repo().is_on(&settings::CHANGE_PLAN);
    let state = pm.store.state()?;
    let item = state.find(order.job.item.as_str())?;
    let known = item.change_plan.as_ref();
    Ok(is_on && known.is_none_or(|plan| plan.criteria != criteria_hash(item)))
}

/// Asks for the plan, in a checkout of its own at the commit of the task's worktree `place`, and stores
/// it. An answer that is no plan is asked for once more, with the reason, and then fails the attempt.
///
/// # Errors
/// When the agent cannot be started, or the state cannot be written.
pub(super) fn ask(
    pm: &Pm,
    order: &AttemptOrder,
    (id, place): (&str, &Path),
    log: &mut LogWriter,
) -> Result<AttemptOutcome> {
    let there = Env {
        cwd: place.to_path_buf(),
        ..order.env.clone()
    };
    let there = Pm::open(there, order.pm_options())?;
    let prompt = prompt::write(pm, &there, order, (Some(EXPECTED), log))?;
    drop(there);
    let criteria = criteria_hash(pm.store.state()?.find(order.job.item.as_str())?);
    let git = pm.store.repo().git().in_worktree(place)?;
    let commit = git.require(&["rev-parse", "--verify", "HEAD"])?.text();
    // No other task of any run has it.
    let own = job_uid(&order.run, &order.job.item);
    let checkout = checkout(pm, (&own, 0), &commit, (FOLDER, &[]))?;
    let mut one = One {
        env: order.env.clone(),
        number: order.job.attempt,
        control: order.control.clone(),
        budget: order.budget,
        agent: order.agent.clone(),
        offline: order.offline,
        model: order.pick.agent.model.clone(),
        limits: order.limits.clone(),
        caps: order.pick.caps,
        run: order.run_id.clone(),
        item: order.job.item.clone(),
        id: id.to_string(),
        mark: id.to_string(),
        files: order.folder.clone(),
    };
    let role = order.job.role.as_deref().unwrap_or("developer");
    let mut outcome = AttemptOutcome::without_agent(AttemptEnd::Planned);
    let mut more = String::new();
    for _ in 0..ASKED {
        log.write("run", "asks for the change plan");
        let spent = outcome.used.spent.micro_usd;
        one.budget = order.budget.map(|budget| budget.saturating_sub(spent));
        let answer = one.ask(&Question {
            label: order.agent.clone(),
            role: role.into(),
            round: order.job.attempt,
            with: order.pick.agent.with.clone(),
            prompt: format!("{prompt}{more}"),
            place: checkout.path().to_path_buf(),
            file: None,
            kept: None,
        })?;
        outcome.used = both(outcome.used, answer.used);
        if let Some(failed) = answer.failed {
            outcome.end = failed;
            break;
        }
        match plan_in(answer.words.as_deref().unwrap_or_default()) {
            Ok(answered) => {
                store(pm, order, answered, criteria)?;
                outcome.end = AttemptEnd::Planned;
                break;
            }
            Err(why) => {
                let text = format!("its change plan cannot be used: {why}");
                log.write("run", &text);
                more =
                    format!("\n## Before you begin\n\nYour last answer cannot be used: {why}.\n");
                outcome.end = AttemptEnd::Failed(text);
            }
        }
    }
    Ok(outcome)
}

/// The plan in an agent's words, which may stand in a fence or after others, without secrets.
fn plan_in(words: &str) -> std::result::Result<Answered, String> {
    let (begin, end) = (words.find('{'), words.rfind('}'));
    let object = begin
        .zip(end)
        .and_then(|(begin, end)| words.get(begin..=end));
    let mut found: Answered = object
        .and_then(|object| serde_json::from_str(object).ok())
        .ok_or("it is no JSON object in the form that was asked for")?;
    for text in found.plan.iter_mut().chain([&mut found.rationale]) {
        *text = secret::redacted(text.trim()).0;
    }
    let is_one_line = found.plan.iter().all(|text| text.lines().count() == 1);
    for text in &mut found.plan {
        *text = one_line(text);
    }
    let is_short = |text: &String| text.chars().count() <= CHANGE_MAX;
    found.rationale = one_line(&found.rationale);
    let length = found.rationale.chars().count();
    match &found.plan {
        plan if !CHANGES.contains(&plan.len()) => Err(format!(
            "it has {} changes instead of {} to {}",
            plan.len(),
            CHANGES.start(),
            CHANGES.end()
        )),
        plan if !is_one_line || !plan.iter().all(is_short) => Err(format!(
            "each change has to be one line of at most {CHANGE_MAX} characters"
        )),
        _ if length == 0 || length > RATIONALE_MAX => Err(format!(
            "the rationale has {length} characters instead of 1 to {RATIONALE_MAX}"
        )),
        _ => Ok(found),
    }
}

fn store(pm: &Pm, order: &AttemptOrder, answered: Answered, criteria: String) -> Result<()> {
    let uid = &order.job.item;
    pm.store.write(&pm.named_writer("task edit")?, |tx| {
        let plan = ChangePlan {
            by: order.agent.clone(),
            at: rfc3339(tx.clock().wall_ms()),
            plan: answered.plan.clone(),
            rationale: answered.rationale.clone(),
            criteria: criteria.clone(),
        };
        tx.edit(uid, |doc, clock| {
            doc.set(CHANGE_PLAN, plan.to_value(), clock)
        })?;
        let id = tx.state.item(uid).map(|item| tx.state.shown_id(item));
        let id = id.unwrap_or_default();
        tx.describe("task edit", &[&id], &format!("{id}: change plan"));
        Ok(())
    })?;
    fault::step("planned")
}

/// The usage of two starts of one agent.
fn both(mut first: Used, second: Used) -> Used {
    if first == Used::default() {
        return second;
    }
    first.spent.add(second.spent);
    Used {
        spent: first.spent,
        price: first.price.and(second.price),
        model: second.model.or(first.model),
        messages: first.messages.saturating_add(second.messages),
        tools: first.tools.saturating_add(second.tools),
    }
}
