//! What single pages show: an epic with its progress, the numbers with their charts.

use super::{Server, token};
use crate::support::set_up;

#[test]
fn the_page_of_an_epic_shows_its_progress_once_and_takes_tasks() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Log in"]).ok();
    repo.task("Form", &["--epic", "E-1"]);
    repo.task("Session", &["--epic", "E-1"]);
    repo.pm(&["done", "T-1", "--evidence", "seen"]).ok();
    let writer = token(&repo, "ana", &[]);
    let server = Server::start(&repo, &[]);
    let page = server.with(&writer, "GET", "/items/E-0001", "").body;
    assert!(page.contains("<progress value=\"1\" max=\"2\""), "{page}");
    assert!(page.contains("1 of 2 closed"), "{page}");
    assert!(page.contains("href=\"/new?epic=E-0001\""), "{page}");
    let (_, chips) = page.split_once("<p class=\"chips\">").unwrap();
    let (chips, _) = chips.split_once("</p>").unwrap();
    assert_eq!(chips.matches(">epic<").count(), 1, "{chips}");
    assert!(!page.contains("Also known as"), "{page}");
    // Who may not write is offered nothing.
    let page = server.get("/items/E-0001").body;
    assert!(
        page.contains("1 of 2 closed") && !page.contains("/new?epic"),
        "{page}"
    );
}

#[test]
fn the_numbers_agree_with_the_board_and_the_labels_of_charts_fit() {
    let (_scene, repo) = set_up();
    for title in ["One", "Two", "Three"] {
        repo.task(title, &[]);
    }
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    repo.pm(&["task", "block", "T-2", "Waits for a key"]).ok();
    let server = Server::start(&repo, &[]);
    let page = server.get("/numbers").body;
    let counted = |name: &str| -> u64 {
        let (_, rest) = page.split_once(&format!("<dt>{name}</dt><dd>")).unwrap();
        rest.split('<').next().unwrap().parse().unwrap()
    };
    let board = repo.data(&["board"]);
    let columns = board["columns"].as_array().unwrap();
    for (name, column) in [
        ("Ready", "queued"),
        ("Under way", "in_progress"),
        ("Blocked", "blocked"),
    ] {
        let column = columns.iter().find(|one| one["value"] == column);
        assert_eq!(column.unwrap()["count"], counted(name), "{name}: {board}");
    }
    // A chart of one week is as wide as its label, at 6.5 pixels a character, and no wider than the page.
    let charts: Vec<&str> = page.split("<svg ").skip(1).collect();
    assert!(!charts.is_empty(), "{page}");
    for chart in charts {
        let attribute = |tag: &str, name: &str| -> f64 {
            let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
            rest.split('"').next().unwrap().parse().unwrap()
        };
        let width = attribute(chart, " width");
        let labels = chart
            .split("<text ")
            .filter(|text| text.contains("\"middle\""));
        let labels: Vec<&str> = labels.collect();
        assert!(width <= 76.0 * labels.len() as f64, "{chart}");
        for label in labels {
            let (_, text) = label.split_once('>').unwrap();
            let half = text.split('<').next().unwrap().len() as f64 * 6.5 / 2.0;
            let x = attribute(label, "x");
            assert!(x >= half && x + half <= width, "{label} of {width}");
        }
    }
}
