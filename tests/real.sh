#!/usr/bin/env bash
# Runs the contract tests against real servers. Each is started here on a free
# port, unless its address is given: ETCD_ADDR, REDIS_ADDR, KAFKA_ADDR, NSQD_ADDR
# (with NSQD_HTTP_ADDR). What cannot be had is named as SKIP, with the reason.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
pids=()
cleanup() {
  set +e # a killed server's status is no failure of the tests
  kill "${pids[@]}" 2>/dev/null
  wait "${pids[@]}" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

free_port() { go run ./tests/freeport; }
# await NAME PORT PID: until something listens there.
await() {
  for _ in $(seq 300); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then return 0; fi
    kill -0 "$3" 2>/dev/null || break
    sleep 0.1 # nothing tells when a foreign server listens
  done
  echo "real: $1 did not start; its log ends:" >&2
  tail -n 20 "$work/$1.log" >&2
  exit 1
}

if [ -z "${REDIS_ADDR:-}" ]; then
  if command -v redis-server >/dev/null; then
    port=$(free_port); mkdir "$work/redis"
    redis-server --port "$port" --bind 127.0.0.1 --dir "$work/redis" --save "" --appendonly yes >"$work/redis.log" 2>&1 &
    pids+=($!); await redis "$port" $!
    export REDIS_ADDR=127.0.0.1:$port
  else
    echo "SKIP Redis: no redis-server on PATH and no REDIS_ADDR"
  fi
fi

if [ -z "${ETCD_ADDR:-}" ]; then
  if command -v etcd >/dev/null; then
    port=$(free_port); peer=$(free_port)
    etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$port" --advertise-client-urls "http://127.0.0.1:$port" \
      --listen-peer-urls "http://127.0.0.1:$peer" --initial-advertise-peer-urls "http://127.0.0.1:$peer" \
      --initial-cluster "default=http://127.0.0.1:$peer" >"$work/etcd.log" 2>&1 &
    pids+=($!); await etcd "$port" $!
    export ETCD_ADDR=127.0.0.1:$port
  else
    echo "etcd: no etcd on PATH and no ETCD_ADDR: the embedded server is used, which is real etcd"
  fi
fi

if [ -z "${KAFKA_ADDR:-}" ]; then
  if command -v java >/dev/null && command -v mvn >/dev/null; then
    jars=${XDG_CACHE_HOME:-$HOME/.cache}/hawos/kafka-4.4.0
    mvn -q -B -f tests/real/pom.xml dependency:copy-dependencies -DoutputDirectory="$jars"
    port=$(free_port); controller=$(free_port)
    sed -e "s|@PORT@|$port|g" -e "s|@CONTROLLER@|$controller|g" -e "s|@DIR@|$work/kafka|g" tests/real/kafka.properties >"$work/kafka.properties"
    java -cp "$jars/*" kafka.tools.StorageTool format --standalone -t "$(java -cp "$jars/*" kafka.tools.StorageTool random-uuid)" -c "$work/kafka.properties" >"$work/kafka.log" 2>&1 \
      || { cat "$work/kafka.log" >&2; exit 1; }
    java -Xmx512m -cp "$jars/*" kafka.Kafka "$work/kafka.properties" >>"$work/kafka.log" 2>&1 &
    pids+=($!); await kafka "$port" $!
    export KAFKA_ADDR=127.0.0.1:$port
  else
    echo "SKIP Kafka: java and mvn are needed, or KAFKA_ADDR"
  fi
fi

if [ -z "${NSQD_ADDR:-}" ]; then
  if command -v nsqd >/dev/null; then
    port=$(free_port); http=$(free_port); mkdir "$work/nsq"
    nsqd --tcp-address "127.0.0.1:$port" --http-address "127.0.0.1:$http" --data-path "$work/nsq" >"$work/nsqd.log" 2>&1 &
    pids+=($!); await nsqd "$port" $!
    export NSQD_ADDR=127.0.0.1:$port NSQD_HTTP_ADDR=127.0.0.1:$http
  else
    echo "SKIP NSQ: no nsqd on PATH and no NSQD_ADDR; the stand-in nsqtest is what make test uses"
  fi
fi

echo "etcd ${ETCD_ADDR:-embedded} · redis ${REDIS_ADDR:-none} · kafka ${KAFKA_ADDR:-none} · nsqd ${NSQD_ADDR:-none}"
go test -count=1 -timeout 10m ./tests/registry/... ./tests/push/... ./tests/redis/... ./tests/e2e/...
