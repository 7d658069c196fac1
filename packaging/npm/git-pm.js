#!/usr/bin/env node
// Starts the program of the package for this platform, which npm installs as an optional dependency.
const { spawnSync } = require("node:child_process");
const { constants } = require("node:os");

const name = `git-pm-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${name}/git-pm`);
} catch {
  console.error(`error: the package ${name} is not installed: no binary for this platform, or optional packages are off`);
  process.exit(5);
}
const ran = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (ran.error) {
  console.error(`error: cannot start ${program}: ${ran.error.message}`);
  process.exit(5);
}
process.exit(ran.status ?? 128 + (constants.signals[ran.signal] ?? 0));
