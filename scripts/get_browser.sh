#!/usr/bin/env bash
# get_browser.sh: installs Chromium and its driver for the tests of the page of `movenet view`,
# where that can be done. Never fails: without a browser these tests are skipped, and say why.
set -uo pipefail

has() { command -v "$1" > /dev/null; }

if has chromium && has chromedriver; then
  exit 0
fi
if ! has apt-get || [ "$(id -u)" != 0 ]; then
  echo 'no Chromium: its tests are skipped (to install it takes apt-get, and root)'
  exit 0
fi
echo 'installing Chromium (under a minute) ...'
export DEBIAN_FRONTEND=noninteractive
output=$({ apt-get -q update &&
  apt-get -qy install --no-install-recommends chromium chromium-driver; } 2>&1) ||
  printf '%s\n' "$output" | tail -n 3
has chromium && has chromedriver || echo 'no Chromium: it could not be installed'
exit 0
