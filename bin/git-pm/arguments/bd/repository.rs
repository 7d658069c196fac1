//! The verbs of bd for the repository: init, sync, dolt, hooks, setup, config, export and import.

use git_pm::error::Reason;
use git_pm::{Error, Result};

use super::line::Line;

/// True if standard input is a pipe or a file, whose records a command without a file would ignore.
fn input_is_given() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let owned = std::io::stdin().as_fd().try_clone_to_owned();
    let kind = owned.and_then(|input| std::fs::File::from(input).metadata());
    kind.is_ok_and(|kind| kind.file_type().is_fifo() || kind.is_file())
}

impl Line {
    /// `sync`: what only moves data between a file and a database has nothing to do here, since
    /// each change is in the state at once.
    pub(super) fn sync(mut self) -> Result<Vec<Vec<String>>> {
        let reads = [
            "--status",
            "--check",
            "--dry-run",
            "--flush-only",
            "--import-only",
        ];
        let mut only_reads = false;
        for option in reads {
            only_reads |= self.take(option);
        }
        // A message for a commit of the file.
        self.take_value("--message")
            .or_else(|| self.take_value("-m"));
        self.take("--full");
        let (no_push, no_pull) = (self.take("--no-push"), self.take("--no-pull"));
        let command = match (only_reads || (no_push && no_pull), no_push, no_pull) {
            (true, ..) => "status",
            (false, true, _) => "pull",
            (false, _, true) => "push",
            (false, ..) => "sync",
        };
        self.alone("sync", &[command])
    }

    /// `dolt pull` and `dolt push`; `dolt commit` has nothing to do.
    pub(super) fn dolt(mut self) -> Result<Vec<Vec<String>>> {
        let verb = match self.rest.is_empty() {
            true => String::new(),
            false => self.rest.remove(0),
        };
        match verb.as_str() {
            "pull" | "push" => self.alone(&format!("dolt {verb}"), &[&verb]),
            "commit" => {
                self.take_value("--message")
                    .or_else(|| self.take_value("-m"));
                self.alone("dolt commit", &["status"])
            }
            _ => Err(Error::usage(format!(
                "git pm has no `{}`",
                format!("bd dolt {verb}").trim()
            ))
            .because(Reason::BdUnsupported)
            .hint("there is no database; `git pm sync` shares the state, `git pm status` shows it")
            .hint("`man git-pm-beads` lists the differences from beads")),
        }
    }

    pub(super) fn init(mut self) -> Result<Vec<Vec<String>>> {
        let prefix = self
            .take_value("--prefix")
            .or_else(|| self.take_value("-p"));
        let mut command = vec!["init"];
        if self.take("--skip-hooks") {
            command.push("--no-hooks");
        }
        if self.take("--quiet") | self.take("-q") {
            command.push("--quiet");
        }
        let choose = ["config", "--shared", "--first", "pm.issuePrefix"];
        let prefix = prefix.map(|prefix| {
            let mut line = self.of(&choose);
            line.push(prefix);
            line
        });
        let mut out = self.alone("init", &command)?;
        out.extend(prefix);
        Ok(out)
    }

    /// `hooks run NAME ARGS…`, which the git hooks that bd wrote call, has nothing to do: git runs
    /// the hooks of git pm itself.
    pub(super) fn hooks(mut self) -> Result<Vec<Vec<String>>> {
        for option in ["--force", "--shared", "--chain", "--beads"] {
            self.take(option);
        }
        match self.rest.first().map(String::as_str) {
            Some("run") => Ok(Vec::new()),
            Some("list") => {
                self.rest.remove(0);
                self.alone("hooks list", &["hook", "status"])
            }
            _ => Ok(vec![self.with_rest(&["hook"])]),
        }
    }

    pub(super) fn setup(mut self) -> Result<Vec<Vec<String>>> {
        let remove = self.take("--remove");
        let at = self.rest.iter().position(|word| !word.starts_with('-'));
        let tool = at.map(|at| self.rest.remove(at));
        let mut command = match tool.as_deref() {
            Some(tool @ ("claude" | "gemini" | "codex" | "opencode")) => {
                vec!["install", "hooks", "--for", tool]
            }
            _ => vec!["install", "agents"],
        };
        if remove {
            command.push("--remove");
        }
        self.alone("setup", &command)
    }

    /// `config get KEY` and the like. The one setting that both have is the prefix of issues, which
    /// is shared by all clones.
    pub(super) fn config(mut self) -> Vec<String> {
        let verb = self.rest.first().cloned().unwrap_or_default();
        if ["get", "set", "list", "unset"].contains(&verb.as_str()) {
            self.rest.remove(0);
        }
        let prefix = |word: &&mut String| ["issue_prefix", "issue-prefix"].contains(&word.as_str());
        if let Some(key) = self.rest.iter_mut().find(prefix) {
            *key = "pm.issuePrefix".into();
            if ["set", "unset"].contains(&verb.as_str()) {
                self.rest.push("--shared".into());
            }
        }
        if verb == "unset" {
            self.rest.push("--unset".into());
        }
        self.with_rest(&["config"])
    }

    /// `export`: all issues, to standard output without a file.
    pub(super) fn export(mut self) -> Result<Vec<Vec<String>>> {
        let file = self
            .take_value("-o")
            .or_else(|| self.take_value("--output"));
        // All issues, which is what they ask for.
        self.take("--all");
        let file = file.unwrap_or_else(|| "-".into());
        self.alone("export", &["export", "beads", &file])
    }

    pub(super) fn import(mut self) -> Result<Vec<Vec<String>>> {
        let file = self.take_value("-i").or_else(|| self.take_value("--input"));
        self.rest.extend(file);
        let named = self
            .rest
            .iter()
            .any(|word| !word.starts_with('-') || word == "-");
        if !named && input_is_given() {
            return Err(Error::usage("specify a file to import")
                .because(Reason::BdUnsupported)
                .hint("`bd import -` reads standard input")
                .hint("`bd import FILE` reads a file"));
        }
        Ok(vec![self.with_rest(&["import", "beads"])])
    }
}
