//! The agent `replay:FILE`: it does what a transcript says, so that every path runs without a model.
//!
//! A transcript is JSON Lines; of each start, the first entry that matches is played.
//! Nothing is consumed: the same start always plays the same entry.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use super::classify::Failure;
use super::invocation::Invocation;
use super::report::{AgentReport, AgentVerdict, Class, Update, Usage};
use super::with::With;
use super::{clean_text, environment, limits};
use crate::agent::allowed_paths::Place;
use crate::error::{Error, Reason, Result};
use crate::model::text::excerpt;
use crate::process::{self, Control, ExitCause, Launch, Limits, Line, Sandbox};
use crate::store::beneath;

/// The maximum size of a transcript, in bytes.
const FILE_MAX: u64 = 16 << 20;

/// A line of a transcript: what the agent does, and in which starts. docs/agents.md explains the
/// fields.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Entry {
    role: Option<String>,
    round: Option<u32>,
    contains: Vec<String>,
    answer: Option<String>,
    write: BTreeMap<String, String>,
    commit: Option<String>,
    input_tokens: u64,
    output_tokens: u64,
    usd: Option<f64>,
    fail: Option<String>,
    wait_ms: u64,
}

impl Entry {
    fn fault(&self) -> Option<&'static str> {
        if self.answer.is_none() && self.write.is_empty() && self.fail.is_none() {
            return Some("it has none of `answer`, `write` and `fail`");
        }
        if self.commit.is_some() && self.write.is_empty() {
            return Some("`commit` without `write` has nothing to commit");
        }
        let is_negative = self.usd.is_some_and(|usd| usd < 0.0);
        is_negative.then_some("`usd` is negative")
    }

    fn matches(&self, to: &Invocation) -> bool {
        (self.role.is_none() || self.role == to.role)
            && (self.round.is_none() || self.round == to.round)
            && self.contains.iter().all(|text| to.prompt.contains(text))
    }
}

/// Reads a transcript.
///
/// # Errors
/// Kind `Usage`, with the number of the line if one is wrong.
pub(super) fn read(path: &Path) -> Result<Vec<Entry>> {
    let shown = excerpt(&path.display().to_string(), 200);
    let wrong = |text: String| Error::usage(text).because(Reason::RunNoProgram);
    let bytes = beneath::plain(path, FILE_MAX).ok_or_else(|| {
        wrong(format!(
            "the transcript {shown} is not a readable plain file of at most {FILE_MAX} bytes"
        ))
    })?;
    let mut entries = Vec::new();
    for (n, line) in bytes.split(|c| *c == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let entry = serde_json::from_slice::<Entry>(line).map_err(|error| error.to_string());
        let fault = match &entry {
            Ok(entry) => entry.fault(),
            // The position is one in this line, not in the file.
            Err(said) => Some(said.rsplit_once(" at line ").map_or(&**said, |(s, _)| s)),
        };
        if let Some(fault) = fault {
            let fault = excerpt(fault, 300);
            return Err(wrong(format!(
                "line {} of the transcript {shown}: {fault}",
                n + 1
            )));
        }
        entries.extend(entry);
    }
    Ok(entries)
}

/// Plays the entry for an invocation. `tell` receives what it does.
///
/// # Errors
/// When the transcript cannot be read, or git cannot be started.
pub fn play(
    file: &Path,
    to: &Invocation,
    (limits, control): (&Limits, &Control),
    (sandbox, vars): (Option<Sandbox>, Vec<(String, OsString)>),
    tell: &mut dyn FnMut(&Update),
) -> Result<(AgentReport, ExitCause)> {
    let missing = || Entry {
        fail: Some(format!(
            "the transcript {} has no entry for role {}, round {}",
            file.display(),
            to.role.as_deref().unwrap_or("-"),
            to.round.unwrap_or_default()
        )),
        ..Entry::default()
    };
    let found = read(file)?.into_iter().find(|entry| entry.matches(to));
    let entry = found.unwrap_or_else(missing);
    let env = environment::of(&With::Replay(file.into()), to).into_iter();
    let env = env.chain(vars).map(|(name, value)| (name.into(), value));
    let launch = Launch {
        dir: to.worktree.clone(),
        env: env.collect(),
        sandbox,
        keeper: to.keeper.clone(),
        ..Launch::default()
    };
    let run = |program: &str, args: &[&str]| {
        let launch = Launch {
            program: program.into(),
            args: args.iter().map(OsString::from).collect(),
            ..launch.clone()
        };
        let mut said = format!("`{program} {}` failed:", args[0]);
        let mut line = |line: Line<'_>| {
            if said.len() < limits::OUTPUT_TAIL_MAX {
                said = format!("{said} {}", String::from_utf8_lossy(line.bytes));
            }
        };
        let ran = process::supervise(&launch, limits, control, &mut line)?;
        Ok((ran.ended, said))
    };
    let (ended, failure) = act(&entry, to, &run, tell)?;
    let mut report = AgentReport {
        verdict: AgentVerdict::Finished,
        session: None,
        model: None,
        usage: Usage {
            input: entry.input_tokens,
            output: entry.output_tokens,
            cost: entry.usd.map(|usd| (usd * 1e6).round() as u64),
            ..Usage::default()
        },
        message: entry.answer.as_deref().map(clean_text::message),
        messages: u64::from(entry.answer.is_some()),
        tools: entry.write.len() as u64,
        refused: Vec::new(),
        unreadable: 0,
    };
    if let Some(text) = &report.message {
        tell(&Update::Message(text.clone()));
    }
    if ended != ExitCause::Exited(0) {
        let Failure { class, message } = Failure::new(Class::Unknown, &failure);
        tell(&Update::Error(message.clone()));
        report.verdict = AgentVerdict::Failed { class, message };
    }
    Ok((report, ended))
}

/// Starts a program and waits for its end; also returns what it printed.
type Run<'r> = &'r dyn Fn(&str, &[&str]) -> Result<(ExitCause, String)>;

/// Does what an entry says, up to the first failure. Also returns its text.
fn act(
    entry: &Entry,
    to: &Invocation,
    run: Run<'_>,
    tell: &mut dyn FnMut(&Update),
) -> Result<(ExitCause, String)> {
    if entry.wait_ms > 0 {
        // A process of the agent, so that stops, pauses and limits hold as for any other.
        let time = Duration::from_millis(entry.wait_ms).as_secs_f64();
        let waited = run("sleep", &[&time.to_string()])?;
        if waited.0 != ExitCause::Exited(0) {
            return Ok(waited);
        }
    }
    for (name, text) in &entry.write {
        let (tool, detail) = ("write".to_string(), clean_text::detail(name));
        tell(&Update::ToolBegan { name: tool, detail });
        if let Err(why) = write(to, name, text) {
            return Ok((ExitCause::Exited(1), why));
        }
    }
    if let Some(message) = &entry.commit {
        let files = entry.write.keys().map(|name| format!(":(literal){name}"));
        let files: Vec<String> = files.collect();
        let mut add = vec!["add", "--"];
        add.extend(files.iter().map(String::as_str));
        for args in [&add[..], &["commit", "--quiet", "-m", message]] {
            let ran = run("git", args)?;
            if ran.0 != ExitCause::Exited(0) {
                return Ok(ran);
            }
        }
    }
    Ok(match &entry.fail {
        Some(text) => (ExitCause::Exited(1), text.clone()),
        None => (ExitCause::Exited(0), String::new()),
    })
}

/// Writes a file of the worktree. No link is followed.
fn write(to: &Invocation, name: &str, text: &str) -> std::result::Result<(), String> {
    let fail = |error| format!("`{}` cannot be written: {error}", excerpt(name, 200));
    let place = Place::new(&to.worktree, &[]).map_err(fail)?;
    let path = place.root().join(place.below(name)?);
    let written = place.open(&path, true).and_then(|mut file| {
        file.set_len(0)?;
        file.write_all(text.as_bytes())
    });
    written.map_err(fail)
}
