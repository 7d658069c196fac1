use harbour_routing::planner::service_minutes;
use harbour_routing::{export, plan, Point, Stop, TimeWindow};

fn depot() -> Point {
    Point::new(52.30, 4.80).expect("valid depot")
}

fn stop(locker: &str, lat: f64, lon: f64, window: &str, parcels: u32) -> Stop {
    Stop {
        locker: locker.to_string(),
        at: Point::new(lat, lon).expect("valid place"),
        window: TimeWindow::parse(window).expect("valid window"),
        parcels,
    }
}

fn lockers(round: &harbour_routing::Round) -> Vec<&str> {
    round
        .legs
        .iter()
        .map(|leg| leg.stop.locker.as_str())
        .collect()
}

#[test]
fn visits_near_stops_before_far_ones() {
    let stops = [
        stop("FAR", 52.40, 4.80, "00:00-24:00", 3),
        stop("NEAR", 52.31, 4.80, "00:00-24:00", 3),
        stop("MIDDLE", 52.35, 4.80, "00:00-24:00", 3),
    ];
    let round = plan(depot(), 480, &stops);
    assert_eq!(lockers(&round), ["NEAR", "MIDDLE", "FAR"]);
    assert!(round.missed.is_empty());
}

#[test]
fn waits_until_a_locker_opens() {
    let round = plan(
        depot(),
        480,
        &[stop("AMS-1", 52.31, 4.80, "10:00-12:00", 6)],
    );
    let leg = &round.legs[0];
    assert_eq!(leg.arrives, 484);
    assert_eq!(leg.waits, 116);
    assert_eq!(leg.leaves, 606);
    assert_eq!(round.ends(), Some(606));
}

#[test]
fn reports_stops_that_are_closed_by_then() {
    let stops = [
        stop("AMS-1", 52.31, 4.80, "00:00-08:00", 6),
        stop("AMS-2", 52.32, 4.80, "00:00-24:00", 6),
    ];
    let round = plan(depot(), 480, &stops);
    assert_eq!(lockers(&round), ["AMS-2"]);
    assert_eq!(round.missed[0].locker, "AMS-1");
}

#[test]
fn no_stops_no_round() {
    let round = plan(depot(), 480, &[]);
    assert!(round.legs.is_empty());
    assert_eq!(round.ends(), None);
}

#[test]
fn service_time_counts_started_minutes() {
    assert_eq!(service_minutes(0), 4);
    assert_eq!(service_minutes(3), 5);
    assert_eq!(service_minutes(4), 6);
}

#[test]
fn exports_csv_and_geojson() {
    let round = plan(
        depot(),
        480,
        &[stop("AMS-1", 52.31, 4.80, "00:00-24:00", 6)],
    );
    assert_eq!(
        export::to_csv(&round),
        "number;locker;arrives;leaves;parcels\n1;AMS-1;08:04;08:10;6\n"
    );
    assert_eq!(
        export::to_geojson(&round),
        "{\"type\":\"LineString\",\"coordinates\":[[4.800000,52.310000]]}"
    );
}
