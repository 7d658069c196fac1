//! Paths in the forms of the page.

use super::page::Page;
use crate::support::set_up;

/// The form shows a path with a comma as it can be sent again.
#[test]
fn a_path_with_a_comma_stays_whole_in_the_forms_of_the_page() {
    let (_scene, repo) = set_up();
    let page = Page::of(&repo, "Ana", "approve");
    let quoted = "%22src%2Fa%2Cb.rs%22";
    let fields = format!("kind=task&title=Comma&paths={quoted}%0D%0Adocs%2Fx");
    assert_eq!(page.send("/items", &fields), 303);
    let shown = || repo.data(&["show", "T-0001"]);
    let paths = || shown()["paths"].clone();
    assert_eq!(paths(), serde_json::json!(["docs/x", "src/a,b.rs"]));
    let form = page.get("/items/T-0001/edit");
    let form = form.replace("&#34;", "\"").replace("&quot;", "\"");
    assert!(form.contains("docs/x\n\"src/a,b.rs\"</textarea>"), "{form}");
    let edit = |paths: &str| {
        let version = shown()["version"].as_str().unwrap().to_string();
        let fields = format!("version={version}&paths={paths}");
        page.send("/items/T-0001/edit", &fields)
    };
    let tip = repo.tip("refs/pm/main");
    assert_eq!(edit(&format!("docs%2Fx%0D%0A{quoted}")), 303);
    assert_eq!(repo.tip("refs/pm/main"), tip, "nothing was edited");
    assert_eq!(edit(&format!("docs%2Fy%0D%0A{quoted}")), 303);
    assert_eq!(paths(), serde_json::json!(["docs/y", "src/a,b.rs"]));
}
