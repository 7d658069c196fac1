//! Messages in the index: the mail of each address, and which messages of agents `pm.escalateAfter` counts.
//!
//! Those are the rounds of a thread: the plain messages of agents since a human last wrote or
//! acknowledged one, if more than one agent wrote them.

use rusqlite::{Connection, OptionalExtension, params};

use super::item_queries::{read_all, uid_in, uids};
use super::{Index, Result};
use crate::model::message::{Envelope, Topic};
use crate::model::status::Status;
use crate::model::uid::Uid;

/// The number of a topic; the indexes of the schema name that of requests.
fn number(topic: Topic) -> i64 {
    match topic {
        Topic::Plain => 0,
        Topic::Request => 1,
        Topic::Handoff => 2,
        Topic::Notice => 3,
    }
}

/// A message to one of several addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mail {
    /// The time of its creation, in milliseconds.
    pub ms: u64,
    /// The message.
    pub uid: Uid,
    /// Set for a notice of the tool.
    pub notice: bool,
}

/// A sum over the mail of some addresses up to a time: equal sums mean equal mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// The number of addresses that messages have.
    pub count: u64,
    /// The sum of a number of each message, which follows from its uid.
    pub marks: u64,
}

/// A request that an actor sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentRequest {
    /// The request.
    pub uid: Uid,
    /// The end of its item; none while it is open, or if the index does not know it.
    pub end: Option<RequestEnd>,
}

/// The end of the item of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestEnd {
    /// Closed as done.
    Done,
    /// Cancelled or deleted, or there is no such item.
    Cancelled,
}

impl Sum {
    /// Adds one address of one message.
    #[cfg(any(test, feature = "internals"))]
    pub fn add(&mut self, uid: &Uid) {
        self.count += 1;
        self.marks = self.marks.wrapping_add(mark(uid));
    }
}

/// A number of forty bits for a uid, from its random end.
fn mark(uid: &Uid) -> u64 {
    let digits = uid.suffix(8).bytes();
    digits.fold(0, |mark, b| mark * 32 + u64::from(b & 31))
}

/// A thread in which agents alone have exchanged messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contested {
    /// The number of their messages.
    pub rounds: u64,
    /// The newest of these.
    pub newest: Uid,
}

fn time(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

/// Inserts the rows of a message.
pub(super) fn insert(db: &Connection, n: i64, uid: &Uid, message: &Envelope) -> Result<()> {
    let ms = time(message.ms);
    db.prepare_cached(
        "INSERT INTO message(n,thread,ms,topic,author,agent,human_ms) VALUES(?,?,?,?,?,?,?)",
    )?
    .execute(params![
        n,
        message.thread,
        ms,
        number(message.topic),
        message.author,
        message.by_agent,
        time(message.human_ms),
    ])?;
    let mut insert = db.prepare_cached(
        "INSERT OR IGNORE INTO mail(address,ms,n,uid,notice,mark) VALUES(?,?,?,?,?,?)",
    )?;
    let notice = message.topic == Topic::Notice;
    for address in &message.addresses {
        insert.execute(params![
            address,
            ms,
            n,
            uid.as_str(),
            notice,
            time(mark(uid))
        ])?;
    }
    Ok(())
}

/// The thread of a message.
pub(super) fn thread_of(db: &Connection, n: i64) -> Result<Option<String>> {
    Ok(db
        .prepare_cached("SELECT thread FROM message WHERE n=?")?
        .query_row([n], |row| row.get(0))
        .optional()?)
}

/// Counts the rounds of a thread, or of all threads. One agent alone contests nothing.
pub(super) fn count_rounds(db: &Connection, thread: Option<&str>) -> Result<()> {
    let count = |of: &str, human: &str| {
        format!(
            "INSERT INTO exchange(thread,rounds,newest)
             SELECT thread, count(*), max(uid) FROM message AS m JOIN doc USING(n) {of}
             AND topic=0 AND agent=1 AND ms>{human}
             GROUP BY thread HAVING count(DISTINCT author)>1"
        )
    };
    match thread {
        Some(thread) => {
            db.prepare_cached("DELETE FROM exchange WHERE thread=?")?
                .execute([thread])?;
            let human = "(SELECT max(human_ms) FROM message AS h WHERE h.thread=m.thread)";
            db.prepare_cached(&count("WHERE thread=?", human))?
                .execute([thread])?;
        }
        None => {
            db.execute("DELETE FROM exchange", [])?;
            // A query for each message would be quadratic in the length of a thread.
            let of =
                "JOIN (SELECT thread AS t, max(human_ms) AS human FROM message GROUP BY thread)
                      ON t=thread";
            db.execute(&count(of, "human"), [])?;
        }
    }
    Ok(())
}

impl Index {
    /// The mail of some addresses after a time, in no order; a message to two of them twice.
    pub fn mail(&self, addresses: &[String], after_ms: u64) -> Result<Vec<Mail>> {
        self.ask(|db| {
            let sql = "SELECT ms, uid, notice FROM mail WHERE address=? AND ms>?";
            let mut out = Vec::new();
            for address in addresses {
                let args = params![address, time(after_ms)];
                out.append(&mut read_all(db, sql, args, |row| {
                    Ok(Mail {
                        ms: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
                        uid: uid_in(row, 1)?,
                        notice: row.get(2)?,
                    })
                })?);
            }
            Ok(out)
        })
    }

    /// The sum over the mail of some addresses up to a time.
    pub fn mail_sum(&self, addresses: &[String], until_ms: u64) -> Result<Sum> {
        self.ask(|db| {
            let mut add = db.prepare_cached(
                "SELECT count(*), coalesce(sum(mark),0) FROM mail WHERE address=? AND ms<=?",
            )?;
            let mut sum = Sum::default();
            for address in addresses {
                let (count, marks): (i64, i64) = add
                    .query_row(params![address, time(until_ms)], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })?;
                sum.count += u64::try_from(count).unwrap_or(0);
                sum.marks = sum.marks.wrapping_add(u64::try_from(marks).unwrap_or(0));
            }
            Ok(sum)
        })
    }

    /// The messages of a thread.
    pub fn thread(&self, thread: &str) -> Result<Vec<Uid>> {
        let sql = "SELECT uid FROM message JOIN doc USING(n) WHERE thread=?";
        self.ask(|db| uids(db, sql, &[&thread]))
    }

    /// The notices of the tool.
    pub fn notices(&self) -> Result<Vec<Uid>> {
        let topic = number(Topic::Notice);
        let sql = "SELECT uid FROM message JOIN doc USING(n) WHERE topic=?";
        self.ask(|db| uids(db, sql, &[&topic]))
    }

    /// The newest message of a thread with a topic.
    pub fn newest_in_thread(&self, thread: &str, topic: Topic) -> Result<Option<Uid>> {
        let sql = "SELECT uid FROM message JOIN doc USING(n) WHERE thread=? AND topic=?
                 ORDER BY ms DESC, uid DESC LIMIT 1";
        let found = self.ask(|db| uids(db, sql, &[&thread, &number(topic)]))?;
        Ok(found.into_iter().next())
    }

    /// The requests that an actor sent.
    pub fn requests_of(&self, author: &str) -> Result<Vec<SentRequest>> {
        self.ask(|db| {
            let sql = "SELECT sent.uid, item.open, item.deleted, item.status FROM message
                 JOIN doc AS sent USING(n)
                 LEFT JOIN doc AS about ON about.uid=message.thread
                 LEFT JOIN item ON item.n=about.n
                 WHERE message.author=? AND message.topic=1";
            read_all(db, sql, [author], |row| {
                let cancelled = row.get::<_, Option<bool>>(2)? != Some(false)
                    || row.get_ref(3)?.as_str_or_null()? == Some(Status::Cancelled.as_str());
                Ok(SentRequest {
                    uid: uid_in(row, 0)?,
                    end: match row.get(1)? {
                        Some(true) => None,
                        _ if cancelled => Some(RequestEnd::Cancelled),
                        _ => Some(RequestEnd::Done),
                    },
                })
            })
        })
    }

    /// The threads with at least so many rounds, except those of items that are closed.
    pub fn contested(&self, rounds: u64) -> Result<Vec<Contested>> {
        self.ask(|db| {
            let sql = "SELECT rounds, newest FROM exchange
                 LEFT JOIN doc ON uid=thread LEFT JOIN item USING(n)
                 WHERE rounds>=? AND coalesce(item.open,1)=1";
            read_all(db, sql, [time(rounds)], |row| {
                Ok(Contested {
                    rounds: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
                    newest: uid_in(row, 1)?,
                })
            })
        })
    }

    /// The names that messages are from or to, also of roles and clones.
    pub fn correspondents(&self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT address FROM mail UNION SELECT DISTINCT author FROM message";
        self.ask(|db| read_all(db, sql, [], |row| Ok(row.get(0)?)))
    }
}
