//! Tables as nodes of the tree: the columns for the subject of a row and for its properties. A
//! table of users and their wishes becomes stories, a table of methods and paths becomes endpoints.

use super::id_mentions;
use super::node_tree::{Line, Origin, Tag, Tree, owns_text};
use super::similarity::normalize;
use super::state_mark::{StateMark, of_note};
use super::units;
use super::work::CLOSED;
use crate::plan::document::{LabelKind, Lines, SectionKind, Text, Words, words};

/// The columns of a table of endpoints.
struct Endpoint {
    method: usize,
    path: usize,
    purpose: Option<usize>,
}

impl Endpoint {
    fn of(header: &[Text]) -> Option<Endpoint> {
        let names: Vec<String> = header.iter().map(|cell| normalize(&cell.plain)).collect();
        let find = |known: Words| {
            let is_known = |name: &String| known.contains(name);
            names.iter().position(is_known)
        };
        Some(Endpoint {
            method: find(words!(
                "method, http method, verb, methode, méthode, método, метод, 方法, メソッド",
            ))?,
            path: find(words!(
                "path, route, endpoint, url, uri, pfad, chemin, ruta, rota, путь, 路径, パス",
            ))?,
            purpose: find(words!(
                "purpose, description, function, summary, notes, what it does, zweck, \
                 beschreibung, función, descripción, função, descrição, описание, 说明, 描述, 説明",
            )),
        })
    }

    /// `GET /jobs: List the jobs`
    fn title(&self, cells: &[Text]) -> Option<Text> {
        let cell =
            |place: usize| Some(cells.get(place)?.plain.trim()).filter(|text| !text.is_empty());
        let mut plain = format!("{} {}", cell(self.method)?, cell(self.path)?);
        if let Some(purpose) = self.purpose.and_then(cell) {
            plain.push_str(&format!(": {purpose}"));
        }
        Some(Text {
            plain,
            codes: cells.get(self.path)?.codes.clone(),
            lead: None,
        })
    }
}

/// The content of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Id,
    Title,
    Label(LabelKind),
    Status,
    Other,
}

fn column(header: &str) -> Column {
    let name = normalize(header);
    let last = name.rsplit(' ').next().unwrap_or("");
    match name.as_str() {
        "id" | "no" | "nr" | "number" | "ref" | "" => return Column::Id,
        "done when" | "success criteria" => return Column::Label(LabelKind::Acceptance),
        "depends on" | "blocked by" | "depends" | "needs" | "requires" | "after" | "waits for" => {
            return Column::Label(LabelKind::DependsOn);
        }
        _ => {}
    }
    match last {
        "id" | "nr" => Column::Id,
        "requirement" | "requirements" | "task" | "tasks" | "feature" | "features" | "story"
        | "stories" | "item" | "deliverable" | "deliverables" | "title" | "epic" | "milestone"
        | "phase" | "tool" | "tools" | "command" | "commands" | "endpoint" | "endpoints"
        | "route" | "routes" | "prompt" | "prompts" | "screen" | "screens" | "anforderung"
        | "aufgabe" | "tarea" | "requisito" | "tâche" | "exigence" => Column::Title,
        "acceptance" | "criteria" | "criterion" => Column::Label(LabelKind::Acceptance),
        "effort" | "estimate" | "points" | "size" | "duration" | "hours" | "days" | "aufwand" => {
            Column::Label(LabelKind::Effort)
        }
        "dependencies" | "dependency" | "prerequisites" => Column::Label(LabelKind::DependsOn),
        "status" | "state" | "done" => Column::Status,
        "priority" | "prio" => Column::Label(LabelKind::Priority),
        "risk" | "risks" => Column::Label(LabelKind::Risk),
        "owner" | "assignee" | "responsible" => Column::Label(LabelKind::Actor),
        "files" | "paths" | "file" | "path" => Column::Label(LabelKind::Paths),
        _ => Column::Other,
    }
}

/// The column with the subject of a row.
fn main_cell(columns: &[Column], cells: &[Text]) -> Option<usize> {
    let filled = |place: &usize| cells.get(*place).is_some_and(|cell| !cell.plain.is_empty());
    let titles: Vec<usize> = (0..cells.len())
        .filter(|place| columns.get(*place) == Some(&Column::Title))
        .filter(filled)
        .collect();
    if let Some(title) = titles.first() {
        return Some(*title);
    }
    if columns.contains(&Column::Title) {
        // A row without a title that has only points or a status is not work.
        return (0..cells.len()).filter(filled).find(|place| {
            matches!(columns.get(*place), Some(Column::Other)) || owned(columns, *place)
        });
    }
    let has_id = columns.contains(&Column::Id);
    (0..cells.len())
        .filter(|place| !(has_id && columns.get(*place) == Some(&Column::Id)))
        .find(filled)
        .or_else(|| (0..cells.len()).find(filled))
}

/// True if a column holds a statement of its own.
fn owned(columns: &[Column], place: usize) -> bool {
    matches!(columns.get(place), Some(Column::Label(kind)) if owns_text(*kind))
}

/// The parts that a row of a phase lists: those of its longest cell.
fn parts(columns: &[Column], cells: &[Text], title: usize) -> Vec<String> {
    let others = (0..cells.len())
        .filter(|place| *place != title)
        .filter(|place| matches!(columns.get(*place), Some(Column::Other | Column::Title)));
    let Some(longest) = others.max_by_key(|place| cells[*place].plain.len()) else {
        return Vec::new();
    };
    let text = cells[longest].plain.as_str();
    let between = match text.contains([';', '；', '、']) {
        true => &[';', '；', '、'][..],
        false => &[',', '，'][..],
    };
    let parts = text.split(between).map(str::trim);
    parts
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

impl Tree {
    /// Adds the rows of a table to a node.
    pub(super) fn table(
        &mut self,
        header: &[Text],
        rows: &[(Vec<Text>, Lines)],
        owner: Option<usize>,
        role: Option<LabelKind>,
    ) {
        let columns: Vec<Column> = header.iter().map(|cell| column(&cell.plain)).collect();
        let speaks = columns.contains(&Column::Title) || columns.contains(&Column::Id);
        match owner {
            Some(owner) => {
                self.nodes[owner].work_table |= speaks;
                self.nodes[owner].task_table |= columns.contains(&Column::Title);
            }
            // Before all headings, a column of numbers alone may also be from a table of versions.
            None => self.work_table |= columns.contains(&Column::Title),
        }
        let is_phase = |cells: &Vec<Text>| {
            let title = main_cell(&columns, cells);
            title.is_some_and(|title| units::name(&cells[title].plain).is_some())
        };
        let of_phases = rows.iter().filter(|(cells, _)| is_phase(cells)).count() >= 2;
        let endpoints = Endpoint::of(header);
        for (cells, lines) in rows {
            if let Some(text) = endpoints.as_ref().and_then(|one| one.title(cells)) {
                let mut row = self.plain(Origin::Row, &text, *lines, owner);
                row.role = role;
                let ids = cells
                    .iter()
                    .filter_map(|cell| id_mentions::leading(&cell.plain));
                row.id = row.id.or(ids
                    .filter(|(_, rest)| rest.is_empty())
                    .map(|(id, _)| id)
                    .next());
                if let Some(owner) = owner {
                    self.nodes[owner].work_table = true;
                    self.nodes[owner].task_table = true;
                }
                self.push(row);
                continue;
            }
            let Some(title) = main_cell(&columns, cells) else {
                continue;
            };
            let mut row = self.plain(Origin::Row, &cells[title], *lines, owner);
            row.role = role;
            let mut rest = Vec::new();
            for (place, cell) in cells.iter().enumerate() {
                if place == title || cell.plain.is_empty() {
                    continue;
                }
                let line = Line {
                    text: cell.plain.clone(),
                    lines: *lines,
                };
                let name = header.get(place).map_or("", |cell| cell.plain.as_str());
                match columns.get(place).copied().unwrap_or(Column::Other) {
                    Column::Id => {
                        let upper = cell.plain.to_ascii_uppercase();
                        let whole = |text: &str| {
                            let (id, rest) = id_mentions::leading(text)?;
                            rest.is_empty().then(|| (id, id_mentions::written(text)))
                        };
                        row.number = row.number.or(cell.plain.trim().parse().ok());
                        if row.id.is_none() {
                            let found = whole(&cell.plain).or_else(|| whole(&upper));
                            (row.id, row.written) = found.unzip();
                        }
                    }
                    Column::Status => {
                        let ticked = cell.plain.starts_with('✅').then_some(StateMark::Done);
                        row.marked(ticked.or_else(|| of_note(&cell.plain)));
                    }
                    Column::Label(kind) => row.tags.push(Tag {
                        kind,
                        name: name.to_owned(),
                        line,
                    }),
                    Column::Title | Column::Other => {
                        row.codes.extend(cell.codes.iter().cloned());
                        rest.push(line);
                    }
                }
            }
            if speaks {
                row.prose = rest;
            } else if !rest.is_empty() {
                let cells: Vec<String> = rest.into_iter().map(|line| line.text).collect();
                row.text = format!("{}: {}", row.text, cells.join(", "));
            }
            let tags = std::mem::take(&mut row.tags);
            let of_phases = of_phases && !CLOSED.contains(&row.kind);
            let parts = match of_phases && is_phase(cells) {
                true => parts(&columns, cells, title),
                false => Vec::new(),
            };
            if !parts.is_empty() {
                row.kind = SectionKind::Milestone;
                row.text.clone_from(&cells[title].plain);
                row.prose.clear();
            }
            let node = self.push(row);
            for part in parts {
                let part = Text {
                    plain: part,
                    ..Text::default()
                };
                let entry = self.plain(Origin::Entry, &part, *lines, Some(node));
                self.push(entry);
            }
            for tag in tags {
                if owns_text(tag.kind) {
                    let text = Text {
                        plain: tag.line.text.clone(),
                        ..Text::default()
                    };
                    self.remark(&text, tag.line.lines, Some(node), tag.kind);
                } else {
                    self.nodes[node].tags.push(tag);
                }
            }
        }
    }
}
