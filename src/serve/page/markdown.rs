//! Markdown of the state as HTML. The text is hostile until shown otherwise: HTML in it is text, a
//! link leads only to the web or to a mailbox and says nothing about this page, an image is its
//! description, and control characters are spelled.

use std::fmt;

use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use crate::model::text::{escape_controls, head};

/// The most bytes of a text that are shown.
const TEXT_MAX: usize = 200_000;

/// The deepest nesting of elements; what is deeper is shown at this depth.
const DEPTH_MAX: usize = 24;

/// HTML that was written by this module.
pub(super) struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Templates write it as it is.
impl askama::filters::HtmlSafe for Markup {}

/// A text in Markdown as HTML. Headings begin below those of the page.
pub(super) fn markdown(text: &str) -> Markup {
    let shown = head(text, TEXT_MAX);
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut writer = Writer::default();
    for event in Parser::new_ext(shown, options) {
        writer.event(event);
    }
    while !writer.open.is_empty() {
        writer.close();
    }
    if shown.len() < text.len() {
        writer.out +=
            "<p class=\"cut\">The text goes on; <code>git pm show</code> has all of it.</p>";
    }
    Markup(writer.out)
}

#[derive(Default)]
struct Writer {
    out: String,
    /// What ends each open element; empty for one that has no tags.
    open: Vec<String>,
    in_head: bool,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => {
                if end == TagEnd::TableHead {
                    self.in_head = false;
                }
                self.close();
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => {
                self.out += "<code>";
                self.text(&text);
                self.out += "</code>";
            }
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text);
            }
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out += "<br>\n",
            Event::Rule => self.out += "<hr>\n",
            Event::TaskListMarker(done) => self.out += if done { "☑ " } else { "☐ " },
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.element("<p>", "</p>\n"),
            Tag::Heading { level, .. } => {
                let (open, close) = heading(level);
                self.element(open, close);
            }
            Tag::BlockQuote(_) => self.element("<blockquote>\n", "</blockquote>\n"),
            Tag::CodeBlock(_) => self.element("<pre tabindex=\"0\"><code>", "</code></pre>\n"),
            Tag::HtmlBlock => self.element("<pre class=\"raw\">", "</pre>\n"),
            Tag::List(Some(first)) => self.element(&format!("<ol start=\"{first}\">\n"), "</ol>\n"),
            Tag::List(None) => self.element("<ul>\n", "</ul>\n"),
            Tag::Item => self.element("<li>", "</li>\n"),
            Tag::Table(_) => self.element(
                "<div class=\"scroll\" tabindex=\"0\"><table>\n",
                "</tbody></table></div>\n",
            ),
            Tag::TableHead => {
                self.in_head = true;
                self.element("<thead><tr>", "</tr></thead><tbody>\n");
            }
            Tag::TableRow => self.element("<tr>", "</tr>\n"),
            Tag::TableCell if self.in_head => self.element("<th>", "</th>"),
            Tag::TableCell => self.element("<td>", "</td>"),
            Tag::Emphasis => self.element("<em>", "</em>"),
            Tag::Strong => self.element("<strong>", "</strong>"),
            Tag::Strikethrough => self.element("<del>", "</del>"),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => self.link(link_type, &dest_url),
            Tag::Image { dest_url, .. } => {
                let close = format!(" — {}]", escaped(&dest_url));
                self.plain("[image: ", close);
            }
            _ => self.plain("", String::new()),
        }
    }

    /// Begins an element, unless there are too many around it.
    fn element(&mut self, open: &str, close: &str) {
        let fits = self.open.len() < DEPTH_MAX;
        if fits {
            self.out += open;
        }
        self.open.push(if fits {
            close.to_string()
        } else {
            String::new()
        });
    }

    /// Begins what is only text.
    fn plain(&mut self, open: &str, close: String) {
        self.out += open;
        self.open.push(close);
    }

    fn close(&mut self) {
        if let Some(close) = self.open.pop() {
            self.out += &close;
        }
    }

    fn link(&mut self, kind: LinkType, url: &str) {
        let url = match kind {
            LinkType::Email => format!("mailto:{url}"),
            _ => url.trim().to_string(),
        };
        if leads_out(&url) {
            let open = format!(
                "<a href=\"{}\" rel=\"noopener noreferrer nofollow\">",
                escaped(&url)
            );
            self.element(&open, "</a>");
        } else {
            self.plain("", format!(" ({})", escaped(&url)));
        }
    }

    fn text(&mut self, text: &CowStr<'_>) {
        self.out += &escaped(text);
    }
}

/// True for the addresses that a link may have.
fn leads_out(url: &str) -> bool {
    let begins = |with: &str| {
        let start = url.get(..with.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    ["http://", "https://", "mailto:"].into_iter().any(begins)
}

fn heading(level: HeadingLevel) -> (&'static str, &'static str) {
    match level {
        HeadingLevel::H1 => ("<h3>", "</h3>\n"),
        HeadingLevel::H2 => ("<h4>", "</h4>\n"),
        HeadingLevel::H3 => ("<h5>", "</h5>\n"),
        _ => ("<h6>", "</h6>\n"),
    }
}

/// A text without control characters and without meaning in HTML, also as the value of an attribute.
fn escaped(text: &str) -> String {
    let text = escape_controls(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            _ => out.push(c),
        }
    }
    out
}
