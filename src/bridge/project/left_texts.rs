//! What the texts of another tracker's issues say that an import leaves in them: boxes and prerequisites.

use crate::bridge::transfer_report::Remarked;
use crate::model::criterion::boxes;

/// The words before an issue that is waited for.
const WAITS: [&str; 4] = ["depends on", "blocked by", "requires", "waits for"];

/// True if a text names an issue, `#12`, as one that is waited for.
fn names_other(text: &str) -> bool {
    let text = text.to_lowercase();
    WAITS.iter().any(|words| {
        text.match_indices(words).any(|(at, words)| {
            let rest = text[at + words.len()..]
                .trim_start_matches(':')
                .trim_start();
            let number = rest.strip_prefix('#');
            number.is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
        })
    })
}

/// What a report says of the texts of open issues.
pub fn told<'t>(open: impl Iterator<Item = &'t str> + Clone) -> Vec<Remarked> {
    let has_box = |text: &&str| boxes(text).any(|(_, done)| !done);
    let boxed = open.clone().filter(has_box).count();
    let waiting = open.filter(|text| names_other(text)).count();
    let boxed = (boxed > 0).then(|| {
        format!(
            "open boxes in the texts of {boxed} stay there and hold nothing up; `git pm edit ID \
             --accept TEXT` makes one a criterion"
        )
    });
    let waiting = (waiting > 0).then(|| {
        format!(
            "the texts of {waiting} name issues that they wait for, which is no dependency yet; \
             `git pm dep add ID OTHER` adds one"
        )
    });
    let all = boxed.into_iter().chain(waiting);
    all.map(|text| Remarked::new(None, None, text)).collect()
}
