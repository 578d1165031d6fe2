"""What each client did: one entry a feature, written when it held. README.md's table is compared with it (table.py)."""

import json
import os
from contextlib import contextmanager


class Ledger:
    """A client's page of the ledger. A feature that does not hold ends the run."""

    def __init__(self, client):
        self.client = client

    @contextmanager
    def __call__(self, *features):
        try:
            yield
        except BaseException:
            print(f"{self.client}: {', '.join(features)} does not hold")
            raise
        with open(os.environ["LEDGER"], "a", encoding="utf-8") as book:
            for feature in features:
                book.write(json.dumps({"client": self.client, "feature": feature}) + "\n")
