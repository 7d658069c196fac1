//! The pipes to an agent: its input, and its two output streams.
//!
//! One thread serves all of them with `poll`, so that nothing the agent does with one pipe (never
//! reading, never closing) can block another, and no thread can be left behind.

use super::control::{Control, unblock};
use super::lines::{Lines, Output};
use super::{Limits, Sink, Stream, limits};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{ErrorKind, Read, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

/// The size of one read in bytes, which is the capacity of a pipe on Linux.
const CHUNK: usize = 64 << 10;
/// The number of reads from one stream before the other and the limits get their turn.
const READS: usize = 16;
/// The pipes, and what passed through them.
pub struct Streams<'a> {
    input: Input,
    out: Source<ChildStdout>,
    err: Source<ChildStderr>,
    sink: &'a mut dyn Sink,
    control: &'a Control,
    /// Readable once the agent's process has ended, if the system has such descriptors.
    exit: Option<OwnedFd>,
    has_exited: bool,
    buffer: Box<[u8]>,
    /// The time of the last output.
    last_output: Instant,
}

/// The input of the agent.
struct Input {
    pipe: Option<ChildStdin>,
    /// The bytes to write, of which the first `done` are written.
    queue: Vec<u8>,
    done: usize,
    /// The total number of bytes written.
    written: u64,
    /// Set while the sink may append more.
    is_open: bool,
    /// Set if the sink kept the input open: there is a dialogue.
    is_dialogue: bool,
    /// The time at which a dialogue was over.
    over: Option<Instant>,
}

/// One output stream, until its end.
struct Source<R> {
    pipe: Option<R>,
    lines: Lines,
}

impl<'a> Streams<'a> {
    /// Takes the pipes of a child. `exit` becomes readable when the agent's own process ends.
    pub fn new(
        child: &mut Child,
        input: &[u8],
        limits: &Limits,
        control: &'a Control,
        sink: &'a mut dyn Sink,
        exit: Option<OwnedFd>,
    ) -> std::io::Result<Streams<'a>> {
        let lines = |stream| Lines::new(stream, limits.line_max, limits.output_max);
        let mut streams = Streams {
            input: Input::new(child.stdin.take(), input),
            out: Source {
                pipe: child.stdout.take(),
                lines: lines(Stream::Out),
            },
            err: Source {
                pipe: child.stderr.take(),
                lines: lines(Stream::Err),
            },
            sink,
            control,
            exit,
            has_exited: false,
            buffer: vec![0; CHUNK].into_boxed_slice(),
            last_output: Instant::now(),
        };
        if let Some(pipe) = &streams.input.pipe {
            unblock(pipe)?;
        }
        if let Some(pipe) = &streams.out.pipe {
            unblock(pipe)?;
        }
        if let Some(pipe) = &streams.err.pipe {
            unblock(pipe)?;
        }
        streams.input.refill(streams.sink);
        Ok(streams)
    }

    /// The time of the last output, or the start.
    pub fn last_output(&self) -> Instant {
        self.last_output
    }

    /// True once both output streams have ended.
    pub fn are_closed(&self) -> bool {
        self.out.pipe.is_none() && self.err.pipe.is_none()
    }

    /// Stops waiting for the end of the process, which has ended.
    pub fn exited(&mut self) {
        self.has_exited = true;
        self.exit = None;
        self.input.pipe = None;
    }

    /// The time at which a dialogue with the agent was over.
    pub fn over(&self) -> Option<Instant> {
        self.input.over
    }

    /// Makes the sink ask the agent to stop its work; returns the time the agent gets to do so.
    pub fn cancel(&mut self) -> Option<Duration> {
        let time = self.sink.cancel();
        self.input.refill(self.sink);
        time
    }

    /// Passes on last lines without a newline. Returns summaries of both streams.
    pub fn finish(&mut self) -> (Output, Output) {
        self.out.lines.finish(self.sink);
        self.err.lines.finish(self.sink);
        (self.out.lines.output(), self.err.lines.output())
    }

    /// The number of bytes of the input that were written to the pipe.
    pub fn written(&self) -> u64 {
        self.input.written
    }

    /// Waits up to `timeout` for pipes to be ready, and serves each of them once; returns early
    /// after a request and after the end of the process. True if a stream has more.
    pub fn pump(&mut self, timeout: Duration) -> bool {
        // Without a descriptor for the end of the process, it is polled.
        let timeout = match self.exit.is_some() || self.has_exited {
            true => timeout,
            false => timeout.min(Duration::from_millis(20)),
        };
        let ready = self.wait(timeout);
        if ready.exit {
            // Reported once, so that it does not end each wait for other processes.
            self.exited();
        }
        if ready.bell {
            self.control.hear();
        }
        if ready.input {
            self.input.write();
        }
        let mut has_more = false;
        if ready.out {
            has_more |= self
                .out
                .read(&mut self.buffer, self.sink, &mut self.last_output);
        }
        if ready.err {
            has_more |= self
                .err
                .read(&mut self.buffer, self.sink, &mut self.last_output);
        }
        self.input.refill(self.sink);
        has_more
    }

    fn wait(&self, timeout: Duration) -> Ready {
        let mut fds = vec![PollFd::new(self.control.bell(), PollFlags::IN)];
        let heard = self.out.pipe.as_ref().filter(|_| !self.input.is_full());
        let out = add(&mut fds, heard, PollFlags::IN);
        let err = add(&mut fds, self.err.pipe.as_ref(), PollFlags::IN);
        let wanted = self.input.pipe.as_ref().filter(|_| self.input.waits());
        let input = add(&mut fds, wanted, PollFlags::OUT);
        let exit = add(&mut fds, self.exit.as_ref(), PollFlags::IN);
        let timeout = Timespec {
            tv_sec: timeout.as_secs().min(3600) as _,
            tv_nsec: timeout.subsec_nanos() as _,
        };
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) => {
                let is_ready =
                    |index: Option<usize>| index.is_some_and(|i| !fds[i].revents().is_empty());
                Ready {
                    bell: is_ready(Some(0)),
                    out: is_ready(out),
                    err: is_ready(err),
                    input: is_ready(input),
                    exit: is_ready(exit),
                }
            }
            Err(rustix::io::Errno::INTR) => Ready::default(),
            Err(_) => {
                // Out of memory: later.
                std::thread::sleep(Duration::from_millis(10));
                Ready::default()
            }
        }
    }
}

impl Input {
    fn new(pipe: Option<ChildStdin>, first: &[u8]) -> Input {
        Input {
            pipe,
            queue: first.to_vec(),
            done: 0,
            written: 0,
            is_open: true,
            is_dialogue: false,
            over: None,
        }
    }

    /// True if something is to be written.
    fn waits(&self) -> bool {
        self.done < self.queue.len()
    }

    /// True if so much waits that nothing may be added.
    fn is_full(&self) -> bool {
        self.is_dialogue && self.pipe.is_some() && self.queue.len() - self.done > limits::UNREAD_MAX
    }

    /// Takes what the sink appends, and closes the pipe once everything is written.
    fn refill(&mut self, sink: &mut dyn Sink) {
        if self.is_open && self.pipe.is_some() {
            self.is_open = sink.input(&mut self.queue);
            self.is_dialogue |= self.is_open;
        }
        if !self.is_open && !self.waits() {
            self.close();
        }
    }

    fn write(&mut self) {
        let Some(pipe) = &mut self.pipe else { return };
        match pipe.write(&self.queue[self.done..]) {
            Ok(count) => {
                self.done += count;
                self.written += count as u64;
            }
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            // The agent has closed its input, as it may.
            Err(_) => self.close(),
        }
        if !self.waits() {
            self.queue.clear();
            self.done = 0;
        }
    }

    fn close(&mut self) {
        if self.pipe.take().is_some() && self.is_dialogue {
            self.over = Some(Instant::now());
        }
    }
}

/// Adds a descriptor if it is open, and returns its index.
fn add<'f>(
    fds: &mut Vec<PollFd<'f>>,
    fd: Option<&'f impl AsFd>,
    flags: PollFlags,
) -> Option<usize> {
    fds.push(PollFd::new(fd?, flags));
    Some(fds.len() - 1)
}

/// The pipes that are ready.
#[derive(Clone, Copy, Default)]
struct Ready {
    bell: bool,
    out: bool,
    err: bool,
    input: bool,
    exit: bool,
}

impl<R: Read> Source<R> {
    /// Reads what is available, within bounds; true if there may be more.
    fn read(&mut self, buffer: &mut [u8], sink: &mut dyn Sink, at: &mut Instant) -> bool {
        for _ in 0..READS {
            let Some(pipe) = &mut self.pipe else {
                return false;
            };
            match pipe.read(buffer) {
                Ok(0) => {
                    self.pipe = None;
                    self.lines.finish(sink);
                }
                Ok(count) => {
                    self.lines.feed(&buffer[..count], sink);
                    // After the sink, whose time must not count as silence of the agent.
                    *at = Instant::now();
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if e.kind() == ErrorKind::WouldBlock => return false,
                Err(_) => self.pipe = None,
            }
        }
        true
    }
}

/// A descriptor that becomes readable when a child ends.
pub(super) fn exit_of(pid: u32) -> Option<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{PidfdFlags, pidfd_open};
        pidfd_open(super::signal::number(pid)?, PidfdFlags::empty()).ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = pid;
        None
    }
}
