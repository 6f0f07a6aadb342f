"""Daphne with what a fleet needs; importing a module of this package installs its reactor.

socket      a WebSocket: its handshake's end, its input, its close, its application
output      what is written to one, or to a stream: straight to the kernel, or behind what waits
framing     what is used of autobahn: the reading of frames
handshake   what makes an upgrade valid, and the answers to it (RFC 6455, section 4)
channel     an HTTP connection: bodies refused by size before they are read
request     one HTTP exchange: body in chunks on demand, response with backpressure
stream      a response that is written while things happen
scope       from a request's head to an ASGI scope
exchange    the application that runs behind a socket or a request
listen      listening sockets: inherited, bound, and the private one for administration
server      the process: listens, runs applications, stops
"""
