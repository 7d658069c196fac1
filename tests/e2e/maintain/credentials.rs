//! `doctor` on tokens and keys that are old.

use serde_json::Value;

use crate::support::{Repo, set_up};

#[test]
fn se_16_doctor_warns_of_old_credentials() {
    let (_scene, repo) = set_up();
    let found = |repo: &Repo| -> Vec<(String, String)> {
        let all = repo.pm(&["--json", "doctor"]).data()["findings"].clone();
        let all = all.as_array().unwrap().iter();
        let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_string();
        all.filter(|one| one["check"] == "credentials")
            .map(|one| (text(one, "level"), text(one, "message")))
            .collect()
    };
    assert_eq!(found(&repo), []);
    let then = repo.when("2026-01-01T00:00:00Z");
    then.pm(&["serve", "token", "add", "ana"]).ok();
    repo.when("2026-03-01T00:00:00Z")
        .pm(&["serve", "token", "add", "ben"])
        .ok();
    repo.write("app.pem", "key");
    let key = repo.path.join("app.pem");
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_225_600);
    std::fs::File::open(&key)
        .unwrap()
        .set_modified(time)
        .unwrap();
    repo.pm(&["config", "pm.githubAppKey", key.to_str().unwrap()])
        .ok();
    assert_eq!(
        found(&repo.when("2026-04-01T00:00:00Z")),
        [("ok".to_string(), "none is older than 90 days".to_string())]
    );
    let old = found(&repo.when("2026-04-02T00:00:00Z"));
    let all: Vec<&str> = old.iter().map(|(_, message)| message.as_str()).collect();
    assert_eq!(
        all[0],
        "the token of ana is 91 days old (pm.credentialDays is 90)"
    );
    assert!(
        all[1].ends_with("app.pem is 91 days old (pm.credentialDays is 90)"),
        "{all:?}"
    );
    assert!(
        old.len() == 2 && old.iter().all(|(level, _)| level == "note"),
        "{old:?}"
    );
    repo.pm(&["config", "pm.credentialDays", "never"]).ok();
    assert_eq!(found(&repo.when("2026-04-02T00:00:00Z")), []);
}
