//! `redact`: what must go, goes for good.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::pm::Pm;
use crate::pm::actor::{require_human, require_name};
use crate::pm::handles::StateHandle;
use crate::store::generation::cut::Raise;
use crate::store::generation::history_search::{self, Found, Place, Target};
use crate::store::generation::redaction_expression::Expression;
use crate::store::generation::sweep::Swept;
use crate::store::state::State;

/// What `redact` did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RedactReport {
    /// Whether nothing was done.
    pub dry_run: bool,
    /// How many values go.
    pub values: usize,
    /// How many versions of texts go.
    pub texts: usize,
    /// How many commits name it in their message; they go with the history.
    pub messages: usize,
    /// Where it was found.
    pub places: Vec<Place>,
    /// Where it stands and cannot be redacted.
    pub beyond: Vec<String>,
    /// The commit that begins the new generation.
    pub commit: Option<String>,
    /// How many objects of the old history went from this clone.
    pub objects: usize,
    /// What of the old history is still here, and why.
    pub left: Vec<String>,
    /// The remote that has the old history until the next sync.
    pub remote: Option<String>,
}

/// What to redact.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    /// An item's id, a text, or a regular expression.
    pub target: String,
    /// The target is a regular expression.
    pub regex: bool,
    /// The target is a text, even if an item has that id.
    pub text: bool,
    /// Only this field of the item.
    pub field: Option<String>,
    /// Why, for the state.
    pub reason: Option<String>,
    /// Only say what would go.
    pub dry_run: bool,
}

impl StateHandle<'_> {
    /// Removes a leaked secret from the state and from its history: here now, and by a raised
    /// generation in every clone that syncs afterwards. With `dry_run` it only says what would go.
    ///
    /// # Errors
    /// For an agent that would write, when nothing is found, when a word of the format would go,
    /// and when the state cannot be read or written.
    pub fn redact(&self, redaction: &Redaction) -> Result<RedactReport> {
        if !redaction.dry_run {
            require_name(&self.pm.actor)?;
            require_human(
                &self.pm.actor,
                "redacting for good",
                "ask a human to run it; `--dry-run` shows what it would remove",
            )?;
        }
        let repo = self.pm.store.repo();
        let state = self.pm.store.state()?;
        let target = target(&state, redaction)?;
        let tip = self.pm.store.require_tip()?;
        let found = history_search::search(repo, tip, &target)?;
        if found.is_empty() {
            let error = nothing(&found);
            return Err(match self.pm.main_remote() {
                Some(_) => error.hint("`git pm sync` first brings what others wrote"),
                None => error,
            });
        }
        let mut report = RedactReport {
            dry_run: redaction.dry_run,
            values: found.values.len(),
            texts: found.versions.len(),
            messages: found.messages,
            places: found.places.iter().cloned().collect(),
            beyond: found.beyond.iter().cloned().collect(),
            ..RedactReport::default()
        };
        if redaction.dry_run {
            return Ok(report);
        }
        let items: Vec<String> = found.items.iter().cloned().collect();
        let raise = Raise {
            op: "redact".into(),
            // Never the secret itself, nor what it stood in.
            text: format!(
                "{} values and {} texts for good",
                found.values.len(),
                found.versions.len()
            ),
            items,
            reason: redaction.reason.clone().unwrap_or_default(),
        };
        let mut first = Some((tip, found));
        let raised = self
            .pm
            .store
            .raise(&self.pm.writer("redact"), &raise, |tip| {
                match first.take() {
                    Some((seen, found)) if seen == tip => Ok(found),
                    _ => history_search::search(repo, tip, &target),
                }
            })?;
        report.commit = Some(raised.commit.to_string());
        match self.pm.store.sweep() {
            Ok(swept) => {
                report.objects = swept.objects;
                report.left = swept.left;
            }
            Err(error) => report.left.push(format!(
                "the old history is still in this clone: {}",
                error.message()
            )),
        }
        report.remote = self.pm.main_remote().map(|remote| remote.shown());
        Ok(report)
    }
}

impl Pm {
    /// What an exchange leaves to do: objects of an older generation go. It succeeded without; what
    /// goes wrong is only told.
    pub(crate) fn tidy_up(&self) {
        let swept = match self.store.needs_sweep() {
            Ok(true) => self.store.sweep(),
            Ok(false) => Ok(Swept::default()),
            Err(error) => Err(error),
        };
        match swept {
            Ok(swept) => {
                for left in swept.left {
                    self.notice(left);
                }
            }
            Err(error) => self.notice(format!(
                "an old generation of the state is still in this clone: {}; `git pm gc` tries again",
                error.message()
            )),
        }
    }

    /// Packs the state where much is loose; what goes wrong is only told.
    pub(crate) fn pack_up(&self) {
        if let Err(error) = self.store.pack_when_many() {
            self.notice(format!("the state was not packed: {}", error.message()));
        }
    }

    /// Texts of this clone that were withheld, as files.
    pub(crate) fn drafts(&self) -> Vec<String> {
        let folder = self.store.folder().join("drafts");
        let mut drafts: Vec<String> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path().display().to_string())
            .collect();
        drafts.sort();
        drafts
    }
}

/// What the user means: an item's id, else a text.
fn target(state: &State<'_>, redaction: &Redaction) -> Result<Target> {
    let text = redaction.target.as_str();
    if redaction.regex {
        return Ok(Target::Text(Expression::new(text)?));
    }
    match state.find(text) {
        Ok(item) if !redaction.text => Ok(Target::Item {
            uid: item.uid.clone(),
            field: redaction.field.clone(),
        }),
        Err(error) if redaction.field.is_some() => Err(error),
        _ => Ok(Target::Text(Expression::literal(text)?)),
    }
}

fn nothing(found: &Found) -> Error {
    let error =
        Error::not_found("nothing to redact: neither the state nor its history here has it");
    let error = found.beyond.iter().fold(error, |error, place| {
        error.hint(format!("it stands where nothing can be redacted: {place}"))
    });
    error.hint("a branch or file of yours is not the state's: see `git filter-repo`")
}
