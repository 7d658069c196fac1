//! The reader of documents: from bytes to a [`Doc`] or the [`Damage`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::front_matter;
use super::stamp_overrides::Stamps;
use super::yaml_node::{Mapping, Node, Text};
use super::{Damage, Shape, is_field_name, is_record, is_register, is_set, is_structure};
use crate::model::doc::{Doc, Entry};
use crate::model::limits::DOCUMENT_MAX;
use crate::model::prose::{Prose, TextHash, Version, VersionId};
use crate::model::stamp::Stamp;
use crate::model::uid::Uid;
use crate::model::value::Value;

/// Reads a document. What was edited by hand becomes canonical when it is next written.
///
/// # Errors
/// The [`Damage`], if the bytes are not a valid document.
pub fn decode(bytes: &[u8]) -> Result<Doc, Damage> {
    let (front, body) = split(bytes)?;
    Reader::new(front_matter::read(front)?)?.document(body)
}

/// The text after the front matter: the newest version that was readable when the file was written,
/// and the only one if there is no conflict.
pub fn body(bytes: &[u8]) -> Option<&str> {
    Some(split(bytes).ok()?.1)
}

/// Fields with their values, in the order of the file.
pub type Fields = Vec<(String, Json)>;

/// The fields of the front matter, and the text below it, of a Markdown file that is
/// no document.
///
/// # Errors
/// The [`Damage`], if it has no front matter in the form that documents have.
pub fn fields(text: &str) -> Result<(Fields, &str), Damage> {
    let (front, body) = split(text.as_bytes())?;
    let fields = front_matter::read(front)?.into_iter();
    let fields = fields.map(|(key, value)| (key.into_owned(), value.into()));
    Ok((fields.collect(), body))
}

fn split(bytes: &[u8]) -> Result<(&str, &str), Damage> {
    if bytes.len() > DOCUMENT_MAX {
        return Err(Damage::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Damage::NotUtf8)?;
    let rest = text.strip_prefix("---\n").ok_or(Damage::NoFrontMatter)?;
    if let Some(body) = rest.strip_prefix("---\n") {
        return Ok(("", body));
    }
    let end = rest.find("\n---\n").ok_or(Damage::NoFrontMatter)?;
    Ok((&rest[..=end], &rest[end + 5..]))
}

struct Reader<'a> {
    fields: Mapping<'a>,
    structure: Mapping<'a>,
}

impl<'a> Reader<'a> {
    fn new(all: Mapping<'a>) -> Result<Self, Damage> {
        let mut fields = Vec::with_capacity(all.len());
        let mut structure = Vec::with_capacity(8);
        for (key, value) in all {
            if !is_field_name(&key) {
                return Err(Damage::field(&key, "is not a valid field name"));
            }
            if is_structure(&key) {
                structure.push((key, value));
            } else {
                fields.push((key, value));
            }
        }
        Ok(Reader { fields, structure })
    }

    /// Takes a field of the structure; `None` if it is missing or null.
    fn take(&mut self, key: &str) -> Option<Node<'a>> {
        let at = self.structure.iter().position(|(k, _)| k == key)?;
        let (_, node) = self.structure.swap_remove(at);
        (!node.is_null()).then_some(node)
    }

    fn text(&mut self, key: &str) -> Result<Option<Text<'a>>, Damage> {
        match self.take(key) {
            None => Ok(None),
            Some(Node::Text(text)) => Ok(Some(text)),
            Some(_) => Err(Damage::field(key, "must be a string")),
        }
    }

    fn document(mut self, body: &str) -> Result<Doc, Damage> {
        let uid = self.text("uid")?.and_then(|text| Uid::new(&text));
        let uid = uid.ok_or_else(|| Damage::field("uid", "is missing or not a valid uid"))?;
        let kind = self.text("kind")?.unwrap_or_default();
        let named = kind.len() <= 32
            && kind.starts_with(|c: char| c.is_ascii_lowercase())
            && kind
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !named {
            return Err(Damage::field("kind", "is missing or not a valid kind"));
        }
        let birth: Stamp = self
            .text("birth")?
            .ok_or_else(|| Damage::field("birth", "is missing"))?
            .parse()?;
        let id = self.text("id")?.unwrap_or_default();
        let born = self.text("born")?;
        let purged = flag("purged", self.take("purged").as_ref())?;
        let mut stamps = Stamps::read(self.take("stamps"))?;
        let mut doc = Doc::new(uid, &kind, "", birth);
        doc.born = born.as_ref().unwrap_or(&id).to_string();
        if !id.is_empty() {
            let reg = stamps.reg(&["id"], &doc.birth, Value::Str(id.into_owned()));
            doc.regs.insert("id".into(), reg);
        }
        let (versions, dropped) = (self.take("versions"), self.take("dropped"));
        for (name, value) in self.fields {
            insert(&mut doc, &mut stamps, name, value)?;
        }
        stamps.rest(&mut doc)?;
        doc.body = prose(&doc.birth, versions.as_ref(), dropped.as_ref(), body)?;
        if purged {
            doc.purge();
        }
        Ok(doc)
    }
}

fn flag(field: &str, node: Option<&Node<'_>>) -> Result<bool, Damage> {
    match node {
        None | Some(Node::Scalar(Json::Null)) => Ok(false),
        Some(Node::Scalar(Json::Bool(flag))) => Ok(*flag),
        Some(_) => Err(Damage::field(field, "must be true or false")),
    }
}

/// Inserts a field by its shape, which decides how it joins.
fn insert<'a>(
    doc: &mut Doc,
    stamps: &mut Stamps<'a>,
    name: Text<'a>,
    value: Node<'a>,
) -> Result<(), Damage> {
    let known_set = is_set(&name);
    let known_record = is_record(&name);
    let shape = match value.shape() {
        _ if value.is_null() => return Ok(()),
        // A set keeps its removed elements; without any, an empty list has no meaning.
        Shape::EmptyList if known_set || stamps.has_taken_from(&name) => Shape::Set,
        Shape::EmptyMapping if known_record => Shape::Record,
        Shape::EmptyList | Shape::EmptyMapping => Shape::Register,
        shape => shape,
    };
    if known_set && shape != Shape::Set {
        return Err(Damage::field(&name, "must be a list of strings"));
    }
    if known_record && shape != Shape::Record {
        return Err(Damage::field(&name, "must be a mapping of mappings"));
    }
    if matches!(shape, Shape::Set | Shape::Record) && is_register(&doc.kind, &name) {
        return Err(Damage::field(&name, "must be one value"));
    }
    match (shape, value) {
        (Shape::Set, Node::Texts(items)) => {
            let mut set = BTreeMap::new();
            for element in items {
                if set.contains_key(&*element) {
                    continue;
                }
                let reg = stamps.reg(&[&name, &element], &doc.birth, Value::Bool(true));
                set.insert(element.into_owned(), reg);
            }
            if !set.is_empty() || !known_set {
                doc.sets.insert(name.into_owned(), set);
            }
        }
        (Shape::Record, Node::Map(entries)) => {
            let mut record = BTreeMap::new();
            for (id, fields) in entries {
                let entry = entry(doc, stamps, &name, &id, fields)?;
                record.insert(id.into_owned(), entry);
            }
            if !record.is_empty() {
                doc.records.insert(name.into_owned(), record);
            }
        }
        (_, other) => {
            let reg = stamps.reg(&[&name], &doc.birth, register(other));
            doc.regs.insert(name.into_owned(), reg);
        }
    }
    Ok(())
}

fn register(node: Node<'_>) -> Value {
    match node {
        Node::Text(text) => Value::Str(text.into_owned()),
        other => Value::from_json(other.into()),
    }
}

fn entry<'a>(
    doc: &Doc,
    stamps: &mut Stamps<'a>,
    record: &str,
    id: &str,
    fields: Node<'a>,
) -> Result<Entry, Damage> {
    let Node::Map(fields) = fields else {
        return Err(Damage::field(record, "must be a mapping of mappings"));
    };
    let at = match fields.iter().find(|(name, _)| name == "at") {
        None => doc.birth.clone(),
        Some((_, Node::Text(text))) => text.parse()?,
        Some(_) => return Err(Damage::field(record, "`at` must be a stamp")),
    };
    let mut regs = BTreeMap::new();
    for (name, value) in fields {
        if name == "at" {
            continue;
        }
        if name.is_empty() || name.contains('/') {
            return Err(Damage::field(
                record,
                "has an entry with an invalid register name",
            ));
        }
        if value.is_null() {
            continue;
        }
        let reg = stamps.reg(&[record, id, &name], &at, register(value));
        regs.insert(name.into_owned(), reg);
    }
    Ok(Entry { at, regs })
}

fn prose(
    birth: &Stamp,
    versions: Option<&Node<'_>>,
    dropped: Option<&Node<'_>>,
    body: &str,
) -> Result<Prose, Damage> {
    let mut prose = Prose {
        versions: BTreeMap::new(),
        dropped: ids("dropped", dropped)?,
    };
    let list = match versions {
        None => {
            if !body.is_empty() {
                let id = VersionId::of(birth.clone(), body);
                prose.versions.insert(id, implied(body));
            }
            // Without dropped ids the text is already settled.
            if !prose.dropped.is_empty() {
                prose.settle();
            }
            return Ok(prose);
        }
        Some(Node::List(list)) => list.as_slice(),
        // A text is not a version either.
        Some(Node::Texts(list)) if !list.is_empty() => {
            return Err(Damage::field("versions", "has an entry without an id"));
        }
        Some(_) => return Err(Damage::field("versions", "must be a list of versions")),
    };
    for (n, item) in list.iter().enumerate() {
        let (id, version) = version(item, (n == 0).then_some(body))?;
        if prose.versions.keys().next().is_some_and(|last| *last <= id) {
            return Err(Damage::field("versions", "must be sorted, newest first"));
        }
        prose.versions.insert(id, version);
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
fn version(item: &Node<'_>, body: Option<&str>) -> Result<(VersionId, Version), Damage> {
    let wrong = |why: String| Damage::field("versions", why);
    let id: VersionId = item
        .get("id")
        .and_then(Node::as_str)
        .ok_or_else(|| wrong("has an entry without an id".into()))?
        .parse()?;
    let own = match item.get("text") {
        None => None,
        Some(Node::Text(text)) => Some(text.as_ref()),
        Some(_) => return Err(wrong(format!("the text of {id} is not a string"))),
    };
    let redacted = flag("redacted", item.get("redacted"))?;
    let text = match (body, own) {
        (Some(_), Some(_)) => {
            return Err(wrong(format!(
                "{id} must not have a text, because its text is the body"
            )));
        }
        (Some(body), None) if redacted && body.is_empty() => None,
        (None, None) if redacted => None,
        _ if redacted => return Err(wrong(format!("{id} is redacted but has a text"))),
        (None, None) => return Err(wrong(format!("{id} has no text"))),
        (Some(text), None) | (None, Some(text)) => Some(text.to_string()),
    };
    if text.as_deref().is_some_and(|t| TextHash::of(t) != id.hash) {
        return Err(wrong(format!("the text of {id} does not match its hash")));
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

fn ids(field: &str, node: Option<&Node<'_>>) -> Result<BTreeSet<VersionId>, Damage> {
    let wrong = || Damage::field(field, "must be a list of ids");
    let id = |text: &str| -> Result<VersionId, Damage> { Ok(text.parse()?) };
    match node {
        None | Some(Node::Scalar(Json::Null)) => Ok(BTreeSet::new()),
        Some(Node::Texts(list)) => list.iter().map(|text| id(text)).collect(),
        Some(Node::List(list)) => list
            .iter()
            .map(|item| id(item.as_str().ok_or_else(wrong)?))
            .collect(),
        Some(_) => Err(wrong()),
    }
}
