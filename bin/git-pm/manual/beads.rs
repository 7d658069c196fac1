//! git-pm-beads(7): the differences from beads, for its users.

use clap_mangen::roff::{Roff, bold, roman};

/// The file name of the page.
pub const FILE: &str = "git-pm-beads.7";

/// The parts: headings, and paragraphs of one line each. Lines that begin with two spaces are verbatim.
const PARTS: &str = include_str!("beads.txt");

/// The page in roff.
pub fn page() -> String {
    let mut roff = Roff::new();
    let source = concat!("git-pm ", env!("CARGO_PKG_VERSION"));
    roff.control("TH", ["GIT-PM-BEADS", "7", "", source, "git pm manual"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman("git-pm-beads - git pm for users of beads")]);
    let lines: Vec<&str> = PARTS.lines().filter(|line| !line.is_empty()).collect();
    let is_typed = |text: &&str| text.starts_with("  ");
    for texts in lines.chunk_by(|a, b| is_typed(a) && is_typed(b)) {
        if let Some(heading) = texts[0].strip_prefix("# ") {
            roff.control("SH", [heading]);
        } else if is_typed(&texts[0]) {
            super::verbatim(&mut roff, texts.iter().map(|text| &text[2..]));
        } else {
            roff.control("PP", []);
            roff.text([roman(texts[0])]);
        }
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([
        bold("git-pm-issue"),
        roman("(1), "),
        bold("git-pm"),
        roman("(1)"),
    ]);
    roff.to_roff()
}
