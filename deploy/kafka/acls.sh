#!/usr/bin/env bash
# Grants what Truecount needs on its brokers and nothing more: one principal for each stage, one for
# `truecount topics apply`, one for `truecount alert`. They may be the same. Uses kafka-acls of Apache Kafka; granting twice does no
# harm. Nothing is taken away: rights that were granted otherwise show with `kafka-acls --list`.
#
#   BOOTSTRAP=broker:9092 SOURCES="northamptonshire.cad northamptonshire.rms" deploy/kafka/acls.sh --dry-run
#
# Parameters, by environment (needed ones first, then with what they are if left out):
#   BOOTSTRAP           brokers, as in kafka.bootstrap_servers
#   SOURCES             the topics of every [[source]], with spaces between
#   SOURCE_PREFIXES     what the patterns of [[source]] begin with, so that topics nobody declared are seen ()
#   COMMAND_CONFIG      the client properties of an administrator, for kafka-acls ()
#   KAFKA_ACLS          the tool (kafka-acls.sh, else kafka-acls)
#   APP                 service.app (truecount)
#   INSTANCES           service.instance of every process, with spaces between (0)
#   ALERT_GROUP         alert.group of `truecount alert` ($APP-alert)
#   INTAKE, VALIDATION, TOPICS_APPLY, ALERT    principals (User:truecount-intake, …-validation, …-topics,
#                       …-alert)
#   JOURNAL, STATE, EXCEPTIONS, EXCEPTIONS_CURRENT, MEASURES, QUARANTINE    names as in [topics]
#
# A right that another implies is not listed: READ, WRITE and ALTER imply DESCRIBE, ALTER_CONFIGS implies
# DESCRIBE_CONFIGS. Transactions need no right on the cluster.
set -euo pipefail

dry_run=no
case "${1:-}" in
    "") ;;
    --dry-run) dry_run=yes ;;
    *)
        echo "usage: acls.sh [--dry-run]; parameters by environment, see the head of $0" >&2
        exit 2
        ;;
esac

: "${BOOTSTRAP:?the brokers, as in kafka.bootstrap_servers}"
: "${SOURCES:?the topics of every [[source]], with spaces between}"
read -ra sources <<<"$SOURCES"
read -ra prefixes <<<"${SOURCE_PREFIXES:-}"
read -ra instances <<<"${INSTANCES:-0}"
app="${APP:-truecount}"
intake="${INTAKE:-User:truecount-intake}"
validation="${VALIDATION:-User:truecount-validation}"
topics_apply="${TOPICS_APPLY:-User:truecount-topics}"
alert="${ALERT:-User:truecount-alert}"
alert_group="${ALERT_GROUP:-$app-alert}"
journal="${JOURNAL:-case-events}"
state="${STATE:-case-state}"
exceptions="${EXCEPTIONS:-exceptions}"
exceptions_current="${EXCEPTIONS_CURRENT:-exceptions-current}"
measures="${MEASURES:-measures}"
quarantine="${QUARANTINE:-quarantine}"
own=("$journal" "$state" "$exceptions" "$exceptions_current" "$measures" "$quarantine")

tool="${KAFKA_ACLS:-$(command -v kafka-acls.sh || command -v kafka-acls || echo kafka-acls.sh)}"
if [[ $dry_run == no ]] && ! command -v "$tool" >/dev/null; then
    echo "$tool is not there: it comes with Apache Kafka (bin/kafka-acls.sh); name it in KAFKA_ACLS" >&2
    exit 2
fi

# PRINCIPAL OPERATION... -- KIND NAME...: grants each operation on each of the named.
grant() {
    local principal="$1" words=()
    shift
    while [[ $1 != -- ]]; do
        words+=(--operation "$1")
        shift
    done
    local kind="$2"
    shift 2
    local name
    for name in "$@"; do
        words+=("--$kind" "$name")
    done
    run --allow-principal "$principal" "${words[@]}"
}

run() {
    local command=("$tool" --bootstrap-server "$BOOTSTRAP")
    if [[ -n ${COMMAND_CONFIG:-} ]]; then
        command+=(--command-config "$COMMAND_CONFIG")
    fi
    command+=(--add --force "$@")
    if [[ $dry_run == yes ]]; then
        printf '%q ' "${command[@]}"
        printf '\n'
    else
        "${command[@]}"
    fi
}

# At its start each stage looks at its topics, and at the settings of those that are ours.
grant "$intake" DescribeConfigs -- topic "$journal" "$quarantine"
grant "$validation" DescribeConfigs -- topic "${own[@]}"

# Intake reads the sources and writes the journal and what it sets aside.
grant "$intake" Read -- topic "${sources[@]}"
for prefix in "${prefixes[@]}"; do
    run --allow-principal "$intake" --operation Describe --topic "$prefix" --resource-pattern-type prefixed
done
grant "$intake" Write -- topic "$journal" "$quarantine"
grant "$intake" Read -- group "$app-intake"

# Validation reads the journal, appends activations to it, reads and writes its state, and publishes. A
# version that says two things is set aside by it, so it writes to the quarantine too.
grant "$validation" Read Write -- topic "$journal" "$state"
grant "$validation" Write -- topic "$exceptions" "$exceptions_current" "$measures" "$quarantine"
grant "$validation" Read -- group "$app-validation"

# Each process has a transactional id of its own in each stage.
for instance in "${instances[@]}"; do
    grant "$intake" Write -- transactional-id "$app-$instance-intake"
    grant "$validation" Write -- transactional-id "$app-$instance-validation"
done

# `truecount topics apply` makes our topics and changes their settings; of the sources it looks whether
# they are there. The service itself makes none.
grant "$topics_apply" Create Describe AlterConfigs -- topic "${own[@]}"
grant "$topics_apply" Describe -- topic "${sources[@]}"

# `truecount alert` and `truecount worklist` read what is published; each webhook has a group of its own,
# whose name begins with that of the alerting. They write nothing.
grant "$alert" Read -- topic "$exceptions" "$exceptions_current"
run --allow-principal "$alert" --operation Read --group "$alert_group" --resource-pattern-type prefixed
