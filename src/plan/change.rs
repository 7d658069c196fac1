//! What can be done to a plan by hand: one value for each change, whether a verb, a batch of verbs
//! or an edited text asks for it. Values only.

use super::draft::EdgeClass;

/// A change to a plan. Tasks are named by their number (`3`, `T-3`, `T3`) or by the beginning of
/// their key; a task that is new in the same list of changes by its name there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds a task.
    Add(NewTask),
    /// Sets a field of a task; see [`is_task_field`](super::is_task_field). Lists (paths,
    /// acceptance) have one element a line.
    Set {
        /// Which task.
        task: String,
        /// Which field.
        field: String,
        /// The new value; nothing clears what can be empty.
        value: String,
    },
    /// Takes a task out.
    Remove {
        /// Which task.
        task: String,
        /// Even where others wait for it; they wait no more then.
        force: bool,
    },
    /// Makes a task wait for another.
    Wait {
        /// Who waits.
        task: String,
        /// For which.
        on: String,
        /// Whether that blocks.
        class: EdgeClass,
    },
    /// Makes a task wait no more for another.
    Free {
        /// Who waited.
        task: String,
        /// For which.
        on: String,
    },
    /// Puts tasks in this order; others stay behind the one that they follow now.
    Order {
        /// The tasks.
        tasks: Vec<String>,
    },
    /// Makes one task of several: the first one, with what the others had.
    Merge {
        /// The tasks, at least two.
        tasks: Vec<String>,
    },
    /// Makes several tasks of one, which keeps the first title.
    Split {
        /// Which task.
        task: String,
        /// The titles, at least two.
        titles: Vec<String>,
    },
    /// Renames the plan.
    Title(String),
    /// Chooses the pattern of branches.
    Branches(String),
}

/// A task that a person adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTask {
    /// How other changes of the same list name it; nothing if none does.
    pub name: String,
    /// What to do.
    pub title: String,
    /// Fields as of [`Change::Set`], in order.
    pub fields: Vec<(String, String)>,
    /// What it waits for, and whether that blocks.
    pub waits: Vec<(String, EdgeClass)>,
    /// The task behind which it stands; at the end without.
    pub after: Option<String>,
}
