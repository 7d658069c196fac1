//! Decides a conflict with a forge: one side's value counts as the change, the other as what it was.

use super::change_item::{Known, apply};
use super::link;
use super::mirror::Mirror;
use super::record::put;
use super::three_way::Fields;
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
        for (uid, _, mirror) in Mirror::all(pm.store.state()?.item_docs(), &key) {
            known.learn_mirror(uid, &mirror);
        }
        let uid = pm.write("github resolve").run(|tx| {
            let item = tx.state.find(id)?.clone();
            let shown = tx.state.shown_id(&item);
            let doc = tx.state.doc(&item.uid);
            let mut mirror = doc
                .and_then(|doc| Mirror::of(doc, &key))
                .unwrap_or_default();
            let (chosen, kept): (Fields, Fields) = std::mem::take(&mut mirror.theirs)
                .into_iter()
                .partition(|(name, _)| field.is_none_or(|one| one == name));
            mirror.theirs = kept;
            if chosen.is_empty() {
                return Err(
                    Error::not_found(format!("{shown} has no such conflict with GitHub"))
                        .because(Reason::ForgeNoConflict)
                        .about(&shown)
                        .hint(Hint::run(["github", "status"], "lists them")),
                );
            }
            let number = mirror.number.unwrap_or_default();
            let at = format!("{}#{number}", link.shown());
            for (name, theirs) in &chosen {
                if side == Side::Theirs {
                    apply(pm, tx, &known, &item.uid, (name, theirs), &at)?;
                }
                mirror.seen.insert(name.clone(), theirs.clone());
            }
            put(tx, &item.uid, &key, &mirror)?;
            let names: Vec<&str> = chosen.keys().map(String::as_str).collect();
            let what = format!("{shown}: {} of {side}", names.join(", "));
            tx.describe("github resolve", &[&shown], &what);
            Ok(item.uid)
        })?;
        here::view_of(pm, &uid)
    }
}
