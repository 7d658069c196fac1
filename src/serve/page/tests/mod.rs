//! Pages as a browser gets them: only text from the state, no proof of a change, bounded.
//!
//! Content of the state reaches them only as text, none has the proof of a change, and their size
//! does not grow with the state.

mod markdown;
mod pictures;
mod site;

/// A text that would be code wherever it is not escaped.
const HOSTILE: &str = "<script>alert(1)</script>\"' onmouseover='x' <img src=x onerror=y> {{ 7*7 }} \
    &#60;b&#62; \u{202e}\u{1b}[31m]]>--></title></textarea>";

/// The tags of a page, as a browser would parse them.
fn tags(html: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').map_or(rest.len(), |end| at + end + 1);
        found.push(&rest[at..end]);
        rest = &rest[end..];
    }
    found
}

/// Checks the invariants of every page.
fn check(html: &str, of: &str) {
    // A form for an item has the raw text, so that it can be sent back.
    let edit = html
        .find("<form class=\"fields page-form\"")
        .map_or("", |at| &html[at..]);
    let edit = edit.find("</form>").map_or("", |end| &edit[..end]);
    for c in html.replace(edit, "").chars() {
        assert!(!crate::model::text::steers(c) || c == '\n', "{of}: {c:?}");
    }
    for tag in tags(html) {
        let lower = tag.to_ascii_lowercase();
        assert!(!lower.contains(" style="), "{of}: {tag}");
        assert!(
            !lower.contains("javascript:") && !lower.contains("data:"),
            "{of}: {tag}"
        );
        let is_own = lower.starts_with("<script src=\"/assets/");
        assert!(!lower.starts_with("<script") || is_own, "{of}: {tag}");
        for handler in ["onerror", "onmouseover", "onclick", "onload"] {
            // An attribute is outside of quotes.
            let outside: String = tag.split('"').step_by(2).collect();
            assert!(!outside.contains(handler), "{of}: {tag}");
        }
        assert!(
            !lower.starts_with("<img") && !lower.starts_with("<iframe"),
            "{of}: {tag}"
        );
        let names_itself = ["<select", "<input", "<textarea"]
            .iter()
            .any(|one| lower.starts_with(one));
        if names_itself && !lower.contains("type=\"hidden\"") {
            let is_labeled = lower.contains("aria-label=") || lower.contains(" id=");
            let before = &html[..tag.as_ptr() as usize - html.as_ptr() as usize];
            let inside =
                before.rfind("<label").unwrap_or(0) > before.rfind("</label>").unwrap_or(0);
            assert!(is_labeled || inside, "{of}: nothing names {tag}");
        }
    }
    let count = |part: &str| html.matches(part).count();
    // The script adds the proof of a change: whoever can read a page cannot make one.
    assert_eq!(count("csrf"), 0, "{of}");
    assert_eq!(count("<h1>") + count("<h1 "), 1, "{of}");
    assert_eq!(count("<main"), 1, "{of}");
    for (open, close) in [
        ("<div", "</div>"),
        ("<section", "</section>"),
        ("<form", "</form>"),
        ("<ul", "</ul>"),
        ("<li", "</li>"),
    ] {
        let all = tags(html);
        let opened = all.iter().filter(|tag| {
            tag.strip_prefix(open)
                .is_some_and(|rest| rest.starts_with([' ', '>']))
        });
        assert_eq!(opened.count(), count(close), "{of}: {open}");
    }
}
