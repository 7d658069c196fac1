//! The table of verbs: a line for each.

use super::keys::Keys;
use super::{Declaration, Effect, Verb, dep, issue, item, status};
use crate::model::id::ItemKind;
use Effect::{Approves, Removes, Sends, Writes};

/// A line: the words of the command, the request, what it does to the state, and the result in the
/// summary of a batch; where a request serves several commands, what sets this one apart.
macro_rules! verbs {
    ($($name:literal: $request:ty, $effect:ident, $done:literal
       $(, $about:literal)? $(, |$made:ident| $set:expr)?;)*) => {
        /// All verbs.
        pub static VERBS: [Declaration; [$($name),*].len()] = [$(Declaration {
            name: $name,
            done: $done,
            effect: $effect,
            about: [$($about)?].as_slice(),
            keys: Keys::of(|generator| generator.root_schema_for::<$request>()),
            read: |fields| {
                let request: $request = serde_json::from_value(fields.into())?;
                $(let request = {
                    let mut $made = request;
                    $set;
                    $made
                };)?
                Ok(Box::new(request))
            },
            arguments: <$request as clap::Args>::augment_args,
            only_typed: <$request as Verb>::ONLY_TYPED,
            request: |generator| generator.subschema_for::<$request>(),
            answer: |generator| generator.subschema_for::<<$request as Verb>::Answer>(),
        },)*];
    };
}

verbs! {
    "task create": item::Create, Writes, "created";
    "epic create": item::Create, Writes, "created", "Create an epic", |new| new.kind = ItemKind::Epic;
    "prd create": item::Create, Writes, "created", "Create a requirements document", |new| new.kind = ItemKind::Prd;
    "task edit": item::Edit, Writes, "changed";
    "epic edit": item::Edit, Writes, "changed";
    "prd edit": item::Edit, Writes, "changed";
    "issue edit": item::Edit, Writes, "changed";
    "task comment": item::Comment, Writes, "commented on";
    "epic comment": item::Comment, Writes, "commented on";
    "prd comment": item::Comment, Writes, "commented on";
    "issue comment": item::Comment, Writes, "commented on";
    "task accept": item::Accept, Writes, "accepted";
    "task approve": item::Approve, Approves, "approved";
    "task return": item::Return, Sends, "returned";
    "task done": status::Done, Writes, "done";
    "task cancel": status::Cancel, Removes, "cancelled";
    "task defer": status::Defer, Writes, "deferred";
    "task undefer": status::Undefer, Writes, "no longer deferred";
    "task block": status::Block, Writes, "blocked";
    "task unblock": status::Unblock, Writes, "unblocked";
    "task reassign": status::Reassign, Sends, "reassigned";
    "task reopen": status::Reopen, Writes, "reopened";
    "epic reopen": status::Reopen, Writes, "reopened";
    "prd reopen": status::Reopen, Writes, "reopened";
    "issue reopen": status::Reopen, Writes, "reopened";
    "epic close": status::Close, Writes, "closed";
    "prd close": status::Close, Writes, "closed";
    "task delete": status::Delete, Removes, "deleted";
    "epic delete": status::Delete, Removes, "deleted";
    "prd delete": status::Delete, Removes, "deleted";
    "issue delete": status::Delete, Removes, "deleted";
    "issue create": issue::Create, Writes, "created";
    "issue update": issue::UpdateIssues, Writes, "changed";
    "issue close": issue::Close, Writes, "closed";
    "issue defer": issue::Defer, Writes, "deferred";
    "issue undefer": issue::Undefer, Writes, "no longer deferred";
    "dep add": dep::Add, Writes, "linked";
    "dep rm": dep::Rm, Removes, "unlinked";
}
