//! Areas of a product by the words of a title, and generic headings.

use super::candidate::TaskCandidate;
use super::similarity::words;
use crate::plan::document::{Words, words};

/// True for headings that say nothing about their content.
pub(super) fn is_generic(title: &str) -> bool {
    const GENERIC: Words = words!(
        "anforderung, anforderungen, aufgaben, exigences, fonctionnelles, funcionales, \
         funktionale, kann, muss, requisitos, soll, tareas, tâches, задачи, требования, \
         функциональные, acceptance, action, actions, all, and, backlog, checklist, core, \
         deliverable, deliverables, description, detailed, details, development, epic, epics, \
         feature, features, fix, for, functional, things, scenarios, testing, mandatory, general, \
         high, implementation, items, key, level, list, main, must, have, mvp, next, non, of, plan, \
         prd, prevention, product, project, proposed, proposal, requirement, requirements, scope, \
         solution, spec, specification, steps, stories, story, system, task, tasks, the, to, do, \
         todo, user, what, we, want, wanted, work, in, priority, priorities, p0, p1, p2, p3, \
         should, could, nice, build, technical, goals, overview, breakdown, specifications, \
         funktionale, anforderungen, aufgaben, requisitos, exigences, funktionen, functionality",
    );
    let words = words(title);
    words.is_empty()
        || words
            .iter()
            .all(|word| GENERIC.contains(word) || word.bytes().all(|b| b.is_ascii_digit()))
}

/// Areas of a product by the words of a title.
const AREAS: &[(&str, Words)] = &[
    (
        "docs",
        words!("documentation, docs, readme, guide, tutorial, runbook, dokumentation"),
    ),
    (
        "security",
        words!(
            "auth, authentication, authorization, login, oauth, permissions, permission, security, \
             secrets, password, passwords, roles, sso, encryption, encrypt, signup, session, \
             sessions",
        ),
    ),
    (
        "operations",
        words!(
            "ci, deploy, deployment, docker, monitoring, pipeline, infrastructure, release, \
             kubernetes, logging, metrics, alert, alerts, backup, backups, container, environment, \
             staging, hosting, telemetry",
        ),
    ),
    (
        "tests",
        words!("test, tests, testing, e2e, benchmark, benchmarks, verify, qa"),
    ),
    (
        "interface",
        words!(
            "ui, page, pages, screen, screens, form, dashboard, button, layout, frontend, design, \
             theme, modal, component, components, editor, dark, accessibility, responsive, css, \
             widget, menu, navigation, display, view, preview, icon, web, desktop, mobile",
        ),
    ),
    (
        "data",
        words!(
            "schema, database, table, tables, model, models, data, migration, migrate, storage, \
             import, export, index, cache, query, queries, csv, records, store, persist, sqlite, \
             backup",
        ),
    ),
    (
        "service",
        words!(
            "api, endpoint, endpoints, server, backend, service, webhook, webhooks, integration, \
             integrate, sync, client, http, rest, graphql, queue, worker, notification, \
             notifications, email",
        ),
    ),
    (
        "command line",
        words!("cli, command, commands, flag, flags, terminal, argument, option, subcommand"),
    ),
];

pub(super) fn area(candidate: &TaskCandidate) -> &'static str {
    let words = words(&candidate.title);
    AREAS
        .iter()
        .find(|(_, list)| words.iter().any(|word| list.contains(word.as_str())))
        .map_or("core", |(name, _)| *name)
}
