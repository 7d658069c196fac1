//! The limits of the live board: how much it loads, lists and lays out, and how often it looks for changes.

use std::time::Duration;

/// The interval at which the ref of the state is polled.
pub const REF_POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The interval at which leases and ages are recomputed even without a change.
pub const AGES_INTERVAL: Duration = Duration::from_secs(60);

/// The maximum number of events handled before the screen is redrawn.
pub const EVENTS_AT_ONCE_MAX: usize = 64;

/// The interval at which signals and the loss of the terminal are polled for.
pub const SIGNAL_POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The number of cards per cell loaded for the first frame: more than fit on a screen.
pub const FIRST_CARDS_MAX: usize = 200;

/// The maximum number of hits kept for a jump.
pub const JUMP_HITS_MAX: usize = 100;

/// The maximum number of characters of a text that are compared for a jump.
pub const JUMP_COMPARED_MAX: usize = 200;

/// The maximum length of a text that is typed or pasted, in bytes, which is that of a comment; what goes beyond
/// it is refused whole.
pub const INPUT_MAX: usize = 1024 * 1024;

/// How long after Enter further keys still come from the same paste, where the terminal does not mark one.
pub const BURST: Duration = Duration::from_millis(5);

/// The number of rows that a page key moves by.
pub const PAGE_ROWS: isize = 10;

/// The maximum number of operations in the activity tab.
pub const ACTIVITY_OPERATIONS_MAX: usize = 200;

/// The maximum indent of the tree, as a hostile state could have any depth.
pub const TREE_INDENT_MAX: usize = 40;

/// The maximum number of lines of the details that are laid out.
pub const DETAIL_LINES_MAX: usize = 10_000;

/// The maximum number of characters shown of a line of the details.
pub const DETAIL_LINE_MAX: usize = 4_000;

/// The maximum width to which a column of a list is aligned.
pub const ALIGNED_MAX: usize = 40;

/// The smallest screen that the board is drawn on.
pub const SMALLEST: (u16, u16) = (40, 10);

/// The width from which the details are beside the board.
pub const BESIDE: u16 = 120;

/// The greatest width of the details beside the board, for lines that are easily read.
pub const PANE: u16 = 80;
