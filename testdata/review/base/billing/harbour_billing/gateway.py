"""Client for the payment provider's HTTP API."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from harbour_billing.money import Money
from harbour_billing.settings import Settings

log = logging.getLogger(__name__)

RETRYABLE = frozenset({429, 502, 503, 504})
MAX_ATTEMPTS = 4


class PaymentDeclined(Exception):
    """The provider refused the charge."""


class ProviderUnavailable(Exception):
    """The provider did not answer in a usable way."""


@dataclass(frozen=True, slots=True)
class Charge:
    id: str
    status: str


class PaymentGateway:
    def __init__(
        self,
        settings: Settings,
        client: httpx.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client or httpx.Client(
            base_url=settings.provider_url,
            timeout=settings.provider_timeout_seconds,
            headers={"Authorization": f"Bearer {settings.provider_token}"},
        )
        self._sleep = sleep

    def charge(self, invoice_number: str, amount: Money, mandate: str) -> Charge:
        """Charge the mandate; the invoice number makes a repeated call harmless."""
        body = {
            "amount": amount.minor,
            "currency": amount.currency,
            "mandate": mandate,
            "reference": invoice_number,
        }
        answer = self._send("POST", "/v2/charges", body, idempotency_key=invoice_number)
        if answer["status"] == "declined":
            raise PaymentDeclined(answer.get("reason", "no reason given"))
        return Charge(id=answer["id"], status=answer["status"])

    def _send(
        self, method: str, path: str, body: dict[str, Any], *, idempotency_key: str
    ) -> dict[str, Any]:
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                response = self._client.request(
                    method, path, json=body, headers={"Idempotency-Key": idempotency_key}
                )
            except httpx.TransportError as error:
                log.warning("provider call failed: %s (attempt %d)", error, attempt)
            else:
                if response.status_code not in RETRYABLE:
                    response.raise_for_status()
                    answer: dict[str, Any] = response.json()
                    return answer
                log.warning("provider said %d (attempt %d)", response.status_code, attempt)
            if attempt < MAX_ATTEMPTS:
                self._sleep(0.5 * 2 ** (attempt - 1))
        raise ProviderUnavailable(path)
