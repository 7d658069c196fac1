//! What an editor changed in a text: only that is written.
//!
//! So changes which others made while it was open are kept.

use super::grammar::{Aside, Bullet, Field, Same, Text};
use crate::plan::draft::Disposition;

impl Text {
    /// The changes from a text to this one: sections without what is the same, the names of
    /// those that are gone, and lines that are work again. True if the order of the sections changed.
    pub(super) fn since(&mut self, base: &Text) -> bool {
        let names = |text: &Text| -> Vec<String> {
            text.tasks
                .iter()
                .map(|section| section.name.clone())
                .collect()
        };
        let (before, after) = (names(base), names(self));
        self.narrow(base);
        for section in &mut self.tasks {
            section.is_complete |= before.contains(&section.name);
        }
        for name in before.iter().filter(|name| !after.contains(name)) {
            self.gone.push(name.clone());
        }
        let bare = |aside: &Aside| Aside {
            line: 0,
            ..aside.clone()
        };
        let old: Vec<Aside> = base.asides.iter().map(bare).collect();
        let new: Vec<Aside> = self.asides.iter().map(bare).collect();
        self.asides.retain(|aside| !old.contains(&bare(aside)));
        let gone = base
            .asides
            .iter()
            .filter(|aside| !new.contains(&bare(aside)));
        let mut all: Vec<Aside> = gone
            .map(|aside| Aside {
                disposition: Disposition::Uncovered,
                ..aside.clone()
            })
            .collect();
        all.append(&mut self.asides);
        self.asides = all;
        if self.title == base.title {
            self.title = None;
        }
        let kept = |names: &[String], others: &[String]| -> Vec<String> {
            names
                .iter()
                .filter(|name| others.contains(name))
                .cloned()
                .collect()
        };
        kept(&before, &after) != kept(&after, &before)
    }

    /// Leaves out of each section what is the same in another text.
    pub(super) fn narrow(&mut self, base: &Text) {
        for section in &mut self.tasks {
            let old = base.tasks.iter().find(|one| one.name == section.name);
            let Some(old) = old else { continue };
            let waits = |fields: &[(u32, Field, String)]| -> Vec<String> {
                let own = fields.iter().filter(|field| field.1 == Field::After);
                own.map(|field| field.2.clone()).collect()
            };
            let words = |criteria: &[Bullet]| -> Vec<Bullet> {
                let mut all = criteria.to_vec();
                all.iter_mut().for_each(|one| one.line = 0);
                all
            };
            section.same = Same {
                title: section.title == old.title,
                description: section.description == old.description,
                after: waits(&section.fields) == waits(&old.fields),
                criteria: words(&section.criteria) == words(&old.criteria),
            };
            if section.group == old.group {
                section.group = None;
            }
            let known = |field: &(u32, Field, String)| {
                let mut fields = old.fields.iter();
                fields.any(|other| (other.1, &other.2) == (field.1, &field.2))
            };
            let (after, lines) = (section.same.after, section.same.criteria);
            section.fields.retain(|field| match field.1 {
                Field::After => !after,
                // Its criteria may refer to further lines.
                Field::Lines => !(known(field) && lines),
                _ => !known(field),
            });
        }
    }
}
