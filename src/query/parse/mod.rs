//! The parser of queries.

mod values;

use super::{Expr, Field, Mark, Pattern, Test, Words};
use crate::model::id::{ItemKind, normalized, parse_sequential};
use crate::model::status::Status;

/// The greatest depth of parentheses and negations.
const DEPTH: usize = 64;

/// The reason why a text is not a valid query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {position})")]
pub struct QueryError {
    /// The error.
    pub message: String,
    /// Its position, in characters from 1.
    pub position: usize,
    /// A suggestion of what to write instead.
    pub hint: String,
}

type Parsed<T> = Result<T, QueryError>;

pub(super) fn parse(text: &str) -> Parsed<Expr> {
    let mut parser = Parser { text, at: 0 };
    parser.blank();
    if parser.rest().is_empty() {
        return Ok(Expr::everything());
    }
    let expr = parser.any(0)?;
    parser.blank();
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err(parser.error(
            parser.at,
            "this parenthesis has no matching opening parenthesis",
            "remove it, or put the text in quotes",
        )),
    }
}

struct Parser<'t> {
    text: &'t str,
    /// In bytes.
    at: usize,
}

/// A part of a value as it was written.
struct Piece {
    text: String,
    quoted: bool,
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn error(&self, at: usize, message: impl Into<String>, hint: impl Into<String>) -> QueryError {
        QueryError {
            message: message.into(),
            position: self.text[..at].chars().count() + 1,
            hint: hint.into(),
        }
    }

    /// Takes an operator that is a word.
    fn operator(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let Some(begin) = rest.get(..word.len()) else {
            return false;
        };
        let ends = |c: char| c.is_whitespace() || c == '(' || c == ')';
        let same = begin == word || begin == word.to_ascii_uppercase();
        if !same || !rest[word.len()..].chars().next().is_none_or(ends) {
            return false;
        }
        self.at += word.len();
        true
    }

    fn any(&mut self, depth: usize) -> Parsed<Expr> {
        let mut list = vec![self.all(depth)?];
        loop {
            self.blank();
            if !self.operator("or") {
                break;
            }
            list.push(self.all(depth)?);
        }
        Ok(one_or(list, Expr::Any))
    }

    fn all(&mut self, depth: usize) -> Parsed<Expr> {
        let begin = self.at;
        let mut list = vec![self.not(depth)?];
        loop {
            self.blank();
            let before = self.at;
            if self.operator("or") {
                self.at = before;
                break;
            }
            if self.operator("and") {
                list.push(self.not(depth)?);
                continue;
            }
            match self.peek() {
                None | Some(')') => break,
                Some(_) => list.push(self.not(depth)?),
            }
        }
        // No item has two: what is meant is all of them.
        if let Some(ids) = ids_in(&self.text[begin..self.at]).filter(|ids| ids.len() > 1) {
            return Ok(Expr::Test(Test::Value(Field::Id, ids)));
        }
        Ok(one_or(list, Expr::All))
    }

    fn not(&mut self, depth: usize) -> Parsed<Expr> {
        self.blank();
        let begin = self.at;
        if depth > DEPTH {
            return Err(self.error(
                begin,
                "the query is nested too deeply",
                "use fewer parentheses",
            ));
        }
        match self.peek() {
            None => {
                return Err(self.error(begin, "a condition is missing here", MISSING));
            }
            Some(')') => {
                return Err(self.error(begin, "a condition is missing before this", MISSING));
            }
            Some('(') => {
                self.at += 1;
                let inner = self.any(depth + 1)?;
                self.blank();
                if !self.take(")") {
                    return Err(self.error(
                        begin,
                        "this parenthesis is not closed",
                        "add `)`, or put the text in quotes",
                    ));
                }
                return Ok(inner);
            }
            Some('-' | '!') => {
                self.at += 1;
                if self.peek().is_none_or(char::is_whitespace) {
                    return Err(self.error(begin, "the condition to negate is missing", MISSING));
                }
                return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
            }
            _ => {}
        }
        if self.operator("not") {
            return Ok(Expr::Not(Box::new(self.not(depth + 1)?)));
        }
        for word in ["or", "and"] {
            let begin = self.at;
            if self.operator(word) {
                return Err(self.error(
                    begin,
                    format!("`{word}` must be between two conditions"),
                    format!("put it in quotes to search for the word: \"{word}\""),
                ));
            }
        }
        self.test()
    }

    fn test(&mut self) -> Parsed<Expr> {
        let begin = self.at;
        if self.peek() == Some('"') {
            let text = self.quoted()?;
            let prefix = self.take("*");
            self.require_end()?;
            return self.words(begin, text, prefix);
        }
        let name = self.rest();
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')' | ':');
        let name = &name[..name.find(ends).unwrap_or(name.len())];
        self.at += name.len();
        if self.peek() != Some(':') {
            self.require_end()?;
            if let Some(operator) = name.find(['<', '>', '=']) {
                return Err(self.no_colon(begin, name, operator));
            }
            let text = name.trim_end_matches('*');
            // The last word may not be typed to its end.
            let is_last = self.peek().is_none();
            let words = self.words(begin, text.to_string(), is_last || text.len() < name.len())?;
            return Ok(match ids_in(name) {
                Some(ids) => Expr::Any(vec![Expr::Test(Test::Value(Field::Id, ids)), words]),
                None => words,
            });
        }
        self.at += 1;
        match name.to_ascii_lowercase().as_str() {
            "is" => self.is(),
            "has" => self.has(),
            _ => match Field::named(name) {
                Some(field) => self.field(field),
                None => Err(self.error(
                    begin,
                    format!("`{}` is not a field of an item", shown(name)),
                    match Field::nearest(name) {
                        _ if matches!(name, "no" | "without") => {
                            "`-has:FIELD` finds items without a \
                             value: `-has:epic`, `-has:due`"
                                .to_string()
                        }
                        Some(near) => format!("did you mean `{near}:`?"),
                        None => format!(
                            "fields are {}; put text that contains a colon in quotes",
                            names().join(", ")
                        ),
                    },
                )),
            },
        }
    }

    /// The error for a word with an operator, which is a condition without a colon.
    fn no_colon(&self, begin: usize, word: &str, operator: usize) -> QueryError {
        let (name, compared) = word.split_at(operator);
        let (not, name) = match name.strip_suffix('!') {
            Some(name) => ("-", name),
            None => ("", name),
        };
        let compared = compared.trim_start_matches('=');
        let lower = name.to_ascii_lowercase();
        let known = match (lower.as_str(), Field::named(name)) {
            ("is" | "has", _) => Some(lower.as_str()),
            (_, Some(field)) => Some(field.name()),
            (_, None) => Field::nearest(name),
        };
        let hint = match known {
            Some(known) if !compared.is_empty() => {
                format!("did you mean `{not}{known}:{compared}`?")
            }
            _ if name.is_empty() => MISSING_COLON.to_string(),
            _ => format!(
                "put it in quotes to search for the text: \"{}\"",
                shown(word)
            ),
        };
        let message = format!("`{}` is not a condition: it has no colon", shown(word));
        self.error(begin, message, hint)
    }

    /// A quoted text, in which `\"` and `\\` are escapes.
    fn quoted(&mut self) -> Parsed<String> {
        let begin = self.at;
        let mut out = String::new();
        let mut escaped = false;
        for (n, c) in self.rest().char_indices().skip(1) {
            match c {
                _ if escaped => {
                    if !matches!(c, '"' | '\\') {
                        out.push('\\');
                    }
                    out.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.at += n + 1;
                    return Ok(out);
                }
                c => out.push(c),
            }
        }
        Err(self.error(begin, "this quotation mark is not closed", "add `\"`"))
    }

    fn require_end(&self) -> Parsed<()> {
        match self.peek() {
            Some(c) if !c.is_whitespace() && c != ')' && c != '(' => Err(self.error(
                self.at,
                "a space is missing here",
                "separate conditions with spaces, and put text with special characters in quotes",
            )),
            _ => Ok(()),
        }
    }

    fn words(&self, begin: usize, text: String, prefix: bool) -> Parsed<Expr> {
        if !text.chars().any(char::is_alphanumeric) {
            return Err(self.error(
                begin,
                "there is no word to search for",
                "a word needs at least one letter or digit",
            ));
        }
        Ok(Expr::Test(Test::Words(Words { text, prefix })))
    }

    /// One value up to a comma, a space or a parenthesis.
    fn piece(&mut self) -> Parsed<Piece> {
        let at = self.at;
        if self.peek() == Some('"') {
            let text = self.quoted()?;
            return Ok(Piece {
                text,
                quoted: true,
                at,
            });
        }
        let rest = self.rest();
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '(' | ')');
        let text = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += text.len();
        if text.is_empty() {
            return Err(self.error(
                at,
                "a value is missing here",
                "write it directly after the colon, in quotes if it has spaces",
            ));
        }
        Ok(Piece {
            text: text.to_string(),
            quoted: false,
            at,
        })
    }

    /// Values with commas between them.
    fn pieces(&mut self) -> Parsed<Vec<Piece>> {
        let mut list = vec![self.piece()?];
        while self.take(",") {
            list.push(self.piece()?);
        }
        self.require_end()?;
        Ok(list)
    }

    fn is(&mut self) -> Parsed<Expr> {
        let mut any = Vec::new();
        for piece in self.pieces()? {
            let word = piece.text.to_ascii_lowercase();
            any.push(match (Mark::parse(&word), ItemKind::parse(&word)) {
                (Some(mark), _) => Expr::Test(Test::Is(mark)),
                (None, Some(kind)) => Expr::of_kind(kind),
                (None, None) => {
                    let words = Mark::VOCABULARY.words.join(", ");
                    let use_one = match Status::meant(&word) {
                        Some(status) => format!("did you mean `status:{status}`? Conditions are"),
                        None => "use one of:".to_string(),
                    };
                    return Err(self.error(
                        piece.at,
                        format!("`is:{}` is not a known condition", shown(&piece.text)),
                        format!("{use_one} {words}, prd, epic, task, issue"),
                    ));
                }
            });
        }
        Ok(one_or(any, Expr::Any))
    }

    fn has(&mut self) -> Parsed<Expr> {
        let mut any = Vec::new();
        for piece in self.pieces()? {
            let Some(field) = Field::named(&piece.text) else {
                return Err(self.error(
                    piece.at,
                    format!("`{}` is not a field of an item", shown(&piece.text)),
                    match Field::nearest(&piece.text) {
                        Some(near) => format!("did you mean `has:{near}`?"),
                        None => format!("fields are {}", names().join(", ")),
                    },
                ));
            };
            let instead = match field {
                Field::Under => {
                    "`has:parent` finds items with a parent, `under:ID` the items below one"
                }
                Field::Blocks => "`blocks:ID` finds the items that ID waits for",
                _ => {
                    any.push(Expr::Test(Test::Has(field)));
                    continue;
                }
            };
            let message = format!("`has:{}` is not supported", field.name());
            return Err(self.error(piece.at, message, instead));
        }
        Ok(one_or(any, Expr::Any))
    }
}

const MISSING: &str = "write a condition such as `status:queued`, `label:auth` or a word";

const MISSING_COLON: &str =
    "write a comparison without spaces, such as `priority:<=1`, or put the text in quotes";

/// The ids of a text that has nothing else, as in `T-1 T-2`.
fn ids_in(text: &str) -> Option<Vec<Pattern>> {
    let words = text.split(|c: char| c == ',' || c.is_whitespace());
    let words = words.filter(|word| !word.is_empty());
    let id = |word: &str| {
        let id = normalized(word);
        parse_sequential(&id).map(|_| Pattern::Text(id))
    };
    words.map(id).collect()
}

fn one_or(mut list: Vec<Expr>, many: impl FnOnce(Vec<Expr>) -> Expr) -> Expr {
    match list.len() {
        1 => list.remove(0),
        _ => many(list),
    }
}

fn shown(text: &str) -> String {
    crate::model::text::excerpt(text, 40)
}

fn names() -> Vec<&'static str> {
    Field::all().map(Field::name).collect()
}
