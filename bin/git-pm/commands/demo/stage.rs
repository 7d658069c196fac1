//! The stage of the demo: runs a command, shows it and checks its effects.

use std::collections::BTreeMap;
use std::ffi::OsString;
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
#[derive(Debug, Serialize)]
pub struct Step {
    /// The scene.
    pub scene: String,
    /// The name of the actor.
    pub actor: String,
    /// The working directory, relative to the demo's folder.
    pub place: String,
    /// The command line.
    pub command: String,
    /// The exit code.
    pub exit: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The checks that passed afterwards.
    pub checks: Vec<String>,
}

/// An actor in a working directory.
#[derive(Clone, Debug)]
pub struct Seat {
    name: &'static str,
    agent: bool,
    place: PathBuf,
}

impl Seat {
    /// A person.
    pub fn human(name: &'static str, place: impl Into<PathBuf>) -> Self {
        Seat {
            name,
            agent: false,
            place: place.into(),
        }
    }

    /// An agent, as its environment marks it.
    pub fn agent(name: &'static str, place: impl Into<PathBuf>) -> Self {
        Seat {
            agent: true,
            ..Seat::human(name, place)
        }
    }

    /// The same actor in another directory.
    #[must_use]
    pub fn at(&self, place: impl Into<PathBuf>) -> Self {
        Seat {
            place: place.into(),
            ..self.clone()
        }
    }
}

/// The result of a command.
pub struct Ran {
    exit: i32,
    /// Standard output.
    pub out: String,
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

    /// Runs git, shows it, and requires an exit code.
    pub fn git(&mut self, seat: &Seat, args: &[&str], exit: i32) -> Result<Ran, Failure> {
        self.shown_run(seat, "git", args, exit)
    }

    /// Runs git pm, shows it, and requires an exit code.
    pub fn pm(&mut self, seat: &Seat, args: &[&str], exit: i32) -> Result<Ran, Failure> {
        self.shown_run(seat, "git pm", args, exit)
    }

    /// The output of a git command that is not shown.
    pub fn ask_git(&self, seat: &Seat, args: &[&str]) -> Result<String, Failure> {
        let ran = self.run(seat, "git", args)?;
        self.require_exit(seat, "git", args, &ran, 0)?;
        Ok(ran.out.trim_end().to_string())
    }

    /// `data` of the JSON of a command that is not shown.
    pub fn ask_pm(&self, seat: &Seat, args: &[&str]) -> Result<Value, Failure> {
        let all: Vec<&str> = ["--json"].iter().chain(args).copied().collect();
        let ran = self.run(seat, "git pm", &all)?;
        self.require_exit(seat, "git pm", &all, &ran, 0)?;
        let document: Option<Value> = serde_json::from_str(&ran.out).ok();
        match document {
            Some(Value::Object(mut fields)) if fields.contains_key("data") => {
                Ok(fields.remove("data").unwrap_or_default())
            }
            _ => Err(self.failed_check(
                &format!("`{}` prints JSON", typed("git pm", &all)),
                &ran.out,
            )),
        }
    }

    /// Writes a file and shows that.
    pub fn write(&self, seat: &Seat, name: &str, text: &str) -> Result<(), Failure> {
        let mut page = self.context.page();
        self.prompt(&mut page, seat);
        page.put(Label::Dim, "writes ").put(Label::Path, name).end();
        self.print(page.finish())?;
        let path = self.root.join(&seat.place).join(name);
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
    pub fn check_eq<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: &str,
        found: &T,
        wanted: &T,
    ) -> Result<(), Failure> {
        let holds = found == wanted;
        let mut page = self.context.page();
        let (label, word) = if holds {
            (Label::Good, "ok")
        } else {
            (Label::Bad, "FAIL")
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

    fn shown_run(
        &mut self,
        seat: &Seat,
        program: &str,
        args: &[&str],
        exit: i32,
    ) -> Result<Ran, Failure> {
        let ran = self.run(seat, program, args)?;
        let mut page = self.context.page();
        self.prompt(&mut page, seat);
        page.put(Label::Dim, "$ ");
        page.put(Label::Command, typed(program, args)).end();
        page.prose("    ", ran.out.trim_end());
        page.prose("    ", ran.err.trim_end());
        if ran.exit != 0 {
            page.put(Label::Dim, format!("    exit {}", ran.exit)).end();
        }
        self.print(page.finish())?;
        self.steps.push(Step {
            scene: self.scene.clone(),
            actor: seat.name.to_string(),
            place: seat.place.display().to_string(),
            command: typed(program, args),
            exit: ran.exit,
            stdout: ran.out.clone(),
            stderr: ran.err.clone(),
            checks: Vec::new(),
        });
        self.require_exit(seat, program, args, &ran, exit)?;
        Ok(ran)
    }

    /// Begins a line with the actor and the directory.
    fn prompt(&self, page: &mut Page, seat: &Seat) {
        page.put(Label::Actor, seat.name).text(" ");
        if !seat.place.as_os_str().is_empty() {
            page.put(Label::Dim, "in ");
            page.put(Label::Path, seat.place.display().to_string());
            page.text(" ");
        }
    }

    fn run(&self, seat: &Seat, program: &str, args: &[&str]) -> Result<Ran> {
        let mut command = match program {
            "git" => Command::new("git"),
            _ => Command::new(&self.program),
        };
        command
            .args(args)
            .current_dir(self.root.join(&seat.place))
            .env_clear()
            .envs(&self.env)
            .stdin(Stdio::null());
        if seat.agent {
            command.env("AGENT_NAME", seat.name);
        }
        let output = command.output().map_err(|error| {
            Error::state(format!("cannot run `{}`: {error}", typed(program, args)))
                .hint("make sure that git is installed and in PATH")
        })?;
        Ok(Ran {
            exit: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    fn require_exit(
        &self,
        seat: &Seat,
        program: &str,
        args: &[&str],
        ran: &Ran,
        exit: i32,
    ) -> Result<(), Failure> {
        if ran.exit == exit {
            return Ok(());
        }
        let what = format!(
            "`{}` of {} exits with {exit}",
            typed(program, args),
            seat.name
        );
        let output = if ran.err.trim().is_empty() {
            &ran.out
        } else {
            &ran.err
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

/// A command line as typed in a shell.
fn typed(program: &str, args: &[&str]) -> String {
    let mut line = program.to_string();
    for arg in args {
        line.push(' ');
        line += &crate::render::format::shell_quoted(arg);
    }
    line
}
