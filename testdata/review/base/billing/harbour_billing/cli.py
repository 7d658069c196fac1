"""Command line for the billing run."""

from __future__ import annotations

import argparse
import logging
import sqlite3
import sys
from collections.abc import Sequence
from datetime import date

from harbour_billing.invoices import build_invoice
from harbour_billing.periods import Period
from harbour_billing.repository import BillingRepository

log = logging.getLogger("harbour_billing")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="harbour-billing")
    parser.add_argument("--database", required=True, help="path of the billing database")
    commands = parser.add_subparsers(dest="command", required=True)

    run = commands.add_parser("run", help="make the invoices of a period")
    run.add_argument("period", type=Period.parse, help="such as 2024-05")
    run.add_argument("--dry-run", action="store_true", help="store nothing")

    paid = commands.add_parser("paid", help="mark an invoice as paid")
    paid.add_argument("number")
    paid.add_argument("--on", type=date.fromisoformat, default=None)
    return parser


def run_period(repository: BillingRepository, period: Period, *, dry_run: bool) -> int:
    made = 0
    for account in repository.accounts():
        parcels = repository.parcels_in(account.id, period)
        if not parcels:
            continue
        invoice = build_invoice(
            account.id,
            account.country,
            account.currency,
            period,
            parcels,
            issued_on=period.next().starts_at().date(),
        )
        if not dry_run:
            repository.save_invoice(invoice)
        log.info("%s %s", invoice.number, invoice.gross.format())
        made += 1
    return made


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
    connection = sqlite3.connect(args.database)
    try:
        repository = BillingRepository(connection)
        if args.command == "run":
            made = run_period(repository, args.period, dry_run=args.dry_run)
            log.info("%d invoices", made)
            return 0
        if repository.mark_paid(args.number, args.on or date.today()):
            return 0
        log.error("no open invoice %s", args.number)
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    raise SystemExit(main())
