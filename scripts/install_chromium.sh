#!/bin/sh
# Installs Debian's chromium for the browser tests. Without root or apt it says what to do and goes on: those tests then say why they cannot run.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
else
    echo "kerascope: chromium is missing; the browser tests need it (Debian: apt-get install chromium)" >&2
fi
