//! Checks at the end of a history.

use super::*;

impl History {
    pub(super) fn check(&self) {
        let trees: BTreeSet<String> = self.tips().into_iter().collect();
        if trees.len() != 1 {
            self.fail(&format!("the states differ in the end: {:?}", self.tips()));
        }
        let pm = self.open(0, "ana", true);
        let state = pm.store().state().unwrap();
        if !state.damaged().is_empty() {
            self.fail(&format!("damaged files: {:?}", state.damaged()));
        }
        self.check_canonical(&state, pm.store().repo());
        self.check_texts(&state);
        self.check_titles(&pm, &state);
        self.check_ids(&state);
        self.check_claims(&state);
        self.check_artifacts(&pm);
    }

    /// Every file is in canonical form.
    pub(super) fn check_canonical(&self, state: &State<'_>, repo: &GitRepo) {
        let at = self.scene.at(&self.places[0].name);
        let listed = at.git(&["ls-tree", "-r", "refs/pm/main"]).ok().out;
        for line in listed.lines() {
            let (meta, path) = line.split_once('\t').unwrap();
            if path.starts_with("blobs/") {
                continue;
            }
            let oid = repo.parse_id(meta.split(' ').nth(2).unwrap()).unwrap();
            let bytes = repo.blob(oid, 1 << 24).unwrap().unwrap();
            let doc = decode(&bytes).unwrap_or_else(|e| self.fail(&format!("{path}: {e}")));
            if encode(&doc).as_bytes() != bytes {
                self.fail(&format!("{path} is not canonical"));
            }
        }
        let _ = state;
    }

    /// Every title is there, or somebody who saw it overwrote it, or it is listed as overridden.
    pub(super) fn check_titles(&self, pm: &Pm, state: &State<'_>) {
        let listed = pm.history().log_conflicts(&LogFilter::default()).unwrap();
        for (uid, title) in self.model.titles.difference(&self.model.retitled) {
            let item = state.item(&git_pm::values::Uid::new(uid).unwrap());
            let there = item.is_some_and(|item| item.title == *title);
            if !there && !listed.iter().any(|one| one.lost == title.as_str()) {
                self.fail(&format!("the title {title:?} of {uid} gave way in silence"));
            }
        }
    }

    pub(super) fn check_texts(&self, state: &State<'_>) {
        let model = &self.model;
        let drafts = self.drafts();
        let have = |uid: &String| {
            let uid = git_pm::values::Uid::new(uid).unwrap();
            state.doc(&uid).cloned()
        };
        for uid in &model.items {
            if have(uid).is_none() {
                self.fail(&format!("the item {uid} is lost"));
            }
        }
        for (uid, text) in model.bodies.difference(&model.replaced) {
            let there = have(uid).is_some_and(|doc| versions(&doc).contains(text));
            let kept = model.withheld.contains(uid) && drafts.contains(text);
            if !there && !kept && !model.redacted.contains(text) {
                self.fail(&format!("the text {text:?} of {uid} is lost"));
            }
        }
        for text in &model.redacted {
            for loaded in state.item_docs().values() {
                if versions(&loaded.doc).contains(text) {
                    self.fail(&format!("the redacted text {text:?} is back"));
                }
            }
        }
        for (uid, text) in model.criteria.difference(&model.removed) {
            let found = have(uid).and_then(|doc| {
                let found = doc
                    .entries("acceptance")
                    .find(|(_, e)| e.text("text") == Some(text))?;
                Some(found.1.value("done").is_true())
            });
            let ticked = model.ticked.contains(&(uid.clone(), text.clone()));
            match found {
                None => self.fail(&format!("the criterion {text:?} of {uid} is lost")),
                Some(false) if ticked => {
                    self.fail(&format!("the acceptance of {text:?} of {uid} is lost"))
                }
                _ => {}
            }
        }
        for (uid, label) in model.labels.difference(&model.unlabelled) {
            if !have(uid).is_some_and(|doc| doc.contains("labels", label)) {
                self.fail(&format!("the label {label} of {uid} is lost"));
            }
        }
        let comments: BTreeSet<(String, String)> = state
            .comment_docs()
            .values()
            .map(|l| {
                let on = git_pm::internals::model::id::ItemRef::parse(l.doc.text("item").unwrap());
                (on.uid.unwrap().to_string(), l.doc.body.text().to_string())
            })
            .collect();
        for comment in &model.comments {
            if !comments.contains(comment) {
                self.fail(&format!("the comment {comment:?} is lost"));
            }
        }
    }

    /// Texts that a redaction withheld and a clone kept for its author.
    pub(super) fn drafts(&self) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        for place in &self.places {
            let folder = place.path.join(".git/pm/drafts");
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                out.insert(std::fs::read_to_string(entry.path()).unwrap());
            }
        }
        out
    }

    pub(super) fn check_ids(&self, state: &State<'_>) {
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in state.items() {
            let uid = item.uid.to_string();
            let shown = state.shown_id(item);
            let found = state.find(&shown).map(|i| i.uid.to_string());
            if found.as_ref().ok() != Some(&uid) {
                self.fail(&format!("{shown} does not name {uid}: {found:?}"));
            }
            let alias = state.find(&item.alias()).map(|i| i.uid.to_string());
            if alias.as_ref().ok() != Some(&uid) {
                self.fail(&format!("the alias {} does not name {uid}", item.alias()));
            }
            if let Some(published) = self.model.published.get(&uid)
                && *published != item.id
                && !self.rewound
            {
                self.fail(&format!(
                    "{uid} was published as {published}, is {}",
                    item.id
                ));
            }
            seen.entry(item.id.clone()).or_default().push(uid);
        }
        // Two remotes, a lost answer or a rewound remote may publish a number twice; then both are
        // shown with a suffix, and the bare number is ambiguous.
        let excused = self.remotes.len() > 1 || self.rewound || self.plan.cuts;
        for (id, uids) in seen.iter().filter(|(_, uids)| uids.len() > 1) {
            if !excused {
                self.fail(&format!("{id} is the id of {uids:?}"));
            }
            match state.find(id) {
                Err(error) if error.kind() == Kind::Ambiguous => {}
                other => self.fail(&format!("{id} is ambiguous, but: {other:?}")),
            }
        }
    }

    pub(super) fn check_claims(&self, state: &State<'_>) {
        let replicas: BTreeSet<String> = (0..self.places.len())
            .filter_map(|c| self.open(c, "ana", true).store().known_replica())
            .map(|r| r.to_string())
            .collect();
        for item in state.items() {
            let open: Vec<_> = item.claims.iter().filter(|c| c.ended.is_none()).collect();
            for claim in &open {
                if !claim.confirmed && replicas.contains(&claim.replica) {
                    self.fail(&format!(
                        "{} has a claim of {} that its clone synced and never settled",
                        item.id, claim.actor
                    ));
                }
            }
            let confirmed = open.iter().filter(|c| c.confirmed).count();
            if confirmed > 1 && self.claims_are_certain() {
                self.fail(&format!(
                    "{} is confirmed for {confirmed} claimants",
                    item.id
                ));
            }
            if let Some(who) = self.model.held.get(item.uid.as_str())
                && self.claims_are_certain()
                && confirmed == 0
                && !item.status.is_closed()
            {
                self.fail(&format!(
                    "{who} had a confirmed claim on {}, and does not hold it at the end",
                    item.id
                ));
            }
        }
    }
}
