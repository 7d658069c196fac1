//! Remotes: what a plain fetch and push would do to the state, and whether the remote still has it.

use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::layout::PUBLISHED;
use crate::store::remote_names::Remote;

/// How long the remote may take to say what it has, in seconds.
const LOOK_SECONDS: u64 = 15;

/// What brings a remote's state back.
const RESTORE: &str = "git pm doctor --restore-remote";

impl Pm {
    pub(super) fn check_remotes(&self, report: &mut DoctorReport) -> Result<()> {
        let repo = self.store.repo();
        for remote in repo.remotes() {
            let specs = repo.config_all(&format!("remote.{remote}.fetch"));
            let wanted = format!("+refs/pm/*:refs/pm-remotes/{remote}/*");
            if let Some(bad) = specs.iter().find(|s| overwrites_state(s)) {
                let message = format!(
                    "the fetch refspec `{bad}` of {remote} overwrites local state at every fetch"
                );
                let fix =
                    format!("git config --fixed-value --unset-all remote.{remote}.fetch '{bad}'");
                report.fault("refspecs", message, &fix);
            } else if specs.contains(&wanted) {
                report.ok("refspecs", format!("{remote} fetches the state aside"));
            } else {
                let message = format!("a plain `git fetch {remote}` does not bring the state");
                report.note("refspecs", message, Some("git pm init"));
            }
            let pushes = repo.config_all(&format!("remote.{remote}.push"));
            if let Some(bad) = pushes.iter().find(|s| forces_state(s)) {
                let message = format!(
                    "the push refspec `{bad}` of {remote} can rewind its state at every push"
                );
                let fix =
                    format!("git config --fixed-value --unset-all remote.{remote}.push '{bad}'");
                report.fault("refspecs", message, &fix);
            }
            if repo.config_bool(&format!("remote.{remote}.mirror")) == Some(true) {
                let message = format!("{remote} is a push mirror: a push can delete its state");
                let fix = format!("git config --unset remote.{remote}.mirror");
                report.fault("refspecs", message, &fix);
            }
        }
        match self.main_remote() {
            None => report.note(
                "remote",
                "no remote holds the state: claims are settled in this clone only".into(),
                Some("git remote add origin URL"),
            ),
            Some(remote) => self.check_main_remote(&remote, report)?,
        }
        Ok(())
    }

    /// The remote that confirms: whether it has what it had, and takes what is pushed.
    fn check_main_remote(&self, remote: &Remote, report: &mut DoctorReport) -> Result<()> {
        let repo = self.store.repo();
        let shown = remote.shown();
        if self.is_read_only(remote) {
            let message = format!("{shown} let you push nothing a few minutes ago");
            report.note("remote", message, Some("git pm sync"));
        }
        let known = repo.ref_target(&remote.tracking(repo))?;
        let published = repo.ref_target(PUBLISHED)?;
        if known.is_none() && published.is_some() {
            let message = format!("the last known state of {shown} was pruned here");
            report.note("remote", message, Some("git pm sync"));
        }
        if self.options.offline {
            let message = format!("{shown} confirms claims; it was not asked");
            report.ok("remote", message);
            return Ok(());
        }
        let now = match remote.tip_there(&self.store, LOOK_SECONDS) {
            Ok(now) => now,
            Err(error) => {
                report.note("remote", error.message().to_string(), Some("git remote -v"));
                return Ok(());
            }
        };
        let was = known.or(published);
        match (was, now) {
            (None, None) => {
                let message = format!("{shown} has no state yet");
                report.note("remote", message, Some("git pm sync"));
            }
            (Some(_), None) => {
                let message = format!("{} was deleted at {shown}", remote.state_ref);
                report.fault("remote", message, RESTORE);
            }
            (Some(was), Some(now)) if self.is_rewound(was, now) => {
                let message = format!(
                    "{} at {shown} was rewound: it is at {now}, it was at {was}",
                    remote.state_ref
                );
                report.fault("remote", message, RESTORE);
            }
            _ => report.ok("remote", format!("{shown} confirms claims")),
        }
        Ok(())
    }

    /// Whether a remote that had one commit has one now that lacks it. What is not here cannot be
    /// judged, and is most likely newer.
    pub(crate) fn is_rewound(&self, was: Oid, now: Oid) -> bool {
        let repo = self.store.repo();
        was != now && repo.is_commit(now) && !repo.is_ancestor(was, now).unwrap_or(true)
    }
}

/// Whether a fetch refspec writes onto `refs/pm/`.
fn overwrites_state(refspec: &str) -> bool {
    refspec
        .split_once(':')
        .is_some_and(|(_, to)| to.starts_with("refs/pm/") || to == "refs/*")
}

/// Whether a push refspec writes onto the remote's state past every check.
fn forces_state(refspec: &str) -> bool {
    let Some(forced) = refspec.strip_prefix('+') else {
        return false;
    };
    let to = forced.rsplit(':').next().unwrap_or(forced);
    to.starts_with("refs/pm/") || to == "refs/*"
}
