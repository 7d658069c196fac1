//! The project context: named sections of project knowledge and conventions.
//!
//! A section is one document whose text keeps concurrent versions side by side, like any prose.

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::conflicts::{Resolution, VersionView, versions};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::limits::{SECTION_NAME_MAX, SECTION_TEXT_MAX};
use crate::model::section;
use crate::model::stamp::{Clock, rfc3339};
use crate::model::text;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Memory;
use crate::secret;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// A section of the project context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Section {
    /// Its name; the uid if a document from elsewhere has no valid one.
    pub name: String,
    /// Permanent.
    pub uid: String,
    /// Markdown: the newest version.
    pub text: String,
    /// The last author.
    pub author: String,
    /// The author's own name, if it is an agent; null for a human.
    pub agent: Option<String>,
    /// The time of the last change, RFC 3339.
    pub written_at: String,
    /// The latest stamp in it, for `--if-version`.
    pub version: String,
    /// All versions, if two clones changed it concurrently; the one shown comes first.
    pub versions: Vec<VersionView>,
}

impl Section {
    fn of(doc: &Doc) -> Section {
        let text = |name: &str| doc.text(name).map(str::to_string);
        Section {
            name: section::name_of(doc),
            uid: doc.uid.to_string(),
            text: doc.body.shown().to_string(),
            author: text::actor(&text("author").unwrap_or_default()),
            agent: doc.text("agent").map(text::actor),
            written_at: text::excerpt(&text("written_at").unwrap_or_default(), 40),
            version: doc.latest().to_string(),
            versions: match doc.body.is_conflicted() {
                true => versions(doc),
                false => Vec::new(),
            },
        }
    }
}

impl Memory<'_> {
    /// The sections of the project context, by name.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn context(&self) -> Result<Vec<Section>> {
        let state = self.pm.store.snapshot()?;
        Ok(sections(&state))
    }

    /// One section of the project context.
    ///
    /// # Errors
    /// When there is no such section.
    pub fn section(&self, name: &str) -> Result<Section> {
        let state = self.pm.store.snapshot()?;
        let found = live(&state, &Named::read(name)?.uid).map(Section::of);
        found.ok_or_else(|| missing(name, &state))
    }

    /// Writes a section: a new one, or one that replaces all versions of the existing one. Nothing
    /// is written if the text is the same.
    ///
    /// # Errors
    /// When the name or text is not valid, the text is too long, or it seems to contain a secret.
    pub fn set_section(&self, name: &str, text: &str) -> Result<Section> {
        check_text(text)?;
        change_section(self.pm, "context set", name, |tx, named| {
            write_section(tx, named, text)
        })
    }

    /// As [`Memory::set_section`], for an edited text: `before` is the section as it was passed to
    /// the editor, none for a new one.
    ///
    /// # Errors
    /// When the section was changed since, or as for [`Memory::set_section`].
    pub fn edit_section(
        &self,
        name: &str,
        before: Option<&Section>,
        text: &str,
    ) -> Result<Section> {
        check_text(text)?;
        change_section(self.pm, "context edit", name, |tx, named| {
            let present = live(&tx.state, &named.uid).map(Section::of);
            if present.as_ref() != before {
                return Err(changed_meanwhile(&named.shown));
            }
            write_section(tx, named, text)
        })
    }

    /// Removes a section, and returns it as it was.
    ///
    /// # Errors
    /// When there is no such section.
    pub fn remove_section(&self, name: &str) -> Result<Section> {
        change_section(self.pm, "context remove", name, |tx, named| {
            if live(&tx.state, &named.uid).is_none() {
                return Err(missing(name, &tx.state));
            }
            tx.edit(&named.uid, |doc, clock| doc.set("deleted", true, clock))
        })
    }

    /// Resolves a section that two clones changed concurrently.
    ///
    /// # Errors
    /// When the section has no concurrent versions, or not the one that is named.
    pub fn resolve_section(&self, name: &str, resolution: &Resolution) -> Result<Section> {
        change_section(self.pm, "conflicts", name, |tx, named| {
            let present = live(&tx.state, &named.uid).map(Section::of);
            let present = present.ok_or_else(|| missing(name, &tx.state))?;
            let text = resolved(&present, resolution)?;
            check_text(&text)?;
            write_section(tx, named, &text)
        })
    }
}

/// A local mutation of one section; returns it, even if it was removed.
fn change_section(
    pm: &Pm,
    op: &str,
    name: &str,
    mut change: impl FnMut(&mut Tx<'_>, &Named) -> Result<bool>,
) -> Result<Section> {
    let named = Named::read(name)?;
    pm.write(op).uncompared().run(|tx| {
        // `edit` finds what was read.
        tx.state.found_by_path(Family::Context, &named.uid);
        if let Some(wanted) = &pm.options.if_version {
            let present = live(&tx.state, &named.uid).map(Section::of);
            let present = present.ok_or_else(|| missing(name, &tx.state))?;
            if present.version != *wanted {
                return Err(changed_meanwhile(&named.shown));
            }
        }
        let changed = change(tx, &named)?;
        let found = tx.state.found_by_path(Family::Context, &named.uid);
        let name = found.map(|loaded| section::name_of(&loaded.doc));
        tx.describe(op, &[], &name.unwrap_or_default());
        Ok(Vec::from_iter(changed.then(|| named.uid.clone())))
    })?;
    let state = pm.store.snapshot()?;
    let found = state.found_by_path(Family::Context, &named.uid);
    let found = found.map(|loaded| Section::of(&loaded.doc));
    found.ok_or_else(|| missing(name, &state))
}

/// Stages the text of a section. Returns false if it is the same.
fn write_section(tx: &mut Tx<'_>, named: &Named, text: &str) -> Result<bool> {
    let text = text.trim_end();
    let (author, agent) = (tx.actor().to_string(), tx.agent().map(str::to_string));
    let write = |doc: &mut Doc, clock: &Clock| {
        let back = doc.set("deleted", Value::Null, clock);
        if !doc.body.write(text, clock) && !back {
            return false;
        }
        doc.set("author", author.as_str(), clock);
        doc.set("agent", Value::from(agent.as_deref()), clock);
        doc.set("written_at", rfc3339(clock.wall_ms()), clock);
        true
    };
    if tx
        .state
        .found_by_path(Family::Context, &named.uid)
        .is_some()
    {
        return tx.edit(&named.uid, write);
    }
    let name = named.name.as_ref().ok_or_else(|| invalid(&named.shown))?;
    let mut doc = section::new(name);
    write(&mut doc, &tx.clock().clone());
    tx.insert(doc).map(|()| true)
}

/// The text that replaces all versions of a section.
fn resolved(present: &Section, resolution: &Resolution) -> Result<String> {
    let handle = format!("{}:{}", section::KIND, present.name);
    if present.versions.is_empty() {
        return Err(
            Error::refused(format!("{handle} has no conflicting versions"))
                .because(Reason::ConflictNone)
                .about(handle),
        );
    }
    match resolution {
        Resolution::Text(text) => Ok(text.clone()),
        Resolution::Keep(number) => {
            let found = present.versions.iter().find(|v| v.number == *number);
            let found = found.ok_or_else(|| {
                Error::not_found(format!("{handle} has no version {number}"))
                    .hint(Hint::run(["context", "show", &present.name], "shows them"))
            })?;
            Ok(found.text.clone())
        }
        Resolution::Merged => Err(Error::refused(format!(
            "the versions of {handle} cannot be merged automatically"
        ))
        .because(Reason::ConflictOverlapping)
        .hint(Hint::run(
            ["context", "edit", &present.name],
            "opens all versions in the editor",
        ))),
    }
}

/// The sections of a state's context, by name.
pub(super) fn sections(state: &State<'_>) -> Vec<Section> {
    let all = state.context_docs().values().map(|loaded| &loaded.doc);
    let mut found: Vec<Section> = all.filter(|doc| doc.is_live()).map(Section::of).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn live<'s>(state: &'s State<'_>, uid: &Uid) -> Option<&'s Doc> {
    let loaded = state.found_by_path(Family::Context, uid)?;
    Some(&loaded.doc).filter(|doc| doc.is_live())
}

/// A reference to a section: by its name, or by its uid if it is from elsewhere and has no valid
/// name; both with or without `context:`.
struct Named {
    /// As given.
    shown: String,
    uid: Uid,
    /// None if it is given by its uid.
    name: Option<String>,
}

impl Named {
    fn read(given: &str) -> Result<Named> {
        let given = given.strip_prefix("context:").unwrap_or(given);
        let (uid, name) = match (Uid::new(&given.to_ascii_lowercase()), section::name(given)) {
            (Some(uid), _) => (uid, None),
            (None, Some(name)) => (section::uid(&name), Some(name)),
            (None, None) => return Err(invalid(given)),
        };
        let shown = text::excerpt(given, 40);
        Ok(Named { shown, uid, name })
    }
}

fn invalid(given: &str) -> Error {
    let shown = text::excerpt(given, 40);
    Error::usage(format!("`{shown}` is not a valid section name"))
        .because(Reason::ContextInvalidName)
        .hint(format!(
            "use letters, digits, `-`, `_` and `.`, at most {} characters",
            SECTION_NAME_MAX
        ))
}

fn check_text(given: &str) -> Result<()> {
    text::refuse_nul(given, "text")?;
    if given.trim().is_empty() {
        return Err(Error::usage("the text of a section must not be empty")
            .because(Reason::ContextEmpty)
            .hint(Hint::run(
                ["context", "remove", "NAME"],
                "removes a section",
            )));
    }
    if given.len() > SECTION_TEXT_MAX {
        return Err(Error::usage(format!(
            "the text is {} bytes long; the limit for a section is {}",
            given.len(),
            SECTION_TEXT_MAX
        ))
        .because(Reason::ContextTooLong)
        .hint(
            "every agent reads the context: put long texts into files in the repository and refer \
             to their paths",
        ));
    }
    if let Some(hit) = secret::scan(given).first() {
        return Err(Error::refused(format!(
            "the text seems to contain {} ({}); nothing was written",
            hit.title, hit.rule
        ))
        .because(Reason::SecretFound)
        .hint(
            "every clone and agent reads the context: say where a secret is kept instead of \
             quoting it",
        ));
    }
    Ok(())
}

fn changed_meanwhile(shown: &str) -> Error {
    Error::conflict(format!(
        "context:{shown} was changed in the meantime; nothing was written"
    ))
    .because(Reason::ContextChanged)
    .about(shown)
    .hint(Hint::run(
        ["context", "show", shown],
        "shows it as it is now",
    ))
}

fn missing(name: &str, state: &State<'_>) -> Error {
    let shown = text::excerpt(name, 40);
    let error = Error::not_found(format!("the context has no section `{shown}`"))
        .because(Reason::ContextNotFound)
        .about(&shown);
    let names: Vec<String> = sections(state).into_iter().map(|s| s.name).collect();
    if names.is_empty() {
        return error.hint(Hint::run(
            ["context", "set", "NAME", "TEXT"],
            "writes a section",
        ));
    }
    error.hint(format!("the sections are {}", text::first_of(&names, 10)))
}
