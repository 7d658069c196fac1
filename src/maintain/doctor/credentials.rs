//! Tokens and keys of this clone whose age is known, and that should be replaced.

use std::time::UNIX_EPOCH;

use serde::Deserialize;

use crate::maintain::doctor::DoctorReport;
use crate::maintain::gc::retention;
use crate::model::settings;
use crate::model::stamp::{DAY_MS, parse_rfc3339};
use crate::model::text::one_line;
use crate::pm::Pm;

/// The file of the tokens of `git pm serve`, in git pm's folder below the git directory.
pub(crate) const TOKENS: &str = "serve-tokens.json";

/// What a token's age follows from.
#[derive(Deserialize)]
struct Token {
    name: String,
    created: String,
}

pub(super) fn check_credentials(pm: &Pm, report: &mut DoctorReport) {
    let most = match retention(pm, &settings::CREDENTIAL_DAYS) {
        Ok(Some(most)) => most,
        Ok(None) => return,
        Err(error) => return report.error("credentials", &error),
    };
    let days = |ms: u64| pm.now_ms().saturating_sub(ms) / DAY_MS;
    let tokens = std::fs::read(pm.folder().join(TOKENS)).unwrap_or_default();
    let tokens: Vec<Token> = serde_json::from_slice(&tokens).unwrap_or_default();
    let tokens = tokens.iter().filter_map(|token| {
        let name = one_line(&token.name);
        let fix = format!("git pm serve token remove {name}, then git pm serve token add {name}");
        let age = days(parse_rfc3339(&token.created)?);
        Some((format!("the token of {name}"), age, fix))
    });
    let key = pm.store.repo().text_of(&settings::GITHUB_APP_KEY);
    let changed = std::fs::metadata(&key).and_then(|found| found.modified());
    let changed = changed
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let key = changed.map(|since| {
        let age = days(u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        let fix = "generate a new private key of the app at GitHub, and delete the old one there";
        (
            format!("the key in {}", one_line(&key)),
            age,
            fix.to_string(),
        )
    });
    let (mut known, mut old) = (0, 0);
    for (what, age, fix) in tokens.chain(key) {
        known += 1;
        if age > most {
            old += 1;
            let message = format!("{what} is {age} days old (pm.credentialDays is {most})");
            report.note("credentials", message, Some(&fix));
        }
    }
    if known > 0 && old == 0 {
        report.ok("credentials", format!("none is older than {most} days"));
    }
}
