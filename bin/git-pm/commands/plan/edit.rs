//! `git pm plan edit`: a plan as one text in the editor.

use git_pm::plans::{Problem, Source, WriteOptions, with_problems};

use crate::context::Context;
use crate::failure::Outcome;
use crate::{editor, render};

/// Opens the editor until the text can be read, or the user gives up.
pub fn edit(context: &Context, prd: Option<&str>) -> Outcome {
    let plans = context.pm()?.plans();
    let source = plans.document_of(prd)?;
    let text = plans.text(prd)?.text;
    let id = match &source {
        Source::Prd(id) => id.as_str(),
        _ => "",
    };
    let report = editor::apply_edited(
        context,
        ["plan-edit", id],
        &text,
        |edited| plans.write(&source, edited, &WriteOptions::default()),
        |edited, error| {
            let mut problems = plans.problems(prd, edited)?;
            if problems.is_empty() {
                let hints: Vec<String> = error.hints().iter().map(ToString::to_string).collect();
                problems.push(Problem {
                    line: 0,
                    message: error.message().to_string(),
                    hint: hints.join("; "),
                });
            }
            Ok(with_problems(edited, &problems))
        },
    )?;
    context.answer(&report, render::plan_report::report)
}
