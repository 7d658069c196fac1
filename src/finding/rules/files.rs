//! What a file is for, judged by its path. Lists are words between spaces.

use super::language::Lang;

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A program that users or other programs run.
    Source,
    /// A test, or what tests need.
    Test,
    /// A gate: CI and hooks.
    Gate,
    /// What developers run by hand: scripts, examples, benches, build files.
    Aside,
    /// Written by a program or by others: a lock file, vendored or generated code.
    Foreign,
    /// Documents, settings, data.
    Rest,
}

const TEST_FOLDERS: &str =
    "t test tests spec specs testing e2e fixtures snapshots testdata test-data mocks cypress itest";
const SOURCE_FOLDERS: &str = "src lib app pkg internal";
const ASIDE_FOLDERS: &str = "example examples script scripts tool tools bench benches benchmark benchmarks playground docs \
    doc demo demos samples hack contrib ci .github website templates tasks";
const ASIDE_NAMES: &str =
    "setup.py build.rs conf.py noxfile.py gulpfile.js Gemfile Rakefile manage.py schema.rb";
const VENDOR_FOLDERS: &str = "vendor third_party third-party node_modules bower_components";
/// Of the folders of tests, those of what tests need, and the files there that are none.
const NEEDED_FOLDERS: &str = "fixtures snapshots testdata test-data mocks";
const NEEDED_NAMES: &str = "lib helper helpers test_helper common util utils setup run";
const TEST_ENDS: &str = "_test _tests _spec -test -spec Test Tests Spec IT TestCase";
const CI_FOLDERS: &str =
    ".github/workflows/ .github/actions/ .circleci/ .husky/ .buildkite/ .ci/ .githooks/";
const CI_NAMES: &str = ".gitlab-ci.yml .travis.yml azure-pipelines.yml bitbucket-pipelines.yml Jenkinsfile \
    .pre-commit-config.yaml lefthook.yml .drone.yml appveyor.yml .appveyor.yml";

/// The manifests and lock files of package managers. One of the lock files is used; a manifest that
/// starts with a dot is an extension.
const ECOSYSTEMS: &[(&str, &str)] = &[
    (
        "package.json",
        "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb",
    ),
    ("Cargo.toml", "Cargo.lock"),
    ("Gemfile .gemspec", "Gemfile.lock"),
    ("pyproject.toml", "poetry.lock pdm.lock uv.lock"),
    ("Pipfile", "Pipfile.lock"),
    ("go.mod", "go.sum"),
    ("composer.json", "composer.lock"),
    ("pnpm-workspace.yaml", "pnpm-lock.yaml"),
];

/// True if a list contains a word.
pub(super) fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

/// True if a text ends with a word of a list.
pub(super) fn ends(list: &str, text: &str) -> bool {
    list.split_whitespace().any(|end| text.ends_with(end))
}

/// True if a text contains a word of a list.
pub(super) fn mentions(list: &str, text: &str) -> bool {
    list.split_whitespace().any(|part| text.contains(part))
}

/// A path's folder, without `/` at the end, and name.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn within(list: &str, path: &str) -> bool {
    split(path).0.split('/').any(|folder| listed(list, folder))
}

/// The lock files of a manifest's package manager.
pub(super) fn locks_of(path: &str) -> Option<&'static str> {
    let name = split(path).1;
    let is =
        |manifest: &str| name == manifest || manifest.starts_with('.') && name.ends_with(manifest);
    let found = ECOSYSTEMS
        .iter()
        .find(|(manifests, _)| manifests.split(' ').any(is));
    found.map(|(_, locks)| *locks)
}

/// True for a lock file.
pub(super) fn is_lock(path: &str) -> bool {
    ECOSYSTEMS
        .iter()
        .any(|(_, locks)| listed(locks, split(path).1))
}

/// True for a file of CI or of git hooks.
pub(super) fn is_ci(path: &str) -> bool {
    listed(CI_NAMES, split(path).1) || mentions(CI_FOLDERS, path)
}

/// True for what belongs to another project.
pub(super) fn is_vendored(path: &str) -> bool {
    within(VENDOR_FOLDERS, path) && !path.contains("vendor/assets")
}

/// True for examples, scripts and what else is not the product. What is inside of a folder of sources
/// belongs to it, whatever its name.
pub(super) fn is_aside(path: &str) -> bool {
    let mut folders = split(path)
        .0
        .split('/')
        .take_while(|folder| !listed(SOURCE_FOLDERS, folder));
    path.starts_with("config/")
        || folders.any(|folder| listed(ASIDE_FOLDERS, folder) || folder.starts_with("template"))
}

/// True for a migration of a database's schema: in a folder for them, and numbered.
pub(super) fn is_migration(path: &str) -> bool {
    let (folder, name) = split(path);
    let folder = format!("/{}/", folder.to_ascii_lowercase());
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let numbered = digit(name)
        || name.strip_prefix(['V', 'v']).is_some_and(digit)
        || folder.split('/').any(|part| part.len() > 8 && digit(part));
    ends(".py .rb .sql .js .ts .php .go .cs .java .exs", name)
        && (folder.contains("/alembic/versions/")
            || mentions("/migrations/ /migrate/ /migration/ /flyway/", &folder) && numbered)
}

/// True if the name of a file says that it is a test.
fn is_test_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    listed("conftest.py test tests", name)
        || stem.starts_with("test_")
        || mentions(".test. .Tests. .spec. .e2e. .cy.", name)
        || ends(TEST_ENDS, stem) && stem.len() > 4
}

/// True if a file is a test, by its place and name, and not what tests need.
pub(super) fn is_test_file(path: &str) -> bool {
    let stem = split(path).1.split('.').next().unwrap_or_default();
    let is_test = role(path, Lang::of(path)) == Role::Test;
    is_test && !within(NEEDED_FOLDERS, path) && !listed(NEEDED_NAMES, stem)
}

/// How a file is known to those who run tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Collected {
    /// They do not look at it.
    Not,
    /// It stands among tests, for which some of them look into each file.
    ByFolder,
    /// Its name, or what it contains, is enough for all of them.
    Whole,
}

/// How a path is known to those who run tests of its language.
pub(super) fn collected(path: &str) -> Collected {
    let lang = Lang::of(path);
    let name = split(path).1;
    let stem = name.split('.').next().unwrap_or(name);
    let among_tests = role(path, lang) == Role::Test;
    if !lang.is_code() {
        Collected::Not
    } else if is_test_name(name)
        || matches!(stem, "test" | "tests")
        || path.contains("__tests__/")
        || among_tests && !lang.finds_tests_by_name()
    {
        Collected::Whole
    } else if among_tests {
        Collected::ByFolder
    } else {
        Collected::Not
    }
}

/// What a file is for, by its path and language.
pub(super) fn role(path: &str, lang: Lang) -> Role {
    let (folder, name) = split(path);
    let test_name = is_test_name(name);
    let hidden = |folder: &str| {
        ["__test", "__mock", "__fix", "__snap"]
            .iter()
            .any(|start| folder.starts_with(start))
    };
    let aside = is_aside(path)
        || name.contains(".config.")
        || name.starts_with('.')
        || ends(".d.ts .pyi .gemspec .rake", name)
        || listed(ASIDE_NAMES, name);
    match lang {
        _ if is_lock(path) || is_vendored(path) => Role::Foreign,
        _ if is_ci(path) => Role::Gate,
        _ if within(TEST_FOLDERS, path) || test_name || folder.split('/').any(hidden) => Role::Test,
        // Elsewhere they are what developers run by hand.
        Lang::Shell if !within(SOURCE_FOLDERS, path) => Role::Aside,
        _ if !lang.is_code() => Role::Rest,
        _ if aside => Role::Aside,
        _ => Role::Source,
    }
}

/// True for tests, documents and examples by the path: there secrets are made up.
pub(super) fn is_sample(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    mentions("example sample template fixture mock docs/ readme", &lower)
        || ends(".md .rst", &lower)
}
