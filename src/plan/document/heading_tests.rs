//! What remains of a heading.

use super::*;

fn title(text: &str) -> String {
    read(text, author_id::ShortIds::Plain).title
}

#[test]
fn numbering_is_removed() {
    for text in [
        "5.1 Goals",
        "2) Goals",
        "IV. Goals",
        "1. Goals",
        "(3) Goals",
        "A. Goals",
        "§ 4.2 Goals",
        "一、Goals",
        "1.2.3. Goals",
        "A.1 Goals",
        "3.1: Goals",
        "📋 3. Goals",
        "3. 📋 Goals",
        "1、Goals",
        "b) Goals",
    ] {
        assert_eq!(title(text), "Goals", "{text}");
    }
    assert_eq!(
        read("5.1 Goals", author_id::ShortIds::Plain)
            .number
            .as_deref(),
        Some("5.1")
    );
}

#[test]
fn a_number_that_belongs_to_the_title_is_kept() {
    for text in [
        "3 tasks",
        "2024 roadmap",
        "99.9% uptime",
        "1.5x faster",
        "12.05.2024 Meeting",
        "2FA login",
        "I want",
    ] {
        assert_eq!(title(text), text);
    }
}

#[test]
fn id_and_trailing_decoration_are_removed() {
    let heading = read("4.2 FR-3.1: Log `in` 🚀", author_id::ShortIds::Plain);
    assert_eq!(heading.title, "Log in");
    assert_eq!(
        (heading.number.as_deref(), heading.id.as_deref()),
        (Some("4.2"), Some("FR-3.1"))
    );
    assert_eq!(title("Login {#login}"), "Login");
    assert_eq!(title("GET /users/{id}"), "GET /users/{id}");
}
