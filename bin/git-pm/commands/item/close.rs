//! `close`, `reopen` and `delete`, of one item or of many.

use crate::arguments::item::{CloseArgs, DeleteArgs, ReopenArgs};
use crate::arguments::stdin::ids;
use crate::context::Context;
use crate::failure::Outcome;

use super::summaries;

/// Closes items.
pub fn close(context: &Context, args: &CloseArgs) -> Outcome {
    let items = context
        .pm()?
        .issues()
        .close(&ids(&args.ids)?, &args.options())?;
    summaries(context, "Closed", &items)
}

/// Reopens items.
pub fn reopen(context: &Context, args: &ReopenArgs) -> Outcome {
    let reason = args.reason.as_deref();
    let items = context.pm()?.issues().reopen(&ids(&args.ids)?, reason)?;
    summaries(context, "Reopened", &items)
}

/// Deletes items.
pub fn delete(context: &Context, args: &DeleteArgs) -> Outcome {
    let items = context
        .pm()?
        .issues()
        .delete(&ids(&args.ids)?, &args.options())?;
    summaries(context, "Deleted", &items)
}
