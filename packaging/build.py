#!/usr/bin/env python3
"""Makes what is published of one built binary: an archive, the npm packages and a wheel, each with its SHA-256.

    packaging/build.py BINARY TARGET FOLDER [HOST]

TARGET is a Rust target of the table below. HOST is a git-pm that runs here, if BINARY does not: it prints the
completions.
"""
import base64, gzip, hashlib, io, json, pathlib, stat, subprocess, sys, tarfile, tomllib, zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CARGO = tomllib.loads((ROOT / "Cargo.toml").read_text())
VERSION = CARGO["workspace"]["package"]["version"]
SUMMARY = CARGO["package"]["description"]
LICENSE = CARGO["workspace"]["package"]["license"]
# Target: npm's os and cpu, and the tags of a wheel. The binaries for Linux need no libc.
TARGETS = {
    "x86_64-unknown-linux-musl": ("linux", "x64", "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64"),
    "aarch64-unknown-linux-musl": ("linux", "arm64", "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"),
    "x86_64-apple-darwin": ("darwin", "x64", "macosx_10_12_x86_64"),
    "aarch64-apple-darwin": ("darwin", "arm64", "macosx_11_0_arm64"),
}
COMPLETIONS = {"bash": "git-pm", "zsh": "_git-pm", "fish": "git-pm.fish"}


def add(tar, name, data, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    tar.addfile(entry, io.BytesIO(data))


def archive(path, files):
    """A tar.gz that is the same for the same files."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", mtime=0, fileobj=raw) as zipped:
        with tarfile.open(fileobj=zipped, mode="w") as tar:
            for name, (data, mode) in sorted(files.items()):
                add(tar, name, data, mode)


def texts():
    return {name: ((ROOT / name).read_bytes(), 0o644) for name in ("README.md", "LICENSE-MIT", "LICENSE-APACHE")}


def distribution(binary, host, target, out):
    files = texts() | {"git-pm": (binary, 0o755)}
    for page in (ROOT / "man").iterdir():
        files[f"man/{page.name}"] = (page.read_bytes(), 0o644)
    # `cargo deb` and `cargo generate-rpm` take them from there.
    folder = ROOT / "target/completions"
    folder.mkdir(parents=True, exist_ok=True)
    for shell, name in COMPLETIONS.items():
        script = subprocess.run([host, "completions", shell], check=True, capture_output=True).stdout
        (folder / name).write_bytes(script)
        files[f"completions/{name}"] = (script, 0o644)
    top = f"git-pm-{VERSION}-{target}"
    path = out / f"{top}.tar.gz"
    archive(path, {f"{top}/{name}": file for name, file in files.items()})
    return path


def npm(binary, target, out):
    system, cpu, _ = TARGETS[target]
    common = {"version": VERSION, "description": SUMMARY, "license": LICENSE}
    own = common | {"name": f"git-pm-{system}-{cpu}", "os": [system], "cpu": [cpu], "files": ["git-pm"]}
    others = {f"git-pm-{system}-{cpu}": VERSION for system, cpu, _ in TARGETS.values()}
    main = common | {"name": "git-pm", "bin": {"git-pm": "git-pm.js"}, "optionalDependencies": others}
    launcher = {"git-pm.js": ((ROOT / "packaging/npm/git-pm.js").read_bytes(), 0o755)}
    paths = []
    for package, files in ((own, {"git-pm": (binary, 0o755)}), (main, launcher)):
        files = texts() | files | {"package.json": (json.dumps(package, indent=2).encode(), 0o644)}
        paths.append(out / f"{package['name']}-{VERSION}.tgz")
        archive(paths[-1], {f"package/{name}": file for name, file in files.items()})
    return paths


def wheel(binary, target, out):
    tags = f"py3-none-{TARGETS[target][2]}"
    info = f"git_pm-{VERSION}.dist-info"
    metadata = f"Metadata-Version: 2.4\nName: git-pm\nVersion: {VERSION}\nSummary: {SUMMARY}\n" \
        f"License-Expression: {LICENSE}\nLicense-File: LICENSE-MIT\nLicense-File: LICENSE-APACHE\nRequires-Python: >=3.8\nDescription-Content-Type: text/markdown\n\n"
    platforms = "".join(f"Tag: py3-none-{platform}\n" for platform in TARGETS[target][2].split("."))
    files = {
        f"git_pm-{VERSION}.data/scripts/git-pm": (binary, 0o755),
        f"{info}/METADATA": (metadata.encode() + texts()["README.md"][0], 0o644),
        f"{info}/WHEEL": (f"Wheel-Version: 1.0\nGenerator: build.py\nRoot-Is-Purelib: false\n{platforms}".encode(), 0o644),
    }
    files |= {f"{info}/licenses/{name}": file for name, file in texts().items() if name.startswith("LICENSE")}
    digest = lambda data: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, (data, _) in files.items())
    files[f"{info}/RECORD"] = (f"{record}{info}/RECORD,,\n".encode(), 0o644)
    path = out / f"git_pm-{VERSION}-{tags}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, (data, mode) in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr, entry.compress_type = (stat.S_IFREG | mode) << 16, zipfile.ZIP_DEFLATED
            package.writestr(entry, data)
    return path


def main(binary, target, out, host=None):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    data = pathlib.Path(binary).read_bytes()
    made = [distribution(data, host or binary, target, out), *npm(data, target, out), wheel(data, target, out)]
    for path in made:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        path.with_name(path.name + ".sha256").write_text(f"{digest}  {path.name}\n")
        print(f"{digest}  {path}")


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5) or sys.argv[2] not in TARGETS:
        sys.exit(__doc__ + "\n".join(TARGETS))
    main(*sys.argv[1:])
