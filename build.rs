//! How the release binary is linked on Linux. Starting a program whose libraries must be found and
//! whose addresses must be filled in takes longer than most commands do, so it lies at a fixed address
//! and, where the machine has a static C library, brings that with it (`GIT_PM_LINK=dynamic` leaves
//! it out). Cargo has no setting for one binary's `crt-static`: the option for all would make
//! procedural macros impossible. So the linker is told where else it finds the same libraries.

use std::env::var;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The libraries that the standard library names, and what holds the same statically.
const LIBRARIES: [(&str, &[&str]); 7] = [
    ("gcc_s", &["libgcc_eh.a"]),
    ("util", &["libutil.a"]),
    ("rt", &["librt.a"]),
    ("pthread", &["libpthread.a"]),
    ("m", &["libm.a"]),
    ("dl", &["libdl.a"]),
    ("c", &["libc.a", "libgcc_eh.a"]),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=GIT_PM_LINK");
    let is = |key: &str, wanted: &str| var(key).is_ok_and(|value| value == wanted);
    let release = is("PROFILE", "release");
    if !release || !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if is("GIT_PM_LINK", "dynamic") || var("HOST") != var("TARGET") {
        return;
    }
    for argument in static_libraries().unwrap_or_default() {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

/// What the linker has to be told; nothing where a program that is linked that way does not run.
fn static_libraries() -> Option<Vec<String>> {
    let folder = PathBuf::from(var("OUT_DIR").ok()?).join("static");
    std::fs::create_dir_all(&folder).ok()?;
    for (name, archives) in LIBRARIES {
        let archives: Option<Vec<String>> = archives.iter().map(|name| archive(name)).collect();
        // A linker script in the place of a library (ld, "Implicit Linker Scripts").
        let script = format!("GROUP({})\n", archives?.join(" "));
        std::fs::write(folder.join(format!("lib{name}.so")), script).ok()?;
    }
    let arguments = vec!["-static".to_string(), format!("-L{}", folder.display())];
    runs(&folder, &arguments).then_some(arguments)
}

/// Where the C compiler finds an archive.
fn archive(name: &str) -> Option<String> {
    let found = Command::new("cc")
        .arg(format!("-print-file-name={name}"))
        .output()
        .ok()?;
    let path = String::from_utf8(found.stdout).ok()?.trim().to_string();
    // What it does not find it prints as it was asked.
    let usable = Path::new(&path).is_absolute() && !path.contains([' ', '"', ')']);
    usable.then_some(path)
}

/// Whether a program runs that is linked as the compiler links ours.
fn runs(folder: &Path, arguments: &[String]) -> bool {
    let (source, program) = (folder.join("probe.c"), folder.join("probe"));
    let text = "#include <math.h>\n#include <stdio.h>\n\
                int main(int n, char **a) { return printf(\"%d\", (int)floor(n)) != 1; }\n";
    if std::fs::write(&source, text).is_err() {
        return false;
    }
    let linked = Command::new("cc")
        .arg("-no-pie")
        .arg(&source)
        .arg("-Wl,-Bdynamic")
        .args(LIBRARIES.iter().map(|(name, _)| format!("-l{name}")))
        .args(arguments)
        .arg("-o")
        .arg(&program)
        .output();
    let linked = linked.is_ok_and(|ran| ran.status.success());
    linked
        && Command::new(&program)
            .output()
            .is_ok_and(|ran| ran.status.success())
}
