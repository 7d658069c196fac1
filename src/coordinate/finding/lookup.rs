//! Which findings there are: of an item, by id, by a filter.

use schemars::JsonSchema;
use serde::Deserialize;

use super::private_findings;
use super::view::{FindingView, view};
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::doc::Doc;
use crate::model::finding::{Finding, FindingStatus, Severity};
use crate::model::short_id::{self, FINDING};
use crate::model::text::{excerpt, first_of};
use crate::model::uid::Uid;
use crate::pm::arguments::{term, term_schema};
use crate::pm::handles::Findings;
use crate::pm::{Caller, Pm};
use crate::store::state::State;

/// The number of candidates that an error about an ambiguous id names.
const CANDIDATES: usize = 5;

/// Which findings to list; by default the open ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct FindingFilter {
    /// Item whose work or plan they are about; by default every item.
    pub item: Option<String>,
    /// Only this severity and worse.
    #[arg(long, value_name = "P", value_parser = term::<Severity>())]
    #[schemars(schema_with = "term_schema::<Severity>")]
    pub severity: Option<Severity>,
    /// Only this status.
    #[arg(long, value_name = "S", value_parser = term::<FindingStatus>())]
    #[schemars(schema_with = "term_schema::<FindingStatus>")]
    pub status: Option<FindingStatus>,
    /// Only those of a reviewer.
    #[arg(long, value_name = "NAME")]
    pub reviewer: Option<String>,
    /// Also those that are settled.
    #[arg(long)]
    pub all: bool,
}

impl FindingFilter {
    fn fits(&self, one: &Finding) -> bool {
        let status = match self.status {
            Some(status) => one.status == status,
            None => self.all || one.status.is_open(),
        };
        status
            && self.severity.is_none_or(|most| one.severity <= most)
            && (self.reviewer.iter()).all(|name| one.is_said_by(name))
    }
}

impl Findings<'_> {
    /// The findings that match a filter: the worst first, then by place.
    ///
    /// # Errors
    /// When the filter names a missing item, or the state cannot be read.
    pub fn list(&self, filter: &FindingFilter) -> Result<Vec<FindingView>> {
        let state = self.pm.store.snapshot()?;
        let found = listed(self.pm, &state, filter)?;
        Ok(found.into_iter().map(|one| view(&state, one)).collect())
    }

    /// One finding.
    ///
    /// # Errors
    /// Kind `NotFound` when there is none with this id, `Ambiguous` when there are several.
    pub fn show(&self, id: &str) -> Result<FindingView> {
        let state = self.pm.store.snapshot()?;
        let found = find(self.pm, &state, id)?;
        Ok(view(&state, found))
    }
}

/// The findings that match a filter: the worst first, then by place.
pub(crate) fn listed(pm: &Pm, state: &State<'_>, filter: &FindingFilter) -> Result<Vec<Finding>> {
    let mut found = match &filter.item {
        Some(id) => findings_of(pm, state, &state.find(id)?.uid.clone())?,
        None => all(pm, state)?,
    };
    found.retain(|one| filter.fits(one) && is_for(pm, one));
    Ok(found)
}

/// True if the caller may read a finding: what stays in this clone is not told over HTTP, where a token may
/// be one to read with.
pub(crate) fn is_for(pm: &Pm, one: &Finding) -> bool {
    !one.private || pm.options.caller != Caller::Away
}

/// The findings of an item, those that stay in this clone included: the worst first, then by place.
pub(crate) fn findings_of(pm: &Pm, state: &State<'_>, item: &Uid) -> Result<Vec<Finding>> {
    Ok(joined(state, &private(pm)?, item))
}

/// The findings of an item, of which those in this clone only are given: as [`findings_of`].
pub(crate) fn joined(state: &State<'_>, private: &[Finding], item: &Uid) -> Vec<Finding> {
    let is_its = |one: &&Finding| one.item.as_ref().and_then(|of| of.uid.as_ref()) == Some(item);
    let mut found = typed(state.findings_of(item));
    found.extend(private.iter().filter(is_its).cloned());
    sorted(found)
}

/// The findings that stay in this clone.
pub(crate) fn private(pm: &Pm) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    private_findings::read(pm, |state| found = all_in(state))?;
    found.iter_mut().for_each(|one| one.private = true);
    Ok(found)
}

fn all_in(state: &State<'_>) -> Vec<Finding> {
    let docs = state.finding_docs().values();
    typed(docs.map(|loaded| &loaded.doc).collect())
}

/// The findings of all items.
pub(crate) fn all(pm: &Pm, state: &State<'_>) -> Result<Vec<Finding>> {
    let mut found = all_in(state);
    found.extend(private(pm)?);
    Ok(sorted(found))
}

fn typed(docs: Vec<&Doc>) -> Vec<Finding> {
    let found = docs.into_iter().filter_map(Finding::from_doc);
    found.filter(|one| !one.deleted).collect()
}

fn sorted(mut found: Vec<Finding>) -> Vec<Finding> {
    // A share that was interrupted leaves it in both states: the one counts that a human settled, or that
    // blocks.
    found.sort_by_key(|one| (one.uid.clone(), one.dismissed_by.is_none(), !one.blocks()));
    found.dedup_by(|a, b| a.uid == b.uid);
    found.sort_by(|a, b| {
        let key = |one: &Finding| (one.severity, !one.confirmed);
        let place = |one: &Finding| (one.path.clone(), one.line, one.uid.clone(), one.private);
        (key(a), place(a)).cmp(&(key(b), place(b)))
    });
    found
}

/// The finding that a text names: its short id, a longer end of its uid, or its uid.
///
/// # Errors
/// Kind `NotFound` when there is none, `Ambiguous` when there are several.
pub(crate) fn find(pm: &Pm, state: &State<'_>, id: &str) -> Result<Finding> {
    let missing = || {
        Error::not_found(format!("there is no finding `{}`", excerpt(id, 40)))
            .because(Reason::FindingNotFound)
            .about(excerpt(id, 40))
            .hint(Hint::run(["finding", "list", "--all"], "lists them"))
    };
    let end = short_id::end_of(FINDING, id).ok_or_else(missing)?;
    let mut found = all(pm, state)?;
    found.retain(|one| one.uid.as_str().ends_with(&end) && is_for(pm, one));
    if found.len() > 1 {
        let longer = |one: &Finding| format!("{FINDING}-{}", one.uid.suffix(end.len() + 6));
        let named: Vec<String> = found.iter().map(longer).collect();
        let message = format!("`{}` matches several findings", excerpt(id, 40));
        return Err(Error::new(Kind::Ambiguous, message)
            .because(Reason::FindingAmbiguous)
            .about(found[0].id())
            .hint(format!(
                "use more characters of the uid: {}",
                first_of(&named, CANDIDATES)
            )));
    }
    found.pop().ok_or_else(missing)
}
