//! The patterns of reservations: the text a user gives, normalized and compiled.
//!
//! Pure: no repository, no file system. The matching itself is in [`overlap`].
//!
//! # The language
//!
//! - A pattern is anchored at the repository root. Only one that begins with `./` or `../` is
//!   relative to the folder the user is in.
//! - `*` and `?` stay within a name; they match hidden names like others. `**` (or more stars) as a
//!   whole name matches any number of folders, including none; next to other characters it is a
//!   `*`.
//! - `[a-z]`, `[!x]`, `[^x]`, `[[:digit:]]` match one character. A class without a definite meaning
//!   (`[[=a=]]`, `[[.x.]]`) matches any character.
//! - `{a,b}` matches either, also nested. Without a comma, or without its other half, a brace is a
//!   plain character, as in a shell.
//! - `\` before `*`, `?`, `[`, `]`, `{`, `}`, `,` or `\` makes it literal (so does `\!` at the very
//!   beginning); elsewhere it is the separator of Windows.
//! - Letters are composed (NFC), in patterns and in paths.
//! - A pattern that matches a folder covers everything below it.
//! - Brackets and braces are names, too: `app/[id]/page.tsx` covers the file of that name, besides
//!   `app/i/page.tsx`.

pub mod comparison_budget;
pub mod overlap;
mod syntax;

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use self::comparison_budget::{Answer, Effort};
#[cfg(any(test, feature = "internals"))]
use self::overlap::STEPS;
use self::overlap::{Budget, Case, Name, Segment, Token};
pub(crate) use self::syntax::of_path;
use self::syntax::{Fault, compiled, expanded, expanded_size, lexed, normalized, rendered};
use crate::store::git::composed;

/// Longest pattern, in bytes, before and after normalizing.
pub const MAX_BYTES: usize = 4096;
/// Maximum number of paths that the braces of a pattern may expand to.
pub const MAX_ALTERNATIVES: usize = 256;
/// Maximum number of characters that these paths may have together.
pub(super) const MAX_EXPANDED: usize = 32_768;

/// The reason why a text is not a valid pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing was given, or braces leave nothing (`{,a}`).
    #[error(
        "pattern `{0}` does not name a path: specify one relative to the repository root, such as \
         `src/auth/**`"
    )]
    Empty(String),
    /// `!x`: it would exclude files from other reservations.
    #[error(
        "pattern `{0}` is negated, but a reservation cannot exclude paths: reserve only what you \
         need (a file whose name begins with `!` is written `./!name`)"
    )]
    Negated(String),
    /// `..` leads out of the repository.
    #[error(
        "pattern `{0}` points outside the repository: specify a path relative to the repository \
         root"
    )]
    OutsideRepository(String),
    /// `..` follows a wildcard, so its folder is undefined.
    #[error("pattern `{0}` has `..` after a wildcard: write the path without `..`")]
    ParentOfWildcard(String),
    /// More than [`MAX_BYTES`].
    #[error("pattern `{0}` is longer than {max} bytes: use `**` or several patterns", max = MAX_BYTES)]
    TooLong(String),
    /// The braces expand to more than [`MAX_ALTERNATIVES`] paths, or to paths
    /// that are too long together.
    #[error(
        "pattern `{0}` expands to more than {paths} paths or {chars} characters: \
         use `*` or several patterns",
        paths = MAX_ALTERNATIVES,
        chars = MAX_EXPANDED
    )]
    TooManyAlternatives(String),
    /// NUL, a line break or another control character.
    #[error(
        "pattern `{0}` (or its folder) contains a control character: specify it relative to the \
         repository root, with `?` instead of that character"
    )]
    ControlCharacter(String),
}

/// A reservation pattern, normalized, anchored at the repository root.
///
/// Two patterns are equal, and ordered, by their normalized text.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    files_only: bool,
    /// Each with a last segment for what is below, which `files_only` leaves out.
    alternatives: Arc<[Vec<Segment>]>,
    /// The characters that every matched path has.
    needs: u128,
    /// Set if it was not compiled because the budget was spent: it may match any path.
    unread: bool,
}

impl Pattern {
    /// Normalizes and compiles `text`.
    ///
    /// `prefix` is the folder, from the repository root and with `/`, in which the text was given;
    /// empty at the root. Only a text whose first name is `.` or `..` is relative to it. The text
    /// of a pattern, parsed again, is the same pattern.
    ///
    /// # Errors
    /// When the text is empty, negated, leaves the repository, is too long,
    /// expands to too much, or holds a control character.
    pub fn parse(text: &str, prefix: &str) -> Result<Pattern, PatternError> {
        Pattern::read(text, prefix, None)
    }

    /// As [`Pattern::parse`], for an untrusted text, within the effort; beyond it the pattern may
    /// match any path.
    pub fn parse_within(text: &str, effort: &Effort) -> Result<Pattern, PatternError> {
        Pattern::read(text, "", Some(effort))
    }

    /// The valid patterns of some texts. An invalid one protects nothing.
    pub fn all_within<'t>(
        texts: impl IntoIterator<Item = &'t String>,
        effort: &Effort,
    ) -> Vec<Pattern> {
        let read = |text: &String| Pattern::parse_within(text, effort).ok();
        texts.into_iter().filter_map(read).collect()
    }

    fn read(text: &str, prefix: &str, effort: Option<&Effort>) -> Result<Pattern, PatternError> {
        if effort.is_some_and(|effort| !effort.read(text)) {
            return Ok(Pattern::unread(text));
        }
        if text.trim().is_empty() {
            return Err(PatternError::Empty(shown(text)));
        }
        if text.starts_with('!') {
            return Err(PatternError::Negated(shown(text)));
        }
        let bounded = |candidate: &str| match candidate {
            long if long.len() > MAX_BYTES => Err(PatternError::TooLong(shown(text))),
            odd if odd.contains(char::is_control) => {
                Err(PatternError::ControlCharacter(shown(text)))
            }
            _ => Ok(()),
        };
        bounded(text)?;
        let plain = composed(text);
        let pieces =
            normalized(&lexed(&plain), &composed(prefix)).map_err(|why| why.about(text))?;
        let normal = rendered(&pieces);
        bounded(&normal)?;
        // A name of spaces alone would be refused where the pattern is read again.
        if normal.trim().is_empty() {
            return Err(PatternError::Empty(shown(text)));
        }
        let size = expanded_size(&pieces).map_err(|why| why.about(text))?;
        if effort.is_some_and(|effort| !effort.expand(size)) {
            return Ok(Pattern::unread(text));
        }
        let alternatives: Vec<Vec<Segment>> = expanded(&pieces)
            .and_then(|all| all.iter().map(|one| compiled(one)).collect())
            .map_err(|why| why.about(text))?;
        let needs = alternatives.iter().map(|one| needs(one));
        Ok(Pattern {
            text: normal,
            files_only: false,
            needs: needs.reduce(|all, one| all & one).unwrap_or_default(),
            alternatives: alternatives.into(),
            unread: false,
        })
    }

    /// A pattern that is not compiled because the effort is spent: it may match any path.
    fn unread(text: &str) -> Pattern {
        Pattern {
            text: text.to_string(),
            files_only: false,
            alternatives: Arc::new([vec![Segment::AnyDepth]]),
            needs: 0,
            unread: true,
        }
    }

    /// The normalized text: from the root, separated by `/`, without `.`, `..`
    /// and a final `/`. The whole repository is `**`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The one path that it names, without escapes, when it has no wildcard.
    pub fn literal_path(&self) -> Option<String> {
        let [segments] = &*self.alternatives else {
            return None;
        };
        let mut path = String::new();
        for segment in &segments[..segments.len() - 1] {
            let Segment::Name(Name {
                glob,
                verbatim: None,
            }) = segment
            else {
                return None;
            };
            if !path.is_empty() {
                path.push('/');
            }
            for token in glob {
                let Token::Char(ch) = token else {
                    return None;
                };
                path.push(*ch);
            }
        }
        (!path.is_empty()).then_some(path)
    }

    /// The same pattern for known files: there is nothing below the paths it matches.
    ///
    /// A pattern knows no tree, so `src/auth.rs` could be a folder and hold `src/auth.rs/x.md`,
    /// which makes it overlap with `**/*.md`. A caller that knows from the tree that it is a file
    /// uses this.
    pub fn files_only(mut self) -> Pattern {
        self.files_only |= !self.unread;
        self
    }

    /// As [`Pattern::files_only`], for those of some patterns that name one of the `files`.
    pub(crate) fn with_files(patterns: Vec<Pattern>, files: &[String]) -> Vec<Pattern> {
        let files: HashSet<&str> = files.iter().map(String::as_str).collect();
        let known = |pattern: Pattern| match files.contains(pattern.text()) {
            true => pattern.files_only(),
            false => pattern,
        };
        patterns.into_iter().map(known).collect()
    }

    /// True if the pattern covers this path.
    ///
    /// `path` is from the repository root, separated by `/`, its bytes decoded
    /// lossily. Takes at most (length of the expanded pattern × length of the
    /// path) steps.
    pub fn matches(&self, path: &str, case: Case) -> bool {
        self.matches_composed(&composed(path), case, &mut Budget::new(u64::MAX))
    }

    /// As [`Pattern::matches`], within the effort.
    pub(crate) fn matches_within(&self, path: &Path<'_>, case: Case, effort: &Effort) -> Answer {
        if self.needs & !path.holds != 0 {
            effort.take(1);
            return Answer::No;
        }
        effort.ask(u64::MAX, self.unread, |budget| {
            self.matches_composed(&path.text, case, budget)
        })
    }

    fn matches_composed(&self, path: &str, case: Case, budget: &mut Budget) -> bool {
        let names_something = path.contains(|ch| ch != '/');
        let mut ways = self.segments();
        names_something && ways.any(|one| overlap::matches(one, path, case, budget))
    }

    /// True if some path could match both.
    ///
    /// Symmetric. Exact for everything the language has a definite meaning for; true where it has
    /// none, and for a pair of patterns that is too large to be decided in a tenth of a second.
    #[cfg(any(test, feature = "internals"))]
    pub fn overlaps(&self, other: &Pattern, case: Case) -> bool {
        // In a fixed order: otherwise one direction could be given up and the
        // other be decided.
        self.overlaps_in(other, case, &mut Budget::new(STEPS))
    }

    /// As [`Pattern::overlaps`], within the effort.
    pub fn overlaps_within(&self, other: &Pattern, case: Case, effort: &Effort) -> Answer {
        let unread = self.unread || other.unread;
        effort.ask(comparison_budget::PAIR, unread, |budget| {
            self.overlaps_in(other, case, budget)
        })
    }

    fn overlaps_in(&self, other: &Pattern, case: Case, budget: &mut Budget) -> bool {
        let (a, b) = if self <= other {
            (self, other)
        } else {
            (other, self)
        };
        overlap::overlap(a.segments(), b.segments(), case, budget)
    }

    /// True if this pattern certainly covers every path of the other one. Decided only for a
    /// literal pattern and what lies below it; false for all others.
    pub fn covers(&self, other: &Pattern, case: Case, effort: &Effort) -> bool {
        let path = other.literal_path();
        path.is_some_and(|path| self.matches_within(&Path::new(&path), case, effort) == Answer::Yes)
    }

    fn segments(&self) -> impl Iterator<Item = &[Segment]> + Clone {
        // The last segment is the one that covers what is below.
        let left_out = usize::from(self.files_only);
        let all = self.alternatives.iter();
        all.map(move |one| &one[..one.len() - left_out])
    }

    fn key(&self) -> (&str, bool) {
        (&self.text, self.files_only)
    }
}

/// The characters that each path has that these segments match.
fn needs(segments: &[Segment]) -> u128 {
    let names = segments.iter().filter_map(|segment| match segment {
        Segment::Name(Name {
            glob,
            verbatim: None,
        }) => Some(glob),
        _ => None,
    });
    let bits = names.flatten().map(|token| match token {
        Token::Char(ch) => bit(*ch),
        _ => 0,
    });
    bits.fold(0, |all, bit| all | bit)
}

/// A path prepared for comparison with patterns.
pub(crate) struct Path<'p> {
    text: std::borrow::Cow<'p, str>,
    /// The characters in it, in lower case.
    holds: u128,
}

impl<'p> Path<'p> {
    pub(crate) fn new(path: &'p str) -> Path<'p> {
        let text = composed(path);
        let holds = text.chars().map(bit).fold(0, |all, bit| all | bit);
        Path { text, holds }
    }
}

/// The bit of a character among those that are compared: ASCII, in lower case. Letters that a
/// non-ASCII character folds to (the Kelvin sign) have none.
fn bit(ch: char) -> u128 {
    match ch {
        'K' | 'k' | 'S' | 's' => 0,
        ch if ch.is_ascii() => 1 << ch.to_ascii_lowercase() as u32,
        _ => 0,
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).finish()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// True if this text looks like a path or a pattern, rather than like words with a slash between
/// them (`planning/execution`, `XS/S/M`, `13714/2m`).
///
/// That is the case if it has a glob metacharacter (`*`, `?`, `[`, `{`), ends in a separator,
/// begins with a dot, has a hidden name (`config/.env`), or if its last name ends in something like
/// an extension: a dot, a letter, and up to nine more letters, digits, `_` or `-` (`main.rs`, not
/// `v1.2`).
///
/// A heuristic: the caller also accepts what exists in the tree, and what the user declares as new.
pub fn looks_like_path(text: &str) -> bool {
    let separator = ['/', '\\'];
    if text.contains(['*', '?', '[', '{']) || text.ends_with(separator) || text.starts_with('.') {
        return true;
    }
    let hidden = |name: &str| {
        name.strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
    };
    let extended = |name: &str| {
        name.rsplit_once('.').is_some_and(|(stem, extension)| {
            !stem.is_empty()
                && extension.chars().count() <= 10
                && extension.starts_with(char::is_alphabetic)
                && extension
                    .chars()
                    .all(|ch| ch.is_alphanumeric() || ch == '_' || ch == '-')
        })
    };
    text.split(separator).any(hidden) || text.rsplit(separator).next().is_some_and(extended)
}

impl Fault {
    /// The error to report, once it is known which text is wrong.
    fn about(self, text: &str) -> PatternError {
        match self {
            Fault::Empty => PatternError::Empty(shown(text)),
            Fault::Outside => PatternError::OutsideRepository(shown(text)),
            Fault::AfterWildcard => PatternError::ParentOfWildcard(shown(text)),
            Fault::TooMany => PatternError::TooManyAlternatives(shown(text)),
        }
    }
}

/// A pattern as a message shows it: short, and without control characters.
fn shown(text: &str) -> String {
    const ENOUGH: usize = 80;
    let mut short: String = text.chars().take(ENOUGH).flat_map(printable).collect();
    if text.chars().nth(ENOUGH).is_some() {
        short.push('…');
    }
    short
}

fn printable(ch: char) -> impl Iterator<Item = char> {
    let escaped = ch.is_control().then(|| ch.escape_default());
    let plain = escaped.is_none().then_some(ch);
    escaped.into_iter().flatten().chain(plain)
}
