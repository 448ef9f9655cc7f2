#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A simulated SMTP relay and SMS gateway for tests, on one loopback port each.

simulated_relay.py DIR: writes the two ports to DIR/smtp.port and DIR/http.port, and what arrives to
DIR/smtp.N and DIR/http.N. What they do is read from DIR/mood before each connection: good, refuse,
drop (hang up in the middle), slow (say nothing until the client leaves), late (a gateway that
answers after more than a second). Each connection is counted
in DIR/seen as a line.
"""
import json
import os
import socket
import sys
import threading
import time

folder = sys.argv[1]
lock = threading.Lock()
count = {"smtp": 0, "http": 0}


def mood(kind):
    try:
        with open(os.path.join(folder, "mood")) as f:
            word = f.read().strip()
    except OSError:
        word = "good"
    with lock, open(os.path.join(folder, "seen"), "a") as f:
        f.write(kind + " " + word + "\n")
    return word


def keep(kind, data):
    with lock:
        count[kind] += 1
        name = os.path.join(folder, "%s.%d" % (kind, count[kind]))
    with open(name + ".part", "wb") as f:
        f.write(data)
    os.rename(name + ".part", name)


def linger(sock):
    while sock.recv(4096):
        pass


def smtp(sock):
    word = mood("smtp")
    if word == "slow":
        return linger(sock)
    f = sock.makefile("rwb")

    def say(line):
        f.write(line.encode() + b"\r\n")
        f.flush()

    say("220 simulated relay")
    kept = b""
    for raw in f:
        line = raw.strip().upper()
        if line.startswith(b"EHLO"):
            say("250-simulated")
            say("250 AUTH PLAIN")
        elif line.startswith(b"AUTH"):
            if line == b"AUTH PLAIN":  # RFC 4954 section 4: the rest comes when it is asked for
                say("334 ")
                raw = b"AUTH PLAIN " + f.readline()
            kept += raw
            say("235 fine")
        elif line.startswith(b"RCPT"):
            kept += raw
            say("550 nobody of this name: " + raw.decode().strip() if word == "refuse" else "250 fine")
        elif line == b"DATA":
            if word == "drop":
                return None
            say("354 go on")
            for body in f:
                if body == b".\r\n":
                    break
                kept += body[1:] if body.startswith(b"..") else body
            keep("smtp", kept)
            say("250 queued")
        elif line == b"QUIT":
            say("221 bye")
            return None
        else:
            kept += raw
            say("250 fine")
    return None


def http(sock):
    word = mood("http")
    if word == "slow":
        return linger(sock)
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(4096)
        if not more:
            return None
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    if word == "drop":
        return None
    length = [int(l.split(b":")[1]) for l in head.split(b"\r\n") if l.lower().startswith(b"content-length")][0]
    while len(body) < length:
        body += sock.recv(4096)
    if word == "late":
        time.sleep(1.1)
    if word == "refuse":
        sock.sendall(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return None
    json.loads(body)
    keep("http", head + b"\r\n\r\n" + body)
    sock.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    return None


def serve(kind, handler):
    listener = socket.create_server(("127.0.0.1", 0))
    name = os.path.join(folder, kind + ".port")
    with open(name + ".part", "w") as f:
        f.write(str(listener.getsockname()[1]))
    os.rename(name + ".part", name)

    def one(sock):
        try:
            handler(sock)
        except OSError:
            pass
        sock.close()

    while True:
        sock, _ = listener.accept()
        threading.Thread(target=one, args=(sock,), daemon=True).start()


threading.Thread(target=serve, args=("smtp", smtp), daemon=True).start()
serve("http", http)
