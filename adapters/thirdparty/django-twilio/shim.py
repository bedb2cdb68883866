"""Puts django-twilio behind the validator protocol: a view with its decorator @twilio_view gets the
request as Django makes it of what a WSGI server hands over."""

import base64
import io
import json
import sys
from urllib.parse import unquote_to_bytes

import django
from django.conf import settings

settings.configure(
    DEBUG=False, ALLOWED_HOSTS=["*"], INSTALLED_APPS=["django_twilio"], DJANGO_TWILIO_BLACKLIST_CHECK=False,
    TWILIO_ACCOUNT_SID="AC", TWILIO_AUTH_TOKEN="it is set for each request",
)
django.setup()

from django.core.exceptions import BadRequest, SuspiciousOperation  # noqa: E402
from django.core.handlers.wsgi import WSGIRequest  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django_twilio import decorators  # noqa: E402


@decorators.twilio_view
def view(request):
    return HttpResponse("ok")


def answer(asked):
    """Answers one request of the protocol."""
    scheme, found, rest = asked["url"].partition("://")
    if not found or scheme not in ("http", "https"):
        return {"unsupported": "Django serves http and https"}
    end = next((i for i, c in enumerate(rest) if c in "/?#"), len(rest))
    host, target = rest[:end], rest[end:].split("#")[0]  # no client sends a fragment
    if "@" in host:
        return {"unsupported": "no client sends user and password in a target"}
    if any(c <= " " or c >= "\x7f" for c in host + target):
        return {"unsupported": "no server takes such a target"}
    path, _, query = target.partition("?")
    body = base64.b64decode(asked["bodyBase64"]) if "bodyBase64" in asked else asked.get("body", "").encode()
    environ = {  # as gunicorn and mod_wsgi fill it
        "REQUEST_METHOD": asked["method"], "wsgi.url_scheme": scheme, "HTTP_HOST": host, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SCRIPT_NAME": "", "PATH_INFO": unquote_to_bytes(path or "/").decode("latin-1"),
        "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
    }
    if "contentType" in asked:
        environ["CONTENT_TYPE"] = asked["contentType"]
    if "signature" in asked:
        environ["HTTP_X_TWILIO_SIGNATURE"] = asked["signature"]
    decorators.TWILIO_AUTH_TOKEN = asked["authToken"]
    try:
        return {"valid": view(WSGIRequest(environ)).status_code == 200}
    except (BadRequest, SuspiciousOperation) as thrown:  # of Django itself
        return {"unsupported": f"Django answers 400: {thrown}"}


for line in sys.stdin.buffer:
    asked = json.loads(line)
    try:
        answered = answer(asked)
    except Exception as thrown:
        answered = {"error": f"{type(thrown).__name__}: {thrown}"}
    print(json.dumps({"id": asked["id"], **answered}), flush=True)
