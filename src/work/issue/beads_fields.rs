//! The fields of an issue under the names of beads' flags.

use serde::Deserialize;

use crate::work::new_item::{Fields, ItemEdit, NewItem};

/// The keys of `issue create` and `issue update`: those of beads' flags.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct IssueKeys {
    /// A single line.
    pub title: Option<String>,
    /// Markdown: the body of other items.
    pub description: Option<String>,
    /// The design, in Markdown.
    pub design: Option<String>,
    /// The acceptance criteria, as one text.
    pub acceptance: Option<String>,
    /// Notes.
    pub notes: Option<String>,
    /// bug, feature, task, epic, chore, …
    #[serde(rename = "type")]
    pub item_type: Option<String>,
    /// 0 (highest) to 4.
    pub priority: Option<u8>,
    /// The planned assignee.
    pub assignee: Option<String>,
    /// Labels; each text may have several, separated by commas.
    pub labels: Option<Vec<String>>,
    /// The id of its parent.
    pub parent: Option<String>,
    /// Edges: `type:id`, or the id of a dependency; each text may have several, separated by
    /// commas.
    pub deps: Vec<String>,
    /// The estimated work, in minutes.
    pub estimate: Option<u32>,
    /// An external reference.
    pub external_ref: Option<String>,
    /// The due time.
    pub due: Option<String>,
    /// The time until which it is deferred.
    pub defer: Option<String>,
    /// The specification it belongs to.
    pub spec_id: Option<String>,
    /// A JSON object, kept as it is.
    pub metadata: Option<String>,
    /// Keep it open as permanent context.
    pub pinned: Option<bool>,
    /// Use it only as a pattern for other issues.
    pub template: Option<bool>,
    /// Accept a type that is neither known nor used here.
    pub force: bool,
}

/// The comma-separated parts of texts.
fn parts(texts: &[String]) -> Vec<String> {
    let all = texts.iter().flat_map(|text| text.split(','));
    let all = all.map(str::trim).filter(|part| !part.is_empty());
    all.map(str::to_string).collect()
}

/// `discovered-from:pm-a3f8` is an edge of that type; an id alone is a dependency. A text with
/// `external:` in front is an id.
fn edge(text: &str) -> (String, String) {
    match text.split_once(':') {
        Some((kind, id)) if kind != "external" => (kind.to_string(), id.to_string()),
        _ => ("blocks".to_string(), text.to_string()),
    }
}

impl IssueKeys {
    fn fields(&self) -> Fields {
        Fields {
            item_type: self.item_type.clone(),
            own_type: self.force,
            priority: self.priority,
            assignee: self.assignee.clone(),
            design: self.design.clone(),
            acceptance_criteria: self.acceptance.clone(),
            notes: self.notes.clone(),
            spec_id: self.spec_id.clone(),
            estimated_minutes: self.estimate,
            due: self.due.clone(),
            defer: self.defer.clone(),
            metadata: self.metadata.clone(),
            pinned: self.pinned,
            template: self.template,
            ..Fields::default()
        }
    }

    /// A new issue with these fields.
    pub fn new_item(&self) -> NewItem {
        NewItem {
            title: self.title.clone().unwrap_or_default(),
            body: self.description.clone().unwrap_or_default(),
            fields: self.fields(),
            labels: parts(self.labels.as_deref().unwrap_or_default()),
            parent: self.parent.clone(),
            external_refs: parts(self.external_ref.as_slice()),
            edges: parts(&self.deps).iter().map(|text| edge(text)).collect(),
            ..NewItem::default()
        }
    }

    /// A change to these fields; labels given here replace the present ones.
    pub fn edit(&self) -> ItemEdit {
        ItemEdit {
            title: self.title.clone(),
            body: self.description.clone(),
            fields: self.fields(),
            labels: self.labels.as_deref().map(parts),
            parent: self.parent.clone(),
            external_refs: self
                .external_ref
                .as_ref()
                .map(|text| parts(std::slice::from_ref(text))),
            ..ItemEdit::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_have_their_type_in_front() {
        let keys = IssueKeys {
            deps: vec!["discovered-from:pm-1,pm-2".into(), "related:T-0001".into()],
            labels: Some(vec!["a, b".into(), "c".into()]),
            ..IssueKeys::default()
        };
        let new = keys.new_item();
        let edges: Vec<_> = new
            .edges
            .iter()
            .map(|(kind, id)| format!("{kind} {id}"))
            .collect();
        assert_eq!(
            edges,
            ["discovered-from pm-1", "blocks pm-2", "related T-0001"]
        );
        assert_eq!(new.labels, ["a", "b", "c"]);
    }
}
