//! Orders the stops of one van: nearest neighbour first, then 2-opt.

use crate::geo::{drive_minutes, Point};
use crate::stops::Stop;

/// Minutes that a driver needs at a locker, and for each parcel.
pub const SERVICE_MINUTES: u32 = 4;
/// Parcels that are put away in one minute.
pub const PARCELS_PER_MINUTE: u32 = 3;
/// Average speed in the city.
pub const CITY_SPEED_KMH: f64 = 28.0;

/// One stop of a planned round with its times.
#[derive(Debug, Clone, PartialEq)]
pub struct Leg {
    /// The locker.
    pub stop: Stop,
    /// Minute of arrival.
    pub arrives: u32,
    /// Minutes spent waiting for the window.
    pub waits: u32,
    /// Minute of departure.
    pub leaves: u32,
}

/// A planned round.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Round {
    /// Stops in the order in which they are visited.
    pub legs: Vec<Leg>,
    /// Stops that could not be reached in their window.
    pub missed: Vec<Stop>,
}

impl Round {
    /// Minute at which the last stop is left, if there is one.
    pub fn ends(&self) -> Option<u32> {
        self.legs.last().map(|leg| leg.leaves)
    }
}

/// Minutes that the driver is busy at a stop.
pub fn service_minutes(parcels: u32) -> u32 {
    SERVICE_MINUTES + parcels.div_ceil(PARCELS_PER_MINUTE)
}

/// Plans a round from `depot`, leaving at minute `start`.
pub fn plan(depot: Point, start: u32, stops: &[Stop]) -> Round {
    let mut order = nearest_first(depot, stops);
    two_opt(depot, stops, &mut order);
    schedule(depot, start, stops, &order)
}

fn nearest_first(depot: Point, stops: &[Stop]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..stops.len()).collect();
    let mut order = Vec::with_capacity(stops.len());
    let mut here = depot;
    while let Some(best) = (0..left.len()).min_by(|&a, &b| {
        let to_a = here.distance_m(&stops[left[a]].at);
        let to_b = here.distance_m(&stops[left[b]].at);
        to_a.total_cmp(&to_b)
    }) {
        let next = left.remove(best);
        here = stops[next].at;
        order.push(next);
    }
    order
}

fn length_m(depot: Point, stops: &[Stop], order: &[usize]) -> f64 {
    let mut here = depot;
    let mut sum = 0.0;
    for &index in order {
        sum += here.distance_m(&stops[index].at);
        here = stops[index].at;
    }
    sum
}

fn two_opt(depot: Point, stops: &[Stop], order: &mut [usize]) {
    let mut best = length_m(depot, stops, order);
    let mut improved = true;
    while improved {
        improved = false;
        for from in 0..order.len() {
            for to in from + 1..order.len() {
                order[from..=to].reverse();
                let length = length_m(depot, stops, order);
                if length + 1e-6 < best {
                    best = length;
                    improved = true;
                } else {
                    order[from..=to].reverse();
                }
            }
        }
    }
}

fn schedule(depot: Point, start: u32, stops: &[Stop], order: &[usize]) -> Round {
    let mut round = Round::default();
    let mut here = depot;
    let mut now = start;
    for &index in order {
        let stop = &stops[index];
        let arrives = now + drive_minutes(here.distance_m(&stop.at), CITY_SPEED_KMH);
        let Some(waits) = stop.window.wait_from(arrives) else {
            round.missed.push(stop.clone());
            continue;
        };
        let leaves = arrives + waits + service_minutes(stop.parcels);
        round.legs.push(Leg {
            stop: stop.clone(),
            arrives,
            waits,
            leaves,
        });
        here = stop.at;
        now = leaves;
    }
    round
}
