#!/bin/sh
# What a node does when it is switched on. A box with systemd does the same by units, in this order.
exec < /dev/null > /var/log/boot.log 2>&1
mkdir -p /run/sshd /run/network /run/lldpd /run/lock /run/frr
chown frr:frr /run/frr
# FRR keeps folders by process number there, and the numbers come again at every boot.
rm -rf /var/tmp/frr

if [ -x /usr/local/sbin/pointsman-switch ]; then
  /usr/local/sbin/pointsman-switch boot-check
fi

for key in net/ipv4/ip_forward net/ipv6/conf/all/forwarding net/ipv4/fib_multipath_hash_policy; do
  echo 1 > "/proc/sys/$key"
done
# Bringing up what the switch came with takes ifreload longer than everything else here; these commands do the same, and
# what ifupdown2 would remember of it is on the disk.
if cmp -s /etc/network/interfaces /etc/pointsman-lab/interfaces; then
  ip -batch /etc/pointsman-lab/interfaces.ip
else
  ifreload -a
fi

/usr/sbin/sshd -E /var/log/sshd.log
lldpd -I 'swp*,eth0' -S "Pointsman lab, Debian with FRR"
/usr/lib/frr/frrinit.sh start
: > /run/pointsman-lab-ready
exec sleep infinity
