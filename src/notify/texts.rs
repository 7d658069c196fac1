//! News in the form of each channel, in which no text can mention people, make links or begin a header.

use serde_json::{Value as Json, json};

use super::Channel;
use super::news::NewsLine;
use super::rules::Rule;

/// The most lines of one message.
const LINES_MAX: usize = 20;

/// The most bytes of a text for Discord, which takes 2,000 characters.
const DISCORD_MAX: usize = 1_900;

/// The most bytes of a text elsewhere: ntfy takes 4,096 and makes a file of a longer one.
const TEXT_MAX: usize = 3_900;

/// The text of a message: a heading, the lines that fit, and the number of the others.
pub(super) fn text(to: Channel, heading: &str, news: &[NewsLine]) -> String {
    let max = match to {
        Channel::Discord => DISCORD_MAX,
        _ => TEXT_MAX,
    };
    let mut text = escaped(to, heading);
    for (at, line) in news.iter().enumerate() {
        let line = one(to, line);
        if at == LINES_MAX || text.len() + line.len() >= max {
            return format!("{text}\nand {} more", news.len() - at);
        }
        text = text + "\n" + &line;
    }
    text
}

/// What a webhook is sent.
pub(super) fn payload(rule: &Rule, project: &str, heading: &str, news: &[NewsLine]) -> Json {
    match rule.to {
        Channel::Slack => json!({ "text": text(rule.to, heading, news) }),
        Channel::Discord => json!({
            "content": text(rule.to, heading, news),
            "allowed_mentions": { "parse": [] },
        }),
        _ => json!({
            "project": project,
            "rule": rule.name,
            "events": &news[..news.len().min(LINES_MAX)],
            "more": news.len().saturating_sub(LINES_MAX),
        }),
    }
}

/// The mail with its headers. The address has only plain characters, and the subject is in ASCII.
pub(super) fn mail(rule: &Rule, subject: &str, body: &str) -> String {
    format!(
        "To: {}\nSubject: {}\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n",
        rule.address,
        ascii(subject),
    )
}

/// A text for a header: other characters than those of ASCII become question marks.
pub(super) fn ascii(text: &str) -> String {
    text.replace(|c: char| !c.is_ascii_graphic() && c != ' ', "?")
}

fn one(to: Channel, line: &NewsLine) -> String {
    let (id, title, what) = (&line.id, &line.title, &line.what);
    let who = line.who.as_ref().map(|who| format!(" ({who})"));
    let who = who.unwrap_or_default();
    let colon = if title.is_empty() { "" } else { ": " };
    let text = escaped(to, format!("{id} {title}{colon}{what}{who}").trim());
    match (&line.url, to) {
        (None, _) => text,
        // Without the preview of the page.
        (Some(url), Channel::Discord) => format!("{text} <{url}>"),
        (Some(url), _) => format!("{text} {}", escaped(to, url)),
    }
}

/// A text of which nothing is markup.
fn escaped(to: Channel, text: &str) -> String {
    match to {
        Channel::Slack | Channel::Desktop => {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            text.replace('>', "&gt;")
        }
        Channel::Discord => {
            let is_markup = |c: &char| r"\*_~`|[]()<>#@".contains(*c);
            let escape = |c: char| is_markup(&c).then_some('\\').into_iter().chain([c]);
            text.chars().flat_map(escape).collect()
        }
        Channel::Ntfy | Channel::Webhook | Channel::Mail => text.to_string(),
    }
}
