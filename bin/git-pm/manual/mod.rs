//! The man pages, made from the command tree: one for git pm, one for each group of verbs.
//!
//! clap_mangen makes the head of each page; the verbs and the other sections are added here.

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

mod beads;
mod sections;

/// The definition of the apostrophe at the start of all roff output.
const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";

/// A man page.
pub struct ManualPage {
    /// The file name.
    pub file: String,
    /// The roff source.
    pub roff: String,
}

/// All pages, the main one first.
pub fn pages(tree: &Command) -> Vec<ManualPage> {
    let mut pages = vec![ManualPage {
        file: "git-pm.1".to_string(),
        roff: main_page(tree),
    }];
    pages.extend(groups(tree).map(|group| ManualPage {
        file: format!("git-pm-{}.1", group.get_name()),
        roff: group_page(tree, group),
    }));
    pages.push(ManualPage {
        file: beads::FILE.to_string(),
        roff: beads::page(),
    });
    pages
}

/// The groups of verbs that have their own page.
fn groups(tree: &Command) -> impl Iterator<Item = &Command> {
    tree.get_subcommands()
        .filter(|c| visible(c) && c.has_subcommands())
}

fn main_page(tree: &Command) -> String {
    let page = frame(tree, "git-pm");
    let mut roff = Roff::new();
    roff.control("SH", ["OPTIONS"]);
    let globals = tree.get_arguments().filter(|a| !a.is_hide_set());
    options(&mut roff, globals);
    roff.control("SH", ["COMMANDS"]);
    for command in tree.get_subcommands().filter(|c| visible(c)) {
        if command.has_subcommands() {
            roff.control("SS", [format!("git pm {}", command.get_name()).as_str()]);
            roff.text([roman(about(command) + ".")]);
            roff.text([
                roman("See "),
                bold(format!("git-pm-{}", command.get_name())),
                roman("(1)."),
            ]);
        } else {
            verb(&mut roff, command);
        }
    }
    sections::main(&mut roff);
    let others = groups(tree).map(|g| format!("git-pm-{}", g.get_name()));
    let others: Vec<String> = others.collect();
    see_also(&mut roff, &others);
    page + &roff.to_roff()
}

fn group_page(tree: &Command, group: &Command) -> String {
    let page = frame(group, &format!("git-pm-{}", group.get_name()));
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    for command in group.get_subcommands().filter(|c| visible(c)) {
        if command.has_subcommands() {
            roff.control("SS", [full_name(command)]);
            paragraphs(&mut roff, &described(command));
            for inner in command.get_subcommands().filter(|c| visible(c)) {
                verb(&mut roff, inner);
            }
        } else {
            verb(&mut roff, command);
        }
    }
    roff.control("SH", ["OPTIONS"]);
    let own = group.get_arguments().filter(|a| {
        let global = tree.get_arguments().any(|b| b.get_id() == a.get_id());
        !a.is_hide_set() && !global && a.get_id() != "help"
    });
    options(&mut roff, own);
    roff.control("PP", []);
    roff.text([
        roman("All commands also take the global options of "),
        bold("git-pm"),
        roman("(1)."),
    ]);
    see_also(&mut roff, &["git-pm".to_string()]);
    page + &roff.to_roff()
}

/// Title, name, synopsis and description.
fn frame(command: &Command, name: &str) -> String {
    let verb = if command.is_subcommand_required_set() {
        "COMMAND"
    } else {
        "[COMMAND]"
    };
    let typed = command.get_bin_name().unwrap_or(name);
    let framed = command
        .clone()
        .display_name(name.to_string())
        .override_usage(format!("{typed} [OPTIONS] {verb}"))
        .long_about(described(command));
    let man = Man::new(framed)
        .title(name.to_uppercase())
        .source(concat!("git-pm ", env!("CARGO_PKG_VERSION")))
        .manual("git pm manual");
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    let _ = man
        .render_title(&mut out)
        .and_then(|()| man.render_name_section(&mut out))
        .and_then(|()| man.render_synopsis_section(&mut out))
        .and_then(|()| man.render_description_section(&mut out));
    // Each part begins with the preamble, which is needed only once.
    let text = String::from_utf8_lossy(&out);
    format!("{PREAMBLE}{}", text.replace(PREAMBLE, ""))
}

/// A command's long help, with a period after its summary.
fn described(command: &Command) -> String {
    let long = command.get_long_about().or_else(|| command.get_about());
    let mut text = long.map(ToString::to_string).unwrap_or_default();
    match text.find("\n\n") {
        Some(end) => text.insert(end, '.'),
        None => text.push('.'),
    }
    text
}

/// A verb: usage, description, options, examples.
fn verb(roff: &mut Roff, command: &Command) {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:");
    let name = full_name(command);
    roff.control("SS", [name]);
    let forms = usage.lines().map(str::trim).filter(|l| !l.is_empty());
    for (n, form) in forms.enumerate() {
        if n > 0 {
            roff.control("br", []);
        }
        let rest = form.strip_prefix(name).unwrap_or(form);
        roff.text([bold(name), roman(rest)]);
    }
    roff.control("PP", []);
    paragraphs(roff, &described(command));
    let own = command
        .get_arguments()
        .filter(|a| !a.is_global_set() && !a.is_hide_set() && a.get_id() != "help");
    options(roff, own);
    if let Some(examples) = command.get_after_help() {
        let examples = examples.to_string();
        let mut lines = examples.lines();
        if let Some(heading) = lines.next() {
            roff.control("PP", []);
            roff.text([roman(heading)]);
        }
        verbatim(
            roff,
            lines.map(|line| line.strip_prefix("  ").unwrap_or(line)),
        );
    }
}

/// Indented verbatim text.
fn verbatim<'t>(roff: &mut Roff, lines: impl Iterator<Item = &'t str>) {
    roff.control("PP", []);
    roff.control("RS", ["4"]);
    roff.control("nf", []);
    for line in lines {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.control("RE", []);
}

fn paragraphs(roff: &mut Roff, text: &str) {
    for line in text.lines() {
        if line.trim().is_empty() {
            roff.control("PP", []);
        } else {
            roff.text([roman(line)]);
        }
    }
}

fn options<'a>(roff: &mut Roff, args: impl Iterator<Item = &'a Arg>) {
    for arg in args {
        let mut head = Vec::new();
        if let Some(short) = arg.get_short() {
            head.push(bold(format!("-{short}")));
        }
        if let Some(long) = arg.get_long() {
            if !head.is_empty() {
                head.push(roman(", "));
            }
            head.push(bold(format!("--{long}")));
        }
        if arg.get_action().takes_values() {
            if !head.is_empty() {
                head.push(roman(" "));
            }
            head.push(italic(value_name(arg)));
        }
        roff.control("TP", []);
        roff.text(head);
        let help = arg.get_long_help().or_else(|| arg.get_help());
        let mut help = help.map(ToString::to_string).unwrap_or_default();
        if !help.ends_with('.') {
            help.push('.');
        }
        roff.text([roman(help)]);
        if !arg.get_action().takes_values() {
            continue;
        }
        let words = arg.get_possible_values();
        let words: Vec<&str> = words.iter().map(|value| value.get_name()).collect();
        if !words.is_empty() {
            roff.text([roman(format!("One of {}.", words.join(", ")))]);
        }
        let default = arg.get_default_values().first();
        if let Some(default) = default.filter(|_| !arg.is_hide_default_value_set()) {
            let default = default.to_string_lossy();
            roff.text([roman(format!("The default is {default}."))]);
        }
    }
}

fn value_name(arg: &Arg) -> String {
    let names = arg.get_value_names().map(|names| names.join(" "));
    let name = names.unwrap_or_else(|| arg.get_id().as_str().to_uppercase());
    let optional = arg
        .get_num_args()
        .is_some_and(|n| n.min_values() == 0 && !arg.is_positional());
    if optional { format!("[{name}]") } else { name }
}

fn see_also(roff: &mut Roff, names: &[String]) {
    roff.control("SH", ["SEE ALSO"]);
    let mut line = Vec::new();
    for name in names {
        line.extend([bold(name.as_str()), roman("(1), ")]);
    }
    line.extend([bold("git"), roman("(1)")]);
    roff.text(line);
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// The command as it is typed, such as `git pm issue gate`.
fn full_name(command: &Command) -> &str {
    command.get_bin_name().unwrap_or_else(|| command.get_name())
}

fn visible(command: &Command) -> bool {
    !command.is_hide_set()
}
