//! A round of the critics: what they find in a plan, what of it counts, and the verdict.

use std::collections::BTreeMap;

use super::answers::{Heard, heard, sections};
use super::{CRITIC, Cost, Debate, OP, prompt};
use crate::agent::definition::FullAgent;
use crate::coordinate::finding::record::{CLEAN, Entry, FINDINGS, Review, record, write_entry};
use crate::coordinate::finding::{lookup, rounds};
use crate::error::{Error, Result};
use crate::model::finding::{FindingStatus, Severity};
use crate::model::text::first_of;
use crate::model::value::Value;
use crate::plan::debated::{DebatedPlan, text_of_version};
use crate::review::panel::votes::{self, SaidBy};
use crate::review::panel::{Ask, Asked, choose};
use crate::review::text_at;
use crate::store::beneath;

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

/// The number of names that a message lists.
const NAMED: usize = 5;

impl Debate<'_> {
    /// Asks the critics about the present text; false if one of them has no answer.
    pub(super) fn criticize(&self, ask: &mut Ask<'_>) -> Result<bool> {
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
        let mut dropped = 0;
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
                    first.invented += again.invented;
                    Ok(first)
                });
            }
            match answer {
                Ok(heard) => {
                    dropped += heard.invented;
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
        self.conclude(round, &names, (failed, dropped), &cost)
    }

    /// Records the verdict of a round; false if a critic has no answer.
    fn conclude(
        &self,
        round: u32,
        names: &[&str],
        (failed, dropped): (Option<String>, usize),
        cost: &Cost,
    ) -> Result<bool> {
        let plan = &self.now.plan;
        let known = {
            let state = self.pm.store.snapshot()?;
            lookup::findings_of(self.pm, &state, &plan.prd.uid)?
        };
        let before = self.now.known.iter().map(|one| one.uid.clone()).collect();
        let names = names.iter().copied();
        let ended = rounds::conclude(round, (&known, &before), failed.is_some(), names);
        let mut fields = self.entry(ended.verdict, plan, cost);
        fields.extend([
            ("role", Value::from(CRITIC)),
            ("round", Value::from(i64::from(round))),
            ("reviewers", ended.reviewers.into()),
            ("changed", Value::from(failed.as_deref())),
            ("stopped", Value::from(ended.stopped.as_deref())),
            (
                "dropped",
                match dropped {
                    0 => Value::from(None::<&str>),
                    _ => Value::from(i64::try_from(dropped).unwrap_or(i64::MAX)),
                },
            ),
        ]);
        write_entry(self.pm, OP, &plan.prd, &Entry { fields })?;
        Ok(failed.is_none())
    }

    fn read(&self, name: &str, words: Result<String, String>) -> Result<Heard, String> {
        let file = |path: &str| text_at(self.pm, &self.commit, path);
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

    /// The text of the plan in the last round.
    fn before(&self) -> Result<Option<String>> {
        let mut turns = self.now.turns.iter().rev();
        let last = turns.find(|turn| [CLEAN, FINDINGS].contains(&turn.verdict.as_str()));
        let text = last.map(|last| text_of_version(self.pm, &self.now.plan.prd, &last.version));
        text.transpose().map(Option::flatten)
    }
}

/// True if a task is new or was changed since an earlier text, or the plan as a whole is meant.
fn is_since(plan: &DebatedPlan, before: &str, task: Option<&str>) -> bool {
    let Some(task) = task.filter(|task| !task.is_empty()) else {
        return true;
    };
    sections(&plan.text).get(task) != sections(before).get(task)
}
