"""The line protocol and the native words as sessions without a socket: any door may hold one."""
