//! Renders the project context.

use git_pm::context::Section;
use git_pm::text::bytes;

use super::limits;
use super::page::Page;
use super::style::Label;
use super::table::fit;

/// The line above a version of a text in the editor.
const MARK: &str = "<<<<<<< version ";

/// One section.
pub fn section(page: &mut Page, section: &Section) {
    page.heading(&section.name);
    if section.versions.is_empty() {
        page.prose("", &section.text);
        return;
    }
    for version in &section.versions {
        let when = page.when(&version.written_at);
        page.warning(format!(
            "version {} of {}, {when} in {}",
            version.number,
            section.versions.len(),
            version.replica
        ));
        page.prose("", &version.text);
    }
    let name = &section.name;
    page.next(&[
        format!("git pm conflicts context:{name} --keep 1"),
        format!("git pm context edit {name}"),
    ]);
}

/// All sections with their texts.
pub fn sections(page: &mut Page, sections: &[Section]) {
    if sections.is_empty() {
        return none(page);
    }
    for one in sections {
        section(page, one);
    }
}

/// Sections as a table.
pub fn list(page: &mut Page, sections: &[Section]) {
    if sections.is_empty() {
        return none(page);
    }
    page.rows("", 1, sections, |page, section| {
        let versions = match section.versions.len() {
            0 => String::new(),
            n => format!("{n} versions"),
        };
        [
            Label::Id.of(&section.name),
            Label::Text.of(fit(
                section.text.lines().next().unwrap_or_default(),
                limits::SECTION_LINE_MAX,
            )
            .0),
            Label::Dim.of(bytes(section.text.len() as u64)),
            Label::Warning.of(versions),
            Label::Actor.of(&section.author),
            Label::Dim.of(page.when(&section.written_at)),
        ]
    });
}

fn none(page: &mut Page) {
    page.line("The project context is empty.");
    page.next(&["git pm context set NAME TEXT"]);
}

/// The report of a write.
pub fn written(page: &mut Page, said: &str, section: &Section) {
    let size = bytes(section.text.len() as u64);
    page.line(format!("{said} context:{} ({size}).", section.name));
    page.next(&["git pm context show", "git pm prime"]);
}

/// The text to edit: all versions if there are several.
pub fn editable(section: &Section) -> String {
    if section.versions.is_empty() {
        return format!("{}\n", section.text);
    }
    let versions = section.versions.iter();
    versions
        .map(|v| format!("{MARK}{} ({})\n{}\n", v.number, v.written_at, v.text))
        .collect()
}

/// True if a text still has several versions.
pub fn has_marks(text: &str) -> bool {
    text.lines().any(|line| line.starts_with(MARK))
}
