//! Runs the commands that this clone's user configured or trusted: gates and set-up.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use crate::coordinate::gate::trust;
use crate::coordinate::worktree::links::{WorktreeLinks, git_dir_of};
use crate::coordinate::worktree::ports;
use crate::error::{Error, Reason, Result};
use crate::model::settings;
use crate::model::text::{escape_controls, one_line};
use crate::pm::interrupt::Watch;
use crate::pm::{Confined, Pm};
use crate::process::{self, Control, ExitCause, Launch, Limits, Line, Sandbox};
use crate::store::git::task_dir::elsewhere;

/// The number of lines shown of a failed command's output.
const OUTPUT_LINES: usize = 15;

/// The longest line of it, in bytes.
const LINE_MAX: usize = 2_000;

/// Runs a user's command in a worktree through the shell, as git runs its own. It is ended with all
/// that it started after `timeout` seconds (0: never; none: `pm.commandTimeout`), or when the
/// caller's [`Control`] says so. `confined` is its sandbox.
///
/// # Errors
/// Kind `Refused` with the end of its output when it fails.
pub(crate) fn run_command(
    pm: &Pm,
    place: &Path,
    what: &str,
    command: &str,
    timeout: Option<u64>,
    confined: Option<&Confined>,
) -> Result<()> {
    if pm.is_handed() {
        return Err(elsewhere());
    }
    pm.store.release_index();
    let seconds = timeout.unwrap_or_else(|| pm.store.repo().number_of(&settings::COMMAND_TIMEOUT));
    let limits = Limits {
        deadline: (seconds > 0).then(|| Duration::from_secs(seconds)),
        line_max: LINE_MAX,
        // Only the end of it is kept.
        output_max: u64::MAX,
        ..Limits::default()
    };
    let (sandbox, links) = match confined {
        Some(confined) => Some(with_worktree(pm, &confined.sandbox, place)?),
        None => None,
    }
    .unzip();
    let launch = Launch {
        program: "sh".into(),
        args: ["-c", command].map(OsString::from).into(),
        dir: place.to_path_buf(),
        env: environment(pm, place, confined),
        input: Vec::new(),
        sandbox,
        keeper: pm.store.env().keeper.clone(),
    };
    let (control, watch) = match &pm.of_run {
        Some(run) => (run.control.clone(), None),
        None => {
            let control = Control::new()?;
            let interrupt = pm.options.interrupt.map(|begin| begin()).transpose()?;
            let watch = interrupt.map(|flags| Watch::start(flags, control.clone()));
            (control, watch)
        }
    };
    let mut tail: VecDeque<String> = VecDeque::new();
    let outcome = process::supervise(&launch, &limits, &control, &mut |line: Line<'_>| {
        if tail.len() == OUTPUT_LINES {
            tail.pop_front();
        }
        tail.push_back(String::from_utf8_lossy(line.bytes).into_owned());
    });
    drop(watch);
    if let Some(links) = links {
        links.restore()?;
    }
    let outcome = outcome?;
    let how = match outcome.ended {
        ExitCause::Exited(0) => return Ok(()),
        ExitCause::Exited(code) => format!("with exit code {code}"),
        ExitCause::Deadline => format!("because it took more than {seconds} seconds"),
        ExitCause::Stopped => "because it was stopped".to_string(),
        _ => "because it was killed by a signal".to_string(),
    };
    let tail: Vec<String> = tail.into();
    let error = Error::refused(format!(
        "{what} failed {how}: `{}`\n{}",
        one_line(command),
        escape_controls(&tail.join("\n"))
    ))
    .hint(format!(
        "fix the problem in {}, then run the command again",
        place.display()
    ));
    Err(match outcome.ended {
        ExitCause::Exited(127) => error.because(Reason::CommandNotFound),
        ExitCause::Exited(_) => error.because(Reason::CommandFailed),
        ExitCause::Stopped => error.because(Reason::CommandStopped),
        _ => error,
    })
}

/// A sandbox in which a worktree can be changed, and the links that are put back afterwards. Git of
/// ours and of the user follows what is in the worktree's git directory, so it is read-only.
fn with_worktree(pm: &Pm, around: &Sandbox, place: &Path) -> Result<(Sandbox, WorktreeLinks)> {
    let git_dir = git_dir_of(place, pm.store.repo().common_dir())?;
    let links = WorktreeLinks::read(place, &git_dir);
    let mut sandbox = around.clone();
    sandbox.write.extend(place.canonicalize());
    sandbox.write.push(git_dir.join("modules"));
    Ok((sandbox, links))
}

/// The environment of a command: the caller's, but the worktree is the command's repository, even
/// if that names another.
fn environment(pm: &Pm, place: &Path, confined: Option<&Confined>) -> Vec<(OsString, OsString)> {
    let run = pm.of_run.as_ref();
    let kept = |key: &str| {
        let of_git =
            key.starts_with("GIT_") && !key.starts_with("GIT_CONFIG") && !key.starts_with("GIT_PM");
        !of_git && run.is_none_or(|run| !run.withheld.contains(key))
    };
    let own = pm.store.env().vars.iter().filter(|(key, _)| kept(key));
    let own = own.map(|(key, value)| (OsString::from(key), value.clone()));
    let vars = run.into_iter().flat_map(|run| &run.vars);
    let folders = confined.map(|confined| &confined.vars);
    let more = vars.chain(folders.into_iter().flatten());
    let more = more.map(|(key, value)| (key.into(), value.clone()));
    let port = port_of(pm, place).map(|port| (OsString::from(PORT), port.to_string().into()));
    own.chain(more).chain(port).collect()
}

/// The variable with the first port of the worktree in which a command runs.
pub(crate) const PORT: &str = "GIT_PM_PORT";

/// The first port of a worktree, which is assigned if the trusted `.pm.toml` asks for ports.
pub(crate) fn port_of(pm: &Pm, place: &Path) -> Option<u16> {
    let common = pm.store.repo().common_dir();
    let git_dir = git_dir_of(place, common).ok()?;
    let known = ports::recorded(&git_dir).or_else(|| {
        let wanted = trust::worktree(pm).ok()?.ports?;
        let assigned = ports::of(common, &git_dir, wanted);
        assigned
            .inspect_err(|error| pm.notice(format!("the worktree gets no ports: {error}")))
            .ok()
    });
    known.map(|ports| ports.start)
}
