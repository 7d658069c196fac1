//! Finding learnings by their ids, and listing them by type, path, tag or status.

use std::cell::RefCell;
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::limits;
use super::staleness::Stale;
use super::view::{FullLearning, LearningView, full, view};
use crate::coordinate::here;
use crate::coordinate::reserve::path_arguments;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::coordinate::reserve::prefix_filter::Prefixes;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::learn::allowed_texts;
use crate::model::learning::{Learning, LearningKind, LearningStatus};
use crate::model::short_id::{self, LEARNING, short_id};
use crate::model::text::{excerpt, first_of};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::arguments::{term, term_schema};
use crate::pm::handles::Learnings;
use crate::store::layout::Family;
use crate::store::state::State;

/// A filter for learnings: those that match every given option.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct LearningFilter {
    /// Filter by kind.
    #[arg(long, value_name = "K", value_parser = term::<LearningKind>())]
    #[schemars(schema_with = "term_schema::<LearningKind>")]
    pub kind: Option<LearningKind>,
    /// Filter by tag (repeatable).
    #[arg(short, long = "tag", value_name = "T")]
    #[serde(rename = "tag", default)]
    pub tags: Vec<String>,
    /// Filter by paths that overlap a pattern (repeatable).
    #[arg(long = "path", value_name = "GLOB")]
    #[serde(rename = "path", default)]
    pub paths: Vec<String>,
    /// Filter by item.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
    /// Filter by status.
    #[arg(long, value_name = "S", value_parser = term::<LearningStatus>())]
    #[schemars(schema_with = "term_schema::<LearningStatus>")]
    pub status: Option<LearningStatus>,
    /// Only those that may no longer hold.
    #[arg(skip)]
    #[serde(skip)]
    pub stale: bool,
    /// Include retired and superseded ones; in a search, drafts too.
    #[arg(long)]
    pub all: bool,
    /// The maximum number of results.
    #[arg(skip)]
    #[serde(skip)]
    pub limit: Option<usize>,
}

/// A filter that can be applied to a learning.
pub(super) struct Wanted {
    kind: Option<LearningKind>,
    tags: Vec<String>,
    /// None if every path is wanted.
    paths: Option<Vec<Pattern>>,
    /// The texts of these, to recognize most other patterns without compiling them.
    prefixes: Prefixes,
    item: Option<Uid>,
    status: Option<LearningStatus>,
    case: Case,
    effort: Effort,
    /// The results of earlier comparisons, as many learnings have the same paths.
    compared: RefCell<HashMap<String, bool>>,
}

impl Wanted {
    /// # Errors
    /// When the item does not exist, or a pattern is not valid.
    pub(super) fn of(pm: &Pm, state: &State<'_>, filter: &LearningFilter) -> Result<Wanted> {
        let paths = path_arguments::separated(pm, &filter.paths, &[]);
        let paths = paths
            .iter()
            .map(|text| allowed_texts::learning_path(pm, text));
        let paths = paths.collect::<Result<Vec<_>>>()?;
        let mut prefixes = Prefixes::default();
        for (number, path) in paths.iter().enumerate() {
            prefixes.add(path.text(), here::case(pm), number);
        }
        let item = filter
            .item
            .as_deref()
            .map(|id| state.find(id))
            .transpose()?;
        Ok(Wanted {
            kind: filter.kind,
            tags: filter.tags.iter().map(|tag| tag.to_lowercase()).collect(),
            paths: (!paths.is_empty()).then_some(paths),
            prefixes,
            item: item.map(|item| item.uid.clone()),
            status: filter.status,
            case: here::case(pm),
            effort: Effort::default(),
            compared: RefCell::default(),
        })
    }

    pub(super) fn fits(&self, learning: &Learning) -> bool {
        let has = |tag: &String| learning.tags.iter().any(|own| own.to_lowercase() == *tag);
        let from = learning.item.as_ref().and_then(|item| item.uid.as_ref());
        !learning.deleted
            && self.kind.is_none_or(|kind| kind == learning.kind)
            && self.status.is_none_or(|status| status == learning.status)
            && self.tags.iter().all(has)
            && (self.item.is_none() || self.item.as_ref() == from)
            && (self.paths.is_none() || self.fits_paths(&learning.paths.join("\n")))
    }

    /// True if one of the patterns of a learning, a line each, matches.
    fn fits_paths(&self, lines: &str) -> bool {
        let Some(wanted) = &self.paths else {
            return true;
        };
        if let Some(found) = self.compared.borrow().get(lines) {
            return *found;
        }
        let is_near = |line: &&str| {
            let mut met = Vec::new();
            self.prefixes.meeting(line, self.case, &mut met);
            !met.is_empty()
        };
        let near = lines.lines().filter(is_near);
        let paths: Vec<String> = near.map(str::to_string).collect();
        let own = Pattern::all_within(&paths, &self.effort);
        let found = own.iter().any(|own| {
            let mut wanted = wanted.iter();
            wanted.any(|one| own.overlaps_within(one, self.case, &self.effort).may())
        });
        let mut compared = self.compared.borrow_mut();
        compared.insert(lines.to_string(), found);
        found
    }
}

impl Learnings<'_> {
    /// The learnings that match a filter, newest first.
    ///
    /// # Errors
    /// When the filter names a missing item or an invalid pattern, or the state cannot be read.
    pub fn list(&self, filter: &LearningFilter) -> Result<Vec<LearningView>> {
        let state = self.pm.store.snapshot()?;
        let wanted = Wanted::of(self.pm, &state, filter)?;
        let mut found = state.learnings();
        found.retain(|learning| wanted.fits(learning));
        found.sort_by(|a, b| (&b.created_at, &b.uid).cmp(&(&a.created_at, &a.uid)));
        let limit = filter.limit.unwrap_or(usize::MAX);
        let mut out = Vec::new();
        for learning in found {
            if out.len() >= limit {
                break;
            }
            let old = learning.status == LearningStatus::Retired;
            if old && !filter.all && filter.status.is_none() {
                continue;
            }
            let view = view(&state, learning);
            let over = view.stale.contains(&Stale::Superseded);
            let hidden = over && !filter.all && !filter.stale && filter.status.is_none();
            if hidden || (filter.stale && view.stale.is_empty() && view.contradicts.is_empty()) {
                continue;
            }
            out.push(view);
        }
        Ok(out)
    }

    /// A learning with its texts.
    ///
    /// # Errors
    /// Kind `NotFound` when there is none with this id, `Ambiguous` when there are several.
    pub fn show(&self, id: &str) -> Result<FullLearning> {
        let state = self.pm.store.snapshot()?;
        let uid = find(&state, id)?;
        shown_learning(&state, &uid)
    }
}

/// The view of one learning with its texts.
pub(super) fn shown_learning(state: &State<'_>, uid: &Uid) -> Result<FullLearning> {
    let found = state
        .doc(uid)
        .and_then(|doc| Some((doc, Learning::from_doc(doc)?)));
    let (doc, learning) = found.ok_or_else(|| missing(uid.as_str()))?;
    Ok(full(state, doc, view(state, learning)))
}

fn missing(id: &str) -> Error {
    Error::not_found(format!("there is no learning `{}`", excerpt(id, 40)))
        .because(Reason::LearningNotFound)
        .about(excerpt(id, 40))
        .hint(Hint::run(["learn", "list"], "lists them"))
        .hint(Hint::run(["learn", "search", "WORDS"], "searches them"))
}

/// The learning that a text names: its short id, a longer end of its uid, or its uid.
///
/// # Errors
/// Kind `NotFound` when there is none, `Ambiguous` when there are several.
pub(super) fn find(state: &State<'_>, id: &str) -> Result<Uid> {
    find_where(state, id, |learning| !learning.deleted)
}

/// As [`find`], also a deleted learning, whose history remains.
///
/// # Errors
/// As [`find`].
pub(crate) fn find_any(state: &State<'_>, id: &str) -> Result<Uid> {
    find_where(state, id, |_| true)
}

/// True for the id of a learning with its letter: `L-k3f9a2`.
pub(crate) fn is_learning_id(id: &str) -> bool {
    let begin = id.trim().split_once('-').map(|(begin, _)| begin);
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(&LEARNING.to_string()))
        && short_id::end_of(LEARNING, id).is_some()
}

fn find_where(state: &State<'_>, id: &str, wanted: impl Fn(&Learning) -> bool) -> Result<Uid> {
    let end = short_id::end_of(LEARNING, id).ok_or_else(|| missing(id))?;
    let mut found = state.ending_with(Family::Learning, &end);
    found.retain(|uid| state.learning(uid).is_some_and(|one| wanted(&one)));
    match &found[..] {
        [] => Err(missing(id)),
        [one] => Ok(one.clone()),
        several => {
            let longer = |uid: &Uid| {
                let title = state.learning(uid).map(|l| excerpt(&l.title, 40));
                let end = uid.suffix(end.len() + 6);
                format!("{LEARNING}-{end} ({})", title.unwrap_or_default())
            };
            let named: Vec<String> = several.iter().map(longer).collect();
            let message = format!("`{}` matches several learnings", excerpt(id, 40));
            Err(Error::new(Kind::Ambiguous, message)
                .because(Reason::LearningAmbiguous)
                .about(short_id(LEARNING, &several[0]))
                .hint(format!(
                    "use more characters of the uid: {}",
                    first_of(&named, limits::CANDIDATES_MAX)
                )))
        }
    }
}
