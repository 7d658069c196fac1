//! RV-08: paths that only a human lets pass, and that have owners in CODEOWNERS, wait for these.

use super::{not_merged, worked};
use crate::serve::{Server, token};
use crate::support::forge::{path_of, put_as, read};
use crate::support::{Ran, Repo, Scene, agent, set_up};

/// A repository whose target has this CODEOWNERS file.
fn owned(text: &str) -> (Scene, Repo) {
    let (scene, repo) = set_up();
    repo.write(".github/CODEOWNERS", text);
    repo.commit_all("Owners");
    (scene, repo)
}

/// A person with an e-mail address of their own.
fn person(repo: &Repo, name: &str) -> Repo {
    repo.by(name)
        .with("GIT_AUTHOR_NAME", name)
        .with("GIT_AUTHOR_EMAIL", &format!("{name}@example.org"))
}

/// Submitted work on these files, and its worktree.
fn submitted(repo: &Repo, files: &[&str]) -> (String, Repo) {
    let (id, place) = worked(repo, "task", files[0]);
    for file in &files[1..] {
        place.write(file, "new\n");
        place.commit_all("More");
    }
    repo.pm(&["finish", &id]).ok();
    (id, place)
}

fn approve(person: &Repo, id: &str) -> Ran {
    person.pm(&["task", "approve", id]).ok()
}

/// Requires that a merge waits for owners, and says all of these.
#[track_caller]
fn waits(repo: &Repo, id: &str, says: &[&str]) {
    not_merged(repo, id);
    let error = repo.pm(&["--json", "merge", id]).error();
    assert_eq!(error["reason"], "approval.owner_missing", "{error}");
    let all = error.to_string();
    says.iter()
        .for_each(|one| assert!(all.contains(one), "{one}: {all}"));
}

#[test]
fn rv_08_a_protected_path_is_merged_once_an_owner_approved_it() {
    let (_scene, repo) = owned("* nobody@example.org\n/.github/ ben@example.org @ben\n");
    // Other paths have owners, too, whom nobody has to ask.
    let (free, _) = submitted(&repo, &["src/free.rs"]);
    approve(&repo, &free);
    repo.pm(&["merge", &free]).ok();

    let (id, _) = submitted(&repo, &[".github/ci.yml"]);
    let says = [".github/ci.yml (ben@example.org or @ben)", "main"];
    let told = approve(&repo, &id);
    assert!(told.err.contains(says[0]), "{}", told.err);
    waits(&repo, &id, &says);
    waits(&repo, &id, &[&format!("git pm task approve {id}")]);
    let queue = repo.pm(&["--json", "merge", "--queue"]).exits(1).out;
    assert!(queue.contains("approval.owner_missing"), "{queue}");
    // Another person who is no owner, and an agent with the owner's address.
    approve(&person(&repo, "cleo"), &id);
    let bot = agent(&person(&repo, "ben"));
    bot.pm(&["task", "approve", &id]).exits(1);
    waits(&repo, &id, &says);
    approve(&person(&repo, "ben"), &id);
    repo.pm(&["merge", &id]).ok();
}

/// An approval with the token of another person is not one of whoever runs the server.
#[test]
fn rv_08_a_token_does_not_have_the_address_of_the_server() {
    let (_scene, repo) = owned("/infra/ ben@example.org\n");
    let ben = person(&repo, "ben");
    let (id, _) = submitted(&repo, &["infra/a"]);
    let zoe = token(&repo, "zoe", &["--scope", "approve"]);
    let server = Server::start(&ben, &[]);
    let body = format!("{{\"id\":\"{id}\"}}");
    let approved = server.with(&zoe, "POST", "/api/v1/task/approve", &body);
    assert_eq!(approved.data()["approval"]["by"], "zoe");
    waits(&repo, &id, &["infra/a (ben@example.org)"]);
    approve(&ben, &id);
    repo.pm(&["merge", &id]).ok();
}

#[test]
fn rv_08_each_path_needs_an_owner_of_the_same_commit() {
    let (_scene, repo) = owned("infra/ ben@example.org\nsecrets/ cleo@example.org\n");
    let [ben, cleo] = ["ben", "cleo"].map(|name| person(&repo, name));
    let (id, place) = submitted(&repo, &["infra/a", "secrets/b"]);
    approve(&ben, &id);
    waits(&repo, &id, &["secrets/b (cleo@example.org)"]);
    // Ben did not see the next commit.
    place.write("infra/c", "new\n");
    place.commit_all("More");
    repo.pm(&["finish", &id]).ok();
    approve(&cleo, &id);
    waits(&repo, &id, &["infra/a (ben@example.org), infra/c"]);
    approve(&ben, &id);
    repo.pm(&["merge", &id]).ok();
}

/// RV-08: CODEOWNERS and the people behind owners are those of the target.
#[test]
fn rv_08_work_does_not_choose_its_owners() {
    let (_scene, repo) = owned("/.github/ ben@example.org @org/team\n");
    let ana = person(&repo, "ana");
    let (id, place) = worked(&ana, "task", ".github/ci.yml");
    place.write(".github/CODEOWNERS", "* ana@example.org\n");
    let people = "[owners]\n\"ben@example.org\" = [\"ana@example.org\"]\n\
                  \"@org/team\" = [\"ana@example.org\"]\n";
    place.write(".pm.toml", people);
    place.commit_all("Mine");
    ana.pm(&["finish", &id]).ok();
    approve(&ana, &id);
    waits(
        &repo,
        &id,
        &[".github/ci.yml (ben@example.org or @org/team)"],
    );
    approve(&person(&repo, "ben"), &id);
    repo.pm(&["merge", &id]).ok();
    // Merged, it says so.
    let (next, _) = submitted(&repo, &[".github/next.yml"]);
    approve(&ana, &next);
    repo.pm(&["merge", &next]).ok();
}

#[test]
fn rv_08_the_last_line_that_matches_says_who_owns_a_path() {
    let (_scene, repo) = owned(
        "/infra/ ben@example.org\n/infra/open/ # nobody\n/infra/a\\ b/ cleo@example.org\n\
         /infra/[x] ana@example.org\n",
    );
    for (file, owner) in [
        ("infra/x", Some("ben")),
        ("infra/open/x", None),
        ("infra/a b/x", Some("cleo")),
    ] {
        let (id, _) = submitted(&repo, &[file]);
        let told = approve(&person(&repo, "ana"), &id).err;
        assert!(told.contains("not valid and do not count: 4"), "{told}");
        if let Some(owner) = owner {
            waits(&repo, &id, &[&format!("{file} ({owner}@example.org)")]);
            approve(&person(&repo, owner), &id);
        }
        repo.pm(&["merge", &id]).ok();
    }
}

/// A team and a user that nothing maps to a person pass nobody; the refusal says what to write.
#[test]
fn rv_08_teams_and_users_are_people_that_the_target_names() {
    let (_scene, repo) = owned("/infra/ @org/team\n/secrets/ @Ben\n");
    let ben = person(&repo, "ben");
    let (id, _) = submitted(&repo, &["infra/a"]);
    approve(&ben, &id);
    let line = "commit \\\"@org/team\\\" = [\\\"ADDRESS\\\"] under [owners] of .pm.toml on main";
    waits(&repo, &id, &["infra/a (@org/team)", line]);
    repo.write(
        ".pm.toml",
        "[owners]\n\"@org/team\" = [\"x@example.org\", \"Ben@example.org\"]\n",
    );
    repo.commit_all("Team");
    // What decides has changed, so that the approval is given again.
    approve(&ben, &id);
    repo.pm(&["merge", &id]).ok();

    let (id, _) = submitted(&repo, &["secrets/a"]);
    approve(&ben, &id);
    waits(&repo, &id, &["\\\"@Ben\\\" = "]);
    let hosted = "7+ben@users.noreply.github.com";
    approve(&ben.with("GIT_AUTHOR_EMAIL", hosted), &id);
    repo.pm(&["merge", &id]).ok();
}

/// RV-08: a review says who can be asked.
#[test]
fn rv_08_a_review_names_the_owners_of_what_changes() {
    let (_scene, repo) = owned("*.rs @rust ben@example.org\n*.md @docs\n");
    let (id, _) = submitted(&repo, &["src/a.rs"]);
    let ran = repo.pm(&["--json", "review", &id]).json();
    let owners = ran["data"]["owners"].to_string();
    assert_eq!(owners, "[\"@rust\",\"ben@example.org\"]", "{ran}");
    let told = repo.pm(&["review", &id]).out;
    assert!(
        told.contains("owners to ask: @rust, ben@example.org"),
        "{told}"
    );
    let comment = repo.data(&["finding", "comment", &id])["text"].to_string();
    assert!(
        comment.contains("Owners: `@rust`, `ben@example.org`"),
        "{comment}"
    );
}

/// The first file of GitHub's order counts. One that is too large stops what might have owners.
#[test]
fn rv_08_the_first_codeowners_file_counts() {
    let (_scene, repo) = set_up();
    let files = [
        ".github/CODEOWNERS",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        ".gitlab/CODEOWNERS",
    ];
    for (n, file) in files.iter().enumerate() {
        repo.write(file, &format!("/infra/ p{n}@example.org\n"));
    }
    repo.commit_all("Owners");
    let (id, _) = submitted(&repo, &["infra/a"]);
    approve(&repo, &id);
    for (n, file) in files.iter().enumerate() {
        waits(&repo, &id, &[&format!("infra/a (p{n}@example.org)")]);
        if n == 2 {
            repo.write(file, &"#\n".repeat(3 << 19));
            repo.write(file, &format!("{}\n", repo.read(file)));
            repo.commit_all("Too large");
            let refused = not_merged(&repo, &id);
            let why = "docs/CODEOWNERS is larger than 3 MB";
            assert!(refused.err.contains(why), "{}", refused.err);
        }
        repo.git(&["rm", "-q", file]).ok();
        repo.commit_all("Without");
    }
    repo.pm(&["merge", &id]).ok();
}

/// An address that a plain commit of the state puts into an approval does not count, nor does the
/// next approval take it over.
#[test]
fn rv_08_a_forged_address_is_not_taken_over() {
    let (_scene, repo) = owned("/infra/ ben@example.org\n");
    let ana = person(&repo, "ana");
    let (id, _) = submitted(&ana, &["infra/a"]);
    approve(&ana, &id);
    let path = path_of(&repo, &id);
    let text = read(&repo, &path);
    let forged = text.replace("ana@example.org", "ben@example.org");
    assert_ne!(forged, text);
    put_as(
        &repo,
        &path,
        &forged,
        &["-m", "x\n\nPM-Op: x\nPM-Clock: 1767225600000.9"],
    );
    let error = repo.pm(&["--json", "merge", &id]).error();
    assert_eq!(error["reason"], "approval.not_valid", "{error}");
    approve(&ana, &id);
    waits(&repo, &id, &["infra/a (ben@example.org)"]);
}

/// Who owns nothing cannot become an owner: not by a file that takes the place of the present one, nor by names.
#[test]
fn rv_08_nobody_makes_themselves_an_owner() {
    let (_scene, repo) = set_up();
    repo.write("CODEOWNERS", "/infra/ ben@example.org\n");
    repo.commit_all("Owners");
    for file in [".github/CODEOWNERS", ".pm.toml"] {
        let (id, _) = submitted(&repo, &[file]);
        approve(&repo, &id);
        waits(&repo, &id, &[&format!("{file} (ben@example.org)")]);
    }
    // Where files have no case, this one lands in the same folder.
    let (id, _) = submitted(&repo, &["Infra/a.tf"]);
    approve(&repo, &id);
    waits(&repo, &id, &["Infra/a.tf (ben@example.org)"]);
}

/// An owner's approval is of what decided then: somebody else does not renew it after that has changed.
#[test]
fn rv_08_an_approval_that_lapsed_is_not_carried_over() {
    let (_scene, repo) = owned("/infra/ ben@example.org\n");
    let (id, _) = submitted(&repo, &["infra/a"]);
    approve(&person(&repo, "ben"), &id);
    repo.write(".pm.toml", "[gates]\ntest = 'true'\n");
    repo.commit_all("Gates");
    repo.pm(&["trust", "--yes"]).ok();
    not_merged(&repo, &id);
    approve(&repo, &id);
    waits(&repo, &id, &["infra/a (ben@example.org)"]);
    approve(&person(&repo, "ben"), &id);
    repo.pm(&["merge", &id]).ok();
}
