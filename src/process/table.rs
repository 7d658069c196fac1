//! All processes of the machine at one moment, with their parents, sessions and groups.

#[cfg(target_os = "linux")]
pub(super) use super::procfs as system;
#[cfg(not(target_os = "linux"))]
pub(super) use super::ps as system;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The identity of a process: ids are reused, so the start time tells two processes apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// The process id.
    pub pid: u32,
    /// The start time, in a system-specific unit.
    pub started: u64,
}

/// A process at the time when the list was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its identity.
    pub id: Id,
    /// The process id of its parent.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Its session; 0 if unknown.
    pub session: u32,
    /// Set if it is a zombie: it has ended, but its parent has not collected its status.
    pub is_dead: bool,
    /// Set if a signal has stopped it.
    pub is_stopped: bool,
    /// The name of its program, not escaped.
    pub name: String,
}

/// The processes by id. Empty if the system does not list them.
#[derive(Clone, Debug, Default)]
pub struct Table(BTreeMap<u32, Entry>);

impl FromIterator<Entry> for Table {
    fn from_iter<T: IntoIterator<Item = Entry>>(entries: T) -> Self {
        Table(entries.into_iter().map(|e| (e.id.pid, e)).collect())
    }
}

impl Table {
    /// All processes of the machine.
    pub fn read() -> Table {
        system::read(&HashSet::new())
    }

    /// All processes as of at most 250 ms ago, and after `earliest`: one list serves several
    /// agents.
    pub fn recent(earliest: Instant) -> Arc<Table> {
        static LAST: Mutex<Option<(Instant, Arc<Table>)>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, table)) = &*last
            && *at > earliest
            && at.elapsed() < Duration::from_millis(250)
        {
            return Arc::clone(table);
        }
        let at = Instant::now();
        let table = Arc::new(Table::read());
        *last = Some((at, Arc::clone(&table)));
        table
    }

    /// The process with this id.
    pub fn entry(&self, pid: u32) -> Option<&Entry> {
        self.0.get(&pid)
    }

    /// All processes.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.values()
    }

    /// A process and its ancestors.
    pub fn line_of(&self, pid: u32) -> HashSet<u32> {
        let mut line = HashSet::from([pid]);
        let mut at = pid;
        while let Some(entry) = self.0.get(&at)
            && line.insert(entry.parent)
        {
            at = entry.parent;
        }
        line
    }

    /// These processes and all their descendants, parents before their children. Processes in
    /// `barred`, and those that descend from the roots only through them, are left out.
    pub fn with_descendants(&self, roots: &HashSet<u32>, barred: &HashSet<u32>) -> Vec<Entry> {
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for entry in self.0.values() {
            children.entry(entry.parent).or_default().push(entry.id.pid);
        }
        let mut depths: HashMap<u32, usize> = HashMap::new();
        let mut open: Vec<(u32, usize)> = roots.iter().map(|pid| (*pid, 0)).collect();
        // A root may descend from another: the longest path counts. A list that was read while
        // processes ended may even contain a cycle; the bound on the depth ends it.
        while let Some((pid, depth)) = open.pop() {
            let is_known = depths.get(&pid).is_some_and(|known| *known >= depth);
            if is_known || barred.contains(&pid) || depth > self.0.len() {
                continue;
            }
            depths.insert(pid, depth);
            for child in children.get(&pid).into_iter().flatten() {
                open.push((*child, depth + 1));
            }
        }
        let mut found: Vec<(usize, &Entry)> = depths
            .into_iter()
            .filter_map(|(pid, depth)| Some((depth, self.0.get(&pid)?)))
            .collect();
        found.sort_by_key(|(depth, entry)| (*depth, entry.id));
        found.into_iter().map(|(_, entry)| entry.clone()).collect()
    }
}
