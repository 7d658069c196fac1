//! `git pm issue close`, and the choice of the next issue.

use git_pm::items::ItemView;
use serde::Serialize;

use crate::arguments::item;
use crate::arguments::stdin::ids;
use crate::commands::item::close_options;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Close issues
///
/// Closes all of them in one commit. Issues that have open children, wait for open items, are
/// pinned or are held by another actor require `--force`; children can be closed together with
/// their parent. Issues that are already closed are reported and skipped.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue close pm-a3f8 --reason fixed
  git pm issue close pm-a3f8.1 --continue       and claim its next sibling
  git pm issue close pm-a3f8 --suggest-next     and list what is unblocked")]
#[group(skip)]
pub struct CloseArgs {
    #[command(flatten)]
    pub close: item::CloseArgs,
    /// Claim the next ready sibling, or else a newly unblocked issue.
    #[arg(long = "continue", conflicts_with = "claim_next")]
    pub go_on: bool,
    /// Claim the best ready item.
    #[arg(long)]
    pub claim_next: bool,
    /// List the newly unblocked items.
    #[arg(long)]
    pub suggest_next: bool,
}

/// The closed issues and the result of the follow-up.
#[derive(Serialize, schemars::JsonSchema)]
pub struct Closed<'a> {
    closed: &'a [ItemView],
    #[serde(skip_serializing_if = "Option::is_none")]
    unblocked: Option<Vec<ItemView>>,
    claimed: Option<ItemView>,
    /// The reason if nothing was claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_claimed: Option<String>,
}

/// Closes issues.
pub fn run(context: &Context, args: &CloseArgs) -> Outcome {
    let pm = context.pm()?;
    let close = &args.close;
    let closed = pm
        .issues()
        .close(&ids(&close.ids)?, &close_options(close))?;
    if !(args.go_on || args.claim_next || args.suggest_next) {
        return context.summaries("Closed", &closed);
    }
    let unblocked = match args.suggest_next {
        true => Some(pm.issues().unblocked_by(&closed)?),
        false => None,
    };
    let mut not_claimed = None;
    let mut claimed = None;
    if args.claim_next || args.go_on {
        context.ask_first_push(false)?;
        let started = match (args.go_on, closed.last()) {
            (true, Some(last)) => match pm.issues().continuation(last)? {
                Some(next) => pm.issues().claim(next.uid.as_str()).map(Some),
                None => Ok(None),
            },
            _ => pm.issues().claim_next().map(Some),
        };
        match started {
            Ok(Some(started)) => claimed = Some(started.item),
            Ok(None) => not_claimed = Some("no other issue is ready".into()),
            Err(error) => not_claimed = Some(error.message().to_string()),
        }
    }
    let all = Closed {
        closed: &closed,
        unblocked,
        claimed,
        not_claimed,
    };
    if context.beads.get() {
        return context.items(&closed, |_, _| {});
    }
    context.answer(&all, |page, all| {
        for item in all.closed {
            render::item::summary(page, "Closed", item);
        }
        if let Some(unblocked) = &all.unblocked {
            render::item::list(page, unblocked, "Nothing was unblocked.");
        }
        if let Some(item) = &all.claimed {
            render::item::summary(page, "Claimed", item);
        }
        if let Some(why) = &all.not_claimed {
            page.dim(format!("Nothing was claimed: {why}"));
        }
    })
}
