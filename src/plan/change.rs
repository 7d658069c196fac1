//! Manual changes to a plan, as values: for a verb or several.

use super::draft::EdgeClass;

/// A change to a plan. Tasks are named by their name, their number (`3`, `T-3`, `T3`) or a prefix of their
/// key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds a task.
    Add(NewTask),
    /// Sets a field of a task; see `plan set`. Lists (paths, acceptance) have one element per line.
    Set {
        /// The task.
        task: String,
        /// The field.
        field: String,
        /// The new value; an empty one clears an optional field.
        value: String,
    },
    /// Removes a task.
    Remove {
        /// The task.
        task: String,
        /// Also removes the edges of tasks that wait for it, instead of refusing.
        force: bool,
    },
    /// Adds an edge between tasks.
    Wait {
        /// The waiting task.
        task: String,
        /// The task that it waits for.
        on: String,
        /// The effect of the edge.
        class: EdgeClass,
    },
    /// Removes an edge between tasks.
    Free {
        /// The waiting task.
        task: String,
        /// The task that it waits for.
        on: String,
    },
    /// Puts tasks in the given order, using the positions that they now occupy; all others keep
    /// theirs.
    Order {
        /// The tasks.
        tasks: Vec<String>,
    },
    /// Merges several tasks into the first one.
    Merge {
        /// The tasks, at least two.
        tasks: Vec<String>,
    },
    /// Renames the plan.
    Title(String),
    /// Chooses the pattern of branches.
    Branches(String),
}

/// A task that is added manually.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTask {
    /// Its title.
    pub title: String,
    /// Fields as in [`Change::Set`], in order.
    pub fields: Vec<(String, String)>,
    /// The tasks that it waits for, with the effect of each edge.
    pub waits: Vec<(String, EdgeClass)>,
    /// The task after which it is inserted; `None` for the end of the plan.
    pub after: Option<String>,
}
