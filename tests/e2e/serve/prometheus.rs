//! OB-06: the real Prometheus reads the metrics, and accepts the alert rules. Without the program these
//! tests say that they were skipped, or fail if `GIT_PM_REQUIRE_TOOLS=1`.

use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Answer, Server, token};
use crate::support::set_up;

/// True if the program is installed.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        let required = std::env::var_os("GIT_PM_REQUIRE_TOOLS").is_some_and(|v| v == "1");
        assert!(
            !required,
            "{program} is not installed, and GIT_PM_REQUIRE_TOOLS=1 asks for it"
        );
        eprintln!("skipped: {program} is not installed");
    }
    found
}

/// A process that ends with its value.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn ob_06_promtool_accepts_metrics_and_rules() {
    if !has("promtool") {
        return;
    }
    let (_scene, repo) = set_up();
    repo.task("Draw the page", &[]);
    let ana = token(&repo, "ana", &[]);
    let server = Server::start(&repo, &[]);
    server.with(&ana, "POST", "/api/v1/task/create", r#"{"title":"x"}"#);
    let metrics = server.get("/metrics").body;
    let mut check = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    check
        .stdin
        .take()
        .unwrap()
        .write_all(metrics.as_bytes())
        .unwrap();
    let done = check.wait_with_output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/alerts.yml");
    let done = Command::new("promtool")
        .args(["check", "rules"])
        .arg(rules)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    // Rules and dashboard name only metrics that there are.
    for file in ["docs/alerts.yml", "docs/grafana.json"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let names = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        for name in names.filter(|word| word.starts_with("gitpm_")) {
            let base = name.trim_end_matches("_bucket");
            assert!(
                metrics.contains(&format!("# TYPE {base} ")),
                "{name} in {file}"
            );
        }
    }
}

#[test]
fn ob_06_a_real_prometheus_scrapes() {
    if !has("prometheus") {
        return;
    }
    let (scene, repo) = set_up();
    repo.task("Draw the page", &[]);
    let server = Server::start(&repo, &[]);
    let folder = scene.dir.path().join("prometheus");
    std::fs::create_dir_all(&folder).unwrap();
    let config = format!(
        "global: {{ scrape_interval: 1s }}\nscrape_configs:\n  - job_name: git-pm\n    static_configs: \
         [{{ targets: ['{}'] }}]\n",
        server.address
    );
    std::fs::write(folder.join("config.yml"), config).unwrap();
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let prometheus = Command::new("prometheus")
        .arg(format!(
            "--config.file={}",
            folder.join("config.yml").display()
        ))
        .arg(format!(
            "--storage.tsdb.path={}",
            folder.join("data").display()
        ))
        .arg(format!("--web.listen-address={free}"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _prometheus = Ends(prometheus);
    let start = Instant::now();
    loop {
        let query = "GET /api/v1/query?query=gitpm_ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let text = super::raw_at(free, query.as_bytes()).unwrap_or_default();
        if text.contains("\"gitpm_ready\"") {
            let answer = Answer::of(&text);
            assert!(answer.body.contains(",\"1\"]"), "{}", answer.body);
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{text}");
        std::thread::sleep(Duration::from_millis(200));
    }
}
