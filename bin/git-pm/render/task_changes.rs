//! Renders the existing tasks that differ from their plan.

use git_pm::plans::{FieldChange, TaskChange, TaskChanges};
use git_pm::values::status_word;

use super::limits;
use super::page::Page;
use super::style::Label;
use super::table::fit;

/// The tasks that differ from a plan; `word` says what becomes of those that follow it.
pub fn changes(page: &mut Page, all: &TaskChanges, word: &str) {
    for task in &all.updated {
        page.put(Label::Good, format!("  {word:9}"));
        page.put(Label::Id, &task.id).text("  ").text(&task.title);
        let fields: Vec<&str> = task.fields.iter().map(|one| one.field.as_str()).collect();
        page.put(Label::Dim, format!("  {}", fields.join(", ")))
            .end();
        if page.verbose() {
            differences(page, task);
        }
    }
    for task in &all.kept {
        page.put(Label::Warning, "  kept     ");
        page.put(Label::Id, &task.id).text("  ").text(&task.title);
        page.put(Label::Dim, format!(" ({})", status_word(&task.status)))
            .end();
        differences(page, task);
        command(page, task.command.as_deref());
    }
    for task in &all.gone {
        match task.is_done {
            true => page.put(Label::Good, "  done in the document: "),
            false if task.said.is_some() => page.put(Label::Warning, "  no task  "),
            false => page.put(Label::Bad, "  gone     "),
        };
        page.put(Label::Id, &task.id).text("  ").text(&task.title);
        page.put(Label::Dim, format!(" ({})", status_word(&task.status)))
            .end();
        said(page, task.said.as_deref().filter(|_| !task.is_done));
        command(page, task.command.as_deref());
    }
}

/// What the document says about a task that it has not as a task.
pub(super) fn said(page: &mut Page, said: Option<&str>) {
    if let Some(said) = said {
        page.dim(format!("             {said}"));
    }
}

pub(super) fn command(page: &mut Page, command: Option<&str>) {
    if let Some(command) = command {
        page.text("             ");
        page.put(Label::Command, command).end();
    }
}

/// What a task has (-) and what the plan has instead (+).
fn differences(page: &mut Page, task: &TaskChange) {
    for FieldChange {
        field,
        task: has,
        plan: wants,
    } in &task.fields
    {
        let lines = has.iter().map(|text| ('-', text));
        let lines = lines.chain(wants.iter().map(|text| ('+', text)));
        let most = if page.verbose() {
            usize::MAX
        } else {
            limits::CHANGED_TEXTS_MAX
        };
        let all = has.len() + wants.len();
        for (n, (sign, text)) in lines.take(most).enumerate() {
            let name = if n == 0 { field.as_str() } else { "" };
            page.put(Label::Dim, format!("    {name:13}{sign} "));
            page.line(fit(text, limits::CHANGED_TEXT_MAX).0);
        }
        if all > most {
            page.dim(format!("{:19}and {} more", "", all - most));
        }
    }
}
