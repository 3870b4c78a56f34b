#!/usr/bin/env bash
# From the last of January to the first of March, in months and days
#
# Guess: ddiff -f '%m months %d days' says 1 month and 1 day, or by another convention 1 month and no day.
# Seen:  dateutils 0.4.10-1 (Debian 12).
#   1 month and 62 days; 29 days when days alone are asked for. It is right when the first month is not January or the day of
#   the month is there in the second month too.
# Why:   ages of certificates, backups and tickets are worked out like this in shell scripts, and once a year a limit of 60 days is
#   passed by one of 29.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -qq dateutils=0.4.10-1 2> /dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done

cat > run.sh <<'SH'
set -euo pipefail
ddiff=$PWD/root/usr/bin/dateutils.ddiff
for pair in '2026-01-31 2026-03-01' '2026-01-30 2026-03-01' '2026-01-29 2026-03-01' '2026-03-31 2026-05-01'; do
  read -r from to <<< "$pair"
  echo "$from to $to: $("$ddiff" "$from" "$to" -f '%m months %d days'), or $("$ddiff" "$from" "$to" -f '%d days')"
done
SH

cat > expected <<'TEXT'
2026-01-31 to 2026-03-01: 1 months 62 days, or 29 days
2026-01-30 to 2026-03-01: 1 months 63 days, or 30 days
2026-01-29 to 2026-03-01: 1 months 0 days, or 31 days
2026-03-31 to 2026-05-01: 1 months 0 days, or 31 days
TEXT
bash run.sh > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
