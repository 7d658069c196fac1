//! The rules for news of this clone, and their form in git's configuration.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::news::present;
use super::send::{marks, place, save};
use super::{Channel, Want};
use crate::error::{Error, Hint, Reason, Result};
use crate::maintain::setup::config::configure;
use crate::model::text::one_line;
use crate::model::vocabulary::Term;
use crate::model::web_address;
use crate::pm::Pm;
use crate::pm::arguments::term;
use crate::pm::handles::Notifications;
use crate::pm::who_acts::require_human;

/// The subsections of `pm` in git's configuration that hold rules.
const SECTION: &str = "notify.";

/// The keys of a rule.
const KEYS: [&str; 4] = ["to", "address", "on", "quiet"];

/// The word for all kinds of news.
const ALL: &str = "*";

/// The longest name of a rule, in characters.
const NAME_MAX: usize = 40;

/// Add a rule: which news go where
///
/// It is kept in the git configuration of this clone, and tells what happens from now on.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  git pm notify add team --to slack https://hooks.slack.com/services/T0/B0/x --on '*'
  git pm notify add me --to desktop --on message,approval-wanted --quiet-hours 22:00-07:00
  git pm notify add ops --to mail ops@example.org --on budget,run-ended")]
pub struct NewRule {
    /// Name of the rule: lowercase letters, digits and dashes.
    pub name: String,
    /// Where news go.
    #[arg(long, value_name = "CHANNEL", value_parser = term::<Channel>())]
    pub to: Channel,
    /// URL of the webhook or topic, or mail address; none for the desktop.
    pub address: Option<String>,
    /// Kinds of news, separated by commas: review-wanted, approval-wanted, blocked, budget, run-ended,
    /// message, conflict, or * for all.
    #[arg(long, value_name = "KIND", value_delimiter = ',', required = true)]
    pub on: Vec<String>,
    /// Local time in which nothing is sent, such as 22:00-07:00; it is sent afterwards.
    #[arg(long, value_name = "FROM-TO")]
    pub quiet_hours: Option<String>,
}

/// A rule, without what is secret of its address.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NotifyRule {
    /// Its name.
    pub name: String,
    /// Where news go; null if that is not valid.
    pub to: Option<Channel>,
    /// The host of its address.
    pub host: Option<String>,
    /// The kinds of news.
    pub on: Vec<Want>,
    /// The local time in which nothing is sent.
    pub quiet: Option<String>,
    /// Why it is not valid, or its last news were not accepted.
    pub problem: Option<String>,
}

/// The rules of this clone.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NotifyRules {
    /// The rules, by name.
    pub rules: Vec<NotifyRule>,
    /// The id of this clone.
    pub clone: Option<String>,
    /// The id of the clone that sends (`pm.notifySender`); null if every one does.
    pub sender: Option<String>,
}

/// A valid rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub name: String,
    pub to: Channel,
    pub address: String,
    pub on: Vec<Want>,
    pub quiet: Option<Quiet>,
}

/// A part of each day, in minutes after midnight; it may contain midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quiet {
    from: i16,
    to: i16,
}

impl Quiet {
    fn parse(text: &str) -> Option<Quiet> {
        let minute = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            let number = |text: &str, below: i16| {
                let is_plain = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
                text.parse::<i16>().ok().filter(|n| is_plain && *n < below)
            };
            Some(number(hour, 24)? * 60 + number(minute, 60)?)
        };
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minute(from)?, minute(to)?);
        (from != to).then_some(Quiet { from, to })
    }

    /// True at a minute of the day.
    fn has(self, minute: i16) -> bool {
        match self.from < self.to {
            true => (self.from..self.to).contains(&minute),
            false => minute >= self.from || minute < self.to,
        }
    }
}

impl Rule {
    fn read(name: &str, values: &BTreeMap<String, String>) -> Result<Rule> {
        let value = |key: &str| values.get(key).map(String::as_str);
        let to: Channel = value("to").unwrap_or_default().parse()?;
        let address = value("address").unwrap_or_default().to_string();
        check_address(to, &address)?;
        let words = value("on").unwrap_or_default().split(',');
        let mut on = BTreeSet::new();
        for word in words.map(str::trim) {
            match word {
                ALL => on.extend(Want::ALL),
                word => on.extend([word.parse::<Want>()?]),
            }
        }
        let quiet = value("quiet").map(|text| {
            Quiet::parse(text).ok_or_else(|| {
                let shown = one_line(text);
                invalid(format!("`{shown}` is no time of a day"), "use 22:00-07:00")
            })
        });
        Ok(Rule {
            name: name.to_string(),
            to,
            address,
            on: on.into_iter().collect(),
            quiet: quiet.transpose()?,
        })
    }

    /// What may be shown of its address.
    pub(super) fn host(&self) -> Option<String> {
        let host = match self.to {
            Channel::Desktop => None,
            Channel::Mail => self.address.rsplit_once('@').map(|(_, host)| host),
            _ => web_address::parts(&self.address).map(|(_, host)| host),
        };
        host.map(str::to_string)
    }

    /// True if nothing is sent now.
    pub(super) fn is_quiet(&self, pm: &Pm) -> bool {
        let now = pm.store.env().now();
        let minute = i16::from(now.hour()) * 60 + i16::from(now.minute());
        self.quiet.is_some_and(|quiet| quiet.has(minute))
    }
}

/// The rules of this clone by name, with what is wrong with some.
pub(super) fn all(pm: &Pm) -> Vec<(String, Result<Rule>)> {
    let found = pm.store.repo().own_subsections(SECTION, &KEYS);
    let found = found.into_iter().filter(|(name, _)| is_name(name));
    found
        .map(|(name, values)| {
            let rule = Rule::read(&name, &values);
            (name, rule)
        })
        .collect()
}

/// The rule with a name.
///
/// # Errors
/// When there is none, or it is not valid.
pub(super) fn find(pm: &Pm, name: &str) -> Result<Rule> {
    let found = all(pm).into_iter().find(|(known, _)| known == name);
    found.map_or_else(|| Err(not_found(name)), |(_, rule)| rule)
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=NAME_MAX).contains(&name.len()) && !name.starts_with('-') && name.bytes().all(plain)
}

/// Refuses an address that a channel cannot use. The error does not have it.
fn check_address(to: Channel, address: &str) -> Result<()> {
    let shown = to.word();
    match to {
        Channel::Desktop if address.is_empty() => Ok(()),
        Channel::Desktop => Err(invalid("the desktop has no address".into(), "leave it out")),
        Channel::Mail => {
            let is_plain = |part: &str| {
                let plain = |b: u8| b.is_ascii_alphanumeric() || b"._+-".contains(&b);
                !part.is_empty() && !part.starts_with('-') && part.bytes().all(plain)
            };
            let parts = address.split_once('@');
            match parts.is_some_and(|(name, host)| is_plain(name) && is_plain(host)) {
                true => Ok(()),
                false => Err(invalid(
                    "that is no mail address".into(),
                    "give one address, such as ana@example.org",
                )),
            }
        }
        _ => match web_address::parts(address) {
            Some(("https", _)) => Ok(()),
            Some((_, host)) if web_address::is_loopback(host) => Ok(()),
            Some(_) => Err(invalid(
                format!("the address for {shown} is not encrypted"),
                "use https; http is for this machine only",
            )),
            None => Err(invalid(
                format!("that is no address for {shown}"),
                "give the URL that the service shows, with https://",
            )),
        },
    }
}

fn invalid(message: String, hint: &str) -> Error {
    Error::usage(message)
        .because(Reason::NotifyInvalid)
        .hint(hint)
}

fn not_found(name: &str) -> Error {
    let shown = one_line(name);
    Error::not_found(format!("there is no rule `{shown}` for news"))
        .because(Reason::NotifyNotFound)
        .about(shown)
        .hint(Hint::run(["notify", "list"], "lists the rules"))
}

/// Refuses an agent, who could send news elsewhere.
pub(super) fn require_person(pm: &Pm, what: &str) -> Result<()> {
    require_human(&pm.actor, what, "ask a human to run this command")
}

impl Notifications<'_> {
    /// Adds a rule to this clone. It is told what happens from now on.
    ///
    /// # Errors
    /// For an agent; when there is a rule of that name, the name, address, kinds or quiet hours are not
    /// valid, or git's configuration cannot be written.
    pub fn add(&self, new: &NewRule) -> Result<NotifyRule> {
        let (pm, name) = (self.pm, new.name.as_str());
        require_person(pm, "adding a rule for news")?;
        if !is_name(name) {
            return Err(invalid(
                format!("`{}` cannot be the name of a rule", one_line(name)),
                "use up to 40 lowercase letters, digits and dashes",
            ));
        }
        if all(pm).iter().any(|(known, _)| known == name) {
            return Err(Error::conflict(format!("there is a rule `{name}` already"))
                .because(Reason::NotifyExists)
                .about(name)
                .hint(Hint::run(["notify", "remove", name], "removes it")));
        }
        let on = new.on.join(",");
        let to = new.to.word();
        let pairs = [
            ("to", Some(to)),
            ("address", new.address.as_deref()),
            ("on", Some(on.as_str())),
            ("quiet", new.quiet_hours.as_deref()),
        ];
        let values = pairs
            .iter()
            .filter_map(|(key, value)| Some((*key, (*value)?)));
        let own = values
            .clone()
            .map(|(key, value)| (key.into(), value.into()));
        let rule = Rule::read(name, &own.collect())?;
        let place = place(pm)?;
        let mut marks = marks(pm)?;
        marks.insert(name.to_string(), present(pm, &rule)?);
        save(&place, &marks)?;
        for (key, value) in values {
            let key = format!("pm.{SECTION}{name}.{key}");
            configure(pm, &key, &["--replace-all", &key, value])?;
        }
        Ok(shown(name, Ok(rule), None))
    }

    /// The rules of this clone.
    ///
    /// # Errors
    /// When the state, or what was sent, cannot be read.
    pub fn list(&self) -> Result<NotifyRules> {
        let pm = self.pm;
        let marks = marks(pm)?;
        let rules = all(pm).into_iter().map(|(name, rule)| {
            let failure = marks.get(&name).and_then(|mark| mark.failure.clone());
            shown(&name, rule, failure)
        });
        let sender = pm.store.state()?.repository.notify_sender();
        Ok(NotifyRules {
            rules: rules.collect(),
            clone: pm.store.known_replica().map(|id| id.to_string()),
            sender: sender.map(|id| id.to_string()),
        })
    }

    /// Removes a rule from this clone.
    ///
    /// # Errors
    /// For an agent; when there is no such rule, or git's configuration cannot be written.
    pub fn remove(&self, name: &str) -> Result<NotifyRule> {
        let pm = self.pm;
        require_person(pm, "removing a rule for news")?;
        let mut rules = all(pm).into_iter();
        let (_, rule) = rules
            .find(|(known, _)| known == name)
            .ok_or_else(|| not_found(name))?;
        let section = format!("pm.{SECTION}{name}");
        let place = place(pm)?;
        let mut marks = marks(pm)?;
        configure(pm, &section, &["--remove-section", &section])?;
        marks.remove(name);
        save(&place, &marks)?;
        Ok(shown(name, rule, None))
    }
}

fn shown(name: &str, rule: Result<Rule>, failure: Option<String>) -> NotifyRule {
    let (rule, wrong) = match rule {
        Ok(rule) => (Some(rule), None),
        Err(error) => (None, Some(error.message().to_string())),
    };
    let quiet = rule.as_ref().and_then(|rule| rule.quiet);
    NotifyRule {
        name: name.to_string(),
        to: rule.as_ref().map(|rule| rule.to),
        host: rule.as_ref().and_then(Rule::host),
        on: rule.map(|rule| rule.on).unwrap_or_default(),
        quiet: quiet.map(|Quiet { from, to }| {
            let [from, to] = [from, to].map(|at| format!("{:02}:{:02}", at / 60, at % 60));
            format!("{from}-{to}")
        }),
        problem: wrong.or(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_contain_midnight() {
        let night = Quiet::parse("22:00-07:00").unwrap();
        let noon = Quiet::parse("12:30-13:00").unwrap();
        for (minute, at_night, at_noon) in [
            (0, true, false),
            (419, true, false),
            (420, false, false),
            (749, false, false),
            (750, false, true),
            (779, false, true),
            (780, false, false),
            (1319, false, false),
            (1320, true, false),
        ] {
            assert_eq!((night.has(minute), noon.has(minute)), (at_night, at_noon));
        }
        for wrong in [
            "",
            "22:00",
            "24:00-07:00",
            "22:60-07:00",
            "7:00-8:00",
            "07:00-07:00",
        ] {
            assert_eq!(Quiet::parse(wrong), None, "{wrong}");
        }
    }
}
