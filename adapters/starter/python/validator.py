"""A starter adapter: it puts your validator behind the line protocol of sigconform.

1. Put your validator into validate(), between the two marks.
2. Run the vectors:  sigconform run -- python3 validator.py

Python 3.8 or later; nothing to install.
"""

import base64
import json
import os
import sys


class Unsupported(Exception):
    """Raise it where your function cannot be given such a request: the vector is skipped."""


# ---- BEGIN your validator ------------------------------------------------------------------------
def validate(request):
    """Return True if the signature is right. What you raise counts as an error (a 500).

    request.auth_token    str
    request.method        str: "GET", "POST", …
    request.url           str: as it is configured at Twilio, with the query
    request.product       "voice", "messaging", or None: you are not told
    request.content_type  str, or None: there was no such header
    request.body          bytes
    request.params        list of (name, value): the decoded form; None where the request has no form
    request.signature     str, or None: there was no such header
    request.settings      str, or None: X-Twilio-Webhooks-Signature-Settings, where a SharedKey signs (beta)
    request.shared_keys   dict: the SharedKeys that the application is configured with, id to secret
    """
    # Your own function, called as your application calls it:
    #
    #   from my_app import is_genuine
    #   if request.params is None and request.body:
    #       raise Unsupported("the application takes forms only")
    #   params = dict(request.params or [])  # the last value of a name: if yours does so
    #   return is_genuine(request.auth_token, request.url, params, request.signature or "")
    #
    # The official SDK (pip install twilio), as in a Flask application:
    #
    #   from twilio.request_validator import RequestValidator
    #   sdk = RequestValidator(request.auth_token)
    #   form = dict(request.params or [])
    #   is_form = request.params is not None or (request.content_type is None and not request.body)
    #   return sdk.validate(request.url, form if is_form else request.body.decode(), request.signature or "")
    #
    # SharedKeys take two lines more (twilio 9.13.0; from twilio.request_validator import get_signature_algorithm):
    #
    #   secret = request.shared_keys[key_id_of(request.settings)] if request.settings else request.auth_token
    #   RequestValidator(secret).validate(…, get_signature_algorithm(request.settings))
    raise NotImplementedError("put your validator into validate()")


# What validate() reads of a form; write "body" if it decodes the body itself.
USED = "params"
# ---- END your validator --------------------------------------------------------------------------


class Request:
    def __init__(self, fields):
        self.id = fields["id"]
        self.auth_token = fields["authToken"]
        self.method = fields["method"]
        self.url = fields["url"]
        self.product = fields.get("product")
        self.content_type = fields.get("contentType")
        self.body = base64.b64decode(fields["bodyBase64"]) if "bodyBase64" in fields else fields.get("body", "").encode()
        self.params = [tuple(pair) for pair in fields["params"]] if "params" in fields else None
        self.signature = fields.get("signature")
        self.settings = fields.get("signatureSettings")
        self.shared_keys = {key["id"]: key["secret"] for key in fields.get("sharedKeys", [])}


def answer(request):
    used = {"used": USED} if request.params is not None else {}
    try:
        return {"valid": bool(validate(request)), **used}
    except Unsupported as why:
        return {"unsupported": str(why)}
    except Exception as thrown:
        return {"error": f"{type(thrown).__name__}: {thrown}"}


def main():
    answers = os.fdopen(os.dup(1), "wb")
    sys.stdout = sys.stderr  # what your code prints is no answer
    for line in sys.stdin.buffer:  # of any length
        request = Request(json.loads(line))
        answers.write(json.dumps({"id": request.id, **answer(request)}).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
