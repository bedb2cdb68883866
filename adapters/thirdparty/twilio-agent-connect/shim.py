"""Puts twilio-agent-connect behind the validator protocol: the dependencies that its server puts before
its routes get the request, or the handshake, as uvicorn hands it to FastAPI."""

import asyncio
import base64
import json
import logging
import sys
from urllib.parse import unquote

from fastapi import FastAPI, HTTPException, Request, WebSocket, WebSocketDisconnect
from tac.server.signature_validation import build_http_signature_dependency, build_websocket_signature_dependency

logging.disable(logging.CRITICAL)
application = FastAPI()


async def answer(asked):
    """Answers one request of the protocol."""
    scheme, found, rest = asked["url"].partition("://")
    if not found or scheme not in ("http", "https", "ws", "wss"):
        return {"unsupported": "uvicorn serves http, https, ws and wss"}
    end = next((i for i, c in enumerate(rest) if c in "/?#"), len(rest))
    host, target = rest[:end], rest[end:].split("#")[0]  # no client sends a fragment
    if "@" in host:
        return {"unsupported": "no client sends user and password in a target"}
    if scheme in ("http", "https") and asked["method"] != "POST":
        return {"unsupported": "its documentation has it before POST routes only"}
    if any(c <= " " or c >= "\x7f" for c in host + target):
        return {"unsupported": "no server takes such a target"}
    path, _, query = target.partition("?")
    body = base64.b64decode(asked["bodyBase64"]) if "bodyBase64" in asked else asked.get("body", "").encode()
    headers = [(b"host", host.encode())]
    for field, name in (("contentType", b"content-type"), ("signature", b"x-twilio-signature")):
        if field in asked:
            headers.append((name, asked[field].encode("utf-8", "surrogateescape")))
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked["method"], "scheme": scheme,
        "path": unquote(path or "/"), "raw_path": (path or "/").encode(), "query_string": query.encode(), "root_path": "",
        "headers": headers, "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 50000), "app": application,
    }

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        pass

    try:
        if scheme in ("ws", "wss"):
            socket = WebSocket({**scope, "type": "websocket", "subprotocols": []}, receive, send)
            await build_websocket_signature_dependency(asked["authToken"])(socket)
        else:
            await build_http_signature_dependency(asked["authToken"])(Request(scope, receive))
    except (HTTPException, WebSocketDisconnect) as refused:
        if getattr(refused, "status_code", 403) != 403:
            return {"unsupported": f"FastAPI answers {refused.status_code}: {refused.detail}"}
        return {"valid": False}
    return {"valid": True}


loop = asyncio.new_event_loop()
for line in sys.stdin.buffer:
    asked = json.loads(line)
    try:
        answered = loop.run_until_complete(answer(asked))
    except Exception as thrown:
        answered = {"error": f"{type(thrown).__name__}: {thrown}"}
    print(json.dumps({"id": asked["id"], **answered}), flush=True)
