#!/usr/bin/env bash
# p99 and p99.9 in one table, by Miller
#
# Guess: mlr --ojson stats1 -a p99,p99.9 gives two fields, as it does in its other formats.
# Seen:  miller 6.6.0-2+b3 (Debian 12).
#   With JSON out of anything but JSON, a dot in a name means a level below: x_p99.9 becomes {"x_p99": {"9": ...}}. So one of the
#   two is lost: p99 when it is asked for first, p99.9 when p99 comes after it. A smoothing factor (step -a ewma -d 0.1)
#   becomes an array.
# Why:   p99 and p99.9 side by side are what one asks for in a table of latencies; and the value left is under the name of the
#   other, one level down.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -qq miller=6.6.0-2+b3 2> /dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done

seq 1 1000 | sed '1i x' > values.csv
cat > run.sh <<'SH'
set -euo pipefail
PATH=$PWD/root/usr/bin:$PATH
echo 'p99, then p99.9'
mlr --icsv --ojsonl stats1 -a p99,p99.9 -f x values.csv
echo 'p99.9, then p99'
mlr --icsv --ojsonl stats1 -a p99.9,p99 -f x values.csv
echo 'as a list of fields'
mlr --icsv --oxtab stats1 -a p99,p99.9 -f x values.csv
echo 'ewma'
mlr --icsv --ojsonl head -n 1 then step -a ewma -d 0.1 -f x values.csv
SH

cat > expected <<'TEXT'
p99, then p99.9
{"x_p99": {"9": 1000}}
p99.9, then p99
{"x_p99": 991}
as a list of fields
x_p99   991
x_p99.9 1000
ewma
{"x": 1, "x_ewma_0": [1]}
TEXT
bash run.sh > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
