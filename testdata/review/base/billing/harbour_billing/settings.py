"""Settings, read from the environment once at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


class MissingSetting(RuntimeError):
    """A setting that has no default is not in the environment."""


@dataclass(frozen=True, slots=True)
class Settings:
    database_path: str
    provider_url: str
    provider_token: str
    provider_timeout_seconds: float = 10.0
    log_level: str = "INFO"

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Settings:
        env = os.environ if env is None else env
        return cls(
            database_path=_required(env, "BILLING_DATABASE"),
            provider_url=env.get("BILLING_PROVIDER_URL", "https://pay.harbourline.example"),
            provider_token=_required(env, "BILLING_PROVIDER_TOKEN"),
            provider_timeout_seconds=float(env.get("BILLING_PROVIDER_TIMEOUT", "10")),
            log_level=env.get("BILLING_LOG_LEVEL", "INFO"),
        )


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise MissingSetting(name)
    return value
