//! The agent `replay:FILE`: it does what a transcript says, so that every path runs without a model.
//!
//! A transcript is JSON Lines; of each start, the first entry that matches is played.
//! Nothing is consumed: the same start always plays the same entry.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use super::invocation::Invocation;
use super::report::{AgentReport, AgentVerdict, Class, Update, Usage};
use super::with::With;
use super::{clean_text, environment, limits};
use crate::agent::allowed_paths::Place;
use crate::agent::headless::failure::Failure;
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
    fn of(line: &[u8]) -> std::result::Result<Entry, String> {
        let entry: Entry = serde_json::from_slice(line).map_err(|error| {
            let said = error.to_string();
            // The position is one in this line, not in the file.
            said.rsplit_once(" at line ")
                .map_or(&*said, |(s, _)| s)
                .to_string()
        })?;
        let does = entry.answer.is_some() || entry.fail.is_some() || !entry.write.is_empty();
        let fault = match &entry {
            _ if !does => "it has none of `answer`, `write` and `fail`",
            Entry {
                commit: Some(_),
                write,
                ..
            } if write.is_empty() => "`commit` without `write` has nothing to commit",
            Entry { usd: Some(usd), .. } if *usd < 0.0 => "`usd` is negative",
            _ => return Ok(entry),
        };
        Err(fault.into())
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
    let wrong = |what: String| Error::usage(what).because(Reason::RunNoProgram);
    let bytes = beneath::plain(path, FILE_MAX).ok_or_else(|| {
        let what = "is not a readable plain file of at most";
        wrong(format!("the transcript {shown} {what} {FILE_MAX} bytes"))
    })?;
    let lines = (1..).zip(bytes.split(|c| *c == b'\n'));
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    let entries = lines.map(|(number, line)| {
        Entry::of(line).map_err(|fault| {
            let fault = excerpt(&fault, 300);
            wrong(format!("line {number} of the transcript {shown}: {fault}"))
        })
    });
    entries.collect()
}

/// A step of the agent, or how it ended before it was done, and why.
type Step = std::result::Result<(), (ExitCause, String)>;

/// Plays the entry for an invocation. `tell` receives what it does.
///
/// # Errors
/// When the transcript cannot be read.
pub fn play(
    file: &Path,
    to: &Invocation,
    (limits, control): (&Limits, &Control),
    (sandbox, vars): (Option<Sandbox>, Vec<(String, OsString)>),
    tell: &mut dyn FnMut(&Update),
) -> Result<(AgentReport, ExitCause)> {
    let found = read(file)?.into_iter().find(|entry| entry.matches(to));
    let entry = found.unwrap_or_else(|| {
        let (role, round) = (to.role.as_deref().unwrap_or("-"), to.round.unwrap_or(0));
        let what = format!("has no entry for role {role}, round {round}");
        Entry {
            fail: Some(format!("the transcript {} {what}", file.display())),
            ..Entry::default()
        }
    });
    let env = environment::of(&With::Replay(file.into()), to).into_iter();
    let env = env.chain(vars).map(|(name, value)| (name.into(), value));
    let env: Vec<(OsString, OsString)> = env.collect();
    let run = |program: &str, args: &[&str]| {
        let launch = Launch {
            program: program.into(),
            args: args.iter().map(OsString::from).collect(),
            dir: to.worktree.clone(),
            env: env.clone(),
            sandbox: sandbox.clone(),
            keeper: to.keeper.clone(),
            ..Launch::default()
        };
        let mut said = format!("`{program} {}` failed:", args[0]);
        let mut line = |line: Line<'_>| {
            if said.len() < limits::OUTPUT_TAIL_MAX {
                said = format!("{said} {}", String::from_utf8_lossy(line.bytes));
            }
        };
        match process::supervise(&launch, limits, control, &mut line) {
            Ok(ran) if ran.ended == ExitCause::Exited(0) => Ok(()),
            Ok(ran) => Err((ran.ended, said)),
            Err(error) => Err((ExitCause::Exited(1), error.message().to_string())),
        }
    };
    let end = act(&entry, to, &run, tell);
    let answer = entry.answer.as_deref().map(clean_text::message);
    if let Some(text) = &answer {
        tell(&Update::Message(text.clone()));
    }
    let (verdict, ended) = match end {
        Ok(()) => (AgentVerdict::Finished, ExitCause::Exited(0)),
        Err((ended, why)) => {
            let Failure { class, message } = Failure::new(Class::Unknown, &why);
            tell(&Update::Error(message.clone()));
            (AgentVerdict::Failed { class, message }, ended)
        }
    };
    let report = AgentReport {
        verdict,
        session: None,
        model: None,
        usage: Usage {
            input: entry.input_tokens,
            cached: 0,
            output: entry.output_tokens,
            cost: entry.usd.map(|usd| (usd * 1e6).round() as u64),
        },
        messages: u64::from(answer.is_some()),
        message: answer,
        tools: entry.write.len() as u64,
        refused: Vec::new(),
        unreadable: 0,
    };
    Ok((report, ended))
}

/// Does what an entry says, up to the first failure. `run` runs a program to its end.
fn act(
    entry: &Entry,
    to: &Invocation,
    run: &dyn Fn(&str, &[&str]) -> Step,
    tell: &mut dyn FnMut(&Update),
) -> Step {
    if entry.wait_ms > 0 {
        // A process of the agent, so that stops, pauses and limits hold as for any other.
        let time = Duration::from_millis(entry.wait_ms).as_secs_f64();
        run("sleep", &[&time.to_string()])?;
    }
    let mut add = vec!["add".to_string(), "--".into()];
    for (path, text) in &entry.write {
        let (name, detail) = ("write".into(), clean_text::detail(path));
        tell(&Update::ToolBegan { name, detail });
        write(to, path, text).map_err(|why| (ExitCause::Exited(1), why))?;
        add.push(format!(":(literal){path}"));
    }
    if let Some(message) = &entry.commit {
        run("git", &add.iter().map(String::as_str).collect::<Vec<_>>())?;
        run("git", &["commit", "--quiet", "-m", message])?;
    }
    let fail = entry.fail.clone();
    fail.map_or(Ok(()), |why| Err((ExitCause::Exited(1), why)))
}

/// Writes a file of the worktree. No link is followed.
fn write(to: &Invocation, path: &str, text: &str) -> std::result::Result<(), String> {
    let fail = |error| format!("`{}` cannot be written: {error}", excerpt(path, 200));
    let place = Place::new(&to.worktree, &[]).map_err(fail)?;
    let below = place.root().join(place.below(path)?);
    let mut file = place.open(&below, true).map_err(fail)?;
    let emptied = file.set_len(0);
    emptied
        .and_then(|()| file.write_all(text.as_bytes()))
        .map_err(fail)
}
