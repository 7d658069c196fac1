//! Records what a review found: what has the same fingerprint once, and as fixed what it no longer finds.

use std::collections::{BTreeMap, BTreeSet};

use super::kept::Kept;
use super::private_findings;
use crate::error::Result;
use crate::finding::Found;
use crate::finding::rules::REVIEWER;
use crate::model::doc::Doc;
use crate::model::finding::{
    AGREED, ANSWERS, Agreement, Finding, FindingStatus, KEPT, KIND, derived_uid,
};
use crate::model::item::Item;
use crate::model::limits::{FINDING_AGREED_MAX, FINDINGS_MAX};
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::secret;
use crate::store::transaction::Tx;

/// A finding to be recorded.
#[derive(Clone, Debug)]
pub(crate) struct NewFinding {
    /// What is wrong, and where.
    pub found: Found,
    /// What stays the same while lines move; see [`crate::finding::fingerprint`].
    pub fingerprint: String,
    /// The model that answered; none for a rule or a tool.
    pub model: Option<String>,
    /// The other reviewers who said the same.
    pub agreed: Vec<Agreement>,
    /// Set if a rule, a tool or enough reviewers say it.
    pub confirmed: bool,
}

/// What a review found in an item's work.
#[derive(Clone, Debug)]
pub(crate) struct Review<'r> {
    /// The operation, as commits of the state name it.
    pub op: &'r str,
    /// The item.
    pub item: &'r Item,
    /// The reviewed commit.
    pub commit: String,
    /// The round, from 1.
    pub round: u32,
    /// The findings.
    pub found: Vec<NewFinding>,
    /// The reviewers that looked at everything, so that what they said before and do not say now is
    /// fixed.
    pub complete: BTreeSet<String>,
    /// What reviewers answer about earlier findings.
    pub answers: Vec<(Uid, FindingStatus)>,
    /// What the author of what is reviewed answers.
    pub replies: Vec<Reply>,
    /// Who says again what is known.
    pub agreements: Vec<(Uid, Agreement)>,
    /// The number of reviewers that confirm a finding.
    pub need: usize,
    /// Findings whose lines are gone, and that block nothing.
    pub gone: BTreeSet<Uid>,
    /// The changes that the rules have read, by their hash, or else their commit.
    pub read: Option<String>,
}

/// An author's answer to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    /// The finding.
    pub about: Uid,
    /// Set if the author has changed something because of it.
    pub changed: bool,
    /// What, or why not.
    pub reason: String,
    /// The author's role.
    pub role: &'static str,
}

impl<'r> Review<'r> {
    /// One without findings and answers, in the first round.
    pub(crate) fn new(op: &'r str, item: &'r Item, commit: String) -> Review<'r> {
        Review {
            op,
            item,
            commit,
            round: 1,
            found: Vec::new(),
            complete: BTreeSet::new(),
            answers: Vec::new(),
            replies: Vec::new(),
            agreements: Vec::new(),
            need: usize::MAX,
            gone: BTreeSet::new(),
            read: None,
        }
    }
}

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recorded {
    /// The findings that were not known.
    pub new: Vec<Uid>,
    /// Those that were open and are fixed.
    pub fixed: Vec<Uid>,
    /// The findings beyond [`FINDINGS_MAX`], which are not kept.
    pub left_out: usize,
}

/// Records a review, and its `entry` in the item's record of reviews if there is one. What stays in this
/// clone comes first, as the state tells its number.
pub(crate) fn record(pm: &Pm, review: &Review<'_>, entry: Option<&Entry>) -> Result<Recorded> {
    let item = &review.item.uid;
    let shared: BTreeSet<Uid> = {
        let state = pm.store.snapshot()?;
        let docs = state.findings_of(item).into_iter();
        docs.map(|doc| doc.uid.clone()).collect()
    };
    let is_private =
        |one: &NewFinding| private_findings::stays(one.found.severity, &one.found.category);
    let mut known = false;
    private_findings::read(pm, |state| known = !state.findings_of(item).is_empty())?;
    let mut own = Recorded::default();
    if known || review.found.iter().any(is_private) {
        let written = private_findings::open(pm)?.write(&pm.actor, |tx| {
            let out = stage(tx, review, |uid, stays| stays && !shared.contains(uid))?;
            describe(tx, review, &out);
            Ok(out)
        })?;
        own = written.value;
    }
    let kept = Kept::read(pm, item)?;
    let mut out = Recorded::default();
    pm.write(review.op).uncompared().run(|tx| {
        out = stage(tx, review, |uid, stays| !stays || shared.contains(uid))?;
        out.new.extend(own.new.iter().cloned());
        out.fixed.extend(own.fixed.iter().cloned());
        out.left_out += own.left_out;
        if let Some(entry) = entry {
            entry.stage(tx, item)?;
        }
        kept.stage(tx, item, review.read.as_deref())?;
        describe(tx, review, &out);
        Ok(())
    })?;
    Ok(out)
}

/// The entry of a review in the record `reviews` of its item.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The fields, by their names in the format.
    pub fields: Vec<(&'static str, Value)>,
}

/// The record of an item's reviews.
pub(crate) const REVIEWS: &str = "reviews";

/// The verdicts of a review: nothing, something, or not every reviewer answered.
pub(crate) const CLEAN: &str = "clean";
pub(crate) const FINDINGS: &str = "findings";
pub(crate) const FAILED: &str = "failed";

/// In place of a verdict, in the entry of an architect's turn in the debate of a plan.
pub(crate) const ANSWERED: &str = "answered";

/// Writes an entry alone.
pub(crate) fn write_entry(pm: &Pm, op: &str, item: &Item, entry: &Entry) -> Result<()> {
    pm.write(op).uncompared().run(|tx| {
        entry.stage(tx, &item.uid)?;
        let id = tx.state.shown_ref(&item.reference());
        let verdict = entry.fields.iter().find(|(name, _)| *name == "verdict");
        let verdict = verdict
            .and_then(|(_, value)| value.as_str())
            .unwrap_or_default();
        tx.describe(op, &[&id], &format!("{id}: {verdict}"));
        Ok(())
    })?;
    Ok(())
}

impl Entry {
    fn stage(&self, tx: &mut Tx<'_>, item: &Uid) -> Result<()> {
        let (at, id) = (tx.fresh_stamp(), tx.new_entry_id()?);
        let mut fields = self.fields.clone();
        fields.push(("by", tx.actor().into()));
        fields.push(("agent", tx.agent().into()));
        tx.edit(item, |doc, _| {
            doc.add_entry(REVIEWS, &id, at, &fields);
            true
        })?;
        Ok(())
    }
}

fn describe(tx: &mut Tx<'_>, review: &Review<'_>, out: &Recorded) {
    if tx.is_dirty() {
        let id = tx.state.shown_ref(&review.item.reference());
        let text = format!("{id}: {} new, {} fixed", out.new.len(), out.fixed.len());
        tx.describe(review.op, &[&id], &text);
    }
}

/// Stages the findings of one state: `here` says of a uid, and of whether such a finding stays in this
/// clone, if it belongs there. One that a human shared is where it was shared to.
fn stage(
    tx: &mut Tx<'_>,
    review: &Review<'_>,
    here: impl Fn(&Uid, bool) -> bool,
) -> Result<Recorded> {
    let docs = tx.state.findings_of(&review.item.uid);
    let known: BTreeMap<Uid, Finding> = (docs.iter())
        .filter_map(|doc| Some((doc.uid.clone(), Finding::from_doc(doc)?)))
        .collect();
    let mut out = Recorded::default();
    let mut said = BTreeSet::new();
    for one in &review.found {
        let derived = |of: &str| derived_uid(&review.item.uid, &one.found.reviewer, of);
        let mut uid = derived(&one.fingerprint);
        // A human dismissed what a rule said of the whole change or a file. What it says now is another finding.
        if let Some(before) = known.get(&uid)
            && before.status == FindingStatus::Dismissed
            && is_reworded(tx, one, before)
        {
            uid = derived(&format!("{}\0{}", one.fingerprint, one.found.claim));
        }
        let stays = private_findings::stays(one.found.severity, &one.found.category);
        if !here(&uid, stays) || !said.insert(uid.clone()) {
            continue;
        }
        match known.get(&uid) {
            // A human undid the review, or shared it. An agent cannot bring it back.
            Some(before) if before.deleted && tx.agent().is_some() => {}
            Some(before) => again(tx, review, one, before)?,
            None if out.new.len() >= FINDINGS_MAX => out.left_out += 1,
            None => {
                let birth = tx.fresh_stamp();
                let doc = document(tx, review, one, Doc::new(uid.clone(), KIND, "", birth))?;
                tx.insert(doc)?;
                out.new.push(uid);
            }
        }
    }
    for (uid, agreement) in &review.agreements {
        if let Some(before) = known.get(uid) {
            agree(tx, review.need, before, agreement)?;
        }
    }
    for reply in &review.replies {
        let before = known.get(&reply.about);
        if before.is_some_and(|before| before.status.is_open()) {
            write_reply(tx, reply)?;
        }
    }
    for (uid, before) in known {
        let told = review.answers.iter().find(|(about, _)| *about == uid);
        let told = told.map(|(_, status)| *status);
        let told = told.or(review
            .gone
            .contains(&uid)
            .then_some(FindingStatus::Outdated));
        if let Some(status) = told
            && before.status.is_open()
            && !said.contains(&uid)
            && !is_answered(tx, review, &uid)
        {
            answer(tx, review, &uid, status)?;
            if status == FindingStatus::Fixed {
                out.fixed.push(uid.clone());
            }
        }
        let is_asked =
            !before.deleted && before.model.is_none() && review.complete.contains(&before.reviewer);
        if is_asked && before.status.is_open() && !said.contains(&uid) {
            answer(tx, review, &uid, FindingStatus::Fixed)?;
            out.fixed.push(uid);
        }
    }
    Ok(out)
}

/// A finding that was known is found again: it moved, or it is back.
fn again(tx: &mut Tx<'_>, review: &Review<'_>, one: &NewFinding, before: &Finding) -> Result<()> {
    match before.status {
        FindingStatus::Claimed => answer(tx, review, &before.uid, FindingStatus::NotFixed)?,
        FindingStatus::Fixed | FindingStatus::Withdrawn | FindingStatus::Outdated => {
            answer(tx, review, &before.uid, FindingStatus::Open)?;
        }
        FindingStatus::Open | FindingStatus::NotFixed | FindingStatus::Dismissed => {}
    }
    // It may be worse than was said before, by whoever said it.
    let (severity, category) = (one.found.severity, one.found.category.as_str());
    let is_worse = severity < before.severity || (one.confirmed && !before.confirmed);
    if is_worse || before.deleted {
        tx.edit(&before.uid, |doc, clock| {
            doc.set("severity", severity.min(before.severity).as_str(), clock);
            doc.set("category", category, clock);
            doc.set(
                "confirmed",
                Value::from(one.confirmed || before.confirmed),
                clock,
            );
            match before.deleted {
                true => doc.set("deleted", Value::Null, clock),
                false => true,
            }
        })?;
    }
    let place = one.found.place.as_ref();
    let line = place.and_then(|place| place.line);
    if line != before.line || before.commit.as_deref() != Some(&review.commit) {
        let end = place.and_then(|place| place.end_line);
        tx.edit(&before.uid, |doc, clock| {
            let moved =
                doc.set("line", number(line), clock) | doc.set("end_line", number(end), clock);
            // What a rule says of the whole change names other things now. It contains no secret. Reports of tools,
            // which anybody can write, do not reword what stands.
            let is_told = one.found.reviewer == REVIEWER
                && before.status.is_open()
                && !matches!(doc.value("claim"), Value::Redacted(_));
            let moved = (is_told && doc.set("claim", one.found.claim.as_str(), clock)) | moved;
            // The commit alone is no news.
            moved && {
                doc.set("commit", review.commit.as_str(), clock);
                true
            }
        })?;
    }
    Ok(())
}

/// True for a finding of a rule that is about no line and names other things than before.
fn is_reworded(tx: &Tx<'_>, one: &NewFinding, before: &Finding) -> bool {
    let doc = tx.state.doc(&before.uid);
    let is_redacted = doc.is_some_and(|doc| matches!(doc.value("claim"), Value::Redacted(_)));
    let is_ours = one.found.reviewer == REVIEWER && one.found.quote.is_none();
    // The same names in another order are no news.
    let known: BTreeSet<&str> = before.claim.split([' ', ',', '.']).collect();
    let mut said = one.found.claim.split([' ', ',', '.']);
    is_ours && !is_redacted && said.any(|word| !known.contains(word))
}

/// Adds a reviewer who says the same, and confirms the finding if they are enough.
fn agree(tx: &mut Tx<'_>, need: usize, before: &Finding, other: &Agreement) -> Result<()> {
    let mut names: BTreeSet<&str> = before.agreed.iter().map(|one| &*one.reviewer).collect();
    names.insert(&before.reviewer);
    if !names.insert(&other.reviewer) || before.agreed.len() >= FINDING_AGREED_MAX {
        return Ok(());
    }
    let confirmed = names.len() >= need && !before.confirmed;
    let (at, id) = (tx.fresh_stamp(), tx.new_entry_id()?);
    tx.edit(&before.uid, |doc, clock| {
        doc.add_entry(AGREED, &id, at, &agreed_fields(other));
        if confirmed {
            doc.set("confirmed", true, clock);
        }
        true
    })?;
    Ok(())
}

fn agreed_fields(other: &Agreement) -> [(&'static str, Value); 3] {
    [
        ("reviewer", Value::from(other.reviewer.as_str())),
        ("model", other.model.as_deref().into()),
        ("claim", secret::redacted(&other.claim).0.into()),
    ]
}

/// True if this round has answered a finding, before its process was killed.
fn is_answered(tx: &Tx<'_>, review: &Review<'_>, uid: &Uid) -> bool {
    let docs = tx.state.findings_of(&review.item.uid);
    let doc = docs.into_iter().find(|doc| doc.uid == *uid);
    doc.is_some_and(|doc| {
        let mut answers = doc.entries(ANSWERS);
        answers.any(|(_, one)| *one.value("round") == number(Some(review.round)))
    })
}

/// Writes the answer of this review to a finding.
fn answer(tx: &mut Tx<'_>, review: &Review<'_>, uid: &Uid, status: FindingStatus) -> Result<()> {
    let (at, id) = (tx.fresh_stamp(), tx.new_entry_id()?);
    let fields = [
        ("answer", Value::from(status.as_str())),
        ("commit", review.commit.as_str().into()),
        ("round", number(Some(review.round))),
        ("by", tx.actor().into()),
        ("agent", tx.agent().into()),
    ];
    tx.edit(uid, |doc, clock| {
        doc.add_entry(ANSWERS, &id, at, &fields);
        if status == FindingStatus::Fixed && doc.text("fixed_by").is_none() {
            doc.set("fixed_by", review.commit.as_str(), clock);
        }
        // The answer counts, also if it is the same again.
        doc.set("status", status.as_str(), clock);
        true
    })?;
    Ok(())
}

pub(super) fn write_reply(tx: &mut Tx<'_>, reply: &Reply) -> Result<()> {
    let (at, id) = (tx.fresh_stamp(), tx.new_entry_id()?);
    let status = FindingStatus::Claimed.as_str();
    let fields = [
        (
            "answer",
            Value::from(if reply.changed { status } else { KEPT }),
        ),
        ("reason", secret::redacted(&reply.reason).0.into()),
        ("role", reply.role.into()),
        ("by", tx.actor().into()),
        ("agent", tx.agent().into()),
    ];
    tx.edit(&reply.about, |doc, clock| {
        doc.add_entry(ANSWERS, &id, at, &fields);
        if reply.changed {
            doc.set("status", status, clock);
        }
        true
    })?;
    Ok(())
}

fn number(n: Option<u32>) -> Value {
    n.map_or(Value::Null, |n| Value::from(i64::from(n)))
}

/// The document of a new finding.
fn document(tx: &mut Tx<'_>, review: &Review<'_>, one: &NewFinding, mut doc: Doc) -> Result<Doc> {
    let found = &one.found;
    let place = found.place.clone().unwrap_or_default();
    let text = |text: &str| Value::from((!text.is_empty()).then_some(text));
    let set = |is: bool| is.then_some(true).map_or(Value::Null, Value::from);
    // A tool may print the secret that it found.
    let safe = |text: &str| secret::redacted(text).0;
    let maybe = |text: &Option<String>| Value::from(text.as_deref().map(safe).as_deref());
    let fields: [(&str, Value); 19] = [
        ("item", review.item.reference().to_string().into()),
        ("severity", found.severity.as_str().into()),
        ("category", text(&found.category)),
        ("claim", text(&safe(&found.claim))),
        ("outcome", maybe(&found.outcome)),
        ("suggestion", maybe(&found.suggestion)),
        ("quote", maybe(&found.quote)),
        ("path", text(&place.path)),
        ("line", number(place.line)),
        ("end_line", number(place.end_line)),
        ("removed", set(place.removed)),
        ("commit", review.commit.as_str().into()),
        ("rule", found.rule.as_deref().into()),
        ("reviewer", text(&found.reviewer)),
        ("model", one.model.as_deref().into()),
        ("fingerprint", text(&one.fingerprint)),
        ("round", number(Some(review.round))),
        ("confirmed", set(one.confirmed)),
        ("author", tx.actor().into()),
    ];
    for (name, value) in fields {
        if !value.is_null() {
            doc.put(name, value);
        }
    }
    if let Some(agent) = tx.agent() {
        doc.put("agent", agent);
    }
    doc.put("created_at", rfc3339(tx.clock().wall_ms()));
    for other in &one.agreed {
        let (at, id) = (tx.fresh_stamp(), tx.new_entry_id()?);
        doc.add_entry(AGREED, &id, at, &agreed_fields(other));
    }
    Ok(doc)
}
