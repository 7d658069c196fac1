//! The processes of the machine as listed in `/proc` (Linux).

use super::table::{Entry, Id, Table};
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The maximum number of bytes that are read of an environment.
const ENVIRONMENT_MAX: u64 = 4 << 20;

/// The longest time that a process may take to execute another program, which has no environment
/// until it is loaded.
const EXECUTING_MAX: Duration = Duration::from_secs(2);

/// All processes except those in `skipped`.
pub fn read(skipped: &HashSet<u32>) -> Table {
    let Ok(folder) = fs::read_dir("/proc") else {
        return Table::default();
    };
    folder
        .filter_map(|file| file.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| !skipped.contains(pid))
        .filter_map(entry)
        .collect()
}

/// The process with this id.
pub fn entry(pid: u32) -> Option<Entry> {
    // One read gives a consistent line, which is far shorter than this.
    let mut line = [0; 2048];
    let length = fs::File::open(format!("/proc/{pid}/stat"))
        .and_then(|mut file| file.read(&mut line))
        .ok()?;
    parse(pid, &line[..length])
}

/// The name and what follows it in a line of `/proc/PID/stat`. The name is in parentheses and may
/// contain any character.
fn split(line: &[u8]) -> Option<(&[u8], Vec<&str>)> {
    let open = line.iter().position(|byte| *byte == b'(')?;
    let close = line.iter().rposition(|byte| *byte == b')')?;
    let fields = std::str::from_utf8(line.get(close + 1..)?).ok()?;
    let name = line.get(open + 1..close)?;
    Some((name, fields.split_ascii_whitespace().collect()))
}

/// Parses a line of `/proc/PID/stat`.
pub fn parse(pid: u32, line: &[u8]) -> Option<Entry> {
    let (name, fields) = split(line)?;
    let number = |index: usize| fields.get(index)?.parse().ok();
    let state = *fields.first()?.as_bytes().first()?;
    Some(Entry {
        id: Id {
            pid,
            started: fields.get(19)?.parse().ok()?,
        },
        parent: number(1)?,
        group: number(2)?,
        session: number(3)?,
        is_dead: matches!(state, b'Z' | b'X' | b'x'),
        is_stopped: matches!(state, b'T'),
        name: String::from_utf8_lossy(name).into_owned(),
    })
}

/// The user's processes that were started with all of these variables (`NAME=VALUE`).
pub fn with_variables(pids: &[u32], user: u32, variables: &[OsString]) -> HashSet<u32> {
    let of_user = |pid: &u32| owner(*pid) == Some(user);
    let mut left: Vec<u32> = pids.iter().copied().filter(of_user).collect();
    let mut found = HashSet::new();
    let began = Instant::now();
    loop {
        left.retain(|&pid| {
            let environment = environment(pid);
            let has = |variable| environment.split(|b| *b == 0).any(|v| v == variable);
            if variables.iter().all(|variable| has(variable.as_bytes())) {
                found.insert(pid);
            }
            environment.is_empty() && may_have_environment(pid)
        });
        if left.is_empty() || began.elapsed() > EXECUTING_MAX {
            return found;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether a process whose environment was empty may have one: until a program is loaded, its
/// environment has no address. Kernel threads have no program.
fn may_have_environment(pid: u32) -> bool {
    let Ok(line) = fs::read(format!("/proc/{pid}/stat")) else {
        return false;
    };
    let is_unknown =
        split(&line).is_some_and(|(_, fields)| match (fields.get(47), fields.get(48)) {
            (Some(start), Some(end)) => *end == "0" || start != end,
            _ => false,
        });
    is_unknown && fs::read_link(format!("/proc/{pid}/exe")).is_ok()
}

fn owner(pid: u32) -> Option<u32> {
    fs::metadata(format!("/proc/{pid}")).ok().map(|m| m.uid())
}

/// The variables that a process was started with, each terminated by a NUL byte.
fn environment(pid: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(format!("/proc/{pid}/environ")) {
        // If reading fails, the part read so far is used.
        let _ = file.take(ENVIRONMENT_MAX).read_to_end(&mut bytes);
    }
    bytes
}

/// The working directory of a process.
pub fn dir(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

/// The anonymous memory, shared memory and swap of these processes in bytes. Mapped files do not
/// count, because the kernel can drop them.
pub fn memory(pids: &[u32]) -> u64 {
    pids.iter().map(|pid| memory_of(*pid)).sum()
}

fn memory_of(pid: u32) -> u64 {
    let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else {
        return 0;
    };
    let kibibytes = status.lines().filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        matches!(key, "RssAnon" | "RssShmem" | "VmSwap")
            .then(|| value.trim().trim_end_matches(" kB").parse::<u64>().ok())?
    });
    kibibytes.sum::<u64>() << 10
}
