//! What the tools say about items: all of one that is shown, the same words in every list.

use serde_json::json;

use super::{Client, text_of};
use crate::support::set_up;

#[test]
fn a_line_of_every_list_has_the_priority_also_the_highest() {
    let (_scene, repo) = set_up();
    let task = repo.task("Put out the fire", &["-p", "0"]);
    let issue = repo.pm(&["issue", "q", "Sound the alarm", "-p", "0"]).ok();
    let issue = issue.text();
    let mut client = Client::of_model(&repo, &["--tools", "all"]);
    for tool in ["ready", "list", "issue_list", "issue_ready", "status"] {
        let said = client.call(tool, json!({}));
        let said = text_of(&said);
        let of_issue = (&issue, "[open] p0 Sound");
        let of_task = (&task, "[queued] p0 Put");
        let wanted = match tool.starts_with("issue") {
            true => &[of_issue][..],
            false => &[of_issue, of_task],
        };
        for (id, rest) in wanted {
            assert!(said.contains(&format!("{id} {rest}")), "{tool}: {said}");
        }
    }
}
