#!/usr/bin/env python3
"""Counts what is wrong with the plans that `git pm plan new` makes of Markdown documents. It shares
no code with the planner: it reads the document with its own few regular expressions and the plan as
JSON only.

    benches/plan_check.py [--binary PATH] [--force] [--save FOLDER] [--quiet] FILE-OR-FOLDER…
    benches/plan_check.py --self-test

Every document gets a fresh repository: `git pm init`, `git pm plan new FILE --json`. It is a violation
when a planned path is none of the document's back-ticked files, a task has no acceptance, edges form
a cycle or lead nowhere, a functional requirement (FR-, REQ-, US-, AC-, with or without a hyphen, in
a heading, a bullet, a table or in bold at the beginning of a line) is in no task, a value is outside its set, or a source line is not in
the document or does not hold the text. A refusal with a message (exit 1, 2 or 8) is listed, not
counted. Exit code 1 when anything is wrong or every document was refused. Needs Python 3.11, git and nothing else.

`NAME.expect.toml` beside `NAME.md` holds what a reviewer demands, independent of wording. A task is
named by a requirement id or by words of its title (`a|b`: either); where the plan is coarser, words
of its acceptance or description name it.

    refused = true                       the document must be refused
    kind, scope, confidence              the allowed values
    tasks = { min, max }                 number of tasks, without tasks of type test
    requirements = [ID]                  must be covered
    must_tasks = [NAME]                  must be titles of tasks
    depends = [[A, B]]                   A comes after B, directly or through others
    independent = [[A, B]]               neither comes after the other
    first = [NAME]                       depends on nothing
    not_tasks = [TEXT]                   stands in no title
    clean_titles = true                  every title begins with a letter or a digit
    milestones = [NAME], milestone_acceptance = { NAME = [TEXT] }
    paths = [PATH], must_paths = [PATH]  those that may be planned, and those that must
    tree = [FILE]                        exist in the repository before the plan is made
    strategy, risk = { NAME = VALUE }    where the rules force one
    lints = [TEXT]                       stands in some lint of the document
"""
import argparse, json, os, pathlib, re, subprocess, sys, tempfile, time, tomllib

SETS = {"estimate": {"XS", "S", "M", "L", "XL"}, "risk": {"low", "medium", "high"},
        "validation": {"test-first", "test-after", "test-parallel", "none"}}
SCOPES = {"single-agent", "multi-agent", "decomposition-required"}


# --- the plan: the only place that knows the names in the JSON -------------------------------------

def adapt(data):
    """The JSON of `plan new` in the few shapes used below, whatever its small differences."""
    data = data.get("plan", data) if "tasks" not in data else data

    def first(item, *names, default=None):
        return next((item[n] for n in names if isinstance(item, dict) and item.get(n) is not None), default)

    def lines(item):
        source = first(item, "source", default=item)
        at = first(source, "lines", "range", default=source)
        if isinstance(at, list) and at:
            return at[0], at[-1]
        if isinstance(at, int):
            return at, at
        start = first(at, "start", "line_start", "from", "line")
        return None if start is None else (start, first(at, "end", "line_end", "to", default=start))

    def wanted(item):
        found = first(item, "requirements", default=[])
        found = list(found) if isinstance(found, list) else [found]
        found += first(item, "covers", default=[]) + [first(item, "requirement")] + [first(first(item, "source", default={}), "requirement")]
        return [str(f.get("id") if isinstance(f, dict) else f) for f in found if f]

    def acceptance(item):
        item = {"text": item} if isinstance(item, str) else item
        return {"text": first(item, "text", "criterion", default=""), "lines": lines(item), "ids": wanted(item)}

    def end(edge):
        return str(edge if not isinstance(edge, dict) else first(edge, "key", "on", "task", "id", "to"))

    def planned(item):
        return [p if isinstance(p, str) else first(p, "path", "glob", default="") for p in first(item, "paths", default=[])]

    tasks = [{
        "key": str(first(t, "key", "id")), "title": first(t, "title", default=""),
        "text": first(t, "description", "body", default=""), "type": first(t, "type", default="feature"),
        "acceptance": [acceptance(a) for a in first(t, "acceptance", default=[])],
        "depends_on": [end(e) for e in first(t, "depends_on", default=[])],
        "estimate": first(t, "estimate"), "risk": first(t, "risk"), "stream": first(t, "stream"),
        "validation": first(t, "validation", "strategy"), "milestone": first(t, "milestone"),
        "paths": planned(t), "lines": lines(t), "ids": wanted(t),
    } for t in first(data, "tasks", default=[])]
    milestones = [{
        "key": str(first(m, "key", "id", "name", "title")), "title": first(m, "title", "name", "key", default=""),
        "acceptance": [acceptance(a) for name in ("deliverables", "success") for a in first(m, name, default=[])],
        "tasks": [end(e) for e in first(m, "tasks", default=[])],
        "depends_on": [end(e) for e in [first(m, "after")] if e],
    } for m in first(data, "milestones", default=[])]
    scope = first(data, "scope", default={})
    lints = first(data, "checks", default=[])
    return {"tasks": tasks, "milestones": milestones, "scope": scope, "kind": first(data, "kind"),
            "lints": [json.dumps(l, ensure_ascii=False) for l in lints]}


# --- the document: an independent scan ---------------------------------------------------------------

ID = re.compile(r"(?<![A-Za-z0-9_-])(FR|REQ|US|AC)-?(\d+(?:\.\d+)*)(?![A-Za-z0-9]|\.\d)", re.I)
LEAD = re.compile(r"^[\s\d.)(\[\]*_`:#>~|xX–—-]*((user\s+story|story|requirement|criterion|feature)\W+)?[*_`\[(]*$", re.I)
EXEMPT = re.compile(r"non[- ]?goal|not (in|part|planned|now)\b|out[- ]of[- ]scope|\bfuture\b|won.?t|deferred|nicht-ziel|no objetivos|"
                    r"^\W*[\d.]*\W*(later|excluded|appendix|glossary|change ?log$|revision history|document history|traceab|superseded|example)", re.I)
GONE = re.compile(r"won.?t|will not have|deprecated|withdrawn|obsolete|out[- ]of[- ]scope", re.I)


def normal(kind, number):
    return kind.upper() + "-" + ".".join(str(int(n)) for n in number.split("."))


def ids_in(text):
    return {normal(*m.groups()) for m in ID.finditer(text or "")}


def scan(text):
    """Lines, defining lines of the requirement ids, ids that need no task, words in back-ticks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    defined, exempt, ticked = {}, set(), set()
    fence, comment, levels = None, False, []
    for number, line in enumerate(lines, 1):
        mark = re.match(r"^\s*(?:>\s*)*(?:[-*+]\s+)?(`{3,}|~{3,})", line)
        if fence:
            if mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and line.strip().strip(fence[0]) == "":
                fence = None
            continue
        if mark:
            fence = mark[1]
            continue
        if comment or "<!--" in line:
            comment = "-->" not in line[line.rfind("<!--") if "<!--" in line else 0:]
            if not line.split("<!--")[0].strip() or comment:
                continue
        for span in re.finditer(r"(`+)(.+?)\1", line):
            ticked.add(span[2].strip())
            ticked.update(span[2].split())
        heading = re.match(r"^ {0,3}(#{1,6})\s+(.*)", line)
        if heading:
            level = len(heading[1])
            levels = [(l, t) for l, t in levels if l < level] + [(level, heading[2])]
            parts = [heading[2]]
        elif line.lstrip().startswith("|"):
            parts = [c.strip() for c in line.strip().strip("|").split("|")]
            parts = parts[:1] + [c for c in parts[1:2] if re.fullmatch(r"\W*" + ID.pattern[len("(?<![A-Za-z0-9_-])"):] + r"\W*", c, re.I)]
        else:
            bullet = re.match(r"^[\s>]*(?:(?:[-*+•]|\d+[.)])\s+|(?=\*\*))(.*)", line)  # or a bold word in front
            parts = [bullet[1]] if bullet else []
        for part in parts:
            found = ID.search(part)
            if not found or not LEAD.match(part[:found.start()]):
                continue
            which = normal(*found.groups())
            outside = any(EXEMPT.search(t) for _, t in (levels[:-1] if heading else levels)) or GONE.search(line) or "~~" in part[:found.start()]
            exempt.add(which) if outside else defined.setdefault(which, number)
    return {"lines": lines, "defined": defined, "exempt": exempt - set(defined), "ticked": ticked}


# --- paths -------------------------------------------------------------------------------------------

FILES = set("""adoc ai astro avif avro bash bat bats bazel bin bib bmp bz2 c cc cfg cjs clj cmake cmd conf config cpp cs csproj
css csv cts cue cxx d.ts dart db desktop dhall diff dll dockerfile doc docx editorconfig edn ejs elm env erb erl example ex exs
feature fish fs fsx gemspec gif gitignore go gql gradle graphql groovy gz h hbs hcl heex hpp hrl hs htm html http hxx icns ico
idl in inc ini ino ipynb j2 jar java jinja jpeg jpg js json json5 jsonc jsonl jsx jl kt kts lalrpop lean less lib liquid lock
log lua m4 mak md mdc mdown mdx mermaid mjs mk ml mli mm mod mojo mp3 mp4 mts ndjson nim nix nu odt onnx otf out parquet pdf
pem php pl plist png po pot pptx prisma properties proto ps1 psd1 psm1 pug py pyi pyx qml r rake rb res resx rkt rs rst sass
scala scm scss service sh sln snap so socket sol sql sqlite sqlite3 srt stories.tsx sum sv svelte svg swift tar tcl tex tf
tfstate tfvars tgz thrift tmpl toml tpl ts tsv tsx ttf txt v vcl vhd vim vue wasm wat wav webm webp wgsl wit woff woff2
xaml xcodeproj xib xls xlsx xml xsd xsl yaml yml zig zip zsh storyboard entitlements test spec template tmp bak
webmanifest pbxproj gd tscn tres unity asset prefab cabal opam nimble rules rego lark g4 y l db3 key crt cer p12 dat data
onion kdl ron typ norg org textile wiki pkl bicep plantuml puml drawio excalidraw fig sketch psd eps mov m4a ogg flac
""".split())
BARE = {"dockerfile", "makefile", "license", "readme", "justfile", "procfile", "gemfile", "rakefile", "codeowners", "caddyfile",
        "changelog", "vagrantfile", "jenkinsfile", "brewfile", "podfile", "fastfile", "cmakelists.txt", "gnumakefile"}
DOTFILES = re.compile(r"^\.(env|git(ignore|attributes|modules|lab-ci\.yml)|github|vscode|docker(ignore)?|editorconfig|npm(rc|ignore)|nvmrc|"
                      r"prettier|eslint|babelrc|clang-|rustfmt|pre-commit|travis|circleci|mailmap|cargo|husky|storybook|stylelint|tool-versions)", re.I)
PRODUCTS = re.compile(r"^(node|next|nuxt|vue|react|express|three|d3|chart|alpine|nest|deno|bun|p5|socket|ember|backbone|solid|"
                      r"discord|crypto|day|moment|video|hls|monaco|ol|leaflet|mapbox-gl|tensorflow|ml5|tone|howler|pixi|matter)"
                      r"\.(js|io)$|^(asp|ml|vb)\.net$", re.I)
TYPES = {"application", "text", "image", "audio", "video", "multipart", "font"}


def clean(path):
    path = re.sub(r"(:\d+([-:]\d+)?|#L\d+(-L?\d+)?)$", "", path.strip().strip("\"',;"))
    return re.sub(r"^\./", "", path)


def same(path):
    return re.sub(r"(/\*\*(/\*)?|/\*|/)$", "", clean(path))


def why_no_path(path, ticked, tree):
    """A sentence when this is no file or folder that the document names in back-ticks, else None."""
    named = {same(t) for t in ticked}  # some documents write files of the repository with a slash in front
    if same(path) not in named and not ("." in path.split("/")[-1] and "/" + same(path) in named):
        return "does not stand in back-ticks"
    if same(path) in tree or any(f.startswith(same(path) + "/") for f in tree):
        return None
    parts = [p for p in path.split("/") if p]
    name = parts[-1].lower() if parts else ""
    if path.startswith("/") or "?" in path or re.match(r"^(GET|POST|PUT|PATCH|DELETE)\b", path):
        return "is an endpoint or absolute"
    if path.startswith("~") or re.match(r"^[A-Za-z]:[\\/]", path) or ".." in parts or "\\" in path:
        return "is outside the repository"
    if "://" in path or "@" in path.split("/")[0][:1] or re.search(r"\s", path):
        return "is an address, a package or a sentence"
    if re.search(r"[{}<>$]", path) or re.search(r"#{2,}|YYYY", path) or (re.search(r"[\[\]]", path) and "." not in name):
        return "is a template"
    if re.fullmatch(r"[\d.,]+[kKmMxX%]?\d*(/[\d.,]+[kKmMxX%]?\d*)+/?", path):
        return "is a fraction"
    if parts[0].lower() in TYPES and len(parts) == 2 and "." not in name and not path.endswith("/"):
        return "is a media type"
    if parts[0] == ".git" or "..." in path:
        return "is git's own or an ellipsis"
    if len(parts) == 1 and (name.startswith("*.") or (name.startswith(".") and not DOTFILES.match(name))):
        return "is an ending, not a file"
    if name in BARE or path.endswith("/") or name.startswith("."):
        return None
    if "." not in name:
        return None if "*" in name else "is an alternation or a word: no extension, no slash at its end"
    if PRODUCTS.match(path) or re.search(r"[()=;,]", name) or re.fullmatch(r"v?\d+(\.\d+)*", name):
        return "is a name, a call or a version"
    if len(parts) > 1 and re.search(r"\w\.(com|org|net|io|dev|app|space|tech|example)$", parts[0]):
        return "is a host"
    if re.fullmatch(r"\*?\w(\.\w)+", name) or re.match(r"(import\.meta|process)\.", name):
        return "is an expression"
    ending = name.rsplit(".", 1)[1].strip("*")
    if ending not in FILES and "*" not in name and (len(parts) == 1 or not re.fullmatch(r"[a-z][a-z0-9]{0,4}", ending)):
        return "has no extension of a file"
    return None


# --- checks ------------------------------------------------------------------------------------------

def graph(plan):
    """What each key waits for. A milestone is a gate: it waits for its tasks, and those of the next for it."""
    waits = {t["key"]: list(t["depends_on"]) for t in plan["tasks"]}
    for m in plan["milestones"]:
        if m["key"] not in waits:
            own = m["tasks"] or [t["key"] for t in plan["tasks"] if t["milestone"] in (m["key"], m["title"])]
            waits[m["key"]] = own + m["depends_on"]
            for key in own:
                waits[key] = waits.get(key, []) + m["depends_on"]
    return waits


def cycle(waits):
    """The keys of one cycle, or nothing."""
    state = {}
    for root in waits:
        if root in state:
            continue
        state[root], path, stack = 1, [root], [iter(waits[root])]
        while stack:
            following = next(stack[-1], None)
            if following is None:
                state[path.pop()] = 2
                stack.pop()
            elif state.get(following) == 1:
                return path[path.index(following):] + [following]
            elif following not in state and following in waits:
                state[following] = 1
                path.append(following)
                stack.append(iter(waits[following]))
    return []


def reach(waits, key):
    seen, stack = set(), [key]
    while stack:
        for following in waits.get(stack.pop(), []):
            if following not in seen:
                seen.add(following)
                stack.append(following)
    return seen


def words(text):
    return set(re.findall(r"[^\W_]{4,}|[぀-ヿ一-鿿가-힣]", (text or "").casefold()))


def holds(document, span, text):
    """Whether most words of the text stand in these lines of the document."""
    told = words(text)
    there = words(" ".join(document["lines"][span[0] - 1:span[1]]))
    return not told or len(told & there) * 10 >= len(told) * 6


def check(plan, document, tree):
    """(violations, figures)"""
    wrong, tasks, last = [], plan["tasks"], max(1, len(document["lines"]))
    waits = graph(plan)
    if not tasks:
        wrong.append("no task at all")
    keys = [t["key"] for t in tasks]
    if len(set(keys)) < len(keys):
        wrong.append("two tasks have one key")
    loose = traced = 0
    for t in tasks:
        name = f"{t['key']} “{t['title'][:60]}”"
        if not t["title"].strip():
            wrong.append(f"{name} has no title")
        if not [a for a in t["acceptance"] if a["text"].strip()]:
            wrong.append(f"{name} has no acceptance")
        for field, allowed in SETS.items():
            if t[field] not in allowed:
                wrong.append(f"{name}: {field} is {t[field]!r}")
        if not t["stream"]:
            wrong.append(f"{name} has no stream")
        for path in t["paths"]:
            why = why_no_path(path, document["ticked"], tree)
            if why:
                wrong.append(f"{name}: path {path!r} {why}")
        for what, span, text in [("it", t["lines"], None)] + [(f"“{a['text'][:40]}”", a["lines"], a["text"]) for a in t["acceptance"]]:
            if span is None:
                wrong.append(f"{name}: {what} has no source lines")
            elif not (isinstance(span[0], int) and isinstance(span[1], int) and 1 <= span[0] <= span[1] <= last):
                wrong.append(f"{name}: {what} comes from lines {span[0]}-{span[1]} of {last}")
            elif text is not None and t["type"] != "test":
                traced += 1
                loose += not holds(document, span, text)
        for key in t["depends_on"]:
            if key not in waits:
                wrong.append(f"{name} depends on {key}, which is nothing")
    if loose * 2 > traced and loose > 3:
        wrong.append(f"{loose} of {traced} acceptance texts do not stand in their source lines")
    around = cycle(waits)
    if around:
        wrong.append("cycle: " + " → ".join(around))
    if plan["scope"].get("recommendation") not in SCOPES:
        wrong.append(f"scope is {plan['scope'].get('recommendation')!r}")
    if plan["scope"].get("confidence") not in {"low", "medium", "high"}:
        wrong.append(f"confidence is {plan['scope'].get('confidence')!r}")
    if not plan["scope"].get("drivers"):
        wrong.append("scope names no drivers")
    covered = covered_ids(plan, document)
    missing = sorted(set(document["defined"]) - covered)
    wrong += [f"{i} (line {document['defined'][i]}) is in no task" for i in missing]
    return wrong, {"loose": loose, "traced": traced, "missing": len(missing)}


def covered_ids(plan, document):
    """Requirement ids that some task carries: named, or standing in the lines it comes from."""
    covered, starts, narrow = set(), set(), set()
    for t in plan["tasks"]:
        covered |= ids_in(t["title"]) | ids_in(" ".join(t["ids"]))
        starts.add(t["lines"] and t["lines"][0])
        for a in t["acceptance"]:
            covered |= ids_in(a["text"]) | ids_in(" ".join(a["ids"]))
            if a["lines"] and a["lines"][1] - a["lines"][0] < 5:
                narrow.update(range(a["lines"][0], a["lines"][1] + 1))
    return covered | {i for i, line in document["defined"].items() if line in starts or line in narrow}


def demanded(plan, document, wish):
    """(violations, remarks) against the expectations of a reviewer."""
    wrong, notes, waits = [], [], graph(plan)
    work = [t for t in plan["tasks"] if t["type"] != "test"]

    def named(name):
        """(tasks, whether by title or id)"""
        which = ids_in(name) if ID.fullmatch(name) else None
        options = [n.casefold() for n in name.split("|")]
        exact = [t for t in work if (which and which & (ids_in(" ".join(t["ids"])) | ids_in(t["title"])))
                 or (not which and any(o in t["title"].casefold() for o in options))]
        if exact:
            return exact, True
        inner = lambda t: " ".join([t["text"]] + [a["text"] + " " + " ".join(a["ids"]) for a in t["acceptance"]])
        return [t for t in work if (which and which & ids_in(inner(t)))
                or (not which and any(o in inner(t).casefold() for o in options))], False

    def pair(a, b):
        left, right = {t["key"] for t in named(a)[0]}, {t["key"] for t in named(b)[0]}
        missing = [n for n, s in ((a, left), (b, right)) if not s]
        return left, right, missing

    count, limit = len(work), wish.get("tasks")
    if limit and not limit["min"] <= count <= limit["max"]:
        wrong.append(f"{count} tasks, wanted {limit['min']} to {limit['max']}")
    if "scope" in wish and plan["scope"].get("recommendation") not in wish["scope"]:
        wrong.append(f"scope {plan['scope'].get('recommendation')}, wanted {' or '.join(wish['scope'])}")
    if "confidence" in wish and plan["scope"].get("confidence") not in wish["confidence"]:
        wrong.append(f"confidence {plan['scope'].get('confidence')}, wanted {' or '.join(wish['confidence'])}")
    if plan["kind"] and plan["kind"] != wish.get("kind", plan["kind"]):
        wrong.append(f"kind {plan['kind']}, wanted {wish['kind']}")
    covered = covered_ids(plan, document)
    wrong += [f"{i} is not covered" for i in wish.get("requirements", []) if not ids_in(i) <= covered]
    wrong += [f"no task “{n}”" for n in wish.get("must_tasks", []) if not named(n)[1]]
    for a, b in wish.get("depends", []):
        left, right, missing = pair(a, b)
        if missing:
            wrong.append(f"{a} after {b}: no task for {' and '.join(missing)}")
        elif left & right:
            notes.append(f"{a} and {b} are one task")
        elif not any(reach(waits, k) & right for k in left):
            wrong.append(f"{a} does not depend on {b}")
    for a, b in wish.get("independent", []):
        left, right, missing = pair(a, b)
        if missing or left & right:
            notes.append(f"{a} and {b} are not two tasks")
        elif any(reach(waits, k) & right for k in left) or any(reach(waits, k) & left for k in right):
            wrong.append(f"{a} and {b} depend on each other")
    for name in wish.get("first", []):
        tasks = [t for t in named(name)[0] if t["depends_on"]]
        tests = {t["key"] for t in plan["tasks"] if t["type"] == "test"}
        wrong += [f"“{name}” is not first: it waits for {k}" for t in tasks for k in t["depends_on"] if k not in tests]
    for text in wish.get("not_tasks", []):
        wrong += [f"“{text}” became a task: {t['title'][:60]}" for t in plan["tasks"] if text.casefold() in t["title"].casefold()]
    if wish.get("clean_titles"):
        wrong += [f"title begins oddly: {t['title'][:40]!r}" for t in work if not re.match(r"[^\W_]", t["title"], re.A)]
    titles = [m["title"] for m in plan["milestones"]]
    for name in wish.get("milestones", []):
        if not any(name.casefold() in t.casefold() for t in titles):
            wrong.append(f"no milestone “{name}”")
    for name, texts in wish.get("milestone_acceptance", {}).items():
        have = [m for m in plan["milestones"] if name.casefold() in m["title"].casefold()]
        keys = {k for m in have for k in [m["key"], m["title"], *m["tasks"]]}
        inside = [t for t in work if t["key"] in keys or t["milestone"] in keys]
        said = " ".join(a["text"] for x in have + inside for a in x["acceptance"]).casefold()
        wrong += [f"milestone {name} lost “{text}”" for text in texts if text.casefold() not in said]
    planned = {same(p) for t in work for p in t["paths"]}
    if "paths" in wish:
        allowed = {same(p) for p in wish["paths"]}
        wrong += [f"path {p} is not one of those that may be planned" for p in sorted(planned - allowed)]
    wrong += [f"path {p} is not planned" for p in wish.get("must_paths", []) if same(p) not in planned]
    for field, key in (("strategy", "validation"), ("risk", "risk")):
        for name, value in wish.get(field, {}).items():
            tasks, exact = named(name)
            if not exact:
                notes.append(f"{field} of “{name}”: no task of that name")
            wrong += [f"“{name}”: {field} {t[key]}, wanted {value}" for t in tasks if exact and t[key] != value]
    for text in wish.get("lints", []):
        if not any(text.casefold() in l.casefold() for l in plan["lints"]):
            wrong.append(f"no lint says “{text}”")
    return wrong, notes


# --- running -----------------------------------------------------------------------------------------

def ask(binary, path, tree, force):
    """(exit code, JSON or None, message, milliseconds) of a plan made in a repository of its own."""
    with tempfile.TemporaryDirectory(prefix="git-pm-plan-") as top:
        home, repo = os.path.join(top, "home"), os.path.join(top, "repo")
        os.makedirs(home)
        os.makedirs(repo)
        env = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1",
               "GIT_CONFIG_GLOBAL": os.path.join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
        pathlib.Path(home, "gitconfig").write_text("[init]\n\tdefaultBranch = main\n[user]\n\tname = Ana\n\temail = ana@example.org\n")

        def run(*argv):
            return subprocess.run(argv, cwd=repo, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)

        run("git", "init", "-q")
        for name in tree:
            file = pathlib.Path(repo, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("begin\n")
        run("git", "add", "-A")
        run("git", "commit", "-q", "--allow-empty", "-m", "Begin")
        begun = run(binary, "init")
        if begun.returncode != 0:
            return -1, None, "git pm init: " + begun.stderr.decode(errors="replace").strip(), 0
        document = os.path.join(repo, path.name)
        pathlib.Path(document).write_bytes(path.read_bytes())
        began = time.perf_counter()
        try:
            done = run(binary, "plan", "new", document, "--json", *(["--force"] if force else []))
        except subprocess.TimeoutExpired:
            return -1, None, "no answer in 120 s", 120_000
        took = (time.perf_counter() - began) * 1000
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = {}
        message = (answer.get("error") or {}).get("message") or done.stderr.decode(errors="replace").strip()
        return done.returncode, answer.get("data"), message, took


def judge(binary, path, args):
    """One line about a document. (violations, whether it was refused)"""
    beside = path.with_name(path.stem + ".expect.toml")
    wish = tomllib.loads(beside.read_text()) if beside.exists() else {}
    text = path.read_bytes().decode("utf-8", "replace")
    document = scan(text)
    code, data, message, took = ask(binary, path, wish.get("tree", []), args.force)
    label = f"{path.name:<44} {len(text.split()):>6} words"
    if data is None or code != 0:
        misuse = re.search(r"unrecognized subcommand|unexpected argument", message)  # a binary without the verb refuses everything
        refused = code in (1, 2, 8) and bool(message) and not misuse
        wrong = [] if refused else [f"exit {code}: {message[:300] or 'no message'}"]
        if refused and wish and not wish.get("refused"):
            wrong = [f"refused, but a plan is wanted: {message[:200]}"]
        print(f"{'refused' if refused and not wrong else 'BROKEN ':<7} {label}  {message[:120] if not wrong else ''}".rstrip())
        for line in wrong:
            print("        - " + line)
        return wrong, refused, took
    if args.save:
        pathlib.Path(args.save).mkdir(parents=True, exist_ok=True)
        pathlib.Path(args.save, path.stem + ".json").write_text(json.dumps(data, indent=1, ensure_ascii=False))
    plan = adapt(data)
    wrong, figures = check(plan, document, {same(f) for f in wish.get("tree", [])})
    notes = []
    if wish:
        more, notes = demanded(plan, document, wish)
        wrong += (["a plan, but it must be refused"] if wish.get("refused") else []) + more
    work = [t for t in plan["tasks"] if t["type"] != "test"]
    tests, edges = len(plan["tasks"]) - len(work), sum(len(t["depends_on"]) for t in plan["tasks"])
    ids = len(document["defined"])
    print(f"{'WRONG' if wrong else 'ok':<7} {label}  tasks {len(work)}+{tests}  edges {edges}  ids {ids - figures['missing']}/{ids}  "
          f"acceptance {figures['traced']} ({figures['loose']} loose)  paths {sum(len(t['paths']) for t in work)}  "
          f"{plan['scope'].get('recommendation')}/{plan['scope'].get('confidence')}  {took:.0f} ms")
    for line in wrong:
        print("        - " + line)
    if not args.quiet:
        for line in notes:
            print("        · " + line)
    return wrong, False, took


def self_test():
    """Every check must be able to fail: a plan without fault, then one fault after the other."""
    text = "# Shop\n\n### FR-1 Basket\n\n- holds ten things in `src/basket.rs`\n\n### FR-2 Till\n\n- adds prices, see `and/or`\n\n## Out of scope\n\n- FR-9 Coupons\n"
    document = scan(text)
    assert document["defined"] == {"FR-1": 3, "FR-2": 7} and document["exempt"] == {"FR-9"}, document

    def sample():
        def task(key, title, line, said, wait, paths):
            return {"key": key, "title": title, "type": "feature", "description": "", "estimate": "S", "risk": "low",
                    "validation": "test-after", "stream": "s", "paths": paths, "depends_on": wait, "source": {"lines": {"start": line, "end": line + 2}, "requirement": f"FR-{key}"},
                    "acceptance": [{"text": said, "source": {"lines": {"start": line + 2, "end": line + 2}}, "requirement": f"FR-{key}"}]}
        return {"tasks": [task("1", "Basket", 3, "holds ten things", [], ["src/basket.rs"]), task("2", "Till", 7, "adds prices", ["1"], [])],
                "scope": {"recommendation": "single-agent", "confidence": "high", "drivers": {"components": 2}}}

    wish = {"tasks": {"min": 2, "max": 2}, "depends": [["FR-2", "FR-1"]], "not_tasks": ["Coupons"], "paths": ["src/basket.rs"], "requirements": ["FR-2"]}
    everything = lambda data: check(adapt(data), document, set())[0] + demanded(adapt(data), document, wish)[0]
    assert everything(sample()) == [], everything(sample())
    faults = {
        "no acceptance": lambda d: d["tasks"][0].update(acceptance=[]),
        "cycle": lambda d: d["tasks"][0].update(depends_on=["2"]),
        "is nothing": lambda d: d["tasks"][0].update(depends_on=["7"]),
        "alternation": lambda d: d["tasks"][1].update(paths=["and/or"]),
        "back-ticks": lambda d: d["tasks"][1].update(paths=["src/till.rs"]),
        "in no task": lambda d: d["tasks"].pop(),
        "estimate": lambda d: d["tasks"][0].update(estimate="XXL"),
        "comes from lines": lambda d: d["tasks"][0]["source"]["lines"].update(end=99),
        "does not depend": lambda d: d["tasks"][1].update(depends_on=[]),
        "became a task": lambda d: d["tasks"][1].update(title="Coupons"),
        "scope is": lambda d: d["scope"].update(recommendation="huge"),
    }
    for expected, spoil in faults.items():
        data = sample()
        spoil(data)
        found = everything(data)
        assert any(expected in line for line in found), (expected, found)
    good = ["src/", "src/a.rs", "Cargo.toml", "app/[id]/page.tsx", "src/**/*.rs", ".github/workflows/ci.yml", "Dockerfile", ".env", "docs/x.md:12"]
    bad = ["planning/execution/review", "XS/S/M/L/XL", "/health", "feature/{id}-x", "opened/synchronize", "1.5k/1k", "13714/2m", "Pro/Max", "../../etc/passwd",
           "~/.config", "C:/Users/x", "application/json", "origin/main", "user.name", "node.js", "config.get()", "v1.2", "https://a.b/c.html", "@types/node",
           "github.com/a/b.git", ".git/config", "*.rs", "...rest", "POST /v2/search", "a.b.c", "epic/[name]", "YYYY/MM/DD", "/api/v1/a.json"]
    for path in good:
        assert why_no_path(clean(path), {path}, set()) is None, (path, why_no_path(clean(path), {path}, set()))
    for path in bad:
        assert why_no_path(clean(path), {path}, set()), path
    print(f"self-test: {len(faults)} faults found, {len(bad)} false paths known from {len(good)} true ones")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("documents", nargs="*")
    parser.add_argument("--binary", default="git-pm")
    parser.add_argument("--force", action="store_true", help="plan documents over the size limit, too")
    parser.add_argument("--save", help="keep each plan's JSON in this folder")
    parser.add_argument("--quiet", action="store_true", help="no remarks, only violations")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if args.self_test:
        return self_test()
    binary = os.path.abspath(args.binary) if os.sep in args.binary else args.binary
    paths = []
    for name in map(pathlib.Path, args.documents):
        paths += sorted(p for p in name.rglob("*") if p.suffix.lower() in (".md", ".markdown", ".txt")) if name.is_dir() else [name]
    if not paths:
        parser.error("no documents")
    total, refused, worst, slowest = 0, [], (0, None), (0, None)
    for path in paths:
        wrong, no, took = judge(binary, path, args)
        total += len(wrong)
        refused += [path.name] if no else []
        worst = max(worst, (len(wrong), path.name), key=lambda w: w[0])
        slowest = max(slowest, (took, path.name), key=lambda w: w[0])
    print(f"\n{len(paths)} documents: {len(paths) - len(refused)} judged, {len(refused)} refused, {total} violations"
          f"; slowest {slowest[0]:.0f} ms ({slowest[1]})")
    if total:
        print(f"worst: {worst[1]} with {worst[0]}")
    return 1 if total or len(refused) == len(paths) else 0


if __name__ == "__main__":
    sys.exit(main())
