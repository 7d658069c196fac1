//! The stops of a round and the file that they are read from.

use crate::geo::Point;
use crate::window::TimeWindow;
use thiserror::Error;

/// A locker that a van has to visit.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Identifier of the locker, such as `AMS-014`.
    pub locker: String,
    /// Where it stands.
    pub at: Point,
    /// When it may be served.
    pub window: TimeWindow,
    /// Parcels to put in.
    pub parcels: u32,
}

/// Why a line of the stops file was refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum StopError {
    /// The line has another number of fields.
    #[error("line {line}: expected 5 fields, found {found}")]
    Fields {
        /// Number of the line, from 1.
        line: usize,
        /// How many fields there were.
        found: usize,
    },
    /// A field could not be read.
    #[error("line {line}: bad {field}")]
    Field {
        /// Number of the line, from 1.
        line: usize,
        /// Name of the field.
        field: &'static str,
    },
}

/// Reads `locker;lat;lon;window;parcels` lines; empty lines and `#` lines are passed over.
pub fn parse_stops(text: &str) -> Result<Vec<Stop>, StopError> {
    let mut stops = Vec::new();
    for (index, raw) in text.lines().enumerate() {
        let line = index + 1;
        let raw = raw.trim();
        if raw.is_empty() || raw.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = raw.split(';').map(str::trim).collect();
        let [locker, lat, lon, window, parcels] = fields[..] else {
            return Err(StopError::Fields {
                line,
                found: fields.len(),
            });
        };
        let bad = |field| StopError::Field { line, field };
        let lat = lat.parse().map_err(|_| bad("latitude"))?;
        let lon = lon.parse().map_err(|_| bad("longitude"))?;
        stops.push(Stop {
            locker: locker.to_string(),
            at: Point::new(lat, lon).ok_or(bad("coordinates"))?,
            window: TimeWindow::parse(window).ok_or(bad("window"))?,
            parcels: parcels.parse().map_err(|_| bad("parcels"))?,
        });
    }
    Ok(stops)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_stops() {
        let stops = parse_stops("# round 12\n\nAMS-014;52.34;4.88;07:30-18:00;12\n").unwrap();
        assert_eq!(stops.len(), 1);
        assert_eq!(stops[0].locker, "AMS-014");
        assert_eq!(stops[0].parcels, 12);
        assert_eq!(
            stops[0].window,
            TimeWindow {
                opens: 450,
                closes: 1080
            }
        );
    }

    #[test]
    fn names_the_line_and_the_field() {
        let text = "AMS-014;52.34;4.88;07:30-18:00;12\nAMS-015;52.34;4.88;late;12";
        let error = parse_stops(text).unwrap_err();
        assert_eq!(
            error,
            StopError::Field {
                line: 2,
                field: "window"
            }
        );
        assert_eq!(error.to_string(), "line 2: bad window");
    }

    #[test]
    fn counts_the_fields() {
        let error = parse_stops("AMS-014;52.34").unwrap_err();
        assert_eq!(error, StopError::Fields { line: 1, found: 2 });
    }
}
