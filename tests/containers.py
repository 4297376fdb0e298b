"""Read a Dockerfile and a compose file without a container engine."""

import json
import re
import shlex
from pathlib import Path
from typing import Literal

import msgspec
from attrs import frozen

Instruction = tuple[str, str]
KNOWN = frozenset({
    "FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
    "HEALTHCHECK", "CMD", "ENTRYPOINT", "LABEL", "ARG",
})  # fmt: skip


def instructions(text: str) -> list[Instruction]:
    """The instructions in order: comments dropped, continued lines joined."""
    lines = [line for line in text.split("\n") if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found = [line.partition(" ") for line in joined.split("\n") if line.strip()]
    unknown = {word for word, _, _ in found} - KNOWN
    if unknown:
        raise ValueError(f"no instruction of a Dockerfile: {sorted(unknown)}")
    return [(word, rest.strip()) for word, _, rest in found]


def argv(rest: str) -> list[str]:
    """The words that a RUN, CMD or HEALTHCHECK CMD executes, in exec form or in shell form."""
    if rest.startswith("["):
        return msgspec.convert(json.loads(rest), list[str])
    return ["/bin/sh", "-c", rest]


def settings(rest: str) -> dict[str, str]:
    """The variables of one ENV."""
    return dict(word.split("=", 1) for word in shlex.split(rest))


@frozen
class Elsewhere:
    """The image's file system, under a folder of this machine."""

    root: Path
    tops: tuple[str, ...]
    """Absolute paths of the image that stand for folders of their own."""

    def path(self, inside: str) -> Path:
        """Where a path of the image is here."""
        return self.root / inside.lstrip("/")

    def text(self, command: str) -> str:
        """A command with the image's paths replaced."""
        pattern = r"(?<![\w.}/])(?:" + "|".join(map(re.escape, self.tops)) + r")(?![\w-])"
        return re.sub(pattern, lambda match: str(self.path(match[0])), command)


def ignored(patterns: str, name: str) -> bool:
    """Whether .dockerignore keeps a top-level name out; the last line that fits decides."""
    out = False
    for line in patterns.split("\n"):
        pattern = line.strip()
        if pattern.lstrip("!") in {"*", name}:
            out = not pattern.startswith("!")
    return out


class Limit(msgspec.Struct, forbid_unknown_fields=True):
    soft: int
    hard: int


class Dependency(msgspec.Struct, forbid_unknown_fields=True):
    condition: Literal["service_started", "service_healthy", "service_completed_successfully"]


class Service(msgspec.Struct, forbid_unknown_fields=True):
    """What the compose specification says of a service, as far as ours uses it."""

    image: str
    volumes: list[str]
    cap_drop: list[str]
    security_opt: list[str]
    build: str | None = None
    command: list[str] = []
    depends_on: dict[str, Dependency] = {}
    network_mode: str | None = None
    ports: list[str] = []
    profiles: list[str] = []
    tmpfs: list[str] = []
    ulimits: dict[str, Limit] = {}
    restart: Literal["no", "always", "on-failure", "unless-stopped"] = "no"
    init: bool = False
    read_only: bool = False
    stop_grace_period: str = "10s"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"(\d+h)?(\d+m)?(\d+s)?", self.stop_grace_period):
            raise ValueError("stop_grace_period is a duration")
        for port in self.ports:
            published = re.fullmatch(r"([\d.]+):(\d{1,5}):(\d{1,5})", port)
            if not published or published[1] != "127.0.0.1":
                raise ValueError(f"ports are published on 127.0.0.1 only, not {port}")


class Compose(msgspec.Struct, forbid_unknown_fields=True):
    """A compose file of the kind we ship."""

    services: dict[str, Service]
    volumes: dict[str, dict[str, str]]
    name: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", self.name):
            raise ValueError("name is in small letters")
        for service in self.services.values():
            beside = (service.network_mode or "").removeprefix("service:")
            unknown = {*service.depends_on, *filter(None, [beside])} - self.services.keys()
            if unknown:
                raise ValueError(f"no such services: {sorted(unknown)}")
            for volume in service.volumes:
                source = volume.split(":")[0]
                if not source.startswith((".", "/")) and source not in self.volumes:
                    raise ValueError(f"no volume is named {source}")
