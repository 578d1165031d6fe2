"""What the services count, read by the parsers of Prometheus' own Python client, in both formats."""

import json
import os
import urllib.request

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as plain

SERVICES = json.loads(os.environ["GRANTSCOPE"])
OPEN = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


def read(service, accept):
    request = urllib.request.Request(SERVICES[service] + "/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def samples(families):
    return {(s.name, tuple(sorted(s.labels.items()))): s for family in families for s in family.samples}


for service in ("client_app", "auth_server", "resource_server"):
    kind, text = read(service, OPEN)
    assert kind.startswith("application/openmetrics-text; version=1.0.0"), kind
    assert text.endswith("# EOF\n"), text[-40:]
    families = list(openmetrics.text_string_to_metric_families(text))
    assert all(family.documentation for family in families), [f.name for f in families]
    assert all(family.name.startswith("grantscope_") for family in families)
    exact = samples(families)
    led = [s.exemplar.labels for s in exact.values() if s.exemplar]
    assert led and all(len(next(iter(labels.values()))) == 32 for labels in led), led
    kind, text = read(service, "text/plain;version=0.0.4")
    assert kind.startswith("text/plain; version=0.0.4"), kind
    families_plain = list(plain.text_string_to_metric_families(text))
    kinds = {family.name: family.type for family in families_plain}
    assert kinds == {family.name: family.type for family in families}, kinds
    missing = set(exact) - set(samples(families_plain))
    # What was asked between the two readings may be new; nothing may be gone.
    assert not missing, missing
    print(f"{service}: {len(families)} families, {len(exact)} samples, {len(led)} exemplars, both formats")

flows = [s.exemplar.labels["flow_id"] for s in samples(
    openmetrics.text_string_to_metric_families(read("client_app", OPEN)[1])).values()
    if s.exemplar and "flow_id" in s.exemplar.labels]
assert flows, "no exemplar leads to a flow"
for flow in set(flows):
    with urllib.request.urlopen(f"{SERVICES['client_app']}/api/flows/{flow}") as answer:
        assert answer.status == 200
print(f"client_app: {len(set(flows))} flows found by their exemplars")
