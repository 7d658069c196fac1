from harbour_billing.cli import build_parser, run_period
from harbour_billing.periods import Period

MAY = Period(2024, 5)


def test_parses_run():
    args = build_parser().parse_args(["--database", "b.db", "run", "2024-05", "--dry-run"])
    assert args.period == MAY
    assert args.dry_run is True


def test_run_makes_one_invoice_per_busy_account(repository, add_parcel, connection):
    add_parcel(1, "A1", "S", "2024-05-02T10:00:00+00:00")
    assert run_period(repository, MAY, dry_run=False) == 1
    assert connection.execute("SELECT count(*) FROM invoices").fetchone()[0] == 1


def test_dry_run_stores_nothing(repository, add_parcel, connection):
    add_parcel(1, "A1", "S", "2024-05-02T10:00:00+00:00")
    assert run_period(repository, MAY, dry_run=True) == 1
    assert connection.execute("SELECT count(*) FROM invoices").fetchone()[0] == 0
