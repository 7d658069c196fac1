//! The text of an expression, which parses to the same expression.

use std::fmt;

use super::{Expr, Field, Op, Pattern, Shape, Test, When, Words};

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_any(f, self)
    }
}

fn write_any(f: &mut fmt::Formatter<'_>, expr: &Expr) -> fmt::Result {
    let Expr::Any(list) = expr else {
        return write_all(f, expr);
    };
    write_list(f, list, " or ", |f, part| match part {
        Expr::Any(_) => write_inner(f, part),
        _ => write_all(f, part),
    })
}

fn write_all(f: &mut fmt::Formatter<'_>, expr: &Expr) -> fmt::Result {
    let Expr::All(list) = expr else {
        return write_inner(f, expr);
    };
    write_list(f, list, " ", write_inner)
}

fn write_list(
    f: &mut fmt::Formatter<'_>,
    list: &[Expr],
    between: &str,
    write: impl Fn(&mut fmt::Formatter<'_>, &Expr) -> fmt::Result,
) -> fmt::Result {
    for (n, part) in list.iter().enumerate() {
        f.write_str(if n > 0 { between } else { "" })?;
        write(f, part)?;
    }
    Ok(())
}

fn write_inner(f: &mut fmt::Formatter<'_>, expr: &Expr) -> fmt::Result {
    match expr {
        Expr::All(_) | Expr::Any(_) => {
            f.write_str("(")?;
            write_any(f, expr)?;
            f.write_str(")")
        }
        Expr::Not(inner) => {
            f.write_str("-")?;
            write_inner(f, inner)
        }
        Expr::Test(test) => write!(f, "{test}"),
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Words(Words { text, prefix }) => {
                let star = if *prefix { "*" } else { "" };
                write!(f, "{}{star}", quoted(text))
            }
            Test::Is(mark) => write!(f, "is:{mark}"),
            Test::Has(field) => write!(f, "has:{}", field.name()),
            Test::Value(field, patterns) => {
                let values = patterns.iter().map(|one| pattern(one, field.takes_names()));
                let values: Vec<String> = values.collect();
                let values = values.join(",");
                // A value that looks like a comparison must not be read as one.
                let compares = values.starts_with(['<', '>', '=']);
                let sign = if compares { "=" } else { "" };
                write!(f, "{}:{sign}{values}", field.name())
            }
            Test::Item(field, names) => {
                let names: Vec<String> = names.iter().map(|name| value(name, true)).collect();
                write!(f, "{}:{}", field.name(), names.join(","))
            }
            Test::Rank(field, op, ranks) => {
                let ranks: Vec<String> = ranks.iter().filter_map(|r| word(*field, *r)).collect();
                write!(f, "{}:{}{}", field.name(), sign(*op), ranks.join(","))
            }
            Test::Time(field, op, When::Ago(text) | When::At(text)) => {
                write!(f, "{}:{}{}", field.name(), sign(*op), value(text, false))
            }
            Test::After(name, _) => write!(f, "after:{}", value(name, true)),
        }
    }
}

fn word(field: Field, rank: usize) -> Option<String> {
    match field.shape() {
        Shape::Rank(words) => words.get(rank).map(ToString::to_string),
        Shape::Number => Some(rank.to_string()),
        _ => None,
    }
}

fn sign(op: Op) -> &'static str {
    match op {
        Op::Is => "",
        Op::Less => "<",
        Op::AtMost => "<=",
        Op::More => ">",
        Op::AtLeast => ">=",
    }
}

fn pattern(pattern: &Pattern, is_name: bool) -> String {
    match pattern {
        Pattern::Me => "me".into(),
        // In quotes it is the name of an actor.
        Pattern::Text(text) if super::is_me(text) => quoted(text),
        Pattern::Text(text) => value(text, is_name),
        Pattern::Wild(parts) => parts.join("*"),
    }
}

/// A value, in quotes if it would be parsed otherwise, as a name that is a word for none.
fn value(text: &str, is_name: bool) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '@' | '+' | ':');
    let begins = |c: char| c.is_alphanumeric();
    let is_none = is_name && super::is_none(text);
    if text.chars().all(plain) && text.starts_with(begins) && !is_none {
        text.to_string()
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
