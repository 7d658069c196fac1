//! The rules of the figures, in words.

use std::collections::BTreeMap;

/// By figure: its source and its computation.
const RULES: [(&str, &str); 13] = [
    (
        "changes",
        "what each commit changed compared with its only parent, for the commits that the state \
         at `until` includes and the state just before `since` does not. A \
         commit counts at its author's time, or at \
         that of the earliest commit that builds on it, if that is earlier. A merge with two \
         parents changes nothing itself, as both sides are read; one with a single parent brings in \
         another generation, and its changes count at its time. A change that an earlier \
         commit already made counts once; a change to open work, made without knowing that another \
         clone had already closed it, does not count. Commits without a parent hold what was \
         written before",
    ),
    (
        "standing",
        "the state at `until`: everything written by then, including in clones that had \
         not synced by then",
    ),
    (
        "series",
        "`created`, `finished` and `reopened` count the changes of these kinds by their time; `open`, \
         `in_progress` and `open_hours` are those of the state at the end of the period",
    ),
    (
        "velocity",
        "the changes of the kind `finished`, divided by the weeks of the period; an item that is \
         finished, reopened and finished again counts twice; an item that was imported closed does \
         not count",
    ),
    (
        "lead_days",
        "for each change of the kind `finished`: its time minus `created_at` of the item in \
         that commit",
    ),
    (
        "cycle_days",
        "for each change of the kind `finished`: its time minus `started_at` (the last start) of \
         the item in that commit; items without one are left out",
    ),
    (
        "rework",
        "items with a change of the kind `sent_back` or `reopened`, per hundred items with one of \
         the kinds `sent_back`, `reopened`, `submitted` and `finished`; `rescoped`: the criteria, \
         or the estimate, changed while the item was in progress or in review",
    ),
    (
        "refactoring",
        "items with a change of the kind `finished` that are of the type `chore` or `refactor`, or \
         labeled `refactor` or `refactoring`",
    ),
    (
        "estimates",
        "changes of the kind `finished` with an estimate and a start; actual hours are those from \
         the start to the end, at most eight per day; far over is twice the estimate or more, \
         and includes items that are in progress at `until`",
    ),
    (
        "completion",
        "changes of the kind `finished`: by an agent if the last claim on the item was made by one",
    ),
    (
        "agents",
        "items with an attempt by an agent in a run that ended (or, without an end, began) in the \
         period, from the documents of the runs in the state at `until`",
    ),
    (
        "used",
        "the same attempts; tokens and prices as the agents reported them, or as `git pm cost` \
         computes them",
    ),
    (
        "actors",
        "`done` are the changes of the kind `finished`; the other lists are those of the state at \
         `until`, by the claim's holder, else the assignee",
    ),
];

/// The rules by figure.
pub(super) fn rules() -> BTreeMap<String, String> {
    let rules = RULES.iter();
    rules
        .map(|(figure, rule)| ((*figure).to_string(), (*rule).to_string()))
        .collect()
}
