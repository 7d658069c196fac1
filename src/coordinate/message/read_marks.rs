//! Which messages an actor has read in this clone, noted in a file beside the index.
//!
//! It names every read message, so that one that arrives late is unread however old it is. Most are
//! below a time up to which all mail was read, with a sum over that mail: if the sum is still the
//! same, nothing below that time has to be compared. A missing or damaged file, or mail that it does
//! not name, makes messages unread and is never an error.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::message::{self, ALL, Envelope, ROLE, Topic, address_here};
use crate::model::settings;
use crate::model::uid::{Uid, sha256_hex};
use crate::pm::Pm;
use crate::store::fault;
use crate::store::index::{Mail, Sum};
use crate::store::state::State;
use crate::store::{lock, shared_files};

/// The maximum time that a process waits for another one that marks messages.
const PATIENCE: Duration = Duration::from_secs(5);

/// The line between the marks above the time and those up to it.
const BELOW: &str = "-";

/// The reader of an inbox.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// The actor's name.
    pub(crate) name: String,
    /// The own name of an agent; none for a human.
    pub(crate) agent: Option<String>,
    /// The addresses whose mail is for the actor in this clone.
    pub(crate) addresses: Vec<String>,
}

/// A reader with their marks, read once for all queries of a command.
pub(crate) struct Mailbox {
    pub(crate) reader: Reader,
    pub(super) marks: ReadMarks,
}

/// The marks of one reader.
#[derive(Default)]
pub(super) struct ReadMarks {
    /// A time up to which all mail was read, and the sum over that mail.
    until: Option<(u64, Sum)>,
    /// The marks that are not among that mail.
    above: HashSet<String>,
    /// That mail: uids in order, one on each line.
    below: String,
}

impl ReadMarks {
    fn read(text: &str) -> ReadMarks {
        let (above, below) = match text.split_once(&format!("\n{BELOW}\n")) {
            Some((above, below)) => (above, below),
            None => (text, ""),
        };
        let mut lines = above.lines();
        ReadMarks {
            until: lines.next().and_then(until),
            above: above.lines().map(str::to_string).collect(),
            below: below.to_string(),
        }
    }

    pub(super) fn has(&self, mark: &str) -> bool {
        // A mark with a state is never among these.
        let is_below = || self.below.lines().any(|line| line == mark);
        self.above.contains(mark) || !mark.contains('/') && is_below()
    }
}

/// `until <ms> <count> <sum>`.
fn until(line: &str) -> Option<(u64, Sum)> {
    let mut words = line.strip_prefix("until ")?.split(' ');
    let mut number = || words.next()?.parse().ok();
    let (ms, count, marks) = (number()?, number()?, number()?);
    Some((ms, Sum { count, marks }))
}

/// The file of marks, and the time up to which all mail is read. `mail` is all mail, oldest first.
fn written(
    marks: &HashSet<String>,
    mail: &[Mail],
    sum_until: impl Fn(u64) -> Option<Sum>,
) -> String {
    let unread = mail.iter().find(|m| !marks.contains(m.uid.as_str()));
    let is_below = |m: &&Mail| unread.is_none_or(|unread| m.ms < unread.ms);
    let below: Vec<&Mail> = mail.iter().take_while(is_below).collect();
    let until = below.last().map(|m| m.ms);
    let until = until.and_then(|ms| Some((ms, sum_until(ms)?)));
    let mut out = String::new();
    let below: HashSet<&str> = match until {
        Some((ms, sum)) => {
            let _ = writeln!(out, "until {ms} {} {}", sum.count, sum.marks);
            below.iter().map(|m| m.uid.as_str()).collect()
        }
        None => HashSet::new(),
    };
    let mut above: Vec<&str> = marks.iter().map(String::as_str).collect();
    above.retain(|mark| !below.contains(mark));
    above.sort_unstable();
    let mut below: Vec<&str> = below.into_iter().collect();
    below.sort_unstable();
    for mark in above.into_iter().chain([BELOW]).chain(below) {
        out.push_str(mark);
        out.push('\n');
    }
    out
}

/// True for a mark: a uid, or a uid and the state of a request.
fn is_mark(line: &str) -> bool {
    let (uid, state) = line.split_once('/').unwrap_or((line, "x"));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    Uid::new(uid).is_some() && !state.is_empty() && state.bytes().all(plain)
}

/// The reader of the actor's inbox. In the worktree of a task, a human reads their own inbox.
pub(crate) fn reader(pm: &Pm) -> Reader {
    let me = pm.writer("msg");
    let kind = if me.own.is_some() { "agent" } else { "human" };
    let mut addresses = vec![me.name.clone(), ALL.into(), format!("{ROLE}{kind}")];
    addresses.extend(me.own.clone());
    let roles = pm.store.repo().config_all(settings::ROLE.key);
    let roles = roles.iter().flat_map(|roles| roles.split([' ', ',']));
    addresses.extend(
        roles
            .filter(|r| !r.is_empty())
            .map(|r| format!("{ROLE}{r}")),
    );
    if let Some(replica) = pm.store.known_replica() {
        addresses.push(address_here(&me.name, replica.as_str()));
    }
    addresses.sort();
    addresses.dedup();
    Reader {
        name: me.name,
        agent: me.own,
        addresses,
    }
}

/// The actor's mailbox.
pub(crate) fn mailbox(pm: &Pm) -> Mailbox {
    let reader = reader(pm);
    let marks = read_marks(pm, &reader);
    Mailbox { reader, marks }
}

/// The unread mail of a mailbox, oldest first.
pub(crate) fn unread(state: &State<'_>, mailbox: &Mailbox) -> Vec<Mail> {
    let Mailbox { reader, marks } = mailbox;
    let sum = |ms| state.mail_sum(&reader.addresses, ms);
    let after = marks.until.filter(|(ms, all)| sum(*ms) == Some(*all));
    let mut mail = state.mail(&reader.addresses, after.map_or(0, |(ms, _)| ms));
    let below = after.is_none().then(|| marks.below.lines());
    let below: HashSet<&str> = below.into_iter().flatten().collect();
    let is_read = |uid: &str| marks.above.contains(uid) || below.contains(uid);
    mail.retain(|m| !is_read(m.uid.as_str()));
    mail
}

/// Records that the actor has read messages: a uid each, or a uid and the state of a request.
pub(crate) fn mark_read<'m>(pm: &Pm, marks: impl Iterator<Item = &'m str>) -> Result<()> {
    let new: Vec<&str> = marks.collect();
    if new.is_empty() {
        return Ok(());
    }
    pm.store.repo().require_writable()?;
    let reader = reader(pm);
    let path = marks_path(pm, &reader);
    let unwritten = |error| Error::unwritten(format!("cannot write {}", path.display()), error);
    let folder = path.parent().map_or(Ok(()), shared_files::create_dir_all);
    folder.map_err(unwritten)?;
    // Two processes of one actor must not drop each other's marks. Without locks on this file
    // system the last one counts.
    let file = lock::open(&path.with_extension("lock")).map_err(unwritten)?;
    let _ = lock::wait(&file, PATIENCE);
    let known = read_marks(pm, &reader);
    let below = known.below.lines().map(str::to_string);
    let mut all: HashSet<String> = known.above.into_iter().chain(below).collect();
    if new.iter().all(|mark| all.contains(*mark)) {
        return Ok(());
    }
    all.extend(new.iter().map(|mark| (*mark).to_string()));
    all.retain(|mark| is_mark(mark));
    let state = pm.store.state()?;
    let mail = state.mail(&reader.addresses, 0);
    let text = written(&all, &mail, |ms| state.mail_sum(&reader.addresses, ms));
    let points = ["marks-write", "marks-rename"];
    fault::replace(&path, &path.with_extension("new"), text.as_bytes(), points).map_err(unwritten)
}

/// What told the actor to take up an item that they have started: its handoffs, of which the start shows the
/// newest, and the notice of its assignment.
pub(crate) fn told_to_start(pm: &Pm, state: &State<'_>, item: &Uid) -> Vec<Uid> {
    let reader = reader(pm);
    let is_it = |doc: &Doc| {
        let is_handoff = message::topic(doc) == Topic::Handoff;
        (is_handoff || doc.text("topic") == Some("assigned"))
            && Envelope::of(doc).is_to(&reader.addresses)
    };
    let told = state.thread(item.as_str()).into_iter();
    let told = told.filter(|doc| is_it(doc));
    told.map(|doc| doc.uid.clone()).collect()
}

/// As [`mark_read`], after a write that is done in any case: an error is only a notice.
pub(crate) fn try_mark_read<'m>(pm: &Pm, marks: impl Iterator<Item = &'m str>) {
    if let Err(error) = mark_read(pm, marks) {
        pm.notice(format!(
            "the message could not be marked as read: {}",
            error.message()
        ));
    }
}

fn read_marks(pm: &Pm, reader: &Reader) -> ReadMarks {
    let bytes = std::fs::read(marks_path(pm, reader)).unwrap_or_default();
    ReadMarks::read(&String::from_utf8_lossy(&bytes))
}

/// An agent that acts under a human's name has marks of its own, as the human has not read what
/// it has read.
fn marks_path(pm: &Pm, reader: &Reader) -> PathBuf {
    let own = reader.agent.as_deref().unwrap_or_default();
    let name = sha256_hex(format!("{}\n{own}", reader.name).as_bytes());
    pm.store.folder().join("seen").join(&name[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(ms: u64, n: u8) -> Mail {
        Mail {
            ms,
            uid: Uid::from_parts(ms, [n; 10]),
            notice: false,
        }
    }

    fn sum(all: &[Mail], until: u64) -> Sum {
        let mut sum = Sum::default();
        let below = all.iter().filter(|m| m.ms <= until);
        below.for_each(|m| sum.add(&m.uid));
        sum
    }

    fn marked(all: &[Mail], read: &[usize]) -> ReadMarks {
        let marks = read.iter().map(|n| all[*n].uid.to_string()).collect();
        ReadMarks::read(&written(&marks, all, |ms| Some(sum(all, ms))))
    }

    #[test]
    fn all_mail_before_the_oldest_unread_is_covered_by_a_time() {
        let all = [mail(10, 1), mail(20, 2), mail(30, 3), mail(40, 4)];
        let marks = marked(&all, &[0, 1, 3]);
        assert_eq!(marks.until, Some((20, sum(&all, 20))));
        for (n, read) in [(0, true), (1, true), (2, false), (3, true)] {
            assert_eq!(marks.has(all[n].uid.as_str()), read, "{n}");
        }
    }

    #[test]
    fn mail_of_one_millisecond_is_not_split() {
        let all = [mail(10, 1), mail(20, 2), mail(20, 3)];
        let marks = marked(&all, &[0, 1]);
        assert_eq!(marks.until.unwrap().0, 10);
        assert!(marks.has(all[1].uid.as_str()));
        assert!(!marks.has(all[2].uid.as_str()));
    }

    #[test]
    fn a_damaged_file_marks_nothing() {
        for text in [
            "",
            "until",
            "until a b c",
            "until 1",
            "\n-\n-\n",
            "until 18446744073709551616 1 1",
        ] {
            let marks = ReadMarks::read(text);
            assert_eq!(marks.until, None, "{text}");
            assert!(!marks.has(mail(10, 1).uid.as_str()));
        }
    }

    #[test]
    fn only_uids_and_states_of_requests_are_marks() {
        let uid = mail(10, 1).uid;
        assert!(is_mark(uid.as_str()));
        assert!(is_mark(&format!("{uid}/done")));
        for bad in [
            "",
            "-",
            "until 1 2 3",
            "../x",
            &format!("{uid}/"),
            &format!("{uid}/a b"),
        ] {
            assert!(!is_mark(bad), "{bad}");
        }
    }
}
