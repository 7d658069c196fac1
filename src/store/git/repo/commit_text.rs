//! What a commit says, read as git reads it: of a header that no program of git writes, nothing is needed.
//!
//! Git takes any commit whose tree and parents it can read, so a server accepts one without an author or a blank
//! line, and every clone gets it. A reader that refuses such a commit would refuse the state that it belongs to.

use gix::bstr::ByteSlice;

use super::{Commit, Oid, Person};

/// A commit; `None` without a tree, or with a parent that is no id.
pub(super) fn parsed(id: Oid, data: &[u8]) -> Option<Commit> {
    let hex = id.kind().len_in_hex();
    let mut rest = data.strip_prefix(b"tree ")?;
    let tree = object(id, rest.get(..hex)?)?;
    rest = rest[hex..].strip_prefix(b"\n")?;
    let mut parents = Vec::new();
    // To git, what is too short for a parent and the end of its line is none.
    while rest.len() > hex + 7
        && let Some(line) = rest.strip_prefix(b"parent ")
    {
        parents.push(object(id, &line[..hex])?);
        rest = line[hex..].strip_prefix(b"\n")?;
    }
    let end = data.find(b"\n\n");
    let message = end.map_or(&b""[..], |at| &data[at + 2..]);
    let head = data.get(data.len() - rest.len()..end.unwrap_or(data.len()));
    let lines = head.unwrap_or_default().split(|b| *b == b'\n');
    let (mut author, mut signed) = (None, false);
    for line in lines {
        signed |= line.starts_with(b"gpgsig");
        author = author.or_else(|| line.strip_prefix(b"author "));
    }
    Some(Commit {
        id,
        tree,
        parents,
        author: person(author.unwrap_or_default()),
        message: message.to_str_lossy().into_owned(),
        signed,
    })
}

/// The id in a header of the commit `of`.
fn object(of: Oid, hex: &[u8]) -> Option<Oid> {
    Oid::from_hex(hex).ok().filter(|id| id.kind() == of.kind())
}

/// The author; where a line does not have the form of one, all of it is the name.
fn person(line: &[u8]) -> Person {
    match gix::actor::SignatureRef::from_bytes(line) {
        Ok(author) => {
            let author = author.trim();
            Person {
                name: author.name.to_str_lossy().into_owned(),
                email: author.email.to_str_lossy().into_owned(),
                seconds: author.time().map_or(0, |time| time.seconds),
            }
        }
        Err(_) => Person {
            name: line.to_str_lossy().trim().to_string(),
            email: String::new(),
            seconds: 0,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    const PARENT: &str = "496d6428b9cf92981dc9495211e6e1120fb6f2ba";

    fn read(rest: &str) -> Option<Commit> {
        let id = Oid::from_hex(PARENT.as_bytes()).unwrap();
        parsed(id, format!("tree {TREE}\n{rest}").as_bytes())
    }

    #[test]
    fn the_headers_of_git_are_read() {
        let who = "Ana <a@b> 1700000000 +0100";
        let text = format!(
            "parent {PARENT}\nauthor {who}\ncommitter {who}\ngpgsig -----BEGIN\n \n -----END\n\none\n\ntwo\n"
        );
        let commit = read(&text).unwrap();
        assert_eq!(commit.tree.to_string(), TREE);
        assert_eq!(commit.parents.len(), 1);
        let author = &commit.author;
        assert_eq!(
            (author.name.as_str(), author.email.as_str()),
            ("Ana", "a@b")
        );
        assert_eq!(author.seconds, 1_700_000_000);
        assert_eq!(commit.message, "one\n\ntwo\n");
        assert!(commit.signed);
    }

    #[test]
    fn what_git_takes_without_an_author_is_a_commit() {
        let odd = [
            "author x\ncommitter x\n\nm\n",
            "author x <y 1 +0000\ncommitter x\n\nm\n",
            "author a <b> 1 +0000\nauthor c <d> 1 +0000\ncommitter a <b> 1 +0000\n\nm\n",
            "\nm\n",
            "author a <b> yesterday\ncommitter a <b> now\n\nm\n",
            "author a <b> 1 +0000\nnonsense\n\nm\n",
            "author a <b> 1 +0000\n alone\n\nm\n",
            "author a <b> 1 +0000\ncommitter a <b> 1 +0000\ngpgsig -----BEGIN\n\nm\n",
        ];
        for text in odd {
            let commit = read(&format!("parent {PARENT}\n{text}")).unwrap();
            assert_eq!((commit.parents.len(), commit.message.as_str()), (1, "m\n"));
        }
        let unended = read(&format!("parent {PARENT}\nauthor a <b> 1 +0000\n")).unwrap();
        assert_eq!((unended.parents.len(), unended.message.as_str()), (1, ""));
    }

    /// As git, which asks for the end of the line.
    #[test]
    fn what_is_too_short_for_a_parent_is_none() {
        for text in [format!("parent {PARENT}"), "parent 12\n\nm\n".to_string()] {
            assert_eq!(read(&text).unwrap().parents.len(), 0, "{text}");
        }
    }

    #[test]
    fn a_commit_without_a_tree_or_with_a_damaged_parent_is_none() {
        let who = "author a <b> 1 +0000\ncommitter a <b> 1 +0000\n\nm\n";
        assert!(read(&format!("parent 12\n{who}")).is_none());
        let id = Oid::from_hex(PARENT.as_bytes()).unwrap();
        assert!(parsed(id, b"author a <b> 1 +0000\n\nm\n").is_none());
        assert!(parsed(id, b"").is_none());
    }
}
