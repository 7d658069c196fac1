//! The definitions from all sources, and which of them are in force.

use std::collections::BTreeSet;

use super::built_in::BUILT_IN;
use super::read::{Read, read};
use super::{AgentDefinition, AgentFault, AgentSource, AgentView, Permissions};
use crate::coordinate::gate::agent_files::AgentFile;
use crate::coordinate::gate::trust;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::text::excerpt;
use crate::pm::Pm;

/// A definition with its prompt.
pub(super) struct Known {
    pub view: AgentView,
    pub body: String,
}

/// All definitions by name, the one in force first.
pub(super) fn all(pm: &Pm) -> Result<Vec<Known>> {
    let files = trust::agents(pm);
    let mut all: Vec<Known> = files
        .iter()
        .map(|(file, yes)| of_file(file, *yes))
        .collect();
    let own = all.iter().filter(|known| known.view.in_force);
    let own: BTreeSet<String> = own
        .map(|known| known.view.definition.name.clone())
        .collect();
    all.extend(BUILT_IN.iter().map(|(name, text)| {
        let mut known = built_in(name, text);
        known.view.in_force = !own.contains(*name);
        known
    }));
    let state = pm.store.snapshot()?;
    let docs = state.agent_docs().values().map(|loaded| &loaded.doc);
    all.extend(docs.filter(|doc| doc.is_live()).map(of_state));
    all.sort_by(|a, b| {
        let key = |known: &Known| (!known.view.in_force, known.view.source);
        let names = a.view.definition.name.cmp(&b.view.definition.name);
        names.then_with(|| key(a).cmp(&key(b)))
    });
    Ok(all)
}

/// A definition that counts only if it is trusted and has no faults.
fn known(read: Read, source: AgentSource, path: Option<String>, trusted: bool) -> Known {
    let in_force = trusted && read.faults.is_empty();
    let mut definition = read.definition;
    if !in_force {
        definition.permissions = Permissions::ReadOnly;
        definition.tools.clear();
    }
    let view = AgentView {
        definition,
        source,
        path,
        trusted,
        in_force,
        faults: read.faults,
    };
    Known {
        view,
        body: read.body,
    }
}

fn built_in(name: &str, text: &str) -> Known {
    known(read(name, name, text), AgentSource::BuiltIn, None, true)
}

pub(super) fn of_file(file: &AgentFile, trusted: bool) -> Known {
    let read = match &file.text {
        Ok(text) => read(&file.path, &file.name, text),
        Err(why) => Read {
            faults: vec![AgentFault::of_file(&file.path, why)],
            ..Read::named(&file.name)
        },
    };
    known(read, AgentSource::File, Some(file.path.clone()), trusted)
}

/// The imported definition of a document: data of whoever can push, so it has no permissions.
fn of_state(doc: &Doc) -> Known {
    let text = |name: &str, most| excerpt(doc.text(name).unwrap_or_default(), most);
    let definition = AgentDefinition {
        duty: text("description", 200),
        model: text("model", 100),
        ..AgentDefinition::named(&text("name", 64))
    };
    let read = Read {
        definition,
        body: doc.body.shown().to_string(),
        faults: Vec::new(),
    };
    known(read, AgentSource::State, None, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::definition::Output;

    #[test]
    fn the_built_in_definitions_are_valid_short_and_small() {
        let mut size = 0;
        for (name, text) in BUILT_IN {
            let known = built_in(name, text);
            assert_eq!(known.view.faults, [], "{name}");
            let words = known.body.split_whitespace().count();
            assert!((60..=180).contains(&words), "{name} has {words} words");
            let is_reader = matches!(
                known.view.definition.output,
                Output::Findings | Output::Plan | Output::Notes
            );
            let is_bound = known.view.definition.permissions == Permissions::ReadOnly;
            assert!(is_bound || !is_reader, "{name} may write");
            size += text.len();
        }
        assert!(size <= 60 * 1024, "{size} bytes");
    }
}
