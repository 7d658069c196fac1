//! Which language a file is written in, and how that language marks comments and strings.

use super::files::{listed, split};

/// A language, or a family whose files are read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lang {
    C,
    CSharp,
    Go,
    Java,
    Js,
    Kotlin,
    Lua,
    Markdown,
    Other,
    Php,
    Python,
    Ruby,
    Rust,
    Script,
    Settings,
    Shell,
    Sql,
    Swift,
}

impl Lang {
    /// The number of languages.
    pub(super) const COUNT: usize = Lang::Swift as usize + 1;
}

/// How a language marks comments and strings.
#[derive(Default)]
pub(super) struct Syntax {
    /// What starts a comment up to the end of the line.
    pub line: Vec<&'static str>,
    /// What starts and ends a comment of several lines.
    pub block: Option<(&'static str, &'static str)>,
    /// What starts and ends a string of several lines, checked before the short ones.
    pub long: Vec<&'static str>,
    /// What starts and ends a string of one line.
    pub short: &'static str,
}

/// The languages: extensions and names of files, and the marks in the order of [`Syntax`]. A string of
/// Rust may go on in the next line; the fences of Markdown are read as strings.
#[rustfmt::skip]
const LANGUAGES: &[(Lang, &str, &str, &str, &str, &str)] = &[
    (Lang::C, "c h cc cpp cxx hpp hh hxx m mm cu", "//", "/* */", "\"\"\"", "\"'"),
    (Lang::CSharp, "cs", "//", "/* */", "\"\"\"", "\"'"),
    (Lang::Go, "go", "//", "/* */", "`", "\"'"),
    (Lang::Java, "java", "//", "/* */", "\"\"\"", "\"'"),
    (Lang::Js, "js jsx mjs cjs ts tsx mts cts vue svelte", "//", "/* */", "`", "\"'"),
    (Lang::Kotlin, "kt kts scala dart groovy", "//", "/* */", "\"\"\" '''", "\"'"),
    (Lang::Lua, "lua", "--", "--[[ ]]", "", "\"'"),
    (Lang::Markdown, "md mdx markdown", "", "", "```", ""),
    (Lang::Php, "php", "// #", "/* */", "", "\"'"),
    (Lang::Python, "py pyi", "#", "", "\"\"\" '''", "\"'"),
    (Lang::Ruby, "rb rake gemspec Gemfile Rakefile", "#", "=begin =end", "", "\"'"),
    (Lang::Rust, "rs", "//", "/* */", "\"", ""),
    (Lang::Script, "ps1 psm1 pl pm t ex exs r R jl tcl awk", "#", "", "", "\"'"),
    (Lang::Settings, "yml yaml toml cfg ini", "#", "", "", "\"'"),
    (Lang::Shell, "sh bash zsh ksh fish bats", "#", "", "", "\"'"),
    (Lang::Sql, "sql", "--", "/* */", "", "'"),
    (Lang::Swift, "swift", "//", "/* */", "\"\"\"", "\""),
];

impl Lang {
    /// The language of a path, by its extension or name.
    pub fn of(path: &str) -> Self {
        let extension = split(path).1.rsplit('.').next().unwrap_or_default();
        let found = LANGUAGES.iter().find(|row| listed(row.1, extension));
        found.map_or(Self::Other, |row| row.0)
    }

    /// True if people write programs in it, for which they can write tests.
    pub fn is_code(self) -> bool {
        use Lang::*;
        !matches!(self, Markdown | Other | Settings | Sql)
    }

    /// True if those who run its tests look for files by name; in the others marks in the text say what is
    /// a test.
    pub fn finds_tests_by_name(self) -> bool {
        use Lang::*;
        matches!(self, Go | Js | Php | Python | Ruby)
    }

    /// True if a test file is one test: most of them have no functions whose names say so.
    pub fn tests_by_file(self) -> bool {
        matches!(self, Self::Lua | Self::Script | Self::Shell)
    }

    /// True if comments of several lines stand in each other.
    pub fn nests(self) -> bool {
        matches!(self, Self::Kotlin | Self::Rust | Self::Swift)
    }

    /// How it marks comments and strings.
    pub fn syntax(self) -> Syntax {
        let row = LANGUAGES.iter().find(|row| row.0 == self);
        row.map_or_else(Syntax::default, |(.., line, block, long, short)| Syntax {
            line: line.split_whitespace().collect(),
            block: block.split_once(' '),
            long: long.split_whitespace().collect(),
            short,
        })
    }
}
