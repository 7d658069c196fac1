//! From a document to a draft: one reading and its projections, and how many tasks count as many.

use super::draft_types::{Disposition, Draft, Inputs, Strategy};
use super::notes::notes;
use super::rules::{ORDER, Verdict, Verdicts};
use super::{edges, milestones, suggestions, tasks, test_tasks};
use git_pm_document::SectionKind;

/// Words of a document for each task that its plan may have before it counts as large.
const WORDS_A_TASK: usize = 50;

/// Drafts a plan from a document.
#[must_use]
pub fn draft(verdicts: &Verdicts, inputs: &Inputs<'_>) -> Draft {
    let document = &verdicts.facts.document;
    let keys = tasks::keys(verdicts);
    let phases = milestones::keys(verdicts);
    let drafted = tasks::tasks(verdicts, &keys, &phases, inputs);
    let (milestones, mut findings) = milestones::milestones(verdicts, &phases, &keys);
    let (mut edges, left_out) = edges::edges(verdicts, &keys);
    findings.extend(left_out);
    edges::keep_apart(&drafted, inputs.contested, &mut edges);
    let requirements = drafted.iter().filter(|task| task.requirement.is_some());
    let requirements = requirements.count();
    let (min, max) = (inputs.limits.min_tasks, inputs.limits.max_tasks);
    let wanted = document.words.div_ceil(WORDS_A_TASK).max(3 * requirements);
    let strategy = strategy(verdicts, requirements, drafted.len(), milestones.len());
    let threshold = wanted.clamp(min, max.max(min));
    let suggestions = suggestions::suggestions(&drafted, threshold);
    let (tasks, edges) = test_tasks::with_tests(drafted, edges);
    let disposed = |name: &str, wanted: Disposition| {
        notes(verdicts, name, |_, verdict| verdict.disposition == wanted)
    };
    let of_kind = |name: &str, kind: SectionKind| {
        let free = |verdict: &Verdict| verdict.task.is_none() && verdict.reason != ORDER;
        notes(verdicts, name, |node, verdict| {
            node.kind == kind && free(verdict)
        })
    };
    Draft {
        title: document.title.clone(),
        strategy,
        threshold,
        tasks,
        edges,
        milestones,
        questions: disposed("question", Disposition::Question),
        deferred: disposed("deferred", Disposition::Deferred),
        external: of_kind("external", SectionKind::Dependency),
        guards: disposed("guard", Disposition::NonGoal),
        ready: of_kind("ready", SectionKind::Ready),
        done: of_kind("done", SectionKind::Done),
        findings,
        suggestions,
    }
}

/// The structure that most tasks were read from.
fn strategy(verdicts: &Verdicts, requirements: usize, tasks: usize, phases: usize) -> Strategy {
    let count = |fits: &dyn Fn(usize) -> bool| verdicts.tasks().filter(|at| fits(*at)).count();
    let rule = |at: usize| verdicts.all[at].rule;
    let stories = count(&|at| verdicts.facts.is_story(at));
    let boxes = count(&|at| ["box", "boxes", "step"].contains(&rule(at)));
    match () {
        () if count(&|at| rule(at) != "open") == 0 => Strategy::Single,
        () if stories * 2 >= tasks => Strategy::Stories,
        () if phases > 1 => Strategy::Milestones,
        () if requirements * 2 >= tasks => Strategy::Requirements,
        () if boxes * 2 >= tasks => Strategy::Checklists,
        () => Strategy::Outline,
    }
}
