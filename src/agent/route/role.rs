//! Which role an item has (`architecture`, `testing`, …), from its labels, type, paths, size and risk.
//! Pure.

use super::table::{Signs, TABLE};
use crate::model::text::excerpt;
use crate::model::vocabulary::terms;

terms! {
    /// The kind of work of an item, which determines the agent.
    Role in "role" {
        /// Architectural decisions, research.
        Architecture = "architecture",
        /// Reviewing the work of others.
        Review = "review",
        /// Everything else.
        Implementation = "implementation",
        /// Large, risky or subtle work.
        ComplexLogic = "complex-logic",
        /// Texts for readers.
        Documentation = "documentation",
        /// Tests.
        Testing = "testing",
        /// Dividing work into tasks.
        Planning = "planning",
        /// Integrating work, for example after a merge conflict.
        Integration = "integration",
    }
}

terms! {
    /// The part of the product that an item is about, which determines its agent's instructions.
    Specialty in "specialty" {
        /// Servers, interfaces, databases.
        Backend = "backend",
        /// User interfaces.
        Frontend = "frontend",
        /// Tests and quality.
        Qa = "qa",
        /// Pipelines and infrastructure.
        Devops = "devops",
    }
}

/// The facts about an item that determine its role.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// Its type, such as `docs`.
    pub item_type: &'a str,
    /// Its labels.
    pub labels: &'a [String],
    /// Patterns of the paths that it is expected to change.
    pub paths: &'a [String],
    /// Its size, XS to XL.
    pub estimate: Option<&'a str>,
    /// Its risk.
    pub risk: Option<&'a str>,
    /// True if its merge had conflicts.
    pub had_conflict: bool,
}

/// The role of an item, with the reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// The kind of work.
    pub role: Role,
    /// The part of the product.
    pub specialty: Option<Specialty>,
    /// The reasons, as phrases.
    pub why: Vec<String>,
}

impl Duty {
    /// The role of an item with these facts. A label `role:NAME` takes precedence, then the other
    /// labels, the type, the paths, and estimate and risk.
    pub fn of(facts: &Facts<'_>) -> Duty {
        let (role, why) = role_of(facts);
        let mut why = vec![format!("role {role}: {why}")];
        let specialty = specialty_of(facts, role);
        let specialty = specialty.map(|(specialty, because)| {
            why.push(format!("specialty {specialty}: {because}"));
            specialty
        });
        Duty {
            role,
            specialty,
            why,
        }
    }
}

/// The values of labels such as `role:testing`.
fn named(facts: &Facts<'_>) -> impl Iterator<Item = String> {
    let values = facts.labels.iter().filter_map(|label| {
        let label = label.to_ascii_lowercase();
        label
            .strip_prefix("role:")
            .map(|value| value.trim().to_string())
    });
    values.collect::<Vec<_>>().into_iter()
}

fn role_of(facts: &Facts<'_>) -> (Role, String) {
    if let Some(role) = named(facts).find_map(|name| Role::parse(&name)) {
        return (role, format!("the label role:{role}"));
    }
    if facts.had_conflict {
        return (Role::Integration, "its merge had conflicts".into());
    }
    let rules: [fn(&Signs, &Facts<'_>) -> Option<String>; 4] =
        [by_label, by_type, by_paths, by_effort];
    for rule in rules {
        for row in &TABLE.roles {
            if let Some(why) = rule(&row.signs, facts) {
                return (row.role, why);
            }
        }
    }
    (Role::Implementation, "no other role matches".into())
}

fn specialty_of(facts: &Facts<'_>, role: Role) -> Option<(Specialty, String)> {
    if let Some(specialty) = named(facts).find_map(|name| Specialty::parse(&name)) {
        return Some((specialty, format!("the label role:{specialty}")));
    }
    let rules: [fn(&Signs, &Facts<'_>) -> Option<String>; 3] = [by_label, by_type, by_paths];
    for rule in rules {
        for row in &TABLE.specialties {
            if let Some(why) = rule(&row.signs, facts) {
                return Some((row.specialty, why));
            }
        }
    }
    (role == Role::Testing).then(|| (Specialty::Qa, "its role is testing".into()))
}

fn by_label(signs: &Signs, facts: &Facts<'_>) -> Option<String> {
    let is_sign = |label: &&String| {
        signs
            .labels
            .iter()
            .any(|sign| sign.eq_ignore_ascii_case(label))
    };
    let found = facts.labels.iter().find(is_sign)?;
    Some(format!("the label {}", excerpt(found, 40)))
}

fn by_type(signs: &Signs, facts: &Facts<'_>) -> Option<String> {
    let found = signs.types.iter().find(|sign| *sign == facts.item_type)?;
    Some(format!("the type {found}"))
}

fn by_paths(signs: &Signs, facts: &Facts<'_>) -> Option<String> {
    let shows = |path: &String| signs.paths.iter().any(|sign| is_sign_of(sign, path));
    let first = facts.paths.first()?;
    facts
        .paths
        .iter()
        .all(shows)
        .then(|| match facts.paths.len() {
            1 => format!("the path {}", excerpt(first, 80)),
            n => format!("all of its {n} paths, such as {}", excerpt(first, 80)),
        })
}

fn by_effort(signs: &Signs, facts: &Facts<'_>) -> Option<String> {
    let is_in = |words: &[String], word: Option<&str>| {
        word.filter(|word| words.iter().any(|known| known == word))
            .map(str::to_string)
    };
    let size = is_in(&signs.estimates, facts.estimate);
    let size = size.map(|size| format!("the estimate {size}"));
    size.or_else(|| is_in(&signs.risks, facts.risk).map(|risk| format!("the risk {risk}")))
}

/// True if a planned path matches a sign: a folder `name/`, a suffix `.end` or `_end`, a file name.
fn is_sign_of(sign: &str, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    if let Some(folder) = sign.strip_suffix('/') {
        // The last part may be the folder itself.
        return file == folder || folders.split('/').any(|part| part == folder);
    }
    match sign.starts_with(['.', '_']) {
        true => file.ends_with(sign),
        false => file == sign,
    }
}
