#!/usr/bin/env bash
# Five counts that reach Graphite's store in time, and five that come late
#
# Guess: a metric with the aggregation "sum" has the same total in its coarse archive, whether its points come at once or an hour
#   later.
# Seen:  python3-whisper 1.1.4-2.2 (Debian 12).
#   Points too old for the fine archive are written into the coarse one as they are, and each takes the place of the one before:
#   five counts of 1 that are late make 1, not 5. A single late point also takes the place of a sum that was there.
# Why:   after an outage of the relay, or a replay of what it queued, the history of the outage is a fraction of what it was, and
#   the total of a day goes down by sending more.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -qq python3-whisper=1.1.4-2.2 2> /dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done

cat > run.py <<'PY'
import os
import sys
import time
sys.path.insert(0, 'root/usr/lib/python3/dist-packages')
import whisper

# 10 minutes by the minute, then 100 minutes by five minutes.
now = int(time.time()) // 300 * 300
slot = now - 1800

def total(*batches):
    if os.path.exists('a.wsp'):
        os.unlink('a.wsp')
    whisper.create('a.wsp', [(60, 10), (300, 20)], xFilesFactor=0, aggregationMethod='sum')
    for clock, points in batches:
        time.time = lambda: clock
        whisper.update_many('a.wsp', list(points))
    time.time = lambda: now
    _, values = whisper.fetch('a.wsp', slot - 300, slot, now=now)
    return values[-1]

ones = [(slot + 60 * at, 1) for at in range(5)]
print('in time:', total((slot + 299, ones)))
print('late:', total((now, ones)))
print('in time, and one more that is late:', total((slot + 299, ones), (now, [(slot + 120, 1)])))
PY

cat > expected <<'TEXT'
in time: 5.0
late: 1.0
in time, and one more that is late: 1.0
TEXT
python3 run.py > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
