//! `git pm issue list`, `show`, `ready`, `blocked`, `children` and `search`.

use git_pm::Error;
use git_pm::items::{Expr, Field, ItemView, ListFilter, Mark, Op, Pattern, SearchOptions, Test};
use git_pm::tasks::WhyView;
use git_pm::values::ItemKind;
use serde::Serialize;

use crate::arguments::list::LookArgs;
use crate::arguments::values::{limit, priority};
use crate::commands::item::list as lists;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Filters for issues.
#[derive(clap::Args, Debug, Default)]
pub struct FilterArgs {
    /// Filter by type (repeatable).
    #[arg(short = 't', long = "type", value_name = "T")]
    pub item_type: Vec<String>,
    /// Filter by priority (repeatable).
    #[arg(short, long, value_name = "0..4", value_parser = priority)]
    pub priority: Vec<u8>,
    /// Filter by assignee or holder.
    #[arg(short, long, value_name = "A", conflicts_with = "unassigned")]
    pub assignee: Option<String>,
    /// Include only unassigned issues.
    #[arg(short, long, visible_alias = "no-assignee")]
    pub unassigned: bool,
    /// Filter by label; repeat to require several.
    #[arg(short, long, value_name = "L", value_delimiter = ',')]
    pub label: Vec<String>,
    /// Filter by label; repeat to match any of several.
    #[arg(long, value_name = "L", value_delimiter = ',')]
    pub label_any: Vec<String>,
    /// Include only descendants of this item.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
}

/// Filters for issues, and the number of issues to list.
#[derive(clap::Args, Debug, Default)]
pub struct LimitedArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Maximum number of issues; 0 for all.
    #[arg(short = 'n', long, value_name = "N", value_parser = limit, default_value_t = 0)]
    pub limit: usize,
}

impl FilterArgs {
    /// The filter as the library takes it, with further conditions.
    fn with(self, mut all: Vec<Expr>) -> ListFilter {
        if !self.priority.is_empty() {
            let ranks = self.priority.into_iter().map(usize::from).collect();
            all.push(Expr::Test(Test::Rank(Field::Priority, Op::Is, ranks)));
        }
        if self.unassigned {
            all.push(not(Test::Has(Field::Owner)));
        }
        if !self.label_any.is_empty() {
            all.push(text(Field::Label, &self.label_any));
        }
        if let Some(parent) = self.parent {
            all.push(Expr::Test(Test::Item(Field::Under, vec![parent])));
        }
        ListFilter {
            kind: Some(ItemKind::Issue),
            labels: self.label,
            owner: self.assignee,
            item_type: self.item_type,
            query: Some(Expr::All(all)),
            ..ListFilter::default()
        }
    }

    /// The filter of issues that are not templates.
    pub fn filter(self) -> ListFilter {
        self.with(vec![not(Test::Is(Mark::Template))])
    }
}

impl LimitedArgs {
    /// The filter as the library takes it, with further conditions.
    fn with(self, all: Vec<Expr>) -> ListFilter {
        ListFilter {
            limit: Some(self.limit).filter(|n| (1..usize::MAX).contains(n)),
            ..self.filter.with(all)
        }
    }

    /// The filter of issues that are not templates.
    pub fn filter(self) -> ListFilter {
        self.with(vec![not(Test::Is(Mark::Template))])
    }
}

fn not(test: Test) -> Expr {
    Expr::Not(Box::new(Expr::Test(test)))
}

/// The condition that a field has one of some texts.
fn text(field: Field, texts: &[String]) -> Expr {
    let texts = texts.iter().map(|text| Pattern::Text(text.to_lowercase()));
    Expr::Test(Test::Value(field, texts.collect()))
}

/// The filter with some statuses; `all` stands for every status.
pub fn of_status(filter: ListFilter, status: Vec<String>) -> ListFilter {
    match status.iter().any(|status| status == "all") {
        true => ListFilter {
            all: true,
            ..filter
        },
        false => ListFilter { status, ..filter },
    }
}

/// List issues
///
/// Lists open issues unless a status is given; all filters apply together. `git pm help list`
/// describes queries; use `!` to negate a word, because `-p` and the like are options.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue list -p 0 -p 1 --label auth
  git pm issue list --status closed --limit 10
  git pm issue list is:ready 'due:<2026-12-01' --sort due
  git pm issue list --format beads")]
pub struct ListArgs {
    /// Filter by status (repeatable); `all` for all statuses.
    #[arg(short, long, value_name = "S", value_delimiter = ',')]
    pub status: Vec<String>,
    #[command(flatten)]
    pub filter: LimitedArgs,
    #[command(flatten)]
    pub look: LookArgs,
    /// Filter by words in the title.
    #[arg(long, visible_alias = "title-contains", value_name = "WORDS")]
    pub title: Option<String>,
    /// Filter by ID; separate several with commas.
    #[arg(long, value_delimiter = ',')]
    pub id: Vec<String>,
    /// List only pinned issues.
    #[arg(long)]
    pub pinned: bool,
    /// List only templates.
    #[arg(long)]
    pub templates: bool,
    /// Include closed issues and templates.
    #[arg(long)]
    pub all: bool,
}

/// Lists issues.
pub fn list(context: &Context, args: ListArgs) -> Outcome {
    let mut conditions = Vec::new();
    if let Some(title) = args.title {
        conditions.push(text(Field::Title, &[title]));
    }
    if !args.id.is_empty() {
        conditions.push(Expr::Test(Test::Item(Field::Id, args.id)));
    }
    if args.pinned {
        conditions.push(Expr::Test(Test::Is(Mark::Pinned)));
    }
    match args.templates {
        true => conditions.push(Expr::Test(Test::Is(Mark::Template))),
        false if args.all => {}
        false => conditions.push(not(Test::Is(Mark::Template))),
    }
    let mut filter = of_status(args.filter.with(conditions), args.status);
    filter.all |= args.all;
    if !context.beads.get() {
        return lists::look(context, filter, args.look);
    }
    let look = &args.look;
    if look.tree || look.watch || look.columns.is_some() || look.at.is_some() {
        let refused = Error::usage("beads' JSON does not support this kind of list");
        let hint = "omit `--format beads`, or --tree, --watch, --columns and --at";
        return Err(refused.hint(hint).into());
    }
    let filter = lists::filter(context, filter, args.look)?;
    let items = context.pm()?.items().list(&filter)?;
    context.items(&items, |_, _| {})
}

/// Show issues in full
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue show pm-a3f8
  git pm issue show pm-a3f8 pm-b2c1 --format beads")]
pub struct ShowArgs {
    /// Issue IDs.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
}

/// Shows issues.
pub fn show(context: &Context, args: &ShowArgs) -> Outcome {
    let pm = context.pm()?;
    let mut items = Vec::new();
    for id in &args.ids {
        items.push(pm.tasks().show(id)?);
    }
    if context.beads.get() {
        let names: Vec<&str> = items.iter().map(|item| item.uid.as_str()).collect();
        return context.bare(&pm.issues().beads_details(&names)?);
    }
    if let [item] = items.as_slice() {
        return context.paged(item, render::item::full);
    }
    context.list(&items, |page, items| {
        for item in items {
            page.gap();
            render::item::full(page, item);
        }
    })
}

/// List issues that can be started now, best first
///
/// A ready issue is open, unclaimed and not deferred, does not wait for an open item, has no open
/// children, and has no blocked ancestor. git-pm(1) has the full rule.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue ready -n 5
  git pm issue ready --explain
  git pm issue ready --claim")]
pub struct ReadyArgs {
    #[command(flatten)]
    pub filter: LimitedArgs,
    /// Explain why each issue is ready.
    #[arg(long, conflicts_with = "claim")]
    pub explain: bool,
    /// Claim the first issue.
    #[arg(long)]
    pub claim: bool,
}

/// Lists ready issues, or claims the first of them.
pub fn ready(context: &Context, args: ReadyArgs) -> Outcome {
    let pm = context.pm()?;
    let items = pm.issues().ready(&args.filter.filter())?;
    if args.explain {
        let views = items.iter().map(|item| pm.tasks().why(item.uid.as_str()));
        let views: Vec<WhyView> = views.collect::<git_pm::Result<_>>()?;
        return context.list(&views, |page, views| {
            for view in views {
                render::dependencies::why(page, view);
            }
        });
    }
    if !args.claim {
        let none = "No issue is ready. `git pm issue blocked` shows why.";
        return context.items(&items, |page, items| render::item::list(page, items, none));
    }
    context.ask_first_push(false)?;
    let mut last = Error::refused("there is nothing to claim")
        .hint("`git pm issue blocked` shows the reasons");
    for item in &items {
        match pm.issues().claim(item.uid.as_str()) {
            Ok(started) => return context.summary("Claimed", &started.item),
            // Another actor was faster.
            Err(error) if error.kind() == git_pm::error::Kind::Conflict => last = error,
            Err(error) => return Err(error.into()),
        }
    }
    Err(last.into())
}

/// A blocked issue in beads' JSON.
#[derive(Serialize)]
struct Blocked<'a> {
    #[serde(flatten)]
    record: &'a git_pm::issues::Record,
    blocked_by_count: usize,
    blocked_by: Vec<String>,
}

/// Lists blocked issues.
pub fn blocked(context: &Context, filter: LimitedArgs) -> Outcome {
    let pm = context.pm()?;
    let views = pm.issues().blocked(&filter.filter())?;
    if context.beads.get() {
        let names: Vec<&str> = views.iter().map(|view| view.item.uid.as_str()).collect();
        let records = pm.issues().beads_records(&names)?;
        let all = records.iter().zip(&views).map(|(record, view)| Blocked {
            record,
            blocked_by_count: view.blocked_by.len(),
            blocked_by: view.blocked_by.clone(),
        });
        let all: Vec<Blocked<'_>> = all.collect();
        return context.bare(&all);
    }
    context.list(&views, render::dependencies::blocked)
}

/// Lists the children of an issue.
pub fn children(context: &Context, id: &str) -> Outcome {
    context.items(&context.pm()?.issues().children(id)?, |page, items| {
        render::item::list(page, items, "No children.");
    })
}

/// Search titles, texts, comments and labels of issues
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue search login race
  git pm issue search '\"log in\"' --all")]
pub struct SearchArgs {
    /// Words; `"two words"` matches a phrase, `begin*` a prefix, `-word` excludes a word.
    #[arg(value_name = "WORD", required = true)]
    pub words: Vec<String>,
    /// Include closed issues.
    #[arg(long)]
    pub all: bool,
    /// Maximum number of issues; 0 for all.
    #[arg(short = 'n', long, value_name = "N", value_parser = limit, default_value_t = git_pm::items::LIMIT)]
    pub limit: usize,
}

/// Searches issues.
pub fn search(context: &Context, args: &SearchArgs) -> Outcome {
    let pm = context.pm()?;
    let options = SearchOptions {
        all: args.all,
        kind: Some(ItemKind::Issue),
        limit: Some(args.limit),
    };
    let hits = pm.items().search(&args.words.join(" "), &options)?;
    if context.beads.get() {
        let items: Vec<ItemView> = hits.into_iter().map(|hit| hit.item).collect();
        return context.items(&items, |_, _| {});
    }
    context.list(&hits, |page, hits| {
        render::item::hits(page, hits, args.all);
    })
}
