#!/usr/bin/env python3
# Writes what ifupdown2 remembers after it has brought interfaces up, so that it takes down what is removed from them later.
# Nodes come up without it the first time; it would run once for each of them, and take most of the time of a large start.
# Arguments: the upper layers of the nodes' disks.
import os
import sys

sys.path.insert(0, '/usr/share/ifupdown2')
from ifupdown.networkinterfaces import networkInterfaces
from ifupdown.statemanager import pickling

for upper in sys.argv[1:]:
    with open(upper + '/etc/network/interfaces') as file:
        # The folder that is sourced is empty on a new node, and is not this machine's.
        text = ''.join(line for line in file if not line.startswith('source '))
    found = []
    reader = networkInterfaces(interfacesfile=None, interfacesfileiobuf=text)
    reader.subscribe('iface_found', found.append)
    reader.load()
    folder = upper + '/var/tmp/network'
    os.makedirs(folder)
    os.chmod(upper + '/var/tmp', 0o1777)
    pickling.save(folder + '/ifstatenew', found)
