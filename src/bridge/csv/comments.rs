//! Comments in cells: their times, their authors and the names of these.

use std::collections::BTreeMap;

use super::rows::Row;
use crate::bridge::content::{Foreign, Remark, comment_uid};
use crate::bridge::project::foreign_words::{self, plain};
use crate::model::stamp::rfc3339;
use crate::model::text::one_line;

/// Gives the authors of Jira's comments, which are ids, the names that `Reporter` has beside `Reporter Id`.
pub(super) fn name_authors(rows: &mut [(usize, Row)]) {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for (_, row) in rows.iter() {
        let cell = |head: &str| row.cells.iter().find(|(own, _)| plain(own) == head);
        for role in ["assignee", "reporter", "creator"] {
            if let Some(((_, id), (_, name))) = cell(&format!("{role}id")).zip(cell(role)) {
                names.insert(id.trim().to_string(), name.trim().to_string());
            }
        }
    }
    let cells = rows.iter_mut().flat_map(|(_, row)| &mut row.cells);
    for (_, cell) in cells.filter(|(head, _)| plain(head) == "comment") {
        let parts: Vec<&str> = cell.splitn(3, ';').collect();
        if let [at, id, text] = parts[..]
            && let Some(name) = names.get(id.trim())
        {
            *cell = format!("{at};{name};{text}");
        }
    }
}

/// Reads a comment: Jira writes `12/Mar/26 3:04 PM;author;text`.
pub(super) fn comment(record: &Foreign<'_>, nth: usize, cell: &str) -> Remark {
    let parts: Vec<&str> = cell.splitn(3, ';').collect();
    let dated = parts.first().and_then(|at| foreign_words::time(at));
    let (at_ms, author, text) = match (parts[..].get(1..), dated) {
        (Some([author, text]), Some(at)) => (at, foreign_words::person(author), text.trim()),
        _ => (record.at_ms, "", cell),
    };
    let id = nth.to_string();
    Remark {
        uid: comment_uid(record.source, &record.uid(), &id, 0),
        id,
        author: one_line(author),
        created_at: rfc3339(at_ms),
        at_ms,
        text: text.replace("\r\n", "\n"),
    }
}
