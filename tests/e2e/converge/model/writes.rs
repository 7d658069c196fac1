//! The writes of a history.

use super::*;

impl History {
    pub(super) fn text(&mut self, what: &str) -> String {
        self.texts += 1;
        format!("{what} number {} of {}", self.texts, self.seed)
    }

    /// An item that the clone has.
    pub(super) fn any_item(&mut self, c: usize) -> Option<(String, String)> {
        let pm = self.open(c, "ana", true);
        let state = pm.store().state().ok()?;
        let all: Vec<(String, String)> = state
            .items()
            .iter()
            .map(|i| (state.shown_id(i), i.uid.to_string()))
            .collect();
        drop(state);
        self.dice.pick(&all).cloned()
    }

    /// The result of an operation, as a line of the trace. Unexpected errors end the history.
    pub(super) fn outcome<T>(&self, what: &str, result: Result<T, Error>) -> (String, Option<T>) {
        match result {
            Ok(value) => (what.to_string(), Some(value)),
            Err(error) => {
                let expected = match error.kind() {
                    Kind::State => false,
                    Kind::Remote => self.plan.cuts || error.message().contains("needs the remote"),
                    _ => true,
                };
                if !expected {
                    self.fail(&format!("{what}: {error} ({:?})", error.kind()));
                }
                (format!("{what}: {error}"), None)
            }
        }
    }

    pub(super) fn create(&mut self, c: usize, actor: &str) -> String {
        let body = self.text("body");
        let criterion = self.text("criterion");
        let label = self.text("label").replace(' ', "-");
        let kind = match self.dice.below(10) {
            0 => ItemKind::Epic,
            1 => ItemKind::Issue,
            _ => ItemKind::Task,
        };
        let paths = if self.dice.chance(30) {
            vec![format!("src/{}/**", self.dice.below(4))]
        } else {
            Vec::new()
        };
        let new = NewItem {
            title: self.text("Task"),
            fields: Fields {
                body: Some(body.clone()),
                acceptance: Some(vec![criterion.clone()]),
                labels: Some(vec![label.clone()]),
                paths: Some(paths),
                ..Fields::default()
            },
            ..NewItem::default()
        };
        let pm = self.open(c, actor, false);
        let (line, view) = self.outcome("create", pm.tasks().create(kind, &new));
        if let Some(view) = view {
            let uid = view.uid.to_string();
            self.model.items.insert(uid.clone());
            self.model.titles.insert((uid.clone(), view.title.clone()));
            self.model.bodies.insert((uid.clone(), body));
            self.model.criteria.insert((uid.clone(), criterion));
            self.model.labels.insert((uid.clone(), label));
            return format!("{line} {} ({uid})", view.id);
        }
        line
    }

    pub(super) fn edit(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to edit".into();
        };
        let pm = self.open(c, actor, false);
        let (seen, criteria, labels, title) = {
            let state = pm.store().state().unwrap();
            let item = state.find(&id).unwrap();
            let doc = state.doc(&item.uid).unwrap();
            (
                versions(doc),
                item.acceptance
                    .iter()
                    .map(|c| c.text.clone())
                    .collect::<Vec<_>>(),
                item.labels.clone(),
                item.title.clone(),
            )
        };
        let mut edit = ItemEdit::default();
        let (mut body, mut acceptance, mut label) = (None, None, None);
        match self.dice.below(6) {
            0 | 1 => body = Some(self.text("body")),
            2 => {
                let mut list = criteria.clone();
                if !list.is_empty() && self.dice.chance(40) {
                    list.remove(self.dice.below(list.len()));
                }
                list.push(self.text("criterion"));
                acceptance = Some(list);
            }
            3 => {
                label = Some(self.text("label").replace(' ', "-"));
                edit.remove_labels = labels.first().into_iter().cloned().collect();
            }
            4 => edit.title = Some(self.text("Title")),
            _ => {
                edit.fields = Fields {
                    priority: Some(u8::try_from(self.dice.below(5)).unwrap()),
                    ..Fields::default()
                };
                edit.fields.paths = Some(vec![format!("lib/{}/*.rs", self.dice.below(3))]);
            }
        }
        edit.fields.body.clone_from(&body);
        edit.fields.acceptance.clone_from(&acceptance);
        edit.add_labels = label.iter().cloned().collect();
        let (line, view) = self.outcome(&format!("edit {id}"), pm.tasks().edit(&id, &edit));
        if view.is_none() {
            return line;
        }
        let of = |text: &String| (uid.clone(), text.clone());
        if let Some(new) = &edit.title {
            self.model.retitled.insert(of(&title));
            self.model.titles.insert(of(new));
        }
        if let Some(body) = &body {
            self.model.replaced.extend(seen.iter().map(of));
            self.model.bodies.insert(of(body));
        }
        if let Some(list) = &acceptance {
            let gone = criteria.iter().filter(|c| !list.contains(c));
            self.model.removed.extend(gone.map(of));
            self.model.criteria.extend(list.iter().map(of));
        }
        if let Some(label) = &label {
            self.model
                .unlabelled
                .extend(edit.remove_labels.iter().map(of));
            self.model.labels.insert(of(label));
        }
        format!("{line} body {body:?} acceptance {acceptance:?}")
    }

    pub(super) fn comment(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to comment".into();
        };
        let text = self.text("comment");
        let pm = self.open(c, actor, false);
        let (line, done) = self.outcome(&format!("comment {id}"), pm.tasks().comment(&id, &text));
        if done.is_some() {
            self.model.comments.insert((uid, text));
        }
        line
    }

    pub(super) fn accept(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to accept".into();
        };
        let pm = self.open(c, actor, false);
        let texts: Vec<String> = {
            let state = pm.store().state().unwrap();
            let item = state.find(&id).unwrap();
            item.acceptance.iter().map(|c| c.text.clone()).collect()
        };
        let accepted = pm.tasks().accept(Some(&id), &[], true, Some("seen"));
        let (line, done) = self.outcome(&format!("accept {id}"), accepted);
        if done.is_some() {
            self.model
                .ticked
                .extend(texts.into_iter().map(|t| (uid.clone(), t)));
        }
        line
    }

    pub(super) fn depend(&mut self, c: usize, actor: &str) -> String {
        let (Some((a, _)), Some((b, _))) = (self.any_item(c), self.any_item(c)) else {
            return "nothing to connect".into();
        };
        let soft = self.dice.chance(50);
        let pm = self.open(c, actor, false);
        if self.dice.chance(25) {
            return self
                .outcome(&format!("{a} no longer waits for {b}"), {
                    pm.tasks().remove_dependency(&a, &b, "blocks")
                })
                .0;
        }
        self.outcome(
            &format!("{a} waits for {b}"),
            pm.tasks().add_dependency(&a, &b, "blocks", soft, false),
        )
        .0
    }

    pub(super) fn reparent(&mut self, c: usize, actor: &str) -> String {
        let (Some((a, _)), Some((b, _))) = (self.any_item(c), self.any_item(c)) else {
            return "nothing to move".into();
        };
        let pm = self.open(c, actor, false);
        self.outcome(
            &format!("{a} below {b}"),
            pm.tasks()
                .add_dependency(&a, &b, "parent-child", false, false),
        )
        .0
    }

    pub(super) fn start(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to start".into();
        };
        let offline = self.dice.chance(50);
        let pm = self.open(c, actor, offline);
        let options = StartOptions {
            worktree: false,
            ..StartOptions::default()
        };
        let what = format!("start {id}{}", if offline { " --offline" } else { "" });
        let (line, started) = self.outcome(&what, pm.tasks().start(&id, &options));
        let Some(started) = started else {
            return line;
        };
        let claim = started.item.claim.as_ref();
        let confirmed = claim.is_some_and(|c| c.confirmed);
        if confirmed && self.claims_are_certain() {
            let who = format!("{actor} in {}", self.places[c].name);
            if let Some(holder) = self.model.held.get(&uid) {
                let holder = holder.clone();
                self.note(&what);
                self.fail(&format!(
                    "{who} got a confirmed claim on {id}, which {holder} holds"
                ));
            }
            self.model.held.insert(uid, who);
        }
        format!("{line}: confirmed {confirmed}")
    }

    /// Whether in this history only its own clone can end a confirmed claim.
    pub(super) fn claims_are_certain(&self) -> bool {
        !self.rewound && !self.plan.forgets && !self.plan.cuts && self.plan.skew_hours < 11
    }

    pub(super) fn drop_or_close(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to drop".into();
        };
        let pm = self.open(c, actor, false);
        let (what, result) = match self.dice.below(4) {
            0 | 1 => (
                "drop",
                pm.tasks()
                    .release(Some(&id), &DropOptions::default())
                    .map(|_| ()),
            ),
            2 => (
                "cancel",
                pm.tasks().cancel(&id, Some("no need")).map(|_| ()),
            ),
            _ if self.dice.chance(50) => {
                let force = FinishOptions {
                    force: true,
                    ..FinishOptions::default()
                };
                ("finish", pm.tasks().finish(Some(&id), &force).map(|_| ()))
            }
            _ => ("done", pm.tasks().done(&id, None, true).map(|_| ())),
        };
        let (line, done) = self.outcome(&format!("{what} {id}"), result);
        if done.is_some() {
            self.model.held.remove(&uid);
        }
        line
    }

    pub(super) fn reserve(&mut self, c: usize, actor: &str) -> String {
        let offline = self.dice.chance(50);
        let pm = self.open(c, actor, offline);
        if self.dice.chance(25) {
            let all = ReservationSelector::default();
            return self.outcome("release", pm.reservations().release(&all)).0;
        }
        let pattern = format!("src/{}/*.rs", self.dice.below(4));
        let request = ReserveRequest {
            patterns: vec![pattern.clone()],
            ttl: Some(Millis(20 * 3_600_000)),
            shared: self.dice.chance(30),
            new: true,
            ..ReserveRequest::default()
        };
        self.outcome(
            &format!("reserve {pattern}"),
            pm.reservations().add(&request),
        )
        .0
    }
}
