"""The RPC front-end: JSON-RPC, and Go's net/rpc as qmanager's programs speak it."""
