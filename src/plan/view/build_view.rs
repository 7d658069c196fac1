//! Makes the views of a plan from its document in the state.

use super::{
    AsideView, CriterionView, PlanLine, PlanView, SourceView, StatementCounts, SuggestionView,
    TaskView,
};
use crate::coordinate::rules as shared_rules;
use crate::plan::{new_work, standing, task_changes};
use crate::work::plan_notices::{self, FileDiffers};
use crate::work::unmet_words;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Error, Result};
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::plan::approval_checks::{Check, Severity, check};
use crate::plan::approve::{ApproveOptions, require_approvable};
use crate::plan::checks::{self as rules, Subject};
use crate::plan::coverage;
use crate::plan::document::{Extract, Lines};
use crate::plan::draft::{self, Criterion, Disposition, Draft, Edge, Task};
use crate::plan::plan_types::{Plan, Planned, ResearchNote};
use crate::plan::record::word;
use crate::plan::seen::version_of;
use crate::plan::sources::{self, Reading, find, plans};
use crate::plan::waves::waves;
use crate::plan::written_checks;
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::store::state::State;

impl TaskView {
    /// A task that is in no plan yet, with the edges of its draft.
    pub(in crate::plan) fn of(task: &Task, edges: &[Edge], file: &str) -> TaskView {
        let waits = edges.iter().filter(|edge| edge.task == task.key);
        let mut waits: Vec<&Edge> = waits.collect();
        waits.sort_by_key(|edge| edge.class);
        let source = |lines: Lines, requirement: &Option<String>| SourceView {
            file: file.to_string(),
            lines,
            requirement: requirement.clone(),
        };
        let criterion = |one: &Criterion| CriterionView {
            criterion: one.clone(),
            source: source(one.lines, &one.requirement),
        };
        TaskView {
            number: 0,
            name: String::new(),
            acceptance: task.acceptance.iter().map(criterion).collect(),
            depends_on: waits.iter().map(|edge| edge.on.clone()).collect(),
            source: source(task.lines, &task.requirement),
            item: None,
            item_status: None,
            is_gone: false,
            is_done: false,
            said: None,
            added_by: None,
            by_hand: Vec::new(),
            research_notes: Vec::new(),
            more: BTreeMap::new(),
            task: task.clone(),
        }
    }
}

impl Plans<'_> {
    /// A plan with all findings.
    ///
    /// # Errors
    /// If there is no such plan, or its document cannot be read.
    pub fn show(&self, id: Option<&str>) -> Result<PlanView> {
        self.show_drafted(id, (None, None))
    }

    /// A plan whose document was just read or drafted.
    pub(in crate::plan) fn show_drafted(
        &self,
        id: Option<&str>,
        fresh: (Option<Draft>, Option<Reading>),
    ) -> Result<PlanView> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (plan, prd) = find(self.pm, &state, id)?;
        Ok(plan_view(self.pm, &state, &plan, &prd, fresh)?.0)
    }

    /// All plans.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn list(&self) -> Result<Vec<PlanLine>> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let all = plans(&state);
        let undecided = state.undecided();
        for (_, prd) in all.iter().filter(|(_, prd)| !prd.status.is_closed()) {
            if let Some(unmet) = unmet_words::of_item(&state, prd) {
                let command = unmet.command(&state).join(" ");
                self.pm
                    .notice(format!("{}: `git pm {command}`", unmet.said(&state)));
            }
        }
        Ok(all
            .into_iter()
            .map(|(plan, prd)| PlanLine {
                prd: state.shown_id(&prd),
                title: plan.title.clone(),
                status: plan.status,
                undecided: undecided.contains(&prd.uid),
                tasks: plan.present_tasks().count(),
                made: plan.present_tasks().filter(|p| p.item.is_some()).count(),
                epic: plan.epic.as_ref().map(|epic| state.shown_ref(epic)),
            })
            .collect())
    }

    /// The findings in a plan and its document, the most severe first. One is an error exactly if an
    /// approval now would be refused, or would ask first.
    ///
    /// # Errors
    /// If there is no such plan, or its document cannot be read.
    pub fn check(&self, id: Option<&str>) -> Result<Vec<Check>> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (plan, prd) = find(self.pm, &state, id)?;
        let (view, refusal) = plan_view(self.pm, &state, &plan, &prd, (None, None))?;
        let mut warning = view.file_warning;
        let mut checks = view.checks;
        let is_error = |check: &Check| check.severity == Severity::Error;
        if let Some(refusal) = refusal.filter(|_| !checks.iter().any(is_error)) {
            let message = refusal.message().to_owned();
            let hints: Vec<String> = refusal.hints().iter().map(ToString::to_string).collect();
            let refused = Check {
                fix: Some(hints.join("; ")).filter(|fix| !fix.is_empty()),
                ..Check::of_plan("refused", Severity::Error, message)
            };
            // Told once.
            warning = warning.filter(|_| !refused.message.starts_with(&view.file));
            checks.insert(0, refused);
        }
        let outdated = view.outdated.then(|| {
            let diff = format!("`git pm plan diff {}` shows the effect", view.prd);
            let text = format!("the document has changed since it was planned; {diff}");
            Check::of_plan("changed-document", Severity::Warning, text)
        });
        let file =
            warning.map(|warning| Check::of_plan("changed-file", Severity::Warning, warning));
        for check in [file, outdated].into_iter().flatten() {
            let errors = checks.iter().filter(|check| is_error(check)).count();
            checks.insert(errors, check);
        }
        Ok(checks)
    }
}

pub(in crate::plan) fn checks(pm: &Pm, plan: &Plan, says: &Extract) -> Vec<Check> {
    let all = says.requirements.iter().chain(&says.stories);
    let requirements: Vec<(String, Lines)> = all
        .filter_map(|r| Some((r.statement.id.clone()?, r.statement.lines)))
        .collect();
    check(plan, &requirements, &shared_rules::protected(pm))
}

fn plan_view(
    pm: &Pm,
    state: &State<'_>,
    plan: &Plan,
    prd: &Item,
    (fresh, reading): (Option<Draft>, Option<Reading>),
) -> Result<(PlanView, Option<Error>)> {
    let now = sources::read_again(state, prd, reading)?;
    let before = sources::read_from(state, plan, (prd, &now));
    let reading = before.as_ref().unwrap_or(&now);
    let (file, file_now) = plan_notices::file_now(pm, state, prd)
        .unwrap_or_else(|| (sources::file_of(state, prd), None));
    let verdicts = reading.verdicts();
    let fresh = fresh.unwrap_or_else(|| sources::draft_again(pm, state, prd, reading).0);
    let says = draft::contents(verdicts);
    let statements = coverage::account(plan, reading);
    let mut checks = checks(pm, plan, &says);
    checks.extend(task_changes::task_checks(state, plan, prd));
    checks.extend(findings(plan, fresh.findings));
    checks.extend(coverage::checks(plan, &statements));
    let bare = || draft::account(verdicts, &[]);
    let closed = plan.counted().filter(|one| new_work::is_closed(state, one));
    let closed: BTreeSet<u32> = closed.map(|one| one.number).collect();
    checks.extend(written_checks::findings(plan, &closed, bare));
    checks.extend(rules::findings(&Subject {
        pm,
        state,
        plan,
        prd,
        statements: &statements,
    }));
    checks.extend(findings(plan, draft::lints(verdicts, &says)));
    checks.sort_by_key(|check| check.severity);
    for check in &mut checks {
        let mut tasks = plan.tasks.iter();
        let task = tasks.find(|planned| Some(planned.number) == check.task);
        check.name = task.map(|planned| planned.name.clone());
    }
    let said = match plan.tasks.iter().any(|p| p.is_gone) {
        true => standing::standings(state, plan, reading),
        false => BTreeMap::new(),
    };
    let said = |planned: &Planned| said.get(&planned.task.key).filter(|_| planned.is_gone);
    let options = ApproveOptions::default();
    let refusal = require_approvable(pm, state, plan, (prd, &now), &options).err();
    let levels = plan.levels();
    let outdated = now.hash() != plan.document;
    let is_kept = plan.accepted_document == Some(now.hash());
    let has_unfollowed = !new_work::unfollowed(state, plan).is_empty();
    let view = PlanView {
        prd: state.shown_id(prd),
        title: plan.title.clone(),
        status: plan.status,
        outdated,
        is_stale: outdated && !is_kept || has_unfollowed,
        undecided: state.undecided().contains(&prd.uid),
        unapproved: plan.is_unapproved(),
        file_changed: file_now == Some(FileDiffers::Changed),
        file_is_older: file_now == Some(FileDiffers::Older),
        file_warning: file_now.map(|differs| differs.said(&file, &state.shown_id(prd))),
        document: plan.document.clone(),
        strategy: word(plan.strategy),
        threshold: plan.threshold,
        branches: plan.branches.clone(),
        scope: plan.scope(verdicts),
        width: levels
            .iter()
            .map(|level| plan.present(level))
            .max()
            .unwrap_or(0),
        waves: waves(plan),
        levels,
        tasks: plan
            .tasks
            .iter()
            .map(|p| TaskView {
                is_done: said(p).is_some_and(|one| one.disposition == Disposition::Done),
                said: said(p).map(standing::told),
                ..task_view(state, plan, p, &file)
            })
            .collect(),
        edges: plan.waits.clone(),
        milestones: plan.milestones.clone(),
        streams: plan.streams(),
        questions: plan.questions.clone(),
        deferred: plan.deferred.clone(),
        external: plan.external.clone(),
        guards: plan.guards.clone(),
        statements: StatementCounts::of(&statements),
        put_aside: AsideView::all(&statements),
        checks,
        is_refused: refusal.is_some(),
        refusal: refusal.as_ref().map(|error| error.message().to_owned()),
        suggestions: (fresh.suggestions.iter())
            .filter_map(|suggestion| {
                let numbers: Vec<u32> = suggestion
                    .tasks
                    .iter()
                    .filter_map(|key| Some(plan.task(key)?.number))
                    .collect();
                (numbers.len() > 1).then(|| SuggestionView {
                    tasks: numbers,
                    reason: suggestion.reason.clone(),
                })
            })
            .collect(),
        version: version_of(state, &plan.uid),
        edits: plan.edits,
        epic: plan.epic.as_ref().map(|epic| state.shown_ref(epic)),
        approved_at: plan.approved_at.clone(),
        approved_by: plan.approved_by.clone(),
        approval: plan.approval.clone(),
        file,
    };
    Ok((view, refusal))
}

/// What the planner found in the document, for the tasks that still exist.
fn findings(plan: &Plan, found: Vec<draft::Finding>) -> impl Iterator<Item = Check> {
    found.into_iter().filter_map(move |finding| {
        let task = match &finding.task {
            Some(key) => Some(plan.task(key)?.number),
            None => None,
        };
        Some(Check {
            task,
            lines: Some(finding.lines),
            ..Check::of_plan(finding.rule, finding.severity, finding.message)
        })
    })
}

fn task_view(state: &State<'_>, plan: &Plan, planned: &Planned, file: &str) -> TaskView {
    let item = planned.item.as_ref();
    let found = item.and_then(|item| state.item(item.uid.as_ref()?));
    let more = planned.own.iter();
    let more = more.filter_map(|(name, value)| Some((*name, value.as_str()?.to_string())));
    let shown = |about: &String| {
        let item = ItemRef::parse(about);
        match item.uid.is_some() {
            true => state.shown_ref(&item),
            false => about.clone(),
        }
    };
    let note = |note: &ResearchNote| ResearchNote {
        about: note.about.as_ref().map(shown),
        ..note.clone()
    };
    TaskView {
        number: planned.number,
        name: planned.name.clone(),
        item: item.map(|item| state.shown_ref(item)),
        item_status: found.map(|item| item.status.clone()),
        is_gone: planned.is_gone,
        added_by: planned.added_by.clone(),
        by_hand: planned.by_hand.keys().cloned().collect(),
        research_notes: planned.research_notes.iter().map(note).collect(),
        more: more.collect(),
        ..TaskView::of(&planned.task, &plan.waits, file)
    }
}
