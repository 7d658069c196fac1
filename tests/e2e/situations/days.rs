//! Days and dates: a day is one where the user is.

use crate::support::Scene;

/// nicholasbester/clickup-cli#126: what is due today is overdue at once.
#[test]
fn a_due_date_lasts_until_the_day_is_over_where_the_user_is() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let evening = repo.when("2026-03-08T03:30:00Z");
    let new_york = evening.with("TZ", "EST5EDT,M3.2.0,M11.1.0");
    let due = |repo: &crate::support::Repo, day: &str| {
        let made = repo.data(&["issue", "create", "Pay", "--due", day]);
        made["due_at"].as_str().unwrap().to_string()
    };
    assert_eq!(due(&evening, "today"), "2026-03-08T23:59:59Z");
    assert_eq!(due(&new_york, "today"), "2026-03-08T04:59:59Z");
    // The clock goes forward on that day.
    assert_eq!(due(&new_york, "2026-03-08"), "2026-03-09T03:59:59Z");
    let on = |day: &str| {
        let listed = new_york.pm(&["list", &format!("due:{day}")]).ok().out;
        listed.matches("Pay").count()
    };
    assert_eq!((on("2026-03-07"), on("2026-03-08")), (1, 2));
    // A deferral ends when the day begins.
    new_york
        .pm(&["task", "create", "Later", "--defer", "2026-03-08"])
        .ok();
    let later = new_york.data(&["show", "T-0001"])["defer_until"].clone();
    assert_eq!(later, "2026-03-08T05:00:00Z");
    // A name that is none is UTC.
    assert_eq!(
        due(&evening.with("TZ", "No/Where"), "today"),
        "2026-03-08T23:59:59Z"
    );
}
