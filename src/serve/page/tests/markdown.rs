//! Markdown from a hostile state.

use super::super::markdown::markdown;
use super::tags;

#[test]
fn markdown_becomes_html() {
    let text = "# Title\n\nA *word*, a **strong** one, `code` and ~~gone~~.\n\n- one\n- [x] two\n\n\
        > quoted\n\n```rust\nlet a = 1 < 2;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n\
        [docs](https://example.org/a?b=1&c=2) <https://example.org> <ana@example.org>\n\n---\n";
    let html = markdown(text).to_string();
    for part in [
        "<h3>Title</h3>",
        "<em>word</em>",
        "<strong>strong</strong>",
        "<code>code</code>",
        "<del>gone</del>",
        "<li>one</li>",
        "☑ two",
        "<blockquote>\n<p>quoted</p>",
        "<pre tabindex=\"0\"><code>let a = 1 &lt; 2;\n</code></pre>",
        "<th>a</th>",
        "<td>2</td>",
        "<a href=\"https://example.org/a?b=1&amp;c=2\" rel=\"noopener noreferrer nofollow\">docs</a>",
        "<a href=\"mailto:ana@example.org\" rel=\"noopener noreferrer nofollow\">ana@example.org</a>",
        "<hr>",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[test]
fn markdown_has_no_html_of_its_own_and_leads_nowhere_else() {
    for text in [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<style>*{display:none}</style>\n\n<iframe src=https://example.org></iframe>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](<java\nscript:alert(1)>)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x) [y](file:///etc/passwd) [z](//example.org) [w](/undo)",
        "<javascript:alert(1)>",
        "[x][r]\n\n[r]: javascript:alert(1)",
        "[x](https://example.org/\"onmouseover=\"alert(1))",
        "[x](<https://example.org/\" onmouseover=\"alert(1)>)",
        "[x](https://example.org 'a\" onmouseover=\"alert(1)')",
        "![x](https://example.org/t.png)",
        "![<b onmouseover=x>](javascript:alert(1) \"t\")",
        "[![x](https://example.org/t.png)](javascript:alert(1))",
        "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script&#62; &#x202e;",
        "```\"><script>alert(1)</script>\n</code></pre><script>\n```",
        "`</code><script>alert(1)</script>`",
        "| <script> | [x](javascript:y) |\n|---|---|\n| <b> | &#60;b&#62; |",
        "<!-- --><svg onload=alert(1)><![CDATA[ ]]>",
        "\u{1b}[31m \u{202e} \u{2028} \u{7f}",
    ] {
        let html = markdown(text).to_string();
        for tag in tags(&html) {
            let name = tag
                .trim_start_matches(['<', '/'])
                .split([' ', '>'])
                .next()
                .unwrap();
            let known = [
                "p", "a", "code", "pre", "table", "thead", "tbody", "tr", "th", "td", "div", "em",
            ];
            assert!(known.contains(&name), "{text:?} became {html}");
            if name == "a" && !tag.starts_with("</") {
                let rest = tag
                    .strip_prefix("<a href=\"http")
                    .unwrap_or_else(|| panic!("{text:?}: {tag}"));
                let (_, rest) = rest.split_once('"').unwrap();
                assert_eq!(
                    rest, " rel=\"noopener noreferrer nofollow\">",
                    "{text:?}: {tag}"
                );
            } else if name != "div" && name != "pre" {
                assert!(!tag.contains(' '), "{text:?}: {tag}");
            }
        }
        assert!(
            !html
                .chars()
                .any(|c| crate::model::text::steers(c) && !"\n\t".contains(c)),
            "{html:?}"
        );
    }
    let image = markdown("![a cat](https://example.org/cat.png)").to_string();
    assert_eq!(
        image,
        "<p>[image: a cat — https://example.org/cat.png]</p>\n"
    );
}

#[test]
fn markdown_of_any_depth_and_length_is_bounded() {
    let deep = markdown(&"> ".repeat(20_000)).to_string();
    assert!(deep.matches("<blockquote>").count() <= 24, "too deep");
    assert_eq!(
        deep.matches("<blockquote>").count(),
        deep.matches("</blockquote>").count()
    );
    let lists: String = (0..200)
        .map(|n| format!("{}- x\n", "  ".repeat(n)))
        .collect();
    let lists = markdown(&lists).to_string();
    assert_eq!(
        lists.matches("<ul>").count(),
        lists.matches("</ul>").count()
    );
    assert_eq!(
        lists.matches("<li>").count(),
        lists.matches("</li>").count()
    );
    let long = markdown(&"é ".repeat(1_000_000)).to_string();
    assert!(long.len() < 250_000 && long.contains("The text is truncated"));
}
