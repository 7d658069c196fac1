//! How many items, lines, names and characters each text shows; JSON has all.
//!
//! The widths of columns are in `table`, `board` and `plan`.

/// The number of characters of a cell of a table: wider than any terminal.
pub const CELL_MAX: usize = 1_000;

/// The number of characters of a text within a line: the longest title that can be entered is shown whole.
pub const LINE_MAX: usize = 20_000;

/// The number of artifacts listed with an item.
pub const ITEM_ARTIFACTS_MAX: usize = 30;

/// The longest title of a card in Markdown, in characters.
pub const MARKDOWN_TITLE_MAX: usize = 200;

/// The longest first line of a section of the context in a list, in columns.
pub const SECTION_LINE_MAX: usize = 60;

/// The number of changed items of a diff or an undo above which those with the same changes are
/// grouped.
pub const UNGROUPED_MAX: usize = 20;

/// The number of ids and ranges of ids that are shown of such a group.
pub const GROUP_IDS_MAX: usize = 8;

/// The most changes in the line of an event.
pub const EVENT_CHANGES_MAX: usize = 4;

/// The number of characters of a commit id that are shown.
pub const COMMIT_ID_MAX: usize = 10;

/// The maximum indent of a graph: terminals are not wider, and a hostile state could have any depth.
pub const GRAPH_INDENT_MAX: usize = 40;

/// The number of ids in a cell of `order`.
pub const GRAPH_IDS_MAX: usize = 10;

/// The maximum number of lines of a graph.
pub const GRAPH_LINES_MAX: usize = 20_000;

/// The number of lines of each kind that are shown of an import or export without `--verbose`.
pub const IMPORT_LINES_MAX: usize = 20;

/// The number of records that an import names which are older than the versions here.
pub const OLDER_NAMED: usize = 5;

/// The number of links of a kind that are listed with an item.
pub const ITEM_LINKS_MAX: usize = 30;

/// The number of findings that are named with an item.
pub const ITEM_FINDINGS_MAX: usize = 5;

/// The longest title of a learning in a list, in columns.
pub const LEARNING_TITLE_MAX: usize = 80;

/// The number of files named per item of the merge queue without `--verbose`.
pub const QUEUE_FILES_MAX: usize = 5;

/// The number of rules about a plan whose first finding is shown without `--verbose`.
pub const PLAN_RULES_MAX: usize = 6;

/// The number of tasks in a line of a plan.
pub const PLAN_TASKS_MAX: usize = 4;

/// The number of names in a line about a written plan.
pub const PLAN_NAMES_MAX: usize = 20;

/// The number of awaited items that are shown if nothing is ready.
pub const AWAITED_MAX: usize = 5;

/// The number of characters of a reservation's name that are shown: its end, which is enough to
/// select it.
pub const RESERVATION_NAME_MAX: usize = 6;

/// The number of queued tasks that are shown of a run.
pub const QUEUED_MAX: usize = 20;

/// The number of items that are shown of each list of `status`.
pub const STATUS_ITEMS_MAX: usize = 5;

/// The number of changed items that are shown of a sync.
pub const SYNC_ITEMS_MAX: usize = 10;

/// The longest text of a task that differs from its plan, in columns.
pub const CHANGED_TEXT_MAX: usize = 64;

/// The number of texts of one field of such a task that are shown without `--verbose`.
pub const CHANGED_TEXTS_MAX: usize = 4;

/// The number of changed files that `approve` lists.
pub const APPROVED_FILES_MAX: usize = 10;
