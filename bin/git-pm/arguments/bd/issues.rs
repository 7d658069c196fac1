//! The verbs of bd for issues whose options differ from those of `git pm issue`.

use git_pm::error::Reason;
use git_pm::issues::reading;
use git_pm::{Error, Result};

use super::line::Line;

impl Line {
    /// `duplicate A --of B`: an edge, and A is closed.
    pub(super) fn related(mut self, option: &str, kind: &str) -> Result<Vec<Vec<String>>> {
        let other = self.take_value(option);
        let (Some(id), Some(other)) = (self.rest.first().cloned(), other) else {
            return Err(Error::usage(format!("specify an ID and {option} ID")));
        };
        // The word for work that was not done; the edge names the other issue.
        let reason = match kind {
            "duplicates" => "duplicate".to_string(),
            _ => format!("{} {other}", reading(kind)),
        };
        Ok(vec![
            self.of(&["issue", "dep", "add", &id, &other, "--type", kind]),
            self.of(&["issue", "close", &id, "--reason", &reason]),
        ])
    }

    pub(super) fn show(mut self) -> Vec<String> {
        // These are always shown.
        self.take("--refs");
        self.take("--long");
        let (short, children) = (self.take("--short"), self.take("--children"));
        if children {
            return self.issue(&["children"]);
        }
        if short {
            let ids = self.rest.join(",");
            self.rest.clear();
            return self.issue(&["list", "--all", "--id", &ids]);
        }
        self.issue(&["show"])
    }

    /// Options of `list` that are conditions of a query here.
    pub(super) fn list_conditions(&mut self) {
        for field in ["created", "updated", "closed", "due"] {
            for (end, sign) in [("after", ">"), ("before", "<")] {
                let option = format!("--{field}-{end}");
                let value = self.take_value(&option);
                self.rest
                    .extend(value.map(|value| format!("{field}:{sign}{value}")));
            }
        }
        for (option, condition) in [
            ("--priority-min", "priority:>="),
            ("--priority-max", "priority:<="),
        ] {
            let value = self.take_value(option);
            self.rest
                .extend(value.map(|value| format!("{condition}{value}")));
        }
        let spec = self.take_value("--spec");
        self.rest.extend(spec.map(|value| format!("spec:{value}")));
        if self.take("--no-labels") {
            self.rest.push("!has:label".into());
        }
        if self.take("--ready") {
            self.rest.push("is:ready".into());
        }
        if self.take("--overdue") {
            self.rest.extend(["due:<now".into(), "is:open".into()]);
        }
        for option in ["--long", "--pretty"] {
            self.take(option);
        }
    }

    /// `count` counts the issues of all statuses unless it names some.
    pub(super) fn count_all(&mut self) {
        let is_status = |word: &String| {
            let name = word.split('=').next().unwrap_or_default();
            name == "--status" || word.starts_with("-s")
        };
        if !self.rest.iter().any(is_status) {
            self.rest
                .extend(["--status".to_string(), "all".to_string()]);
        }
    }

    pub(super) fn ready(mut self) -> Result<Vec<Vec<String>>> {
        for option in ["--pretty", "--plain"] {
            self.take(option);
        }
        let sort = self.take_value("--sort").or_else(|| self.take_value("-s"));
        match sort.as_deref() {
            None | Some("priority" | "hybrid") => Ok(vec![self.issue(&["ready"])]),
            Some(_) => Ok(vec![self.issue(&["list", "is:ready", "--sort", "created"])]),
        }
    }

    pub(super) fn search(mut self) -> Result<Vec<Vec<String>>> {
        let query = self.take_value("--query");
        self.rest.extend(query);
        match self
            .take_value("--status")
            .or_else(|| self.take_value("-s"))
            .as_deref()
        {
            None | Some("open") => {}
            Some("all") => self.rest.push("--all".into()),
            Some(_) => {
                return Err(Error::usage(
                    "`bd search --status` supports only `open` and `all` here",
                )
                .because(Reason::BdUnsupported)
                .hint("`--status all` includes closed issues")
                .hint("`git pm issue list 'title:*WORD*' --status S` searches titles"));
            }
        }
        Ok(vec![self.issue(&["search"])])
    }

    pub(super) fn dep(mut self) -> Result<Vec<Vec<String>>> {
        let on = self
            .take_value("--blocked-by")
            .or_else(|| self.take_value("--depends-on"));
        if let Some(on) = on {
            self.rest.push(on);
        }
        // `dep A --blocks B`: B waits for A.
        if let Some(other) = self
            .take_value("--blocks")
            .or_else(|| self.take_value("-b"))
        {
            let id = self.rest.pop().unwrap_or_default();
            return Ok(vec![self.issue(&["dep", "add", &other, &id])]);
        }
        match self.rest.first().map(String::as_str) {
            Some(verb @ ("relate" | "unrelate")) => {
                let verb = if verb == "relate" { "add" } else { "remove" };
                self.rest.remove(0);
                self.rest
                    .extend(["--type".to_string(), "related".to_string()]);
                Ok(vec![self.issue(&["dep", verb])])
            }
            _ => Ok(vec![self.issue(&["dep"])]),
        }
    }
}
