//! The tasks: one for each statement with that verdict, with the criteria that stand below it or name it.

use std::collections::{BTreeMap, HashMap};

use super::draft_types::{AutoPolicy, Criterion, Estimate, Inputs, Key, Task};
use super::key::unique;
use super::rules::Verdicts;
use super::{defaults, priority, title, vague};
use git_pm_document::{Form, LabelKind, Lines, ROW, is_story, normalize, path};

/// The longest description, in bytes.
const LONGEST: usize = 8_000;

/// The keys of the tasks by their statements: from the id if it is unique, else from the title and
/// the headings above it. The order of the document has no influence.
pub(super) fn keys(verdicts: &Verdicts) -> BTreeMap<usize, Key> {
    let nodes = verdicts.facts.nodes();
    let mut owners: HashMap<&str, usize> = HashMap::new();
    for id in verdicts
        .tasks()
        .filter_map(|task| nodes[task].id.as_deref())
    {
        *owners.entry(id).or_default() += 1;
    }
    let mut taken: HashMap<Key, usize> = HashMap::new();
    let named = verdicts.tasks().map(|task| {
        let node = &nodes[task];
        let above = path(nodes, verdicts.facts.document.root, task);
        let parts: Vec<&str> = match node.id.as_deref() {
            Some(id) if owners.get(id) == Some(&1) => vec!["id", id],
            id => {
                let named = ["false"].into_iter().chain(id).chain([node.name()]);
                named.chain(above.iter().map(String::as_str)).collect()
            }
        };
        (task, unique(&mut taken, &parts))
    });
    named.collect()
}

/// The tasks in the order of the document.
pub(super) fn tasks(
    verdicts: &Verdicts,
    keys: &BTreeMap<usize, Key>,
    milestones: &HashMap<usize, Key>,
    inputs: &Inputs<'_>,
) -> Vec<Task> {
    let tasks = keys.iter().map(|(at, key)| {
        let phase = verdicts.facts.phase[*at];
        let mut task = task(verdicts, *at, inputs);
        task.milestone = phase.and_then(|phase| milestones.get(&phase).cloned());
        task.key = key.clone();
        task
    });
    tasks.collect()
}

fn task(verdicts: &Verdicts, at: usize, inputs: &Inputs<'_>) -> Task {
    let facts = &verdicts.facts;
    let node = &facts.nodes()[at];
    let parts = verdicts.parts(at);
    let title = title_of(verdicts, at);
    let acceptance = criteria(verdicts, at);
    let mut texts: Vec<&str> = vec![node.name()];
    texts.extend(parts.iter().map(|part| facts.nodes()[*part].name()));
    let paths = paths(verdicts, at, inputs);
    let contested = paths.iter().any(|path| inputs.contested.contains(path));
    let (hours, points, estimate_reason) = defaults::effort(facts, at, acceptance.len());
    let (risk, risk_reason) = defaults::risk(&texts, contested);
    let vague = acceptance.iter().flat_map(|one| &one.vague);
    let vague: Vec<&str> = vague.map(String::as_str).collect();
    let item_type = defaults::item_type(&title, facts.is_story(at));
    let (validation, validation_reason) = defaults::validation(item_type, risk, &vague);
    let said = std::iter::once(&at).chain(parts);
    let said = said.map(|at| facts.nodes()[*at].name());
    let story = said.filter(|text| is_story(text)).map(str::to_owned).next();
    let mut covers: Vec<String> = parts
        .iter()
        .filter_map(|part| facts.nodes()[*part].id.clone())
        .collect();
    covers.retain(|id| Some(id) != node.id.as_ref());
    covers.sort();
    covers.dedup();
    Task {
        key: Key::new(),
        description: description(verdicts, at),
        item_type,
        estimate: Estimate::of_hours(hours),
        hours,
        estimate_reason,
        points,
        priority: priority::of(facts, at),
        risk,
        risk_reason,
        validation,
        validation_reason,
        stream: stream(verdicts, at),
        paths,
        requirement: node.id.clone(),
        covers,
        milestone: None,
        story,
        lines: own_lines(verdicts, at),
        tests: None,
        auto_policy: AutoPolicy::None,
        title,
        acceptance,
    }
}

/// The lines of a task, without those of a requirement below it, which is a task of its own.
fn own_lines(verdicts: &Verdicts, at: usize) -> Lines {
    let nodes = verdicts.facts.nodes();
    let span = nodes[at].span();
    let mut below = nodes[at].children.iter();
    let next = below.find(|child| verdicts.is_task(**child));
    let end = next.map_or(span.end, |next| nodes[*next].lines.start - 1);
    Lines::of(span.start, end.max(nodes[at].lines.end))
}

/// The title of the task of a statement.
pub(super) fn title_of(verdicts: &Verdicts, at: usize) -> String {
    let node = &verdicts.facts.nodes()[at];
    let name = match node.form {
        // The other cells describe what the first one names.
        Form::Row if node.id.is_some() => node.name().split(ROW).next().unwrap_or_default(),
        _ => node.name(),
    };
    let found = title::of(without_marks(name), node.lead.as_deref());
    let nodes = verdicts.facts.nodes();
    let mut below = node.children.iter().map(|child| &nodes[*child]);
    let story = below.find(|child| child.label == LabelKind::Story && !child.text.is_empty());
    let named = || {
        let story = story.map(|story| title::of(&story.text, None));
        let title = || title::cut(&verdicts.facts.document.title);
        story.or(node.id.clone()).unwrap_or_else(title)
    };
    Some(found)
        .filter(|found| !found.is_empty())
        .unwrap_or_else(named)
}

/// A name without the priority or effort in brackets at its end.
fn without_marks(name: &str) -> &str {
    let end = name.trim_end().strip_suffix([')', ']']);
    let inside = end.and_then(|rest| rest.rsplit_once(['(', '[']));
    match inside {
        Some((rest, mark)) if !rest.trim().is_empty() => {
            let is_mark = priority::is_mark(mark) || defaults::stated_hours("", mark).is_some();
            if is_mark { rest.trim_end() } else { name }
        }
        _ => name,
    }
}

fn criteria(verdicts: &Verdicts, at: usize) -> Vec<Criterion> {
    let nodes = verdicts.facts.nodes();
    let own = nodes[at].cells.iter();
    let own = own.filter(|cell| cell.kind == LabelKind::Acceptance);
    let own = own.map(|cell| (cell.text.clone(), at));
    let title = normalize(nodes[at].name());
    // A summary of the task elsewhere says nothing new.
    let says = |part: &&usize| {
        verdicts.all[**part].is_criterion && normalize(&nodes[**part].text) != title
    };
    let below = verdicts.parts(at).iter().filter(says);
    let all = own.chain(below.map(|part| (nodes[*part].text.clone(), *part)));
    let said = all.filter(|(text, _)| !text.is_empty());
    let criterion = |(text, part): (String, usize)| Criterion {
        vague: vague(&text),
        lines: nodes[part].lines,
        requirement: nodes[part].id.clone().or_else(|| nodes[at].id.clone()),
        derived: false,
        text,
    };
    said.map(criterion).collect()
}

/// What stands at a task besides its criteria.
fn description(verdicts: &Verdicts, at: usize) -> String {
    let nodes = verdicts.facts.nodes();
    let mut text = nodes[at].name().to_owned();
    if text.is_empty() {
        text = title_of(verdicts, at);
    }
    let parts = verdicts.parts(at).iter();
    for part in parts.filter(|part| !verdicts.all[**part].is_criterion) {
        let node = &nodes[*part];
        let piece = match (node.form, &node.lead) {
            (Form::Code, _) => format!("```\n{}\n```", node.text.trim_end()),
            (Form::Label, Some(lead)) => format!("**{lead}**: {}", node.text),
            _ => node.text.clone(),
        };
        if !piece.is_empty() && text.len() + piece.len() < LONGEST {
            text = format!("{text}\n\n{piece}");
        }
    }
    text
}

/// The phase or the heading that groups a task.
fn stream(verdicts: &Verdicts, at: usize) -> String {
    let facts = &verdicts.facts;
    let groups = |above: &usize| {
        let node = &facts.nodes()[*above];
        node.is_heading() && !node.own_kind && facts.document.root != Some(*above)
    };
    let group = facts.phase[at].or_else(|| facts.above(at).find(groups));
    let name = group.map(|group| title::of(facts.nodes()[group].name(), None));
    let name = name.filter(|name| !name.is_empty());
    name.unwrap_or_else(|| defaults::STREAM.to_owned())
}

/// The files that a task names in back-ticks: in the tree, or new below a folder of it, or in a list
/// of files.
fn paths(verdicts: &Verdicts, at: usize, inputs: &Inputs<'_>) -> Vec<String> {
    let nodes = verdicts.facts.nodes();
    let mut found: Vec<String> = Vec::new();
    for part in std::iter::once(&at)
        .chain(verdicts.parts(at))
        .chain(&nodes[at].children)
    {
        let node = &nodes[*part];
        let tokens = node.name().split('`').skip(1).step_by(2);
        let tokens = tokens.chain(node.codes.iter().map(String::as_str));
        for token in tokens.filter(|token| node.form != Form::Code && is_path(token)) {
            let bare = token.trim_end_matches('/');
            let (first, last) = (bare.split('/').next(), bare.rsplit('/').next());
            let named = token.ends_with('/') || last.is_some_and(|name| name.contains('.'));
            let inside = bare.contains('/') && first.is_some_and(|first| (inputs.exists)(first));
            let planned = inside || node.label == LabelKind::Paths;
            if (inputs.exists)(bare) || named && planned {
                found.push(token.to_owned());
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// True for a relative path without patterns; `/health` is an endpoint, `feature/{id}` a branch.
fn is_path(token: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "/._-".contains(c);
    let hidden = token.starts_with(['/', '.', '-']) && !token.starts_with(".github/");
    (1..=200).contains(&token.len())
        && token.chars().all(is_part)
        && !hidden
        && !token.contains("..")
}
