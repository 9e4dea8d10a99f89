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
conffiles="$(dpkg-query --show --showformat '${Conffiles}' truecount)"
for file in truecount alert; do
    [[ $conffiles == *" /etc/truecount/$file.toml "* ]] || fail "$file.toml is no conffile"
done
for folder in secrets alert-secrets; do
    [[ $(stat -c '%a %U' "/etc/truecount/$folder") == "700 root" ]] || fail "$folder is open"
done
# What a unit starts. It is sound, and not started by the installation.
command_of() {
    local unit="/usr/lib/systemd/system/$1.service" verified
    verified="$(systemd-analyze verify "$unit" 2>&1)"
    [[ -z $verified ]] || fail "systemd-analyze verify: $verified"
    [[ ! -e /etc/systemd/system/multi-user.target.wants/$1.service ]] || fail "$1 would start by itself"
    sed -n 's/^ExecStart=//p' "$unit"
}
serve="$(command_of truecount)"
alert="$(command_of truecount-alert)"
say "the units are sound and start: $serve; $alert"

say "a broker"
# Three ports that are free at this moment.
read -r port controller listen < <(python3 -c '
import socket
held = [socket.socket() for _ in range(3)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))')
kafka=(java -Xmx512m -cp "$root/target/rig/kafka/libs/*")
{
    cat tests/rig/server.properties
    echo "controller.quorum.voters=1@127.0.0.1:$controller"
    echo "listeners=CLIENT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller"
    echo "advertised.listeners=CLIENT://127.0.0.1:$port"
    echo "listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT"
    echo "log.dirs=$work/kafka"
} >"$work/server.properties"
"${kafka[@]}" kafka.tools.StorageTool format -t dHJ1ZWNvdW50LXRyeS0wMQ -c "$work/server.properties" \
    >"$work/broker.txt" 2>&1 || fail "$(cat "$work/broker.txt")"
"${kafka[@]}" kafka.Kafka "$work/server.properties" >>"$work/broker.txt" 2>&1 &
broker=$!
disown "$broker"
waited=0
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    if ! kill -0 "$broker" 2>/dev/null || ((waited++ > 180)); then
        fail "$(tail -20 "$work/broker.txt")"
    fi
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
brokers="TRUECOUNT_KAFKA__BOOTSTRAP_SERVERS=127.0.0.1:$port"
admin="TRUECOUNT_ADMIN__LISTEN=127.0.0.1:$listen"
mapfile -t otherwise < <(grep -v '^#' deploy/compose/truecount.env)
# As nobody, as the units have no user of their own either.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups env --chdir=/etc/truecount)
# Starts what a unit starts, waits until it is ready, and stops it as systemd does.
try() { # command, environment...
    local command="$1" waited=0 code=0
    shift
    say "$command"
    # shellcheck disable=SC2086
    "${nobody[@]}" "$@" "$admin" "$brokers" $command >"$work/service.txt" 2>&1 &
    service=$!
    until [[ $(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$listen/ready") == 200 ]]; do
        if ! kill -0 "$service" 2>/dev/null || ((waited++ > 120)); then
            fail "$(tail -20 "$work/service.txt")"
        fi
        sleep 1
    done
    say "/ready says: $(curl --silent "http://127.0.0.1:$listen/ready" | tr '\n' ' ')"
    say "/metrics has $(curl --silent "http://127.0.0.1:$listen/metrics" | grep -c '^truecount_') series"
    kill -TERM "$service"
    wait "$service" || code=$?
    service=
    ((code == 0)) || fail "it ended with $code: $(tail -20 "$work/service.txt")"
    say "told to stop it ended with 0"
}
say "truecount topics apply"
"${nobody[@]}" "${otherwise[@]}" "$brokers" /usr/bin/truecount topics apply --config /etc/truecount/truecount.toml
try "$serve" "${otherwise[@]}"
# As it comes it tells nobody, and says so: somebody has to be named first, as here who does not listen.
printf '\n[alertmanager]\nurls = ["http://127.0.0.1:9"]\n' >>/etc/truecount/alert.toml
try "$alert"

say "dpkg --purge"
dpkg --purge truecount
files >"$work/after"
diff "$work/before" "$work/after" >"$work/left" || fail "purge left or took: $(cat "$work/left")"
say "no file is left"
