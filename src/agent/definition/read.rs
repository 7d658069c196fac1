//! The file of a definition: its fields are known, of one type each, and bounded.

use serde_json::Value as Json;

use super::{AgentDefinition, AgentFault};
use crate::coordinate::reserve::pattern::Pattern;
use crate::model::codec::{self, Damage};
use crate::model::text::{excerpt, similar_names};
use crate::model::vocabulary::Term;

/// The longest prompt, in bytes: beside it a model has to hold the work.
const BODY_MAX: usize = 32 * 1024;

/// The longest duty in bytes, which lists show in one line, and the longest word of other fields.
const LINE_MAX: usize = 200;

/// The most elements of a list.
const LIST_MAX: usize = 64;

/// The fields, each as it may be written.
const FIELDS: [(&str, &str); 9] = [
    ("name", "name: my-agent"),
    ("duty", "duty: What it is for, in one line"),
    ("category", "category: review"),
    ("model", "model: balanced"),
    ("tools", "tools: [read, search]"),
    ("permissions", "permissions: read-only"),
    ("languages", "languages: [rust]"),
    ("when", "when: [\"src/**\"]"),
    ("output", "output: findings"),
];

/// What was read of a file. What is at fault has its default.
pub(super) struct Read {
    pub definition: AgentDefinition,
    pub body: String,
    pub faults: Vec<AgentFault>,
}

impl Read {
    pub fn named(name: &str) -> Read {
        Read {
            definition: AgentDefinition::named(name),
            body: String::new(),
            faults: Vec::new(),
        }
    }
}

/// Reads the file of the agent `name`; `path` is for the faults.
pub(super) fn read(path: &str, name: &str, text: &str) -> Read {
    let mut out = Read::named(name);
    let text = text.replace("\r\n", "\n");
    let mut faults = Faults {
        path,
        text: &text,
        list: Vec::new(),
    };
    match codec::fields(&text) {
        Ok((fields, body)) => {
            for (key, value) in &fields {
                field(&mut out.definition, key, value, &mut faults);
            }
            for required in ["name", "duty"] {
                if fields.iter().all(|(key, _)| key != required) {
                    faults.add(required, format!("`{required}` is missing"));
                }
            }
            let line = text[..text.len() - body.len()].lines().count() + 1;
            match body.trim().len() {
                0 => faults.at(line, "the prompt is missing".into(), "write it below `---`"),
                1..=BODY_MAX => out.body = body.trim().to_string(),
                _ => {
                    let what = format!("the prompt is longer than {BODY_MAX} bytes");
                    faults.at(line, what, "shorten it");
                }
            }
        }
        Err(Damage::FrontMatter(error)) => {
            let fix = "write `key: value`, one on each line";
            faults.at(error.line + 1, error.what.into(), fix);
        }
        Err(damage) => {
            let fix = "begin with `---`, the fields, and `---`, each on its own line";
            faults.at(1, damage.to_string(), fix);
        }
    }
    out.faults = faults.list;
    out
}

fn field(into: &mut AgentDefinition, key: &str, value: &Json, faults: &mut Faults<'_>) {
    match key {
        "name" => {
            if faults
                .line(key, value)
                .is_some_and(|name| name != into.name)
            {
                let what = format!("`name` is not `{}`, as the file's name says", into.name);
                faults.add(key, what);
            }
        }
        "duty" => into.duty = faults.line(key, value).unwrap_or_default(),
        "category" => faults.term(key, value, &mut into.category),
        "permissions" => faults.term(key, value, &mut into.permissions),
        "output" => faults.term(key, value, &mut into.output),
        "model" => {
            let model = faults
                .line(key, value)
                .map(|model| faults.words(key, vec![model]));
            if let Some(model) = model.and_then(|mut words| words.pop()) {
                into.model = model;
            }
        }
        "tools" => {
            let words = faults.list(key, value);
            into.tools = faults.words(key, words);
        }
        "languages" => {
            let words = faults.list(key, value);
            into.languages = faults.words(key, words);
        }
        "when" if value == "always" => into.always = true,
        "when" => {
            for path in faults.list(key, value) {
                match Pattern::parse(&path, "") {
                    Ok(pattern) => into.paths.push(pattern.text().to_string()),
                    Err(error) => faults.add(key, error.to_string()),
                }
            }
        }
        unknown => {
            let names = FIELDS.map(|(name, _)| name);
            let fix = match similar_names(unknown, names).first() {
                Some(near) => format!("write `{near}`"),
                None => format!("remove it; the fields are {}", names.join(", ")),
            };
            let line = faults.line_of(unknown);
            let what = format!("unknown field `{}`", excerpt(unknown, 40));
            faults.at(line, what, &fix);
        }
    }
}

/// Collects what is wrong in a file.
struct Faults<'t> {
    path: &'t str,
    text: &'t str,
    list: Vec<AgentFault>,
}

impl Faults<'_> {
    fn at(&mut self, line: usize, what: String, fix: &str) {
        self.list.push(AgentFault {
            path: self.path.into(),
            line,
            what,
            fix: fix.into(),
        });
    }

    /// A fault of a field, with the form that it should have.
    fn add(&mut self, key: &str, what: String) {
        let form = FIELDS.iter().find(|(name, _)| *name == key);
        let fix = form.map_or(String::new(), |(_, form)| {
            format!("write it as in `{form}`")
        });
        self.at(self.line_of(key), what, &fix);
    }

    /// The line on which a field begins; the first if it is not there.
    fn line_of(&self, key: &str) -> usize {
        let is_key = |line: &str| {
            let rest = line.trim_start_matches(['"', '\'']).strip_prefix(key);
            rest.is_some_and(|rest| rest.trim_start_matches(['"', '\'']).starts_with(':'))
        };
        self.text.lines().position(is_key).unwrap_or(0) + 1
    }

    fn line(&mut self, key: &str, value: &Json) -> Option<String> {
        match value.as_str() {
            None => self.add(key, format!("`{key}` is not a text")),
            Some(text) if text.trim().is_empty() => self.add(key, format!("`{key}` is empty")),
            Some(text) if text.len() > LINE_MAX || text.chars().any(char::is_control) => {
                let what = format!("`{key}` is not one line of at most {LINE_MAX} bytes");
                self.add(key, what);
            }
            Some(text) => return Some(text.to_string()),
        }
        None
    }

    fn term<T: Term>(&mut self, key: &str, value: &Json, into: &mut T) {
        let words = T::VOCABULARY.words;
        let text = value.as_str().unwrap_or_default();
        match words.contains(&text).then(|| text.parse::<T>()) {
            Some(Ok(term)) => *into = term,
            _ => {
                let shown = excerpt(&value.to_string(), 40);
                let what = format!("{shown} is not a valid {}", T::VOCABULARY.field);
                let fix = format!("use one of: {}", words.join(", "));
                self.at(self.line_of(key), what, &fix);
            }
        }
    }

    fn list(&mut self, key: &str, value: &Json) -> Vec<String> {
        let texts = value
            .as_array()
            .map(|list| list.iter().map(Json::as_str).collect());
        match texts {
            Some(Some::<Vec<&str>>(texts)) if texts.len() <= LIST_MAX => {
                texts.into_iter().map(str::to_string).collect()
            }
            _ => {
                let what = format!("`{key}` is not a list of at most {LIST_MAX} texts");
                self.add(key, what);
                Vec::new()
            }
        }
    }

    /// The texts that are single words.
    fn words(&mut self, key: &str, texts: Vec<String>) -> Vec<String> {
        let is_odd = |c: char| c.is_whitespace() || c.is_control();
        let is_word =
            |text: &String| (1..=LINE_MAX).contains(&text.len()) && !text.contains(is_odd);
        let (words, odd): (Vec<String>, Vec<String>) = texts.into_iter().partition(is_word);
        for text in odd {
            let what = format!("`{}` in `{key}` is not a word", excerpt(&text, 40));
            self.add(key, what);
        }
        words
    }
}
