//! `git pm __complete`: what may stand for the last word of a command line, for the scripts of shells.
//!
//! Only what the state knows, such as ids and labels: commands and options are in the scripts.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::{Arg, Args, Command};
use git_pm::items::{Field, Item, Mark};
use git_pm::text::excerpt;
use git_pm::values::{ItemKind, Priority, Status};
use git_pm::{Options, Pm, Result};

use crate::arguments::globals::Globals;
use crate::arguments::meant;
use crate::arguments::raw::Raw;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;

/// Print what may stand for the last of some words
///
/// Each line is a value, a tabulator and a description. Only scripts call it: what goes wrong is not printed.
#[derive(clap::Args, Debug)]
pub struct CompleteArgs {
    /// The words after `git pm`, the last perhaps empty.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub word: Vec<OsString>,
}

/// A value and its description.
type Candidate = (String, String);

/// Prints the candidates; whatever is wrong, a shell gets none.
pub fn run(args: &CompleteArgs, root: &Command) -> Outcome {
    let found = candidates(&args.word, root).unwrap_or_default();
    let lines = found
        .iter()
        .map(|(value, about)| format!("{value}\t{about}\n"));
    stdout::write_raw(lines.collect::<String>())?;
    Ok(Exit::DONE)
}

/// The most characters of a title.
const TITLE: usize = 60;

/// What can stand in a place.
enum Offer {
    /// Items of a kind or of all.
    Items(Option<ItemKind>),
    /// Items to start: those that are ready come first.
    Startable(Option<ItemKind>),
    /// Closed items.
    Closed(Option<ItemKind>),
    Labels,
    Actors,
    Statuses,
    /// A word of a query.
    Query,
}

/// Groups whose ids are not those of items.
const NOT_ITEMS: &str = "agent artifact budget context finding learn logs msg notify plan reserve route \
                         run view";

fn candidates(words: &[OsString], root: &Command) -> Result<Vec<Candidate>> {
    let Some((last, before)) = words.split_last() else {
        return Ok(Vec::new());
    };
    let last = &last.to_string_lossy();
    let own = std::iter::once("git-pm".into());
    let mut raw = Raw::read(own.chain(before.iter().cloned()).collect());
    raw.spell_out(meant::short, super::plan_group);
    let Some(offer) = offered(&raw, last, root) else {
        return Ok(Vec::new());
    };
    let env = crate::environment::read(&raw.directories)?;
    let options = Options {
        for_people: true,
        ..Options::default()
    };
    let state = State(Pm::open(env, options)?);
    // Values with commas, and one that is attached to its option.
    let begin = match (&offer, last.starts_with('-')) {
        (Offer::Query, _) => 0,
        (_, true) => last.find('=').map_or(0, |at| at + 1),
        (_, false) => 0,
    };
    let begin = last.rfind(',').map_or(begin, |at| at + 1);
    let (kept, typed) = last.split_at(begin);
    let found = match offer {
        Offer::Query => state.query(last)?,
        other => with_prefix(kept, state.offer(&other)?),
    };
    let begins = |value: &str| {
        let head = value.get(kept.len()..kept.len() + typed.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(typed))
    };
    Ok(found
        .into_iter()
        .filter(|(value, _)| begins(value))
        .collect())
}

fn with_prefix(prefix: &str, found: Vec<Candidate>) -> Vec<Candidate> {
    let with = |(value, about)| (format!("{prefix}{value}"), about);
    found.into_iter().map(with).collect()
}

/// What the place of the last word takes.
fn offered(raw: &Raw, last: &str, root: &Command) -> Option<Offer> {
    let named = root.find_subcommand(raw.verb().first()?)?.clone();
    let mut tree = Globals::augment_args(clap::Command::new("git-pm")).subcommand(named);
    tree.build();
    let mut command = &tree;
    let mut path: Vec<&str> = Vec::new();
    let (mut place, mut option) = (0, None);
    for word in raw
        .argv
        .iter()
        .skip(1)
        .map(|word| word.to_str().unwrap_or_default())
    {
        if option.take().is_some() {
            continue;
        }
        if word.starts_with('-') {
            option = option_of(command, word).filter(|_| !word.contains('='));
        } else if let (0, Some(below)) = (place, command.find_subcommand(word)) {
            path.push(below.get_name());
            command = below;
        } else {
            place += 1;
        }
    }
    let attached = last.split_once('=').filter(|_| last.starts_with("--"));
    let arg = match (option, attached) {
        (Some(option), _) => option,
        (None, Some((name, _))) => option_of(command, name)?,
        (None, None) => {
            let all: Vec<&Arg> = command.get_positionals().collect();
            let arg = all.get(place).or(all.last()).copied();
            let arg = arg.filter(|arg| place < all.len() || is_list(arg))?;
            // Else it is an option, or the negation of a condition.
            if last.starts_with('-') && (arg.get_id() != "query" || !last.contains(':')) {
                return None;
            }
            arg
        }
    };
    of_argument(arg, &path)
}

fn is_list(arg: &Arg) -> bool {
    matches!(arg.get_action(), clap::ArgAction::Append)
}

/// The option of that name, if it takes a value.
fn option_of<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let is_named = |arg: &&Arg| match name.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => arg
            .get_short()
            .is_some_and(|short| name == format!("-{short}")),
    };
    let found = command.get_arguments().find(is_named)?;
    found.get_action().takes_values().then_some(found)
}

/// What an argument takes.
fn of_argument(arg: &Arg, path: &[&str]) -> Option<Offer> {
    let kind = path.first().and_then(|group| ItemKind::parse(group));
    let kind = kind.filter(|kind| *kind != ItemKind::Task);
    let name = arg.get_long().unwrap_or(arg.get_id().as_str());
    Some(match name {
        "epic" => Offer::Items(Some(ItemKind::Epic)),
        "label" | "add-label" | "remove-label" => Offer::Labels,
        "assignee" | "owner" | "to" | "as" => Offer::Actors,
        "status" => Offer::Statuses,
        "query" => Offer::Query,
        "depends-on" | "parent" | "item" => Offer::Items(None),
        _ => {
            let names = arg.get_value_names().unwrap_or_default();
            let is_id = names
                .iter()
                .any(|name| name.split('|').any(|one| one == "ID"));
            let others = NOT_ITEMS
                .split(' ')
                .any(|group| path.first() == Some(&group));
            if !is_id && name != "id" || others {
                return None;
            }
            match path.last() {
                Some(&"start") => Offer::Startable(kind),
                Some(&"reopen") => Offer::Closed(kind),
                _ => Offer::Items(kind),
            }
        }
    })
}

/// The state of the repository.
struct State(Pm);

impl State {
    fn offer(&self, offer: &Offer) -> Result<Vec<Candidate>> {
        let items = self.0.items();
        let titled = |items: Vec<Item>| {
            let one = |item: Item| (item.id, excerpt(&item.title, TITLE));
            items.into_iter().map(one).collect()
        };
        let words = |words: BTreeSet<String>| {
            words
                .into_iter()
                .map(|word| (word, String::new()))
                .collect()
        };
        let open = || items.named(None, false, false);
        Ok(match offer {
            Offer::Items(kind) => titled(items.named(*kind, false, false)?),
            Offer::Startable(kind) => titled(items.named(*kind, false, true)?),
            Offer::Closed(kind) => titled(items.named(*kind, true, false)?),
            Offer::Labels => words(open()?.into_iter().flat_map(|item| item.labels).collect()),
            Offer::Actors => {
                let names = |item: Item| {
                    let holder = item.holder().map(|claim| claim.actor.clone());
                    holder.into_iter().chain(item.assignee)
                };
                let mut names: BTreeSet<String> = open()?.into_iter().flat_map(names).collect();
                names.insert(self.0.actor().name.clone());
                words(names)
            }
            Offer::Statuses => {
                let all = Status::TASK.iter().map(|one| one.as_str().to_string());
                words(all.collect())
            }
            Offer::Query => Vec::new(),
        })
    }

    /// The words that a condition may be continued with.
    fn query(&self, typed: &str) -> Result<Vec<Candidate>> {
        let bare = typed.trim_start_matches(['-', '!']);
        let not = &typed[..typed.len() - bare.len()];
        let Some((name, _)) = bare.split_once(':') else {
            let fields = ["is", "has"]
                .into_iter()
                .chain(Field::all().map(Field::name));
            let fields = fields.map(|name| (format!("{not}{name}:"), String::new()));
            return Ok(fields.collect());
        };
        let plain = |words: Vec<&str>| -> Vec<Candidate> {
            let one = |word: &str| (word.to_string(), String::new());
            words.into_iter().map(one).collect()
        };
        let values = match (name, Field::named(name)) {
            ("is", _) => {
                let marks = Mark::ALL.iter().map(|mark| mark.as_str());
                plain(
                    marks
                        .chain(ItemKind::ALL.iter().map(|kind| kind.as_str()))
                        .collect(),
                )
            }
            ("has", _) => plain(Field::all().map(Field::name).collect()),
            (_, Some(Field::Kind)) => {
                plain(ItemKind::ALL.iter().map(|kind| kind.as_str()).collect())
            }
            (_, Some(Field::Priority)) => plain(Priority::WORDS.to_vec()),
            (_, Some(Field::Status)) => self.offer(&Offer::Statuses)?,
            (_, Some(Field::Label)) => self.offer(&Offer::Labels)?,
            (_, Some(Field::Epic)) => self.offer(&Offer::Items(Some(ItemKind::Epic)))?,
            (_, Some(Field::Owner | Field::Assignee | Field::Claim)) => {
                let mut actors = self.offer(&Offer::Actors)?;
                actors.insert(0, ("me".into(), String::new()));
                actors
            }
            (
                _,
                Some(Field::Parent | Field::Under | Field::DependsOn | Field::Blocks | Field::Id),
            ) => self.offer(&Offer::Items(None))?,
            _ => Vec::new(),
        };
        let begin = typed.rfind([':', ',']).map_or(0, |at| at + 1);
        Ok(with_prefix(&typed[..begin], values))
    }
}
