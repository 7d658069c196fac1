"""Billing for Harbourline parcel lockers."""

__version__ = "2.7.0"
