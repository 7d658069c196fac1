//! How a document is read into statements.

use super::section_kind::of_heading;
use super::*;
use SectionKind::*;

fn parse(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

fn top(title: &str) -> Option<SectionKind> {
    of_heading(title, Unknown)
}

#[test]
fn the_more_specific_word_of_a_heading_wins() {
    for (title, kind) in [
        ("Out of scope", NonGoal),
        ("Non-Goals", NonGoal),
        ("Goals and Non-Goals", NonGoal),
        ("Won’t have", NonGoal),
        ("What does NOT need to change", NonGoal),
        ("Goals", Context),
        ("In scope", Scope),
        ("Non-functional requirements", NonFunctional),
        ("Functional requirements", Functional),
        ("Acceptance criteria", Acceptance),
        ("Future work", Future),
        ("Open questions", Question),
        ("Hypotheses", Question),
        ("Proposed fix", Checklist),
        ("Risks & mitigations", Risk),
        ("Success metrics", Metric),
        ("Definition of Done", Done),
        ("Task breakdown", Checklist),
        ("Implementation plan", Milestone),
        ("Implementation Strategy", Appendix),
        ("Phase Dependencies", Dependency),
        ("Security", NonFunctional),
        ("Problem statement", Context),
        ("Timeline (weeks 1-4)", Milestone),
        ("Target users", Persona),
        ("Key features", Feature),
        ("Deliverables", Deliverable),
        ("Phase 2: Risk scoring", Milestone),
        ("M2 Beta", Milestone),
        ("v0.2 — next", Milestone),
        ("Этап 2: Риски", Milestone),
        ("第一阶段：风险", Milestone),
        ("フェーズ2", Milestone),
        ("Feature 4: Risk view", Feature),
    ] {
        assert_eq!(top(title), Some(kind), "{title}");
    }
}

#[test]
fn a_heading_is_not_read_by_the_words_of_its_subject() {
    for title in [
        "Metrics dashboard",
        "Question bank",
        "Login",
        "Weekly digest",
        "Risk scoring",
        "M1. Weak hashes",
    ] {
        assert_eq!(top(title), None, "{title}");
    }
    assert_eq!(
        of_heading("Decision history for auditors", Functional),
        None
    );
    assert_eq!(of_heading("Features", NonGoal), None);
    assert_eq!(of_heading("Phase 4", Future), None);
}

#[test]
fn headings_are_read_in_each_language() {
    for (title, kind) in [
        ("Nicht-funktionale Anforderungen", NonFunctional),
        ("Funktionale Anforderungen", Functional),
        ("Nicht-Ziele", NonGoal),
        ("Offene Fragen", Question),
        ("Hors périmètre", NonGoal),
        ("Exigences fonctionnelles", Functional),
        ("Requisitos no funcionales", NonFunctional),
        ("Fuera de alcance", NonGoal),
        ("Fora do escopo", NonGoal),
        ("Requisiti funzionali", Functional),
        ("Fuori ambito", NonGoal),
        ("Functionele eisen", Functional),
        ("Buiten scope", NonGoal),
        ("功能需求", Functional),
        ("非功能需求", NonFunctional),
        ("需求背景", Context),
        ("機能要件", Functional),
        ("スコープ外", NonGoal),
        ("비기능 요구사항", NonFunctional),
        ("비목표", NonGoal),
        ("Нефункциональные требования", NonFunctional),
        ("Не-цели", NonGoal),
    ] {
        assert_eq!(top(title), Some(kind), "{title}");
    }
}

/// A misspelled name of a list would silently switch a rule off.
#[test]
fn every_list_that_the_code_names_is_in_the_lexicon() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut names = 0;
    for file in ["document", "draft", "checks"]
        .iter()
        .flat_map(|room| std::fs::read_dir(folder.join(room)).unwrap())
    {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap_or_default();
        for part in text.split("list(\"").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(!list(name).plain.is_empty(), "{name}");
            names += 1;
        }
    }
    assert!(names > 30);
    for name in [
        "p0", "p1", "p2", "p3", "p4", "vision", "goal", "overview", "hours", "days", "weeks",
        "points",
    ] {
        assert!(!list(name).plain.is_empty(), "{name}");
    }
}

#[test]
fn words_are_matched_as_whole_words_in_spaced_scripts() {
    assert!(list("demand").has("It must work") && list("demand").has("시스템은 저장해야 한다"));
    assert!(!list("demand").has("Mustard and shallots"));
    assert!(list("risky").has("Migrating users") && !list("risky").has("An embarrassing blocker"));
}

#[test]
fn labels_own_what_follows() {
    let document = parse(
        "# A\n\n## B\n\n**Acceptance:**\n- one\n- two\n\n**Goal**: see\n\n- three\n\nIt has:\n\n- four\n",
    );
    let parent = |text: &str| {
        let at = document
            .nodes
            .iter()
            .position(|node| node.name() == text)
            .unwrap();
        document.nodes[at]
            .parent
            .map(|parent| document.nodes[parent].name().to_owned())
    };
    assert_eq!(parent("one").as_deref(), Some("Acceptance"));
    assert_eq!(parent("two").as_deref(), Some("Acceptance"));
    assert_eq!(parent("three").as_deref(), Some("B"));
    assert_eq!(parent("four").as_deref(), Some("It has:"));
}

#[test]
fn ids_are_taken_where_they_can_be_ids() {
    let id = |text: &str| parse(text).nodes.iter().find_map(|node| node.id.clone());
    for (text, want) in [
        ("- FR-3: x\n", Some("FR-3")),
        ("- [ ] T001 [P] x\n- [ ] T002 y\n", Some("T001")),
        ("### M1. Weak hash\n\n### H1. Leak\n", Some("M1")),
        ("### M1: Beta\n", None),
        ("| ID | Text |\n|--|--|\n| REQ-1 | x |\n", Some("REQ-1")),
        ("**US-1**: As a user I want x\n", Some("US-1")),
        ("- B2 is a room\n", None),
        ("## Requirements\n\n- R2: x\n", Some("R2")),
        ("## Requirements\n\n- B2: x\n", None),
        ("## Acceptance criteria\n\n- FR-1: x\n", Some("FR-1")),
        ("## Acceptance criteria\n\n- FR-1, FR-2: x\n", None),
        ("## Acceptance criteria\n\n- FR-1 and FR-2: x\n", None),
        ("- FR-1 -> FR-2\n", None),
    ] {
        assert_eq!(id(text).as_deref(), want, "{text}");
    }
}

#[test]
fn states_are_noted_in_many_ways() {
    let state = |text: &str| {
        let document = parse(text);
        document.nodes.last().and_then(|node| node.state)
    };
    for text in [
        "- [x] a\n",
        "- ✅ a\n",
        "### Search ✅\n\n- a\n",
        "## Completed\n\n- a\n",
        "## Already implemented:\n\n- a\n",
        "## Terminé\n\n- a\n",
        "## Verified safe\n\n- a\n",
        "### H1. Leak\n\n**Status**: Fixed\n\n- a\n",
        "| Item | Status |\n|--|--|\n| a | Done |\n",
        "- a (shipped)\n",
    ] {
        assert_eq!(state(text), Some(State::Done), "{text}");
    }
    for text in [
        "## Killed\n\n- a\n",
        "- ~~a~~\n",
        "- a — dropped\n",
        "## What not to build\n\n- a\n",
    ] {
        assert_eq!(state(text), Some(State::Refused), "{text}");
    }
    assert_eq!(state("- a (maybe)\n"), Some(State::Later));
    assert_eq!(state("## Done\n\n- [ ] a\n"), Some(State::Doubtful));
    assert_eq!(state("## Done\n\n- [x] b\n- [ ] a\n"), None);
    for text in [
        "- Removed items stay visible\n",
        // Dates in German, books in French.
        "## Termine\n\n- a\n",
        "- a (Livre)\n",
        "## Completed orders\n\n- a\n",
        "## Rejected payments\n\n- a\n",
        "- Checkout - complete the order\n",
    ] {
        assert_eq!(state(text), None, "{text}");
    }
}

#[test]
fn the_title_is_found() {
    for (text, title) in [
        ("# 📋 One\n", "One"),
        ("---\ntitle: Two\n---\n\nx\n", "Two"),
        ("Three is a sentence.\n", "Three is a sentence."),
        ("## Four\n\nx\n", "Four"),
        ("***\n", "***"),
    ] {
        let found = parse(text).title;
        assert!(
            found == title || title == "***" && !found.is_empty(),
            "{text}: {found}"
        );
    }
}

#[test]
fn story_sentences_are_found_in_each_language() {
    for text in [
        "As an admin, I want to ban users so that spam ends",
        "Als Operator möchte ich, dass die Pipeline losläuft",
        "Als gebruiker wil ik mijn profiel kunnen aanpassen",
        "Como cliente, quiero pagar",
        "作为用户，我想搜索，以便找到",
        "管理者として、ユーザーを削除したい",
        "Как пользователь, я хочу: хочу искать",
    ] {
        assert!(is_story(text), "{text}");
    }
    for text in [
        "As a rule, logs are kept",
        "Als PDF exportieren",
        "Como en la versión anterior",
    ] {
        assert!(!is_story(text), "{text}");
    }
}
