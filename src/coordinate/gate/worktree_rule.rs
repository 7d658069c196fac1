//! What `[worktree]` of `.pm.toml` says that a new worktree gets: copies, ports, submodules.

use std::fmt;

use crate::coordinate::worktree::ports::Wanted;
use crate::model::text::{one_line, spelled};

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
    pub(super) fn read(item: &toml_edit::Item) -> Result<WorktreeRule, String> {
        let table = item.as_table_like();
        let table = table.ok_or("`worktree` must be a table [worktree]")?;
        let (mut rule, mut base) = (WorktreeRule::default(), Wanted::BASE);
        let mut count = None;
        let number = |key: &str, item: &toml_edit::Item, range: std::ops::RangeInclusive<u16>| {
            let number = item.as_integer().and_then(|n| u16::try_from(n).ok());
            let number = number.filter(|n| range.contains(n));
            let (least, most) = (range.start(), range.end());
            number.ok_or(format!(
                "`worktree.{key}` must be a number from {least} to {most}"
            ))
        };
        for (key, item) in table.iter() {
            match key {
                "copy" => {
                    let list = item.as_array().into_iter().flatten();
                    let list: Option<_> = list.map(|one| Some(one.as_str()?.into())).collect();
                    rule.copy = list
                        .filter(|_| item.is_array())
                        .ok_or("`worktree.copy` must be a list of paths")?;
                }
                "ports" => count = Some(number(key, item, 1..=1000)?),
                "port_base" => base = number(key, item, 1024..=60_000)?,
                "submodules" => {
                    let wrong = "`worktree.submodules` must be true or false";
                    rule.submodules = item.as_bool().ok_or(wrong)?;
                }
                _ => {
                    return Err(format!(
                        "unknown key `worktree.{}`: valid keys are copy, ports, port_base and \
                         submodules",
                        one_line(key)
                    ));
                }
            }
        }
        rule.ports = count.map(|count| Wanted { base, count });
        Ok(rule)
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
