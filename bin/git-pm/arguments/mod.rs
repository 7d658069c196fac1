//! The parsing of arguments: rewriting before clap, value parsers, arguments of several commands.

pub mod bd;
pub mod globals;
pub mod meant;
pub mod raw;
pub mod request;
pub mod stdin;
pub mod usage_error;
pub mod values;

/// The lines `words = text` below the heading `# name` of a text with tables.
fn table(tables: &'static str, name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = tables.lines();
    let lines = lines.skip_while(move |line| line.strip_prefix("# ") != Some(name));
    lines.skip(1).map_while(|line| line.split_once(" = "))
}
