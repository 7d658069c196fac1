//! A requirements document from answers: the usual sections of a PRD, with the answers or with instructions.

use super::sources::Reading;
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::id::{self, ItemKind};
use crate::model::stamp::rfc3339;
use crate::model::text::one_line;
use crate::pm::handles::Plans;
use crate::pm::shared_views::ItemView;
use crate::work::task::field_rules::{check_body, check_title};

/// A question of the interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The section for the answer.
    pub section: &'static str,
    /// The text of the question.
    pub ask: &'static str,
    /// The instruction in the section if there is no answer.
    pub template: &'static str,
    /// The prefix of each line of the answer.
    prefix: &'static str,
}

/// The questions, in the order of the document.
pub const QUESTIONS: [Question; 7] = [
    Question {
        section: "Vision",
        ask: "What will be better, and for whom?",
        template: "One or two sentences: what will be better, for whom, and why now.",
        prefix: "",
    },
    Question {
        section: "User stories",
        ask: "User stories, one per line (As a … I want … so that …)",
        template: "US-1: As a … I want … so that …",
        prefix: "US-",
    },
    Question {
        section: "Functional requirements",
        ask: "What it has to do, one requirement per line",
        template: "FR-1: what it does, in a form that can be checked",
        prefix: "FR-",
    },
    Question {
        section: "Success criteria",
        ask: "How success is measured, one criterion per line",
        template: "A number, or something that can be observed",
        prefix: "-",
    },
    Question {
        section: "Constraints",
        ask: "Constraints (platform, budget, legal), one per line",
        template: "A constraint, such as a platform, a budget or a legal requirement",
        prefix: "-",
    },
    Question {
        section: "Assumptions",
        ask: "Assumptions, one per line",
        template: "What is assumed without proof",
        prefix: "-",
    },
    Question {
        section: "Risks",
        ask: "What could go wrong, one risk per line",
        template: "What could go wrong, and what you would do then",
        prefix: "-",
    },
];

/// The text of a PRD: a title and an answer to each of [`QUESTIONS`], in order. A section without
/// an answer has the instruction.
pub fn compose(title: &str, answers: &[String]) -> String {
    let title = one_line(title.trim());
    let quoted = title.replace('\\', "\\\\").replace('"', "\\\"");
    let mut out = format!("---\ntitle: \"{quoted}\"\ntype: prd\nstatus: draft\n---\n\n# {title}\n");
    for (n, question) in QUESTIONS.iter().enumerate() {
        out.push_str(&format!("\n## {}\n\n", question.section));
        let given = answers.get(n).map_or("", |answer| answer.trim());
        if given.is_empty() {
            // The document reader does not treat a comment as content.
            out.push_str(&format!("<!-- {} -->\n", question.template));
        }
        for (n, line) in given
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .enumerate()
        {
            out.push_str(&written(question, n + 1, line));
        }
    }
    out
}

/// A line of an answer: a list entry if its section is a list; a requirement without an id gets
/// one.
fn written(question: &Question, number: usize, line: &str) -> String {
    match question.prefix {
        "" => format!("{line}\n"),
        "-" => format!("- {}\n", line.trim_start_matches(['-', '*', ' '])),
        prefix => {
            let line = line.trim_start_matches(['-', '*', ' ']);
            match line.starts_with(prefix) {
                true => format!("- {line}\n"),
                false => format!("- {prefix}{number}: {line}\n"),
            }
        }
    }
}

impl Plans<'_> {
    /// Creates a PRD from a title and answers to [`QUESTIONS`]; without answers it is a template.
    ///
    /// # Errors
    /// If there is no title, or the text is too large.
    pub fn new_prd(&self, title: &str, answers: &[String]) -> Result<ItemView> {
        let title = check_title(title)?;
        let text = compose(&title, answers);
        check_body(&text)?;
        Reading::of(text.as_bytes(), "the new document")
            .map_err(|error| Error::usage(error.message().to_string()))?;
        self.pm.write("prd new").view(|tx| {
            let born = id::sequential(ItemKind::Prd, tx.state.next_number(ItemKind::Prd));
            let birth = tx.fresh_stamp();
            let mut doc = Doc::new(tx.new_uid()?, ItemKind::Prd.as_str(), &born, birth);
            doc.put("title", title.as_str());
            doc.put("status", "open");
            doc.put("priority", 2);
            doc.put("created_at", rfc3339(tx.clock().wall_ms()));
            doc.put("created_by", tx.actor());
            doc.put_body(&text);
            let uid = doc.uid.clone();
            tx.insert(doc)?;
            tx.describe("prd new", &[&born], &format!("{born}: {title}"));
            Ok(uid)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::document::Document;
    use crate::plan::draft::{Verdicts, contents};

    /// PL-32 and PL-33: vision, stories, success criteria and constraints, as Markdown with front
    /// matter, which the reader of documents understands.
    #[test]
    fn pl_33_answers_become_a_document_that_reads_back() {
        let answers: Vec<String> = [
            "People log in once.",
            "As a user I want to log in so that I see my data",
            "Log in with a key\nFR-2: Log out",
            "- 9 of 10 people need one try",
            "",
        ]
        .map(String::from)
        .to_vec();
        let text = compose("Log in: \"once\"", &answers);
        let document = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(document.title, "Log in: \"once\"");
        let says = contents(&Verdicts::of(document));
        let ids: Vec<Option<&str>> = says
            .requirements
            .iter()
            .map(|r| r.statement.id.as_deref())
            .collect();
        assert_eq!(ids, [Some("FR-1"), Some("FR-2")]);
        assert_eq!(says.stories.len(), 1);
        assert_eq!(says.vision.unwrap().text, "People log in once.");
        assert!(
            says.constraints.is_empty(),
            "there are constraints without an answer"
        );
    }
}
