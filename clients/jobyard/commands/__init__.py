"""What the `jobyard` command says to a server, a family a file; each is loaded when it is said."""
