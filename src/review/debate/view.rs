//! A debate as commands and JSON show it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::finding::view::FindingView;

/// Where the debate of a plan stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DebateReport {
    /// The id of the document.
    pub id: String,
    /// The title of the plan.
    pub title: String,
    /// The version of the plan, as `plan show` has it.
    pub version: String,
    /// Set if no finding blocks, the checks of the plan find nothing, and the architect and the critics
    /// have answered for the present text.
    pub airtight: bool,
    /// Why it is not.
    pub missing: Vec<String>,
    /// The number of rounds that have a verdict.
    pub rounds: u32,
    /// Why no further round is made, and a human has to decide.
    pub stopped: Option<String>,
    /// What critics found, by what they look at.
    pub duties: Vec<DebateDuty>,
    /// What became of the findings.
    pub concerns: DebateConcerns,
    /// What the checks of the plan find.
    pub checks: Vec<String>,
    /// The turns, the oldest first.
    pub turns: Vec<DebateTurn>,
    /// What it cost; null if no agent was asked.
    pub spend: Option<DebateSpend>,
}

/// What critics found in one respect.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DebateDuty {
    /// What they look at.
    pub duty: String,
    /// The open findings, the worst first.
    pub open: Vec<FindingView>,
    /// The number of those that are settled.
    pub settled: usize,
}

/// What became of the findings of a debate.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct DebateConcerns {
    /// All.
    pub raised: usize,
    /// Found to be fixed by a later round.
    pub addressed: usize,
    /// Taken back by who raised them.
    pub withdrawn: usize,
    /// Dismissed by a human, with a reason.
    pub dismissed: usize,
    /// Open.
    pub open: usize,
    /// Of the open ones, those that stop the approval.
    pub blocking: usize,
}

/// A turn of a debate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DebateTurn {
    /// The round; for the architect that which it answers, 0 for a first draft.
    pub round: u32,
    /// `avery` for the architect, `rex` for the critics.
    pub role: String,
    /// `clean` if nothing blocks, `findings`, `failed`; `answered` for the architect.
    pub verdict: String,
    /// The critics, each with the number of its findings that others may read.
    pub critics: Option<String>,
    /// The number of critics' findings about what is not there, which were dropped.
    pub dropped: u64,
    /// What the architect changed in the plan, or why a turn failed.
    pub changed: Option<String>,
    /// The version of the plan: what the critics read, or the architect wrote.
    pub version: String,
    /// The models.
    pub models: String,
    /// Tokens.
    pub tokens: u64,
    /// The price in US dollars, as far as it is known.
    pub usd: f64,
    /// RFC 3339.
    pub at: String,
    /// The hash of the text.
    #[serde(skip)]
    pub(super) plan: String,
}

/// What a debate cost.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DebateSpend {
    /// Tokens of all turns.
    pub tokens: u64,
    /// The price in US dollars, as far as it is known.
    pub usd: f64,
    /// The architect's share in percent: of the price, or of the tokens if no price is known. 40 is usual.
    pub architect: u32,
    /// The critics' share in percent. 60 is usual.
    pub critics: u32,
    /// Set if the shares are more than 10 points from what is usual.
    pub unusual: bool,
}

/// The architect's usual share of the cost of planning, in percent, and the difference that is unusual.
const ARCHITECT: u32 = 40;
const UNUSUAL: u32 = 10;

/// The sums of turns.
pub(super) fn spend(turns: &[DebateTurn]) -> Option<DebateSpend> {
    let (mut tokens, mut usd) = ([0u64; 2], [0f64; 2]);
    for turn in turns {
        let who = usize::from(turn.role != super::ARCHITECT);
        tokens[who] = tokens[who].saturating_add(turn.tokens);
        usd[who] += turn.usd;
    }
    let all = tokens[0].saturating_add(tokens[1]);
    let price = usd[0] + usd[1];
    if all == 0 && price == 0.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share is from 0 to 100"
    )]
    let architect = match price > 0.0 {
        true => (100.0 * usd[0] / price).round() as u32,
        false => (100.0 * tokens[0] as f64 / all as f64).round() as u32,
    };
    Some(DebateSpend {
        tokens: all,
        usd: price,
        architect,
        critics: 100 - architect.min(100),
        unusual: architect.abs_diff(ARCHITECT) > UNUSUAL,
    })
}
