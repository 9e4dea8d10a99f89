#!/usr/bin/env python3
"""Writes the dashboards of dashboards/ from the panels of panels/, with Python's own library alone.

    deploy/grafana/build.py            writes them
    deploy/grafana/build.py --check    says which are not what their panels say, and writes nothing

They are written and never edited: a change in Grafana's own editor is carried over into the panels.
"""

import importlib
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
DASHBOARDS = ("service", "integrity", "feeds")


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit("usage: build.py [--check]")
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(HERE))
    stale = []
    for name in DASHBOARDS:
        made = importlib.import_module(f"panels.{name}").made()
        written = json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        file = HERE / "dashboards" / f"{name}.json"
        if file.exists() and file.read_text(encoding="utf-8") == written:
            continue
        if arguments:
            stale.append(file.name)
        else:
            file.write_text(written, encoding="utf-8")
    if stale:
        sys.exit(f"not what their panels say: {', '.join(stale)}; run deploy/grafana/build.py")


if __name__ == "__main__":
    main(sys.argv[1:])
