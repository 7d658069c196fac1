//! The processes that belong to an agent.
//!
//! An agent's tool shells are in sessions of their own, and their daemons are orphaned, so no
//! single test finds them all. A process is a member of the tree if
//!
//! - it descends from the agent, or from a process that was once seen to be a member;
//! - it is an orphan that we adopted (Linux: we are the *subreaper* of our descendants) and is in a
//!   group or session in which members were seen, or in the agent's directory;
//! - its environment has the marks of the launch.
//!
//! - it descends from the agent's keeper (`keeper.rs`), which adopts every orphan of the tree.
//!
//! Without a keeper, a process escapes if it left its session, directory and environment, and lost
//! its parent, before it was first seen.

use super::table::{Entry, Id, Table, system};
use rustix::process::WaitOptions;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The environment variables that mark the processes of a run: run and task.
pub const MARKS: [&str; 2] = ["GIT_PM_RUN", "GIT_PM_TASK"];

/// The time after which the status of a dead, unknown orphan is collected.
const UNKNOWN_ORPHAN: Duration = Duration::from_secs(5);

/// The thoroughness of a search for members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// By descent, groups and sessions, in a list that is at most 250 ms old.
    Recent,
    /// By descent, groups and sessions, among new processes and those that were members before.
    New,
    /// Also by environments and directories, among all processes.
    Thorough,
}

/// The processes of one agent, or those with given marks.
#[derive(Debug)]
pub struct Tree {
    /// The agent's own process, until its status has been collected.
    root: Option<Id>,
    /// The keeper of the agent's processes, which is no member.
    keeper: Option<u32>,
    /// Set if all that this process has adopted are members: the keeper was killed.
    takes_adopted: bool,
    /// The directory of the agent.
    dir: Option<PathBuf>,
    /// `NAME=VALUE` of each mark. If there is none, environments are not read.
    marks: Vec<OsString>,
    own: Own,
    /// The members at the last look; true if one was seen as a child of a process other than ours.
    known: HashMap<Id, bool>,
    /// Groups and sessions in which members were seen.
    groups: HashSet<u32>,
    /// Processes that were not members at the last thorough look.
    strangers: HashSet<u32>,
    /// The time of the last look. An older list would lack members that are now known.
    looked: Instant,
}

/// This process.
#[derive(Clone, Copy, Debug)]
struct Own {
    pid: u32,
    group: u32,
    session: u32,
    user: u32,
}

impl Own {
    /// Reads group and session from the list of processes: they are 0 if their leaders are outside
    /// our pid namespace, as in a container that was entered from outside, where the system calls
    /// do not return process ids.
    fn new() -> Own {
        let pid = std::process::id();
        let entry = system::entry(pid);
        Own {
            pid,
            group: entry.as_ref().map_or(0, |entry| entry.group),
            session: entry.as_ref().map_or(0, |entry| entry.session),
            user: rustix::process::geteuid().as_raw(),
        }
    }
}

impl Tree {
    /// The tree of a child of this process that leads a process group.
    pub fn of_child(pid: u32, dir: &Path, env: &[(OsString, OsString)]) -> Tree {
        let marks: Vec<OsString> = MARKS
            .iter()
            .filter_map(|mark| env.iter().rev().find(|(name, _)| name == mark))
            .map(|(name, value)| mark(name, value))
            .collect();
        let started = system::entry(pid).map_or(0, |entry| entry.id.started);
        let root = Id { pid, started };
        Tree {
            root: Some(root),
            keeper: None,
            takes_adopted: false,
            dir: dir.canonicalize().ok(),
            // One mark alone would also fit the other agents of the run.
            marks: if marks.len() == MARKS.len() {
                marks
            } else {
                Vec::new()
            },
            own: Own::new(),
            known: HashMap::from([(root, false)]),
            groups: HashSet::from([pid]),
            strangers: HashSet::new(),
            looked: Instant::now(),
        }
    }

    /// Makes all processes below a keeper members.
    #[cfg(target_os = "linux")]
    pub fn keep_below(&mut self, keeper: u32) {
        self.keeper = Some(keeper);
    }

    /// Makes all processes that this one has adopted members.
    #[cfg(target_os = "linux")]
    pub fn take_adopted(&mut self) {
        self.keeper = None;
        self.takes_adopted = true;
    }

    /// All processes below this one, which keeps them.
    #[cfg(target_os = "linux")]
    pub fn below(own: u32) -> Tree {
        let mut tree = Tree::of_run("", None);
        tree.marks.clear();
        tree.keep_below(own);
        tree
    }

    /// The processes with the mark of a run, or of a task in it.
    pub fn of_run(run: &str, task: Option<&str>) -> Tree {
        Tree {
            root: None,
            keeper: None,
            takes_adopted: false,
            dir: None,
            marks: MARKS
                .iter()
                .zip([Some(run), task])
                .filter_map(|(name, value)| Some(mark(name.as_ref(), value?.as_ref())))
                .collect(),
            own: Own::new(),
            known: HashMap::new(),
            groups: HashSet::new(),
            strangers: HashSet::new(),
            looked: Instant::now(),
        }
    }

    /// The running members, parents before their children.
    pub fn look(&mut self, look: Look) -> Vec<Entry> {
        let table = match look {
            Look::Recent => Table::recent(self.looked),
            Look::New => Arc::new(system::read(&self.strangers)),
            Look::Thorough => Arc::new(Table::read()),
        };
        self.looked = Instant::now();
        self.members(&table, look)
    }

    fn members(&mut self, table: &Table, look: Look) -> Vec<Entry> {
        let mut barred = if look == Look::New {
            HashSet::from([self.own.pid])
        } else {
            table.line_of(self.own.pid)
        };
        barred.extend(self.keeper);
        let mut roots = HashSet::new();
        let mut others = Vec::new();
        for entry in table.entries() {
            if barred.contains(&entry.id.pid) {
                continue;
            }
            let is_member = self.known.contains_key(&entry.id)
                || self.keeper == Some(entry.parent)
                || self.is_orphan_of_ours(entry)
                || (look == Look::Thorough && self.is_in_dir(entry));
            if is_member {
                roots.insert(entry.id.pid);
            } else {
                others.push(entry);
            }
        }
        if look == Look::Thorough {
            roots.extend(self.marked(&others));
        }
        let members = table.with_descendants(&roots, &barred);
        let had_other_parent = |entry: &Entry| {
            entry.parent != self.own.pid || self.known.get(&entry.id) == Some(&true)
        };
        self.known = members
            .iter()
            .map(|entry| (entry.id, had_other_parent(entry)))
            .chain(self.root.map(|root| (root, false)))
            .collect();
        self.collect(table, &members);
        for number in members
            .iter()
            .flat_map(|entry| [entry.group, entry.session])
        {
            if ![0, self.own.group, self.own.session].contains(&number) {
                self.groups.insert(number);
            }
        }
        if look == Look::Thorough {
            let is_stranger = |entry: &&Entry| !self.known.contains_key(&entry.id);
            let strangers = table.entries().filter(is_stranger);
            self.strangers = strangers.map(|entry| entry.id.pid).collect();
        }
        members.into_iter().filter(|entry| !entry.is_dead).collect()
    }

    /// True for an adopted process in a group or session of the tree.
    fn is_orphan_of_ours(&self, entry: &Entry) -> bool {
        let is_taken = self.takes_adopted;
        #[cfg(target_os = "linux")]
        let is_taken = is_taken && !super::keeper::is_keeper(entry.id.pid);
        let is_seen = |number| self.groups.contains(number);
        self.is_adopted(entry) && (is_taken || is_seen(&entry.group) || is_seen(&entry.session))
    }

    /// True for a child that we cannot have started, because ours are in our session, and in our
    /// group or one that they lead.
    fn is_adopted(&self, entry: &Entry) -> bool {
        entry.parent == self.own.pid
            && (self.is_in_other_session(entry)
                || (entry.group != self.own.group && entry.group != entry.id.pid))
    }

    fn is_in_other_session(&self, entry: &Entry) -> bool {
        ![0, self.own.session].contains(&entry.session)
    }

    /// The processes among these that have the marks. Our own group is left out: it runs our own
    /// commands, which inherit our marks.
    fn marked(&self, entries: &[&Entry]) -> HashSet<u32> {
        if self.marks.is_empty() {
            return HashSet::new();
        }
        let pids: Vec<u32> = entries
            .iter()
            .filter(|entry| entry.group != self.own.group && !entry.is_dead)
            .map(|entry| entry.id.pid)
            .collect();
        system::with_variables(&pids, self.own.user, &self.marks)
    }

    fn is_in_dir(&self, entry: &Entry) -> bool {
        let (Some(root), Some(dir)) = (self.root, &self.dir) else {
            return false;
        };
        entry.parent == self.own.pid
            && self.is_in_other_session(entry)
            && entry.id.started >= root.started
            && system::dir(entry.id.pid).is_some_and(|at| at.starts_with(dir))
    }

    /// The process groups that consist only of members.
    pub fn whole_groups(&self, table: &Table) -> HashSet<u32> {
        let groups = |is_ours: bool| -> HashSet<u32> {
            let entries = table.entries();
            entries
                .filter(|entry| self.known.contains_key(&entry.id) == is_ours)
                .map(|entry| entry.group)
                .collect()
        };
        let others = groups(false);
        let own = self.own.group;
        groups(true)
            .into_iter()
            .filter(|group| *group > 1 && *group != own && !others.contains(group))
            .collect()
    }

    /// Forgets the agent's own process, whose status is about to be collected.
    pub fn forget_root(&mut self) {
        if let Some(root) = self.root.take() {
            self.known.remove(&root);
        }
    }

    /// Collects the status of dead orphans, which would stay zombies until we exit. A child that we
    /// started is left to the code that waits for it.
    fn collect(&self, table: &Table, members: &[Entry]) {
        for entry in members {
            let is_orphan = entry.parent == self.own.pid
                && (self.is_adopted(entry) || self.known.get(&entry.id) == Some(&true));
            if entry.is_dead && is_orphan {
                collect(entry.id.pid);
            }
        }
        self.collect_unknown(table);
    }

    /// Collects dead orphans that no tree knows; their sessions show that we did not start them.
    fn collect_unknown(&self, table: &Table) {
        static SEEN: Mutex<Option<HashMap<Id, Instant>>> = Mutex::new(None);
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.get_or_insert_default();
        seen.retain(|id, _| table.entry(id.pid).is_some_and(|entry| entry.id == *id));
        for entry in table.entries() {
            let is_unknown =
                entry.is_dead && entry.parent == self.own.pid && self.is_in_other_session(entry);
            if is_unknown
                && seen.entry(entry.id).or_insert_with(Instant::now).elapsed() > UNKNOWN_ORPHAN
            {
                collect(entry.id.pid);
            }
        }
    }
}

fn mark(name: &std::ffi::OsStr, value: &std::ffi::OsStr) -> OsString {
    let mut mark = name.to_os_string();
    mark.push("=");
    mark.push(value);
    mark
}

fn collect(pid: u32) {
    if let Some(pid) = super::signal::number(pid) {
        // Another thread may already have done so.
        let _ = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
    }
}

/// Makes this process, for as long as it lives, the parent of orphans among its descendants.
pub fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        // If the kernel refuses, descendants are still found while their parents live.
        ONCE.call_once(|| {
            let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        });
    }
}
