#!/usr/bin/env python3
"""A scripted agent that speaks the Agent Client Protocol: agent.py SCENARIO OUT.

Every line that it hears is added to OUT/TASK.heard, so that a test can see what the client said.
"""
import json
import os
import subprocess
import sys
import time

scenario, out = sys.argv[1], sys.argv[2]
task = os.environ["GIT_PM_TASK"]
session = "ses_" + task.replace("-", "")


def note(name, text):
    with open(os.path.join(out, f"{task}.{name}"), "a") as file:
        file.write(text + "\n")


def say(message):
    raw(json.dumps({"jsonrpc": "2.0", **message}))


def raw(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def hear():
    line = sys.stdin.readline()
    if not line:
        note("heard", "EOF")
        sys.exit(0)
    note("heard", line.strip())
    return json.loads(line)


def update(update_kind, **fields):
    say({"method": "session/update", "params": {
        "sessionId": session, "update": {"sessionUpdate": update_kind, **fields}}})


def text(*pieces):
    for piece in pieces:
        update("agent_message_chunk", content={"type": "text", "text": piece})


def answer_to(number):
    while True:
        message = hear()
        if message.get("id") == number and "method" not in message:
            return message


def ask(number, call, options=None):
    """Asks for permission; the id of the chosen option, or the outcome."""
    # Order and ids say nothing: only kinds do.
    options = options or [
        {"optionId": "no", "name": "Allow", "kind": "reject_once"},
        {"optionId": "0", "name": "Always", "kind": "allow_always"},
        {"optionId": "reject", "name": "Never", "kind": "allow_once"},
    ]
    say({"id": number, "method": "session/request_permission", "params": {
        "sessionId": session, "toolCall": call, "options": options}})
    outcome = answer_to(number)["result"]["outcome"]
    return outcome.get("optionId", outcome["outcome"])


def commit():
    with open(f"{task}.txt", "w") as file:
        file.write(task + "\n")
    subprocess.run(["git", "add", "-A"], check=True, stdout=sys.stderr)
    subprocess.run(["git", "commit", "-q", "-m", f"Work on {task}"], check=True, stdout=sys.stderr)


def end(prompt, reason="end_turn", **more):
    say({"id": prompt["id"], "result": {"stopReason": reason, **more}})


def happy(prompt):
    text("I wr", "ite \x1b[31mthe file.")
    update("tool_call", toolCallId="c1", title="edit", kind="edit", status="pending")
    path = os.path.join(os.getcwd(), f"{task}.txt")
    chosen = ask(0, {"toolCallId": "c1", "title": f"{task}.txt", "kind": "edit",
                     "locations": [{"path": path}]})
    note("chosen", chosen)
    update("tool_call_update", toolCallId="c1", status="in_progress")
    commit()
    update("tool_call_update", toolCallId="c1", status="completed")
    update("usage_update", used=1000, size=100000, cost={"amount": 0.25, "currency": "USD"})
    text("Done.")
    end(prompt, usage={"inputTokens": 800, "cachedReadTokens": 200, "outputTokens": 50,
                       "totalTokens": 1050})


def outside(prompt):
    for number, call in enumerate([
        {"kind": "edit", "locations": [{"path": "/etc/motd"}]},
        {"kind": "execute", "title": "cat ../../secret"},
        {"kind": "execute", "rawInput": {"command": "git status && cat /etc/hostname"}},
    ]):
        call = {"toolCallId": f"c{number}", **call}
        note("chosen", ask(f"uuid-{number}", call))
    only = [{"optionId": "all", "name": "All", "kind": "allow_always"}]
    inside = {"toolCallId": "c9", "kind": "edit", "locations": [{"path": "src/main.rs"}]}
    note("chosen", ask(99, inside, only))
    commit()
    end(prompt)


def works(prompt):
    """Works until it is cancelled, with a tool in a session of its own."""
    tool = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    update("tool_call", toolCallId="c1", title="sleep 1000", kind="execute", status="in_progress")
    note("pid", str(os.getpid()))
    while hear().get("method") != "session/cancel":
        pass
    tool.kill()
    tool.wait()
    end(prompt, "cancelled")


def garbage(prompt):
    raw("npm warn a banner on standard output")
    raw("")
    raw("{\"jsonrpc\": \"2.0\", broken")
    raw("[" * 100000)
    raw("\x1b]0;title\x07\x1b[2J")
    say({"id": 4711, "result": {"stopReason": "end_turn"}})
    say({"id": None, "result": {}})
    say({"method": "$/unknown", "params": []})
    say({"method": "session/update"})
    update("no_such_update", toolCallId=[1, 2], content="text")
    update("tool_call", toolCallId={"a": 1}, status=7, title=["x"], locations="here")
    say({"id": "t1", "method": "terminal/create", "params": {"command": "sh"}})
    note("terminal", str(answer_to("t1")["error"]["code"]))
    say({"id": 5, "method": "fs/write_text_file", "params": {"path": "/etc/motd", "content": ""}})
    note("terminal", str(answer_to(5)["error"]["code"]))
    happy(prompt)


def drowns(prompt):
    while True:
        raw("{ this is no message")


def huge(prompt):
    say({"id": 7, "method": "session/request_permission", "params": {
        "toolCall": {"title": "x" * (6 << 20)}}})
    note("huge", str(answer_to(7)["error"]["code"]))
    update("tool_call", toolCallId="c1", title="big", kind="read", status="completed",
           rawOutput={"text": "y" * (3 << 20)})
    text(*["z" * 100000] * 20)
    happy(prompt)


def dies(prompt):
    text("I begin.")
    sys.exit(0)


def crashes(prompt):
    print("cannot go on: connection reset", file=sys.stderr)
    sys.exit(3)


def silent(prompt):
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    note("pid", str(os.getpid()))
    time.sleep(1000)


def fails(prompt):
    say({"id": prompt["id"], "error": {"code": -32000, "message": "Authentication required",
                                       "data": {"details": "no \x1b[31mkey"}}})


def cut_short(prompt):
    commit()
    end(prompt, "max_tokens")


def twice(prompt):
    """Commits only when it goes on with the session of the first time."""
    if is_continued:
        happy(prompt)
    else:
        update("usage_update", used=1, size=2, cost={"amount": 0.5, "currency": "USD"})
        end(prompt)


def stays(prompt):
    happy(prompt)
    hear_nothing = sys.stdin.read()
    note("after", repr(hear_nothing))
    time.sleep(1000)


act = {"load": twice, "resume": twice, "lost": twice}.get(scenario) or globals()[scenario]
is_continued = False
capabilities = {"loadSession": scenario in ("load", "lost"),
                "sessionCapabilities": {"resume": {}} if scenario == "resume" else {}}
if scenario == "silent":
    silent(None)
while True:
    request = hear()
    method, number = request.get("method"), request.get("id")
    if method == "initialize":
        say({"id": number, "result": {"protocolVersion": 2 if scenario == "later" else 1,
                                      "agentCapabilities": capabilities}})
    elif method == "session/new":
        assert request["params"]["cwd"] == os.getcwd()
        is_continued = is_continued or scenario == "lost" and os.path.exists(
            os.path.join(out, f"{task}.lost"))
        say({"id": number, "result": {"sessionId": session}})
    elif method in ("session/load", "session/resume"):
        if scenario == "lost":
            note("lost", request["params"]["sessionId"])
            say({"id": number, "error": {"code": -32002, "message": "no such session"}})
            continue
        is_continued = request["params"]["sessionId"] == session
        if method == "session/load":
            text("What was said before.")
            update("usage_update", used=1, size=2, cost={"amount": 0.5, "currency": "USD"})
        say({"id": number, "result": {}})
    elif method == "session/prompt":
        note("prompt", request["params"]["prompt"][0]["text"])
        act(request)
