//! The lists of a record: the kept elements unchanged, then the new ones.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Scene};
use crate::bridge::beads::json_line::{Escaping, Line, object, quoted};
use crate::bridge::beads::read_record::{Dependency, SOURCE, comment_uids, elements};
use crate::bridge::content::{Content, Foreign, external};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::uid::Uid;

impl Scene<'_> {
    /// Adds new edges and removes deleted ones.
    pub(super) fn dependencies(
        &self,
        change: &mut Change<'_>,
        doc: &Doc,
        item: &Item,
        base: &Content,
        record: &Foreign<'_>,
    ) {
        let now = self.edges(item);
        let mut was = BTreeSet::new();
        for target in base.sets.get("depends_on").into_iter().flatten() {
            was.insert(("blocks".to_string(), target.clone()));
        }
        for edge in base.sets.get("edges").into_iter().flatten() {
            if let Some((kind, target)) = edge.split_once(' ') {
                was.insert((kind.to_string(), target.to_string()));
            }
        }
        if now.keys().eq(was.iter()) {
            return;
        }
        let raws = elements(change.line, "dependencies");
        let stays = |raw: &&str| match serde_json::from_str::<Dependency<'_>>(raw) {
            Ok(one) if one.fits() => {
                let key = (one.kind, one.depends_on_id);
                now.contains_key(&key) || !was.contains(&key)
            }
            _ => true,
        };
        let kept: Vec<&str> = raws.iter().copied().filter(stays).collect();
        let new = now.iter().filter(|(key, _)| !was.contains(key));
        let new: Vec<String> = new
            .map(|((kind, target), stored)| {
                dependency(doc, item, record.id, kind, target, stored, change.escaping)
            })
            .collect();
        let count = kept.len() + new.len();
        change.list("dependencies", &kept, new);
        if change.line.get("dependency_count").is_some() {
            change.put("dependency_count", count.to_string());
        }
    }

    /// Adds, removes and changes comments. Returns their number.
    pub(super) fn comments(
        &self,
        change: &mut Change<'_>,
        here: &[&Doc],
        base: &Content,
        record: &Foreign<'_>,
    ) -> usize {
        let mut here: Vec<&Doc> = here.iter().copied().filter(|d| !d.purged).collect();
        here.sort_by_key(|comment| (comment.birth.clone(), comment.uid.clone()));
        let (mut kept, mut changed) = (Vec::new(), false);
        let old = comment_uids(change.line, &record.uid());
        for (uid, raw) in &old {
            let imported = base.comments.iter().find(|remark| remark.uid == *uid);
            let at = here.iter().position(|comment| comment.uid == *uid);
            let at = at.or_else(|| {
                let imported = imported?;
                here.iter()
                    .position(|comment| imported.was_written_as(comment))
            });
            let Some((at, imported)) = at.zip(imported) else {
                kept.push((*raw).to_string());
                continue;
            };
            let comment = here.remove(at);
            let text = comment.body.shown();
            if comment.value("deleted").is_true() {
                changed = true;
            } else if text == imported.text {
                kept.push((*raw).to_string());
            } else {
                changed = true;
                let text = Some(quoted(text, change.escaping));
                let line = Line::parse(raw).ok();
                let patched =
                    line.map(|line| line.patched(&BTreeMap::from([("text", text)]), |_| None));
                kept.push(patched.unwrap_or_else(|| (*raw).to_string()));
            }
        }
        let new = here.into_iter().filter(|c| !c.value("deleted").is_true());
        for comment in new {
            changed = true;
            kept.push(self.comment(comment, record.id, change.escaping));
        }
        let count = kept.len();
        if changed {
            change.list("comments", &[], kept);
            if change.line.get("comment_count").is_some() {
                change.put("comment_count", count.to_string());
            }
        }
        count
    }

    fn comment(&self, doc: &Doc, item: &str, escaping: Escaping) -> String {
        let id = match external(doc, SOURCE, "id").filter(|id| !id.is_empty()) {
            Some(id) => id.to_string(),
            None if self.written.numbered => number(&doc.uid).to_string(),
            None => format!("\"{}\"", doc.uid),
        };
        let text = |text: Option<&str>| Some(quoted(text.unwrap_or_default(), escaping));
        object([
            ("id", Some(id)),
            ("issue_id", text(Some(item))),
            ("author", text(doc.text("author"))),
            ("text", text(Some(doc.body.shown()))),
            ("created_at", text(doc.text("created_at"))),
        ])
    }
}

/// A number for a comment in a file with numbers as ids, small enough for every reader.
fn number(uid: &Uid) -> u64 {
    let hash = crate::model::uid::sha256_hex(uid.as_str().as_bytes());
    u64::from_str_radix(&hash[..13], 16).unwrap_or(1)
}

/// A list of texts: the kept ones unchanged, then the new ones.
pub(super) fn texts(
    change: &mut Change<'_>,
    key: &'static str,
    base: &BTreeMap<String, BTreeSet<String>>,
    set: &str,
    doc: &Doc,
) {
    let now: BTreeSet<&str> = doc.elements(set).collect();
    let was: BTreeSet<&str> = base
        .get(set)
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    if now == was {
        return;
    }
    let raws = elements(change.line, key);
    let stays = |raw: &&str| match serde_json::from_str::<String>(raw) {
        Ok(text) => now.contains(text.as_str()) || !was.contains(text.as_str()),
        Err(_) => true,
    };
    let kept: Vec<&str> = raws.iter().copied().filter(stays).collect();
    let new = now
        .difference(&was)
        .map(|text| quoted(text, change.escaping));
    let new = new.collect();
    change.list(key, &kept, new);
}

/// A new edge as beads writes it.
fn dependency(
    doc: &Doc,
    item: &Item,
    id: &str,
    kind: &str,
    target: &str,
    (set, element): &(&'static str, String),
    escaping: Escaping,
) -> String {
    let stamp = match doc.sets.get(*set).and_then(|set| set.get(element)) {
        Some(reg) => &reg.stamp,
        None => doc.regs.get(*set).map_or(&doc.birth, |reg| &reg.stamp),
    };
    let attributes = match *set {
        "depends_on" => format!("blocks {element}"),
        _ => element.clone(),
    };
    let attribute = |name: &str| doc.entry("edge_attributes", &attributes)?.text(name);
    let created_at = attribute("created_at").map_or_else(|| item.time_of(stamp), str::to_string);
    let text = |text: &str| quoted(text, escaping);
    object([
        ("issue_id", Some(text(id))),
        ("depends_on_id", Some(text(target))),
        ("type", Some(text(kind))),
        ("created_at", Some(text(&created_at))),
        ("created_by", attribute("created_by").map(text)),
        ("metadata", attribute("metadata").map(text)),
        ("thread_id", attribute("thread_id").map(text)),
    ])
}
