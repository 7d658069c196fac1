//! Reads a stops file and prints the planned round.

use harbour_routing::{export, parse_stops, plan, Point};
use std::process::ExitCode;

fn run(args: &[String]) -> Result<String, String> {
    let [path, lat, lon, start] = args else {
        return Err("usage: plan-round STOPS LAT LON START_MINUTE".into());
    };
    let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let stops = parse_stops(&text).map_err(|error| format!("{path}: {error}"))?;
    let lat = lat.parse().map_err(|_| format!("bad latitude {lat}"))?;
    let lon = lon.parse().map_err(|_| format!("bad longitude {lon}"))?;
    let depot = Point::new(lat, lon).ok_or("the depot is not on the earth")?;
    let start = start.parse().map_err(|_| format!("bad minute {start}"))?;
    Ok(export::to_csv(&plan(depot, start, &stops)))
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(csv) => {
            print!("{csv}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("plan-round: {message}");
            ExitCode::FAILURE
        }
    }
}
