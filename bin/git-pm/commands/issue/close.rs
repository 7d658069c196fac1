//! `git pm issue close`, and what comes after it.

use git_pm::pm::shared_views::ItemView;
use git_pm::work::issue::close::CloseOptions;
use serde::Serialize;

use super::answer::Answer;
use crate::arguments::stdin::ids;
use crate::failure::Outcome;
use crate::render;
use crate::render::style::Label;

/// Close issues
///
/// All of them in one commit. What has open children, waits for something open, is pinned or held by
/// somebody else is closed with `--force` only; children may be closed together with their parent.
/// What is closed already is named and left out.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue close pm-a3f8 --reason fixed
  git pm issue close pm-a3f8.1 --continue       and claim the next step beside it
  git pm issue close pm-a3f8 --suggest-next     and list what may begin now")]
pub struct CloseArgs {
    /// The issues' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Why, or what came of it.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
    /// Even with open children, while it waits for something, or while somebody else holds it, who is
    /// told.
    #[arg(short, long)]
    pub force: bool,
    /// Claims the next ready part of the same whole, else what waited for it.
    #[arg(long = "continue", conflicts_with = "claim_next")]
    pub go_on: bool,
    /// Claims the best ready item.
    #[arg(long)]
    pub claim_next: bool,
    /// Lists what can begin now that they are closed.
    #[arg(long)]
    pub suggest_next: bool,
}

/// What closing and going on did.
#[derive(Serialize)]
struct Closed<'a> {
    closed: &'a [ItemView],
    #[serde(skip_serializing_if = "Option::is_none")]
    unblocked: Option<Vec<ItemView>>,
    claimed: Option<ItemView>,
    /// Why nothing was claimed although that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_claimed: Option<String>,
}

/// Closes issues.
///
/// # Errors
/// When one of them cannot be closed. What goes on afterwards is no reason to fail: it is said.
pub fn run(answer: &Answer<'_>, args: &CloseArgs) -> Outcome {
    let pm = answer.context.pm()?;
    let options = CloseOptions {
        reason: args.reason.clone(),
        force: args.force,
    };
    let closed = pm.issues().close(&ids(&args.ids)?, &options)?;
    if !(args.go_on || args.claim_next || args.suggest_next) {
        return answer.said("Closed", &closed);
    }
    let mut unblocked = None;
    if args.suggest_next {
        unblocked = Some(pm.issues().unblocked_by(&closed)?);
    }
    let mut not_claimed = None;
    let mut claimed = None;
    if args.claim_next || args.go_on {
        answer.context.ask_first_push(false)?;
        let started = match (args.go_on, closed.last()) {
            (true, Some(last)) => match pm.issues().continuation(last)? {
                Some(next) => pm.issues().claim(&next.uid).map(Some),
                None => Ok(None),
            },
            _ => pm.issues().claim_next().map(Some),
        };
        match started {
            Ok(Some(started)) => claimed = Some(started.item),
            Ok(None) => not_claimed = Some("no next step is ready".into()),
            Err(error) => not_claimed = Some(error.message().to_string()),
        }
    }
    let all = Closed {
        closed: &closed,
        unblocked,
        claimed,
        not_claimed,
    };
    if answer.is_beads() {
        return answer.many(&closed, |_, _| {});
    }
    answer.context.answer(&all, |page, all| {
        for item in all.closed {
            render::item::said(page, "Closed", item);
        }
        if let Some(unblocked) = &all.unblocked {
            let none = "Nothing was waiting for that alone.";
            render::item::list(page, unblocked, none);
        }
        if let Some(item) = &all.claimed {
            render::item::said(page, "Claimed", item);
        }
        if let Some(why) = &all.not_claimed {
            page.put(Label::Dim, &format!("Nothing was claimed: {why}"))
                .end();
        }
    })
}
