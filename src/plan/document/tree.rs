//! The tree of a document: what each statement stands below, and what follows from that.
//!
//! It stands below a heading, label or sentence, from which follow its kind, its id and its state.

use std::collections::{HashMap, HashSet};

use super::author_id::{self, ShortIds};
use super::label::{LabelKind, kind_of};
use super::lexicon::list;
use super::node::{Form, Node, State};
use super::state_mark::{self, state_mark};
use super::words::{normalize, tokens};
use super::{SectionKind, emoji, heading, section_kind, story};

/// Between the cells of a row.
pub const ROW: &str = " — ";

/// So many places above a statement are looked at.
const DEEPEST: usize = 16;

/// What the next statements at one place stand below.
#[derive(Default)]
struct Place {
    headings: Vec<usize>,
    bold: Option<usize>,
    label: Option<usize>,
    intro: Option<usize>,
    /// True once a list or code followed the label.
    listed: bool,
}

/// Puts every statement below its heading, label or introduction.
pub(super) fn nest(nodes: &mut [Node]) {
    let mut places: HashMap<Option<usize>, Place> = HashMap::new();
    for at in 0..nodes.len() {
        let item = nodes[at].parent;
        let place = places.entry(item).or_default();
        nodes[at].parent = place.parent(nodes, at, item);
        if place.intro == Some(at) {
            let node = &mut nodes[at];
            (node.form, node.intro) = (Form::Label, true);
            node.lead = Some(std::mem::take(&mut node.text));
        }
    }
    for at in (0..nodes.len()).rev() {
        if let Some(parent) = nodes[at].parent {
            nodes[parent].end = nodes[parent].end.max(nodes[at].end);
            nodes[parent].children.push(at);
        }
    }
    nodes.iter_mut().for_each(|node| node.children.reverse());
}

impl Place {
    /// What the statement `at`, in the list entry `item`, stands below.
    fn parent(&mut self, nodes: &[Node], at: usize, item: Option<usize>) -> Option<usize> {
        let node = &nodes[at];
        let owned = |form: Form| matches!(form, Form::Item | Form::Row | Form::Code | Form::Layout);
        // A list belongs to a label with a text only right below it.
        let has_text = |label: &usize| !nodes[*label].text.is_empty();
        let apart = |label: &usize| has_text(label) && nodes[*label].end + 1 < node.lines.start;
        self.label = self.label.filter(|label| self.listed || !apart(label));
        let base = self.bold.or(self.headings.last().copied()).or(item);
        match node.form {
            Form::Heading(level) => {
                let higher = |at: &usize| matches!(nodes[*at].form, Form::Heading(l) if l < level);
                let mut headings = std::mem::take(&mut self.headings);
                headings.retain(higher);
                let above = headings.last().copied();
                headings.push(at);
                *self = Place {
                    headings,
                    ..Place::default()
                };
                above
            }
            Form::Label => {
                let headed = node.is_heading();
                (self.label, self.intro, self.listed) = ((!headed).then_some(at), None, false);
                self.bold = if headed { Some(at) } else { self.bold };
                if headed {
                    self.headings.last().copied().or(item)
                } else {
                    base
                }
            }
            Form::Paragraph => {
                let next = nodes
                    .get(at + 1)
                    .filter(|next| next.parent == item && owned(next.form));
                let introduces = node.text.ends_with([':', '：']) && next.is_some();
                self.intro = introduces.then_some(at);
                self.label = self.label.filter(|label| !has_text(label) && !self.listed);
                self.label.or(base)
            }
            _ => {
                self.listed = true;
                self.intro.or(self.label).or(base)
            }
        }
    }
}

/// The heading that is the title of the whole.
pub(super) fn root(nodes: &[Node]) -> Option<usize> {
    let mut tops = (0..nodes.len()).filter(|at| nodes[*at].form == Form::Heading(1));
    tops.next().filter(|_| tops.next().is_none())
}

/// True for the title `TODO` of a document that is one list of what to do, without boxes.
fn is_list(nodes: &[Node], root: usize) -> bool {
    let title = nodes[root].name();
    let is_named =
        || section_kind::of_heading(title, SectionKind::Unknown) == Some(SectionKind::Checklist);
    let has_mark = |node: &Node| node.checked.is_some() || node.marked;
    tokens(title).len() <= 2 && is_named() && !nodes.iter().any(has_mark)
}

/// Takes the boxes off headings: `### [ ] Login`. An open one above other boxes is that of a group.
fn boxes_of_headings(nodes: &mut [Node]) {
    let mut groups: HashSet<usize> = HashSet::new();
    for at in (0..nodes.len()).rev() {
        let node = &mut nodes[at];
        let loose =
            state_mark::loose_box(&node.text).filter(|_| matches!(node.form, Form::Heading(_)));
        if let Some((is_ticked, rest)) = loose.map(|(is_ticked, rest)| (is_ticked, rest.to_owned()))
        {
            node.text = rest;
            node.checked = Some(is_ticked).filter(|ticked| *ticked || !groups.contains(&at));
            groups.extend(node.parent);
        }
        if node.checked.is_some() || groups.contains(&at) {
            groups.extend(node.parent);
        }
    }
}

/// Reads ids, numbers, kinds and states, each statement after those it stands below.
pub(super) fn read(nodes: &mut [Node], root: Option<usize>) {
    boxes_of_headings(nodes);
    noted(nodes, root);
    postponed(nodes, root);
    let places = |fits: fn(&Node) -> bool| -> HashSet<Option<usize>> {
        let found = nodes.iter().filter(|node| fits(node));
        found.map(|node| node.parent).collect()
    };
    let listing = root.filter(|root| is_list(nodes, *root));
    let ticked = places(|node| node.checked == Some(true));
    let boxed = places(|node| node.checked.is_some());
    for at in 0..nodes.len() {
        let above = nodes[at].parent.and_then(|parent| nodes.get(parent));
        let (kind_above, state_above, by_heading_above) = above
            .map_or_else(Default::default, |above| {
                (above.kind, above.state, above.by_heading)
            });
        let is_open = nodes[at].checked == Some(false);
        // A ticked box says nothing about the open ones below it.
        let around = is_open.then(|| around_ticked(nodes, at)).flatten();
        let state_above = match (state_above, around) {
            (Some(State::Done), Some(around)) => around,
            _ => state_above,
        };
        let is_later = kind_above == SectionKind::Future || state_above == Some(State::Later);
        // A heading that only says when boxes come says no more of the entries beside them.
        let is_beside = nodes[at].is_listed() && boxed.contains(&nodes[at].parent);
        let is_aside = (is_open || is_beside) && is_later && is_put_aside(nodes, root, at);
        let is_queued = is_beside && is_later && !is_aside && nodes[at].checked.is_none();
        let kind_above = match kind_above {
            SectionKind::Future if is_queued => SectionKind::Unknown,
            _ => kind_above,
        };
        let state_above = state_above.filter(|state| !(is_queued && *state == State::Later));
        let node = &mut nodes[at];
        if matches!(node.form, Form::Code | Form::Layout) {
            (node.kind, node.state, node.by_heading) = (kind_above, state_above, by_heading_above);
            continue;
        }
        let own = own_state(node);
        named(node, kind_above);
        node.text.retain(|c| !emoji::is_invisible(c));
        let by_words = match listing == Some(at) {
            true => Some(SectionKind::Checklist),
            false => by_words(node, kind_above, Some(at) == root),
        };
        let by_words = by_words.filter(|kind| !is_open || kind.names_a_box(node.name()));
        let is_aside = is_aside || is_open && by_words == Some(SectionKind::Future);
        let aside = kind_above.is_aside()
            || matches!(kind_above, SectionKind::Acceptance | SectionKind::Context)
            || kind_above == SectionKind::Dependency;
        let by_id = node.id.as_deref().filter(|_| !aside);
        let by_id = by_id.and_then(|id| of_id(id, kind_above));
        node.own_kind = by_words.or(by_id).is_some();
        node.kind = by_id.or(by_words).unwrap_or(kind_above);
        if node.kind == SectionKind::Unknown && story::is_story(&node.text) {
            node.kind = SectionKind::Story;
        }
        // What an author gives a box to tick is work, whatever the heading above it informs about.
        if is_open && by_id.is_none() && node.kind.yields_to_box(is_aside) {
            node.kind = SectionKind::Checklist;
        }
        // An open box stays open beside a ticked one; nothing stays in what is ruled out.
        let inherited = match (node.checked, state_above) {
            (Some(false), Some(State::Done)) if ticked.contains(&node.parent) => None,
            (Some(false), Some(State::Done)) => Some(State::Doubtful),
            (Some(false), Some(State::Later)) if !is_aside => None,
            _ => state_above,
        };
        let is_ticked = node.name().contains(TICKS) || node.checked.is_some();
        node.by_heading = match (node.state, own) {
            (None, Some(State::Done)) => node.is_heading() && !is_ticked,
            (None, Some(_)) | (Some(State::Later | State::Refused), _) => node.is_heading(),
            (None, None) => by_heading_above,
            _ => false,
        };
        let stated = node.state.or(own);
        // An open box contradicts a note at it.
        let stated = stated.map(|state| match state {
            State::Done if is_open => State::Doubtful,
            other => other,
        });
        node.state = stated.or(inherited);
    }
    doubtful_ids(nodes);
}

/// The state of what the ticked box stands below that an open box is in; `None` without one.
fn around_ticked(nodes: &[Node], at: usize) -> Option<Option<State>> {
    let above = std::iter::successors(nodes[at].parent, |above| nodes[*above].parent);
    let nearest = above
        .take(DEEPEST)
        .find(|above| nodes[*above].checked.is_some());
    let nearest = &nodes[nearest?];
    let around = nearest.parent.and_then(|parent| nodes[parent].state);
    (nearest.checked == Some(true)).then(|| around.filter(|state| *state != State::Done))
}

/// True for what stands below a heading that says itself that it is not work of this plan.
fn is_put_aside(nodes: &[Node], root: Option<usize>, at: usize) -> bool {
    let above = std::iter::successors(nodes[at].parent, |above| nodes[*above].parent);
    let above = above.take(DEEPEST).filter(|above| Some(*above) != root);
    let mut later = above
        .map(|above| &nodes[above])
        .filter(|node| node.kind == SectionKind::Future || node.state == Some(State::Later));
    later.any(|node| section_kind::puts_aside(node.name()))
}

/// The kind that the words of a statement name.
fn by_words(node: &Node, above: SectionKind, is_root: bool) -> Option<SectionKind> {
    // `Priority 4: Low (Backlog)` ranks work.
    let ranks = kind_of(node.name().split(' ').next().unwrap_or_default()) == LabelKind::Priority;
    let text = if ranks { "" } else { node.name() };
    let short = tokens(text).len() <= 8;
    match node.form {
        // Below the title stands everything, whatever it is called.
        _ if is_root => None,
        Form::Heading(_) => section_kind::of_heading(text, above),
        Form::Label | Form::Item if node.label.section().is_some() => node.label.section(),
        // A sentence that introduces a list is no heading of it.
        Form::Label if node.intro => section_kind::of_bare(text),
        Form::Label if short => section_kind::of_heading(text, above),
        // `Install dependencies:` orders something.
        Form::Item if list("verbs").begins(text) && !list("verbs-as-nouns").begins(text) => None,
        Form::Item if short && !node.children.is_empty() && node.id.is_none() => {
            section_kind::of_bare(text)
        }
        _ => None,
    }
}

/// Labels and columns that note the state of what they stand at.
fn noted(nodes: &mut [Node], root: Option<usize>) {
    for at in 0..nodes.len() {
        let node = &nodes[at];
        let columns = list("state-columns");
        let mut cells = node.cells.iter().filter(|cell| columns.is(&cell.header));
        let by_cell = cells.find_map(|cell| state_mark::of_note(&cell.text));
        // `Won't` as a priority.
        let ranked = node
            .cells
            .iter()
            .filter(|cell| cell.kind == LabelKind::Priority);
        let mut ranked = ranked.filter_map(|cell| state_mark::of_note(&cell.text));
        let by_cell = by_cell.or_else(|| ranked.find(|state| *state == State::Refused));
        // `Test: end to end (already passing)` is as good as a status.
        let by_label = match node.label {
            LabelKind::State => state_mark::of_note(&node.text),
            LabelKind::Test => state_mark::passed(&node.text),
            _ => None,
        };
        if let Some((state, noted)) = by_cell.zip(Some(at)).or(by_label.zip(node.parent)) {
            nodes[noted].state = Some(state).filter(|_| Some(noted) != root);
        }
    }
}

/// A second phase without a first one comes after this plan.
fn postponed(nodes: &mut [Node], root: Option<usize>) {
    let stage = |node: &Node| -> Option<u32> {
        let title = heading::read(node.name(), ShortIds::Plain).title;
        let words = tokens(&title.chars().take(40).collect::<String>());
        let (first, second) = (words.first()?, words.get(1).map_or("", String::as_str));
        let word = first.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = if word == first {
            second
        } else {
            &first[word.len()..]
        };
        // `Phase 3.1` is a part of the third one.
        let part = words.get(if word == first { 2 } else { 1 });
        let glued = part.is_some_and(|part| title.contains(&format!("{digits}.{part}")));
        let fits = node.form != Form::Code && list("stages").is(word) && !glued;
        digits.parse().ok().filter(|_| fits)
    };
    let titled = root.is_some_and(|root| list("stages").has(nodes[root].name()));
    let first = nodes.iter().filter_map(stage).min();
    if titled || first.is_none_or(|first| first < 2) {
        return;
    }
    for node in nodes.iter_mut().filter(|node| node.is_heading()) {
        node.state = node.state.or(stage(node).map(|_| State::Later));
    }
}

/// True for a text in back-ticks, or a method of HTTP with a path.
fn is_command(text: &str) -> bool {
    let bare = text.trim_matches('`');
    let coded = bare.len() + 2 == text.len() && !bare.contains('`');
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
    let (method, path) = bare.split_once(' ').unwrap_or((bare, ""));
    coded || methods.contains(&method) && path.trim_start_matches('`').starts_with('/')
}

/// What marks a statement as done like a ticked box.
const TICKS: [char; 3] = ['✅', '✔', '☑'];

/// The state that a statement notes about itself.
fn own_state(node: &Node) -> Option<State> {
    let (text, headed) = (node.name(), node.is_heading());
    let ticked = |c: char| TICKS.contains(&c);
    // At the beginning of a heading it is decoration, within a sentence it is a sign.
    let ends = text.trim_end_matches('\u{fe0f}').ends_with(ticked);
    let done = ends || text.contains(ticked) && text.starts_with(ticked) != headed;
    let done = done && (headed || ends || text.starts_with(ticked));
    // `DONE: …`
    let called = text.split_once(':').map_or("", |(name, _)| name);
    let called = called.chars().all(char::is_uppercase) && list("done").is(called);
    if node.checked == Some(true) || done || called && node.is_listed() {
        return Some(State::Done);
    }
    let mut cells = node.cells.iter().take(2);
    let is_struck = cells.any(|cell| {
        cell.text.len() > 4 && cell.text.starts_with("~~") && cell.text.ends_with("~~")
    });
    if text.starts_with("~~") || is_struck || list("excludes").begins(text) {
        return Some(State::Refused);
    }
    let title = headed.then(|| heading::read(text, ShortIds::Plain).title);
    let title = title.unwrap_or_default();
    let bare = state_mark::of_heading(&title);
    let ranks = kind_of(title.split(' ').next().unwrap_or_default()) == LabelKind::Priority;
    let lead = node.lead.as_deref().unwrap_or_default();
    let led = text.strip_prefix(lead).filter(|_| !lead.is_empty());
    let led = led.and_then(state_mark::of_clause);
    bare.or(led).or_else(|| state_mark(text).filter(|_| !ranks))
}

/// What stands between two ids of a list.
const JOINING: [&str; 6] = ["and ", "or ", "und ", "y ", "et ", "e "];

/// Takes numbering, id and decoration off a statement.
fn named(node: &mut Node, above: SectionKind) {
    let text = node.name().replace("~~", "");
    let short_ids = match above {
        SectionKind::Risk | SectionKind::Question | SectionKind::Assumption => ShortIds::Numbered,
        _ => ShortIds::Requirements,
    };
    let bare = emoji::without_decoration(&text);
    if section_kind::by_shape(bare) == Some(SectionKind::Milestone) {
        node.rename(bare.to_owned());
        return;
    }
    if node.is_heading() || node.intro {
        let found = heading::read(&text, short_ids);
        let codes = text.split('`').skip(1).step_by(2);
        node.codes = codes.map(str::to_owned).collect();
        node.command = is_command(&text);
        node.number = found.number.and_then(|number| number.parse().ok());
        node.id = found.id.filter(|_| !node.intro);
        node.rename(found.title);
        return;
    }
    // What `- Depends on: US-1` names is another statement.
    if node.form == Form::Item && matches!(node.label, LabelKind::DependsOn | LabelKind::Blocks) {
        return;
    }
    // The number of a row is none of its words.
    let counts =
        |header: &str| matches!(header.trim(), "" | "#") || list("number-columns").is(header);
    let first = node.cells.first().filter(|cell| counts(&cell.header));
    let first = first.map_or("", |cell| cell.text.trim_end_matches('.'));
    if let Ok(number) = first.parse() {
        let rest = others(node);
        if !rest.is_empty() {
            node.number = Some(number);
            node.rename(rest);
        }
        return;
    }
    // `**US-1**: As a …`
    let lead = node.lead.as_deref().filter(|_| node.form == Form::Label);
    let start = node.cells.first().map(|cell| cell.text.as_str());
    let start = start.or(lead).unwrap_or(bare);
    // `R1, R2: …` is no criterion of R1 alone.
    let is_list = |(_, rest): &(String, &str)| {
        let rest = rest.trim_start_matches(|c: char| ",/&+;".contains(c) || c.is_whitespace());
        let rest = JOINING
            .iter()
            .find_map(|word| rest.strip_prefix(word))
            .unwrap_or(rest);
        above == SectionKind::Acceptance && author_id::split(rest, short_ids).is_some()
    };
    let found = author_id::split(start, short_ids);
    // So is that of `- Story: US-1`.
    let is_named = |(_, rest): &(String, &str)| {
        let is_field = node.label.is_field() || node.label == LabelKind::Story;
        node.form == Form::Item && is_field && rest.is_empty()
    };
    let found = found.filter(|found| !is_named(found));
    let Some((id, rest)) = found.filter(|found| !is_list(found)) else {
        node.rename(emoji::statement_text(bare).to_owned());
        return;
    };
    let text = match (node.form, rest) {
        (Form::Row, "") => others(node),
        (Form::Label, "") => text,
        (Form::Label, rest) if !node.text.is_empty() => format!("{rest}: {text}"),
        (_, rest) => rest.to_owned(),
    };
    node.lead.take_if(|lead| !text.starts_with(lead.as_str()));
    (node.id, node.text) = (Some(id), text);
}

/// The cells of a row that say more than a number, an id or a property, but its criteria.
fn others(node: &Node) -> String {
    let cells = node.cells.iter().skip(1);
    let cells = cells.filter(|cell| !cell.kind.is_apart(&cell.text));
    let says = |text: &&str| text.chars().any(char::is_alphanumeric);
    let texts: Vec<&str> = cells.map(|cell| cell.text.as_str()).filter(says).collect();
    let named = |text: &&str| text.chars().filter(|c| c.is_alphabetic()).count() > 2;
    let first = texts.iter().position(named).unwrap_or(texts.len());
    texts[first..].join(ROW)
}

/// The kind of a statement that begins with `id`.
fn of_id(id: &str, above: SectionKind) -> Option<SectionKind> {
    match author_id::prefix(id) {
        "NFR" | "NF" | "QR" | "RNF" | "NREQ" => Some(SectionKind::NonFunctional),
        "US" | "UC" | "STORY" => Some(SectionKind::Story),
        "AC" => Some(SectionKind::Acceptance),
        "SC" => Some(SectionKind::Metric),
        "FEAT" | "EPIC" => Some(SectionKind::Feature),
        _ => {
            let fits = author_id::is_known(id) || above == SectionKind::Unknown;
            fits.then_some(SectionKind::Functional)
        }
    }
}

/// Takes back ids of an unknown prefix that stand alone, and quantities: `B2` is a name.
fn doubtful_ids(nodes: &mut [Node]) {
    // Findings are numbered by severity: critical, high, medium, low.
    let series = |id: &str| match author_id::prefix(id) {
        "C" | "H" | "M" | "L" | "CRITICAL" | "HIGH" | "MEDIUM" | "LOW" => "severity".to_owned(),
        prefix => prefix.to_owned(),
    };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for id in nodes.iter().filter_map(|node| node.id.as_deref()) {
        *counts.entry(series(id)).or_default() += 1;
    }
    for node in nodes.iter_mut() {
        // Requirements, features and tasks are numbered so, also when one is left.
        let usual = |id: &str| node.kind.is_work() && "RFT".contains(author_id::prefix(id));
        let known = |id: &str| author_id::is_known(id) || usual(id);
        let alone = |id: &String| counts.get(&series(id)) == Some(&1) && !known(id);
        let letter = |id: &String| "QPVSK".contains(author_id::prefix(id)) && !id.contains('-');
        if let Some(id) = node.id.take_if(|id| alone(id) || letter(id)) {
            node.rename(format!("{id} {}", node.name()));
        }
    }
}

/// The names of what a statement stands below, without that of the whole document.
pub fn path(nodes: &[Node], root: Option<usize>, at: usize) -> Vec<String> {
    let above = std::iter::successors(nodes[at].parent, |above| nodes[*above].parent);
    let named = above.take(DEEPEST).filter(|above| Some(*above) != root);
    named.map(|above| normalize(nodes[above].name())).collect()
}
