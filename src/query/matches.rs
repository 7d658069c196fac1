//! Whether an item matches an expression: whole words or parts of texts, with or without case.
//!
//! Pure: facts beyond the item are arguments.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::sort::{compare, usual};
use super::{Expr, Field, Mark, Op, Pattern, Shape, Test, When, Words};
use crate::model::edge_type::EdgeType;
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::status::{Status, also_means};
use crate::model::text::is_same_name;
use crate::model::uid::Uid;
use jiff::Zoned;

/// The results of the graph for an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Set if it can be started now.
    pub ready: bool,
    /// Set if it waits for others or was stopped by hand.
    pub blocked: bool,
}

/// The facts that an expression needs in addition to the item.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The current actor.
    pub me: String,
    /// The current time, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// The current time, in the zone of the days that the expression names.
    pub now: Zoned,
    /// The items that the expression names, by these names.
    pub named: BTreeMap<String, Uid>,
    /// The items that each of these waits for.
    pub waited_for: BTreeMap<Uid, BTreeSet<Uid>>,
    /// The items that cannot be started in this clone although the state calls them ready.
    pub kept: HashSet<Uid>,
    /// The items that can be started in this clone although the state calls them in progress.
    pub left: HashSet<Uid>,
    /// The descendants of each of these.
    pub under: BTreeMap<Uid, HashSet<Uid>>,
    /// The items after which others come, by their names.
    pub places: BTreeMap<String, Item>,
    /// The items whose full text contains the words.
    pub having: BTreeMap<Words, HashSet<Uid>>,
}

/// The form in which texts are compared. ASCII texts use ASCII rules only, so that an index can
/// compare them.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.to_lowercase()
    }
}

impl Expr {
    /// True if an item matches.
    pub fn fits(&self, item: &Item, marks: Marks, facts: &Facts) -> bool {
        match self {
            Expr::All(list) => list.iter().all(|expr| expr.fits(item, marks, facts)),
            Expr::Any(list) => list.iter().any(|expr| expr.fits(item, marks, facts)),
            Expr::Not(inner) => !inner.fits(item, marks, facts),
            Expr::Test(test) => test.fits(item, marks, facts),
        }
    }
}

impl Test {
    fn fits(&self, item: &Item, marks: Marks, facts: &Facts) -> bool {
        match self {
            Test::Words(words) => facts
                .having
                .get(words)
                .is_some_and(|uids| uids.contains(&item.uid)),
            Test::Is(mark) => is(*mark, item, marks, facts),
            Test::Has(field) => has(*field, item),
            Test::Value(field, patterns) => {
                let fits =
                    |value: &str| patterns.iter().any(|p| p.fits(value, field.shape(), facts));
                if *field == Field::Status {
                    // As people read it.
                    let status = item.status_at(facts.now_ms).as_str();
                    // `open` is a word of beads, whose deferred issues keep it.
                    let is_open = item.status.as_str() == "open" && fits("open");
                    return is_open || fits(status) || status_alias(status, patterns);
                }
                any_value(*field, item, &fits)
            }
            Test::Rank(field, op, ranks) => {
                rank(*field, item).is_some_and(|at| ranks.iter().any(|rank| op.holds(at, *rank)))
            }
            Test::Time(field, op, when) => {
                time(*field, item).is_some_and(|ms| in_time(*field, ms, *op, when, &facts.now))
            }
            Test::Item(field, names) => names.iter().any(|name| {
                let uid = facts.named.get(name);
                uid.is_some_and(|uid| is_linked(*field, item, uid, facts))
            }),
            Test::After(name, keys) => facts.places.get(name).is_some_and(|before| {
                let order = match keys.is_empty() {
                    true => usual(item).cmp(&usual(before)),
                    false => compare(item, before, keys),
                };
                order == Ordering::Greater
            }),
        }
    }
}

/// True if a requested status means that of the item by another word.
fn status_alias(status: &str, patterns: &[Pattern]) -> bool {
    let has = |word: &str| also_means(word).contains(&status);
    patterns
        .iter()
        .any(|pattern| matches!(pattern, Pattern::Text(word) if has(word)))
}

fn is(mark: Mark, item: &Item, marks: Marks, facts: &Facts) -> bool {
    match mark {
        Mark::Open => !item.status.is_closed(),
        Mark::Closed => item.status.is_closed(),
        Mark::Ready => {
            marks.ready && !facts.kept.contains(&item.uid) || facts.left.contains(&item.uid)
        }
        Mark::Blocked => marks.blocked || facts.kept.contains(&item.uid),
        Mark::Active => matches!(
            item.status.as_str(),
            "in_progress" | "in_review" | "ready_for_integration"
        ),
        Mark::Claimed => item.holder().is_some(),
        Mark::Mine => item
            .owner()
            .is_some_and(|owner| is_same_name(owner, &facts.me)),
        Mark::Conflicted => item.conflicted,
        Mark::Forced => item.forced,
        Mark::Deferred => *item.status_at(facts.now_ms) == Status::Deferred,
        Mark::Overdue => item.is_overdue(facts.now_ms),
        Mark::Pinned => item.issue.pinned || item.status.as_str() == "pinned",
        Mark::Template => item.issue.template,
        Mark::Proposed => item.status == Status::Proposed,
    }
}

fn has(field: Field, item: &Item) -> bool {
    match field.shape() {
        Shape::Time => time(field, item).is_some(),
        Shape::Rank(_) | Shape::Number => rank(field, item).is_some(),
        Shape::Item => match field {
            Field::Epic => item.epic.is_some(),
            Field::Parent => item.parent().is_some(),
            Field::DependsOn => !item.depends_on.is_empty(),
            _ => links(item).next().is_some(),
        },
        _ => any_value(field, item, &|value| !value.is_empty()),
    }
}

/// True if `fits` accepts one of the texts of a field.
pub(super) fn any_value(field: Field, item: &Item, fits: &dyn Fn(&str) -> bool) -> bool {
    let maybe = |value: &Option<String>| value.as_deref().is_some_and(fits);
    let each = |values: &[String]| values.iter().any(|value| fits(value));
    match field {
        Field::Id => fits(&item.id) || (item.born != item.id && fits(&item.born)),
        Field::Kind => fits(item.kind.as_str()),
        Field::Title => fits(&item.title),
        Field::Type => fits(&item.item_type),
        Field::Status => fits(item.status.as_str()),
        Field::Owner | Field::Assignee => item.owner().is_some_and(fits),
        Field::Claim => item.holder().is_some_and(|claim| fits(&claim.actor)),
        Field::Validation => maybe(&item.validation),
        Field::Stream => maybe(&item.stream),
        Field::Label => each(&item.labels),
        Field::Edge => {
            let blocks = !item.depends_on.is_empty() && fits(EdgeType::Blocks.as_str());
            blocks || item.edges.iter().any(|edge| fits(&edge.kind))
        }
        Field::Acceptance => item.acceptance.iter().any(|c| fits(&c.text)),
        Field::Path => each(&item.paths),
        Field::External => each(&item.external_refs),
        Field::AutoPolicy => fits(&item.auto_policy),
        Field::Branch => maybe(&item.branch),
        Field::Reason => maybe(&item.reason),
        Field::CreatedBy => maybe(&item.created_by),
        Field::ApprovedBy => item
            .approval
            .as_ref()
            .is_some_and(|approval| fits(&approval.by)),
        Field::Spec => maybe(&item.issue.spec_id),
        Field::Source => maybe(&item.issue.source_system),
        _ => false,
    }
}

impl Pattern {
    fn fits(&self, value: &str, shape: Shape, facts: &Facts) -> bool {
        let whole = shape != Shape::Text;
        match self {
            Pattern::Me => is_same_name(value, &facts.me),
            Pattern::Text(text) if whole => {
                if text.is_ascii() {
                    value.eq_ignore_ascii_case(text)
                } else {
                    folded(value) == *text
                }
            }
            Pattern::Text(text) => folded(value).contains(text),
            Pattern::Wild(parts) => wild(&folded(value), parts, whole),
        }
    }
}

/// True if the value contains the parts in order; if `whole` is set, it must begin with the first
/// and end with the last.
fn wild<'v>(value: &'v str, parts: &[String], whole: bool) -> bool {
    let [first, middle @ .., last] = parts else {
        return true;
    };
    let behind = |text: &'v str, part: &String| Some(text.split_once(part.as_str())?.1);
    let begin = match whole {
        true => value.strip_prefix(first.as_str()),
        false => behind(value, first),
    };
    let rest = begin.and_then(|rest| middle.iter().try_fold(rest, behind));
    rest.is_some_and(|rest| match whole {
        true => rest.ends_with(last.as_str()),
        false => rest.contains(last.as_str()),
    })
}

impl Op {
    fn holds<T: PartialOrd>(self, value: T, wanted: T) -> bool {
        match self {
            Op::Is => value == wanted,
            Op::Less => value < wanted,
            Op::AtMost => value <= wanted,
            Op::More => value > wanted,
            Op::AtLeast => value >= wanted,
        }
    }
}

/// The position of a field's value in its order.
pub(super) fn rank(field: Field, item: &Item) -> Option<usize> {
    if field == Field::Points {
        return usize::try_from(item.points?).ok();
    }
    let Shape::Rank(words) = field.shape() else {
        return None;
    };
    let word = match field {
        Field::Priority => return Some(usize::from(item.priority)),
        Field::Estimate => item.estimate.as_deref()?,
        Field::Risk => item.risk.as_deref()?,
        _ => return None,
    };
    words.iter().position(|w| w.eq_ignore_ascii_case(word))
}

/// A field's time, in milliseconds since the Unix epoch.
pub(super) fn time(field: Field, item: &Item) -> Option<u64> {
    let text = match field {
        Field::Created => Some(&item.created_at),
        Field::Updated => Some(&item.updated_at),
        Field::Started => item.started_at.as_ref(),
        Field::Submitted => item.finished_at.as_ref(),
        Field::Finished => return parse_rfc3339(item.completed_at()?),
        Field::Approved => item.approval.as_ref().map(|approval| &approval.at),
        Field::Closed => item.closed_at.as_ref(),
        Field::Due => item.issue.due_at.as_ref(),
        Field::Defer => item.issue.defer_until.as_ref(),
        _ => None,
    }?;
    parse_rfc3339(text)
}

fn in_time(field: Field, ms: u64, op: Op, when: &When, now: &Zoned) -> bool {
    let (When::Ago(text) | When::At(text)) = when;
    let Some(then) = When::moment(field, text, now) else {
        return false;
    };
    match (when, op) {
        // A greater age is an earlier time.
        (When::Ago(_), Op::Is | Op::AtMost) => ms >= then.begin_ms,
        (When::Ago(_), Op::Less) => ms > then.begin_ms,
        (When::Ago(_), Op::More) => ms < then.begin_ms,
        (When::Ago(_), Op::AtLeast) => ms <= then.begin_ms,
        // Within three days, as `updated:3d` is.
        (When::At(_), Op::Is) if When::is_span(text) => ms <= then.end_ms,
        (When::At(_), Op::Is) => (then.begin_ms..=then.end_ms).contains(&ms),
        (When::At(_), Op::Less) => ms < then.begin_ms,
        (When::At(_), Op::AtMost) => ms <= then.end_ms,
        (When::At(_), Op::More) => ms > then.end_ms,
        (When::At(_), Op::AtLeast) => ms >= then.begin_ms,
    }
}

/// All items that an item has an edge to.
fn links(item: &Item) -> impl Iterator<Item = &ItemRef> {
    let depends = item.depends_on.iter().map(|d| &d.target);
    let edges = item.edges.iter().map(|e| &e.target);
    depends.chain(edges).chain(&item.epic)
}

fn is_linked(field: Field, item: &Item, uid: &Uid, facts: &Facts) -> bool {
    let to = |target: &ItemRef| target.uid.as_ref() == Some(uid);
    match field {
        Field::Id => item.uid == *uid,
        Field::Under => facts
            .under
            .get(uid)
            .is_some_and(|all| all.contains(&item.uid)),
        Field::Epic => item.whole().is_some_and(to),
        Field::Parent => item.parent().is_some_and(to),
        Field::DependsOn => item.depends_on.iter().any(|d| to(&d.target)),
        Field::Blocks => facts
            .waited_for
            .get(uid)
            .is_some_and(|all| all.contains(&item.uid)),
        _ => links(item).any(to),
    }
}
