//! The processes of the machine as listed in `/proc` (Linux).

use super::table::{Entry, Id, Table};
use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::Duration;

/// The maximum number of bytes that are read of an environment.
const ENVIRONMENT_MAX: u64 = 4 << 20;

/// The number of times that an empty environment is read: it is empty for a moment when a process
/// executes another program.
const EMPTY_READS: usize = 4;

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

/// Parses a line of `/proc/PID/stat`. The name is in parentheses and may contain any character.
pub fn parse(pid: u32, line: &[u8]) -> Option<Entry> {
    let open = line.iter().position(|byte| *byte == b'(')?;
    let close = line.iter().rposition(|byte| *byte == b')')?;
    let fields = std::str::from_utf8(line.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
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
        name: String::from_utf8_lossy(line.get(open + 1..close)?).into_owned(),
    })
}

/// The user's processes that were started with all of these variables (`NAME=VALUE`).
pub fn with_variables(pids: &[u32], user: u32, variables: &[OsString]) -> HashSet<u32> {
    let of_user = |pid: &u32| owner(*pid) == Some(user);
    let mut left: Vec<u32> = pids.iter().copied().filter(of_user).collect();
    let mut found = HashSet::new();
    for _ in 0..EMPTY_READS {
        left.retain(|&pid| {
            let environment = environment(pid);
            let has = |variable| environment.split(|b| *b == 0).any(|v| v == variable);
            if variables.iter().all(|variable| has(variable.as_bytes())) {
                found.insert(pid);
            }
            // Kernel threads have no program.
            environment.is_empty() && fs::read_link(format!("/proc/{pid}/exe")).is_ok()
        });
        if left.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    found
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
