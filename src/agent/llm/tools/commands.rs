//! Commands: the model's own, git's, and git pm's. Each is a process tree that ends with it.

use std::ffi::OsString;
use std::time::Duration;

use super::{Arguments, Outcome, Tools, Used};
use crate::agent::headless::without_sequences;
use crate::agent::llm::deadline::Watch;
use crate::agent::llm::limits;
use crate::process::{self, ExitCause, Launch, Limits, Line};
use crate::secret;

impl Tools {
    pub(super) fn run_command(&self, arguments: &Arguments<'_>, watch: &mut Watch<'_>) -> Outcome {
        let command = arguments.text("command")?;
        let time = arguments
            .number("timeout_seconds")?
            .unwrap_or(limits::COMMAND_SECONDS_DEFAULT);
        let time = Duration::from_secs(time.clamp(1, limits::COMMAND_SECONDS_MAX));
        let args = ["-c", command].map(OsString::from);
        self.shown("sh", &args, time, watch)
    }

    pub(super) fn git_pm(&self, arguments: &Arguments<'_>, watch: &mut Watch<'_>) -> Outcome {
        let mut args: Vec<OsString> = vec!["pm".into()];
        args.extend(arguments.list("arguments")?.into_iter().map(OsString::from));
        self.shown(
            "git",
            &args,
            Duration::from_secs(limits::COMMAND_SECONDS_DEFAULT),
            watch,
        )
    }

    pub(super) fn list_files(&self, arguments: &Arguments<'_>, watch: &mut Watch<'_>) -> Outcome {
        let args = "-c core.quotePath=false ls-files --cached --others --exclude-standard --";
        let (text, code) = self.own(args, &[&self.scope(arguments)?], watch)?;
        if code != 0 {
            return Err(Used::Failed(self.bounded(&text)));
        }
        let mut names: Vec<&str> = text.lines().filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return Ok(Used::Done("there are no files".into(), false));
        }
        // The middle of a very long list has been cut and replaced by a note.
        if text.len() < limits::COMMAND_OUTPUT_MAX / 2 {
            names.sort_unstable();
            names.dedup();
        }
        Ok(Used::Done(self.bounded(&names.join("\n")), false))
    }

    pub(super) fn search(&self, arguments: &Arguments<'_>, watch: &mut Watch<'_>) -> Outcome {
        let args = match arguments.flag("ignore_case") {
            true => "grep -i -n -I -E --untracked --no-color --full-name -e",
            false => "grep -n -I -E --untracked --no-color --full-name -e",
        };
        let scope = self.scope(arguments)?;
        let more = [arguments.text("pattern")?, "--", &scope];
        let (text, code) = self.own(args, &more, watch)?;
        match (code, text.trim().is_empty()) {
            (0 | 1, true) => Ok(Used::Done("no matches".into(), false)),
            (0 | 1, false) => Ok(Used::Done(self.bounded(text.trim_end()), false)),
            _ => Err(Used::Failed(self.bounded(&text))),
        }
    }

    pub(super) fn git_diff(&self, arguments: &Arguments<'_>, watch: &mut Watch<'_>) -> Outcome {
        let scope = self.scope(arguments)?;
        let args = "diff --no-color --no-ext-diff --no-textconv HEAD --";
        let (mut text, _) = self.own(args, &[&scope], watch)?;
        let args = "ls-files --others --exclude-standard --";
        let (new, _) = self.own(args, &[&scope], watch)?;
        if !new.trim().is_empty() {
            text.push_str(&format!("\nNew files:\n{new}"));
        }
        if text.trim().is_empty() {
            text = "nothing has changed since the last commit".into();
        }
        Ok(Used::Done(self.bounded(&text), false))
    }

    /// The uncommitted changes, as `git status --short` shows them.
    pub fn uncommitted(&self, watch: &mut Watch<'_>) -> Result<String, ExitCause> {
        let text = self.output("status --short --untracked-files=all", watch)?;
        Ok(self.bounded(&text))
    }

    /// The newest commits, one per line.
    pub fn commits(&self, watch: &mut Watch<'_>) -> Result<String, ExitCause> {
        self.output("log --no-color --oneline -n 10", watch)
    }

    /// The output of git; empty if it fails.
    fn output(&self, args: &str, watch: &mut Watch<'_>) -> Result<String, ExitCause> {
        match self.own(args, &[], watch) {
            Ok((text, 0)) => Ok(text.trim_end().to_string()),
            Err(Used::Ended(ended)) => Err(ended),
            Ok(_) | Err(_) => Ok(String::new()),
        }
    }

    /// The file or folder to inspect, as a git pathspec.
    fn scope(&self, arguments: &Arguments<'_>) -> Result<String, Used> {
        let path = match arguments.scope()? {
            Some(path) => self.place.below(path).map_err(Used::Failed)?,
            None => return Ok(":(top)".into()),
        };
        Ok(format!(":(top,literal){}", path.display()))
    }

    /// Runs a command for the model.
    fn shown(
        &self,
        program: &str,
        args: &[OsString],
        time: Duration,
        watch: &mut Watch<'_>,
    ) -> Outcome {
        let (text, ended) = self.execute(program, args, time, watch)?;
        let text = self.bounded(without_sequences(&text).trim_end());
        let end = match ended {
            ExitCause::Exited(0) if text.is_empty() => {
                return Ok(Used::Done("(no output)".into(), false));
            }
            ExitCause::Exited(0) => return Ok(Used::Done(text, false)),
            ExitCause::Exited(code) => format!("exit code {code}"),
            ExitCause::Killed(signal) => format!("killed by signal {signal}"),
            ExitCause::Deadline | ExitCause::Idle => {
                format!("killed at its time limit of {} seconds", time.as_secs())
            }
            _ => "killed: it used too many resources".into(),
        };
        Err(Used::Failed(format!("{text}\n[{end}]")))
    }

    /// Runs git for a built-in tool, with these words and then `more`, and returns its output and
    /// exit code.
    fn own(
        &self,
        words: &str,
        more: &[&str],
        watch: &mut Watch<'_>,
    ) -> Result<(String, i32), Used> {
        let args = words.split(' ').chain(more.iter().copied());
        let args: Vec<OsString> = args.map(OsString::from).collect();
        match self.execute("git", &args, limits::OWN_COMMAND_TIME_MAX, watch)? {
            (text, ExitCause::Exited(code)) => Ok((text, code)),
            _ => Err(Used::Failed("git took too long".into())),
        }
    }

    /// The output of a command, and how it ended.
    fn execute(
        &self,
        program: &str,
        args: &[OsString],
        time: Duration,
        watch: &mut Watch<'_>,
    ) -> Result<(String, ExitCause), Used> {
        watch.look().map_err(Used::Ended)?;
        let left = watch.left();
        let limits = Limits {
            deadline: Some(left.map_or(time, |left| left.min(time))),
            idle: None,
            ..self.limits.clone()
        };
        let launch = Launch {
            program: program.into(),
            args: args.to_vec(),
            dir: self.place.root().to_path_buf(),
            env: self.env.clone(),
            input: Vec::new(),
            sandbox: self.sandbox.clone(),
            keeper: self.keeper.clone(),
        };
        let mut kept = Kept::default();
        let outcome =
            process::supervise(&launch, &limits, watch.control(), &mut |line: Line<'_>| {
                kept.line(line.bytes);
            });
        let outcome = outcome.map_err(|error| Used::Failed(error.message().to_string()))?;
        // A pause of the command also pauses the conversation.
        watch.look().map_err(Used::Ended)?;
        match outcome.ended {
            ExitCause::Stopped | ExitCause::Dismissed => Err(Used::Ended(ExitCause::Stopped)),
            ended => Ok((kept.text(), ended)),
        }
    }
}

/// The beginning and the end of an output.
#[derive(Default)]
struct Kept {
    begin: Vec<u8>,
    end: std::collections::VecDeque<u8>,
    dropped: u64,
}

impl Kept {
    fn line(&mut self, line: &[u8]) {
        for part in [line, b"\n"] {
            let room = (limits::COMMAND_OUTPUT_MAX / 2)
                .saturating_sub(self.begin.len())
                .min(part.len());
            self.begin.extend_from_slice(&part[..room]);
            self.end.extend(&part[room..]);
        }
        let excess = self
            .end
            .len()
            .saturating_sub(limits::COMMAND_OUTPUT_MAX / 2);
        self.end.drain(..excess);
        self.dropped += excess as u64;
    }

    fn text(mut self) -> String {
        if self.dropped == 0 {
            self.begin.extend(&self.end);
            return String::from_utf8_lossy(&self.begin).into_owned();
        }
        let begin = String::from_utf8_lossy(&self.begin);
        let end = String::from_utf8_lossy(self.end.make_contiguous());
        format!(
            "{begin}\n[{} bytes omitted here]\n{}",
            self.dropped,
            secret::without_cut_key(&end)
        )
    }
}
