//! A review by agents: independent reviewers, a vote on what they claim, one validator, and rounds.
//!
//! They propose; what they say is verified against the reviewed commit, joined, voted on, and recorded.
//! Nothing they say approves anything. How agents are started is decided by the caller.

pub(crate) mod answers;
pub(crate) mod choose;
pub(crate) mod prompt;
mod proof;
#[cfg(test)]
pub(super) mod tests;
pub(crate) mod votes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use self::prompt::fenced;
use self::proof::Proofs;
use self::votes::SaidBy;
use super::{ReviewReport, ReviewedWork, ReviewerReport, record_and_report, verify};
use crate::agent::definition::FullAgent;
use crate::coordinate::finding::lookup;
use crate::coordinate::finding::record::{Entry, NewFinding, Review, write_entry};
use crate::coordinate::finding::rounds::{self, Round, Rounds};
use crate::error::{Error, Hint, Reason, Result};
use crate::finding::Place;
use crate::finding::diff::{Diff, File};
use crate::learn::for_item;
use crate::model::finding::{Finding, FindingStatus, Severity};
use crate::model::item::Item;
use crate::model::uid::{Uid, sha256_hex};
use crate::model::usage::Used;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::who_acts::require_human;
use crate::secret;
use crate::store::beneath;
use crate::work::task::changed_texts::FORM;
use crate::work::task::criteria;

/// The role of who judges the claims of others.
const VALIDATOR: &str = "validator";

/// The rule that finds secrets: what has one is not given to agents.
const SECRET: &str = "secret";

/// The files that git is asked about at a time: a command line has a limit.
const FILES_AT_A_TIME: usize = 500;

/// How agents review.
#[derive(Clone, Debug, Default)]
pub struct PanelOptions {
    /// Five reviewers of whom three have to agree, instead of three and two.
    pub deep: bool,
    /// The agents to ask, instead of those that fit the change.
    pub agents: Vec<String>,
    /// The number of rounds of this item after which a human decides, by default 3. Only a human can
    /// allow more.
    pub rounds: Option<u32>,
    /// Why `security-sentinel` is not asked. Only a human can leave it out.
    pub without_security: Option<String>,
}

/// A question to an agent.
#[derive(Clone, Debug)]
pub(crate) struct Asked<'q> {
    /// The role.
    pub role: String,
    /// The round, from 1.
    pub round: u32,
    /// What it is told.
    pub prompt: String,
    /// The names and texts of the files in [`prompt::FOLDER`] of its checkout.
    pub files: &'q [(&'static str, String)],
    /// The commit that is checked out.
    pub commit: &'q str,
    /// Of `files`, the one that it may answer with.
    pub answer_file: Option<&'static str>,
    /// Where its words are kept until they are recorded, so that they are not paid for twice.
    pub kept: PathBuf,
}

/// An agent's answer.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// Its last words, or why there are none.
    pub words: Result<String, String>,
    /// The file of its answer, if it changed that.
    pub file: Option<String>,
    /// The program or model.
    pub model: String,
    /// Tokens and their price; none for kept words.
    pub used: Used,
}

/// Asks agents, in parallel; the answers are in the order of the questions.
pub(crate) type Ask<'a> = dyn FnMut(&[Asked<'_>]) -> Result<Vec<Told>> + 'a;

/// Reviews the work of an item by rules, tools, and agents.
///
/// # Errors
/// As for [`Findings::review`](crate::pm::handles::Findings::review); also when an agent that is named does
/// not review, or an agent asks for what only a human may.
pub(crate) fn review(
    pm: &Pm,
    id: &str,
    options: &PanelOptions,
    ask: &mut Ask<'_>,
) -> Result<ReviewReport> {
    if options.without_security.is_some() {
        let next = Hint::from("leave the option out");
        require_human(&pm.actor, "a review without `security-sentinel`", next)?;
    }
    let (mut report, work) = super::by_rules(pm, id)?;
    let rounds = {
        let state = pm.store.snapshot()?;
        Rounds::of(state.doc(&work.item.uid))
    };
    let hash = work.hash();
    let same = rounds.last.as_ref().filter(|last| last.hash == hash);
    if let Some(Round { stopped, clean, .. }) = same {
        // What was reviewed is not reviewed again, and stays accepted.
        report.round = Some(rounds.done);
        report.passed &= *clean;
        report.stopped.clone_from(stopped);
        return Ok(report);
    }
    let secret = report
        .open
        .iter()
        .any(|one| one.rule.as_deref() == Some(SECRET));
    let secret =
        secret.then(|| "agents do not read work with a secret: remove it first".to_string());
    if let Some(why) = secret.or_else(|| rounds.stopped(pm, options.rounds)) {
        report.passed = false;
        report.stopped = Some(why);
        return Ok(report);
    }
    let agents = choose::choose(pm, &work.reviewed.diff, options)?;
    if agents.is_empty() {
        return Err(Error::usage("no agent is left to ask").because(Reason::FindingNoReviewer));
    }
    let panel = Panel {
        pm,
        work: &work,
        round: rounds.next(),
        last: rounds.last.as_ref(),
        need: choose::panel(options.deep).1,
        options,
        kept: pm.store.folder().join("asked").join(work.item.uid.as_str()),
    };
    panel.go(report, &agents, ask)
}

/// One round.
struct Panel<'p> {
    pm: &'p Pm,
    work: &'p ReviewedWork,
    round: u32,
    last: Option<&'p Round>,
    /// The number of reviewers that confirm a finding.
    need: usize,
    options: &'p PanelOptions,
    /// The folder of answers that are not recorded yet.
    kept: PathBuf,
}

impl Panel<'_> {
    fn go(
        &self,
        rules: ReviewReport,
        agents: &[FullAgent],
        ask: &mut Ask<'_>,
    ) -> Result<ReviewReport> {
        let known = {
            let state = self.pm.store.snapshot()?;
            lookup::findings_of(self.pm, &state, &self.work.item.uid)?
        };
        let is_asked = |one: &&Finding| one.model.is_some() && one.status.is_open();
        let earlier: Vec<Finding> = known.iter().filter(is_asked).cloned().collect();
        let since = self.since()?;
        let files = self.files(&earlier, since.as_ref().map(|(text, _)| text.as_str()))?;
        let questions: Vec<Asked<'_>> = agents
            .iter()
            .map(|agent| {
                self.question(
                    &agent.agent.definition.name,
                    prompt::reviewer(agent, self.round),
                    &files,
                )
            })
            .collect();
        let told = ask(&questions)?;
        let mut reports = rules.reviewers;
        let mut said: Vec<SaidBy> = Vec::new();
        let mut proofs = Proofs::new();
        let mut answered: BTreeMap<String, Vec<FindingStatus>> = BTreeMap::new();
        for (question, told) in questions.iter().zip(told) {
            let mut report = ReviewerReport::new(&question.role);
            match told
                .words
                .and_then(|words| answers::read(&words, &question.role))
            {
                Ok(read) => {
                    report.invented = read.malformed;
                    let mut found =
                        verify::of_this_work(read.found, &self.work.reviewed, &mut report);
                    let all = found.len();
                    found.retain(|one| {
                        let at = one.place.as_ref();
                        one.severity <= Severity::P1
                            || since.as_ref().is_none_or(|(_, diff)| is_since(diff, at))
                    });
                    report.elsewhere += all - found.len();
                    report.findings = found.len();
                    let proved = read.proofs.into_iter();
                    proofs.extend(
                        proved.map(|(claim, proof)| ((question.role.clone(), claim), proof)),
                    );
                    said.extend(found.into_iter().map(|one| (one, told.model.clone())));
                    for (id, status) in read.answers {
                        answered.entry(id).or_default().push(status);
                    }
                }
                Err(why) => {
                    // What is kept would be read again.
                    let _ = beneath::remove(&question.kept);
                    report.failed = Some(why);
                }
            }
            reports.push(report);
        }
        let mut joined = votes::join(said, &known, self.need);
        proof::confirm(self.pm, self.work, &mut joined.new, &proofs)?;
        self.validate(&mut joined.new, &files, &mut reports, ask)?;
        let answers = earlier.iter().filter_map(|one| {
            let said = answered.get(&one.id().to_ascii_lowercase())?;
            Some((one.uid.clone(), votes::settled(said, self.need)?))
        });
        joined.new.sort_by_key(|one| one.found.severity);
        let review = Review {
            op: super::OP,
            item: &self.work.item,
            commit: self.work.ends.commit.to_string(),
            round: self.round,
            found: joined.new,
            complete: BTreeSet::new(),
            answers: answers.collect(),
            replies: Vec::new(),
            agreements: joined.agreements,
            need: self.need,
            gone: outdated(&known, &self.work.reviewed.new),
            read: None,
        };
        let before: BTreeSet<Uid> = known.into_iter().map(|one| one.uid).collect();
        let target = &self.work.ends.target;
        let (mut report, known) = record_and_report(self.pm, target, &review, reports, None)?;
        report.new.splice(0..0, rules.new);
        report.fixed.splice(0..0, rules.fixed);
        report.settled = joined.settled;
        report.owners = rules.owners;
        let failed = report.reviewers.iter().any(|one| one.failed.is_some());
        // A round without all answers is made again.
        let done = self.round - u32::from(failed);
        report.round = (done > 0).then_some(done);
        report.stopped = self.conclude(&report, &known, &before)?;
        Ok(report)
    }

    /// Records the verdict, after which the round counts; returns why a human has to decide.
    fn conclude(
        &self,
        report: &ReviewReport,
        known: &[Finding],
        before: &BTreeSet<Uid>,
    ) -> Result<Option<String>> {
        let failed = report.reviewers.iter().any(|one| one.failed.is_some());
        let names = report.reviewers.iter().filter(|one| one.failed.is_none());
        let names = names.map(|one| one.name.as_str());
        let ended = rounds::conclude(self.round, (known, before), failed, names);
        let stopped = ended.stopped;
        let mut fields = super::entry_fields(self.work, ended.verdict, ended.reviewers);
        fields.push(("round", Value::from(i64::from(self.round))));
        fields.push(("stopped", Value::from(stopped.as_deref())));
        fields.push((
            "waived",
            Value::from(self.options.without_security.as_deref()),
        ));
        write_entry(self.pm, super::OP, &self.work.item, &Entry { fields })?;
        if !failed {
            // What cannot be removed only costs space.
            let _ = beneath::remove(&self.kept);
        }
        Ok(stopped)
    }

    /// Lets one more agent judge what was confirmed. What it does not judge stays as it is.
    fn validate(
        &self,
        found: &mut [NewFinding],
        files: &[(&'static str, String)],
        reports: &mut Vec<ReviewerReport>,
        ask: &mut Ask<'_>,
    ) -> Result<()> {
        let mut confirmed: Vec<&mut NewFinding> =
            found.iter_mut().filter(|one| one.confirmed).collect();
        if confirmed.is_empty() {
            return Ok(());
        }
        let texts: Vec<&NewFinding> = confirmed.iter().map(|one| &**one).collect();
        let is_diff = |file: &&(&str, String)| file.0 == prompt::DIFF;
        let mut files: Vec<_> = files.iter().filter(is_diff).cloned().collect();
        let claims = prompt::claims(&texts);
        files.push((prompt::CLAIMS, fenced(&claims)?));
        let mut question = self.question(VALIDATOR, prompt::VALIDATOR.into(), &files);
        // What it said once was about other claims.
        question.kept = self.kept(&[VALIDATOR, &claims]);
        let told = ask(std::slice::from_ref(&question))?;
        let told = told.into_iter().next();
        let words = told.map_or_else(|| Err("it was not asked".into()), |told| told.words);
        let mut report = ReviewerReport::new(VALIDATOR);
        match words.and_then(|words| answers::verdicts(&words)) {
            Ok(verdicts) => {
                for (n, one) in (1..).zip(&mut confirmed) {
                    one.confirmed = verdicts.get(&n).copied().unwrap_or(true);
                }
            }
            Err(why) => {
                let _ = beneath::remove(&question.kept);
                report.failed = Some(why);
            }
        }
        reports.push(report);
        Ok(())
    }

    fn question<'q>(
        &'q self,
        role: &str,
        prompt: String,
        files: &'q [(&'static str, String)],
    ) -> Asked<'q> {
        Asked {
            role: role.to_string(),
            round: self.round,
            prompt,
            files,
            commit: &self.work.commit,
            answer_file: None,
            kept: self.kept(&[role]),
        }
    }

    /// The file of an answer in this round, by what it depends on beside the work.
    fn kept(&self, parts: &[&str]) -> PathBuf {
        let of = format!("{}\0{}\0{}", self.round, self.work.hash(), parts.join("\0"));
        self.kept.join(sha256_hex(of.as_bytes()))
    }

    /// What changed since the last round, if this clone has what was reviewed then.
    fn since(&self) -> Result<Option<(String, Diff)>> {
        let Some(commit) = self.last.and_then(|last| last.commit.as_deref()) else {
            return Ok(None);
        };
        let git = self.pm.store.repo().git().plain();
        let diff = ["-c", "core.quotePath=false", "diff"];
        let ends = [commit, &self.work.commit, "--"];
        let out = git.run(&[&diff[..], &FORM, &ends].concat())?;
        Ok(out.ok().then(|| (out.text(), Diff::parse(&out.stdout))))
    }

    /// The whole change. What is binary is decided as for the rules, and not by attributes: the work can
    /// change those.
    fn whole_diff(&self) -> Result<String> {
        let files = &self.work.reviewed.diff.files;
        let (binary, text): (Vec<&File>, Vec<&File>) = files.iter().partition(|one| one.binary);
        let form = ["-p", "-M", "--no-ext-diff", "--no-textconv", "--text"];
        let mut diff = String::new();
        for (files, form) in [(text, &form[..]), (binary, &form[..4])] {
            for some in files.chunks(FILES_AT_A_TIME) {
                let paths = some
                    .iter()
                    .flat_map(|one| one.old_path.iter().chain([&one.path]));
                let paths: Vec<&str> = paths.map(String::as_str).collect();
                let repo = self.pm.store.repo();
                diff += &self.work.ends.compared(repo, form, &paths)?.text();
                diff.push('\n');
            }
        }
        Ok(diff)
    }

    /// What reviewers read. Nothing that looks like a secret leaves.
    fn files(
        &self,
        earlier: &[Finding],
        since: Option<&str>,
    ) -> Result<Vec<(&'static str, String)>> {
        let item = &self.work.item;
        let (diff, body, learned, criteria) = {
            let state = self.pm.store.snapshot()?;
            let notes = for_item::learnings_near(self.pm, &state, item);
            let notes = notes.iter().map(|one| format!("- {}\n", one.title));
            (
                self.whole_diff()?,
                state.text_of(item).unwrap_or_default(),
                notes.collect::<String>(),
                criteria::shown(&state, item),
            )
        };
        let criteria = criteria
            .iter()
            .map(|one| format!("- {}\n", one.criterion.text));
        let task = format!(
            "# {}\n\n{body}\n\n## Acceptance criteria\n\n{}",
            item.title,
            criteria.collect::<String>()
        );
        let mut files = vec![(prompt::DIFF, diff), (prompt::TASK, fenced(&task)?)];
        if !learned.is_empty() {
            files.push((prompt::LEARNED, fenced(&learned)?));
        }
        if self.round > 1 {
            files.push((prompt::EARLIER, fenced(&prompt::earlier(earlier))?));
            let since =
                since.unwrap_or("The reviewed commit is not in this clone: read DIFF.patch.");
            files.push((prompt::SINCE, since.to_string()));
        }
        for (_, text) in &mut files {
            *text = secret::redacted(text).0;
        }
        Ok(files)
    }
}

/// True if a place is in what changed since the last round.
fn is_since(diff: &Diff, place: Option<&Place>) -> bool {
    let Some(place) = place else { return true };
    let mut files = diff.files.iter().filter(|file| file.path == place.path);
    files.any(|file| {
        let is_meant = |line: u32| file.added().any(|one| one.number == line);
        place.line.is_none_or(is_meant) || file.hunks.is_empty()
    })
}

/// The small findings of agents whose quoted text is gone: nobody has to answer them.
fn outdated(known: &[Finding], texts: &BTreeMap<String, String>) -> BTreeSet<Uid> {
    let is_gone = |one: &&Finding| {
        let text = one.path.as_ref().map(|path| texts.get(path));
        let quote = one.quote.as_deref();
        one.model.is_some()
            && one.severity > Severity::P1
            && !one.removed
            && text
                .zip(quote)
                .is_some_and(|(text, quote)| text.is_none_or(|text| !verify::contains(text, quote)))
    };
    let gone = known
        .iter()
        .filter(|one| one.status.is_open())
        .filter(is_gone);
    gone.map(|one| one.uid.clone()).collect()
}

/// The texts of an item's criteria as one hash.
pub(crate) fn criteria_hash(item: &Item) -> String {
    let texts = item.acceptance.iter().map(|one| format!("{}\n", one.text));
    sha256_hex(texts.collect::<String>().as_bytes())
}
