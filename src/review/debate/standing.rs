//! Where a debate stands, by the record of its document alone, and whose turn it is.

use super::ARCHITECT;
use super::prompt::DUTIES;
use super::view::{DebateConcerns, DebateDuty, DebateReport, DebateTurn, spend};
use crate::coordinate::finding::lookup;
use crate::coordinate::finding::record::{ANSWERED, FAILED, REVIEWS};
use crate::coordinate::finding::rounds::Rounds;
use crate::coordinate::finding::view::view;
use crate::error::Result;
use crate::model::doc::Entry;
use crate::model::finding::{Finding, FindingStatus};
use crate::model::money::usd;
use crate::model::stamp::rfc3339;
use crate::plan::debated::{DebatedPlan, debated};
use crate::pm::Pm;

/// Who has to answer next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The critics, about the present text.
    Critics,
    /// The architect, about what is open, or whether the text is right.
    Architect,
    /// Nobody: it is airtight, or a human decides for this reason.
    Over(Option<String>),
}

/// A plan, and what was said about it.
pub(super) struct Standing {
    pub plan: DebatedPlan,
    pub rounds: Rounds,
    /// The turns, the oldest first.
    pub turns: Vec<DebateTurn>,
    /// All findings about the plan.
    pub known: Vec<Finding>,
}

impl Standing {
    pub(super) fn read(pm: &Pm, id: Option<&str>) -> Result<Standing> {
        let plan = debated(pm, id)?;
        let state = pm.store.snapshot()?;
        let doc = state.doc(&plan.prd.uid);
        let mut entries: Vec<(&str, &Entry)> = doc.map_or_else(Vec::new, |doc| {
            let entries = doc.entries(REVIEWS);
            entries
                .filter(|(_, one)| one.text("plan").is_some())
                .collect()
        });
        entries.sort_by(|a, b| (&a.1.at, a.0).cmp(&(&b.1.at, b.0)));
        Ok(Standing {
            rounds: Rounds::of(doc),
            turns: entries.into_iter().map(|(_, entry)| turn(entry)).collect(),
            known: lookup::findings_of(pm, &state, &plan.prd.uid)?,
            plan,
        })
    }

    /// The open findings.
    pub(super) fn open(&self) -> Vec<&Finding> {
        let open = self.known.iter().filter(|one| one.status.is_open());
        open.collect()
    }

    fn blocks(&self) -> bool {
        self.known.iter().any(Finding::blocks)
    }

    /// True if the critics have a verdict on the present text.
    fn is_reviewed(&self) -> bool {
        let last = self.rounds.last.as_ref();
        last.is_some_and(|last| last.hash == self.plan.hash)
    }

    /// The architect's turns about the present text: any, and one after the last verdict on it.
    fn answered(&self) -> (bool, bool) {
        let is_its = |turn: &&DebateTurn| turn.plan == self.plan.hash;
        let own = self.turns.iter().filter(is_its);
        let mut any = (false, false);
        for turn in own {
            match turn.verdict.as_str() {
                ANSWERED => any = (true, true),
                FAILED => {}
                _ => any.1 = false,
            }
        }
        any
    }

    /// Whose turn it is; `most` is the number of rounds that the caller allows.
    pub(super) fn next(&self, pm: &Pm, most: Option<u32>) -> Next {
        let stopped = || self.rounds.stopped(pm, most);
        if !self.is_reviewed() {
            let is_first = self.turns.iter().all(|turn| turn.verdict == FAILED);
            return match (is_first && self.plan.edits == 0, stopped()) {
                (true, _) => Next::Architect,
                (false, None) => Next::Critics,
                (false, why) => Next::Over(why),
            };
        }
        let (answered, since) = self.answered();
        let blocks = self.blocks();
        match (blocks || !self.plan.checks.is_empty(), answered, since) {
            (true, _, true) => Next::Over(Some("the architect keeps the plan as it is".into())),
            (true, _, false) => match stopped().filter(|_| blocks) {
                Some(why) => Next::Over(Some(why)),
                None => Next::Architect,
            },
            (false, false, _) => Next::Architect,
            (false, true, _) => Next::Over(None),
        }
    }

    /// What it lacks.
    fn missing(&self) -> Vec<String> {
        let mut out = Vec::new();
        let blocking = self.known.iter().filter(|one| one.blocks());
        match blocking.count() {
            0 => {}
            1 => out.push("a finding of severity P0 or P1 is open".to_string()),
            n => out.push(format!("{n} findings of severity P0 or P1 are open")),
        }
        match self.plan.checks.len() {
            0 => {}
            1 => out.push("its checks find one thing".to_string()),
            n => out.push(format!("its checks find {n} things")),
        }
        if !self.is_reviewed() {
            out.push("no critic has answered for the present text".to_string());
        }
        if !self.answered().0 {
            out.push("the architect has not answered for the present text".to_string());
        }
        out
    }

    pub(super) fn report(self, pm: &Pm, most: Option<u32>) -> Result<DebateReport> {
        let missing = self.missing();
        let stopped = match self.next(pm, most) {
            Next::Over(why) => why,
            Next::Critics | Next::Architect => None,
        };
        let state = pm.store.snapshot()?;
        let count = |status| self.known.iter().filter(|one| one.status == status).count();
        let concerns = DebateConcerns {
            raised: self.known.len(),
            addressed: count(FindingStatus::Fixed) + count(FindingStatus::Outdated),
            withdrawn: count(FindingStatus::Withdrawn),
            dismissed: count(FindingStatus::Dismissed),
            open: self.open().len(),
            blocking: self.known.iter().filter(|one| one.blocks()).count(),
        };
        let duty = |name: &str| {
            let own = self.known.iter().filter(|one| one.category == name);
            let (open, settled): (Vec<_>, Vec<_>) = own.partition(|one| one.status.is_open());
            let open = open.into_iter().filter(|one| lookup::is_for(pm, one));
            DebateDuty {
                duty: name.to_string(),
                open: open.map(|one| view(&state, one.clone())).collect(),
                settled: settled.len(),
            }
        };
        Ok(DebateReport {
            duties: DUTIES.into_iter().map(duty).collect(),
            spend: spend(&self.turns),
            airtight: missing.is_empty(),
            missing,
            rounds: self.rounds.done,
            stopped,
            concerns,
            id: self.plan.id,
            title: self.plan.title,
            version: self.plan.version,
            checks: self.plan.checks,
            turns: self.turns,
        })
    }
}

/// A turn as its entry records it.
fn turn(entry: &Entry) -> DebateTurn {
    let text = |name: &str| entry.text(name).map(str::to_string);
    let count = |name: &str| {
        entry
            .value(name)
            .as_int()
            .and_then(|n| u64::try_from(n).ok())
    };
    let round = count("round").or(count("answers"));
    DebateTurn {
        round: round.and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        role: match entry.text("verdict") {
            Some(ANSWERED) => ARCHITECT.to_string(),
            _ => text("role").unwrap_or_default(),
        },
        verdict: text("verdict").unwrap_or_default(),
        critics: text("reviewers"),
        dropped: count("dropped").unwrap_or(0),
        changed: text("changed"),
        version: text("version").unwrap_or_default(),
        models: text("models").unwrap_or_default(),
        tokens: count("tokens").unwrap_or(0),
        usd: usd(count("micro_usd").unwrap_or(0)),
        at: rfc3339(entry.at.ms),
        plan: text("plan").unwrap_or_default(),
    }
}
