//! Syncs, and accidents of clones and remotes.

use super::*;

impl History {
    pub(super) fn exchange(&mut self, c: usize, actor: &str) -> String {
        let remote = format!("r{}", self.dice.below(self.remotes.len()));
        let how = self.dice.below(4);
        let pm = self.open(c, actor, false);
        let names = [remote.clone()];
        let (what, result) = match how {
            0 => ("pull", pm.state().pull(&names)),
            _ => ("sync", pm.state().sync(&names)),
        };
        let (line, report) = self.outcome(&format!("{what} {remote}"), result);
        let Some(report) = report else {
            return line;
        };
        let lost: Vec<&str> = report.lost.iter().map(|l| l.id.as_str()).collect();
        let moved: Vec<String> = report
            .renumbered
            .iter()
            .map(|r| format!("{}->{}", r.old, r.new))
            .collect();
        format!(
            "{line}: confirmed {:?} lost {lost:?} renumbered {moved:?}",
            report.confirmed
        )
    }

    pub(super) fn accident(&mut self, c: usize) -> String {
        let plan = self.plan;
        let choices: Vec<&str> = [
            ("copy", plan.copies && self.places.len() < 5),
            ("forget", plan.forgets),
            ("rewind", plan.rewinds),
            ("raise", plan.raises),
            ("cut", plan.cuts),
        ]
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| name)
        .collect();
        match self.dice.pick(&choices).copied() {
            Some("copy") => self.copy_clone(c),
            Some("forget") => self.forget(c),
            Some("rewind") => self.rewind(),
            Some("raise") => self.raise(c),
            Some("cut") => self.cut(c),
            _ => "nothing happens".into(),
        }
    }

    /// The whole clone is copied, as by a backup.
    pub(super) fn copy_clone(&mut self, c: usize) -> String {
        let name = format!("c{}", self.places.len());
        let path = self.scene.dir.path().join(&name);
        copy(&self.places[c].path, &path);
        let offset_ms = self.skew();
        self.places.push(Place {
            name: name.clone(),
            path,
            offset_ms,
        });
        let original = self.open(c, "ana", true).store().replica().unwrap();
        let copied = self.open(self.places.len() - 1, "ana", true);
        let copied = copied.store().replica().unwrap();
        if original == copied {
            self.fail(&format!("the copy {name} continues as {original}"));
        }
        // Claims that the original had when it was copied are settled by the original alone.
        format!("copied to {name}")
    }

    pub(super) fn forget(&mut self, c: usize) -> String {
        let pm = self.open(c, "ana", true);
        let file = pm.store().folder().join("replica.json");
        if let Some(old) = pm.store().known_replica() {
            self.ghosts.insert(old.to_string());
        }
        let _ = std::fs::remove_file(file);
        "forgets its replica id".into()
    }

    pub(super) fn rewind(&mut self) -> String {
        let r = self.dice.below(self.remotes.len());
        let past = self.past[r].clone();
        let Some(old) = self.dice.pick(&past).copied() else {
            return "nothing to rewind".into();
        };
        let at = self.scene.at(&format!("r{r}.git"));
        at.git(&["update-ref", "refs/pm/main", &old.to_string()])
            .ok();
        self.rewound = true;
        format!("r{r} is rewound to {old}")
    }

    /// A raised generation: the history is cut off, and perhaps a text is redacted.
    pub(super) fn raise(&mut self, c: usize) -> String {
        let pm = self.open(c, "ana", true);
        let store = pm.store();
        let tip = store.require_tip().unwrap();
        let state = State::at(store.repo(), tip).unwrap();
        let (mut redacted, mut found) = (None, Found::default());
        if self.dice.chance(60) {
            let candidates: Vec<Doc> = state
                .item_docs()
                .values()
                .filter(|l| !versions(&l.doc).is_empty())
                .map(|l| l.doc.clone())
                .collect();
            if let Some(doc) = self.dice.pick(&candidates) {
                found.versions.extend(doc.body.newest().cloned());
                redacted = Some((doc.uid.to_string(), doc.body.text().to_string()));
            }
        }
        drop(state);
        let actor = Actor {
            name: "ana".into(),
            is_agent: false,
            is_confined: false,
            is_bound: false,
            own: None,
            is_inferred: false,
            email: String::new(),
            identity: "Ana".into(),
        };
        let raise = Raise {
            op: "gc".into(),
            text: "raise".into(),
            reason: "test".into(),
            ..Raise::default()
        };
        store.raise(&actor, &raise, |_| Ok(found.clone())).unwrap();
        self.raised = true;
        let line = format!("raises the generation, redacts {redacted:?}");
        if let Some((uid, text)) = redacted {
            self.model.redacted.insert(text);
            self.model.withheld.insert(uid);
        }
        line
    }

    /// The answer of the next push to a remote is lost, after the push succeeded or before.
    pub(super) fn cut(&mut self, c: usize) -> String {
        let r = self.dice.below(self.remotes.len());
        let landed = self.dice.chance(50);
        let hook = self.remotes[r].join("hooks").join(if landed {
            "post-receive"
        } else {
            "pre-receive"
        });
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, "#!/bin/sh\nkill -9 $PPID\n").unwrap();
        executable(&hook);
        let pm = self.open(c, "ana", false);
        let result = pm.state().sync(&[format!("r{r}")]);
        let _ = std::fs::remove_file(&hook);
        let what = format!("sync r{r} whose answer is lost (landed: {landed})");
        self.outcome(&what, result).0
    }

    /// Records the ids that every remote has now: they are published.
    pub(super) fn watch_remotes(&mut self) {
        for r in 0..self.remotes.len() {
            let mut env = self.env(0);
            env.cwd.clone_from(&self.remotes[r]);
            let repo = GitRepo::open(&env).unwrap();
            let Some(tip) = repo.ref_target("refs/pm/main").unwrap() else {
                continue;
            };
            if self.past[r].last() == Some(&tip) {
                continue;
            }
            self.past[r].push(tip);
            let state = State::at(&repo, tip).unwrap();
            for (uid, loaded) in state.item_docs() {
                let id = loaded.item.as_ref().unwrap().id.clone();
                let known = self
                    .model
                    .published
                    .entry(uid.to_string())
                    .or_insert_with(|| id.clone());
                // A rewound remote shows an older state again.
                if *known != id && !self.rewound {
                    let known = known.clone();
                    self.fail(&format!(
                        "{uid} was published as {known} and is {id} now at r{r}"
                    ));
                }
            }
        }
    }

    /// Every clone syncs with every remote until nothing changes any more.
    pub(super) fn settle(&mut self) {
        self.note("the end: everybody syncs");
        let mut last = Vec::new();
        for _ in 0..8 {
            for c in 0..self.places.len() {
                for r in 0..self.remotes.len() {
                    self.now_ms += 1000;
                    let name = format!("r{r}");
                    let pm = self.open(c, "ana", false);
                    let result = pm.state().sync(std::slice::from_ref(&name));
                    if let Err(error) = result {
                        let who = self.places[c].name.clone();
                        self.fail(&format!(
                            "{who} cannot sync with {name} in the end: {error}"
                        ));
                    }
                    self.watch_remotes();
                }
            }
            let now = self.tips();
            if now == last {
                return;
            }
            last = now;
        }
        self.fail("the clones and remotes never come to rest");
    }

    pub(super) fn tips(&self) -> Vec<String> {
        let names = self.places.iter().map(|p| p.name.clone());
        let bare = (0..self.remotes.len()).map(|r| format!("r{r}.git"));
        names
            .chain(bare)
            .map(|name| self.scene.at(&name).state_tree())
            .collect()
    }
}
