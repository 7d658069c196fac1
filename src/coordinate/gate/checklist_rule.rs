//! What `.pm.toml` says about a checklist: further items, what is left out, and which step waits for it.

use std::fmt;

use crate::coordinate::gate::trust::is_word;
use crate::model::text::{one_line, shorten, slug};
use crate::model::vocabulary::terms;

/// The longest name, and id of an item, in characters.
const NAME: usize = 40;

/// The longest text of an item, in characters.
const TEXT: usize = 200;

/// The most items of a project in one checklist.
const ITEMS: usize = 50;

terms! {
    /// A step of the work on a task.
    Step in "step" {
        /// Its claim.
        Start = "start",
        /// Its submission.
        Finish = "finish",
        /// The approval of its work.
        Approve = "approve",
        /// The merge of its work.
        Merge = "merge",
    }
}

/// A table `[checklist.NAME]`.
#[derive(Clone, Debug)]
pub(crate) struct ChecklistRule {
    /// The name of the checklist.
    pub name: String,
    /// The ids and texts of items in addition to those that are built in.
    pub items: Vec<(String, String)>,
    /// The ids of items that are left out.
    pub skip: Vec<String>,
    /// From this step on the checklist has to be complete.
    pub before: Option<Step>,
}

impl ChecklistRule {
    /// Reads a table; the error says what is wrong.
    pub(crate) fn read(name: &str, item: &toml_edit::Item) -> Result<ChecklistRule, String> {
        let wrong = |what: &str| format!("the checklist `{}` {what}", one_line(name));
        if !is_word(name) || name.len() > NAME {
            return Err(wrong("must have a name of letters, digits, `-` and `_`"));
        }
        let mut rule = ChecklistRule {
            name: name.to_string(),
            items: Vec::new(),
            skip: Vec::new(),
            before: None,
        };
        let table = item
            .as_table_like()
            .ok_or_else(|| wrong("must be a table"))?;
        for (key, value) in table.iter() {
            let texts = || {
                let list = value.as_array().into_iter().flatten();
                let texts: Option<Vec<&str>> = list.map(|one| one.as_str()).collect();
                let texts = texts.filter(|all| value.is_array() && all.len() <= ITEMS);
                texts.ok_or_else(|| wrong("has items or ids that are no list of at most 50 texts"))
            };
            match key {
                "items" => {
                    for text in texts()? {
                        let id = slug(text, NAME);
                        if id.is_empty() || rule.items.iter().any(|(known, _)| *known == id) {
                            return Err(wrong("has two items of one id, or one without a word"));
                        }
                        rule.items.push((id, shorten(&one_line(text), TEXT)));
                    }
                }
                "skip" => rule.skip = texts()?.into_iter().map(str::to_string).collect(),
                "before" => {
                    let step = value.as_str().and_then(Step::parse);
                    let known = "must have `before` = start, finish, approve or merge";
                    rule.before = Some(step.ok_or_else(|| wrong(known))?);
                }
                _ => {
                    return Err(wrong(
                        "has an unknown key: valid are items, skip and before",
                    ));
                }
            }
        }
        Ok(rule)
    }
}

/// What it says, on one line.
impl fmt::Display for ChecklistRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<&str> = self.items.iter().map(|(_, text)| text.as_str()).collect();
        write!(f, "{}", texts.join("; "))?;
        if !self.skip.is_empty() {
            write!(f, " (without {})", one_line(&self.skip.join(", ")))?;
        }
        match self.before {
            Some(step) => write!(f, " (before {step})"),
            None => Ok(()),
        }
    }
}
