"""Decides whether a webhook request was signed by Twilio.

From https://www.twilio.com/docs/usage/security only. Everything that is hashed is bytes; nothing is re-encoded.
"""
import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qsl, unquote_to_bytes

FORM = "application/x-www-form-urlencoded"


def validate(request):
    token, signature = request["authToken"], request.get("signature")
    # No signature: nothing to trust. No token: a key that everybody knows.
    if not token or not signature:
        return False

    body = body_bytes(request)
    if is_form_post(request):
        fields = signed_fields(body)
    else:
        # The signature covers the URL only. A body is trusted through the URL's bodySHA256, or not at all.
        fields = b""
        if not body_is_covered(request["url"], body):
            return False

    given = signature.encode("utf-8")
    accepted = False
    for url in signed_urls(request["url"], request.get("product")):
        digest = hmac.new(token.encode("utf-8"), url.encode("utf-8") + fields, hashlib.sha1).digest()
        accepted |= hmac.compare_digest(base64.b64encode(digest), given)
    return accepted


def body_bytes(request):
    if "bodyBase64" in request:
        return base64.b64decode(request["bodyBase64"])
    return request.get("body", "").encode("utf-8")


def is_form_post(request):
    media_type = request.get("contentType", "").split(";")[0].strip().lower()
    return request["method"] == "POST" and media_type == FORM


def signed_fields(body):
    """Every field, sorted by name (bytewise, stable), name and value without any delimiter."""
    fields = []
    for pair in body.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            fields.append((form_decode(name), form_decode(value)))
    fields.sort(key=lambda field: field[0])
    return b"".join(name + value for name, value in fields)


def form_decode(text):
    return unquote_to_bytes(text.replace(b"+", b" "))


def body_is_covered(url, body):
    query = url.partition("?")[2].partition("#")[0]
    hashes = [value for name, value in parse_qsl(query, keep_blank_values=True) if name == "bodySHA256"]
    if not hashes:
        return not body
    return hashlib.sha256(body).hexdigest() in [h.lower() for h in hashes]


def signed_urls(url, product):
    """What Twilio may have signed for a URL: one spelling, except where Twilio's page leaves it open."""
    scheme, separator, rest = url.partition("://")
    end = re.search(r"[/?#]|$", rest).start()
    authority, tail = rest[:end], rest[end:]
    authority = authority.rpartition("@")[2]  # user name and password are always dropped
    with_port = scheme + separator + authority + tail
    without_port = scheme + separator + re.sub(r":[0-9]*\Z", "", authority) + tail

    if scheme.lower() == "https":
        if product == "voice":
            return [without_port]
        if product is None:  # either product may have sent it
            return [with_port, without_port]
    if scheme.lower() == "wss":  # "try appending a trailing /"
        return [with_port] if with_port.endswith("/") else [with_port, with_port + "/"]
    return [with_port]
