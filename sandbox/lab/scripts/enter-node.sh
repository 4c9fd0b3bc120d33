#!/bin/sh
# Makes the root of a node and becomes its PID 1. Runs in new mount, UTS, IPC and PID namespaces and in the node's network;
# argument: the node's name. /proc is still the machine's, /run still the hub's.
set -e
disk=/run/disks/$1
root=$disk/root
read -r pid rest < /proc/self/stat
echo "$pid" > "$disk/pid.new"
mv "$disk/pid.new" "$disk/pid"

mkdir -p "$root"
mount -t overlay "pointsman-$1" -o "lowerdir=/run/factory:/run/hidden:/,upperdir=$disk/upper,workdir=$disk/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=755 dev "$root/dev"
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty "$root/dev/"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
# Where the machine tells a serial at all, the node tells its own.
if [ -e "$root/sys/class/dmi/id/product_serial" ]; then
  mount --bind "$root/etc/pointsman-lab/serial" "$root/sys/class/dmi/id/product_serial"
fi

hostname "$1"
cd "$root"
mkdir -p run/old
pivot_root . run/old
umount -l /run/old
rmdir /run/old
exec /usr/bin/tini -- /usr/local/lib/pointsman-lab/boot
