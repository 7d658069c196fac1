//! The two queries on compiled patterns: the coverage of a path, and the existence of a path that both cover.
//!
//! Pure: values in, a yes or no out. The patterns were parsed, normalized and brace-expanded by
//! [`super`], its only caller.
//!
//! A path is a sequence of names and a name is a sequence of characters; at
//! both levels a pattern is a sequence of *items* of which some are stars
//! (`**` between names, `*` within one) and the others stand for exactly one
//! element. So both levels share the two algorithms below: `covers`, the
//! usual greedy wildcard matching that returns to the latest star, and
//! `meet`, a dynamic program over the product of two patterns, which is the
//! emptiness test for the intersection of two regular languages.

use std::sync::{Arc, OnceLock};

/// The treatment of `A` and `a`, as `core.ignorecase` of the repository says.
///
/// Folding is by simple Unicode lowercase, one character at a time: a character whose lowercase is
/// longer than one character (`İ`) stays as it is, `ß` is not `ss`, and characters are not
/// normalized (a composed `é` is not `e` with an accent).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Case {
    /// `README.md` and `readme.md` are two files.
    Sensitive,
    /// They are one file.
    Folded,
}

impl Case {
    /// The character that stands for `ch` and all its cases.
    pub(crate) fn fold(self, ch: char) -> char {
        match self {
            Case::Sensitive => ch,
            Case::Folded if ch.is_ascii() => ch.to_ascii_lowercase(),
            Case::Folded => {
                let mut lower = ch.to_lowercase();
                match (lower.next(), lower.next()) {
                    (Some(one), None) => one,
                    _ => ch,
                }
            }
        }
    }

    /// True if this is the character to which [`Case::fold`] maps all its cases.
    fn represents(self, ch: char) -> bool {
        self.fold(ch) == ch
    }
}

/// The number of steps after which an overlap is assumed instead of computed.
///
/// About a tenth of a second, optimized. Patterns that people write need a few hundred; the limit
/// is for pairs of patterns made to be slow.
#[cfg(any(test, feature = "internals"))]
pub(super) const STEPS: u64 = 1 << 24;

/// The remainder of [`STEPS`]; once it is spent, every answer is yes.
pub(super) struct Budget(u64);

impl Budget {
    /// A budget of this many steps.
    pub(super) fn new(steps: u64) -> Budget {
        Budget(steps)
    }

    /// The steps that are left.
    pub(super) fn left(&self) -> u64 {
        self.0
    }

    /// Takes `steps`; false when there are none left.
    fn spend(&mut self, steps: usize) -> bool {
        self.0 = self.0.saturating_sub(steps as u64);
        self.0 > 0
    }
}

/// Inclusive ranges of code points, sorted and disjoint.
type Ranges = Vec<(u32, u32)>;

/// Every character that a name can hold: all but NUL and `/`, and the surrogates, which are not
/// characters.
const NAME_CHARS: [(u32, u32); 3] = [(0x01, 0x2E), (0x30, 0xD7FF), (0xE000, 0x10_FFFF)];

/// Beyond this code point Unicode has no cased letters (the last ones are
/// Adlam, U+1E900 to U+1E943); a test compares with all of Unicode.
const LAST_CASED: u32 = 0x1_FFFF;

/// The characters of a class such as `[a-z]` or `[!x]`.
#[derive(Debug)]
pub(super) struct CharSet {
    /// The ranges between the brackets, as given.
    listed: Ranges,
    /// `[!…]`: everything but what is listed.
    negated: bool,
    /// The members, when case matters.
    sensitive: OnceLock<Ranges>,
    /// The members, when it does not. Only characters that stand for their
    /// cases count; others may be in here and mean nothing.
    folded: OnceLock<Ranges>,
}

impl CharSet {
    /// The set of `listed` inclusive ranges, or all others when `negated`.
    pub(super) fn new(listed: impl IntoIterator<Item = (char, char)>, negated: bool) -> Self {
        let listed = listed
            .into_iter()
            .map(|(low, high)| (low as u32, high as u32));
        CharSet {
            listed: union(listed.collect()),
            negated,
            sensitive: OnceLock::new(),
            folded: OnceLock::new(),
        }
    }

    /// The members within a name, each standing for all its cases.
    fn members(&self, case: Case) -> &Ranges {
        match case {
            Case::Sensitive => self
                .sensitive
                .get_or_init(|| self.within_names(&self.listed)),
            Case::Folded => self.folded.get_or_init(|| {
                let mut listed = self.listed.clone();
                listed.extend(self.listed.iter().flat_map(|range| lowercase(*range)));
                self.within_names(&union(listed))
            }),
        }
    }

    /// `listed`, or its complement, cut to what a name can hold.
    fn within_names(&self, listed: &[(u32, u32)]) -> Ranges {
        if !self.negated {
            return common(listed, &NAME_CHARS).collect();
        }
        let mut others = Ranges::new();
        let mut from = 0;
        for (low, high) in listed {
            if from < *low {
                others.push((from, low - 1));
            }
            from = high + 1;
        }
        others.push((from, u32::MAX));
        common(&others, &NAME_CHARS).collect()
    }

    /// True if `ch` (or another case of it) is a member.
    fn contains(&self, ch: char, case: Case) -> bool {
        let members = self.members(case);
        let code = case.fold(ch) as u32;
        let after = members.partition_point(|(_, high)| *high < code);
        members.get(after).is_some_and(|(low, _)| *low <= code)
    }

    /// True if it has a member that is also in `others`.
    fn meets(&self, others: &[(u32, u32)], case: Case, budget: &mut Budget) -> bool {
        let members = self.members(case);
        // Without budget for the comparison, the answer is the conservative one.
        if !budget.spend(members.len() + others.len()) {
            return true;
        }
        common(members, others).any(|(low, high)| {
            case == Case::Sensitive
                || (low..=high)
                    .filter_map(char::from_u32)
                    .any(|ch| !budget.spend(1) || case.represents(ch))
        })
    }
}

/// Sorts ranges and joins those that touch.
fn union(mut ranges: Ranges) -> Ranges {
    ranges.sort_unstable();
    let mut joined = Ranges::with_capacity(ranges.len());
    for (low, high) in ranges {
        match joined.last_mut() {
            Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
            _ => joined.push((low, high)),
        }
    }
    joined
}

/// The intersection of two sorted lists of ranges, in order.
fn common<'a>(a: &'a [(u32, u32)], b: &'a [(u32, u32)]) -> impl Iterator<Item = (u32, u32)> + 'a {
    let (mut i, mut j) = (0, 0);
    std::iter::from_fn(move || {
        while let (Some(&(a_low, a_high)), Some(&(b_low, b_high))) = (a.get(i), b.get(j)) {
            // The range that ends first cannot meet any later one.
            if a_high <= b_high {
                i += 1;
            } else {
                j += 1;
            }
            let (low, high) = (a_low.max(b_low), a_high.min(b_high));
            if low <= high {
                return Some((low, high));
            }
        }
        None
    })
}

/// The lowercase of the uppercase letters within a range.
fn lowercase(range: (u32, u32)) -> Ranges {
    static CASED: OnceLock<Vec<(u32, u32)>> = OnceLock::new();
    let (low, high) = range;
    let pairs = |from: u32, to: u32| {
        (from..=to).filter_map(char::from_u32).filter_map(|ch| {
            let lower = Case::Folded.fold(ch);
            (lower != ch).then_some((ch as u32, lower as u32))
        })
    };
    let mut lower: Vec<u32> = pairs(low, high.min(0x7F)).map(|pair| pair.1).collect();
    if high > 0x7F {
        // Walking all of Unicode takes some milliseconds: done once, and only for a class that goes
        // beyond ASCII.
        let cased = CASED.get_or_init(|| pairs(0x80, LAST_CASED).collect());
        let from = cased.partition_point(|pair| pair.0 < low);
        let within = cased[from..].iter().take_while(|pair| pair.0 <= high);
        lower.extend(within.map(|pair| pair.1));
    }
    lower.into_iter().map(|code| (code, code)).collect()
}

/// One item of the pattern of a name.
#[derive(Clone, Debug)]
pub(super) enum Token {
    Char(char),
    /// `?`: any one character.
    Any,
    /// `*`: any characters, also none.
    Star,
    /// A class: one of its characters.
    Set(Arc<CharSet>),
}

impl Token {
    fn is_star(&self) -> bool {
        matches!(self, Token::Star)
    }

    fn accepts(&self, ch: char, case: Case) -> bool {
        match self {
            Token::Char(own) => case.fold(*own) == case.fold(ch),
            Token::Any | Token::Star => true,
            Token::Set(set) => set.contains(ch, case),
        }
    }

    /// True if some character is accepted by both. (Neither is a star.)
    fn meets(&self, other: &Token, case: Case, budget: &mut Budget) -> bool {
        match (self, other) {
            (Token::Char(ch), token) | (token, Token::Char(ch)) => token.accepts(*ch, case),
            (Token::Set(a), Token::Set(b)) => a.meets(b.members(case), case, budget),
            (Token::Set(set), _) | (_, Token::Set(set)) => set.meets(&NAME_CHARS, case, budget),
            _ => true,
        }
    }
}

/// The pattern of one name, in the one or two ways it can be read.
#[derive(Clone, Debug)]
pub(super) struct Name {
    /// Read as a glob.
    pub(super) glob: Vec<Token>,
    /// Read with its brackets as plain characters, when it has a class: there are files called
    /// `[id].tsx`, and a reservation of one means that file.
    pub(super) verbatim: Option<Vec<Token>>,
}

impl Name {
    fn readings(&self) -> impl Iterator<Item = &[Token]> {
        std::iter::once(self.glob.as_slice()).chain(self.verbatim.as_deref())
    }

    fn matches(&self, name: &str, case: Case, budget: &mut Budget) -> bool {
        self.readings().any(|tokens| {
            covers(
                tokens,
                name.chars(),
                Token::is_star,
                budget,
                |token, ch, _| token.accepts(*ch, case),
            )
        })
    }

    fn meets(&self, other: &Name, case: Case, budget: &mut Budget) -> bool {
        self.readings().any(|a| {
            other.readings().any(|b| {
                meet(a, b, Token::is_star, budget, |a, b, budget| a.meets(b, case, budget))
                    // A star matches whatever the other pattern has there, so classes without
                    // members are ruled out separately.
                    && a.iter().chain(b).all(|token| match token {
                        Token::Set(set) => set.meets(&NAME_CHARS, case, budget),
                        _ => true,
                    })
            })
        })
    }
}

/// One item of the pattern of a path.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    /// `**`: any number of names, also none.
    AnyDepth,
    Name(Name),
}

impl Segment {
    fn is_any_depth(&self) -> bool {
        matches!(self, Segment::AnyDepth)
    }
}

/// True if the pattern accepts this path, from the root to its last name. Also true when the budget
/// is spent.
pub(super) fn matches(pattern: &[Segment], path: &str, case: Case, budget: &mut Budget) -> bool {
    let names = path.split('/').filter(|name| !name.is_empty());
    covers(
        pattern,
        names,
        Segment::is_any_depth,
        budget,
        |segment, name, budget| match segment {
            Segment::AnyDepth => true,
            Segment::Name(pattern) => pattern.matches(name, case, budget),
        },
    )
}

/// True if some path is accepted by a pattern of `a` and by one of `b`.
///
/// Exact, unless the patterns together need more than the budget: then true.
pub(super) fn overlap<'a, B>(
    a: impl Iterator<Item = &'a [Segment]>,
    b: B,
    case: Case,
    budget: &mut Budget,
) -> bool
where
    B: Iterator<Item = &'a [Segment]> + Clone,
{
    for one in a {
        for other in b.clone() {
            let met = meet(
                one,
                other,
                Segment::is_any_depth,
                budget,
                |a, b, budget| match (a, b) {
                    (Segment::Name(a), Segment::Name(b)) => a.meets(b, case, budget),
                    _ => true,
                },
            );
            if met {
                return true;
            }
        }
    }
    false
}

/// True if the pattern accepts the whole subject.
///
/// Greedy: a star first takes nothing, and on a mismatch the latest star takes
/// one element more. Returning to an earlier star is never needed, so there
/// are at most (items × elements) steps. The algorithm is the usual one for
/// globs; see Russ Cox, "Glob Matching Can Be Simple And Fast Too" (2017). When
/// the budget is spent the answer is yes.
fn covers<T, I: Iterator + Clone>(
    pattern: &[T],
    mut subject: I,
    is_star: impl Fn(&T) -> bool,
    budget: &mut Budget,
    accepts: impl Fn(&T, &I::Item, &mut Budget) -> bool,
) -> bool {
    let mut at = 0;
    let mut latest_star: Option<(usize, I)> = None;
    loop {
        if !budget.spend(1) {
            return true;
        }
        if pattern.get(at).is_some_and(&is_star) {
            at += 1;
            latest_star = Some((at, subject.clone()));
            continue;
        }
        match (pattern.get(at), subject.next()) {
            (None, None) => return true,
            (Some(item), Some(element)) if accepts(item, &element, budget) => {
                at += 1;
                continue;
            }
            // Items are left over and elements are not: more for a star would
            // leave even fewer.
            (Some(_), None) => return false,
            _ => {}
        }
        let Some((after_star, rest)) = &mut latest_star else {
            return false;
        };
        rest.next();
        at = *after_star;
        subject = rest.clone();
    }
}

/// True if two patterns accept a common subject.
///
/// Walks the pairs of positions that a common subject can lead to, row by row: (positions of `a` ×
/// positions of `b`) steps, and a stop at the first row that nothing reaches. `meets` is called
/// with two items, neither of them a star. When the budget is spent the answer is yes.
fn meet<T>(
    a: &[T],
    b: &[T],
    is_star: impl Fn(&T) -> bool,
    budget: &mut Budget,
    mut meets: impl FnMut(&T, &T, &mut Budget) -> bool,
) -> bool {
    let mut row = vec![false; b.len() + 1];
    let mut next = row.clone();
    row[0] = true;
    for i in 0..=a.len() {
        if !budget.spend(row.len()) {
            return true;
        }
        for j in 0..=b.len() {
            if !row[j] {
                continue;
            }
            let (left, right) = (a.get(i), b.get(j));
            if left.is_some_and(&is_star) || right.is_some_and(&is_star) {
                // Either the star takes nothing more, or it takes one element
                // from the other side; both ways one side goes on alone.
                if left.is_some() {
                    next[j] = true;
                }
                if right.is_some() {
                    row[j + 1] = true;
                }
            } else if let (Some(left), Some(right)) = (left, right)
                && meets(left, right, budget)
            {
                next[j + 1] = true;
            }
        }
        if i == a.len() {
            break;
        }
        if !next.contains(&true) {
            return false;
        }
        std::mem::swap(&mut row, &mut next);
        next.fill(false);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests;
