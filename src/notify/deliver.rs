//! Brings news to their channel. An address is in no error.

use std::time::Duration;

use super::news::NewsLine;
use super::rules::Rule;
use super::texts::{ascii, mail, payload, text};
use super::{Channel, Failure};
use crate::pm::Pm;

/// The time for a program.
const PROGRAM_TIME: Duration = Duration::from_secs(30);

/// What osascript runs; the texts are its arguments, not part of it.
const NOTIFICATION: [&str; 3] = [
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
];

/// Tells news; returns once they were accepted.
pub(super) fn deliver(pm: &Pm, rule: &Rule, news: &[NewsLine]) -> Result<(), Failure> {
    let project = project(pm);
    let heading = heading(&project);
    match rule.to {
        Channel::Mail => {
            let body = text(rule.to, &heading, news);
            let message = mail(rule, &heading, &body);
            start(pm, "sendmail", &["-t", "-i"], Some(message.as_bytes()))
        }
        Channel::Desktop => {
            let text = text(rule.to, "", news);
            let body = text.trim();
            if cfg!(target_os = "macos") {
                let script = NOTIFICATION.iter().flat_map(|line| ["-e", line]);
                let args: Vec<&str> = script.chain([heading.as_str(), body]).collect();
                return start(pm, "osascript", &args, None);
            }
            start(pm, "notify-send", &["--", &heading, body], None)
        }
        Channel::Ntfy => {
            let body = text(rule.to, "", news).trim().to_string();
            post(pm, rule, body, ("title", &ascii(&heading)))
        }
        Channel::Slack | Channel::Discord | Channel::Webhook => {
            let body = payload(rule, &project, &heading, news).to_string();
            post(pm, rule, body, ("content-type", "application/json"))
        }
    }
}

/// What a message begins with.
pub(super) fn heading(project: &str) -> String {
    format!("git pm: {project}")
}

/// The name of the project: that of its folder.
pub(super) fn project(pm: &Pm) -> String {
    let folder = pm.store.repo().common_dir();
    let folder = match folder.file_name() {
        Some(name) if name == ".git" => folder.parent().unwrap_or(folder),
        _ => folder,
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    super::news::plain(name.trim_end_matches(".git"), 60)
}

#[cfg(feature = "notify")]
use super::http::post;

/// Sends a body to the address of a rule.
#[cfg(not(feature = "notify"))]
fn post(_: &Pm, _: &Rule, _: String, _: (&str, &str)) -> Result<(), Failure> {
    let why = "this build of git pm sends nothing over HTTP: build it with the feature `notify`";
    Err(why.to_string().into())
}

/// Runs a program.
fn start(pm: &Pm, name: &str, args: &[&str], input: Option<&[u8]>) -> Result<(), Failure> {
    let git = pm.store.repo().git_at_home();
    // Many systems have sendmail outside of PATH.
    let mut runs = [name.to_string(), format!("/usr/sbin/{name}")]
        .into_iter()
        .map(|name| git.program(name).run_with(args, input, Some(PROGRAM_TIME)));
    let Some(Ok(output)) = runs.find(|run| run.is_ok()) else {
        return Err(format!("{name} could not be started: install it").into());
    };
    let why = match (output.timed_out, output.code) {
        (false, Some(0)) => return Ok(()),
        (true, _) => "took too long and was ended".to_string(),
        (false, Some(code)) => format!("failed with exit code {code}"),
        (false, None) => "was ended by a signal".to_string(),
    };
    Err(format!("{name} {why}").into())
}
