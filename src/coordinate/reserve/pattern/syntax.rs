//! Parsing of patterns, from their text to what [`super::overlap`] compares.
//!
//! The steps of [`super::Pattern::parse`], the only caller, in order:
//! [`lexed`], [`normalized`], [`expanded_size`], [`expanded`], [`compiled`]. Pure, and without
//! recursion: a text of 4096 bytes can nest braces a thousand deep. The
//! language is described in [`super`].

use std::sync::Arc;

use super::overlap::{CharSet, Name, Segment, Token};
use super::{MAX_ALTERNATIVES, MAX_EXPANDED};

/// An error in a pattern, without its text.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    Empty,
    Outside,
    AfterWildcard,
    TooMany,
}

/// One element of a pattern's text.
#[derive(Clone)]
pub(super) enum Piece {
    /// A plain character; escaped when written with a `\` before it.
    Char {
        ch: char,
        escaped: bool,
    },
    Separator,
    Star,
    Any,
    Class(Arc<Class>),
    /// `{`, of a group that is expanded.
    Open,
    /// `,` of such a group.
    Comma,
    /// `}` of such a group.
    Close,
}

impl Piece {
    fn plain(ch: char) -> Piece {
        Piece::Char { ch, escaped: false }
    }

    /// Its length in characters in comparisons.
    fn size(&self) -> usize {
        match self {
            Piece::Class(class) => class.verbatim.len(),
            _ => 1,
        }
    }
}

/// A bracket expression.
pub(super) struct Class {
    set: Arc<CharSet>,
    /// As written, escapes included.
    raw: String,
    /// The name when its brackets are plain characters.
    verbatim: Vec<char>,
}

/// Splits a text into pieces; brackets and braces that have no other half, and
/// braces without a comma, come out as plain characters.
pub(super) fn lexed(text: &str) -> Vec<Piece> {
    let chars: Vec<char> = text.chars().collect();
    let mut pieces = Vec::with_capacity(chars.len());
    // The start of each open group, and the positions of its commas.
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut at = 0;
    while let Some(&ch) = chars.get(at) {
        at += 1;
        let here = pieces.len();
        let piece = match ch {
            '/' => Piece::Separator,
            '*' => Piece::Star,
            '?' => Piece::Any,
            '\\' => match chars.get(at) {
                Some(&ch) if "*?[]{},\\".contains(ch) || (ch == '!' && at == 1) => {
                    at += 1;
                    Piece::Char { ch, escaped: true }
                }
                _ => Piece::Separator,
            },
            '[' => match class(&chars, at) {
                Some((class, end)) => {
                    at = end;
                    Piece::Class(Arc::new(class))
                }
                None => Piece::plain(ch),
            },
            '{' => {
                open.push((here, Vec::new()));
                Piece::plain(ch)
            }
            ',' => {
                if let Some((_, commas)) = open.last_mut() {
                    commas.push(here);
                }
                Piece::plain(ch)
            }
            '}' => match open.pop() {
                Some((start, commas)) if !commas.is_empty() => {
                    pieces[start] = Piece::Open;
                    commas
                        .into_iter()
                        .for_each(|comma| pieces[comma] = Piece::Comma);
                    Piece::Close
                }
                _ => Piece::plain(ch),
            },
            _ => Piece::plain(ch),
        };
        pieces.push(piece);
    }
    pieces
}

/// Reads the bracket expression whose `[` is before `start`; with the position of its end. None
/// when it does not end within its name: then `[` is a character.
fn class(chars: &[char], start: usize) -> Option<(Class, usize)> {
    let negated = matches!(chars.get(start), Some('!' | '^'));
    let first = start + usize::from(negated);
    let (mut at, mut listed, mut undecidable) = (first, Vec::new(), false);
    loop {
        if chars.get(at) == Some(&']') && at > first {
            break;
        }
        if let Some((end, kind)) = named_class(chars, at) {
            match kind {
                Some(ranges) => listed.extend_from_slice(ranges),
                None => undecidable = true,
            }
            at = end;
            continue;
        }
        let (low, after) = class_char(chars, at)?;
        at = after;
        let mut high = low;
        // A `-` before the closing bracket is itself.
        if chars.get(at) == Some(&'-') && chars.get(at + 1).is_some_and(|next| *next != ']') {
            (high, at) = class_char(chars, at + 1)?;
        }
        // A range that runs backwards has no members. It is not an error: a folder may well be
        // called `[user-id]`.
        if low <= high {
            listed.push((low, high));
        }
    }
    let set = match undecidable {
        true => CharSet::new([], true),
        false => CharSet::new(listed, negated),
    };
    let inner = &chars[start..at];
    let mut verbatim = vec!['['];
    let mut escaped = false;
    for &ch in inner {
        escaped = ch == '\\' && !escaped;
        if !escaped {
            verbatim.push(ch);
        }
    }
    verbatim.push(']');
    let raw = format!("[{}]", inner.iter().collect::<String>());
    Some((
        Class {
            set: Arc::new(set),
            raw,
            verbatim,
        },
        at + 1,
    ))
}

/// One character within brackets, and the position after it. None where the name (or the text)
/// ends.
fn class_char(chars: &[char], at: usize) -> Option<(char, usize)> {
    match (*chars.get(at)?, chars.get(at + 1)) {
        ('/', _) => None,
        ('\\', Some(&ch)) if "*?[]{},\\!^-".contains(ch) => Some((ch, at + 2)),
        ('\\', _) => None,
        (ch, _) => Some((ch, at + 1)),
    }
}

/// The inclusive ranges of characters of a named class.
type CharRanges = &'static [(char, char)];

/// `[:digit:]`, `[=a=]` and `[.x.]` within brackets: the position of its end, and its characters if
/// they are known (POSIX, in the C locale, as git has them).
fn named_class(chars: &[char], at: usize) -> Option<(usize, Option<CharRanges>)> {
    let (Some('['), Some(&mark @ (':' | '=' | '.'))) = (chars.get(at), chars.get(at + 1)) else {
        return None;
    };
    let inner = chars.get(at + 2..)?;
    // No name is longer, and a hostile text must not be searched to its end from each of its
    // brackets.
    let length = inner
        .windows(2)
        .take(16)
        .position(|pair| pair == [mark, ']'])?;
    let name: String = inner[..length].iter().collect();
    if name.contains(['/', '\\', ']']) {
        return None;
    }
    let ranges: Option<CharRanges> = match name.as_str() {
        _ if mark != ':' => None,
        "alnum" => Some(&[('0', '9'), ('A', 'Z'), ('a', 'z')]),
        "alpha" => Some(&[('A', 'Z'), ('a', 'z')]),
        "blank" => Some(&[(' ', ' '), ('\t', '\t')]),
        "cntrl" => Some(&[('\0', '\x1F'), ('\x7F', '\x7F')]),
        "digit" => Some(&[('0', '9')]),
        "graph" => Some(&[('!', '~')]),
        "lower" => Some(&[('a', 'z')]),
        "print" => Some(&[(' ', '~')]),
        "punct" => Some(&[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
        "space" => Some(&[('\t', '\r'), (' ', ' ')]),
        "upper" => Some(&[('A', 'Z')]),
        "xdigit" => Some(&[('0', '9'), ('A', 'F'), ('a', 'f')]),
        _ => None,
    };
    Some((at + 2 + length + 2, ranges))
}

/// The characters with a meaning of their own in a pattern.
const SPECIAL: &str = "*?[{\\";

/// A path as a pattern that matches only it.
pub(crate) fn of_path(path: &str) -> String {
    let mut out = String::new();
    for (at, c) in path.char_indices() {
        if SPECIAL.contains(c) || (at == 0 && c == '!') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Anchors a pattern at the root; removes `.`, `..` and empty names.
pub(super) fn normalized(pieces: &[Piece], prefix: &str) -> Result<Vec<Piece>, Fault> {
    let names = split(pieces);
    let relative = names
        .first()
        .is_some_and(|first| is_dots(first, 1) || is_dots(first, 2));
    let mut base = Vec::new();
    if relative {
        // The name of the folder is not a pattern.
        let literal = |ch| match ch {
            '/' => Piece::Separator,
            ch => Piece::Char {
                ch,
                escaped: SPECIAL.contains(ch),
            },
        };
        base.extend(prefix.chars().map(literal));
        base.push(Piece::Separator);
    }
    let base = split(&base);
    let kept = resolved(base.into_iter().chain(names))?;
    let mut joined = kept.join(&Piece::Separator);
    if joined.is_empty() {
        joined = vec![Piece::Star, Piece::Star];
    }
    if let Some(Piece::Char { ch: '!', escaped }) = joined.first_mut() {
        // Otherwise it would be a negation when it is read again.
        *escaped = true;
    }
    Ok(joined)
}

/// The names of a pattern; a group of braces is part of one, with the
/// separators that it holds.
fn split(pieces: &[Piece]) -> Vec<&[Piece]> {
    let mut depth = 0_usize;
    pieces
        .split(|piece| {
            match piece {
                Piece::Open => depth += 1,
                Piece::Close => depth -= 1,
                _ => {}
            }
            depth == 0 && matches!(piece, Piece::Separator)
        })
        .collect()
}

/// Follows `.` and `..`.
fn resolved<'a>(names: impl IntoIterator<Item = &'a [Piece]>) -> Result<Vec<&'a [Piece]>, Fault> {
    let mut kept: Vec<&[Piece]> = Vec::new();
    for name in names {
        if name.is_empty() || is_dots(name, 1) {
            continue;
        }
        if is_dots(name, 2) {
            let parent = kept.pop().ok_or(Fault::Outside)?;
            if !parent
                .iter()
                .all(|piece| matches!(piece, Piece::Char { .. }))
            {
                return Err(Fault::AfterWildcard);
            }
        } else if !(is_any_depth(name) && kept.last().is_some_and(|last| is_any_depth(last))) {
            kept.push(name);
        }
    }
    Ok(kept)
}

/// True if the name consists of this many dots.
fn is_dots(name: &[Piece], count: usize) -> bool {
    name.len() == count
        && name
            .iter()
            .all(|piece| matches!(piece, Piece::Char { ch: '.', .. }))
}

/// True if the name is `**`.
fn is_any_depth(name: &[Piece]) -> bool {
    name.len() > 1 && name.iter().all(|piece| matches!(piece, Piece::Star))
}

/// The text that these pieces were read from.
pub(super) fn rendered(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Char { ch, escaped } => {
                text.extend(escaped.then_some('\\'));
                text.push(*ch);
            }
            Piece::Class(class) => text.push_str(&class.raw),
            Piece::Separator => text.push('/'),
            Piece::Star => text.push('*'),
            Piece::Any => text.push('?'),
            Piece::Open => text.push('{'),
            Piece::Comma => text.push(','),
            Piece::Close => text.push('}'),
        }
    }
    text
}

/// The total length in characters of the paths that the braces expand to, before the expansion; 0
/// without braces.
pub(super) fn expanded_size(pieces: &[Piece]) -> Result<usize, Fault> {
    // The number of texts and their total number of characters: of the finished alternatives of a
    // group, and of the one being written.
    type Texts = (usize, usize);
    let mut outer: Vec<(Texts, Texts)> = Vec::new();
    let (mut finished, mut current): (Texts, Texts) = ((0, 0), (1, 0));
    for piece in pieces {
        match piece {
            Piece::Open => {
                outer.push((finished, current));
                (finished, current) = ((0, 0), (1, 0));
            }
            Piece::Comma => {
                finished = (finished.0 + current.0, finished.1 + current.1);
                current = (1, 0);
            }
            Piece::Close => {
                let group = (finished.0 + current.0, finished.1 + current.1);
                let before;
                (finished, before) = outer.pop().unwrap_or_default();
                current = (before.0 * group.0, before.1 * group.0 + before.0 * group.1);
            }
            plain => current.1 += current.0 * plain.size(),
        }
        if finished.0 + current.0 > MAX_ALTERNATIVES {
            return Err(Fault::TooMany);
        }
    }
    match current {
        (_, size) if size > MAX_EXPANDED => Err(Fault::TooMany),
        (1, _) => Ok(0),
        (_, size) => Ok(size),
    }
}

/// Expands the braces, whose number [`expanded_size`] limits. The result includes the reading in
/// which they are plain characters of a name.
///
/// Without recursion: a stack holds, for each open group, the finished alternatives and the ones
/// being written.
pub(super) fn expanded(pieces: &[Piece]) -> Result<Vec<Vec<Piece>>, Fault> {
    type Texts = Vec<Vec<Piece>>;
    let mut outer: Vec<(Texts, Texts)> = Vec::new();
    let (mut finished, mut current): (Texts, Texts) = (Vec::new(), vec![Vec::new()]);
    for piece in pieces {
        match piece {
            Piece::Open => {
                outer.push((finished, current));
                (finished, current) = (Vec::new(), vec![Vec::new()]);
            }
            Piece::Comma => finished.append(&mut std::mem::replace(&mut current, vec![Vec::new()])),
            Piece::Close => {
                finished.append(&mut current);
                let group = finished;
                let before;
                (finished, before) = outer.pop().unwrap_or_default();
                current = before
                    .iter()
                    .flat_map(|start| group.iter().map(|end| [start.as_slice(), end].concat()))
                    .collect();
            }
            plain => current.iter_mut().for_each(|text| text.push(plain.clone())),
        }
    }
    if current.iter().any(Vec::is_empty) {
        return Err(Fault::Empty);
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::Open)) {
        let verbatim: Vec<Piece> = pieces.iter().map(without_braces).collect();
        // A name that is empty or made of dots is in no tree.
        if !split(&verbatim)
            .iter()
            .any(|name| name.is_empty() || is_dots(name, 1) || is_dots(name, 2))
        {
            current.push(verbatim);
        }
    }
    Ok(current)
}

fn without_braces(piece: &Piece) -> Piece {
    match piece {
        Piece::Open => Piece::plain('{'),
        Piece::Comma => Piece::plain(','),
        Piece::Close => Piece::plain('}'),
        other => other.clone(),
    }
}

/// Compiles a pattern without groups so that it also covers what is below.
pub(super) fn compiled(pieces: &[Piece]) -> Result<Vec<Segment>, Fault> {
    let names = resolved(split(pieces))?;
    let mut segments: Vec<Segment> = names.into_iter().map(segment).collect();
    if segments.is_empty() {
        segments.push(Segment::AnyDepth);
    }
    segments.push(Segment::AnyDepth);
    Ok(segments)
}

fn segment(name: &[Piece]) -> Segment {
    if is_any_depth(name) {
        return Segment::AnyDepth;
    }
    let (mut glob, mut verbatim): (Vec<Token>, Vec<Token>) = (Vec::new(), Vec::new());
    for piece in name {
        let token = match piece {
            Piece::Class(class) => {
                glob.push(Token::Set(Arc::clone(&class.set)));
                verbatim.extend(class.verbatim.iter().copied().map(Token::Char));
                continue;
            }
            Piece::Star if matches!(glob.last(), Some(Token::Star)) => continue,
            Piece::Star => Token::Star,
            Piece::Any => Token::Any,
            Piece::Char { ch, .. } => Token::Char(*ch),
            // Split off and expanded before.
            Piece::Separator | Piece::Open | Piece::Comma | Piece::Close => continue,
        };
        glob.push(token.clone());
        verbatim.push(token);
    }
    let has_class = glob.iter().any(|token| matches!(token, Token::Set(_)));
    Segment::Name(Name {
        glob,
        verbatim: has_class.then_some(verbatim),
    })
}
