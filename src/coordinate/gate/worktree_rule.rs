//! What `[worktree]` of `.pm.toml` says that a new worktree gets: copies, ports, submodules.

use std::fmt;
use std::ops::RangeInclusive;

use toml_edit::Item;

use super::table_values::{Values, texts};
use crate::coordinate::worktree::ports::Wanted;
use crate::model::text::spelled;

/// The content of `[worktree]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WorktreeRule {
    /// Ignored folders and files of the main worktree that are copied.
    pub(crate) copy: Vec<String>,
    /// The ports that each worktree has for itself.
    pub(crate) ports: Option<Wanted>,
    /// Fill submodules, also those inside of them.
    pub(crate) submodules: bool,
}

impl WorktreeRule {
    /// Reads the table. The error says why it cannot be used.
    pub(super) fn read(item: &Item) -> Result<WorktreeRule, String> {
        let table = item.as_table_like();
        let table = table.ok_or("`worktree` must be a table [worktree]")?;
        let keys = ["copy", "ports", "port_base", "submodules"];
        let values = Values::of(table, ("worktree.", ""), &keys)?;
        let number = |key: &str, range: RangeInclusive<u16>| {
            let what = format!("a number from {} to {}", range.start(), range.end());
            values.get(key, &what, |item| {
                let number = u16::try_from(item.as_integer()?).ok();
                number.filter(|number| range.contains(number))
            })
        };
        let base = number("port_base", 1024..=60_000)?.unwrap_or(Wanted::BASE);
        let ports = number("ports", 1..=1000)?.map(|count| Wanted { base, count });
        let copy = values.get("copy", "a list of paths", texts)?;
        Ok(WorktreeRule {
            copy: copy.unwrap_or_default(),
            ports,
            submodules: values.flag("submodules")?.unwrap_or_default(),
        })
    }
}

impl fmt::Display for WorktreeRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let copy = self
            .copy
            .iter()
            .map(|path| format!("copies {}", spelled(path)));
        let ports = self.ports.map(|ports| format!("{} ports", ports.count));
        let submodules = self.submodules.then(|| "fills submodules".to_string());
        let all: Vec<String> = copy.chain(ports).chain(submodules).collect();
        f.write_str(&all.join(", "))
    }
}
