//! Definitions of agents: who looks for what, with which permissions, and how it answers.
//!
//! A definition is a Markdown file: fields, and the prompt as its text. Many are built in; a trusted
//! file in `.pm/agents` replaces the built-in one of its name, or adds one. What is not trusted is
//! listed, and gives no permission and no tool.

mod built_in;
pub mod edit;
mod known;
mod read;

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::gate::agent_files;
use crate::coordinate::gate::trust;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::text::{excerpt, similar_names};
use crate::model::vocabulary::terms;
use crate::pm::handles::Agents;

terms! {
    /// What kind of work an agent does.
    Category in "category" {
        /// Plans, and refutes plans.
        Planning = "planning",
        /// Works on one task or a part of it.
        Execution = "execution",
        /// Reviews a change with one question in mind.
        Review = "review",
        /// Finds out what others need to know.
        Research = "research",
        /// Builds or compares interfaces and their designs.
        Design = "design",
        /// One step of the way of a change.
        Workflow = "workflow",
        /// A role in the life cycle of a task.
        Role = "role",
        /// A part of the product.
        Specialist = "specialist",
        /// Attacks plans.
        Adversary = "adversary",
        /// Works continuously, or directs others.
        Stream = "stream",
        /// Anything else.
        General = "general",
    }
}

terms! {
    /// What an agent may do to the files of a worktree.
    Permissions in "permission" {
        /// Nothing.
        ReadOnly = "read-only",
        /// Change them.
        Write = "write",
    }
}

terms! {
    /// The form of an agent's answer.
    Output in "output" {
        /// A JSON array of findings.
        Findings = "findings",
        /// A plan.
        Plan = "plan",
        /// An answer and facts with their sources.
        Notes = "notes",
        /// A text.
        Text = "text",
    }
}

impl Output {
    /// What every agent with this output is told, after its own prompt; empty for a text.
    pub const fn form(self) -> &'static str {
        match self {
            Output::Findings => include_str!("../forms/findings.md"),
            Output::Plan => include_str!("../forms/plan.md"),
            Output::Notes => include_str!("../forms/notes.md"),
            Output::Text => "",
        }
    }
}

terms! {
    /// Where a definition comes from.
    AgentSource in "source" {
        /// The program.
        BuiltIn = "built-in",
        /// `.pm/agents` of this worktree.
        File = "file",
        /// The state, by `git pm import agents`.
        State = "state",
    }
}

/// A definition without its prompt.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AgentDefinition {
    /// 1 to 64 of a-z, 0-9 and `-`.
    pub name: String,
    /// What it is for, in one line.
    pub duty: String,
    /// The kind of work.
    pub category: Category,
    /// `cheap`, `balanced`, `strong`, or the name of a model.
    pub model: String,
    /// The tools that it may use.
    pub tools: Vec<String>,
    /// What it may change.
    pub permissions: Permissions,
    /// The programming languages that it is for; all if none.
    pub languages: Vec<String>,
    /// True if it is asked about every change.
    pub always: bool,
    /// It is asked about a change of a path that matches one of these patterns.
    pub paths: Vec<String>,
    /// The form of its answer.
    pub output: Output,
}

impl AgentDefinition {
    /// One that may do nothing.
    fn named(name: &str) -> AgentDefinition {
        AgentDefinition {
            name: name.into(),
            duty: String::new(),
            category: Category::General,
            model: "balanced".into(),
            tools: Vec::new(),
            permissions: Permissions::ReadOnly,
            languages: Vec::new(),
            always: false,
            paths: Vec::new(),
            output: Output::Text,
        }
    }
}

/// A definition and whether it counts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AgentView {
    /// What it says. The permissions are read-only, and there are no tools, if it is not trusted.
    #[serde(flatten)]
    pub definition: AgentDefinition,
    /// Where it comes from.
    pub source: AgentSource,
    /// The file, from the root of the worktree.
    pub path: Option<String>,
    /// A human trusts its present content in this clone, or it is built in.
    pub trusted: bool,
    /// It is the one that is used under its name.
    pub in_force: bool,
    /// What is wrong with its file.
    pub faults: Vec<AgentFault>,
}

/// What is wrong with the file of a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AgentFault {
    /// The file, as it was named.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
    /// What to do.
    pub fix: String,
}

impl AgentFault {
    fn of_file(path: &str, why: &str) -> AgentFault {
        AgentFault {
            path: path.into(),
            line: 1,
            what: why.into(),
            fix: "write a plain file, or remove it".into(),
        }
    }
}

/// A definition with its prompt.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FullAgent {
    /// The definition.
    #[serde(flatten)]
    pub agent: AgentView,
    /// The prompt.
    pub body: String,
    /// The form of the answer, which follows the prompt; empty for a text.
    pub form: String,
    /// The definitions of the same name that are not used.
    pub others: Vec<AgentView>,
}

/// The result of a check.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CheckedAgents {
    /// The files and names that were checked.
    pub checked: Vec<String>,
    /// What is wrong with them.
    pub faults: Vec<AgentFault>,
}

impl Agents<'_> {
    /// All definitions by name, the one in force first.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn list(&self, category: Option<Category>) -> Result<Vec<AgentView>> {
        let all = known::all(self.pm)?.into_iter().map(|known| known.view);
        let is_asked =
            |view: &AgentView| category.is_none_or(|one| view.definition.category == one);
        Ok(all.filter(is_asked).collect())
    }

    /// The definition of a name: that in force, else one that is not trusted.
    ///
    /// # Errors
    /// When there is none, or the state cannot be read.
    pub fn show(&self, name: &str) -> Result<FullAgent> {
        let all = known::all(self.pm)?;
        let is_asked = |known: &&known::Known| known.view.definition.name == name;
        let mut found = all.iter().filter(is_asked);
        let Some(first) = found.next() else {
            let names = all.iter().map(|known| known.view.definition.name.as_str());
            return Err(not_found(name, names));
        };
        Ok(FullAgent {
            form: first.view.definition.output.form().into(),
            agent: first.view.clone(),
            body: first.body.clone(),
            others: found.map(|known| known.view.clone()).collect(),
        })
    }

    /// Checks the files of `.pm/agents`, or the named agents.
    ///
    /// # Errors
    /// When a name is not known.
    pub fn validate(&self, named: &[String]) -> Result<CheckedAgents> {
        let mut report = CheckedAgents {
            checked: Vec::new(),
            faults: Vec::new(),
        };
        let mut files = trust::agents(self.pm);
        if !named.is_empty() {
            files.retain(|(file, _)| named.contains(&file.name));
        }
        for (file, trusted) in &files {
            report.checked.push(file.path.clone());
            report
                .faults
                .extend(known::of_file(file, *trusted).view.faults);
        }
        for one in named {
            if files.iter().all(|(file, _)| file.name != *one) {
                // A built-in definition has no faults, and one of the state no file.
                self.show(one)?;
                report.checked.push(one.clone());
            }
        }
        Ok(report)
    }
}

fn not_found<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Error {
    let shown = excerpt(name, 80);
    let error = Error::not_found(format!("there is no agent `{shown}`"));
    let error = error.because(Reason::DefinitionNotFound).about(shown);
    match similar_names(name, names).first() {
        Some(near) => error.hint(Hint::run(["agent", "show", near], "shows a similar one")),
        None => error.hint(Hint::run(["agent", "list"], "lists them")),
    }
}

/// Refuses what cannot be the name of an agent.
fn require_name(name: &str) -> Result<()> {
    if agent_files::is_name(name) {
        return Ok(());
    }
    let shown = excerpt(name, 80);
    let message = format!("`{shown}` cannot be the name of an agent");
    Err(Error::usage(message)
        .because(Reason::DefinitionInvalidName)
        .about(shown)
        .hint("use 1 to 64 of a-z, 0-9 and `-`"))
}
