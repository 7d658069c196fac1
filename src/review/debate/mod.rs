//! A debate of a plan: critics look for what would make it fail, its architect answers each finding.
//!
//! They take turns until nothing that matters is open, or a human has to decide. What was said is in the
//! record of the document, so any process goes on where another one ended. A debate approves nothing.
//! How agents are started is decided by the caller.

mod answers;
mod prompt;
mod standing;
#[cfg(test)]
mod tests;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use self::answers::{Heard, Revised, heard, revised, sections};
use self::standing::{Next, Standing};
pub use self::view::{DebateConcerns, DebateDuty, DebateReport, DebateSpend, DebateTurn};
use super::panel::prompt::fenced;
use super::panel::votes::{self, SaidBy};
use super::panel::{Ask, Asked, Told, choose};
use crate::agent::definition::{FullAgent, Output};
use crate::coordinate::finding::record::{
    CLEAN, Entry, FAILED, FINDINGS, Reply, Review, record, write_entry,
};
use crate::coordinate::finding::{lookup, rounds};
use crate::error::{Error, Kind, Reason, Result};
use crate::model::finding::{Finding, FindingStatus, Severity};
use crate::model::line_diff;
use crate::model::text::{excerpt, first_of};
use crate::model::uid::{Uid, sha256_hex};
use crate::model::usage::Spent;
use crate::model::value::Value;
use crate::plan::Source;
use crate::plan::debated::{DebatedPlan, text_of_version};
use crate::plan::missing_parts::standing_of_plan;
use crate::plan::write::{WriteOptions, header};
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::secret;
use crate::store::beneath;

/// The operation, as commits of the state name it.
const OP: &str = "plan debate";

/// The architect, who writes the plan, and the critic who tries to refute it.
pub(crate) const ARCHITECT: &str = "avery";
pub(crate) const CRITIC: &str = "rex";

/// The critics of a gauntlet beside the first one.
const GAUNTLET: [&str; 5] = [
    "resource-scheduler",
    "dependency-analyst",
    "risk-assessor",
    "efficiency-critic",
    "reality-checker",
];

/// The number of critics of a gauntlet that confirm what the first one does not say.
const NEED: usize = 2;

/// The verdict of an architect's turn.
const ANSWERED: &str = "answered";

/// The number of texts that the architect may write in a turn until one can be read.
const TEXTS: u32 = 2;

/// The number of names that a message lists.
const NAMED: usize = 5;

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

/// Lets the architect and the critics of a plan take turns until nobody has to answer, or somebody did
/// not. `own` opens the repository as the architect; `tell` receives each turn.
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
    let repo = pm.store.repo();
    let commit = repo.head_commit().ok_or_else(|| {
        Error::refused("the project has no commit yet").hint("commit something first")
    })?;
    loop {
        let now = Standing::read(pm, Some(id))?;
        let debate = Debate {
            kept: pm
                .store
                .folder()
                .join("asked")
                .join(now.plan.prd.uid.as_str()),
            commit: commit.to_string(),
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
        let now = Standing::read(pm, Some(id))?;
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
    /// Asks the critics about the present text; false if one of them has no answer.
    fn criticize(&self, ask: &mut Ask<'_>) -> Result<bool> {
        let plan = &self.now.plan;
        let round = self.now.rounds.next();
        let mut names = vec![CRITIC];
        if self.options.gauntlet {
            names.extend(GAUNTLET);
        }
        let agents = names.iter().map(|name| choose::reviewer(self.pm, name));
        let agents: Vec<FullAgent> = agents.collect::<Result<_>>()?;
        let before = self.before()?;
        let files = self.files(before.as_deref())?;
        let question = |agent: &FullAgent, pressed: bool| {
            let name = &agent.agent.definition.name;
            let of = if pressed { "pressed" } else { "" };
            self.question(
                name,
                round,
                prompt::critic(agent, round, pressed),
                &files,
                of,
            )
        };
        let questions: Vec<Asked<'_>> = agents.iter().map(|agent| question(agent, false)).collect();
        let told = ask(&questions)?;
        let mut cost = Cost::default();
        let mut failed: Option<String> = None;
        let mut said: Vec<SaidBy> = Vec::new();
        let mut answered: BTreeMap<String, Vec<FindingStatus>> = BTreeMap::new();
        for ((agent, asked), told) in agents.iter().zip(&questions).zip(told) {
            let name = &agent.agent.definition.name;
            cost.add(&told);
            let mut model = told.model.clone();
            let mut answer = self.read(name, told.words);
            let is_agreement =
                |heard: &Heard| heard.found.iter().all(|one| one.severity > Severity::P1);
            if name == CRITIC && round == 1 && answer.as_ref().is_ok_and(is_agreement) {
                let pressed = question(agent, true);
                let told = ask(std::slice::from_ref(&pressed))?.into_iter().next();
                let told = told.ok_or_else(|| Error::state("the critic was not asked"))?;
                cost.add(&told);
                model.clone_from(&told.model);
                let again = self
                    .read(name, told.words)
                    .and_then(|heard| self.all_read(heard));
                if again.is_err() {
                    let _ = beneath::remove(&pressed.kept);
                }
                answer = answer.and_then(|mut first| {
                    let again = again?;
                    first.found.extend(again.found);
                    Ok(first)
                });
            }
            match answer {
                Ok(heard) => {
                    let new = heard.found.into_iter().filter(|one| {
                        let task = one.place.as_ref().map(|place| place.path.as_str());
                        one.severity <= Severity::P1
                            || before.as_ref().is_none_or(|old| is_since(plan, old, task))
                    });
                    said.extend(new.map(|one| (one, model.clone())));
                    for (id, status) in heard.answers {
                        answered.entry(id).or_default().push(status);
                    }
                }
                Err(why) => {
                    // What is kept would be read again.
                    let _ = beneath::remove(&asked.kept);
                    failed.get_or_insert(format!("{name}: {why}"));
                }
            }
        }
        let known = &self.now.known;
        let mut joined = votes::join(said, known, NEED);
        for one in &mut joined.new {
            let mut names = one.agreed.iter().map(|other| other.reviewer.as_str());
            one.confirmed |= one.found.reviewer == CRITIC || names.any(|name| name == CRITIC);
        }
        joined.new.sort_by_key(|one| one.found.severity);
        let earlier = self.now.open();
        // One critic answers for all: each of the others looks at one thing.
        let answers = earlier.iter().filter_map(|one| {
            let said = answered.get(&one.id().to_ascii_lowercase())?;
            Some((one.uid.clone(), votes::settled(said, 1)?))
        });
        let review = Review {
            round,
            found: joined.new,
            answers: answers.collect(),
            agreements: joined.agreements,
            need: NEED,
            ..Review::new(OP, &plan.prd, self.commit.clone())
        };
        record(self.pm, &review, None)?;
        self.conclude(round, &names, failed, &cost)
    }

    /// Records the verdict of a round; false if a critic has no answer.
    fn conclude(
        &self,
        round: u32,
        names: &[&str],
        failed: Option<String>,
        cost: &Cost,
    ) -> Result<bool> {
        let plan = &self.now.plan;
        let known = {
            let state = self.pm.store.snapshot()?;
            lookup::findings_of(self.pm, &state, &plan.prd.uid)?
        };
        let before: BTreeSet<&Uid> = self.now.known.iter().map(|one| &one.uid).collect();
        let new = known.iter().map(|one| one.uid.clone());
        let new: BTreeSet<Uid> = new.filter(|uid| !before.contains(uid)).collect();
        let stopped = match &failed {
            Some(_) => None,
            None => rounds::stops(round, &known, &new),
        };
        let verdict = match (&failed, known.iter().any(Finding::blocks)) {
            (Some(_), _) => FAILED,
            (None, true) => FINDINGS,
            (None, false) => CLEAN,
        };
        let counted = names.iter().map(|name| {
            let own = known
                .iter()
                .filter(|one| one.reviewer == *name && !one.private);
            format!(
                "{name} ({})",
                own.filter(|one| one.status.is_open()).count()
            )
        });
        let critics = counted.collect::<Vec<_>>().join(", ");
        let mut fields = self.entry(verdict, plan, cost);
        fields.extend([
            ("role", Value::from(CRITIC)),
            ("round", Value::from(i64::from(round))),
            ("reviewers", critics.into()),
            ("changed", Value::from(failed.as_deref())),
            ("stopped", Value::from(stopped.as_deref())),
        ]);
        write_entry(self.pm, OP, &plan.prd, &Entry { fields })?;
        Ok(failed.is_none())
    }

    /// Asks the architect about what is open; false if it has no answer that can be used.
    fn revise(&self, own: &dyn Fn() -> Result<Pm>, ask: &mut Ask<'_>) -> Result<bool> {
        let agent = self.architect()?;
        let plan = &self.now.plan;
        let files = self.files(None)?;
        let mut cost = Cost::default();
        let mut problem: Option<String> = None;
        for text in 0..TEXTS {
            let told_of = prompt::architect(&agent, problem.as_deref());
            let asked = Asked {
                answer_file: Some(prompt::PLAN),
                ..self.question(
                    ARCHITECT,
                    self.now.rounds.done,
                    told_of,
                    &files,
                    &text.to_string(),
                )
            };
            let told = ask(std::slice::from_ref(&asked))?.into_iter().next();
            let told = told.ok_or_else(|| Error::state("the architect was not asked"))?;
            cost.add(&told);
            let answer = told.words.and_then(|words| revised(&words, told.file));
            let said = match answer {
                Ok(said) => self
                    .written(own, said.text.as_deref())?
                    .map(|how| (how, said)),
                Err(why) => Err((false, why)),
            };
            match said {
                Ok((how, said)) => return self.answered(how, &said, &cost).map(|()| true),
                Err((is_about_text, why)) => {
                    let _ = beneath::remove(&asked.kept);
                    problem = Some(why);
                    if !is_about_text {
                        break;
                    }
                }
            }
        }
        let why = problem.unwrap_or_default();
        let mut fields = self.entry(FAILED, plan, &cost);
        fields.extend([
            ("role", Value::from(ARCHITECT)),
            ("answers", Value::from(i64::from(self.now.rounds.done))),
            ("changed", excerpt(&why, 1_000).into()),
        ]);
        write_entry(self.pm, OP, &plan.prd, &Entry { fields })?;
        Ok(false)
    }

    /// Writes the architect's text as the plan, and says what that changed. What is wrong with it comes
    /// with whether another text can be better.
    fn written(
        &self,
        own: &dyn Fn() -> Result<Pm>,
        text: Option<&str>,
    ) -> Result<std::result::Result<String, (bool, String)>> {
        let plan = &self.now.plan;
        let same = |text: &&str| text.trim() != plan.text.trim();
        let Some(text) = text.filter(same) else {
            return Ok(Ok("nothing".into()));
        };
        let header = header(&plan.document, Some(&plan.version));
        let options = WriteOptions {
            keeps_statements: true,
            ..WriteOptions::default()
        };
        let text = format!("{}\n\n{header}", text.trim_end());
        let source = Source::Prd(plan.prd.uid.to_string());
        match own()?.plans().write(&source, &text, &options) {
            Ok(report) => Ok(Ok(report.written.said())),
            Err(error) if [Kind::Usage, Kind::Conflict].contains(&error.kind()) => {
                let hints = error.hints().iter().map(ToString::to_string);
                let all = std::iter::once(error.message().to_owned()).chain(hints);
                let all: Vec<String> = all.map(|text| secret::redacted(&text).0).collect();
                Ok(Err((error.kind() == Kind::Usage, all.join("\n"))))
            }
            Err(error) => Err(error),
        }
    }

    /// Records the architect's replies.
    fn answered(&self, changed: String, said: &Revised, cost: &Cost) -> Result<()> {
        let plan = &self.now.plan;
        let now = crate::plan::debated::debated(self.pm, Some(plan.prd.uid.as_str()))?;
        let replies = self.now.open().into_iter().filter_map(|one| {
            let (changed, reason) = said.replies.get(&one.id().to_ascii_lowercase())?;
            Some(Reply {
                about: one.uid.clone(),
                changed: *changed,
                reason: reason.clone(),
                role: ARCHITECT,
            })
        });
        let review = Review {
            replies: replies.collect(),
            ..Review::new(OP, &plan.prd, self.commit.clone())
        };
        let mut fields = self.entry(ANSWERED, &now, cost);
        fields.extend([
            ("role", Value::from(ARCHITECT)),
            ("answers", Value::from(i64::from(self.now.rounds.done))),
            ("changed", changed.into()),
        ]);
        record(self.pm, &review, Some(&Entry { fields })).map(drop)
    }

    fn architect(&self) -> Result<FullAgent> {
        let agent = self.pm.agents().show(ARCHITECT)?;
        match agent.agent.in_force && agent.agent.definition.output == Output::Plan {
            true => Ok(agent),
            false => Err(Error::refused(format!(
                "the agent `{ARCHITECT}` is not trusted, or does not answer with a plan"
            ))
            .because(Reason::FindingNoReviewer)
            .about(ARCHITECT)),
        }
    }

    fn read(&self, name: &str, words: Result<String, String>) -> Result<Heard, String> {
        let repo = self.pm.store.repo();
        let tree = repo
            .parse_id(&self.commit)
            .and_then(|id| repo.commit(id).ok());
        let file = |path: &str| {
            let blob = repo.file_at(tree.as_ref()?.tree, path).ok()??;
            String::from_utf8(repo.blob(blob, FILE_MAX).ok()??).ok()
        };
        heard(&words?, name, &self.now.plan, &file)
    }

    /// Refuses an agreement that does not say what was read.
    fn all_read(&self, heard: Heard) -> Result<Heard, String> {
        let tasks = sections(&self.now.plan.text).into_keys();
        let left: Vec<String> = tasks.filter(|task| !heard.read.contains(task)).collect();
        match left.is_empty() {
            true => Ok(heard),
            false => Err(format!(
                "it agrees and does not say that it read {}",
                first_of(&left, NAMED)
            )),
        }
    }

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

    /// The text of the plan in the last round.
    fn before(&self) -> Result<Option<String>> {
        let mut turns = self.now.turns.iter().rev();
        let last = turns.find(|turn| [CLEAN, FINDINGS].contains(&turn.verdict.as_str()));
        let text = last.map(|last| text_of_version(self.pm, &self.now.plan.prd, &last.version));
        text.transpose().map(Option::flatten)
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

/// The largest file in which a quote is looked for, in bytes.
const FILE_MAX: usize = 1 << 20;

/// True if a task is new or was changed since an earlier text, or the plan as a whole is meant.
fn is_since(plan: &DebatedPlan, before: &str, task: Option<&str>) -> bool {
    let Some(task) = task.filter(|task| !task.is_empty()) else {
        return true;
    };
    sections(&plan.text).get(task) != sections(before).get(task)
}
