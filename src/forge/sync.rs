//! One exchange with a forge: read what changed there, write it here, send what changed here.
//!
//! Every step can be repeated: a kill, a limit or a lost answer leaves only work for the next exchange.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::change_item::Known;
use super::link::{self, ForgeLink};
use super::local_files::{self, Read};
use super::mirror::Mirror;
use super::report::ForgeReport;
use super::{Linked, Need, comments, create, incoming, outgoing};
use crate::coordinate::gate::forge_rule::Direction;
use crate::error::{Hint, Result};
use crate::model::doc::Doc;
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Forges;
use crate::pm::who_acts::require_human;

/// Exchange items and issues with GitHub, both ways
///
/// Titles, texts, states, labels, assignees, milestones, types, parents, dependencies and comments. What one
/// side changed goes to the other; what both changed is a conflict, which is shown and left as it is on both
/// sides. Before anything is sent for the first time, before more is sent than was agreed to, and once more people
/// can read the repository, a human has to see what it would be and repeat the command with `--yes`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm github sync --dry-run
  git pm github sync --yes
  git pm github sync E-001      make issues of this epic and its parts only")]
#[serde(default)]
pub struct SyncRequest {
    /// Items to make issues of, with their parts; all by default.
    #[arg(value_name = "ID")]
    pub id: Vec<String>,
    /// Show what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Make issues of items, having seen what `--dry-run` shows.
    #[arg(long)]
    #[serde(skip)]
    pub yes: bool,
    /// Make issues of closed items too.
    #[arg(long)]
    pub all: bool,
}

/// One exchange.
pub(super) struct Session<'s> {
    repository: Linked<'s>,
    pub(super) key: String,
    /// The login of the caller.
    pub(super) login: Option<String>,
    pub(super) known: Known,
    pub(super) read: Read,
    pub(super) dry_run: bool,
    /// What changed there is written here.
    pub(super) is_taken: bool,
    /// It is an import: marks do not count, as the issues belong to no project.
    pub(super) imports: bool,
    /// The numbers of new issues whose labels name a priority, and of issues whose milestones are due.
    pub(super) noted: [usize; 2],
    /// What strangers ask for waits for nobody: a human has asked for it.
    pub(super) lets_in: bool,
    pub(super) report: ForgeReport,
    /// The items that the report counts.
    pub(super) counted: BTreeSet<Uid>,
}

impl<'s> Deref for Session<'s> {
    type Target = Linked<'s>;

    fn deref(&self) -> &Linked<'s> {
        &self.repository
    }
}

impl Forges<'_> {
    /// Exchanges both ways, as far as `[github]` of `.pm.toml` allows.
    ///
    /// # Errors
    /// When there is no confirmed link, GitHub cannot be reached or refuses. What was done until then is kept.
    pub fn sync(&self, request: &SyncRequest) -> Result<ForgeReport> {
        self.exchange(request, Direction::Both)
    }

    /// Exchanges from GitHub into the state only.
    ///
    /// # Errors
    /// As [`Forges::sync`].
    pub fn pull(&self, request: &SyncRequest) -> Result<ForgeReport> {
        self.exchange(request, Direction::Pull)
    }

    fn exchange(&self, request: &SyncRequest, direction: Direction) -> Result<ForgeReport> {
        let link = link::confirmed(self.pm)?;
        let mut session = Session::open(self.pm, link, request.dry_run)?;
        let done = session.run(request, direction);
        session.close(done, true)
    }
}

impl<'s> Session<'s> {
    /// Begins an exchange with a repository.
    ///
    /// # Errors
    /// When it cannot be reached, is not the linked one, or another process exchanges.
    pub(super) fn open(pm: &'s Pm, link: ForgeLink, dry_run: bool) -> Result<Session<'s>> {
        let repository = Linked::connect(pm, link, Need::Issues, Duration::ZERO, !dry_run)?;
        let forge = &repository.forge;
        let known = Known {
            types: forge.issue_types(&repository.found)?,
            rule: link::rule(pm)?,
            ..Known::default()
        };
        Ok(Session {
            login: forge.login()?,
            key: repository.link.key(),
            report: ForgeReport {
                repository: repository.link.shown(),
                dry_run,
                public: repository.found.is_public,
                ..ForgeReport::default()
            },
            repository,
            known,
            read: local_files::read(pm),
            dry_run,
            is_taken: false,
            imports: false,
            noted: [0; 2],
            lets_in: false,
            counted: BTreeSet::new(),
        })
    }

    /// Ends it: looks at pull requests if that is wanted, reports what was done, and sends it to the other
    /// clones.
    pub(super) fn close(self, done: Result<()>, follows: bool) -> Result<ForgeReport> {
        done?;
        let mut report = self.report;
        if follows && !self.dry_run {
            self.repository.follow_all(&mut report)?;
        }
        (report.requests, report.remaining) = self.repository.forge.used();
        self.repository.share(self.dry_run);
        Ok(report)
    }
}

impl Session<'_> {
    fn run(&mut self, request: &SyncRequest, direction: Direction) -> Result<()> {
        self.learn()?;
        let allowed = self.known.rule.direction;
        let goes = |way| allowed == Direction::Both || allowed == way;
        self.is_taken = goes(Direction::Pull);
        if self.is_taken && !self.read.is_taken {
            // What was passed by while nothing was taken is read again.
            self.read.issues = None;
            self.read.issues_tag = None;
            self.read.comments = None;
            self.read.comments_tag = None;
        }
        self.read.is_taken = self.is_taken;
        incoming::pull(self)?;
        self.keep_read()?;
        if self.known.rule.comments {
            comments::pull(self)?;
            self.keep_read()?;
        }
        if direction == Direction::Both && goes(Direction::Push) {
            self.push(request)?;
        }
        self.read.at = Some(rfc3339(self.pm.now_ms()));
        self.keep_read()
    }

    /// Keeps up to where was read: what comes after can fail, and be repeated without it.
    pub(super) fn keep_read(&self) -> Result<()> {
        match self.dry_run {
            true => Ok(()),
            false => local_files::write(self.pm, &self.read),
        }
    }

    fn push(&mut self, request: &SyncRequest) -> Result<()> {
        let changes = outgoing::changed(self)?;
        let wanted = create::candidates(self, request)?;
        let comments = match self.known.rule.comments {
            true => comments::unsent(self, &wanted)?,
            false => Vec::new(),
        };
        // Nobody has seen yet what leaves this project, or who can read it now.
        let is_opened = self.report.public && self.read.public == Some(false);
        let is_wider = request.id.is_empty() && !wanted.is_empty() && !self.read.all_agreed;
        let is_first = changes.len() + wanted.len() + comments.len() > 0
            && (!self.read.agreed || is_opened || is_wider);
        if self.dry_run || is_first && !request.yes {
            let report = &mut self.report;
            report.needs_yes = !report.dry_run;
            report.dry_run = true;
            report.created_there = wanted.len();
            report.changed_there = changes.len();
            report.comments_there = comments.len();
            return Ok(());
        }
        if is_first {
            require_human(
                &self.pm.actor,
                "making the first issues at GitHub",
                Hint::run(["github", "sync", "--yes"], "a human makes them with this"),
            )?;
        }
        if request.yes {
            self.read.agreed = true;
            self.read.all_agreed |= request.id.is_empty();
        }
        self.read.public = Some(self.report.public);
        self.keep_read()?;
        outgoing::push(self, &changes)?;
        if !wanted.is_empty() {
            create::make(self, &wanted)?;
            // States of closed items, parents and dependencies of what was just made.
            let changes = outgoing::changed(self)?;
            outgoing::push(self, &changes)?;
        }
        if self.known.rule.comments {
            comments::push(self)?;
        }
        Ok(())
    }

    /// Reads which items have issues.
    pub(super) fn learn(&mut self) -> Result<()> {
        let state = self.repository.pm.store.state()?;
        for (uid, _, mirror) in Mirror::all(state.item_docs(), &self.key) {
            self.known.learn_mirror(uid, &mirror);
        }
        for (uid, _, mirror) in Mirror::all(state.comment_docs(), &self.key) {
            let own = mirror.id.map(|id| (id, uid.clone()));
            self.known.comments.extend(own);
        }
        Ok(())
    }

    /// The mirror of a document; an empty one if it has none.
    pub(super) fn mirror(&self, doc: &Doc) -> Mirror {
        Mirror::of(doc, &self.key).unwrap_or_default()
    }

    /// The id to show for an item.
    pub(super) fn name(&self, uid: &Uid) -> Result<String> {
        let state = self.pm.store.state()?;
        let name = state.item(uid).map(|item| state.shown_id(item));
        Ok(name.unwrap_or_else(|| uid.to_string()))
    }

    /// Where an issue is, as texts name it: `github.com/acme/widget#12`.
    pub(super) fn place(&self, number: u64) -> String {
        format!("{}#{number}", self.link.shown())
    }
}
