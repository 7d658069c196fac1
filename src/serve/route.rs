//! What a route is: its method, path, scope, parameters, body and answer.
//!
//! The router, the authorization and the OpenAPI document are made from these.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::limits;
use super::request::{Answer, Call, Scope};
use crate::error::{Error, Reason, Result};

/// The method of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Method {
    Get,
    Post,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// The authorization that a route requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// None: open to anyone who reaches the server.
    Nothing,
    /// A token of at least this scope. Reading on the loopback interface needs none.
    Token(Scope),
}

/// A parameter of the query.
pub(super) struct Parameter {
    pub name: &'static str,
    pub about: &'static str,
    pub kind: Kind,
}

/// The type of a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// Several texts, repeated.
    Texts,
    Number,
    Flag,
}

/// Builds the schema of a body or an answer.
pub(super) type MakeSchema = fn(&mut SchemaGenerator) -> Schema;

type Handler = Box<dyn Fn(&Call) -> Result<Answer> + Send + Sync>;

/// The content of an answer.
#[derive(Clone, Copy)]
pub(super) enum Returns {
    /// Data in the envelope of `--json`.
    Data(MakeSchema),
    /// JSON without the envelope.
    Plain(MakeSchema),
    /// Another content type.
    Other(&'static str),
}

/// A route.
pub(super) struct Route {
    pub method: Method,
    /// `/api/v1/items/{id}`.
    pub path: &'static str,
    pub needs: Needs,
    pub about: &'static str,
    pub parameters: &'static [Parameter],
    /// True if the handler checks the parameters as the keys of a verb.
    pub is_verb: bool,
    pub body: Option<MakeSchema>,
    pub returns: Returns,
    /// The maximum size of the body, in bytes.
    pub body_max: usize,
    pub handler: Handler,
}

/// A route that changes nothing.
pub(super) fn get(path: &'static str, about: &'static str) -> Route {
    Route::new(Method::Get, Scope::Read, 0, path, about)
}

/// A route that changes the state.
pub(super) fn post(path: &'static str, about: &'static str) -> Route {
    Route::new(Method::Post, Scope::Write, limits::BODY_MAX, path, about)
}

impl Route {
    fn new(
        method: Method,
        scope: Scope,
        body_max: usize,
        path: &'static str,
        about: &'static str,
    ) -> Route {
        Route {
            method,
            path,
            needs: Needs::Token(scope),
            about,
            parameters: &[],
            is_verb: false,
            body: None,
            returns: Returns::Other(""),
            body_max,
            // Until `answers` gives it one: each route of the table has it.
            handler: Box::new(|_| Ok(Answer::Plain(String::new()))),
        }
    }

    /// The same route with parameters in the query.
    pub fn with(mut self, parameters: &'static [Parameter]) -> Route {
        self.parameters = parameters;
        self
    }

    /// The same route with a JSON body.
    pub fn takes<T: JsonSchema>(mut self) -> Route {
        self.body = Some(one::<T>);
        self
    }

    /// The same route, answered by `handler`.
    pub fn answers(
        mut self,
        returns: Returns,
        handler: impl Fn(&Call) -> Result<Answer> + Send + Sync + 'static,
    ) -> Route {
        self.returns = returns;
        self.handler = Box::new(handler);
        self
    }

    /// The same route, answered with a value.
    pub fn one<T: Serialize + JsonSchema + 'static>(
        self,
        handler: fn(&Call) -> Result<T>,
    ) -> Route {
        let answer = move |call: &Call| Answer::data(&handler(call)?);
        self.answers(Returns::Data(one::<T>), answer)
    }

    /// The same route, answered with a list.
    pub fn list<T: Serialize + JsonSchema + 'static>(
        self,
        handler: fn(&Call) -> Result<Vec<T>>,
    ) -> Route {
        let answer = move |call: &Call| Answer::list(&handler(call)?);
        self.answers(Returns::Data(list::<T>), answer)
    }

    /// Checks the query of a request to the API: a misspelled filter parameter would silently be
    /// ignored. Pages are exempt: links from other sites may carry extra parameters.
    ///
    /// # Errors
    /// Kind `Usage` for a parameter that is unknown or given twice, or a flag with an invalid
    /// value.
    pub fn check(&self, query: &[(String, String)]) -> Result<()> {
        if !self.path.starts_with("/api/") || self.is_verb {
            return Ok(());
        }
        for (n, (name, value)) in query.iter().enumerate() {
            let invalid = |text: String| {
                let error = Error::usage(text).because(Reason::ArgumentsInvalid);
                error.about(crate::model::text::excerpt(
                    name,
                    limits::PARAMETER_SHOWN_MAX,
                ))
            };
            let name_shown = crate::model::text::excerpt(name, limits::PARAMETER_SHOWN_MAX);
            let Some(known) = self.parameters.iter().find(|one| one.name == name) else {
                let names: Vec<&str> = self.parameters.iter().map(|one| one.name).collect();
                let error = invalid(format!("unknown parameter `{name_shown}`"));
                return Err(match names.is_empty() {
                    true => error.hint("this endpoint takes no parameters"),
                    false => error.hint(format!("the parameters are {}", names.join(", "))),
                });
            };
            let is_flag = matches!(value.as_str(), "" | "true" | "1" | "false" | "0");
            if known.kind == Kind::Flag && !is_flag {
                return Err(invalid(format!("`{name_shown}` takes true or false")));
            }
            let mut before = query.iter().take(n);
            if known.kind != Kind::Texts && before.any(|(other, _)| other == name) {
                return Err(invalid(format!("`{name_shown}` is given twice")));
            }
        }
        Ok(())
    }

    /// The same route with another authorization.
    pub fn needing(mut self, needs: Needs) -> Route {
        self.needs = needs;
        self
    }
}

/// The schema of one value.
pub(super) fn one<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The schema of a list.
fn list<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let items = generator.subschema_for::<Vec<T>>();
    schemars::json_schema!({
        "type": "object",
        "properties": { "items": items },
        "required": ["items"],
    })
}

/// A parameter.
pub(super) const fn text(name: &'static str, about: &'static str) -> Parameter {
    Parameter {
        name,
        about,
        kind: Kind::Text,
    }
}

/// A parameter with several values.
pub(super) const fn texts(name: &'static str, about: &'static str) -> Parameter {
    Parameter {
        name,
        about,
        kind: Kind::Texts,
    }
}

/// A parameter that is a number.
pub(super) const fn number(name: &'static str, about: &'static str) -> Parameter {
    Parameter {
        name,
        about,
        kind: Kind::Number,
    }
}

/// A parameter that is true or false.
pub(super) const fn flag(name: &'static str, about: &'static str) -> Parameter {
    Parameter {
        name,
        about,
        kind: Kind::Flag,
    }
}
