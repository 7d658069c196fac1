//! `git pm finish` and `git pm task finish`.

use git_pm::Result;
use git_pm::verbs::work::Finish;

use crate::commands::learn;
use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stderr;
use crate::render;

/// Finishes a task.
pub fn run(context: &Context, mut request: Finish) -> Outcome {
    let options = &mut request.options;
    options.accept_all =
        !options.force && request.accept.is_empty() && accepts_all(context, request.id.as_deref())?;
    if request.options.merge && context.asks() {
        let pm = context.pm()?;
        let id = match &request.id {
            Some(id) => Some(id.clone()),
            None => pm.tasks().here()?,
        };
        if let Some(id) = id {
            context.ask_target_push(&id, None)?;
        }
    }
    let finished = context.leaving(|| context.verb(request))?;
    context.answer(&finished, |page, finished| {
        let onward = |id: &str| context.pm()?.tasks().onward(id);
        render::workflow::finished(page, finished, &onward, &|id| learn::teaches(context, id));
    })
}

/// True if the user at the terminal confirms that all open criteria are met. Without a terminal,
/// the library's error names `git pm task accept`.
fn accepts_all(context: &Context, id: Option<&str>) -> Result<bool> {
    if !context.asks() {
        return Ok(false);
    }
    let pm = context.pm()?;
    let here = match id {
        Some(id) => Some(pm.tasks().meant(id)?.uid.to_string()),
        None => pm.tasks().here()?,
    };
    let Some(id) = here else { return Ok(false) };
    let item = pm.tasks().show(&id)?;
    if render::next_steps::open_criterion(&item).is_none() {
        return Ok(false);
    }
    let mut page = context.page();
    render::item::acceptance(&mut page, &item);
    stderr::page(&page.finish());
    Ok(context.confirm("Are all of these met?"))
}
