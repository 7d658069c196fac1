//! Points on the earth and the distance between them.

/// Mean radius of the earth, in metres.
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// How much longer a drive is than the straight line, on average in a city.
pub const DETOUR_FACTOR: f64 = 1.3;

/// A place, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

impl Point {
    /// A point, or `None` when a coordinate is out of range or not a number.
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        let valid = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        valid.then_some(Self { lat, lon })
    }

    /// Great-circle distance to `other`, in metres.
    pub fn distance_m(&self, other: &Point) -> f64 {
        let (lat_a, lat_b) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = ((lat_b - lat_a) / 2.0).sin();
        let half_lon = ((other.lon - self.lon).to_radians() / 2.0).sin();
        let chord = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
        2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()
    }
}

/// Minutes that a van needs for `metres` as the crow flies, at `speed_kmh`.
pub fn drive_minutes(metres: f64, speed_kmh: f64) -> u32 {
    let road_km = metres * DETOUR_FACTOR / 1000.0;
    (road_km / speed_kmh * 60.0).ceil() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_degree_of_latitude() {
        let south = Point::new(52.0, 4.9).unwrap();
        let north = Point::new(53.0, 4.9).unwrap();
        assert!((south.distance_m(&north) - 111_195.0).abs() < 1.0);
        assert_eq!(south.distance_m(&south), 0.0);
    }

    #[test]
    fn refuses_impossible_coordinates() {
        assert_eq!(Point::new(90.1, 0.0), None);
        assert_eq!(Point::new(0.0, -180.5), None);
        assert_eq!(Point::new(f64::NAN, 0.0), None);
    }

    #[test]
    fn drive_time_rounds_up() {
        assert_eq!(drive_minutes(0.0, 30.0), 0);
        assert_eq!(drive_minutes(1_000.0, 30.0), 3);
        assert_eq!(drive_minutes(10_000.0, 30.0), 26);
    }
}
