//! Writes planned rounds for the drivers' app.

use crate::planner::Round;
use std::fmt::Write;

/// `HH:MM` of a minute after midnight; past midnight it goes on counting.
pub fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// One line for each stop: number, locker, arrival, departure and parcels.
pub fn to_csv(round: &Round) -> String {
    let mut out = String::from("number;locker;arrives;leaves;parcels\n");
    for (index, leg) in round.legs.iter().enumerate() {
        let _ = writeln!(
            out,
            "{};{};{};{};{}",
            index + 1,
            leg.stop.locker,
            clock(leg.arrives),
            clock(leg.leaves),
            leg.stop.parcels
        );
    }
    out
}

/// The round as a GeoJSON line.
pub fn to_geojson(round: &Round) -> String {
    let points: Vec<String> = round
        .legs
        .iter()
        .map(|leg| format!("[{:.6},{:.6}]", leg.stop.at.lon, leg.stop.at.lat))
        .collect();
    format!(
        "{{\"type\":\"LineString\",\"coordinates\":[{}]}}",
        points.join(",")
    )
}
