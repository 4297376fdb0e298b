"""Settings files in the original's dialect, written anew with the keys its users have."""

EXAMPLE = """
# a server for everybody
host: "0.0.0.0" # optional
port: 8962
web_port: 8952
test_mode: false
delay_policy: "IGNORE"
allow_dispatch: false
log_level: "warning"
job_timeout: 120
groups:
    - slug: "first_group"
    - slug: "second_group"
users:
    - username: "somebody"
      password: "your_password"
      groups: ["another_group"]
"""

SUITE = """
groups:
  - slug: "group1"
  - slug: "group2"
users:
  - username: "user1"
    password: "pass1"
    groups: ["group1"]
  - username: "user2"
    password: "pass2"
    groups: ["group2"]
log_level: "DEBUG"
test_mode: true
delay_policy: "IGNORE"
"""

RECORDED = """

host: "127.0.0.1"
port: 18962
web_port: -1
groups:
  - slug: "group1"
  - slug: "group2"
users:
  - username: "user1"
    password: "pass1"
    groups: ["group1"]
  - username: "superuser"
    password: "superuser"
    groups: ["*"]
  - username: "nogroups"
    password: "np"
test_mode: true
allow_dispatch: true
log_level: "error"
job_timeout: 1
"""

JOBENGINE = """
version: 1
port: 6010
job_keep_minutes: 30
job_timeout_minutes: 30
queues:
  first:
    read: [service1]
    write: [service2]
"""
