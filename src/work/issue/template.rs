//! Creates issues from a template: a copy of the template and of all its descendants.

use std::collections::BTreeMap;

use crate::error::{Error, Hint, Result};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::handles::Issues;
use crate::pm::shared_views::ItemView;
use crate::store::transaction::Tx;
use crate::work::list::descendants::below;
use crate::work::new_item::{Fields, NewItem};
use crate::work::task::create;
use crate::work::task::cycles::Cycles;
use crate::work::task::deps;

impl Issues<'_> {
    /// Creates issues from a template, in one commit: the template and all issues below it, with
    /// their edges among each other. Returns the copy of the template itself.
    ///
    /// # Errors
    /// When there is no such item, or it is not a template.
    pub fn create_from(
        &self,
        template: &str,
        title: Option<&str>,
        parent: Option<&str>,
    ) -> Result<ItemView> {
        self.pm.write("issue create --from").view(|tx| {
            let root = tx.state.find(template)?.clone();
            let name = tx.state.shown_id(&root);
            if !root.issue.template || root.kind != ItemKind::Issue {
                return Err(Error::refused(format!("{name} is not a template"))
                    .hint(Hint::run(
                        ["issue", "list", "--templates"],
                        "shows the templates",
                    ))
                    .hint(Hint::run(
                        ["issue", "update", &name, "--template"],
                        "makes it one",
                    )));
            }
            let mut all = vec![root.uid.clone()];
            all.extend(below(&tx.state, &root.uid));
            let mut copies: BTreeMap<Uid, String> = BTreeMap::new();
            let mut made = Vec::new();
            // Parents come before their children.
            for uid in &all {
                let item = tx.state.item(uid).cloned();
                let Some(item) = item.filter(|item| item.kind == ItemKind::Issue) else {
                    continue;
                };
                let top = *uid == root.uid;
                let above = match top {
                    true => parent.map(str::to_string),
                    false => copy_of(&copies, item.parent()),
                };
                let new = copied(tx, &item, title.filter(|_| top), above);
                let copy =
                    create::create_in(self.pm, tx, &mut Cycles::refused(), ItemKind::Issue, &new)?;
                copies.insert(uid.clone(), copy.to_string());
                made.push((item, copy));
            }
            for (item, copy) in &made {
                copy_edges(tx, item, copy, &copies)?;
            }
            let uid = made.first().map(|(_, copy)| copy.clone());
            let uid = uid.ok_or_else(|| Error::not_found("the template has no items"))?;
            let mut ids = Vec::new();
            for (_, copy) in &made {
                ids.push(crate::work::task::create::shown(tx, copy));
            }
            crate::work::task::many_items::describe(
                tx,
                "issue create",
                &ids,
                &format!("from {name}"),
            );
            Ok(uid)
        })
    }
}

/// Adds the dependencies between copies that the templates have between each other.
fn copy_edges(
    tx: &mut Tx<'_>,
    item: &Item,
    copy: &Uid,
    copies: &BTreeMap<Uid, String>,
) -> Result<()> {
    for on in &item.depends_on {
        if let Some(target) = copy_of(copies, Some(&on.target)) {
            let mut cycles = Cycles::refused();
            deps::dep_add_in(tx, &mut cycles, copy.as_str(), &target, "blocks", on.soft)?;
        }
    }
    for edge in item.edges.iter().filter(|e| e.kind != "parent-child") {
        if let Some(target) = copy_of(copies, Some(&edge.target)) {
            let mut cycles = Cycles::refused();
            deps::dep_add_in(tx, &mut cycles, copy.as_str(), &target, &edge.kind, false)?;
        }
    }
    Ok(())
}

fn copy_of(copies: &BTreeMap<Uid, String>, target: Option<&ItemRef>) -> Option<String> {
    copies.get(target?.uid.as_ref()?).cloned()
}

/// A new item with the fields of a template.
fn copied(tx: &Tx<'_>, item: &Item, title: Option<&str>, parent: Option<String>) -> NewItem {
    let doc = tx.state.doc(&item.uid);
    let text = |name: &str| doc.and_then(|doc| doc.text(name)).map(str::to_string);
    let own = item.acceptance.iter().filter(|one| one.nth_box().is_none());
    NewItem {
        title: title.unwrap_or(&item.title).to_string(),
        fields: Fields {
            body: doc.map(|doc| doc.body.shown().to_string()),
            item_type: Some(item.item_type.clone()),
            force: true,
            priority: Some(item.priority),
            assignee: item.assignee.clone(),
            design: text("design"),
            acceptance_criteria: text("acceptance_criteria"),
            notes: text("notes"),
            spec_id: text("spec_id"),
            estimated_minutes: item
                .issue
                .estimated_minutes
                .and_then(|n| u32::try_from(n).ok()),
            metadata: text("metadata"),
            acceptance: Some(own.map(|one| one.text.clone()).collect()),
            paths: Some(item.paths.clone()),
            labels: Some(item.labels.clone()),
            parent,
            external_refs: Some(item.external_refs.clone()),
            ..Fields::default()
        },
        ..NewItem::default()
    }
}
