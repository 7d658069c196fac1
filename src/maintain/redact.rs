//! `redact`: removes a value from the state and its history permanently.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Hint, Reason, Result};
use crate::maintain::cut;
use crate::model::status::Status;
use crate::pm::handles::StateHandle;
use crate::pm::who_acts::{require_human, require_name};
use crate::store::generation::cut::Raise;
use crate::store::generation::history_search::{self, Found, Place, Target};
use crate::store::generation::redaction_expression::Expression;
use crate::store::state::State;

/// The result of `redact`, or of its dry run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RedactReport {
    /// Nothing was removed.
    pub dry_run: bool,
    /// Number of removed values.
    pub values: usize,
    /// Number of removed versions of texts.
    pub texts: usize,
    /// Number of commit messages that contain it; they are removed with the history.
    pub messages: usize,
    /// The places where it was found.
    pub places: Vec<Place>,
    /// The places where it was found and cannot be redacted.
    pub beyond: Vec<String>,
    /// The first commit of the new generation.
    pub commit: Option<String>,
    /// Number of objects of the old history that were removed from this clone.
    pub objects: usize,
    /// Parts of the old history that could not be removed, with the reasons.
    pub left: Vec<String>,
    /// The remote that has the old history until the next sync.
    pub remote: Option<String>,
}

/// A redaction.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Redaction {
    /// Item ID, text or regular expression; `-` reads standard input, which keeps the secret
    /// out of the shell history.
    #[arg(value_name = "ITEM|PATTERN")]
    pub target: String,
    /// Field of the item to redact: title, body, comments, acceptance, labels, …
    #[arg(long, conflicts_with_all = ["regex", "text"])]
    pub field: Option<String>,
    /// Interpret PATTERN as a regular expression.
    #[arg(long)]
    pub regex: bool,
    /// Interpret PATTERN as text, even if it is an item ID.
    #[arg(long, conflicts_with = "regex")]
    pub text: bool,
    /// Reason, stored in the state: do not include the secret.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Show what would be removed.
    #[arg(long)]
    pub dry_run: bool,
}

impl StateHandle<'_> {
    /// Removes a leaked secret from the state and its history: immediately in this clone, and in
    /// every other clone when it syncs.
    ///
    /// # Errors
    /// When an agent tries to write, nothing is found, the target is a keyword of the format, or
    /// the state cannot be read or written.
    pub fn redact(&self, redaction: &Redaction) -> Result<RedactReport> {
        if !redaction.dry_run {
            require_name(&self.pm.actor)?;
            require_human(
                &self.pm.actor,
                "redacting permanently",
                "ask a human to run this command; `--dry-run` shows what it would remove",
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
                Some(_) => error.hint(Hint::run(["sync"], "fetches what others wrote")),
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
            // Never the secret itself, nor its context.
            text: format!(
                "values: {}, texts: {}",
                found.values.len(),
                found.versions.len()
            ),
            items,
            reason: redaction.reason.clone().unwrap_or_default(),
        };
        let mut first = Some((tip, found));
        let writer = self.pm.writer("redact");
        let raised = cut::cut(self.pm, &writer, &raise, |tip| match first.take() {
            Some((seen, found)) if seen == tip => Ok(found),
            _ => history_search::search(repo, tip, &target),
        })?;
        report.commit = Some(raised.to_string());
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

/// The target: an item's id, else a text.
fn target(state: &State<'_>, redaction: &Redaction) -> Result<Target> {
    let text = redaction.target.as_str();
    if redaction.regex {
        return Ok(Target::Text(Expression::new(text)?));
    }
    match state.find(text) {
        Ok(item) if item.status == Status::Proposed && !redaction.text => {
            Err(Error::refused(format!(
                "{} is proposed: its texts are in its plan and the plan's document",
                item.id
            ))
            .because(Reason::ItemProposed)
            .about(&item.id)
            .hint("`git pm redact TEXT` removes a text wherever it is"))
        }
        Ok(item) if !redaction.text => Ok(Target::Item {
            uid: item.uid.clone(),
            field: redaction.field.clone(),
        }),
        Err(error) if redaction.field.is_some() => Err(error),
        _ => Ok(Target::Text(Expression::literal(text)?)),
    }
}

fn nothing(found: &Found) -> Error {
    let error = Error::not_found(
        "nothing to redact: no match was found in the state or in its history in this clone",
    )
    .because(Reason::RedactNotFound);
    let error = found.beyond.iter().fold(error, |error, place| {
        error.hint(format!(
            "there is a match in a place that cannot be redacted: {place}"
        ))
    });
    error.hint("for your own branches and files, use `git filter-repo`")
}
