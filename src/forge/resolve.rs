//! Decides a conflict with a forge: one side's value counts as the change, the other as what it was.

use super::apply::{Known, apply};
use super::link;
use super::mirror::{MIRRORS, Mirror};
use crate::coordinate::here;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::pm::handles::Forges;
use crate::pm::shared_views::ItemView;
use crate::pm::who_acts::require_human;

terms! {
    /// One of the two sides of a conflict.
    Side in "side" {
        /// The item's value; the next exchange sends it.
        Ours = "ours",
        /// The value, as it was last read.
        Theirs = "theirs",
    }
}

impl Forges<'_> {
    /// Decides the conflicts of an item, of one field or all.
    ///
    /// # Errors
    /// When there are none, or a rule forbids the forge's value.
    pub fn resolve(&self, id: &str, side: Side, field: Option<&str>) -> Result<ItemView> {
        let pm: &Pm = self.pm;
        if side == Side::Theirs {
            // It may be the text of a stranger.
            let next = "ask a human to run `git pm github resolve`";
            require_human(&pm.actor, "taking what the forge has", next)?;
        }
        let link = link::confirmed(pm)?;
        let key = link.key();
        let mut known = Known {
            rule: link::rule(pm)?,
            ..Known::default()
        };
        for (uid, loaded) in pm.store.state()?.item_docs() {
            let has_any = loaded.doc.records.contains_key(MIRRORS);
            let mirror = has_any.then(|| Mirror::of(&loaded.doc, &key)).flatten();
            if let Some((number, id)) = mirror.and_then(|one| one.number.zip(one.id)) {
                known.learn(uid, number, id);
            }
        }
        let uid = pm.write("github resolve").run(|tx| {
            let item = tx.state.find(id)?.clone();
            let shown = tx.state.shown_id(&item);
            let mirror = tx
                .state
                .doc(&item.uid)
                .and_then(|doc| Mirror::of(doc, &key));
            let mut mirror = mirror.unwrap_or_default();
            let fields: Vec<String> = mirror.theirs.keys().cloned().collect();
            let chosen = fields
                .into_iter()
                .filter(|name| field.is_none_or(|one| one == name));
            let chosen: Vec<String> = chosen.collect();
            if chosen.is_empty() {
                return Err(
                    Error::not_found(format!("{shown} has no such conflict with GitHub"))
                        .because(Reason::ForgeNoConflict)
                        .about(&shown)
                        .hint(Hint::run(["github", "status"], "lists them")),
                );
            }
            for name in &chosen {
                let Some(theirs) = mirror.theirs.remove(name) else {
                    continue;
                };
                if side == Side::Theirs {
                    let number = mirror.number.unwrap_or_default();
                    let at = format!("{}#{number}", link.shown());
                    apply(pm, tx, &known, &item.uid, (name, &theirs), &at)?;
                }
                mirror.seen.insert(name.clone(), theirs);
            }
            let fresh = tx.fresh_stamp();
            tx.edit_settled(&item.uid, |doc, clock| {
                mirror.write(doc, &key, clock, fresh)
            })?;
            let what = format!(
                "{shown}: {} of {}",
                chosen.join(", "),
                match side {
                    Side::Ours => "ours",
                    Side::Theirs => "theirs",
                }
            );
            tx.describe("github resolve", &[&shown], &what);
            Ok(item.uid)
        })?;
        here::view_of(pm, &uid)
    }
}
