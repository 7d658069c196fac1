//! MCP servers that the user gives to every agent, such as one with documentation or a browser (IN-16).

use serde_json::{Map, Value, json};

use super::command_template::split;
use crate::error::{Error, Result};
use crate::model::settings;
use crate::model::text::excerpt;
use crate::model::web_address;

/// A server of the Model Context Protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpServer {
    /// What its tools are known by.
    pub name: String,
    /// How it is reached.
    pub at: McpAddress,
}

/// How an MCP server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McpAddress {
    /// A program and its arguments, which speaks over its standard streams. The agent starts it.
    Program(String, Vec<String>),
    /// A web address (streamable HTTP).
    Web(String),
}

impl McpServer {
    /// Reads a value of the setting: `NAME=COMMAND` or `NAME=URL`. The command is split as a POSIX shell
    /// does; no shell runs it.
    ///
    /// # Errors
    /// Kind `Usage` if it is neither.
    pub fn parse(value: &str) -> Result<McpServer> {
        let wrong = || {
            let value = excerpt(value, 80);
            Error::usage(format!("`{value}` names no MCP server"))
                .about(settings::AGENT_MCP.key)
                .hint("write NAME=COMMAND or NAME=URL, such as `context7=npx -y @upstash/context7-mcp`")
        };
        let (name, at) = value.split_once('=').ok_or_else(wrong)?;
        let (name, at) = (name.trim(), at.trim());
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_plain) {
            return Err(wrong());
        }
        let at = match at.contains("://") && !at.contains(char::is_whitespace) {
            true if web_address::parts(at).is_some() => McpAddress::Web(at.into()),
            true => return Err(wrong()),
            false => {
                let mut words = split(at)?.into_iter();
                let program = words.next().filter(|word| !word.is_empty());
                McpAddress::Program(program.ok_or_else(wrong)?, words.collect())
            }
        };
        Ok(McpServer {
            name: name.into(),
            at,
        })
    }

    /// As in the configuration file that most clients share, below its name in `mcpServers`.
    pub(super) fn shared(&self) -> Value {
        match &self.at {
            McpAddress::Program(program, args) => json!({"command": program, "args": args}),
            McpAddress::Web(url) => json!({"type": "http", "url": url}),
        }
    }

    /// As gemini takes it.
    pub(super) fn gemini(&self) -> Value {
        match &self.at {
            McpAddress::Web(url) => json!({"httpUrl": url}),
            McpAddress::Program(..) => self.shared(),
        }
    }

    /// As opencode takes it.
    pub(super) fn opencode(&self) -> Value {
        match &self.at {
            McpAddress::Program(program, args) => {
                let command: Vec<&String> = std::iter::once(program).chain(args).collect();
                json!({"type": "local", "command": command, "enabled": true})
            }
            McpAddress::Web(url) => json!({"type": "remote", "url": url, "enabled": true}),
        }
    }

    /// As codex takes it: a table of TOML.
    pub(super) fn codex(&self) -> toml_edit::Value {
        let mut table = toml_edit::InlineTable::new();
        match &self.at {
            McpAddress::Program(program, args) => {
                table.insert("command", program.into());
                table.insert("args", args.iter().collect::<toml_edit::Value>());
            }
            McpAddress::Web(url) => _ = table.insert("url", url.into()),
        }
        table.into()
    }

    /// As a session of the Agent Client Protocol takes it.
    pub(super) fn acp(&self) -> Value {
        match &self.at {
            McpAddress::Program(program, args) => {
                json!({"name": self.name, "command": program, "args": args, "env": []})
            }
            McpAddress::Web(url) => {
                json!({"type": "http", "name": self.name, "url": url, "headers": []})
            }
        }
    }
}

/// Servers by their names, each in the form of an agent.
pub(super) fn by_name(servers: &[McpServer], form: fn(&McpServer) -> Value) -> Map<String, Value> {
    let all = servers.iter();
    all.map(|one| (one.name.clone(), form(one))).collect()
}

/// A file with the servers below `mcpServers`, as most clients have it.
pub(super) fn file(servers: &[McpServer], form: fn(&McpServer) -> Value) -> Vec<u8> {
    json!({"mcpServers": by_name(servers, form)})
        .to_string()
        .into_bytes()
}
