// written by git pm install hooks
// Asks git pm before an edit tool runs: files that another actor reserved in mode edit stay as they
// are.
import { spawnSync } from "node:child_process"

export const GitPm = async ({ directory }) => ({
  "tool.execute.before": async (input, output) => {
    if (!["edit", "write", "patch", "apply_patch", "multiedit"].includes(input.tool)) return
    const event = {
      hook_event_name: "BeforeTool",
      cwd: directory,
      tool_name: input.tool,
      tool_input: output.args,
    }
    const ran = spawnSync("git", ["pm", "hook", "pre-tool"], {
      cwd: directory,
      input: JSON.stringify(event),
      encoding: "utf8",
      timeout: 10000,
    })
    let answer = {}
    try {
      answer = JSON.parse(ran.stdout || "{}")
    } catch {
      return
    }
    if (answer.decision === "deny") throw new Error(answer.reason)
  },
})
