//! `close`, `reopen` and `delete`, of one item or of many.

use crate::arguments::item::{CloseArgs, DeleteArgs, ReopenArgs};
use crate::arguments::stdin::ids;
use crate::context::Context;
use crate::failure::Outcome;

use super::summaries;

/// Closes items.
///
/// # Errors
/// When one of them cannot be closed.
pub fn close(context: &Context, args: &CloseArgs) -> Outcome {
    let items = context
        .pm()?
        .issues()
        .close(&ids(&args.ids)?, &args.options())?;
    summaries(context, "Closed", &items)
}

/// Reopens items.
///
/// # Errors
/// When one of them is not closed.
pub fn reopen(context: &Context, args: &ReopenArgs) -> Outcome {
    let reason = args.reason.as_deref();
    let items = context.pm()?.issues().reopen(&ids(&args.ids)?, reason)?;
    summaries(context, "Reopened", &items)
}

/// Deletes items.
///
/// # Errors
/// When one of them is needed by others.
pub fn delete(context: &Context, args: &DeleteArgs) -> Outcome {
    let items = context
        .pm()?
        .issues()
        .delete(&ids(&args.ids)?, &args.options())?;
    summaries(context, "Deleted", &items)
}
