//! Parents and sub-issues, and what blocks what, all named by the database ids of issues.

use serde_json::json;

use super::super::failure::{Failure, Result};
use super::super::render;
use super::super::state::{Actor, State};

/// Sub-issues of a parent; closed ones count.
const CHILDREN: usize = 100;
/// Levels of sub-issues.
const DEPTH: usize = 8;
/// Issues of each kind of dependency.
const DEPENDENCIES: usize = 50;

impl State {
    /// The place of an issue that exists.
    fn place(&self, id: u64) -> (u64, u64) {
        self.places[&id]
    }

    fn touch_both(&mut self, one: u64, other: u64) {
        if self.relations_touch {
            let now = self.now();
            for id in [one, other] {
                if let Some(issue) = self.issue_by_id_mut(id) {
                    issue.updated_at = now;
                }
            }
        }
    }

    /// Puts an issue under a parent.
    ///
    /// # Errors
    /// 404 if there is no such issue; 422 if it has a parent and `replace` is false, for cycles and
    /// beyond the limits.
    pub fn add_sub_issue(
        &mut self,
        parent: u64,
        child: u64,
        replace: bool,
        actor: &Actor,
    ) -> Result<()> {
        let wrong = |reason: &str| {
            let before = "An error occured while adding the sub-issue to the parent issue.";
            Err(Failure::new(422, &format!("{before} {reason}")))
        };
        let former = match self.issue_by_id(child) {
            Some(issue) if issue.pull.is_none() => issue.parent,
            Some(_) => return wrong("Sub issue may not be a pull request"),
            None => return Err(Failure::not_found()),
        };
        let owner = |id: u64| self.repository(self.place(id).0).owner.clone();
        if owner(parent) != owner(child) {
            return wrong("Sub issue must belong to the same repository owner as the parent");
        }
        if former == Some(parent) {
            return wrong("Issue may not contain duplicate sub-issues");
        }
        if former.is_some() && !replace {
            return wrong("Sub issue may only have one parent");
        }
        let ancestors = self.ancestors(parent);
        if ancestors.contains(&child) {
            return wrong("Sub issue may not be an ancestor of its parent");
        }
        if ancestors.len() + self.height(child) > DEPTH {
            return wrong("Sub issues may not be more than eight levels deep");
        }
        let children = self
            .issue_by_id(parent)
            .map_or(0, |issue| issue.sub_issues.len());
        if children >= CHILDREN {
            return wrong("Parent cannot have more than 100 sub-issues");
        }
        if let Some(former) = former {
            self.remove_sub_issue(former, child, actor)?;
        }
        if let Some(issue) = self.issue_by_id_mut(parent) {
            issue.sub_issues.push(child);
        }
        if let Some(issue) = self.issue_by_id_mut(child) {
            issue.parent = Some(parent);
        }
        self.touch_both(parent, child);
        self.emit_family(parent, child, "added", actor);
        Ok(())
    }

    /// An issue and its ancestors, from it upwards.
    fn ancestors(&self, id: u64) -> Vec<u64> {
        let mut found = vec![id];
        while let Some(parent) = found.last().and_then(|id| self.issue_by_id(*id)?.parent) {
            found.push(parent);
        }
        found
    }

    /// The levels below an issue.
    fn height(&self, id: u64) -> usize {
        let children = self
            .issue_by_id(id)
            .map_or(&[][..], |issue| &issue.sub_issues);
        children
            .iter()
            .map(|child| 1 + self.height(*child))
            .max()
            .unwrap_or_default()
    }

    /// Takes an issue from its parent.
    ///
    /// # Errors
    /// 404 if it is not one of the parent's.
    pub fn remove_sub_issue(&mut self, parent: u64, child: u64, actor: &Actor) -> Result<()> {
        if self
            .issue_by_id(child)
            .is_none_or(|issue| issue.parent != Some(parent))
        {
            return Err(Failure::not_found());
        }
        if let Some(issue) = self.issue_by_id_mut(parent) {
            issue.sub_issues.retain(|id| *id != child);
        }
        if let Some(issue) = self.issue_by_id_mut(child) {
            issue.parent = None;
        }
        self.touch_both(parent, child);
        self.emit_family(parent, child, "removed", actor);
        Ok(())
    }

    /// Moves a sub-issue after or before one of its siblings.
    pub fn move_sub_issue(
        &mut self,
        parent: u64,
        child: u64,
        after: Option<u64>,
        before: Option<u64>,
    ) -> Result<()> {
        let wrong = || Failure::sentence("Sub-issue could not be reprioritized");
        let (Some(sibling), true) = (after.or(before), after.is_none() || before.is_none()) else {
            return Err(wrong());
        };
        let issue = self
            .issue_by_id_mut(parent)
            .ok_or_else(Failure::not_found)?;
        let mut order = issue.sub_issues.clone();
        if !order.contains(&child) || sibling == child {
            return Err(wrong());
        }
        order.retain(|id| *id != child);
        let place = order
            .iter()
            .position(|id| *id == sibling)
            .ok_or_else(wrong)?;
        order.insert(place + usize::from(after.is_some()), child);
        issue.sub_issues = order;
        Ok(())
    }

    /// Notes that an issue waits for another.
    ///
    /// # Errors
    /// 404 if there is no such issue; 422 for a second time, itself, and beyond the limit.
    pub fn add_blocker(&mut self, blocked: u64, blocker: u64, actor: &Actor) -> Result<()> {
        let invalid = |message: &str| Err(Failure::custom("IssueDependency", "issue_id", message));
        match self.issue_by_id(blocker) {
            None => return Err(Failure::not_found()),
            Some(issue) if issue.pull.is_some() => return invalid("Blocker must be an issue"),
            Some(issue) if issue.blocking.len() >= DEPENDENCIES => {
                return invalid("An issue can block at most 50 issues");
            }
            Some(_) => {}
        }
        if blocked == blocker {
            return invalid("An issue cannot be blocked by itself");
        }
        let issue = self
            .issue_by_id_mut(blocked)
            .ok_or_else(Failure::not_found)?;
        if issue.blocked_by.contains(&blocker) {
            return invalid("The dependency already exists");
        }
        if issue.blocked_by.len() >= DEPENDENCIES {
            return invalid("An issue can be blocked by at most 50 issues");
        }
        issue.blocked_by.push(blocker);
        if let Some(issue) = self.issue_by_id_mut(blocker) {
            issue.blocking.push(blocked);
        }
        self.touch_both(blocked, blocker);
        self.emit_dependency(blocked, blocker, "added", actor);
        Ok(())
    }

    /// Notes that an issue no longer waits for another.
    pub fn remove_blocker(&mut self, blocked: u64, blocker: u64, actor: &Actor) -> Result<()> {
        let issue = self
            .issue_by_id_mut(blocked)
            .ok_or_else(Failure::not_found)?;
        if !issue.blocked_by.contains(&blocker) {
            return Err(Failure::not_found());
        }
        issue.blocked_by.retain(|id| *id != blocker);
        if let Some(issue) = self.issue_by_id_mut(blocker) {
            issue.blocking.retain(|id| *id != blocked);
        }
        self.touch_both(blocked, blocker);
        self.emit_dependency(blocked, blocker, "removed", actor);
        Ok(())
    }

    /// Both events of a parent and a child, each in the repository that it is about.
    fn emit_family(&mut self, parent: u64, child: u64, what: &str, actor: &Actor) {
        let (above, below) = (self.place(parent), self.place(child));
        let fields = |state: &State, other: &str, repository: u64| {
            json!({
                "parent_issue_id": parent,
                "parent_issue": render::issue(state, above.0, above.1),
                "sub_issue_id": child,
                "sub_issue": render::issue(state, below.0, below.1),
                other: render::repository(state, repository),
            })
        };
        self.emit(
            above.0,
            "sub_issues",
            &format!("sub_issue_{what}"),
            actor,
            |state| fields(state, "sub_issue_repo", below.0),
        );
        self.emit(
            below.0,
            "sub_issues",
            &format!("parent_issue_{what}"),
            actor,
            |state| fields(state, "parent_issue_repo", above.0),
        );
    }

    fn emit_dependency(&mut self, blocked: u64, blocker: u64, what: &str, actor: &Actor) {
        let (waiting, blocking) = (self.place(blocked), self.place(blocker));
        let fields = |state: &State, other: &str, repository: u64| {
            json!({
                "blocked_issue_id": blocked,
                "blocked_issue": render::issue(state, waiting.0, waiting.1),
                "blocking_issue_id": blocker,
                "blocking_issue": render::issue(state, blocking.0, blocking.1),
                other: render::repository(state, repository),
            })
        };
        let event = "issue_dependencies";
        self.emit(
            waiting.0,
            event,
            &format!("blocked_by_{what}"),
            actor,
            |state| fields(state, "blocking_issue_repo", blocking.0),
        );
        self.emit(
            blocking.0,
            event,
            &format!("blocking_{what}"),
            actor,
            |state| fields(state, "blocked_issue_repo", waiting.0),
        );
    }

    /// Takes an issue out of all its relations, as when it is deleted.
    pub fn unlink(&mut self, id: u64, actor: &Actor) {
        let Some(issue) = self.issue_by_id(id).cloned() else {
            return;
        };
        if let Some(parent) = issue.parent {
            let _ = self.remove_sub_issue(parent, id, actor);
        }
        for child in issue.sub_issues {
            let _ = self.remove_sub_issue(id, child, actor);
        }
        for blocker in issue.blocked_by {
            let _ = self.remove_blocker(id, blocker, actor);
        }
        for blocked in issue.blocking {
            let _ = self.remove_blocker(blocked, id, actor);
        }
    }
}
