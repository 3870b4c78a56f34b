#!/usr/bin/env bash
# Alertmanager matchers with a slip of the finger
#
# Guess: amtool check-config refuses severity!=~"a|b" (meant: !~) and env=='prod', and takes quotes of either kind as quotes.
# Seen:  prometheus-alertmanager 0.25.0-1+b4 (Debian 12).
#   All are accepted. != with the value ~"a|b", quotes and all; = with the value ='prod'; and single quotes are part of the value.
# Why:   the first matches every alert, the others none: a route or an inhibition that never works, in a file that the tool calls
#   a SUCCESS. Only the tool's own "routes test" shows it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get download -qq prometheus-alertmanager=0.25.0-1+b4 2> /dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done

cat > run.sh <<'SH'
set -euo pipefail
amtool=$PWD/root/usr/bin/amtool
try () {
  printf 'receivers: [{name: default}, {name: night}]\nroute:\n  receiver: default\n  routes:\n  - receiver: night\n    matchers:\n    - %s\n' "$1" > routes.yml
  shift
  "$amtool" check-config routes.yml | grep -o 'SUCCESS'
  "$amtool" config routes show --config.file=routes.yml 2> /dev/null | grep night | tr -s ' '
  for labels in "$@"; do echo "   $labels goes to $("$amtool" config routes test --config.file=routes.yml $labels 2> /dev/null)"; done
}
try 'severity!=~warning|info' severity=warning severity=critical
try "env=='prod'" env=prod env=test
try "env='prod'" env=prod env=test
try 'env="prod"' env=prod env=test
SH

cat > expected <<'TEXT'
SUCCESS
 └── {severity!="~warning|info"} receiver: night
   severity=warning goes to night
   severity=critical goes to night
SUCCESS
 └── {env="='prod'"} receiver: night
   env=prod goes to default
   env=test goes to default
SUCCESS
 └── {env="'prod'"} receiver: night
   env=prod goes to default
   env=test goes to default
SUCCESS
 └── {env="prod"} receiver: night
   env=prod goes to night
   env=test goes to default
TEXT
bash run.sh > seen
diff expected seen || { echo 'not as seen' >&2; exit 1; }
echo 'as seen'
