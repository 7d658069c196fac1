//! Dependencies that a document implies: the ground first, documentation last, the spine of a
//! pipeline, weeks, mentions, shared names and files.

use super::criteria::Content;
use super::edges::{Link, Links};
use super::kinds::{is_last, is_setup};
use super::model::{EdgeClass, Strategy};
use super::names::{Names, related};
use super::seed::{Cause, Seed};
use super::spine::spine;
use super::words::words;
use super::work::Source;
use std::collections::BTreeMap;

/// Stems of titles that speak of what comes last, and of nothing more.
const LATE: &[&str] = &[
    "doc",
    "docum",
    "document",
    "readme",
    "guid",
    "test",
    "e2e",
    "end",
    "monitor",
    "deploy",
    "releas",
    "product",
    "launch",
    "acceptanc",
    "help",
    "quick",
    "start",
    "comprehensiv",
];

/// More tasks than this behind or before one of them say nothing.
const WIDEST: usize = 6;

/// Draws what the rules imply.
pub(super) fn draw(
    source: &Source<'_>,
    strategy: Strategy,
    seeds: &[Seed],
    contents: &[Content],
    names: &Names,
    links: &mut Links,
) {
    let debug = source.document.kind == crate::plan::document::DocumentKind::DebugInvestigation;
    if debug {
        investigation(seeds, links);
    } else {
        if strategy == Strategy::Requirements {
            spine(source, seeds, links);
        }
        for scope in scopes(seeds, strategy) {
            ground(seeds, &scope, strategy, links);
            layers(seeds, &scope, links);
            ends(seeds, &scope, strategy, links);
        }
        weeks(seeds, links);
    }
    mentions(seeds, contents, names, links);
    identifiers(seeds, contents, links);
}

/// Tasks that belong together: of a story, of a phase, or all.
fn scopes(seeds: &[Seed], strategy: Strategy) -> Vec<Vec<usize>> {
    let mut scopes: BTreeMap<(Option<usize>, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (place, seed) in seeds
        .iter()
        .enumerate()
        .filter(|(_, seed)| seed.cause != Cause::Verify)
    {
        let story = seed
            .story
            .as_deref()
            .and(seed.group.as_deref())
            .filter(|_| strategy != Strategy::Requirements);
        scopes.entry((seed.unit, story)).or_default().push(place);
    }
    scopes
        .into_values()
        .filter(|scope| scope.len() > 1)
        .collect()
}

/// What sets something up comes before the rest of its scope.
fn ground(seeds: &[Seed], scope: &[usize], strategy: Strategy, links: &mut Links) {
    let Some(root) = scope
        .iter()
        .copied()
        .take(scope.len().div_ceil(4).max(2))
        .find(|place| is_setup(&seeds[*place].title) && !seeds[*place].coarse)
        .into_iter()
        .chain(
            scope
                .iter()
                .copied()
                .filter(|place| seeds[*place].cause == Cause::First),
        )
        .last()
    else {
        return;
    };
    let hard = matches!(
        strategy,
        Strategy::Milestones | Strategy::Stories | Strategy::Checklists
    );
    for task in scope.iter().copied().filter(|place| *place != root) {
        let reason = format!("“{}” is the ground it stands on", seeds[root].title);
        let class = if hard {
            EdgeClass::Hard
        } else {
            EdgeClass::Soft
        };
        links.add(
            seeds,
            Link {
                task,
                on: root,
                class,
                rule: "setup-first",
                line: seeds[root].lines.start,
                reason,
            },
        );
    }
}

/// Data before service before screen, where they are about the same thing.
fn layers(seeds: &[Seed], scope: &[usize], links: &mut Links) {
    let layer = |place: &usize| {
        let words = words(&seeds[*place].title);
        let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        if any(&[
            "schema",
            "schemas",
            "table",
            "tables",
            "model",
            "models",
            "migration",
            "migrations",
            "entity",
            "entities",
        ]) {
            Some(0)
        } else if any(&[
            "api",
            "apis",
            "endpoint",
            "endpoints",
            "service",
            "route",
            "routes",
            "handler",
            "backend",
            "repository",
        ]) {
            Some(1)
        } else if any(&[
            "ui",
            "page",
            "pages",
            "screen",
            "screens",
            "form",
            "forms",
            "view",
            "views",
            "frontend",
            "component",
            "components",
            "modal",
            "widget",
        ]) {
            Some(2)
        } else {
            None
        }
    };
    let placed: Vec<(usize, usize)> = scope
        .iter()
        .take(200)
        .filter_map(|place| Some((*place, layer(place)?)))
        .collect();
    for (task, high) in &placed {
        let below = placed
            .iter()
            .filter(|(on, low)| low < high && subject(&seeds[*on], &seeds[*task]))
            .map(|(on, low)| (*low, *on))
            .max();
        let Some((best, _)) = below else { continue };
        for (on, _) in placed
            .iter()
            .filter(|(on, low)| *low == best && subject(&seeds[*on], &seeds[*task]))
            .take(3)
        {
            let reason = format!("it uses what “{}” lays down", seeds[*on].title);
            links.add(
                seeds,
                Link {
                    task: *task,
                    on: *on,
                    class: EdgeClass::Soft,
                    rule: "layer",
                    line: seeds[*task].lines.start,
                    reason,
                },
            );
        }
    }
}

/// Whether two titles share a word beside those of layers.
fn subject(a: &Seed, b: &Seed) -> bool {
    const LAYERS: &[&str] = &[
        "api",
        "schema",
        "tabl",
        "model",
        "servic",
        "endpoint",
        "pag",
        "screen",
        "form",
        "view",
        "component",
        "data",
        "databas",
        "rout",
        "backend",
        "frontend",
    ];
    related(a, b)
        && a.stems
            .iter()
            .any(|stem| b.stems.contains(stem) && !LAYERS.contains(&stem.as_str()))
}

/// Documentation, deployment and tests of the whole come after what they are about.
fn ends(seeds: &[Seed], scope: &[usize], strategy: Strategy, links: &mut Links) {
    if scope.len() < 3 || strategy == Strategy::Requirements || strategy == Strategy::Outline {
        return;
    }
    let (last, rest): (Vec<usize>, Vec<usize>) = scope
        .iter()
        .copied()
        .partition(|place| is_last(&seeds[*place].title) && !seeds[*place].coarse);
    if last.is_empty() || rest.is_empty() || last.len() > rest.len() {
        return;
    }
    let mut waited = vec![false; seeds.len()];
    for link in links.all.iter().filter(|link| !last.contains(&link.task)) {
        waited[link.on] = true;
    }
    for task in last {
        let own: Vec<usize> = rest
            .iter()
            .copied()
            .filter(|on| subject(&seeds[task], &seeds[*on]))
            .collect();
        let free: Vec<usize> = rest.iter().copied().filter(|on| !waited[*on]).collect();
        let group: Vec<usize> = free
            .iter()
            .copied()
            .filter(|on| seeds[task].group.is_some() && seeds[*on].group == seeds[task].group)
            .collect();
        let about = seeds[task]
            .stems
            .iter()
            .filter(|stem| !LATE.contains(&stem.as_str()))
            .count();
        if own.is_empty() && about > 1 {
            continue;
        }
        let chosen = if !own.is_empty() {
            own
        } else if seeds[task].group.is_some() {
            group
        } else {
            free
        };
        if chosen.len() > WIDEST {
            continue;
        }
        for on in chosen {
            let reason = format!("it comes when “{}” is there", seeds[on].title);
            links.add(
                seeds,
                Link {
                    task,
                    on,
                    class: EdgeClass::Soft,
                    rule: "last",
                    line: seeds[task].lines.start,
                    reason,
                },
            );
        }
    }
}

/// `(Week 3)` in titles: a week's tasks come after those of the week before.
fn weeks(seeds: &[Seed], links: &mut Links) {
    let mut weeks: BTreeMap<(Option<usize>, u64), Vec<usize>> = BTreeMap::new();
    for (place, seed) in seeds.iter().enumerate() {
        let words = words(&seed.title);
        let week = words
            .windows(2)
            .find(|pair| matches!(pair[0].as_str(), "week" | "weeks" | "day"))
            .and_then(|pair| pair[1].parse().ok());
        if let Some(week) = week {
            weeks.entry((seed.unit, week)).or_default().push(place);
        }
    }
    let later = weeks.iter().skip(1);
    for (((unit, _), before), ((next, week), after)) in weeks.iter().zip(later) {
        if unit != next {
            continue;
        }
        for task in after {
            for on in before.iter().rev().take(3) {
                let reason = format!("it is planned for week {week}");
                links.add(
                    seeds,
                    Link {
                        task: *task,
                        on: *on,
                        class: EdgeClass::Soft,
                        rule: "week-order",
                        line: seeds[*task].lines.start,
                        reason,
                    },
                );
            }
        }
    }
}

/// A task that names another's id uses it.
fn mentions(seeds: &[Seed], contents: &[Content], names: &Names, links: &mut Links) {
    for (task, content) in contents.iter().enumerate() {
        let texts = content
            .acceptance
            .iter()
            .map(|criterion| (&criterion.text, criterion.lines));
        for (text, lines) in
            texts.chain(content.remarks.iter().map(|line| (&line.text, line.lines)))
        {
            let apart = ["independent", "unlike", "not depend", "instead of"]
                .iter()
                .any(|word| text.to_lowercase().contains(word));
            for on in names.identified(text).into_iter().filter(|_| !apart) {
                if !links.has(on, task) && on < task {
                    let name = seeds[on].requirement.as_deref().unwrap_or(&seeds[on].title);
                    let reason = format!("its text names {name}");
                    links.add(
                        seeds,
                        Link {
                            task,
                            on,
                            class: EdgeClass::Soft,
                            rule: "mention",
                            line: lines.start,
                            reason,
                        },
                    );
                }
            }
        }
    }
}

/// A name in back-ticks that two or three tasks share: who names it first brings it in.
fn identifiers(seeds: &[Seed], contents: &[Content], links: &mut Links) {
    let mut owners: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, content) in contents.iter().enumerate() {
        for code in content.codes.iter().filter(|code| is_specific(code)) {
            owners.entry(code).or_default().push(place);
        }
    }
    for (code, places) in owners
        .into_iter()
        .filter(|(_, places)| (2..=3).contains(&places.len()))
    {
        for task in &places[1..] {
            let reason = format!("both are about `{code}`");
            links.add(
                seeds,
                Link {
                    task: *task,
                    on: places[0],
                    class: EdgeClass::Soft,
                    rule: "shared-identifier",
                    line: seeds[*task].lines.start,
                    reason,
                },
            );
        }
    }
}

/// Whether a name in code is one thing's own: `orders.total`, `dailyLimit`, not `Select`.
fn is_specific(code: &str) -> bool {
    let shaped =
        code.contains(['_', '.', '/', ':', '-']) || code.chars().skip(1).any(char::is_uppercase);
    (5..=60).contains(&code.len()) && !code.contains(' ') && shaped
}

/// Reproducing comes before checking suspicions, those before putting it right.
fn investigation(seeds: &[Seed], links: &mut Links) {
    let reproduce = seeds
        .iter()
        .position(|seed| seed.title.starts_with("Reproduce"));
    let fix = seeds
        .iter()
        .position(|seed| seed.cause != Cause::Suspect && super::debug::is_fix(&seed.title));
    for (place, seed) in seeds.iter().enumerate() {
        if let Some(on) = reproduce.filter(|_| seed.cause == Cause::Suspect || Some(place) == fix) {
            let reason = "what cannot be seen cannot be checked".to_owned();
            links.add(
                seeds,
                Link {
                    task: place,
                    on,
                    class: EdgeClass::Soft,
                    rule: "reproduce-first",
                    line: seed.lines.start,
                    reason,
                },
            );
        }
        if let Some(task) = fix.filter(|_| seed.cause == Cause::Suspect) {
            let reason = "the cause has to be known before it is put right".to_owned();
            links.add(
                seeds,
                Link {
                    task,
                    on: place,
                    class: EdgeClass::Hard,
                    rule: "cause-first",
                    line: seed.lines.start,
                    reason,
                },
            );
        }
    }
}
