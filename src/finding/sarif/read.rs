//! The results of a run in SARIF 2.1.0, with what its rules say of them.
//!
//! The rules may come after the results, so these wait for the end of their run.

use crate::found::{Found, Place};
use crate::import::{CATEGORY, Reading, TEXT_MAX, line, name, quoted};
use crate::model::finding::Severity;
use crate::model::text;
use crate::paths;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// How often the base of a base is looked up.
const BASES_MAX: usize = 8;

/// How many tags of a result and its rule are looked at; GitHub accepts 20 for a rule.
const TAGS_MAX: usize = 100;

/// Reduces a result to what is needed of it; none if it is no finding: no failure, of the baseline (a review
/// is about what a change adds), or suppressed in the source or in the tool.
pub(crate) fn reduced(mut one: Map<String, Value>) -> Option<Value> {
    let text = |key: &str| one.get(key).and_then(Value::as_str);
    let suppressions = one.get("suppressions").and_then(Value::as_array);
    let accepted = |one: &Value| matches!(one["status"].as_str(), None | Some("accepted"));
    if text("kind").is_some_and(|kind| kind != "fail")
        || matches!(text("baselineState"), Some("unchanged" | "absent"))
        || suppressions.is_some_and(|list| !list.is_empty() && list.iter().all(accepted))
    {
        return None;
    }
    // What may be large; of the others, only the first location and the first fix count.
    for unused in ["codeFlows", "graphs", "relatedLocations", "stacks"] {
        one.remove(unused);
    }
    for list in one.values_mut().filter_map(Value::as_array_mut) {
        list.truncate(1);
    }
    Some(one.into())
}

/// Keeps the results of a run.
pub(crate) fn finish(run: &Value, results: Vec<Value>, reading: &mut Reading<'_>) {
    reading.tool(&tool(run));
    let extensions = run["tool"]["extensions"].as_array();
    // Of several rules with one id, the first, and first those of the driver.
    let components = extensions.into_iter().flatten().rev();
    let components = components.chain([&run["tool"]["driver"]]);
    let rules = components.filter_map(|component| component["rules"].as_array());
    let rules = rules.flat_map(|rules| rules.iter().rev());
    let rules = rules.filter_map(|rule| Some((rule["id"].as_str()?, rule)));
    let rules: HashMap<&str, &Value> = rules.collect();
    for one in &results {
        let found = found(one, rule(one, run, &rules), run, reading.options.root);
        reading.imported.found.extend(found);
    }
}

/// The name of the tool of a run.
fn tool(run: &Value) -> String {
    let tool = run["tool"]["driver"]["name"].as_str().and_then(name);
    tool.unwrap_or_else(|| "unnamed".to_string())
}

/// The rule of a result: that of its id, of the beginning of its id (`CA5350/md5`), or of its index.
fn rule<'r>(one: &Value, run: &'r Value, rules: &HashMap<&str, &'r Value>) -> &'r Value {
    let id = one["ruleId"].as_str().or(one["rule"]["id"].as_str());
    let above = || rules.get(id?.rsplit_once('/')?.0);
    if let Some(rule) = id.and_then(|id| rules.get(id)).or_else(above) {
        return rule;
    }
    let component = match index(&one["rule"]["toolComponent"]["index"]) {
        Some(extension) => &run["tool"]["extensions"][extension],
        None => &run["tool"]["driver"],
    };
    let at = index(&one["rule"]["index"]).or(index(&one["ruleIndex"]));
    &component["rules"][at.unwrap_or(usize::MAX)]
}

fn index(value: &Value) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok()
}

fn found(one: &Value, rule: &Value, run: &Value, root: Option<&str>) -> Option<Found> {
    let by_rule = rule["defaultConfiguration"]["level"].as_str();
    let by_level = match one["level"].as_str().or(by_rule) {
        Some("none") => return None,
        Some("error") => Severity::P1,
        Some("note") => Severity::P3,
        _ => Severity::P2,
    };
    let physical = &one["locations"][0]["physicalLocation"];
    let path = path(&physical["artifactLocation"], run, root)?;
    // What we wrote ourselves is there as it was.
    let own = &one["properties"]["gitPm"];
    let of = |key: &str| own[key].as_str();
    let claim = of("claim").and_then(line);
    let claim = claim.or_else(|| line(&message(one, rule, run)?))?;
    let mut ids = [&one["ruleId"], &one["rule"]["id"], &rule["id"]].into_iter();
    let (region, id) = match own.is_object() {
        true => (&own["lines"], of("rule")),
        false => (&physical["region"], ids.find_map(Value::as_str)),
    };
    let is_placed = !path.is_empty() && (!own.is_object() || region.is_object());
    let place = is_placed.then(|| place(path, region, own["removed"] == true));
    let properties = [&one["properties"], &rule["properties"]];
    let tags = properties.iter().filter_map(|some| some["tags"].as_array());
    let mut tags = tags.flatten().take(TAGS_MAX).filter_map(Value::as_str);
    let is_security = tags.any(|tag| tag.eq_ignore_ascii_case("security"));
    let category = if is_security { "security" } else { CATEGORY };
    let mut scores = properties.iter().map(|some| &some["security-severity"]);
    let by_score = scores.find_map(by_score);
    let quote = of("quote").or(region["snippet"]["text"].as_str());
    let fix = one["fixes"][0]["description"]["text"].as_str();
    let severity = of("severity").and_then(Severity::parse).or(by_score);
    Some(Found {
        reviewer: of("reviewer").and_then(name).unwrap_or_else(|| tool(run)),
        rule: id.and_then(name),
        severity: severity.unwrap_or(by_level),
        category: of("category").and_then(name).unwrap_or(category.into()),
        claim,
        place,
        quote: quote.and_then(quoted),
        outcome: of("outcome").and_then(line),
        suggestion: of("suggestion").or(fix).and_then(quoted),
    })
}

/// The place of a region. One that ends before the first column of a line ends with the line before.
fn place(path: String, region: &Value, removed: bool) -> Place {
    let number = |key: &str| u32::try_from(region[key].as_u64()?).ok();
    let line = number("startLine").filter(|line| *line > 0);
    let is_before = u32::from(number("endColumn") == Some(1));
    let end_line = number("endLine").map(|end| end.saturating_sub(is_before));
    Place {
        path,
        line,
        end_line: end_line.filter(|end| line.is_some_and(|line| *end > line)),
        removed,
    }
}

/// The severity of a CVSS score, a number or a text, by its usual bounds.
fn by_score(score: &Value) -> Option<Severity> {
    let text = || score.as_str()?.trim().parse().ok();
    let score: f64 = score.as_f64().or_else(text)?;
    let below = [9.0, 7.0, 4.0]
        .iter()
        .filter(|bound| score < **bound)
        .count();
    (0.0..=10.0)
        .contains(&score)
        .then_some(Severity::ALL[below])
}

/// The text of a message: its own, or that of its id among the strings of the rule or the tool.
fn message(one: &Value, rule: &Value, run: &Value) -> Option<String> {
    let message = &one["message"];
    let id = message["id"].as_str().unwrap_or_default();
    let own = &rule["messageStrings"][id]["text"];
    let global = &run["tool"]["driver"]["globalMessageStrings"][id]["text"];
    let mut texts = [&message["text"], own, global, &message["markdown"]].into_iter();
    let text = text::head(texts.find_map(Value::as_str)?, 4 * TEXT_MAX + 4);
    let arguments = &message["arguments"];
    // Braces are to be doubled in every text, but many tools do not know it.
    let is_plain = message["id"].is_null() && arguments[0].is_null();
    Some(if is_plain {
        text.to_string()
    } else {
        filled(text, arguments)
    })
}

/// A text with the arguments of its message in place of `{0}`, `{1}`, …
fn filled(text: &str, arguments: &Value) -> String {
    // What is beyond is cut off later.
    let most = 4 * TEXT_MAX + 4;
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['{', '}']).filter(|_| out.len() < most) {
        let (before, from) = rest.split_at(at);
        let (brace, after) = from.split_at(1);
        out += before;
        let argument = after.split_once('}').filter(|_| brace == "{");
        let argument = argument.and_then(|(number, after)| {
            let argument = &arguments[number.parse::<usize>().ok()?];
            Some((argument.as_str()?, after))
        });
        let doubled = after.strip_prefix(brace).unwrap_or(after);
        let (text, after) = argument.unwrap_or((brace, doubled));
        out += text::head(text, most);
        rest = after;
    }
    out + rest
}

/// The path of a file, empty if none is named; `None` if it is outside. The folder of a base may be one
/// of another machine: then the path is taken as one from the root.
fn path(file: &Value, run: &Value, root: Option<&str>) -> Option<String> {
    let named = index(&file["index"]).filter(|_| file["uri"].is_null());
    let file = named.map_or(file, |index| &run["artifacts"][index]["location"]);
    let mut joined = file["uri"].as_str().unwrap_or_default().to_string();
    let (mut relative, mut base) = (joined.clone(), &file["uriBaseId"]);
    let is_whole =
        |uri: &str| uri.is_empty() || uri.starts_with('/') || paths::scheme(uri).is_some();
    for _ in 0..BASES_MAX {
        let at = base.as_str().filter(|_| !is_whole(&joined));
        let Some(at) = at.map(|id| &run["originalUriBaseIds"][id]) else {
            break;
        };
        let uri = at["uri"].as_str();
        if let Some(uri) = uri.filter(|uri| uri.len() <= paths::PATH_MAX) {
            joined = format!("{}/{joined}", uri.trim_end_matches('/'));
        }
        if !is_whole(&joined) {
            relative.clone_from(&joined);
        }
        base = &at["uriBaseId"];
    }
    paths::of_uri(&joined, root).or_else(|| paths::of_uri(&relative, root))
}
