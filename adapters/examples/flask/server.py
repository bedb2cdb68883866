# A webhook in Flask with the validator of Twilio's SDK, in a decorator as Twilio's
# tutorial has it: request.form is signed, whatever the content type. waitress serves it.
# TRUST_PROXY=1: there is a proxy in front, and its X-Forwarded-* headers are believed.
import functools
import os

from flask import Flask, abort, request
from twilio.request_validator import RequestValidator
from waitress import serve

app = Flask(__name__)


def signed(view):
    @functools.wraps(view)
    def checked(*args, **kwargs):
        validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
        if not validator.validate(request.url, request.form, request.headers.get("X-Twilio-Signature", "")):
            abort(403)
        return view(*args, **kwargs)

    return checked


@app.route("/sms", methods=["GET", "POST", "PUT", "DELETE"])
@signed
def sms():
    return '<?xml version="1.0" encoding="UTF-8"?><Response><Message>Hello</Message></Response>', {"Content-Type": "text/xml"}


# waitress takes X-Forwarded-* away unless it is told whom to trust.
proxy = {"trusted_proxy": "127.0.0.1", "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-host"}}
serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=4, **(proxy if os.environ.get("TRUST_PROXY") else {}))
