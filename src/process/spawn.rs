//! The start of an agent's process, and the limits that the kernel enforces on it.
//!
//! The limits are set on the running child with `prlimit`. A shell around the program (`ulimit …;
//! exec "$@"`) would set them before the program runs, but would hide why it cannot be started, and
//! shells differ in what they can limit. It does not matter that the child runs a few instructions
//! without limits, because everything that it starts later inherits them. The number of processes
//! is not limited in this way, because the kernel counts all processes of the user, and none of
//! root's; the supervision counts those of the tree. It also adds up the memory of the tree; the
//! kernel's limit on each process only stops one that grows between two looks.

use super::Limits;
use super::{Sandbox, sandbox, signal};
use crate::Launch;
use crate::error::{Error, Reason, Result};
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A started program.
#[derive(Debug)]
pub(super) struct Spawned {
    /// The child, with pipes to the three streams of the agent: the agent, or its keeper.
    pub child: Child,
    /// The process id of the agent.
    pub agent: u32,
    /// The keeper of its processes.
    #[cfg(target_os = "linux")]
    pub keeper: Option<super::keeper::Keeper>,
}

/// Starts the program in a process group of its own, with pipes for its three streams and no other
/// descriptor.
///
/// # Errors
/// Kind `NotFound` if the program or its directory is missing (`agent.program_missing`,
/// `agent.dir_missing`), kind `State` if it cannot be started.
pub(super) fn spawn(launch: &Launch, limits: &Limits) -> Result<Spawned> {
    if !launch.dir.is_dir() {
        return Err(Error::not_found(format!(
            "the directory in which {} should start does not exist: {}",
            launch.program.display(),
            launch.dir.display()
        ))
        .because(Reason::AgentDirMissing)
        .about(launch.dir.display().to_string())
        .hint("the worktree no longer exists: start the task again"));
    }
    let program = find(launch)?;
    // What this process has inherited, from a shell for example, is not for the agent.
    close_fds::set_fds_cloexec(3, &[]);
    #[cfg(target_os = "linux")]
    if let Some(keeper) = &launch.keeper {
        let (child, keeper, agent) = super::keeper::spawn(keeper, &program, launch, limits)?;
        return Ok(Spawned {
            child,
            agent,
            keeper: Some(keeper),
        });
    }
    let mut command = command(&program, launch);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = start(&mut command, launch.sandbox.as_ref())?;
    let child = child.map_err(|e| unstarted(&program, e))?;
    restrain(child.id(), limits);
    Ok(Spawned {
        agent: child.id(),
        child,
        #[cfg(target_os = "linux")]
        keeper: None,
    })
}

/// The program in a process group of its own.
pub(super) fn command(program: &Path, launch: &Launch) -> Command {
    let mut command = Command::new(program);
    command
        .arg0(&launch.program)
        .args(&launch.args)
        .current_dir(&launch.dir)
        .env_clear()
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        // Some programs believe these rather than their working directory.
        .env("PWD", &launch.dir)
        .env_remove("OLDPWD")
        .process_group(0);
    command
}

/// Starts a program in its sandbox.
///
/// # Errors
/// Reason `agent.no_sandbox` if the kernel cannot restrict it.
pub fn start(command: &mut Command, sandbox: Option<&Sandbox>) -> Result<std::io::Result<Child>> {
    let Some(sandbox) = sandbox else {
        return Ok(start_here(command));
    };
    // Restrictions apply to a thread and what it starts.
    std::thread::scope(|scope| {
        let restricted = scope.spawn(|| {
            sandbox::enter(sandbox)?;
            Ok(start_here(command))
        });
        let panicked = |_| Err(Error::state("the thread that starts the agent panicked"));
        restricted.join().unwrap_or_else(panicked)
    })
}

/// Starts a program, even one that has just been written: a process that another thread forks at
/// the same time may hold the file open for a few milliseconds.
fn start_here(command: &mut Command) -> std::io::Result<Child> {
    for _ in 0..20 {
        match command.spawn() {
            Err(e) if e.kind() == ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
    command.spawn()
}

/// The program's file. A name is looked up in the `PATH` of the launch, without relative folders:
/// these would be in the worktree.
pub(super) fn find(launch: &Launch) -> Result<PathBuf> {
    let name = Path::new(&launch.program);
    if launch.program.as_encoded_bytes().contains(&b'/') {
        let path = launch.dir.join(name);
        return match path.metadata() {
            Ok(_) => Ok(path),
            Err(_) => Err(missing(&launch.program, "it does not exist")),
        };
    }
    let path = launch.env.iter().rev().find(|(name, _)| name == "PATH");
    let Some((_, path)) = path else {
        return Err(missing(&launch.program, "its environment has no `PATH`"));
    };
    std::env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| is_program(path))
        .ok_or_else(|| missing(&launch.program, "it is not in any folder of `PATH`"))
}

/// True for a file that may be executed.
pub fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

fn missing(program: &OsStr, why: &str) -> Error {
    Error::not_found(format!(
        "cannot find the agent's program `{}`: {why}",
        program.display()
    ))
    .because(Reason::AgentProgramMissing)
    .about(program.display().to_string())
    .hint("install it, or name another agent")
}

pub(super) fn unstarted(program: &Path, error: std::io::Error) -> Error {
    let hint = match error.kind() {
        ErrorKind::PermissionDenied => "make it executable: `chmod +x`",
        ErrorKind::NotFound => "the interpreter in its first line does not exist: install it",
        ErrorKind::ArgumentListTooLong => "its arguments or environment are too long",
        ErrorKind::WouldBlock => {
            "too many processes are running: wait, or raise the limit (`ulimit -u`)"
        }
        _ => "run it by hand to see what is wrong",
    };
    Error::io(
        format!("cannot start the agent's program {}", program.display()),
        error,
    )
    .because(Reason::AgentNotStarted)
    .about(program.display().to_string())
    .hint(hint)
}

/// Sets the kernel's limits. If it refuses one, the supervision's own limits remain.
pub(super) fn restrain(pid: u32, limits: &Limits) {
    let Some(process) = signal::number(pid) else {
        return;
    };
    if limits.nice > 0 {
        let own = rustix::process::getpriority_process(None).unwrap_or(0);
        let nice = own.saturating_add(limits.nice).min(19);
        let _ = rustix::process::setpriority_process(Some(process), nice);
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, prlimit};
        let limit = |resource, most| {
            let most = Rlimit {
                current: Some(most),
                maximum: Some(most),
            };
            let _ = prlimit(Some(process), resource, most);
        };
        // A core dump would end up in the worktree.
        limit(Resource::Core, 0);
        if let Some(size) = limits.file_size {
            limit(Resource::Fsize, size);
        }
        if let Some(memory) = limits.memory {
            // Programs reserve (stacks of threads, heaps of interpreters) several times what they
            // use.
            limit(Resource::Data, memory.saturating_mul(4));
        }
        // If the machine runs out of memory, the kernel kills an agent and not the runner.
        let inherited = std::fs::read_to_string("/proc/self/oom_score_adj").unwrap_or_default();
        if inherited.trim().parse().is_ok_and(|score: i32| score < 500) {
            let _ = std::fs::write(format!("/proc/{pid}/oom_score_adj"), "500");
        }
    }
}
