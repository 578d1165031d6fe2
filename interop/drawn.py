"""What other people's clients did is drawn with the same fidelity as what ours does.

Run after them: every flow that they left in the record must stand in both views and in the list, each exchange once,
in the record's order, none that did not happen, and every stranger must have a place.
"""

import html
import json
import os
import re
import urllib.request

APP = json.loads(os.environ["GRANTSCOPE"])["client_app"]


def get(path):
    with urllib.request.urlopen(APP + path) as answer:
        return answer.read().decode()


def board(page, begin, end):
    """The exchanges of one drawing, in the order in which they stand."""
    part = re.search(begin + r"(.*?)" + end, page, re.S)
    assert part, f"no {begin}"
    return re.findall(r'class="hop [^"]*"[^>]*? data-x="([0-9a-f]{32})"', part.group(1))


strangers, exchanges = set(), 0
for summary in json.loads(get("/api/flows?limit=1000"))["flows"]:
    flow = json.loads(get(f"/api/flows/{summary['id']}"))
    happened = [exchange["id"] for exchange in flow["exchanges"]]
    guests = [party.split(":", 1)[1] for party in flow["parties"] if party.startswith("stranger:")]
    if not guests:
        continue
    path = f"/flows/{flow['id']}?view="
    pages = {"map": get(path + "map"), "sequence": get(path + "sequence")}
    for view, page in pages.items():
        listed = re.findall(r'<li class="exchange[^"]*" id="x-([0-9a-f]{32})"', page)
        assert listed == happened, f"{view}: the list of {flow['id']}: {listed} {happened}"
        for guest in guests:
            assert f">{html.escape(guest)}<" in page, f"{view}: {guest} has no place in {flow['id']}"
    for wide in ("wide", "narrow"):
        drawn = board(pages["map"], f'<svg class="board {wide}"', "</svg>")
        assert drawn == happened, f"the {wide} map of {flow['id']}: {drawn} {happened}"
    drawn = board(pages["sequence"], '<ol class="rows">', "</ol>")
    assert drawn == happened, f"the sequence of {flow['id']}: {drawn} {happened}"
    strangers.update(guests)
    exchanges += len(happened)

assert exchanges and "python-requests" in "".join(strangers), strangers
print(f"drawn: {exchanges} exchanges of {', '.join(sorted(strangers))}, each where it happened")
