//! The reader of documents: from bytes to [`Doc`], or the reason why not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::stamps::Stamps;
use super::{Damage, MAX_FILE, RECORDS, SETS, STRUCTURE, Shape, is_field_name};
use crate::model::doc::{Doc, Entry};
use crate::model::prose::{Prose, Version, VersionId};
use crate::model::stamp::Stamp;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::model::yaml;

/// Reads a document. Any YAML that says the same is accepted; writing it again makes it canonical.
///
/// # Errors
/// [`Damage`] says why the bytes are no document.
pub fn decode(bytes: &[u8]) -> Result<Doc, Damage> {
    if bytes.len() > MAX_FILE {
        return Err(Damage::TooLarge(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Damage::NotUtf8)?;
    let rest = text.strip_prefix("---\n").ok_or(Damage::NoFrontMatter)?;
    let (front, body) = match rest.strip_prefix("---\n") {
        Some(body) => ("", body),
        None => {
            let end = rest.find("\n---\n").ok_or(Damage::NoFrontMatter)?;
            (&rest[..=end], &rest[end + 5..])
        }
    };
    Reader::new(yaml::read(front)?)?.document(body)
}

struct Reader {
    fields: Vec<(String, Json)>,
    structure: BTreeMap<String, Json>,
}

impl Reader {
    fn new(all: Vec<(String, Json)>) -> Result<Self, Damage> {
        let mut fields = Vec::new();
        let mut structure = BTreeMap::new();
        for (key, value) in all {
            if !is_field_name(&key) {
                return Err(Damage::field(&key, "is no field name"));
            }
            if STRUCTURE.contains(&key.as_str()) {
                structure.insert(key, value);
            } else {
                fields.push((key, value));
            }
        }
        Ok(Reader { fields, structure })
    }

    fn text(&self, key: &str) -> Result<Option<&str>, Damage> {
        match self.structure.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(s)) => Ok(Some(s)),
            Some(_) => Err(Damage::field(key, "must be a text")),
        }
    }

    fn document(self, body: &str) -> Result<Doc, Damage> {
        let uid = self.text("uid")?.and_then(Uid::new);
        let uid = uid.ok_or_else(|| Damage::field("uid", "is missing or no uid"))?;
        let kind = self.text("kind")?.unwrap_or_default().to_string();
        let named = kind.len() <= 32
            && kind.starts_with(|c: char| c.is_ascii_lowercase())
            && kind
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !named {
            return Err(Damage::field("kind", "is missing or no kind"));
        }
        let birth: Stamp = self
            .text("birth")?
            .ok_or_else(|| Damage::field("birth", "is missing"))?
            .parse()?;
        let id = self.text("id")?.unwrap_or_default().to_string();
        let born = self.text("born")?.unwrap_or(&id).to_string();
        let purged = flag("purged", self.structure.get("purged"))?;
        let mut stamps = Stamps::read(self.structure.get("stamps"))?;
        let mut doc = Doc::new(uid, &kind, &born, birth);
        doc.regs.clear();
        if !id.is_empty() {
            let reg = stamps.reg("id", &doc.birth, Value::from(id));
            doc.regs.insert("id".into(), reg);
        }
        for (name, value) in self.fields {
            insert(&mut doc, &mut stamps, name, value)?;
        }
        stamps.rest(&mut doc)?;
        doc.body = prose(
            &doc.birth,
            self.structure.get("versions"),
            self.structure.get("dropped"),
            body,
        )?;
        if purged {
            doc.purge();
        }
        Ok(doc)
    }
}

fn flag(field: &str, json: Option<&Json>) -> Result<bool, Damage> {
    match json {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(flag)) => Ok(*flag),
        Some(_) => Err(Damage::field(field, "must be true or false")),
    }
}

/// The shape of a field decides how it joins.
fn insert(doc: &mut Doc, stamps: &mut Stamps, name: String, value: Json) -> Result<(), Damage> {
    let known_set = SETS.contains(&name.as_str());
    let known_record = RECORDS.contains(&name.as_str());
    let shape = match Shape::of(&value) {
        _ if value.is_null() => return Ok(()),
        // A set keeps what was taken out of it; without that, an empty list says nothing.
        Shape::EmptyList if known_set || stamps.has_taken_from(&name) => Shape::Set,
        Shape::EmptyMapping if known_record => Shape::Record,
        Shape::EmptyList | Shape::EmptyMapping => Shape::Register,
        shape => shape,
    };
    if known_set && shape != Shape::Set {
        return Err(Damage::field(&name, "must be a list of texts"));
    }
    if known_record && shape != Shape::Record {
        return Err(Damage::field(&name, "must be a mapping of mappings"));
    }
    match (shape, value) {
        (Shape::Set, Json::Array(items)) => {
            let mut set = BTreeMap::new();
            for element in items.iter().filter_map(Json::as_str) {
                if set.contains_key(element) {
                    continue;
                }
                let key = format!("{name}/{element}");
                let reg = stamps.reg(&key, &doc.birth, Value::Bool(true));
                set.insert(element.to_string(), reg);
            }
            if !set.is_empty() || !known_set {
                doc.sets.insert(name, set);
            }
        }
        (Shape::Record, Json::Object(map)) => {
            let mut record = BTreeMap::new();
            for (id, fields) in map {
                let entry = entry(doc, stamps, &name, &id, fields)?;
                record.insert(id, entry);
            }
            if !record.is_empty() {
                doc.records.insert(name, record);
            }
        }
        (_, other) => {
            let reg = stamps.reg(&name, &doc.birth, Value::from_json(other));
            doc.regs.insert(name, reg);
        }
    }
    Ok(())
}

fn entry(
    doc: &Doc,
    stamps: &mut Stamps,
    record: &str,
    id: &str,
    fields: Json,
) -> Result<Entry, Damage> {
    let Json::Object(mut fields) = fields else {
        return Err(Damage::field(record, "must be a mapping of mappings"));
    };
    let at = match fields.remove("at") {
        None => doc.birth.clone(),
        Some(Json::String(text)) => text.parse()?,
        Some(_) => return Err(Damage::field(record, "`at` must be a stamp")),
    };
    let mut regs = BTreeMap::new();
    for (name, value) in fields {
        if name.is_empty() || name.contains('/') {
            return Err(Damage::field(
                record,
                "has an entry with a bad register name",
            ));
        }
        if value.is_null() {
            continue;
        }
        let key = format!("{record}/{id}/{name}");
        let reg = stamps.reg(&key, &at, Value::from_json(value));
        regs.insert(name, reg);
    }
    Ok(Entry { at, regs })
}

fn prose(
    birth: &Stamp,
    json: Option<&Json>,
    dropped: Option<&Json>,
    body: &str,
) -> Result<Prose, Damage> {
    let mut prose = Prose {
        versions: BTreeMap::new(),
        dropped: ids("dropped", dropped)?,
    };
    match json {
        None | Some(Json::Null) => {
            if !body.is_empty() {
                let id = VersionId::of(birth.clone(), body);
                prose.versions.insert(id, implied(body));
            }
        }
        Some(Json::Array(list)) if !list.is_empty() => {
            for (n, item) in list.iter().enumerate() {
                let (id, version) = version(item, (n == 0).then_some(body))?;
                if prose.versions.keys().next().is_some_and(|last| *last <= id) {
                    return Err(Damage::field("versions", "are not sorted, newest first"));
                }
                prose.versions.insert(id, version);
            }
        }
        Some(_) => return Err(Damage::field("versions", "must be a list of versions")),
    }
    prose.settle();
    Ok(prose)
}

fn implied(body: &str) -> Version {
    Version {
        text: Some(body.to_string()),
        ..Version::default()
    }
}

/// One entry of `versions`; the text of the first one is the body.
fn version(item: &Json, body: Option<&str>) -> Result<(VersionId, Version), Damage> {
    let wrong = |why: String| Damage::field("versions", why);
    let id: VersionId = item
        .get("id")
        .and_then(Json::as_str)
        .ok_or_else(|| wrong("has an entry without id".into()))?
        .parse()?;
    let own = match item.get("text") {
        None => None,
        Some(Json::String(text)) => Some(text.as_str()),
        Some(_) => return Err(wrong(format!("the text of {id} is no text"))),
    };
    let redacted = flag("redacted", item.get("redacted"))?;
    let text = match (body, own) {
        (Some(_), Some(_)) => return Err(wrong(format!("the text of {id} is the body"))),
        (Some(body), None) if redacted && body.is_empty() => None,
        (None, None) if redacted => None,
        _ if redacted => return Err(wrong(format!("{id} is redacted and has a text"))),
        (None, None) => return Err(wrong(format!("{id} has no text"))),
        (Some(text), None) | (None, Some(text)) => Some(text.to_string()),
    };
    if text
        .as_deref()
        .is_some_and(|t| VersionId::hash_of(t) != id.hash)
    {
        return Err(wrong(format!("the text of {id} does not have its hash")));
    }
    let replaces = ids("replaces", item.get("replaces"))?;
    let knows = ids("knows", item.get("knows"))?;
    let knows = knows.intersection(&replaces).cloned().collect();
    Ok((
        id,
        Version {
            text,
            replaces,
            knows,
        },
    ))
}

fn ids(field: &str, json: Option<&Json>) -> Result<BTreeSet<VersionId>, Damage> {
    match json {
        None | Some(Json::Null) => Ok(BTreeSet::new()),
        Some(Json::Array(list)) => list
            .iter()
            .map(|item| {
                let text = item
                    .as_str()
                    .ok_or_else(|| Damage::field(field, "must be a list of ids"))?;
                Ok(text.parse()?)
            })
            .collect(),
        Some(_) => Err(Damage::field(field, "must be a list of ids")),
    }
}
