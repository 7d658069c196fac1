//! The sections of reports: of a standup, a retrospective, and everything.

use git_pm::insights::ItemLine;
use git_pm::reports::{
    ActorReport, BlockedLine, ChangeKind, Estimated, Report, ReportChange, Spread, Standing, Step,
};
use git_pm::values::status_word;

use super::costs;
use super::format::{counted, rest, short};
use super::outline::{Entry, Section};
use super::page::Page;

/// The report with its times in the reader's zone.
pub fn in_zone(page: &Page, report: &Report) -> Report {
    let mut report = report.clone();
    let periods = report.series.iter_mut().map(|point| &mut point.from);
    let changes = report.changes.iter_mut().map(|change| &mut change.at);
    let done = report.actors.iter_mut().flat_map(|one| &mut one.done);
    let done = done.map(|one| &mut one.at);
    let starts = report.history_starts.iter_mut().map(|one| &mut one.at);
    let ends = [&mut report.since, &mut report.until];
    for time in periods.chain(changes).chain(done).chain(starts).chain(ends) {
        *time = page.exact(time);
    }
    report
}

/// What each actor did and has to do.
pub fn standup(report: &Report) -> Vec<Section> {
    let mut out = vec![period(report)];
    if report.actors.is_empty() {
        out[0].entries.push(Entry::Line(
            "Nothing was finished, and nobody has open work.".into(),
        ));
    }
    for one in &report.actors {
        let kind = if one.is_agent { " (agent)" } else { "" };
        out.push(Section::new(format!("{}{kind}", one.actor), Vec::new()));
        out.extend(parts(one));
    }
    let free = report.standing.next.iter().filter(|i| i.owner.is_none());
    let free: Vec<Entry> = free.map(open_item).collect();
    if !free.is_empty() {
        out.push(Section::new("Next, for anyone", free));
    }
    out
}

/// How the work went.
pub fn retro(report: &Report) -> Vec<Section> {
    let mut out = figures_alone(report);
    let of = |kind: ChangeKind| {
        let changes = report.changes.iter();
        changes.filter(move |change| change.kind == kind)
    };
    for (heading, kind) in [
        ("Finished", ChangeKind::Finished),
        ("Sent back from review", ChangeKind::SentBack),
        ("Reopened", ChangeKind::Reopened),
        ("Re-scoped after starting", ChangeKind::Rescoped),
        ("Cancelled", ChangeKind::Cancelled),
        ("Deleted", ChangeKind::Deleted),
    ] {
        let items: Vec<Entry> = of(kind).map(change).collect();
        push(&mut out, heading, items);
    }
    let over = report.estimates.far_over.iter().map(estimated);
    push(&mut out, "Far over the estimate", over.collect());
    out.push(series(report));
    out
}

/// Everything.
pub fn report(report: &Report) -> Vec<Section> {
    let mut out = retro(report);
    let standing = &report.standing;
    let doing = standing.doing.iter().map(open_item).collect();
    push(&mut out, "In progress", doing);
    let (blocked, next) = (&standing.blocked_items, &standing.next);
    let mut lines: Vec<Entry> = blocked.iter().map(blocked_item).collect();
    lines.extend(more(standing.blocked, blocked.len()));
    push(&mut out, "Blocked", lines);
    let mut lines: Vec<Entry> = next.iter().map(open_item).collect();
    lines.extend(more(standing.ready, next.len()));
    push(&mut out, "Next", lines);
    out
}

/// The period and its figures.
pub fn figures_alone(report: &Report) -> Vec<Section> {
    vec![period(report), Section::new("Figures", figures(report))]
}

fn push(out: &mut Vec<Section>, heading: &str, entries: Vec<Entry>) {
    if !entries.is_empty() {
        out.push(Section::new(heading, entries));
    }
}

fn more(all: usize, shown: usize) -> Option<Entry> {
    (all > shown).then(|| Entry::Line(format!("and {} more", all - shown)))
}

/// The period, and where the work stood at its end.
fn period(report: &Report) -> Section {
    let mut lines = vec![
        format!(
            "From {} to {}, {} of the state",
            report.since,
            report.until,
            counted(report.commits, "commit")
        ),
        standing(&report.standing),
    ];
    if let Some(query) = &report.query {
        lines.insert(1, format!("Only items that match {query}"));
    }
    // The first commit of all is empty: nothing is missing before it.
    let starts = report.history_starts.iter();
    for start in starts.filter(|start| !start.at.starts_with("1970-")) {
        lines.push(format!(
            "The history begins at {} ({}): earlier changes are not counted",
            start.at,
            short(&start.commit)
        ));
    }
    Section {
        heading: None,
        level: 1,
        entries: lines.into_iter().map(Entry::Line).collect(),
    }
}

fn standing(standing: &Standing) -> String {
    let of = match standing.estimated {
        0 => "no estimates".into(),
        items => format!(
            "{} estimated hours of {}",
            standing.open_hours,
            counted(items, "item")
        ),
    };
    format!(
        "Open at the end: {} ({} in progress, {} ready, {} blocked before starting{}), {of}",
        standing.open,
        standing.in_progress,
        standing.ready,
        standing.blocked,
        rest(standing.deferred, standing.containers, standing.kept)
    )
}

/// What one actor did and has to do.
fn parts(one: &ActorReport) -> Vec<Section> {
    let done = one
        .done
        .iter()
        .map(|done| Entry::Item(done.id.clone(), done.title.clone(), done.at.clone()));
    let parts: [(&str, Vec<Entry>); 4] = [
        ("done", done.collect()),
        ("doing", one.doing.iter().map(open_item).collect()),
        ("blocked", one.blocked.iter().map(blocked_item).collect()),
        ("next", one.next.iter().map(open_item).collect()),
    ];
    let parts = parts.into_iter().filter(|(_, entries)| !entries.is_empty());
    parts
        .map(|(heading, entries)| Section::part(heading, entries))
        .collect()
}

fn open_item(item: &ItemLine) -> Entry {
    let mut facts = vec![
        status_word(&item.status).into_owned(),
        format!("P{}", item.priority),
    ];
    facts.extend(item.owner.clone());
    Entry::Item(item.id.clone(), item.title.clone(), facts.join(", "))
}

fn blocked_item(line: &BlockedLine) -> Entry {
    Entry::Item(
        line.item.id.clone(),
        line.item.title.clone(),
        line.why.join("; "),
    )
}

fn change(change: &ReportChange) -> Entry {
    let mut facts = vec![change.at.clone(), change.actor.clone()];
    facts.retain(|fact| !fact.is_empty());
    let days =
        |name: &str, days: Option<f64>| days.map(|days| format!("{name} {}", counted(days, "day")));
    facts.extend(days("lead", change.lead_days));
    facts.extend(days("cycle", change.cycle_days));
    facts.push(short(&change.commit));
    Entry::Item(change.id.clone(), change.title.clone(), facts.join(", "))
}

fn estimated(one: &Estimated) -> Entry {
    let end = if one.finished { "" } else { " so far" };
    let note = format!(
        "{}h{end}, estimated {}h",
        one.actual_hours, one.estimated_hours
    );
    Entry::Item(one.id.clone(), one.title.clone(), note)
}

fn figures(report: &Report) -> Vec<Entry> {
    let velocity = &report.velocity;
    let per_week = |value: Option<f64>| {
        let text = value.map(|value| format!(" ({value} per week)"));
        text.unwrap_or_default()
    };
    let of_counts = |kind: ChangeKind| {
        let word = kind.to_string();
        report.counts.get(&word).copied().unwrap_or(0)
    };
    // Zero is of interest for what is created and finished only.
    let some = |n: usize, about: &str| match n {
        0 => String::new(),
        n => format!("{n}{about}"),
    };
    let percent = |value: Option<f64>| {
        let text = value.map(|value| format!(" ({value:.1}%)"));
        text.unwrap_or_default()
    };
    let rework = &report.rework;
    let again = match (rework.sent_back.len(), rework.reopened.len()) {
        (0, 0) => String::new(),
        (sent_back, reopened) => format!(
            "{sent_back} sent back from review, {reopened} reopened ({:.1}% of {} submitted or finished)",
            rework.rework_percent.unwrap_or(0.0),
            counted(rework.completed, "item")
        ),
    };
    let rescoped = match rework.rescoped.len() {
        0 => String::new(),
        n => format!(
            "{} after starting; {:.1}% of those finished",
            counted(n, "item"),
            rework.rescoped_percent.unwrap_or(0.0)
        ),
    };
    let hours = match velocity.samples {
        0 => String::new(),
        _ => {
            let unknown = match velocity.without_estimate {
                0 => String::new(),
                n => format!("; {} without an estimate", counted(n, "item")),
            };
            let unmeasured = match velocity.unmeasured {
                0 => String::new(),
                n => format!("; {} finished within minutes", counted(n, "item")),
            };
            let rate = per_week(velocity.hours_per_week);
            let samples = counted(velocity.samples, "item");
            let hours = velocity.hours;
            format!("{hours} estimated, of {samples} finished{rate}{unknown}{unmeasured}")
        }
    };
    let refactoring = match report.refactoring.items.len() {
        0 => String::new(),
        n => format!(
            "{} finished{}",
            counted(n, "item"),
            percent(report.refactoring.percent)
        ),
    };
    let estimates = report.estimates.error.map(|error| {
        let samples = counted(report.estimates.samples, "item");
        format!("off by {:.0}% on average ({samples})", error * 100.0)
    });
    let completion = match velocity.finished {
        0 => String::new(),
        _ => format!(
            "{} by agents{}, {} by humans",
            report.completion.by_agents,
            percent(report.completion.agent_percent),
            report.completion.by_people
        ),
    };
    let standing = &report.standing;
    let epics = match standing.epics {
        0 => String::new(),
        all => format!(
            "{} of {} closed{}{}",
            standing.epics_closed,
            all - standing.epics_cancelled,
            percent(standing.epics_percent),
            match standing.epics_cancelled {
                0 => String::new(),
                cancelled => format!(", {cancelled} cancelled"),
            }
        ),
    };
    let agents = report.agents.as_ref().map(|agents| {
        format!(
            "{} in runs: {} finished, {} re-scoped{}, {} with a human's help{}",
            counted(agents.items.len(), "item"),
            agents.finished,
            agents.rescoped.len(),
            percent(agents.rescoped_percent),
            agents.intervened.len(),
            percent(agents.intervened_percent)
        )
    });
    let used = (report.used.attempts > 0).then(|| costs::total(&report.used));
    let known = velocity.known_words().map(|known| format!("; {known}"));
    let (rate, known) = (per_week(velocity.per_week), known.unwrap_or_default());
    let finished = format!("{}{rate}{known}", velocity.finished);
    vec![
        Entry::Field("created", of_counts(ChangeKind::Created).to_string()),
        Entry::Field("finished", finished),
        Entry::Field("cancelled", some(of_counts(ChangeKind::Cancelled), "")),
        Entry::Field("deleted", some(of_counts(ChangeKind::Deleted), "")),
        Entry::Field(
            "imported",
            some(
                report.closed_elsewhere,
                " as closed, before the period or without a date: not counted as finished",
            ),
        ),
        Entry::Field("hours", hours),
        Entry::Field("lead time", spread(&report.lead_days)),
        Entry::Field("cycle time", spread(&report.cycle_days)),
        Entry::Field("rework", again),
        Entry::Field("re-scoped", rescoped),
        Entry::Field("refactoring", refactoring),
        Entry::Field("estimates", estimates.unwrap_or_default()),
        Entry::Field("finished by", completion),
        Entry::Field("epics", epics),
        Entry::Field("agents", agents.unwrap_or_default()),
        Entry::Field("usage", used.unwrap_or_default()),
    ]
}

fn spread(spread: &Spread) -> String {
    match (spread.p50, spread.p85) {
        (Some(p50), Some(p85)) => format!(
            "{} (median), {} (85th percentile), {}",
            counted(p50, "day"),
            counted(p85, "day"),
            counted(spread.samples, "item")
        ),
        _ => String::new(),
    }
}

/// The period part by part.
fn series(report: &Report) -> Section {
    let days = |value: Option<f64>| value.map_or("-".to_string(), |value| value.to_string());
    let rows = report.series.iter().map(|point| {
        vec![
            point.from.get(..10).unwrap_or(&point.from).to_string(),
            point.created.to_string(),
            point.finished.to_string(),
            point.reopened.to_string(),
            point.end.in_progress.to_string(),
            point.end.open.to_string(),
            days(point.lead_days),
            days(point.cycle_days),
        ]
    });
    let names = vec![
        "from", "created", "finished", "reopened", "doing", "open", "lead", "cycle",
    ];
    let heading = match report.step {
        Step::Day => "By day",
        Step::Week => "By week",
    };
    Section::new(heading, vec![Entry::Table(names, rows.collect())])
}
