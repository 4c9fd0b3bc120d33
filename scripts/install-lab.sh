#!/usr/bin/env bash
# Installs the Debian packages of a lab (sandbox/lab/), without starting any of their services on this machine.
# Removes nothing: where one of them cannot stand beside what is installed, apt says so and changes nothing.
set -euo pipefail

if [ "$(id -u)" != 0 ]; then
  echo 'Installing packages needs root; run: sudo scripts/install-lab.sh' >&2
  exit 1
fi
if [ ! -e /etc/debian_version ]; then
  echo 'The packages of a lab are known by their Debian names only, and this is not Debian.' >&2
  exit 1
fi

packages=(bridge-utils frr frr-pythontools lldpd openssh-server openssh-client iproute2 ifupdown2 tini iputils-ping nftables sudo procps)
services=(frr lldpd ssh networking nftables)

# A service that was there before stays as it was.
enabled() { [ -e "/etc/systemd/system/multi-user.target.wants/$1.service" ]; }
before=()
for service in "${services[@]}"; do
  if enabled "$service"; then before+=("$service"); fi
done

# dpkg asks this file before it starts a service; 101 is no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet=2
apt-get install --quiet=2 --yes --no-install-recommends --no-remove "${packages[@]}"

# Nor at the next boot.
for service in "${services[@]}"; do
  if enabled "$service" && [[ " ${before[*]-} " != *" $service "* ]]; then
    systemctl disable --quiet "$service" || rm -f "/etc/systemd/system/multi-user.target.wants/$service.service"
  fi
done
echo 'The packages of a lab are installed.'
