//! `git pm plan edit`: a plan as one text in the editor.

use git_pm::plans::{Problem, with_problems};

use crate::context::Context;
use crate::failure::Outcome;
use crate::{editor, render};

/// The file that keeps a text that was not applied.
const KEPT: &str = "plan-edit.md";

/// Opens the editor until the text can be read, or the user gives up.
pub fn edit(context: &Context, prd: Option<&str>) -> Outcome {
    let pm = context.pm()?;
    let before = pm.plans().text(prd)?;
    let mut text = before.text.clone();
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
        let problems = match before.read(&edited) {
            Ok(changes) if changes.is_empty() => {
                return Err(git_pm::Error::refused("nothing was changed").into());
            }
            Ok(changes) => match pm.plans().change(prd, &changes) {
                Ok(plan) => return context.answer(&plan, render::plan::plan),
                Err(error) if context.env.interactive => vec![Problem {
                    line: 1,
                    message: error.message().to_string(),
                    hint: error
                        .hints()
                        .iter()
                        .map(ToString::to_string)
                        .collect::<Vec<_>>()
                        .join("; "),
                }],
                Err(error) => return Err(editor::keep(context, KEPT, &edited, error)),
            },
            Err(problems) => problems,
        };
        if !context.env.interactive {
            let mut error = git_pm::Error::usage("the plan could not be read");
            for problem in problems.iter().take(10) {
                error = error.hint(format!("line {}: {}", problem.line, problem.message));
            }
            return Err(editor::keep(context, KEPT, &edited, error));
        }
        text = with_problems(&edited, &problems);
        written = Some(edited);
    }
}
