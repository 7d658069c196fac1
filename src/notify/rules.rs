//! The rules for news of this clone, and their form in git's configuration.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Time;
use schemars::JsonSchema;
use serde::Serialize;

use super::news::present;
use super::send::{exclusive, marks, save};
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
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
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
    /// Valid hours.
    pub quiet: Option<String>,
}

/// The time of a day from which to which nothing is sent; it may contain midnight.
fn quiet_hours(text: &str) -> Option<(Time, Time)> {
    let time = |text: &str| {
        let time = Time::strptime("%H:%M", text).ok();
        time.filter(|time| time.strftime("%H:%M").to_string() == text)
    };
    let (from, to) = text.split_once('-')?;
    let (from, to) = (time(from)?, time(to)?);
    (from != to).then_some((from, to))
}

fn is_within((from, to): (Time, Time), time: Time) -> bool {
    match from < to {
        true => (from..to).contains(&time),
        false => !(to..from).contains(&time),
    }
}

impl Rule {
    fn read(name: &str, values: &BTreeMap<String, String>) -> Result<Rule> {
        let value = |key: &str| values.get(key).map(String::as_str);
        let to: Channel = value("to").unwrap_or_default().parse()?;
        let address = value("address").unwrap_or_default();
        check_address(to, address)?;
        let words = value("on").unwrap_or_default().split(',');
        let mut on = BTreeSet::new();
        for word in words.map(str::trim) {
            match word {
                ALL => on.extend(Want::ALL),
                word => on.extend([word.parse::<Want>()?]),
            }
        }
        let quiet = value("quiet");
        if let Some(text) = quiet.filter(|text| quiet_hours(text).is_none()) {
            let text = format!("`{}` is not a time of day", one_line(text));
            return Err(invalid(text, "use 22:00-07:00"));
        }
        Ok(Rule {
            name: name.to_string(),
            to,
            address: address.to_string(),
            on: on.into_iter().collect(),
            quiet: quiet.map(str::to_string),
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
        let hours = self.quiet.as_deref().and_then(quiet_hours);
        hours.is_some_and(|hours| is_within(hours, pm.store.env().now().time()))
    }
}

/// The rules of this clone by name, with what is wrong with some.
pub(super) fn all(pm: &Pm) -> Vec<(String, Result<Rule>)> {
    let found = pm.store.repo().own_subsections(SECTION, &KEYS);
    let found = found.into_iter().filter(|(name, _)| is_name(name));
    let read = |(name, values): (String, _)| (name.clone(), Rule::read(&name, &values));
    found.map(read).collect()
}

/// The rule with a name, or what is wrong with it.
///
/// # Errors
/// When there is none.
fn find(pm: &Pm, name: &str) -> Result<Result<Rule>> {
    let found = all(pm).into_iter().find(|(known, _)| known == name);
    found.map(|(_, rule)| rule).ok_or_else(|| {
        let shown = one_line(name);
        Error::not_found(format!("there is no rule `{shown}` for news"))
            .because(Reason::NotifyNotFound)
            .about(shown)
            .hint(Hint::run(["notify", "list"], "lists the rules"))
    })
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
            if parts.is_some_and(|(name, host)| is_plain(name) && is_plain(host)) {
                return Ok(());
            }
            let next = "give one address, such as ana@example.org";
            Err(invalid("that is no mail address".into(), next))
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

/// Refuses an agent, who could send news elsewhere.
fn require_person(pm: &Pm, what: &str) -> Result<()> {
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
            let text = format!("`{}` cannot be the name of a rule", one_line(name));
            let next = "use up to 40 lowercase letters, digits and dashes";
            return Err(invalid(text, next));
        }
        if find(pm, name).is_ok() {
            return Err(Error::conflict(format!("there is a rule `{name}` already"))
                .because(Reason::NotifyExists)
                .about(name)
                .hint(Hint::run(["notify", "remove", name], "removes it")));
        }
        let values: BTreeMap<String, String> = [
            ("to", Some(new.to.word().to_string())),
            ("address", new.address.clone()),
            ("on", Some(new.on.join(","))),
            ("quiet", new.quiet_hours.clone()),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_string(), value?)))
        .collect();
        let rule = Rule::read(name, &values)?;
        let _held = exclusive(pm)?;
        let mut marks = marks(pm)?;
        marks.insert(name.to_string(), present(pm, &rule)?);
        save(pm, &marks)?;
        for (key, value) in &values {
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
        let rule = find(pm, name)?;
        let section = format!("pm.{SECTION}{name}");
        let _held = exclusive(pm)?;
        let mut marks = marks(pm)?;
        configure(pm, &section, &["--remove-section", &section])?;
        marks.remove(name);
        save(pm, &marks)?;
        Ok(shown(name, rule, None))
    }
}

fn shown(name: &str, rule: Result<Rule>, failure: Option<String>) -> NotifyRule {
    let name = name.to_string();
    match rule {
        Ok(rule) => NotifyRule {
            name,
            to: Some(rule.to),
            host: rule.host(),
            on: rule.on,
            quiet: rule.quiet,
            problem: failure,
        },
        Err(error) => NotifyRule {
            name,
            problem: Some(error.message().to_string()),
            ..NotifyRule::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_contain_midnight() {
        let night = quiet_hours("22:00-07:00").unwrap();
        let noon = quiet_hours("12:30-13:00").unwrap();
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
            let time = Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0);
            let has = (is_within(night, time), is_within(noon, time));
            assert_eq!(has, (at_night, at_noon), "{time}");
        }
        for wrong in [
            "",
            "22:00",
            "24:00-07:00",
            "22:60-07:00",
            "7:00-8:00",
            "07:00-07:00",
        ] {
            assert_eq!(quiet_hours(wrong), None, "{wrong}");
        }
    }
}
