//! Commands to run come only from this clone's git config, or from a checked-in `.pm.toml` whose
//! content the user has trusted. Trust goes by content: a changed file is not trusted.

use crate::error::{Error, Result};
use crate::model::uid::sha256_hex;
use crate::pm::Pm;
use crate::report::TrustReport;
use crate::store::fault;

/// The checked-in file.
pub const FILE: &str = ".pm.toml";

/// The largest such file, in bytes.
const FILE_MAX: u64 = 256 * 1024;

/// What the file asks for.
#[derive(Default)]
struct Checked {
    hash: String,
    gates: Vec<(String, String)>,
    setup: Vec<String>,
}

impl Pm {
    /// Shows what the checked-in `.pm.toml` would run, and with `Some(true)` trusts its present
    /// content in this clone, with `Some(false)` takes that back.
    ///
    /// # Errors
    /// When the file cannot be read, or an agent tries to trust it.
    pub fn trust(&self, accept: Option<bool>) -> Result<TrustReport> {
        let Some(checked) = self.checked_in()? else {
            if accept == Some(true) {
                return Err(
                    Error::not_found(format!("there is no {FILE} to trust here")).hint(format!(
                        "write gates into {FILE}, or `git pm config pm.gate name=command`"
                    )),
                );
            }
            return Ok(TrustReport {
                path: None,
                hash: None,
                trusted: false,
                commands: Vec::new(),
            });
        };
        let file = self.store.folder().join("trusted");
        let fail = |e: &std::io::Error| Error::unwritten(format!("writing {}", file.display()), e);
        if let Some(accept) = accept {
            crate::actor::require_human(
                &self.actor,
                "trusting commands",
                "ask a human to run `git pm trust`",
            )?;
            let mut hashes = self.trusted_hashes();
            hashes.retain(|h| *h != checked.hash);
            if accept {
                hashes.push(checked.hash.clone());
            }
            let folder = self.store.folder();
            std::fs::create_dir_all(&folder).map_err(|e| fail(&e))?;
            // In one step: who dies here or finds the disk full keeps what was trusted before.
            let temporary = folder.join(format!("trusted.{}.tmp", std::process::id()));
            let (text, points) = (hashes.join("\n"), ["trust-write", "trust-rename"]);
            fault::replace(&file, &temporary, text.as_bytes(), points).map_err(|e| fail(&e))?;
        }
        let gates = checked.gates.iter();
        let gates = gates.map(|(name, run)| format!("gate {}: {}", spelled(name), spelled(run)));
        let setup = checked
            .setup
            .iter()
            .map(|run| format!("setup: {}", spelled(run)));
        Ok(TrustReport {
            path: Some(FILE.into()),
            trusted: self.trusted_hashes().contains(&checked.hash),
            commands: gates.chain(setup).collect(),
            hash: Some(checked.hash),
        })
    }

    /// The gates to run, by name, in order.
    ///
    /// # Errors
    /// When the checked-in file asks for gates and is not trusted.
    pub(crate) fn gates(&self) -> Result<Vec<(String, String)>> {
        let configured = self.store.repo().config_all("pm.gate");
        let mut gates: Vec<(String, String)> = configured
            .into_iter()
            .map(|text| match text.split_once('=') {
                Some((name, command)) if is_word(name) => (name.to_string(), command.to_string()),
                _ => (text.clone(), text),
            })
            .collect();
        if let Some(checked) = self.checked_in()?
            && !checked.gates.is_empty()
        {
            self.require_trusted(&checked)?;
            gates.extend(checked.gates);
        }
        Ok(gates)
    }

    /// Commands of a kind (`setup`), in order.
    ///
    /// # Errors
    /// When the checked-in file asks for some and is not trusted.
    pub(crate) fn commands(&self, kind: &str) -> Result<Vec<String>> {
        let mut commands = self.store.repo().config_all(&format!("pm.{kind}"));
        if let Some(checked) = self.checked_in()?
            && !checked.setup.is_empty()
        {
            self.require_trusted(&checked)?;
            commands.extend(checked.setup);
        }
        Ok(commands)
    }

    fn require_trusted(&self, checked: &Checked) -> Result<()> {
        if self.trusted_hashes().contains(&checked.hash) {
            return Ok(());
        }
        Err(Error::refused(format!(
            "{FILE} asks to run commands, and its present content is not trusted here"
        ))
        .hint("`git pm trust` shows them and trusts them"))
    }

    fn trusted_hashes(&self) -> Vec<String> {
        std::fs::read_to_string(self.store.folder().join("trusted"))
            .unwrap_or_default()
            .lines()
            .map(str::to_string)
            .collect()
    }

    fn checked_in(&self) -> Result<Option<Checked>> {
        let Some(top) = self.store.repo().workdir() else {
            return Ok(None);
        };
        let path = top.join(FILE);
        let Ok(meta) = std::fs::symlink_metadata(&path) else {
            return Ok(None);
        };
        let broken = |why: String| {
            Error::usage(format!("{FILE} cannot be used: {why}"))
                .hint(format!("mend or remove {}", path.display()))
        };
        if !meta.is_file() {
            return Err(broken("it is no regular file".into()));
        }
        if meta.len() > FILE_MAX {
            return Err(broken(format!("it has more than {FILE_MAX} bytes")));
        }
        let text = std::fs::read_to_string(&path).map_err(|e| broken(e.to_string()))?;
        let toml: toml_edit::DocumentMut = text.parse().map_err(|e| broken(format!("{e}")))?;
        let mut checked = Checked {
            hash: sha256_hex(text.as_bytes()),
            ..Checked::default()
        };
        if let Some(gates) = toml.get("gates") {
            let table = gates
                .as_table_like()
                .ok_or_else(|| broken("`gates` must be a table of name = \"command\"".into()))?;
            for (name, item) in table.iter() {
                let command = item
                    .as_str()
                    .ok_or_else(|| broken(format!("the gate `{name}` must be a text")))?;
                checked.gates.push((name.to_string(), command.to_string()));
            }
        }
        if let Some(setup) = toml.get("setup") {
            let list = setup
                .as_array()
                .ok_or_else(|| broken("`setup` must be a list of commands".into()))?;
            for item in list {
                let command = item
                    .as_str()
                    .ok_or_else(|| broken("`setup` must be a list of texts".into()))?;
                checked.setup.push(command.to_string());
            }
        }
        Ok(Some(checked))
    }
}

/// A text of the file on one line. One that holds a line feed or anything else that is not seen comes
/// in quotes with that escaped, as the file may spell it: two lines never look like one.
fn spelled(text: &str) -> std::borrow::Cow<'_, str> {
    if text.chars().any(crate::model::text::steers) {
        format!("{text:?}").into()
    } else {
        text.into()
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
