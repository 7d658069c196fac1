//! The limits of pages: how many items, comments, operations and lines each shows, and how much of a text.
//!
//! A page's size does not grow with the state.

/// The maximum number of cards on a page of the board, in all cells together: with the longest titles,
/// the page stays under 300 KB.
pub(super) const BOARD_CARDS_MAX: usize = 120;

/// The maximum number of cells of the board; items in additional lanes are only counted.
pub(super) const BOARD_CELLS_MAX: usize = 100;

/// The maximum number of items on a page that shows one cell.
pub(super) const CELL_ITEMS_MAX: usize = 500;

/// The maximum total length of a column and a lane value in an address, in bytes.
pub(super) const CELL_ADDRESS_MAX: usize = 100;

/// The maximum length of the query of a saved view and in the form of a card, in bytes.
pub(super) const BOARD_QUERY_MAX: usize = 300;

/// The maximum number of epics to choose from in a form.
pub(super) const EPICS_MAX: usize = 200;

/// The maximum number of saved views offered.
pub(super) const VIEWS_MAX: usize = 20;

/// The values in the menu of a filter, which are those of most items.
pub(super) const FILTER_VALUES_MAX: usize = 40;

/// The maximum length of the board query that a form returns to, in bytes.
pub(super) const RETURN_QUERY_MAX: usize = 5_000;

/// The number of items on a page of a list.
pub(super) const LIST_ITEMS_MAX: usize = 50;

/// The maximum page number of a list.
pub(super) const LIST_PAGES_MAX: usize = 2_000;

/// The maximum number of search hits.
pub(super) const SEARCH_HITS_MAX: usize = 100;

/// The number of comments shown of an item, the newest ones.
pub(super) const ITEM_COMMENTS_MAX: usize = 100;

/// The messages on the page of an item, the newest.
pub(super) const ITEM_MESSAGES_MAX: usize = 30;

/// The messages on the page of the inbox, the newest.
pub(super) const INBOX_MESSAGES_MAX: usize = 50;

/// The items in review on the page of the inbox.
pub(super) const INBOX_REVIEWS_MAX: usize = 20;

/// The number of operations shown in an item's history.
pub(super) const ITEM_OPERATIONS_MAX: usize = 20;

/// The number of links shown of an item, per kind.
pub(super) const ITEM_LINKS_MAX: usize = 100;

/// The maximum number of diff lines shown.
pub(super) const DIFF_LINES_MAX: usize = 3_000;

/// The maximum length of a diff line, in characters.
pub(super) const DIFF_LINE_MAX: usize = 400;

/// The maximum size of all diff lines shown, in bytes.
pub(super) const DIFF_MAX: usize = 150_000;

/// The most lines of a file that is shown unfolded.
pub(super) const DIFF_FILE_OPEN_MAX: usize = 200;

/// The number of operations on the page of the activity.
pub(super) const ACTIVITY_OPERATIONS_MAX: usize = 50;

/// The operations of a page for which it is tried whether an undo would work, the newest.
pub(super) const UNDOS_MAX: usize = 10;

/// The number of others' last operations that a refusal tells.
pub(super) const CHANGES_TOLD_MAX: usize = 5;

/// The number of items named per operation.
pub(super) const ACTIVITY_ITEMS_MAX: usize = 5;

/// The maximum number of sentences about the changes of an operation.
pub(super) const CHANGES_MAX: usize = 12;

/// The maximum length of a value in such a sentence, in characters.
pub(super) const CHANGE_VALUE_MAX: usize = 80;

/// The maximum number of items in the graph.
pub(super) const GRAPH_ITEMS_MAX: usize = 200;

/// The maximum number of statements shown per document.
pub(super) const PLAN_STATEMENTS_MAX: usize = 2_000;

/// The maximum length of the lines of one statement, in bytes.
pub(super) const PLAN_STATEMENT_MAX: usize = 4_000;

/// The maximum number of groups in a chart.
pub(super) const CHART_GROUPS_MAX: usize = 60;

/// The number of lines in a cost table.
pub(super) const COST_LINES_MAX: usize = 20;

/// The maximum depth of the tree of reservations; the rest of a deeper path is one entry.
pub(super) const RESERVATIONS_DEPTH_MAX: usize = 12;

/// The maximum number of patterns in that tree.
pub(super) const RESERVATIONS_MAX: usize = 1_000;

/// The number of runs listed, the newest ones.
pub(super) const RUNS_MAX: usize = 100;

/// The number of log lines shown of a run.
pub(super) const LOG_LINES_MAX: usize = 200;

/// The maximum length of a text in Markdown that is shown, in bytes.
pub(super) const MARKDOWN_MAX: usize = 200_000;

/// The maximum nesting of elements; deeper ones are shown at this depth.
pub(super) const MARKDOWN_DEPTH_MAX: usize = 24;

/// The maximum length of a line, in characters.
pub(super) const LINE_MAX: usize = 300;

/// The maximum length of a multi-line text, in characters.
pub(super) const BLOCK_MAX: usize = 50_000;

/// The maximum length of a card title, in characters.
pub(super) const CARD_TITLE_MAX: usize = 100;

/// The maximum length of a name on a card, in characters.
pub(super) const CARD_NAME_MAX: usize = 40;

/// The maximum length of a title in a box of the graph, in characters.
pub(super) const GRAPH_TITLE_MAX: usize = 22;

/// The time for which a browser caches an asset (style sheet, script, icon), in seconds.
pub(super) const ASSET_SECONDS_MAX: u32 = 3600;
