#!/usr/bin/env bash
# Brings what tests/kafka.rs runs against into target/rig: the pinned Apache Kafka (pom.xml, Maven Central)
# and the pinned Python clients (requirements.txt, PyPI). What is there and right is left alone.
# `tests/rig/fetch.sh --apt` installs the Debian packages that are missing first; without it they are named.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
rig="${TRUECOUNT_RIG:-$here/../../target/rig}"
mkdir -p "$rig"
rig="$(cd "$rig" && pwd)"

# One at a time: several test binaries may find something missing at once.
exec 9>"$rig/lock"
flock 9

packages=()
needs() { # tool, Debian package
    command -v "$1" >/dev/null || packages+=("$2")
}
needs java default-jre-headless
needs mvn maven
needs kcat kcat
needs openssl openssl
needs python3 python3
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)

if ((${#packages[@]} > 0)); then
    if [[ "${1:-}" != --apt ]]; then
        echo "the tests on a real Kafka need: apt-get install ${packages[*]}" >&2
        exit 1
    fi
    if ! command -v apt-get >/dev/null; then
        echo "there is no apt-get: install what gives java, mvn, kcat, openssl and python3 with venv" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" >/dev/null
fi

# A folder is complete when it holds a copy of the file that says what should be in it.
complete() { # folder, file
    cmp -s "$1/$(basename "$2")" "$2"
}

if ! complete "$rig/kafka" "$here/pom.xml"; then
    rm -rf "$rig/kafka"
    mkdir -p "$rig/kafka"
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$rig/kafka/libs" >&2
    cp "$here/pom.xml" "$rig/kafka/"
fi

if ! complete "$rig/python" "$here/requirements.txt"; then
    rm -rf "$rig/python"
    python3 -m venv "$rig/python"
    "$rig/python/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$rig/python/"
fi
