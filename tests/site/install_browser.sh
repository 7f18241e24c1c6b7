#!/bin/sh
# Make sure there is a Chromium for the site's tests. $1: a Python with playwright.
set -eu
for name in "${BOOKKIT_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
        echo "Browser: $(command -v "$name")"
        exit 0
    fi
done
install() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    # The fonts: without them a page of Chinese is a page of boxes. The shell: most tests
    # need half the time with it; older systems do not have it.
    if install chromium fonts-noto-cjk chromium-headless-shell ||
        install chromium fonts-noto-cjk; then
        exit 0
    fi
fi
if "$1" -m playwright install chromium; then
    exit 0
fi
echo "error: no Chromium found, and none could be installed
  expected: chromium, chromium-browser or google-chrome on the PATH,
            or its path in BOOKKIT_CHROMIUM
  next: sudo apt-get install chromium fonts-noto-cjk" >&2
exit 2
