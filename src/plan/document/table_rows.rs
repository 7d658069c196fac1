//! Rows of a table as statements: the columns for id, text and criteria.

use super::block_text::statement_text;
use super::{Lines, SectionKind, Text, author_id, section_tree, tokens};

/// A row with a statement.
pub(super) struct Row {
    pub id: Option<String>,
    pub text: String,
    /// The cells of columns with criteria.
    pub acceptance: Vec<String>,
    pub lines: Lines,
}

const IDS: &str =
    "id|ids|no|nr|num|number|ref|req|req id|requirement id|story id|key|#|ид|编号|番号|n|№|序号";
const BODIES: &str = "requirement|requirements|story|user story|description|risk|question|decision|assumption|\
    constraint|metric|kpi|criterion|criteria|acceptance criteria|statement|need|goal|dependency|non goal|item|\
    task|feature|capability|anforderung|beschreibung|risiko|frage|exigence|description|risque|requisito|\
    descripción|descrição|riesgo|risco|требование|описание|риск|需求|描述|需求描述|说明|风险|要件|内容|説明|リスク";
const NAMES: &str = "name|title|feature|capability|titel|nom|titre|nombre|título|nome|название|名称|标题|名前|タイトル";
const CRITERIA: &str = "acceptance|acceptance criteria|acceptance criterion|success criteria|done when|verification|\
    deliverable|deliverables|exit criteria|output|outputs|akzeptanzkriterien|критерии приемки|验收标准|交付物|\
    受け入れ基準|成果物";
const DATA: &str = "field|column|type|parameter|endpoint|method|property|attribute name|字段|类型|variable|flag|\
    command|status code|error code|file|path";

fn is_one(name: &str, list: &str) -> bool {
    list.split('|').any(|word| word.trim() == name)
}

/// The rows of a table in a section of `kind`.
pub(super) fn read(header: &[Text], rows: &[(Vec<Text>, Lines)], kind: SectionKind) -> Vec<Row> {
    let names: Vec<String> = header
        .iter()
        .map(|cell| {
            if cell.plain.trim() == "#" {
                "#".to_owned()
            } else {
                tokens::tokens(&cell.plain).join(" ")
            }
        })
        .collect();
    let find = |list: &str| names.iter().position(|name| is_one(name, list));
    let short_ids = section_tree::short_ids(kind);
    let first_has_ids = rows
        .iter()
        .filter(|(cells, _)| {
            cells.first().is_some_and(|cell| {
                author_id::split(&cell.plain, short_ids).is_some_and(|(_, rest)| rest.is_empty())
            })
        })
        .count()
        * 2
        > rows.len();
    let ids = if first_has_ids { Some(0) } else { find(IDS) };
    let criteria = find(CRITERIA).filter(|_| {
        matches!(
            kind,
            SectionKind::Functional
                | SectionKind::Story
                | SectionKind::Feature
                | SectionKind::Milestone
                | SectionKind::Unknown
        )
    });
    let data = names.iter().any(|name| is_one(name, DATA));
    let work = matches!(
        kind,
        SectionKind::Functional | SectionKind::Story | SectionKind::Feature
    );
    if (data && work && !first_has_ids) || (kind == SectionKind::Unknown && !first_has_ids) {
        return Vec::new();
    }
    let free = |place: &usize| Some(*place) != ids && Some(*place) != criteria;
    let body = find(BODIES).filter(free);
    let name = find(NAMES)
        .filter(free)
        .filter(|place| Some(*place) != body);
    let all = matches!(
        kind,
        SectionKind::Metric | SectionKind::NonFunctional | SectionKind::Acceptance
    );
    rows.iter()
        .filter_map(|(cells, lines)| {
            let cell = |place: usize| {
                cells
                    .get(place)
                    .map(|cell| statement_text(&cell.plain))
                    .unwrap_or_default()
            };
            let columns: Vec<usize> = match (body, name) {
                // A phase is named by its first cell and described by the next.
                _ if kind == SectionKind::Milestone => {
                    let mut columns: Vec<usize> = (0..cells.len()).filter(free).take(1).collect();
                    columns.extend(
                        body.or((1..cells.len()).find(free))
                            .filter(|body| !columns.contains(body)),
                    );
                    columns
                }
                _ if all => (0..cells.len()).filter(free).collect(),
                (Some(body), Some(name)) => vec![name, body],
                (Some(one), None) | (None, Some(one)) => vec![one],
                (None, None) => (0..cells.len()).filter(free).take(1).collect(),
            };
            let parts: Vec<&str> = columns
                .into_iter()
                .map(cell)
                .filter(|part| !is_blank(part))
                .collect();
            let text = parts.join(": ");
            let id = ids
                .and_then(|place| author_id::split(cell(place), short_ids))
                .map(|(id, _)| id);
            let acceptance = criteria
                .map(cell)
                .filter(|part| !is_blank(part))
                .map(str::to_owned);
            (!text.is_empty() || id.is_some()).then(|| Row {
                id,
                text,
                acceptance: acceptance.into_iter().collect(),
                lines: *lines,
            })
        })
        .collect()
}

fn is_blank(cell: &str) -> bool {
    !cell.chars().any(char::is_alphanumeric)
}
