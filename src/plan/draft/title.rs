//! Titles: the author's words, without markup, cut at a clause or a word.

/// The longest title, in characters.
pub(super) const LONGEST: usize = 80;

/// The shortest clause that may stand for the whole.
const SHORTEST: usize = 24;

/// The title of a text; `lead` is the bold text that it begins with.
pub(super) fn of(text: &str, lead: Option<&str>) -> String {
    let text = plain(text);
    let says = |lead: &String| lead.chars().filter(|c| c.is_alphabetic()).count() >= 3;
    match lead.map(plain).filter(says) {
        Some(lead) if text.chars().count() > LONGEST && text.starts_with(&lead) => cut(&lead),
        _ => cut(&text),
    }
}

/// A text without markup, marks such as `[P]` and a final colon.
fn plain(text: &str) -> String {
    let text = text.replace(['`', '\u{fffd}'], "").replace("**", "");
    let text = text.replace("~~", "");
    let mut rest = text.trim();
    // Marks of the author's tools: `[P]` (may run in parallel), `[US1]` (of a story).
    while let Some((mark, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        && mark.len() <= 6
        && !after.starts_with('(')
        && !after.trim().is_empty()
    {
        rest = after.trim_start();
    }
    let rest = rest.trim_end_matches([':', '：', ' ', '|']).trim();
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text of at most [`LONGEST`] characters.
pub(super) fn cut(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST) else {
        return text.to_owned();
    };
    let head = &text[..end];
    let clauses = [
        ". ", "; ", " — ", " – ", " - ", ": ", " (", ", ", "。", "；", "，", "、",
    ];
    let clause = clauses.iter().filter_map(|mark| head.rfind(mark));
    let clause = clause.filter(|at| head[..*at].chars().count() >= SHORTEST);
    let clause = clause.max();
    let word = head.rfind(' ');
    let word = word.filter(|at| head[..*at].chars().count() >= SHORTEST);
    let at = clause.or(word).unwrap_or(end);
    let found = head[..at].trim_end_matches([' ', ',', ';', ':', '.', '—', '–', '-', '(']);
    found.to_owned()
}
