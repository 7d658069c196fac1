//! Renders learnings.

use git_pm::learnings::{
    FullLearning, LearningHit, LearningNote, LearningStats, LearningStatus, LearningView,
};

use super::format::counted;
use super::limits;
use super::page::Page;
use super::style::Label;
use super::table::{Cell, fit};

/// The marks of a learning that may not hold any more, or not yet.
fn marks(learning: &LearningView) -> String {
    let mut marks: Vec<String> = Vec::new();
    if learning.status != LearningStatus::Accepted {
        marks.push(learning.status.to_string());
    }
    marks.extend(
        learning
            .stale
            .iter()
            .map(|why| format!("stale: {}", why.reason())),
    );
    if !learning.contradicts.is_empty() {
        marks.push(format!("contradicts {}", learning.contradicts.join(", ")));
    }
    if learning.conflicted {
        marks.push("conflicting texts".into());
    }
    marks.join(", ")
}

fn row(learning: &LearningView) -> [Cell; 5] {
    [
        Label::Id.of(&learning.id),
        Label::Dim.of(learning.kind.as_str()),
        Label::Text.of(fit(&learning.title, limits::LEARNING_TITLE_MAX).0),
        Label::Dim.of(learning.tags.join(" ")),
        Label::Active.of(marks(learning)),
    ]
}

/// Learnings as a table.
pub fn list(page: &mut Page, learnings: &[LearningView]) {
    page.list("No learnings.", 2, learnings, |_, learning| row(learning));
}

/// The hits of a search.
pub fn hits(page: &mut Page, hits: &[LearningHit]) {
    if hits.is_empty() {
        page.line("No learning contains these words.");
        page.hints(&["`--all` also searches drafts and retired learnings"]);
    }
    for hit in hits {
        let learning = &hit.learning;
        page.put(Label::Id, &learning.id).text("  ");
        page.put(Label::Dim, learning.kind.as_str()).text("  ");
        page.put(Label::Heading, &learning.title);
        let marks = marks(learning);
        if !marks.is_empty() {
            page.text("  ").put(Label::Active, marks);
        }
        if hit.related {
            page.put(Label::Dim, "  (related)");
        }
        page.end();
        if !learning.summary.is_empty() {
            page.dim(format!("    {}", learning.summary));
        }
    }
}

/// One sentence about a learning.
pub fn done(page: &mut Page, verb: &str, learning: &LearningView) {
    page.text(format!("{verb} ")).put(Label::Id, &learning.id);
    page.text(" ").put(Label::Heading, &learning.title).end();
    if learning.status == LearningStatus::Draft && verb == "Added" {
        page.next(&[format!("git pm learn accept {}", learning.id)]);
    }
}

/// A learning with its texts.
pub fn full(page: &mut Page, full: &FullLearning) {
    let learning = &full.learning;
    page.put(Label::Id, &learning.id).text("  ");
    page.put(Label::Heading, &learning.title).end();
    let id = page.verbose().then(|| learning.uid.to_string());
    page.field("uid", Label::Dim, id);
    page.field("type", Label::Text, learning.kind.as_str());
    if learning.status != LearningStatus::Accepted {
        page.field("status", Label::Active, learning.status.as_str());
    }
    page.field("tags", Label::Text, &learning.tags);
    page.field("paths", Label::Path, &learning.paths);
    page.field("item", Label::Id, &learning.item);
    page.field("commit", Label::Dim, &learning.commit);
    let author = learning.author.clone().unwrap_or_default();
    let when = page.when(&learning.created_at);
    page.field(
        "author",
        Label::Actor,
        format!("{author} {when}").trim().to_string(),
    );
    page.field("agent", Label::Actor, &learning.agent);
    page.field("supersedes", Label::Id, &learning.supersedes);
    page.field("replaced by", Label::Id, &learning.superseded_by);
    page.field("contradicts", Label::Bad, &learning.contradicts);
    let stale: Vec<String> = learning
        .stale
        .iter()
        .map(|s| s.reason().to_string())
        .collect();
    page.field("stale", Label::Active, stale);
    let mut used = Vec::new();
    if learning.uses > 0 {
        used.push(counted(learning.uses, "use"));
    }
    if learning.useful + learning.not_useful > 0 {
        let (yes, no) = (learning.useful, learning.not_useful);
        used.push(format!("{yes} useful, {no} not useful"));
    }
    page.field("used", Label::Good, used);
    for (heading, list) in [
        ("Applies when", &learning.applies_when),
        ("Symptoms", &learning.symptoms),
    ] {
        if !list.is_empty() {
            page.heading(heading);
            for one in list {
                page.text("  - ").line(one);
            }
        }
    }
    let texts = [
        ("Context", full.context.as_deref()),
        ("Decision", full.decision.as_deref()),
        ("Consequences", full.consequences.as_deref()),
        ("Text", Some(full.body.as_str())),
    ];
    for (heading, text) in texts {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            page.heading(heading).prose("  ", text);
        }
    }
    for text in &full.other_texts {
        page.heading("Conflicting text").prose("  ", text);
    }
    if learning.conflicted {
        let id = &learning.id;
        page.warning(format!(
            "the text has conflicting versions: `git pm conflicts {id}`"
        ));
    }
    page.section("Uses and votes", 3, &full.history, |page, one| {
        [
            Label::Actor.of(&one.by),
            Label::Text.of(one.vote.as_deref().unwrap_or("used")),
            Label::Id.of(&one.item),
            Label::Dim.of(page.when(&one.at)),
        ]
    });
}

/// The learnings that `start` shows.
pub fn notes(page: &mut Page, notes: &[LearningNote]) {
    if notes.is_empty() {
        return;
    }
    page.heading("Learned before");
    for note in notes {
        page.text("  ").put(Label::Id, &note.id).text("  ");
        page.put(Label::Dim, note.kind.as_str()).text("  ");
        page.put(Label::Text, &note.title);
        if let Some(agent) = &note.agent {
            page.put(Label::Dim, format!("  by {agent}, an agent"));
        }
        page.end();
        if !note.summary.is_empty() {
            page.dim(format!("    {}", note.summary));
        }
    }
}

/// A share as a percentage.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".into(), |share| format!("{:.0}%", share * 100.0))
}

/// The measures of learnings.
pub fn stats(page: &mut Page, stats: &LearningStats) {
    page.line(format!("{}.", counted(stats.total, "learning")));
    page.rows("  ", 0, &stats.kinds, |_, kind| {
        [
            Label::Text.of(kind.kind.as_str()),
            Label::Text.of(format!("{} accepted", kind.accepted)),
            Label::Dim.of(format!("{} drafts", kind.drafts)),
            Label::Dim.of(format!("{} retired", kind.retired)),
            Label::Good.of(counted(kind.uses, "use")),
            Label::Good.of(format!("{} useful", kind.useful)),
            Label::Bad.of(format!("{} not useful", kind.not_useful)),
        ]
    });
    page.field("hit rate", Label::Text, percent(stats.hit_rate));
    page.field("useful votes", Label::Text, percent(stats.useful_rate));
}
