import json

import httpx
import pytest

from harbour_billing.gateway import PaymentDeclined, PaymentGateway, ProviderUnavailable
from harbour_billing.money import Money
from harbour_billing.settings import Settings

SETTINGS = Settings("billing.db", "https://pay.harbourline.example", "token-for-tests")


def gateway(handler, waits=None):
    client = httpx.Client(
        base_url=SETTINGS.provider_url, transport=httpx.MockTransport(handler)
    )
    return PaymentGateway(SETTINGS, client, (waits if waits is not None else []).append)


def test_charge_sends_minor_units_and_key():
    seen = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json={"id": "ch_1", "status": "settled"})

    charge = gateway(handler).charge("HL2405-000001-01", Money(1210, "EUR"), "m-77")
    assert (charge.id, charge.status) == ("ch_1", "settled")
    assert json.loads(seen[0].content)["amount"] == 1210
    assert seen[0].headers["Idempotency-Key"] == "HL2405-000001-01"


def test_declined():
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": "ch_1", "status": "declined", "reason": "limit"})

    with pytest.raises(PaymentDeclined, match="limit"):
        gateway(handler).charge("HL2405-000001-01", Money(1210, "EUR"), "m-77")


def test_retries_with_growing_waits():
    answers = [503, 429, 200]
    waits: list[float] = []

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(answers.pop(0), json={"id": "ch_1", "status": "settled"})

    gateway(handler, waits).charge("HL2405-000001-01", Money(1210, "EUR"), "m-77")
    assert waits == [0.5, 1.0]


def test_gives_up_after_four_attempts():
    calls = []

    def handler(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        raise httpx.ConnectError("refused")

    with pytest.raises(ProviderUnavailable):
        gateway(handler).charge("HL2405-000001-01", Money(1210, "EUR"), "m-77")
    assert len(calls) == 4
