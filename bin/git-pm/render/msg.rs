//! Renders messages, threads and handoffs.

use git_pm::messages::{Handoff, HandoffView, Inbox, MessageView, ThreadEvent, ThreadView};

use super::format::counted;
use super::page::Page;
use super::style::Label;

/// The inbox as a table.
pub fn inbox(page: &mut Page, inbox: &Inbox, all: bool) {
    if inbox.items.is_empty() {
        let none = if all {
            "No messages."
        } else {
            "No unread messages."
        };
        page.line(none);
        return;
    }
    page.rows("", 2, &inbox.items, |page, message| {
        let mut marks = Vec::new();
        if all && message.unread {
            marks.push("unread".to_string());
        }
        if !matches!(message.importance.as_str(), "normal" | "") {
            marks.push(message.importance.clone());
        }
        marks.extend(message.request.as_ref().map(|r| match &r.by {
            Some(by) => format!("{} by {by}", r.state),
            None => format!("request, {}", r.state),
        }));
        if message.ack_wanted && message.request.is_none() {
            marks.push("ack wanted".into());
        }
        marks.extend(message.rounds.map(|n| format!("{n} messages by agents")));
        [
            Label::Id.of(&message.id),
            Label::Actor.of(&message.from),
            Label::Text.of(&message.subject),
            Label::Active.of(marks.join(", ")),
            Label::Dim.of(page.when(&message.created_at)),
        ]
    });
    let unread = inbox.items.iter().filter(|m| m.unread).count();
    page.more(inbox.unread.max(unread), unread);
    if let Some(first) = inbox.items.iter().find(|m| m.unread) {
        let one = format!("git pm msg read {}", first.id);
        page.next(&[if unread == 1 {
            one.as_str()
        } else {
            "git pm msg read"
        }]);
    }
}

/// Messages that a search found.
pub fn hits(page: &mut Page, messages: &[MessageView]) {
    page.list("Nothing matches.", 2, messages, |page, message| {
        [
            Label::Id.of(&message.id),
            Label::Actor.of(&message.from),
            Label::Text.of(&message.subject),
            Label::Dim.of(page.when(&message.created_at)),
        ]
    });
}

/// Messages with their texts.
pub fn full(page: &mut Page, messages: &[MessageView]) {
    if messages.is_empty() {
        page.line("No unread messages.");
    }
    for (n, message) in messages.iter().enumerate() {
        if n > 0 {
            page.gap();
        }
        heads(page, message);
        texts(page, message);
    }
    if let Some(message) = messages.iter().find(|message| message.ack_wanted) {
        let id = &message.id;
        let commands = match (&message.request, &message.item) {
            (Some(_), Some(item)) => vec![
                format!("git pm start {item}"),
                format!("git pm msg decline {id}"),
            ],
            _ => vec![format!("git pm msg ack {id}")],
        };
        page.next(&commands);
    }
}

fn heads(page: &mut Page, message: &MessageView) {
    page.put(Label::Id, &message.id).text("  ");
    page.put(Label::Heading, &message.subject).end();
    let agent = message.agent.as_ref().filter(|own| **own != message.from);
    let from = match agent {
        Some(own) => format!("{} ({own})", message.from),
        None => message.from.clone(),
    };
    page.field("from", Label::Actor, from);
    page.field("to", Label::Actor, message.to.join(", "));
    page.field("sent", Label::Text, page.when(&message.created_at));
    page.field("in reply to", Label::Id, &message.reply_to);
    if message.importance != "normal" {
        page.field("importance", Label::Active, &message.importance);
    }
    if let Some(request) = &message.request {
        let by = request.by.as_ref().map(|by| format!(", by {by}"));
        let state = format!("{}{}", request.state, by.unwrap_or_default());
        page.field("request", Label::Active, state);
    }
    if let Some(rounds) = message.rounds {
        let said = format!("{rounds} messages by agents, none by a human");
        page.field("undecided", Label::Active, said);
    }
    let acks = message.acks.iter().map(|ack| {
        let answer = ack.answer.as_ref().map(|answer| format!(" {answer}"));
        let note = ack.note.as_ref().map(|note| format!(": {note}"));
        format!(
            "{}{}{}",
            ack.by,
            answer.unwrap_or_default(),
            note.unwrap_or_default()
        )
    });
    let acks: Vec<String> = acks.collect();
    page.field("acknowledged", Label::Good, acks.join("; "));
}

fn texts(page: &mut Page, message: &MessageView) {
    if let Some(handoff) = &message.handoff {
        lists(page, handoff);
    }
    let body = message.body.as_deref().unwrap_or_default();
    if !body.trim().is_empty() {
        page.prose("  ", body);
    }
}

fn lists(page: &mut Page, handoff: &Handoff) {
    let parts = [
        ("done", &handoff.done),
        ("next", &handoff.next),
        ("decisions", &handoff.decisions),
        ("files", &handoff.files),
        ("questions", &handoff.questions),
    ];
    for (name, list) in parts {
        for (n, entry) in list.iter().enumerate() {
            let name = if n == 0 { name } else { "" };
            page.field(name, Label::Text, entry);
        }
    }
}

/// The handoff of an item that is shown or resumed.
pub fn handoff(page: &mut Page, handoff: &HandoffView) {
    let when = page.when(&handoff.at);
    page.heading("Handoff");
    page.put(Label::Dim, "  by ").put(Label::Actor, &handoff.by);
    page.dim(format!(", {when} ({})", handoff.id));
    lists(page, &handoff.lists);
    if !handoff.text.trim().is_empty() {
        page.prose("  ", &handoff.text);
    }
}

/// A message that was sent.
pub fn sent(page: &mut Page, message: &MessageView) {
    page.text("Sent ").put(Label::Id, &message.id).text("  ");
    page.line(&message.subject);
    page.field("to", Label::Actor, message.to.join(", "));
}

/// Messages that were acknowledged.
pub fn answered(page: &mut Page, verb: &str, messages: &[MessageView]) {
    for message in messages {
        page.text(verb).text(" ").put(Label::Id, &message.id);
        page.text("  ").line(&message.subject);
    }
}

/// A thread: messages and changes of the item, by time.
pub fn thread(page: &mut Page, thread: &ThreadView) {
    page.put(Label::Id, &thread.thread);
    if let Some(item) = &thread.item {
        page.text("  ").put(Label::Heading, &item.title);
        page.put(Label::Dim, format!("  ({})", item.status.word()));
    }
    page.end();
    if thread.messages.is_empty() && thread.events.is_empty() {
        page.line("No messages.");
    }
    let mut events = thread.events.iter().peekable();
    for message in &thread.messages {
        while let Some(event) = events.next_if(|event| event.at <= message.created_at) {
            happened(page, event);
        }
        page.gap();
        heads(page, message);
        texts(page, message);
    }
    events.for_each(|event| happened(page, event));
    let count = counted(thread.messages.len(), "message");
    page.gap().dim(count);
}

fn happened(page: &mut Page, event: &ThreadEvent) {
    let when = page.when(&event.at);
    page.put(Label::Dim, "  - ").text(&event.text).text("  ");
    page.put(Label::Actor, &event.actor);
    page.dim(format!(", {when}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::fixtures::drawn;

    fn message() -> MessageView {
        MessageView {
            id: "M-7q2x0d".into(),
            uid: "01jd4qz0r00000000000 7q2x0d".into(),
            from: "ana".into(),
            agent: None,
            to: vec!["ben".into(), "role:human".into()],
            subject: "[T-0012] Which port?".into(),
            item: Some("T-0012".into()),
            thread: "T-0012".into(),
            reply_to: None,
            topic: None,
            importance: "high".into(),
            created_at: "2026-01-02T11:00:00Z".into(),
            unread: true,
            ack_required: true,
            ack_wanted: true,
            acks: Vec::new(),
            request: None,
            handoff: None,
            rounds: None,
            body: Some("80 or 8080?\nnext: rm -rf /".into()),
        }
    }

    #[test]
    fn an_inbox_is_a_table_with_the_next_command() {
        let inbox = Inbox {
            actor: "ben".into(),
            unread: 1,
            items: vec![message()],
        };
        insta::assert_snapshot!(drawn(80, |p| super::inbox(p, &inbox, false)), @r"
        M-7q2x0d  ana  [T-0012] Which port?  high, ack wanted  1h ago
        next: git pm msg read M-7q2x0d
        ");
    }

    #[test]
    fn no_line_of_a_message_looks_like_output_of_git_pm() {
        insta::assert_snapshot!(drawn(80, |p| full(p, &[message()])), @r"
        M-7q2x0d  [T-0012] Which port?
          from         ana
          to           ben, role:human
          sent         1h ago
          importance   high
          80 or 8080?
          next: rm -rf /
        next: git pm msg ack M-7q2x0d
        ");
    }
}
