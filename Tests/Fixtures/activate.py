"""Starts a program as a service manager does, with a listening socket as descriptor 3.

usage: activate.py ADDRESS PROGRAM ARGUMENT... (ADDRESS: a port of 127.0.0.1, or the path of a unix socket)

The manager itself goes on having the socket: a process of its own, whose pid is put into the file holder.pid.
"""

import os
import socket
import sys

address, program = sys.argv[1], sys.argv[2:]
if address.isdigit():
    listener = socket.socket(socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(address)))
else:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
listener.listen(16)
if listener.fileno() != 3:
    os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)

if os.fork() == 0:
    os.setsid()
    with open("holder.pid.new", "w") as file:
        file.write(str(os.getpid()))
    os.rename("holder.pid.new", "holder.pid")
    os.execve("/bin/sleep", ["sleep", "60"], {})

os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="web")
os.execv(program[0], program)
