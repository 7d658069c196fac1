//! Time windows in minutes after midnight.

/// The time in which a locker may be served; the end itself is too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeWindow {
    /// First minute that is allowed.
    pub opens: u32,
    /// First minute that is too late.
    pub closes: u32,
}

/// Minutes in a day.
pub const DAY: u32 = 24 * 60;

impl TimeWindow {
    /// The whole day.
    pub const ALL_DAY: Self = Self {
        opens: 0,
        closes: DAY,
    };

    /// Reads `07:30-18:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let window = Self {
            opens: clock(from)?,
            closes: clock(to)?,
        };
        (window.opens < window.closes).then_some(window)
    }

    /// Whether a van may serve the locker at `minute`.
    pub fn contains(&self, minute: u32) -> bool {
        self.opens <= minute && minute < self.closes
    }

    /// Minutes to wait when arriving at `minute`, or `None` when it is too late.
    pub fn wait_from(&self, minute: u32) -> Option<u32> {
        if minute >= self.closes {
            return None;
        }
        Some(self.opens.saturating_sub(minute))
    }

    /// Whether the two windows share at least one minute.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.opens < other.closes && other.opens < self.closes
    }
}

fn clock(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_windows() {
        let window = TimeWindow::parse("07:30-18:00").unwrap();
        assert_eq!(
            window,
            TimeWindow {
                opens: 450,
                closes: 1080
            }
        );
        assert_eq!(TimeWindow::parse("00:00-24:00"), Some(TimeWindow::ALL_DAY));
        assert_eq!(TimeWindow::parse("18:00-07:30"), None);
        assert_eq!(TimeWindow::parse("07:60-18:00"), None);
        assert_eq!(TimeWindow::parse("morning"), None);
    }

    #[test]
    fn the_end_is_too_late() {
        let window = TimeWindow {
            opens: 450,
            closes: 1080,
        };
        assert!(window.contains(450));
        assert!(window.contains(1079));
        assert!(!window.contains(1080));
    }

    #[test]
    fn waits_for_the_opening() {
        let window = TimeWindow {
            opens: 450,
            closes: 1080,
        };
        assert_eq!(window.wait_from(400), Some(50));
        assert_eq!(window.wait_from(500), Some(0));
        assert_eq!(window.wait_from(1080), None);
    }

    #[test]
    fn touching_windows_do_not_overlap() {
        let morning = TimeWindow {
            opens: 420,
            closes: 720,
        };
        let noon = TimeWindow {
            opens: 720,
            closes: 840,
        };
        assert!(!morning.overlaps(&noon));
        assert!(morning.overlaps(&TimeWindow {
            opens: 719,
            closes: 840
        }));
    }
}
