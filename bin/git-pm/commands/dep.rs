//! `git pm dep`: dependencies between items.

use git_pm::verbs::dep::{Add, ListOf, Rm};

use crate::commands::item;
use crate::render;

group! {
    /// Add, remove and list dependencies
    #[command(defer = true, disable_help_subcommand = true)]
    DepCommand, run(context):
    Add(request: Add) => item::add_dependency(context, request),
    Rm(request: Rm) => item::remove_dependency(context, request),
    List(args: ListOf) => context.shown(args, render::dependencies::dependencies),
}
