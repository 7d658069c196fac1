//! The supervision of one agent, from its start to the end of its last process.

use super::clock::Clock;
use super::control::Control;
use super::ending::{self, Ending};
use super::limits;
use super::spawn::Spawned;
use super::streams::{self, Streams};
use super::table::{Id, system};
use super::tree::{self, Look, Tree};
use super::{ExitCause, Limits, ProcessResult, Sink, signal, spawn};
use crate::Launch;
use crate::error::{Error, Result};
use rustix::process::{Signal, WaitId, WaitIdOptions};
use std::collections::HashSet;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

/// The intervals between looks at the process tree: initially, when most processes start, and
/// later.
const POLL_INTERVALS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// Runs an agent, passes its output to `sink`, and ends all its processes when its own process has
/// exited, when it exceeds a limit, or when `control` says so. Returns once no process is left, or
/// with the `survivors` that could not be ended.
///
/// From now on, this process adopts the orphans among its descendants for as long as it lives
/// (Linux: it becomes their subreaper). The marks are taken from the environment of the launch, so
/// two agents for one task of one run must not run at the same time. A `control` also serves only
/// one agent at a time. The sink is called on this thread, and a slow one slows the agent down.
///
/// # Errors
/// Kind `NotFound` if the program or its directory is missing, `State` if it cannot be started.
pub fn supervise(
    launch: &Launch,
    limits: &Limits,
    control: &Control,
    sink: &mut dyn Sink,
) -> Result<ProcessResult> {
    if control.request().is_stop {
        return Ok(ProcessResult::not_started());
    }
    tree::adopt_orphans();
    let start = Instant::now();
    let mut spawned = spawn::spawn(launch, limits)?;
    let id = spawned.agent;
    let mut tree = Tree::of_child(id, &launch.dir, &launch.env);
    let exit = exit_of(&mut spawned, &mut tree);
    let child = &mut spawned.child;
    let streams = match Streams::new(child, &launch.input, limits, control, sink, exit) {
        Ok(streams) => streams,
        Err(e) => {
            signal::send_to_group(id, Signal::KILL);
            #[cfg(target_os = "linux")]
            spawned.keeper.map(|mut keeper| keeper.finish(child));
            let _ = child.wait();
            return Err(Error::io("cannot read the output of an agent", e));
        }
    };
    control.set_pids(vec![id]);
    let mut agent = Agent {
        id,
        spawned,
        tree,
        streams,
        limits,
        control,
        start,
        clock: Clock::start(start),
        last_output: (start, Duration::ZERO),
        next_look: start + POLL_INTERVALS.0,
        look_interval: POLL_INTERVALS.0,
        paused: HashSet::new(),
        memory_peak: 0,
        processes_peak: 1,
        is_over: false,
    };
    let outcome = agent.run();
    agent.is_over = true;
    Ok(outcome)
}

/// A descriptor that becomes readable when the agent's own process ends. A keeper is made known to
/// the tree.
fn exit_of(spawned: &mut Spawned, tree: &mut Tree) -> Option<OwnedFd> {
    #[cfg(target_os = "linux")]
    if let Some(keeper) = &spawned.keeper {
        tree.keep_below(spawned.child.id());
        return keeper.exit_descriptor();
    }
    let _ = tree;
    streams::exit_of(spawned.agent)
}

/// A running agent.
struct Agent<'a> {
    /// The process id of its own process.
    id: u32,
    spawned: Spawned,
    tree: Tree,
    streams: Streams<'a>,
    limits: &'a Limits,
    control: &'a Control,
    start: Instant,
    clock: Clock,
    /// The time of the last output, and the clock's reading at that time.
    last_output: (Instant, Duration),
    next_look: Instant,
    look_interval: Duration,
    /// The processes that a pause has stopped; the agent may have stopped others itself.
    paused: HashSet<Id>,
    memory_peak: u64,
    processes_peak: usize,
    is_over: bool,
}

impl Drop for Agent<'_> {
    /// Ends all processes after a panic in the sink.
    fn drop(&mut self) {
        if !self.is_over {
            ending::end(&mut self.tree, Duration::ZERO, &mut std::thread::sleep);
            self.end_kept();
            let _ = self.spawned.child.kill();
            let _ = self.spawned.child.wait();
        }
        self.control.set_pids(Vec::new());
        self.control.set_paused(false);
    }
}

impl Agent<'_> {
    fn run(&mut self) -> ProcessResult {
        let reason = self.watch();
        let elapsed = self.start.elapsed();
        let active = self.clock.read(Instant::now());
        let grace = match reason {
            // An agent that exhausts the machine gets no time to continue.
            Some(ExitCause::Memory | ExitCause::Processes) => Duration::ZERO,
            _ => self.limits.grace,
        };
        match reason {
            None => self.settle(),
            Some(ExitCause::Stopped | ExitCause::Deadline | ExitCause::Idle) => self.cancel(),
            Some(_) => {}
        }
        let mut ending = match self.is_alone() {
            true => Ending::default(),
            false => self.end(grace),
        };
        if let Some(last) = self.end_kept() {
            ending.count += last.count;
            ending.ended.extend(last.ended);
            ending.survivors = last.survivors;
        }
        let are_closed = self.drain();
        let (stdout, stderr) = self.streams.finish();
        self.tree.forget_root();
        // A process in an uninterruptible wait is left to the kernel.
        let (code, signal) = match self.has_exited() {
            true => self.status(),
            false => (None, None),
        };
        ProcessResult {
            ended: reason.unwrap_or(match (code, signal) {
                (Some(code), _) => ExitCause::Exited(code),
                (None, signal) => ExitCause::Killed(signal.unwrap_or_default()),
            }),
            code,
            signal,
            elapsed,
            active,
            stdout,
            stderr,
            input_written: self.streams.written(),
            are_pipes_abandoned: !are_closed,
            memory_peak: self.memory_peak,
            processes_peak: self.processes_peak,
            ending,
        }
    }

    /// Watches the agent until its process has exited (`None`) or has to be ended.
    fn watch(&mut self) -> Option<ExitCause> {
        loop {
            if self.has_exited() {
                return None;
            }
            let request = self.control.request();
            if request.is_stop {
                return Some(ExitCause::Stopped);
            }
            if request.is_pause != self.clock.is_paused() {
                match request.is_pause {
                    true => self.clock.pause(Instant::now()),
                    false => self.resume(),
                }
            }
            if request.is_pause {
                // Repeated, to stop processes that were being started when the others were stopped.
                self.pause();
            }
            let now = Instant::now();
            let parted = self.streams.over().filter(|_| !request.is_pause);
            if parted.is_some_and(|at| {
                now.saturating_duration_since(at) > limits::DIALOGUE_EXIT_TIME_MAX
            }) {
                return Some(ExitCause::Dismissed);
            }
            if now >= self.next_look {
                if let Some(ended) = self.look() {
                    return Some(ended);
                }
                self.look_interval = (self.look_interval * 2).min(POLL_INTERVALS.1);
                self.next_look = Instant::now() + self.look_interval;
            }
            let left = match self.left(now) {
                Ok(left) => left,
                Err(ended) => return Some(ended),
            };
            let next = self.next_look.saturating_duration_since(now);
            self.streams.pump(next.min(left));
            let at = self.streams.last_output();
            if at > self.last_output.0 {
                self.last_output = (at, self.clock.read(at));
            }
        }
    }

    /// The time left until a time limit is reached; an error names one that has been reached.
    fn left(&self, now: Instant) -> Result<Duration, ExitCause> {
        let active = self.clock.read(now);
        let silent = active.saturating_sub(self.last_output.1);
        let limits = [
            (self.limits.deadline, active, ExitCause::Deadline),
            (self.limits.idle, silent, ExitCause::Idle),
        ];
        let mut left = Duration::MAX;
        for (limit, used, ended) in limits {
            let Some(limit) = limit else { continue };
            match limit.checked_sub(used) {
                Some(rest) if !rest.is_zero() => left = left.min(rest),
                _ => return Err(ended),
            }
        }
        Ok(match self.clock.is_paused() {
            true => Duration::MAX,
            false => left,
        })
    }

    /// Updates the members of the tree, and measures what they use.
    fn look(&mut self) -> Option<ExitCause> {
        let members = self.tree.look(Look::Recent);
        let pids: Vec<u32> = members.iter().map(|entry| entry.id.pid).collect();
        let root = self.id;
        let others = pids.iter().copied().filter(|pid| *pid != root);
        self.control
            .set_pids(std::iter::once(root).chain(others).collect());
        let count = members.len();
        self.processes_peak = self.processes_peak.max(count);
        if self
            .limits
            .processes
            .is_some_and(|most| count as u64 > most)
        {
            return Some(ExitCause::Processes);
        }
        let memory = system::memory(&pids);
        self.memory_peak = self.memory_peak.max(memory);
        let is_too_much = self.limits.memory.is_some_and(|most| memory > most);
        is_too_much.then_some(ExitCause::Memory)
    }

    /// Stops all members, parents first, so that none of them reacts to another one's stop.
    fn pause(&mut self) {
        for _ in 0..10 {
            let mut is_new = false;
            for member in self.tree.look(Look::Thorough) {
                if !member.is_stopped {
                    is_new |= self.paused.insert(member.id);
                    signal::send(member.id, Signal::STOP);
                }
            }
            if !is_new {
                break;
            }
        }
        self.control.set_paused(true);
    }

    /// Continues the processes that the pause stopped, children first.
    fn resume(&mut self) {
        for member in self.tree.look(Look::Thorough).iter().rev() {
            if self.paused.contains(&member.id) {
                signal::send(member.id, Signal::CONT);
            }
        }
        self.paused.clear();
        self.clock.resume(Instant::now());
        self.control.set_paused(false);
    }

    /// True if the agent's process has ended. Its status is not collected, so its process id and
    /// group id are not reused.
    fn has_exited(&mut self) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(keeper) = &mut self.spawned.keeper {
            let has_exited = keeper.exit().is_some();
            if has_exited {
                self.streams.exited();
            }
            return has_exited;
        }
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let has_exited = signal::number(self.id).is_none_or(|pid| {
            let status = rustix::process::waitid(WaitId::Pid(pid), options);
            !matches!(status, Ok(None) | Err(rustix::io::Errno::INTR))
        });
        if has_exited {
            self.streams.exited();
        }
        has_exited
    }

    /// The exit code of the agent's own process, which has ended, or the signal that killed it.
    fn status(&mut self) -> (Option<i32>, Option<i32>) {
        #[cfg(target_os = "linux")]
        if let Some(keeper) = &mut self.spawned.keeper {
            let exit = keeper.exit().unwrap_or_default();
            return (exit.0, exit.1);
        }
        let status = self.spawned.child.wait().ok();
        let code = status.and_then(|status| status.code());
        (code, status.and_then(|status| status.signal()))
    }

    /// True if the agent's own process was the last of its tree, so that none has to be looked for
    /// among all processes of the machine.
    fn is_alone(&self) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(keeper) = &self.spawned.keeper {
            return keeper.is_alone();
        }
        false
    }

    /// Makes the keeper end what is left below it. If the keeper was killed, all that this process
    /// has adopted is ended.
    fn end_kept(&mut self) -> Option<Ending> {
        #[cfg(target_os = "linux")]
        {
            let Spawned { child, keeper, .. } = &mut self.spawned;
            let is_kept = keeper.as_mut().is_none_or(|keeper| keeper.finish(child));
            if !is_kept {
                self.tree.take_adopted();
                return Some(self.end(Duration::ZERO));
            }
        }
        None
    }

    /// Asks the agent to stop its work in the dialogue, which reaches more than signals do: an
    /// agent knows its tools. Returns once the dialogue is over or the time is up.
    fn cancel(&mut self) {
        if self.clock.is_paused() {
            return;
        }
        let Some(time) = self.streams.cancel() else {
            return;
        };
        let end = Instant::now() + time;
        while self.streams.over().is_none() && !self.has_exited() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            self.streams.pump(left);
        }
    }

    /// After the end of the agent's process, gives others that write to its pipes a moment to end.
    fn settle(&mut self) {
        let end = Instant::now() + self.limits.settle;
        while !self.streams.are_closed() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.control.request().is_stop {
                return;
            }
            self.streams.pump(left);
        }
    }

    /// Ends all processes of the tree.
    fn end(&mut self, grace: Duration) -> Ending {
        let streams = &mut self.streams;
        let mut wait = |time| {
            let end = Instant::now() + time;
            // More output is no reason to look at the processes earlier.
            loop {
                streams.pump(end.saturating_duration_since(Instant::now()));
                if Instant::now() >= end {
                    return;
                }
            }
        };
        let ending = ending::end(&mut self.tree, grace, &mut wait);
        if !self.has_exited() && ending.survivors.is_empty() {
            // The system lists no processes; only the agent's group is known.
            self.end_group(grace);
        }
        ending
    }

    fn end_group(&mut self, grace: Duration) {
        for (signal, time) in [
            (Signal::TERM, grace),
            (Signal::KILL, limits::DRAIN_TIME_MAX),
        ] {
            signal::send_to_group(self.id, signal);
            let end = Instant::now() + time;
            while !self.has_exited() && Instant::now() < end {
                self.streams.pump(Duration::from_millis(20));
            }
        }
    }

    /// Reads what is left in the pipes; false if a process that escaped holds one open.
    fn drain(&mut self) -> bool {
        let end = Instant::now() + limits::DRAIN_TIME_MAX;
        while !self.streams.are_closed() && Instant::now() < end {
            if !self.streams.pump(Duration::ZERO) {
                break;
            }
        }
        self.streams.are_closed()
    }
}
