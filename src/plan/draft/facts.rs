//! What the rules need to know about a statement beyond its own text.
//!
//! It is counted once for the whole document, before the first verdict.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use git_pm_document::{
    Cell, Document, Form, LabelKind, Node, SectionKind, State, by_shape, canonical_id, is_known,
    is_story, label_of, list, mentioned_ids, normalize, tokens,
};

/// Only a document with fewer requirements and stories is searched for those that name each other.
const MOST_NAMES: usize = 400;

/// So many requirements with criteria are the tasks of a document, so many headings those of a phase, and
/// the same name in so many places is that of a property.
const MIN_OCCURRENCES: usize = 3;

/// What stands below a statement.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Below {
    /// Open boxes that are work.
    pub boxes: usize,
    /// Those of them with entries below or an id.
    pub rich_boxes: usize,
    /// Ids of requirements and stories that are tasks of their own.
    pub ids: usize,
    /// Entries and rows at any depth.
    pub listed: usize,
    /// Those of them that are done.
    pub done: usize,
    /// Entries, rows and code directly below it, or below its labels.
    pub direct: usize,
    /// Sentences that demand something.
    pub demands: usize,
    /// Headings with entries.
    pub headings: usize,
}

/// The facts of a document.
pub(super) struct Facts {
    pub document: Arc<Document>,
    pub below: Vec<Below>,
    /// True for what stands at a heading without id whose author gives its state: he reports.
    reported: Vec<bool>,
    /// The names of entries that stand below several statements.
    properties: HashSet<String>,
    /// The innermost phase that each statement is or is in.
    pub phase: Vec<Option<usize>>,
    /// The first phase with several features, each with a heading.
    detailed_phase: Option<usize>,
    /// How the tasks of each phase are listed: the lowest rank of its entries.
    pub listing: HashMap<usize, u8>,
    /// The statement that defines each id.
    pub defined: HashMap<String, usize>,
    /// The rows of tables by their id, in order.
    rows: HashMap<String, Vec<usize>>,
    /// The first two words of each phase's name.
    pub phase_names: HashSet<Vec<String>>,
    /// The number of stories and of requirements with criteria, and of requirements.
    pub rich_stories: usize,
    pub rich_requirements: usize,
    pub requirements: usize,
    /// The ids that each requirement and story names.
    names: HashMap<usize, BTreeSet<String>>,
}

impl Facts {
    pub fn of(document: Arc<Document>) -> Facts {
        let count = document.nodes.len();
        let mut facts = Facts {
            document,
            below: vec![Below::default(); count],
            reported: vec![false; count],
            properties: HashSet::new(),
            phase: vec![None; count],
            detailed_phase: None,
            listing: HashMap::new(),
            defined: HashMap::new(),
            rows: HashMap::new(),
            phase_names: HashSet::new(),
            rich_stories: 0,
            rich_requirements: 0,
            requirements: 0,
            names: HashMap::new(),
        };
        facts.define();
        facts.count();
        facts.find_reports();
        facts.find_phases();
        facts.compare();
        facts
    }

    /// The statements of the document.
    pub fn nodes(&self) -> &[Node] {
        &self.document.nodes
    }

    /// What a statement stands below, the nearest first.
    pub fn above(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.document.nodes[at].parent, |above| {
            self.document.nodes[*above].parent
        })
    }

    /// The kind of what a statement stands below.
    fn kind_above(&self, at: usize) -> SectionKind {
        let parent = self.document.nodes[at].parent;
        parent.map_or(SectionKind::Unknown, |parent| {
            self.document.nodes[parent].kind
        })
    }

    /// True for the kinds of sections whose ids, boxes and steps can be work.
    pub fn is_open(&self, at: usize) -> bool {
        let node = &self.document.nodes[at];
        let unknown = matches!(node.kind, SectionKind::Unknown | SectionKind::Scope);
        (unknown || node.kind.is_work()) && node.state.is_none()
    }

    /// True for an id that can be that of a task.
    pub fn has_task_id(&self, at: usize) -> bool {
        let node = &self.document.nodes[at];
        let says = !node.name().is_empty() || !node.children.is_empty();
        // A table of errors or of test cases has ids, too, but says not what a row depends on.
        let of_work = |cell: &Cell| {
            cell.kind == LabelKind::DependsOn || list("ticket-columns").is(&cell.header)
        };
        let code = node.form == Form::Row && self.kind_above(at) == SectionKind::Unknown;
        let code = code && !node.cells.iter().any(of_work);
        let id = node.id.as_deref().filter(|id| !code || is_known(id));
        id.is_some() && self.is_open(at) && says
    }

    /// True for a requirement with entries of its own, without ids, above other requirements.
    pub fn has_own_criteria(&self, at: usize) -> bool {
        let below = self.document.nodes[at].children.iter();
        let entries = |node: &Node| node.is_listed() && node.id.is_none();
        self.document.nodes[at].is_heading()
            && below.clone().any(|child| {
                let child = &self.document.nodes[*child];
                let inside = |child: &Node| {
                    let mut inner = child.children.iter();
                    inner.any(|inner| entries(&self.document.nodes[*inner]))
                };
                entries(child) || child.form == Form::Label && !child.is_heading() && inside(child)
            })
    }

    /// True for a requirement or story without criteria.
    pub fn is_flat(&self, at: usize) -> bool {
        self.below[at].listed == 0 && !matches!(self.document.nodes[at].form, Form::Heading(_))
    }

    /// True for a document whose requirements or stories have ids and criteria.
    pub fn has_demands(&self) -> bool {
        self.rich_stories + self.rich_requirements >= MIN_OCCURRENCES
    }

    /// True for what is said about something else: in a report, or an entry by whose name several
    /// other statements have one, too.
    pub fn is_property(&self, at: usize) -> bool {
        let name = self.document.nodes[at].lead.as_deref().map(normalize);
        self.reported[at] || name.is_some_and(|name| self.properties.contains(&name))
    }

    /// True for a statement whose entries are all done, unless its own box is open.
    pub fn is_done(&self, at: usize) -> bool {
        let below = self.below[at];
        let is_open = self.document.nodes[at].checked == Some(false);
        let is_root = self.document.root == Some(at);
        below.listed > 0 && below.done == below.listed && !is_root && !is_open
    }

    /// True for an entry of a phase without headings, after one whose features have headings.
    pub fn is_sketched(&self, at: usize) -> bool {
        let headings = self.phase[at].map_or(0, |phase| self.below[phase].headings);
        headings == 0 && self.detailed_phase.is_some_and(|phase| phase < at)
    }

    /// True for a user story.
    pub fn is_story(&self, at: usize) -> bool {
        let node = &self.document.nodes[at];
        match node.id.as_deref() {
            Some(id) => ["US", "UC", "STORY"]
                .iter()
                .any(|prefix| id.starts_with(prefix)),
            None => is_story(node.name()),
        }
    }

    /// The name and text of each field of a statement: labels below it, cells, rows of properties.
    pub fn fields(&self, at: usize, kind: LabelKind) -> impl Iterator<Item = (&str, &str)> {
        let node = &self.document.nodes[at];
        let below = node
            .children
            .iter()
            .map(|child| &self.document.nodes[*child]);
        let labels = below.clone().filter(move |child| child.label == kind);
        let labels = labels.map(|one| (one.lead.as_deref().unwrap_or_default(), &*one.text));
        let cells = node.cells.iter().filter(move |cell| cell.kind == kind);
        let cells = cells.map(|cell| (&*cell.header, &*cell.text));
        let rows = below.filter_map(|row| row.cells.first().zip(row.cells.get(1)));
        let rows = rows.map(|(name, value)| (&*name.text, &*value.text));
        let rows = rows.filter(move |(name, _)| label_of(name) == kind);
        labels.chain(cells).chain(rows)
    }

    /// The same of a task, then in the rows of other tables that name its id: an overview may state what
    /// the section of a requirement does not.
    pub fn stated(&self, task: usize, kind: LabelKind) -> impl Iterator<Item = (&str, &str)> {
        let id = self.document.nodes[task].id.as_deref().map(canonical_id);
        let defines = id.filter(|id| self.defined.get(id) == Some(&task));
        let rows = defines.and_then(|id| self.rows.get(&id));
        let rows = rows.into_iter().flatten().copied();
        let rows = rows.filter(move |row| *row != task);
        let elsewhere = rows.flat_map(move |row| self.fields(row, kind));
        self.fields(task, kind).chain(elsewhere)
    }

    /// True for `FR-3.1` in a list below FR-3: a part, not a task of its own.
    fn is_part(&self, at: usize) -> bool {
        let node = &self.document.nodes[at];
        let id = |at: usize| self.document.nodes[at].id.as_deref().map(canonical_id);
        let above = self.above(at).find(|above| self.has_task_id(*above));
        let above = above.and_then(id);
        let below = id(at).zip(above).is_some_and(|(own, above)| {
            let found = own.strip_prefix(above.as_str());
            found.is_some_and(|rest| rest.starts_with(['.', '-']))
        });
        below && node.children.is_empty() && !node.is_heading()
    }

    fn define(&mut self) {
        let mut ranks: HashMap<String, u8> = HashMap::new();
        for (at, node) in self.document.nodes.iter().enumerate() {
            if !self.has_task_id(at) {
                continue;
            }
            let id = canonical_id(node.id.as_deref().unwrap_or_default());
            if node.form == Form::Row {
                self.rows.entry(id.clone()).or_default().push(at);
            }
            let rank = match node.form {
                // The title may name all that the document is about.
                Form::Heading(_) if self.document.root == Some(at) => 1,
                Form::Heading(_) => 4,
                _ if !node.children.is_empty() => 3,
                Form::Row if node.kind == SectionKind::Unknown => 1,
                _ => 2,
            };
            let known = ranks.entry(id.clone()).or_default();
            if *known < rank {
                *known = rank;
                self.defined.insert(id, at);
            }
        }
    }

    /// True for an id that its author gave to two statements by mistake, each with its own work:
    /// entries beside each other, or headings of different names.
    pub fn is_twice(&self, at: usize) -> bool {
        let node = &self.document.nodes[at];
        let id = node.id.as_deref().map(canonical_id);
        let first = id.and_then(|id| self.defined.get(&id).copied());
        first.filter(|first| *first != at).is_some_and(|first| {
            let first = &self.document.nodes[first];
            let beside = (first.parent, first.form) == (node.parent, node.form);
            let headings = node.is_heading() && first.is_heading() && self.below[at].listed > 0;
            // Other ids also name what a section is about.
            let headings = headings && node.id.as_deref().is_some_and(is_known);
            beside || headings && normalize(first.name()) != normalize(node.name())
        })
    }

    /// True if a statement with an id is where this id is defined.
    pub fn is_definition(&self, at: usize) -> bool {
        let node = &self.document.nodes[at];
        let id = node.id.as_deref().map(canonical_id);
        id.and_then(|id| self.defined.get(&id)) == Some(&at)
    }

    fn count(&mut self) {
        for at in (0..self.document.nodes.len()).rev() {
            let node = &self.document.nodes[at];
            let Some(parent) = node.parent else { continue };
            let own = self.below[at];
            let open = self.is_open(at);
            let boxed = open && node.checked == Some(false);
            let rich = boxed && (node.id.is_some() || own.listed > 0);
            let id = self.has_task_id(at) && !self.is_part(at) && self.is_definition(at);
            let demands = node.form != Form::Code && list("demand").has(&node.text);
            let heading = node.is_heading();
            let to = &mut self.below[parent];
            to.boxes += own.boxes + usize::from(boxed);
            to.rich_boxes += own.rich_boxes + usize::from(rich);
            to.ids += own.ids + usize::from(id);
            to.listed += own.listed + usize::from(node.is_listed());
            to.done += own.done + usize::from(node.is_listed() && node.state == Some(State::Done));
            to.demands += own.demands + usize::from(demands);
            to.headings += own.headings + usize::from(heading && own.direct > 0);
            to.direct += match node.form {
                Form::Item | Form::Row | Form::Code => 1,
                Form::Label if !heading => own.direct,
                _ => 0,
            };
        }
    }

    fn find_reports(&mut self) {
        let mut owners: HashMap<String, HashSet<usize>> = HashMap::new();
        for node in self
            .document
            .nodes
            .iter()
            .filter(|node| node.form == Form::Item)
        {
            let (Some(lead), Some(parent)) = (&node.lead, node.parent) else {
                continue;
            };
            owners.entry(normalize(lead)).or_default().insert(parent);
        }
        let often = owners
            .into_iter()
            .filter(|(_, owners)| owners.len() >= MIN_OCCURRENCES);
        self.properties = often.map(|(name, _)| name).collect();
        for at in 0..self.document.nodes.len() {
            let node = &self.document.nodes[at];
            let above = node.parent.is_some_and(|parent| self.reported[parent]);
            let states = |text: &str| !text.is_empty() && !list("pending").begins(text);
            let rows = node
                .children
                .iter()
                .map(|child| &self.document.nodes[*child].cells);
            let cells = rows.flatten().filter(|cell| cell.kind == LabelKind::State);
            let mut cells = cells.map(|cell| cell.text.as_str());
            let mut labels = self.fields(at, LabelKind::State).map(|(_, text)| text);
            let own = node.is_heading() && self.document.root != Some(at);
            let reports = own && (labels.any(states) || cells.any(states));
            drop(labels);
            self.reported[at] = node.id.is_none() && (reports || above);
        }
    }

    /// Phases: numbered spans of time, and what stands directly below a heading such as
    /// `Milestones`.
    fn find_phases(&mut self) {
        let nodes = 0..self.document.nodes.len();
        let lists: HashSet<usize> = nodes.filter(|at| self.lists_phases(*at)).collect();
        for at in 0..self.document.nodes.len() {
            let node = &self.document.nodes[at];
            let above = node.parent.and_then(|parent| self.phase[parent]);
            let shaped = by_shape(node.name()) == Some(SectionKind::Milestone) && node.id.is_none();
            let listed = self.below[at].listed > 0;
            let parent = node
                .parent
                .map_or("", |parent| self.document.nodes[parent].name());
            let milestone = node.kind == SectionKind::Milestone && node.is_heading();
            let below_phases = milestone && above.is_none() && listed && list("phases").has(parent);
            let can = self.is_open(at) && self.document.root != Some(at);
            let named =
                node.is_heading() || listed && matches!(node.form, Form::Item | Form::Label);
            let is_entry = node.parent.is_some_and(|parent| lists.contains(&parent));
            let is_entry = is_entry && node.is_listed() && above.is_none();
            let is_named = named && (shaped || below_phases);
            let is_phase = can && (is_named || is_entry);
            self.phase[at] = if is_phase { Some(at) } else { above };
            if is_phase && self.below[at].headings >= MIN_OCCURRENCES {
                self.detailed_phase.get_or_insert(at);
            }
            if is_phase && is_named {
                self.phase_names.insert(head(node.name()));
            }
            let rank = self
                .rank(at)
                .filter(|_| node.is_listed() && above.is_some());
            let Some(rank) = rank else { continue };
            // A phase whose sprints list tasks lists no others by its results.
            let outer = self.above(at);
            let outer = outer.filter(|at| self.phase[*at] == Some(*at)).take(4);
            for phase in outer.collect::<Vec<_>>() {
                let best = self.listing.entry(phase).or_insert(rank);
                *best = rank.min(*best);
            }
        }
    }

    /// True for a heading such as `Milestones` whose entries or rows each name requirements of the document,
    /// or a date: `1. Beta 2026-12-10: R1`.
    fn lists_phases(&self, at: usize) -> bool {
        let nodes = &self.document.nodes;
        let node = &nodes[at];
        let is_headed = node.is_heading() && list("phases").has(node.name());
        if !is_headed || node.kind != SectionKind::Milestone {
            return false;
        }
        let names = |entry: &Node| {
            let ids = mentioned_ids(entry.name());
            ids.iter().any(|id| self.defined.contains_key(id))
        };
        let is_entry = |entry: &Node| {
            let is_plain = entry.id.is_none() && entry.checked.is_none();
            is_plain && (names(entry) || is_dated(entry.name()))
        };
        let entries = node.children.iter().map(|child| &nodes[*child]);
        let entries: Vec<&Node> = entries.filter(|entry| entry.is_listed()).collect();
        entries.iter().copied().all(is_entry) && entries.iter().copied().any(names)
    }

    /// True for an entry below a heading such as `Milestones` that only says when something is ready: `1. Beta: 12 May`.
    pub fn is_date(&self, at: usize) -> bool {
        let node = &self.document.nodes[at];
        let above = node.parent.map(|parent| &self.document.nodes[parent]);
        let is_schedule = |above: &Node| above.is_heading() && above.kind == SectionKind::Milestone;
        let is_plain = node.form == Form::Item && node.id.is_none() && node.children.is_empty();
        let date = node.name().rsplit_once([':', '–', '—']);
        let is_bare = date.is_some_and(|(_, date)| {
            let is_month = |word: &String| list("months").is(word);
            let is_number = |word: &String| word.starts_with(|c: char| c.is_ascii_digit());
            let words = tokens(date);
            let has_month = words.iter().any(is_month) && words.iter().any(is_number);
            (has_month || is_dated(date)) && words.iter().all(|one| is_month(one) || is_number(one))
        });
        is_plain && is_bare && self.phase[at].is_none() && above.is_some_and(is_schedule)
    }

    /// Gives the tasks that a phase names by their ids to this phase.
    pub fn assign(&mut self, is_task: impl Fn(usize) -> bool) {
        for at in (0..self.document.nodes.len()).filter(|at| !is_task(*at)) {
            let node = &self.document.nodes[at];
            let Some(phase) = self.phase[at].filter(|_| node.form != Form::Code) else {
                continue;
            };
            let own = node.id.as_deref().map(canonical_id);
            for id in mentioned_ids(node.name()).into_iter().chain(own) {
                let task = self.defined.get(&id).filter(|task| is_task(**task));
                if let Some(task) = task.filter(|task| self.phase[**task].is_none()) {
                    self.phase[*task] = Some(phase);
                }
            }
        }
    }

    /// How a phase lists an entry: as its tasks, as results, as its scope; `None` for what is none
    /// of them.
    pub fn rank(&self, at: usize) -> Option<u8> {
        let node = &self.document.nodes[at];
        match node.kind {
            _ if node.label.is_field() => None,
            SectionKind::Deliverable => Some(1),
            SectionKind::Scope => Some(2),
            kind => (kind == SectionKind::Unknown || kind.is_work()).then_some(0),
        }
    }

    /// Which ids stories and requirements name, and how many of each have criteria.
    fn compare(&mut self) {
        let mut marked: Vec<Option<usize>> = vec![None; self.document.nodes.len()];
        for at in 0..self.document.nodes.len() {
            let node = &self.document.nodes[at];
            let story = self.is_open(at) && self.is_story(at);
            let requirement = self.has_task_id(at) && self.is_definition(at);
            let is_own = (requirement || story) && !self.is_part(at) && self.below[at].ids == 0;
            let above = node.parent.and_then(|parent| marked[parent]);
            marked[at] = if is_own { Some(at) } else { above };
            if is_own {
                let rich = !self.is_flat(at);
                self.rich_stories += usize::from(story && rich);
                self.rich_requirements += usize::from(!story && rich);
                self.requirements += usize::from(!story);
            }
            if let Some(owner) = marked[at].filter(|_| node.form != Form::Code) {
                let cells = node.cells.iter().map(|cell| cell.text.as_str());
                let named = cells.chain([node.text.as_str()]).flat_map(mentioned_ids);
                self.names.entry(owner).or_default().extend(named);
            }
        }
    }

    /// The stories that a requirement names or that name it, or the other way round.
    pub fn partners(&self, at: usize) -> BTreeSet<usize> {
        let own = self.document.nodes[at].id.as_deref().map(canonical_id);
        let named = self.names.get(&at).into_iter().flatten();
        let named = named.filter_map(|id| self.defined.get(id).copied());
        let all = self.names.iter().filter(|_| self.names.len() <= MOST_NAMES);
        let naming = all.filter(|(_, ids)| own.as_ref().is_some_and(|own| ids.contains(own)));
        let found = named.chain(naming.map(|(other, _)| *other));
        let story = self.is_story(at);
        let found = found.filter(|other| *other != at && self.is_story(*other) != story);
        found.collect()
    }
}

/// True for a text with a date such as `2026-12-10`.
fn is_dated(text: &str) -> bool {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit() && c != '-');
    numbers.any(|word| word.split('-').map(str::len).eq([4, 2, 2]))
}

/// The first two words of a name: `Phase 2`.
pub(super) fn head(name: &str) -> Vec<String> {
    let start: String = name.chars().take(40).collect();
    tokens(&start).into_iter().take(2).collect()
}
