//! Merged work that its target has lost since, as after a forced push.

use schemars::JsonSchema;
use serde::Serialize;

/// Work whose merge its target no longer has, so that it is not done, whatever its status says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LostMerge {
    /// The item's id.
    pub id: String,
    /// The branch that it was merged into.
    pub target: String,
    /// The commit that brought it there.
    pub commit: String,
    /// The later commit of the target that reverted it, if one did.
    pub reverted_by: Option<String>,
    /// That commit is a merge, as that of a pull request which reverts another one.
    #[serde(skip)]
    pub reverted_by_merge: bool,
    /// The command that reopens the item, if the work is not brought back.
    pub command: String,
}

impl LostMerge {
    /// What was lost, and what brings it back.
    pub fn message(&self) -> String {
        let (LostMerge { id, target, .. }, commit) = (self, &self.commit);
        let short = |commit: &str| commit.get(..10).unwrap_or(commit).to_owned();
        let commit = short(commit);
        if let Some(by) = self.reverted_by.as_deref().map(short) {
            let option = ["", "-m 1 "][usize::from(self.reverted_by_merge)];
            return format!(
                "{id} was merged into {target} at {commit}, and {by} reverted that: `git revert \
                 {option}{by}` there brings it back"
            );
        }
        format!(
            "{id} was merged into {target} at {commit}, which {target} no longer has: `git merge \
             {commit}` there brings it back"
        )
    }
}
