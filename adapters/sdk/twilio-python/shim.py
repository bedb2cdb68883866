"""Puts twilio-python behind the validator protocol, as a Flask application
calls it: validate(request.url, request.form, signature) for a form and
validate(request.url, request.get_data(as_text=True), signature) for any other
body."""

import base64
import json
import sys
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator, get_signature_algorithm
from werkzeug.datastructures import MultiDict


def answer(asked):
    """Answers one request of the protocol."""
    body = base64.b64decode(asked["bodyBase64"]) if "bodyBase64" in asked else asked.get("body", "").encode()
    used = "body"
    if "params" in asked:
        used = "params"
        params = MultiDict(asked["params"])
    elif is_form(asked.get("contentType")):
        params = form_of(body) if asked["method"] == "POST" else MultiDict()
    else:
        params = body.decode(errors="replace")
    # A request that has the settings header is signed with the SharedKey, any other one with the AuthToken.
    settings = asked.get("signatureSettings", "")
    if len(asked.get("sharedKeys", [])) > 1:
        return {"unsupported": "it takes one secret; which of several SharedKeys that is, the application chooses"}
    secret = asked["sharedKeys"][0]["secret"] if settings else asked["authToken"]
    # request.headers.get("X-Twilio-Signature", "")
    signature = asked.get("signature", "")
    valid = RequestValidator(secret).validate(asked["url"], params, signature, get_signature_algorithm(settings))
    return {"valid": valid, "used": used}


def form_of(body):
    """Decodes a form as Werkzeug does."""
    return MultiDict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True, errors="replace"))


def is_form(content_type):
    return (content_type or "").split(";")[0].strip().lower() == "application/x-www-form-urlencoded"


for line in sys.stdin.buffer:
    asked = json.loads(line)
    try:
        answered = answer(asked)
    except Exception as thrown:
        answered = {"error": f"{type(thrown).__name__}: {thrown}"}
    print(json.dumps({"id": asked["id"], **answered}), flush=True)
