//! A section of the project context: a text under a name, which every agent gets.
//!
//! The uid is derived from the name, so a section that two clones write is one document after a
//! merge.

use super::doc::Doc;
use super::limits::SECTION_NAME_MAX;
use super::stamp::Stamp;
use super::uid::Uid;

/// The kind of these documents.
pub const KIND: &str = "context";

/// A name in its stored form; `None` if it is not valid. A uid is not: it refers to its document.
pub fn name(given: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let begins = given.starts_with(|c: char| c.is_ascii_alphanumeric());
    let valid = begins && given.len() <= SECTION_NAME_MAX && given.bytes().all(plain);
    let name = given.to_ascii_lowercase();
    (valid && Uid::new(&name).is_none()).then_some(name)
}

/// The uid of the section with this name, in its stored form.
pub fn uid(name: &str) -> Uid {
    Uid::derived(&[KIND, name])
}

/// A new section without a text.
pub fn new(name: &str) -> Doc {
    let uid = uid(name);
    let birth = Stamp::origin(&uid);
    let mut doc = Doc::new(uid, KIND, "", birth);
    doc.put("name", name);
    doc
}

/// The name of a section, if its uid is derived from it; otherwise the uid.
pub fn name_of(doc: &Doc) -> String {
    let own = doc.text("name").filter(|own| uid(own) == doc.uid);
    own.and_then(name)
        .unwrap_or_else(|| doc.uid.as_str().to_string())
}

/// The handle by which lists of changes and conflicts name a section: `context:NAME`.
pub fn handle_of(doc: &Doc) -> Option<String> {
    (doc.kind == KIND).then(|| format!("{KIND}:{}", name_of(doc)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_form() {
        assert_eq!(name("Build-2.x").as_deref(), Some("build-2.x"));
        let uid = uid("build").as_str().to_uppercase();
        for bad in ["", "-x", "a b", "a/b", "ä", "a\n", &"x".repeat(41), &uid] {
            assert_eq!(name(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_section_is_named_by_its_uid_where_the_name_does_not_fit() {
        let mut doc = new("build");
        assert_eq!(handle_of(&doc).as_deref(), Some("context:build"));
        doc.put("name", "other");
        assert_eq!(name_of(&doc), doc.uid.as_str());
        // No command finds a section by a name that looks like a uid.
        let like_a_uid = doc.uid.as_str();
        let doc = new(like_a_uid);
        assert_eq!(name_of(&doc), doc.uid.as_str());
    }
}
