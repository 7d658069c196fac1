//! The planner's steps in sequence, from a document to a draft.

use super::candidate::{self, Cause, TaskCandidate};
use super::checks;
use super::draft_types::{
    AutoPolicy, Draft, Edge, EdgeClass, Inputs, ItemType, Severity, Strategy, Task,
};
use super::edge_set::{Link, Links};
use super::effort;
use super::extra;
use super::implied_edges;
use super::investigation;
use super::measure;
use super::paths;
use super::phases;
use super::plan_notes;
use super::priority;
use super::review;
use super::risk;
use super::stated_edges;
use super::strategy::{self, Choice};
use super::streams;
use super::task_criteria::{self, Content};
use super::task_names::Names;
use super::testing::with_tests;
use super::work::Source;
use super::work_kinds;
use crate::plan::document::{Document, SectionKind};
use std::collections::BTreeMap;

/// Drafts a plan from a document.
pub fn draft(document: &Document, inputs: &Inputs<'_>) -> Draft {
    let source = Source::of(document, inputs.limits);
    let mut choice = candidates(&source);
    let contents = contents(&source, &choice.candidates);
    let names = Names::of(&source, &choice.candidates, &contents);
    phases::assign(&source, &mut choice, &names);

    let mut links = Links::default();
    stated_edges::add(&source, &choice.candidates, &contents, &names, &mut links);
    implied_edges::add(
        &source,
        choice.strategy,
        &choice.candidates,
        &contents,
        &names,
        &mut links,
    );
    let paths: Vec<Vec<String>> = choice
        .candidates
        .iter()
        .zip(&contents)
        .map(|(candidate, content)| paths::of(candidate, content, inputs.exists))
        .collect();
    shared_files(&choice.candidates, &paths, inputs.contested, &mut links);
    backwards(&choice, &mut links);

    let (stream_of, stream_names) = streams::of(&source, &choice.candidates, &links.all, &paths);
    let mut milestones = phases::milestones(&source, &choice);
    let high_risks = risk::high_risks(&source);
    let mut tasks = Vec::new();
    for (place, candidate) in choice.candidates.iter().enumerate() {
        let task = task(&source, candidate, &contents[place], &high_risks);
        tasks.push(Task {
            stream: stream_names[stream_of[place]].clone(),
            paths: paths[place].clone(),
            milestone: candidate
                .unit
                .and_then(|unit| milestones.get(unit))
                .map(|milestone| milestone.key.clone()),
            ..task
        });
    }
    for task in &tasks {
        if let Some(milestone) = milestones
            .iter_mut()
            .find(|milestone| Some(&milestone.key) == task.milestone.as_ref())
        {
            milestone.tasks.push(task.key.clone());
        }
    }

    let guards = plan_notes::of(&source, SectionKind::NonGoal);
    let mut questions = plan_notes::of(&source, SectionKind::Question);
    questions.extend(plan_notes::in_brackets(&source));
    let mut deferred = plan_notes::of(&source, SectionKind::Future);
    if document.kind == crate::plan::document::DocumentKind::DebugInvestigation {
        questions.retain(|note| !investigation::is_themed(&source, note.lines.start));
        deferred.retain(|note| !investigation::is_themed(&source, note.lines.start));
    }
    let mut findings = std::mem::take(&mut links.findings);
    findings.extend(checks::document(&source, &choice));
    findings.extend(review::tasks(
        &tasks,
        &choice.candidates,
        &guards,
        &questions,
    ));
    for (place, content) in contents.iter().enumerate() {
        findings.extend(paths::outside(
            content,
            tasks[place].lines,
            &tasks[place].key,
        ));
    }
    findings.sort_by(|a, b| {
        (
            std::cmp::Reverse(a.severity),
            a.lines.start,
            &a.rule,
            &a.message,
        )
            .cmp(&(
                std::cmp::Reverse(b.severity),
                b.lines.start,
                &b.rule,
                &b.message,
            ))
    });
    findings.dedup();
    let suggestions = review::suggestions(&tasks, &choice.candidates, choice.threshold);

    let edges = links
        .all
        .iter()
        .map(|link| edge(link, &choice.candidates))
        .collect();
    let (tasks, edges) = with_tests(tasks, edges);
    Draft {
        title: document.title.clone(),
        strategy: choice.strategy,
        threshold: choice.threshold,
        tasks,
        edges,
        milestones,
        questions,
        deferred,
        external: plan_notes::of(&source, SectionKind::Dependency),
        guards,
        ready: plan_notes::of(&source, SectionKind::Ready),
        done: plan_notes::of(&source, SectionKind::Done),
        findings,
        suggestions,
    }
}

/// The candidates in the order of the document.
fn candidates(source: &Source<'_>) -> Choice {
    let mut choice = strategy::choose(source);
    if !choice.candidates.is_empty() {
        extra::first(source, &mut choice);
        measure::verify(source, &mut choice);
    } else {
        choice.strategy = Strategy::Single;
        choice.candidates.push(investigation::whole(source));
        let folded: Vec<usize> = choice.demands().collect();
        choice.candidates[0].folded = folded;
    }
    choice
        .candidates
        .sort_by_key(|candidate| candidate.node.unwrap_or(usize::MAX));
    candidate::make_titles_unique(source, &mut choice.candidates);
    candidate::number(source, &mut choice.candidates);
    choice
}

fn contents(source: &Source<'_>, candidates: &[TaskCandidate]) -> Vec<Content> {
    let mut taken = vec![false; source.tree.nodes.len()];
    for node in candidates.iter().flat_map(TaskCandidate::nodes) {
        taken[node] = true;
    }
    let whole = candidates.len() == 1 && candidates[0].node.is_none();
    candidates
        .iter()
        .map(|candidate| {
            let mut content = task_criteria::read(source, candidate, &taken);
            if whole {
                task_criteria::whole(source, &mut content);
            }
            content
        })
        .collect()
}

/// A task without its stream, paths and milestone.
fn task(
    source: &Source<'_>,
    candidate: &TaskCandidate,
    content: &Content,
    high_risks: &[risk::HighRisk],
) -> Task {
    let story = candidate.node.is_some_and(|node| source.story[node]);
    let item_type = match candidate.cause {
        Cause::Verify => ItemType::Test,
        Cause::Suspect => ItemType::Spike,
        _ => work_kinds::item_type(&candidate.title, story),
    };
    let raw = candidate.node.map_or(candidate.title.as_str(), |node| {
        source.tree.nodes[node].text.as_str()
    });
    let effort = effort::assess(candidate, content, raw, item_type);
    let (risk, risk_reason) = risk::assess(candidate, content, item_type, high_risks);
    let (validation, validation_reason) =
        risk::validation(candidate, content, item_type, (risk, &risk_reason));
    let mut covers = content.covers.clone();
    covers.retain(|id| Some(id) != candidate.requirement.as_ref());
    covers.sort();
    covers.dedup();
    Task {
        key: candidate.key.clone(),
        title: candidate.title.clone(),
        description: task_criteria::description(source, candidate, content),
        item_type,
        acceptance: content.acceptance.clone(),
        estimate: effort.estimate,
        hours: effort.hours,
        estimate_reason: effort.reason.clone(),
        points: effort.points,
        priority: priority::of(source, candidate),
        risk,
        risk_reason,
        validation,
        validation_reason,
        stream: String::new(),
        paths: Vec::new(),
        requirement: candidate.requirement.clone(),
        covers,
        milestone: None,
        story: candidate.story.clone(),
        lines: candidate.lines,
        tests: None,
        auto_policy: AutoPolicy::None,
    }
}

/// Adds edges between tasks that change the same file, because they should not run at the same
/// time.
fn shared_files(
    candidates: &[TaskCandidate],
    paths: &[Vec<String>],
    contested: &[String],
    links: &mut Links,
) {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (task, paths) in paths.iter().enumerate() {
        for path in paths {
            let path = path.trim_end_matches('/');
            let conflicted = contested.iter().find(|known| {
                let known = known.trim_end_matches('/');
                known == path
                    || known
                        .strip_prefix(path)
                        .is_some_and(|rest| rest.starts_with('/'))
            });
            let name = conflicted.map_or(path, |known| known.trim_end_matches('/'));
            if let Some(on) = last.insert(name, task).filter(|on| *on != task) {
                let reason = if conflicted.is_some() {
                    format!("changes to `{name}` have conflicted before")
                } else {
                    format!("both change `{name}`")
                };
                let behind = links.path(on, task).is_some();
                if conflicted.is_none() && (behind || links.path(task, on).is_some()) {
                    continue;
                }
                // If changes to the file have conflicted before, one task waits, even if the edges
                // between the two are only soft so far.
                let (task, on) = if behind { (on, task) } else { (task, on) };
                let class = match conflicted {
                    Some(_) => EdgeClass::Hard,
                    None => EdgeClass::Soft,
                };
                links.add(
                    candidates,
                    Link {
                        task,
                        on,
                        class,
                        rule: "shared-file",
                        line: candidates[task].lines.start,
                        reason,
                    },
                );
            }
        }
    }
}

/// Removes edges by which a task waits for one of a later phase: they would keep the gate of its
/// own phase closed forever.
fn backwards(choice: &Choice, links: &mut Links) {
    let late = |link: &Link| matches!((choice.candidates[link.task].unit, choice.candidates[link.on].unit), (Some(task), Some(on)) if on > task);
    let (dropped, kept): (Vec<Link>, Vec<Link>) =
        std::mem::take(&mut links.all).into_iter().partition(late);
    links.all = kept;
    for link in dropped.iter().filter(|link| link.rule == "explicit") {
        let (task, on) = (&choice.candidates[link.task], &choice.candidates[link.on]);
        let lines = crate::plan::document::Lines::at(link.line);
        let message = format!(
            "“{}” waits for “{}”, which is planned for a later phase; the dependency was omitted",
            task.title, on.title
        );
        links.findings.push(checks::finding(
            "phase-order",
            Severity::Warning,
            lines,
            Some(&task.key),
            message,
        ));
    }
}

fn edge(link: &Link, candidates: &[TaskCandidate]) -> Edge {
    Edge {
        task: candidates[link.task].key.clone(),
        on: candidates[link.on].key.clone(),
        class: link.class,
        rule: link.rule.to_owned(),
        line: link.line,
        reason: link.reason.clone(),
    }
}
