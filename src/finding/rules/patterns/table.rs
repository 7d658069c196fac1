//! The patterns that added lines are compared with.

use super::checks::{self, Site};
use crate::rules::language::Lang::{self, *};

/// Which part of a line a pattern is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    /// Code, with empty strings and without comments.
    Code,
    /// The text of comments.
    Comment,
    /// The whole line, unless it is a comment.
    Text,
}

/// Which files a pattern is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// All that people write.
    Any,
    /// Programs.
    Source,
    /// All but tests.
    NoTest,
    /// Tests.
    Test,
}

/// A pattern.
pub(super) struct Pattern {
    pub rule: &'static str,
    /// What is said of a line that matches; the place follows.
    pub says: &'static str,
    /// The languages; empty for all.
    pub langs: &'static [Lang],
    pub on: On,
    pub place: Place,
    pub regex: &'static str,
    /// A line that this matches is left out; empty for none.
    pub unless: &'static str,
    /// What else has to hold.
    pub check: fn(&Site<'_>) -> bool,
}

const fn pattern(
    rule: &'static str,
    says: &'static str,
    langs: &'static [Lang],
    (on, place): (On, Place),
    regex: &'static str,
    unless: &'static str,
    check: fn(&Site<'_>) -> bool,
) -> Pattern {
    Pattern {
        rule,
        says,
        langs,
        on,
        place,
        regex,
        unless,
        check,
    }
}

const JVM: &[Lang] = &[Java, Kotlin];
const BRACES: &[Lang] = &[C, CSharp, Java, Js, Kotlin, Php, Swift];
const CODE: On = On::Code;
const TEXT: On = On::Text;
const COMMENT: On = On::Comment;

fn always(_: &Site<'_>) -> bool {
    true
}

const SUPPRESSED: &str = "A check is suppressed without a reason";
const STOP: &str = "A breakpoint or dump of a debugging session is left";
const PRINT: &str = "A print is left that looks like debugging";
const SKIPPED: &str = "A test is skipped";
const TRIVIAL: &str = "An assertion holds whatever the code does";
const SWALLOWED: &str = "An error is caught and dropped";
const SQL: &str = "A query is built from a value";
const COMMAND: &str = "A command or code is built from a value";
const TLS: &str = "The verification of certificates is turned off";
const HTML: &str = "Markup is set from a value";

/// All patterns.
#[rustfmt::skip]
pub(super) const PATTERNS: &[Pattern] = &[
    // Suppressions.
    pattern("check-suppressed", SUPPRESSED, &[Python], (COMMENT, Place::NoTest), r"^\s*(noqa\b|type:\s*ignore|pyright:\s*(ignore|basic|off)|pylint:\s*disable|mypy:\s*(ignore|allow|disable)|pragma:\s*no cover|nosec\b|(ruff|flake8):\s*noqa)", r"TYPE_CHECKING|NotImplementedError|__main__|@overload|^\s*(from|import)\s|:\s*\.\.\.", checks::without_reason),
    pattern("check-suppressed", SUPPRESSED, &[Js], (COMMENT, Place::NoTest), r"^[\s*]*(eslint-disable|@ts-ignore|@ts-nocheck|@ts-expect-error|biome-ignore|oxlint-disable|tslint:disable|deno-lint-ignore|(istanbul|c8|v8) ignore)", "", checks::without_reason),
    pattern("check-suppressed", SUPPRESSED, &[Go, Java, Kotlin, Php, Swift, C, CSharp, Ruby, Shell, Settings], (COMMENT, Place::NoTest), r"^\s*(nolint\b|#nosec|lint:ignore|rubocop:\s*disable|standard:disable|:nocov:|@phpstan-ignore|phpcs:(ignore|disable)|@psalm-suppress|CHECKSTYLE[:.]OFF|NOPMD|NOSONAR|noinspection|ktlint-disable|swiftlint:disable|NOLINT|cppcheck-suppress|shellcheck disable)", "", checks::without_reason),
    pattern("check-suppressed", SUPPRESSED, &[Rust], (CODE, Place::NoTest), r"^\s*#!?\[(cfg_attr\(.*)?allow\(", r"reason\s*=|allow\((rustdoc::|unused_imports|non_snake_case)", checks::attribute_without_reason),
    pattern("check-suppressed", SUPPRESSED, JVM, (CODE, Place::NoTest), r"@(file:)?(SuppressWarnings|SuppressLint|Suppress)\b", "", checks::attribute_without_reason),
    pattern("check-suppressed", SUPPRESSED, &[C, CSharp], (CODE, Place::NoTest), r"^\s*#\s*pragma\s+(warning\s*(disable|\(\s*disable)|(GCC|clang)\s+diagnostic\s+ignored)", "", checks::attribute_without_reason),
    // What debugging leaves.
    pattern("debug-leftover", STOP, &[Python], (CODE, Place::Any), r"(^|[^.\w])breakpoint\(\)|\b(i?pdb|pudb)\.set_trace\(", "", always),
    pattern("debug-leftover", STOP, &[Js], (CODE, Place::Any), r"(^|[\s;{})])debugger\s*(;|$|\})", "", always),
    pattern("debug-leftover", STOP, &[Ruby], (CODE, Place::Any), r"\bbinding\.(pry|irb|break)\b|^\s*(byebug|debugger)\s*$", "", always),
    pattern("debug-leftover", STOP, &[Rust], (CODE, Place::Any), r"(^|[^\w!])dbg!\(", "", always),
    pattern("debug-leftover", STOP, &[Php], (CODE, Place::Any), r"(^|[^>:\w$])(var_dump|dd|ddd)\(", r"function\s", always),
    pattern("debug-leftover", STOP, &[Go], (CODE, Place::Any), r"\b(spew\.(F?dump|Dump)|pp\.Print(ln)?|runtime\.Breakpoint)\(", "", always),
    pattern("debug-leftover", PRINT, &[Python], (CODE, Place::Source), r"(^|[^.\w])p?print\(", r"def\s|file\s*=", checks::prints_nothing_else),
    pattern("debug-leftover", PRINT, &[Js], (CODE, Place::Source), r"\bconsole\.(log|debug|dir|table|trace)\(|(^|[^.\w])alert\(", "", checks::prints_nothing_else),
    pattern("debug-leftover", PRINT, &[Rust], (CODE, Place::Source), r"(^|[^\w!])println!\(", "", checks::prints_nothing_else),
    pattern("debug-leftover", PRINT, &[Go], (CODE, Place::Source), r"\bfmt\.Print(ln|f)?\(|(^|[^.\w])println\(", "", checks::prints_nothing_else),
    pattern("debug-leftover", PRINT, JVM, (CODE, Place::Source), r"\bSystem\.(out|err)\.print|\.printStackTrace\(\)|(^|[^.\w])println\(", "", checks::prints_nothing_else),
    pattern("debug-leftover", PRINT, &[CSharp], (CODE, Place::Source), r"\bConsole\.Write(Line)?\(", "", checks::prints_nothing_else),
    pattern("debug-leftover", PRINT, &[Swift], (CODE, Place::Source), r"(^|[^.\w])(print|debugPrint|NSLog)\(", "", checks::prints_nothing_else),
    pattern("debug-leftover", PRINT, &[Ruby], (CODE, Place::Source), r"^\s*(puts|pp|p)\s+[^=\s]|^\s*(puts|pp)\(", "", checks::prints_nothing_else),
    pattern("debug-leftover", PRINT, &[Php], (CODE, Place::Source), r"(^|[^>:\w$])print_r\(", r",\s*true\s*\)", checks::prints_nothing_else),
    pattern("debug-leftover", PRINT, &[C], (TEXT, Place::Source), r#"\bf?printf\((stderr,\s*)?"\s*(DEBUG|XXX|HERE|here\b|>>>|###|\*\*\*)"#, "", always),
    // Gates and settings of checkers.
    pattern("gate-weakened", "A check may fail without consequence", &[], (TEXT, Place::NoTest), r#"^\s*(-\s*)?(continue-on-error|allow_failure|soft_fail)["']?:\s*true\b|^\s*(-\s*)?if:\s*["']?(false|\$\{\{\s*false\s*\}\})|--no-verify\b|--exit-zero\b|--pass-?[wW]ith-?[nN]o-?[tT]ests\b|(test|lint|check|clippy|mypy|ruff|tsc|pytest|jest|rspec|audit|fmt|vet|flake8|pylint|eslint|rubocop)\b.*\|\|\s*(true\b|:(\s|$)|exit 0|echo\b)"#, "install|upload|--help", checks::edits_gate),
    pattern("check-loosened", "A check is turned off", &[], (TEXT, Place::NoTest), r#"(?i)"(strict\w*|noImplicit\w+|noUnused\w+|noUnchecked\w+|exactOptional\w+|noFallthrough\w+)"\s*:\s*false|^\s*["']?[@\w/-]+["']?\s*:\s*\[?\s*["']off["']|^\s*(ignore_errors|ignore_missing_imports|implicit_optional|allow_(untyped|redefinition|any)\w*)\s*=\s*true|^\s*(strict|strict_\w+|disallow_\w+|check_untyped_defs|warn_\w+)\s*=\s*false|^\s*[\w:-]+\s*=\s*("allow"|\{.*level\s*=\s*"allow")|^\s*Enabled:\s*false"#, r"(#|//)\s*\w+\s+\w+", checks::edits_settings),
    pattern("check-loosened", "A check is added to those that are ignored", &[Settings], (TEXT, Place::NoTest), r#"^\s*["']?[A-Z]{1,5}\d{2,4}["']?\s*,?\s*$"#, "", checks::in_ignore_list),
    // Work that is left.
    pattern("todo-added", "A comment leaves work to do", &[], (COMMENT, Place::Any), r"^[\s*/!#<-]*@?(TODO|FIXME|HACK|XXX)(\s*$|\s*[:(,.-]|\s+[^=\s])|[\s*]@?(TODO|FIXME|HACK|XXX)\s*(\([^)]*\))?:", r"#\d+|https?://|\b[A-Z]{2,}-\d+|\((\w+-)+[\w]+\)", checks::code_file),
    pattern("todo-added", "Code is left to be written", &[Rust], (CODE, Place::Source), r"(^|[^\w!])todo!\(", "", always),
    // Tests that do not run, or cannot fail.
    pattern("test-skipped", SKIPPED, &[Python], (CODE, Place::Test), r"^\s*@((pytest\.)?mark\.(skip|xfail)\b|(unittest\.)?skip\b|(unittest\.)?expectedFailure\b)|^\s*pytestmark\s*=.*mark\.skip\b|skipif\(\s*True\b|skipIf\(\s*True\b|^\s*(pytest\.skip|self\.skipTest)\(", "", checks::unconditional),
    pattern("test-skipped", SKIPPED, &[Js], (CODE, Place::Test), r#"\b(it|test|describe|context|suite|bench)(\.\w+)*\.(skip|failing)(\.each)?\s*(\(\s*(["'`]|$)|\()|(^|[^.\w])(xit|xtest|xdescribe|xcontext)\s*\("#, r#"\.skip\s*\(\s*[^"'`\s)]|\.skip\s*\(\s*\)"#, always),
    pattern("test-skipped", SKIPPED, &[Rust], (CODE, Place::Test), r"^\s*#\[ignore\b", "", always),
    pattern("test-skipped", SKIPPED, &[Go], (CODE, Place::Test), r"^\s*[tbf]\.Skip(f|Now)?\(", "", checks::unconditional),
    pattern("test-skipped", SKIPPED, JVM, (CODE, Place::Test), r"^\s*@(Disabled|Ignore)\b(\s*$|\()", "", always),
    pattern("test-skipped", SKIPPED, &[CSharp], (CODE, Place::Test), r"\[(Fact|Theory)\(.*\bSkip\s*=|\[Ignore\b", "", always),
    pattern("test-skipped", SKIPPED, &[Ruby], (CODE, Place::Test), r#"^\s*(xit|xdescribe|xcontext|xspecify|xscenario)\b|^\s*(pending|skip)(\s*$|\s*\(?\s*["'])|[,(]\s*(skip:|:skip\b|pending:|:pending\b)"#, r"\s(if|unless)\s|(skip|pending):\s*(false|nil)", checks::unconditional),
    pattern("test-skipped", SKIPPED, &[Php], (CODE, Place::Test), r"(markTestSkipped|markTestIncomplete)\(|->skip\(\s*(\)|['\x22])", "", checks::unconditional),
    pattern("test-skipped", SKIPPED, &[Swift], (CODE, Place::Test), r"^\s*throw XCTSkip\(|func (disabled|skip|x)_?[tT]est", "", checks::unconditional),
    pattern("test-skipped", SKIPPED, &[C], (CODE, Place::Test), r"^\s*GTEST_SKIP\(\)|\bTEST(_[FP])?\(\s*\w+,\s*DISABLED_", "", checks::unconditional),
    pattern("test-focused", "A test is focused", &[Js], (CODE, Place::Test), r"\b(it|test|describe|context|suite)(\.\w+)*\.only(\.each)?\s*\(|(^|[^.\w])(fit|fdescribe|ftest)\s*\(", "", always),
    pattern("test-focused", "A test is focused", &[Ruby], (CODE, Place::Test), r"^\s*(fit|fdescribe|fcontext|fspecify)\b|[,(]\s*(focus:\s*true|:focus)\b", "", always),
    pattern("assertion-trivial", TRIVIAL, &[Python], (CODE, Place::Test), r"^\s*assert\s+(True|1|not False|1\s*==\s*1)\s*(,|$)|\bassertTrue\(\s*True\s*[,)]|^\s*assert\s+.*\sor\s+True\s*$|\bassertFalse\(\s*False\s*[,)]|^\s*assert\s*\([^()]*(\([^()]*\)[^()]*)*,\s*f?\x22\x22\s*\)\s*$", "", always),
    pattern("assertion-trivial", TRIVIAL, &[Js], (CODE, Place::Test), r"\bexpect\(\s*true\s*\)\.(toBe\(\s*true\s*\)|toBeTruthy\(|toEqual\(\s*true\s*\)|to\.be\.true|toStrictEqual\(\s*true\s*\))|\bexpect\(\s*false\s*\)\.(toBe\(\s*false\s*\)|toBeFalsy\()|\bexpect\(\s*1\s*\)\.(toBe|toEqual)\(\s*1\s*\)|\bassert(\.ok|\.isTrue)?\(\s*true\s*[,)]", "", always),
    pattern("assertion-trivial", TRIVIAL, &[Rust], (CODE, Place::Test), r"\bassert!\(\s*(true\s*[,)]|.*\|\|\s*true\s*[,)])|\bassert_eq!\(\s*(true\s*,\s*true|1\s*,\s*1)\s*[,)]", "", always),
    pattern("assertion-trivial", TRIVIAL, &[Java, Kotlin, CSharp, Php, Swift, Go, C], (CODE, Place::Test), r"\b((Assertions?|Assert|assert|require)\.|\$this->|self::)?(assertTrue|IsTrue|isTrue|True|XCTAssertTrue|EXPECT_TRUE|ASSERT_TRUE|XCTAssert)\(\s*(t\s*,\s*)?true\s*[,)]|\bassertEquals\(\s*(1\s*,\s*1|true\s*,\s*true)\s*[,)]", r"(when|given|eq)\(", always),
    pattern("assertion-trivial", TRIVIAL, &[Ruby], (CODE, Place::Test), r"^\s*assert[ (]\s*true\s*\)?\s*$|\bexpect\(\s*true\s*\)\.to\s+(be\s+true|be_truthy|eq\(?\s*true)|^\s*assert_equal[ (]\s*(true,\s*true|1,\s*1)\s*\)?\s*$", "", always),
    // Errors that nobody sees.
    pattern("error-swallowed", SWALLOWED, &[Python], (CODE, Place::Source), r"^\s*except(\s*|\s+\(?(Exception|BaseException)\b[^:]*):\s*(pass|\.\.\.)?\s*$", "", checks::nothing_follows),
    pattern("error-swallowed", SWALLOWED, BRACES, (CODE, Place::Source), r"\bcatch\s*(\([^)]*\))?\s*\{\s*\}?\s*;?\s*$", "", checks::nothing_follows),
    pattern("error-swallowed", SWALLOWED, &[Js], (CODE, Place::Source), r"\.catch\(\s*(\(\w*\)|\w+)\s*=>\s*(\{\s*\}|undefined|null|void 0)\s*\)|\.catch\(\s*(noop|function\s*\(\w*\)\s*\{\s*\})\s*\)", "", checks::without_comment),
    pattern("error-swallowed", SWALLOWED, &[Ruby], (CODE, Place::Source), r"\brescue\s+nil\b|^\s*rescue(\s+(StandardError|Exception))?(\s*=>\s*\w+)?\s*$", "", checks::nothing_follows),
    pattern("error-swallowed", SWALLOWED, &[Go], (CODE, Place::Source), r"\bif\s+(.*;\s*)?err\s*!=\s*nil\s*\{\s*\}?\s*$", "", checks::nothing_follows),
    pattern("error-swallowed", SWALLOWED, &[Rust], (CODE, Place::Source), r"\bif\s+let\s+Err\(_\w*\)\s*=\s*.*\{\s*\}?\s*$|\bErr\(_\w*\)\s*=>\s*\{\s*\}", r"TryRecv|Timeout", checks::nothing_follows),
    // Security.
    pattern("code-injection", COMMAND, &[Python], (CODE, Place::NoTest), r#"(^|[^.\w])(eval|exec)\(\s*[^"')\s]|\bos\.(system|popen)\(\s*([^"')\s]|["']+\s*(%|\+|\.format))"#, r"def\s+(eval|exec)\b|literal_eval|\bexec\(compile", always),
    pattern("code-injection", COMMAND, &[Python], (CODE, Place::NoTest), r"\bshell\s*=\s*True\b", "", checks::command_from_value),
    pattern("code-injection", COMMAND, &[Js], (CODE, Place::NoTest), r#"(^|[^.\w])eval\(\s*[^"'`)\s]|\bnew Function\(\s*[^)"'`\s]"#, r"function\s+eval", always),
    pattern("code-injection", COMMAND, &[Js], (TEXT, Place::NoTest), r#"(^|[^.\w]|child_process\.|\bcp\.)exec(Sync)?\(\s*(`[^`]*\$\{|["'][^"']*["']\s*\+)"#, "", always),
    pattern("code-injection", COMMAND, &[Ruby], (TEXT, Place::Source), r#"(^|[^.\w])eval[( ]\s*[a-z@(]|(^|[^.\w])(system|exec|spawn)[( ]\s*"[^"]*#\{|(=|^|\()\s*`[^`]*#\{[^`]*`"#, r"[sS]hellwords|shellescape", always),
    pattern("code-injection", COMMAND, &[Php], (TEXT, Place::NoTest), r"(^|[^>:\w$])(eval|system|exec|shell_exec|passthru|popen|proc_open)\(.*\$", r"escapeshell|function\s", always),
    pattern("code-injection", COMMAND, JVM, (CODE, Place::NoTest), r"\bgetRuntime\(\)\.exec\(.*\+|\bProcessBuilder\(\s*\x22\x22,\s*\x22\x22,\s*(\w+\s*\+|\x22\x22\s*\+)", "", always),
    pattern("code-injection", COMMAND, &[Go], (TEXT, Place::NoTest), r#"\bexec\.Command(Context)?\((\w+,\s*)?"(sh|bash|/bin/sh|/bin/bash|cmd)",\s*"(-c|/[cC])",\s*([^"`\s]|"[^"]*"\s*\+)"#, "", always),
    pattern("code-injection", COMMAND, &[Rust], (TEXT, Place::NoTest), r#"\.arg\(\s*"-c"\s*\)\s*\.arg\(\s*&?format!"#, "", always),
    pattern("code-injection", COMMAND, &[C], (CODE, Place::NoTest), r#"(^|[^.\w:>])(system|popen)\(\s*[a-z]|(^|[^.\w:>])gets\("#, r"\w\s+(system|popen|gets)\(", always),
    pattern("code-injection", COMMAND, &[CSharp], (CODE, Place::NoTest), r#"\bProcess\.Start\(.*(\$"|"\s*\+\s*\w)"#, "", always),
    pattern("code-injection", COMMAND, &[Settings], (TEXT, Place::NoTest), r"\$\{\{\s*github\.(event\.(issue|pull_request|comment|review|discussion|head_commit)\.([\w.]*\.)?(title|body|message|ref|label|name|email)|head_ref)\s*\}\}", r"^\s*(-\s*)?(if|[\w-]+):\s", checks::gate_file),
    pattern("code-injection", COMMAND, &[Settings], (TEXT, Place::NoTest), r"^\s*(-\s*)?run:.*\$\{\{\s*github\.(event\.(issue|pull_request|comment|review|discussion|head_commit)\.([\w.]*\.)?(title|body|message|ref|label|name|email)|head_ref)\s*\}\}", "", checks::gate_file),
    pattern("sql-injection", SQL, &[Python], (TEXT, Place::NoTest), r#"(?i)\br?f["']+\s*(select\s[^"]*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*\{[^}]*[a-z]|["']\s*(select\s[^"]*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*["']\s*(%\s*[\w(]|\+\s*[a-z_]|\.format\()"#, "", checks::names_a_value),
    pattern("sql-injection", SQL, &[Python], (TEXT, Place::NoTest), r#"(?i)\br?f["']+\s*(where\s+[\w.]+\s*(=|<|>|like\s|in\s)|order\s+by\s)[^"]*\{[^}]*[a-z]"#, "", checks::names_a_value),
    pattern("sql-injection", SQL, &[Ruby], (TEXT, Place::NoTest), r##"(?i)^\s*(where\s+[\w.]+\s*(=|<|>|like\s|in\s)|order\s+by\s).*#\{"##, r"quote|sanitize", checks::names_a_value),
    pattern("sql-injection", SQL, &[Js], (TEXT, Place::NoTest), r#"(?i)`\s*(select\s[^`]*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*\$\{|["']\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*["']\s*\+\s*[a-z_]"#, r"(?i)(sql|raw|prisma)\w*(\.\w+)?\s*(<[^>]*>)?`", checks::names_a_value),
    pattern("sql-injection", SQL, &[Ruby], (TEXT, Place::NoTest), r##"(?i)"\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*#\{|\b(where|find_by_sql|execute|exec_query)[( ]\s*"[^"]*#\{"##, r"quote|sanitize", checks::names_a_value),
    pattern("sql-injection", SQL, &[Go], (TEXT, Place::NoTest), r#"(?i)Sprintf\(\s*["`]\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*%[svdq]|"\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*"\s*\+\s*[a-z]"#, "", checks::names_a_value),
    pattern("sql-injection", SQL, &[Php], (TEXT, Place::NoTest), r#"(?i)"\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*(\$[a-z_]|\{\$)|["']\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*["']\s*\.\s*\$"#, r"prepare\(|wpdb->", always),
    pattern("sql-injection", SQL, &[Java, Kotlin, CSharp, Swift, C], (TEXT, Place::NoTest), r#"(?i)"\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*("\s*\+\s*[a-z_]|\$\{?[a-z]|\\\([a-z])|\$@?"\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*\{[a-z]"#, r"FromSqlInterpolated|FormattableString", checks::names_a_value),
    pattern("sql-injection", SQL, &[Rust], (TEXT, Place::NoTest), r#"(?i)format!\(\s*r?#*"\s*(select\s.*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s).*\{[^}A-Z]*\}"#, "", checks::names_a_value),
    pattern("tls-unverified", TLS, &[Python], (CODE, Place::NoTest), r"\bverify\s*=\s*False\b|\b_create_unverified_context\b|=\s*ssl\.CERT_NONE\b|\bcheck_hostname\s*=\s*False\b|\bverify_ssl\s*=\s*False\b", "", always),
    pattern("tls-unverified", TLS, &[Js], (TEXT, Place::NoTest), r#"\brejectUnauthorized['"]?\s*:\s*false\b|NODE_TLS_REJECT_UNAUTHORIZED['"\]]*\s*=\s*['"]?0"#, "", always),
    pattern("tls-unverified", TLS, &[Go, Ruby, Php, Rust, Java, Kotlin, CSharp], (CODE, Place::NoTest), r"\bInsecureSkipVerify\s*[:=]\s*true\b|\bVERIFY_NONE\b|CURLOPT_SSL_VERIFY(PEER|HOST)\s*(,|=>)\s*(false|0)\b|danger_accept_invalid_(certs|hostnames)\(\s*true|\bNoopHostnameVerifier\b|\bTrustAllStrategy\b|DangerousAcceptAnyServerCertificateValidator|ServerCertificateValidationCallback.*\btrue\b", r"^\s*(use|import)\s", always),
    pattern("tls-unverified", TLS, &[Shell, Script, Settings, Other], (TEXT, Place::NoTest), r"\bcurl\b[^|;&]*\s(-[a-zA-Z]*k[a-zA-Z]*|--insecure)\s|\bwget\b.*--no-check-certificate|http\.sslVerify[=\s]+false|strict-ssl[=\s]+false", "", checks::not_prose),
    pattern("html-injection", HTML, &[Js, Other], (TEXT, Place::NoTest), r"\.(innerHTML|outerHTML)\s*\+?=\s*[^=\s]|\bdangerouslySetInnerHTML=\{\{\s*__html:|\bdocument\.write(ln)?\(|\.insertAdjacentHTML\(|\sv-html=|\{@html\s", r"(?i)saniti[sz]e|escape|purify|trusted|JSON\.stringify", checks::markup_from_value),
    pattern("html-injection", HTML, &[Python, Ruby], (TEXT, Place::NoTest), r##"\bmark_safe\(\s*(f["']|[a-z]\w*\s*[+)])|\bMarkup\(\s*f["']|#\{[^"]*"\.html_safe\b"##, r"(?i)escape|sanitize|format_html", always),
];
