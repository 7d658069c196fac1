//! The processes of the machine as listed by `ps`, where there is no `/proc` (macOS).
//!
//! Sessions and working directories are unknown here.

use super::table::{Entry, Id, Table};
use std::collections::HashSet;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// All processes except those in `skipped`.
pub fn read(skipped: &HashSet<u32>) -> Table {
    let lines = ps(&["-axo", COLUMNS]);
    lines
        .lines()
        .filter_map(parse)
        .filter(|entry| !skipped.contains(&entry.id.pid))
        .collect()
}

/// The process with this id.
pub fn entry(pid: u32) -> Option<Entry> {
    ps(&["-o", COLUMNS, "-p", &pid.to_string()])
        .lines()
        .find_map(parse)
}

const COLUMNS: &str = "pid=,ppid=,pgid=,stat=,lstart=,comm=";

/// Parses a line of `ps`, in which the start time is five words.
fn parse(line: &str) -> Option<Entry> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let mut start = DefaultHasher::new();
    words.get(4..9)?.hash(&mut start);
    let state = words.get(3)?;
    Some(Entry {
        id: Id {
            pid: words.first()?.parse().ok()?,
            started: start.finish(),
        },
        parent: words.get(1)?.parse().ok()?,
        group: words.get(2)?.parse().ok()?,
        session: 0,
        is_dead: state.starts_with('Z'),
        is_stopped: state.starts_with('T'),
        name: words.get(9..)?.join(" "),
    })
}

/// The user's processes that were started with all of these variables (`NAME=VALUE`). `ps` does not
/// separate the command line from the environment after it.
pub fn with_variables(pids: &[u32], user: u32, variables: &[OsString]) -> HashSet<u32> {
    let lines = ps(&["-xEww", "-o", "pid=,uid=,command="]);
    let parse = |line: &str| {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let pid = words.first()?.parse().ok()?;
        let is_user = words.get(1)?.parse() == Ok(user);
        let has_all = variables
            .iter()
            .all(|variable| words.iter().skip(2).any(|word| variable == word));
        (is_user && has_all && pids.contains(&pid)).then_some(pid)
    };
    lines.lines().filter_map(parse).collect()
}

/// The working directory of a process: unknown.
pub fn dir(_pid: u32) -> Option<PathBuf> {
    None
}

/// The resident memory of these processes in bytes.
pub fn memory(pids: &[u32]) -> u64 {
    let list: Vec<String> = pids.iter().map(u32::to_string).collect();
    let kibibytes: u64 = ps(&["-o", "rss=", "-p", &list.join(",")])
        .split_ascii_whitespace()
        .filter_map(|word| word.parse::<u64>().ok())
        .sum();
    kibibytes << 10
}

fn ps(args: &[&str]) -> String {
    let output = Command::new("/bin/ps")
        .args(args)
        .env_clear()
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}
