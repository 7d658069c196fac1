//! `export beads`.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::path::Path;

use super::export_record::Scene;
use super::line_layout::Token;
use super::read_record::SOURCE;
use super::{beads_file, known_elsewhere, past_exports, unread_changes};
use crate::bridge::content::item_uid;
use crate::bridge::transfer_report::ExportReport;
use crate::coordinate::{harmless_place, here};
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::id::{ItemRef, SUFFIX, is_prefix};
use crate::model::text::{first_of, spelled};
use crate::model::uid::Uid;
use crate::pm::handles::Trackers;
use crate::store::state::State;

impl Trackers<'_> {
    /// Writes all items as beads' JSON Lines. Imported records without changes are written as they
    /// were, byte for byte and in their order. With a `prefix`, every id has that one; else it is said if
    /// they have several, which beads rejects. This clone keeps copies of the last complete ones, by which an import
    /// knows what a colleague edited in one.
    ///
    /// # Errors
    /// When the state cannot be read, `out` cannot be written, or ids cannot have the prefix.
    pub fn export_beads(&self, prefix: Option<&str>, out: &mut dyn Write) -> Result<ExportReport> {
        let mut out = past_exports::Copied::new(out);
        let report = self.write_beads(prefix, &mut out)?;
        out.keep(self.pm)?;
        Ok(report)
    }

    fn write_beads(&self, prefix: Option<&str>, out: &mut dyn Write) -> Result<ExportReport> {
        if let Some(bad) = prefix.filter(|prefix| !is_prefix(prefix)) {
            let bad = spelled(bad);
            return Err(Error::usage(format!("{bad} cannot be the prefix of ids")));
        }
        let state = self.pm.store.snapshot()?;
        here::tell_unsettled(self.pm, &state);
        let report = export(&state, prefix, out)?;
        if prefix.is_none() && report.prefixes.len() > 1 {
            let all = report.prefixes.iter();
            let all: Vec<String> = all.map(|(name, n)| format!("{name} ({n})")).collect();
            self.pm.notice(format!(
                "beads rejects a file whose ids have several prefixes: {}; `git pm export beads --prefix \
                 {}` gives all of them one",
                first_of(&all, 5),
                state.repository.issue_prefix()
            ));
        }
        Ok(report)
    }

    /// As `Trackers::export_beads`, into a file that is replaced when the export is complete. With `force` it is also
    /// replaced where it has conflict markers, or records that no import has read or that one skips.
    ///
    /// # Errors
    /// As `Trackers::export_beads`; without `force` if the file has such lines.
    pub fn export_beads_file(
        &self,
        prefix: Option<&str>,
        path: &Path,
        force: bool,
    ) -> Result<ExportReport> {
        if !force {
            unread_changes::require_none(self.pm, path)?;
        }
        known_elsewhere::send(self.pm)?;
        let words = ["export", "beads", "FOLDER/issues.jsonl"];
        let (path, report) = harmless_place::write_file(self.pm, path, true, words, |out| {
            self.write_beads(prefix, out)
        })?;
        past_exports::keep(self.pm, &path);
        Ok(ExportReport {
            file: path.display().to_string(),
            ..report
        })
    }
}

/// An item and its position in an export.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    id: String,
    occurrence: usize,
    uid: Uid,
}

fn export(state: &State<'_>, prefix: Option<&str>, out: &mut dyn Write) -> Result<ExportReport> {
    let mut dependents: HashMap<Uid, usize> = HashMap::new();
    let counted = RefCell::new(&mut dependents);
    let items = state.of_every_item(|item| {
        let mut counted = counted.borrow_mut();
        let waits = item.depends_on.iter().map(|d| &d.target);
        let targets = waits.chain(item.edges.iter().map(|e| &e.target));
        for uid in targets.filter_map(|target| target.uid.as_ref()) {
            if !item.deleted {
                *counted.entry(uid.clone()).or_default() += 1;
            }
        }
        Named {
            id: (item.id != item.born).then(|| item.id.as_str().into()),
            born: item.born.as_str().into(),
            uid: item.uid.clone(),
        }
    });
    let places = places(state, items);
    let ids: HashMap<&Uid, &str> = places.iter().map(|p| (&p.uid, p.id.as_str())).collect();
    let given = prefix.map_or_else(HashMap::new, |prefix| with_prefix(&places, prefix));
    let written = beads_file::known(state);
    let scene = Scene {
        state,
        written: &written,
        id_of: &|target: &ItemRef| {
            let known = target.uid.as_ref().and_then(|uid| ids.get(uid));
            known.map_or_else(|| target.born.clone(), |id| (*id).to_string())
        },
        dependents: &|uid| dependents.get(uid).copied().unwrap_or(0),
    };
    let records: Vec<(String, &Uid)> = places.iter().map(|p| (p.id.clone(), &p.uid)).collect();
    let memories: Vec<String> = written.memories.keys().cloned().collect();
    let mut report = ExportReport {
        file: "-".into(),
        ..ExportReport::default()
    };
    let mut ended = true;
    let mut line = |text: &str| {
        let mut write = || -> std::io::Result<()> {
            if !std::mem::replace(&mut ended, false) {
                out.write_all(b"\n")?;
            }
            out.write_all(text.as_bytes())
        };
        write().map_err(|e| Error::unwritten("cannot write the export", e))
    };
    for placed in written.layout.lines(records, &memories) {
        match placed {
            Token::Record(uid) => {
                let doc = state.doc_once(uid);
                let doc = doc.ok_or_else(|| Error::state(format!("cannot read {uid}")))?;
                if let Some(shaped) = scene.shape(&doc) {
                    let text = renamed(&shaped.text, &given);
                    line(&text)?;
                    let id = ids.get(uid).copied().unwrap_or(&doc.born);
                    let id = given.get(id).map_or(id, String::as_str);
                    let usual = prefix.unwrap_or(state.repository.issue_prefix());
                    let name = match has_prefix(id, usual) {
                        true => usual,
                        false => id.rsplit_once('-').map_or("", |(name, _)| name),
                    };
                    *report.prefixes.entry(name.into()).or_default() += 1;
                    report.records += 1;
                    report.untouched += usize::from(shaped.untouched && text == shaped.text);
                    for field in LEFT_OUT.into_iter().filter(|name| has(&doc, name)) {
                        *report.left_out_fields.entry(field.into()).or_default() += 1;
                    }
                }
            }
            Token::Memory { memory: key } => {
                if let Some(text) = written.memories.get(&key) {
                    line(text)?;
                    report.others += 1;
                }
            }
            Token::Line { line: text } => {
                line(&text)?;
                report.others += 1;
            }
        }
    }
    if written.layout.is_ended() && !ended {
        out.write_all(b"\n")
            .map_err(|e| Error::unwritten("cannot write the export", e))?;
    }
    Ok(report)
}

fn has_prefix(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix)
        .is_some_and(|rest| rest.starts_with('-'))
}

/// The new ids of items whose id has another prefix: `T-0001` becomes `bd-t0001`.
fn with_prefix(places: &[Place], prefix: &str) -> HashMap<String, String> {
    let (ours, others): (Vec<&Place>, Vec<&Place>) = places
        .iter()
        .partition(|place| has_prefix(&place.id, prefix));
    let mut taken: HashSet<String> = ours.iter().map(|place| place.id.clone()).collect();
    let mut given = HashMap::new();
    for place in others {
        let mut id = format!("{prefix}-{}", without_prefix(&place.id));
        if given.contains_key(&place.id) {
            continue;
        }
        if !taken.insert(id.clone()) {
            id += place.uid.suffix(SUFFIX);
        }
        given.insert(place.id.clone(), id);
    }
    given
}

/// An id as what follows another prefix.
pub(super) fn without_prefix(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

/// A record in which the ids that were given others have those.
pub(super) fn renamed<'t>(text: &'t str, given: &HashMap<String, String>) -> Cow<'t, str> {
    // The keys of ids end in this. In a text, the quotation mark is escaped.
    const KEY: &str = "id\"";
    if given.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(KEY) {
        let (before, after) = rest.split_at(at + KEY.len());
        out += before;
        rest = after;
        let value = after.trim_start().strip_prefix(':');
        let value = value.and_then(|value| value.trim_start().strip_prefix('"'));
        let id = value.and_then(|value| value.split('"').next());
        if let (Some(value), Some(id)) = (value, id)
            && let Some(new) = given.get(id)
        {
            out += &after[..after.len() - value.len()];
            out += new;
            rest = &value[id.len()..];
        }
    }
    Cow::Owned(out + rest)
}

/// The fields that beads does not have.
const LEFT_OUT: [&str; 6] = [
    "estimate",
    "points",
    "risk",
    "validation",
    "stream",
    "paths",
];

fn has(doc: &Doc, field: &str) -> bool {
    let mut elements = doc.sets.get(field).into_iter().flatten();
    !doc.value(field).is_null() || elements.any(|(_, reg)| reg.value.is_true())
}

/// An item and its exported id.
struct Named {
    /// The id, if it is not the birth id.
    id: Option<Box<str>>,
    born: Box<str>,
    uid: Uid,
}

/// Every item with the id that it has in the file, sorted by that.
fn places(state: &State<'_>, items: Vec<Named>) -> Vec<Place> {
    let mut born: HashMap<Box<str>, usize> = HashMap::new();
    for item in &items {
        *born.entry(item.born.clone()).or_default() += 1;
    }
    let mut places: Vec<Place> = items
        .into_iter()
        .map(|item| {
            let same = born.get(&item.born).copied().unwrap_or(1);
            let nth = (0..same).find(|n| item.uid == item_uid(SOURCE, &item.born, *n));
            let id = item.id.as_ref().unwrap_or(&item.born);
            Place {
                id: nth.map_or_else(
                    || state.shown_as(id, &item.uid),
                    |_| item.born.clone().into_string(),
                ),
                // Items created here come after imported ones.
                occurrence: nth.unwrap_or(usize::MAX),
                uid: item.uid,
            }
        })
        .collect();
    places.sort();
    places
}
