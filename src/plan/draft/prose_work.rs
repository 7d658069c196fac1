//! Documents that are prose only: each paragraph that asks for work becomes an entry, with its
//! sentences below it.

use super::evidence::demands;
use super::node_tree::{Line, Node, Origin, Tree};
use super::sentences::sentences;
use crate::plan::document::{SectionKind, Text, Words, whole, words};

/// Words of intention, which ask for something in a document without lists.
const INTENTIONS: Words =
    words!("will, we need, we want, has to, have to, wird, werden, va, vamos a");

/// So many paragraphs that ask for work make a document of prose.
const LEAST: usize = 2;

impl Tree {
    /// Turns the paragraphs of a document with at most one heading and nothing else into entries.
    pub(super) fn split_prose(&mut self) {
        let owner = match self.nodes.len() {
            0 => None,
            1 if self.is_section(0) => Some(0),
            _ => return,
        };
        let may_hold_work = owner.is_none_or(|owner| {
            matches!(
                self.nodes[owner].kind,
                SectionKind::Unknown | SectionKind::Functional
            )
        });
        let prose = match owner {
            Some(owner) => &self.nodes[owner].prose,
            None => &self.prose,
        };
        let (work, rest): (Vec<Line>, Vec<Line>) =
            (prose.iter().cloned()).partition(|line| sentences(&line.text).any(asks));
        if !may_hold_work || work.len() < LEAST {
            return;
        }
        match owner {
            Some(owner) => self.nodes[owner].prose = rest,
            None => self.prose = rest,
        }
        self.is_prose = true;
        for line in work {
            let entry = |tree: &Tree, text: &str, parent| Node {
                section: owner,
                ..tree.plain(Origin::Entry, &plain(text), line.lines, parent)
            };
            let title = sentences(&line.text).find(|text| asks(text));
            let node = entry(self, title.unwrap_or(&line.text), owner);
            let node = self.push(node);
            for sentence in sentences(&line.text) {
                let part = entry(self, sentence, Some(node));
                self.push(part);
            }
        }
    }
}

fn plain(text: &str) -> Text {
    Text {
        plain: text.to_owned(),
        ..Text::default()
    }
}

fn asks(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    demands(sentence) || INTENTIONS.iter().any(|word| whole(&lower, word).is_some())
}
