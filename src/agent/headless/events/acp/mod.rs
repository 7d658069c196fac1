//! The Agent Client Protocol, version 1: a dialogue in JSON-RPC lines over the agent's standard streams.
//!
//! Only what a run needs is implemented: one session, one prompt, and answers to the agent's
//! requests. The agent works with its own tools; the client offers no files or terminals.
//!
//! Requests are sent one at a time, so at most one answer is pending.

mod message;
mod named_paths;
mod permission;
mod updates;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::invocation::Invocation;
use super::super::json::{Fields, Json};
use super::super::mcp_server::McpServer;
use super::super::report::{Class, Update};
use super::super::tally::Tally;
use super::Events;
use crate::agent::headless::failure::Failure;
use crate::agent::headless::limits;
use crate::agent::headless::limits::ACP_GARBAGE_LINES_MAX;
use crate::model::text;
#[cfg(test)]
pub(in super::super) use permission::refusal;
use updates::Updates;

/// The supported protocol version.
const VERSION: u64 = 1;

/// A mode of codex-acp in which it asks the client before it leaves the worktree. In its default
/// mode, it asks another model.
const ASKING_MODE: &str = "workspace-write";

/// The client's side of the dialogue.
#[derive(Debug)]
pub(super) struct Acp {
    task: Task,
    stage: Stage,
    /// Bytes that wait to be written.
    out: Vec<u8>,
    /// The number of the client's last request.
    asked: u64,
    /// The requests that prepare the session.
    settings: VecDeque<Setting>,
    session: String,
    updates: Updates,
    printed: u64,
    garbage: u64,
    is_cancelled: bool,
}

/// The task of the dialogue.
#[derive(Debug)]
struct Task {
    prompt: String,
    /// Set unless the command line names the model itself.
    model: Option<String>,
    worktree: PathBuf,
    folders: Vec<PathBuf>,
    /// The MCP servers, as a session takes them.
    mcp: Vec<Value>,
    resume: Option<String>,
}

/// The pending answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Initialize,
    /// To the request that continues an earlier session.
    Continue,
    New,
    Settings,
    Prompt,
    Over,
}

/// A request that prepares the session.
#[derive(Debug)]
struct Setting {
    method: &'static str,
    params: Value,
    /// The error if the agent rejects it; none if it is optional.
    needed: Option<String>,
}

impl Acp {
    /// A dialogue, beginning with `initialize`, that sets the model unless `names_model`.
    pub(super) fn new(to: &Invocation, names_model: bool) -> Acp {
        let cost = to.resume.as_ref().and_then(|session| session.used.cost);
        let mut acp = Acp {
            task: Task {
                prompt: to.prompt.clone(),
                model: to.model.clone().filter(|_| !names_model),
                worktree: to.worktree.clone(),
                folders: to
                    .git_folders()
                    .into_iter()
                    .filter(|dir| dir.is_dir())
                    .collect(),
                mcp: to.mcp.iter().map(McpServer::acp).collect(),
                resume: to.resume.as_ref().map(|session| session.id.clone()),
            },
            stage: Stage::Initialize,
            out: Vec::new(),
            asked: 0,
            settings: VecDeque::new(),
            session: String::new(),
            updates: Updates::new(cost.unwrap_or(0)),
            printed: 0,
            garbage: 0,
            is_cancelled: false,
        };
        let introduction = json!({
            "protocolVersion": VERSION,
            "clientCapabilities": {
                "fs": {"readTextFile": false, "writeTextFile": false},
                "terminal": false,
            },
            "clientInfo": {"name": "git-pm", "version": env!("CARGO_PKG_VERSION")},
        });
        acp.ask(Stage::Initialize, "initialize", introduction);
        acp
    }

    fn ask(&mut self, stage: Stage, method: &str, params: Value) {
        self.stage = stage;
        self.asked += 1;
        let request = message::request(self.asked, method, params);
        self.out.extend(request);
    }

    /// Answers the agent, unless it sends requests much faster than it reads.
    fn reply(&mut self, answer: Vec<u8>) {
        if self.out.len() < limits::ACP_UNREAD_MAX {
            self.out.extend(answer);
        }
    }

    fn message(&mut self, message: &Json, tally: &mut Tally) {
        let method = message["method"].text();
        let id = message::id(&message["id"]);
        match (method, id) {
            ("", Some(id)) if id == json!(self.asked) => self.answer(message, tally),
            ("", _) => {}
            ("session/update", None) => {
                // Before the prompt, the agent replays the earlier run.
                if self.stage == Stage::Prompt {
                    self.updates.read(&message["params"]["update"], tally);
                }
            }
            (_, None) => {}
            ("session/request_permission", Some(id)) => {
                let answer = self.permit(&message["params"], tally);
                self.reply(message::result(id, answer));
            }
            (_, Some(id)) => {
                let refusal = "the client does not offer this method";
                self.reply(message::unknown_method(id, refusal));
            }
        }
    }

    /// Handles the answer to the last request.
    fn answer(&mut self, message: &Json, tally: &mut Tally) {
        let (result, error) = (&message["result"], &message["error"]);
        let failure = (!error.is_null()).then(|| failure(error));
        match (self.stage, failure) {
            (Stage::Initialize | Stage::New | Stage::Prompt, Some(failure)) => {
                self.fail(failure, tally);
            }
            (Stage::Initialize, None) => self.introduced(result, tally),
            (Stage::Continue, Some(failure)) => {
                let why = failure.message;
                tally.push(Update::Note(format!(
                    "the earlier session cannot be resumed, so a new one is started: {why}"
                )));
                self.begin();
            }
            (Stage::Continue, None) => {
                let id = self.task.resume.clone().unwrap_or_default();
                self.begun(id, result, tally);
            }
            (Stage::New, None) => match result["sessionId"].text() {
                "" => self.fail(wrong("it started a session without an id"), tally),
                id => self.begun(id.to_string(), result, tally),
            },
            (Stage::Settings, failure) => self.set(failure, tally),
            (Stage::Prompt, None) => self.done(result, tally),
            (Stage::Over, _) => {}
        }
    }

    /// Handles the agent's capabilities, and continues or begins a session.
    fn introduced(&mut self, result: &Json, tally: &mut Tally) {
        let version = result["protocolVersion"].count();
        if version != Some(VERSION) {
            let version = version.map_or("an unknown version".into(), |n| format!("version {n}"));
            let said =
                format!("it uses {version} of the protocol, but git pm requires version {VERSION}");
            return self.fail(wrong(&said), tally);
        }
        let offers = &result["agentCapabilities"];
        let of_session = &offers["sessionCapabilities"];
        if of_session["additionalDirectories"].is_null() {
            self.task.folders.clear();
        }
        let method = match (!of_session["resume"].is_null(), &offers["loadSession"]) {
            (true, _) => "session/resume",
            (false, offered) if offered.is_true() => "session/load",
            _ => "",
        };
        match &self.task.resume {
            Some(id) if !method.is_empty() => {
                let mut params = self.place();
                params["sessionId"] = json!(id);
                self.ask(Stage::Continue, method, params);
            }
            _ => self.begin(),
        }
    }

    fn begin(&mut self) {
        // The cost of an earlier session is not part of this one.
        self.updates = Updates::new(0);
        self.ask(Stage::New, "session/new", self.place());
    }

    /// The parameters of all requests for a session.
    fn place(&self) -> Value {
        let mut place = json!({"cwd": self.task.worktree, "mcpServers": self.task.mcp});
        if !self.task.folders.is_empty() {
            place["additionalDirectories"] = json!(self.task.folders);
        }
        place
    }

    /// Prepares a session that has begun.
    fn begun(&mut self, id: String, result: &Json, tally: &mut Tally) {
        tally.session(&id);
        let modes = &result["modes"];
        let is_asking = |mode: &Json| mode["id"].text() == ASKING_MODE;
        if modes["currentModeId"].text() != ASKING_MODE
            && modes["availableModes"].list().iter().any(is_asking)
        {
            self.settings.push_back(Setting {
                method: "session/set_mode",
                params: json!({"sessionId": id, "modeId": ASKING_MODE}),
                needed: None,
            });
        }
        if let Some(model) = self.task.model.take() {
            let lacks = format!("it does not offer the model {model}");
            let is_model = |option: &&Json| option["category"].text() == "model";
            let option = result["configOptions"].list().iter().find(is_model);
            let (method, params) = match option {
                Some(option) => (
                    "session/set_config_option",
                    json!({"sessionId": id, "configId": option["id"].text(), "value": model}),
                ),
                None if !result["models"].is_null() => (
                    "session/set_model",
                    json!({"sessionId": id, "modelId": model}),
                ),
                None => {
                    let said = format!(
                        "{lacks}; pass the model on its command line instead, with the placeholder \
                         {{model}}"
                    );
                    return self.fail(wrong(&said), tally);
                }
            };
            self.settings.push_back(Setting {
                method,
                params,
                needed: Some(lacks),
            });
        }
        self.session = id;
        self.set(None, tally);
    }

    /// Handles the answer to the first setting, if it was requested, and requests the next one, or
    /// sends the prompt.
    fn set(&mut self, failure: Option<Failure>, tally: &mut Tally) {
        if self.stage == Stage::Settings {
            let setting = self.settings.pop_front();
            let needed = setting.and_then(|setting| setting.needed);
            if let (Some(failure), Some(needed)) = (failure, needed) {
                let said = format!("{needed}: {}", failure.message);
                return self.fail(wrong(&said), tally);
            }
        }
        if let Some(setting) = self.settings.front() {
            let (method, params) = (setting.method, setting.params.clone());
            return self.ask(Stage::Settings, method, params);
        }
        let prompt = std::mem::take(&mut self.task.prompt);
        let prompt = json!([{"type": "text", "text": prompt}]);
        let params = json!({"sessionId": self.session, "prompt": prompt});
        self.ask(Stage::Prompt, "session/prompt", params);
    }

    /// Handles the end of the agent's work.
    fn done(&mut self, result: &Json, tally: &mut Tally) {
        self.updates.end(result, tally);
        let early = |reason: &str| {
            let said = format!("the model's response ended early: {reason}");
            Failure::new(Class::Permanent, &said)
        };
        match result["stopReason"].text() {
            "end_turn" => {
                tally.done();
                self.stage = Stage::Over;
            }
            "refusal" => self.fail(wrong("the model refused the task"), tally),
            reason @ ("max_tokens" | "max_turn_requests") => self.fail(early(reason), tally),
            "cancelled" => self.fail(Failure::new(Class::Unknown, "it was cancelled"), tally),
            "" => self.fail(wrong("it ended without giving a reason"), tally),
            reason => self.fail(early(reason), tally),
        }
    }

    fn fail(&mut self, failure: Failure, tally: &mut Tally) {
        self.updates.flush(tally);
        tally.failed(failure);
        self.stage = Stage::Over;
    }

    /// Decides a permission request and reports the decision.
    fn permit(&mut self, params: &Json, tally: &mut Tally) -> Value {
        let call = &params["toolCall"];
        let (name, detail) = self.updates.asked(call);
        let refused = match self.is_cancelled {
            true => Some("the task is being stopped".to_string()),
            false => permission::refusal(call, &self.task.worktree),
        };
        let options = params["options"].list();
        let chosen = permission::choose(options, refused.is_none());
        let refused = refused.or_else(|| {
            let none = "it offers no option to allow this only once";
            chosen.is_none().then(|| none.to_string())
        });
        let chosen = match &refused {
            Some(_) => permission::choose(options, false),
            None => chosen,
        };
        self.updates.flush(tally);
        tally.push(Update::Permission {
            name: name.clone(),
            detail,
            refused: refused.clone(),
        });
        if refused.is_some() {
            tally.refused(&name);
        }
        match chosen {
            Some(option) if !self.is_cancelled => {
                json!({"outcome": {"outcome": "selected", "optionId": option}})
            }
            _ => json!({"outcome": {"outcome": "cancelled"}}),
        }
    }

    /// Handles a line that is not a message.
    fn garbage(&mut self, line: &[u8], tally: &mut Tally) {
        self.garbage += 1;
        match line.first() {
            Some(b'{') => tally.unreadable += 1,
            _ => tally.noise(&String::from_utf8_lossy(&line[..line.len().min(4096)])),
        }
        // Without an answer, the agent would wait forever.
        if let Some(id) = message::id_of_cut_request(line) {
            self.reply(message::unreadable(id));
        }
        if self.garbage > ACP_GARBAGE_LINES_MAX {
            let said =
                format!("it printed more than {ACP_GARBAGE_LINES_MAX} lines that are not messages");
            self.fail(wrong(&said), tally);
        }
    }
}

impl Events for Acp {
    fn line(&mut self, line: &[u8], tally: &mut Tally) {
        let line = line.trim_ascii();
        if line.is_empty() || self.stage == Stage::Over {
            return;
        }
        self.printed += line.len() as u64;
        if self.printed > limits::ACP_OUTPUT_MAX {
            return self.fail(wrong("it printed more than 1 GB"), tally);
        }
        match Json::object(line) {
            Some(message) => self.message(&message, tally),
            None => self.garbage(line, tally),
        }
    }

    fn end(&mut self, tally: &mut Tally) {
        // Text before an error must not clear the error.
        let pending = tally.pending.take();
        self.updates.flush(tally);
        tally.pending = pending;
    }

    fn input(&mut self, next: &mut Vec<u8>) -> bool {
        next.append(&mut self.out);
        self.stage != Stage::Over
    }

    fn cancel(&mut self) -> Option<Duration> {
        if self.stage != Stage::Prompt {
            self.stage = Stage::Over;
            return None;
        }
        self.is_cancelled = true;
        let params = json!({"sessionId": self.session});
        self.out
            .extend(message::notification("session/cancel", params));
        Some(limits::ACP_STOP_TIME_MAX)
    }

    fn exit_code_counts(&self) -> bool {
        false
    }
}

/// A permanent failure.
fn wrong(message: &str) -> Failure {
    Failure::new(Class::Permanent, message)
}

/// The failure that an answer reports.
fn failure(error: &Json) -> Failure {
    /// The protocol's code for a missing login.
    const AUTHENTICATION: f64 = -32000.0;
    let data = &error["data"];
    let details = ["details", "message", "error"].map(|name| data[name].text());
    let details = [data.text()].into_iter().chain(details);
    let details = details.max_by_key(|text| text.len()).unwrap_or_default();
    let said = format!("{}: {}", error["message"].text(), text::head(details, 2048));
    let said = said.trim_end_matches([':', ' ']);
    match error["code"].as_f64() {
        Some(code) if code == AUTHENTICATION => Failure::new(Class::Authentication, said),
        _ => Failure::from_message(said, None),
    }
}
