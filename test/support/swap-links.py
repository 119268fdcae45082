"""Swaps each pair of paths, an entry and a link, as fast as it can, as the owner of a folder could. Arguments: entry, link, entry, ..."""

import ctypes
import os
import sys
import time

AT_FDCWD = -100
RENAME_EXCHANGE = 2
libc = ctypes.CDLL(None, use_errno=True)
pairs = [(os.fsencode(a), os.fsencode(b)) for a, b in zip(sys.argv[1::2], sys.argv[2::2])]
parent = os.getppid()
turn = 0
swaps = 0
print("begun", flush=True)
while os.getppid() == parent:
    for one, other in pairs:
        if libc.renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE) == 0:
            swaps += 1
    turn += 1
    # Stops at changing moments, so that requests meet each state of each pair; and leaves them some of the processor.
    time.sleep(0.0001 * (turn % 17))
    if swaps >= 100:
        print(swaps, flush=True)
        swaps = 0
