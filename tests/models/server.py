#!/usr/bin/env python3
"""A model server on 127.0.0.1 for tests with real coding agents: server.py SECONDS

It speaks, streaming, OpenAI's Chat Completions and Responses and Gemini's generateContent, and prints
its port. The model works with the agent's own tools: asked a second time in one session, it writes a
file and commits its work. If the prompt says `scenario-lost-session`, it does so also when a new session is
told what was missing; if it says `scenario-sleep`, it runs `sleep SECONDS`. If it says `scenario-plan`, it
writes a plan with a criterion of its own, and without line 6 until it is told that this line is open. How
far it is follows from the request alone: from what it said before, what it is told, and the number of tool
results after the last prompt.
"""
import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = ('echo "$GIT_PM_TASK" > "$GIT_PM_TASK.txt" && git add -A'
          ' && git commit -q -m "Work on $GIT_PM_TASK"')
NOTE = ("note.txt", "a note\n")
PLAN = """\
# Choir
### absence. Say that one misses a rehearsal
lines: 3
- L3
- it works without an account
### view. Show who is missing
lines: 5
after: absence: nothing is shown before
- L5
"""
FORGOTTEN = """\
### mail. Remind singers
lines: 6
- L6
"""
NOT_WORK = """\
## Not work
- 10: background
"""
IS_TOLD = "line 6 of the document: no task covers it"
NOT_YET = "I have not committed anything yet."
SHELLS = {
    "exec_command": lambda line: {"cmd": line},
    "bash": lambda line: {"command": line, "description": "work"},
    "run_shell_command": lambda line: {"command": line, "description": "work"},
}
WRITERS = {
    "write": lambda path, text: {"filePath": path, "content": text},
    "write_file": lambda path, text: {"file_path": path, "content": text},
}


def word(body):
    """What is said instead of a call."""
    text = json.dumps(body)
    is_again = NOT_YET in text or ("scenario-lost-session" in text and "no commits ahead" in text)
    return "Done." if is_again or "scenario-plan" in text else NOT_YET


def plan(body):
    """The text of the plan, with what the prompt says is missing."""
    return PLAN + (FORGOTTEN if IS_TOLD in json.dumps(body) else "") + NOT_WORK


def choose(offered, done, body):
    """The next tool and its arguments, or None for the last word."""
    shell = next((name for name in SHELLS if name in offered), None)
    writer = next((name for name in WRITERS if name in offered), None)
    if shell is None:
        return None
    if "scenario-sleep" in json.dumps(body):
        steps = [f"sleep {sys.argv[1]}"]
    elif "scenario-plan" in json.dumps(body):
        steps = [("PLAN.md", plan(body))]
    elif word(body) == NOT_YET:
        return None
    else:
        steps = [NOTE, COMMIT]
    if done >= len(steps):
        return None
    step = steps[done]
    if isinstance(step, str):
        return shell, SHELLS[shell](step)
    if writer:
        return writer, WRITERS[writer](*step)
    path, text = step
    return shell, SHELLS[shell](f"cat > {path} <<'END'\n{text}END")


def since_prompt(kinds):
    """The number of results after the last prompt, of a list of `prompt`, a number, or None."""
    count = 0
    for kind in kinds:
        count = 0 if kind == "prompt" else count + (kind or 0)
    return count


def chat(body):
    offered = {tool["function"]["name"] for tool in body.get("tools") or []}
    kinds = [{"user": "prompt", "tool": 1}.get(one["role"]) for one in body["messages"]]
    call = choose(offered, since_prompt(kinds), body)
    base = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "fake-model"}
    delta = {"role": "assistant", "content": word(body) if call is None else None}
    if call:
        function = {"name": call[0], "arguments": json.dumps(call[1])}
        delta["tool_calls"] = [{"index": 0, "id": f"call_{since_prompt(kinds)}",
                                "type": "function", "function": function}]
    reason = "tool_calls" if call else "stop"
    yield base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield base | {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}
    yield base | {"choices": [], "usage": {
        "prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050,
        "prompt_tokens_details": {"cached_tokens": 200}}}


def responses(body):
    offered = {tool.get("name") for tool in body.get("tools") or []}
    items = [item for item in body["input"] if isinstance(item, dict)]
    kinds = ["prompt" if item.get("role") == "user"
             else int(str(item.get("type")).endswith("_call_output")) for item in items]
    call = choose(offered, since_prompt(kinds), body)
    if call:
        item = {"type": "function_call", "id": "fc_1", "call_id": f"call_{since_prompt(kinds)}",
                "name": call[0], "arguments": json.dumps(call[1]), "status": "completed"}
    else:
        item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": word(body), "annotations": []}]}
    response = {"id": "resp_1", "object": "response", "created_at": 1, "model": "fake-model"}
    yield {"type": "response.created",
           "response": response | {"status": "in_progress", "output": []}}
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    yield {"type": "response.completed", "response": response | {
        "status": "completed", "output": [item], "usage": {
            "input_tokens": 1000, "input_tokens_details": {"cached_tokens": 200},
            "output_tokens": 50, "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 1050}}}


def gemini(body):
    offered = {function["name"] for tool in body.get("tools") or []
               for function in tool.get("functionDeclarations") or []}
    users = [one for one in body["contents"] if one.get("role") != "model"]
    kinds = [sum("functionResponse" in part for part in one["parts"]) or "prompt" for one in users]
    call = choose(offered, since_prompt(kinds), body)
    part = {"functionCall": {"name": call[0], "args": call[1]}} if call else {"text": word(body)}
    yield {"candidates": [{"index": 0, "content": {"role": "model", "parts": [part]},
                           "finishReason": "STOP"}],
           "usageMetadata": {"promptTokenCount": 1000, "cachedContentTokenCount": 200,
                             "candidatesTokenCount": 50, "totalTokenCount": 1050}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(404, "application/json", b"{}")

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        path = self.path.split("?")[0]
        if path.endswith("/chat/completions"):
            events = chat(body)
        elif path.endswith("/responses"):
            events = responses(body)
        elif re.search(r"/models/[^/]+:streamGenerateContent$", path):
            events = gemini(body)
        elif re.search(r"/models/[^/]+:generateContent$", path):
            return self.answer(200, "application/json", json.dumps(next(gemini(body))).encode())
        else:
            return self.answer(404, "application/json", b"{}")
        lines = []
        for event in events:
            kind = f"event: {event['type']}\n" if "type" in event else ""
            lines.append(f"{kind}data: {json.dumps(event)}\n\n")
        if path.endswith("/chat/completions"):
            lines.append("data: [DONE]\n\n")
        self.answer(200, "text/event-stream", "".join(lines).encode())

    def answer(self, status, kind, body):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_port, flush=True)
server.serve_forever()
