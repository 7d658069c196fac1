//! The type of a task, by the words of its title.

use super::draft_types::ItemType;
use super::similarity::{has_phrase, words};
use crate::plan::document::{Words, words};

/// Verbs that titles of tasks begin with.
const VERBS: Words = words!(
    "add, adopt, allow, analyze, archive, audit, automate, backfill, benchmark, build, bump, \
     bundle, cache, calculate, change, check, clean, collect, compare, compile, configure, connect, \
     convert, copy, create, cut, decide, define, delete, deploy, deprecate, describe, design, \
     detect, develop, disable, display, document, draft, drop, emit, enable, encrypt, enforce, \
     ensure, establish, evaluate, expose, extend, extract, fetch, filter, fix, generate, get, give, \
     handle, harden, hide, implement, import, improve, index, initialize, install, instrument, \
     integrate, introduce, investigate, let, limit, link, list, load, log, make, measure, merge, \
     migrate, mock, monitor, move, normalize, notify, optimize, package, parse, persist, plan, \
     polish, port, prepare, profile, prototype, provide, provision, publish, read, record, reduce, \
     refactor, release, remove, rename, render, reorganize, replace, report, reproduce, research, \
     restrict, retry, return, review, rewrite, roll, rotate, run, save, schedule, search, secure, \
     seed, send, separate, set, setup, ship, show, simplify, split, standardize, start, stop, \
     store, stream, support, switch, sync, test, track, train, trigger, tune, update, upgrade, \
     upload, use, validate, verify, warn, wire, write",
);

/// True if a text begins with such a verb.
pub(super) fn begins_with_verb(text: &str) -> bool {
    let first = words(text.get(..24).unwrap_or(text))
        .into_iter()
        .next()
        .unwrap_or_default();
    VERBS.contains(&first)
}

/// The type that a title indicates; `story` is set for a whole user story.
pub(super) fn item_type(title: &str, story: bool) -> ItemType {
    let words = words(title);
    let first = words.first().map_or("", String::as_str);
    let any = |list: Words| words.iter().any(|word| list.contains(word.as_str()));
    let phrase = |list: Words| list.iter().any(|phrase| has_phrase(&words, phrase));
    if super::text_only_work::only(title) {
        ItemType::Docs
    } else if words!(
        "investigate, research, evaluate, spike, explore, prototype, analyze, decide, compare",
    )
    .contains(first)
        || phrase(words!("proof of concept"))
    {
        ItemType::Spike
    } else if matches!(first, "fix" | "debug" | "hotfix" | "repair") {
        ItemType::Bug
    } else if words!("test, tests, testing, verify, benchmark").contains(first)
        || (words!(
            "write, add, create, run, implement, unit, integration, e2e, load, performance, end, \
             prepare, golden, conduct, perform, cover, comprehensive, automated, contract, \
             regression",
        )
        .contains(first)
            && any(words!("test, tests, testing, benchmark, benchmarks, e2e"))
            && !any(words!(
                "framework, runner, harness, environment, infrastructure, api, endpoint, endpoints",
            )))
    {
        ItemType::Test
    } else if any(words!(
        "documentation, docs, readme, tutorial, runbook, changelog, dokumentation, documentación, \
         documentação, documentación",
    )) || phrase(words!(
        "user guide, migration guide, release notes, getting started",
    )) || matches!(first, "document" | "documenting")
    {
        ItemType::Docs
    } else if is_setup(title)
        || words!(
            "refactor, rename, upgrade, bump, clean, cleanup, deprecate, remove, deploy, release, \
             configure, migrate, publish, install, provision, archive, reorganize",
        )
        .contains(first)
        || phrase(words!("ci pipeline, ci cd, continuous integration"))
    {
        ItemType::Chore
    } else if story {
        ItemType::Story
    } else {
        ItemType::Feature
    }
}

/// True if a title names set-up for other work in its scope.
pub(super) fn is_setup(title: &str) -> bool {
    let words = words(title);
    let first = words.first().map_or("", String::as_str);
    let second = words.get(1).map_or("", String::as_str);
    let begins =
        words!("setup, initialize, initialise, init, bootstrap, scaffold, provision, scaffolding")
            .contains(first)
            || (first == "set" && second == "up")
            || (first == "project"
                && words!("setup, scaffolding, initialization, bootstrap, skeleton, structure")
                    .contains(second))
            || matches!(
                (first, second),
                ("projekt", "aufsetzen") | ("configurar" | "configurer", _)
            );
    let ground = words!(
        "project, repository, repo, container, containers, environment, environments, ci, \
         pipeline, infrastructure, workspace, monorepo, scaffold, skeleton, toolchain, docker, \
         codebase, database, linting, build, framework, schema, app, package, crate, module, \
         entorno, umgebung, proyecto",
    );
    let object = words
        .iter()
        .skip(1)
        .take(5)
        .any(|word| ground.contains(word));
    let creates = words!("create, configure, prepare, install, build").contains(first)
        && words.iter().skip(1).take(5).any(|word| {
            words!(
                "container, containers, environment, environments, repository, repo, skeleton, \
             scaffold, scaffolding, workspace, monorepo, docker, project, infrastructure",
            )
            .contains(word.as_str())
        });
    begins && (object || words.len() == 1)
        || creates
        || (words.len() <= 3 && words.len() > 1 && words.last().is_some_and(|word| word == "setup"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_work_is_recognized_by_the_title() {
        for (title, want) in [
            ("Write the user guide", ItemType::Docs),
            ("Fix the login loop", ItemType::Bug),
            ("Add integration tests for sync", ItemType::Test),
            ("Set up the project repository", ItemType::Chore),
            ("Investigate slow queries", ItemType::Spike),
            ("Search orders", ItemType::Feature),
            ("Add a test endpoint", ItemType::Feature),
        ] {
            assert_eq!(item_type(title, false), want, "{title}");
        }
    }

    #[test]
    fn set_up_work_and_final_work_are_recognized() {
        assert!(is_setup("Set up the container") && is_setup("Create docker environment"));
        assert!(
            !is_setup("Create order") && !is_setup("Set up a reminder for each customer by mail")
        );
    }
}
