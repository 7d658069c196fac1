//! The requests of the verbs on reservations.

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::{List, verb};
use super::{Effect, Millis, Verb};
use crate::coordinate::reservation_verbs::{ReservationSelector, ReserveRequest};
use crate::coordinate::reserve::reservation_queries::{CheckReport, CheckRequest, ReservationView};

verb!(ReserveRequest: ReservationView, Sends {
    run |self, pm| pm.reservations().add(self),
    place |it| it.task.as_deref(),
});

/// List live reservations
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ListReservations {
    /// Include ended and expired reservations.
    #[arg(long)]
    #[serde(default)]
    pub all: bool,
}

verb!(ListReservations: List<ReservationView>, Reads {
    run |self, pm| Ok(pm.reservations().list(self.all)?.into()),
});

verb!(CheckRequest: CheckReport, Reads {
    run |self, pm| pm.reservations().check(self),
});

/// Extend reservations
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Renew {
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub which: ReservationSelector,
    /// Duration from now: 30s, 15m, 4h, 2d, 1w; the original duration by default.
    #[arg(long)]
    pub ttl: Option<Millis>,
}

verb!(Renew: List<ReservationView>, Writes {
    run |self, pm| Ok(pm.reservations().renew(&self.which, self.ttl)?.into()),
    place |it| it.which.task.as_deref(),
});

verb!(ReservationSelector: List<ReservationView>, Writes {
    run |self, pm| Ok(pm.reservations().release(self)?.into()),
    place |it| it.task.as_deref(),
});

/// Take over another actor's reservations; this is recorded and the holder is notified
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Steal {
    /// Names from `reserve list`, or patterns.
    #[arg(value_name = "NAME", required_unless_present = "task")]
    #[serde(rename = "name", default)]
    pub names: Vec<String>,
    /// Select the reservations for this task.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// Reason, sent to the holder.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

verb!(Steal: List<ReservationView>, Removes {
    run |self, pm| {
        let (names, task) = (self.names.clone(), self.task.clone());
        let which = ReservationSelector { names, task };
        Ok(pm.reservations().steal(&which, &self.reason)?.into())
    },
});
