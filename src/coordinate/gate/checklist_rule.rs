//! What `.pm.toml` says about a checklist: further items, what is left out, and which step waits for it.

use std::fmt;

use toml_edit::Item;

use super::table_values::{Values, texts};
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
    pub(crate) fn read(name: &str, item: &Item) -> Result<ChecklistRule, String> {
        let wrong = |what: &str| format!("the checklist `{}` {what}", one_line(name));
        if !is_word(name) || name.len() > NAME {
            return Err(wrong("must have a name of letters, digits, `-` and `_`"));
        }
        let table = item.as_table_like();
        let table = table.ok_or_else(|| wrong("must be a table"))?;
        let of = format!(" of the checklist `{name}`");
        let values = Values::of(table, ("", &of), &["items", "skip", "before"])?;
        let list = |key: &str| {
            let few = |item: &Item| texts(item).filter(|all| all.len() <= ITEMS);
            let all = values.get(key, "a list of at most 50 texts", few)?;
            Ok::<_, String>(all.unwrap_or_default())
        };
        let step = |item: &Item| Step::parse(item.as_str()?);
        let mut rule = ChecklistRule {
            name: name.to_string(),
            items: Vec::new(),
            skip: list("skip")?,
            before: values.get("before", "start, finish, approve or merge", step)?,
        };
        for text in list("items")? {
            let id = slug(&text, NAME);
            if id.is_empty() || rule.items.iter().any(|(known, _)| *known == id) {
                return Err(wrong("has two items of one id, or one without a word"));
            }
            rule.items.push((id, shorten(&one_line(&text), TEXT)));
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
