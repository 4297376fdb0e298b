"""The engine's front desk, and a whole engine started and stopped around it."""

from engine.directory.desk import Directory
from engine.directory.running import run_engine
from engine.directory.settings import CopyStore, EngineSettings

__all__ = ["CopyStore", "Directory", "EngineSettings", "run_engine"]
