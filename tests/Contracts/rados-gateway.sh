#!/usr/bin/env bash
# usage: rados-gateway.sh DIRECTORY MONITOR_PORT PORT ACCESS_KEY SECRET_KEY
# A whole Ceph for tests: one monitor, one store in memory, one S3 gateway on 127.0.0.1:PORT. Says "ready" when it answers, then obeys lines
# of stdin: "kill" ends the gateway with SIGKILL, "start" starts it again (and says "ready"). A gateway that ends by itself is started again, and
# stderr says so. Ends with its stdin, and everything with it, DIRECTORY too: each daemon is killed when this shell dies in whatever way.
set -euo pipefail
directory=$1 monitor=$2 port=$3 access=$4 secret=$5
cd "$directory"
mkdir -p mon osd rgw run log

cat >ceph.conf <<CONF
[global]
fsid = 7d1f1e7c-6f0c-4a52-9d0e-5f2f0c5a1b11
mon host = [v2:127.0.0.1:$monitor]
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
run dir = $directory/run
admin socket = $directory/run/\$name.\$pid.asok
log file = $directory/log/\$name.log
crash dir = $directory/log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 0
[mon.a]
mon data = $directory/mon
mon osd report timeout = 3600
# One monitor has nobody to wait for.
paxos min wait = 0
paxos propose interval = 0.02
[osd.0]
osd data = $directory/osd
osd objectstore = memstore
memstore device bytes = 8589934592
osd class load list = *
osd class default list = *
[client.rgw]
# The gateway's own defaults would have the monitor speak encrypted, which takes keys.
ms mon client mode = crc
auth client required = none
rgw data = $directory/rgw
rgw frontends = beast endpoint=127.0.0.1:$port
rgw dns name = localhost
rgw enable apis = s3, admin, notifications
# A request that says so came over HTTPS: else it may carry no secret of a topic.
rgw trust forwarded https = true
rgw thread pool size = 32
rgw enable gc threads = false
rgw enable lc threads = false
rgw run sync thread = false
rgw enable quota threads = false
rgw override bucket index max shards = 1
CONF
export CEPH_CONF=$directory/ceph.conf

run() { # name command…: in the background; dies with this shell
    local name=$1; shift
    setpriv --pdeathsig KILL "$@" </dev/null >>"log/$name.out" 2>&1 &
    pids[$name]=$!
}
declare -A pids=()
finish() {
    for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    cd / && rm -rf "$directory"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
await() { # name port: until it listens
    for ((i = 0; i < 2400; i++)); do
        if listens "$2"; then return; fi
        kill -0 "${pids[$1]}" 2>/dev/null || break
        sleep 0.05
    done
    echo "$1 does not start" >&2
    tail -n 20 "log/$1.out" >&2
    exit 1
}

monmaptool --create --clobber --fsid 7d1f1e7c-6f0c-4a52-9d0e-5f2f0c5a1b11 --addv a "[v2:127.0.0.1:$monitor]" monmap >log/monmap.out
ceph-mon -i a --mkfs --monmap monmap >log/mkfs-mon.out 2>&1
run mon ceph-mon -f -i a
await mon "$monitor"
uuid=$(cat /proc/sys/kernel/random/uuid)
timeout 60 ceph osd new "$uuid" >log/osd-new.out 2>&1
ceph-osd -i 0 --mkfs --osd-uuid "$uuid" >log/mkfs-osd.out 2>&1
run osd ceph-osd -f -i 0
timeout 60 radosgw-admin user create --uid tests --display-name Tests --access-key "$access" --secret "$secret" >log/user.out 2>&1
start() {
    # A connection of somebody else may stand on the port for a moment.
    for _ in 1 2 3 4 5; do
        run rgw radosgw -f -n client.rgw
        if (await rgw "$port"); then return; fi
        kill -9 "${pids[rgw]}" 2>/dev/null || true
        wait "${pids[rgw]}" 2>/dev/null || true
    done
    exit 1
}
start
echo ready
wanted=yes
while true; do
    line= ended=0
    read -r -t 1 line || ended=$?
    # Above 128 it is the second that is over.
    if [ "$ended" -ne 0 ] && [ "$ended" -le 128 ]; then break; fi
    case $line in
        kill) wanted=; kill -9 "${pids[rgw]}"; wait "${pids[rgw]}" 2>/dev/null || true; echo killed ;;
        start) start; wanted=yes; echo ready ;;
    esac
    if [ -n "$wanted" ] && ! kill -0 "${pids[rgw]}" 2>/dev/null; then
        echo "the gateway ended by itself and is started again" >&2
        tail -n 20 log/rgw.out >&2
        start
    fi
done
