//! The limits of learnings: lengths of their texts and lists, and how many are shown or searched.

/// The longest title of a learning, in characters.
pub(super) const TITLE_MAX: usize = 300;

/// The longest tag of a learning, in characters.
pub(super) const TAG_MAX: usize = 80;

/// The longest situation, symptom or reason, in characters.
pub(super) const LINE_MAX: usize = 500;

/// The maximum number of paths, tags or other elements of a list of a learning.
pub(super) const LIST_MAX: usize = 100;

/// The largest text of a learning, in bytes.
pub(super) const TEXT_MAX: usize = 256 * 1024;

/// The number of characters of a title in the first line of a commit message.
pub(super) const SUBJECT_MAX: usize = 120;

/// The number of hits of a search that names no other.
pub(crate) const SEARCH_HITS_DEFAULT: usize = 10;

/// The most hits that have none of the words: more would hide how few have them.
pub(super) const RELATED_HITS_MAX: usize = 2;

/// The maximum number of learnings that are shown when an item is started.
pub(super) const NEARBY_MAX: usize = 3;

/// The maximum number of learnings that are compared in full with an item that is started.
pub(super) const NEARBY_COMPARED_MAX: usize = 1_000;

/// The maximum number of uses shown for one learning.
pub(super) const USES_MAX: usize = 100;

/// The maximum number of candidates listed in an error about an ambiguous id.
pub(super) const CANDIDATES_MAX: usize = 5;
