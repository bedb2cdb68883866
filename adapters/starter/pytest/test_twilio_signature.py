"""Tests your validator with the vectors of sigconform, in your own test suite.

1. sigconform vectors export --out testdata      # once, and again for newer vectors; commit the file
2. Put your validator into validate().
3. pytest test_twilio_signature.py

known-failures.txt beside this file, if there is one, lists what is known to fail: an id and a reason on each line.
until=2027-01-31 in the reason is the last day (UTC) on which that is excused.
"""

import base64
import datetime
import json
import os
import re

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


# ---- BEGIN your validator ------------------------------------------------------------------------
def validate(vector, body):
    """Return True if the signature is right. vector has authToken, method, url and, where the request has them,
    product, contentType, params ([[name, value], …]) and signature; body is bytes."""
    raise NotImplementedError("put your validator into validate()")
# ---- END your validator --------------------------------------------------------------------------


with open(os.path.join(HERE, "testdata", "vectors.json"), encoding="utf-8") as file:
    EXPORT = json.load(file)
KNOWN = {}
if os.path.exists(os.path.join(HERE, "known-failures.txt")):
    with open(os.path.join(HERE, "known-failures.txt"), encoding="utf-8") as file:
        KNOWN = dict((line.split(None, 1) + [""])[:2] for line in file if line.strip() and not line.startswith("#"))
UNTIL = {id: date for id, reason in KNOWN.items() for date in re.findall(r"(?:^|\s)until=(\S*)", reason)}
TODAY = datetime.datetime.now(datetime.timezone.utc).date().isoformat()


def test_no_vector_is_lost():
    assert EXPORT["format"] == 1 and len(EXPORT["vectors"]) == EXPORT["count"] > 0
    assert set(KNOWN) <= {vector["id"] for vector in EXPORT["vectors"]}, "known-failures.txt names no vector"
    for date in UNTIL.values():
        datetime.datetime.strptime(date, "%Y-%m-%d")


@pytest.mark.parametrize("vector", EXPORT["vectors"], ids=lambda vector: vector["id"])
def test_vector(vector):
    try:
        accepted = bool(validate(vector, base64.b64decode(vector["bodyBase64"])))
    except Exception as thrown:  # an error keeps a forged request out, and a genuine one
        if vector["expected"] == "valid":
            accepted = f"threw {thrown!r}"
        else:
            accepted = False
    passed = accepted is (vector["expected"] == "valid")
    if vector["id"] in KNOWN:
        assert not passed, "it passes: take it out of known-failures.txt"
        until, reason = UNTIL.get(vector["id"], TODAY), KNOWN[vector["id"]].strip()
        assert until >= TODAY, f"known until {until}, which is over: fix it, or give it another date ({reason})"
        pytest.xfail(KNOWN[vector["id"]])
    assert passed, f"{vector['comment']}: {vector['expected']}, but the answer is {accepted}"
