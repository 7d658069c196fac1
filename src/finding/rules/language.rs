//! Which language a file is written in, and how that language marks comments and strings.

/// A language, or a family whose files are read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Lang {
    C,
    CSharp,
    Go,
    Java,
    Js,
    Kotlin,
    Markdown,
    Other,
    Php,
    Python,
    Ruby,
    Rust,
    Settings,
    Shell,
    Sql,
    Swift,
}

/// How a language marks comments and strings.
pub(super) struct Syntax {
    /// What starts a comment up to the end of the line.
    pub line: &'static [&'static str],
    /// What starts and ends a comment of several lines.
    pub block: Option<(&'static str, &'static str)>,
    /// Comments of several lines stand in each other.
    pub nested: bool,
    /// What starts and ends a string of several lines, checked first.
    pub long: &'static [&'static str],
    /// What starts and ends a string of one line.
    pub short: &'static [char],
}

const fn syntax(
    line: &'static [&'static str],
    block: Option<(&'static str, &'static str)>,
    nested: bool,
    long: &'static [&'static str],
    short: &'static [char],
) -> Syntax {
    Syntax {
        line,
        block,
        nested,
        long,
        short,
    }
}

const SLASHES: Option<(&str, &str)> = Some(("/*", "*/"));
const BOTH: &[char] = &['"', '\''];

impl Lang {
    /// The language of a path, by its extension or name.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "hh" | "hxx" | "m" | "mm" | "cu" => Self::C,
            "cs" => Self::CSharp,
            "go" => Self::Go,
            "java" => Self::Java,
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte" => {
                Self::Js
            }
            "kt" | "kts" | "scala" | "dart" | "groovy" => Self::Kotlin,
            "md" | "mdx" | "markdown" => Self::Markdown,
            "php" => Self::Php,
            "py" | "pyi" => Self::Python,
            "rb" | "rake" | "gemspec" => Self::Ruby,
            "rs" => Self::Rust,
            "yml" | "yaml" | "toml" | "cfg" | "ini" => Self::Settings,
            "sh" | "bash" | "zsh" => Self::Shell,
            "sql" => Self::Sql,
            "swift" => Self::Swift,
            _ if matches!(name, "Gemfile" | "Rakefile") => Self::Ruby,
            _ => Self::Other,
        }
    }

    /// True if people write programs in it, for which they can write tests.
    pub fn is_code(self) -> bool {
        use Lang::*;
        !matches!(self, Markdown | Other | Settings | Shell | Sql)
    }

    /// How it marks comments and strings.
    pub fn syntax(self) -> Syntax {
        match self {
            Self::C | Self::CSharp | Self::Java => {
                syntax(&["//"], SLASHES, false, &["\"\"\""], BOTH)
            }
            Self::Kotlin => syntax(&["//"], SLASHES, true, &["\"\"\"", "'''"], BOTH),
            Self::Go => syntax(&["//"], SLASHES, false, &["`"], BOTH),
            Self::Js => syntax(&["//"], SLASHES, false, &["`"], BOTH),
            Self::Php => syntax(&["//", "#"], SLASHES, false, &[], BOTH),
            Self::Python => syntax(&["#"], None, false, &["\"\"\"", "'''"], BOTH),
            Self::Ruby => syntax(&["#"], Some(("=begin", "=end")), false, &[], BOTH),
            // A string of Rust may go on in the next line.
            Self::Rust => syntax(&["//"], SLASHES, true, &["\""], &[]),
            Self::Swift => syntax(&["//"], SLASHES, true, &["\"\"\""], &['"']),
            Self::Settings | Self::Shell => syntax(&["#"], None, false, &[], BOTH),
            Self::Sql => syntax(&["--"], SLASHES, false, &[], &['\'']),
            Self::Markdown => syntax(&[], None, false, &["```"], &[]),
            Self::Other => syntax(&[], None, false, &[], &[]),
        }
    }
}
