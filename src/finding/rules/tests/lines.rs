//! Each pattern with what it is for and with what only looks like it.

use super::rules;
use crate::rules::Facts;

/// Rows of a rule, a path, the text before and after; the rule has to say something of hits.
fn table(rows: &[(&str, &str, &str, &str)], hit: bool) {
    for (rule, path, old, new) in rows {
        let old = (!old.is_empty()).then_some(*old);
        let found = rules(&[(path, old, Some(new))], Facts::default());
        assert_eq!(
            found.iter().any(|id| id == rule),
            hit,
            "{rule} on {path}:\n{new}\nfound {found:?}"
        );
    }
}

#[test]
#[rustfmt::skip]
fn lines_that_are_wrong_are_found() {
    table(
        &[
            ("conflict-marker", "src/a.py", "x = 1\n", "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> topic\n"),
            ("conflict-marker", "notes.txt", "a\n", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n"),
            ("check-suppressed", "src/a.py", "", "import os\nx = f()  # type: ignore\n"),
            ("check-suppressed", "src/a.ts", "", "// eslint-disable-next-line no-undef\nf()\n"),
            ("check-suppressed", "src/a.rs", "", "#[allow(dead_code)]\nfn f() {}\n"),
            ("check-suppressed", "a.go", "", "package a\nvar x = f() //nolint:errcheck\n"),
            ("check-suppressed", "src/A.java", "", "class A {\n  @SuppressWarnings(\"unchecked\")\n  void f() {}\n}\n"),
            ("debug-leftover", "src/a.py", "", "def f(x):\n    breakpoint()\n    return x\n"),
            ("debug-leftover", "src/a.py", "", "def f(x):\n    print(x)\n    return x\n"),
            ("debug-leftover", "src/a.ts", "", "export function f(x) {\n  console.log(x);\n}\n"),
            ("debug-leftover", "src/a.rs", "", "fn f(x: u32) {\n    dbg!(x);\n}\n"),
            ("debug-leftover", "app/a.rb", "", "def f\n  binding.pry\nend\n"),
            ("todo-added", "src/a.rs", "", "// TODO: handle the other case\nfn f() {}\n"),
            ("todo-added", "src/a.py", "", "x = 1  # FIXME this is wrong\n"),
            ("test-skipped", "tests/test_a.py", "", "@pytest.mark.skip\ndef test_a():\n    assert f() == 1\n"),
            ("test-skipped", "src/a.test.ts", "", "it.skip('works', () => {})\n"),
            ("test-skipped", "src/a.test.ts", "", "xit('works', () => {})\n"),
            ("test-skipped", "tests/a.rs", "", "#[test]\n#[ignore]\nfn a() {}\n"),
            ("test-skipped", "a_test.go", "", "func TestA(t *testing.T) {\n\tt.Skip(\"later\")\n}\n"),
            ("test-focused", "a.spec.ts", "", "describe.only('x', () => {})\n"),
            ("test-focused", "spec/a_spec.rb", "", "fit 'works' do\nend\n"),
            ("assertion-trivial", "tests/test_a.py", "", "def test_a():\n    assert True\n"),
            ("assertion-trivial", "a.test.js", "", "it('a', () => { expect(true).toBe(true) })\n"),
            ("assertion-trivial", "tests/a.rs", "", "#[test]\nfn a() { assert!(true); }\n"),
            ("error-swallowed", "src/a.py", "", "try:\n    f()\nexcept Exception:\n    pass\n"),
            ("error-swallowed", "src/a.js", "", "try { f() } catch (e) {}\n"),
            ("error-swallowed", "src/A.java", "", "try {\n  f();\n} catch (IOException e) {\n}\n"),
            ("error-swallowed", "app/a.rb", "", "x = f rescue nil\n"),
            ("code-injection", "src/a.py", "", "def f(x):\n    return eval(x)\n"),
            ("code-injection", "src/a.py", "", "subprocess.run(\n    f\"ls {path}\",\n    shell=True,\n)\n"),
            ("code-injection", "src/a.js", "", "child_process.exec(`ls ${dir}`)\n"),
            ("code-injection", ".github/workflows/a.yml", "a: 1\n", "a: 1\n      run: echo ${{ github.event.issue.title }}\n"),
            ("sql-injection", "src/a.py", "", "db.execute(f\"SELECT * FROM users WHERE id = {user_id}\")\n"),
            ("sql-injection", "src/a.py", "", "db.execute(\"SELECT * FROM users WHERE id = %s\" % user_id)\n"),
            ("sql-injection", "src/a.py", "", "def f(name):\n    q = (\n        \"SELECT a FROM b\"\n        f\" WHERE name = '{name}'\"\n    )\n    return q\n"),
            ("check-loosened", "clippy.toml", "cognitive-complexity-threshold = 15\n", "cognitive-complexity-threshold = 40\n"),
            ("check-loosened", ".eslintrc.json", "{\n  \"max-lines\": [\"error\", 300]\n}\n", "{\n  \"max-lines\": [\"error\", 900]\n}\n"),
            ("assertions-reduced", "tests/test_a.py", "def test_a():\n    assert f() == 4\n", "def test_a():\n    assert f() > 0\n"),
            ("assertions-reduced", "a.test.ts", "it('a', () => {\n  expect(f()).toBe(4);\n});\n", "it('a', () => {\n  expect(f()).toBeDefined();\n});\n"),
            ("sql-injection", "src/a.js", "", "db.query(`SELECT * FROM users WHERE id = ${id}`)\n"),
            ("sql-injection", "a.go", "", "q := fmt.Sprintf(\"SELECT * FROM users WHERE id = %s\", id)\n"),
            ("tls-unverified", "src/a.py", "", "requests.get(url, verify=False)\n"),
            ("tls-unverified", "src/a.js", "", "const agent = new https.Agent({ rejectUnauthorized: false })\n"),
            ("tls-unverified", "a.go", "", "c := &tls.Config{InsecureSkipVerify: true}\n"),
            ("html-injection", "src/a.js", "", "el.innerHTML = comment.body\n"),
            ("html-injection", "src/a.tsx", "", "return <p dangerouslySetInnerHTML={{ __html: body }} />\n"),
            ("gate-weakened", ".github/workflows/ci.yml", "a: 1\n", "a: 1\n  continue-on-error: true\n"),
            ("gate-weakened", "package.json", "{\n}\n", "{\n\"test\": \"jest || true\"\n}\n"),
            ("check-loosened", "tsconfig.json", "{\n\"strict\": true\n}\n", "{\n\"strict\": false\n}\n"),
            ("check-loosened", "pyproject.toml", "ignore = [\n  \"E501\",\n]\n", "ignore = [\n  \"E501\",\n  \"F401\",\n]\n"),
            ("check-loosened", "ruff.toml", "ignore = [\"E501\"]\n", "ignore = [\"E501\", \"F401\"]\n"),
            ("coverage-lowered", "pyproject.toml", "fail_under = 90\n", "fail_under = 70\n"),
            ("coverage-lowered", "jest.config.js", "lines: 90,\n", "lines: 50,\n"),
            ("migration-edited", "db/migrate/20240101_x.rb", "add_column :a\n", "add_column :b\n"),
            ("migration-edited", "app/migrations/0001_x.py", "a = 1\n", "a = 2\n"),
            ("migration-added", "app/migrations/0002_x.py", "", "a = 2\n"),
            ("generated-edited", "src/api.py", "# Code generated by x. DO NOT EDIT.\na = 1\n", "# Code generated by x. DO NOT EDIT.\na = 2\n"),
            ("generated-edited", "api.go", "// @generated\nvar a = 1\n", "// @generated\nvar a = 2\n"),
            ("vendored-edited", "vendor/lib/a.go", "var a = 1\n", "var a = 2\n"),
            ("vendored-edited", "third_party/x.c", "int a = 1;\n", "int a = 2;\n"),
        ],
        true,
    );
}

#[test]
#[rustfmt::skip]
fn lines_that_only_look_wrong_are_left_out() {
    table(
        &[
            ("sql-injection", "src/a.py", "", "def f(name):\n    say(f\" where {name} is\")\n"),
            ("check-loosened", "clippy.toml", "cognitive-complexity-threshold = 40\n", "cognitive-complexity-threshold = 15\n"),
            ("assertions-reduced", "tests/test_a.py", "def test_a():\n    assert f() == 4\n", "def test_a():\n    assert f() == 5\n"),
            ("assertions-reduced", "tests/test_a.py", "def test_a():\n    assert f() == 4\n", "def test_a():\n    assert f() == 4\n    assert g() > 0\n"),
            ("conflict-marker", "a.rst", "a\n", "Title\n=======\n\ntext\n"),
            ("conflict-marker", "README.md", "a\n", "```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n```\n"),
            ("conflict-marker", "tests/test_a.py", "a\n", "X = \"\"\"\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> topic\n\"\"\"\n"),
            ("check-suppressed", "src/a.py", "", "x = f()  # noqa: E501 the address has no break\n"),
            ("check-suppressed", "src/a.py", "", "text = \"# type: ignore\"\n"),
            ("check-suppressed", "src/a.py", "y = g()  # type: ignore\n", "y = g(1)  # type: ignore\n"),
            ("check-suppressed", "src/a.ts", "", "// eslint-disable-next-line no-undef -- set by the host\nf()\n"),
            ("check-suppressed", "src/a.rs", "", "#[allow(dead_code, reason = \"for readers\")]\nfn f() {}\n"),
            ("debug-leftover", "src/cli.py", "", "def main():\n    print(1)\n"),
            ("debug-leftover", "src/a.py", "print(0)\n", "print(0)\nprint(1)\n"),
            ("debug-leftover", "src/a.py", "", "import argparse\nprint(1)\n"),
            ("debug-leftover", "src/a.ts", "", "// console.log(x)\nconst s = 'debugger;'\n"),
            ("debug-leftover", "src/a.rs", "", "fn f() -> &'static str {\n    \"dbg!(x)\"\n}\n"),
            ("todo-added", "src/a.py", "", "# Add TODO items to the list\nTODO = 1\n"),
            ("todo-added", "src/a.rs", "", "// TODO(#123): handle the other case\nfn f() {}\n"),
            ("test-skipped", "tests/test_a.py", "", "@pytest.mark.skipif(sys.platform == \"win32\", reason=\"posix\")\ndef test_a():\n    assert f() == 1\n"),
            ("test-skipped", "tests/test_a.py", "", "def test_a():\n    if not have():\n        pytest.skip(\"no tool\")\n"),
            ("test-skipped", "a.test.ts", "", "test.skipIf(isWindows)('works', () => {})\nstream.skip(2)\n"),
            ("test-skipped", "a_test.go", "", "func TestA(t *testing.T) {\n\tif testing.Short() {\n\t\tt.Skip(\"slow\")\n\t}\n}\n"),
            ("test-focused", "a.spec.ts", "", "const x = list.only(1)\n// it.only('x')\n"),
            ("test-focused", "spec/a_spec.rb", "", "model.fit 'works'\n"),
            ("assertion-trivial", "tests/test_a.py", "", "def test_a():\n    assert f(True) is True\n"),
            ("assertion-trivial", "a.test.js", "", "it('a', () => { expect(f(true)).toBe(true) })\n"),
            ("error-swallowed", "src/a.py", "", "try:\n    f()\nexcept FileNotFoundError:\n    pass\n"),
            ("error-swallowed", "src/a.js", "", "try { f() } catch {\n  // the cache is optional\n}\n"),
            ("error-swallowed", "src/a.rs", "", "let _ = write!(out, \"x\");\n"),
            ("code-injection", "src/a.py", "", "ast.literal_eval(x)\nmodel.eval(x)\neval(\"1 + 1\")\n"),
            ("code-injection", "src/a.py", "", "subprocess.run(\"ls | wc\", shell=True)\n"),
            ("code-injection", "src/a.js", "", "const m = /a/.exec(`x ${y}`)\n"),
            ("code-injection", ".github/workflows/a.yml", "a: 1\n", "a: 1\n      TITLE: ${{ github.event.issue.title }}\n"),
            ("sql-injection", "src/a.py", "", "db.execute(\"SELECT * FROM users WHERE id = %s\", (user_id,))\n"),
            ("sql-injection", "src/a.py", "", "db.execute(f\"SELECT * FROM {TABLE} WHERE id IN ({placeholders})\", ids)\n"),
            ("sql-injection", "src/a.js", "", "await sql`SELECT * FROM users WHERE id = ${id}`\n"),
            ("tls-unverified", "src/a.py", "", "# never use verify=False\nrequests.get(url)\n"),
            ("tls-unverified", "README.md", "", "curl -k https://localhost\n"),
            ("html-injection", "src/a.js", "", "el.innerHTML = ''\nif (el.innerHTML === x) {}\n"),
            ("html-injection", "src/a.js", "", "el.innerHTML = DOMPurify.sanitize(body)\n"),
            ("gate-weakened", ".github/workflows/ci.yml", "a: 1\n", "a: 1\n  run: rm -f x || true\n"),
            ("gate-weakened", ".github/workflows/ci.yml", "    run: flake8 .\n", "    run: ruff check .\n"),
            ("check-loosened", "src/a.json", "{\n\"strict\": true\n}\n", "{\n\"strict\": false\n}\n"),
            ("check-loosened", "pyproject.toml", "select = [\n  \"E501\",\n]\n", "select = [\n  \"E501\",\n  \"F401\",\n]\n"),
            ("coverage-lowered", "pyproject.toml", "fail_under = 70\n", "fail_under = 90\n"),
            ("migration-edited", "db/migrate/20240101_x.rb", "add_column :a\n", "# the first\nadd_column :a\n"),
            ("migration-edited", "src/migrations/helpers.py", "a = 1\n", "a = 2\n"),
            ("generated-edited", "src/api.py", "# Code generated by x 1. DO NOT EDIT.\na = 1\n", "# Code generated by x 2. DO NOT EDIT.\na = 2\n"),
            ("vendored-edited", "vendor/assets/a.js", "var a = 1\n", "var a = 2\n"),
        ],
        false,
    );
}
