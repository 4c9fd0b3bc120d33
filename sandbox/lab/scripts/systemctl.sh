#!/bin/sh
# There is no systemd in the lab. This answers what is asked of it about the services of a switch.
quiet=
while :; do
  case $1 in
    --quiet | -q) quiet=yes; shift ;;
    --no-pager | --no-block | --now) shift ;;
    *) break ;;
  esac
done
verb=$1
unit=${2%.service}

running() {
  case $unit in
    frr) pgrep -x watchfrr > /dev/null ;;
    networking) [ -e /run/pointsman-lab-ready ] ;;
    ssh | sshd) pgrep -x sshd > /dev/null ;;
    lldpd) pgrep -x lldpd > /dev/null ;;
    *) return 1 ;;
  esac
}

case $verb in
  is-active)
    if running; then [ "$quiet" ] || echo active; exit 0; fi
    [ "$quiet" ] || echo inactive
    exit 3
    ;;
  daemon-reload) exit 0 ;;
esac

case $unit:$verb in
  frr:start | frr:stop | frr:restart | frr:reload | frr:status) exec /usr/lib/frr/frrinit.sh "$verb" ;;
  networking:start | networking:restart | networking:reload) exec ifreload -a ;;
  lldpd:start) exec lldpd -I 'swp*,eth0' -S "Pointsman lab, Debian with FRR" ;;
  lldpd:stop) pkill -x lldpd; exit 0 ;;
  lldpd:restart) pkill -x lldpd; sleep 0.2; exec lldpd -I 'swp*,eth0' -S "Pointsman lab, Debian with FRR" ;;
  ssh:start | sshd:start) running || exec /usr/sbin/sshd -E /var/log/sshd.log; exit 0 ;;
  ssh:stop | sshd:stop) pkill -x -o sshd; exit 0 ;;
  ssh:reload | sshd:reload | ssh:restart | sshd:restart) exec pkill -HUP -x -o sshd ;;
esac
echo "systemctl: the lab has no systemd and does not know: $verb $2" >&2
exit 1
