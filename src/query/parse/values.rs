//! The part of a condition after the colon: values, comparisons, ranges, times.

use super::{Parsed, Parser, Piece, one_or, shown};
use crate::model::id::normalized;
use crate::model::priority::Priority;
use crate::model::status::Status;
use crate::model::{typed_due_date, typed_past_date};
use crate::{Expr, Field, Op, Pattern, Shape, Test, When, matches};
use jiff::Zoned;

impl Parser<'_> {
    pub(super) fn field(&mut self, field: Field) -> Parsed<Expr> {
        let begin = self.at;
        let op = [
            ("<=", Op::AtMost),
            (">=", Op::AtLeast),
            ("<", Op::Less),
            (">", Op::More),
            ("=", Op::Is),
        ]
        .into_iter()
        .find(|(sign, _)| self.take(sign))
        .map(|(_, op)| op);
        let ordered = matches!(field.shape(), Shape::Rank(_) | Shape::Number | Shape::Time);
        if op.is_some_and(|op| op != Op::Is) && !ordered {
            return Err(self.error(
                begin,
                format!(
                    "values of `{}` cannot be compared with `<` or `>`",
                    field.name()
                ),
                format!("`{}:VALUE` tests for equality", field.name()),
            ));
        }
        let pieces = self.pieces()?;
        if pieces.len() > 1 && op.is_some_and(|op| op != Op::Is) {
            return Err(self.error(
                pieces[1].at,
                "a comparison takes one value",
                "repeat the comparison, joined with `or`",
            ));
        }
        let is_name = |piece: &&Piece| field.takes_names() && !piece.quoted;
        for piece in pieces.iter().filter(is_name) {
            if let Some(hint) = without(field, &piece.text) {
                let message = format!("`{}` is no value of `{}`", piece.text, field.name());
                return Err(self.error(piece.at, message, hint));
            }
        }
        match field.shape() {
            Shape::Word | Shape::Actor | Shape::Text => {
                let actor = field.shape() == Shape::Actor;
                let mut patterns: Vec<Pattern> =
                    pieces.iter().map(|piece| pattern(piece, actor)).collect();
                if field == Field::Id {
                    for pattern in &mut patterns {
                        if let Pattern::Text(id) = pattern {
                            *id = normalized(id);
                        }
                    }
                }
                if field == Field::Status {
                    for piece in &pieces {
                        let meant = Status::meant(&piece.text);
                        let meant = meant.map(|word| Pattern::Text(word.to_string()));
                        patterns.extend(meant.filter(|meant| !patterns.contains(meant)));
                    }
                }
                Ok(Expr::Test(Test::Value(field, patterns)))
            }
            Shape::Item => {
                let names = pieces.into_iter().map(|piece| piece.text).collect();
                Ok(Expr::Test(Test::Item(field, names)))
            }
            Shape::Rank(words) => self.ranks(field, op, words, &pieces),
            Shape::Number => self.ranks(field, op, &[], &pieces),
            Shape::Time => self.times(field, op, &pieces),
        }
    }

    fn ranks(
        &self,
        field: Field,
        op: Option<Op>,
        words: &[&str],
        pieces: &[Piece],
    ) -> Parsed<Expr> {
        let rank = |text: &str, at: usize| {
            let found = match field {
                Field::Priority => {
                    let read = text.parse::<Priority>().ok();
                    read.map(|priority| usize::from(priority.number()))
                }
                _ if field.shape() == Shape::Number => text.parse().ok(),
                _ => words.iter().position(|w| w.eq_ignore_ascii_case(text)),
            };
            found.ok_or_else(|| {
                let (what, known) = match words {
                    [] => ("number of ", String::from("use a number, such as 5")),
                    words => ("", format!("use one of: {}", words.join(", "))),
                };
                let message = format!("`{}` is not a valid {what}{}", shown(text), field.name());
                self.error(at, message, known)
            })
        };
        if let ([piece], None) = (pieces, op)
            && let Some((from, to)) = piece.text.split_once("..").filter(|_| !piece.quoted)
        {
            let from = rank(from, piece.at)?;
            let to = rank(to, piece.at)?;
            return Ok(Expr::All(vec![
                Expr::Test(Test::Rank(field, Op::AtLeast, vec![from])),
                Expr::Test(Test::Rank(field, Op::AtMost, vec![to])),
            ]));
        }
        let ranks = pieces.iter().map(|piece| rank(&piece.text, piece.at));
        let ranks = ranks.collect::<Parsed<Vec<usize>>>()?;
        Ok(Expr::Test(Test::Rank(field, op.unwrap_or(Op::Is), ranks)))
    }

    fn times(&self, field: Field, op: Option<Op>, pieces: &[Piece]) -> Parsed<Expr> {
        let when = |text: &str, at: usize| self.when(field, text, at);
        if let ([piece], None) = (pieces, op)
            && let Some((from, to)) = piece.text.split_once("..")
        {
            let (from, to) = (when(from, piece.at)?, when(to, piece.at)?);
            // The greater of two ages is the earlier time.
            let begin = |when: &When| match when {
                When::Ago(_) => Op::AtMost,
                When::At(_) => Op::AtLeast,
            };
            let end = |when: &When| match when {
                When::Ago(_) => Op::AtLeast,
                When::At(_) => Op::AtMost,
            };
            return Ok(Expr::All(vec![
                Expr::Test(Test::Time(field, begin(&from), from)),
                Expr::Test(Test::Time(field, end(&to), to)),
            ]));
        }
        let mut any = Vec::new();
        for piece in pieces {
            let when = when(&piece.text, piece.at)?;
            any.push(Expr::Test(Test::Time(field, op.unwrap_or(Op::Is), when)));
        }
        Ok(one_or(any, Expr::Any))
    }

    fn when(&self, field: Field, text: &str, at: usize) -> Parsed<When> {
        // The validity of a time does not depend on the current time.
        if When::moment(field, text, &Zoned::default()).is_none() {
            let message = format!("`{}` is not a valid time", shown(text));
            let known = match field.is_ahead() {
                true => typed_due_date::NotATime::of(text).to_string(),
                false => typed_past_date::NotAMoment::of(text).to_string(),
            };
            let hint = known.split_once("; ").map_or("", |(_, hint)| hint);
            let hint = without(field, text).unwrap_or_else(|| hint.to_string());
            return Err(self.error(at, message, hint));
        }
        Ok(match When::is_span(text) && !field.is_ahead() {
            true => When::Ago(text.to_string()),
            false => When::At(text.to_string()),
        })
    }
}

/// The hint for a word that stands for no value.
fn without(field: Field, text: &str) -> Option<String> {
    let name = field.name();
    super::super::is_none(text)
        .then(|| format!("`-has:{name}` finds items without a value, `has:{name}` those with one"))
}

fn pattern(piece: &Piece, actor: bool) -> Pattern {
    if actor && !piece.quoted && super::super::is_me(&piece.text) {
        return Pattern::Me;
    }
    let text = matches::folded(&piece.text);
    if piece.quoted || !text.contains('*') {
        return Pattern::Text(text);
    }
    Pattern::Wild(text.split('*').map(str::to_string).collect())
}
