#!/usr/bin/env bash
# Brings what tests/packaging.rs looks with into target/packaging: the pinned tools of requirements.txt, from
# PyPI. What is there and right is left alone. `tests/packaging/fetch.sh --apt` installs Python's venv first
# if it is missing; without it it is named.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
into="$here/../../target/packaging"
mkdir -p "$into"
into="$(cd "$into" && pwd)"

# One at a time: two runs may find it missing at once.
exec 9>"$into/lock"
flock 9

if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    if [[ "${1:-}" != --apt ]]; then
        echo "the tests of what is packaged need: apt-get install python3 python3-venv" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv >/dev/null
fi

# It is complete when it holds a copy of the file that says what should be in it.
if ! cmp -s "$into/python/requirements.txt" "$here/requirements.txt"; then
    rm -rf "$into/python"
    python3 -m venv "$into/python"
    "$into/python/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$into/python/"
fi
