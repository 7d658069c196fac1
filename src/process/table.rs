//! A list of the processes of the machine, and who is who in it.

#[cfg(target_os = "linux")]
pub(super) use super::procfs as system;
#[cfg(not(target_os = "linux"))]
pub(super) use super::ps as system;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A process. Its number is given to another one after its end; with the start both are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id {
    /// The number.
    pub pid: u32,
    /// The start, in a unit of the system.
    pub started: u64,
}

/// A process at the time when the list was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The process itself.
    pub id: Id,
    /// The number of its parent.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Its session; 0 if unknown.
    pub session: u32,
    /// Set if it has ended, and its parent has not asked for its status yet.
    pub is_dead: bool,
    /// Set if a signal has stopped it.
    pub is_stopped: bool,
    /// The name of its program, not escaped.
    pub name: String,
}

/// The processes by number. Empty if the system does not list them.
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

    /// All processes as of at most 250 ms ago, and not before `earliest`: several agents are watched
    /// with one list.
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

    /// The process with this number.
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

    /// These processes and all their descendants, parents before their children. `barred` ones and
    /// what descends from them only through those are left out.
    pub fn with_descendants(&self, roots: &HashSet<u32>, barred: &HashSet<u32>) -> Vec<Entry> {
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        for entry in self.0.values() {
            children.entry(entry.parent).or_default().push(entry.id.pid);
        }
        let mut depths: HashMap<u32, usize> = HashMap::new();
        let mut open: Vec<(u32, usize)> = roots.iter().map(|pid| (*pid, 0)).collect();
        // A root may descend from another: the longest way counts. A list that was read while
        // processes ended may even hold a circle, which the bound on the depth ends.
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
