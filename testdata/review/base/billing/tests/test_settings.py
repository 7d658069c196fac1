import pytest

from harbour_billing.settings import MissingSetting, Settings

COMPLETE = {"BILLING_DATABASE": "/srv/b.db", "BILLING_PROVIDER_TOKEN": "token-for-tests"}


def test_defaults():
    settings = Settings.from_env(COMPLETE)
    assert settings.provider_url == "https://pay.harbourline.example"
    assert settings.provider_timeout_seconds == 10.0


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_required_settings(name):
    env = {key: value for key, value in COMPLETE.items() if key != name}
    with pytest.raises(MissingSetting, match=name):
        Settings.from_env(env)
