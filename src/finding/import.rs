//! Findings that other tools wrote into a file, whose format is recognized by its content.
//!
//! It is read as a stream, so that memory holds one result at a time besides what is kept.

use crate::found::Found;
use crate::model::text;
use crate::{rdjson, sarif};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny};
use serde::de::{MapAccess, SeqAccess, Unexpected, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::fmt;
use std::io::{self, BufReader, Read};

/// The longest claim, suggestion or outcome that is kept, in characters.
pub(crate) const TEXT_MAX: usize = 2_000;

/// The longest quote, in characters.
const QUOTE_MAX: usize = 1_000;

/// The longest name of a rule, a category or a tool, in characters.
const NAME_MAX: usize = 200;

/// The names of so many tools are kept.
const TOOLS_MAX: usize = 100;

/// How many findings are read beyond those that are kept, so that the worst are kept, and those that
/// turn out to be outside of the repository do not count.
const SPARE: usize = 5_000;

/// The largest text that is parsed as a whole, in bytes: a result or the rules of a tool. A larger result
/// is malformed, larger rules are as if they were not there. Those of CodeQL have some 5 MB.
const ELEMENT_MAX: usize = 16 << 20;

/// The fields of objects above the results that are kept until their end: of a SARIF log, of an rdjson
/// result or a line of rdjsonl, and of a run.
const KEPT: &str =
    "version message location severity source code suggestions tool originalUriBaseIds artifacts";

/// The class of what a tool reports without one.
pub(crate) const CATEGORY: &str = "lint";

/// What is read of a file, and how much.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The absolute path of the folder that was checked: absolute paths below it are those of the
    /// repository. With `None`, they all are outside.
    pub root: Option<&'a str>,
    /// How many findings are kept: of the first 5,000 more than these, the worst, the worst first.
    pub limit: usize,
    /// The largest file that is accepted, in bytes. At worst some ten times that much memory is used.
    pub bytes: u64,
}

/// What a file of findings has.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// The findings. Their reviewer is what the file says, even if it is `git-pm`.
    pub found: Vec<Found>,
    /// The number of results beyond the limit. Those that are suppressed, of the baseline, no failure, outside
    /// of the repository, or malformed are left out and not counted.
    pub over: u64,
    /// The tools that wrote the findings, in their order, at most 100.
    pub tools: Vec<String>,
}

/// Why a file of findings could not be read. Positions are those in the file, columns are in bytes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing in it. A tool that writes rdjsonl and has found nothing writes that, too.
    #[error("the input is empty")]
    Empty,
    /// It is not JSON, or not in UTF-8.
    #[error("not valid JSON: {0}")]
    Syntax(serde_json::Error),
    /// It ends too early.
    #[error("the JSON text is cut off: {0}")]
    Truncated(serde_json::Error),
    /// It is JSON of some other form, or SARIF of another version.
    #[error("neither SARIF 2.1.0 nor rdjson nor rdjsonl: {0}")]
    Format(serde_json::Error),
    /// It is larger than the options accept.
    #[error("the input is larger than {0} bytes")]
    TooLarge(u64),
    /// The operating system could not read it.
    #[error("the input could not be read: {0}")]
    Read(io::Error),
}

/// Reads findings from SARIF 2.1.0, rdjson or rdjsonl, or from several logs one after the other.
pub fn read(input: impl Read, options: &Options<'_>) -> Result<Imported, Error> {
    let mut input = input.take(options.bytes.saturating_add(1));
    let mut reading = Reading {
        options,
        imported: Imported::default(),
        pending: Vec::new(),
    };
    let documents = documents(&mut input, &mut reading);
    if input.limit() == 0 {
        return Err(Error::TooLarge(options.bytes));
    }
    match documents {
        Ok(0) => Err(Error::Empty),
        Ok(_) => Ok(reading.finish()),
        Err(error) => Err(match error.classify() {
            Category::Io => Error::Read(error.into()),
            Category::Syntax => Error::Syntax(error),
            Category::Data => Error::Format(error),
            Category::Eof => Error::Truncated(error),
        }),
    }
}

/// Reads all documents and returns their number.
fn documents(mut input: impl Read, reading: &mut Reading<'_>) -> serde_json::Result<usize> {
    // Tools of Windows begin with a byte order mark.
    let mut start = Vec::new();
    let first = input.by_ref().take(3).read_to_end(&mut start);
    first.map_err(serde_json::Error::io)?;
    if start == "\u{feff}".as_bytes() {
        start.clear();
    }
    let input = BufReader::with_capacity(1 << 16, start.as_slice().chain(input));
    let mut json = serde_json::Deserializer::from_reader(input);
    let mut count = 0;
    // Only the end is no error.
    while let Err(error) = json.end() {
        if error.is_io() {
            return Err(error);
        }
        Within(Part::Document, &mut *reading).deserialize(&mut json)?;
        count += 1;
    }
    Ok(count)
}

/// What was read so far.
pub(crate) struct Reading<'a> {
    pub options: &'a Options<'a>,
    pub imported: Imported,
    /// The elements of the list that is being read, which wait for the fields of the whole.
    pending: Vec<Value>,
}

impl Reading<'_> {
    /// Keeps the name of a tool.
    pub fn tool(&mut self, name: &str) {
        let tools = &mut self.imported.tools;
        if tools.len() < TOOLS_MAX && !tools.iter().any(|tool| tool == name) {
            tools.push(name.to_string());
        }
    }

    /// Keeps an element of a list, if there is room; otherwise it is counted.
    fn element(&mut self, part: Part, element: Option<Value>) {
        let used = self.imported.found.len() + self.pending.len();
        if used >= self.options.limit.saturating_add(SPARE) {
            self.imported.over += 1;
            return;
        }
        match element {
            Some(Value::Object(one)) if part == Part::Results => {
                self.pending.extend(sarif::read::reduced(one));
            }
            Some(one @ Value::Object(_)) => self.pending.push(one),
            _ => {}
        }
    }

    /// Keeps what an object has, with the elements of its list. Fails if the object is none of ours.
    fn end(&mut self, part: Part, fields: Map<String, Value>) -> Result<(), String> {
        let fields = Value::Object(fields);
        if part == Part::Document && fields.get("runs").is_some() {
            let version = text::head(fields["version"].as_str().unwrap_or_default(), NAME_MAX);
            let is_ours = version == "2.1.0" || version.starts_with("2.1.0-rtm.");
            return is_ours.then_some(()).ok_or(format!("version {version:?}"));
        }
        if part == Part::Document && fields.get("diagnostics").is_none() {
            if fields["message"].is_null() && fields["location"].is_null() {
                return Err("an object without their fields".to_string());
            }
            self.element(Part::Diagnostics, Some(fields.clone()));
        }
        let pending = std::mem::take(&mut self.pending);
        match part {
            Part::Run => sarif::read::finish(&fields, pending, self),
            _ => rdjson::finish(&fields, &pending, self),
        }
        Ok(())
    }

    fn finish(mut self) -> Imported {
        let Imported { found, over, .. } = &mut self.imported;
        if found.len() > self.options.limit {
            *over += (found.len() - self.options.limit) as u64;
            found.sort_by_key(|found| found.severity);
            found.truncate(self.options.limit);
        }
        self.imported
    }
}

/// A text of a tool on one line: terminal escapes and other invisible characters are made visible.
fn short(text: &str, max: usize) -> Option<String> {
    // What is cut off need not be looked at; no character has more than four bytes.
    let start = text::head(text, 4 * max + 4).trim();
    Some(text::excerpt(start, max)).filter(|text| !text.is_empty())
}

/// A claim, a suggestion or an outcome, if there is one.
pub(crate) fn line(text: &str) -> Option<String> {
    short(text, TEXT_MAX)
}

/// The name of a tool, a rule or a category, if it has one.
pub(crate) fn name(text: &str) -> Option<String> {
    short(text, NAME_MAX)
}

/// The quoted lines, in which only what is invisible is changed; `None` if they are blank.
pub(crate) fn quoted(text: &str) -> Option<String> {
    let start = text::head(text, 4 * QUOTE_MAX + 4).trim_end();
    let quote = text::shorten(&text::escape_controls(start), QUOTE_MAX);
    (!quote.trim_start().is_empty()).then_some(quote)
}

/// The value of a JSON text; `None` if it is too large, too deep, or has a number beyond 1e308.
fn parse(json: &RawValue) -> Option<Value> {
    let json = Some(json.get()).filter(|json| json.len() <= ELEMENT_MAX);
    serde_json::from_str(json?).ok()
}

/// The parts of a file that are read as a stream.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// A SARIF log, an rdjson result, or a line of rdjsonl.
    Document,
    Runs,
    Run,
    Results,
    Diagnostics,
}

impl Part {
    fn is_list(self) -> bool {
        !matches!(self, Part::Document | Part::Run)
    }
}

/// Reads a part of a file.
struct Within<'r, 'a>(Part, &'r mut Reading<'a>);

impl<'de> DeserializeSeed<'de> for Within<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Within<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(["an object", "an array"][usize::from(self.0.is_list())])
    }

    /// `null` is an empty list.
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        match self.0.is_list() {
            true => Ok(()),
            false => Err(E::invalid_type(Unexpected::Unit, &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if !self.0.is_list() {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let Within(part, reading) = self;
        if part == Part::Runs {
            while let Some(()) = list.next_element_seed(Within(Part::Run, reading))? {}
        }
        while let Some(json) = list.next_element::<Box<RawValue>>()? {
            reading.element(part, parse(&json));
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.0.is_list() {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        let Within(part, reading) = self;
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let list = match (part, key.as_str()) {
                (Part::Document, "runs") => Part::Runs,
                (Part::Document, "diagnostics") => Part::Diagnostics,
                (Part::Run, "results") => Part::Results,
                (_, key) if KEPT.split(' ').any(|kept| kept == key) => {
                    let json = map.next_value::<Box<RawValue>>()?;
                    fields.insert(key.to_string(), parse(&json).unwrap_or_default());
                    continue;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            map.next_value_seed(Within(list, reading))?;
            fields.insert(key, Value::Null);
        }
        reading.end(part, fields).map_err(A::Error::custom)
    }
}
