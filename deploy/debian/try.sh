#!/usr/bin/env bash
# Makes the Debian package, installs it on this machine, runs what its unit runs against a real Kafka, takes
# it away again and looks whether a file is left. Needs root, and a machine where no truecount is installed.
#
#   deploy/debian/try.sh           builds for release first
#   deploy/debian/try.sh BINARY    packs this program: target/debug/truecount does
#
# Kafka is the one of the tests: tests/rig/fetch.sh brings it. cargo-deb: `cargo install cargo-deb --version
# 3.8.0 --locked`. lintian, systemd-analyze and setpriv come by apt (lintian, systemd, util-linux).
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$root"
binary="${1:-}"

say() {
    printf '== %s\n' "$*"
}
fail() {
    printf 'deploy/debian/try.sh: %s\n' "$*" >&2
    exit 1
}
needs() { # command, how it is had
    command -v "$1" >/dev/null || fail "$1 is missing: $2"
}
[[ $(id -u) == 0 ]] || fail "installing a package needs root"
needs cargo-deb "cargo install cargo-deb --version 3.8.0 --locked"
needs lintian "apt-get install lintian"
needs systemd-analyze "apt-get install systemd"
needs setpriv "apt-get install util-linux"
needs curl "apt-get install curl"
! dpkg-query --show truecount >/dev/null 2>&1 || fail "truecount is installed here: take it away first"
[[ ! -e /etc/truecount ]] || fail "/etc/truecount is there and is of no package"
tests/rig/fetch.sh

work="$(mktemp -d)"
broker=
service=
# Whatever happens, nothing goes on running and nothing stays installed.
clean() {
    [[ -z $service ]] || kill -KILL "$service" 2>/dev/null || true
    [[ -z $broker ]] || kill -KILL "$broker" 2>/dev/null || true
    dpkg --purge truecount >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean EXIT

# Every file that a package could leave; what dpkg, apt and the log keep of any package is not one of ours.
files() {
    find /etc /opt /usr /var /root /home -xdev \
        \( -path /var/lib/dpkg -o -path /var/cache -o -path /var/log -o -path /usr/share/man \
        -o -path "$root" -o -path "$HOME/.cargo" \) -prune -o -print | sort
}

say "the package"
if [[ -z $binary ]]; then
    cargo deb --locked --output "$work/truecount.deb"
else
    mkdir -p "$work/target/release"
    cp "$binary" "$work/target/release/truecount"
    CARGO_TARGET_DIR="$work/target" cargo deb --no-build --strip --fast --output "$work/truecount.deb"
fi
dpkg-deb --show "$work/truecount.deb"
dpkg-deb --field "$work/truecount.deb" Depends Installed-Size
# A manual page is not there: --help says what it would. No list of bugs has this package.
lintian --allow-root --fail-on error,warning \
    --suppress-tags no-manual-page,initial-upload-closes-no-bugs "$work/truecount.deb"
say "lintian finds nothing"

files >"$work/before"
say "dpkg --install"
dpkg --install "$work/truecount.deb"
[[ $(dpkg-query --show --showformat '${Conffiles}' truecount) == *" /etc/truecount/truecount.toml "* ]] ||
    fail "the configuration is no conffile"
[[ $(stat -c '%a %U' /etc/truecount/secrets) == "700 root" ]] || fail "the folder of secrets is open"
unit=/usr/lib/systemd/system/truecount.service
verified="$(systemd-analyze verify "$unit" 2>&1)"
[[ -z $verified ]] || fail "systemd-analyze verify: $verified"
[[ ! -e /etc/systemd/system/multi-user.target.wants/truecount.service ]] || fail "it would start by itself"
command="$(sed -n 's/^ExecStart=//p' "$unit")"
say "the unit is sound and starts: $command"

say "a broker"
# Two ports that are free at this moment.
read -r port controller < <(python3 -c '
import socket
held = [socket.socket() for _ in range(3)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held[:2]))')
admin=$((controller == 65535 ? 1024 : controller + 1))
kafka() {
    java -Xmx512m -cp "$root/target/rig/kafka/libs/*" "$@"
}
{
    cat tests/rig/server.properties
    echo "controller.quorum.voters=1@127.0.0.1:$controller"
    echo "listeners=CLIENT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller"
    echo "advertised.listeners=CLIENT://127.0.0.1:$port"
    echo "listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT"
    echo "log.dirs=$work/kafka"
} >"$work/server.properties"
kafka kafka.tools.StorageTool format -t dHJ1ZWNvdW50LXRyeS0wMQ -c "$work/server.properties" \
    >"$work/broker.txt" 2>&1 || fail "$(cat "$work/broker.txt")"
kafka kafka.Kafka "$work/server.properties" >>"$work/broker.txt" 2>&1 &
broker=$!
waited=0
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    kill -0 "$broker" 2>/dev/null && ((waited++ < 180)) || fail "$(tail -20 "$work/broker.txt")"
    sleep 1
done
# The sources, as the installed configuration declares them.
target/rig/python/bin/python - "127.0.0.1:$port" <<'PYTHON' || fail "the topics of the sources cannot be made"
import sys
from confluent_kafka.admin import AdminClient, NewTopic

stamped = {"message.timestamp.type": "LogAppendTime"}
partitions = {"cad": 6, "rms": 6, "victim-hub": 1, "desk": 1}
topics = [NewTopic(f"northamptonshire.{feed}", many, 1, config=stamped) for feed, many in partitions.items()]
client = AdminClient({"bootstrap.servers": sys.argv[1]})
for made in client.create_topics(topics).values():
    made.result()
PYTHON

# What is otherwise than in the installed configuration stands in the environment, as in deploy/compose.
set -a
# shellcheck source=../compose/truecount.env
source deploy/compose/truecount.env
TRUECOUNT_KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:$port"
TRUECOUNT_ADMIN__LISTEN="127.0.0.1:$admin"
set +a
# As nobody, as the unit has no user of its own either.
as_nobody() {
    (cd /etc/truecount && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@")
}
say "truecount topics apply"
as_nobody /usr/bin/truecount topics apply --config /etc/truecount/truecount.toml
say "the command of the unit"
# shellcheck disable=SC2086
as_nobody $command >"$work/service.txt" 2>&1 &
service=$!
waited=0
until [[ $(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$admin/ready") == 200 ]]; do
    kill -0 "$service" 2>/dev/null && ((waited++ < 120)) || fail "$(tail -20 "$work/service.txt")"
    sleep 1
done
say "/ready says: $(curl --silent "http://127.0.0.1:$admin/ready")"
curl --silent "http://127.0.0.1:$admin/metrics" | grep '^truecount_build_info' ||
    fail "/metrics does not say what runs"
kill -TERM "$service"
code=0
wait "$service" || code=$?
service=
((code == 0)) || fail "it ended with $code: $(tail -20 "$work/service.txt")"
say "told to stop it ended with 0"

say "dpkg --purge"
dpkg --purge truecount
files >"$work/after"
diff "$work/before" "$work/after" >"$work/left" || fail "purge left or took: $(cat "$work/left")"
say "no file is left"
