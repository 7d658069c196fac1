//! The artifacts of a history, and the readers of events in its clones.

use git_pm::artifacts::NewArtifact;
use git_pm::log::EventFilter;

use super::*;

/// A reader of the events of one clone.
pub(super) struct Reader {
    cursor: String,
    /// How often each item was reported as created.
    created: BTreeMap<String, usize>,
}

impl History {
    /// Puts a version of an artifact; those that the clone has are replaced.
    pub(super) fn publish(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to publish for".into();
        };
        let text = self.text("artifact");
        let pm = self.open(c, actor, false);
        let seen = contents(&pm, &id);
        let new = NewArtifact {
            item: id.clone(),
            name: "api.json".into(),
            content: text.clone().into_bytes(),
            allow_secret: false,
        };
        let (line, done) = self.outcome(&format!("put of {id}"), pm.artifacts().put(&new));
        if done.is_some() {
            let seen = seen.into_iter().map(|text| (uid.clone(), text));
            self.model.replaced_artifacts.extend(seen);
            self.model.artifacts.insert((uid, text));
        }
        line
    }

    /// Every version that no put has seen is current, with its content.
    pub(super) fn check_artifacts(&self, pm: &Pm) {
        let mut found = BTreeSet::new();
        for item in pm.store().state().unwrap().items() {
            let texts = contents(pm, item.uid.as_str());
            found.extend(texts.into_iter().map(|text| (item.uid.to_string(), text)));
        }
        let wanted: BTreeSet<(String, String)> = (self.model.artifacts)
            .difference(&self.model.replaced_artifacts)
            .cloned()
            .collect();
        if found != wanted {
            self.fail(&format!(
                "the current artifacts are {found:?}, not {wanted:?}"
            ));
        }
    }

    /// Reads the new events of a clone.
    pub(super) fn read_events(&mut self, c: usize) {
        let pm = self.open(c, "ana", true);
        let Some(mut reader) = self.readers.remove(&c) else {
            let reader = Reader {
                cursor: pm.history().event_cursor().unwrap(),
                created: items_of(&pm),
            };
            self.readers.insert(c, reader);
            return;
        };
        let filter = EventFilter {
            since: Some(reader.cursor.clone()),
            ..EventFilter::default()
        };
        let mut stream = pm.history().events(&filter).unwrap();
        let read = stream.each(|event| {
            if event.kind == "item.created" {
                *reader.created.entry(event.uid.unwrap()).or_default() += 1;
            }
            Ok(true)
        });
        match read {
            Ok(()) => {}
            // The old generation was removed: the reader knows that, and begins again.
            Err(error) if self.plan.raises && error.reason() == "events.cursor_lost" => {
                stream.restart().unwrap();
                reader.created = items_of(&pm);
            }
            Err(error) => self.fail(&format!("{c}: events: {error}")),
        }
        reader.cursor = stream.cursor();
        self.readers.insert(c, reader);
    }

    /// Every reader was told of every item once.
    pub(super) fn check_readers(&mut self) {
        for c in 0..self.places.len() {
            self.read_events(c);
            let wanted = items_of(&self.open(c, "ana", true));
            let created = &self.readers[&c].created;
            if *created != wanted {
                let wrong: Vec<_> = (wanted.keys().chain(created.keys()))
                    .filter(|uid| wanted.get(*uid) != created.get(*uid))
                    .map(|uid| (uid, created.get(uid)))
                    .collect();
                self.fail(&format!("{c}: items not reported exactly once: {wrong:?}"));
            }
        }
    }
}

/// The items of a clone, each once.
fn items_of(pm: &Pm) -> BTreeMap<String, usize> {
    let state = pm.store().state().unwrap();
    let items = state.items();
    items.iter().map(|item| (item.uid.to_string(), 1)).collect()
}

/// The contents of the current versions of an item's artifacts.
fn contents(pm: &Pm, item: &str) -> Vec<String> {
    let artifacts = pm.artifacts();
    let current = artifacts.list(Some(item), false).unwrap();
    let read = |view: &git_pm::artifacts::ArtifactView| {
        let found = artifacts.get(item, &view.name, Some(&view.uid)).unwrap();
        String::from_utf8(found.content).unwrap()
    };
    current.iter().map(read).collect()
}
