//! A run in the state: one document for the run, and one for each task it started, in the same folder.

use crate::model::doc::Doc;
use crate::model::id::ItemRef;
pub use crate::model::run_status::{RunStatus, Verb};
use crate::model::short_id::{RUN, short_id};
use crate::model::stamp::{Clock, rfc3339};
use crate::model::text::{actor, escape_controls, excerpt, tail};
use crate::model::uid::Uid;
use crate::model::usage::Attempt;
pub(crate) use crate::model::usage::Spent;
use crate::model::value::Value;
use crate::model::vocabulary::terms;
use crate::run::agent_names;
use crate::secret::redacted;
use crate::store::state::State;

/// The maximum length of a stored reason or note, in characters.
pub(crate) const REASON_MAX: usize = 2_000;

terms! {
    /// The step of a task that is running.
    Step in "run step" {
        /// Claim, branch and worktree.
        Start = "start",
        /// The agent works.
        Work = "work",
        /// Commits, acceptance criteria and gates are checked.
        Check = "check",
        /// Waiting for its merge, or for a human's approval.
        Review = "review",
        /// It is being merged into its target.
        Merge = "merge",
    }
}

terms! {
    /// The condition on which work is merged.
    MergeRule in "merge rule" {
        /// A human approves each task.
        Ask = "ask",
        /// All gates pass; given once for the run by the human who starts it.
        Gates = "gates",
    }
}

/// The settings of a run, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The adapter, as in `--with`.
    pub with: String,
    /// The maximum number of agents at once.
    pub agents: usize,
    /// The condition on which work is merged.
    pub merge: MergeRule,
    /// The budget in millionths of a US dollar.
    pub budget_micro_usd: Option<u64>,
    /// The epic whose tasks are worked on.
    pub epic: Option<String>,
    /// The items to work on, as references; all items if empty.
    pub only: Vec<String>,
    /// The hash of what decides its merges, which this clone has; none from older versions.
    pub pinned: Option<String>,
}

/// A run as recorded in the state.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub uid: Uid,
    pub plan: Plan,
    pub status: RunStatus,
    pub reason: Option<String>,
    pub author: String,
    /// The name of the agent that started it; `None` for a human.
    pub agent: Option<String>,
    pub replica: String,
    pub created_at: String,
    pub ended_at: Option<String>,
    /// It ended because a budget was spent.
    pub budget_spent: bool,
    pub requests: Vec<Request>,
}

impl Run {
    /// True if it works on tasks, rather than asks agents about one item. Older versions did not say.
    pub(crate) fn is_of_tasks(&self) -> bool {
        self.plan.pinned.is_some()
    }
}

/// A request in the run's document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub id: String,
    pub verb: Verb,
    /// The item it is about; the whole run if `None`.
    pub item: Option<Uid>,
    pub note: Option<String>,
    pub by: String,
    /// The own name of an agent that made it.
    pub agent: Option<String>,
    /// Set once the run has obeyed the request.
    pub done: bool,
}

/// One task of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub item: Uid,
    pub status: RunStatus,
    pub step: Option<Step>,
    /// The number of times an agent was started on it.
    pub attempt: u32,
    /// The agent, e.g. `agent-1`.
    pub agent: Option<String>,
    /// The agent program or model of the last attempt, e.g. `claude` or `model:openai/gpt-5`.
    pub with: Option<String>,
    /// The role that the last attempt was routed by.
    pub role: Option<String>,
    /// The reason for its status.
    pub reason: Option<String>,
    /// Information for the next attempt: a human's note, or why the last attempt fell short.
    pub note: Option<String>,
    /// The agent's own session, to be resumed. Not stored: a fetched state must not choose it.
    pub session: Option<String>,
    /// RFC 3339.
    pub since: Option<String>,
    /// The usage of all attempts.
    pub spent: Spent,
    /// The attempts that are recorded individually.
    pub attempts: Vec<Attempt>,
    /// Files in which its merge conflicted.
    pub contested: Vec<String>,
}

impl Job {
    pub(crate) fn new(item: Uid) -> Job {
        Job {
            item,
            status: RunStatus::Queued,
            step: None,
            attempt: 0,
            agent: None,
            with: None,
            role: None,
            reason: None,
            note: None,
            session: None,
            since: None,
            spent: Spent::default(),
            attempts: Vec::new(),
            contested: Vec::new(),
        }
    }

    /// The tokens of attempts whose price is not known.
    pub(crate) fn unpriced(&self) -> u64 {
        let unpriced = self.attempts.iter().filter(|one| one.used.price.is_none());
        unpriced.fold(0, |sum, one| sum.saturating_add(one.used.spent.tokens()))
    }

    fn of(doc: &Doc) -> Option<Job> {
        let item = ItemRef::parse(doc.text("item")?).uid?;
        // Keeps line breaks: a note may be a gate's output.
        let text = |name: &str| {
            doc.text(name)
                .map(|text| escape_controls(tail(text, REASON_MAX)))
        };
        let attempt = number(doc, "attempt").unwrap_or(0);
        Some(Job {
            status: doc.text("status").and_then(RunStatus::parse)?,
            step: doc.text("step").and_then(Step::parse),
            attempt: u32::try_from(attempt).unwrap_or(u32::MAX),
            agent: doc
                .text("agent_name")
                .filter(|name| agent_names::is_agent_name(name))
                .map(str::to_string),
            with: text("with"),
            role: text("role"),
            reason: text("reason"),
            note: text("note"),
            session: None,
            since: text("since"),
            spent: Spent::of_job(doc),
            attempts: Attempt::recorded(doc),
            contested: doc.elements("contested").map(str::to_string).collect(),
            item,
        })
    }

    pub(super) fn write(&self, doc: &mut Doc, clock: &Clock) -> bool {
        let mut changed = false;
        let mut set = |name: &str, value: Value| changed |= doc.set(name, value, clock);
        // The output of agents and gates may contain secrets, and everyone can read the state.
        let text = |text: &Option<String>| match text {
            Some(text) => redacted(tail(text, REASON_MAX)).0.into(),
            None => Value::Null,
        };
        let count = |n: u64| match n {
            0 => Value::Null,
            n => Value::Int(i64::try_from(n).unwrap_or(i64::MAX)),
        };
        set("status", self.status.as_str().into());
        set("step", Value::from(self.step.map(Step::as_str)));
        set("attempt", count(self.attempt.into()));
        set("agent_name", text(&self.agent));
        set("with", text(&self.with));
        set("role", text(&self.role));
        set("reason", text(&self.reason));
        set("note", text(&self.note));
        set("input_tokens", count(self.spent.input));
        set("cached_tokens", count(self.spent.cached));
        set("output_tokens", count(self.spent.output));
        set("micro_usd", count(self.spent.micro_usd));
        for attempt in &self.attempts {
            changed |= attempt.write(doc, clock);
        }
        for file in &self.contested {
            changed |= doc.set_element("contested", file, true, clock);
        }
        if changed {
            doc.set("since", rfc3339(clock.wall_ms()), clock);
        }
        changed
    }
}

impl Run {
    fn of(doc: &Doc) -> Option<Run> {
        let text = |name: &str| doc.text(name).map(|text| excerpt(text, REASON_MAX));
        let mut requests: Vec<_> = doc
            .entries("requests")
            .filter_map(|(id, entry)| {
                // A request for an unreadable item must not become one for the whole run.
                let item = match entry.text("item") {
                    Some(item) => Some(ItemRef::parse(item).uid?),
                    None => None,
                };
                let request = Request {
                    id: id.to_string(),
                    verb: Verb::parse(entry.text("verb")?)?,
                    item,
                    note: entry.text("note").map(|note| excerpt(note, REASON_MAX)),
                    by: entry.text("by").map(actor).unwrap_or_default(),
                    agent: entry.text("agent").map(actor),
                    done: entry.value("done").is_true(),
                };
                Some((entry.at.clone(), request))
            })
            .collect();
        requests.sort_by(|a, b| (&a.0, &a.1.id).cmp(&(&b.0, &b.1.id)));
        Some(Run {
            uid: doc.uid.clone(),
            plan: Plan {
                with: text("with").unwrap_or_default(),
                agents: usize::try_from(number(doc, "agents")?).ok()?,
                merge: doc.text("merge").and_then(MergeRule::parse)?,
                budget_micro_usd: number(doc, "budget_micro_usd"),
                epic: text("epic"),
                only: doc.elements("only").map(str::to_string).collect(),
                pinned: text("pinned"),
            },
            status: doc.text("status").and_then(RunStatus::parse)?,
            reason: text("reason"),
            author: doc.text("author").map(actor).unwrap_or_default(),
            agent: doc.text("agent").map(actor),
            replica: text("replica").unwrap_or_default(),
            created_at: text("created_at").unwrap_or_default(),
            ended_at: text("ended_at"),
            budget_spent: doc.value("budget_spent").is_true(),
            requests: requests.into_iter().map(|(_, request)| request).collect(),
        })
    }

    /// The human who halted it, or one of its tasks, and did not resume it.
    pub(super) fn halted_by(&self, item: Option<&Uid>) -> Option<&str> {
        [None, item].into_iter().find_map(|about| {
            let mut humans = self.requests.iter().filter(|one| one.agent.is_none());
            let last = humans.rfind(|one| one.item.as_ref() == about)?;
            (!matches!(last.verb, Verb::Resume | Verb::Retry)).then_some(last.by.as_str())
        })
    }

    /// The id shown to users.
    pub(crate) fn id(&self) -> String {
        short_id(RUN, &self.uid)
    }
}

fn number(doc: &Doc, name: &str) -> Option<u64> {
    u64::try_from(doc.value(name).as_int()?).ok()
}

/// A run, if the state has it.
pub(crate) fn run(state: &State<'_>, uid: &Uid) -> Option<Run> {
    Run::of(state.run_doc(uid, uid)?)
}

/// The tasks of a run, by item.
pub(crate) fn jobs(state: &State<'_>, run: &Uid) -> Vec<Job> {
    let docs = state.run_docs(run).into_iter();
    let mut jobs: Vec<Job> = docs.filter_map(Job::of).collect();
    jobs.sort_by(|a, b| a.item.cmp(&b.item));
    jobs
}

/// The uid of a task's document in a run: the same in every clone.
pub(super) fn job_uid(run: &Uid, item: &Uid) -> Uid {
    Uid::derived(&["run", run.as_str(), item.as_str()])
}
