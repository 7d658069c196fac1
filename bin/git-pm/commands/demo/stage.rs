//! The stage of the demo: runs a command, shows it and checks its effects.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Debug;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use git_pm::{Error, Result};
use serde::Serialize;
use serde_json::Value;

use super::folder;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::stdout;
use crate::render::page::Page;
use crate::render::style::Label;

/// A command that was run.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Step {
    scene: String,
    actor: String,
    /// The working directory, relative to the demo's folder.
    place: String,
    command: String,
    exit: i32,
    stdout: String,
    stderr: String,
    /// The checks that passed afterwards.
    checks: Vec<String>,
}

/// An actor in a working directory.
#[derive(Clone, Debug)]
pub struct Seat {
    name: &'static str,
    agent: bool,
    place: Cow<'static, str>,
}

impl Seat {
    /// A person.
    pub const fn human(name: &'static str, place: &'static str) -> Self {
        Seat {
            name,
            agent: false,
            place: Cow::Borrowed(place),
        }
    }

    /// An agent, as its environment marks it.
    pub const fn agent(name: &'static str, place: &'static str) -> Self {
        Seat {
            name,
            agent: true,
            place: Cow::Borrowed(place),
        }
    }

    /// The same actor in another directory.
    #[must_use]
    pub fn at(&self, place: impl Into<String>) -> Self {
        Seat {
            place: place.into().into(),
            ..self.clone()
        }
    }
}

/// The result of a command.
pub struct Ran {
    exit: i32,
    out: String,
    /// Standard error.
    pub err: String,
}

/// The folder and the steps so far.
pub struct Stage<'a> {
    context: &'a Context,
    root: PathBuf,
    program: PathBuf,
    env: BTreeMap<String, OsString>,
    scene: String,
    steps: Vec<Step>,
    checks: usize,
}

impl<'a> Stage<'a> {
    /// An empty stage in a new temporary folder.
    pub fn new(context: &'a Context) -> Result<Self> {
        let root = folder::create()?;
        let env = folder::environment(&root, &context.env)?;
        Ok(Stage {
            context,
            program: crate::environment::own_path()?,
            root,
            env,
            scene: String::new(),
            steps: Vec::new(),
            checks: 0,
        })
    }

    /// A path of the stage as text.
    pub fn shown(&self, name: &str) -> String {
        let path = if name.is_empty() {
            self.root.clone()
        } else {
            self.root.join(name)
        };
        path.display().to_string()
    }

    /// The commands so far.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The number of checks that passed so far.
    pub fn checks(&self) -> usize {
        self.checks
    }

    /// Removes the folder.
    pub fn remove(&self) -> Result<()> {
        std::fs::remove_dir_all(&self.root)
            .map_err(|error| Error::io(format!("cannot remove {}", self.root.display()), error))
    }

    /// Begins a scene.
    pub fn scene(&mut self, title: &str) -> Result<(), Failure> {
        self.scene = title.to_string();
        let mut page = self.context.page();
        if !self.steps.is_empty() {
            page.end();
        }
        page.put(Label::Heading, title).end();
        self.print(page.finish())
    }

    /// Runs a command line of git or git pm, shows it, and requires success.
    pub fn run(&mut self, seat: &Seat, line: &str) -> Result<Ran, Failure> {
        self.fails(seat, 0, line)
    }

    /// Runs a command line, shows it, and requires an exit code.
    pub fn fails(&mut self, seat: &Seat, exit: i32, line: &str) -> Result<Ran, Failure> {
        let ran = self.output(seat, line)?;
        let mut page = self.context.page();
        self.prompt(&mut page, seat);
        page.put(Label::Dim, "$ ").put(Label::Command, line).end();
        page.prose("    ", ran.out.trim_end());
        page.prose("    ", ran.err.trim_end());
        if ran.exit != 0 {
            page.dim(format!("    exit {}", ran.exit));
        }
        self.print(page.finish())?;
        self.steps.push(Step {
            scene: self.scene.clone(),
            actor: seat.name.to_string(),
            place: seat.place.to_string(),
            command: line.to_string(),
            exit: ran.exit,
            stdout: ran.out.clone(),
            stderr: ran.err.clone(),
            checks: Vec::new(),
        });
        self.require_exit(seat, line, ran, exit)
    }

    /// The output of a command that is not shown.
    pub fn ask(&self, seat: &Seat, line: &str) -> Result<String, Failure> {
        let ran = self.require_exit(seat, line, self.output(seat, line)?, 0)?;
        Ok(ran.out.trim_end().to_string())
    }

    /// `data` of the JSON of a command of git pm that is not shown.
    pub fn data(&self, seat: &Seat, line: &str) -> Result<Value, Failure> {
        let line = format!("git pm --json {line}");
        let out = self.ask(seat, &line)?;
        match serde_json::from_str(&out) {
            Ok(Value::Object(mut fields)) if fields.contains_key("data") => {
                Ok(fields.remove("data").unwrap_or_default())
            }
            _ => Err(self.failed_check(&format!("`{line}` prints JSON"), &out)),
        }
    }

    /// Writes a file and shows that.
    pub fn write(&self, seat: &Seat, name: &str, text: &str) -> Result<(), Failure> {
        let mut page = self.context.page();
        self.prompt(&mut page, seat);
        page.put(Label::Dim, "writes ").put(Label::Path, name).end();
        self.print(page.finish())?;
        let path = self.root.join(seat.place.as_ref()).join(name);
        path.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|error| Error::io(format!("cannot write {}", path.display()), error))?;
        Ok(())
    }

    /// Checks a condition and shows the result.
    pub fn check(&mut self, what: &str, holds: bool) -> Result<(), Failure> {
        self.check_eq(what, &holds, &true)
    }

    /// Checks that two values are equal and shows the result.
    pub fn check_eq<A, B>(&mut self, what: &str, found: &A, wanted: &B) -> Result<(), Failure>
    where
        A: PartialEq<B> + Debug + ?Sized,
        B: Debug + ?Sized,
    {
        let holds = found == wanted;
        let mut page = self.context.page();
        let (label, word) = match holds {
            true => (Label::Good, "ok"),
            false => (Label::Bad, "FAIL"),
        };
        page.put(label, format!("  {word:<4} ")).line(what);
        self.print(page.finish())?;
        if !holds {
            return Err(self.failed_check(what, &format!("{found:?}, not {wanted:?}")));
        }
        self.checks += 1;
        if let Some(step) = self.steps.last_mut() {
            step.checks.push(what.to_string());
        }
        Ok(())
    }

    /// Begins a line with the actor and the directory.
    fn prompt(&self, page: &mut Page, seat: &Seat) {
        page.put(Label::Actor, seat.name).text(" ");
        if !seat.place.is_empty() {
            page.put(Label::Dim, "in ");
            page.put(Label::Path, seat.place.as_ref()).text(" ");
        }
    }

    fn output(&self, seat: &Seat, line: &str) -> Result<Ran> {
        let words = words(line);
        let (mut command, args) = match words[..] {
            ["git", "pm", ref args @ ..] => (Command::new(&self.program), args),
            _ => (Command::new("git"), &words[1..]),
        };
        command
            .args(args)
            .current_dir(self.root.join(seat.place.as_ref()))
            .env_clear()
            .envs(&self.env)
            .stdin(Stdio::null());
        if seat.agent {
            command.env("AGENT_NAME", seat.name);
        }
        let output = command.output().map_err(|error| {
            Error::state(format!("cannot run `{line}`: {error}"))
                .hint("make sure that git is installed and in PATH")
        })?;
        Ok(Ran {
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Shows a repository with a command that has this terminal, and the user's environment.
    pub fn look(&self, place: &str, args: &[&str]) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.arg("-C").arg(self.root.join(place)).args(args);
        let status = command
            .status()
            .map_err(|error| Error::state(format!("cannot show the project: {error}")))?;
        match status.success() {
            true => Ok(()),
            false => Err(
                Error::refused(format!("`git pm {}` failed", args.join(" ")))
                    .hint(format!("the repositories are in {}", self.shown(""))),
            ),
        }
    }

    fn require_exit(&self, seat: &Seat, line: &str, ran: Ran, exit: i32) -> Result<Ran, Failure> {
        if ran.exit == exit {
            return Ok(ran);
        }
        let what = format!("`{line}`, run by {}, exits with {exit}", seat.name);
        let output = match ran.err.trim() {
            "" => &ran.out,
            _ => &ran.err,
        };
        Err(self.failed_check(&what, &format!("{}: {}", ran.exit, output.trim_end())))
    }

    /// A failed check as the error that ends the demo.
    fn failed_check(&self, what: &str, found: &str) -> Failure {
        Error::refused(format!(
            "a check failed in \"{}\": expected that {what}, found {found}",
            self.scene
        ))
        .hint("`git pm doctor` checks a repository; if it finds nothing, please report this")
        .into()
    }

    fn print(&self, text: String) -> Result<(), Failure> {
        if self.context.globals.json || self.context.globals.quiet {
            return Ok(());
        }
        stdout::write(&text)
    }
}

/// The words of a command line; one with spaces is in single quotes.
fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for (n, part) in line.split('\'').enumerate() {
        match n % 2 {
            0 => words.extend(part.split_whitespace()),
            _ => words.push(part),
        }
    }
    words
}
