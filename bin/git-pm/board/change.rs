//! The changes made from the board, each the library call of a command.

use git_pm::log::UndoOptions;
use git_pm::reservations::ReserveRequest;
use git_pm::tasks::{Move, NewItem};
use git_pm::values::ItemKind;
use git_pm::{Error, Pm, Result};

use super::action::{Action, Criteria, Question, Verb};
use super::state::Target;

/// The confirmation prompt that names what would change, and the action that changes exactly that.
pub fn question(pm: &Pm, question: Question) -> Result<(String, Action)> {
    match question {
        Question::Work(step, target) => {
            let is_merge = step == Move::Merge;
            match is_merge {
                true => require_merge(pm, &target)?,
                false => pm.tasks().approvable(&target.uid)?,
            }
            let work = pm.tasks().branch_work(&target.uid)?;
            let verb = if is_merge { "Merge" } else { "Approve" };
            let told = work.as_ref().map(|work| {
                let commits = work.commits.len() + work.more_commits;
                let files = work.files.len() + work.more_files;
                let at = work.commit.get(..9).unwrap_or(&work.commit);
                let into = match is_merge {
                    true => format!(" into {}", work.target),
                    false => String::new(),
                };
                format!(" at {at}{into} (commits: {commits}, files: {files})")
            });
            let question = format!("{verb} {}{}?", target.id, told.unwrap_or_default());
            let action = match is_merge {
                true => {
                    let commit = work.map(|work| work.commit).unwrap_or_default();
                    Action::Change(Verb::Move(step), target, commit)
                }
                false => Action::Approve(target, work.map(|work| work.commit)),
            };
            Ok((question, action))
        }
        Question::Undo => {
            let options = UndoOptions {
                dry_run: true,
                ..UndoOptions::default()
            };
            let undone = pm.history().undo(None, &options)?.undone;
            let question = format!("Undo \"{}\"?", undone.message);
            Ok((question, Action::Undo(undone.commit)))
        }
    }
}

fn require_merge(pm: &Pm, target: &Target) -> Result<()> {
    let (tasks, uid) = (pm.tasks(), &target.uid);
    if tasks.moves(uid)?.contains(&Move::Merge) {
        return Ok(());
    }
    let none = || Error::refused(format!("{} has no approved work to merge", target.id));
    Err(tasks.obstacle(uid)?.unwrap_or_else(none))
}

/// A change that was made.
pub struct Done {
    /// The report.
    pub text: String,
    /// The uid of a new item.
    pub created: Option<String>,
}

/// Makes a change and reports it, with any notices from the library.
pub fn act(pm: &Pm, action: &Action) -> Result<Done> {
    let mut created = None;
    let done = made(pm, action, &mut created)?;
    let all = std::iter::once(done).chain(pm.take_notices());
    let text = all.collect::<Vec<_>>().join("; ");
    Ok(Done { text, created })
}

fn made(pm: &Pm, action: &Action, created: &mut Option<String>) -> Result<String> {
    match action {
        Action::Create(title) => {
            let new = NewItem {
                title: title.clone(),
                ..NewItem::default()
            };
            let item = pm.tasks().create(ItemKind::Task, &new)?;
            *created = Some(item.uid.to_string());
            Ok(format!("Created {}", item.id))
        }
        Action::Approve(target, commit) => {
            pm.tasks().approve(&target.uid, commit.as_deref(), None)?;
            Ok(format!(
                "{} {}",
                Verb::Move(Move::Approve).done(),
                target.id
            ))
        }
        Action::Undo(commit) => {
            let report = pm.history().undo(Some(commit), &UndoOptions::default())?;
            let outside = match report.outside.is_empty() {
                true => String::new(),
                false => format!("; {}", report.outside.join("; ")),
            };
            Ok(format!("Undone: {}{outside}", report.undone.message))
        }
        Action::Change(verb, target, text) => {
            change(pm, *verb, target, text)?;
            Ok(format!("{} {}", verb.done(), target.id))
        }
    }
}

fn change(pm: &Pm, verb: Verb, target: &Target, text: &str) -> Result<()> {
    let (tasks, id) = (pm.tasks(), target.uid.as_str());
    let given = Some(text).filter(|text| !text.is_empty());
    match verb {
        // The command asks before it pushes a state for the first time.
        _ if verb.sends() && pm.state().first_push_question(false)?.is_some() => Err(
            Error::refused("the state has never been pushed to its remote")
                .hint("run `git pm sync` in a shell; it asks whether to push the state"),
        ),
        Verb::Move(Move::Defer) if given.is_some() => {
            let ids = [id.to_string()];
            pm.issues().defer(&ids, given, None, false).map(drop)
        }
        Verb::Move(Move::Merge) => {
            let work = tasks.branch_work(id)?.map(|work| work.commit);
            if given.is_some() && work.as_deref() != given {
                let text = "the work has changed since it was shown; nothing was merged";
                return Err(Error::refused(text));
            }
            tasks.make_move(id, Move::Merge, None)
        }
        Verb::Move(one) => tasks.make_move(id, one, given),
        Verb::Accept(Criteria::One(number)) => {
            tasks.accept(Some(id), &[number], false, given).map(drop)
        }
        Verb::Accept(Criteria::All) => tasks.accept(Some(id), &[], true, given).map(drop),
        Verb::Assign => tasks.reassign(id, text).map(drop),
        Verb::Comment => tasks.comment(id, text).map(drop),
        Verb::Reserve => reserve(pm, id, text),
        // The one needs the terminal, so the caller does it; the others are chosen first.
        Verb::Edit | Verb::Accept(Criteria::Open) => Ok(()),
    }
}

fn reserve(pm: &Pm, id: &str, text: &str) -> Result<()> {
    // Quoted as in a shell: paths have spaces.
    let unclosed = || Error::usage("unclosed quotation mark");
    let mut patterns = shlex::split(text).ok_or_else(unclosed)?;
    if patterns.is_empty() {
        patterns = pm.tasks().show(id)?.paths.clone();
    }
    let request = ReserveRequest {
        patterns,
        task: Some(id.to_string()),
        ..ReserveRequest::default()
    };
    pm.reservations().add(&request).map(drop)
}
