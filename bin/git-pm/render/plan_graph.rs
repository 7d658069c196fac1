//! Renders the tasks of a plan as a graph.

use std::collections::HashMap;

use git_pm::plans::{PlanView, WaveTask};
use git_pm::text::first_of;

use super::limits;
use super::page::Page;
use super::plan::{LEAST, WIDTH};
use super::style::Label;
use super::table::fit;

/// The deepest indent of a graph.
const DEEPEST: usize = 12;

/// The tasks of a plan, each below the last one that it waits for.
pub fn graph(page: &mut Page, view: &PlanView) {
    let order: Vec<&WaveTask> = view.waves.iter().flatten().collect();
    let place: HashMap<u32, usize> = order.iter().map(|task| task.number).zip(0..).collect();
    let titles: HashMap<u32, &str> = (view.tasks.iter())
        .map(|task| (task.number, task.title.as_str()))
        .collect();
    let above = |task: &WaveTask| {
        let last = task.after.iter().filter_map(|on| place.get(on)).max();
        last.map(|at| order[*at].number)
    };
    let mut below: HashMap<Option<u32>, Vec<&WaveTask>> = HashMap::new();
    for task in &order {
        below.entry(above(task)).or_default().push(task);
    }
    // The last one first: the top of the stack is printed next.
    let mut todo: Vec<(&WaveTask, usize)> = Vec::new();
    let push = |todo: &mut Vec<_>, of: Option<u32>, depth: usize| {
        let found = below.get(&of).into_iter().flatten().rev();
        todo.extend(found.map(|task| (*task, depth)));
    };
    push(&mut todo, None, 0);
    while let Some((planned, depth)) = todo.pop() {
        push(&mut todo, Some(planned.number), depth + 1);
        let title = titles.get(&planned.number).copied().unwrap_or_default();
        let indent = "   ".repeat(depth.min(DEEPEST));
        let also: Vec<String> = (planned.after.iter())
            .filter(|on| Some(**on) != above(planned))
            .map(u32::to_string)
            .collect();
        let also = match also.is_empty() {
            true => String::new(),
            false => format!("  (also after {})", first_of(&also, limits::PLAN_TASKS_MAX)),
        };
        page.text(&indent);
        page.put(Label::Id, format!("{:>4}", planned.number));
        let room = (WIDTH - 6).saturating_sub(indent.len() + also.len());
        page.text(format!(" {}", fit(title, room.max(LEAST)).0));
        page.dim(also);
    }
}
