//! `git pm issue count`.

use git_pm::verbs::issue_list::CountIssues;

use crate::arguments::request::complete;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render::style::Label;

/// Counts issues.
pub fn run(context: &Context, request: CountIssues) -> Outcome {
    let request = complete(request)?;
    let (pm, by) = (context.pm()?, request.by.as_deref());
    let counts = request.count(pm, by)?;
    if context.beads.get() {
        let all = request.count(pm, None)?;
        let total: usize = all.iter().map(|one| one.count).sum();
        return context.bare(&match by {
            Some(_) => serde_json::json!({ "total": total, "groups": counts }),
            None => serde_json::json!({ "count": total }),
        });
    }
    context.list(&counts, |page, counts| {
        if let ([one], None) = (counts, by) {
            page.line(one.count);
            return;
        }
        page.rows("", 0, counts, |_, count| {
            let group = match count.group.as_str() {
                "" => "(none)",
                group => group,
            };
            [Label::Text.of(group), Label::Dim.of(count.count)]
        });
    })
}
