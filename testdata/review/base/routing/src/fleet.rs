//! Shares the stops out among the vans.

use crate::stops::Stop;

/// A van and how many parcels it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Van {
    /// Registration plate.
    pub plate: String,
    /// Parcels that fit.
    pub capacity: u32,
}

/// The stops of one van, and the parcels that it carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// The van.
    pub van: Van,
    /// What it visits.
    pub stops: Vec<Stop>,
    /// Sum of the parcels.
    pub parcels: u32,
}

/// Puts each stop, largest first, on the van with the most room left.
/// Gives the loads and the stops that fit on no van.
pub fn assign(vans: &[Van], stops: &[Stop]) -> (Vec<Load>, Vec<Stop>) {
    let mut loads: Vec<Load> = vans
        .iter()
        .map(|van| Load {
            van: van.clone(),
            stops: Vec::new(),
            parcels: 0,
        })
        .collect();
    let mut sorted: Vec<&Stop> = stops.iter().collect();
    sorted.sort_by(|a, b| {
        b.parcels
            .cmp(&a.parcels)
            .then_with(|| a.locker.cmp(&b.locker))
    });
    let mut left_over = Vec::new();
    for stop in sorted {
        let roomiest = loads
            .iter_mut()
            .max_by_key(|load| load.van.capacity - load.parcels);
        match roomiest {
            Some(load) if load.van.capacity - load.parcels >= stop.parcels => {
                load.parcels += stop.parcels;
                load.stops.push(stop.clone());
            }
            _ => left_over.push(stop.clone()),
        }
    }
    (loads, left_over)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Point;
    use crate::window::TimeWindow;

    fn stop(locker: &str, parcels: u32) -> Stop {
        let at = Point::new(52.3, 4.9).unwrap();
        Stop {
            locker: locker.into(),
            at,
            window: TimeWindow::ALL_DAY,
            parcels,
        }
    }

    fn van(plate: &str, capacity: u32) -> Van {
        Van {
            plate: plate.into(),
            capacity,
        }
    }

    #[test]
    fn fills_the_roomiest_van_first() {
        let (loads, left) = assign(
            &[van("VB-101", 40), van("VB-102", 60)],
            &[stop("AMS-1", 30), stop("AMS-2", 25), stop("AMS-3", 20)],
        );
        assert!(left.is_empty());
        assert_eq!(loads[0].parcels, 25);
        assert_eq!(loads[1].parcels, 50);
    }

    #[test]
    fn a_van_can_be_filled_to_the_last_parcel() {
        let (loads, left) = assign(&[van("VB-101", 40)], &[stop("AMS-1", 40)]);
        assert!(left.is_empty());
        assert_eq!(loads[0].parcels, 40);
    }

    #[test]
    fn what_fits_nowhere_is_left_over() {
        let (loads, left) = assign(&[van("VB-101", 40)], &[stop("AMS-1", 41)]);
        assert_eq!(loads[0].parcels, 0);
        assert_eq!(left.len(), 1);
    }
}
