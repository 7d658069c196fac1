//! A debate of a plan: critics look for what would make it fail, its architect answers each finding.
//!
//! They take turns until nothing that matters is open, or a human has to decide. What was said is in the
//! record of the document, so any process goes on where another one ended. A debate approves nothing.
//! How agents are started is decided by the caller.

mod answers;
mod architect;
mod critics;
mod prompt;
mod standing;
#[cfg(test)]
mod tests;
mod view;

use std::collections::BTreeSet;
use std::path::PathBuf;

use self::standing::{Next, Standing};
pub use self::view::{DebateConcerns, DebateDuty, DebateReport, DebateSpend, DebateTurn};
use super::commit_to_read;
use super::panel::prompt::fenced;
use super::panel::{Ask, Asked, Told};
use crate::error::{Error, Result};
use crate::model::line_diff;
use crate::model::uid::sha256_hex;
use crate::model::usage::Spent;
use crate::model::value::Value;
use crate::plan::Source;
use crate::plan::debated::DebatedPlan;
use crate::plan::missing_parts::standing_of_plan;
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::secret;
use crate::store::beneath;

/// The operation, as commits of the state name it.
const OP: &str = "plan debate";

/// The architect, who writes the plan, and the critic who tries to refute it.
pub(crate) const ARCHITECT: &str = "avery";
pub(crate) const CRITIC: &str = "rex";

/// How a plan is debated.
#[derive(Clone, Debug, Default)]
pub struct DebateOptions {
    /// Ask five critics beside the first one.
    pub gauntlet: bool,
    /// The number of rounds after which a human decides, by default 3. Only a human can allow more.
    pub rounds: Option<u32>,
}

impl Plans<'_> {
    /// Where the debate of a plan stands.
    ///
    /// # Errors
    /// If there is no such plan.
    pub fn debate(&self, id: Option<&str>) -> Result<DebateReport> {
        Standing::read(self.pm, id)?.report(self.pm, None)
    }
}

/// Lets the architect and the critics of a plan take turns until no answer is due, or one is missing. `own` opens the repository as the architect; `tell` receives each turn.
///
/// # Errors
/// If there is no such plan, or it is approved.
pub(crate) fn debate(
    pm: &Pm,
    own: &dyn Fn() -> Result<Pm>,
    id: &str,
    options: &DebateOptions,
    (ask, tell): (&mut Ask<'_>, &mut dyn FnMut(&DebateTurn)),
) -> Result<DebateReport> {
    if !standing_of_plan(pm, id)?.needs_approval {
        return Err(Error::refused(format!(
            "the plan of {id} is approved: a debate comes before"
        ))
        .about(id)
        .hint(format!("`git pm plan edit {id}` changes it")));
    }
    let commit = commit_to_read(pm)?;
    let mut now = Standing::read(pm, Some(id))?;
    loop {
        let debate = Debate {
            kept: pm
                .store
                .folder()
                .join("asked")
                .join(now.plan.prd.uid.as_str()),
            commit: commit.clone(),
            pm,
            now,
            options,
        };
        let is_done = match debate.now.next(pm, options.rounds) {
            Next::Critics => debate.criticize(ask)?,
            Next::Architect => debate.revise(own, ask)?,
            Next::Over(_) => {
                // What cannot be removed only costs space.
                let _ = beneath::remove(&debate.kept);
                return debate.now.report(pm, options.rounds);
            }
        };
        now = Standing::read(pm, Some(id))?;
        if let Some(turn) = now.turns.last() {
            tell(turn);
        }
        if !is_done {
            return now.report(pm, options.rounds);
        }
    }
}

/// One turn.
struct Debate<'d> {
    pm: &'d Pm,
    now: Standing,
    options: &'d DebateOptions,
    /// The commit that is read beside the plan.
    commit: String,
    /// The folder of answers that are not recorded yet.
    kept: PathBuf,
}

/// What a turn used.
#[derive(Default)]
struct Cost {
    spent: Spent,
    models: BTreeSet<String>,
}

impl Cost {
    fn add(&mut self, told: &Told) {
        self.spent.add(told.used.spent);
        self.models.insert(told.model.clone());
    }
}

impl Debate<'_> {
    fn question<'q>(
        &'q self,
        role: &str,
        round: u32,
        prompt: String,
        files: &'q [(&'static str, String)],
        more: &str,
    ) -> Asked<'q> {
        let of = [role, &round.to_string(), &self.now.plan.hash, more].join("\0");
        Asked {
            role: role.to_string(),
            round,
            prompt,
            files,
            commit: &self.commit,
            answer_file: None,
            kept: self.kept.join(sha256_hex(of.as_bytes())),
        }
    }

    /// What is read. Nothing that looks like a secret leaves.
    fn files(&self, before: Option<&str>) -> Result<Vec<(&'static str, String)>> {
        let plan = &self.now.plan;
        let outline = self
            .pm
            .plans()
            .outline(&Source::Prd(plan.prd.uid.to_string()))?;
        let earlier = prompt::earlier(&self.now.open(), &plan.checks);
        let mut files = vec![
            (prompt::PLAN, plan.text.clone()),
            (prompt::OUTLINE, outline.text),
            (prompt::EARLIER, fenced(&earlier)?),
        ];
        if let Some(before) = before {
            files.push((prompt::SINCE, line_diff::unified(before, &plan.text)));
        }
        for (_, text) in &mut files {
            let (safe, found) = secret::redacted(text);
            if !found.is_empty() && *text == plan.text {
                // Without it the architect's plan would lose it.
                return Err(Error::refused(format!(
                    "the plan of {} has a passage that looks like a secret, which no agent may read",
                    plan.id
                ))
                .about(&plan.id)
                .hint(format!("`git pm plan edit {}` removes it", plan.id)));
            }
            *text = safe;
        }
        Ok(files)
    }

    fn entry(&self, verdict: &str, plan: &DebatedPlan, cost: &Cost) -> Vec<(&'static str, Value)> {
        let count = |n: u64| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
        let models: Vec<&str> = cost.models.iter().map(String::as_str).collect();
        vec![
            ("plan", plan.hash.as_str().into()),
            ("version", plan.version.as_str().into()),
            ("verdict", verdict.into()),
            ("models", models.join(", ").into()),
            ("tokens", count(cost.spent.tokens())),
            ("micro_usd", count(cost.spent.micro_usd)),
        ]
    }
}
