//! The lines of a CSV file, with a table that says which of its columns is which field. Pure.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::own_rows;
use crate::bridge::guarded_cells::unguarded;
use crate::bridge::project::foreign_words::plain;
use crate::bridge::transfer_report::Skipped;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::text::{excerpt, first_of, one_line};

/// The fields and the headings of their columns, as [`plain`] has them. Of a field with one value the
/// first heading counts that has one; fields with `*` have several. A name before a colon is that of a label.
const COLUMNS: &str = "\
id=issuekey key id identifier number taskid
alias*=issueid uuid
title=summary title name taskname task cardname subject
body=description body notes
status=status state section sectioncolumn listname
category=statuscategory
resolution=resolution
type=issuetype workitemtype type
priority=priority prio
estimate=estimate size tshirtsize estimatedtime
seconds=originalestimate
points=storypoints storypointestimate points
risk=risk
stream=stream
kind=kind
assignee*=assignee assignees assignedto owner responsible
reporter=reporter creator author createdby
labels*=labels label tags
created_at=created createdat createddate
updated=updated updatedat lastmodified
closed_at=resolved completed completedat canceled cancelled closed closedat
due_at=duedate due dueon dueat deadline
defer_until=deferuntil
acceptance=acceptance
paths=paths
refs=externalrefs
waits for*=inwardissuelinkblocks blockedby blockedbydependencies dependson dependencies
blocks*=outwardissuelinkblocks blocks blocking blockingdependencies
parent-child*=parentkey parentissue parenttask parent parentid epiclink epic
related*=outwardissuelinkrelates inwardissuelinkrelates relatedto
duplicates*=outwardissuelinkduplicate duplicateof
url=url link
comment*=comment
sprint:*=sprint cyclename iteration
component:*=components component
version:*=fixversions fixversion
milestone:*=milestone projectmilestone
project:*=project projects";

/// The greatest length of an id, in characters.
const ID_MAX: usize = 100;

/// The number of headings that an error names.
const HEADS_SHOWN: usize = 20;

/// A cell after the last line: it is not read as one if a quotation mark is open there.
const END: &str = "\u{1}end";

/// The cells of a line that are not empty, each with its heading.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) cells: Vec<(String, String)>,
    /// The fields, with the rank of the heading and the number of the cell.
    fields: BTreeMap<&'static str, Vec<(usize, usize)>>,
}

/// The field of a heading, and its rank among the headings of that field.
fn column(heading: &str) -> Option<(&'static str, usize)> {
    let name = plain(heading);
    let name = name.strip_prefix("customfield").unwrap_or(&name);
    FIELDS.get(name).copied()
}

/// The table by heading: a hostile file has millions of them.
static FIELDS: LazyLock<HashMap<&str, (&str, usize)>> = LazyLock::new(|| {
    let mut fields = HashMap::new();
    let all = COLUMNS.lines().filter_map(|line| line.split_once('='));
    for (field, names) in all {
        for (rank, name) in names.split(' ').enumerate() {
            fields.entry(name).or_insert((field, rank));
        }
    }
    fields
});

impl Row {
    pub(super) fn new(cells: Vec<(String, String)>) -> Row {
        let mut fields: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
        for (n, (head, _)) in cells.iter().enumerate() {
            if let Some((field, rank)) = column(head) {
                fields.entry(field).or_default().push((rank, n));
            }
        }
        fields.values_mut().for_each(|cells| cells.sort_unstable());
        Row { cells, fields }
    }

    /// The names of the fields that are labels.
    pub(super) fn labels() -> impl Iterator<Item = &'static str> {
        let fields = COLUMNS.lines().filter_map(|line| line.split_once(":*="));
        fields.map(|(name, _)| name)
    }

    /// The cell below a heading as it is written in the file.
    pub(super) fn cell(&self, heading: &str) -> Option<&str> {
        let found = self.cells.iter().find(|(head, _)| head == heading);
        found.map(|(_, cell)| cell.trim())
    }

    pub(super) fn all(&self, field: &str) -> Vec<&str> {
        let cells = self.fields.get(field).into_iter().flatten();
        cells.map(|(_, n)| self.cells[*n].1.trim()).collect()
    }

    pub(super) fn one(&self, field: &str) -> Option<&str> {
        self.all(field).first().copied()
    }

    /// The values of a field whose cells may have several, except cells that are one.
    pub(super) fn list(&self, field: &str, is_one: impl Fn(&str) -> bool) -> Vec<&str> {
        let split = |cell| match is_one(cell) {
            true => vec![cell],
            false => cell.split([',', ';', '\n']).map(str::trim).collect(),
        };
        let all = self.all(field).into_iter().flat_map(split);
        all.filter(|one| !one.is_empty()).collect()
    }

    /// Its id; without one its address or its title says which it is.
    pub(super) fn id(&self) -> String {
        let own = self.one("id").or(self.one("url")).map(str::to_string);
        let own = own.or_else(|| self.one("title").map(plain));
        let words = one_line(&own.unwrap_or_default());
        let words: Vec<&str> = words.split_whitespace().collect();
        words.join("-").chars().take(ID_MAX).collect()
    }

    /// The headings of the cells that are not imported.
    pub(super) fn unread(&self) -> Vec<String> {
        let is_lost = |(head, cell): &&(String, String)| match column(head) {
            Some((field, _)) => !field.ends_with('*') && self.one(field) != Some(cell.trim()),
            None => true,
        };
        let lost = self.cells.iter().filter(is_lost);
        lost.map(|(head, _)| head.clone()).collect()
    }
}

/// The headings of a file, its rows, each with the number of its line, and the lines that are none.
pub(super) struct Sheet {
    /// Where it is from, if that is known.
    pub(super) source: Option<&'static str>,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<(usize, Row)>,
    pub(super) skipped: Vec<Skipped>,
    /// The number of pull requests among issues.
    pub(super) left_out: usize,
}

/// Reads the lines with a title or an id, and reports the others.
pub(super) fn read(text: &str) -> Result<Sheet> {
    let text = text.trim_start_matches('\u{feff}');
    // Excel reads the separator from such a line.
    let (text, above) = match text.split_once('\n') {
        Some((first, rest)) if first.to_lowercase().starts_with("sep=") => (rest, 1),
        _ => (text, 0),
    };
    let invalid = |line: usize, what: &str| {
        Error::usage(format!("line {line}: {what}")).because(Reason::ImportInvalid)
    };
    let ended = format!("{text}\n{END}\n");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(ended.as_bytes());
    let (mut heads, mut rows, mut skipped) = (Vec::<String>::new(), Vec::new(), Vec::new());
    let (mut line, mut is_end, mut is_own) = (0, false, false);
    for record in reader.records() {
        let record = record.map_err(|error| invalid(line + 1, &error.to_string()))?;
        line = record.position().map_or(0, |at| at.line() as usize) + above;
        // The reader takes the line feed of a CRLF for the beginning of the next record.
        let begin = record.position().map_or(0, |at| at.byte() as usize);
        line += usize::from(ended.as_bytes().get(begin) == Some(&b'\n'));
        is_end = &record[0] == END;
        if heads.is_empty() {
            heads = record.iter().map(|head| one_line(head.trim())).collect();
            is_own = own_rows::is_own(&heads);
            continue;
        }
        let cells = record.iter().enumerate();
        let cells: Vec<(usize, &str)> = cells.filter(|(_, cell)| !cell.trim().is_empty()).collect();
        let Some((last, _)) = cells.last().filter(|_| !is_end) else {
            continue;
        };
        if *last >= heads.len() {
            let what = format!("has {} cells, but {} have a heading", last + 1, heads.len());
            skipped.push(Skipped::line(line, None, what));
            continue;
        }
        let named = |(n, cell): (usize, &str)| {
            let cell = if is_own { unguarded(cell) } else { cell };
            (heads[n].clone(), cell.to_string())
        };
        let row = Row::new(cells.into_iter().map(named).collect());
        match row.id().is_empty() {
            true => skipped.push(Skipped::line(line, None, "has neither a title nor an id")),
            false => rows.push((line, row)),
        }
    }
    if !is_end {
        return Err(invalid(line, "a quotation mark is not closed")
            .hint("within quotation marks, one of the text is written as two: `\"\"`"));
    }
    let has_title = |head: &String| column(head).is_some_and(|(field, _)| field == "title");
    if !heads.iter().any(has_title) {
        let heads = excerpt(&first_of(&heads, HEADS_SHOWN), 200);
        let what = format!("no column is the title; the headings are {heads}");
        let error = invalid(above + 1, &what);
        return Err(match text.trim_start().chars().next() {
            Some('#' | '-' | '*') => error.hint(Hint::run(
                ["plan", "new", "FILE"],
                "makes tasks of the lines of a Markdown document",
            )),
            _ => error.hint("the first line names the columns, one of them Title, Summary or Name"),
        });
    }
    Ok(Sheet {
        source: None,
        heads,
        rows,
        skipped,
        left_out: 0,
    })
}

/// What separates the cells: the most frequent one of these in the first line, outside of quotation marks.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let bare: String = first.split('"').step_by(2).collect();
    let all = [b'\t', b';', b','];
    let found = all
        .into_iter()
        .max_by_key(|one| bare.bytes().filter(|b| b == one).count());
    found.unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    // Each heading was looked for in the whole table, and all of them were named.
    #[test]
    fn a_line_of_very_many_headings_is_refused_in_a_short_sentence() {
        let text = format!("a{}\n", ",b".repeat(500_000));
        let refused = read(&text).err().unwrap();
        let said = refused.message();
        assert!(said.contains("the headings are a, b, b"), "{said}");
        assert!(said.ends_with("and 499981 more"), "{said}");
    }

    #[test]
    fn each_heading_of_the_table_names_its_field() {
        assert_eq!(column("Summary"), Some(("title", 0)));
        assert_eq!(column("Custom field (Story Points)"), Some(("points", 0)));
        assert_eq!(column("Outward issue link (Blocks)"), Some(("blocks*", 0)));
        assert_eq!(column(""), None);
    }
}
