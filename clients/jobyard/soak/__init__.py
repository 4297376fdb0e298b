"""A whole server and its clients in virtual time, under faults drawn from a seed, and judged."""
