//! A turn of the architect: the plan is revised, and each finding gets an answer.

use super::answers::{Revised, revised};
use super::{ARCHITECT, Cost, Debate, OP, prompt};
use crate::agent::definition::Output;
use crate::coordinate::finding::record::{
    ANSWERED, Entry, FAILED, Reply, Review, record, write_entry,
};
use crate::error::{Error, Kind, Result};
use crate::model::text::excerpt;
use crate::model::value::Value;
use crate::plan::Source;
use crate::plan::debated::debated;
use crate::plan::write::{WriteOptions, header};
use crate::pm::Pm;
use crate::review::panel::{Ask, Asked, choose};
use crate::secret;
use crate::store::beneath;

/// The number of texts that the architect may write in a turn until one can be read.
const TEXTS: u32 = 2;

impl Debate<'_> {
    /// Asks the architect about what is open; false if it has no answer that can be used.
    pub(super) fn revise(&self, own: &dyn Fn() -> Result<Pm>, ask: &mut Ask<'_>) -> Result<bool> {
        let agent = choose::answering(self.pm, ARCHITECT, Output::Plan)?;
        let plan = &self.now.plan;
        let files = self.files(None)?;
        let mut cost = Cost::default();
        let mut problem: Option<String> = None;
        for text in 0..TEXTS {
            let told_of = prompt::architect(&agent, problem.as_deref());
            let asked = Asked {
                answer_file: Some(prompt::PLAN),
                ..self.question(
                    ARCHITECT,
                    self.now.rounds.done,
                    told_of,
                    &files,
                    &text.to_string(),
                )
            };
            let told = ask(std::slice::from_ref(&asked))?.into_iter().next();
            let told = told.ok_or_else(|| Error::state("the architect was not asked"))?;
            cost.add(&told);
            let answer = told.words.and_then(|words| revised(&words, told.file));
            let said = match answer {
                Ok(said) => self
                    .written(own, said.text.as_deref())?
                    .map(|how| (how, said)),
                Err(why) => Err((false, why)),
            };
            match said {
                Ok((how, said)) => return self.answered(how, &said, &cost).map(|()| true),
                Err((is_about_text, why)) => {
                    let _ = beneath::remove(&asked.kept);
                    problem = Some(why);
                    if !is_about_text {
                        break;
                    }
                }
            }
        }
        let why = problem.unwrap_or_default();
        let mut fields = self.entry(FAILED, plan, &cost);
        fields.extend([
            ("role", Value::from(ARCHITECT)),
            ("answers", Value::from(i64::from(self.now.rounds.done))),
            ("changed", excerpt(&why, 1_000).into()),
        ]);
        write_entry(self.pm, OP, &plan.prd, &Entry { fields })?;
        Ok(false)
    }

    /// Writes the architect's text as the plan, and says what that changed. What is wrong with it comes
    /// with whether another text can be better.
    fn written(
        &self,
        own: &dyn Fn() -> Result<Pm>,
        text: Option<&str>,
    ) -> Result<std::result::Result<String, (bool, String)>> {
        let plan = &self.now.plan;
        let same = |text: &&str| text.trim() != plan.text.trim();
        let Some(text) = text.filter(same) else {
            return Ok(Ok("nothing".into()));
        };
        let header = header(&plan.document, Some(&plan.version));
        let options = WriteOptions {
            keeps_statements: true,
            ..WriteOptions::default()
        };
        let text = format!("{}\n\n{header}", text.trim_end());
        let source = Source::Prd(plan.prd.uid.to_string());
        match own()?.plans().write(&source, &text, &options) {
            Ok(report) => Ok(Ok(report.written.said())),
            Err(error) if [Kind::Usage, Kind::Conflict].contains(&error.kind()) => {
                let hints = error.hints().iter().map(ToString::to_string);
                let all = std::iter::once(error.message().to_owned()).chain(hints);
                let all: Vec<String> = all.map(|text| secret::redacted(&text).0).collect();
                Ok(Err((error.kind() == Kind::Usage, all.join("\n"))))
            }
            Err(error) => Err(error),
        }
    }

    /// Records the architect's replies.
    fn answered(&self, changed: String, said: &Revised, cost: &Cost) -> Result<()> {
        let plan = &self.now.plan;
        let now = debated(self.pm, Some(plan.prd.uid.as_str()))?;
        let replies = self.now.open().into_iter().filter_map(|one| {
            let (changed, reason) = said.replies.get(&one.id().to_ascii_lowercase())?;
            Some(Reply {
                about: one.uid.clone(),
                changed: *changed,
                reason: reason.clone(),
                role: ARCHITECT,
            })
        });
        let review = Review {
            replies: replies.collect(),
            ..Review::new(OP, &plan.prd, self.commit.clone())
        };
        let mut fields = self.entry(ANSWERED, &now, cost);
        fields.extend([
            ("role", Value::from(ARCHITECT)),
            ("answers", Value::from(i64::from(self.now.rounds.done))),
            ("changed", changed.into()),
        ]);
        record(self.pm, &review, Some(&Entry { fields })).map(drop)
    }
}
