#!/usr/bin/env python3
"""Answers: does somebody else come to the same signatures?

This computes every signature a second time, from the files beside it and with
nothing of the Go code: Python 3 and its standard library. For each vector

  1. the string to sign is the signed url, and the signed names and values;
  2. the signature is the MAC of that string, spelled as it says;
  3. what must be accepted follows from the request alone: URL, parameters and
     order are derived anew from the rules, not read from "signed";
  4. what must be rejected does not follow from the request.

It prints each fault and ends with status 1 if there is one.
Usage: verify.py [folder or file.json ...]
"""

import base64
import glob
import hashlib
import hmac
import json
import os
import re
import sys
from urllib.parse import parse_qsl

FORM = "application/x-www-form-urlencoded"
URL = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?", re.DOTALL)
WRONG = "A" * 27 + "="


def text(value):
    """The bytes of a text: a string, or a list of strings and runs."""
    if isinstance(value, list):
        return b"".join(text(part) for part in value)
    if isinstance(value, dict):
        return text(value["repeat"]) * value["times"]
    return value.encode("utf-8")


def base64_of(raw):
    return base64.b64encode(raw).decode("ascii")


# How a MAC is made, by the name in "mac": key and message to bytes.
MACS = {
    None: lambda key, s: hmac.new(key, s, "sha1").digest(),
    "hmac-md5": lambda key, s: hmac.new(key, s, "md5").digest(),
    "hmac-sha224": lambda key, s: hmac.new(key, s, "sha224").digest(),
    "hmac-sha256": lambda key, s: hmac.new(key, s, "sha256").digest(),
    "hmac-sha384": lambda key, s: hmac.new(key, s, "sha384").digest(),
    "hmac-sha512": lambda key, s: hmac.new(key, s, "sha512").digest(),
    "hmac-sha1-swapped": lambda key, s: hmac.new(s, key, "sha1").digest(),
    "sha1": lambda key, s: hashlib.sha1(s).digest(),
    "sha1-token-first": lambda key, s: hashlib.sha1(key + s).digest(),
    "sha1-token-last": lambda key, s: hashlib.sha1(s + key).digest(),
    "zeros": lambda key, s: bytes(20),
}

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

# How a MAC is spelled, by the name in "encoding": bytes to text.
ENCODINGS = {
    None: base64_of,
    "base64url": lambda mac: base64.urlsafe_b64encode(mac).decode("ascii"),
    "base64-unpadded": lambda mac: base64_of(mac).rstrip("="),
    "base64-noncanonical": lambda mac: base64_of(mac)[:-2] + ALPHABET[ALPHABET.index(base64_of(mac)[-2]) + 1] + "=",
    "base64-of-hex": lambda mac: base64_of(mac.hex().encode()),
    "base64-twice": lambda mac: base64_of(base64_of(mac).encode()),
    "base64-of-10-bytes": lambda mac: base64_of(mac[:10]),
    "base64-of-20-bytes": lambda mac: base64_of(mac[:20]),
    "base64-of-21-bytes": lambda mac: base64_of(mac + b"\0"),
    "hex": lambda mac: mac.hex(),
    "hex-upper": lambda mac: mac.hex().upper(),
    "case-swapped": lambda mac: base64_of(mac).swapcase(),
    "lower-case": lambda mac: base64_of(mac).lower(),
    "upper-case": lambda mac: base64_of(mac).upper(),
    "first-bit-flipped": lambda mac: base64_of(bytes([mac[0] ^ 0x80]) + mac[1:]),
    "last-bit-flipped": lambda mac: base64_of(mac[:-1] + bytes([mac[-1] ^ 1])),
    "reversed": lambda mac: base64_of(mac[::-1]),
    "half": lambda mac: base64_of(mac)[:14],
    "first-char": lambda mac: base64_of(mac)[0],
    "one-char-more": lambda mac: base64_of(mac) + "A",
    "padding-more": lambda mac: base64_of(mac) + "=",
    "junk-more": lambda mac: base64_of(mac) + "!!",
    "nul-more": lambda mac: base64_of(mac) + "\0",
    "space-before": lambda mac: " " + base64_of(mac),
    "space-after": lambda mac: base64_of(mac) + " ",
    "quoted": lambda mac: '"' + base64_of(mac) + '"',
    "percent-encoded": lambda mac: base64_of(mac).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
    "scheme-before": lambda mac: "sha1=" + base64_of(mac),
    "comma-joined": lambda mac: base64_of(mac) + "," + base64_of(mac),
    "comma-wrong-first": lambda mac: WRONG + ", " + base64_of(mac),
    "comma-wrong-last": lambda mac: base64_of(mac) + ", " + WRONG,
}


def parameters(encoded):
    """Decoded names and values of a form or a query, as bytes, in their order."""
    pairs = parse_qsl(encoded.decode("utf-8", "surrogateescape"), keep_blank_values=True,
                      encoding="utf-8", errors="surrogateescape")
    return [tuple(part.encode("utf-8", "surrogateescape") for part in pair) for pair in pairs]


def signed_urls(url, product):
    """The URLs that may have been signed for a configured one: userinfo and
    fragment are dropped, the port by product."""
    parts = URL.fullmatch(url)
    if not parts:
        return [url]
    scheme, authority, path, query = parts[1], parts[2], parts[3], parts[4] or b""
    host = authority.rpartition(b"@")[2]
    bare = re.sub(rb":[0-9]*$", b"", host)
    hosts = [host]
    if scheme.lower() == b"https" and product == "voice":
        hosts = [bare]
    elif scheme.lower() == b"https" and product is None and bare != host:
        hosts = [host, bare]
    urls = [scheme + b"://" + h + path + query for h in hosts]
    if scheme.lower() == b"wss" and not query and not path.endswith(b"/"):
        urls.append(urls[0] + b"/")
    return urls


def acceptable(request, token):
    """The signatures that a validator which follows every rule accepts."""
    url, body = text(request["url"]), body_of(request)
    params = []
    is_form = request.get("contentType", "").partition(";")[0].strip().lower() == FORM
    query = URL.fullmatch(url)[4] or b""
    hashes = [value for name, value in parameters(query[1:]) if name == b"bodySHA256"]
    if request["method"] == "POST" and is_form:
        # sorted-by-name; of equal names, each value once and sorted.
        params = sorted(set(parameters(body)))
    elif hashes:
        if set(hashes) != {hashlib.sha256(body).hexdigest().encode()}:
            return []
    elif body:
        return []
    key, algorithm = key_of(request, token)
    if not key:
        return []
    appended = b"".join(name + value for name, value in params)
    return [base64_of(hmac.new(key, u + appended, algorithm).digest()) for u in signed_urls(url, request.get("product"))]


def key_of(request, token):
    """The key and the digest: the token's and SHA-1 without a settings header, with
    one those that it names; no key if it is unusable, or names none."""
    if "signatureSettings" not in request:
        return token, "sha1"
    fields = [field.strip(b" ").partition(b"=") for field in text(request["signatureSettings"]).split(b",")]
    fields = [(name.strip(b" "), value.strip(b" ")) for name, equals, value in fields if equals]
    settings = dict(fields)
    if len(settings) != len(text(request["signatureSettings"]).split(b",")) or b"" in settings.values():
        return None, None
    digest = {b"HMAC_SHA1": "sha1", b"HMAC_SHA256": "sha256"}.get(settings.get(b"algorithm"))
    secrets = {text(key["id"]): text(key["secret"]) for key in request.get("sharedKeys", [])}
    return (secrets.get(settings.get(b"key")), digest) if digest else (None, None)


def body_of(request):
    if "bodyBase64" in request:
        return base64.b64decode(request["bodyBase64"], validate=True)
    return text(request.get("body", ""))


def check_signed(vector):
    """Steps 1 and 2: what is said to be signed, and the signature made of it."""
    signed, signature = vector["signed"], vector["request"].get("signature")
    params = [(text(n), text(v)) for n, v in signed.get("params", [])]
    params += [(base64.b64decode(n), base64.b64decode(v)) for n, v in signed.get("paramsBase64", [])]
    made = text(signed["url"]) + b"".join(n + v for n, v in params)
    said = base64.b64decode(signed["stringBase64"]) if "stringBase64" in signed else text(signed["string"])
    if made != said:
        yield "signed.string is %r, but url and params make %r" % (said[:200], made[:200])
    if signed.get("tokenUndisclosed"):
        return
    mac, encoding = signed.get("mac"), signed.get("encoding")
    if mac not in MACS or encoding not in ENCODINGS:
        yield "verify.py knows no mac %r or no encoding %r" % (mac, encoding)
        return
    key = text(signed["token"] if "token" in signed else vector["authToken"])
    computed = ENCODINGS[encoding](MACS[mac](key, made))
    if signature != computed:
        yield "the signature is %r, computed was %r" % (signature, computed)


def check_result(vector):
    """Steps 3 and 4: what is expected, derived from the request alone."""
    request, result = vector["request"], vector["result"]
    signatures = acceptable(request, text(vector["authToken"]))
    accepts = request.get("signature") in signatures
    if result == "valid" and not accepts:
        yield "must be accepted, but from the request follows %s" % (" or ".join(signatures) or "that nothing is acceptable")
    if result == "invalid" and accepts:
        yield "must be rejected, but the signature follows from the request"


def check_hash(request):
    """All that can be checked where the token is not known."""
    query = URL.fullmatch(text(request["url"]))[4] or b""
    for name, value in parameters(query[1:]):
        if name == b"bodySHA256" and value.decode() != hashlib.sha256(body_of(request)).hexdigest():
            yield "bodySHA256 is not the hash of the body"


def check(vector):
    undisclosed = vector.get("signed", {}).get("tokenUndisclosed")
    if "signed" in vector:
        yield from check_signed(vector)
    elif vector["result"] != "invalid":
        yield 'has no "signed"'
    if undisclosed:
        yield from check_hash(vector["request"])
    else:
        yield from check_result(vector)


def files(arguments):
    for argument in arguments or [os.path.dirname(os.path.abspath(__file__))]:
        found = sorted(glob.glob(os.path.join(argument, "*.json"))) if os.path.isdir(argument) else [argument]
        yield from (f for f in found if os.path.basename(f) not in ("schema.json", "rules.json"))


def main(arguments):
    count, faults = 0, 0
    for file in files(arguments):
        with open(file, encoding="utf-8") as opened:
            family = json.load(opened)
        for vector in family["vectors"]:
            count += 1
            for fault in check(vector):
                faults += 1
                print("%s: %s: %s" % (os.path.relpath(file), vector["id"], fault))
    print("verify.py: %d vectors computed a second time, %d faults" % (count, faults))
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
