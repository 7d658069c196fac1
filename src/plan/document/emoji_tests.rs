//! Which decoration is removed, and which words are kept.

use super::*;

#[test]
fn leading_emoji_are_removed() {
    for text in [
        "📋 Goal",
        "⚠️ Goal",
        "🚀Goal",
        "1️⃣ Goal",
        ":rocket: Goal",
        "👩‍💻 ✅ Goal",
        "• Goal",
    ] {
        assert_eq!(without_decoration(text), "Goal", "{text}");
    }
}

#[test]
fn words_of_other_scripts_survive() {
    for text in [
        "功能需求 一",
        "Цели проекта",
        "الأهداف العامة",
        "要件",
        "Über uns",
        "é là",
        "Ñandú",
    ] {
        assert_eq!(without_decoration(text), text);
    }
}

#[test]
fn a_heading_that_is_one_emoji_keeps_it() {
    assert_eq!(without_decoration(" 🚀 "), "🚀");
}
