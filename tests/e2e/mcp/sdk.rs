//! The server and a client that was not written here: the official SDK of the protocol, from npm
//! (`GIT_PM_MCP_SDK_DIR` names the folder with its `node_modules`). Otherwise the test reports that
//! it was skipped, or fails if `GIT_PM_REQUIRE_TOOLS=1`.

use std::path::PathBuf;

use crate::support::{Scene, binary};

fn sdk() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("GIT_PM_MCP_SDK_DIR")?);
    let found = folder
        .join("node_modules/@modelcontextprotocol/sdk/package.json")
        .is_file();
    found.then_some(folder)
}

/// MS-05, IN-16: it lists and calls every tool, checks each result against the schema of the tool,
/// reads every resource and gets every prompt.
#[test]
fn in_16_the_official_client_calls_every_tool_and_reads_every_resource() {
    let Some(sdk) = sdk() else {
        let required = std::env::var_os("GIT_PM_REQUIRE_TOOLS").is_some_and(|v| v == "1");
        assert!(
            !required,
            "the MCP SDK (GIT_PM_MCP_SDK_DIR) is not installed, and GIT_PM_REQUIRE_TOOLS=1 asks for it"
        );
        println!("skipped: the MCP SDK is not installed");
        return;
    };
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.pm(&["init"]).ok();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/every_tool.mjs");
    let ran = repo
        .with("GIT_PM_MCP_SDK_DIR", sdk.to_str().expect("UTF-8"))
        .run("node", &[script, binary()])
        .ok();
    println!("{}", ran.out);
    assert!(ran.out.contains("every tool was called"), "{}", ran.out);
}
