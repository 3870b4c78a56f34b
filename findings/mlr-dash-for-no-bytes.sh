#!/usr/bin/env bash
# The bytes column of an access log, with the dash that stands for none
#
# Guess: Miller passes over "-", or takes it as zero, or reports an error: in all of its functions alike.
# Seen:  miller 6.6.0-2+b3 (Debian 12).
#   stats1 counts it, leaves it out of sum and mean, and has it as the maximum, since text is more than any number; so mean is
#   not sum divided by count. top gives "-" as the greatest, sort -nr puts it before all numbers, and a filter for less than
#   1000 bytes keeps it.
# Why:   Common Log Format writes a dash for an answer without a body. One 304 in the log, and the greatest answer of the day is
#   "-".
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -qq miller=6.6.0-2+b3 2> /dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done

printf 'bytes\n512\n-\n2048\n' > bytes.csv
cat > run.sh <<'SH'
set -euo pipefail
PATH=$PWD/root/usr/bin:$PATH
mlr --icsv --ojsonl stats1 -a count,sum,mean,min,max -f bytes bytes.csv
mlr --icsv --ojsonl top -f bytes bytes.csv
echo "sort -nr: $(mlr --icsv --onidx sort -nr bytes bytes.csv | tr '\n' ' ')"
echo "less than 1000: $(mlr --icsv --onidx filter '$bytes < 1000' bytes.csv | tr '\n' ' ')"
SH

cat > expected <<'TEXT'
{"bytes_count": 3, "bytes_sum": 2560, "bytes_mean": 1280, "bytes_min": 512, "bytes_max": "-"}
{"top_idx": 1, "bytes_top": "-"}
sort -nr: - 2048 512 
less than 1000: 512 - 
TEXT
bash run.sh > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
