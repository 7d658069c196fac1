//! `git pm plan edit`: a plan as one text in the editor.

use git_pm::plans::{Problem, WriteOptions, with_problems};

use crate::context::Context;
use crate::failure::Outcome;
use crate::{editor, render};

/// The file that keeps a text that was not applied.
const KEPT: &str = "plan-edit.md";

/// Opens the editor until the text can be read, or the user gives up.
pub fn edit(context: &Context, prd: Option<&str>) -> Outcome {
    let plans = context.pm()?.plans();
    let source = plans.document_of(prd)?;
    let mut text = plans.text(prd)?.text;
    // The user's last text that could not be read; it is saved if an error ends the command.
    let mut written: Option<String> = None;
    loop {
        let edited = match (editor::edited(context, &text), &written) {
            (Ok(edited), _) => edited,
            (Err(error), Some(written)) => return Err(editor::keep(context, KEPT, written, error)),
            (Err(error), None) => return Err(error.into()),
        };
        if edited.trim().is_empty() || edited == text {
            let nothing = git_pm::Error::refused("nothing was changed");
            return Err(match &written {
                Some(written) => editor::keep(context, KEPT, written, nothing),
                None => nothing.into(),
            });
        }
        let error = match plans.write(&source, &edited, &WriteOptions::default()) {
            Ok(report) => return context.answer(&report, render::plan_report::report),
            Err(error) => error,
        };
        if !context.env.interactive {
            return Err(editor::keep(context, KEPT, &edited, error));
        }
        let mut problems = plans.problems(prd, &edited)?;
        if problems.is_empty() {
            let hints: Vec<String> = error.hints().iter().map(ToString::to_string).collect();
            problems.push(Problem {
                line: 0,
                message: error.message().to_string(),
                hint: hints.join("; "),
            });
        }
        text = with_problems(&edited, &problems);
        written = Some(edited);
    }
}
