//! Link options of the binary on Linux. Dynamic linking and relocation take longer than
//! most commands, so the binary is position-dependent and, if the machine has a static C library,
//! static (`GIT_PM_LINK=dynamic` disables that). Cargo cannot set `crt-static` for one binary, and
//! for all crates it would break procedural macros. So the linker gets static libraries under the
//! names of the dynamic ones.
//!
//! GNU's `malloc` gives each thread its own heap, which keeps what the thread has freed: a run with twelve
//! agents held 10 MB in that way. So the binary starts with two heaps for all threads (`mallopt`).
//!
//! A static GNU library loads what /etc/nsswitch.conf names for users and hosts, and code that was made
//! for the dynamic one crashes in it, as for a user who is not in /etc/passwd. So a static binary looks
//! them up in the files, and hosts also in the DNS, which need no other library.

use std::env::var;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The libraries of the standard library, with their static archives.
const LIBRARIES: [(&str, &[&str]); 7] = [
    ("gcc_s", &["libgcc_eh.a"]),
    ("util", &["libutil.a"]),
    ("rt", &["librt.a"]),
    ("pthread", &["libpthread.a"]),
    ("m", &["libm.a"]),
    ("dl", &["libdl.a"]),
    ("c", &["libc.a", "libgcc_eh.a"]),
];

/// What the standard library uses if it is linked, to start a program without a fork, which copies the
/// page tables of this process. A static library has it only on demand.
const SPAWN: [&str; 2] = [
    "gnu_get_libc_version",
    "posix_spawn_file_actions_addchdir_np",
];

/// Called before `main`. In C, since Rust code here has no unsafe calls.
const BEGIN: &str = "#include <malloc.h>\n#include <nss.h>\n\
    __attribute__((constructor)) static void begin(void) {\n\
    mallopt(M_ARENA_MAX, 2);\n\
    #ifdef STATIC\n\
    __nss_configure_lookup(\"passwd\", \"files\");\n\
    __nss_configure_lookup(\"hosts\", \"files dns\");\n\
    #endif\n}\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=GIT_PM_LINK");
    let is = |key: &str, wanted: &str| var(key).is_ok_and(|value| value == wanted);
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if var("HOST") != var("TARGET") {
        return;
    }
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_ARCH", "x86_64") && links_with_lld() {
        // Functions whose code is the same are there once: 5% of the binary.
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
    let arguments = match is("GIT_PM_LINK", "dynamic") {
        true => None,
        false => static_libraries(),
    };
    if let Some(object) = begin(arguments.is_some()) {
        println!("cargo::rustc-link-arg-bins={}", object.display());
    }
    for argument in arguments.unwrap_or_default() {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}

/// True if the compiler links with the linker that it brings (lld), which it does since 1.90 unless told
/// otherwise.
fn links_with_lld() -> bool {
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    if var("RUSTC_LINKER").is_ok() || !flags.is_empty() {
        return false;
    }
    let compiler = var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let Ok(said) = Command::new(compiler).arg("--version").output() else {
        return false;
    };
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let minor = said.split('.').nth(1).and_then(|minor| minor.parse().ok());
    said.starts_with("rustc 1.") && minor >= Some(90)
}

/// The object file with [`BEGIN`].
fn begin(is_static: bool) -> Option<PathBuf> {
    let folder = PathBuf::from(var("OUT_DIR").ok()?);
    let (source, object) = (folder.join("begin.c"), folder.join("begin.o"));
    std::fs::write(&source, BEGIN).ok()?;
    let mut cc = Command::new("cc");
    cc.args(is_static.then_some("-DSTATIC"));
    cc.arg("-c").arg(&source).arg("-o").arg(&object);
    cc.output().ok()?.status.success().then_some(object)
}

/// The linker arguments; `None` if a program linked with them does not run.
fn static_libraries() -> Option<Vec<String>> {
    let folder = PathBuf::from(var("OUT_DIR").ok()?).join("static");
    std::fs::create_dir_all(&folder).ok()?;
    for (name, archives) in LIBRARIES {
        let archives: Option<Vec<String>> = archives.iter().map(|name| archive(name)).collect();
        // A linker script in place of a library (ld, "Implicit Linker Scripts").
        let script = format!("GROUP({})\n", archives?.join(" "));
        std::fs::write(folder.join(format!("lib{name}.so")), script).ok()?;
    }
    let arguments = vec!["-static".to_string(), format!("-L{}", folder.display())];
    let mut spawning = arguments.clone();
    spawning.extend(SPAWN.map(|symbol| format!("-Wl,-u,{symbol}")));
    // An old C library lacks the second.
    let mut both = [spawning, arguments].into_iter();
    both.find(|arguments| runs(&folder, arguments))
}

/// The path of an archive, from the C compiler.
fn archive(name: &str) -> Option<String> {
    let found = Command::new("cc")
        .arg(format!("-print-file-name={name}"))
        .output()
        .ok()?;
    let path = String::from_utf8(found.stdout).ok()?.trim().to_string();
    // For an unknown file, the compiler prints the name unchanged.
    let usable = Path::new(&path).is_absolute() && !path.contains([' ', '"', ')']);
    usable.then_some(path)
}

/// True if a test program that is linked in the same way runs.
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
