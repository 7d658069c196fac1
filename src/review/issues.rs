//! Makes issues of findings: one of each, however often it is asked for.

use schemars::JsonSchema;
use serde::Serialize;

use super::markdown::{code, escaped, fenced};
use crate::coordinate::finding::lookup::{find, findings_of};
use crate::coordinate::finding::settle::{read_doc, require};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::finding::Finding;
use crate::model::id::ItemKind;
use crate::model::text::{excerpt, first_of};
use crate::pm::Pm;
use crate::pm::handles::Findings;
use crate::store::transaction::Tx;
use crate::work::new_item::{Fields, NewEdge, NewItem};
use crate::work::task::create::create_in;
use crate::work::task::cycles::Cycles;

/// The operation, as commits of the state name it.
const OP: &str = "finding to-issue";

/// The longest claim in the title of an issue, in characters.
const TITLE: usize = 120;

/// The number of ids in the first line of a commit message.
const NAMED: usize = 3;

/// A finding and the issue made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingIssue {
    /// The id of the finding.
    pub finding: String,
    /// The id of the issue.
    pub issue: String,
    /// Set if it was made now.
    pub new: bool,
}

impl Findings<'_> {
    /// Makes an issue of each of these open findings, or of all open ones of an item that others can
    /// read. One that has an issue keeps it.
    ///
    /// # Errors
    /// When there is no such finding or item, a named one is settled, or it stays in this clone.
    pub fn to_issue(&self, ids: &[String], item: Option<&str>) -> Result<Vec<FindingIssue>> {
        let pm = self.pm;
        let state = pm.store.snapshot()?;
        let found: Vec<Finding> = match item {
            Some(item) => {
                let all = findings_of(pm, &state, &state.find(item)?.uid.clone())?.into_iter();
                all.filter(|one| one.status.is_open() && !one.private)
                    .collect()
            }
            None => {
                let all = ids.iter().map(|id| find(pm, &state, id));
                all.collect::<Result<_>>()?
            }
        };
        if let Some(one) = found.iter().find(|one| one.private) {
            let id = one.id();
            return Err(Error::refused(format!(
                "{id} stays in this clone, and everybody could read its issue"
            ))
            .because(Reason::FindingPrivate)
            .hint(Hint::run(
                ["finding", "share", &id],
                "lets a human share it",
            ))
            .about(id));
        }
        drop(state);
        let mut made = Vec::new();
        pm.write(OP).uncompared().run(|tx| {
            made = stage(pm, tx, &found)?;
            Ok(())
        })?;
        Ok(made)
    }
}

fn stage(pm: &Pm, tx: &mut Tx<'_>, found: &[Finding]) -> Result<Vec<FindingIssue>> {
    let mut made = Vec::new();
    for one in found {
        let now = read_doc(&tx.state, one).and_then(Finding::from_doc);
        let now = now.ok_or_else(|| Error::not_found("the finding is gone").about(one.id()))?;
        let (issue, new) = match now.issue {
            Some(issue) => (issue, false),
            None => {
                require(now.status.is_open(), &now)?;
                let issue = new_issue(tx, &now);
                let uid = create_in(pm, tx, &mut Cycles::refused(), ItemKind::Issue, &issue)?;
                let issue = tx.state.find(uid.as_str())?.reference();
                let text = issue.to_string();
                tx.edit(&one.uid, |doc, clock| doc.set("issue", text, clock))?;
                (issue, true)
            }
        };
        made.push(FindingIssue {
            finding: one.id(),
            issue: tx.state.shown_ref(&issue),
            new,
        });
    }
    let ids: Vec<&str> = (made.iter().filter(|one| one.new))
        .map(|one| one.issue.as_str())
        .collect();
    tx.describe(OP, &ids, &first_of(&ids, NAMED));
    Ok(made)
}

fn new_issue(tx: &Tx<'_>, one: &Finding) -> NewItem {
    let item = one.item.as_ref().and_then(|item| item.uid.as_ref());
    let item = item
        .and_then(|uid| tx.state.item(uid))
        .filter(|item| !item.deleted);
    NewItem {
        title: format!("{}: {}", one.id(), excerpt(&one.claim, TITLE)),
        fields: Fields {
            body: Some(body(
                one,
                one.item.as_ref().map(|item| tx.state.shown_ref(item)),
            )),
            item_type: Some("bug".into()),
            priority: Some(one.severity as u8),
            ..Fields::default()
        },
        edges: Vec::from_iter(item.map(|item| NewEdge {
            kind: "discovered-from".into(),
            target: item.uid.to_string(),
        })),
        ..NewItem::default()
    }
}

/// The text of an issue: what the finding says, and who says it.
fn body(one: &Finding, item: Option<String>) -> String {
    let texts = [
        ("Claim", Some(escaped(&one.claim))),
        ("Place", one.place().map(|place| code(&place))),
        ("Outcome", one.outcome.as_deref().map(escaped)),
        ("Suggestion", one.suggestion.as_deref().map(escaped)),
        ("Finding", Some(format!("{}, {}", one.id(), one.severity))),
        ("Reviewer", Some(code(&one.reviewer))),
        ("Model", one.model.as_deref().map(code)),
        ("Rule", one.rule.as_deref().map(code)),
        ("Commit", one.commit.as_deref().map(code)),
        ("Found in", item),
    ];
    let given = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)));
    let lines = given.map(|(name, text)| format!("- **{name}:** {text}\n"));
    let quote = one
        .quote
        .as_deref()
        .map(|quote| format!("\n{}", fenced(quote)));
    lines.chain(quote).collect()
}
