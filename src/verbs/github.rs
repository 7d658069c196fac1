//! The verbs on the repository at GitHub that the project is mirrored to.

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::verb;
use super::{Effect, Verb};
use crate::forge::{
    ForgeLink, ForgeReport, ForgeStatus, LinkRequest, PullComment, PullRequest, PullRequestView,
    Side, SyncRequest,
};
use crate::pm::arguments::{term, term_schema};
use crate::pm::shared_views::ItemView;

verb!(LinkRequest: ForgeLink, Approves {
    run |self, pm| pm.forges().link(self),
});

/// Show the link, the mirrored items and their conflicts
///
/// Asks nobody: it shows what this clone knows.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct GithubStatus {}

verb!(GithubStatus: ForgeStatus, Reads {
    run |self, pm| pm.forges().status(),
});

verb!(SyncRequest: ForgeReport, Reaches {
    run |self, pm| pm.forges().sync(self),
    // A first export is for a human who has seen what it would do.
    only typed ["yes"],
});

/// Read what changed at GitHub, and make items of its issues
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct GithubPull {
    /// Show what would be done.
    #[arg(long)]
    #[serde(default)]
    pub dry_run: bool,
}

verb!(GithubPull: ForgeReport, Reaches {
    run |self, pm| pm.forges().pull(&SyncRequest {
        dry_run: self.dry_run,
        ..SyncRequest::default()
    }),
});

/// Decide what both sides changed
#[derive(Clone, Debug, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm github resolve T-0001 ours
  git pm github resolve T-0001 theirs --field title")]
pub struct GithubResolve {
    /// Item ID.
    pub id: String,
    /// Whose value counts.
    #[arg(value_parser = term::<Side>())]
    #[schemars(schema_with = "term_schema::<Side>")]
    pub side: Side,
    /// One field; all by default.
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
}

verb!(GithubResolve: ItemView, Writes {
    run |self, pm| pm.forges().resolve(&self.id, self.side, self.field.as_deref()),
});

verb!(PullRequest: PullRequestView, Reaches {
    run |self, pm| pm.forges().pull_request(self),
    // A first pull request in public is for a human who has seen what it says.
    only typed ["yes"],
});

/// Write how the work of an item stands as a comment on its pull request
///
/// Checks, criteria, risk and findings, in place of the comment written before.
#[derive(Clone, Debug, Deserialize, JsonSchema, clap::Args)]
pub struct GithubComment {
    /// Item ID.
    pub id: String,
}

verb!(GithubComment: PullComment, Reaches {
    run |self, pm| pm.forges().comment(&self.id),
});
