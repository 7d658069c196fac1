//! The sections of git-pm(1) that are not about a command: environment, exit status, files and examples.

use clap_mangen::roff::{Roff, bold, roman};
use git_pm::env::AGENT_MARKERS;

/// The sections: each has terms, with a text below them, or topics, with commands below them.
const SECTIONS: &str = include_str!("sections.txt");

/// Adds the sections.
pub fn main(roff: &mut Roff) {
    definitions(roff, "ENVIRONMENT");
    let markers: Vec<&str> = AGENT_MARKERS
        .iter()
        .copied()
        .filter(|marker| *marker != "AGENT_NAME")
        .collect();
    definition(
        roff,
        &markers.join(", "),
        "Set by coding agents. If one of them is set, the caller is treated as an agent, whatever \
         its name: it cannot approve, loosen a rule, or end another actor's claim or reservation. \
         AGENT does not count if its value means no (such as 0 or false) or is a path.",
    );
    definitions(roff, "EXIT STATUS");
    roff.control("PP", []);
    roff.text([
        roman("With "),
        bold("--json"),
        roman(
            ", standard output contains one document: {\"schema_version\":1,\"data\":…}, or \
             {\"schema_version\":1,\"error\":{\"code\",\"message\",\"hints\"}}. Lists are \
             {\"items\":[…]} in data. Notices, which text output prints to standard error, are in \
             \"notices\":[…], next to data or error; commands whose JSON has another form print \
             them to standard error.",
        ),
    ]);
    definitions(roff, "FILES");
    roff.control("SH", ["EXAMPLES"]);
    let lines: Vec<&str> = section("EXAMPLES").collect();
    for topic in lines.chunk_by(|_, next| next.starts_with("  ")) {
        roff.control("PP", []);
        roff.text([roman(topic[0])]);
        super::verbatim(roff, topic[1..].iter().map(|line| &line[2..]));
    }
}

/// The lines of a section.
fn section(heading: &str) -> impl Iterator<Item = &'static str> {
    let is_it = move |line: &&str| line.strip_prefix("# ") == Some(heading);
    let lines = SECTIONS.lines().skip_while(move |line| !is_it(line));
    let own = lines.skip(1).take_while(|line| !line.starts_with("# "));
    own.filter(|line| !line.is_empty())
}

fn definitions(roff: &mut Roff, heading: &str) {
    roff.control("SH", [heading]);
    let mut lines = section(heading);
    while let (Some(term), Some(text)) = (lines.next(), lines.next()) {
        definition(roff, term, text.trim_start());
    }
}

fn definition(roff: &mut Roff, term: &str, text: &str) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(text)]);
}
