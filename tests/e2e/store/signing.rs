//! Commits of the state are signed with git's keys, on demand or as the shared rules require, and
//! invalid signatures are found.

use std::collections::BTreeMap;

use git_pm::internals::store::signatures::{Problem, SignatureFinding};
use git_pm::{Env, Options, Pm};

use crate::support::{Repo, Scene, script_file};

/// Gives a clone its own ssh key and lets it trust all keys of the scene.
pub fn with_key(scene: &Scene, repo: &Repo, who: &str) {
    let key = scene.dir.path().join(format!("key-{who}"));
    let path = key.to_str().unwrap();
    repo.run(
        "ssh-keygen",
        &["-q", "-t", "ed25519", "-N", "", "-C", who, "-f", path],
    )
    .ok();
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    let allowed = scene.dir.path().join("allowed");
    let before = std::fs::read_to_string(&allowed).unwrap_or_default();
    std::fs::write(&allowed, format!("{before}{who}@example.org {public}")).unwrap();
    for (setting, value) in [
        ("gpg.format", "ssh"),
        ("user.signingKey", path),
        ("gpg.ssh.allowedSignersFile", allowed.to_str().unwrap()),
    ] {
        repo.git(&["config", setting, value]).ok();
    }
}

fn is_signed(repo: &Repo, commit: &str) -> bool {
    repo.git(&["cat-file", "commit", commit])
        .ok()
        .out
        .contains("\ngpgsig")
}

fn findings(scene: &Scene, repo: &Repo) -> Vec<SignatureFinding> {
    let config = scene.dir.path().join("home/gitconfig");
    let vars = BTreeMap::from([
        ("PATH".to_string(), std::env::var_os("PATH").unwrap()),
        ("GIT_CONFIG_NOSYSTEM".to_string(), "1".into()),
        ("GIT_CONFIG_GLOBAL".to_string(), config.into()),
    ]);
    let pm = Pm::open(Env::new(repo.path.clone(), vars), Options::default()).unwrap();
    pm.store().signature_findings(1000).unwrap()
}

#[test]
fn writes_are_signed_by_git_pms_setting_and_not_by_that_for_commits() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    with_key(&scene, &a, "ana");
    // The user's setting to sign commits must not require a touch of a hardware key for every
    // write.
    a.git(&["config", "commit.gpgSign", "true"]).ok();
    a.task("Unsigned", &[]);
    assert!(!is_signed(&a, "refs/pm/main"));
    a.pm(&["--sign", "task", "create", "Signed"]).ok();
    a.git(&["verify-commit", "refs/pm/main"]).ok();
    a.git(&["config", "pm.sign", "true"]).ok();
    a.pm(&["task", "edit", "T-0001", "--title", "Signed too"])
        .ok();
    a.git(&["verify-commit", "refs/pm/main"]).ok();
    a.git(&["fsck", "--full", "--strict"]).ok();
    let log = a.data(&["log", "--show-signature"]);
    let verdicts: Vec<&str> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["signature"]["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["good", "good", "none", "none"]);
    assert_eq!(log["items"][0]["signature"]["signer"], "ana@example.org");
    let shown = a.pm(&["log", "--show-signature"]).ok().out;
    assert!(
        shown.contains("good, ana@example.org") && shown.contains("unsigned"),
        "{shown}"
    );
    assert_eq!(findings(&scene, &a), []);
    assert!(!a.path.join(".git/pm").read_dir().unwrap().any(|entry| {
        entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("signing")
    }));
}

#[test]
fn a_write_fails_if_its_key_does_not_work() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let tip = a.tip("refs/pm/main");
    a.git(&["config", "gpg.format", "ssh"]).ok();
    let refused = a.pm(&["--sign", "task", "create", "x"]).exits(5);
    assert!(
        refused.err.contains("user.signingKey is not set"),
        "{}",
        refused.err
    );
    a.git(&["config", "user.signingKey", "/nowhere/key"]).ok();
    a.pm(&["--sign", "task", "create", "x"]).exits(5);
    a.git(&["config", "gpg.ssh.program", "no-such-program"])
        .ok();
    let refused = a.pm(&["--sign", "task", "create", "x"]).exits(5);
    assert!(refused.err.contains("no-such-program"), "{}", refused.err);
    assert_eq!(a.tip("refs/pm/main"), tip);
    assert_eq!(a.git(&["count-objects"]).text(), {
        a.pm(&["--sign", "task", "create", "x"]).exits(5);
        a.git(&["count-objects"]).text()
    });
}

#[test]
fn gpg_is_called_in_the_same_way_as_by_git() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let program = scene.dir.path().join("fake gpg");
    script_file(
        &program,
        "echo \"$@\" >\"$0.args\"\ncat >\"$0.payload\"\n\
         echo '[GNUPG:] SIG_CREATED D 1' >&2\n\
         printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nabc\\n-----END PGP SIGNATURE-----\\n'",
    );
    a.git(&["config", "gpg.program", program.to_str().unwrap()])
        .ok();
    a.pm(&["--sign", "task", "create", "x"]).ok();
    let said = |ending: &str| {
        std::fs::read_to_string(scene.dir.path().join(format!("fake gpg.{ending}"))).unwrap()
    };
    assert_eq!(
        said("args").trim(),
        "--status-fd=2 -bsau Ana <ana@example.org>"
    );
    // The signed text is the commit without its signature.
    let commit = a.git(&["cat-file", "commit", "refs/pm/main"]).ok().out;
    let signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n";
    assert!(commit.contains(signature), "{commit}");
    assert_eq!(commit.replace(signature, ""), said("payload"));
    script_file(
        &program,
        "cat >/dev/null; echo 'gpg: no secret key' >&2; exit 2",
    );
    let refused = a.pm(&["--sign", "task", "create", "y"]).exits(5);
    assert!(refused.err.contains("no secret key"), "{}", refused.err);
}

/// The findings of `fsck` about signatures.
fn signature_findings(repo: &Repo) -> Vec<String> {
    let report = repo.pm(&["fsck", "--json"]).data();
    let findings = report["findings"].as_array().unwrap();
    let codes = findings.iter().map(|f| f["code"].as_str().unwrap());
    codes
        .filter(|code| code.contains("signature") || code.contains("merge"))
        .map(str::to_string)
        .collect()
}

#[test]
fn missing_and_forged_signatures_and_false_merges_are_found() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    with_key(&scene, &a, "ana");
    a.task("Before it was required", &[]);
    a.pm(&["config", "--shared", "pm.branch", "x"]).exits(2);
    a.with("CLAUDECODE", "1")
        .pm(&["config", "--shared", "pm.sign", "true"])
        .exits(1);
    a.pm(&["config", "--shared", "pm.sign", "true"]).ok();
    assert!(is_signed(&a, "refs/pm/main"));
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    with_key(&scene, &b, "ben");
    // Other clones sign without local configuration.
    b.task("Ben's", &[]);
    assert!(is_signed(&b, "refs/pm/main"));
    a.task("Ana's", &[]);
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(findings(&scene, &a), [], "a valid merge is reported");
    let tip = a.tip("refs/pm/main");
    let merges = a
        .git(&["rev-list", "--count", "--min-parents=2", &tip])
        .text();
    assert_ne!(merges, "0");
    assert_eq!(signature_findings(&a), Vec::<String>::new());
    let c = scene.clone_of(&hub, "c", "Cem");
    let unknown = signature_findings(&c);
    assert!(
        !unknown.is_empty(),
        "whose keys these are is not known here"
    );
    assert!(
        unknown.iter().all(|code| code == "signature-unknown"),
        "{unknown:?}"
    );
    c.pm(&["fsck"]).ok();

    let problems = |repo: &Repo| -> Vec<Problem> {
        findings(&scene, repo).iter().map(|f| f.problem).collect()
    };
    b.git(&["config", "pm.sign", "false"]).ok();
    b.pm(&["pull"]).ok();
    b.task("Not signed", &[]);
    assert_eq!(problems(&b), [Problem::Unsigned]);
    assert_eq!(signature_findings(&b), ["signature-missing"]);
    // Other content under Ana's signature. What git fetched would be merged into it.
    a.git(&["update-ref", "-d", "refs/pm-remotes/origin/main"])
        .ok();
    let signed = a
        .git(&["rev-list", "-1", "--max-parents=1", "refs/pm/main"])
        .text();
    let forged = a.git(&["cat-file", "commit", &signed]).ok().out;
    let forged = forged
        .replace("PM-Actor: Ana", "PM-Actor: Eve")
        .replace("PM-Actor: Ben", "PM-Actor: Eve");
    let forged = a
        .feed(
            "git",
            &["hash-object", "-t", "commit", "-w", "--stdin"],
            &forged,
        )
        .text();
    a.git(&["update-ref", "refs/pm/main", &forged]).ok();
    assert!(problems(&a).contains(&Problem::BadSignature));
    assert!(signature_findings(&a).contains(&"signature-bad".to_string()));
    a.pm(&["fsck"]).exits(5);
    let log = a.data(&["log", "--show-signature", "--limit", "1"]);
    assert_eq!(log["items"][0]["signature"]["verdict"], "bad");
    // An ordinary change that claims to be a merge.
    a.git(&["update-ref", "refs/pm/main", &tip]).ok();
    let merge = a.git(&["rev-list", "-1", "--min-parents=2", &tip]).text();
    let parents = a
        .git(&["rev-parse", &format!("{merge}^1"), &format!("{merge}^2")])
        .text();
    let parents: Vec<&str> = parents.lines().collect();
    let message = "merge: join two states\n\nPM-Op: merge\nPM-Clock: 0.0";
    let tree = format!("{}^{{tree}}", parents[0]);
    let forged = a
        .git(&[
            "commit-tree",
            &tree,
            "-p",
            parents[0],
            "-p",
            parents[1],
            "-m",
            message,
        ])
        .text();
    a.git(&["update-ref", "refs/pm/main", &forged]).ok();
    assert_eq!(problems(&a), [Problem::NotTheJoin]);
    assert_eq!(signature_findings(&a), ["merge-not-the-join"]);
}
