//! `/metrics`: which figures it has, in the format that the client accepts.
//!
//! That is the text format of OpenMetrics 1.0 for clients that accept it, as Prometheus does,
//! otherwise that of Prometheus, which differs in the names of counters. The request counters live in
//! the server's memory; the metrics of the state are read on each request.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::limits;
use super::request::{Answer, Call};
use crate::error::Result;
use crate::model::stamp::parse_rfc3339;
use crate::work::cost::CostOptions;
use crate::work::list::ListFilter;

/// The content type of OpenMetrics.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The content type of the Prometheus format.
const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The upper bounds of the latency histogram's buckets, in seconds.
const BORDERS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// The metrics: name, type and description.
const METRICS: &str = "\
gitpm_items gauge Items by status.
gitpm_items_of_kind gauge Items by kind.
gitpm_ready gauge Open work that can be started now.
gitpm_blocked gauge Open work that waits for an item, or was blocked.
gitpm_in_progress gauge Open work in progress.
gitpm_open gauge Open work.
gitpm_claims gauge Claimed items.
gitpm_claims_ending gauge Claims whose lease ends within an hour.
gitpm_reservations gauge Live reservations.
gitpm_reservations_ending gauge Reservations that end within an hour.
gitpm_unpushed_commits gauge Commits of the state that have not been pushed yet.
gitpm_unmerged_commits gauge Fetched commits that have not been merged yet.
gitpm_runs gauge Runs by status.
gitpm_agent_tasks gauge Tasks that agents worked on, by result.
gitpm_gate_results gauge Submissions of agents that passed a gate, and attempts that did not.
gitpm_retries gauge Retries of tasks (attempts after the first).
gitpm_attempts counter Task attempts by agents.
gitpm_input_tokens counter Input tokens, excluding cached ones.
gitpm_cached_tokens counter Input tokens read from a cache.
gitpm_output_tokens counter Output tokens.
gitpm_agent_seconds counter Seconds that agents worked.
gitpm_cost_usd counter Known cost in US dollars.
gitpm_http_requests counter Requests since the start of the server.
gitpm_http_request_seconds histogram Seconds until the first byte of the response.";

/// Counters since the start of the server.
#[derive(Default)]
pub(super) struct Counters {
    requests: Mutex<BTreeMap<(&'static str, &'static str), Seen>>,
}

/// The requests of one route.
#[derive(Clone, Default)]
struct Seen {
    by_status: BTreeMap<u16, u64>,
    /// The number of requests that took no longer than each upper bound.
    within: [u64; BORDERS.len()],
    count: u64,
    seconds: f64,
}

impl Counters {
    /// Counts a request of a route.
    pub fn count(&self, route: (&'static str, &'static str), status: u16, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = requests.entry(route).or_default();
        *seen.by_status.entry(status).or_default() += 1;
        let seconds = took.as_secs_f64();
        for (within, border) in seen.within.iter_mut().zip(BORDERS) {
            *within += u64::from(seconds <= border);
        }
        seen.count += 1;
        seen.seconds += seconds;
    }
}

/// The output being written.
struct Text {
    out: String,
    /// True for OpenMetrics.
    open: bool,
}

impl Text {
    /// Begins a metric of [`METRICS`].
    fn metric(&mut self, name: &str) {
        let rows = METRICS.lines().map(|row| row.splitn(3, ' '));
        let found = rows.filter_map(|mut row| Some((row.next()?, row.next()?, row.next()?)));
        for (_, kind, about) in found.filter(|row| row.0 == name) {
            // The formats differ in whether the suffix is part of a counter's name.
            let suffix = match kind {
                "counter" if !self.open => "_total",
                _ => "",
            };
            let _ = writeln!(self.out, "# HELP {name}{suffix} {about}");
            let _ = writeln!(self.out, "# TYPE {name}{suffix} {kind}");
        }
    }

    /// A value with labels.
    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        self.out += name;
        if !labels.is_empty() {
            let all: Vec<String> = labels
                .iter()
                .map(|(key, value)| format!("{key}=\"{}\"", label(value)))
                .collect();
            let _ = write!(self.out, "{{{}}}", all.join(","));
        }
        let _ = writeln!(self.out, " {value}");
    }

    /// A metric with one value.
    fn gauge(&mut self, name: &str, value: usize) {
        self.metric(name);
        self.value(name, &[], value as f64);
    }

    fn counter(&mut self, name: &str, value: f64) {
        self.metric(name);
        self.value(&format!("{name}_total"), &[], value);
    }

    /// A metric with a value for each key.
    fn gauges(&mut self, name: &str, key: &str, values: &BTreeMap<String, usize>) {
        self.metric(name);
        for (word, count) in values {
            self.value(name, &[(key, word)], *count as f64);
        }
    }
}

/// The value of a label.
fn label(text: &str) -> String {
    let text = crate::model::text::one_line(text);
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// `GET /metrics`.
pub(super) fn metrics(call: &Call) -> Result<Answer> {
    let mut text = Text {
        out: String::new(),
        open: call.accept.contains("application/openmetrics-text"),
    };
    of_state(call, &mut text)?;
    of_requests(&call.shared.counters, &mut text);
    // A comment in the Prometheus format.
    text.out += "# EOF\n";
    Ok(Answer::Document {
        content_type: if text.open { CONTENT_TYPE } else { PLAIN },
        bytes: text.out.into_bytes(),
        keep: 0,
    })
}

fn of_state(call: &Call, text: &mut Text) -> Result<()> {
    let pm = call.pm()?;
    let health = pm.insights().stats()?;
    let counts = &health.counts;
    text.gauges("gitpm_items", "status", &counts.by_status);
    text.gauges("gitpm_items_of_kind", "kind", &counts.by_kind);
    text.gauge("gitpm_ready", counts.actionable_count);
    text.gauge("gitpm_blocked", counts.blocked_count);
    text.gauge("gitpm_in_progress", counts.in_progress_count);
    text.gauge("gitpm_open", counts.not_closed_count);
    let now = pm.now_ms();
    let soon =
        |at: &str| parse_rfc3339(at).is_some_and(|at| at > now && at - now < limits::ENDS_SOON_MS);
    let started = ["in_progress", "in_review", "ready_for_integration"];
    let held = pm.items().list(&ListFilter {
        status: started.map(str::to_string).to_vec(),
        ..ListFilter::default()
    })?;
    let claims: Vec<_> = held.iter().filter_map(|item| item.claim.as_ref()).collect();
    let ending = claims.iter().filter(|claim| soon(&claim.lease_until));
    text.gauge("gitpm_claims", claims.len());
    text.gauge("gitpm_claims_ending", ending.count());
    let reservations = pm.reservations().list(false)?;
    let ending = reservations.iter().filter(|one| soon(&one.expires_at));
    text.gauge("gitpm_reservations", reservations.len());
    text.gauge("gitpm_reservations_ending", ending.count());
    let remote = pm.state().status()?.remote;
    text.gauge("gitpm_unpushed_commits", remote.unpushed);
    text.gauge("gitpm_unmerged_commits", remote.unmerged);
    let mut by_status = BTreeMap::new();
    for run in pm.runs().list()? {
        let status = run.status.as_str().to_string();
        *by_status.entry(status).or_default() += 1;
    }
    text.gauges("gitpm_runs", "status", &by_status);
    if let Some(agents) = &health.agents {
        let open = agents.tasks - agents.done - agents.failed;
        let results = [
            ("done", agents.done),
            ("failed", agents.failed),
            ("open", open),
        ];
        let results = results.map(|(word, count)| (word.to_string(), count));
        text.gauges("gitpm_agent_tasks", "result", &BTreeMap::from(results));
    }
    text.metric("gitpm_gate_results");
    if let Some(agents) = &health.agents {
        for (word, gates) in [
            ("passed", &agents.gates_passed),
            ("failed", &agents.gates_failed),
        ] {
            // Gate names come from the state: bounded, since a monitor keeps a series for each.
            for (gate, count) in gates.iter().take(limits::GATES_MAX) {
                let labels = [("gate", gate.as_str()), ("result", word)];
                text.value("gitpm_gate_results", &labels, *count as f64);
            }
        }
    }
    let used = pm.costs().report(&CostOptions::default())?.total;
    let retries = used.attempts.saturating_sub(used.tasks as u64);
    text.gauge("gitpm_retries", retries as usize);
    text.counter("gitpm_attempts", used.attempts as f64);
    text.counter("gitpm_input_tokens", used.input_tokens as f64);
    text.counter("gitpm_cached_tokens", used.cached_tokens as f64);
    text.counter("gitpm_output_tokens", used.output_tokens as f64);
    text.counter("gitpm_agent_seconds", used.agent_seconds as f64);
    text.counter("gitpm_cost_usd", used.cost_usd.unwrap_or(0.0));
    Ok(())
}

fn of_requests(counters: &Counters, text: &mut Text) {
    let requests = counters
        .requests
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    text.metric("gitpm_http_requests");
    for ((method, route), seen) in &requests {
        for (status, count) in &seen.by_status {
            let status = status.to_string();
            let labels = [
                ("method", *method),
                ("route", *route),
                ("status", status.as_str()),
            ];
            text.value("gitpm_http_requests_total", &labels, *count as f64);
        }
    }
    let name = "gitpm_http_request_seconds";
    text.metric(name);
    for ((method, route), seen) in &requests {
        let labels = [("method", *method), ("route", *route)];
        let borders = BORDERS
            .iter()
            .map(f64::to_string)
            .chain(["+Inf".to_string()]);
        let counts = seen.within.iter().copied().chain([seen.count]);
        for (border, count) in borders.zip(counts) {
            let labels = [labels[0], labels[1], ("le", border.as_str())];
            text.value(&format!("{name}_bucket"), &labels, count as f64);
        }
        text.value(&format!("{name}_count"), &labels, seen.count as f64);
        text.value(&format!("{name}_sum"), &labels, seen.seconds);
    }
}
