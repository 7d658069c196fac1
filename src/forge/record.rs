//! Mirrors in the state: the intent before a call, and what came of it.

use super::mirror::Mirror;
use super::sync::Session;
use super::three_way::Fields;
use crate::error::Result;
use crate::model::uid::Uid;
use crate::store::transaction::Tx;

/// Writes the intent to make issues or comments of documents, and pushes it: a clone that learns of it later makes
/// none. Those of which another clone said so first are left out. `seen` is what they are to say.
pub(super) fn intend(
    session: &Session<'_>,
    wanted: &[Uid],
    seen: impl Fn(&Tx<'_>, &Uid) -> Fields,
) -> Result<Vec<(Uid, Mirror)>> {
    let pm = session.pm;
    let replica = pm.store.replica()?.to_string();
    let mut out = Vec::new();
    let write = pm.write("github push").settled().uncompared();
    write.run(|tx, _| {
        out.clear();
        for uid in wanted {
            let Some(doc) = tx.state.doc(uid) else {
                continue;
            };
            let present = Mirror::of(doc, &session.key);
            if !Mirror::may_make(present.as_ref(), &replica, pm.now_ms()) {
                continue;
            }
            let mirror = Mirror {
                seen: seen(tx, uid),
                intent: Some((replica.clone(), 0)),
                ..Mirror::default()
            };
            let fresh = tx.fresh_stamp();
            tx.edit_settled(uid, |doc, clock| {
                mirror.renew(doc, &session.key, clock, fresh)
            })?;
            out.push((uid.clone(), mirror));
        }
        describe(session, tx, "github push", out.len());
        Ok(())
    })?;
    Ok(out)
}

/// Records mirrors, as one commit.
pub(super) fn record(session: &Session<'_>, op: &str, found: &[(Uid, Mirror)]) -> Result<()> {
    if found.is_empty() || session.dry_run {
        return Ok(());
    }
    session.pm.write(op).unsent().run(|tx| {
        for (uid, mirror) in found {
            put(tx, uid, &session.key, mirror)?;
        }
        describe(session, tx, op, found.len());
        Ok(())
    })
}

/// Writes the mirror of a document.
pub(super) fn put(tx: &mut Tx<'_>, uid: &Uid, key: &str, mirror: &Mirror) -> Result<()> {
    let fresh = tx.fresh_stamp();
    tx.edit_settled(uid, |doc, clock| mirror.write(doc, key, clock, fresh))?;
    Ok(())
}

/// Does something with each of some documents, and records the mirrors that it made, also if one fails.
pub(super) fn each<T>(
    session: &mut Session<'_>,
    all: impl IntoIterator<Item = T>,
    make: impl Fn(&mut Session<'_>, T) -> Result<Option<(Uid, Mirror)>>,
) -> Result<()> {
    let mut made = Vec::new();
    let mut done = Ok(());
    for one in all {
        match make(session, one) {
            Ok(mirror) => made.extend(mirror),
            Err(error) => {
                done = Err(error);
                break;
            }
        }
    }
    record(session, "github push", &made)?;
    done
}

fn describe(session: &Session<'_>, tx: &mut Tx<'_>, op: &str, count: usize) {
    tx.describe(op, &[], &format!("{}: {count}", session.link.shown()));
}
