//! Imports the issues of a repository for good: read as a pull reads them, without a link.
//!
//! The items say which issues they are of, as mirrors do, so a second import merges field by field, and a link to
//! the repository that is made later finds them.

use super::link;
use super::local_files::Read;
use super::sync::Session;
use super::{comments, incoming};
use crate::bridge::project::label_priority;
use crate::bridge::{ImportOptions, ImportReport, Remarked, people};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::issue_name::GITHUB;
use crate::model::text::{excerpt, one_line};
use crate::pm::handles::Forges;

impl Forges<'_> {
    /// Makes items of all issues of a repository (`OWNER/NAME`), open and closed, with their comments and
    /// relations. What changed there since the last import is merged; what changed here stays. What people from
    /// outside asked for is accepted if a human imports it.
    ///
    /// # Errors
    /// When the project is linked to the repository, or it cannot be read.
    pub fn import(&self, repository: &str, options: &ImportOptions) -> Result<ImportReport> {
        let pm = self.pm;
        let link = link::parse(pm, repository)?;
        let linked = link::read(&pm.store.state()?);
        let mut session = Session::open(pm, link, options.dry_run)?;
        if linked.is_some_and(|linked| linked.key() == session.key) {
            let shown = session.link.shown();
            let text = format!("this project is linked to {shown} already");
            return Err(Error::refused(text)
                .because(Reason::ForgeLinked)
                .about(shown)
                .hint(Hint::run(["github", "pull"], "reads its issues")));
        }
        (session.is_taken, session.imports) = (true, true);
        session.lets_in = !pm.actor.is_bound;
        session.read = Read::default();
        // They come before those of `[github.logins]` and those of earlier imports.
        let is_given = |login: &str| {
            let mut given = options.users.iter();
            given.any(|(there, _)| there.eq_ignore_ascii_case(login))
        };
        let logins = &mut session.known.rule.logins;
        logins.retain(|(_, login)| !is_given(login));
        let names = options.users.iter().filter(|(_, here)| !here.is_empty());
        let names = names.map(|(login, here)| (here.clone(), login.clone()));
        logins.splice(0..0, names);
        session.learn()?;
        let known = session.known.items.len();
        let before = pm.store.require_tip()?;
        if !options.dry_run && !options.users.is_empty() {
            pm.write("import github").unsent().run(|tx| {
                people::remember(tx, GITHUB, &options.users)?;
                tx.describe("import github", &[], "people");
                Ok(())
            })?;
        }
        let done = incoming::pull(&mut session).and_then(|()| comments::pull(&mut session));
        let tip = pm.store.require_tip()?;
        let [named, due] = session.noted;
        let report = session.close(done, false)?;
        let remark = |id: String, text| Remarked::new(None, Some(&id), text);
        let kept = report.conflicts.into_iter().map(|one| {
            let theirs = excerpt(&one_line(&one.theirs.to_string()), 60);
            let text = "as both sides changed it: there it is";
            remark(one.id, format!("keeps its {}, {text} {theirs}", one.field))
        });
        let notes = report.notes.into_iter();
        let notes = notes.map(|one| remark(one.id, one.message));
        let mut report = ImportReport {
            source: GITHUB.into(),
            files: vec![report.repository],
            dialect: "issues of a repository".into(),
            commit: (tip != before).then(|| tip.to_string()),
            dry_run: options.dry_run,
            created: report.created_here,
            updated: report.changed_here,
            unchanged: known.saturating_sub(report.changed_here),
            comments: report.comments_here,
            warnings: (kept.chain(notes).chain(label_priority::told(named))).collect(),
            ..ImportReport::default()
        };
        report.leave_out_fields(&vec!["milestone.due_on".to_string(); due]);
        Ok(report)
    }
}
